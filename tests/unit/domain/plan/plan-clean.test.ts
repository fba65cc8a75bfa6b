import { describe, expect, it } from '@jest/globals';
import type { BackupReader } from '../../../../layers/engine/src/domain/backup/judged-by.js';
import { resolveRunConfig } from '../../../../layers/engine/src/domain/config/config.js';
import { hasLeftoverExpired, planClean } from '../../../../layers/engine/src/domain/plan/plan-clean.js';
import { readBackup } from '../../../../layers/engine/src/domain/backup/read-backup.js';
import type { CleanInput, CleanPlan } from '../../../../layers/engine/src/domain/plan/plan-clean.js';
import { present } from '../../../../layers/engine/src/domain/present.js';
import { DR, LOCAL, THIRD, foundBackup, read, reader, resource, resourcesById, runConfig, utc } from '../builders.js';
import type { BackupParts } from '../builders.js';

const NOW = utc('2026-03-01 03:00');

interface Given extends Partial<Omit<CleanInput, 'backups' | 'config'>>, Pick<Partial<BackupReader>, 'resources'> {
  readonly backups: readonly BackupParts[];
  readonly payload?: Readonly<Record<string, unknown>>;
}

/** Cleans the local region with nothing protected by keep-last, unless said otherwise. */
function clean({ backups, payload = {}, resources = resourcesById(resource('vol-1')), ...given }: Given): CleanPlan {
  const config = runConfig({ shelvery_keep_last_backups: 0, ...payload });
  return planClean({
    now: NOW,
    localRegion: LOCAL,
    region: LOCAL,
    beingCopied: new Set(),
    config,
    ...given,
    backups: backups.map((parts) => read(parts, { config, resources })),
  });
}

const kept = (plan: CleanPlan): Record<string, string> =>
  Object.fromEntries(plan.keep.map(({ backup, reason }) => [backup.id, reason]));
const removed = (plan: CleanPlan): Record<string, string> =>
  Object.fromEntries(plan.remove.map(({ backup, reason }) => [backup.id, reason]));
const fates = (plan: CleanPlan): Record<string, string> => ({ ...kept(plan), ...removed(plan) });
const daily = (id: string, created: string, more: BackupParts = {}): BackupParts => ({ id, created, ...more });

describe('planClean by age', () => {
  it.each([
    ['a minute before', '2026-01-24 02:59', 'not-expired'],
    ['exactly when it expires', '2026-01-24 03:00', 'not-expired'],
    ['a millisecond later', '2026-01-24 03:00:00.001', 'expired'],
  ])('judges a backup that is kept for 14 days %s: it is %s', (_, now, fate) => {
    expect(fates(clean({ backups: [daily('snap-1', '2026-01-10-0300')], now: utc(now) }))).toEqual({ 'snap-1': fate });
  });

  it('says when, of what it keeps and what it removes', () => {
    const plan = clean({ backups: [daily('old', '2026-01-10-0300'), daily('new', '2026-02-20-0300')] });
    expect(plan.keep).toMatchObject([
      {
        backup: { id: 'new' },
        reason: 'not-expired',
        text: 'expires 2026-03-06',
        expires: utc('2026-03-06 03:00'),
        problem: false,
      },
    ]);
    expect(plan.remove).toMatchObject([{ backup: { id: 'old' }, reason: 'expired', text: 'expired 2026-01-24' }]);
    expect(plan.unreadable).toEqual([]);
  });

  it('plans nothing for nothing', () => {
    expect(clean({ backups: [] })).toEqual({
      keep: [],
      remove: [],
      unreadable: [],
      somebodys: [],
      doubledOriginals: [],
    });
  });

  it.each([
    ['weekly', '2026-01-04-0300', 'expired', { shelvery_keep_weekly_backups: 7 }],
    ['weekly', '2026-01-04-0300', 'not-expired', { shelvery_keep_weekly_backups: 8 }],
    ['monthly', '2026-01-01-0300', 'not-expired', { shelvery_keep_monthly_backups: 2 }],
    ['monthly', '2026-01-01-0300', 'expired', { shelvery_keep_monthly_backups: 1 }],
    ['yearly', '2024-01-01-0300', 'expired', { shelvery_keep_yearly_backups: 2 }],
    ['yearly', '2024-01-01-0300', 'not-expired', { shelvery_keep_yearly_backups: 3 }],
    ['hourly', '2026-03-01-0159', 'expired', { shelvery_custom_retention_types: 'hourly:3600' }],
    ['hourly', '2026-03-01-0200', 'not-expired', { shelvery_custom_retention_types: 'hourly:3600' }],
  ])('judges a %s one of %s by its own keep: %s', (type, created, fate, payload) => {
    expect(fates(clean({ backups: [{ created, type }], payload }))).toEqual({ 'snap-1': fate });
  });

  it('removes failed ones when they expire, and not before', () => {
    const backups = [
      daily('old', '2026-01-10-0300', { state: 'failed' }),
      daily('new', '2026-02-20-0300', { state: 'failed' }),
    ];
    expect(fates(clean({ backups }))).toEqual({ old: 'expired', new: 'not-expired' });
  });
});

