import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  chooseRetentionType,
  expiryOf,
  isStandardRetentionType,
  keepOf,
  missedRetentionTypes,
  retentionTypeOfDay,
} from '../../../../layers/engine/src/domain/backup/retention.js';
import { STANDARD_RETENTION_TYPES } from '../../../../layers/engine/src/domain/config/config-schema.js';
import { configValues, utc } from '../builders.js';

const times = fc.date({ min: utc('1990-01-01'), max: utc('2090-12-31'), noInvalidDate: true });

describe('the retention type of a day', () => {
  it.each([
    ['1 January is yearly', '2026-01-01 00:00', 'yearly'],
    ['1 January is yearly to its last minute', '2026-01-01 23:59', 'yearly'],
    ['1 January is yearly on a Sunday, too', '2023-01-01 12:00', 'yearly'],
    ['the 1st of another month is monthly', '2026-12-01 03:00', 'monthly'],
    ['the 1st is monthly on a Sunday, too', '2026-02-01 03:00', 'monthly'],
    ['the 1st of March after a leap day is monthly', '2028-03-01 00:00', 'monthly'],
    ['Sunday is weekly', '2026-11-22 00:00', 'weekly'],
    ['Sunday is weekly to its last minute', '2026-11-22 23:59', 'weekly'],
    ['31 December is weekly if it is a Sunday', '2028-12-31 23:59', 'weekly'],
    ['Saturday is daily', '2026-11-21 23:59', 'daily'],
    ['Monday is daily', '2026-11-23 00:00', 'daily'],
    ['a leap day is daily', '2028-02-29 12:00', 'daily'],
    ['31 December is daily', '2026-12-31 23:59', 'daily'],
    ['2 January is daily', '2026-01-02 00:00', 'daily'],
    ['the 11th is daily', '2026-11-11 00:00', 'daily'],
  ])('%s', (_, time, type) => {
    expect(retentionTypeOfDay(utc(time))).toBe(type);
  });

  it('is the same all through a UTC day', () => {
    fc.assert(
      fc.property(times, (time) => {
        const midnight = new Date(time.toISOString().slice(0, 10));
        expect(retentionTypeOfDay(time)).toBe(retentionTypeOfDay(midnight));
      }),
    );
  });
});

describe('standard retention types', () => {
  it('are four, longest first', () => {
    expect(STANDARD_RETENTION_TYPES).toEqual(['yearly', 'monthly', 'weekly', 'daily']);
  });

  it.each([
    ['daily', true],
    ['yearly', true],
    ['Daily', false],
    ['hourly', false],
    ['', false],
  ])('%j is one: %s', (name, is) => {
    expect(isStandardRetentionType(name)).toBe(is);
  });
});

describe('how long a type is kept', () => {
  const both = {
    shelvery_keep_daily_backups: 1,
    shelvery_keep_weekly_backups: 2,
    shelvery_keep_monthly_backups: 3,
    shelvery_keep_yearly_backups: 4,
    shelvery_keep_daily_backups_dr: 0,
    shelvery_keep_weekly_backups_dr: 6,
    shelvery_keep_monthly_backups_dr: 7,
    shelvery_keep_yearly_backups_dr: 8,
  };
  it.each([
    ['daily', 'local', 1],
    ['weekly', 'local', 2],
    ['monthly', 'local', 3],
    ['yearly', 'local', 4],
    ['daily', 'dr', 0],
    ['weekly', 'dr', 6],
    ['monthly', 'dr', 7],
    ['yearly', 'dr', 8],
    ['weekly', 'pulled', 2],
  ] as const)('%s, %s: %i, as the _dr keys win for DR copies alone', (type, place, keep) => {
    expect(keepOf(type, configValues(both), place)).toBe(keep);
  });

  it('is as long for DR copies as locally where no _dr key is set', () => {
    expect(keepOf('daily', configValues({ shelvery_keep_daily_backups: 5 }), 'dr')).toBe(5);
  });
});

