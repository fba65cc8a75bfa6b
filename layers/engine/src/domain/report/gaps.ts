import { UTCDate } from '@date-fns/utc';
import { differenceInMilliseconds, subDays, subMonths, subWeeks, subYears } from 'date-fns';
import type { StandardRetentionType } from '../backup/retention.js';

/** How densely backups of a resource should lie in the past: what its retention keeps, and its objective. */
export interface Promised {
  /** How many days, weeks, months and years are kept. */
  readonly keep: Readonly<Record<StandardRetentionType, number>>;
  readonly rpoHours: number;
}

/** A stretch of time without a backup that should be there. */
export interface Gap {
  readonly from: Date;
  /** Where the next backup is; the present where there is none. */
  readonly to: Date;
  readonly hours: number;
  /** The longest distance between two backups that the retention promises there. */
  readonly promisedHours: number;
}

/** Runs are not on the minute: backups of two days lie up to 26 hours apart, which is also the default objective. */
const DAY_HOURS = 26;

/**
 * The stretches in which backups that should still be kept are missing: two of them lie further apart than a day as far back
 * as daily backups are kept, than a week as far as weekly ones are, and so on; a longer objective than a day makes each
 * of these longer.
 *
 * It is looked for from the oldest backup on, since nobody knows what there should have been before.
 *
 * @param times of the good backups, in any order.
 * @param since Gaps that end before are left out.
 */
export function findGaps(
  times: readonly Date[],
  promised: Promised,
  { now, since }: { readonly now: Date; readonly since: Date },
): readonly Gap[] {
  const bands = bandsOf(promised, now);
  const sorted = times.filter((time) => time <= now).sort((a, b) => a.getTime() - b.getTime());
  return sorted.flatMap((from, index): readonly Gap[] => {
    const to = sorted[index + 1] ?? now;
    if (to <= since) return [];
    const broken = bands.find((band) => hoursBetween(from > band.start ? from : band.start, to) > band.hours);
    if (broken === undefined) return [];
    return [{ from, to, hours: hoursBetween(from, to), promisedHours: broken.hours }];
  });
}

/** How far back a retention type is kept, and how far apart backups may be there. */
interface Band {
  readonly start: Date;
  readonly hours: number;
}

/** The shortest distances first. */
function bandsOf({ keep, rpoHours }: Promised, now: Date): readonly Band[] {
  const day = Math.max(rpoHours, DAY_HOURS);
  const until = new UTCDate(now);
  /** The day itself is in `day`. */
  const band = (start: Date, days: number): Band => ({ start: new Date(start), hours: day + (days - 1) * 24 });
  return [
    band(subDays(until, keep.daily), 1),
    band(subWeeks(until, keep.weekly), 7),
    band(subMonths(until, keep.monthly), 31),
    band(subYears(until, keep.yearly), 366),
  ];
}

/** Negative where the second comes first. */
function hoursBetween(from: Date, to: Date): number {
  return differenceInMilliseconds(to, from) / 3_600_000;
}
