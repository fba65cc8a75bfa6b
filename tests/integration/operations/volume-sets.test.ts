import { describe, expect, it } from '@jest/globals';
import {
  AttachVolumeCommand,
  CreateTagsCommand,
  DeleteTagsCommand,
  DetachVolumeCommand,
  EC2Client,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { Region, RunId, openAwsAccess, openAwsParts, resolveRunConfig } from '@shelvery/engine/terminal';
import type { Outcome } from '@shelvery/engine/terminal';
import { createEbsAdapter } from '../../../functions/ebs/adapter.js';
import { planCreate } from '../../../layers/engine/src/domain/plan/plan-create.js';
import { planSets } from '../../../layers/engine/src/domain/plan/plan-sets.js';
import { createSet } from '../../../layers/engine/src/operations/create/create-set.js';
import { attachToInstance } from '../harness/attached-volumes.js';
import type { Launched } from '../harness/attached-volumes.js';
import { ACCOUNT, HOME, VOLUME, VOLUME_2, inShort, reasons, useEbsEstate } from '../harness/ebs-estate.js';
import type { Listed } from '../harness/ebs-estate.js';
import { useProcess } from '../harness/installation.js';

const TIME = '2026-03-04T01:00:00Z';
const CLEANING = '2026-03-04T02:00:00Z';
const SETS = { shelvery_ebs_volume_sets: 'true' };
const BY_TAG = { 'shelvery:config:shelvery_ebs_volume_sets': 'true' };
const VOLUME_3 = 'vol-0cccccccccccccccc';
const estate = useEbsEstate();

const ec2 = (): EC2Client => new EC2Client(estate.emulator().clientConfig(ACCOUNT, HOME));
const attach = (volumes: readonly string[]): Promise<Launched> => attachToInstance(estate.emulator(), volumes);
const calls = async (): Promise<readonly number[]> => [
  await estate.count('ec2:CreateSnapshots'),
  await estate.count('ec2:CreateSnapshot'),
  await estate.count('ec2:CreateTags'),
];
const byVolume = async (): Promise<ReadonlyMap<string, Listed>> =>
  new Map((await estate.snapshots()).map((snapshot) => [snapshot.tags['shelvery:entity_id'] ?? snapshot.id, snapshot]));
const tagsBut = ({ tags }: Listed, ...keys: readonly string[]): unknown =>
  Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key)));

