import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CopyClusterSnapshotCommand, CreateClusterSnapshotCommand } from '@aws-sdk/client-redshift';
import type { CreatedBackup, FoundBackup, MendScope, MendedItem, Tags } from '@shelvery/engine/terminal';
import { AccountId, BackupId, ResourceId } from '@shelvery/engine/terminal';
import { createRedshiftAdapter } from '../../../functions/redshift/adapter.js';
import { adapterContract } from '../../contract/adapter.js';
import { databaseContract } from '../../contract/adapter-databases.js';
import { idsOf, rejection, understood } from '../../contract/expectations.js';
import {
  DR_REGION,
  HOME,
  OTHER_ACCOUNT,
  PREFIX,
  marked,
  mendAll,
  plannedFor,
  resourceOf,
} from '../../contract/harness.js';
import { startRedshift } from './redshift.harness.js';
import type { RedshiftHarness } from './redshift.harness.js';
import { wireContract, wireContractOfDatabases } from './wire-contract.js';

adapterContract('redshift', startRedshift, wireContract);

describe('the Redshift adapter', () => {
  let harness: RedshiftHarness;
  beforeAll(async () => {
    harness = await startRedshift();
  }, 60_000);
  beforeEach(async () => {
    await harness.reset();
    newRun();
  });
  afterAll(() => harness.stop());

  databaseContract(() => harness, { snapshotsTell: false });
  wireContractOfDatabases(() => harness);

  /** Another process: what the adapter remembered is gone. */
  function newRun(): void {
    harness = { ...harness, adapter: createRedshiftAdapter({ access: harness.account.access, prefix: PREFIX }) };
  }

  /** With a hash of prefix and id, as under any prefix but the original's. */
  const NAME = 'db-192fce-2026-11-24-0301-daily';
  const SNAPSHOT_TIME = `${PREFIX}:snapshot_time`;
  const creating = marked({ [`${PREFIX}:config:shelvery_redshift_backup_mode`]: 'REDSHIFT_CREATE_SNAPSHOT' });

  async function backUp(id: string, tags: Tags = marked()): Promise<CreatedBackup> {
    return harness.adapter.createBackup(plannedFor(harness.adapter, resourceOf(ResourceId.parse(id), tags)));
  }

  const automated = (
    source: string,
    createdAt = '2026-11-24T02:07:00Z',
    more: { state?: string; sourceRegion?: string } = {},
  ): Promise<string> => harness.databases.makeAutomatedSnapshot({ service: 'redshift', source, createdAt, ...more });

  /** A copy as it is left by a process that ends before it could tag it. */
  async function copyWithoutTags(source: string, name = NAME): Promise<void> {
    const copy = { SourceSnapshotIdentifier: source, TargetSnapshotIdentifier: name };
    await harness.client(HOME.region).send(new CopyClusterSnapshotCommand(copy));
  }

  const mend = async (scope: Partial<MendScope> = {}): Promise<readonly MendedItem[]> =>
    (await harness.adapter.mend?.(HOME.region, mendAll(scope))) ?? [];

  describe('copying the newest automated snapshot', () => {
    it('takes the newest that is available and was made here, and tags the copy at once', async () => {
      await harness.makeCluster('db', marked());
      await automated('db', '2026-11-22T02:00:00Z');
      const newest = await automated('db', '2026-11-23T02:07:00Z');
      await automated('db', '2026-11-24T02:00:00Z', { state: 'creating' });
      await automated('db', '2026-11-24T01:00:00Z', { sourceRegion: DR_REGION });
      await harness.setPageSize(2);
      const { found, note } = await backUp('db');
      expect(note).toBeUndefined();
      const [copied, tagged] = (await harness.account.emulator.calls({ service: 'redshift' })).slice(-2);
      expect(copied).toMatchObject({
        action: 'CopyClusterSnapshot',
        parameters: { SourceSnapshotIdentifier: newest, TargetSnapshotIdentifier: NAME },
      });
      expect(tagged?.action).toBe('CreateTags');
      expect(found.tags).toMatchObject({
        [SNAPSHOT_TIME]: '2026-11-23-0207',
        [`${PREFIX}:date_created`]: '2026-11-24-0301',
      });
      expect((await harness.stored(HOME.region)).get(found.id)).toEqual(found.tags);
    });
    it('does not take the time of the data for the time that the copy was begun', async () => {
      await harness.makeCluster('db', marked());
      await automated('db', '2026-11-23T02:07:00Z');
      const { found } = await backUp('db');
      expect(found).not.toHaveProperty('startedAt');
      expect(found.dataTime).toEqual(new Date('2026-11-23T02:07:00Z'));
      expect((await harness.adapter.describeBackups(HOME.region, [found.id])).get(found.id)).not.toHaveProperty(
        'startedAt',
      );
    });
    it('asks once for all clusters', async () => {
      for (const id of ['one', 'two', 'three']) {
        await harness.makeCluster(id, marked());
        await automated(id);
      }
      await harness.forgetCalls();
      await Promise.all(['one', 'two', 'three'].map((id) => backUp(id)));
      expect(await harness.calls()).toEqual(
        new Map([
          ['DescribeClusterSnapshots', 1],
          ['CopyClusterSnapshot', 3],
          ['CreateTags', 3],
        ]),
      );
    });
    it('makes a snapshot where the automated one is gone before it could be copied, and says so', async () => {
      await harness.makeCluster('db', marked());
      await automated('db');
      await harness.faultNext('CopyClusterSnapshot', { refuse: 'ClusterSnapshotNotFound' });
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
      await harness.databases.setDatabaseState({ service: 'redshift', id: 'db', state: 'resizing' });
      expect(harness.adapter.faults.invalidState).toContain((await rejection(backUp('db', creating))).name);
      expect((await backUp('db')).found.state).toBe('pending');
    });
  });

  it.each([
    ['copied', marked()],
    ['made', creating],
  ])('keeps a snapshot that is %s until it is deleted, whatever the cluster sets for its own', async (_how, tags) => {
    await harness.makeCluster('db', tags, { ManualSnapshotRetentionPeriod: 7 });
    await automated('db');
    await backUp('db', tags);
    expect((await harness.snapshots(HOME.region)).map(({ ManualSnapshotRetentionPeriod: days }) => days)).toEqual([-1]);
    const calls = await harness.account.emulator.calls({ service: 'redshift' });
    const made = calls.filter(({ action }) => ['CopyClusterSnapshot', 'CreateClusterSnapshot'].includes(action));
    expect(made.map(({ parameters }) => parameters['ManualSnapshotRetentionPeriod'])).toEqual(['-1']);
  });

  describe('a copy that was broken off before it had its tags', () => {
    it('is tagged by the next try at the same backup, as an undisturbed one is', async () => {
      await harness.makeCluster('db', marked());
      await automated('db');
      await harness.account.emulator.addFault({ kind: 'refuse', action: 'CreateTags', code: 'InvalidClusterState' });
      await rejection(backUp('db'));
      expect([...(await harness.stored(HOME.region)).values()]).toEqual([{}]);
      newRun();
      const { found } = await backUp('db');
      const { tags } = plannedFor(harness.adapter, resourceOf(ResourceId.parse('db')));
      expect(found.tags).toEqual({ ...tags, [SNAPSHOT_TIME]: '2026-11-24-0207' });
      expect((await harness.stored(HOME.region)).get(found.id)).toEqual(found.tags);
    });
    it.each([
      ['ResourceNotFoundFault', 'NotYet', true],
      ['InvalidClusterState', 'NotYet', true],
      ['AccessDenied', 'NotAllowed', false],
    ])(
      'is told as what it is, and not as a refusal to copy, where its tags are refused by %s',
      async (refuse, code, mendable) => {
        await harness.makeCluster('db', marked());
        await automated('db');
        await harness.faultNext('CreateTags', { refuse });
        const error = await rejection(backUp('db'));
        expect(error).toMatchObject({ name: 'ShelveryError', code, mendable });
        expect(error.message).toContain(`while tagging ${NAME}, a copy of a snapshot of db: `);
        expect(error.message).toMatch(
          /The snapshot was copied, but has no tags yet\. To tag it, run again with the same time, or let the next clean_backups do it/,
        );
        expect([...(await harness.stored(HOME.region)).values()]).toEqual([{}]);
      },
    );
    it('is not said to be tagged by cleaning under a name apart, which that does not know', async () => {
      await harness.makeCluster('db', marked());
      await automated('db');
      await harness.faultNext('CreateTags', { refuse: 'ResourceNotFoundFault' });
      const planned = plannedFor(harness.adapter, resourceOf(ResourceId.parse('db')));
      const name = 'db-0123456789ab-2026-11-24-0301-daily';
      const { message } = await rejection(harness.adapter.createBackup({ ...planned, name }));
      expect(message).toMatch(/ To tag it, run again with the same time\.$/);
      await copyWithoutTags(await automated('db', '2026-11-24T02:37:00Z'));
      expect((await mend()).map(({ id }) => id)).toEqual([NAME]);
    });
    it('is told by the service’s own error where the call may have been done, so that it is looked for', async () => {
      await harness.makeCluster('db', marked());
      await automated('db');
      await harness.account.emulator.addFault({ kind: 'fail-after', action: 'CreateTags', times: 'always' });
      expect((await rejection(backUp('db'))).name).not.toBe('ShelveryError');
    });
    it.each([
      ['tagged already', { [`${PREFIX}:backup`]: 'true' }, 'db'],
      ['tagged by somebody', { purpose: 'audit' }, 'db'],
      ['of another cluster', {}, 'other'],
    ])('is not taken for one that is %s: the name is held', async (_what, tags, cluster) => {
      await harness.makeCluster('db', marked());
      await harness.makeCluster('other', {});
      await automated('db');
      await harness.makeSnapshot(ResourceId.parse(cluster), NAME, tags);
      const before = await harness.stored(HOME.region);
      expect(harness.adapter.faults.alreadyExists).toContain((await rejection(backUp('db'))).name);
      expect(await harness.stored(HOME.region)).toEqual(before);
    });
  });

  describe('mend', () => {
    const clusterTags = marked({
      Name: 'My warehouse',
      [`${PREFIX}:config:shelvery_keep_daily_backups`]: '3',
      owner: 'somebody',
    });

    it('tags what was left without tags, from its name and its cluster', async () => {
      await harness.makeCluster('db', clusterTags);
      const { name, tags } = plannedFor(harness.adapter, resourceOf(ResourceId.parse('db'), clusterTags));
      await copyWithoutTags(await automated('db'), name);
      expect(await mend()).toEqual([
        { id: name, what: expect.stringContaining('left without its tags'), fate: 'tagged' },
      ]);
      const [found] = await harness.adapter.listBackups(HOME.region);
      const {
        [`${PREFIX}:run_id`]: _run,
        [`${PREFIX}:dr_regions`]: _regions,
        ResourceName: _name,
        owner: _owner,
        ...rebuilt
      } = tags;
      expect(found?.tags).toEqual({ ...rebuilt, [SNAPSHOT_TIME]: '2026-11-24-0207' });
      expect(understood(found!)).toMatchObject({ name, entityId: 'db', retentionType: 'daily', place: 'local' });
      expect(await mend()).toEqual([]);
    });
    it('knows a retention type again that the service has in lower case', async () => {
      await harness.makeCluster('db', marked());
      await copyWithoutTags(await automated('db'), 'db-192fce-2026-11-24-0301-shortlived');
      await mend({ retentionTypes: ['daily', 'shortLived'] });
      const [found] = await harness.adapter.listBackups(HOME.region);
      expect(found?.tags[`${PREFIX}:retention_type`]).toBe('shortLived');
    });
    it('leaves what is not in its charge', async () => {
      await harness.makeCluster('db', marked());
      await copyWithoutTags(await automated('db'));
      expect(await mend({ covers: (tags) => tags[`${PREFIX}:entity_id`] !== 'db' })).toEqual([]);
      expect([...(await harness.stored(HOME.region)).values()]).toEqual([{}]);
    });
    it('only tells in a dry run', async () => {
      await harness.makeCluster('db', marked());
      await copyWithoutTags(await automated('db'));
      expect(await mend({ dryRun: true })).toHaveLength(1);
      expect([...(await harness.stored(HOME.region)).values()]).toEqual([{}]);
    });
    it('of one whose tags are refused goes on with the others, and tells of it', async () => {
      await harness.makeCluster('db', marked());
      const source = await automated('db');
      const names = [
        'db-192fce-2026-11-24-0301-daily',
        'db-192fce-2026-11-24-0401-daily',
        'db-192fce-2026-11-24-0501-daily',
      ];
      for (const name of names) await copyWithoutTags(source, name);
      await harness.faultNext('CreateTags', { refuse: 'ResourceNotFoundFault' });
      const items = await mend();
      expect(items.map(({ fate }) => fate)).toEqual(['not-tagged', 'tagged', 'tagged']);
      expect(items[0]).toMatchObject({ error: { name: 'ResourceNotFoundFault' } });
      const untagged = [...(await harness.stored(HOME.region))].filter(([, tags]) => Object.keys(tags).length === 0);
      expect(untagged.map(([id]) => id)).toEqual([items[0]?.id]);
      expect((await mend()).map(({ id, fate }) => [id, fate])).toEqual([[items[0]?.id, 'tagged']]);
    });
    it.each([
      ['a name that we would not have given', marked(), 'db2-2026-11-24-0301-daily', {}],
      ['no date in its name', marked(), 'db-daily', {}],
      ['tags of ours', marked(), NAME, { [`${PREFIX}:date_created`]: '2026-11-24-0301' }],
      [
        'the tags of another installation',
        marked(),
        NAME,
        { 'longterm:backup': 'true', 'shelvery:tag_name': 'longterm' },
      ],
      ['lost ours, and has one of somebody', marked(), NAME, { purpose: 'audit' }],
      ['been made long before', marked(), 'db-192fce-2026-11-20-0301-daily', {}],
      ['a cluster that is not marked', {}, NAME, {}],
    ])('leaves a snapshot alone that has %s', async (_what, tags, name, snapshotTags) => {
      await harness.makeCluster('db', tags);
      await harness.makeCluster('marked', marked());
      await harness.makeSnapshot(ResourceId.parse('db'), name, snapshotTags);
      expect(await mend()).toEqual([]);
      expect([...(await harness.stored(HOME.region)).values()]).toEqual([snapshotTags]);
    });
    it('asks nothing of other regions, where there is nothing to mend', async () => {
      await harness.forgetCalls();
      expect(await harness.adapter.mend?.(DR_REGION, mendAll())).toEqual([]);
      expect(await harness.calls()).toEqual(new Map());
    });
  });

  it('describes several by their ids, also where somebody took their tags off', async () => {
    await harness.makeCluster('db', creating);
    const { found } = await backUp('db', creating);
    const other = await harness.makeSnapshot(ResourceId.parse('db'), 'no-tags', {});
    await harness.makeSnapshot(ResourceId.parse('db'), 'not-asked-for', {});
    const described = await harness.adapter.describeBackups(HOME.region, [found.id, other]);
    expect([...described.keys()].sort()).toEqual([found.id, other].sort());
  });

  describe('deleteBackup', () => {
    it('takes access from other accounts first', async () => {
      await harness.makeCluster('db', creating);
      const backup = understood((await backUp('db', creating)).found);
      await harness.adapter.share?.(backup, [OTHER_ACCOUNT, AccountId.parse('333333333333')]);
      const [listed] = await harness.adapter.listBackups(HOME.region);
      await harness.forgetCalls();
      await harness.adapter.deleteBackup(listed!);
      expect(await harness.calls()).toEqual(
        new Map([
          ['RevokeSnapshotAccess', 2],
          ['DeleteClusterSnapshot', 1],
        ]),
      );
      expect(await harness.stored(HOME.region)).toEqual(new Map());
    });
    it('names the cluster in every change of a snapshot, for roles that ask for its tags', async () => {
      await harness.makeCluster('db', creating);
      const backup = understood((await backUp('db', creating)).found);
      newRun();
      await harness.adapter.share?.(backup, [OTHER_ACCOUNT]);
      await harness.adapter.deleteBackup(backup.found);
      const changes = (await harness.account.emulator.calls({ service: 'redshift' })).slice(-3);
      expect(changes.map(({ action }) => action)).toEqual([
        'AuthorizeSnapshotAccess',
        'RevokeSnapshotAccess',
        'DeleteClusterSnapshot',
      ]);
      for (const { parameters } of changes)
        expect(parameters).toMatchObject({ SnapshotIdentifier: NAME, SnapshotClusterIdentifier: 'db' });
    });
    it('looks up who has access where no listing told', async () => {
      await harness.makeCluster('db', creating);
      const backup = understood((await backUp('db', creating)).found);
      await harness.adapter.share?.(backup, [OTHER_ACCOUNT]);
      newRun();
      await harness.adapter.deleteBackup(backup.found);
      expect(await harness.stored(HOME.region)).toEqual(new Map());
    });
    it('is one call for what is shared with nobody', async () => {
      await harness.makeCluster('db', creating);
      await backUp('db', creating);
      newRun();
      const [listed] = await harness.adapter.listBackups(HOME.region);
      await harness.forgetCalls();
      await harness.adapter.deleteBackup(listed!);
      expect(await harness.calls()).toEqual(new Map([['DeleteClusterSnapshot', 1]]));
    });
    const together = (backups: readonly FoundBackup[]): Promise<ReadonlyMap<string, unknown>> | undefined =>
      harness.adapter.deleteTogether?.run(backups);
    const described = async (...names: readonly string[]): Promise<readonly FoundBackup[]> => [
      ...(
        await harness.adapter.describeBackups(
          HOME.region,
          names.map((name) => BackupId.parse(name)),
        )
      ).values(),
    ];
    const three = async (): Promise<readonly FoundBackup[]> => {
      await harness.makeCluster('db', creating);
      for (const name of ['one', 'two', 'three']) await harness.makeSnapshot(ResourceId.parse('db'), name, creating);
      newRun();
      return await described('one', 'two', 'three');
    };
    it('is one call for several, of which one is gone', async () => {
      const backups = await three();
      await harness.adapter.deleteBackup(backups[1]!);
      await harness.forgetCalls();
      expect(await together(backups)).toEqual(new Map());
      expect(await harness.calls()).toEqual(
        new Map([
          ['BatchDeleteClusterSnapshots', 1],
          ['DeleteClusterSnapshot', 1],
        ]),
      );
      expect(await harness.stored(HOME.region)).toEqual(new Map());
    });
    it('takes access from other accounts before several are deleted', async () => {
      await harness.makeCluster('db', creating);
      const backup = understood((await backUp('db', creating)).found);
      await harness.makeSnapshot(ResourceId.parse('db'), 'one', creating);
      await harness.adapter.share?.(backup, [OTHER_ACCOUNT]);
      newRun();
      expect(await together(await described('one', backup.id))).toEqual(new Map());
      expect(await harness.stored(HOME.region)).toEqual(new Map());
    });
    it('deletes one by one where it may not delete several', async () => {
      const backups = await three();
      await harness.faultNext('BatchDeleteClusterSnapshots', { refuse: 'AccessDenied' });
      expect(await together(backups)).toEqual(new Map());
      expect(await harness.stored(HOME.region)).toEqual(new Map());
    });
    it('says of which of several it is that one was refused', async () => {
      const backups = await three();
      await harness.faultNext('BatchDeleteClusterSnapshots', { refuse: 'AccessDenied' });
      await harness.faultNext('DeleteClusterSnapshot', { refuse: 'AccessDenied' });
      const refused = [...((await together(backups)) ?? [])];
      expect(refused).toEqual([[expect.any(String), expect.objectContaining({ name: 'AccessDenied' })]]);
      expect([...(await harness.stored(HOME.region)).keys()]).toEqual(refused.map(([id]) => id));
    });
    it('deletes nothing that is still being made, and says so by the name of the state', async () => {
      await harness.makeCluster('db', creating);
      await harness.keepPending();
      const { found } = await backUp('db', creating);
      expect(harness.adapter.faults.invalidState).toContain(
        (await rejection(harness.adapter.deleteBackup(found))).name,
      );
    });
  });

  it('finds by the value of one key, though the service answers with every combination', async () => {
    await harness.makeCluster('db', creating);
    const key = `${PREFIX}:retention_type`;
    for (const [name, tags] of [
      ['wanted', { [key]: 'daily' }],
      ['crossed', { [key]: 'weekly', other: 'daily' }],
    ] as const) {
      const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
      await harness
        .client(HOME.region)
        .send(new CreateClusterSnapshotCommand({ ClusterIdentifier: 'db', SnapshotIdentifier: name, Tags }));
    }
    expect(idsOf(await harness.adapter.findByTags(HOME.region, key, ['daily']))).toEqual(['wanted']);
  });

  it('fails by a name that stands for the quota, where that is full', async () => {
    await harness.makeCluster('db', creating);
    await harness.databases.setQuotas({ redshift: 0 });
    const { name } = await rejection(backUp('db', creating));
    expect(harness.adapter.faults.quota[name]).toContain('manual cluster snapshots');
  });
});