describe('choosing the retention type of a new backup', () => {
  const YEARLY = utc('2026-01-01');
  const MONTHLY = utc('2026-12-01');
  const WEEKLY = utc('2026-11-22');
  const DAILY = utc('2026-11-24');
  const keep = (y: number, m: number, w: number, d: number): Record<string, unknown> => ({
    shelvery_keep_yearly_backups: y,
    shelvery_keep_monthly_backups: m,
    shelvery_keep_weekly_backups: w,
    shelvery_keep_daily_backups: d,
  });
  const custom = { shelvery_custom_retention_types: 'quarterHourly:86400,hourly:172800' };

  it.each([
    ['the day gives it', YEARLY, {}, 'yearly'],
    ['the day gives it', DAILY, {}, 'daily'],
    ['where yearly is kept for 0, monthly is taken', YEARLY, keep(0, 1, 1, 1), 'monthly'],
    ['where yearly and monthly are 0, weekly', YEARLY, keep(0, 0, 1, 1), 'weekly'],
    ['where all longer are 0, daily', YEARLY, keep(0, 0, 0, 1), 'daily'],
    ['where monthly is 0, weekly, never yearly', MONTHLY, keep(1, 0, 1, 1), 'weekly'],
    ['where weekly is 0, daily', WEEKLY, keep(1, 1, 0, 1), 'daily'],
    [
      'a standard type that is configured wins over the day',
      DAILY,
      { shelvery_current_retention_type: 'monthly' },
      'monthly',
    ],
    [
      'a configured standard type gives way as well',
      DAILY,
      { shelvery_current_retention_type: 'monthly', ...keep(1, 0, 1, 1) },
      'weekly',
    ],
    ['a custom type wins over the day', YEARLY, { shelvery_current_retention_type: 'hourly', ...custom }, 'hourly'],
    ['custom types do not count unless chosen', YEARLY, custom, 'yearly'],
    ['the keeps of DR regions do not matter', DAILY, { shelvery_keep_daily_backups_dr: 0 }, 'daily'],
  ])('%s', (_, time, config, type) => {
    expect(chooseRetentionType(time, configValues(config))).toEqual({ kind: 'chosen', type });
  });

  it.each([
    ['daily', DAILY, keep(1, 1, 1, 0), 'daily backups are kept for 0 days'],
    ['weekly', WEEKLY, keep(1, 1, 0, 0), 'weekly backups and all shorter retention types are kept for 0'],
    ['yearly', YEARLY, keep(0, 0, 0, 0), 'yearly backups and all shorter retention types are kept for 0'],
  ])('skips where %s and all that is shorter are kept for 0', (_, time, config, reason) => {
    expect(chooseRetentionType(time, configValues(config))).toEqual({ kind: 'skipped', reason });
  });
});

describe('expiry', () => {
  it.each([
    ['days', 'daily', '2026-11-24 03:01', { shelvery_keep_daily_backups: 14 }, '2026-12-08 03:01'],
    ['days over a year end', 'daily', '2026-12-31 23:59', { shelvery_keep_daily_backups: 1 }, '2027-01-01 23:59'],
    ['days over a leap day', 'daily', '2028-02-28 00:00', { shelvery_keep_daily_backups: 2 }, '2028-03-01 00:00'],
    ['days over no leap day', 'daily', '2026-02-28 00:00', { shelvery_keep_daily_backups: 2 }, '2026-03-02 00:00'],
    [
      'days of 24 hours when daylight saving begins',
      'daily',
      '2026-03-28 02:30',
      { shelvery_keep_daily_backups: 1 },
      '2026-03-29 02:30',
    ],
    [
      'days of 24 hours when it ends',
      'daily',
      '2026-10-24 02:30',
      { shelvery_keep_daily_backups: 1 },
      '2026-10-25 02:30',
    ],
    ['nothing', 'daily', '2026-11-24 03:01', { shelvery_keep_daily_backups: 0 }, '2026-11-24 03:01'],
    ['weeks', 'weekly', '2026-11-22 03:01', { shelvery_keep_weekly_backups: 8 }, '2027-01-17 03:01'],
    ['calendar months', 'monthly', '2026-02-01 03:01', { shelvery_keep_monthly_backups: 12 }, '2027-02-01 03:01'],
    [
      'a month, the day clamped',
      'monthly',
      '2026-01-31 03:01',
      { shelvery_keep_monthly_backups: 1 },
      '2026-02-28 03:01',
    ],
    [
      'a month, the day clamped to a leap day',
      'monthly',
      '2028-01-31 03:01',
      { shelvery_keep_monthly_backups: 1 },
      '2028-02-29 03:01',
    ],
    [
      'months, clamped once and not on the way',
      'monthly',
      '2026-01-31 03:01',
      { shelvery_keep_monthly_backups: 2 },
      '2026-03-31 03:01',
    ],
    ['months over a year end', 'monthly', '2026-12-31 03:01', { shelvery_keep_monthly_backups: 2 }, '2027-02-28 03:01'],
    ['calendar years', 'yearly', '2026-01-01 03:01', { shelvery_keep_yearly_backups: 10 }, '2036-01-01 03:01'],
    ['a year from a leap day', 'yearly', '2028-02-29 03:01', { shelvery_keep_yearly_backups: 1 }, '2029-02-28 03:01'],
    [
      'four years from a leap day',
      'yearly',
      '2028-02-29 03:01',
      { shelvery_keep_yearly_backups: 4 },
      '2032-02-29 03:01',
    ],
    ['seconds', 'hourly', '2026-11-24 03:01', { shelvery_custom_retention_types: 'hourly:5400' }, '2026-11-24 04:31'],
  ])('is date_created and %s', (_, type, created, config, expires) => {
    expect(expiryOf(utc(created), type, configValues(config), 'local')).toEqual(utc(expires));
  });

  it('of a DR copy follows the _dr keys', () => {
    const config = configValues({ shelvery_keep_daily_backups: 14, shelvery_keep_daily_backups_dr: 2 });
    expect(expiryOf(utc('2026-11-24'), 'daily', config, 'dr')).toEqual(utc('2026-11-26'));
    expect(expiryOf(utc('2026-11-24'), 'daily', config, 'local')).toEqual(utc('2026-12-08'));
    expect(expiryOf(utc('2026-11-24'), 'daily', config, 'pulled')).toEqual(utc('2026-12-08'));
  });

  it.each([['hourly'], ['Daily'], [''], ['constructor']])('of the unknown type %j is not known', (type) => {
    expect(expiryOf(utc('2026-11-24'), type, configValues(), 'local')).toBeUndefined();
  });

  it('never comes before the backup, and later for a longer keep', () => {
    const keeps = fc.tuple(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 1, max: 1_000 }));
    fc.assert(
      fc.property(times, fc.constantFrom(...STANDARD_RETENTION_TYPES), keeps, (created, type, [short, more]) => {
        const expires = (keep: number): number =>
          expiryOf(
            created,
            type,
            configValues({ [`shelvery_keep_${type}_backups`]: Math.min(keep, 1_000) }),
            'local',
          )?.getTime() ?? NaN;
        expect(expires(short)).toBeGreaterThanOrEqual(created.getTime());
        expect(expires(short + more)).toBeGreaterThanOrEqual(expires(short));
      }),
    );
  });

  it('keeps the time of day, and the day of the month or the last day of a shorter month', () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 600 }), (created, keep) => {
        const expires =
          expiryOf(created, 'monthly', configValues({ shelvery_keep_monthly_backups: keep }), 'local') ?? new Date(NaN);
        const months = created.getUTCFullYear() * 12 + created.getUTCMonth() + keep;
        const lastDay = new Date(Date.UTC(Math.floor(months / 12), (months % 12) + 1, 0)).getUTCDate();
        expect(expires.toISOString().slice(11)).toBe(created.toISOString().slice(11));
        expect(expires.getUTCFullYear() * 12 + expires.getUTCMonth()).toBe(months);
        expect(expires.getUTCDate()).toBe(Math.min(created.getUTCDate(), lastDay));
      }),
    );
  });
});