describe('planClean and configuration', () => {
  const keep = (days: string): Record<string, string> => ({ 'shelvery:config:shelvery_keep_daily_backups': days });

  it.each([
    ['the live resource’s tags', { live: keep('99'), own: keep('1') }, 'not-expired'],
    ['the live resource’s tags, not those that the backup kept', { live: {}, own: keep('99') }, 'expired'],
    ['the backup’s tags once the resource is gone', { own: keep('99') }, 'not-expired'],
    ['the payload where neither says anything', { live: {}, own: {} }, 'expired'],
  ] as const)('takes the keep from %s', (_, { own, ...rest }, fate) => {
    const resources = 'live' in rest ? resourcesById(resource('vol-1', rest.live)) : resourcesById();
    expect(fates(clean({ backups: [{ tags: own }], resources }))).toEqual({ 'snap-1': fate });
  });

  it('keeps and reports the expired backups of a resource with a bad value in its tags', () => {
    const resources = resourcesById(resource('vol-1', keep('ten')));
    const plan = clean({ backups: [daily('old', '2026-01-10-0300'), daily('new', '2026-02-28-0300')], resources });
    expect(kept(plan)).toEqual({ old: 'bad-configuration', new: 'not-expired' });
    expect(plan.keep[1]?.text).toMatch(
      /^expires 2026-03-14, but stays until the tags of vol-1 are corrected: shelvery_keep_daily_backups in the resource's tags is /,
    );
    expect(plan.keep[0]).toMatchObject({
      problem: true,
      text: `expired 2026-01-24, but stays until the tags of vol-1 are corrected: shelvery_keep_daily_backups in the resource's tags is "ten"; allowed: a whole number from 0 to 10000 (days).`,
    });
    expect(plan.keep[1]).toMatchObject({
      problem: false,
      text: expect.stringMatching(
        /^expires 2026-03-14, but stays until the tags of vol-1 are corrected: shelvery_keep_daily/,
      ),
    });
  });

  it('names every wrong value, and the tags of the backup where its resource is gone', () => {
    const both = { ...keep('ten'), 'shelvery:config:shelvery_keep_weekly_backups': 'many' };
    const backups = [daily('old', '2026-01-10-0300', { tags: both })];
    expect(clean({ backups, resources: resourcesById() }).keep).toMatchObject([
      {
        reason: 'bad-configuration',
        text: `expired 2026-01-24, but stays until its own tags are corrected: shelvery_keep_daily_backups in the backup's own tags is "ten"; allowed: a whole number from 0 to 10000 (days). shelvery_keep_weekly_backups in the backup's own tags is "many"; allowed: a whole number from 0 to 10000 (weeks).`,
      },
    ]);
    const live = clean({
      backups: [daily('old', '2026-01-10-0300')],
      resources: resourcesById(resource('vol-1', both)),
    });
    expect(live.keep[0]?.text).toMatch(
      /vol-1 are corrected: shelvery_keep_daily_backups in the resource's .* shelvery_keep_weekly_backups in the resource's/,
    );
  });

  it('keeps the younger of doubled copies of a resource with a wrong value, and says so', () => {
    const copy = (id: string): BackupParts => ({
      id,
      place: 'dr',
      source: `${LOCAL}:snap-1`,
      created: '2026-02-28-0300',
      startedAt: utc(id === 'first' ? '2026-02-28' : '2026-02-29'),
    });
    const resources = resourcesById(resource('vol-1', keep('ten')));
    const plan = clean({ backups: [copy('first'), copy('second')], region: DR, resources });
    expect(kept(plan)).toEqual({ first: 'not-expired', second: 'bad-configuration' });
    expect(plan.keep[1]?.text).toMatch(/^there is an older copy of the same backup, but stays until the tags of vol-1/);
  });

  it('lets a tag that is no key, or no key of resources, decide nothing', () => {
    const tags = { 'shelvery:config:shelvery_keep_dayly_backups': '99', 'shelvery:config:shelvery_sns_topic': 'x' };
    expect(fates(clean({ backups: [{}], resources: resourcesById(resource('vol-1', tags)) }))).toEqual({
      'snap-1': 'expired',
    });
  });

  it.each([
    ['whose resource is not here', resourcesById()],
    ['whose resource has the id of one that is', resourcesById(resource('vol-1', keep('50')))],
  ])('obeys nothing that another account wrote: %s', (_, resources) => {
    const backups: BackupParts[] = [
      { id: 'long', place: 'pulled', tags: keep('99') },
      { id: 'bad', place: 'pulled', created: '2026-01-11-0300', tags: keep('ten') },
      { id: 'short', place: 'pulled', created: '2026-02-28-0300', tags: keep('0') },
    ];
    expect(fates(clean({ backups, resources }))).toEqual({ long: 'expired', bad: 'expired', short: 'not-expired' });
  });

  it('narrows to one resource with shelvery_select_entity', () => {
    const backups: BackupParts[] = [
      {},
      { id: 'snap-2', entity: 'vol-2' },
      { id: 'snap-3', entity: 'vol-2', tags: { 'shelvery:name': '/' } },
    ];
    const plan = clean({ backups, payload: { shelvery_select_entity: 'vol-1' } });
    expect([fates(plan), plan.unreadable]).toEqual([{ 'snap-1': 'expired' }, []]);
  });
});

