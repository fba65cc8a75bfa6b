import { describe, expect, it } from '@jest/globals';
import type { BackupReader } from '../../../../layers/engine/src/domain/backup/judged-by.js';
import { planClean } from '../../../../layers/engine/src/domain/plan/plan-clean.js';
import type { CleanInput, CleanPlan } from '../../../../layers/engine/src/domain/plan/plan-clean.js';
import { DR, LOCAL, RULES, read, resource, resourcesById, runConfig, utc } from '../builders.js';
import type { BackupParts } from '../builders.js';

interface Given
  extends Partial<Omit<CleanInput, 'backups' | 'config'>>, Pick<Partial<BackupReader>, 'resources' | 'rules'> {
  readonly backups: readonly BackupParts[];
  readonly payload?: Readonly<Record<string, unknown>>;
}

/** Cleans long after every backup has expired, with the defaults. */
function clean({
  backups,
  payload = {},
  resources = resourcesById(resource('vol-1')),
  rules = RULES.ebs,
  ...given
}: Given): CleanPlan {
  const config = runConfig(payload);
  return planClean({
    now: utc('2030-01-01'),
    localRegion: LOCAL,
    region: LOCAL,
    beingCopied: new Set(),
    config,
    ...given,
    backups: backups.map((parts) => read(parts, { config, resources, rules })),
  });
}
const keptIds = (plan: CleanPlan): string[] => plan.keep.map(({ backup }) => backup.id);
const reasons = (plan: CleanPlan): Record<string, string> =>
  Object.fromEntries([...plan.keep, ...plan.remove].map(({ backup, reason }) => [backup.id, reason]));

/** Four of one volume, named by their day. */
const FOUR: readonly BackupParts[] = ['11', '13', '10', '12'].map((day) => ({
  id: `day-${day}`,
  created: `2026-01-${day}-0300`,
}));

