import { UTCDate } from '@date-fns/utc';
import { differenceInMilliseconds, format, formatISO, isValid, parseISO } from 'date-fns';
import * as z from 'zod';

/** How `date_created` is written in tags and names: UTC, to the minute. */
const DATE_CREATED = 'yyyy-MM-dd-HHmm';
const SHAPE = /^(\d{4})(-?)(\d{2})\2(\d{2})-(\d{4})$/;

/** Cuts a time to its minute, which is as exact as backups are named. */
export function toMinute(time: Date): Date {
  return new Date(Math.floor(time.getTime() / 60_000) * 60_000);
}

/** How old something is in hours, with their fractions; 0 for what is yet to come. */
export function hoursSince(time: Date, now: Date): number {
  return Math.max(0, differenceInMilliseconds(now, time) / 3_600_000);
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

const Day = z.iso.date();
const Time = z.iso.datetime({ offset: true });
const WITHOUT_SECONDS = /(?<=T\d{2}:\d{2})(?=$|Z|[+-])/;
const WITH_ZONE = /(?:Z|[+-]\d{2}:?\d{2})$/;
const ZONE_WITHOUT_COLON = /(?<=T.*[+-]\d{2})(?=\d{2}$)/;

/** What `parseTime` takes, for messages. */
export const TIMES_ALLOWED =
  'a time such as 2026-11-24T03:01:00Z, 2026-11-24T04:01+01:00, 2026-11-24-0301 or 2026-11-24 (UTC where no zone is named)';

/**
 * Reads a time that somebody gives: ISO 8601, a day (`2026-11-24`, its first minute), or a time as backups are named by
 * (`2026-11-24-0301`). What names no zone is UTC. Days and hours that there are not, such as 30 February and 24:00, are no
 * times.
 */
export function parseTime(text: string): Date | undefined {
  const word = text.trim();
  if (Day.safeParse(word).success) return new Date(`${word}T00:00:00Z`);
  const whole = word.replace(WITHOUT_SECONDS, ':00').replace(ZONE_WITHOUT_COLON, ':');
  const zoned = Time.safeParse(WITH_ZONE.test(whole) ? whole : `${whole}Z`);
  return zoned.success ? new Date(zoned.data) : parseDateCreated(word);
}
