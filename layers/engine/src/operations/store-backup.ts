import type { DelayedOperation } from '../domain/delayed.js';
import { ShelveryError } from '../domain/errors.js';
import { backupKey } from '../domain/keys.js';
import { formatMetadata, metadataOf } from '../domain/metadata.js';
import { recordName } from '../domain/read-backup.js';
import { parseSource } from '../domain/copy-source.js';
import type { Backup } from '../domain/backup.js';
import type { RunContext } from './context.js';
import { DONE, freshWaiting } from './delayed-work.js';
import type { DelayedItem, FollowingOperation, WorkResult } from './delayed-work.js';
import { subjectOf } from './identify.js';
import { finishPulled } from './finish-pulled.js';
import { aboutKeys } from './refusals.js';

type StoreOperation = Extract<DelayedOperation, { action: 'do_store_backup_data' }>;

/** A copy that failed is made again at most so often; then its error stands. */
const MAX_REMAKES = 3;

/** Writes a backup's metadata into the data bucket of its region; for a pulled copy also moves the file that it was made from. */
export async function storeBackup(context: RunContext, item: DelayedItem<StoreOperation>): Promise<WorkResult> {
  const { backup } = item;
  const { type } = context.adapter;
  const bucket = context.store.bucketName(backup.region);
  const key = backupKey(type, recordName(backup));
  await context.store.put(backup.region, key, formatMetadata(metadataOf(backup, type)));
  context.report({ ...subjectOf('StoreBackupData', backup), bucket, backupS3Location: key, status: 'ok' });
  if (backup.place === 'pulled') await finishPulled(context, backup, item.operation.pulledFrom);
  const next: FollowingOperation[] = [];
  if (backup.place === 'pulled' && context.adapter.archive !== undefined && context.config.values.shelvery_enable_ebs_archive_pulled) {
    next.push({ operation: { action: 'do_archive_backup', backupId: backup.id, region: backup.region }, waiting: freshWaiting(context) });
  }
  return next.length === 0 ? DONE : { kind: 'done', next };
}

/**
 * Deals with a copy that the service accepted and then could not make (its key is not usable, say): it is reported with its key and
 * deleted. A DR copy is asked for again; a pulled one is made again by the next pull, as its file is still there.
 */
export async function replaceFailedCopy(context: RunContext, copy: Backup, item: Pick<DelayedItem, 'message'>): Promise<WorkResult> {
  const why = copy.found.stateReason ?? 'no reason given';
  const key = copy.found.kmsKeyId === undefined ? '' : ` (key ${copy.found.kmsKeyId})`;
  await context.adapter.deleteBackup(copy.found);
  const operation = copy.place === 'dr' ? 'CopyBackupToRegion' : 'PullSharedBackup';
  const remakes = (item.message.waiting.remakes ?? 0) + 1;
  const source = copy.place === 'dr' ? parseSource(copy.source) : undefined;
  const again = source !== undefined && remakes <= MAX_REMAKES;
  const then = copy.place === 'pulled' ? 'the next pull_shared_backups makes it again' : again ? 'it is made again' : 'it is not made again';
  context.report({
    ...subjectOf(operation, copy),
    ...(copy.place === 'dr' ? { destinationRegion: copy.region } : { sourceAccount: copy.srcAccount }),
    status: 'failed',
    error: new ShelveryError(
      'BackupFailed',
      `The copy ${copy.id} in ${copy.region} failed${key}: ${why}. It was deleted; ${then}.${aboutKeys(context, [copy.found.kmsKeyId])}`,
      { mendable: true },
    ),
  });
  if (!again) return DONE;
  return {
    kind: 'done',
    next: [
      {
        operation: { action: 'do_copy_backup', backupId: source.id, region: source.region, toRegion: copy.region },
        waiting: { ...item.message.waiting, attempt: 1, remakes },
      },
    ],
  };
}
