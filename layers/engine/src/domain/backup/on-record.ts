import { isOfEarlier } from './age.js';
import type { Backup } from './backup.js';
import { recordName } from './read-backup.js';

/** A metadata file, as lists show it. */
export interface ListedRecord {
  /** When it was written, in milliseconds since 1970. */
  readonly written: number;
  /** What it is by its size, where no metadata is so: `empty`. It is as good as none. */
  readonly unusable?: string;
}

/**
 * Whether a backup has a file of its own: one that was written before the backup was begun is of an earlier one of its name.
 *
 * @param files those of the backup's region, by name.
 */
export function isOnRecord(backup: Backup, files: ReadonlyMap<string, ListedRecord>, now: Date): boolean {
  const file = files.get(recordName(backup));
  return file !== undefined && file.unusable === undefined && !isOfEarlier(backup, new Date(file.written), now);
}