describe('planClean keeps the last', () => {
  it('one good backup of a resource, even when every one has expired', () => {
    const plan = clean({ backups: FOUR });
    expect(plan.keep).toMatchObject([
      {
        backup: { id: 'day-13' },
        reason: 'last-good',
        text: 'the newest available backup (shelvery_keep_last_backups=1)',
        problem: false,
      },
    ]);
    expect(plan.remove.map(({ backup }) => backup.id)).toEqual(['day-11', 'day-10', 'day-12']);
  });

  it('of a database, whatever its name was', () => {
    const database = { ...resource('db-2'), uid: 'db-A' };
    const named = (entity: string, day: string, uid = 'db-A'): BackupParts => ({
      id: `${entity}-2026-01-${day}-0300-daily`,
      entity,
      uid,
      created: `2026-01-${day}-0300`,
    });
    const given = { rules: RULES.rds, resources: resourcesById(database) };
    expect(reasons(clean({ ...given, backups: [named('db-1', '10'), named('db-1', '11')] }))).toEqual({
      'db-1-2026-01-10-0300-daily': 'expired',
      'db-1-2026-01-11-0300-daily': 'last-good',
    });
    const backups = [named('db-1', '10'), named('db-2', '11'), named('db-1', '12', 'db-B')];
    expect(reasons(clean({ ...given, backups }))).toEqual({
      'db-1-2026-01-10-0300-daily': 'expired',
      'db-2-2026-01-11-0300-daily': 'last-good',
      'db-1-2026-01-12-0300-daily': 'expired',
    });
  });

  it.each([
    [0, []],
    [1, ['day-13']],
    [2, ['day-13', 'day-12']],
    [3, ['day-11', 'day-13', 'day-12']],
    [4, ['day-11', 'day-13', 'day-10', 'day-12']],
    [9, ['day-11', 'day-13', 'day-10', 'day-12']],
  ])('%i, as configured', (count, ids) => {
    expect(keptIds(clean({ backups: FOUR, payload: { shelvery_keep_last_backups: count } }))).toEqual(ids);
  });

  it('as many as the resource’s own tag says', () => {
    const resources = resourcesById(resource('vol-1', { 'shelvery:config:shelvery_keep_last_backups': '2' }));
    const plan = clean({ backups: FOUR, resources });
    expect(keptIds(plan)).toEqual(['day-13', 'day-12']);
    expect(plan.keep[0]?.text).toBe('one of the 2 newest available backups (shelvery_keep_last_backups=2)');
  });

  it('of whatever retention type, both where two were made in one minute', () => {
    const backups: BackupParts[] = [
      { id: 'daily', created: '2026-01-13-0300' },
      { id: 'hourly', created: '2026-01-13-0300', type: 'hourly' },
      { id: 'older', created: '2026-01-12-0300', type: 'yearly' },
    ];
    const plan = clean({
      backups,
      now: utc('2040-01-01'),
      payload: { shelvery_custom_retention_types: 'hourly:3600' },
    });
    expect(keptIds(plan)).toEqual(['daily', 'hourly']);
  });

  it.each([
    ['failed ones', { state: 'failed' }],
    ['pending ones', { state: 'pending' }],
    ['temporary ones', { name: 'web-re-encrypted' }],
  ] as const)('without counting %s', (_, more) => {
    const backups: BackupParts[] = [...FOUR, { id: 'newest', created: '2026-01-20-0300', ...more }];
    expect(reasons(clean({ backups }))['day-13']).toBe('last-good');
  });

  it('counting held ones', () => {
    const backups: BackupParts[] = [...FOUR, { id: 'newest', created: '2026-01-20-0300', hold: 'true' }];
    expect(keptIds(clean({ backups }))).toEqual(['newest']);
  });

  it('of each resource', () => {
    const backups: BackupParts[] = [...FOUR, { id: 'other', entity: 'vol-2', created: '2026-01-01-0300' }];
    const resources = resourcesById(resource('vol-1'), resource('vol-2'));
    expect(keptIds(clean({ backups, resources }))).toEqual(['day-13', 'other']);
  });

  it('of each place', () => {
    const backups: BackupParts[] = [
      { id: 'local', created: '2026-01-10-0300' },
      { id: 'pulled', place: 'pulled', account: '111111111111' },
      { id: 'pulled-newer', place: 'pulled', account: '111111111111', created: '2026-01-12-0300' },
    ];
    expect(reasons(clean({ backups }))).toEqual({ local: 'last-good', pulled: 'expired', 'pulled-newer': 'last-good' });
  });

  it('of each region that pulled ones were made in: two databases of one name', () => {
    const pulled = (id: string, region: string, created: string): BackupParts => ({
      id,
      place: 'pulled',
      created,
      source: `eu-west-1:${id}`,
      tags: { 'shelvery:origin_region': region },
    });
    const backups = [
      pulled('a', 'eu-west-1', '2026-01-10-0300'),
      pulled('b', 'us-east-1', '2026-01-12-0300'),
      pulled('c', 'us-east-1', '2026-01-11-0300'),
    ];
    expect(keptIds(clean({ backups }))).toEqual(['a', 'b']);
  });

  it('of each source account', () => {
    const backups: BackupParts[] = [
      { id: 'a', place: 'pulled', account: '333333333333' },
      { id: 'b', place: 'pulled', account: '444444444444', created: '2026-01-12-0300' },
    ];
    expect(keptIds(clean({ backups }))).toEqual(['a', 'b']);
  });

  it.each([
    ['local ones of a marked resource', {}, resourcesById(resource('vol-1')), true],
    ['no local ones of a resource that is gone', {}, resourcesById(), false],
    [
      'no local ones of a resource that is not marked any more',
      {},
      resourcesById(resource('vol-1', { 'shelvery:create_backup': 'no' })),
      false,
    ],
    ['DR copies of a marked resource', { place: 'dr' }, resourcesById(resource('vol-1')), true],
    ['no DR copies of a resource that is gone', { place: 'dr' }, resourcesById(), false],
    ['pulled ones, always', { place: 'pulled' }, resourcesById(), true],
    ['DR copies of pulled ones, always', { place: 'dr-of-pulled' }, resourcesById(), true],
  ] as const)('%s', (_, parts, resources, isKept) => {
    const region = !('place' in parts) || parts.place === 'pulled' ? LOCAL : DR;
    expect(keptIds(clean({ backups: [parts], resources, region }))).toEqual(isKept ? ['snap-1'] : []);
  });
});

