import { describe, expect, it } from '@jest/globals';
import type { FoundBackup } from '../../../../layers/engine/src/domain/backup/backup.js';
import { describeNewSet } from '../../../../layers/engine/src/domain/backup/descriptions.js';
import { ShelveryError } from '../../../../layers/engine/src/domain/errors.js';
import type { ResourceSet } from '../../../../layers/engine/src/domain/plan/plan-sets.js';
import { BackupId, ResourceId } from '../../../../layers/engine/src/domain/values.js';
import type { BackupSets, SetRequest } from '../../../../layers/engine/src/ports.js';
import type { RemainingWork } from '../../../../layers/engine/src/run/run-action.js';
import { begin } from '../../../simulation/world/adapter.js';
import { awsError } from '../../../simulation/world/aws-error.js';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, RUN } from '../../domain/builders.js';
import { hold } from '../held-backups.js';
import { ALLOW, openEstate } from '../memory-estate.js';
import type { Asked, MemoryEstate, Told } from '../memory-estate.js';
import { handingOver, withAdapter } from '../other-parts.js';

const TIME = '2026-11-24-0301';
const INSTANCE = ResourceId.parse('i-0a');
const settings = { shelvery_ebs_volume_sets: true };
const volumes = (...ids: readonly string[]): readonly ResourceId[] => ids.map((id) => ResourceId.parse(id));

/** The instance's volumes, and those that cannot be backed up with the others. */
function attached(ids: readonly string[], more: Partial<ResourceSet> = {}): ResourceSet {
  return { id: INSTANCE, members: volumes(...ids), unsettled: [], ...more };
}

/** What is asked for in one call, and what is asked of the list. */
interface SetCalls {
  readonly requests: SetRequest[];
  readonly listed: (readonly string[])[];
}

/** How the calls on sets are changed. */
interface SetStory {
  /** What is attached when the call is made, where that is something else than what was listed. */
  readonly then?: readonly string[];
  readonly mostLeftOut?: number;
  /** What the nth call answers. */
  readonly refuse?: (call: number) => Error | undefined;
  /** What it answers after it has made everything. */
  readonly failAfter?: Error;
  /** How what is answered looks. */
  readonly answer?: (found: readonly FoundBackup[]) => readonly FoundBackup[];
}

/** Calls that back up the volumes of an instance together. */
function setsOf({ world }: MemoryEstate, sets: readonly ResourceSet[], story: SetStory = {}): BackupSets & SetCalls {
  const { then = sets[0]?.members ?? [], mostLeftOut = 40, refuse = () => undefined } = story;
  const answer = story.answer ?? ((found: readonly FoundBackup[]) => found);
  const requests: SetRequest[] = [];
  const listed: (readonly string[])[] = [];
  return {
    requests,
    listed,
    mostLeftOut,
    list: async (resources) => {
      listed.push(resources.map(({ id }) => id));
      return sets;
    },
    create: async (request) => {
      requests.push(request);
      const refusal = refuse(requests.length);
      if (refusal !== undefined) throw refusal;
      const { leftOut, retentionType, tags } = request;
      const made = then
        .filter((id) => !leftOut.some((other) => other === id))
        .map((id): FoundBackup => {
          const description = describeNewSet(retentionType, request.of.id);
          const held = begin(
            world,
            'ebs',
            {
              account: OWN_ACCOUNT,
              region: LOCAL,
              name: '',
              tags,
              of: { of: id, ofUid: '' },
              dataTime: world.conductor.now(),
              encrypted: false,
              description,
            },
            { by: 'shelvery', prefix: 'shelvery' },
          );
          const startedAt = new Date(held.createdAt);
          return {
            id: BackupId.parse(held.id),
            region: LOCAL,
            state: 'available',
            encrypted: false,
            tags,
            startedAt,
            description,
            volumeId: id,
          };
        });
      if (story.failAfter !== undefined) throw story.failAfter;
      return answer(made);
    },
  };
}

const withSets = (sets: BackupSets): NonNullable<Asked['parts']> => withAdapter(() => ({ sets }));

/** An estate with its data bucket and marked volumes. */
async function estateOf(...ids: readonly string[]): Promise<MemoryEstate> {
  const estate = openEstate('ebs');
  await estate.run('create_data_buckets');
  for (const id of ids) estate.resource(id);
  return estate;
}

/** What is told of a backup. */
function about(of: string, more: Readonly<Record<string, unknown>>): unknown {
  const subject = { entityId: of, retentionType: 'daily', region: LOCAL, backupName: `${of}-${TIME}-daily` };
  return { operation: 'CreateBackup', status: 'ok', ...subject, ...more };
}

