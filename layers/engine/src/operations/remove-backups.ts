import type { Backup } from '../domain/backup.js';
import { resolveResourceConfig } from '../domain/config.js';
import { ShelveryError } from '../domain/errors.js';
import { faultName, toShelveryError } from '../domain/faults.js';
import { backupKey, removedKey, sharedKey } from '../domain/keys.js';
import { formatMetadata, metadataOf } from '../domain/metadata.js';
import type { Removed } from '../domain/plan-clean.js';
import { recordName } from '../domain/read-backup.js';
import type { AccountId, Region } from '../domain/values.js';
import type { RunContext } from './context.js';
import { sharedAccountsOf } from './archived-files.js';
import { freshWaiting } from './delayed-work.js';
import { subjectOf } from './identify.js';
import type { PlannedRegion } from './plan-regions.js';
import { shareBackup } from './share-backup.js';
import type { ShareItem } from './share-backup.js';
import { sharedWith } from './shared-with.js';

/**
 * Removes the backups that a region's plan says: each backup, then its record under `removed/`, and at the end the live and shared files
 * of all of them together, up to 1,000 a call. The files of a doubled copy are those of the copy that stays: they tell of that one from then
 * on, and nothing is recorded as removed.
 *
 * @returns how many were not begun, because no more work may be begun.
 */
export async function removeBackups(context: RunContext, { region, backups, plan }: PlannedRegion): Promise<number> {
  const removals = plan.remove;
  if (removals.length === 0) return 0;
  const accounts = await sharedWith(context, region);
  const staying = namesThatStay(backups, removals);
  const keys: string[] = [];
  let remaining = 0;
  await Promise.all(
    removals.map((removal) =>
      context.limit(async () => {
        if (!context.mayStart()) {
          remaining += 1;
          return;
        }
        const sameName = staying.get(recordName(removal.backup));
        if (removal.reason === 'doubled-copy' && sameName !== undefined) {
          if (await leaveFilesTo(context, sameName)) await remove(context, removal);
        } else if ((await remove(context, removal)) && (await recordRemoval(context, removal.backup)) && sameName === undefined) {
          keys.push(...filesOf(context, removal.backup, accounts));
        }
      }),
    ),
  );
  await deleteFiles(context, region, keys);
  return remaining;
}

/** What stays in the region, by the names of its files. */
function namesThatStay(backups: PlannedRegion['backups'], removals: readonly Removed[]): ReadonlyMap<string, Backup> {
  const removed = new Set(removals.map(({ backup }) => backup));
  const staying = backups.flatMap((read) => (read.kind === 'backup' && !removed.has(read.backup) ? [read.backup] : []));
  return new Map(staying.map((backup) => [recordName(backup), backup]));
}

/**
 * Makes the files tell of the copy that stays, before the doubled one goes: its record, and what lets the accounts that it is shared with
 * find it.
 *
 * @returns whether that is over; else the next run removes the doubled one.
 */
async function leaveFilesTo(context: RunContext, backup: Backup): Promise<boolean> {
  const { type } = context.adapter;
  try {
    await context.store.put(backup.region, backupKey(type, recordName(backup)), formatMetadata(metadataOf(backup, type)));
  } catch (error) {
    context.report({ ...subjectOf('StoreBackupData', backup), status: 'failed', error: toShelveryError(error, `storing the metadata of ${backup.name}`) });
    return false;
  }
  const items = sharedAccountsOf(context, backup).map((account): ShareItem => {
    const operation = { action: 'do_share_backup', backupId: backup.id, region: backup.region, account } as const;
    return { message: { backupType: type, operation, waiting: freshWaiting(context) }, operation, backup };
  });
  let done = true;
  for (const [{ operation }, result] of await shareBackup(context, items)) {
    if (result.kind === 'done') continue;
    done = false;
    const doing = `sharing ${backup.id} with ${operation.account}`;
    const error = result.kind === 'threw' ? toShelveryError(result.error, doing) : new ShelveryError('NotYet', `${doing}: ${result.why}`, { mendable: true });
    context.report({ ...subjectOf('ShareRegionalBackupCopy', backup), destinationAccount: operation.account, status: 'failed', error });
  }
  return done;
}

/** Whether the backup is gone. */
async function remove(context: RunContext, { backup, reason, text }: Removed): Promise<boolean> {
  const subject = subjectOf(reason === 'temporary-over' ? 'DeleteReencryptedBackup' : 'DeleteBackup', backup);
  try {
    await context.adapter.deleteBackup(backup.found);
  } catch (error) {
    if (!context.adapter.faults.gone.includes(faultName(error))) {
      context.report({ ...subject, status: 'failed', error: toShelveryError(error, `deleting ${backup.id}`) });
      return false;
    }
  }
  context.report({ ...subject, status: 'ok', message: text });
  return true;
}

/** Whether it is recorded that a backup is gone, so that its files may go. */
async function recordRemoval(context: RunContext, backup: Backup): Promise<boolean> {
  try {
    const document = metadataOf(backup, context.adapter.type, { deletedAt: context.clock.now() });
    await context.store.put(backup.region, removedKey(context.adapter.type, recordName(backup)), formatMetadata(document));
    return true;
  } catch (error) {
    context.report({
      ...subjectOf('StoreBackupData', backup),
      status: 'failed',
      error: toShelveryError(error, `recording that ${backup.name} was removed; the next clean_backups does it`),
    });
    return false;
  }
}

function filesOf(context: RunContext, backup: Backup, accounts: readonly AccountId[]): readonly string[] {
  const { type } = context.adapter;
  const name = recordName(backup);
  const tagged = backup.foreign ? [] : resolveResourceConfig(context.config, backup.found.tags).values.shelvery_share_aws_account_ids;
  return [backupKey(type, name), ...[...new Set([...accounts, ...tagged])].map((account) => sharedKey(account, type, name))];
}

/** Deletes files together; what could not be deleted is reported, and found by the next run. */
export async function deleteFiles(context: RunContext, region: Region, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  const bucket = context.store.bucketName(region);
  const failed = (error: ShelveryError): void => {
    context.report({ operation: 'StoreBackupData', bucket, region, status: 'failed', error });
  };
  try {
    for (const { key, code, message } of await context.store.delete(region, keys)) {
      failed(new ShelveryError('AwsError', `${bucket}/${key} could not be deleted: ${code}: ${message}`, { mendable: true }));
    }
  } catch (error) {
    failed(toShelveryError(error, `deleting metadata of removed backups in ${bucket}`));
  }
}
