import { describe, expect, it } from '@jest/globals';
import process from 'node:process';
import { play } from './play.js';
import { PLANTS } from './plants.js';
import { shrink } from './shrink.js';
import { planOf } from './workload/plan.js';

process.env['POWERTOOLS_METRICS_DISABLED'] = 'true';

describe('a plan that fails', () => {
  it('is shortened to one that still fails in the same way, and has fewer deeds', async () => {
    const plant = PLANTS.find(({ what }) => what === 'a deletion is told, and not done');
    if (plant === undefined) throw new Error('There is no such plant.');
    const { tamper, found } = plant;
    let seed = 1;
    // Whatever fails first is what is shortened.
    while (!found.test((await play(planOf(seed), { tamper })).violations[0] ?? '')) seed += 1;
    const failing = planOf(seed);
    const { plan, violation, tries } = await shrink(failing, { tamper }, 60);
    expect(violation).toMatch(found);
    expect(plan.deeds.length).toBeLessThan(failing.deeds.length / 2);
    expect(tries).toBeLessThanOrEqual(60);
    const again = await play(plan, { tamper });
    expect(again.violations[0]).toMatch(found);
    // It is the plant that fails, and not what is left of the plan.
    expect((await play(plan)).violations).toEqual([]);
  });
});
