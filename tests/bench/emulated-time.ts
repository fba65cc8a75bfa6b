import { setImmediate } from 'node:timers/promises';
import type { Clock } from '@shelvery/engine/terminal';

/** A clock that stands still while anything is going on, and then jumps to the next thing that waits. */
export interface EmulatedTime {
  readonly clock: Clock;
  /** Milliseconds since the beginning. */
  readonly now: () => number;
  /** Lets time pass until the work is done. */
  run<T>(work: Promise<T>): Promise<T>;
}

/** When emulated time begins. */
export const EMULATED_BEGINNING = Date.parse('2026-03-03T01:00:00Z');
/** Turns of Node's event loop in which nothing has happened, before it is taken that everything waits. */
const QUIET_TURNS = 2;

export function createEmulatedTime(): EmulatedTime {
  let elapsed = 0;
  let order = 0;
  const waiting = new Map<number, { readonly until: number; readonly wake: () => void }>();
  const clock: Clock = {
    now: () => new Date(EMULATED_BEGINNING + elapsed),
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        order += 1;
        const id = order;
        waiting.set(id, { until: elapsed + milliseconds, wake: resolve });
        signal?.addEventListener('abort', () => {
          waiting.delete(id);
          reject(new DOMException('the wait was ended', 'AbortError'));
        });
      }),
    timeout: () => new AbortController().signal,
  };
  const next = (): number | undefined => {
    let first: number | undefined;
    let earliest = Number.POSITIVE_INFINITY;
    for (const [id, { until }] of waiting) {
      if (until >= earliest) continue;
      earliest = until;
      first = id;
    }
    return first;
  };
  return {
    clock,
    now: () => elapsed,
    async run(work) {
      const state = { isDone: false };
      const done = (): void => {
        state.isDone = true;
      };
      work.then(done, done);
      for (;;) {
        for (let turn = 0; turn < QUIET_TURNS; turn += 1) await setImmediate();
        if (state.isDone) return await work;
        const id = next();
        const found = id === undefined ? undefined : waiting.get(id);
        if (id === undefined || found === undefined) continue;
        waiting.delete(id);
        elapsed = Math.max(elapsed, found.until);
        found.wake();
      }
    },
  };
}
