import { describe, expect, it } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import { countWork, createLimit } from '../../../layers/engine/src/operations/limit.js';
import type { WorkCounts } from '../../../layers/engine/src/operations/limit.js';

describe('work for each of many items', () => {
  it('is begun in their order, so many at a time, beside what others ask of the limit', async () => {
    const limit = createLimit(2);
    const begun: string[] = [];
    const finish: (() => void)[] = [];
    const work = (item: string): Promise<string> => {
      begun.push(item);
      return new Promise((resolve) => {
        finish.push(() => {
          resolve(item.toUpperCase());
        });
      });
    };
    const all = limit.each(['a', 'b', 'c', 'd'], work);
    const other = limit(() => work('other'));
    await setImmediate();
    expect(begun).toEqual(['a', 'b']);
    finish[1]?.();
    await setImmediate();
    expect(begun).toEqual(['a', 'b', 'other']);
    for (const at of [2, 0, 3, 4]) {
      finish[at]?.();
      await setImmediate();
    }
    expect(begun).toEqual(['a', 'b', 'other', 'c', 'd']);
    expect([await all, await other]).toEqual([['A', 'B', 'C', 'D'], 'OTHER']);
  });

  it('is none where there is no item', async () => {
    expect(await createLimit(2).each([], () => Promise.reject(new Error('asked')))).toEqual([]);
  });

  it('goes on after one has thrown, and throws the first of all then', async () => {
    const begun: number[] = [];
    const all = createLimit(1).each([1, 2, 3], (item) => {
      begun.push(item);
      return item === 2 ? Promise.resolve(item) : Promise.reject(new Error(`refused ${String(item)}`));
    });
    await expect(all).rejects.toThrow('refused 1');
    expect(begun).toEqual([1, 2, 3]);
  });
});

describe('a limit apart from another', () => {
  it('has as many places of its own: neither waits for the work of the other', async () => {
    const limit = createLimit(2);
    const begun: string[] = [];
    const { promise: end, resolve: finish } = Promise.withResolvers<string>();
    const work = (item: string): Promise<string> => {
      begun.push(item);
      return end;
    };
    const all = [limit.each(['a', 'b', 'c'], work), limit.apart().each(['x', 'y', 'z'], work)];
    await setImmediate();
    expect(begun).toEqual(['a', 'b', 'x', 'y']);
    finish('done');
    await Promise.all(all);
    expect(begun.toSorted()).toEqual(['a', 'b', 'c', 'x', 'y', 'z']);
  });
});

describe('work that is given to a limit', () => {
  it('is told of at each change: what waits, what is at work, and what is done, whether well or not', async () => {
    const told: WorkCounts[] = [];
    const limit = countWork(createLimit(1), (counts) => told.push(counts));
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

  it('counts as waiting at once, where it is for each of many items', async () => {
    const told: WorkCounts[] = [];
    const limit = countWork(createLimit(1), (counts) => told.push(counts));
    expect(await limit.each([], () => Promise.reject(new Error('asked')))).toEqual([]);
    expect(await limit.each(['well', 'better'], (item) => Promise.resolve(item))).toEqual(['well', 'better']);
    expect(told).toEqual([
      { queued: 2, running: 0, done: 0 },
      { queued: 1, running: 1, done: 0 },
      { queued: 1, running: 0, done: 1 },
      { queued: 0, running: 1, done: 1 },
      { queued: 0, running: 0, done: 2 },
    ]);
  });

  it('is counted together with what is given to one apart from it', async () => {
    const told: WorkCounts[] = [];
    const limit = countWork(createLimit(1), (counts) => told.push(counts));
    const { promise: end, resolve: finish } = Promise.withResolvers<string>();
    const all = [limit(() => end), limit.apart().each(['apart'], () => end)];
    await setImmediate();
    expect(told.at(-1)).toEqual({ queued: 0, running: 2, done: 0 });
    finish('done');
    await Promise.all(all);
    expect(told.at(-1)).toEqual({ queued: 0, running: 0, done: 2 });
  });
});
