import { describe, expect, it } from '@jest/globals';
import { resolveResourceConfig } from '../../../../layers/engine/src/domain/config/config.js';
import { judgeTags } from '../../../../layers/engine/src/domain/doctor/judge-tags.js';
import type { TaggedResource } from '../../../../layers/engine/src/domain/doctor/judge-tags.js';
import { ResourceId } from '../../../../layers/engine/src/domain/values.js';
import { runConfig } from '../builders.js';

const tagged = (id: string, daily?: string): TaggedResource => ({
  id: ResourceId.parse(id),
  config: resolveResourceConfig(
    runConfig(),
    daily === undefined ? {} : { 'shelvery:config:shelvery_keep_daily_backups': daily },
  ),
});
const WRONG = `shelvery_keep_daily_backups in the resource's tags is "abc"; allowed: a whole number from 0 to 10000 (days).`;

describe('the tags that configure marked resources', () => {
  it('are no line where there are none', () => {
    expect(judgeTags('ebs', [])).toEqual([]);
    expect(judgeTags('ebs', [tagged('vol-1')])).toEqual([]);
  });

  it('are well where their values are allowed', () => {
    expect(judgeTags('ebs', [tagged('vol-1'), tagged('vol-2', '3')])).toMatchObject([
      { check: 'tags', reason: 'fine', backup_type: 'ebs' },
    ]);
  });

  it('are told of by what is wrong, with the resources that say so', () => {
    expect(judgeTags('rds', [tagged('db-1', 'abc'), tagged('db-2', '3'), tagged('db-3', 'x')])).toMatchObject([
      {
        check: 'tags',
        reason: 'tag-unusable',
        backup_type: 'rds',
        text: `db-1: ${WRONG} None of its backups is removed.`,
        advice: 'Correct the tag, or take it off.',
      },
      { reason: 'tag-unusable', text: expect.stringMatching(/^db-3: .* is "x"/) },
    ]);
  });

  it('are told of by a key that has no effect, too', () => {
    const config = resolveResourceConfig(runConfig(), { 'shelvery:config:shelvery_dr_region': 'eu-west-1' });
    expect(judgeTags('ebs', [{ id: ResourceId.parse('vol-1'), config }, tagged('vol-2', 'abc')])).toMatchObject([
      { reason: 'tag-unusable', text: `vol-2: ${WRONG} None of its backups is removed.` },
      {
        reason: 'tag-unusable',
        text: "vol-1: shelvery_dr_region in the resource's tags is not a configuration key; did you mean shelvery_dr_regions?",
        advice: 'Correct the tag, or take it off.',
      },
    ]);
  });

  it.each([
    [2, 'vol-1, vol-2'],
    [5, 'vol-1, vol-2, vol-3, vol-4, vol-5'],
    [7, 'vol-1, vol-2, vol-3, vol-4, vol-5 and 2 more'],
  ])('%i of one value are one line', (count, ids) => {
    const resources = Array.from({ length: count }, (_, index) => tagged(`vol-${String(index + 1)}`, 'abc'));
    expect(judgeTags('ebs', resources).map(({ text }) => text)).toEqual([
      `${ids}: ${WRONG} None of their backups are removed.`,
    ]);
  });
});
