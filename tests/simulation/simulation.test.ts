import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import process from 'node:process';
import * as z from 'zod';
import { play } from './play.js';
import { parseSummary } from './summary.js';
import { planOf } from './workload/plan.js';

process.env['POWERTOOLS_METRICS_DISABLED'] = 'true';

/** As many as fit into the time that `npm test` has for them; `npm run simulate -- --seed 1 --count 100000` plays more. */
const SEEDS = 2000;

/** So long that a busy machine comes to an end. */
const LONG_MS = 600_000;

const Answered = z.object({ stdout: z.string().min(1) });

/** Plays seeds as one program in two processes, which takes a third of the time that it takes here. */
async function simulate(count: number): Promise<string> {
  const args = ['scripts/simulate.mjs', '--seed', '1', '--count', String(count), '--jobs', '2', '--json'];
  try {
    return (await promisify(execFile)(process.execPath, args)).stdout;
  } catch (error) {
    // Seeds that fail make the program fail, too: its answer names them.
    // It is an error of the world outside of the tests', of whose class it is not.
    const { data } = Answered.safeParse(error);
    if (data === undefined) throw error;
    return data.stdout;
  }
}

describe('the life of an estate', () => {
  it(
    'breaks no invariant, whatever the seed',
    async () => {
      const { seeds, crowded, failed, faults, checks } = parseSummary(await simulate(SEEDS));
      expect(failed).toEqual([]);
      expect(seeds).toBe(SEEDS);
      // In a few a region is down at the hour at which all begin.
      expect(crowded / seeds).toBeGreaterThan(0.9);
      expect(Object.keys(faults)).toEqual([
        'backup-failed',
        'clock-step',
        'denied',
        'done-500',
        'done-dropped',
        'doubled',
        'file-broken',
        'key-refused',
        'killed-after',
        'killed-before',
        'quota-full',
        'refused',
        'region-down',
        'throttled',
      ]);
      for (const check of ['archiving', 'making', 'putting', 'removing', 'sharing', 'telling', 'checkAtRest'])
        expect(checks).toHaveProperty(check);
    },
    LONG_MS,
  );

  it.each([1, 2, 3, 17])('of seed %i is the same each time, to the letter', async (seed) => {
    const [once, again] = [await play(planOf(seed)), await play(planOf(seed))];
    expect(once.steps).toBeGreaterThan(50);
    expect(again.steps).toBe(once.steps);
    expect(again.fingerprint()).toBe(once.fingerprint());
  });

  it('of the program, which remembers answers of the engine, is the one that is played here', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['scripts/simulate.mjs', '--seed', '17']);
    expect(stdout).toContain((await play(planOf(17))).fingerprint());
  });

  it('differs from seed to seed', async () => {
    const prints = await Promise.all([1, 2, 3].map(async (seed) => (await play(planOf(seed))).fingerprint()));
    expect(new Set(prints).size).toBe(3);
  });
});
