import { describe, expect, it } from '@jest/globals';
import { planCreate } from '../../../../layers/engine/src/domain/plan/plan-create.js';
import { commonTags, planSets, tagsInSet, wantsSet } from '../../../../layers/engine/src/domain/plan/plan-sets.js';
import type { Job, ResourceSet } from '../../../../layers/engine/src/domain/plan/plan-sets.js';
import { ResourceId } from '../../../../layers/engine/src/domain/values.js';
import type { Tags } from '../../../../layers/engine/src/domain/values.js';
import { HOME, RULES, RUN, resource, runConfig, utc } from '../builders.js';

const ids = (...names: readonly string[]): readonly ResourceId[] => names.map((name) => ResourceId.parse(name));
const INSTANCE = ResourceId.parse('i-1');
const BY_TAG = { 'shelvery:config:shelvery_ebs_volume_sets': 'true' };

/** What is to be made of volumes, on a Sunday, where sets are on. */
function jobsOf(
  volumes: Readonly<Record<string, Tags>>,
  payload = { shelvery_ebs_volume_sets: 'true' },
): readonly Job[] {
  const { create } = planCreate({
    type: 'ebs',
    home: HOME,
    time: utc('2026-01-11 03:00'),
    runId: RUN,
    rules: RULES.ebs,
    resources: Object.entries(volumes).map(([id, tags]) => resource(id, tags)),
    config: runConfig(payload),
    existing: [],
  });
  return create.map((planned) => ({ planned, failed: [] }));
}
const attached = (members: readonly ResourceId[], more: Partial<ResourceSet> = {}): ResourceSet => ({
  id: INSTANCE,
  members,
  unsettled: [],
  ...more,
});
const inShort = (jobs: readonly Job[]): readonly string[] => jobs.map(({ planned }) => planned.resource.id);

describe('planSets', () => {
  const two = jobsOf({ 'vol-1': {}, 'vol-2': {} });

  it('has the volumes of an instance made together, and leaves out its others', () => {
    const of = attached(ids('vol-0', 'vol-1', 'vol-2', 'vol-3'), { root: ResourceId.parse('vol-0') });
    const { sets, alone, apart } = planSets(two, [of], 1);
    expect([alone, apart]).toEqual([[], []]);
    expect(sets).toEqual([{ of, jobs: two, leftOut: ids('vol-0', 'vol-3') }]);
  });

  it('makes by itself what is attached to nothing, alone in its set, or on its way', () => {
    const of = attached(ids('vol-1', 'vol-2'), { unsettled: ids('vol-2') });
    for (const listed of [[], [attached(ids('vol-1'))], [of]]) {
      expect(planSets(two, listed, 40)).toEqual({ sets: [], alone: two, apart: [] });
    }
  });

  it('makes a set of each retention type', () => {
    const noWeekly = { 'shelvery:config:shelvery_keep_weekly_backups': '0' };
    const jobs = jobsOf({ 'vol-1': noWeekly, 'vol-2': {}, 'vol-3': noWeekly, 'vol-4': {}, 'vol-5': {} });
    const { sets } = planSets(jobs, [attached(ids('vol-1', 'vol-2', 'vol-3', 'vol-4', 'vol-5'))], 40);
    expect(sets.map(({ jobs: made, leftOut }) => [inShort(made), leftOut])).toEqual([
      [['vol-1', 'vol-3'], ids('vol-2', 'vol-4', 'vol-5')],
      [['vol-2', 'vol-4', 'vol-5'], ids('vol-1', 'vol-3')],
    ]);
  });

  it('makes them one by one, and says why, where a call cannot leave out all others', () => {
    const others = Array.from({ length: 41 }, (_, at) => `vol-1${String(at)}`);
    const members = ids('vol-1', 'vol-2', ...others);
    expect(planSets(two, [attached(members)], 40)).toEqual({
      sets: [],
      alone: two,
      apart: [
        {
          of: INSTANCE,
          members: ids('vol-1', 'vol-2'),
          why: '41 other volumes would have to be left out, and one call leaves out at most 40',
        },
      ],
    });
    // The root volume is left out without being named.
    const withRoot = attached(members, { root: ResourceId.parse('vol-140') });
    expect(planSets(two, [withRoot], 40).sets).toHaveLength(1);
  });

  it('has a volume that is listed with two instances made with one of them only', () => {
    const jobs = jobsOf({ 'vol-1': {}, 'vol-2': {}, 'vol-3': {}, 'vol-4': {} });
    const first = attached(ids('vol-1', 'vol-2'));
    const second = attached(ids('vol-2', 'vol-3', 'vol-4'), { id: ResourceId.parse('i-2') });
    const { sets, alone } = planSets(jobs, [first, second], 40);
    expect(sets.map(({ of, jobs: made, leftOut }) => [of.id, inShort(made), leftOut])).toEqual([
      ['i-1', ['vol-1', 'vol-2'], []],
      ['i-2', ['vol-3', 'vol-4'], ids('vol-2')],
    ]);
    expect(alone).toEqual([]);
    // What is alone in its set without it is made by itself.
    const small = attached(ids('vol-2', 'vol-3'), { id: ResourceId.parse('i-2') });
    const { sets: one, alone: others } = planSets(jobs, [first, small], 40);
    expect([one.map(({ of }) => of.id), inShort(others)]).toEqual([['i-1'], ['vol-3', 'vol-4']]);
  });

  it('goes by the tags of each volume', () => {
    const jobs = jobsOf({ 'vol-1': BY_TAG, 'vol-2': {}, 'vol-3': BY_TAG }, { shelvery_ebs_volume_sets: 'false' });
    const { sets, alone } = planSets(jobs, [attached(ids('vol-1', 'vol-2', 'vol-3'))], 40);
    expect([sets.map((set) => [inShort(set.jobs), set.leftOut]), inShort(alone)]).toEqual([
      [[['vol-1', 'vol-3'], ids('vol-2')]],
      ['vol-2'],
    ]);
  });
});

