import { UTCDate } from '@date-fns/utc';
import {
  addDays,
  addMonths,
  addSeconds,
  addWeeks,
  addYears,
  getDate,
  getDay,
  getMonth,
  startOfMonth,
  startOfWeek,
  startOfYear,
} from 'date-fns';
import { STANDARD_RETENTION_TYPES } from '../config/config-schema.js';
import type { ConfigValues } from '../config/config-schema.js';
import type { Place } from './backup.js';
import { remember } from '../remember.js';

export type StandardRetentionType = (typeof STANDARD_RETENTION_TYPES)[number];

/** Whether a name is one of the four standard retention types. */
export function isStandardRetentionType(name: string): name is StandardRetentionType {
  return STANDARD_RETENTION_TYPES.some((type) => type === name);
}

/** The retention type that a day gives, by its UTC date: 1 January, the 1st of a month, a Sunday, any other day. */
export function retentionTypeOfDay(time: Date): StandardRetentionType {
  const day = new UTCDate(time);
  if (getDate(day) === 1) return getMonth(day) === 0 ? 'yearly' : 'monthly';
  return getDay(day) === 0 ? 'weekly' : 'daily';
}

/** How many days, weeks, months or years backups of a standard type are kept in a place. */
export function keepOf(type: StandardRetentionType, config: ConfigValues, place: Place): number {
  const local = config[`shelvery_keep_${type}_backups`];
  return place === 'dr' ? (config[`shelvery_keep_${type}_backups_dr`] ?? local) : local;
}

/** The retention types that can be missed, longest first, with the start of the latest day up to a time that gives each. */
const LATEST_DAYS = [
  ['yearly', startOfYear],
  ['monthly', startOfMonth],
  ['weekly', startOfWeek],
] as const;

/**
 * The retention types that were missed by a resource with these backups: it had one before the type's latest day, and none
 * of that type or a longer one since.
 */
export function missedRetentionTypes(
  time: Date,
  backups: readonly { readonly createdAt: Date; readonly retentionType: string }[],
): readonly StandardRetentionType[] {
  return LATEST_DAYS.flatMap(([type, startOf], index) => {
    const since = startOf(new UTCDate(time));
    const asLong: readonly string[] = STANDARD_RETENTION_TYPES.slice(0, index + 1);
    const wasThere = backups.some(({ createdAt }) => createdAt < since);
    const wasMade = backups.some((made) => made.createdAt >= since && asLong.includes(made.retentionType));
    return wasThere && !wasMade ? [type] : [];
  });
}

/** The place of a type in the scheme, the longest first. */
function lengthOf(type: StandardRetentionType): number {
  return STANDARD_RETENTION_TYPES.indexOf(type);
}

/** Whether backups of a type are made less often than those of another; nobody can say so of a type that is not standard. */
export function isLonger(type: string, than: string): boolean {
  return isStandardRetentionType(type) && isStandardRetentionType(than) && lengthOf(type) < lengthOf(than);
}

/** Either the retention type of a new backup, or why there shall be none. */
export type ChosenRetention =
  { readonly kind: 'chosen'; readonly type: string } | { readonly kind: 'skipped'; readonly reason: string };

/**
 * The retention type of a backup made at a time: the configured one, else the day's; where backups of that type are
 * kept for 0, the next shorter. A configured one is known: `resolveRunConfig` has seen to that.
 *
 * @param missed types that were due before and that no backup was made of: the longest of all that are due is taken.
 */
export function chooseRetentionType(
  time: Date,
  config: ConfigValues,
  missed: readonly StandardRetentionType[] = [],
): ChosenRetention {
  const due = [retentionTypeOfDay(time), ...missed.filter((type) => keepOf(type, config, 'local') > 0)];
  const longest = due.reduce((a, b) => (lengthOf(a) < lengthOf(b) ? a : b));
  const wanted = config.shelvery_current_retention_type ?? longest;
  if (!isStandardRetentionType(wanted)) return { kind: 'chosen', type: wanted };
  const fitting = STANDARD_RETENTION_TYPES.slice(STANDARD_RETENTION_TYPES.indexOf(wanted)).find(
    (type) => keepOf(type, config, 'local') > 0,
  );
  if (fitting !== undefined) return { kind: 'chosen', type: fitting };
  const reason =
    wanted === 'daily'
      ? 'daily backups are kept for 0 days'
      : `${wanted} backups and all shorter retention types are kept for 0`;
  return { kind: 'skipped', reason };
}

/**
 * When a backup expires: `date_created` and its keep, in UTC, the day of the month clamped.
 *
 * @returns `undefined` for a retention type that the configuration does not know.
 */
export function expiryOf(createdAt: Date, type: string, config: ConfigValues, place: Place): Date | undefined {
  const keep = isStandardRetentionType(type)
    ? keepOf(type, config, place)
    : config.shelvery_custom_retention_types.get(type);
  return keep === undefined ? undefined : expiryAfter(createdAt, type, keep);
}

/** Backups of one minute expire together. */
const expiryAfter = remember(
  addKeep,
  (createdAt, type, keep) => `${String(createdAt.getTime())} ${String(keep)} ${type}`,
);

/** @param keep days, weeks, months or years; of a retention type that is not standard, seconds. */
function addKeep(createdAt: Date, type: string, keep: number): Date {
  const from = new UTCDate(createdAt);
  switch (type) {
    case 'daily':
      return new Date(addDays(from, keep).getTime());
    case 'weekly':
      return new Date(addWeeks(from, keep).getTime());
    case 'monthly':
      return new Date(addMonths(from, keep).getTime());
    case 'yearly':
      return new Date(addYears(from, keep).getTime());
    default:
      return new Date(addSeconds(from, keep).getTime());
  }
}
