import type { Backup, FoundBackup } from '../../domain/backup/backup.js';
import { ShelveryError } from '../../domain/errors.js';
import { faultName, isNotBegun, toShelveryError } from '../../domain/telling/faults.js';
import { backupKey, removedKey, sharedKey } from '../../domain/files/keys.js';
import { formatMetadata, metadataOf } from '../../domain/files/metadata.js';
import type { Removed } from '../../domain/plan/plan-clean.js';
import { recordName } from '../../domain/backup/read-backup.js';
import type { AccountId, BackupId, BackupType, Region } from '../../domain/values.js';
import { sharedAccountsOf } from '../archive/archived-files.js';
import type { RunContext } from '../context.js';
import { isUndeletable } from '../delete-failed.js';
import { filesOfAnother, filesWithWriters, keptByName, ownersByName } from './leave-files.js';
import { sendFresh } from '../follow/delayed-work.js';
import { subjectOf } from '../identify.js';
import type { PlannedRegion } from '../regions/plan-regions.js';
import { sharedWith } from '../shared-files/shared-with.js';

/** What an operation of this file needs of a run. */
type Removing = Pick<
  RunContext,
  'adapter' | 'clock' | 'config' | 'delayed' | 'limit' | 'mayStart' | 'report' | 'store'
>;

/**
 * Removes what is planned for one region. It deletes each backup, or as many as the service takes in one call, and then
 * writes its record under `removed/`; at the end it deletes the live and shared files of all of them together, up to 1,000
 * a call. Where a backup that stays has the same name, the files are that one's, and stay: `leaveFiles` has made sure that
 * they describe it. Of a name of which another backup could not be removed they are written anew for that one. Where there is no bucket, which has been reported, nothing is recorded.
 *
 * @example `web-2026-01-10-0300-daily` expires: its snapshot is deleted, `backups/ebs/removed/web-….yaml` is written, then
 *   `backups/ebs/web-….yaml` and its copies below `backups/shared/` are deleted.
 *
 * @returns how many were not begun, because no more work may be begun.
 */
export async function removeBackups(context: Removing, planned: PlannedRegion): Promise<number> {
  const { region, plan, lacksBucket } = planned;
  if (plan.remove.length === 0) return 0;
  const accounts = lacksBucket ? [] : await sharedWith(context, region);
  const kept = keptByName(plan.keep);
  const isOfAnother = filesOfAnother(context, planned);
  const recorded: Backup[] = [];
  /** What was to be removed, and is there. */
  const left: Backup[] = [];
  const unrecorded: Unrecorded[] = [];
  let remaining = 0;
  const record = async (backup: Backup): Promise<void> => {
    if (lacksBucket || kept.has(recordName(backup)) || (await isOfAnother(backup))) return;
    const failed = await recordRemoval(context, backup);
    if (failed === undefined) recorded.push(backup);
    else unrecorded.push(failed);
  };
  await context.limit.each(inCalls(context, plan.remove), async (removals) => {
    const ends: readonly End[] = context.mayStart()
      ? await removeAll(context, removals)
      : removals.map(() => 'not-begun');
    remaining += ends.filter((end) => end === 'not-begun').length;
    const gone = removals.filter((_, index) => ends[index] === 'gone');
    for (const removal of removals) if (!gone.includes(removal)) left.push(removal.backup);
    await Promise.all(gone.map(({ backup }) => record(backup)));
  });
  reportUnrecorded(context, region, unrecorded);
  const owners = ownersByName(left);
  const names = new Set(recorded.map(recordName));
  // Files of these names tell of one that is gone.
  const stale = [...owners].flatMap(([name, owner]) => (names.has(name) ? filesWithWriters(owner, context) : []));
  for (const { operation } of stale) sendFresh(context, operation);
  const isBare = (backup: Backup): boolean => !owners.has(recordName(backup));
  const gone = unrecorded.map(({ backup }) => backup);
  // What is not on record keeps its live file, by which the next run knows it, and is offered to nobody any more.
  const known = new Set(gone.map((backup) => backupKey(context.adapter.type, recordName(backup))));
  const keys = [...recorded, ...gone]
    .filter(isBare)
    .flatMap((backup) => filesOf(context.adapter.type, backup, accounts))
    .filter((key) => !known.has(key));
  await deleteFiles(context, region, keys);
  return remaining;
}

/** What is removed in one call: most services delete one backup at a time. */
function inCalls({ adapter }: Removing, removals: readonly Removed[]): readonly (readonly Removed[])[] {
  const most = adapter.deleteTogether?.most ?? 1;
  return Array.from({ length: Math.ceil(removals.length / most) }, (_, index) =>
    removals.slice(index * most, (index + 1) * most),
  );
}

/** `not-begun` where its turn did not come before the run had to end. */
type End = 'gone' | 'there' | 'not-begun';

