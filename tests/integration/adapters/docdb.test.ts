import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CreatedBackup, Tags } from '@shelvery/engine/terminal';
import { Region, ResourceId } from '@shelvery/engine/terminal';
import { createDocdbAdapter } from '../../../functions/docdb/adapter.js';
import { createRdsClusterAdapter } from '../../../functions/rds-cluster/adapter.js';
import { adapterContract } from '../../contract/adapter.js';
import { databaseContract } from '../../contract/adapter-databases.js';
import { startClusters } from './cluster.harness.js';
import type { ClusterHarness } from './cluster.harness.js';
import { wireContract, wireContractOfDatabases } from './wire-contract.js';
import { idsOf, rejection, understood } from '../../contract/expectations.js';
import { DR_REGION, HOME, OTHER_ACCOUNT, PREFIX, marked, plannedFor, resourceOf } from '../../contract/harness.js';

const start = (): Promise<ClusterHarness> => startClusters('docdb', createDocdbAdapter);

adapterContract('docdb', start, wireContract);

describe('the DocumentDB adapter', () => {
  let harness: ClusterHarness;
  beforeAll(async () => {
    harness = await start();
  }, 60_000);
  beforeEach(async () => {
    await harness.reset();
    // Each case is a run of its own: automated snapshots are listed once in one.
    harness = { ...harness, adapter: createDocdbAdapter({ access: harness.account.access, prefix: PREFIX }) };
  });
  afterAll(() => harness.stop());

  databaseContract(() => harness, { snapshotsTell: true });
  wireContractOfDatabases(() => harness);

  const creating = marked({ [`${PREFIX}:config:shelvery_docdb_backup_mode`]: 'DOCDB_CREATE_SNAPSHOT' });

  async function backUp(id: string, tags: Tags = marked()): Promise<CreatedBackup> {
    return harness.adapter.createBackup(plannedFor(harness.adapter, resourceOf(ResourceId.parse(id), tags)));
  }

  it('takes DocumentDB’s clusters and snapshots, and nothing of Aurora’s or Neptune’s, on every page', async () => {
    const aurora = createRdsClusterAdapter({ access: harness.account.access, prefix: PREFIX });
    const ours: string[] = [];
    for (const [n, engine] of [
      'aurora-mysql',
      'aurora-postgresql',
      'docdb',
      'neptune',
      'aurora-mysql',
      'docdb',
    ].entries()) {
      const id = `cluster-${String(n)}`;
      await harness.makeCluster(id, marked(), { Engine: engine });
      const adapter = engine === 'docdb' ? harness.adapter : aurora;
      const { found } = await adapter.createBackup(plannedFor(adapter, resourceOf(ResourceId.parse(id))));
      if (engine === 'docdb') ours.push(found.id);
    }
    await harness.setPageSize(2);
    const clusters = [2, 5].map((n) => ResourceId.parse(`cluster-${String(n)}`));
    const all = [0, 1, 2, 3, 4, 5].map((n) => ResourceId.parse(`cluster-${String(n)}`));
    expect((await harness.adapter.listResources()).map(({ id }) => id)).toEqual(clusters);
    expect([...(await harness.adapter.findResources(all)).keys()]).toEqual(clusters);
    expect(idsOf(await harness.adapter.listBackups(HOME.region))).toEqual(ours);
    const described = await harness.adapter.describeBackups(HOME.region, [
      ...(await harness.stored(HOME.region)).keys(),
    ]);
    expect(idsOf(described.values())).toEqual(ours);
    expect(idsOf(await harness.adapter.findByTags(HOME.region, `${PREFIX}:retention_type`, ['daily']))).toEqual(ours);
  });

  it('goes by its own mode: copies the newest automated snapshot, or makes one', async () => {
    await harness.makeCluster('db', marked());
    const source = await harness.databases.makeAutomatedSnapshot({
      service: 'rds-cluster',
      source: 'db',
      createdAt: '2026-11-24T02:07:00Z',
    });
    const other = { ...marked(), [`${PREFIX}:config:shelvery_rds_backup_mode`]: 'RDS_CREATE_SNAPSHOT' };
    expect((await backUp('db', other)).found.tags[`${PREFIX}:snapshot_time`]).toBe('2026-11-24-0207');
    const [copied] = await harness.account.emulator.calls({ action: 'CopyDBClusterSnapshot' });
    expect(copied?.parameters).toMatchObject({ SourceDBClusterSnapshotIdentifier: source });
    await harness.makeCluster('other', creating);
    await harness.forgetCalls();
    await backUp('other', creating);
    expect([...(await harness.calls())]).toEqual([['CreateDBClusterSnapshot', 1]]);
  });

  it('writes no @ into tags, which the service would refuse', async () => {
    const tags = { ...creating, Name: 'a', owner: 'someone/example.com' };
    await harness.makeCluster('db', tags);
    const named = { ...tags, owner: 'someone@example.com, else' };
    expect((await backUp('db', named)).found.tags['owner']).toBe('someone-example.com  else');
  });

  it('signs the address that a copy from another region demands', async () => {
    await harness.makeCluster('db', creating);
    const source = understood((await backUp('db', creating)).found);
    await harness.adapter.copyToRegion?.({
      source,
      toRegion: DR_REGION,
      name: source.name,
      tags: source.found.tags,
      encrypt: false,
    });
    const [call] = await harness.account.emulator.calls({ action: 'CopyDBClusterSnapshot' });
    expect(call?.region).toBe(DR_REGION);
    expect(String(call?.parameters['PreSignedUrl'])).toMatch(
      new RegExp(
        `^https://rds\\.${HOME.region}\\..*Action=CopyDBClusterSnapshot&Version=[^&]+&DestinationRegion=${DR_REGION}&`,
      ),
    );
  });

  it('copies what another account shares within the region only: that is refused before the call', async () => {
    const sourceId = await harness.makeForeignSnapshot('shared', {});
    await harness.forgetCalls();
    const request = {
      sourceAccount: OTHER_ACCOUNT,
      sourceRegion: Region.parse('us-east-1'),
      sourceId,
      name: 'pulled',
      tags: {},
      encrypt: false,
    };
    expect(await rejection(Promise.resolve(harness.adapter.copyShared?.(request)))).toMatchObject({
      code: 'Unsupported',
    });
    expect([...(await harness.calls())]).toEqual([]);
  });
});
