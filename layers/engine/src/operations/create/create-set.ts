import { TAG, addTags, tagKey } from '../../domain/backup/backup-tags.js';
import type { FoundBackup, PlannedBackup } from '../../domain/backup/backup.js';
import { ShelveryError } from '../../domain/errors.js';
import { present } from '../../domain/present.js';
import { isBackupOf } from '../../domain/plan/plan-create.js';
import { commonTags, tagsInSet } from '../../domain/plan/plan-sets.js';
import type { Apart, Job, PlannedSet } from '../../domain/plan/plan-sets.js';
import { isNotBegun, isUncertain, toShelveryError } from '../../domain/telling/faults.js';
import type { ResourceId } from '../../domain/values.js';
import type { BackupSets } from '../../ports.js';
import type { RunContext } from '../context.js';
import type { Limit } from '../limit.js';
import { backupsAmong, prefixOf, readMade } from '../identify.js';
import { makeOnce, onceKnown } from '../make-once.js';
import { createOne, deleteAllFailed, reportFailure, sendWhatFollows, subject } from './create-one.js';
import type { Creating } from './create-one.js';

/** What making backups together needs of a run. */
type CreatingSets = Creating & Pick<RunContext, 'limit' | 'mayStart'>;

/** What became of a set's call. */
interface SetMade {
  readonly members: readonly Member[];
  /** What has to be made by itself after all, and why. */
  readonly alone: readonly { readonly job: Job; readonly why: string }[];
  /** For each backup that is done with otherwise, whether it came to an end. */
  readonly ends: readonly boolean[];
}

/** A backup that was made together with others, and lacks its own tags. */
interface Member {
  readonly planned: PlannedBackup;
  readonly found: FoundBackup;
  readonly remark: string;
}

/**
 * Makes the backups of a set in one call, and gives each its own tags in a call of its own. The first call gives them all
 * that they have in common, and a description that tells of the set: where the run ends in between, a repeat or the next
 * clean_backups knows them by that and by the volume that EC2 says each is of.
 *
 * What the call is refused for may be wrong with one of them only: then each is made by itself.
 *
 * @param naming how many are given their tags at a time, apart from how many are made: each has a pace of its own.
 * @returns for each backup whether it came to an end, good or bad.
 */
export async function createSet(context: CreatingSets, set: PlannedSet, naming: Limit): Promise<readonly boolean[]> {
  const { sets } = context.adapter;
  const notBegun = set.jobs.map(() => false);
  if (sets === undefined) return notBegun;
  const made = await context.limit(async () =>
    context.mayStart() ? await makeTogether(context, sets, set) : undefined,
  );
  if (made === undefined) return notBegun;
  const ends = await Promise.all([
    ...made.members.map((member) => naming(() => nameMember(context, member))),
    ...made.alone.map(({ job, why }) =>
      context.limit(async () => context.mayStart() && (await createOne(context, { ...job, failed: [] }, why))),
    ),
  ]);
  return [...made.ends, ...ends];
}

async function makeTogether(
  context: CreatingSets,
  sets: BackupSets,
  { of, jobs, leftOut }: PlannedSet,
): Promise<SetMade | undefined> {
  const ready: Job[] = [];
  for (const job of jobs) {
    try {
      await deleteAllFailed(context, job.failed);
      ready.push(job);
    } catch (error) {
      if (isNotBegun(error)) return undefined;
      reportFailure(context, job.planned, error);
    }
  }
  const ends = jobs.slice(ready.length).map(() => true);
  const planned = ready.map((job) => ({ ...job.planned, tags: tagsInSet(job.planned, of) }));
  const [first] = planned;
  if (first === undefined) return { members: [], alone: [], ends };
  const failedToDelete = jobs.flatMap((job) => (ready.includes(job) ? [] : [job.planned.resource.id]));
  const request = {
    of,
    leftOut: [...leftOut, ...failedToDelete],
    retentionType: first.retentionType,
    tags: commonTags(planned.map(({ tags }) => tags)),
  };
  const thrown: unknown[] = [];
  try {
    const once = await makeOnce({
      adapter: context.adapter,
      clock: context.clock,
      name: first.name,
      make: async () => {
        try {
          return await sets.create(request);
        } catch (error) {
          thrown.push(error);
          throw error;
        }
      },
      find: () => findMadeOf(context, of.id, planned),
    });
    const found = once.kind === 'made' ? once.value : once.found;
    const byVolume = new Map(found.map((each) => [each.volumeId, each]));
    const members = planned.flatMap((each): readonly Member[] => {
      const mine = byVolume.get(each.resource.id);
      const remark = `in one call with the other volumes of ${of.id}`;
      return mine === undefined ? [] : [{ planned: each, found: mine, remark }];
    });
    const missing = ready.filter((job) => !byVolume.has(job.planned.resource.id));
    if (once.kind === 'found') {
      for (const job of missing) reportFailure(context, job.planned, notSeen(job.planned, of.id));
      return { members, alone: [], ends: [...ends, ...missing.map(() => true)] };
    }
    await removeUnwanted(context, found, planned, of.id);
    return {
      members,
      alone: missing.map((job) => ({ job, why: `by itself: it was not attached to ${of.id} any more` })),
      ends,
    };
  } catch (error) {
    if (isNotBegun(error)) return undefined;
    const isRefusal = thrown.includes(error) && !isUncertain(error);
    // The call may have been done, and nobody could see whether: what is made now would be made twice. A refusal is of one call
    // alone: what an earlier one has made EC2 may refuse to make again so soon.
    if (!isRefusal || thrown.length > 1) {
      const failure = isRefusal ? refusedLater(of.id, error) : error;
      for (const job of ready) reportFailure(context, job.planned, failure);
      return { members: [], alone: [], ends: jobs.map(() => true) };
    }
    const why = toShelveryError(error, `backing up volumes of ${of.id} together`).message;
    sayApart(context, { of: of.id, members: planned.map(({ resource }) => resource.id), why });
    return {
      members: [],
      alone: ready.map((job) => ({ job, why: `by itself: see the warning about ${of.id}` })),
      ends,
    };
  }
}

