import { describe, expect, it } from '@jest/globals';
import { BACKUP_TYPES } from '@shelvery/engine/terminal';
import type { Outcome, RunResult } from '@shelvery/engine/terminal';
import { ADAPTERS } from '../../../cli/adapters.js';
import { DR, HOME, SOURCE, useCopyEstate } from '../harness/copy-estate.js';
import type { Site } from '../harness/copy-estate.js';
import { inShort } from '../harness/ebs-estate.js';
import { createSystemAccess } from '../harness/system-access.js';

const estate = useCopyEstate();
const DAY = 24 * 3_600_000;
const DAILY = { shelvery_current_retention_type: 'daily', shelvery_keep_last_backups: '0' };

const deletedIn = ({ outcomes }: RunResult): readonly (string | undefined)[] =>
  outcomes.flatMap((outcome: Outcome) =>
    outcome.operation === 'DeleteBackup' && outcome.status === 'ok' ? [outcome.region] : [],
  );

describe.each(BACKUP_TYPES.filter((type) => type !== 'redshift'))(
  'copies in a region that neither the configuration nor a backup names any more (%s)',
  (type) => {
    const site: Site = { type, account: SOURCE, region: HOME, config: DAILY };
    /** A backup with its copy. @param template of the data buckets' names. */
    async function withCopy(template?: string): Promise<void> {
      const buckets = template === undefined ? {} : { shelvery_bucket_name_template: template };
      await estate.resource(site, 'orders');
      await estate.run('create_backups', { ...site, config: { ...DAILY, ...buckets, shelvery_dr_regions: DR } });
    }

    /** Leaves only the copy. */
    async function withoutOriginals(): Promise<void> {
      const adapter = ADAPTERS[type]({ access: createSystemAccess(estate.install(site)), prefix: 'shelvery' });
      for (const found of await estate.backups(site)) await adapter.deleteBackup(found);
    }

    it('are found by the data bucket of the region, listed, and cleaned when they have expired', async () => {
      await withCopy();
      await withoutOriginals();
      const { listed = [] } = await estate.run('list_backups', site);
      expect(listed.map(({ region, place }) => `${place} ${region}`)).toEqual([`dr ${DR}`]);
      await estate.clock().advance(20 * DAY);
      expect(deletedIn(await estate.run('clean_backups', site))).toEqual([DR]);
    });

    it('are remembered by a bucket that cleaning makes there, while something still names the region', async () => {
      await withCopy('once.{account_id}-{region}');
      const dry = await estate.run('clean_backups', site, { dryRun: true });
      const cleaned = await estate.run('clean_backups', site);
      const planned = (dry.plan ?? [])
        .filter(({ of }) => of === 'bucket')
        .map(({ what, region }) => `${what} ${region}`);
      // The local bucket is for create_backups to make.
      expect(planned).toEqual([`create ${DR}`]);
      expect(inShort(cleaned.outcomes)).toEqual(['CreateDataBucket ok', 'StoreBackupData ok']);
      expect(Object.keys(await estate.files(SOURCE, DR))).toHaveLength(1);
      await withoutOriginals();
      await estate.clock().advance(20 * DAY);
      expect(deletedIn(await estate.run('clean_backups', site))).toEqual([DR]);
    });

    it('stay unseen where there is no bucket, until a cleaning names the region once', async () => {
      await withCopy('once.{account_id}-{region}');
      await withoutOriginals();
      expect((await estate.run('list_backups', site)).listed).toEqual([]);
      await estate.run('clean_backups', { ...site, config: { ...DAILY, shelvery_dr_regions: DR } });
      expect((await estate.run('list_backups', site)).listed).toMatchObject([{ place: 'dr', region: DR }]);
    });
  },
);
