import { describe, expect, it } from '@jest/globals';
import {
  ACCOUNT,
  DR,
  HOME,
  OTHER_ACCOUNT,
  VOLUME,
  VOLUME_2,
  inShort,
  reasons,
  useEbsEstate,
} from '../harness/ebs-estate.js';

const NOW = '2026-03-31T01:00:00Z';
const estate = useEbsEstate();
/** A marked volume with its bucket there, an old backup, and the newest, which keep-last holds. */
async function oldAndNew(): Promise<{ readonly old: string; readonly newest: string }> {
  await estate.volume(VOLUME);
  await estate.run('create_data_buckets');
  return {
    old: await estate.backup({ created: '2026-01-10-0300' }),
    newest: await estate.backup({ created: '2026-03-30-0300' }),
  };
}
const left = async (region?: string): Promise<readonly string[]> =>
  (await estate.snapshots(region)).map(({ id }) => id).sort();

describe('clean_backups', () => {
  it('removes what has expired, records it under removed/, and takes its live and shared files away', async () => {
    const { newest } = await oldAndNew();
    await estate.run('clean_backups', NOW);
    const again = await estate.backup({ created: '2026-01-11-0300' });
    const name = `${VOLUME}-2026-01-11-0300-daily`;
    await estate.putFile(`backups/ebs/${name}.yaml`, 'x');
    await estate.putFile(`backups/shared/${OTHER_ACCOUNT}/ebs/${name}.yaml`, 'x');
    const { outcomes, report } = await estate.run('clean_backups', NOW);
    expect(report).toMatchObject({ status: 'OK', summary: { collected: 2, succeeded: 1 } });
    expect(outcomes[0]).toMatchObject({ operation: 'DeleteBackup', backupId: again, message: 'expired 2026-01-25' });
    expect(await left()).toEqual([newest]);
    const files = await estate.files();
    expect(Object.keys(files)).toEqual([
      `backups/ebs/removed/${VOLUME}-2026-01-10-0300-daily.yaml`,
      `backups/ebs/removed/${name}.yaml`,
      `backups/ebs/${VOLUME}-2026-03-30-0300-daily.yaml`,
    ]);
    expect(files[`backups/ebs/removed/${name}.yaml`]).toMatch(
      /backup_id: "snap-\w+"[\s\S]*date_deleted: "\d{4}-\d\d-\d\dT/,
    );
  });

  it('counts a snapshot that was deleted by hand as deleted, and archives its file', async () => {
    const { old } = await oldAndNew();
    await estate.run('clean_backups', '2026-01-11T00:00:00Z');
    await estate.emulator().addFault({ kind: 'refuse', action: 'DeleteSnapshot', code: 'InvalidSnapshot.NotFound' });
    const { outcomes, report } = await estate.run('clean_backups', NOW);
    expect(report.status).toBe('OK');
    expect(outcomes).toMatchObject([{ operation: 'DeleteBackup', status: 'ok', backupId: old }]);
    expect(Object.keys(await estate.files())).toEqual([
      `backups/ebs/removed/${VOLUME}-2026-01-10-0300-daily.yaml`,
      `backups/ebs/${VOLUME}-2026-03-30-0300-daily.yaml`,
    ]);
  });

  describe('with three expired backups, and no data bucket', () => {
    const expired = ['2026-01-08-0300', '2026-01-09-0300', '2026-01-10-0300'];
    const recordOf = (created: string): string => `backups/ebs/removed/${VOLUME}-${created}-daily.yaml`;
    const seed = async (): Promise<string> => {
      await estate.volume(VOLUME);
      await estate.backups(expired.map((created) => ({ created })));
      return await estate.backup({ created: '2026-03-30-0300' });
    };

    it('makes the bucket good, and writes every record', async () => {
      const newest = await seed();
      const { outcomes, report } = await estate.run('clean_backups', NOW, {
        shelvery_share_aws_account_ids: OTHER_ACCOUNT,
      });
      expect(report.status).toBe('OK');
      expect(inShort(outcomes)).toEqual([
        'CreateDataBucket ok',
        ...expired.map(() => 'DeleteBackup ok'),
        'StoreBackupData ok',
      ]);
      expect(await left()).toEqual([newest]);
      expect(Object.keys(await estate.files())).toEqual([
        ...expired.map(recordOf),
        `backups/ebs/${VOLUME}-2026-03-30-0300-daily.yaml`,
      ]);
      const again = await estate.run('create_data_buckets', NOW, { shelvery_share_aws_account_ids: OTHER_ACCOUNT });
      expect(again.outcomes).toMatchObject([{ status: 'ok', message: 'nothing to change' }]);
    });

    it('reports one error where the bucket cannot be made', async () => {
      const newest = await seed();
      await estate.emulator().addFault({
        kind: 'refuse',
        action: 'CreateBucket',
        code: 'AccessDenied',
        status: 403,
        times: 'always',
      });
      const { outcomes, report } = await estate.run('clean_backups', NOW);
      expect(report.status).toBe('PARTIAL');
      expect(inShort(outcomes)).toEqual([
        'CreateDataBucket failed NotAllowed',
        ...expired.map(() => 'DeleteBackup ok'),
      ]);
      expect(await left()).toEqual([newest]);
    });

    it('reports one error where no record can be written, and the files go with the next run', async () => {
      await seed();
      await estate.run('create_data_buckets');
      await estate.run('clean_backups', '2026-01-11T00:00:00Z');
      await estate.emulator().addFault({
        kind: 'refuse',
        action: 'PutObject',
        code: 'AccessDenied',
        status: 403,
        times: expired.length,
      });
      const { outcomes } = await estate.run('clean_backups', NOW);
      expect(inShort(outcomes)).toEqual([...expired.map(() => 'DeleteBackup ok'), 'StoreBackupData failed NotAllowed']);
      expect(reasons(outcomes)).toEqual([expect.stringContaining('-daily, and 2 more, was removed')]);
      expect((await estate.run('clean_backups', NOW)).report.status).toBe('OK');
      expect(Object.keys(await estate.files())).toEqual([
        ...expired.map(recordOf),
        `backups/ebs/${VOLUME}-2026-03-30-0300-daily.yaml`,
      ]);
    });

    it('makes no bucket where nothing is removed', async () => {
      await estate.volume(VOLUME);
      await estate.backup({ created: '2026-03-30-0300' });
      expect((await estate.run('clean_backups', NOW)).outcomes).toEqual([]);
      expect(await estate.count('CreateBucket')).toBe(0);
    });
  });

  it('writes the file of a backup anew that is empty, without a further call, and calls it missing until then', async () => {
    const { newest } = await oldAndNew();
    const key = `backups/ebs/${VOLUME}-2026-03-30-0300-daily.yaml`;
    await estate.run('clean_backups', NOW);
    const whole = (await estate.files())[key];
    expect(whole).toContain(`backup_id: "${newest}"`);
    await estate.putFile(key, '');
    expect((await estate.run('list_backups', NOW)).listed).toMatchObject([{ id: newest, metadata: 'missing' }]);
    const reads = await estate.count('GetObject');
    const { outcomes } = await estate.run('clean_backups', NOW);
    expect(outcomes).toMatchObject([
      { operation: 'StoreBackupData', status: 'ok', backupId: newest, message: 'its metadata file was empty' },
    ]);
    expect(await estate.count('GetObject')).toBe(reads);
    expect((await estate.files())[key]).toBe(whole);
  });

  it('archives the file of a backup that is gone, and stores an available one that has none', async () => {
    const { old, newest } = await oldAndNew();
    await estate.run('clean_backups', '2026-01-11T00:00:00Z');
    await estate.deleteSnapshot(old);
    const found = await estate.backup({ created: '2026-03-29-0300' });
    const { outcomes } = await estate.run('clean_backups', NOW);
    expect(outcomes).toMatchObject([
      { operation: 'StoreBackupData', status: 'ok', backupId: found, message: 'its metadata was missing' },
      {
        operation: 'StoreBackupData',
        status: 'ok',
        backupId: old,
        message: 'the backup is gone; its file was moved to removed/',
      },
    ]);
    expect(await left()).toEqual([newest, found].sort());
    expect(Object.keys(await estate.files())).toEqual([
      `backups/ebs/removed/${VOLUME}-2026-01-10-0300-daily.yaml`,
      `backups/ebs/${VOLUME}-2026-03-29-0300-daily.yaml`,
      `backups/ebs/${VOLUME}-2026-03-30-0300-daily.yaml`,
    ]);
  });

  it.each([
    ['0', 0],
    ['1', 1],
    ['3', 3],
  ])('keeps the newest %s backups of a marked volume whatever their age', async (keep, count) => {
    await estate.volume(VOLUME);
    for (const day of ['01', '02', '03', '04']) await estate.backup({ created: `2026-01-${day}-0300` });
    await estate.run('clean_backups', NOW, { shelvery_keep_last_backups: keep });
    expect(await estate.names()).toEqual(
      ['04', '03', '02', '01']
        .slice(0, count)
        .map((day) => `${VOLUME}-2026-01-${day}-0300-daily`)
        .sort(),
    );
  });

  it('removes the last backup of a volume that is gone, by the retention that its tags remember', async () => {
    await estate.backup({ created: '2026-01-10-0300' });
    const remembered = await estate.backup({
      created: '2026-01-11-0300',
      tags: { 'shelvery:config:shelvery_keep_daily_backups': '365' },
    });
    await estate.run('clean_backups', NOW);
    expect(await left()).toEqual([remembered]);
  });

  it("keeps what it does not understand, and a volume's bad settings, as ERRORs, and goes on with the rest", async () => {
    const { newest } = await oldAndNew();
    const unreadable = await estate.backup({ created: 'yesterday' });
    const untyped = await estate.backup({ created: '2026-01-12-0300', type: 'hourly' });
    const badly = await estate.backup({
      volume: VOLUME_2,
      created: '2026-01-12-0300',
      tags: { 'shelvery:config:shelvery_keep_daily_backups': 'many' },
    });
    const { outcomes, report } = await estate.run('clean_backups', NOW);
    expect(report.status).toBe('PARTIAL');
    expect(inShort(outcomes).filter((line) => line.startsWith('DeleteBackup'))).toEqual([
      'DeleteBackup failed BackupUnreadable',
      'DeleteBackup failed ConfigurationError',
      'DeleteBackup failed TagUnreadable',
      'DeleteBackup ok',
    ]);
    const said = reasons(outcomes).join('\n');
    expect(said).toContain(
      `${unreadable} is kept: its tag shelvery:date_created is "yesterday"; allowed: YYYY-MM-DD-HHmm`,
    );
    expect(said).toContain(`${untyped} is kept: its retention type hourly is not configured`);
    expect(said).toContain('shelvery_keep_daily_backups');
    expect(await left()).toEqual([newest, unreadable, untyped, badly].sort());
  });

  it('keeps doubled originals until they expire, and tells of the pair once, without failing', async () => {
    const { newest } = await oldAndNew();
    const twins = [
      await estate.backup({ created: '2026-01-20-0300' }),
      await estate.backup({ created: '2026-01-20-0300' }),
    ];
    const config = { shelvery_keep_daily_backups: '1000' };
    const { outcomes, report } = await estate.run('clean_backups', NOW, config);
    expect(report.status).toBe('OK');
    expect(inShort(outcomes).filter((line) => line.startsWith('DeleteBackup'))).toEqual(['DeleteBackup ignored']);
    expect(reasons(outcomes)[0]).toContain('all stay until they expire');
    expect(await left()).toEqual(expect.arrayContaining([newest, ...twins]));
  });

  it.each(['shelvery:legal_hold', 'shelvery:on-hold', 'shelvery:hold ', 'Shelvery:Held', 'shelvery:hodl'])(
    'keeps what the tag %j was meant to hold, and says so, in a dry run, too',
    async (key) => {
      await estate.volume(VOLUME);
      const held = await estate.backup({ created: '2026-01-10-0300', tags: { [key]: 'audit' } });
      await estate.backup({ created: '2026-01-11-0300', tags: { [key]: 'no' } });
      await estate.backup({ created: '2026-01-12-0300', tags: { hold: 'true', 'shelvery-hold': 'true' } });
      const config = { shelvery_keep_last_backups: '0' };
      const { plan = [] } = await estate.run('clean_backups', NOW, config, { dryRun: true });
      expect(plan.filter(({ what }) => what === 'keep')).toMatchObject([
        {
          subject: held,
          reason: `on hold: it has the tag ${JSON.stringify(key)}, probably meant for shelvery:hold; take it off to let the backup go`,
        },
      ]);
      await estate.run('clean_backups', NOW, config);
      expect(await left()).toEqual([held]);
    },
  );

  it('touches neither what is held, nor what is being made, nor snapshots of images or of other tools', async () => {
    await estate.volume(VOLUME);
    const kept = [
      await estate.backup({ created: '2026-01-10-0300', tags: { 'shelvery:hold': 'true' } }),
      await estate.backup({ created: '2026-01-11-0300', state: 'pending' }),
      await estate.backup({ created: '2026-01-12-0300', tags: { 'shelvery:ami_id': 'ami-1' } }),
      await estate.backup({ created: '2026-01-13-0300', tags: { 'shelvery:ami_name': 'web' } }),
      await estate.backup({ created: '2026-01-14-0300', tags: { 'shelvery:backup': '' } }),
    ];
    await estate.run('clean_backups', NOW, { shelvery_keep_last_backups: '0' });
    expect(await left()).toEqual([...kept].sort());
  });

  it('removes a failed backup when it expires, and never counts it among the last', async () => {
    await estate.volume(VOLUME);
    const good = await estate.backup({ created: '2026-01-10-0300' });
    await estate.backup({ created: '2026-01-11-0300', state: 'error' });
    const young = await estate.backup({ created: '2026-03-30-0300', state: 'error' });
    await estate.run('clean_backups', NOW);
    expect(await left()).toEqual([good, young].sort());
  });

  it("reads the original's dates, and cleans its backups rightly", async () => {
    await estate.volume(VOLUME);
    await estate.run('create_data_buckets');
    await estate.backup({
      created: '20260110-0300',
      tags: { 'shelvery:name': 'python-old', 'shelvery:src_account': '' },
    });
    const young = await estate.backup({
      created: '20260328-0300',
      tags: { 'shelvery:name': 'python-young', 'shelvery:src_account': '' },
    });
    const { outcomes } = await estate.run('clean_backups', NOW);
    expect(reasons(outcomes)).toEqual([]);
    expect(await left()).toEqual([young]);
  });

  it('narrows to one volume, and goes by another prefix', async () => {
    const mine = {
      'shelvery:tag_name': 'backup',
      'backup:backup': 'true',
      'backup:retention_type': 'daily',
      'backup:date_created': '2026-01-10-0300',
    };
    const other = await estate.backup({ created: '2026-01-10-0300' });
    const first = await estate.backup({
      created: '',
      tags: { ...mine, 'backup:name': 'first', 'backup:entity_id': VOLUME },
    });
    await estate.backup({
      created: '',
      volume: VOLUME_2,
      tags: { ...mine, 'backup:name': 'second', 'backup:entity_id': VOLUME_2 },
    });
    await estate.run('clean_backups', NOW, { shelvery_tag_prefix: 'backup', shelvery_select_entity: VOLUME_2 });
    expect(await left()).toEqual([other, first].sort());
  });

  it('moves the files of backups that are gone, and goes on where one of them cannot be read', async () => {
    await estate.run('create_data_buckets');
    await estate.volume(VOLUME);
    const keyOf = (day: string): string => `backups/ebs/${VOLUME}-2026-03-${day}-0300-daily.yaml`;
    for (const day of ['28', '29', '30']) await estate.backup({ created: `2026-03-${day}-0300` });
    await estate.run('clean_backups', NOW);
    const files = await estate.files();
    for (const { id } of await estate.snapshots()) await estate.deleteSnapshot(id);
    await estate.putFile(keyOf('28'), 'x'.repeat(300_000));
    await estate.putFile(keyOf('29'), (files[keyOf('29')] ?? '').replace(ACCOUNT, OTHER_ACCOUNT));
    const { outcomes } = await estate.run('clean_backups', NOW);
    expect(inShort(outcomes)).toEqual([
      ...Array<string>(2).fill('StoreBackupData failed MetadataRefused'),
      'StoreBackupData ok',
    ]);
    const said = reasons(outcomes).join('\n');
    expect(said).toContain(`${keyOf('28')} is longer than`);
    expect(said).toContain(`${keyOf('29')} has no backup and stays where it is: account_id is "${OTHER_ACCOUNT}"`);
    expect(Object.keys(await estate.files()).sort()).toEqual([
      keyOf('30').replace('ebs/', 'ebs/removed/'),
      keyOf('28'),
      keyOf('29'),
    ]);
  });

  it('removes nothing where volumes cannot be listed', async () => {
    const { old, newest } = await oldAndNew();
    await estate
      .emulator()
      .addFault({ kind: 'refuse', action: 'DescribeVolumes', code: 'UnauthorizedOperation', status: 403 });
    const { report } = await estate.run('clean_backups', NOW);
    expect(report.status).toBe('FAILED');
    expect(await left()).toEqual([old, newest].sort());
  });

  it('goes on where one backup cannot be deleted', async () => {
    const { old, newest } = await oldAndNew();
    await estate.backup({ created: '2026-01-11-0300' });
    await estate.emulator().addFault({
      kind: 'refuse',
      action: 'DeleteSnapshot',
      match: { SnapshotId: old },
      code: 'InvalidSnapshot.InUse',
    });
    const { report, outcomes } = await estate.run('clean_backups', NOW);
    expect(report.status).toBe('PARTIAL');
    expect(inShort(outcomes)).toContain('DeleteBackup failed AwsError');
    expect(await left()).toEqual([old, newest].sort());
  });

  describe('in DR regions', () => {
    const copyOf = (source: string, created: string) => ({
      created,
      region: DR,
      tags: { 'shelvery:dr_copy': 'true', 'shelvery:dr_source_backup': source },
    });

    it('removes the copies that came from here, and no others', async () => {
      await estate.backup(copyOf(`${HOME}:snap-1`, '2026-01-10-0300'));
      const young = await estate.backup(copyOf(`${HOME}:snap-2`, '2026-03-30-0300'));
      const elsewhere = await estate.backup(copyOf('us-east-1:snap-3', '2026-01-10-0300'));
      const own = await estate.backup({ created: '2026-01-10-0300', region: DR });
      const { outcomes } = await estate.run('clean_backups', NOW, { shelvery_dr_regions: DR });
      expect(inShort(outcomes).filter((line) => line.startsWith('DeleteBackup'))).toEqual(['DeleteBackup ok']);
      expect(await left(DR)).toEqual([young, elsewhere, own].sort());
    });

    it('keeps copies by their own retention', async () => {
      await estate.backup(copyOf(`${HOME}:snap-1`, '2026-01-10-0300'));
      await estate.run('clean_backups', NOW, { shelvery_dr_regions: DR, shelvery_keep_daily_backups_dr: '100' });
      expect(await left(DR)).toHaveLength(1);
    });

    it('removes all but the oldest of several copies of one backup, whose files stay, and are shared', async () => {
      const config = { shelvery_dr_regions: DR, shelvery_share_aws_account_ids: OTHER_ACCOUNT };
      await estate.run('create_data_buckets', undefined, config);
      const copy = copyOf(`${HOME}:snap-1`, '2026-03-30-0300');
      const oldest = await estate.backup(copy);
      const younger = await estate.backup(copy);
      await estate.emulator().setSnapshot(oldest, { startTime: '2026-03-30T03:05:00Z' });
      await estate.emulator().setSnapshot(younger, { startTime: '2026-03-30T03:06:00Z' });
      const name = `${VOLUME}-2026-03-30-0300-daily.yaml`;
      const { outcomes } = await estate.run('clean_backups', NOW, config);
      expect(reasons(outcomes)).toEqual([]);
      expect(await left(DR)).toEqual([oldest]);
      const files = await estate.files(DR);
      expect(Object.keys(files)).toEqual([`backups/ebs/${name}`, `backups/shared/${OTHER_ACCOUNT}/ebs/${name}`]);
      for (const text of Object.values(files)) expect(text).toContain(`backup_id: "${oldest}"`);
    });

    it('goes on where a region cannot be listed, and says so', async () => {
      const { newest } = await oldAndNew();
      await estate.emulator().addFault({
        kind: 'refuse',
        action: 'DescribeSnapshots',
        region: DR,
        code: 'UnauthorizedOperation',
        status: 403,
      });
      const { report, outcomes } = await estate.run('clean_backups', NOW, { shelvery_dr_regions: DR });
      expect(report.status).toBe('PARTIAL');
      expect(reasons(outcomes)[0]).toContain(
        `listing the backups in the DR region ${DR}; its copies are not cleaned in this run`,
      );
      expect(await left()).toEqual([newest]);
    });
  });
});