/** What is told, but for files that were written. */
const toldOf = (told: readonly Told[]): readonly Told[] =>
  told.filter(({ operation, status }) => operation !== 'StoreBackupData' || status !== 'ok');

/** Which calls made and changed backups. */
const changes = (calls: readonly string[]): readonly string[] =>
  calls.filter((call) => /^ebs:(create|tag|delete)Backup /.test(call));

const TOGETHER = `in one call with the other volumes of ${INSTANCE}`;
const UNCERTAIN = awsError('InternalError', { status: 500 });

describe('volumes of an instance', () => {
  it('are backed up together in one call that gives them what they have in common, and get their own tags in a call each', async () => {
    const estate = await estateOf('vol-2');
    estate.resource('vol-1', { tags: { Name: 'web', team: 'blue' } });
    const set = attached(['vol-0', 'vol-1', 'vol-2', 'vol-9'], { root: ResourceId.parse('vol-0') });
    const sets = setsOf(estate, [set]);
    const { told, said, calls, report, remaining } = await estate.run('create_backups', {
      settings: { ...settings, shelvery_share_aws_account_ids: OTHER_ACCOUNT },
      parts: withSets(sets),
    });
    const common = {
      'shelvery:tag_name': 'shelvery',
      'shelvery:date_created': TIME,
      'shelvery:src_account': OWN_ACCOUNT,
      'shelvery:region': LOCAL,
      'shelvery:retention_type': 'daily',
      'shelvery:backup': 'true',
      'shelvery:dr_regions': '',
      'shelvery:run_id': RUN,
      'shelvery:volume_set': INSTANCE,
    };
    expect(sets.listed).toEqual([['vol-1', 'vol-2']]);
    expect(sets.requests).toEqual([
      { of: set, leftOut: volumes('vol-0', 'vol-9'), retentionType: 'daily', tags: common },
    ]);
    const [first, second] = estate.backups();
    const name = `web-90cfa3-${TIME}-daily`;
    expect([first?.tags, second?.tags]).toEqual([
      {
        ...common,
        Name: name,
        ResourceName: 'web',
        team: 'blue',
        'shelvery:name': name,
        'shelvery:entity_id': 'vol-1',
      },
      {
        ...common,
        Name: `vol-2-${TIME}-daily`,
        'shelvery:name': `vol-2-${TIME}-daily`,
        'shelvery:entity_id': 'vol-2',
      },
    ]);
    expect(toldOf(told).slice(0, 2)).toEqual([
      about('vol-1', { backupName: name, entityName: 'web', backupId: first?.id, message: TOGETHER }),
      about('vol-2', { backupId: second?.id, message: TOGETHER }),
    ]);
    expect(told.slice(3).map(({ operation, entityId }) => `${operation} ${entityId ?? ''}`)).toEqual([
      'StoreBackupData vol-1',
      'ShareBackup vol-1',
      'StoreBackupData vol-2',
      'ShareBackup vol-2',
    ]);
    expect(changes(calls)).toEqual([
      `ebs:tagBackup ${LOCAL} ${first?.id ?? ''}`,
      `ebs:tagBackup ${LOCAL} ${second?.id ?? ''}`,
    ]);
    expect(said.map(([code]) => code)).toEqual(['SHELVERY_BUCKET_CHANGED']);
    expect([report.status, report.summary.collected, remaining]).toEqual(['OK', 2, 0]);
  });

  it('are not backed up together where nobody wants it: then nobody looks at what is attached', async () => {
    const estate = await estateOf('vol-1', 'vol-2');
    const sets = setsOf(estate, [attached(['vol-1', 'vol-2'])]);
    const { calls } = await estate.run('create_backups', { parts: withSets(sets) });
    expect([sets.listed, sets.requests]).toEqual([[], []]);
    expect(changes(calls)).toEqual(['vol-1', 'vol-2'].map((id) => `ebs:createBackup ${LOCAL} ${id}-${TIME}-daily`));
  });

  it('are not backed up together where only one wants it', async () => {
    const estate = await estateOf('vol-1');
    estate.resource('vol-2', { tags: { 'shelvery:config:shelvery_ebs_volume_sets': 'true' } });
    const sets = setsOf(estate, [attached(['vol-1', 'vol-2'])]);
    await estate.run('create_backups', { parts: withSets(sets) });
    expect(sets.listed).toEqual([]);
  });

  it('are not backed up together, and no word is said of it, where the service has no such call', async () => {
    const estate = openEstate('rds');
    for (const id of ['orders', 'books']) estate.resource(id);
    const { said, plan } = await estate.run('create_backups', { settings, dryRun: true });
    expect([said, plan?.map(({ what, subject }) => `${what} ${subject}`).slice(0, 2)]).toEqual([
      [],
      ['create books', 'create orders'],
    ]);
    expect(plan?.filter(({ what }) => what === 'warn')).toEqual([]);
  });

  it('are backed up together beside others, which are backed up one by one', async () => {
    const estate = await estateOf('vol-1', 'vol-2', 'vol-3');
    const sets = setsOf(estate, [attached(['vol-1', 'vol-2'])]);
    const { told, calls } = await estate.run('create_backups', { settings, parts: withSets(sets) });
    expect(told.slice(0, 3).map(({ entityId, message }) => [entityId, message])).toEqual(
      expect.arrayContaining([
        ['vol-1', TOGETHER],
        ['vol-2', TOGETHER],
        ['vol-3', undefined],
      ]),
    );
    expect(changes(calls).filter((call) => call.includes('createBackup'))).toEqual([
      `ebs:createBackup ${LOCAL} vol-3-${TIME}-daily`,
    ]);
  });

  it('are backed up together again where one backup failed, which is deleted first', async () => {
    const estate = await estateOf('vol-1', 'vol-2');
    hold(estate, { id: 'snap-old', entity: 'vol-2', created: TIME, state: 'failed' });
    const sets = setsOf(estate, [attached(['vol-1', 'vol-2'])]);
    const { told, calls } = await estate.run('create_backups', { settings, parts: withSets(sets) });
    expect(toldOf(told).map(({ entityId, message }) => [entityId, message])).toEqual([
      ['vol-1', TOGETHER],
      ['vol-2', TOGETHER],
    ]);
    expect(changes(calls)[0]).toBe(`ebs:deleteBackup ${LOCAL} snap-old`);
    expect(sets.requests.map(({ leftOut }) => leftOut)).toEqual([[]]);
  });

  it('are backed up together without one of which a failed try cannot be deleted', async () => {
    const estate = await estateOf('vol-1', 'vol-2', 'vol-3');
    hold(estate, { id: 'snap-old', entity: 'vol-1', created: TIME, state: 'failed' });
    estate.strike('ebs:deleteBackup', { refuse: 'UnauthorizedOperation' });
    const sets = setsOf(estate, [attached(['vol-1', 'vol-2', 'vol-3'])]);
    const { told, remaining } = await estate.run('create_backups', { settings, parts: withSets(sets) });
    expect(toldOf(told).map(({ entityId, message, error }) => [entityId, message ?? error])).toEqual([
      [
        'vol-1',
        'NotAllowed: UnauthorizedOperation while creating a backup of EBS volume vol-1: UnauthorizedOperation. Allow the call in the policy of the role or user that Shelvery runs as.',
      ],
      ['vol-2', TOGETHER],
      ['vol-3', TOGETHER],
    ]);
    expect(sets.requests.map(({ leftOut }) => leftOut)).toEqual([['vol-1']]);
    expect(remaining).toBe(0);
  });

  it('are not backed up, and no call is made, where no failed try can be deleted', async () => {
    const estate = await estateOf('vol-1', 'vol-2');
    hold(estate, { id: 'snap-1', entity: 'vol-1', created: TIME, state: 'failed' });
    hold(estate, { id: 'snap-2', entity: 'vol-2', created: TIME, state: 'failed' });
    estate.strike('ebs:deleteBackup', { refuse: 'UnauthorizedOperation' });
    estate.strike('ebs:deleteBackup', { refuse: 'UnauthorizedOperation', nth: 2 });
    const sets = setsOf(estate, [attached(['vol-1', 'vol-2'])]);
    const { told, remaining, report } = await estate.run('create_backups', { settings, parts: withSets(sets) });
    expect(told.map(({ entityId, status }) => [entityId, status])).toEqual([
      ['vol-1', 'failed'],
      ['vol-2', 'failed'],
    ]);
    expect([sets.requests, remaining, report.summary.unfinished]).toEqual([[], 0, 0]);
  });
});

