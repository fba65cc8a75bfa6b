import { UTCDate } from '@date-fns/utc';
import { format, formatISO, isValid, parseISO } from 'date-fns';

/** How `date_created` is written in tags and names: UTC, to the minute. */
const DATE_CREATED = 'yyyy-MM-dd-HHmm';
const SHAPE = /^(\d{4})(-?)(\d{2})\2(\d{2})-(\d{4})$/;

/** Cuts a time to its minute, which is as exact as backups are named. */
export function toMinute(time: Date): Date {
  return new Date(Math.floor(time.getTime() / 60_000) * 60_000);
}

/** Writes a time as `date_created` does: `2026-11-24-0301`. */
export function formatDateCreated(time: Date): string {
  return format(new UTCDate(time), DATE_CREATED);
}

/** Reads `date_created` in either of the original's formats; `undefined` for anything else. */
export function parseDateCreated(text: string): Date | undefined {
  const match = SHAPE.exec(text);
  if (match === null) return undefined;
  const [, year, , month, day, minute] = match;
  const read = parseISO(`${year}-${month}-${day}T${minute}Z`);
  // ISO 8601 has a year 0 and an hour 24, which dates are not written with.
  return isValid(read) && formatDateCreated(read) === `${year}-${month}-${day}-${minute}` ? read : undefined;
}

/** Writes a time as notifications do: `2026-11-24 03:01:00 UTC`. */
export function formatTimestamp(time: Date): string {
  return `${format(new UTCDate(time), 'yyyy-MM-dd HH:mm:ss')} UTC`;
}

/** Writes a time in ISO 8601, in UTC, to the second: `2026-11-24T03:01:00Z`. */
export function formatIso(time: Date): string {
  return formatISO(new UTCDate(time));
}

/** A day, for people: `2026-11-24`. */
export function formatDay(time: Date): string {
  return format(new UTCDate(time), 'yyyy-MM-dd');
}
