import { describe, expect, it } from '@jest/globals';
import { BACKUP_TYPES } from '@shelvery/engine/terminal';
import type { Outcome, RunResult } from '@shelvery/engine/terminal';
import { DR, HOME, SOURCE, useCopyEstate } from '../harness/copy-estate.js';
import type { Site } from '../harness/copy-estate.js';

const NOWHERE = 'eu-centrall-1';
const estate = useCopyEstate();

const told = ({ outcomes }: RunResult, operation: Outcome['operation']): readonly string[] =>
  outcomes.flatMap((outcome) => {
    if (outcome.operation !== operation) return [];
    return [outcome.status === 'failed' ? `${outcome.error.code}: ${outcome.error.message}` : outcome.status];
  });

describe.each(BACKUP_TYPES.filter((type) => type !== 'redshift'))('a DR region that does not exist (%s)', (type) => {
  const config = { shelvery_dr_regions: `${DR},${NOWHERE}` };
  const site: Site = { type, account: SOURCE, region: HOME, config };
  const noRegion = NOWHERE;

  it('fails the copy at once, and says what to correct; the other copy is made', async () => {
    await estate.resource(site, 'orders');
    const run = await estate.run('create_backups', site, { noRegion });
    const [made] = await estate.backups(site);
    const copies = told(run, 'CopyBackupToRegion');
    expect([...copies].sort()).toEqual([
      expect.stringMatching(/^ConfigurationError: ENOTFOUND while copying .*did you mean eu-central-1\?/),
      'ok',
    ]);
    expect(copies.join(' ')).toContain(`Correct shelvery_dr_regions, and the tag dr_regions of ${made?.id ?? ''},`);
    expect(told(run, 'CreateDataBucket')).toContainEqual(expect.stringContaining('ConfigurationError: ENOTFOUND'));
    expect(run.remaining).toBe(0);
    expect(run.report.summary.unfinished).toBe(0);
  });

  it('is told of by each cleaning, with the backups whose tag names it, and removes nothing else', async () => {
    await estate.resource(site, 'orders');
    await estate.run('create_backups', site, { noRegion });
    const [made] = await estate.backups(site);
    const corrected = { ...site, config: { shelvery_dr_regions: DR } };
    for (const dryRun of [true, false]) {
      const run = await estate.run('clean_backups', corrected, { noRegion, dryRun });
      expect(told(run, 'DeleteBackup')).toEqual([
        expect.stringContaining(`and the tag dr_regions of ${made?.id ?? ''}, where it stays`),
      ]);
      expect(run.report).toMatchObject({ status: 'PARTIAL' });
    }
    expect(await estate.backups(site)).toHaveLength(1);
  });
});