describe('planClean never removes', () => {
  it('what is held, whatever else is true of it', () => {
    const backups: BackupParts[] = [
      { hold: 'true' },
      { id: 'failed', hold: 'true', state: 'failed' },
      { id: 'temporary-re-encrypted', hold: 'True' },
    ];
    const plan = clean({ backups });
    expect(kept(plan)).toEqual({ 'snap-1': 'held', failed: 'held', 'temporary-re-encrypted': 'held' });
    expect(plan.keep[0]).toMatchObject({ text: 'on hold: it has the tag shelvery:hold', problem: false });
  });

  it('what something holds that belongs to it, and says so', () => {
    const config = runConfig();
    const made = read({}, { config });
    if (made.kind !== 'backup') throw new Error('not understood');
    const held = readBackup({ ...made.backup.found, partHeldBy: 'shelvery:hold' }, reader({ config }));
    const plan = planClean({
      now: NOW,
      localRegion: LOCAL,
      region: LOCAL,
      beingCopied: new Set(),
      config,
      backups: [held],
    });
    expect(plan.keep).toMatchObject([
      { reason: 'held', text: 'on hold: something that belongs to it has the tag shelvery:hold' },
    ]);
  });

  it.each([
    ['its own that is right', { 'shelvery:hold': '1' }, 'shelvery:legal_hold', 'it has the tag shelvery:hold'],
    [
      'a right one of what belongs to it',
      { 'shelvery:held': '1' },
      'shelvery:hold',
      'something that belongs to it has the tag shelvery:hold',
    ],
    [
      'one that was meant to',
      { 'shelvery:held': '1' },
      undefined,
      'it has the tag "shelvery:held", probably meant for shelvery:hold; take it off to let the backup go',
    ],
  ])('what several tags hold, and names %s', (_, tags, partHeldBy, text) => {
    const config = runConfig();
    const found = { ...foundBackup({ tags }), ...present({ partHeldBy }) };
    const backups = [readBackup(found, reader({ config }))];
    const plan = planClean({ now: NOW, localRegion: LOCAL, region: LOCAL, beingCopied: new Set(), config, backups });
    expect(plan.keep).toMatchObject([{ reason: 'held', text: `on hold: ${text}` }]);
  });

  it('what is not finished', () => {
    const backups: BackupParts[] = [{ state: 'pending' }, { id: 'temporary-re-encrypted', state: 'pending' }];
    expect(clean({ backups, now: utc('2026-01-12 03:00') }).keep).toMatchObject([
      { reason: 'being-made', text: 'not finished yet', problem: false },
      { reason: 'being-made', problem: false },
    ]);
  });

  it('what is not finished long after it was begun, but that is told of', () => {
    const begun: BackupParts[] = [
      { state: 'pending' },
      { id: 'copied-later', state: 'pending', tags: { 'shelvery:date_copied': '2026-01-12-0200' } },
      { id: 'started-later', state: 'pending', startedAt: utc('2026-01-12 02:00') },
    ];
    expect(clean({ backups: begun, now: utc('2026-01-12 03:01') }).keep).toMatchObject([
      {
        reason: 'being-made',
        problem: true,
        text: 'not finished after 48 hours (shelvery_wait_deadline_hours); look at it in the AWS console',
      },
      { reason: 'being-made', problem: false },
      { reason: 'being-made', problem: false },
    ]);
  });

  it('what a copy is still being made of, in its own region', () => {
    const backups: BackupParts[] = [{}, { id: 'snap-2' }, { id: 'temporary-re-encrypted' }];
    const beingCopied = new Set(['eu-west-1:snap-1', 'eu-central-1:snap-2', 'eu-west-1:temporary-re-encrypted']);
    const plan = clean({
      backups: backups.map((parts, index) => ({ ...parts, created: `2026-01-1${index}-0300` })),
      beingCopied,
    });
    expect(fates(plan)).toEqual({
      'snap-1': 'being-copied',
      'snap-2': 'expired',
      'temporary-re-encrypted': 'being-copied',
    });
    expect(plan.keep[0]).toMatchObject({ text: 'a copy of it is still being made', problem: false });
  });

  it('what a copy may still be being made of, in a region that could not be listed', () => {
    const plan = clean({
      backups: [
        daily('snap-1', '2026-01-10-0300'),
        daily('snap-2', '2026-01-11-0300'),
        daily('new', '2026-02-20-0300'),
      ],
      maybeBeingCopied: new Map(['snap-1', 'new'].map((id) => [`${LOCAL}:${id}`, DR])),
    });
    expect(fates(plan)).toEqual({ 'snap-1': 'maybe-being-copied', 'snap-2': 'expired', new: 'not-expired' });
    expect(plan.keep.find(({ backup }) => backup.id === 'snap-1')).toMatchObject({
      text: 'eu-central-1 could not be listed: a copy of it may still be being made',
      problem: false,
    });
  });

  it('what has a retention type that is not known', () => {
    const plan = clean({
      backups: [{ type: 'hourly' }],
      payload: { shelvery_custom_retention_types: 'rare:60,often:5' },
    });
    expect(plan.keep).toMatchObject([
      {
        reason: 'unknown-retention-type',
        text:
          'its retention type hourly is not configured (known: yearly, monthly, weekly, daily, rare, often): ' +
          'add hourly:<seconds> to shelvery_custom_retention_types, or delete the backup by hand',
        problem: true,
      },
    ]);
  });

  it.each(['Daily', 'two--hyphens', 'a-type-of-more-than-twenty'])(
    'what has a retention type that cannot be configured: %s',
    (type) => {
      const [kept] = clean({ backups: [{ type }] }).keep;
      expect(kept?.text).toBe(
        `its retention type ${type} is not configured (known: yearly, monthly, weekly, daily): ` +
          'correct its tag shelvery:retention_type, or delete the backup by hand',
      );
    },
  );

  it('what cannot be understood, and goes on with the rest', () => {
    const plan = clean({ backups: [{ id: 'bad', tags: { 'shelvery:date_created': 'x' } }, {}] });
    expect(plan.unreadable).toMatchObject([
      { found: { id: 'bad' }, problem: 'its tag shelvery:date_created is "x"; allowed: YYYY-MM-DD-HHmm' },
    ]);
    expect(fates(plan)).toEqual({ 'snap-1': 'expired' });
  });
});