describe('what was missed', () => {
  const made = (day: string, retentionType: string) => ({ createdAt: utc(`${day} 03:00`), retentionType });
  it.each([
    ['nothing, where there are no backups', '2026-01-03', [], []],
    ['nothing, where there were none before', '2026-01-03', [made('2026-01-02', 'daily')], []],
    [
      'the month and the year, where the 1st failed',
      '2026-01-03',
      [made('2025-12-31', 'daily')],
      ['yearly', 'monthly'],
    ],
    [
      'also where a daily one was made since',
      '2026-02-03',
      [made('2026-01-01', 'yearly'), made('2026-02-02', 'daily')],
      ['monthly', 'weekly'],
    ],
    [
      'no month, where the year was made that day',
      '2026-01-08',
      [made('2025-12-31', 'daily'), made('2026-01-01', 'yearly'), made('2026-01-04', 'weekly')],
      [],
    ],
    [
      'the week, where Sunday failed',
      '2026-02-10',
      [made('2026-02-01', 'monthly'), made('2026-02-09', 'daily')],
      ['weekly'],
    ],
  ] as const)('is %s', (_, day, backups, missed) => {
    expect(missedRetentionTypes(utc(`${day} 03:00`), backups)).toEqual(missed);
  });

  const at = (time: string, retentionType: string) => ({ createdAt: utc(time), retentionType });
  it('is nothing where it was made in the first minute of its day', () => {
    const backups = [at('2026-01-31 03:00', 'daily'), at('2026-02-01 00:00', 'monthly')];
    expect(missedRetentionTypes(utc('2026-02-03 03:00'), backups.slice(0, 1))).toEqual(['monthly', 'weekly']);
    expect(missedRetentionTypes(utc('2026-02-03 03:00'), backups)).toEqual([]);
  });

  it('is nothing where the first backup of all was made in that minute', () => {
    expect(missedRetentionTypes(utc('2026-02-03 03:00'), [at('2026-02-01 00:00', 'daily')])).toEqual([]);
  });

  it('is not made up for where it is kept for 0: the day gives the type', () => {
    const config = configValues({ shelvery_keep_yearly_backups: 0 });
    expect(chooseRetentionType(utc('2026-01-03'), config, ['yearly'])).toEqual({ kind: 'chosen', type: 'daily' });
  });

  it('is made up for by the longest, of those that are kept', () => {
    const missed = ['yearly', 'monthly'] as const;
    expect(chooseRetentionType(utc('2026-01-03'), configValues(), missed)).toEqual({ kind: 'chosen', type: 'yearly' });
    const without = configValues({ shelvery_keep_yearly_backups: 0 });
    expect(chooseRetentionType(utc('2026-01-03'), without, missed)).toEqual({ kind: 'chosen', type: 'monthly' });
  });

  it('gives way to a type that is asked for', () => {
    const config = configValues({ shelvery_current_retention_type: 'weekly' });
    expect(chooseRetentionType(utc('2026-01-03'), config, ['yearly'])).toEqual({ kind: 'chosen', type: 'weekly' });
  });
});
