import { describe, expect, it } from '@jest/globals';
import process from 'node:process';
import { play } from './play.js';
import { PLANTS } from './plants.js';
import { planOf } from './workload/plan.js';

process.env['POWERTOOLS_METRICS_DISABLED'] = 'true';

/** Within so many seeds each is found. */
const MOST_SEEDS = 10_000;

describe('a fault that is planted', () => {
  it.each(PLANTS)('is found: $what', async ({ tamper, found, from, life = planOf }) => {
    let violations: readonly string[] = [];
    for (let seed = from; violations.length === 0 && seed < from + MOST_SEEDS; seed += 1)
      violations = (await play(life(seed), { tamper })).violations;
    expect(violations.join('\n')).toMatch(found);
  });
});