describe('volumes that should be backed up together, and cannot be', () => {
  /** A call that is refused for what may be wrong with one of them only. */
  const refused = awsError('IncorrectState', { status: 400 }, 'one of them is in a state');

  it('are backed up one by one where the call is refused, and a warning tells why', async () => {
    const estate = await estateOf('vol-1', 'vol-2');
    const sets = setsOf(estate, [attached(['vol-1', 'vol-2'])], { refuse: () => refused });
    const { told, said, calls, remaining } = await estate.run('create_backups', { settings, parts: withSets(sets) });
    const message = `by itself: see the warning about ${INSTANCE}`;
    const [first, second] = estate.backups();
    expect(toldOf(told)).toEqual([
      about('vol-1', { backupId: first?.id, message }),
      about('vol-2', { backupId: second?.id, message }),
    ]);
    expect(said).toEqual([
      [
        'SHELVERY_NOT_TOGETHER',
        `vol-1, vol-2 of ${INSTANCE} are backed up one by one, and not consistent with one another: IncorrectState while backing up volumes of ${INSTANCE} together: one of them is in a state.`,
        { entityId: INSTANCE },
      ],
    ]);
    expect(estate.backups().map(({ tags }) => 'shelvery:volume_set' in tags)).toEqual([false, false]);
    expect(changes(calls)).toEqual(['vol-1', 'vol-2'].map((id) => `ebs:createBackup ${LOCAL} ${id}-${TIME}-daily`));
    expect([sets.requests.length, remaining]).toEqual([1, 0]);
  });

  it('are left over where the call is refused, and then the run may begin nothing more', async () => {
    const estate = await estateOf('vol-1', 'vol-2', 'vol-3');
    hold(estate, { id: 'snap-old', entity: 'vol-1', created: TIME, state: 'failed' });
    estate.strike('ebs:deleteBackup', { refuse: 'UnauthorizedOperation' });
    const sets = setsOf(estate, [attached(['vol-1', 'vol-2', 'vol-3'])], { refuse: () => refused });
    const left: RemainingWork[] = [];
    const { told } = await estate.run('create_backups', {
      settings,
      parts: (parts) => ({
        ...withSets(sets)(parts),
        mayStart: () => sets.requests.length === 0,
        handOver: handingOver(left),
      }),
    });
    expect(told.map(({ entityId, status }) => [entityId, status])).toEqual([['vol-1', 'failed']]);
    expect(left).toMatchObject([{ remaining: 2, begun: 1 }]);
  });

  it('are backed up one by one where more would have to be left out than a call takes', async () => {
    const estate = await estateOf('vol-1', 'vol-2');
    const sets = setsOf(estate, [attached(['vol-1', 'vol-2', 'vol-8', 'vol-9'])], { mostLeftOut: 1 });
    const { told, said } = await estate.run('create_backups', { settings, parts: withSets(sets) });
    const reason = `vol-1, vol-2 of ${INSTANCE} are backed up one by one, and not consistent with one another: 2 other volumes would have to be left out, and one call leaves out at most 1`;
    expect(said).toEqual([['SHELVERY_NOT_TOGETHER', reason, { entityId: INSTANCE }]]);
    expect(toldOf(told).map(({ entityId, message }) => [entityId, message])).toEqual([
      ['vol-1', undefined],
      ['vol-2', undefined],
    ]);
    estate.world.backups.clear();
    const { plan } = await estate.run('create_backups', { settings, parts: withSets(sets), dryRun: true });
    expect(plan?.slice(2)).toEqual([{ what: 'warn', subject: INSTANCE, reason, region: LOCAL }]);
  });

  it('are backed up one by one where nobody can tell what is attached', async () => {
    const estate = await estateOf('vol-1', 'vol-2');
    const sets: BackupSets = {
      ...setsOf(estate, []),
      list: () => Promise.reject(awsError('UnauthorizedOperation', { status: 403 })),
    };
    const dryRun = await estate.run('create_backups', { settings, parts: withSets(sets), dryRun: true });
    const reason =
      'vol-1, vol-2 are backed up one by one, and not consistent with one another: UnauthorizedOperation while looking up what is attached to which instance: UnauthorizedOperation. Allow the call in the policy of the role or user that Shelvery runs as.';
    expect(dryRun.plan?.slice(2)).toEqual([{ what: 'warn', subject: 'volumes', reason, region: LOCAL }]);
    const { told, said } = await estate.run('create_backups', { settings, parts: withSets(sets) });
    expect(said).toEqual([['SHELVERY_NOT_TOGETHER', reason, {}]]);
    expect(toldOf(told).map(({ entityId, status }) => [entityId, status])).toEqual([
      ['vol-1', 'ok'],
      ['vol-2', 'ok'],
    ]);
  });
});