describe('planClean and temporary snapshots', () => {
  const temporary: BackupParts = { id: 'web-re-encrypted', created: '2026-02-26-0300', type: 'yearly' };
  it.each([
    ['in their hours', {}, NOW, 'temporary-in-use'],
    ['exactly at their end', {}, utc('2026-03-01 03:00'), 'temporary-in-use'],
    ['a millisecond later', {}, utc('2026-03-01 03:00:00.001'), 'temporary-over'],
    [
      'counted from when the service began',
      { startedAt: utc('2026-02-27 03:00') },
      utc('2026-03-02 02:00'),
      'temporary-in-use',
    ],
    [
      'counted from date_created, if that is later',
      { startedAt: utc('2026-02-01') },
      utc('2026-03-01 02:00'),
      'temporary-in-use',
    ],
    ['failed', { state: 'failed' }, utc('2026-03-02'), 'temporary-over'],
    ['of an unknown retention type', { type: 'hourly' }, utc('2026-03-02'), 'temporary-over'],
  ] as const)('judges them by their hours: %s', (_, more, now, fate) => {
    expect(fates(clean({ backups: [{ ...temporary, ...more }], now }))).toEqual({ 'web-re-encrypted': fate });
  });

  it('says so', () => {
    const payload = { shelvery_reencrypt_backup_cleanup_hours: 24 };
    expect(clean({ backups: [temporary], payload }).remove).toMatchObject([
      { text: 'temporary, not needed since 2026-02-27' },
    ]);
    expect(clean({ backups: [temporary] }).keep).toMatchObject([
      { text: 'temporary, needed for sharing', expires: utc('2026-03-01 03:00'), problem: false },
    ]);
  });

  it('takes a pulled copy of one for a backup', () => {
    expect(fates(clean({ backups: [{ ...temporary, place: 'pulled' }], now: utc('2026-04-01') }))).toEqual({
      'web-re-encrypted': 'not-expired',
    });
  });
});

