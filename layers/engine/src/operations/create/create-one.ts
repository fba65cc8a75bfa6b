import { TAG, tagKey } from '../../domain/backup/backup-tags.js';
import type { Backup, FoundBackup, PlannedBackup } from '../../domain/backup/backup.js';
import { deadlineOf } from '../../domain/delayed.js';
import { derivedName } from '../../domain/backup/naming.js';
import { ShelveryError, reworded } from '../../domain/errors.js';
import { present } from '../../domain/present.js';
import { BackupId } from '../../domain/values.js';
import { faultName, isNotBegun, toShelveryError } from '../../domain/telling/faults.js';
import type { OutcomeSubject } from '../../domain/telling/outcome.js';
import { isBackupOf, renamed } from '../../domain/plan/plan-create.js';
import type { Job } from '../../domain/plan/plan-sets.js';
import type { RunContext } from '../context.js';
import { WHY_IT_STAYS, deleteFailed } from '../delete-failed.js';
import { backupsAmong, prefixOf, readMade } from '../identify.js';
import { whatFollows } from '../what-follows.js';
import { isTaken, makeOnce, setApart, underFreeName } from '../make-once.js';

/** What making backups needs of a run. */
export type Creating = Pick<
  RunContext,
  'adapter' | 'buckets' | 'clock' | 'config' | 'delayed' | 'home' | 'log' | 'report' | 'run' | 'store'
>;

/**
 * Makes one backup by itself, and hands over what follows.
 *
 * @param remark what is said of it in any case.
 * @returns whether it came to an end, good or bad: not where its turn did not come before the run had to end.
 */
export async function createOne(context: Creating, { planned, failed }: Job, remark?: string): Promise<boolean> {
  try {
    const stays = await deleteAllFailed(context, failed);
    const { backup, named, note } = await makeUnderFreeName(context, planned, stays.length);
    const message = [note, remark, ...stays].filter((part) => part !== undefined).join('; ');
    context.report({ ...subject(named), backupId: backup.id, status: 'ok', ...(message === '' ? {} : { message }) });
    sendWhatFollows(context, named, backup);
  } catch (error) {
    if (isNotBegun(error)) return false;
    reportFailure(context, planned, error);
  }
  return true;
}

/** Deletes what earlier tries left; what is to be said of those that stay. */
export async function deleteAllFailed(context: Creating, failed: readonly Backup[]): Promise<readonly string[]> {
  const stays: string[] = [];
  for (const each of failed) {
    if ((await deleteFailed(context, each)) === 'stays') stays.push(`${each.id}, which failed, stays, ${WHY_IT_STAYS}`);
  }
  return stays;
}

/** A backup that was made, as it was planned in the end. */
interface MadeBackup {
  readonly named: PlannedBackup;
  readonly backup: Backup;
  readonly note?: string;
}

/**
 * Makes a backup under its planned name. Where something else holds that (such as the DR copy of another region's database
 * of equal name), under a name apart.
 */
async function makeUnderFreeName(context: Creating, planned: PlannedBackup, failed: number): Promise<MadeBackup> {
  const { adapter, home } = context;
  const ofResource = `${home.accountId} ${home.region} ${planned.resource.id}`;
  const apart = (): string => derivedName(planned.name, '', adapter.rules, setApart(ofResource, failed));
  try {
    return await underFreeName(planned.name, apart, (name) => make(context, renamed(planned, name, prefixOf(context))));
  } catch (error) {
    if (!isTaken(error)) throw error;
    const holders = await Promise.all([planned.name, apart()].map((name) => holderOf(context, name)));
    throw reworded(
      error,
      `Both names that this backup could have are taken: ${holders.join('; ')}. Delete one of the two.`,
    );
  }
}

async function make(context: Creating, planned: PlannedBackup): Promise<MadeBackup> {
  const once = await makeOnce({
    adapter: context.adapter,
    clock: context.clock,
    name: planned.name,
    make: () => context.adapter.createBackup(planned),
    find: async () => (await findMade(context, planned))?.found,
  });
  const found = once.kind === 'made' ? once.value.found : once.found;
  const note = once.kind === 'made' ? once.value.note : 'the call failed, but the backup had been made';
  return { named: planned, backup: readMade(found, planned.tags, context, 'the new backup'), ...present({ note }) };
}

/**
 * What holds a name in the local region, for people, as far as the service tells it. A look that fails is told of: it
 * must not hide that the name is taken.
 */
