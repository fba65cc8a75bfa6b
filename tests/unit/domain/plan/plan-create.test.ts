import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ServiceRules } from '../../../../layers/engine/src/domain/backup/backup.js';
import { planCreate, renamed } from '../../../../layers/engine/src/domain/plan/plan-create.js';
import type { CreateInput, CreatePlan } from '../../../../layers/engine/src/domain/plan/plan-create.js';
import { HOME, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, RULES, RUN, read, resource, runConfig, utc } from '../builders.js';
import type { BackupParts } from '../builders.js';

interface Given extends Partial<Omit<CreateInput, 'config' | 'existing'>> {
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly existing?: readonly BackupParts[];
}

/** On a Saturday, so that backups are daily ones. */
const TIME = utc('2026-01-10 03:00');

function create({ payload = {}, existing = [], ...given }: Given = {}): CreatePlan {
  return planCreate({
    type: 'ebs',
    home: HOME,
    time: TIME,
    runId: RUN,
    rules: RULES.ebs,
    resources: [resource('vol-1')],
    ...given,
    config: runConfig(payload),
    existing: existing.map((parts) => read(parts)),
  });
}
const BY_RUN = { 'shelvery:run_id': RUN };
const NOTHING: CreatePlan = { create: [], made: [], remake: [], skip: [], warnings: [] };
const VOL_1 = 'vol-1-2026-01-10-0300-daily';

describe('planCreate', () => {
  it('plans nothing for nothing', () => {
    expect(create({ resources: [] })).toEqual(NOTHING);
  });

  it('leaves out what cannot be backed up, and sends on what was made of it before', () => {
    const deleted = { ...resource('vol-1'), unusable: 'it is being deleted' };
    const skip = [{ resource: deleted, reason: 'it is being deleted' }];
    expect(create({ resources: [deleted] })).toEqual({ ...NOTHING, skip });
    expect(create({ resources: [deleted], existing: [{}] })).toMatchObject({ skip: [], made: [{ backup: {} }] });
  });

  it.each([
    [true, 'true'],
    [false, undefined],
    [undefined, undefined],
  ])('marks what events may wake: %s', (wokenByEvents, tag) => {
    const [planned] = create(wokenByEvents === undefined ? {} : { wokenByEvents }).create;
    expect(planned?.tags['shelvery:woken_by_events']).toBe(tag);
  });

  it('decides everything about a backup', () => {
    const one = resource('vol-1', { Name: 'web', 'shelvery:config:shelvery_keep_daily_backups': '3' });
    const name = 'web-90cfa3-2026-01-10-0300-daily';
    const plan = create({ resources: [one], payload: { shelvery_dr_regions: 'us-east-1' } });
    expect(plan).toMatchObject({
      ...NOTHING,
      create: [
        {
          type: 'ebs',
          resource: one,
          name,
          createdAt: TIME,
          retentionType: 'daily',
          config: { problems: [], warnings: [] },
        },
      ],
    });
    expect(plan.create[0]?.config.values.shelvery_keep_daily_backups).toBe(3);
    expect(plan.create[0]?.tags).toEqual({
      Name: name,
      'shelvery:tag_name': 'shelvery',
      'shelvery:date_created': '2026-01-10-0300',
      'shelvery:src_account': OWN_ACCOUNT,
      'shelvery:name': name,
      'shelvery:region': LOCAL,
      'shelvery:retention_type': 'daily',
      'shelvery:entity_id': 'vol-1',
      'shelvery:backup': 'true',
      'shelvery:dr_regions': 'us-east-1',
      'shelvery:run_id': RUN,
      'shelvery:config:shelvery_keep_daily_backups': '3',
      ResourceName: 'web',
    });
  });

  it('takes the type, the time and the rules as given', () => {
    const plan = create({
      type: 'docdb',
      rules: RULES.docdb,
      time: utc('2026-01-01 03:00'),
      resources: [resource('1DB')],
    });
    expect(plan.create).toMatchObject([
      { type: 'docdb', name: 'shelvery-1db-2026-01-01-0300-yearly', retentionType: 'yearly' },
    ]);
  });

  it('plans in the order of ids, each resource once, however they were listed', () => {
    const listed = ['vol-3', 'vol-1', 'vol-2', 'vol-1'].map((id) => resource(id));
    expect(create({ resources: listed }).create.map((planned) => planned.resource.id)).toEqual([
      'vol-1',
      'vol-2',
      'vol-3',
    ]);
  });

  it('narrows to one resource with shelvery_select_entity', () => {
    const resources = [resource('vol-1'), resource('vol-2')];
    const names = (id: string): readonly string[] =>
      create({ resources, payload: { shelvery_select_entity: id } }).create.map((planned) => planned.resource.id);
    expect([names('vol-2'), names('vol-9')]).toEqual([['vol-2'], []]);
  });

  it('takes the retention type that the resource keeps', () => {
    const resources = [resource('vol-1', { 'shelvery:config:shelvery_keep_weekly_backups': '0' }), resource('vol-2')];
    expect(create({ resources, time: utc('2026-01-11') }).create.map((planned) => planned.retentionType)).toEqual([
      'daily',
      'weekly',
    ]);
  });

  it('skips a resource that keeps none, with the reason', () => {
    const none = resource('vol-1', { 'shelvery:config:shelvery_keep_daily_backups': '0' });
    const plan = create({ resources: [none, resource('vol-2')] });
    expect(plan.skip).toEqual([{ resource: none, reason: 'daily backups are kept for 0 days' }]);
    expect(plan.create.map((planned) => planned.resource.id)).toEqual(['vol-2']);
  });

  it('takes a custom retention type', () => {
    const payload = { shelvery_current_retention_type: 'hourly', shelvery_custom_retention_types: 'hourly:3600' };
    expect(create({ payload }).create).toMatchObject([
      { retentionType: 'hourly', name: 'vol-1-2026-01-10-0300-hourly' },
    ]);
  });

  it('skips in the order of ids, however they were listed', () => {
    const none = { 'shelvery:config:shelvery_keep_daily_backups': '0' };
    const { skip } = create({ resources: ['vol-2', 'vol-3', 'vol-1'].map((id) => resource(id, none)) });
    expect(skip.map((skipped) => skipped.resource.id)).toEqual(['vol-1', 'vol-2', 'vol-3']);
  });

  it('gives a backup another name in all that holds its name, and changes nothing else', () => {
    const payload = { shelvery_tag_prefix: 'acme' };
    const [planned] = create({ payload, resources: [resource('vol-1', { 'acme:create_backup': 'true' })] }).create;
    if (planned === undefined) throw new Error('not planned');
    expect(renamed(planned, 'other', 'acme')).toEqual({
      ...planned,
      name: 'other',
      tags: { ...planned.tags, Name: 'other', 'acme:name': 'other' },
    });
  });

  it('gives the second by id of two equal names a longer hash', () => {
    const resources = [resource('vol_1'), resource('vol-1')];
    expect(create({ resources }).create.map((planned) => planned.name)).toEqual([
      VOL_1,
      'vol-1-d929b00256fe-2026-01-10-0300-daily',
    ]);
  });
});

