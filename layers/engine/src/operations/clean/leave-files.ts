import { TAG, tagKey } from '../../domain/backup/backup-tags.js';
import { backupsIn } from '../../domain/backup/backup.js';
import type { Backup } from '../../domain/backup/backup.js';
import { olderFirst } from '../../domain/backup/age.js';
import { recordName } from '../../domain/backup/read-backup.js';
import type { DelayedOperation } from '../../domain/delayed.js';
import { backupKey, sharedKey } from '../../domain/files/keys.js';
import type { Kept, Removed } from '../../domain/plan/plan-clean.js';
import { present } from '../../domain/present.js';
import { toShelveryError } from '../../domain/telling/faults.js';
import { sharedAccountsOf } from '../archive/archived-files.js';
import type { RunContext } from '../context.js';
import { readOwnFile, readUsable, tellsOf, tellsOfAnother } from '../follow/own-file.js';
import { prefixOf, subjectOf } from '../identify.js';
import type { PlannedRegion } from '../regions/plan-regions.js';

/** What the files of a region are read with. */
type Reading = Pick<RunContext, 'adapter' | 'config' | 'report' | 'store'>;

/** A region's plan without the removals that have to wait, and what they wait for. */
export interface LeftFiles {
  readonly planned: PlannedRegion;
  /** What makes the files tell of the backups that stay. */
  readonly operations: readonly DelayedOperation[];
}

/**
 * Of two backups that share a name, the one that stays gets the files: what is missing of them, or tells of the one to
 * be removed, is written anew by delayed operations. While the record, or the file that lets an account find it, still
 * tells of the one to be removed, that one is kept: a later run finds the files right, and removes it. So the files
 * always tell of a backup that is there.
 *
 * @example A copy `web-2026-01-10-0300-daily` was made twice, and the record names the younger: the younger is kept until
 *   the record names the older.
 */
export async function leaveFiles(context: Reading, planned: PlannedRegion): Promise<LeftFiles> {
  const postponed = new Map<Removed, Kept>();
  const operations: DelayedOperation[] = [];
  await Promise.all(
    pairsOf(planned).map(async ({ removal, stays }) => {
      const states = await Promise.all(
        filesWithWriters(stays, context).map((file) => lookAt(context, file, removal.backup)),
      );
      operations.push(...states.flatMap(({ operation }) => operation ?? []));
      if (!states.some(({ blocks }) => blocks)) return;
      const text = `${removal.text}; its files are first written for ${stays.id}, and a later clean_backups removes it`;
      postponed.set(removal, { backup: removal.backup, reason: 'files-first', text, problem: false });
    }),
  );
  const { keep, remove } = planned.plan;
  const plan = {
    ...planned.plan,
    keep: [...keep, ...postponed.values()],
    remove: remove.filter((removal) => !postponed.has(removal)),
  };
  return { planned: { ...planned, plan }, operations };
}

interface Pair {
  readonly removal: Removed;
  readonly stays: Backup;
}

/** Removals whose files' name belongs to a backup that stays, too. */
function pairsOf({ plan }: PlannedRegion): readonly Pair[] {
  const kept = keptByName(plan.keep);
  return plan.remove.flatMap((removal) => {
    const stays = kept.get(recordName(removal.backup));
    return stays === undefined ? [] : [{ removal, stays }];
  });
}

/** The backups that stay, by the name of their files. */
export function keptByName(keep: readonly Kept[]): ReadonlyMap<string, Backup> {
  return ownersByName(keep.map(({ backup }) => backup));
}

/**
 * The backups that have the files of a name: of several the oldest. One that failed has none, and one that is not complete has
 * none yet.
 */
export function ownersByName(backups: readonly Backup[]): ReadonlyMap<string, Backup> {
  const oldestLast = backups
    .filter(({ found }) => found.state === 'available')
    .sort((a, b) => olderFirst(b.found, a.found));
  return new Map(oldestLast.map((backup) => [recordName(backup), backup]));
}

/**
 * Makes a test of whether the files of a removed backup are another's: of one that has its name, and stays because it cannot be
 * understood, or is another region's to clean. A file is read only where there is such a one; where it cannot be read it stays,
 * which is reported.
 */
export function filesOfAnother(
  context: Reading,
  { backups, plan }: Pick<PlannedRegion, 'backups' | 'plan'>,
): (removed: Backup) => Promise<boolean> {
  const nameTag = tagKey(prefixOf(context), TAG.name);
  const inPlan = new Set([...plan.keep, ...plan.remove].map(({ backup }) => backup.id));
  const outside = backupsIn(backups).filter(({ id }) => !inPlan.has(id));
  const names = new Set([...plan.unreadable.map(({ found }) => found.tags[nameTag]), ...outside.map(recordName)]);
  return async (removed) => {
    const name = recordName(removed);
    if (!names.has(name)) return false;
    const key = backupKey(context.adapter.type, name);
    try {
      const text = await readOwnFile(context, removed.region, key);
      return text !== undefined && tellsOfAnother(text, removed, prefixOf(context));
    } catch (error) {
      const failure = toShelveryError(error, `reading ${key}, which may be of another backup than ${removed.id}`);
      // The backup itself is gone by then.
      const bucket = context.store.bucketName(removed.region);
      context.report({ ...subjectOf('StoreBackupData', removed), bucket, status: 'failed', error: failure });
      return true;
    }
  };
}

interface FileOf {
  readonly key: string;
  /** What writes it, over one of the backup that is to be removed. */
  readonly operation: DelayedOperation;
}

/** The record of a backup, and the files that let the accounts that it is shared with find it. */
export function filesWithWriters(backup: Backup, { adapter: { type } }: Pick<Reading, 'adapter'>): readonly FileOf[] {
  const name = recordName(backup);
  const facts = backup.resource?.facts;
  const of = { backupId: backup.id, region: backup.region, anew: true as const, ...present({ facts }) };
  return [
    { key: backupKey(type, name), operation: { action: 'do_store_backup_data', ...of } },
    ...sharedAccountsOf(backup).map((account): FileOf => ({
      key: sharedKey(account, type, name),
      operation: { action: 'do_share_backup', ...of, account },
    })),
  ];
}

/** Whether a file keeps a backup from being removed, and what is to be done; one that cannot be read is reported. */
async function lookAt(
  context: Reading,
  { key, operation }: FileOf,
  removed: Backup,
): Promise<{ readonly blocks: boolean; readonly operation?: DelayedOperation }> {
  const isRecord = operation.action === 'do_store_backup_data';
  try {
    const text = await readUsable(context, removed.region, key);
    // A record that is missing is written by this cleaning anyway.
    if (text === undefined) return { blocks: false, ...(isRecord ? {} : { operation }) };
    return tellsOf(text, removed, prefixOf(context)) ? { blocks: true, operation } : { blocks: false };
  } catch (error) {
    const failure = toShelveryError(
      error,
      `reading ${key}, which ${removed.id} has in common with ${operation.backupId}`,
    );
    context.report({ ...subjectOf('DeleteBackup', removed), status: 'failed', error: failure });
    return { blocks: true };
  }
}
