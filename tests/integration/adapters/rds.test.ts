import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CreateDBClusterCommand,
  CreateOptionGroupCommand,
  DeleteDBInstanceCommand,
  DescribeDBSnapshotsCommand,
  ModifyOptionGroupCommand,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds';
import type { Backup, CreatedBackup, Tags } from '@shelvery/engine/terminal';
import { ResourceId } from '@shelvery/engine/terminal';
import { createRdsAdapter } from '../../../functions/rds/adapter.js';
import { present } from '../../../layers/engine/src/domain/present.js';
import { adapterContract } from '../../contract/adapter.js';
import { databaseContract } from '../../contract/adapter-databases.js';
import { rejection, understood } from '../../contract/expectations.js';
import { DR_REGION, HOME, OTHER_ACCOUNT, PREFIX, marked, plannedFor, resourceOf } from '../../contract/harness.js';
import { accessOf, startRds } from './rds.harness.js';
import type { RdsHarness } from './rds.harness.js';
import { wireContract, wireContractOfDatabases } from './wire-contract.js';

adapterContract('rds', startRds, wireContract);

describe('the RDS adapter', () => {
  let harness: RdsHarness;
  beforeAll(async () => {
    harness = await startRds();
  }, 60_000);
  beforeEach(async () => {
    await harness.reset();
    // Each case is a run of its own: automated snapshots are listed once in one.
    harness = { ...harness, adapter: createRdsAdapter({ access: harness.account.access, prefix: PREFIX }) };
  });
  afterAll(() => harness.stop());

  databaseContract(() => harness, { snapshotsTell: true });
  wireContractOfDatabases(() => harness);

  const SNAPSHOT_TIME = `${PREFIX}:snapshot_time`;
  const creating = (tags: Tags = {}): Tags =>
    marked({ [`${PREFIX}:config:shelvery_rds_backup_mode`]: 'RDS_CREATE_SNAPSHOT', ...tags });

  async function backUp(id: string, tags: Tags = marked()): Promise<CreatedBackup> {
    return harness.adapter.createBackup(plannedFor(harness.adapter, resourceOf(ResourceId.parse(id), tags)));
  }

  const automated = (source: string, createdAt: string, state = 'available'): Promise<string> =>
    harness.databases.makeAutomatedSnapshot({ service: 'rds', source, createdAt, state });

  const copies = (): ReturnType<RdsHarness['account']['emulator']['calls']> =>
    harness.account.emulator.calls({ action: 'CopyDBSnapshot' });

  it('tells the storage of the instance as the size of its snapshot', async () => {
    const id = await harness.makeResource(marked());
    await backUp(id, creating());
    expect(await harness.adapter.listBackups(HOME.region)).toMatchObject([{ sizeGib: 20 }]);
  });

  it('skips members of clusters', async () => {
    const cluster = {
      DBClusterIdentifier: 'cluster',
      Engine: 'aurora-postgresql',
      MasterUsername: 'owner',
      MasterUserPassword: 'emulator-emulator',
    };
    await harness.client(HOME.region).send(new CreateDBClusterCommand(cluster));
    await harness.makeInstance('member', marked(), { DBClusterIdentifier: 'cluster', Engine: 'aurora-postgresql' });
    await harness.makeInstance('alone', marked());
    await harness.setPageSize(2);
    expect((await harness.adapter.listResources()).map(({ id }) => id)).toEqual(['alone']);
    const both = ['member', 'alone'].map((id) => ResourceId.parse(id));
    expect([...(await harness.adapter.findResources(both)).keys()]).toEqual(['alone']);
  });

  describe('copying the newest automated snapshot', () => {
    it('takes the newest that is available, in whatever order the service lists, and tells its time', async () => {
      await harness.makeInstance('db', marked());
      await harness.makeInstance('other', marked());
      await automated('db', '2026-11-22T02:00:00Z');
      const newest = await automated('db', '2026-11-23T02:07:00Z');
      await automated('db', '2026-11-21T02:00:00Z');
      await automated('db', '2026-11-24T02:00:00Z', 'creating');
      await automated('other', '2026-11-24T01:00:00Z');
      await harness.setPageSize(2);
      const { found, note } = await backUp('db');
      expect(note).toBeUndefined();
      const [call] = await copies();
      expect(call?.parameters).toMatchObject({ SourceDBSnapshotIdentifier: newest });
      expect(call?.parameters).not.toHaveProperty('CopyOptionGroup');
      expect(found.tags[SNAPSHOT_TIME]).toBe('2026-11-23-0207');
      expect(found.tags[`${PREFIX}:date_created`]).toBe('2026-11-24-0301');
      expect((await harness.stored(HOME.region)).get(found.id)).toEqual(found.tags);
    });
    it('tells the time of the data of a copy, and not that of the copying alone', async () => {
      await harness.makeInstance('db', marked());
      await automated('db', '2026-11-23T02:07:00Z');
      const { found } = await backUp('db');
      const copy = (await harness.adapter.describeBackups(HOME.region, [found.id])).get(found.id);
      expect(copy?.dataTime).toEqual(new Date('2026-11-23T02:07:00Z'));
      expect(copy?.startedAt?.getTime()).toBeGreaterThan(Date.parse('2026-11-23T02:07:00Z'));
    });
    it('lists the automated ones once for all databases', async () => {
      for (const id of ['one', 'two', 'three']) {
        await harness.makeInstance(id, marked());
        await automated(id, '2026-11-24T02:00:00Z');
      }
      await harness.adapter.listResources();
      await harness.forgetCalls();
      await Promise.all(['one', 'two', 'three'].map((id) => backUp(id)));
      expect([...(await harness.calls())]).toEqual([
        ['DescribeDBSnapshots', 1],
        ['CopyDBSnapshot', 3],
      ]);
    });
    it('makes a snapshot where there is none, and says so', async () => {
      await harness.makeInstance('db', marked());
      await automated('db', '2026-11-24T02:00:00Z', 'creating');
      const { found, note } = await backUp('db');
      expect(note).toContain('db has no available automated snapshot');
      expect(found.tags).not.toHaveProperty([SNAPSHOT_TIME]);
    });
    it('backs up a database that is busy', async () => {
      await harness.makeInstance('db', marked());
      await automated('db', '2026-11-24T02:00:00Z');
      await harness.databases.setDatabaseState({ service: 'rds', id: 'db', state: 'modifying' });
      expect((await backUp('db')).found.state).toBe('pending');
    });
    it('makes a snapshot where the automated one is gone before it could be copied, and says so', async () => {
      await harness.makeInstance('db', marked());
      await automated('db', '2026-11-24T02:00:00Z');
      await harness.faultNext('CopyDBSnapshot', { refuse: 'DBSnapshotNotFound' });
      const { found, note } = await backUp('db');
      expect(note).toContain('was gone before it could be copied');
      expect((await harness.stored(HOME.region)).get(found.id)).toEqual(found.tags);
    });
    it('takes no snapshot of an earlier database of the same name', async () => {
      await harness.makeInstance('db', marked());
      await automated('db', '2026-11-24T02:00:00Z');
      const gone = { DBInstanceIdentifier: 'db', SkipFinalSnapshot: true, DeleteAutomatedBackups: false };
      await harness.client(HOME.region).send(new DeleteDBInstanceCommand(gone));
      await harness.makeInstance('db', marked());
      const left = new DescribeDBSnapshotsCommand({ SnapshotType: 'automated', DBInstanceIdentifier: 'db' });
      expect((await harness.client(HOME.region).send(left)).DBSnapshots).toHaveLength(1);
      await harness.adapter.listResources();
      expect((await backUp('db')).note).toContain('no available automated snapshot');
    });
  });

  describe('making a snapshot', () => {
    it('leaves automated ones alone where it is so configured', async () => {
      await harness.makeInstance('db', creating());
      await automated('db', '2026-11-24T02:00:00Z');
      await harness.forgetCalls();
      expect((await backUp('db', creating())).note).toBeUndefined();
      expect([...(await harness.calls())]).toEqual([['CreateDBSnapshot', 1]]);
    });
    it('takes a database that is stopped', async () => {
      await harness.makeInstance('db', creating());
      await harness.client(HOME.region).send(new StopDBInstanceCommand({ DBInstanceIdentifier: 'db' }));
      expect((await backUp('db', creating())).found.state).toBe('pending');
    });
    it('fails by a name that stands for the state, where the service refuses it', async () => {
      await harness.makeInstance('db', creating());
      await harness.databases.setDatabaseState({ service: 'rds', id: 'db', state: 'modifying' });
      expect(harness.adapter.faults.invalidState).toContain((await rejection(backUp('db', creating()))).name);
    });
    it('fails by a name that stands for the quota, where that is full', async () => {
      await harness.makeInstance('db', creating());
      await harness.databases.setQuotas({ rds: 0 });
      const { name } = await rejection(backUp('db', creating()));
      expect(harness.adapter.faults.quota[name]).toContain('manual DB instance snapshots');
    });
    it('writes values in the alphabet of the service', async () => {
      const tags = creating({
        Name: 'Müller Öl 東京',
        note: 'a@b.c/d=e+f',
        [`${PREFIX}:config:shelvery_dr_regions`]: 'eu-central-1 us-east-1',
      });
      await harness.makeInstance('db', tags);
      const { found } = await backUp('db', tags);
      expect(found.tags).toMatchObject({
        ResourceName: 'Müller Öl 東京',
        note: 'a@b.c/d=e+f',
        [`${PREFIX}:dr_regions`]: 'eu-central-1 us-east-1',
      });
      expect((await harness.stored(HOME.region)).get(found.id)).toEqual(found.tags);
    });
    it("takes names so long that a copy's tag can still name them", async () => {
      const tags = creating({ Name: 'n'.repeat(256) });
      await harness.makeInstance('db', tags);
      expect((await backUp('db', tags)).found.id).toHaveLength(240);
    });
  });

  describe('RDS Custom', () => {
    const make = async (id: string, engine: string): Promise<void> => {
      const more = {
        Engine: engine,
        EngineVersion: '19.cev',
        StorageEncrypted: true,
        KmsKeyId: await harness.makeKey(HOME.region),
      };
      await harness.makeInstance(id, marked(), more);
      await automated(id, '2026-11-24T02:00:00Z');
    };
    const copyAway = async (source: Backup): Promise<CreatedBackup | undefined> =>
      harness.adapter.copyToRegion?.({
        source,
        toRegion: DR_REGION,
        name: source.name,
        tags: source.found.tags,
        encrypt: true,
        kmsKeyId: await harness.makeKey(DR_REGION),
      });

    it.each(['custom-oracle-ee', 'custom-sqlserver-se'])(
      'has its own snapshots made, and no automated one copied, which is said once (%s)',
      async (engine) => {
        await make('first', engine);
        await make('second', engine);
        const notes = [(await backUp('first')).note, (await backUp('second')).note];
        expect(notes).toEqual([expect.stringContaining('first is an RDS Custom instance'), undefined]);
        expect(await copies()).toEqual([]);
        expect((await harness.calls()).get('CreateDBSnapshot')).toBe(2);
      },
    );
    it('of Oracle is copied nowhere: that is refused before the call', async () => {
      await make('db', 'custom-oracle-ee');
      const source = understood((await backUp('db')).found);
      expect(await rejection(copyAway(source))).toMatchObject({ code: 'Unsupported' });
      expect(await copies()).toEqual([]);
    });
    it('of SQL Server is copied to another region, without an option group, and not within its own', async () => {
      await make('db', 'custom-sqlserver-se');
      const source = understood((await backUp('db')).found);
      expect((await copyAway(source))?.found).toMatchObject({ region: DR_REGION, encrypted: true });
      const [call] = await copies();
      expect(call?.parameters).not.toHaveProperty('CopyOptionGroup');
      const kmsKeyId = await harness.makeKey(HOME.region);
      const again = harness.adapter.reencrypt?.({ source, name: 'again', tags: {}, kmsKeyId });
      expect(await rejection(Promise.resolve(again))).toMatchObject({ code: 'Unsupported' });
    });
    it('of another account is not copied', async () => {
      await harness.makeInstance(
        'theirs',
        {},
        { Engine: 'custom-sqlserver-se', EngineVersion: '15.00.cev' },
        OTHER_ACCOUNT,
      );
      const theirs = createRdsAdapter({ access: accessOf(harness.account, OTHER_ACCOUNT), prefix: PREFIX });
      const { found } = await theirs.createBackup(plannedFor(theirs, resourceOf(ResourceId.parse('theirs'))));
      await theirs.share?.(understood(found), [HOME.accountId]);
      const pulled = harness.adapter.copyShared?.({
        sourceAccount: OTHER_ACCOUNT,
        sourceRegion: HOME.region,
        sourceId: found.id,
        name: 'pulled',
        tags: {},
        encrypt: false,
      });
      expect(await rejection(Promise.resolve(pulled))).toMatchObject({ code: 'Unsupported' });
      expect(await copies()).toEqual([]);
    });
  });

  describe('copying', () => {
    it.each([
      ['copies an option group that is not a default one', 'ours', true],
      ['leaves default option groups out', undefined, false],
    ])('%s', async (_what, group, expected) => {
      if (group !== undefined) {
        const made = {
          OptionGroupName: group,
          EngineName: 'mysql',
          MajorEngineVersion: '8.0',
          OptionGroupDescription: 'ours',
        };
        await harness.client(HOME.region).send(new CreateOptionGroupCommand(made));
      }
      await harness.makeInstance('db', creating(), {
        Engine: 'mysql',
        ...present({ OptionGroupName: group }),
      });
      const source = understood((await backUp('db', creating())).found);
      await harness.adapter.copyToRegion?.({
        source,
        toRegion: DR_REGION,
        name: source.name,
        tags: source.found.tags,
        encrypt: false,
      });
      const [call] = await copies();
      expect('CopyOptionGroup' in (call?.parameters ?? {})).toBe(expected);
      const [copied] = await harness.snapshots(DR_REGION);
      expect(copied?.OptionGroupName).toMatch(group ?? /^default:/);
    });
    describe('with an option group', () => {
      const makeGroup = async (
        name: string,
        { region = HOME.region, options = [] }: { region?: typeof HOME.region; options?: readonly string[] } = {},
      ): Promise<void> => {
        const rds = harness.client(region);
        const engine = { EngineName: 'oracle-ee', MajorEngineVersion: '19' };
        await rds.send(
          new CreateOptionGroupCommand({ OptionGroupName: name, OptionGroupDescription: 'ours', ...engine }),
        );
        if (options.length === 0) return;
        const included = options.map((OptionName) => ({ OptionName }));
        await rds.send(new ModifyOptionGroupCommand({ OptionGroupName: name, OptionsToInclude: included }));
      };
      const source = async (group: string): Promise<Backup> => {
        await harness.makeInstance('db', creating(), { Engine: 'oracle-ee', OptionGroupName: group });
        return understood((await backUp('db', creating())).found);
      };
      const copy = (of: Backup, optionGroup?: string): Promise<CreatedBackup> | undefined =>
        harness.adapter.copyToRegion?.({
          source: of,
          toRegion: DR_REGION,
          name: of.name,
          tags: of.found.tags,
          encrypt: false,
          ...present({ optionGroup }),
        });
      const groupOfCopy = async (): Promise<string | undefined> =>
        (await harness.snapshots(DR_REGION))[0]?.OptionGroupName;

      it('takes the group that is configured for the region in its place', async () => {
        await makeGroup('ours');
        await makeGroup('there', { region: DR_REGION });
        expect(await copy(await source('ours'), 'there')).not.toHaveProperty('note');
        expect(await groupOfCopy()).toBe('there');
        const [call] = await copies();
        expect(call?.parameters).not.toHaveProperty('CopyOptionGroup');
      });
      it('copies without the group where it is refused, and says so', async () => {
        await makeGroup('ours');
        const of = await source('ours');
        await harness.faultNext('CopyDBSnapshot', { refuse: 'InvalidOptionGroupStateFault' });
        const copied = await copy(of);
        expect(copied?.note).toMatch(
          /^copied without the option group ours, which was refused: InvalidOptionGroupStateFault while copying /,
        );
        expect(await groupOfCopy()).toMatch(/^default:/);
        expect(await copies()).toHaveLength(2);
      });
      it('copies without a configured group that is not there', async () => {
        await makeGroup('ours');
        expect((await copy(await source('ours'), 'misspelt'))?.note).toContain('option group misspelt');
        expect(await groupOfCopy()).toMatch(/^default:/);
      });
      it.each(['KMSKeyNotAccessibleFault', 'DBSnapshotNotFound', 'SnapshotQuotaExceeded'])(
        'does not take %s for a refusal of the group',
        async (code) => {
          await makeGroup('ours');
          const of = await source('ours');
          for (let call = 0; call < 9; call += 1) await harness.faultNext('CopyDBSnapshot', { refuse: code });
          await rejection(Promise.resolve(copy(of)));
          const calls = await copies();
          expect(calls.filter(({ parameters }) => !('CopyOptionGroup' in parameters))).toEqual([]);
        },
      );
      it('tells what a database with TDE needs, where no group is configured', async () => {
        await makeGroup('with-tde', { options: ['TDE'] });
        const error = await rejection(Promise.resolve(copy(await source('with-tde'))));
        expect(error).toMatchObject({ code: 'AwsError' });
        expect(error.message).toContain('shelvery_copy_option_groups (region=group)');
        expect(await harness.snapshots(DR_REGION)).toEqual([]);
      });
      it('copies a database with TDE with the group that is configured', async () => {
        await makeGroup('with-tde', { options: ['TDE'] });
        await makeGroup('there', { region: DR_REGION, options: ['TDE'] });
        await copy(await source('with-tde'), 'there');
        expect(await groupOfCopy()).toBe('there');
      });
    });

    it('asks for what a listing told of the source no second time', async () => {
      await harness.makeInstance('db', creating());
      await backUp('db', creating());
      const [listed] = await harness.adapter.listBackups(HOME.region);
      const source = understood(listed!);
      await harness.forgetCalls();
      await harness.adapter.copyToRegion?.({
        source,
        toRegion: DR_REGION,
        name: source.name,
        tags: source.found.tags,
        encrypt: false,
      });
      expect([...(await harness.calls())]).toEqual([['CopyDBSnapshot', 1]]);
    });
    it('keeps what is not encrypted so, whatever key is configured', async () => {
      await harness.makeInstance('db', creating());
      const source = understood((await backUp('db', creating())).found);
      const kmsKeyId = await harness.makeKey(DR_REGION);
      const copy = await harness.adapter.copyToRegion?.({
        source,
        toRegion: DR_REGION,
        name: source.name,
        tags: source.found.tags,
        encrypt: false,
        kmsKeyId,
      });
      expect(copy?.found.encrypted).toBe(false);
    });
    it('names a full queue of copies as something that passes', async () => {
      await harness.makeInstance('db', creating());
      const source = understood((await backUp('db', creating())).found);
      await harness.keepPending();
      const copy = (name: string): Promise<unknown> | undefined =>
        harness.adapter.copyToRegion?.({ source, toRegion: DR_REGION, name, tags: source.found.tags, encrypt: false });
      for (let n = 0; n < 20; n += 1) await copy(`copy-${String(n)}`);
      expect(harness.adapter.faults.notYet).toContain((await rejection(Promise.resolve(copy('one-more')))).name);
    });
    it('copies what another account shares under a key of ours', async () => {
      const place = { account: OTHER_ACCOUNT, region: HOME.region };
      const theirKey = String(await harness.account.emulator.control.send('POST', 'keys', place));
      await harness.makeInstance('theirs', {}, { StorageEncrypted: true, KmsKeyId: theirKey }, OTHER_ACCOUNT);
      await harness.databases.makeAutomatedSnapshot({ service: 'rds', source: 'theirs', account: OTHER_ACCOUNT });
      const theirs = createRdsAdapter({ access: accessOf(harness.account, OTHER_ACCOUNT), prefix: PREFIX });
      const { found } = await theirs.createBackup(plannedFor(theirs, resourceOf(ResourceId.parse('theirs'))));
      const request = {
        sourceAccount: OTHER_ACCOUNT,
        sourceRegion: HOME.region,
        sourceId: found.id,
        name: 'pulled',
        tags: { Name: 'pulled' },
        encrypt: true,
      };
      const kmsKeyId = await harness.makeKey(HOME.region);
      expect(harness.adapter.faults.gone).toContain(
        (await rejection(Promise.resolve(harness.adapter.copyShared?.({ ...request, kmsKeyId })))).name,
      );
      await theirs.share?.(understood(found), [HOME.accountId]);
      const copy = await harness.adapter.copyShared?.({ ...request, kmsKeyId });
      expect(copy?.found).toMatchObject({ encrypted: true, kmsKeyId });
    });
    it('does not share a snapshot whose key AWS manages', async () => {
      await harness.makeInstance('db', creating(), { StorageEncrypted: true });
      const source = understood((await backUp('db', creating())).found);
      const { name } = await rejection(Promise.resolve(harness.adapter.share?.(source, [OTHER_ACCOUNT])));
      expect(name).toBe('InvalidParameterCombination');
    });
  });

  it('deletes nothing that is still being made, and says so by the name of the state', async () => {
    await harness.makeInstance('db', creating());
    await harness.keepPending();
    const { found } = await backUp('db', creating());
    expect(harness.adapter.faults.invalidState).toContain((await rejection(harness.adapter.deleteBackup(found))).name);
    expect((await harness.stored(HOME.region)).has(found.id)).toBe(true);
  });
});