describe('planClean and doubled copies', () => {
  const SOURCE = 'eu-west-1:snap-0';
  const copy = (id: string, started: string | undefined, more: BackupParts = {}): BackupParts => ({
    id,
    place: 'dr',
    source: SOURCE,
    ...(started === undefined ? {} : { startedAt: utc(started) }),
    ...more,
  });
  const inDr = (backups: readonly BackupParts[], given: Omit<Given, 'backups'> = {}): CleanPlan =>
    clean({ backups, region: DR, ...given });
  const UNEXPIRED = { now: utc('2026-01-11') };

  it('leaves the oldest and removes the rest, though they have not expired', () => {
    const plan = inDr([copy('b', '2026-01-12'), copy('a', '2026-01-13'), copy('c', '2026-01-11')], UNEXPIRED);
    expect(reasons(plan)).toEqual({ a: 'doubled-copy', b: 'doubled-copy', c: 'not-expired' });
    expect(plan.remove[0]?.text).toBe('there is an older copy of the same backup');
  });

  it.each([
    [
      'of equal age leaves the first by id',
      [copy('b', '2026-01-12'), copy('a', '2026-01-12')],
      { a: 'not-expired', b: 'doubled-copy' },
    ],
    [
      'without an age leaves the first by id',
      [copy('a', undefined), copy('b', undefined)],
      { a: 'not-expired', b: 'doubled-copy' },
    ],
    [
      'takes one without an age for the oldest',
      [copy('a', '2026-01-12'), copy('b', undefined)],
      { a: 'doubled-copy', b: 'not-expired' },
    ],
  ])('%s', (_, backups, fates) => {
    expect(reasons(inDr(backups, UNEXPIRED))).toEqual(fates);
    expect(reasons(inDr([...backups].reverse(), UNEXPIRED))).toEqual(fates);
  });

  it.each([
    ['copies of different sources', [copy('a', '2026-01-12'), copy('b', '2026-01-13', { source: 'eu-west-1:snap-9' })]],
    ['copies of different accounts', [copy('a', '2026-01-12'), copy('b', '2026-01-13', { account: '333333333333' })]],
    ['a failed one', [copy('a', '2026-01-12', { state: 'failed' }), copy('b', '2026-01-13')]],
    [
      'a temporary one',
      [copy('a', '2026-01-12', { name: 'x-re-encrypted', created: '2026-01-11-0000' }), copy('b', '2026-01-13')],
    ],
  ])('does not count %s', (_, backups) => {
    expect(inDr(backups, UNEXPIRED).remove).toEqual([]);
  });

  it('never counts a pending copy as the one that stays', () => {
    expect(reasons(inDr([copy('a', '2026-01-12', { state: 'pending' }), copy('b', '2026-01-13')], UNEXPIRED))).toEqual({
      a: 'being-made',
      b: 'not-expired',
    });
  });

  it.each([
    ['held', copy('b', '2026-01-13', { hold: 'true' }), {}, 'held'],
    ['being copied', copy('b', '2026-01-13'), { beingCopied: new Set(['eu-central-1:b']) }, 'being-copied'],
    ['of an unknown retention type', copy('b', '2026-01-13', { type: 'hourly' }), {}, 'unknown-retention-type'],
    [
      'under a bad configuration',
      copy('b', '2026-01-13'),
      { resources: resourcesById(resource('vol-1', { 'shelvery:config:shelvery_dr_regions': 'nowhere' })) },
      'bad-configuration',
    ],
  ])('is kept where it is %s', (_, doubled, given, reason) => {
    expect(reasons(inDr([copy('a', '2026-01-12'), doubled], { ...UNEXPIRED, ...given }))['b']).toBe(reason);
  });

  it('does not fill the places of the last', () => {
    const backups = [
      copy('a', '2026-01-12'),
      copy('b', '2026-01-13'),
      copy('older', '2026-01-05', { source: 'eu-west-1:x', created: '2026-01-05-0300' }),
    ];
    expect(reasons(inDr(backups, { payload: { shelvery_keep_last_backups: 2 } }))).toEqual({
      a: 'last-good',
      b: 'doubled-copy',
      older: 'last-good',
    });
  });

  it('does not fill them either where its date is another', () => {
    const backups = [copy('a', '2026-01-12'), copy('b', '2026-01-13', { created: '2026-01-20-0300' })];
    expect(reasons(inDr(backups))).toEqual({ a: 'last-good', b: 'doubled-copy' });
  });

  it('takes a pulled copy of the same source and another time for another: names can be foreseen, and used twice', () => {
    const pulled = (id: string, created: string): BackupParts => ({
      id,
      place: 'pulled',
      source: 'eu-west-1:db',
      created,
    });
    expect(
      clean({ backups: [pulled('a', '2026-01-10-0300'), pulled('b', '2026-01-11-0300')], ...UNEXPIRED }).remove,
    ).toEqual([]);
  });

  it('takes no original for a copy, whatever its name', () => {
    const backups: BackupParts[] = [
      { id: 'a', name: 'web' },
      { id: 'b', name: 'web', entity: 'vol-2' },
    ];
    expect(clean({ backups, ...UNEXPIRED }).remove).toEqual([]);
  });

  it('knows pulled copies by account and source, those of the original by name', () => {
    const pulled = (id: string, more: BackupParts): BackupParts => ({
      id,
      place: 'pulled',
      startedAt: utc('2026-01-12'),
      ...more,
    });
    const backups = [
      pulled('a', { name: 'web' }),
      pulled('b', { name: 'web' }),
      pulled('c', { name: 'app' }),
      pulled('d', { name: 'web', account: '333333333333' }),
      pulled('e', { name: 'web', source: 'us-east-1:x' }),
      pulled('f', { name: 'web-2', source: 'us-east-1:x' }),
    ];
    expect(clean({ backups, ...UNEXPIRED }).remove.map(({ backup }) => backup.id)).toEqual(['b', 'f']);
  });
});