describe('create_backups with shelvery_ebs_volume_sets', () => {
  it('makes the backups of the marked volumes of an instance in one call, each with all tags and its file', async () => {
    await estate.volume(VOLUME, { Name: 'web', team: 'blue', 'shelvery:config:shelvery_keep_daily_backups': '3' });
    await estate.volume(VOLUME_2);
    const { instance } = await attach([VOLUME, VOLUME_2]);
    await estate.run('create_backups', TIME);
    const apart = await byVolume();
    for (const { id } of apart.values()) await estate.deleteSnapshot(id);
    await estate.emulator().clearCalls();

    const { outcomes, report } = await estate.run('create_backups', TIME, SETS);
    expect(report).toMatchObject({ status: 'OK', summary: { collected: 2, failed: 0 } });
    expect(await calls()).toEqual([1, 0, 2]);
    expect(outcomes.filter(({ operation }) => operation === 'CreateBackup').map(({ message }) => message)).toEqual([
      `in one call with the other volumes of ${instance}`,
      `in one call with the other volumes of ${instance}`,
    ]);
    const together = await byVolume();
    expect([...together.keys()].sort()).toEqual([VOLUME, VOLUME_2]);
    for (const [volume, snapshot] of together) {
      expect(snapshot.tags['shelvery:volume_set']).toBe(instance);
      expect(tagsBut(snapshot, 'shelvery:volume_set', 'shelvery:run_id')).toEqual(
        tagsBut(apart.get(volume) ?? snapshot, 'shelvery:run_id'),
      );
    }
    const files = await estate.files();
    expect(files['backups/ebs/web-e41ccb-2026-03-04-0100-daily.yaml']).toContain(together.get(VOLUME)?.id);
    expect(files[`backups/ebs/${VOLUME_2}-2026-03-04-0100-daily.yaml`]).toContain(together.get(VOLUME_2)?.id);
  });

  it('has the root volume in it where that is marked, and leaves out what is not marked', async () => {
    await estate.volume(VOLUME);
    await estate.emulator().seedVolumes([{ id: VOLUME_2 }]);
    const { root } = await attach([VOLUME, VOLUME_2]);
    const mark = [{ Key: 'shelvery:create_backup', Value: 'true' }];
    await ec2().send(new CreateTagsCommand({ Resources: [root], Tags: mark }));
    await estate.run('create_backups', TIME, SETS);
    expect([...(await byVolume()).keys()].sort()).toEqual([VOLUME, root].sort());
    const [made] = await estate.emulator().calls({ service: 'ec2', action: 'CreateSnapshots' });
    expect(made?.parameters).toMatchObject({ 'InstanceSpecification.ExcludeDataVolumeId.1': VOLUME_2 });
    expect(made?.parameters['InstanceSpecification.ExcludeBootVolume']).toBeUndefined();
  });

  it('takes together what tags want together, and the others one by one', async () => {
    await estate.volume(VOLUME, BY_TAG);
    await estate.volume(VOLUME_2, BY_TAG);
    await estate.volume(VOLUME_3);
    await estate.volume('vol-0dddddddddddddddd', BY_TAG);
    await attach([VOLUME, VOLUME_2, VOLUME_3]);
    await attach(['vol-0dddddddddddddddd']);
    await estate.run('create_backups', TIME);
    expect(await calls()).toEqual([1, 2, 2]);
    expect((await estate.snapshots()).map(({ tags }) => tags['shelvery:entity_id']).sort()).toEqual([
      VOLUME,
      VOLUME_2,
      VOLUME_3,
      'vol-0dddddddddddddddd',
    ]);
  });

  it('makes a set for each retention type, and one backup of the type by itself', async () => {
    const noWeekly = { 'shelvery:config:shelvery_keep_weekly_backups': '0' };
    await estate.volume(VOLUME);
    await estate.volume(VOLUME_2);
    await estate.volume(VOLUME_3, noWeekly);
    await attach([VOLUME, VOLUME_2, VOLUME_3]);
    await estate.run('create_backups', '2026-03-08T01:00:00Z', SETS);
    expect(await calls()).toEqual([1, 1, 2]);
    expect((await byVolume()).get(VOLUME_3)?.tags['shelvery:retention_type']).toBe('daily');
  });

  it('makes each by itself where the call is refused, and a warning tells why', async () => {
    await estate.volume(VOLUME);
    await estate.volume(VOLUME_2);
    const { instance } = await attach([VOLUME, VOLUME_2]);
    await estate.emulator().addFault({ kind: 'refuse', action: 'CreateSnapshots', code: 'UnsupportedOperation' });
    const { outcomes, report } = await estate.run('create_backups', TIME, SETS);
    expect(report.status).toBe('OK');
    expect(await calls()).toEqual([1, 2, 0]);
    expect(outcomes.filter(({ operation }) => operation === 'CreateBackup').map(({ message }) => message)).toEqual([
      `by itself: see the warning about ${instance}`,
      `by itself: see the warning about ${instance}`,
    ]);
    expect((await estate.snapshots()).map(({ tags }) => tags['shelvery:volume_set'])).toEqual([undefined, undefined]);
  });

  it('makes each by itself where nobody can tell what is attached to which instance', async () => {
    await estate.volume(VOLUME);
    await estate.volume(VOLUME_2);
    await attach([VOLUME, VOLUME_2]);
    await estate.emulator().addFault({ kind: 'refuse', action: 'DescribeInstances', code: 'UnauthorizedOperation' });
    const { plan } = await estate.run('create_backups', TIME, SETS, { dryRun: true });
    expect(plan?.filter(({ subject }) => subject === 'volumes').map(({ reason }) => reason)).toEqual([
      expect.stringContaining(`${VOLUME}, ${VOLUME_2} are backed up one by one`),
    ]);
    await estate.emulator().addFault({ kind: 'refuse', action: 'DescribeInstances', code: 'UnauthorizedOperation' });
    expect((await estate.run('create_backups', TIME, SETS)).report.status).toBe('OK');
    expect(await calls()).toEqual([0, 2, 0]);
  });

  it('makes a whole set again of which one has failed, as EC2 fails all of them', async () => {
    await estate.volume(VOLUME);
    await estate.volume(VOLUME_2);
    await attach([VOLUME, VOLUME_2]);
    await estate.emulator().setSnapshotStates({ perVolume: { [VOLUME]: { outcome: 'error' } } });
    await estate.run('create_backups', TIME, SETS);
    expect((await estate.snapshots()).map(({ state }) => state)).toEqual(['error', 'error']);
    await estate.emulator().setSnapshotStates({});
    const { report } = await estate.run('create_backups', TIME, SETS);
    expect(report.status).toBe('OK');
    expect((await estate.snapshots()).map(({ state }) => state)).toEqual(['completed', 'completed']);
    expect(await estate.count('ec2:CreateSnapshots')).toBe(2);
  });

  it('says in a dry run which go together, and only reads', async () => {
    await estate.volume(VOLUME);
    await estate.volume(VOLUME_2);
    const { instance } = await attach([VOLUME, VOLUME_2]);
    const { plan } = await estate.run('create_backups', TIME, SETS, { dryRun: true });
    expect(plan?.filter(({ name }) => name !== undefined).map(({ reason }) => reason)).toEqual([
      `daily backup, in one call with ${VOLUME_2} of ${instance}`,
      `daily backup, in one call with ${VOLUME} of ${instance}`,
    ]);
    expect(await calls()).toEqual([0, 0, 0]);
  });
});