/** Removes what is removed in one call, and reports on each. */
async function removeAll(context: Removing, removals: readonly Removed[]): Promise<readonly End[]> {
  const refusalOf = await deleteAll(
    context,
    removals.map(({ backup }) => backup.found),
  );
  return removals.map((removal) => endOf(context, removal, refusalOf(removal.backup.id)));
}

/** Why a backup was not deleted. */
interface Refusal {
  readonly error: unknown;
}

/** Deletes the backups of one call, and says of each whether, and why, it is still there. */
async function deleteAll(
  { adapter }: Removing,
  backups: readonly FoundBackup[],
): Promise<(id: BackupId) => Refusal | undefined> {
  try {
    if (adapter.deleteTogether === undefined) {
      // There is one (see `inCalls`), whose error is its own.
      for (const backup of backups) await adapter.deleteBackup(backup);
      return () => undefined;
    }
    const refused = await adapter.deleteTogether.run(backups);
    return (id) => (refused.has(id) ? { error: refused.get(id) } : undefined);
  } catch (error) {
    return () => ({ error });
  }
}

function endOf(context: Removing, { backup, reason, text }: Removed, refusal: Refusal | undefined): End {
  const subject = subjectOf(reason === 'temporary-over' ? 'DeleteReencryptedBackup' : 'DeleteBackup', backup);
  if (refusal !== undefined) {
    const { error } = refusal;
    if (isNotBegun(error)) return 'not-begun';
    if (isUndeletable(context, backup, error)) {
      const why = 'it failed, and the service deletes no snapshot in this state; AWS Support can';
      context.report({ ...subject, status: 'ignored', reason: why });
      return 'there';
    }
    if (!context.adapter.faults.gone.includes(faultName(error))) {
      context.report({ ...subject, status: 'failed', error: toShelveryError(error, `deleting ${backup.id}`) });
      return 'there';
    }
  }
  context.report({ ...subject, status: 'ok', message: text });
  return 'gone';
}

/** A backup that is gone, and why that could not be recorded. */
interface Unrecorded {
  readonly backup: Backup;
  readonly failure: unknown;
}

/** Writes the record of a removal; gives what went wrong. Only where it was written may the files be deleted. */
async function recordRemoval(context: Removing, backup: Backup): Promise<Unrecorded | undefined> {
  try {
    const document = metadataOf(backup, context.adapter.type, { deletedAt: context.clock.now() });
    await context.store.put(
      backup.region,
      removedKey(context.adapter.type, recordName(backup)),
      formatMetadata(document),
    );
    return undefined;
  } catch (failure) {
    return { backup, failure };
  }
}

/** One error for all that one fault of a bucket kept from being recorded. */
function reportUnrecorded(context: Removing, region: Region, unrecorded: readonly Unrecorded[]): void {
  const byFault = Map.groupBy(unrecorded, ({ failure }) => faultName(failure));
  for (const [first, ...others] of byFault.values()) {
    if (first === undefined) continue;
    const { backup, failure } = first;
    const bucket = context.store.bucketName(region);
    const more = others.length === 0 ? '' : `, and ${others.length} more,`;
    const doing = `recording in ${bucket} that ${backup.name}${more} was removed (the next clean_backups moves the files to removed/)`;
    const subject =
      others.length === 0 ? subjectOf('StoreBackupData', backup) : ({ operation: 'StoreBackupData', region } as const);
    context.report({ ...subject, bucket, status: 'failed', error: toShelveryError(failure, doing) });
  }
}

/** A pulled copy is shared with nobody: files of its name that wait for accounts are another's. */
function filesOf(type: BackupType, backup: Backup, accounts: readonly AccountId[]): readonly string[] {
  const name = recordName(backup);
  if (backup.place === 'pulled') return [backupKey(type, name)];
  const all = new Set([...accounts, ...sharedAccountsOf(backup)]);
  return [backupKey(type, name), ...[...all].map((account) => sharedKey(account, type, name))];
}

/** Deletes files together. What could not be deleted is reported, and the next run finds it. */
export async function deleteFiles(
  context: Pick<RunContext, 'report' | 'store'>,
  region: Region,
  keys: readonly string[],
): Promise<void> {
  const bucket = context.store.bucketName(region);
  const failed = (error: ShelveryError): void => {
    context.report({ operation: 'StoreBackupData', bucket, region, status: 'failed', error });
  };
  try {
    for (const { key, code, message } of await context.store.delete(region, keys)) {
      failed(
        new ShelveryError('AwsError', `${bucket}/${key} could not be deleted: ${code}: ${message}`, { mendable: true }),
      );
    }
  } catch (error) {
    failed(toShelveryError(error, `deleting metadata of removed backups in ${bucket}`));
  }
}