async function holderOf({ adapter, config, home }: Creating, name: string): Promise<string> {
  let found: FoundBackup | undefined;
  try {
    const id = BackupId.parse(name);
    found = (await adapter.describeBackups(home.region, [id])).get(id);
  } catch (error) {
    return `${name} is held by what could not be looked at (${toShelveryError(error, `looking at ${name}`).message})`;
  }
  if (found === undefined) return `${name} is held by something that cannot be looked up by its name`;
  const { tags } = found;
  const tag = (last: string): string | undefined => tags[tagKey(config.values.shelvery_tag_prefix, last)];
  const [source, entity] = [tag(TAG.drSourceBackup), tag(TAG.entityId)];
  if (source !== undefined) return `${name} is the DR copy of ${source}`;
  return entity === undefined ? `${name} is a backup that Shelvery did not make` : `${name} is a backup of ${entity}`;
}

/** What an earlier call of this run made for a resource: ours, of this resource and minute, and not failed. */
async function findMade(
  context: Pick<RunContext, 'adapter' | 'config' | 'home'>,
  planned: PlannedBackup,
): Promise<Backup | undefined> {
  const found = await context.adapter.findByTags(context.home.region, tagKey(prefixOf(context), TAG.name), [
    planned.name,
  ]);
  return backupsAmong(found, context).find(
    (backup) => backup.found.state !== 'failed' && isBackupOf(backup, planned, context.home),
  );
}

/** Reports that a backup was not made, or ignores that where nothing is to be done about it. */
export function reportFailure(
  context: Pick<RunContext, 'adapter' | 'config' | 'report'>,
  planned: PlannedBackup,
  error: unknown,
): void {
  const { faults, resourceNoun } = context.adapter;
  const name = faultName(error);
  const what = `${resourceNoun} ${planned.resource.id}`;
  if (faults.gone.includes(name)) {
    context.report({
      ...subject(planned),
      status: 'ignored',
      reason: `the ${what} was deleted while the run was going on`,
    });
    return;
  }
  const failure = toShelveryError(error, `creating a backup of ${what}`);
  const aws = present({ aws: failure.aws });
  if (faults.invalidState.includes(name)) {
    if (context.config.values.shelvery_ignore_invalid_resource_state) {
      context.report({ ...subject(planned), status: 'ignored', reason: failure.message });
      return;
    }
    context.report({
      ...subject(planned),
      status: 'failed',
      error: new ShelveryError(
        'InvalidResourceState',
        `${failure.message} Bring it into a state that can be backed up, or set shelvery_ignore_invalid_resource_state=true.`,
        { cause: error, mendable: true, ...aws },
      ),
    });
    return;
  }
  const quota = faults.quota[name];
  if (quota !== undefined) {
    const message = `${what} was not backed up: the quota "${quota}" is full. Delete snapshots that are not needed, or ask AWS to raise it (Service Quotas).`;
    context.report({
      ...subject(planned),
      status: 'failed',
      error: new ShelveryError('QuotaExceeded', message, { cause: error, ...aws }),
    });
    return;
  }
  // Too many at a time is a temporary fault: a later run succeeds.
  const mended = faults.notYet.includes(name)
    ? new ShelveryError('NotYet', failure.message, { cause: error, mendable: true, ...aws })
    : failure;
  context.report({ ...subject(planned), status: 'failed', error: mended });
}

/**
 * Hands over what follows once the backup is available.
 *
 * @param how `untold` where the event that tells of it may have come already, and found nothing that it could begin.
 */
export function sendWhatFollows(
  context: Pick<RunContext, 'adapter' | 'clock' | 'delayed'>,
  planned: PlannedBackup,
  backup: Backup,
  how: 'untold' | undefined = backup.found.state === 'available' ? 'untold' : undefined,
): void {
  // Where a run is repeated long after, the delayed operations of what is available by now get their whole time again.
  const made = (backup.found.state === 'pending' ? backup.found.startedAt : undefined) ?? context.clock.now();
  const deadline = deadlineOf(made, planned.config.values.shelvery_wait_deadline_hours);
  const withFacts = { ...backup, ...present({ facts: planned.resource.facts }) };
  for (const operation of whatFollows(context, withFacts, planned.targets)) {
    context.delayed.send({ backupType: context.adapter.type, operation, waiting: { attempt: 0, deadline } }, how);
  }
}

/** What an outcome says of a backup that is to be made. */
export function subject(planned: PlannedBackup): OutcomeSubject {
  const entityName = planned.resource.tags['Name'];
  return {
    operation: 'CreateBackup',
    backupName: planned.name,
    entityId: planned.resource.id,
    retentionType: planned.retentionType,
    region: planned.resource.region,
    ...present({ entityName }),
  };
}
