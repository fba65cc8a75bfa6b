import { describe, expect, it } from '@jest/globals';
import {
  QUOTAS,
  judgeCopies,
  judgeKept,
  judgeStored,
  keptInTheEnd,
} from '../../../../layers/engine/src/domain/plan/quotas.js';
import { chooseRetentionType, expiryOf } from '../../../../layers/engine/src/domain/backup/retention.js';
import { DR, LOCAL, configValues, utc } from '../builders.js';

describe('judgeStored', () => {
  it.each([
    [10, 1, 'fits'],
    [79, 0, 'fits'],
    [79, 1, 'near'],
    [99, 1, 'near'],
    [100, 1, 'over'],
    [0, 101, 'over'],
  ])('takes %i snapshots of RDS instances and %i more for %s, of 100', (stored, added, kind) => {
    expect(judgeStored('rds', { region: LOCAL, stored, added }).kind).toBe(kind);
  });

  it('says what there is, what is added, and what AWS allows', () => {
    expect(judgeStored('ebs', { region: LOCAL, stored: 90_000, added: 12_345 })).toEqual({
      kind: 'over',
      quota: 'Snapshots per Region',
      text: 'eu-west-1 has 90,000 of Shelvery\'s backups, and a run adds 12,345: by default AWS allows 100,000 (quota "Snapshots per Region"); what others have made there counts as well',
    });
    expect(judgeStored('ebs', { region: LOCAL, stored: 1, added: 2 }).text).toMatch(
      /\(quota "Snapshots per Region"\)$/,
    );
  });
});

describe('keptInTheEnd', () => {
  /** How many backups there are of a resource that one is made of on each day, after so many years. */
  const counted = (values: ReturnType<typeof configValues>, years: number): number => {
    const now = utc('2040-06-15');
    let kept = 0;
    for (let day = 0; day < years * 366; day += 1) {
      const createdAt = new Date(now.getTime() - day * 86_400_000);
      const chosen = chooseRetentionType(createdAt, values);
      if (chosen.kind === 'skipped') continue;
      const expires = expiryOf(createdAt, chosen.type, values, 'local');
      if (expires !== undefined && expires > now) kept += 1;
    }
    return kept;
  };

  it.each([
    [{}, 12],
    [{ shelvery_keep_daily_backups: 100, shelvery_keep_weekly_backups: 52, shelvery_keep_yearly_backups: 1 }, 3],
    [{ shelvery_keep_monthly_backups: 36, shelvery_keep_yearly_backups: 2 }, 5],
  ])('is within four of what the calendar comes to: %j', (config, years) => {
    const values = configValues(config);
    expect(Math.abs(keptInTheEnd(values, 'local') - counted(values, years))).toBeLessThanOrEqual(4);
  });

  it('counts no weekly backup on the first of a month', () => {
    const values = configValues({
      ...{ shelvery_keep_daily_backups: 0, shelvery_keep_monthly_backups: 0, shelvery_keep_yearly_backups: 0 },
      shelvery_keep_weekly_backups: 1_000,
    });
    expect(keptInTheEnd(values, 'local')).toBe(968);
  });

  it('goes by the retention of copies where they have one', () => {
    const values = configValues({ shelvery_keep_yearly_backups: 10, shelvery_keep_yearly_backups_dr: 2 });
    expect(keptInTheEnd(values, 'local') - keptInTheEnd(values, 'dr')).toBe(8);
  });
});

describe('judgeKept', () => {
  it('finds that three databases with the default retention do not fit', () => {
    const each = keptInTheEnd(configValues(), 'local');
    expect(judgeKept('rds', LOCAL, [each]).kind).toBe('fits');
    expect(judgeKept('rds', LOCAL, [each, each]).kind).toBe('near');
    expect(judgeKept('rds', LOCAL, [each, each, each])).toEqual({
      kind: 'over',
      quota: 'Manual DB instance snapshots',
      text: 'by their retention 3 marked resources keep about 123 backups in eu-west-1 in the end: by default AWS allows 100 (quota "Manual DB instance snapshots")',
    });
    expect(judgeKept('rds', LOCAL, [100]).text).toContain('1 marked resource keeps about 100 backups');
  });
});

describe('judgeKept by its limits', () => {
  it.each([
    [79, 'fits'],
    [80, 'near'],
    [100, 'near'],
    [101, 'over'],
  ])('takes %i snapshots of RDS instances for %s, of 100', (kept, kind) => {
    expect(judgeKept('rds', LOCAL, [kept]).kind).toBe(kind);
  });
});

describe('judgeCopies', () => {
  it.each([
    [15, '1 hour 30 minutes'],
    [240 * 400, '1 year 1 month 4 days'],
  ])('says how long %i rounds of copies take: %s', (rounds, text) => {
    expect(judgeCopies('ebs', { toRegion: DR, copies: 20 * rounds, rpoHours: 26 })?.text).toContain(
      ` take about ${text} where `,
    );
  });

  it('takes 10,000 copies of volumes for two days', () => {
    expect(judgeCopies('ebs', { toRegion: DR, copies: 10_000, rpoHours: 26 })).toEqual({
      kind: 'over',
      quota: 'Concurrent snapshot copies per destination Region',
      minutes: 3_000,
      text: '10,000 copies to eu-central-1 at 20 at a time (quota "Concurrent snapshot copies per destination Region") take about 2 days 2 hours where each takes 6 minutes; the objective is 26 hours (shelvery_rpo_hours)',
    });
  });

  it.each([
    ['ebs', 20 * 260, 26, 'fits'],
    ['ebs', 20 * 260 + 1, 26, 'over'],
    ['rds_cluster', 55, 1, 'over'],
    ['rds', 55, 1, 'fits'],
  ] as const)('judges %s with %i copies by an objective of %i hours: %s', (type, copies, rpoHours, kind) => {
    expect(judgeCopies(type, { toRegion: DR, copies, rpoHours })?.kind).toBe(kind);
  });

  it('says nothing where all copies may run at once, and where no quota is known', () => {
    expect(judgeCopies('ebs', { toRegion: DR, copies: 20, rpoHours: 1 })).toBeUndefined();
    expect(judgeCopies('ec2ami', { toRegion: DR, copies: 100_000, rpoHours: 1 })).toBeUndefined();
  });
});

describe('the quotas', () => {
  it('name the page that each is from', () => {
    for (const { stored, copies } of Object.values(QUOTAS)) {
      expect(stored.page).toMatch(/Amazon/);
      if (copies !== undefined) expect(copies.page).toMatch(/snapshot|Amazon/);
    }
  });
});