describe('createSet, where the instance has changed since it was looked at', () => {
  /** Plans the set of both volumes, has the instance changed, and makes the set as it was planned. */
  async function makeAfter(change: (launched: Launched) => Promise<unknown>): Promise<readonly string[]> {
    await estate.volume(VOLUME);
    await estate.volume(VOLUME_2);
    const launched = await attach([VOLUME, VOLUME_2]);
    const installation = estate.install(SETS);
    useProcess(installation);
    const config = resolveRunConfig({ environment: SETS });
    const access = await openAwsAccess({ region: Region.parse(HOME), clock: estate.clock() });
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const parts = openAwsParts({ access, config, clock: estate.clock(), log, makeAdapter: createEbsAdapter });
    const { adapter, home } = parts;
    const run = { id: RunId.parse('run-1'), time: new Date(TIME), mayBeRetry: false, dryRun: false };
    const resources = await adapter.listResources();
    const { create } = planCreate({
      type: 'ebs',
      home,
      time: run.time,
      runId: run.id,
      config,
      rules: adapter.rules,
      resources,
      existing: [],
    });
    const jobs = create.map((planned) => ({ planned, failed: [] }));
    const { sets } = planSets(jobs, (await adapter.sets?.list(resources)) ?? [], 40);
    await change(launched);
    const outcomes: Outcome[] = [];
    const delayed = { send: () => undefined, flush: () => Promise.resolve([]) };
    const context = { ...parts, run, delayed, mayStart: () => true, report: (each: Outcome) => outcomes.push(each) };
    for (const set of sets) await createSet(context, set, parts.limit);
    return outcomes.map(({ operation, status, message }) => `${operation} ${status}: ${message ?? ''}`).sort();
  }

  it('makes by itself what was detached', async () => {
    let instance = '';
    const told = await makeAfter(async (launched) => {
      instance = launched.instance;
      const attachment = { InstanceId: instance, VolumeId: VOLUME_2, Device: '/dev/sdg' };
      await ec2().send(new DetachVolumeCommand(attachment));
    });
    expect(told).toEqual([
      `CreateBackup ok: by itself: it was not attached to ${instance} any more`,
      `CreateBackup ok: in one call with the other volumes of ${instance}`,
    ]);
    expect(await calls()).toEqual([1, 1, 1]);
    expect([...(await byVolume()).keys()].sort()).toEqual([VOLUME, VOLUME_2]);
  });

  it('removes at once what it made of a volume that was attached and is not marked', async () => {
    const told = await makeAfter(async ({ instance }) => {
      await estate.emulator().seedVolumes([{ id: VOLUME_3 }]);
      await ec2().send(new AttachVolumeCommand({ InstanceId: instance, VolumeId: VOLUME_3, Device: '/dev/sdz' }));
    });
    expect(told.filter((line) => line.startsWith('DeleteBackup'))).toEqual([
      expect.stringMatching(`^DeleteBackup ok: ${VOLUME_3} was attached to i-`),
    ]);
    expect([...(await byVolume()).keys()].sort()).toEqual([VOLUME, VOLUME_2]);
  });

  it('makes all by themselves where the instance is gone', async () => {
    const told = await makeAfter(({ instance }) =>
      ec2().send(new TerminateInstancesCommand({ InstanceIds: [instance] })),
    );
    expect(told).toEqual([
      expect.stringMatching('^CreateBackup ok: by itself'),
      expect.stringMatching('^CreateBackup ok: by itself'),
    ]);
    expect([...(await byVolume()).keys()].sort()).toEqual([VOLUME, VOLUME_2]);
  });

  it('takes what an earlier call has made for it, and nothing twice', async () => {
    const told = await makeAfter(() => estate.emulator().addFault({ kind: 'fail-after', action: 'CreateSnapshots' }));
    expect(told).toHaveLength(2);
    expect(await calls()).toEqual([1, 0, 2]);
    expect(await estate.snapshots()).toHaveLength(2);
  });

  it('makes nothing by itself where nobody can see whether the call was done', async () => {
    const told = await makeAfter(async () => {
      await estate.emulator().addFault({ kind: 'fail-after', action: 'CreateSnapshots' });
      const code = 'UnauthorizedOperation';
      await estate.emulator().addFault({ kind: 'refuse', action: 'DescribeSnapshots', code });
    });
    expect(told).toEqual(['CreateBackup failed: ', 'CreateBackup failed: ']);
    expect(await calls()).toEqual([1, 0, 0]);
  });
});