describe('an instance that has changed since it was looked at', () => {
  it('has what was detached backed up by itself', async () => {
    const estate = await estateOf('vol-1', 'vol-2', 'vol-3');
    hold(estate, { id: 'snap-old', entity: 'vol-2', created: TIME, state: 'failed' });
    const sets = setsOf(estate, [attached(['vol-1', 'vol-2', 'vol-3'])], { then: ['vol-1', 'vol-3'] });
    const { told, calls, remaining } = await estate.run('create_backups', { settings, parts: withSets(sets) });
    expect(toldOf(told).map(({ entityId, message }) => [entityId, message])).toEqual(
      expect.arrayContaining([
        ['vol-1', TOGETHER],
        ['vol-2', `by itself: it was not attached to ${INSTANCE} any more`],
        ['vol-3', TOGETHER],
      ]),
    );
    // What failed is deleted once.
    expect(changes(calls).filter((call) => !call.includes('tagBackup'))).toEqual([
      `ebs:deleteBackup ${LOCAL} snap-old`,
      `ebs:createBackup ${LOCAL} vol-2-${TIME}-daily`,
    ]);
    expect(remaining).toBe(0);
  });

  it('has what was made of a newly attached volume removed at once', async () => {
    const estate = await estateOf('vol-1', 'vol-2');
    const sets = setsOf(estate, [attached(['vol-1', 'vol-2'])], { then: ['vol-1', 'vol-9', 'vol-2'] });
    const { told, report } = await estate.run('create_backups', { settings, parts: withSets(sets) });
    expect(toldOf(told)[0]).toEqual({
      operation: 'DeleteBackup',
      backupId: 'snap-00000000000000004',
      region: LOCAL,
      status: 'ok',
      message: `vol-9 was attached to ${INSTANCE} while its volumes were backed up together, and is not one of them`,
    });
    expect(toldOf(told)).toHaveLength(3);
    expect(estate.backups().map(({ of }) => of)).toEqual(['vol-1', 'vol-2']);
    expect(report.status).toBe('OK');
  });

  it('has removed what its service does not say the volume of', async () => {
    const estate = await estateOf('vol-1', 'vol-2');
    const sets = setsOf(estate, [attached(['vol-1', 'vol-2'])], {
      then: ['vol-1', 'vol-2', 'vol-9'],
      answer: (found) =>
        found.map(({ volumeId, ...each }) =>
          volumeId === undefined || volumeId === 'vol-9' ? each : { ...each, volumeId },
        ),
    });
    const { told } = await estate.run('create_backups', { settings, parts: withSets(sets) });
    expect(toldOf(told)[0]).toMatchObject({
      operation: 'DeleteBackup',
      message: `a volume was attached to ${INSTANCE} while its volumes were backed up together, and is not one of them`,
    });
  });

  it('is told of where what was made too much cannot be removed', async () => {
    const estate = await estateOf('vol-1', 'vol-2');
    const sets = setsOf(estate, [attached(['vol-1', 'vol-2'])], { then: ['vol-1', 'vol-2', 'vol-9'] });
    estate.strike('ebs:deleteBackup', { refuse: 'UnauthorizedOperation' });
    const { told } = await estate.run('create_backups', { settings, parts: withSets(sets) });
    expect(toldOf(told)[0]).toEqual({
      operation: 'DeleteBackup',
      backupId: 'snap-00000000000000005',
      region: LOCAL,
      status: 'failed',
      error:
        'NotAllowed: UnauthorizedOperation while deleting snap-00000000000000005, a snapshot of a volume that is not backed up: UnauthorizedOperation. Allow the call in the policy of the role or user that Shelvery runs as.',
    });
    expect(toldOf(told)).toHaveLength(3);
  });
});

