import type { Backup } from '../domain/backup.js';
import { resolveResourceConfig } from '../domain/config.js';
import type { DelayedOperation } from '../domain/delayed.js';
import { ShelveryError } from '../domain/errors.js';
import { faultName, toShelveryError } from '../domain/faults.js';
import { backupKey, removedKey, sharedKey } from '../domain/keys.js';
import { formatMetadata, metadataOf } from '../domain/metadata.js';
import type { Removed } from '../domain/plan-clean.js';
import { recordName } from '../domain/read-backup.js';
import type { AccountId, Region } from '../domain/values.js';
import { sharedAccountsOf } from './archived-files.js';
import type { RunContext } from './context.js';
import { freshWaiting } from './delayed-work.js';
import { subjectOf } from './identify.js';
import type { PlannedRegion } from './plan-regions.js';
import { sharedWith } from './shared-with.js';

/**
 * Removes what is planned for one region: each backup, then its record under `removed/`, and at the end the live and shared files of
 * all of them together, up to 1,000 a call. Files that a twin of the same name keeps on being known by stay, and are written for that.
 *
 * @returns how many were not begun, because no more work may be begun.
 */
export async function removeBackups(context: RunContext, planned: PlannedRegion): Promise<number> {
  const { region, plan } = planned;
  const removals = plan.remove;
  if (removals.length === 0) return 0;
  const accounts = await sharedWith(context, region);
  const kept = new Map(plan.keep.map(({ backup }) => [recordName(backup), backup]));
  const keys: string[] = [];
  let remaining = 0;
  await Promise.all(
    removals.map((removal) =>
      context.limit(async () => {
        if (!context.mayStart()) {
          remaining += 1;
          return;
        }
        if (!(await removeOne(context, removal))) return;
        const twin = kept.get(recordName(removal.backup));
        if (twin !== undefined) recordAgain(context, twin);
        else if (await recordRemoval(context, removal.backup)) keys.push(...filesOf(context, removal.backup, accounts));
      }),
    ),
  );
  await deleteFiles(context, region, keys);
  return remaining;
}

/** Whether the backup is gone. */
async function removeOne(context: RunContext, { backup, reason, text }: Removed): Promise<boolean> {
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

/** The files may tell of the twin that is gone: the one that stays is stored and shared under them anew. */
function recordAgain(context: RunContext, backup: Backup): void {
  const { id: backupId, region } = backup;
  const operations: DelayedOperation[] = [
    { action: 'do_store_backup_data', backupId, region },
    ...sharedAccountsOf(context, backup).map((account): DelayedOperation => ({ action: 'do_share_backup', backupId, region, account })),
  ];
  for (const operation of operations) {
    context.delayed.send({ backupType: context.adapter.type, operation, waiting: freshWaiting(context) });
  }
}

/** Whether the removal is on record, so that the files may go. */
async function recordRemoval(context: RunContext, backup: Backup): Promise<boolean> {
  try {
    const document = metadataOf(backup, context.adapter.type, { deletedAt: context.clock.now() });
    await context.store.put(backup.region, removedKey(context.adapter.type, recordName(backup)), formatMetadata(document));
    return true;
  } catch (error) {
    context.report({
      ...subjectOf('StoreBackupData', backup),
      status: 'failed',
      error: toShelveryError(error, `recording that ${backup.name} was removed; where its file is there still, the next clean_backups moves that`),
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
