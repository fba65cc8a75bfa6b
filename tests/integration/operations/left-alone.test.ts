import { describe, expect, it } from '@jest/globals';
import {
  CreateTagsCommand,
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  RegisterImageCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { databaseControls } from '../../emulator/databases.js';
import { BUNKER, HOME, SOURCE, useCopyEstate } from '../harness/copy-estate.js';
import { inShort, reasons } from '../harness/ebs-estate.js';

const estate = useCopyEstate();
const MADE = '2026-10-06T03:00:00Z';
const EXPIRED = '2026-11-15T03:00:00Z';
const NO_LAST = { shelvery_keep_last_backups: '0' };
const ec2 = (): EC2Client => new EC2Client(estate.emulator().clientConfig(SOURCE, HOME));

describe('a hold on one snapshot of an image', () => {
  const images = { type: 'ec2ami', config: NO_LAST } as const;
  const snapshots = async (): Promise<readonly string[]> => {
    const { Snapshots = [] } = await ec2().send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
    return Snapshots.map(({ SnapshotId = '' }) => SnapshotId).sort();
  };
  async function heldBy(value: string, key = 'shelvery:hold'): Promise<readonly string[]> {
    await estate.resource(images, 'web');
    await estate.run('create_backups', images, { time: MADE });
    const all = await snapshots();
    const tags = [{ Key: key, Value: value }];
    await ec2().send(new CreateTagsCommand({ Resources: all.slice(0, 1), Tags: tags }));
    return all;
  }

  it.each(['1', 'yes', 'on', 'true ', 'keep'])('with the value %j holds the image and all of them', async (value) => {
    const all = await heldBy(value);
    const dryRun = await estate.run('clean_backups', images, { time: EXPIRED, dryRun: true });
    expect(dryRun.plan).toMatchObject([
      { what: 'keep', reason: 'on hold: something that belongs to it has the tag shelvery:hold' },
    ]);
    expect((await estate.run('clean_backups', images, { time: EXPIRED })).outcomes).toEqual([]);
    expect(await estate.backups(images)).toHaveLength(1);
    expect(await snapshots()).toEqual(all);
  });

  it.each(['Shelvery:Hold', 'shelvery:HOLD', 'SHELVERY:hOLD'])('holds them by %s, too', async (key) => {
    const all = await heldBy('true', key);
    expect((await estate.run('clean_backups', images, { time: EXPIRED })).outcomes).toEqual([]);
    expect(await estate.backups(images)).toHaveLength(1);
    expect(await snapshots()).toEqual(all);
  });

  it.each(['shelvery:legal-hold', 'shelvery:On_Hold', 'Shelvery:HELD'])(
    'holds them by %s, which was meant for it, and says so',
    async (key) => {
      const all = await heldBy('true', key);
      const why = `on hold: something that belongs to it has the tag "${key}", probably meant for shelvery:hold; take it off to let the backup go`;
      const dryRun = await estate.run('clean_backups', images, { time: EXPIRED, dryRun: true });
      expect(dryRun.plan).toMatchObject([{ what: 'keep', reason: why }]);
      const ran = await estate.run('clean_backups', images, { time: EXPIRED });
      expect(ran.outcomes).toEqual([]);
      expect(await snapshots()).toEqual(all);
      const [backup] = await estate.backups(images);
      await ec2().send(new DeregisterImageCommand({ ImageId: backup?.id }));
      const left = `kept, as it or another snapshot of its image ${backup?.id ?? ''}, which is gone, has the tag "${key}", probably meant for shelvery:hold; take it off to let them go`;
      const after = await estate.run('clean_backups', images, { time: EXPIRED, dryRun: true });
      expect(after.plan?.filter(({ what }) => what !== 'change')).toEqual(
        all.map((subject) => ({ what: 'keep', subject, reason: left, region: HOME })),
      );
      await estate.run('clean_backups', images, { time: EXPIRED });
      expect(await snapshots()).toEqual(all);
    },
  );

  it.each(['shelvery:holding', 'backup12:hold'])('is none by %s', async (key) => {
    await heldBy('true', key);
    await estate.run('clean_backups', images, { time: EXPIRED });
    expect(await snapshots()).toEqual([]);
  });

  it.each(['', 'false', 'FALSE ', '0', 'no'])('with the value %j holds nothing', async (value) => {
    await heldBy(value);
    expect(inShort((await estate.run('clean_backups', images, { time: EXPIRED })).outcomes)).toEqual([
      'DeleteBackup ok',
    ]);
    expect(await snapshots()).toEqual([]);
  });

  it('is asked for in one list, however many images there are', async () => {
    for (const name of ['web', 'app', 'mail']) await estate.resource(images, name);
    await estate.run('create_backups', images, { time: MADE });
    await estate.emulator().clearCalls();
    await estate.run('clean_backups', images, { time: MADE });
    const calls = await estate.emulator().calls({ service: 'ec2', action: 'DescribeSnapshots' });
    const asked = calls.filter(({ parameters }) =>
      Object.values(parameters).some((value) => String(value) === '*hold*'),
    );
    expect(asked).toHaveLength(1);
  });
});

describe('a resource that cannot be backed up', () => {
  it('is left out where it is a database that is being deleted, which is said once', async () => {
    const rds = { type: 'rds' } as const;
    await estate.resource(rds, 'orders');
    await databaseControls(estate.emulator()).setDatabaseState({ service: 'rds', id: 'orders', state: 'deleting' });
    const { plan } = await estate.run('create_backups', rds, { time: MADE, dryRun: true });
    expect(plan).toMatchObject([{ what: 'skip', subject: 'orders', reason: 'it is being deleted' }]);
    const { outcomes, report } = await estate.run('create_backups', rds, { time: MADE });
    expect(report.status).toBe('OK');
    expect(reasons(outcomes)).toEqual(['it is being deleted']);
    expect(await estate.backups(rds)).toEqual([]);
  });

  it('is left out where it is an instance with an instance-store root, which is said once', async () => {
    const image = new RegisterImageCommand({ Name: 'store', ImageLocation: 'bucket/image.manifest.xml' });
    const { ImageId } = await ec2().send(image);
    const Tags = [{ Key: 'shelvery:create_backup', Value: 'true' }];
    const TagSpecifications = [{ ResourceType: 'instance' as const, Tags }];
    await ec2().send(new RunInstancesCommand({ ImageId, MinCount: 1, MaxCount: 1, TagSpecifications }));
    const { outcomes, report } = await estate.run('create_backups', { type: 'ec2ami' }, { time: MADE });
    expect(report.status).toBe('OK');
    expect(reasons(outcomes)).toEqual(['its root is an instance store, of which EC2 makes no image']);
    expect(await estate.emulator().calls({ service: 'ec2', action: 'CreateImage' })).toEqual([]);
  });
});

describe('an automated snapshot', () => {
  it.each([
    ['10 days old', '2026-09-26T03:00:00Z', 'CreateDBSnapshot'],
    ['29 hours old', '2026-10-04T22:00:00Z', 'CopyDBSnapshot'],
  ])('that is %s: %s ends in %s', async (_, createdAt, action) => {
    const rds = { type: 'rds' } as const;
    await estate.resource(rds, 'orders');
    await databaseControls(estate.emulator()).makeAutomatedSnapshot({ service: 'rds', source: 'orders', createdAt });
    const { outcomes } = await estate.run('create_backups', rds, { time: MADE });
    const made = (await estate.emulator().calls({ service: 'rds' })).filter(({ action: each }) =>
      ['CreateDBSnapshot', 'CopyDBSnapshot'].includes(each),
    );
    expect(made.map(({ action: each }) => each)).toEqual([action]);
    const said = outcomes.some(
      (outcome) =>
        outcome.status === 'ok' &&
        outcome.message ===
          'the newest automated snapshot of orders is of 2026-09-26T03:00:00.000Z, more than 30 hours old (shelvery_automated_snapshot_max_age_hours); a new snapshot was made instead',
    );
    expect(said).toBe(action === 'CreateDBSnapshot');
  });
});

describe('the files of an installation with another prefix', () => {
  const SHARING = { shelvery_share_aws_account_ids: BUNKER };
  const OTHER_PREFIX = { shelvery_tag_prefix: 'longterm' };

  it('stay where they are, the shared one before it is pulled, too, and in the bunker', async () => {
    await estate.resource({}, 'orders');
    await estate.run('create_backups', { config: SHARING }, { time: MADE });
    const before = await estate.files(SOURCE);
    expect(Object.keys(before)).toHaveLength(2);
    const here = await estate.run('clean_backups', { config: OTHER_PREFIX }, { time: EXPIRED });
    expect(here.outcomes).toEqual([]);
    expect(await estate.files(SOURCE)).toEqual(before);

    const pulling = { shelvery_source_aws_account_ids: SOURCE };
    await estate.run('pull_shared_backups', { account: BUNKER, config: pulling });
    const pulled = await estate.files(BUNKER);
    expect(Object.keys(pulled)).toHaveLength(1);
    const there = await estate.run('clean_backups', { account: BUNKER, config: OTHER_PREFIX }, { time: EXPIRED });
    expect(there.outcomes).toEqual([]);
    expect(there.report.status).toBe('OK');
    expect(await estate.files(BUNKER)).toEqual(pulled);
    expect(await estate.backups({ account: BUNKER })).toHaveLength(1);
  });

  it('stay where a backup of ours that is gone had the same key: its record goes, and the other shared file does not', async () => {
    await estate.resource({}, 'orders');
    await estate.run('create_backups', { config: SHARING }, { time: MADE });
    const [key = ''] = Object.keys(await estate.files(SOURCE)).filter((each) => each.includes('/shared/'));
    const text = (await estate.files(SOURCE))[key] ?? '';
    const theirs = text.replaceAll('"shelvery:tag_name": "shelvery"', '"shelvery:tag_name": "longterm"');
    expect(theirs).not.toBe(text);
    await estate.putFile(SOURCE, key, theirs);
    for (const { id } of await estate.backups({})) await deleteSnapshot(id);
    await estate.run('clean_backups', {}, { time: MADE });
    const files = await estate.files(SOURCE);
    expect(Object.keys(files).filter((each) => !each.includes('/removed/'))).toEqual([key]);
    expect(files[key]).toBe(theirs);
  });
});

async function deleteSnapshot(id: string): Promise<void> {
  await ec2().send(new DeleteSnapshotCommand({ SnapshotId: id }));
}