describe('a call for several volumes that may have been done', () => {
  it('has what it made looked for, and nothing made twice', async () => {
    const estate = await estateOf('vol-1', 'vol-2');
    const sets = setsOf(estate, [attached(['vol-1', 'vol-2'])], { failAfter: UNCERTAIN });
    const { told, calls } = await estate.run('create_backups', { settings, parts: withSets(sets) });
    expect(toldOf(told).map(({ entityId, status, message }) => [entityId, status, message])).toEqual([
      ['vol-1', 'ok', TOGETHER],
      ['vol-2', 'ok', TOGETHER],
    ]);
    expect([sets.requests.length, estate.backups().length]).toEqual([1, 2]);
    expect(calls.slice(0, 5)).toEqual([
      `ebs:listResources ${LOCAL}`,
      `ebs:findByTags ${LOCAL}`,
      expect.stringContaining('s3:getLocation'),
      `ebs:findByTags ${LOCAL}`,
      expect.anything(),
    ]);
  });

  it('is made again where nothing of it is there, not even what is like it', async () => {
    const estate = await estateOf('vol-1', 'vol-2');
    const likeIt = { 'shelvery:volume_set': INSTANCE };
    hold(estate, { id: 'snap-a', entity: 'vol-1', created: '2026-11-24-0201', tags: likeIt });
    hold(estate, { id: 'snap-b', entity: 'vol-3', created: TIME, tags: likeIt });
    hold(estate, { id: 'snap-c', entity: 'vol-2', created: TIME, tags: likeIt, type: 'weekly' });
    const sets = setsOf(estate, [attached(['vol-1', 'vol-2'])], {
      refuse: (call) => (call === 1 ? UNCERTAIN : undefined),
    });
    const { told } = await estate.run('create_backups', { settings, parts: withSets(sets) });
    expect(toldOf(told).map(({ entityId, status, message }) => [entityId, status, message])).toEqual([
      ['vol-1', 'ok', TOGETHER],
      ['vol-2', 'ok', TOGETHER],
    ]);
    expect(sets.requests).toHaveLength(2);
  });

  it('takes nothing for what it made that failed', async () => {
    const estate = await estateOf('vol-1', 'vol-2');
    estate.failBackups();
    const sets = setsOf(estate, [attached(['vol-1', 'vol-2'])], { failAfter: UNCERTAIN });
    const { told } = await estate.run('create_backups', { settings, parts: withSets(sets) });
    expect(told.map(({ entityId, status }) => [entityId, status])).toEqual([
      ['vol-1', 'failed'],
      ['vol-2', 'failed'],
    ]);
    expect(sets.requests).toHaveLength(3);
  });

  it('leaves a volume for a later run of which it does not show the backup', async () => {
    let asked = 0;
    const estate = await estateOf('vol-1', 'vol-2', 'vol-3', 'vol-4');
    hold(estate, { id: 'snap-old', entity: 'vol-3', created: TIME, state: 'failed' });
    estate.strike('ebs:deleteBackup', { refuse: 'UnauthorizedOperation' });
    const sets = setsOf(estate, [attached(['vol-1', 'vol-2', 'vol-3'])], { then: ['vol-1'], failAfter: UNCERTAIN });
    const left: RemainingWork[] = [];
    const { told, errors, calls } = await estate.run('create_backups', {
      settings,
      parts: (parts) => ({
        ...withSets(sets)(parts),
        // Of vol-4, which is by itself, no backup is begun.
        mayStart: () => (asked += 1) > 1,
        handOver: handingOver(left),
      }),
    });
    expect(toldOf(told).map(({ entityId, message, error }) => [entityId, message ?? error])).toEqual([
      ['vol-3', expect.stringContaining('NotAllowed: ')],
      [
        'vol-2',
        `NotYet: The call that backs up volumes of ${INSTANCE} together failed, and yet it was done; EC2 does not list the snapshot of vol-2. Run it again with the same time.`,
      ],
      ['vol-1', TOGETHER],
    ]);
    expect(changes(calls).filter((call) => call.includes('createBackup'))).toEqual([]);
    expect(left).toMatchObject([{ remaining: 1, begun: 3 }]);
    expect(errors.map(({ mendable }) => mendable)).toEqual([false, true]);
  });

  it('is an error for each where nobody may look at what it made', async () => {
    const estate = await estateOf('vol-1', 'vol-2');
    const sets = setsOf(estate, [attached(['vol-1', 'vol-2'])], { failAfter: UNCERTAIN });
    estate.strike('ebs:findByTags', { refuse: 'UnauthorizedOperation', nth: 2 });
    const { told, said, calls, remaining } = await estate.run('create_backups', { settings, parts: withSets(sets) });
    expect(told).toEqual(
      ['vol-1', 'vol-2'].map((id) =>
        about(id, {
          status: 'failed',
          error: `NotAllowed: UnauthorizedOperation while creating a backup of EBS volume ${id}: UnauthorizedOperation. Allow the call in the policy of the role or user that Shelvery runs as.`,
        }),
      ),
    );
    expect([said, changes(calls), remaining]).toEqual([[], [], 0]);
  });

  // The last says of one volume of the set that it is gone, and nothing of the others.
  it.each(['SnapshotCreationPerVolumeRateExceeded', 'IncorrectState', 'InvalidVolume.NotFound'])(
    'has nothing made one by one where lists do not show it, and its repeat is refused (%s)',
    async (code) => {
      const estate = await estateOf('vol-1', 'vol-2');
      const sets = setsOf(estate, [attached(['vol-1', 'vol-2'])], {
        refuse: (call) => (call === 1 ? UNCERTAIN : awsError(code, { status: 400 })),
      });
      const { told, said, calls, remaining } = await estate.run('create_backups', { settings, parts: withSets(sets) });
      expect(told.map(({ entityId, status, error }) => [entityId, status, error])).toEqual(
        ['vol-1', 'vol-2'].map((id) => [
          id,
          'failed',
          expect.stringMatching(
            /^NotYet: The call .* may have been done; its repeat was refused: .* Run it again with the same time\.$/,
          ),
        ]),
      );
      expect([said, changes(calls), estate.backups()]).toEqual([[], [], []]);
      expect([sets.requests.length, remaining]).toEqual([2, 0]);
    },
  );

  it('is an error for each where it fails again and again', async () => {
    const estate = await estateOf('vol-1', 'vol-2');
    const sets = setsOf(estate, [attached(['vol-1', 'vol-2'])], { refuse: () => UNCERTAIN });
    const { told, said } = await estate.run('create_backups', { settings, parts: withSets(sets) });
    expect(told.map(({ entityId, error }) => [entityId, error])).toEqual(
      ['vol-1', 'vol-2'].map((id) => [
        id,
        `AwsError: InternalError while creating a backup of EBS volume ${id}: InternalError. This is temporary: run it again.`,
      ]),
    );
    expect([said, sets.requests.length]).toEqual([[], 3]);
  });
});

