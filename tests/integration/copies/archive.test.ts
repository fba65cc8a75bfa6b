import { describe, expect, it } from '@jest/globals';
import { accountsOf } from '../../emulator/accounts.js';
import { BUNKER, DR, HOME, SOURCE, useCopyEstate } from '../harness/copy-estate.js';
import { inShort, reasons } from '../harness/ebs-estate.js';
import { runCli } from '../harness/product.js';

const estate = useCopyEstate();
/** The first of a month: monthly backups. */
const MADE = '2026-10-01T03:00:00Z';
const CONFIG = { shelvery_dr_regions: DR, shelvery_share_aws_account_ids: BUNKER, shelvery_enable_ebs_archive: 'true' };
const PULLING = { shelvery_source_aws_account_ids: SOURCE };
const source = { config: CONFIG };
const bunker = { account: BUNKER, config: PULLING };

const shared = async (): Promise<readonly string[]> =>
  Object.keys(await estate.files(SOURCE)).flatMap((key) => /^backups\/shared\/\d+\/([^/]+)\//.exec(key)?.[1] ?? []);
const archived = async (account = SOURCE): Promise<readonly boolean[]> =>
  (await estate.backups({ account })).map((found) => found.archived === true);

async function made(): Promise<void> {
  await estate.resource({}, 'orders');
  await estate.run('create_backups', source, { time: MADE });
}

describe('archive_pending_backups', () => {
  it('waits for the DR copy and for the account that it is shared with, and then moves the file to ebs-archived', async () => {
    await estate.resource({}, 'orders');
    await estate
      .emulator()
      .addFault({ action: 'CopySnapshot', kind: 'refuse', code: 'UnauthorizedOperation', times: 1 });
    await estate.run('create_backups', source, { time: MADE });
    const plan = async (): Promise<readonly string[]> =>
      ((await estate.run('archive_pending_backups', source, { dryRun: true })).plan ?? []).map(({ reason }) => reason);
    expect(await plan()).toEqual([`its copies in ${DR} are not complete`]);
    await estate.run('create_backups', source, { time: MADE });
    expect(await plan()).toEqual([`not pulled yet by ${BUNKER}`]);
    await estate.run('archive_pending_backups', source);
    expect(await archived()).toEqual([false]);
    await estate.run('pull_shared_backups', bunker);
    expect(await plan()).toEqual(['monthly, complete, and no longer needed for copying or pulling']);
    const { outcomes } = await estate.run('archive_pending_backups', source);
    expect(inShort(outcomes)).toEqual(['ArchiveBackup ok']);
    expect(await archived()).toEqual([true]);
    expect(await shared()).toEqual(['ebs-archived']);
    // Once is enough; the copies in the DR region and in the bunker stay in the standard tier.
    expect((await estate.run('archive_pending_backups', source)).outcomes).toEqual([]);
    expect((await estate.backups({ region: DR })).map((found) => found.archived === true)).toEqual([false]);
    expect(await archived(BUNKER)).toEqual([false]);
  });

  it('waits for what was promised when the backup was made, though it is configured no longer', async () => {
    await estate.resource({}, 'orders');
    await estate
      .emulator()
      .addFault({ action: 'CopySnapshot', kind: 'refuse', code: 'UnauthorizedOperation', times: 1 });
    await estate.run('create_backups', source, { time: MADE });
    const later = { config: { shelvery_enable_ebs_archive: 'true' } };
    const plan = async (): Promise<readonly string[]> =>
      ((await estate.run('archive_pending_backups', later, { dryRun: true })).plan ?? []).map(({ reason }) => reason);
    expect(await plan()).toEqual([`its copies in ${DR} are not complete`]);
    await estate.run('archive_pending_backups', later);
    expect(await archived()).toEqual([false]);
    await estate.run('create_backups', source, { time: MADE });
    expect(await plan()).toEqual([`not pulled yet by ${BUNKER}`]);
    await estate.run('archive_pending_backups', later);
    expect(await archived()).toEqual([false]);
    await estate.run('pull_shared_backups', bunker);
    await estate.run('archive_pending_backups', later);
    expect(await archived()).toEqual([true]);
  });

  it('counts the file of a re-encrypted snapshot as pulled', async () => {
    await estate.resource({}, 'orders');
    const key = await accountsOf(estate.emulator()).makeKey({ account: SOURCE, region: HOME });
    const config = { ...CONFIG, shelvery_dr_regions: '', shelvery_reencrypt_kms_key_id: key };
    await estate.run('create_backups', { config }, { time: MADE });
    await estate.run('pull_shared_backups', bunker);
    await estate.run('archive_pending_backups', { config });
    expect(await archived()).toEqual([true, false]);
    expect(await shared()).toEqual(['ebs-archived']);
  });

  it('that is killed after any of its calls is finished by the next', async () => {
    await made();
    await estate.run('pull_shared_backups', bunker);
    await estate.emulator().clearCalls();
    for (let nth = 1; ; nth += 1) {
      const end = await runCli(estate.install(source), {
        action: 'archive_pending_backups',
        strike: { kind: 'killed-after', of: 'all', nth },
      });
      if (end.how === 'finished') break;
    }
    expect(await archived()).toEqual([true]);
    expect(await shared()).toEqual(['ebs-archived']);
  });

  it('leaves what has less than 90 days to be kept, as an IGNORE, and what is neither monthly nor yearly', async () => {
    await estate.resource({}, 'orders');
    const config = { shelvery_enable_ebs_archive: 'true', shelvery_keep_monthly_backups: '3' };
    await estate.run('create_backups', { config }, { time: MADE });
    await estate.run('create_backups', { config }, { time: '2026-10-06T03:00:00Z' });
    const { outcomes, report } = await estate.run(
      'archive_pending_backups',
      { config },
      { time: '2026-10-10T03:00:00Z' },
    );
    expect(reasons(outcomes)).toEqual(['it expires in less than 90 days, the least that the archive tier charges for']);
    expect(report.status).toBe('OK');
    expect(await archived()).toEqual([false, false]);
  });

  it('takes a full quota for "not yet"', async () => {
    await made();
    await estate.run('pull_shared_backups', bunker);
    await estate
      .emulator()
      .addFault({ action: 'ModifySnapshotTier', kind: 'refuse', code: 'ResourceLimitExceeded', times: 3 });
    const { report } = await estate.run('archive_pending_backups', source);
    expect(report.status).toBe('OK');
    expect(await archived()).toEqual([true]);
    expect(await shared()).toEqual(['ebs-archived']);
  });

  it('is an IGNORE for what has no archive tier', async () => {
    const { outcomes } = await estate.run('archive_pending_backups', { type: 'rds', config: CONFIG });
    expect(inShort(outcomes)).toEqual(['ArchiveBackup ignored']);
  });
});

describe('an archived backup', () => {
  it('is neither copied nor shared any more, and is cleaned like every other', async () => {
    await estate.resource({}, 'orders');
    await estate.run('create_backups', { config: { shelvery_enable_ebs_archive: 'true' } }, { time: MADE });
    await estate.run('archive_pending_backups', { config: { shelvery_enable_ebs_archive: 'true' } });
    const { outcomes } = await estate.run('create_backups', source, { time: MADE });
    expect(inShort(outcomes).filter((text) => /Copy|Share/.test(text))).toEqual([
      'CopyBackupToRegion ignored',
      'ShareBackup ignored',
    ]);
    expect(Object.keys(await estate.emulator().counts())).not.toContain('ec2:CopySnapshot');
    const config = { shelvery_keep_monthly_backups: '0', shelvery_keep_last_backups: '0' };
    await estate.run('clean_backups', { config });
    expect(await estate.backups({})).toEqual([]);
  });
});

describe('a pulled copy', () => {
  it('goes to the archive tier as soon as it is complete, where so configured', async () => {
    await made();
    const { outcomes } = await estate.run('pull_shared_backups', {
      ...bunker,
      config: { ...PULLING, shelvery_enable_ebs_archive_pulled: 'true' },
    });
    expect(inShort(outcomes)).toContain('ArchiveBackup ok');
    expect(await archived(BUNKER)).toEqual([true]);
    expect(await archived()).toEqual([false]);
  });

  it('whose archiving failed is archived by the next pull, as its file was not moved before', async () => {
    await made();
    const config = { ...PULLING, shelvery_enable_ebs_archive_pulled: 'true' };
    await estate.emulator().addFault({ action: 'ModifySnapshotTier', kind: 'refuse', code: 'UnauthorizedOperation' });
    const { report } = await estate.run('pull_shared_backups', { ...bunker, config });
    expect(report.status).toBe('PARTIAL');
    expect(await archived(BUNKER)).toEqual([false]);
    expect(await shared()).toEqual(['ebs']);
    await estate.run('pull_shared_backups', { ...bunker, config });
    expect(await archived(BUNKER)).toEqual([true]);
    expect(await shared()).toEqual(['ebs-processed']);
  });
});
