import type { Backup } from '../../domain/backup/backup.js';
import { toShelveryError } from '../../domain/telling/faults.js';
import { backupKey } from '../../domain/files/keys.js';
import { formatMetadata, metadataOf } from '../../domain/files/metadata.js';
import { recordName } from '../../domain/backup/read-backup.js';
import type { RunContext } from '../context.js';
import { subjectOf } from '../identify.js';
import { isWrittenAlready } from './own-file.js';

/**
 * Writes the metadata of an available backup into the data bucket of its region.
 *
 * @returns the key of the file, and whether it was there already.
 */
export async function recordBackup(
  context: Pick<RunContext, 'adapter' | 'config' | 'store'>,
  backup: Backup,
): Promise<{ readonly key: string; readonly already: boolean }> {
  const { adapter, store } = context;
  const key = backupKey(adapter.type, recordName(backup));
  const already = await isWrittenAlready(context, backup, key);
  if (!already) await store.put(backup.region, key, formatMetadata(metadataOf(backup, adapter.type)));
  return { key, already };
}

/**
 * The same for one of several backups. Returns whether it succeeded; an error is reported, and does not stop the
 * others.
 */
export async function tryToRecord(
  context: Pick<RunContext, 'adapter' | 'config' | 'report' | 'store'>,
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
