import { differenceInMilliseconds } from 'date-fns';
import * as z from 'zod';
import { remember } from './remember.js';

/** How `date_created` is written in tags and names: UTC, to the minute. There is no year 0. */
const DATE_CREATED = /^(?!0000)(\d{4})(-?)(\d{2})\2(\d{2})-(\d{2})(\d{2})$/;

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
  const { day, hour, minute } = inUtc(time);
  return `${day}-${hour}${minute}`;
}

/**
 * Reads `date_created` in either of the original's formats; `undefined` for anything else. Many backups are of one minute,
 * and get the same `Date`: it must not be changed.
 */
export const parseDateCreated = remember(readDateCreated, (text) => text);

function readDateCreated(text: string): Date | undefined {
  const match = DATE_CREATED.exec(text);
  if (match === null) return undefined;
  const [, year, , month, day, hour, minute] = match;
  const read = new Date(`${year}-${month}-${day}T${hour}:${minute}Z`);
  // What is read may be another day than what is written: 30 February, and the hour 24.
  const isRead = Number.isFinite(read.getTime());
  return isRead && formatDateCreated(read) === `${year}-${month}-${day}-${hour}${minute}` ? read : undefined;
}

/** Writes a time as notifications do: `2026-11-24 03:01:00 UTC`. */
export function formatTimestamp(time: Date): string {
  const { day, hour, minute, second } = inUtc(time);
  return `${day} ${hour}:${minute}:${second} UTC`;
}

/** Writes a time in ISO 8601, in UTC, to the second: `2026-11-24T03:01:00Z`. */
export function formatIso(time: Date): string {
  const { day, hour, minute, second } = inUtc(time);
  return `${day}T${hour}:${minute}:${second}Z`;
}

/** A day, for people: `2026-11-24`. */
export function formatDay(time: Date): string {
  return inUtc(time).day;
}

/**
 * A time's parts as they are written, for the years 1 to 9999. ISO 8601 is cut: this is done several times for each backup
 * of an estate, and a library's pattern takes some twenty times as long.
 */
function inUtc(time: Date): Readonly<Record<'day' | 'hour' | 'minute' | 'second', string>> {
  const iso = time.toISOString();
  return { day: iso.slice(0, 10), hour: iso.slice(11, 13), minute: iso.slice(14, 16), second: iso.slice(17, 19) };
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