describe('planCreate warns', () => {
  const messages = (given: Given): readonly string[] =>
    create(given).warnings.map((warning) => `${warning.resource.id}: ${warning.message}`);

  it.each([
    [
      'of a bad value in a tag, and uses the next level',
      { 'shelvery:config:shelvery_keep_daily_backups': 'x' },
      `shelvery_keep_daily_backups in the resource's tags is "x"; allowed: a whole number from 0 to 10000 (days). It is not used, and no backup of the resource is removed until it is corrected.`,
    ],
    [
      'of a tag that is no key',
      { 'shelvery:config:shelvery_keep_dayly_backups': '1' },
      `shelvery_keep_dayly_backups in the resource's tags is not a configuration key; did you mean shelvery_keep_daily_backups?`,
    ],
    [
      'of the local region as a DR region',
      { 'shelvery:config:shelvery_dr_regions': 'eu-west-1' },
      'shelvery_dr_regions names eu-west-1, where the backups are made; it is left out.',
    ],
    [
      'of the own account as a share account',
      { 'shelvery:config:shelvery_share_aws_account_ids': OWN_ACCOUNT },
      'shelvery_share_aws_account_ids names 111111111111, which makes the backups; it is left out.',
    ],
  ])('%s', (_, tags, message) => {
    const given = { resources: [resource('vol-1', tags)] };
    expect(messages(given)).toEqual([`vol-1: ${message}`]);
    expect(create(given).create).toHaveLength(1);
    expect(create(given).create[0]?.tags['shelvery:dr_regions']).toBe('');
  });

  it('not of every resource for what the whole run is configured with', () => {
    expect(
      messages({ payload: { shelvery_dr_regions: 'eu-west-1', shelvery_share_aws_account_ids: OWN_ACCOUNT } }),
    ).toEqual([]);
  });

  it('of the tags that did not fit, by name', () => {
    const many = Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`tag${String(index + 1)}`, 'x']));
    const given = { resources: [resource('vol-1', many)] };
    expect(messages(given)).toEqual([
      'vol-1: these tags of the resource are left out, because a backup has at most 50: tag32, tag33',
    ]);
    expect(messages({ ...given, existing: [{}] })).toEqual([]);
  });
});

