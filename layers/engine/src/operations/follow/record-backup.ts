import type { Backup } from '../../domain/backup/backup.js';
import { toShelveryError } from '../../domain/telling/faults.js';
import { backupKey } from '../../domain/files/keys.js';
import { formatMetadata, metadataOf } from '../../domain/files/metadata.js';
import { recordName } from '../../domain/backup/read-backup.js';
import type { RunContext } from '../context.js';
import { subjectOf } from '../identify.js';
import type { Reading } from '../identify.js';
import { isWrittenAlready, writeOwnFile } from './own-file.js';
import type { FileWritten } from './own-file.js';

/**
 * Writes the metadata of an available backup into the data bucket of its region.
 *
 * @param anew over that of an older backup of its name, too.
 * @returns the key of the file, and what became of that.
 */
export async function recordBackup(
  context: Reading & Pick<RunContext, 'store'>,
  backup: Backup,
  anew = false,
): Promise<FileWritten & { readonly key: string }> {
  const { type } = context.adapter;
  const key = backupKey(type, recordName(backup));
  if (!anew && (await isWrittenAlready(context, backup, key))) return { key, already: true };
  const text = formatMetadata(metadataOf(backup, type));
  return { key, ...(await writeOwnFile(context, backup, { key, text, anew })) };
}

/**
 * The same for one of several backups that have no record of their own, whatever is there. Returns whether it succeeded; an
 * error is reported, and does not stop the others.
 */
export async function tryToRecord(
  context: Reading & Pick<RunContext, 'report' | 'store'>,
  backup: Backup,
): Promise<boolean> {
  try {
    await recordBackup(context, backup, true);
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
