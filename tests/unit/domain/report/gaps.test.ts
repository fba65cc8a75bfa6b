import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { expiryOf, retentionTypeOfDay } from '../../../../layers/engine/src/domain/backup/retention.js';
import { findGaps } from '../../../../layers/engine/src/domain/report/gaps.js';
import type { Promised } from '../../../../layers/engine/src/domain/report/gaps.js';
import { configValues, utc } from '../builders.js';

const NOW = utc('2026-11-24 06:30');
const SINCE = utc('2025-11-24 06:30');
const DEFAULTS: Promised = { keep: { daily: 14, weekly: 8, monthly: 12, yearly: 10 }, rpoHours: 26 };

/** What is left today of a backup at 03:01 on each of the last days, but for some days. */
function kept(days: number, without: readonly number[] = [], now = NOW): readonly Date[] {
  return Array.from({ length: days }, (_, day) => day)
    .filter((day) => !without.includes(day))
    .map((day) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() - day, 3, 1)))
    .filter((at) => (expiryOf(at, retentionTypeOfDay(at), configValues(), 'local') ?? at) > now);
}

/** The gaps in short: first and last day, and the hours that are promised. */
function gaps(times: readonly Date[], promised: Partial<Promised> = {}): readonly string[] {
  const day = (time: Date): string => time.toISOString().slice(0, 10);
  return findGaps(times, { ...DEFAULTS, ...promised }, { now: NOW, since: SINCE }).map(
    ({ from, to, promisedHours }) => `${day(from)} to ${day(to)}: ${String(promisedHours)}`,
  );
}

const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('findGaps', () => {
  it('finds none in what daily runs leave, on whatever day it is looked at', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 800 }), fc.integer({ min: 1, max: 900 }), (later, days) => {
        const now = new Date(NOW.getTime() + later * 86_400_000);
        expect(findGaps(kept(days, [], now), DEFAULTS, { now, since: utc('2000-01-01') })).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('finds none between backups that are just as far apart as is promised, nor one that is over where it begins', () => {
    expect(gaps([utc('2026-11-24 06:00'), utc('2026-11-23 04:00')])).toEqual([]);
    expect(gaps([utc('2026-11-24 06:01'), utc('2026-11-23 04:00')])).toHaveLength(1);
    const recent = kept(400);
    expect(gaps([...recent, SINCE, utc('2023-01-01')])).toEqual(gaps([...recent, SINCE]));
  });

  it('finds days without a backup where daily ones are kept, and tells how long they are', () => {
    const [gap] = findGaps(kept(400, [3, 4]), DEFAULTS, { now: NOW, since: SINCE });
    expect(gap).toEqual({
      from: utc('2026-11-19 03:01'),
      to: utc('2026-11-22 03:01'),
      hours: 72,
      promisedHours: 26,
    });
  });

  it('reaches to the present where the newest backups are missing', () => {
    expect(gaps(kept(400, [0, 1]))).toEqual(['2026-11-22 to 2026-11-24: 26']);
  });

  it('finds what is missing at the far end of the days that daily backups are kept for', () => {
    // The interval begins at a weekly backup, and is no longer than a week.
    expect(gaps(kept(400, range(10, 13)))).toEqual(['2026-11-08 to 2026-11-15: 26']);
  });

  it.each([
    ['weekly', range(28, 32), ['2026-10-18 to 2026-11-01: 170']],
    ['monthly', range(100, 145), ['2026-07-01 to 2026-09-01: 746']],
  ])('finds a missing %s backup', (_, without, expected) => {
    expect(gaps(kept(400, without))).toEqual(expected);
  });

  it('promises nothing where nothing of a type is kept', () => {
    const monthlyOnly = { keep: { daily: 0, weekly: 0, monthly: 12, yearly: 0 } };
    const firsts = kept(400).filter((at) => at.getUTCDate() === 1);
    expect(gaps(firsts, monthlyOnly)).toEqual([]);
    expect(
      gaps(
        firsts.filter((at) => at.getUTCMonth() !== 4),
        monthlyOnly,
      ),
    ).toEqual(['2026-04-01 to 2026-06-01: 746']);
  });

  it('goes by the objective where that is longer than a day', () => {
    expect(gaps(kept(400, [3]), { rpoHours: 50 })).toEqual([]);
    expect(gaps(kept(400, [3]), { rpoHours: 4 })).toEqual(['2026-11-20 to 2026-11-22: 26']);
  });

  it('says nothing of the time before the oldest backup, of what lies before the year, nor of the future', () => {
    expect(gaps([])).toEqual([]);
    expect(gaps(kept(5))).toEqual([]);
    const longAgo = [utc('2020-01-01 03:00'), utc('2025-11-01 03:00')];
    expect(gaps([...longAgo, ...kept(400)])).toEqual([]);
    expect(gaps([...kept(400, [0, 1]), utc('2026-11-25 03:00')])).toEqual(['2026-11-22 to 2026-11-24: 26']);
  });
});
