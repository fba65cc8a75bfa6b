import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CopyDBClusterSnapshotCommand as CopyDocdbSnapshotCommand,
  CreateDBClusterCommand as CreateDocdbClusterCommand,
  CreateDBClusterSnapshotCommand as CreateDocdbSnapshotCommand,
  DocDBClient,
} from '@aws-sdk/client-docdb';
import {
  CopyDBClusterSnapshotCommand,
  CreateDBClusterCommand,
  CreateDBClusterSnapshotCommand,
  DeleteDBClusterSnapshotCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  ModifyDBClusterSnapshotAttributeCommand,
  RDSClient,
  paginateDescribeDBClusterSnapshots,
} from '@aws-sdk/client-rds';
import type {
  CreateDBClusterMessage,
  DBClusterSnapshot,
  DescribeDBClusterSnapshotsMessage,
  Tag,
} from '@aws-sdk/client-rds';
import { present } from '../../layers/engine/src/domain/present.js';
import { databaseControls } from './databases.js';
import type { DatabaseControls } from './databases.js';
import { startEmulator } from './emulator.js';
import type { Emulator } from './emulator.js';

const OURS = '111111111111';
const THEIRS = '222222222222';
const HERE = 'eu-west-1';
const THERE = 'eu-central-1';

/** API references of Amazon RDS and Amazon DocumentDB: the pages that the titles name. */
describe('DB cluster snapshots', () => {
  let emulator: Emulator;
  let databases: DatabaseControls;
  let rds: RDSClient;
  beforeAll(async () => {
    emulator = await startEmulator({ account: OURS, region: HERE });
    databases = databaseControls(emulator);
    rds = client();
  }, 60_000);
  beforeEach(() => emulator.reset());
  afterAll(() => emulator.stop());

  function client(account = OURS, region = HERE): RDSClient {
    return new RDSClient(emulator.clientConfig(account, region));
  }

  async function makeCluster(
    id: string,
    Engine: string,
    more: Partial<CreateDBClusterMessage> = {},
    account = OURS,
  ): Promise<void> {
    const command = {
      DBClusterIdentifier: id,
      Engine,
      MasterUsername: 'owner',
      MasterUserPassword: 'emulator-emulator',
      ...more,
    };
    await client(account).send(new CreateDBClusterCommand(command));
  }

  async function create(id: string, cluster: string, Tags: Tag[] = [], account = OURS): Promise<DBClusterSnapshot> {
    const command = new CreateDBClusterSnapshotCommand({
      DBClusterIdentifier: cluster,
      DBClusterSnapshotIdentifier: id,
      Tags,
    });
    return (await client(account).send(command)).DBClusterSnapshot ?? {};
  }

  async function copy(source: string, target: string, KmsKeyId?: string, to = rds): Promise<DBClusterSnapshot> {
    const names = { SourceDBClusterSnapshotIdentifier: source, TargetDBClusterSnapshotIdentifier: target };
    return (
      (await to.send(new CopyDBClusterSnapshotCommand({ ...names, ...present({ KmsKeyId }) }))).DBClusterSnapshot ?? {}
    );
  }

  async function list(query: DescribeDBClusterSnapshotsMessage = {}): Promise<readonly (string | undefined)[]> {
    const { DBClusterSnapshots = [] } = await rds.send(new DescribeDBClusterSnapshotsCommand(query));
    return DBClusterSnapshots.map(({ DBClusterSnapshotIdentifier }) => DBClusterSnapshotIdentifier);
  }

  const share = (id: string, account = OURS): Promise<unknown> => {
    const shared = {
      DBClusterSnapshotIdentifier: id,
      AttributeName: 'restore',
      ValuesToAdd: [account === OURS ? THEIRS : OURS],
    };
    return client(account).send(new ModifyDBClusterSnapshotAttributeCommand(shared));
  };

  /** A call that AWS refuses whatever there is: the emulator notes it, too. */
  async function illegal(call: Promise<unknown>, name = 'InvalidParameterValue'): Promise<void> {
    await expect(call).rejects.toMatchObject({ name });
    expect(await emulator.takeViolations()).not.toEqual([]);
  }

  const makeKey = async (account = OURS, region = HERE): Promise<string> =>
    String(await emulator.control.send('POST', 'keys', { account, region }));

  it('lists the clusters of all engines together, and by engine; page "DescribeDBClusters"', async () => {
    const engines = ['aurora-mysql', 'aurora-postgresql', 'docdb', 'mysql', 'neptune', 'postgres'];
    for (const engine of engines)
      await makeCluster(`of-${engine}`, engine, { Tags: [{ Key: 'engine', Value: engine }] });
    const { DBClusters = [] } = await rds.send(new DescribeDBClustersCommand({}));
    expect(DBClusters.map(({ Engine }) => Engine)).toEqual(engines);
    expect(DBClusters.map(({ TagList }) => TagList?.[0]?.Value)).toEqual(engines);
    const docdb = new DescribeDBClustersCommand({ Filters: [{ Name: 'engine', Values: ['docdb'] }] });
    expect((await rds.send(docdb)).DBClusters).toMatchObject([{ DBClusterIdentifier: 'of-docdb', Port: 27017 }]);
    expect(await list()).toEqual([]);
  });

  it('lists the snapshots of all engines together, and by engine, on pages; page "DescribeDBClusterSnapshots"', async () => {
    for (const engine of ['aurora-mysql', 'docdb', 'neptune', 'postgres']) {
      await makeCluster(`of-${engine}`, engine);
      await create(`snapshot-of-${engine}`, `of-${engine}`, [{ Key: 'engine', Value: engine }]);
    }
    const automated = await databases.makeAutomatedSnapshot({
      service: 'rds-cluster',
      source: 'of-docdb',
      createdAt: '2026-11-24T02:07:00Z',
    });
    expect(automated).toBe('rds:of-docdb-2026-11-24-02-07');
    expect(await list({ Filters: [{ Name: 'engine', Values: ['docdb'] }] })).toEqual(['snapshot-of-docdb', automated]);
    expect(await list({ SnapshotType: 'automated' })).toEqual([automated]);
    const Values = ['gone', 'snapshot-of-neptune', 'snapshot-of-docdb'];
    expect(await list({ Filters: [{ Name: 'db-cluster-snapshot-id', Values }] })).toEqual([
      'snapshot-of-docdb',
      'snapshot-of-neptune',
    ]);
    await emulator.setPageSize(2);
    const sizes: number[] = [];
    for await (const { DBClusterSnapshots = [] } of paginateDescribeDBClusterSnapshots({ client: rds }, {}))
      sizes.push(DBClusterSnapshots.length);
    expect(sizes).toEqual([2, 2, 1]);
  });

  it('answers with tags and engine, and creates for a while; page "CreateDBClusterSnapshot"', async () => {
    await makeCluster('db', 'aurora-postgresql');
    await databases.setStates({ pendingMs: 1000 });
    const Tags = [{ Key: 'Name', Value: 'a@b' }];
    expect(await create('made', 'db', Tags)).toMatchObject({
      Status: 'creating',
      Engine: 'aurora-postgresql',
      TagList: Tags,
      StorageEncrypted: false,
    });
    expect((await create('second', 'db')).DbClusterResourceId).toMatch(/^cluster-/);
    await emulator.advanceClock(1000);
    const { DBClusterSnapshots } = await rds.send(
      new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: 'made' }),
    );
    expect(DBClusterSnapshots).toMatchObject([{ Status: 'available', TagList: Tags }]);
    expect(DBClusterSnapshots?.[0]).not.toHaveProperty('KmsKeyId');
  });

  it.each(['a'.repeat(64), '1st', 'a--b', 'end-'])('refuses the name %s', async (name) => {
    await makeCluster('db', 'aurora-postgresql');
    await illegal(create(name, 'db'));
    expect((await create('a'.repeat(63), 'db')).DBClusterSnapshotIdentifier).toHaveLength(63);
  });

  it('refuses a name that is taken, a cluster that is gone, and one that is busy', async () => {
    await makeCluster('db', 'aurora-postgresql');
    await create('made', 'db');
    await expect(create('made', 'db')).rejects.toMatchObject({ name: 'DBClusterSnapshotAlreadyExistsFault' });
    await expect(create('other', 'gone')).rejects.toMatchObject({ name: 'DBClusterNotFoundFault' });
    await databases.setDatabaseState({ service: 'rds-cluster', id: 'db', state: 'modifying' });
    await expect(create('other', 'db')).rejects.toMatchObject({ name: 'InvalidDBClusterStateFault' });
  });

  describe('CopyDBClusterSnapshot', () => {
    it('refuses snapshots of Multi-AZ clusters; page "Limitations of Multi-AZ DB clusters for Amazon RDS"', async () => {
      await makeCluster('db', 'mysql');
      await create('made', 'db');
      await expect(copy('made', 'copied')).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    });
    it('refuses a key for what is not encrypted, and no key for what is encrypted to another region', async () => {
      await makeCluster('plain', 'aurora-mysql');
      await makeCluster('secret', 'aurora-mysql', { StorageEncrypted: true, KmsKeyId: await makeKey() });
      await create('open', 'plain');
      const { DBClusterSnapshotArn = '' } = await create('locked', 'secret');
      await expect(copy('open', 'copied', await makeKey())).rejects.toMatchObject({
        name: 'InvalidParameterCombination',
      });
      const there = client(OURS, THERE);
      await expect(copy(DBClusterSnapshotArn, 'copied', undefined, there)).rejects.toMatchObject({
        name: 'InvalidParameterValue',
      });
      const key = await makeKey(OURS, THERE);
      expect(await copy(DBClusterSnapshotArn, 'copied', key, there)).toMatchObject({
        StorageEncrypted: true,
        KmsKeyId: key,
        SourceDBClusterSnapshotArn: DBClusterSnapshotArn,
      });
    });
    it('gives the copy the time of what is copied; AWS CLI reference, "copy-db-cluster-snapshot"', async () => {
      await makeCluster('db', 'aurora-mysql');
      const { DBClusterSnapshotArn = '', SnapshotCreateTime: made } = await create('made', 'db');
      await emulator.advanceClock(3_600_000);
      expect(await copy('made', 'copied')).toMatchObject({ SnapshotCreateTime: made });
      expect(await copy(DBClusterSnapshotArn, 'away', undefined, client(OURS, THERE))).toMatchObject({
        SnapshotCreateTime: made,
      });
    });
    it('refuses more than 5 copies from other regions at a time', async () => {
      await makeCluster('db', 'aurora-mysql');
      const { DBClusterSnapshotArn = '' } = await create('made', 'db');
      await databases.setStates({ pendingMs: 1000 });
      const there = client(OURS, THERE);
      for (let n = 0; n < 5; n += 1) await copy(DBClusterSnapshotArn, `copy-${String(n)}`, undefined, there);
      await expect(copy(DBClusterSnapshotArn, 'more', undefined, there)).rejects.toMatchObject({
        name: 'SnapshotQuotaExceededFault',
      });
    });
    it('copies what another account shares, DocumentDB’s within the region only; page "Copying Amazon DocumentDB cluster snapshots"', async () => {
      const arns = new Map<string, string>();
      for (const engine of ['docdb', 'aurora-mysql']) {
        await makeCluster(`of-${engine}`, engine, {}, THEIRS);
        arns.set(engine, (await create(`theirs-${engine}`, `of-${engine}`, [], THEIRS)).DBClusterSnapshotArn ?? '');
        await expect(copy(arns.get(engine) ?? '', `here-${engine}`)).rejects.toMatchObject({
          name: 'DBClusterSnapshotNotFoundFault',
        });
        await share(`theirs-${engine}`, THEIRS);
        await copy(arns.get(engine) ?? '', `here-${engine}`);
      }
      const there = client(OURS, THERE);
      expect(await copy(arns.get('aurora-mysql') ?? '', 'away', undefined, there)).toMatchObject({
        Engine: 'aurora-mysql',
      });
      await expect(copy(arns.get('docdb') ?? '', 'away-docdb', undefined, there)).rejects.toMatchObject({
        name: 'InvalidParameterCombination',
      });
    });
  });

  it('deletes what is available, and shares no automated one; pages "DeleteDBClusterSnapshot", "ModifyDBClusterSnapshotAttribute"', async () => {
    await makeCluster('db', 'aurora-postgresql');
    await create('made', 'db');
    const remove = (DBClusterSnapshotIdentifier: string): Promise<unknown> =>
      rds.send(new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier }));
    const automated = await databases.makeAutomatedSnapshot({ service: 'rds-cluster', source: 'db' });
    await expect(share(automated)).rejects.toMatchObject({ name: 'InvalidDBClusterSnapshotStateFault' });
    await expect(remove(automated)).rejects.toMatchObject({ name: 'InvalidDBClusterSnapshotStateFault' });
    await remove('made');
    await expect(remove('made')).rejects.toMatchObject({ name: 'DBClusterSnapshotNotFoundFault' });
  });

  describe('through the client of DocumentDB', () => {
    const docdb = (region = HERE): DocDBClient => new DocDBClient(emulator.clientConfig(OURS, region));
    const made = async (Tags: Tag[] = []): Promise<string> => {
      const command = new CreateDocdbSnapshotCommand({
        DBClusterIdentifier: 'db',
        DBClusterSnapshotIdentifier: 'made',
        Tags,
      });
      return (await docdb().send(command)).DBClusterSnapshot?.DBClusterSnapshotArn ?? '';
    };
    beforeEach(async () => {
      const cluster = {
        DBClusterIdentifier: 'db',
        Engine: 'docdb',
        MasterUsername: 'owner',
        MasterUserPassword: 'emulator-emulator',
      };
      await docdb().send(new CreateDocdbClusterCommand(cluster));
    });

    it('takes tags without @; page "Tag" of Amazon DocumentDB', async () => {
      await illegal(made([{ Key: 'k', Value: 'a@b' }]));
      await made([{ Key: 'k', Value: 'a b' }]);
      const { DBClusterSnapshots } = await rds.send(new DescribeDBClusterSnapshotsCommand({}));
      expect(DBClusterSnapshots).toMatchObject([{ Engine: 'docdb', TagList: [{ Key: 'k', Value: 'a b' }] }]);
    });
    it('wants a signed address to copy from another region, which the client makes of an ARN', async () => {
      const copied = { SourceDBClusterSnapshotIdentifier: await made(), TargetDBClusterSnapshotIdentifier: 'copied' };
      // Without a key the client signs it wrongly: see presigned-urls.test.ts.
      await expect(docdb(THERE).send(new CopyDocdbSnapshotCommand(copied))).rejects.toMatchObject({
        message: 'PreSignedurl could not be authenticated',
      });
      const [call] = await emulator.calls({ action: 'CopyDBClusterSnapshot' });
      expect(call?.parameters).toHaveProperty('PreSignedUrl');
      // No client leaves it out.
      const authorization = `AWS4-HMAC-SHA256 Credential=${OURS}/20261124/${THERE}/rds/aws4_request`;
      const body = new URLSearchParams({
        Action: 'CopyDBClusterSnapshot',
        Version: '2014-10-31',
        ...copied,
        TargetDBClusterSnapshotIdentifier: 'unsigned',
      });
      const refused = await fetch(emulator.endpoint, { method: 'POST', headers: { authorization }, body });
      expect([refused.status, await refused.text()]).toEqual([
        400,
        expect.stringContaining('<Code>InvalidParameterValue</Code>'),
      ]);
    });
  });
});
