import { max } from 'date-fns';
import type { Backup } from '../backup/backup.js';
import { expiryOf } from '../backup/retention.js';
import { formatDay } from '../calendar.js';
import type { CleanPlan, Kept } from '../plan/plan-clean.js';

/**
 * When cleaning removes the last good backup of a resource whose last one it does not keep, for people.
 *
 * @param isOf Whether a backup is one of the resource's.
 * @param plans those of every region that has such backups.
 * @returns nothing where there is none, and where one stays whatever its age: on hold, or because of a wrong value.
 * @example 'the last goes after 2026-01-26'
 */
export function whenLastGoes(
  isOf: (backup: Backup) => boolean,
  plans: readonly CleanPlan[],
  now: Date,
): string | undefined {
  const isGood = ({ backup }: { readonly backup: Backup }): boolean =>
    backup.found.state === 'available' && !backup.temporary && isOf(backup);
  const kept = plans.flatMap(({ keep }) => keep.filter(isGood));
  const removed = plans.flatMap(({ remove }) => remove.filter(isGood));
  const ends = kept.flatMap((each) => endOf(each) ?? []);
  if (kept.length + removed.length === 0 || ends.length < kept.length) return undefined;
  if (ends.every((end) => end <= now)) return 'the next clean_backups removes the last';
  return `the last goes after ${formatDay(max(ends))}`;
}

/** When age lets a backup go; nothing where something else keeps it for good. */
function endOf({ backup, expires, problem, reason }: Kept): Date | undefined {
  const { config, createdAt, place, retentionType } = backup;
  if (reason === 'held' || problem || config.problems.length > 0) return undefined;
  return expires ?? expiryOf(createdAt, retentionType, config.values, place);
}
