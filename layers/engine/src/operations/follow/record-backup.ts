import type { Backup } from '../../domain/backup/backup.js';
import { toShelveryError } from '../../domain/telling/faults.js';
import { backupKey } from '../../domain/files/keys.js';
import { formatMetadata, metadataOf } from '../../domain/files/metadata.js';
import { recordName } from '../../domain/backup/read-backup.js';
import type { RunContext } from '../context.js';
import { subjectOf } from '../identify.js';

/**
 * Writes the metadata of an available backup into the data bucket of its region.
 *
 * @returns the key of the file.
 */
export async function recordBackup(context: Pick<RunContext, 'adapter' | 'store'>, backup: Backup): Promise<string> {
  const { adapter, store } = context;
  const key = backupKey(adapter.type, recordName(backup));
  await store.put(backup.region, key, formatMetadata(metadataOf(backup, adapter.type)));
  return key;
}

/**
 * The same for one of several backups. Returns whether it succeeded; an error is reported, and does not stop the
 * others.
 */
export async function tryToRecord(
  context: Pick<RunContext, 'adapter' | 'report' | 'store'>,
  backup: Backup,
): Promise<boolean> {
  try {
    await recordBackup(context, backup);
    return true;
  } catch (error) {
    context.report({
      ...subjectOf('StoreBackupData', backup),
      status: 'failed',
      error: toShelveryError(error, `storing the metadata of ${backup.name}`),
    });
    return false;
  }
}
