import { describe, expect, it } from '@jest/globals';
import process from 'node:process';
import { play } from './play.js';
import { PLANTS } from './plants.js';
import { planOf } from './workload/plan.js';

process.env['POWERTOOLS_METRICS_DISABLED'] = 'true';

/** Within so many seeds each is found. */
const MOST_SEEDS = 10_000;

/** So long that a busy machine comes to an end. */
const LONG_MS = 300_000;

describe('a fault that is planted', () => {
  it.each(PLANTS)(
    'is found: $what',
    async ({ tamper, found, from, life = planOf }) => {
      let said: string | undefined;
      for (let seed = from; said === undefined && seed < from + MOST_SEEDS; seed += 1)
        said = (await play(life(seed), { tamper })).violations.find((what) => found.test(what));
      expect(said).toMatch(found);
    },
    LONG_MS,
  );
});
