import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { openAwsRuns, resolveRunConfig } from '@shelvery/engine';
import { ADAPTERS } from '../../../cli/adapters.js';
import { countWork, createLimit } from '../../../layers/engine/src/operations/limit.js';
import type { WorkCounts } from '../../../layers/engine/src/operations/limit.js';
import { createFakeClock } from '../cli/fake-clock.js';
import { accessAnswering } from '../fuzz/answers.js';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe('runs of several types beside each other', () => {
  it('work on at most 20 items at a time together', async () => {
    const config = resolveRunConfig({ environment: {} });
    const { access } = accessAnswering({ type: 'text/xml', body: '' });
    const open = openAwsRuns({ access, config, clock: createFakeClock(), log, together: 2 });
    const limits = [open(ADAPTERS.ebs).limit, open(ADAPTERS.redshift).limit];
    let running = 0;
    const finish: (() => void)[] = [];
    const all = limits.flatMap((limit) =>
      Array.from({ length: 25 }, () =>
        limit(async () => {
          running += 1;
          await new Promise<void>((resolve) => finish.push(resolve));
        }),
      ),
    );
    await setImmediate();
    // Ten of each: where one run waits for AWS, the other goes on.
    expect(running).toBe(20);
    for (const end of finish.splice(0)) end();
    await setImmediate();
    expect(running).toBe(40);
    for (const end of finish.splice(0)) end();
    await setImmediate();
    for (const end of finish.splice(0)) end();
    await Promise.all(all);
    expect(running).toBe(50);
  });
});

describe('countWork', () => {
  it('tells where the work of one run is, what failed among it', async () => {
    const told: WorkCounts[] = [];
    const limit = countWork(createLimit(1), (counts) => told.push(counts));
    expect(await limit(() => Promise.resolve('made'))).toBe('made');
    await expect(limit(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
    expect(told).toEqual([
      { queued: 1, running: 0, done: 0 },
      { queued: 0, running: 1, done: 0 },
      { queued: 0, running: 0, done: 1 },
      { queued: 1, running: 0, done: 1 },
      { queued: 0, running: 1, done: 1 },
      { queued: 0, running: 0, done: 2 },
    ]);
  });
});
