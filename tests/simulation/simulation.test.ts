import { describe, expect, it } from '@jest/globals';
import process from 'node:process';
import { play } from './play.js';
import { planOf } from './workload/plan.js';

process.env['POWERTOOLS_METRICS_DISABLED'] = 'true';

/** As many as fit into the time that `npm test` has for them; `npm run simulate -- --seed 1 --count 100000` plays more. */
const SEEDS = Array.from({ length: 40 }, (_, index) => index + 1);

/** So long that a busy machine comes to an end. */
const LONG_MS = 300_000;

describe('the life of an estate', () => {
  it(
    'breaks no invariant, whatever the seed',
    async () => {
      const broken: string[] = [];
      for (const seed of SEEDS) {
        const { violations } = await play(planOf(seed));
        broken.push(...violations.map((what) => `npm run simulate -- --seed ${String(seed)} --story: ${what}`));
      }
      expect(broken).toEqual([]);
    },
    LONG_MS,
  );

  it.each([1, 2, 3, 17])('of seed %i is the same each time, to the letter', async (seed) => {
    const [once, again] = [await play(planOf(seed)), await play(planOf(seed))];
    expect(once.steps).toBeGreaterThan(50);
    expect(again.steps).toBe(once.steps);
    expect(again.fingerprint()).toBe(once.fingerprint());
  });

  it('differs from seed to seed', async () => {
    const prints = await Promise.all([1, 2, 3].map(async (seed) => (await play(planOf(seed))).fingerprint()));
    expect(new Set(prints).size).toBe(3);
  });
});
