import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CreateDBClusterCommand as CreateDocdbClusterCommand, DocDBClient } from '@aws-sdk/client-docdb';
import {
  CopyDBClusterSnapshotCommand,
  CopyDBSnapshotCommand,
  CreateDBClusterCommand,
  CreateDBClusterSnapshotCommand,
  CreateDBInstanceCommand,
  CreateDBInstanceReadReplicaCommand,
  CreateDBSnapshotCommand,
  DeleteDBClusterCommand,
  DeleteDBInstanceCommand,
  DeleteDBSnapshotCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
  type DBInstance,
  type DBSnapshot,
} from '@aws-sdk/client-rds';
import {
  CopyClusterSnapshotCommand,
  CreateClusterCommand,
  CreateClusterSnapshotCommand,
  DeleteClusterCommand,
  DeleteClusterSnapshotCommand,
  DescribeClusterSnapshotsCommand,
  DescribeClustersCommand,
  RedshiftClient,
} from '@aws-sdk/client-redshift';

import { accountsOf } from './accounts.js';
import { databaseControls, type DatabaseControls } from './databases.js';
import { startEmulator, type Emulator } from './emulator.js';

const HOUR = 3_600_000;
const secret = { MasterUsername: 'owner', MasterUserPassword: 'Emulator-1' };