describe('planCreate and shelvery_catch_up', () => {
  const earlier = (...parts: readonly BackupParts[]) => parts.map((each) => read(each));
  const typeOf = (given: Parameters<typeof create>[0]): string | undefined => create(given).create[0]?.retentionType;

  it('makes a monthly backup on the 10th where the 1st failed', () => {
    expect(typeOf({ earlier: earlier({ created: '2025-12-31-0300' }, { created: '2026-01-09-0300' }) })).toBe('yearly');
    expect(typeOf({ earlier: earlier({ created: '2026-01-09-0300' }) })).toBe('daily');
    expect(typeOf({})).toBe('daily');
  });

  it.each([
    ['of another resource', { entity: 'vol-2' }],
    ['that failed', { state: 'failed' }],
    ['that are copies', { place: 'dr' }],
    ['of this very run, which is repeated', { created: '2026-01-10-0300', type: 'yearly' }],
  ] as const)('counts none %s', (_, more) => {
    const parts: BackupParts = { created: '2025-12-31-0300', ...more };
    expect(typeOf({ earlier: earlier(parts) })).toBe('daily');
  });

  it('counts what a database had under the name that it was given before', () => {
    const given = { resources: [{ ...resource('db-2'), uid: 'db-A' }], rules: RULES.rds };
    const old = { entity: 'db-1', created: '2025-12-31-0300' };
    expect(typeOf({ ...given, earlier: earlier({ ...old, uid: 'db-A' }) })).toBe('yearly');
    expect(typeOf({ ...given, earlier: earlier({ ...old, uid: 'db-B' }, old) })).toBe('daily');
  });

  it('plans the same once more where a run is repeated that has made up for it', () => {
    const made = earlier({ created: '2025-12-31-0300' }, { created: '2026-01-10-0300', type: 'yearly' });
    expect(typeOf({ earlier: made })).toBe('yearly');
  });

  it('keeps to what an earlier try of the run has made, though nothing tells any more that it was missed', () => {
    const yearly: BackupParts = { created: '2026-01-10-0300', type: 'yearly', tags: BY_RUN };
    const { create: again, made } = create({ existing: [yearly], earlier: earlier(yearly) });
    expect(again).toEqual([]);
    expect(made.map(({ planned }) => planned.retentionType)).toEqual(['yearly']);
  });

  it.each<readonly [string, BackupParts]>([
    ['failed', { type: 'yearly', state: 'failed', tags: BY_RUN }],
    ['another run has made', { type: 'yearly' }],
    ['is of no type of the calendar', { type: 'hourly', tags: BY_RUN }],
    ['is a copy', { type: 'yearly', place: 'dr', tags: BY_RUN }],
  ])('keeps to nothing that %s', (_, parts) => {
    expect(typeOf({ existing: [{ created: '2026-01-10-0300', ...parts }] })).toBe('daily');
  });

  it.each<readonly [string, BackupParts, Parameters<typeof create>[0], readonly string[]]>([
    ['keeps to what another run caught up', { type: 'yearly' }, {}, []],
    [
      'makes what is asked for beside it',
      { type: 'yearly' },
      { payload: { shelvery_current_retention_type: 'daily' } },
      ['daily'],
    ],
    [
      'makes what it misses itself',
      { type: 'monthly' },
      { earlier: earlier({ created: '2025-12-31-0300' }) },
      ['yearly'],
    ],
    [
      'keeps to what another run made by the calendar alone, before the backup of a longer type was deleted',
      { type: 'daily' },
      { earlier: earlier({ created: '2025-12-31-0300' }) },
      [],
    ],
    [
      'makes what it misses beside what is of no type of the day, which is kept for 0',
      { type: 'daily' },
      { payload: { shelvery_keep_daily_backups: 0 }, earlier: earlier({ created: '2025-12-31-0300' }) },
      ['yearly'],
    ],
    [
      'keeps to nothing longer where nothing is caught up',
      { type: 'yearly' },
      { payload: { shelvery_catch_up: false } },
      ['daily'],
    ],
    ['keeps to no copy', { type: 'yearly', place: 'dr' }, {}, ['daily']],
    ['keeps to nothing that is not of the calendar', { type: 'hourly' }, {}, ['daily']],
  ])('%s', (_, parts, given, types) => {
    const payload = { shelvery_catch_up: true, ...given?.payload };
    const plan = create({ ...given, payload, existing: [{ created: '2026-01-10-0300', ...parts }] });
    expect(plan.create.map(({ retentionType }) => retentionType)).toEqual(types);
    expect(plan.made).toHaveLength(1 - types.length);
  });

  it.each([
    ['by this run', BY_RUN],
    ['by another', {}],
  ])('goes on with what was made %s before its type was kept for 0', (_, by) => {
    const tags = { 'shelvery:config:shelvery_keep_daily_backups': '0' };
    const {
      create: again,
      made,
      skip,
    } = create({ existing: [{ created: '2026-01-10-0300', tags: by }], resources: [resource('vol-1', tags)] });
    expect([again, skip]).toEqual([[], []]);
    expect(made).toHaveLength(1);
  });

  it('goes on where some cannot be read', () => {
    const bad = read({ tags: { 'shelvery:retention_type': undefined } });
    expect(typeOf({ earlier: [bad, ...earlier({ created: '2025-12-31-0300' })] })).toBe('yearly');
  });
});

