import type { Backup } from '../backup/backup.js';
import { someNamed } from '../telling/some-named.js';

/** How many backups a text names; all of them are in the finding's `backups`. */
const MOST_NAMED = 3;

/** @example 'snap-1, snap-2, snap-3 and 2 more' */
export function idsText(backups: readonly Backup[]): string {
  return someNamed(
    backups.map(({ id }) => id),
    MOST_NAMED,
  );
}