describe('a set that the run does not come to', () => {
  it.each([
    ['may begin nothing more', () => false, undefined],
    ['was not given its turn', () => true, new ShelveryError('NotBegun', 'its turn did not come')],
  ])('is left over as a whole: it %s', async (_, mayStart, refusal) => {
    const estate = await estateOf('vol-1', 'vol-2');
    const sets = setsOf(estate, [attached(['vol-1', 'vol-2'])], { refuse: () => refusal });
    const { told, remaining, said } = await estate.run('create_backups', {
      settings,
      parts: (parts) => ({ ...withSets(sets)(parts), mayStart }),
    });
    expect([told, said, remaining]).toEqual([[], [], 2]);
    expect(sets.requests).toHaveLength(refusal === undefined ? 0 : 1);
  });

  it('is left over as a whole where a failed try was not given its turn to be deleted', async () => {
    const estate = await estateOf('vol-1', 'vol-2');
    hold(estate, { id: 'snap-old', entity: 'vol-1', created: TIME, state: 'failed' });
    const sets = setsOf(estate, [attached(['vol-1', 'vol-2'])]);
    const { told, remaining } = await estate.run('create_backups', {
      settings,
      parts: withAdapter(() => ({
        sets,
        deleteBackup: () => Promise.reject(new ShelveryError('NotBegun', 'its turn did not come')),
      })),
    });
    expect([told, sets.requests, remaining]).toEqual([[], [], 2]);
  });
});

