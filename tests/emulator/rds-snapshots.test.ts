import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AddTagsToResourceCommand,
  CopyDBSnapshotCommand,
  CreateDBInstanceCommand,
  CreateDBSnapshotCommand,
  CreateOptionGroupCommand,
  DeleteDBSnapshotCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  ModifyDBSnapshotAttributeCommand,
  ModifyOptionGroupCommand,
  RDSClient,
  StopDBInstanceCommand,
  paginateDescribeDBSnapshots,
} from '@aws-sdk/client-rds';
import type {
  CreateDBInstanceMessage,
  CreateDBSnapshotMessage,
  DBSnapshot,
  DescribeDBSnapshotsMessage,
} from '@aws-sdk/client-rds';
import { databaseControls } from './databases.js';
import type { DatabaseControls } from './databases.js';
import { startEmulator } from './emulator.js';
import type { Emulator } from './emulator.js';

const OURS = '111111111111';
const THEIRS = '222222222222';
const HERE = 'eu-west-1';
const THERE = 'eu-central-1';

/** API reference of Amazon RDS: the pages that the titles name. */
describe('DB snapshots', () => {
  let emulator: Emulator;
  let databases: DatabaseControls;
  let rds: RDSClient;
  beforeAll(async () => {
    emulator = await startEmulator({ account: OURS, region: HERE });
    databases = databaseControls(emulator);
    rds = client();
  }, 60_000);
  beforeEach(async () => {
    await emulator.reset();
    await makeInstance('db');
  });
  afterAll(() => emulator.stop());

  function client(account = OURS, region = HERE): RDSClient {
    return new RDSClient(emulator.clientConfig(account, region));
  }

  async function makeInstance(id: string, more: Partial<CreateDBInstanceMessage> = {}, account = OURS): Promise<void> {
    const command = {
      DBInstanceIdentifier: id,
      DBInstanceClass: 'db.t4g.micro',
      Engine: 'postgres',
      AllocatedStorage: 20,
      MasterUsername: 'owner',
      MasterUserPassword: 'emulator-emulator',
    };
    await client(account).send(new CreateDBInstanceCommand({ ...command, ...more }));
  }

  async function create(id: string, more: Partial<CreateDBSnapshotMessage> = {}, account = OURS): Promise<DBSnapshot> {
    const command = new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'db', DBSnapshotIdentifier: id, ...more });
    return (await client(account).send(command)).DBSnapshot ?? {};
  }

  async function list(query: DescribeDBSnapshotsMessage = {}): Promise<readonly (string | undefined)[]> {
    return ((await rds.send(new DescribeDBSnapshotsCommand(query))).DBSnapshots ?? []).map(
      ({ DBSnapshotIdentifier }) => DBSnapshotIdentifier,
    );
  }

  /** A call that AWS refuses whatever there is: the emulator notes it, too. */
  async function illegal(call: Promise<unknown>, name = 'InvalidParameterValue'): Promise<void> {
    await expect(call).rejects.toMatchObject({ name });
    expect(await emulator.takeViolations()).not.toEqual([]);
  }

  async function makeKey(account = OURS, region = HERE): Promise<string> {
    return String(await emulator.control.send('POST', 'keys', { account, region }));
  }

  const share = (DBSnapshotIdentifier: string, ValuesToAdd: string[], account = OURS): Promise<unknown> =>
    client(account).send(
      new ModifyDBSnapshotAttributeCommand({ DBSnapshotIdentifier, AttributeName: 'restore', ValuesToAdd }),
    );

  describe('CreateDBSnapshot', () => {
    it('creates for a while, and is available then', async () => {
      await databases.setStates({ pendingMs: 1000 });
      expect(await create('made')).toMatchObject({ Status: 'creating', PercentProgress: 0, SnapshotType: 'manual' });
      await emulator.advanceClock(1000);
      const { DBSnapshots } = await rds.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'made' }));
      expect(DBSnapshots).toMatchObject([
        { Status: 'available', PercentProgress: 100, DBInstanceIdentifier: 'db', Engine: 'postgres', Encrypted: false },
      ]);
    });
    it('fails where it is so set, for one database', async () => {
      await makeInstance('other');
      await databases.setStates({ perSource: { db: { outcome: 'failed' } } });
      await create('one');
      await create('two', { DBInstanceIdentifier: 'other' });
      const { DBSnapshots = [] } = await rds.send(new DescribeDBSnapshotsCommand({}));
      expect(DBSnapshots.map(({ Status }) => Status)).toEqual(['failed', 'available']);
    });
    it('answers with the tags, in calls that make and that list', async () => {
      const Tags = [{ Key: 'Name', Value: 'Öl 東京 a@b' }];
      expect((await create('made', { Tags })).TagList).toEqual(Tags);
      const { DBSnapshots } = await rds.send(new DescribeDBSnapshotsCommand({}));
      expect(DBSnapshots?.[0]?.TagList).toEqual(Tags);
    });
    it.each(['1st', 'a--b', 'end-', 'under_score', 'a'.repeat(256), 'dot.dot'])('refuses the name %s', async (name) => {
      await illegal(create(name));
    });
    it('takes a name of 255 characters, and lowers it', async () => {
      expect((await create('A'.repeat(255))).DBSnapshotIdentifier).toBe('a'.repeat(255));
    });
    it.each([
      ['a comma', [{ Key: 'k', Value: 'a,b' }]],
      ['a tab', [{ Key: 'k', Value: 'a\tb' }]],
      ['the prefix aws:', [{ Key: 'aws:k', Value: 'v' }]],
      ['a key of 129 characters', [{ Key: 'k'.repeat(129), Value: 'v' }]],
      ['a value of 257 characters', [{ Key: 'k', Value: 'v'.repeat(257) }]],
      [
        'a key twice',
        [
          { Key: 'k', Value: '1' },
          { Key: 'k', Value: '2' },
        ],
      ],
      ['51 tags', Array.from({ length: 51 }, (_, n) => ({ Key: `k${String(n)}`, Value: 'v' }))],
    ])('refuses %s, and makes nothing', async (_what, Tags) => {
      await illegal(create('made', { Tags }));
      expect(await list()).toEqual([]);
    });
    it('refuses a name that is taken, a database that is gone, and one that is busy', async () => {
      await create('made');
      await expect(create('made')).rejects.toMatchObject({ name: 'DBSnapshotAlreadyExistsFault' });
      await expect(create('other', { DBInstanceIdentifier: 'gone' })).rejects.toMatchObject({
        name: 'DBInstanceNotFoundFault',
      });
      await databases.setDatabaseState({ service: 'rds', id: 'db', state: 'modifying' });
      await expect(create('other')).rejects.toMatchObject({ name: 'InvalidDBInstanceStateFault' });
    });
    it('takes a database that is stopped', async () => {
      await rds.send(new StopDBInstanceCommand({ DBInstanceIdentifier: 'db' }));
      expect((await create('made')).Status).toBe('creating');
    });
    it('refuses more manual snapshots than the quota', async () => {
      await databases.setQuotas({ rds: 1 });
      await databases.makeAutomatedSnapshot({ service: 'rds', source: 'db' });
      await create('made');
      await expect(create('other')).rejects.toMatchObject({ name: 'SnapshotQuotaExceededFault' });
    });
    it('is of the database by its one and only id', async () => {
      await makeInstance('other');
      const { DBInstances = [] } = await rds.send(new DescribeDBInstancesCommand({}));
      const ids = DBInstances.map(({ DbiResourceId }) => DbiResourceId);
      expect(new Set(ids).size).toBe(2);
      expect((await create('made')).DbiResourceId).toBe(ids[0]);
    });
  });

  describe('CopyDBSnapshot', () => {
    const copy = async (source: string, target: string, more: object = {}, to = client()): Promise<DBSnapshot> =>
      (
        await to.send(
          new CopyDBSnapshotCommand({
            SourceDBSnapshotIdentifier: source,
            TargetDBSnapshotIdentifier: target,
            ...more,
          }),
        )
      ).DBSnapshot ?? {};

    it('makes a manual snapshot of an automated one, with its own tags and the time that the data is of', async () => {
      const source = await databases.makeAutomatedSnapshot({
        service: 'rds',
        source: 'db',
        createdAt: '2026-11-24T02:07:00Z',
      });
      expect(source).toBe('rds:db-2026-11-24-02-07');
      const Tags = [{ Key: 'a', Value: '1' }];
      const copied = await copy(source, 'copied', { Tags });
      expect(copied).toMatchObject({
        SnapshotType: 'manual',
        TagList: Tags,
        OriginalSnapshotCreateTime: new Date('2026-11-24T02:07:00Z'),
      });
      expect(copied.SourceDBSnapshotIdentifier).toBeUndefined();
    });
    it('copies to another region by ARN, and is copying meanwhile', async () => {
      const { DBSnapshotArn = '' } = await create('made');
      await databases.setStates({ pendingMs: 1000 });
      const copied = await copy(DBSnapshotArn, 'made', {}, client(OURS, THERE));
      expect(copied).toMatchObject({
        Status: 'copying',
        SourceRegion: HERE,
        SourceDBSnapshotIdentifier: DBSnapshotArn,
      });
      expect(copied.DBSnapshotArn).toBe(`arn:aws:rds:${THERE}:${OURS}:snapshot:made`);
    });
    it('refuses a source that is gone or of another region by name, one that is not available, and a name that is taken', async () => {
      await create('made');
      await expect(copy('gone', 'copied')).rejects.toMatchObject({ name: 'DBSnapshotNotFoundFault' });
      await expect(copy('made', 'copied', {}, client(OURS, THERE))).rejects.toMatchObject({
        name: 'DBSnapshotNotFoundFault',
      });
      await expect(copy('made', 'made')).rejects.toMatchObject({ name: 'DBSnapshotAlreadyExistsFault' });
      await databases.setSnapshot({ service: 'rds', id: 'made', state: 'creating' });
      await expect(copy('made', 'copied')).rejects.toMatchObject({ name: 'InvalidDBSnapshotStateFault' });
    });
    it('refuses more than 20 copies from other regions at a time, by the code of the full quota', async () => {
      const { DBSnapshotArn = '' } = await create('made');
      await databases.setStates({ pendingMs: 1000 });
      const there = client(OURS, THERE);
      for (let n = 0; n < 20; n += 1) await copy(DBSnapshotArn, `copy-${String(n)}`, {}, there);
      await expect(copy(DBSnapshotArn, 'more', {}, there)).rejects.toMatchObject({
        name: 'SnapshotQuotaExceededFault',
      });
      await emulator.advanceClock(1000);
      await copy(DBSnapshotArn, 'more', {}, there);
    });
    it('encrypts where a key is given, and not with a key of another region', async () => {
      await create('made');
      const key = await makeKey();
      expect(await copy('made', 'copied', { KmsKeyId: key })).toMatchObject({ Encrypted: true, KmsKeyId: key });
      const other = await makeKey(OURS, THERE);
      await expect(copy('made', 'other', { KmsKeyId: other })).rejects.toMatchObject({
        name: 'KMSKeyNotAccessibleFault',
      });
    });
    it('wants a key for an encrypted copy to another region, and keeps the key within one', async () => {
      const key = await makeKey();
      await makeInstance('secret', { StorageEncrypted: true, KmsKeyId: key });
      const { DBSnapshotArn = '' } = await create('made', { DBInstanceIdentifier: 'secret' });
      await expect(copy(DBSnapshotArn, 'copied', {}, client(OURS, THERE))).rejects.toMatchObject({
        name: 'InvalidParameterValue',
      });
      expect(await copy('made', 'copied')).toMatchObject({ Encrypted: true, KmsKeyId: key });
    });
    it('copies what another account shares, and nothing that it does not', async () => {
      await makeInstance('db', {}, THEIRS);
      const { DBSnapshotArn = '' } = await create('theirs', {}, THEIRS);
      await expect(copy(DBSnapshotArn, 'copied')).rejects.toMatchObject({ name: 'DBSnapshotNotFoundFault' });
      await share('theirs', [OURS], THEIRS);
      expect(await copy(DBSnapshotArn, 'copied')).toMatchObject({
        DBSnapshotArn: `arn:aws:rds:${HERE}:${OURS}:snapshot:copied`,
      });
      await copy(DBSnapshotArn, 'away', {}, client(OURS, THERE));
    });
    it('wants a key of our own for what another account shares encrypted', async () => {
      await makeInstance('db', { StorageEncrypted: true, KmsKeyId: await makeKey(THEIRS) }, THEIRS);
      const { DBSnapshotArn = '' } = await create('theirs', {}, THEIRS);
      await share('theirs', [OURS], THEIRS);
      await expect(copy(DBSnapshotArn, 'copied')).rejects.toMatchObject({ name: 'KMSKeyNotAccessibleFault' });
      const key = await makeKey();
      expect(await copy(DBSnapshotArn, 'copied', { KmsKeyId: key })).toMatchObject({ Encrypted: true, KmsKeyId: key });
    });
  });

  describe('DescribeDBSnapshots', () => {
    it('lists by type, and others’ only where they are asked for', async () => {
      await create('manual');
      const automated = await databases.makeAutomatedSnapshot({ service: 'rds', source: 'db' });
      await makeInstance('db', {}, THEIRS);
      await create('theirs', {}, THEIRS);
      await create('secret', {}, THEIRS);
      await share('theirs', [OURS], THEIRS);
      expect(await list()).toEqual(['manual', automated]);
      expect(await list({ SnapshotType: 'manual' })).toEqual(['manual']);
      expect(await list({ SnapshotType: 'automated' })).toEqual([automated]);
      expect(await list({ SnapshotType: 'shared' })).toEqual(['theirs']);
      expect(await list({ IncludeShared: true })).toEqual(['manual', automated, 'theirs']);
      const arn = `arn:aws:rds:${HERE}:${THEIRS}:snapshot:theirs`;
      expect(await list({ DBSnapshotIdentifier: arn, IncludeShared: true })).toEqual(['theirs']);
    });
    it('leaves out by a filter what is gone, and fails by an id of it', async () => {
      await create('made');
      expect(await list({ Filters: [{ Name: 'db-snapshot-id', Values: ['gone', 'made'] }] })).toEqual(['made']);
      expect(await list({ Filters: [{ Name: 'db-snapshot-id', Values: ['gone'] }] })).toEqual([]);
      await expect(list({ DBSnapshotIdentifier: 'gone' })).rejects.toMatchObject({ name: 'DBSnapshotNotFoundFault' });
      await expect(list({ Filters: [{ Name: 'tag:Name', Values: ['x'] }] })).rejects.toMatchObject({
        name: 'InvalidParameterValue',
      });
    });
    it('filters by engine and by database', async () => {
      await makeInstance('other', { Engine: 'mysql' });
      await create('one');
      await create('two', { DBInstanceIdentifier: 'other' });
      expect(await list({ Filters: [{ Name: 'engine', Values: ['mysql'] }] })).toEqual(['two']);
      expect(await list({ Filters: [{ Name: 'db-instance-id', Values: ['db'] }] })).toEqual(['one']);
      expect(await list({ DBInstanceIdentifier: 'other' })).toEqual(['two']);
    });
    it('gives pages of 100, or of what is asked from 20 to 100, or of what is imposed', async () => {
      for (let n = 0; n < 101; n += 1) await create(`s-${String(n)}`);
      const sizes = async (): Promise<number[]> => {
        const found: number[] = [];
        for await (const { DBSnapshots = [] } of paginateDescribeDBSnapshots({ client: rds }, {}))
          found.push(DBSnapshots.length);
        return found;
      };
      expect(await sizes()).toEqual([100, 1]);
      await emulator.setPageSize(40);
      expect(await sizes()).toEqual([40, 40, 21]);
      await illegal(list({ MaxRecords: 19 }));
      await expect(list({ Marker: 'none' })).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    }, 30_000);
  });

  describe('ModifyDBSnapshotAttribute', () => {
    it('shares with at most 20 accounts, once each', async () => {
      await create('made');
      const accounts = Array.from({ length: 20 }, (_, n) => String(300_000_000_000 + n));
      await share('made', accounts);
      await share('made', accounts.slice(0, 1));
      await expect(share('made', ['400000000000'])).rejects.toMatchObject({ name: 'SharedSnapshotQuotaExceededFault' });
    });
    it('refuses automated snapshots, unfinished ones, and those under the key that AWS manages', async () => {
      const automated = await databases.makeAutomatedSnapshot({ service: 'rds', source: 'db' });
      await expect(share(automated, [THEIRS])).rejects.toMatchObject({ name: 'InvalidDBSnapshotStateFault' });
      await create('made');
      await databases.setSnapshot({ service: 'rds', id: 'made', state: 'creating' });
      await expect(share('made', [THEIRS])).rejects.toMatchObject({ name: 'InvalidDBSnapshotStateFault' });
      await makeInstance('secret', { StorageEncrypted: true });
      await create('locked', { DBInstanceIdentifier: 'secret' });
      await expect(share('locked', [THEIRS])).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
    });
  });

  describe('DeleteDBSnapshot', () => {
    const remove = (DBSnapshotIdentifier: string): Promise<unknown> =>
      rds.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier }));

    it('deletes what is available, and nothing that is being made, failed, automated or gone', async () => {
      await create('made');
      await databases.setSnapshot({ service: 'rds', id: 'made', state: 'creating' });
      await expect(remove('made')).rejects.toMatchObject({ name: 'InvalidDBSnapshotStateFault' });
      await databases.setSnapshot({ service: 'rds', id: 'made', state: 'failed' });
      await expect(remove('made')).rejects.toMatchObject({ name: 'InvalidDBSnapshotStateFault' });
      await databases.setSnapshot({ service: 'rds', id: 'made', state: 'available' });
      await remove('made');
      await expect(remove('made')).rejects.toMatchObject({ name: 'DBSnapshotNotFoundFault' });
      const automated = await databases.makeAutomatedSnapshot({ service: 'rds', source: 'db' });
      await expect(remove(automated)).rejects.toMatchObject({ name: 'InvalidDBSnapshotStateFault' });
    });
  });

  describe('AddTagsToResource', () => {
    it('checks the tags with those that are there', async () => {
      const { DBSnapshotArn: ResourceName } = await create('made', {
        Tags: Array.from({ length: 50 }, (_, n) => ({ Key: `k${String(n)}`, Value: 'v' })),
      });
      await rds.send(new AddTagsToResourceCommand({ ResourceName, Tags: [{ Key: 'k0', Value: 'new' }] }));
      const add = (Tags: { Key: string; Value: string }[], to = ResourceName): Promise<unknown> =>
        rds.send(new AddTagsToResourceCommand({ ResourceName: to, Tags }));
      await expect(add([{ Key: 'k50', Value: 'v' }])).rejects.toMatchObject({ name: 'InvalidParameterValue' });
      await illegal(add([{ Key: 'k0', Value: 'a,b' }]));
      await expect(add([], `arn:aws:rds:${HERE}:${OURS}:snapshot:gone`)).rejects.toMatchObject({
        name: 'DBSnapshotNotFoundFault',
      });
    });
  });

  it('are left out by a filter when they are gone, or refused, as no page says which; page "DescribeDBSnapshots"', async () => {
    await create('made');
    const Filters = [{ Name: 'db-snapshot-id', Values: ['made', 'gone'] }];
    expect(await list({ Filters })).toEqual(['made']);
    await emulator.setBehaviours({ filtersRefuseWhatIsGone: true });
    await expect(list({ Filters })).rejects.toMatchObject({ name: 'DBSnapshotNotFoundFault' });
    expect(await list({ Filters: [{ Name: 'db-snapshot-id', Values: ['made'] }] })).toEqual(['made']);
  });

  describe('CopyDBSnapshot and RDS Custom', () => {
    it('copies nothing of Oracle; page "CopyDBSnapshot"', async () => {
      await makeInstance('custom', { Engine: 'custom-oracle-ee', EngineVersion: '19.cev' });
      const { DBSnapshotArn = '' } = await create('made', { DBInstanceIdentifier: 'custom' });
      for (const region of [HERE, THERE]) {
        const copied = client(OURS, region).send(
          new CopyDBSnapshotCommand({
            SourceDBSnapshotIdentifier: DBSnapshotArn,
            TargetDBSnapshotIdentifier: 'copied',
          }),
        );
        await expect(copied).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
      }
    });
    it('copies SQL Server to other regions alone, without groups; page "Copying an Amazon RDS Custom for SQL Server DB snapshot"', async () => {
      await makeInstance('custom', { Engine: 'custom-sqlserver-ee', EngineVersion: '15.00.cev' });
      const { DBSnapshotArn = '' } = await create('made', { DBInstanceIdentifier: 'custom' });
      const input = { SourceDBSnapshotIdentifier: DBSnapshotArn, TargetDBSnapshotIdentifier: 'copied' };
      const refused = { name: 'InvalidParameterCombination' };
      const there = client(OURS, THERE);
      await expect(rds.send(new CopyDBSnapshotCommand(input))).rejects.toMatchObject(refused);
      await expect(there.send(new CopyDBSnapshotCommand({ ...input, CopyOptionGroup: true }))).rejects.toMatchObject(
        refused,
      );
      expect((await there.send(new CopyDBSnapshotCommand(input))).DBSnapshot).toMatchObject({
        Engine: 'custom-sqlserver-ee',
      });
    });
  });

  it('asks for a group that is there, and for one by name where it has TDE; page "CopyDBSnapshot", OptionGroupName', async () => {
    const engine = { EngineName: 'oracle-ee', MajorEngineVersion: '19', OptionGroupDescription: 'ours' };
    const there = client(OURS, THERE);
    await rds.send(new CreateOptionGroupCommand({ OptionGroupName: 'with-tde', ...engine }));
    const options = { OptionsToInclude: [{ OptionName: 'TDE' }] };
    await rds.send(new ModifyOptionGroupCommand({ OptionGroupName: 'with-tde', ...options }));
    await there.send(new CreateOptionGroupCommand({ OptionGroupName: 'theirs', ...engine }));
    await makeInstance('secret', { Engine: 'oracle-ee', OptionGroupName: 'with-tde' });
    const { DBSnapshotArn = '' } = await create('made', { DBInstanceIdentifier: 'secret' });
    const copy = async (more: object): Promise<string | undefined> => {
      const input = { SourceDBSnapshotIdentifier: DBSnapshotArn, TargetDBSnapshotIdentifier: 'copied', ...more };
      return (await there.send(new CopyDBSnapshotCommand(input))).DBSnapshot?.OptionGroupName;
    };
    await expect(copy({})).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
    await expect(copy({ CopyOptionGroup: true })).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
    await expect(copy({ OptionGroupName: 'absent' })).rejects.toMatchObject({ name: 'OptionGroupNotFoundFault' });
    expect(await copy({ OptionGroupName: 'theirs' })).toBe('theirs');
  });
});