describe('backups that were made together and left without their own tags', () => {
  /** A run that makes the snapshots, and cannot tag them. */
  async function leave(): Promise<Launched> {
    await estate.volume(VOLUME, { Name: 'web', 'shelvery:config:shelvery_keep_daily_backups': '3' });
    await estate.volume(VOLUME_2);
    const launched = await attach([VOLUME, VOLUME_2]);
    await estate.emulator().addFault({ kind: 'refuse', action: 'CreateTags', code: 'UnauthorizedOperation', times: 2 });
    const { report, outcomes } = await estate.run('create_backups', TIME, SETS);
    expect([report.status, inShort(outcomes)]).toEqual([
      'FAILED',
      ['CreateBackup failed NotAllowed', 'CreateBackup failed NotAllowed', 'CreateDataBucket ok'],
    ]);
    return launched;
  }
  const names = ['vol-0bbbbbbbbbbbbbbbb-2026-03-04-0100-daily', 'web-e41ccb-2026-03-04-0100-daily'];

  it('get them by the repeat of the run, and what follows', async () => {
    await leave();
    expect(await estate.names()).toEqual(['', '']);
    const dryRun = await estate.run('create_backups', TIME, SETS, { dryRun: true });
    expect(dryRun.plan?.map(({ what, reason }) => `${what} ${reason}`)).toEqual([
      expect.stringMatching(/^found already made: snap-\w+, which is given its own tags$/),
      expect.stringMatching(/^found already made: snap-\w+, which is given its own tags$/),
    ]);
    await estate.emulator().clearCalls();
    const { outcomes } = await estate.run('create_backups', TIME, SETS);
    expect(inShort(outcomes).filter((line) => line.startsWith('Create'))).toEqual([
      'CreateBackup ok',
      'CreateBackup ok',
    ]);
    expect(await calls()).toEqual([0, 0, 2]);
    expect(await estate.names()).toEqual(names);
    expect(Object.keys(await estate.files()).sort()).toEqual(names.map((name) => `backups/ebs/${name}.yaml`));
  });

  it('get them by the next cleaning, with the tags and the files that they would have', async () => {
    const { instance } = await leave();
    const dryRun = await estate.run('clean_backups', CLEANING, SETS, { dryRun: true });
    const changed = Map.groupBy(dryRun.plan ?? [], ({ what, reason }) => `${what}: ${reason}`);
    for (const reason of [/its own tags$/, /its metadata is missing, and is written$/]) {
      const told = [...changed].flatMap(([line, those]) => (reason.test(line) ? those : []));
      expect(told.map(({ what, name }) => `${what} ${name ?? ''}`).sort()).toEqual(
        names.map((name) => `change ${name}`),
      );
    }
    const { report } = await estate.run('clean_backups', CLEANING, SETS);
    expect(report.status).toBe('OK');
    expect(await estate.names()).toEqual(names);
    expect((await byVolume()).get(VOLUME)?.tags).toMatchObject({
      ResourceName: 'web',
      'shelvery:volume_set': instance,
      'shelvery:config:shelvery_keep_daily_backups': '3',
    });
    const files = await estate.files();
    expect(Object.keys(files).sort()).toEqual(names.map((name) => `backups/ebs/${name}.yaml`));
    expect(files[`backups/ebs/${names[1] ?? ''}`.concat('.yaml')]).toContain('shelvery_keep_daily_backups');
  });

  it('are told as not made to their end where cleaning cannot name them either, and stay', async () => {
    await leave();
    await estate.emulator().addFault({ kind: 'refuse', action: 'CreateTags', code: 'UnauthorizedOperation', times: 2 });
    const { outcomes } = await estate.run('clean_backups', CLEANING, SETS);
    expect(inShort(outcomes).filter((line) => line.includes('failed'))).toEqual([
      'CreateBackup failed NotAllowed',
      'CreateBackup failed NotAllowed',
    ]);
    expect(await estate.names()).toEqual(['', '']);
  });

  it('are listed as backups of their volumes, and expire as these', async () => {
    await leave();
    const { listed } = await estate.run('list_backups', TIME, SETS);
    expect(listed?.map(({ resource, name }) => [resource, name])).toEqual([
      [VOLUME_2, names[0]],
      [VOLUME, names[1]],
    ]);
    const config = { ...SETS, shelvery_keep_last_backups: '0', shelvery_keep_daily_backups: '1' };
    await estate.run('clean_backups', '2026-03-20T01:00:00Z', config);
    expect(await estate.snapshots()).toEqual([]);
  });

  it('are of their volume also where that is gone', async () => {
    await estate.emulator().seedVolumes([{ id: VOLUME_2 }]);
    const common = {
      'shelvery:tag_name': 'shelvery',
      'shelvery:backup': 'true',
      'shelvery:date_created': '2026-03-04-0100',
      'shelvery:retention_type': 'daily',
      'shelvery:src_account': ACCOUNT,
      'shelvery:region': HOME,
    };
    const description = 'Made by Shelvery: daily backup of volumes of i-0aaaaaaaaaaaaaaaa';
    await estate.emulator().seedSnapshots([{ volumeId: VOLUME_2, description, tags: common }]);
    await estate.deleteVolume(VOLUME_2);
    await estate.run('clean_backups', CLEANING);
    expect((await byVolume()).get(VOLUME_2)?.tags).toMatchObject({
      ...common,
      Name: names[0],
      'shelvery:name': names[0],
    });
  });

  it('are nobody else’s: what somebody makes and tags so is left alone', async () => {
    await leave();
    const [made] = await estate.snapshots();
    const others = await estate
      .emulator()
      .seedSnapshots([{ volumeId: VOLUME, description: 'mine', tags: made?.tags ?? {} }]);
    const { outcomes } = await estate.run('clean_backups', '2026-04-30T01:00:00Z', {
      ...SETS,
      shelvery_keep_last_backups: '0',
    });
    expect((await estate.snapshots()).map(({ id }) => id)).toEqual(others);
    expect(reasons(outcomes)).toEqual([expect.stringContaining(others[0] ?? 'none')]);
  });

  it('are found again where a tagger takes a complete one’s own tags off', async () => {
    await estate.volume(VOLUME);
    await estate.volume(VOLUME_2);
    await attach([VOLUME, VOLUME_2]);
    await estate.run('create_backups', TIME, SETS);
    const { id = '' } = (await byVolume()).get(VOLUME) ?? {};
    const taken = ['Name', 'shelvery:name', 'shelvery:entity_id'].map((Key) => ({ Key }));
    await ec2().send(new DeleteTagsCommand({ Resources: [id], Tags: taken }));
    await estate.run('clean_backups', CLEANING, SETS);
    expect((await byVolume()).get(VOLUME)).toMatchObject({ id, tags: { Name: `${VOLUME}-2026-03-04-0100-daily` } });
  });
});
