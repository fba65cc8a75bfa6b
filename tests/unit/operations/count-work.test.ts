import { describe, expect, it } from '@jest/globals';
import pLimit from 'p-limit';
import { countWork } from '../../../layers/engine/src/operations/count-work.js';
import type { WorkCounts } from '../../../layers/engine/src/operations/count-work.js';

describe('work that is given to a limit', () => {
  it('is told of at each change: what waits, what is at work, and what is done, whether well or not', async () => {
    const told: WorkCounts[] = [];
    const limit = countWork(pLimit(1), (counts) => told.push(counts));
    const ends = await Promise.allSettled([
      limit(() => Promise.resolve('well')),
      limit(() => Promise.reject(new Error('badly'))),
    ]);
    expect(ends).toEqual([
      { status: 'fulfilled', value: 'well' },
      { status: 'rejected', reason: new Error('badly') },
    ]);
    expect(told).toEqual([
      { queued: 1, running: 0, done: 0 },
      { queued: 2, running: 0, done: 0 },
      { queued: 1, running: 1, done: 0 },
      { queued: 1, running: 0, done: 1 },
      { queued: 0, running: 1, done: 1 },
      { queued: 0, running: 0, done: 2 },
    ]);
  });
});
