import type { Backup } from '../domain/backup.js';
import { backupKey } from '../domain/keys.js';
import { formatMetadata, metadataOf } from '../domain/metadata.js';
import { recordName } from '../domain/read-backup.js';
import type { RunContext } from './context.js';

/**
 * Writes the metadata of an available backup into the data bucket of its region, and has the adapter finish what had to wait until
 * it was available. The file comes first: whatever becomes of the rest, the backup is on record.
 *
 * @returns the key of the file.
 */
export async function recordBackup(context: RunContext, backup: Backup): Promise<string> {
  const { adapter, store } = context;
  const key = backupKey(adapter.type, recordName(backup));
  await store.put(backup.region, key, formatMetadata(metadataOf(backup, adapter.type)));
  await adapter.complete?.(backup.found);
  return key;
}
