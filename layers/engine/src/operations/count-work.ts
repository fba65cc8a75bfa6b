import type { Limit } from './context.js';

/** Where the items of a run's work are. */
export interface WorkCounts {
  /** They wait for room. */
  readonly queued: number;
  readonly running: number;
  readonly done: number;
}

/** The same limit, which tells at each change where the work is that was given to it here. */
export function countWork(limit: Limit, tell: (counts: WorkCounts) => void): Limit {
  const counts = { queued: 0, running: 0, done: 0 };
  const move = (from: 'queued' | 'running', to: 'running' | 'done'): void => {
    counts[from] -= 1;
    counts[to] += 1;
    tell({ ...counts });
  };
  return async (work) => {
    counts.queued += 1;
    tell({ ...counts });
    return await limit(async () => {
      move('queued', 'running');
      try {
        return await work();
      } finally {
        move('running', 'done');
      }
    });
  };
}