/** What an earlier call made for the set: nothing is taken for it that failed, or that is of another minute or volume. */
async function findMadeOf(
  context: Pick<RunContext, 'adapter' | 'config' | 'home'>,
  setId: ResourceId,
  planned: readonly PlannedBackup[],
): Promise<readonly FoundBackup[] | undefined> {
  const listed = await context.adapter.findByTags(context.home.region, tagKey(prefixOf(context), TAG.volumeSet), [
    setId,
  ]);
  const found = backupsAmong(listed, context).filter(
    (backup) => backup.found.state !== 'failed' && planned.some((each) => isBackupOf(backup, each, context.home)),
  );
  return found.length === 0 ? undefined : found.map((backup) => backup.found);
}

/** The call was done, and does not show all that it made: nothing may be made twice. */
function notSeen({ resource }: PlannedBackup, setId: ResourceId): ShelveryError {
  return new ShelveryError(
    'NotYet',
    `The call that backs up volumes of ${setId} together failed, and yet it was done; EC2 does not list the snapshot of ${resource.id}. Run it again with the same time.`,
    { mendable: true },
  );
}

/** What the repeat is refused for is of the set, and says nothing of any one of its volumes. */
function refusedLater(setId: ResourceId, error: unknown): ShelveryError {
  const { message, aws } = toShelveryError(error, `backing up volumes of ${setId} together once more`);
  return new ShelveryError(
    'NotYet',
    `The call that backs up volumes of ${setId} together had no answer, and may have been done; its repeat was refused: ${message} Run it again with the same time.`,
    { cause: error, mendable: true, ...present({ aws }) },
  );
}

/** Removes what the call has made of volumes that were attached after the set was planned: nobody wants it in this set. */
async function removeUnwanted(
  context: Pick<RunContext, 'adapter' | 'report' | 'home'>,
  made: readonly FoundBackup[],
  planned: readonly PlannedBackup[],
  setId: ResourceId,
): Promise<void> {
  const wanted = new Set<string | undefined>(planned.map(({ resource }) => resource.id));
  for (const found of made) {
    if (wanted.has(found.volumeId)) continue;
    const about = { operation: 'DeleteBackup', backupId: found.id, region: context.home.region } as const;
    try {
      await context.adapter.deleteBackup(found);
      const message = `${found.volumeId ?? 'a volume'} was attached to ${setId} while its volumes were backed up together, and is not one of them`;
      context.report({ ...about, status: 'ok', message });
    } catch (error) {
      context.report({
        ...about,
        status: 'failed',
        error: toShelveryError(error, `deleting ${found.id}, a snapshot of a volume that is not backed up`),
      });
    }
  }
}

/**
 * Gives a backup that was made together with others its own tags, and hands over what follows.
 *
 * @returns whether it came to an end, good or bad.
 */
export async function nameMember(context: CreatingSets, { planned, found, remark }: Member): Promise<boolean> {
  const { adapter } = context;
  try {
    const tags = addTags(found.tags, planned.tags, prefixOf(context), adapter.rules);
    await onceKnown(context, () => adapter.tagBackup(found, tags));
    const backup = readMade({ ...found, tags }, tags, context, 'the new backup');
    context.report({ ...subject(planned), backupId: backup.id, status: 'ok', message: remark });
    sendWhatFollows(context, planned, backup, 'untold');
  } catch (error) {
    if (isNotBegun(error)) return false;
    const doing = `giving ${found.id}, a backup of ${planned.resource.id}, its own tags; the next clean_backups does it`;
    context.report({ ...subject(planned), backupId: found.id, status: 'failed', error: toShelveryError(error, doing) });
  }
  return true;
}

/** Why volumes of an instance are not backed up together. */
export function inWords({ of, members, why }: Apart): string {
  const volumes = `${members.join(', ')}${of === undefined ? '' : ` of ${of}`}`;
  return `${volumes} are backed up one by one, and not consistent with one another: ${why}`;
}

/** The same in the log. */
export function sayApart({ log }: Pick<RunContext, 'log'>, apart: Apart): void {
  log.warn('SHELVERY_NOT_TOGETHER', inWords(apart), present({ entityId: apart.of }));
}