describe('planClean in regions', () => {
  const backups: BackupParts[] = [
    { id: 'local' },
    { id: 'pulled', place: 'pulled' },
    { id: 'ours', place: 'dr', source: 'eu-west-1:snap-0' },
    { id: 'theirs', place: 'dr', source: 'us-east-1:snap-0' },
    { id: 'similar', place: 'dr', source: 'eu-west-10:snap-0' },
    { id: 'silent', place: 'dr', tags: { 'shelvery:dr_source_backup': undefined } },
    { id: 'unreadable', tags: { 'shelvery:name': undefined } },
    { id: 'unreadable-copy', place: 'dr', source: 'eu-west-1:snap-0', tags: { 'shelvery:name': undefined } },
  ];
  it.each([
    ['locally takes all but DR copies', LOCAL, ['local', 'pulled'], ['unreadable']],
    [
      'in a DR region takes only copies of the local region, and tells of one that does not say where it came from',
      DR,
      ['ours'],
      ['silent', 'unreadable-copy'],
    ],
    ['in another DR region the same', THIRD, ['ours'], ['silent', 'unreadable-copy']],
  ])('%s', (_, region, removedIds, unreadable) => {
    const plan = clean({ backups, region });
    expect([Object.keys(removed(plan)), plan.keep]).toEqual([removedIds, []]);
    expect(plan.unreadable.map(({ found }) => found.id)).toEqual(unreadable);
  });

  it('lets the _dr keeps win for copies', () => {
    const payload = { shelvery_keep_daily_backups: 99, shelvery_keep_daily_backups_dr: 1 };
    expect(fates(clean({ backups: [{ place: 'dr' }], region: DR, payload }))).toEqual({ 'snap-1': 'expired' });
    expect(fates(clean({ backups: [{}], payload }))).toEqual({ 'snap-1': 'not-expired' });
  });
});