describe('wantsSet', () => {
  it('is not so of a volume that several instances may write to', () => {
    const [job] = jobsOf({ 'vol-1': {} });
    if (job === undefined) throw new Error('nothing planned');
    const { planned } = job;
    const of = (multi_attach: boolean): typeof planned => ({
      ...planned,
      resource: { ...planned.resource, facts: { multi_attach } },
    });
    expect([planned, of(false), of(true)].map(wantsSet)).toEqual([true, true, false]);
  });
});

describe('the tags of a set', () => {
  it('are for the call those that all have alike, and for each its own and whose set it is', () => {
    const jobs = jobsOf({ 'vol-1': { team: 'blue', role: 'db' }, 'vol-2': { team: 'blue' } });
    const all = jobs.map(({ planned }) => tagsInSet(planned, attached([])));
    expect(all.map((tags) => [tags['shelvery:entity_id'], tags['shelvery:volume_set']])).toEqual([
      ['vol-1', 'i-1'],
      ['vol-2', 'i-1'],
    ]);
    expect(commonTags(all)).toEqual({
      team: 'blue',
      'shelvery:tag_name': 'shelvery',
      'shelvery:date_created': '2026-01-11-0300',
      'shelvery:src_account': HOME.accountId,
      'shelvery:region': HOME.region,
      'shelvery:retention_type': 'weekly',
      'shelvery:backup': 'true',
      'shelvery:dr_regions': '',
      'shelvery:run_id': RUN,
      'shelvery:volume_set': 'i-1',
    });
    expect(commonTags([])).toEqual({});
  });

  it('are for the call none that some of many have alike', () => {
    expect(commonTags([{ team: 'blue', role: 'db' }, { team: 'blue' }, { team: 'red' }])).toEqual({});
    expect(commonTags([{ team: 'blue' }, { team: 'blue' }, { team: 'blue', role: 'db' }])).toEqual({ team: 'blue' });
  });
});
