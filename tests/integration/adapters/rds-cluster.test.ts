import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DeleteDBClusterCommand } from '@aws-sdk/client-rds';
import type { Backup, CreatedBackup, Tags } from '@shelvery/engine/terminal';
import { ResourceId } from '@shelvery/engine/terminal';
import { createDocdbAdapter } from '../../../functions/docdb/adapter.js';
import { createRdsClusterAdapter } from '../../../functions/rds-cluster/adapter.js';
import { adapterContract } from '../../contract/adapter.js';
import { databaseContract } from '../../contract/adapter-databases.js';
import { startClusters } from './cluster.harness.js';
import type { ClusterHarness } from './cluster.harness.js';
import { wireContract, wireContractOfDatabases } from './wire-contract.js';
import { idsOf, rejection, understood } from '../../contract/expectations.js';
import { DR_REGION, HOME, OTHER_ACCOUNT, PREFIX, marked, plannedFor, resourceOf } from '../../contract/harness.js';
import { accessOf } from './rds.harness.js';

const start = (): Promise<ClusterHarness> => startClusters('aurora-postgresql', createRdsClusterAdapter);

adapterContract('rds_cluster', start, wireContract);

describe('the RDS cluster adapter', () => {
  let harness: ClusterHarness;
  beforeAll(async () => {
    harness = await start();
  }, 60_000);
  beforeEach(async () => {
    await harness.reset();
    // Each case is a run of its own: automated snapshots are listed once in one.
    harness = { ...harness, adapter: createRdsClusterAdapter({ access: harness.account.access, prefix: PREFIX }) };
  });
  afterAll(() => harness.stop());

  databaseContract(() => harness, { snapshotsTell: true });
  wireContractOfDatabases(() => harness);

  const creating = marked({ [`${PREFIX}:config:shelvery_rds_backup_mode`]: 'RDS_CREATE_SNAPSHOT' });

  async function backUp(id: string, tags: Tags = marked()): Promise<CreatedBackup> {
    return harness.adapter.createBackup(plannedFor(harness.adapter, resourceOf(ResourceId.parse(id), tags)));
  }

  async function backedUp(id: string): Promise<Backup> {
    const { found } = await backUp(id);
    return understood((await harness.adapter.describeBackups(HOME.region, [found.id])).get(found.id)!);
  }

  const automated = (source: string, createdAt = '2026-11-24T02:00:00Z', state = 'available'): Promise<string> =>
    harness.databases.makeAutomatedSnapshot({ service: 'rds-cluster', source, createdAt, state });

  /** Clusters of three services and a backup of each, on several pages; the names of the snapshots, by engine. */
  async function mixed(): Promise<ReadonlyMap<string, string>> {
    const docdb = createDocdbAdapter({ access: harness.account.access, prefix: PREFIX });
    const made = new Map<string, string>();
    for (const engine of ['docdb', 'aurora-mysql', 'neptune', 'mysql', 'aurora-postgresql']) {
      const id = `cluster-of-${engine}`;
      const multiAz =
        engine === 'mysql'
          ? { DBClusterInstanceClass: 'db.m6gd.large', AllocatedStorage: 100, Iops: 1000, StorageType: 'io1' }
          : {};
      await harness.makeCluster(id, creating, { Engine: engine, ...multiAz });
      const adapter = engine === 'docdb' ? docdb : harness.adapter;
      const planned = plannedFor(adapter, resourceOf(ResourceId.parse(id), creating));
      made.set(engine, (await adapter.createBackup(planned)).found.id);
    }
    await harness.setPageSize(2);
    return made;
  }

  describe('in an account of several services', () => {
    const ours = ['aurora-mysql', 'aurora-postgresql', 'mysql'];

    it('takes Aurora and Multi-AZ clusters, and none of DocumentDB or Neptune', async () => {
      await mixed();
      const expected = ours.map((engine) => `cluster-of-${engine}`);
      expect((await harness.adapter.listResources()).map(({ id }) => id).sort()).toEqual(expected);
      const all = ['docdb', 'neptune', ...ours].map((engine) => ResourceId.parse(`cluster-of-${engine}`));
      expect([...(await harness.adapter.findResources(all)).keys()].sort()).toEqual(expected);
    });
    it('knows the snapshots of no other service, also where only they are left', async () => {
      const made = await mixed();
      for (const engine of made.keys()) {
        const gone = { DBClusterIdentifier: `cluster-of-${engine}`, SkipFinalSnapshot: true };
        await harness.client(HOME.region).send(new DeleteDBClusterCommand(gone));
      }
      const expected = ours.map((engine) => made.get(engine)).sort();
      const all = (await harness.snapshots(HOME.region)).map(
        ({ DBClusterSnapshotIdentifier }) => DBClusterSnapshotIdentifier,
      );
      expect(all).toHaveLength(5);
      expect(idsOf(await harness.adapter.listBackups(HOME.region))).toEqual(expected);
      expect(idsOf(await harness.adapter.findByTags(HOME.region, `${PREFIX}:retention_type`, ['daily']))).toEqual(
        expected,
      );
      const described = await harness.adapter.describeBackups(HOME.region, [
        ...(await harness.stored(HOME.region)).keys(),
      ]);
      expect(idsOf(described.values())).toEqual(expected);
    });
  });

  describe('copying the newest automated snapshot', () => {
    it('takes the newest that is available, and tells its time', async () => {
      await harness.makeCluster('db', marked());
      await automated('db', '2026-11-22T02:00:00Z');
      const newest = await automated('db', '2026-11-23T02:07:00Z');
      await automated('db', '2026-11-24T02:00:00Z', 'creating');
      const { found } = await backUp('db');
      const [call] = await harness.account.emulator.calls({ action: 'CopyDBClusterSnapshot' });
      expect(call?.parameters).toMatchObject({ SourceDBClusterSnapshotIdentifier: newest });
      expect(found.tags[`${PREFIX}:snapshot_time`]).toBe('2026-11-23-0207');
      expect((await harness.stored(HOME.region)).get(found.id)).toEqual(found.tags);
    });
    it('does not take the time of its data for the time that the copy was begun', async () => {
      await harness.makeCluster('db', marked());
      await automated('db', '2026-11-23T02:07:00Z');
      const { found } = await backUp('db');
      expect(found).not.toHaveProperty('startedAt');
      const described = await harness.adapter.describeBackups(HOME.region, [found.id]);
      expect(described.get(found.id)).toMatchObject({ state: 'available' });
      expect(described.get(found.id)).not.toHaveProperty('startedAt');
    });
    it('asks once for all clusters', async () => {
      for (const id of ['one', 'two', 'three']) {
        await harness.makeCluster(id, marked());
        await automated(id);
      }
      await harness.adapter.listResources();
      await harness.forgetCalls();
      await Promise.all(['one', 'two', 'three'].map((id) => backUp(id)));
      expect([...(await harness.calls())]).toEqual([
        ['DescribeDBClusterSnapshots', 1],
        ['CopyDBClusterSnapshot', 3],
      ]);
    });
    it('makes a snapshot where the automated one is gone before it could be copied, and says so', async () => {
      await harness.makeCluster('db', marked());
      await automated('db');
      await harness.faultNext('CopyDBClusterSnapshot', { refuse: 'DBClusterSnapshotNotFoundFault' });
      const { found, note } = await backUp('db');
      expect(note).toContain('was gone before it could be copied');
      expect((await harness.stored(HOME.region)).get(found.id)).toEqual(found.tags);
    });
    it('makes a snapshot where there is none, and says so', async () => {
      await harness.makeCluster('db', marked());
      expect((await backUp('db')).note).toContain('db has no available automated snapshot');
    });
    it('backs up a cluster that is busy; making a snapshot of it fails by a name that stands for its state', async () => {
      await harness.makeCluster('db', marked());
      await automated('db');
      await harness.databases.setDatabaseState({ service: 'rds-cluster', id: 'db', state: 'modifying' });
      expect(harness.adapter.faults.invalidState).toContain((await rejection(backUp('db', creating))).name);
      expect((await backUp('db')).found.state).toBe('pending');
    });
  });

  describe('Multi-AZ clusters', () => {
    beforeEach(async () => {
      for (const id of ['first', 'second']) {
        await harness.makeCluster(id, marked(), {
          Engine: 'postgres',
          DBClusterInstanceClass: 'db.m6gd.large',
          AllocatedStorage: 100,
          Iops: 1000,
          StorageType: 'io1',
        });
        await automated(id);
      }
    });

    it('are backed up by a snapshot, which is said once', async () => {
      const notes = [(await backUp('first')).note, (await backUp('second')).note];
      expect(notes).toEqual([expect.stringContaining('Multi-AZ'), undefined]);
      expect((await harness.calls()).get('CreateDBClusterSnapshot')).toBe(2);
    });
    it('are copied nowhere: their lists say so, and it is refused before the call', async () => {
      const source = await backedUp('first');
      const [listed] = await harness.adapter.listBackups(HOME.region);
      expect(listed).toMatchObject({ id: source.id, uncopyable: true, sizeGib: 100 });
      const { tags } = source.found;
      const kmsKeyId = await harness.makeKey(HOME.region);
      await harness.forgetCalls();
      const tried = [
        harness.adapter.copyToRegion?.({ source, toRegion: DR_REGION, name: 'copy', tags, encrypt: false }),
        harness.adapter.reencrypt?.({ source, name: 'copy', tags, kmsKeyId }),
      ];
      for (const each of tried) expect(await rejection(Promise.resolve(each))).toMatchObject({ code: 'Unsupported' });
      expect([...(await harness.calls())]).toEqual([]);
    });
  });

  describe('copying under keys', () => {
    it('gives no key for what is not encrypted, which the service would refuse', async () => {
      await harness.makeCluster('db', marked());
      const source = await backedUp('db');
      const kmsKeyId = await harness.makeKey(DR_REGION);
      const request = {
        source,
        toRegion: DR_REGION,
        name: source.name,
        tags: source.found.tags,
        encrypt: true,
        kmsKeyId,
      };
      expect((await harness.adapter.copyToRegion?.(request))?.found).toMatchObject({ encrypted: false });
    });
    it('copies what is encrypted to another region and in place under the key that is given', async () => {
      await harness.makeCluster('db', marked(), {
        StorageEncrypted: true,
        KmsKeyId: await harness.makeKey(HOME.region),
      });
      const source = await backedUp('db');
      expect(source.found.encrypted).toBe(true);
      const [away, here] = [await harness.makeKey(DR_REGION), await harness.makeKey(HOME.region)];
      const { tags } = source.found;
      const copy = await harness.adapter.copyToRegion?.({
        source,
        toRegion: DR_REGION,
        name: 'away',
        tags,
        encrypt: true,
        kmsKeyId: away,
      });
      expect(copy?.found).toMatchObject({ region: DR_REGION, encrypted: true, kmsKeyId: away });
      expect(await harness.adapter.reencrypt?.({ source, name: 'here', tags, kmsKeyId: here })).toMatchObject({
        kmsKeyId: here,
      });
    });
    it.each([
      ['under a key of ours', true, true],
      ['without a key where it is not encrypted', false, false],
    ])('copies what another account shares %s', async (_how, StorageEncrypted, encrypted) => {
      const theirs = createRdsClusterAdapter({ access: accessOf(harness.account, OTHER_ACCOUNT), prefix: PREFIX });
      const KmsKeyId = String(
        await harness.account.emulator.control.send('POST', 'keys', { account: OTHER_ACCOUNT, region: HOME.region }),
      );
      await harness.makeCluster('theirs', {}, StorageEncrypted ? { StorageEncrypted, KmsKeyId } : {}, OTHER_ACCOUNT);
      const { found } = await theirs.createBackup(plannedFor(theirs, resourceOf(ResourceId.parse('theirs'))));
      await theirs.share?.(understood(found), [HOME.accountId]);
      const kmsKeyId = await harness.makeKey(HOME.region);
      const request = {
        sourceAccount: OTHER_ACCOUNT,
        sourceRegion: HOME.region,
        sourceId: found.id,
        name: 'pulled',
        tags: {},
        encrypt: true,
        kmsKeyId,
      };
      const copy = await harness.adapter.copyShared?.(request);
      expect(copy?.found).toMatchObject(encrypted ? { encrypted, kmsKeyId } : { encrypted });
    });
  });

  it('takes names of 63 characters', async () => {
    const tags = { ...creating, Name: 'n'.repeat(100) };
    await harness.makeCluster('db', tags);
    expect((await backUp('db', tags)).found.id).toHaveLength(63);
  });
});
