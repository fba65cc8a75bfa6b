import { hoursSince } from '../calendar.js';
import type { Backup } from '../backup/backup.js';

/** An age for people: whole hours up to three days, then whole days. */
export function ageText(hours: number): string {
  const [count, unit] = hours < 72 ? [Math.floor(hours), 'hour'] : [Math.floor(hours / 24), 'day'];
  return `${String(count)} ${unit}${count === 1 ? '' : 's'}`;
}

/** The backup whose data is the newest; nothing of none. */
export function newestOf(backups: readonly Backup[]): Backup | undefined {
  return backups.reduce<Backup | undefined>(
    (newest, backup) => (newest === undefined || backup.dataTime > newest.dataTime ? backup : newest),
    undefined,
  );
}

/** A backup with the age of its data, in hours to a tenth. */
export function withAge(backup: Backup, now: Date): { readonly backup: string; readonly age_hours: number } {
  return { backup: backup.id, age_hours: Math.round(hoursSince(backup.dataTime, now) * 10) / 10 };
}