describe('planClean and doubled originals', () => {
  const twins: readonly BackupParts[] = [{ id: 'a' }, { id: 'b' }];

  it('keeps both until they expire, and tells of the pair once, without an error', () => {
    const plan = clean({ backups: twins, now: utc('2026-01-11') });
    expect(reasons(plan)).toEqual({ a: 'not-expired', b: 'not-expired' });
    expect(plan.keep.map(({ problem }) => problem)).toEqual([false, false]);
    expect(plan.doubledOriginals).toMatchObject([
      {
        found: { id: 'a' },
        why: 'a second backup of the same resource and time is there (b): all stay until they expire',
      },
    ]);
  });

  it('tells of all of them at the oldest, however they were listed', () => {
    const three: readonly BackupParts[] = [
      { id: 'c', startedAt: utc('2026-01-10 03:03') },
      { id: 'a', startedAt: utc('2026-01-10 03:02') },
      { id: 'b', startedAt: utc('2026-01-10 03:01') },
    ];
    for (const backups of [three, [...three].reverse()]) {
      const { doubledOriginals } = clean({ backups, now: utc('2026-01-11') });
      expect(doubledOriginals).toMatchObject([
        { found: { id: 'b' }, why: expect.stringContaining('is there (a, c): ') },
      ]);
    }
  });

  it('removes both when they have expired and newer ones are there', () => {
    const plan = clean({ backups: [...twins, { id: 'newer', created: '2026-01-11-0300' }] });
    expect(reasons(plan)).toEqual({ a: 'expired', b: 'expired', newer: 'last-good' });
  });

  it.each([
    ['of another resource', { entity: 'vol-2' }],
    ['of another minute', { created: '2026-01-10-0301' }],
    ['of another retention type', { type: 'weekly' }],
    ['of another account', { account: '333333333333' }],
    ['failed', { state: 'failed' }],
    ['temporary', { name: 'web-re-encrypted' }],
    ['pulled', { place: 'pulled', account: '111111111111' }],
  ] as const)('does not take one for a double that is %s', (_, more) => {
    expect(clean({ backups: [{ id: 'a' }, { id: 'b', ...more }], now: utc('2026-01-11') }).doubledOriginals).toEqual(
      [],
    );
  });

  it('counts doubled ones as one among the last, and all of them stay', () => {
    const backups = [...twins, { id: 'older', created: '2026-01-09-0300' }];
    expect(reasons(clean({ backups }))).toEqual({ a: 'last-good', b: 'last-good', older: 'expired' });
    expect(reasons(clean({ backups, payload: { shelvery_keep_last_backups: 2 } }))).toMatchObject({
      older: 'last-good',
    });
  });
});