describe('planCreate and ids that are never used again', () => {
  const db = { ...resource('db-1'), uid: 'db-A' };
  const plan = (uid: string | undefined): CreatePlan =>
    create({
      resources: [db],
      rules: RULES.rds,
      existing: [{ id: 'db-1-2026-01-10-0300-daily', entity: 'db-1', ...(uid === undefined ? {} : { uid }) }],
    });

  it('writes them into the tags', () => {
    expect(create({ resources: [db], rules: RULES.rds }).create[0]?.tags).toMatchObject({
      'shelvery:entity_uid': 'db-A',
    });
  });

  it('counts as made what is of the same, or does not tell', () => {
    expect(plan('db-A').made).toHaveLength(1);
    expect(plan(undefined).made).toHaveLength(1);
  });

  it('counts as made what tells it, where the service does not', () => {
    const existing = [{ id: 'db-1-2026-01-10-0300-daily', entity: 'db-1', uid: 'db-A' }];
    expect(create({ resources: [resource('db-1')], rules: RULES.rds, existing }).made).toHaveLength(1);
  });

  it('makes a backup of a database that was made again under its name within the minute', () => {
    expect(plan('db-B')).toMatchObject({ made: [], create: [{ resource: { id: 'db-1' } }] });
  });
});

describe('planCreate repeated', () => {
  it.each([
    ['available', { state: 'available' }],
    ['still pending', { state: 'pending' }],
    ['made under another name', { name: 'old-name' }],
    ['made by another run', { tags: { 'shelvery:run_id': 'other' } }],
  ] as const)('counts as made what is there: %s', (_, parts) => {
    const plan = create({ existing: [parts] });
    expect(plan).toMatchObject({
      ...NOTHING,
      made: [{ planned: { name: VOL_1, retentionType: 'daily' }, backup: { id: 'snap-1' } }],
    });
  });

  it.each([
    ['of another resource', { entity: 'vol-2' }],
    ['of another minute', { created: '2026-01-10-0301' }],
    ['of another retention type', { type: 'weekly' }],
    ['of another account', { account: OTHER_ACCOUNT }],
    ['a DR copy', { place: 'dr' }],
    ['a pulled copy', { place: 'pulled' }],
    ['a temporary one', { id: 'vol-1-re-encrypted' }],
    ['unreadable', { tags: { 'shelvery:retention_type': undefined } }],
  ] as const)('does not count as made what is %s', (_, parts) => {
    expect(create({ existing: [parts] })).toMatchObject({ ...NOTHING, create: [{ name: VOL_1 }] });
  });

  it('makes again what failed, and names what failed', () => {
    const plan = create({ existing: [{ state: 'failed' }, { id: 'snap-2', state: 'failed' }] });
    expect(plan).toMatchObject({
      ...NOTHING,
      remake: [{ planned: { name: VOL_1 }, failed: [{ id: 'snap-1' }, { id: 'snap-2' }] }],
    });
  });

  it('leaves a failed one that somebody holds, and makes another', () => {
    const plan = create({ existing: [{ state: 'failed', tags: { 'shelvery:hold': 'true' } }] });
    expect(plan).toMatchObject({ ...NOTHING, create: [{ name: VOL_1 }] });
  });

  it('does not make again what failed once and was made then', () => {
    const plan = create({ existing: [{ state: 'failed' }, { id: 'snap-2' }] });
    expect(plan).toMatchObject({ ...NOTHING, made: [{ backup: { id: 'snap-2' } }] });
  });
});

