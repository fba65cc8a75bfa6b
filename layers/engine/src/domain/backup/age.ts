import { startOfSecond, subMinutes } from 'date-fns';
import type { Backup, FoundBackup } from './backup.js';

/** When the service began to make it; a copy may tell the time of its data there, but has a tag of its own. */
export function beganAt({ createdAt, copiedAt, found }: Pick<Backup, 'createdAt' | 'copiedAt' | 'found'>): Date {
  return new Date(Math.max(createdAt.getTime(), copiedAt?.getTime() ?? 0, found.startedAt?.getTime() ?? 0));
}

/** Orders backups by when their service began to make them; of two of one moment the one with the lesser id is first. */
export function olderFirst(a: FoundBackup, b: FoundBackup): number {
  const difference = (a.startedAt?.getTime() ?? 0) - (b.startedAt?.getTime() ?? 0);
  return difference === 0 ? (a.id < b.id ? -1 : 1) : difference;
}

/** So far ahead may the clock be that a tag has its time from, in minutes. */
const CLOCK_MINUTES = 15;

/**
 * Whether the file of a backup's name was written before the backup was begun: then it is of an earlier one of that name, as of
 * a pulled copy that somebody deleted, and that was pulled again. A time to come proves nothing: tags may tell it.
 *
 * @param written by S3, which tells whole seconds.
 */
export function isOfEarlier(backup: Parameters<typeof beganAt>[0], written: Date, now: Date): boolean {
  const { createdAt, copiedAt, found } = backup;
  const told = subMinutes(Math.max(createdAt.getTime(), copiedAt?.getTime() ?? 0), CLOCK_MINUTES);
  const began = new Date(Math.max(told.getTime(), found.startedAt?.getTime() ?? 0));
  return beganAt(backup) <= now && written < startOfSecond(began);
}

/** Whether two backups are one, and copies of it: what was made of one resource at one time, wherever it lies. */
export function areOfOneMaking(a: Backup, b: Backup): boolean {
  return (
    a.srcAccount === b.srcAccount &&
    a.entityId === b.entityId &&
    a.originRegion === b.originRegion &&
    a.createdAt.getTime() === b.createdAt.getTime() &&
    a.retentionType === b.retentionType
  );
}