describe('backups that were made together and have not got their own tags', () => {
  const refusal = ALLOW;

  /** A run that makes them, and may tag none. */
  async function leave(): Promise<{ readonly estate: MemoryEstate; readonly sets: BackupSets & SetCalls }> {
    const estate = await estateOf('vol-1', 'vol-2');
    const sets = setsOf(estate, [attached(['vol-1', 'vol-2'])]);
    for (const nth of [1, 2]) estate.strike('ebs:tagBackup', { refuse: 'UnauthorizedOperation', nth });
    const { told } = await estate.run('create_backups', { settings, parts: withSets(sets) });
    expect(told).toEqual(
      estate.backups().map(({ id, of }) =>
        about(of, {
          status: 'failed',
          backupId: id,
          error: `NotAllowed: UnauthorizedOperation while giving ${id}, a backup of ${of}, its own tags; the next clean_backups does it: UnauthorizedOperation. ${refusal}`,
        }),
      ),
    );
    return { estate, sets };
  }

  it('get them by the run that is repeated, and what follows', async () => {
    const { estate, sets } = await leave();
    const dryRun = await estate.run('create_backups', { settings, parts: withSets(sets), dryRun: true });
    const [first, second] = estate.backups();
    expect(dryRun.plan).toEqual(
      [first, second].map((backup) => ({
        what: 'found',
        subject: backup?.of,
        name: `${backup?.of ?? ''}-${TIME}-daily`,
        reason: `already made: ${backup?.id ?? ''}, which is given its own tags`,
        region: LOCAL,
      })),
    );
    const { told, calls, remaining } = await estate.run('create_backups', { settings, parts: withSets(sets) });
    const message = 'made by an earlier run, which ended before it could give it its own tags';
    expect(toldOf(told)).toEqual([
      about('vol-1', { backupId: first?.id, message }),
      about('vol-2', { backupId: second?.id, message }),
    ]);
    expect(told.filter(({ operation }) => operation === 'StoreBackupData')).toHaveLength(2);
    expect(changes(calls)).toEqual([first, second].map((backup) => `ebs:tagBackup ${LOCAL} ${backup?.id ?? ''}`));
    expect(estate.backups().map(({ tags }) => tags['Name'])).toEqual([`vol-1-${TIME}-daily`, `vol-2-${TIME}-daily`]);
    expect([sets.requests.length, remaining]).toEqual([1, 0]);
  });

  it('stay without where the repeated run may begin nothing more', async () => {
    const { estate, sets } = await leave();
    const { told, remaining } = await estate.run('create_backups', {
      settings,
      parts: (parts) => ({ ...withSets(sets)(parts), mayStart: () => false }),
    });
    expect([told, remaining]).toEqual([[], 2]);
  });

  it('get them later where the call was not given its turn', async () => {
    const estate = await estateOf('vol-1', 'vol-2');
    const sets = setsOf(estate, [attached(['vol-1', 'vol-2'])]);
    const { told, remaining } = await estate.run('create_backups', {
      settings,
      parts: withAdapter(() => ({
        sets,
        tagBackup: () => Promise.reject(new ShelveryError('NotBegun', 'its turn did not come')),
      })),
    });
    expect([told, remaining]).toEqual([[], 2]);
  });

  it('get them as soon as EC2 knows of the backups', async () => {
    const estate = await estateOf('vol-1', 'vol-2');
    const sets = setsOf(estate, [attached(['vol-1', 'vol-2'])]);
    estate.strike('ebs:tagBackup', { refuse: 'InvalidSnapshot.NotFound' });
    const { told, calls } = await estate.run('create_backups', { settings, parts: withSets(sets) });
    expect(toldOf(told).map(({ status }) => status)).toEqual(['ok', 'ok']);
    expect(changes(calls)).toHaveLength(3);
  });

  it('are told by an error where they have come to be something else', async () => {
    const estate = await estateOf('vol-1', 'vol-2');
    const sets = setsOf(estate, [attached(['vol-1', 'vol-2'])], {
      answer: (found) =>
        found.map((each) => (each.volumeId === 'vol-2' ? { ...each, description: 'by somebody' } : each)),
    });
    const { told } = await estate.run('create_backups', { settings, parts: withSets(sets) });
    expect(toldOf(told).map(({ entityId, error }) => [entityId, error])).toEqual(
      expect.arrayContaining([
        ['vol-1', undefined],
        [
          'vol-2',
          'BackupUnreadable: the new backup snap-00000000000000004: its description is "by somebody", which neither Shelvery nor its predecessor gives to one',
        ],
      ]),
    );
  });
});

