import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AuthorizeSnapshotAccessCommand,
  BatchDeleteClusterSnapshotsCommand,
  CopyClusterSnapshotCommand,
  CreateClusterCommand,
  CreateClusterSnapshotCommand,
  CreateTagsCommand,
  DeleteClusterSnapshotCommand,
  DescribeClusterSnapshotsCommand,
  DescribeClustersCommand,
  RedshiftClient,
  RevokeSnapshotAccessCommand,
  paginateDescribeClusterSnapshots,
} from '@aws-sdk/client-redshift';
import type {
  CopyClusterSnapshotMessage,
  CreateClusterSnapshotMessage,
  DescribeClusterSnapshotsMessage,
  Snapshot,
  Tag,
} from '@aws-sdk/client-redshift';
import { databaseControls } from './databases.js';
import type { DatabaseControls } from './databases.js';
import { startEmulator } from './emulator.js';
import type { Emulator } from './emulator.js';

const OURS = '111111111111';
const THEIRS = '222222222222';
const HERE = 'eu-west-1';

/** API reference of Amazon Redshift: the pages that the titles name. */
describe('Redshift cluster snapshots', () => {
  let emulator: Emulator;
  let databases: DatabaseControls;
  let redshift: RedshiftClient;
  beforeAll(async () => {
    emulator = await startEmulator({ account: OURS, region: HERE });
    databases = databaseControls(emulator);
    redshift = client();
  }, 60_000);
  beforeEach(async () => {
    await emulator.reset();
    await makeCluster('db');
  });
  afterAll(() => emulator.stop());

  function client(account = OURS): RedshiftClient {
    return new RedshiftClient(emulator.clientConfig(account));
  }

  async function makeCluster(ClusterIdentifier: string, Tags: Tag[] = [], account = OURS): Promise<void> {
    const cluster = {
      ClusterIdentifier,
      NodeType: 'ra3.large',
      ClusterType: 'single-node',
      MasterUsername: 'owner',
      MasterUserPassword: 'Emulator-1',
      Tags,
    };
    await client(account).send(new CreateClusterCommand(cluster));
  }

  async function create(
    SnapshotIdentifier: string,
    more: Partial<CreateClusterSnapshotMessage> = {},
  ): Promise<Snapshot> {
    return (
      (await redshift.send(new CreateClusterSnapshotCommand({ SnapshotIdentifier, ClusterIdentifier: 'db', ...more })))
        .Snapshot ?? {}
    );
  }

  async function copy(
    source: string,
    target: string,
    more: Partial<CopyClusterSnapshotMessage> = {},
  ): Promise<Snapshot> {
    const names = { SourceSnapshotIdentifier: source, TargetSnapshotIdentifier: target };
    return (await redshift.send(new CopyClusterSnapshotCommand({ ...names, ...more }))).Snapshot ?? {};
  }

  async function list(
    query: DescribeClusterSnapshotsMessage = {},
    by = redshift,
  ): Promise<readonly (string | undefined)[]> {
    return ((await by.send(new DescribeClusterSnapshotsCommand(query))).Snapshots ?? []).map(
      ({ SnapshotIdentifier }) => SnapshotIdentifier,
    );
  }

  /** A call that AWS refuses whatever there is: the emulator notes it, too. */
  async function illegal(call: Promise<unknown>, name: string): Promise<void> {
    await expect(call).rejects.toMatchObject({ name });
    expect(await emulator.takeViolations()).not.toEqual([]);
  }

  const automated = (createdAt = '2026-11-24T02:07:00Z'): Promise<string> =>
    databases.makeAutomatedSnapshot({ service: 'redshift', source: 'db', createdAt });
  const authorize = (SnapshotIdentifier: string, AccountWithRestoreAccess: string): Promise<unknown> =>
    redshift.send(new AuthorizeSnapshotAccessCommand({ SnapshotIdentifier, AccountWithRestoreAccess }));
  const revoke = (SnapshotIdentifier: string, AccountWithRestoreAccess: string): Promise<unknown> =>
    redshift.send(new RevokeSnapshotAccessCommand({ SnapshotIdentifier, AccountWithRestoreAccess }));
  const remove = (SnapshotIdentifier: string): Promise<unknown> =>
    redshift.send(new DeleteClusterSnapshotCommand({ SnapshotIdentifier }));

  describe('CreateClusterSnapshot', () => {
    it('creates for a while, with its tags', async () => {
      await databases.setStates({ pendingMs: 1000 });
      const Tags = [{ Key: 'Name', Value: 'a@b' }];
      expect(await create('made', { Tags })).toMatchObject({
        Status: 'creating',
        Tags,
        ClusterIdentifier: 'db',
        SnapshotType: 'manual',
        OwnerAccount: OURS,
        ManualSnapshotRetentionPeriod: -1,
      });
      await emulator.advanceClock(1000);
      const { Snapshots } = await redshift.send(new DescribeClusterSnapshotsCommand({ SnapshotIdentifier: 'made' }));
      expect(Snapshots).toMatchObject([{ Status: 'available', Tags }]);
    });
    it.each([
      ['a name that is too long', { SnapshotIdentifier: 'a'.repeat(256) }, 'InvalidParameterValue'],
      ['a name with two hyphens together', { SnapshotIdentifier: 'a--b' }, 'InvalidParameterValue'],
      ['a bad tag', { Tags: [{ Key: 'k', Value: 'a,b' }] }, 'InvalidTagFault'],
      [
        '51 tags',
        { Tags: Array.from({ length: 51 }, (_, n) => ({ Key: `k${String(n)}`, Value: 'v' })) },
        'TagLimitExceededFault',
      ],
    ])('refuses %s', async (_what, more, name) => {
      await illegal(create('made', more), name);
      expect(await list()).toEqual([]);
    });
    it.each([
      ['a cluster that is gone', { ClusterIdentifier: 'gone' }, 'ClusterNotFoundFault'],
      ['a name that is taken', { SnapshotIdentifier: 'taken' }, 'ClusterSnapshotAlreadyExistsFault'],
    ])('refuses %s', async (_what, more, name) => {
      await create('taken');
      await expect(create('made', more)).rejects.toMatchObject({ name });
      expect(await list()).toEqual(['taken']);
    });
    it('refuses a cluster that is busy, and more snapshots than the quota', async () => {
      await databases.setDatabaseState({ service: 'redshift', id: 'db', state: 'resizing' });
      await expect(create('made')).rejects.toMatchObject({ name: 'InvalidClusterStateFault' });
      await databases.setDatabaseState({ service: 'redshift', id: 'db', state: 'available' });
      await databases.setQuotas({ redshift: 0 });
      await expect(create('made')).rejects.toMatchObject({ name: 'ClusterSnapshotQuotaExceededFault' });
    });
  });

  describe('CopyClusterSnapshot', () => {
    it('makes a manual snapshot of an automated one, without tags, of the same time', async () => {
      const source = await automated();
      expect(source).toBe('rs:db-2026-11-24-02-07-00');
      const copied = await copy(source, 'copied', { ManualSnapshotRetentionPeriod: 7 });
      expect(copied).toMatchObject({
        SnapshotType: 'manual',
        ClusterIdentifier: 'db',
        SnapshotCreateTime: new Date('2026-11-24T02:07:00Z'),
        ManualSnapshotRetentionPeriod: 7,
      });
      const { Snapshots } = await redshift.send(new DescribeClusterSnapshotsCommand({ SnapshotType: 'manual' }));
      expect(Snapshots?.map(({ Tags = [] }) => Tags)).toEqual([[]]);
    });
    it('refuses manual ones, unfinished ones, those that are gone, and a name that is taken', async () => {
      await create('manual');
      const source = await automated();
      await expect(copy('manual', 'copied')).rejects.toMatchObject({ name: 'InvalidClusterSnapshotStateFault' });
      await expect(copy('gone', 'copied')).rejects.toMatchObject({ name: 'ClusterSnapshotNotFoundFault' });
      await expect(copy(source, 'manual')).rejects.toMatchObject({ name: 'ClusterSnapshotAlreadyExistsFault' });
      await databases.setSnapshot({ service: 'redshift', id: source, state: 'creating' });
      await expect(copy(source, 'copied')).rejects.toMatchObject({ name: 'InvalidClusterSnapshotStateFault' });
    });
  });

  describe('DescribeClusterSnapshots', () => {
    it('lists by type, cluster and tags: a key, a value, or any combination of both', async () => {
      await makeCluster('other');
      const source = await automated();
      await create('one', {
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '2' },
        ],
      });
      await create('two', { ClusterIdentifier: 'other', Tags: [{ Key: 'a', Value: '2' }] });
      await create('three');
      expect(await list({ SnapshotType: 'automated' })).toEqual([source]);
      expect(await list({ ClusterIdentifier: 'other' })).toEqual(['two']);
      expect(await list({ TagKeys: ['a'] })).toEqual(['one', 'two']);
      expect(await list({ TagValues: ['2'] })).toEqual(['one', 'two']);
      expect(await list({ TagKeys: ['a', 'b'], TagValues: ['1'] })).toEqual(['one']);
      expect(await list({ TagKeys: ['a'], TagValues: ['1', '2'] })).toEqual(['one', 'two']);
      await expect(list({ SnapshotIdentifier: 'gone' })).rejects.toMatchObject({
        name: 'ClusterSnapshotNotFoundFault',
      });
    });
    it('lists what is shared only for the owner that is named', async () => {
      await create('open');
      await create('closed');
      await authorize('open', THEIRS);
      expect(await list({}, client(THEIRS))).toEqual([]);
      expect(await list({ OwnerAccount: OURS }, client(THEIRS))).toEqual(['open']);
    });
    it('gives pages of 100, or of what is asked from 20 to 100, or of what is imposed', async () => {
      for (let n = 0; n < 5; n += 1) await create(`s-${String(n)}`);
      await emulator.setPageSize(2);
      const sizes: number[] = [];
      for await (const { Snapshots = [] } of paginateDescribeClusterSnapshots({ client: redshift }, {}))
        sizes.push(Snapshots.length);
      expect(sizes).toEqual([2, 2, 1]);
      await illegal(list({ MaxRecords: 101 }), 'InvalidParameterValue');
    });
  });

  it('lists clusters by tags, and none has a snapshot that nobody made; page "DescribeClusters"', async () => {
    await makeCluster('marked', [{ Key: 'a', Value: '1' }]);
    const { Clusters } = await redshift.send(new DescribeClustersCommand({ TagKeys: ['a'] }));
    expect(Clusters).toMatchObject([{ ClusterIdentifier: 'marked', ClusterStatus: 'available' }]);
    expect(await list()).toEqual([]);
  });

  describe('AuthorizeSnapshotAccess, RevokeSnapshotAccess and DeleteClusterSnapshot', () => {
    it('authorizes an account once, and revokes what was authorized', async () => {
      await create('made');
      await authorize('made', THEIRS);
      await expect(authorize('made', THEIRS)).rejects.toMatchObject({ name: 'AuthorizationAlreadyExistsFault' });
      const { Snapshots } = await redshift.send(new DescribeClusterSnapshotsCommand({}));
      expect(Snapshots).toMatchObject([{ AccountsWithRestoreAccess: [{ AccountId: THEIRS }] }]);
      await revoke('made', THEIRS);
      await expect(revoke('made', THEIRS)).rejects.toMatchObject({ name: 'AuthorizationNotFoundFault' });
    });
    it('takes the name of its cluster, and finds no snapshot of another', async () => {
      await create('made');
      const access = { SnapshotIdentifier: 'made', AccountWithRestoreAccess: THEIRS };
      const [ofIt, ofAnother] = [{ SnapshotClusterIdentifier: 'db' }, { SnapshotClusterIdentifier: 'other' }];
      const gone = { name: 'ClusterSnapshotNotFoundFault' };
      await expect(
        redshift.send(new AuthorizeSnapshotAccessCommand({ ...access, ...ofAnother })),
      ).rejects.toMatchObject(gone);
      await redshift.send(new AuthorizeSnapshotAccessCommand({ ...access, ...ofIt }));
      await expect(redshift.send(new RevokeSnapshotAccessCommand({ ...access, ...ofAnother }))).rejects.toMatchObject(
        gone,
      );
      await redshift.send(new RevokeSnapshotAccessCommand({ ...access, ...ofIt }));
      await expect(
        redshift.send(new DeleteClusterSnapshotCommand({ SnapshotIdentifier: 'made', ...ofAnother })),
      ).rejects.toMatchObject(gone);
      await redshift.send(new DeleteClusterSnapshotCommand({ SnapshotIdentifier: 'made', ...ofIt }));
    });
    it('deletes several, each by itself (page "BatchDeleteClusterSnapshots")', async () => {
      for (const name of ['one', 'two', 'shared']) await create(name);
      await authorize('shared', THEIRS);
      const names = ['one', 'gone', 'shared', 'two'];
      const answer = await redshift.send(
        new BatchDeleteClusterSnapshotsCommand({
          Identifiers: names.map((SnapshotIdentifier) => ({ SnapshotIdentifier, SnapshotClusterIdentifier: 'db' })),
        }),
      );
      expect(answer.Resources).toEqual(['one', 'two']);
      expect(answer.Errors?.map(({ SnapshotIdentifier }) => SnapshotIdentifier)).toEqual(['gone', 'shared']);
      const { Snapshots = [] } = await redshift.send(new DescribeClusterSnapshotsCommand({ SnapshotType: 'manual' }));
      expect(Snapshots.map(({ SnapshotIdentifier }) => SnapshotIdentifier)).toEqual(['shared']);
    });
    it('deletes at most 100 at a time (page "BatchDeleteClusterSnapshots")', async () => {
      const Identifiers = Array.from({ length: 101 }, (_, n) => ({ SnapshotIdentifier: `no-${String(n)}` }));
      await expect(redshift.send(new BatchDeleteClusterSnapshotsCommand({ Identifiers }))).rejects.toMatchObject({
        name: 'BatchDeleteRequestSizeExceededFault',
      });
    });
    it('authorizes at most 20 accounts', async () => {
      await create('made');
      for (let n = 0; n < 20; n += 1) await authorize('made', String(300_000_000_000 + n));
      await expect(authorize('made', THEIRS)).rejects.toMatchObject({ name: 'AuthorizationQuotaExceededFault' });
    });
    it('deletes nothing that another account may restore, that is automated, or that is being made', async () => {
      await create('made');
      await authorize('made', THEIRS);
      const source = await automated();
      await expect(remove('made')).rejects.toMatchObject({ name: 'InvalidClusterSnapshotStateFault' });
      await expect(remove(source)).rejects.toMatchObject({ name: 'InvalidClusterSnapshotStateFault' });
      await revoke('made', THEIRS);
      await databases.setSnapshot({ service: 'redshift', id: 'made', state: 'creating' });
      await expect(remove('made')).rejects.toMatchObject({ name: 'InvalidClusterSnapshotStateFault' });
      await databases.setSnapshot({ service: 'redshift', id: 'made', state: 'failed' });
      await remove('made');
      await expect(remove('made')).rejects.toMatchObject({ name: 'ClusterSnapshotNotFoundFault' });
    });
  });

  it('tags a snapshot by the ARN that names its cluster; page "CreateTags"', async () => {
    await create('made');
    const arn = (cluster: string, id: string): string => `arn:aws:redshift:${HERE}:${OURS}:snapshot:${cluster}/${id}`;
    const tag = (ResourceName: string, Value = '1'): Promise<unknown> =>
      redshift.send(new CreateTagsCommand({ ResourceName, Tags: [{ Key: 'a', Value }] }));
    await tag(arn('db', 'made'));
    await tag(arn('db', 'made'), '2');
    expect((await redshift.send(new DescribeClusterSnapshotsCommand({}))).Snapshots).toMatchObject([
      { Tags: [{ Key: 'a', Value: '2' }] },
    ]);
    await expect(tag(arn('other', 'made'))).rejects.toMatchObject({ name: 'ResourceNotFoundFault' });
    await expect(tag(arn('db', 'gone'))).rejects.toMatchObject({ name: 'ResourceNotFoundFault' });
    await illegal(tag(arn('db', 'made'), 'a,b'), 'InvalidTagFault');
  });

  it('seeds many databases at once', async () => {
    for (const service of ['rds', 'rds-cluster', 'redshift'] as const) {
      const ids = await databases.seedDatabases(service, [{ id: 'seed-1', tags: { a: '1' } }, { id: 'seed-2' }]);
      expect(ids).toEqual(['seed-1', 'seed-2']);
    }
    const { Clusters } = await redshift.send(new DescribeClustersCommand({ TagKeys: ['a'] }));
    expect(Clusters?.map(({ ClusterIdentifier }) => ClusterIdentifier)).toEqual(['seed-1']);
  });
});
