import pLimit from 'p-limit';

/** Does work as soon as there is a place for it. */
export interface Limit {
  <T>(work: () => Promise<T>): Promise<T>;
  /**
   * Does work for each item, begun in the order of the items. Only as many as there are places ask for one at a time: ten
   * thousand that wait in the queue take 12 MB.
   *
   * @returns what came of each, in the same order.
   * @throws what came first of all that is thrown, once all have come to an end.
   */
  each<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<readonly Result[]>;
  /**
   * As many places of their own, for work that may have to wait for the pace of one action: other work does not wait with it.
   */
  apart(): Limit;
}

/** A limit of so many places. */
export function createLimit(places: number): Limit {
  const limit = pLimit(places);
  const each: Limit['each'] = async (items, work) => {
    const ends: ReturnType<typeof work>[] = [];
    const waiting = items.values();
    const workOnNext = async (): Promise<void> => {
      for (const item of waiting) {
        const end = limit(() => work(item));
        ends.push(end);
        await end.catch(() => undefined);
      }
    };
    await Promise.all(Array.from({ length: Math.min(places, items.length) }, workOnNext));
    return await Promise.all(ends);
  };
  return Object.assign(<T>(work: () => Promise<T>) => limit(work), { each, apart: () => createLimit(places) });
}

/** Where the items of a run's work are. */
export interface WorkCounts {
  /** They wait for a place. */
  readonly queued: number;
  readonly running: number;
  readonly done: number;
}

/** The same limit, which tells at each change where the work is that was given to it, or to one apart from it, here. */
export function countWork(limit: Limit, tell: (counts: WorkCounts) => void): Limit {
  return counted(limit, { queued: 0, running: 0, done: 0 }, tell);
}

type Counts = { -readonly [Where in keyof WorkCounts]: WorkCounts[Where] };

function counted(limit: Limit, counts: Counts, tell: (counts: WorkCounts) => void): Limit {
  const queue = (items: number): void => {
    counts.queued += items;
    tell({ ...counts });
  };
  const move = (from: 'queued' | 'running', to: 'running' | 'done'): void => {
    counts[from] -= 1;
    counts[to] += 1;
    tell({ ...counts });
  };
  const followed = async <T>(work: () => Promise<T>): Promise<T> => {
    move('queued', 'running');
    try {
      return await work();
    } finally {
      move('running', 'done');
    }
  };
  const one = async <T>(work: () => Promise<T>): Promise<T> => {
    queue(1);
    return await limit(() => followed(work));
  };
  const each: Limit['each'] = async (items, work) => {
    if (items.length > 0) queue(items.length);
    return await limit.each(items, (item) => followed(() => work(item)));
  };
  return Object.assign(one, { each, apart: () => counted(limit.apart(), counts, tell) });
}