describe('planClean and shelvery_min_retention_days', () => {
  const config = (days: number) =>
    resolveRunConfig({
      environment: {
        shelvery_min_retention_days: String(days),
        shelvery_keep_daily_backups: '0',
        shelvery_keep_last_backups: '0',
      },
    });
  const at = (now: string, parts: BackupParts, days = 7, region = LOCAL): CleanPlan =>
    planClean({
      now: utc(now),
      localRegion: LOCAL,
      region,
      beingCopied: new Set(),
      config: config(days),
      backups: [read(parts, { config: config(days) })],
    });

  it.each([
    ['exactly at its end', '2026-01-17 03:00', 'min-retention'],
    ['a minute later', '2026-01-17 03:01', 'expired'],
  ])('keeps what expired, whatever tags say, until it has passed: %s', (_, now, fate) => {
    const tags = { 'shelvery:config:shelvery_keep_daily_backups': '0' };
    expect(fates(at(now, { tags }))).toEqual({ 'snap-1': fate });
  });

  it('says so, and until when', () => {
    expect(at('2026-01-12 03:00', {}).keep).toMatchObject([
      { text: 'younger than 7 days (shelvery_min_retention_days)', expires: utc('2026-01-17 03:00') },
    ]);
  });

  it('counts by the service where its time is later: a changed tag makes nothing older', () => {
    const parts = { created: '2020-01-01-0300', startedAt: utc('2026-01-10 03:00') };
    expect(fates(at('2026-01-16', parts))).toEqual({ 'snap-1': 'min-retention' });
    expect(fates(at('2026-01-18', parts))).toEqual({ 'snap-1': 'expired' });
  });

  it('holds for temporary snapshots too, which tags could make of a copy', () => {
    expect(fates(at('2026-01-16', { name: 'web-re-encrypted' }))).toEqual({ 'snap-1': 'min-retention' });
  });

  it('is none by default', () => {
    expect(fates(at('2026-01-10 03:01', {}, 0))).toEqual({ 'snap-1': 'expired' });
  });
});

describe('planClean and copies that a person made', () => {
  it('neither counts nor removes them, and tells of each once', () => {
    const drill: BackupParts = { id: 'drill', volumeId: 'vol-ffffffff', created: '2026-02-01-0300' };
    const plan = clean({
      backups: [drill, daily('own', '2026-01-10-0300')],
      payload: { shelvery_keep_last_backups: 1 },
    });
    expect(fates(plan)).toEqual({ own: 'last-good' });
    expect(plan.somebodys).toMatchObject([
      {
        found: { id: 'drill' },
        why: "not a backup of Shelvery's own, though it has the tags of one: it is a snapshot of vol-ffffffff, and its tags are those of a backup of vol-1; it is left alone",
      },
    ]);
  });
});

describe('hasLeftoverExpired', () => {
  const judge = (parts: BackupParts, now: string, environment: Readonly<Record<string, string>> = {}): boolean => {
    const config = resolveRunConfig({ environment });
    const leftover = read(parts, { config });
    if (leftover.kind !== 'backup') throw new Error('not understood');
    return hasLeftoverExpired(leftover.backup, utc(now), config);
  };
  const made = { created: '2026-01-10-0300' };

  it.each([
    ['before it expires', made, '2026-01-24 03:00', false],
    ['once it has, whatever keep-last says', made, '2026-01-24 03:01', true],
    ['of a retention type that is not known', { ...made, type: 'hourly' }, '2030-01-01', false],
    [
      'whose configuration is not understood',
      { ...made, tags: { 'shelvery:config:shelvery_keep_daily_backups': 'many' } },
      '2030-01-01',
      false,
    ],
  ])('judges what an image left %s', (_, parts, now, expired) => {
    expect(judge(parts, now)).toBe(expired);
  });

  it.each([
    ['2026-02-09 03:00', false],
    ['2026-02-09 03:01', true],
  ])('keeps everything for shelvery_min_retention_days (%s: %s)', (now, expired) => {
    expect(judge(made, now, { shelvery_min_retention_days: '30' })).toBe(expired);
  });
});