describe('planCreate, for any input', () => {
  const tags = fc.dictionary(
    fc.oneof(
      fc.string({ minLength: 1, maxLength: 40 }),
      fc.constantFrom('Name', 'shelvery:config:shelvery_keep_daily_backups'),
    ),
    fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.constantFrom('0', '1', 'web', 'Web')),
    { maxKeys: 12 },
  );
  const resources = fc.array(
    fc
      .tuple(fc.oneof(fc.constantFrom('vol-1', 'vol_1', 'vol.1', 'Vol-1'), fc.stringMatching(/^[\w.:-]{1,200}$/)), tags)
      .map(([id, more]) => resource(id, more)),
    { maxLength: 6 },
  );
  const rules = fc.constantFrom<ServiceRules>(...Object.values(RULES));
  const states = fc.constantFrom('available', 'pending', 'failed');
  const existing = fc.array(fc.record<BackupParts>({ entity: fc.constantFrom('vol-1', 'vol_1'), state: states }), {
    maxLength: 3,
  });
  const all = (plan: CreatePlan) => [
    ...plan.create,
    ...plan.made.map((item) => item.planned),
    ...plan.remake.map((item) => item.planned),
  ];

  it('plans each resource once, under a name that is legal and its own, with tags that fit', () => {
    fc.assert(
      fc.property(resources, rules, existing, (list, service, there) => {
        const plan = create({ resources: list, rules: service, existing: there });
        const planned = all(plan);
        const ids = [...planned.map((item) => item.resource.id), ...plan.skip.map((item) => item.resource.id)];
        expect([...ids].sort()).toEqual([...new Set(list.map((item) => item.id))].sort());
        expect(new Set(planned.map((item) => item.name)).size).toBe(planned.length);
        for (const { name, tags: given } of planned) {
          expect(name.length).toBeLessThanOrEqual(service.maxNameLength);
          expect(name).toMatch(/^[A-Za-z0-9](?:-?[A-Za-z0-9])*-?2026-01-10-0300-daily$|^2026-01-10-0300-daily$/);
          expect(given).toMatchObject({
            Name: name,
            'shelvery:name': name,
            'shelvery:date_created': '2026-01-10-0300',
          });
          expect(Object.keys(given).length).toBeLessThanOrEqual(42);
        }
      }),
    );
  });

  it('plans the same twice, in whatever order the resources were listed', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^[a-c._-]{1,4}$/), { maxLength: 8 }),
        rules,
        tags,
        (ids, service, more) => {
          const list = ids.map((id) => resource(id, more));
          const plan = create({ resources: list, rules: service });
          expect(create({ resources: list, rules: service })).toEqual(plan);
          expect(create({ resources: [...list].reverse(), rules: service })).toEqual(plan);
        },
      ),
    );
  });

  it('finds everything made once it is carried out', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.stringMatching(/^[a-c._-]{1,4}$/), { maxLength: 8 }), rules, (ids, service) => {
        const list = ids.map((id) => resource(id));
        const { create: planned } = create({ resources: list, rules: service });
        const made = planned.map((item, index): BackupParts => ({ id: `snap-${String(index)}`, tags: item.tags }));
        const again = create({ resources: list, rules: service, existing: made });
        expect(again).toMatchObject({ create: [], remake: [] });
        expect(again.made.map((item) => item.backup.name)).toEqual(planned.map((item) => item.name));
      }),
    );
  });
});