describe('a dry run of volumes that are backed up together', () => {
  it('says which go together, how long AWS makes it take, and calls nothing', async () => {
    const estate = await estateOf('vol-1', 'vol-2', 'vol-3', 'vol-4');
    const sets = setsOf(estate, [attached(['vol-1', 'vol-2', 'vol-4'])]);
    const { plan, calls } = await estate.run('create_backups', {
      settings: { ...settings, shelvery_dr_regions: DR },
      parts: withSets(sets),
      dryRun: true,
    });
    expect(plan?.slice(0, 4).map(({ subject, reason }) => [subject, reason])).toEqual([
      ['vol-1', `daily backup, in one call with vol-2, vol-4 of ${INSTANCE}, copied to ${DR}`],
      ['vol-2', `daily backup, in one call with vol-1, vol-4 of ${INSTANCE}, copied to ${DR}`],
      ['vol-3', `daily backup, copied to ${DR}`],
      ['vol-4', `daily backup, in one call with vol-1, vol-2 of ${INSTANCE}, copied to ${DR}`],
    ]);
    expect([sets.requests, changes(calls)]).toEqual([[], []]);
  });

  it('counts the calls of each action by themselves', async () => {
    const estate = await estateOf();
    const pairs = Array.from({ length: 500 }, (_, at) => [`vol-${String(at)}`, `vol-${String(at)}b`] as const);
    for (const id of pairs.flat()) estate.resource(id);
    const instances = pairs.map((ids, at) => ({ ...attached(ids), id: ResourceId.parse(`i-${String(at)}`) }));
    const { plan } = await estate.run('create_backups', {
      settings,
      parts: withSets(setsOf(estate, instances)),
      dryRun: true,
    });
    expect(plan?.filter(({ what }) => what === 'warn')).toEqual([
      {
        what: 'warn',
        subject: 'ec2:CreateSnapshots',
        reason: 'AWS takes 100 calls of ec2:CreateSnapshots at once, then 5 a second: 500 take at least 1 minute',
        region: LOCAL,
      },
      {
        what: 'warn',
        subject: 'ec2:CreateTags',
        reason: 'AWS takes 100 calls of ec2:CreateTags at once, then 10 a second: 1,000 take at least 1 minute',
        region: LOCAL,
      },
    ]);
  });
});