/** API references of Amazon RDS, DocumentDB and Redshift: the pages of the calls and of the types of what they answer. */
describe('databases from their making to their end', () => {
  let emulator: Emulator;
  let databases: DatabaseControls;
  let rds: RDSClient;
  let redshift: RedshiftClient;
  let now: number;

  beforeAll(async () => {
    emulator = await startEmulator();
    databases = databaseControls(emulator);
    rds = new RDSClient(emulator.clientConfig());
    redshift = new RedshiftClient(emulator.clientConfig());
  });
  beforeEach(async () => {
    await emulator.reset();
    now = await emulator.freezeClock();
  });
  afterAll(() => emulator.stop());

  const timeOf = (milliseconds: number): Date => new Date(Math.trunc(milliseconds));

  async function makeInstance(id = 'db'): Promise<DBInstance> {
    const sizes = { DBInstanceClass: 'db.t4g.micro', Engine: 'postgres', AllocatedStorage: 20 };
    return (
      (await rds.send(new CreateDBInstanceCommand({ DBInstanceIdentifier: id, ...sizes, ...secret }))).DBInstance ?? {}
    );
  }
  async function instances(): Promise<readonly DBInstance[]> {
    return (await rds.send(new DescribeDBInstancesCommand({}))).DBInstances ?? [];
  }
  const removeInstance = (id = 'db'): Promise<{ readonly DBInstance?: DBInstance | undefined }> =>
    rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: id, SkipFinalSnapshot: true }));
  async function snapshots(): Promise<readonly DBSnapshot[]> {
    return (await rds.send(new DescribeDBSnapshotsCommand({}))).DBSnapshots ?? [];
  }

  describe('DB instances', () => {
    it('are creating in the answer, without a time, and available then', async () => {
      const made = await makeInstance();
      expect(made).toMatchObject({ DBInstanceStatus: 'creating' });
      expect(made.InstanceCreateTime).toBeUndefined();
      expect(await instances()).toMatchObject([{ DBInstanceStatus: 'available', InstanceCreateTime: timeOf(now) }]);
    });
    it('have an id that another one of the same name has not, and a time of its own', async () => {
      const first = await makeInstance();
      expect(first.DbiResourceId).toMatch(/^db-[A-Z0-9]{26}$/);
      await rds.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'db', DBSnapshotIdentifier: 'of-first' }));
      await removeInstance();
      await emulator.advanceClock(HOUR);
      const second = await makeInstance();
      expect(second.DbiResourceId).not.toBe(first.DbiResourceId);
      await rds.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'db', DBSnapshotIdentifier: 'of-second' }));
      expect(await snapshots()).toMatchObject([
        { DbiResourceId: first.DbiResourceId, InstanceCreateTime: timeOf(now) },
        { DbiResourceId: second.DbiResourceId, InstanceCreateTime: timeOf(now + HOUR) },
      ]);
    });
    it('keep their id apart from that of their replica', async () => {
      await makeInstance();
      const replica = { DBInstanceIdentifier: 'replica', SourceDBInstanceIdentifier: 'db' };
      await rds.send(new CreateDBInstanceReadReplicaCommand(replica));
      expect(new Set((await instances()).map(({ DbiResourceId }) => DbiResourceId)).size).toBe(2);
    });
    it('are creating and deleting for the time that was set, and cannot be backed up meanwhile', async () => {
      await databases.setLives({ creatingMs: 1000, deletingMs: 1000 });
      const refused = { name: 'InvalidDBInstanceStateFault' };
      const snapshot = new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'db', DBSnapshotIdentifier: 'made' });
      await makeInstance();
      const [creating] = await instances();
      expect(creating).toMatchObject({ DBInstanceStatus: 'creating' });
      expect(creating?.InstanceCreateTime).toBeUndefined();
      await expect(rds.send(snapshot)).rejects.toMatchObject(refused);
      await emulator.advanceClock(1000);
      expect((await removeInstance()).DBInstance).toMatchObject({ DBInstanceStatus: 'deleting' });
      expect(await instances()).toMatchObject([{ DBInstanceStatus: 'deleting' }]);
      await expect(rds.send(snapshot)).rejects.toMatchObject(refused);
      await expect(removeInstance()).rejects.toMatchObject(refused);
      await expect(makeInstance()).rejects.toMatchObject({ name: 'DBInstanceAlreadyExistsFault' });
      await emulator.advanceClock(1000);
      expect(await instances()).toEqual([]);
      await makeInstance();
    });
    it('are seeded with a time, and are there at once', async () => {
      await databases.setLives({ creatingMs: 1000 });
      await databases.seedDatabases('rds', [{ id: 'old', createdAt: '2020-01-31T01:02:03.456Z' }]);
      expect(await instances()).toMatchObject([
        { DBInstanceStatus: 'available', InstanceCreateTime: new Date('2020-01-31T01:02:03.456Z') },
      ]);
    });
  });

  describe('DB snapshots', () => {
    it('have no time while they are made, and one in milliseconds then', async () => {
      await makeInstance();
      await databases.setStates({ pendingMs: 1000 });
      const command = new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'db', DBSnapshotIdentifier: 'made' });
      const { DBSnapshot: answered = {} } = await rds.send(command);
      const [creating = {}] = await snapshots();
      for (const { Status, SnapshotCreateTime, OriginalSnapshotCreateTime } of [answered, creating]) {
        expect({ Status, SnapshotCreateTime, OriginalSnapshotCreateTime }).toEqual({ Status: 'creating' });
      }
      await emulator.advanceClock(1000);
      expect(await snapshots()).toMatchObject([
        { Status: 'available', SnapshotCreateTime: timeOf(now), OriginalSnapshotCreateTime: timeOf(now) },
      ]);
    });
    it('keep the original time and the database’s id in copies of copies, and have times of their own', async () => {
      const { DbiResourceId } = await makeInstance();
      await rds.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'db', DBSnapshotIdentifier: 'first' }));
      for (const [from, to] of [
        ['first', 'second'],
        ['second', 'third'],
      ]) {
        await emulator.advanceClock(HOUR);
        const copy = { SourceDBSnapshotIdentifier: from, TargetDBSnapshotIdentifier: to };
        const { DBSnapshot } = await rds.send(new CopyDBSnapshotCommand(copy));
        expect(DBSnapshot).toMatchObject({ Status: 'creating', OriginalSnapshotCreateTime: timeOf(now) });
        expect(DBSnapshot?.SnapshotCreateTime).toBeUndefined();
      }
      expect(await snapshots()).toMatchObject(
        [0, 1, 2].map((hours) => ({
          SnapshotCreateTime: timeOf(now + hours * HOUR),
          OriginalSnapshotCreateTime: timeOf(now),
          DbiResourceId,
        })),
      );
    });
    it('are deleted in the answer that deletes them', async () => {
      await makeInstance();
      await rds.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'db', DBSnapshotIdentifier: 'made' }));
      const { DBSnapshot } = await rds.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'made' }));
      expect(DBSnapshot).toMatchObject({ Status: 'deleted' });
    });
    it('answer as they end where that is set', async () => {
      await emulator.setBehaviours({ creatingAtFirst: false });
      expect(await makeInstance()).toMatchObject({ DBInstanceStatus: 'available' });
      const command = new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'db', DBSnapshotIdentifier: 'made' });
      expect((await rds.send(command)).DBSnapshot).toMatchObject({
        Status: 'available',
        SnapshotCreateTime: timeOf(now),
      });
    });
  });

  describe('storage encryption', () => {
    it.each([
      ['aurora-postgresql', false, 'sse-rds'],
      ['aurora-postgresql', true, 'sse-kms'],
      ['mysql', false, 'none'],
      ['docdb', false, undefined],
    ])(
      'of clusters of %s, StorageEncrypted %s, is %s, in snapshots and copies too',
      async (Engine, encrypted, type) => {
        const cluster = { DBClusterIdentifier: 'cluster', Engine, StorageEncrypted: encrypted, ...secret };
        const { DBCluster } = await rds.send(new CreateDBClusterCommand(cluster));
        expect(DBCluster?.StorageEncryptionType).toBe(type);
        const made = { DBClusterIdentifier: 'cluster', DBClusterSnapshotIdentifier: 'made' };
        await rds.send(new CreateDBClusterSnapshotCommand(made));
        if (Engine !== 'mysql') {
          const copy = { SourceDBClusterSnapshotIdentifier: 'made', TargetDBClusterSnapshotIdentifier: 'copy' };
          await rds.send(new CopyDBClusterSnapshotCommand(copy));
        }
        const { DBClusterSnapshots = [] } = await rds.send(new DescribeDBClusterSnapshotsCommand({}));
        for (const { StorageEncryptionType, StorageEncrypted } of DBClusterSnapshots)
          expect([StorageEncryptionType, StorageEncrypted]).toEqual([type, encrypted]);
      },
    );
    it('of instances is as it was seeded, and that of a key in a copy with one', async () => {
      await databases.seedDatabases('rds', [{ id: 'db', storageEncryptionType: 'sse-rds' }, { id: 'plain' }]);
      expect((await instances()).map(({ StorageEncryptionType }) => StorageEncryptionType)).toEqual([
        'sse-rds',
        'none',
      ]);
      await rds.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'db', DBSnapshotIdentifier: 'made' }));
      const KmsKeyId = await accountsOf(emulator).makeKey();
      const copy = { SourceDBSnapshotIdentifier: 'made', TargetDBSnapshotIdentifier: 'copy', KmsKeyId };
      await rds.send(new CopyDBSnapshotCommand(copy));
      expect(await snapshots()).toMatchObject([
        { Encrypted: false, StorageEncryptionType: 'sse-rds' },
        { Encrypted: true, StorageEncryptionType: 'sse-kms' },
      ]);
    });
  });

  describe('snapshots that failed', () => {
    it('cannot be deleted, unless that is switched off', async () => {
      await makeInstance();
      await databases.setStates({ outcome: 'failed' });
      await rds.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'db', DBSnapshotIdentifier: 'made' }));
      const remove = new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'made' });
      await expect(rds.send(remove)).rejects.toMatchObject({ name: 'InvalidDBSnapshotStateFault' });
      await emulator.setBehaviours({ failedDatabaseSnapshotsStay: false });
      await rds.send(remove);
    });
  });

  describe.each(['aurora-postgresql', 'docdb'])('clusters of the engine %s', (Engine) => {
    const make = async (): Promise<string | undefined> => {
      const cluster = { DBClusterIdentifier: 'cluster', Engine, ...secret };
      const { DBCluster } =
        Engine === 'docdb'
          ? await new DocDBClient(emulator.clientConfig()).send(new CreateDocdbClusterCommand(cluster))
          : await rds.send(new CreateDBClusterCommand(cluster));
      expect(DBCluster).toMatchObject({ Status: 'creating' });
      return DBCluster?.DbClusterResourceId;
    };
    const remove = new DeleteDBClusterCommand({ DBClusterIdentifier: 'cluster', SkipFinalSnapshot: true });
    const snapshot = (DBClusterSnapshotIdentifier: string): CreateDBClusterSnapshotCommand =>
      new CreateDBClusterSnapshotCommand({ DBClusterIdentifier: 'cluster', DBClusterSnapshotIdentifier });

    it('have an id that another one of the same name has not, in their snapshots and copies too', async () => {
      const first = await make();
      expect(first).toMatch(/^cluster-[A-Z0-9]{26}$/);
      const { DBClusterSnapshot } = await rds.send(snapshot('of-first'));
      expect(DBClusterSnapshot).toMatchObject({ Status: 'creating', SnapshotCreateTime: timeOf(now) });
      const copy = { SourceDBClusterSnapshotIdentifier: 'of-first', TargetDBClusterSnapshotIdentifier: 'copy' };
      await rds.send(new CopyDBClusterSnapshotCommand(copy));
      await rds.send(remove);
      await emulator.advanceClock(HOUR);
      const second = await make();
      await rds.send(snapshot('of-second'));
      expect(second).not.toBe(first);
      const { DBClusterSnapshots } = await rds.send(new DescribeDBClusterSnapshotsCommand({}));
      expect(DBClusterSnapshots).toMatchObject([
        { DbClusterResourceId: first, ClusterCreateTime: timeOf(now) },
        { DbClusterResourceId: first, ClusterCreateTime: timeOf(now) },
        { DbClusterResourceId: second, ClusterCreateTime: timeOf(now + HOUR) },
      ]);
    });
    it('are creating and deleting for the time that was set', async () => {
      await databases.setLives({ creatingMs: 1000, deletingMs: 1000 });
      const list = async (): Promise<unknown> => (await rds.send(new DescribeDBClustersCommand({}))).DBClusters;
      await make();
      expect(await list()).toMatchObject([{ Status: 'creating', ClusterCreateTime: timeOf(now) }]);
      await emulator.advanceClock(1000);
      expect((await rds.send(remove)).DBCluster).toMatchObject({ Status: 'deleting' });
      expect(await list()).toMatchObject([{ Status: 'deleting' }]);
      await expect(rds.send(snapshot('made'))).rejects.toMatchObject({ name: 'InvalidDBClusterStateFault' });
      await expect(make()).rejects.toMatchObject({ name: 'DBClusterAlreadyExistsFault' });
      await emulator.advanceClock(1000);
      expect(await list()).toEqual([]);
    });
  });

  describe('Redshift clusters', () => {
    const make = (): Promise<{
      readonly Cluster?: { readonly ClusterNamespaceArn?: string | undefined } | undefined;
    }> => redshift.send(new CreateClusterCommand({ ClusterIdentifier: 'cluster', NodeType: 'ra3.large', ...secret }));
    const remove = new DeleteClusterCommand({ ClusterIdentifier: 'cluster', SkipFinalClusterSnapshot: true });
    const snapshot = (SnapshotIdentifier: string): CreateClusterSnapshotCommand =>
      new CreateClusterSnapshotCommand({ ClusterIdentifier: 'cluster', SnapshotIdentifier });

    it('have a namespace that another one of the same name has not, and snapshots that tell them apart by time', async () => {
      const first = await make();
      expect(first.Cluster).toMatchObject({ ClusterStatus: 'creating' });
      expect(first.Cluster).not.toHaveProperty('ClusterCreateTime');
      expect(first.Cluster?.ClusterNamespaceArn).toMatch(
        new RegExp(`^arn:aws:redshift:us-east-1:${emulator.account}:namespace:[0-9a-f-]{36}$`),
      );
      await databases.makeAutomatedSnapshot({
        service: 'redshift',
        source: 'cluster',
        createdAt: '2026-11-24T02:07:00Z',
      });
      const copy = { SourceSnapshotIdentifier: 'rs:cluster-2026-11-24-02-07-00', TargetSnapshotIdentifier: 'copy' };
      expect((await redshift.send(new CopyClusterSnapshotCommand(copy))).Snapshot).toMatchObject({
        Status: 'creating',
      });
      await redshift.send(remove);
      await emulator.advanceClock(HOUR);
      const second = await make();
      expect(second.Cluster?.ClusterNamespaceArn).not.toBe(first.Cluster?.ClusterNamespaceArn);
      expect((await redshift.send(snapshot('of-second'))).Snapshot).toMatchObject({ Status: 'creating' });
      expect((await redshift.send(new DescribeClustersCommand({}))).Clusters).toMatchObject([
        { ...second.Cluster, ClusterStatus: 'available', ClusterCreateTime: timeOf(now + HOUR) },
      ]);
      const { Snapshots } = await redshift.send(new DescribeClusterSnapshotsCommand({ SnapshotType: 'manual' }));
      expect(Snapshots).toMatchObject([
        { SnapshotIdentifier: 'copy', Status: 'available', ClusterCreateTime: timeOf(now) },
        { SnapshotIdentifier: 'of-second', Status: 'available', ClusterCreateTime: timeOf(now + HOUR) },
      ]);
      const gone = await redshift.send(new DeleteClusterSnapshotCommand({ SnapshotIdentifier: 'copy' }));
      expect(gone.Snapshot).toMatchObject({ Status: 'deleted' });
    });
    it('are creating and deleting for the time that was set', async () => {
      await databases.setLives({ creatingMs: 1000, deletingMs: 1000 });
      const list = async (): Promise<unknown> => (await redshift.send(new DescribeClustersCommand({}))).Clusters;
      await make();
      expect(await list()).toMatchObject([{ ClusterStatus: 'creating' }]);
      await emulator.advanceClock(1000);
      expect((await redshift.send(remove)).Cluster).toMatchObject({ ClusterStatus: 'deleting' });
      expect(await list()).toMatchObject([{ ClusterStatus: 'deleting' }]);
      await expect(redshift.send(snapshot('made'))).rejects.toMatchObject({ name: 'InvalidClusterStateFault' });
      await emulator.advanceClock(1000);
      expect(await list()).toEqual([]);
    });
  });
});
