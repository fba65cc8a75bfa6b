import {
  CreateTagsCommand,
  DescribeSnapshotAttributeCommand,
  DescribeSnapshotsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  AddTagsToResourceCommand,
  CreateDBSnapshotCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { GetBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { accountsOf } from '../../emulator/accounts.js';
import { DR, HOME, SOURCE, bucketOf, nameOf, useCopyEstate } from '../harness/copy-estate.js';
import { reasons } from '../harness/ebs-estate.js';

const estate = useCopyEstate();
const STRANGER = '999999999999';
const DAY_MS = 86_400_000;
const OLD = '2020-01-01-0000';
type Texts = Readonly<Record<string, string>>;

const ec2 = (region = HOME): EC2Client => new EC2Client(estate.emulator().clientConfig(SOURCE, region));
const rds = (): RDSClient => new RDSClient(estate.emulator().clientConfig(SOURCE, HOME));
const listOf = (tags: Texts) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
/** All that somebody can do who may only tag. */
const tag = async (id: string, tags: Texts, region = HOME): Promise<void> => {
  await ec2(region).send(new CreateTagsCommand({ Resources: [id], Tags: listOf(tags) }));
};
const snapshots = async (region = HOME): Promise<ReadonlySet<string | undefined>> => {
  const { Snapshots = [] } = await ec2(region).send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
  return new Set(Snapshots.map(({ SnapshotId }) => SnapshotId));
};
/** The only backup of a volume, made now. */
async function onlyBackup(config: Texts = {}): Promise<{ readonly volume: string; readonly id: string }> {
  const volume = await estate.resource({}, 'web');
  await estate.run('create_backups', { config });
  return { volume, id: (await estate.only({})).id };
}
/** A snapshot that somebody made of a volume of theirs. */
async function strangers(description = '', volumeId = 'vol-0fffffffffffffff0'): Promise<string> {
  const [id = ''] = await estate.emulator().seedSnapshots([{ volumeId, description }]);
  return id;
}
/** The tags of a backup that has long expired, as Shelvery gives them. */
const expired = (entity: string, more: Texts = {}): Texts => ({
  'shelvery:tag_name': 'shelvery',
  'shelvery:backup': 'true',
  'shelvery:name': `theirs-${OLD}-daily`,
  'shelvery:date_created': OLD,
  'shelvery:retention_type': 'daily',
  'shelvery:entity_id': entity,
  'shelvery:src_account': SOURCE,
  'shelvery:region': HOME,
  ...more,
});
/** Cleans everything there is of both types that know snapshots, a while later. */
async function cleanAll(config: Texts = {}, days = 0) {
  await estate.clock().advance(days * DAY_MS);
  const ebs = await estate.run('clean_backups', { config });
  const images = await estate.run('clean_backups', { type: 'ec2ami', config });
  return reasons([...ebs.outcomes, ...images.outcomes]);
}

describe('who may only tag a snapshot', () => {
  it.each(['shelvery:ami_id', 'shelvery:ami_name'])(
    "says by %s that a stranger's, and the only backup of a volume, belong to an image that is gone: both stay",
    async (key) => {
      const { volume, id } = await onlyBackup();
      const theirs = await strangers();
      const { 'shelvery:backup': _, ...unmarked } = expired(volume);
      for (const each of [id, theirs]) await tag(each, { ...unmarked, [key]: 'ami-0123456789abcdef0' });
      await cleanAll({}, 400);
      expect(await snapshots()).toEqual(new Set([id, theirs]));
    },
  );

  it.each(['shelvery:ami_id', 'shelvery:ami_name'])(
    'says by %s that the only backup of a volume belongs to an image: its record stays where it is',
    async (key) => {
      const { id } = await onlyBackup();
      const before = await estate.files(SOURCE);
      expect(Object.keys(before)).toEqual([expect.stringMatching(/^backups\/ebs\/[^/]+-daily\.yaml$/)]);
      await tag(id, { [key]: 'ami-0123456789abcdef0' });
      expect(await cleanAll({}, 400)).toEqual([]);
      expect(await estate.files(SOURCE)).toEqual(before);
    },
  );

  it.each<[string, string, Texts]>([
    ['a backup of its volume', 'before the upgrade', {}],
    ['a backup of its volume, and has no description', '', {}],
    ['a DR copy', 'before the upgrade', { 'shelvery:dr_copy': 'true', 'shelvery:dr_source_backup': `${HOME}:snap-1` }],
    ['a pulled copy', 'before the upgrade', { 'shelvery:cross_account_copy': 'true' }],
    [
      'a temporary snapshot',
      'before the upgrade',
      { 'shelvery:name': 'web-re-encrypted', 'shelvery:src_backup': `${HOME}:snap-1` },
    ],
    [
      'a temporary snapshot, undescribed',
      '',
      { 'shelvery:name': 'web-re-encrypted', 'shelvery:src_backup': `${HOME}:snap-1` },
    ],
  ])("dresses a stranger's up as %s: it stays, and one line tells of it", async (_, description, more) => {
    const volume = 'vol-0fffffffffffffff0';
    const theirs = await strangers(description, volume);
    await tag(theirs, expired(volume, more));
    const said = await cleanAll({ shelvery_keep_last_backups: '0' });
    expect(await snapshots()).toEqual(new Set([theirs]));
    if (more['shelvery:dr_copy'] === undefined)
      expect(said).toEqual([expect.stringContaining("not a backup of Shelvery's own, though it has the tags of one")]);
  });

  it.each<[string, Texts]>([
    ['a DR copy', { 'shelvery:dr_copy': 'true', 'shelvery:dr_source_backup': `${DR}:snap-1` }],
    ['a pulled copy', { 'shelvery:cross_account_copy': 'true', 'shelvery:src_backup': `${HOME}:snap-1` }],
    ['temporary', { 'shelvery:name': 'web-re-encrypted' }],
    ['temporary, with a source', { 'shelvery:name': 'web-re-encrypted', 'shelvery:src_backup': `${HOME}:snap-1` }],
    [
      'temporary, of another volume',
      {
        'shelvery:name': 'web-re-encrypted',
        'shelvery:src_backup': `${HOME}:snap-1`,
        'shelvery:entity_id': 'vol-0fffffffffffffff0',
      },
    ],
    ['of another volume', { 'shelvery:entity_id': 'vol-0fffffffffffffff0', 'shelvery:date_created': OLD }],
  ])('makes the only backup of a volume one that is %s: it stays', async (_, tags) => {
    const { id } = await onlyBackup();
    await tag(id, tags);
    await cleanAll({ shelvery_keep_last_backups: '0' }, 10);
    expect(await snapshots()).toEqual(new Set([id]));
  });

  it('makes a backup old: it stays for the least time, by the time that EC2 tells', async () => {
    const { id } = await onlyBackup();
    await tag(id, { 'shelvery:date_created': OLD });
    const config = { shelvery_keep_last_backups: '0', shelvery_min_retention_days: '7' };
    await cleanAll(config, 6);
    expect(await snapshots()).toEqual(new Set([id]));
    await cleanAll(config, 2);
    expect(await snapshots()).toEqual(new Set());
  });

  it('makes a backup of a database old: its name, which no tag changes, says otherwise', async () => {
    await estate.resource({ type: 'rds' }, 'orders');
    await estate.run('create_backups', { type: 'rds', config: { shelvery_rds_backup_mode: 'RDS_CREATE_SNAPSHOT' } });
    const { DBSnapshots: [made] = [] } = await rds().send(new DescribeDBSnapshotsCommand({ SnapshotType: 'manual' }));
    const ResourceName = made?.DBSnapshotArn ?? '';
    await rds().send(new AddTagsToResourceCommand({ ResourceName, Tags: listOf({ 'shelvery:date_created': OLD }) }));
    const { outcomes } = await estate.run('clean_backups', {
      type: 'rds',
      config: { shelvery_keep_last_backups: '0' },
    });
    expect(reasons(outcomes)).toEqual([expect.stringContaining(`does not end in -${OLD}-`)]);
    expect(await estate.backups({ type: 'rds' })).toHaveLength(1);
  });

  it("dresses a stranger's snapshot of a database up as an expired backup: it stays", async () => {
    await estate.resource({ type: 'rds' }, 'orders');
    await rds().send(
      new CreateDBSnapshotCommand({
        DBInstanceIdentifier: 'orders',
        DBSnapshotIdentifier: 'before-upgrade',
        Tags: listOf(expired('orders', { 'shelvery:name': 'before-upgrade' })),
      }),
    );
    await estate.run('clean_backups', { type: 'rds', config: { shelvery_keep_last_backups: '0' } });
    expect((await estate.backups({ type: 'rds' })).map(nameOf)).toEqual(['before-upgrade']);
  });
});

describe('who may only tag a resource', () => {
  const NOTHING = {
    'shelvery:config:shelvery_keep_daily_backups': '0',
    'shelvery:config:shelvery_keep_weekly_backups': '0',
    'shelvery:config:shelvery_keep_monthly_backups': '0',
    'shelvery:config:shelvery_keep_yearly_backups': '0',
    'shelvery:config:shelvery_keep_daily_backups_dr': '0',
    'shelvery:config:shelvery_keep_last_backups': '0',
  };

  it('keeps nothing, and takes the mark off: backups and DR copies stay for the least time', async () => {
    const { volume, id } = await onlyBackup({ shelvery_dr_regions: DR });
    const [copy] = await estate.backups({ region: DR });
    await tag(volume, { ...NOTHING, 'shelvery:create_backup': 'false' });
    await tag(id, NOTHING);
    const config = { shelvery_dr_regions: DR, shelvery_min_retention_days: '7' };
    await cleanAll(config, 6);
    expect(await snapshots()).toEqual(new Set([id]));
    expect(await snapshots(DR)).toEqual(new Set([copy?.id]));
  });

  it('keeps nothing where tags may only lengthen: backups stay as configured', async () => {
    const { volume, id } = await onlyBackup();
    await tag(volume, NOTHING);
    await tag(id, NOTHING);
    await cleanAll({ shelvery_tag_config: 'safe' }, 3);
    expect(await snapshots()).toEqual(new Set([id]));
  });

  it('shares with an account of theirs: not shared, and the policies of the buckets do not name it', async () => {
    await estate.resource({}, 'web', { 'shelvery:config:shelvery_share_aws_account_ids': STRANGER });
    await estate.run('create_backups', { config: { shelvery_dr_regions: DR } });
    for (const region of [HOME, DR]) {
      const [found] = await estate.backups({ region });
      const { CreateVolumePermissions: shares } = await ec2(region).send(
        new DescribeSnapshotAttributeCommand({ SnapshotId: found?.id, Attribute: 'createVolumePermission' }),
      );
      expect(shares ?? []).toEqual([]);
      const { Policy = '' } = await new S3Client(estate.emulator().clientConfig(SOURCE, region)).send(
        new GetBucketPolicyCommand({ Bucket: bucketOf(SOURCE, region) }),
      );
      expect(Policy).toContain('Statement');
      expect(Policy).not.toContain(STRANGER);
      expect(Object.keys(await estate.files(SOURCE, region)).filter((key) => key.includes(STRANGER))).toEqual([]);
    }
  });

  it('names a key of an account of theirs: the copy is not under it, unless the owner lists it', async () => {
    const key = await accountsOf(estate.emulator()).makeKey({ account: STRANGER, region: DR });
    await estate.resource({}, 'web', {
      'shelvery:config:shelvery_encrypt_copy': 'true',
      'shelvery:config:shelvery_copy_kms_key_id': `${DR}=${key}`,
    });
    const keyOfCopy = async (config: Texts): Promise<string | undefined> => {
      await estate.run('create_backups', { config: { shelvery_dr_regions: DR, ...config } });
      await estate.clock().advance(DAY_MS);
      return (await estate.backups({ region: DR })).at(-1)?.kmsKeyId;
    };
    expect(await keyOfCopy({})).not.toContain(STRANGER);
    expect(await keyOfCopy({ shelvery_allowed_kms_keys: `arn:aws:kms:*:${STRANGER}:key/*` })).toBe(key);
  });
});
