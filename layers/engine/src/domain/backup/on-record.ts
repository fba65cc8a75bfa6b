import { isOfEarlier } from './age.js';
import type { Backup } from './backup.js';
import { recordName } from './read-backup.js';

/**
 * Whether a backup has a file of its own: one that was written before the backup was begun is of an earlier one of its name.
 *
 * @param files the names of the files of the backup's region, and when each was written, in milliseconds since 1970.
 */
export function isOnRecord(backup: Backup, files: ReadonlyMap<string, number>, now: Date): boolean {
  const written = files.get(recordName(backup));
  return written !== undefined && !isOfEarlier(backup, new Date(written), now);
}
