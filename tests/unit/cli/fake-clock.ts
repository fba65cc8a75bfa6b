import { setImmediate } from 'node:timers/promises';
import type { Clock } from '@shelvery/engine/terminal';
import { TIME } from './runs.js';

/** A clock that stands until it is moved. */
export interface FakeClock extends Clock {
  /** Moves on, wakes whoever has slept for long enough, and lets them work. */
  advance(milliseconds: number): Promise<void>;
  /** Moves on, and wakes nobody yet: the machine was asleep. */
  jump(milliseconds: number): void;
  /** How many sleep. */
  sleeping(): number;
}

export function createFakeClock(): FakeClock {
  let now = TIME.getTime();
  const sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();
  return {
    now: () => new Date(now),
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { until: now + milliseconds, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          reject(new DOMException('aborted', 'AbortError'));
        });
      }),
    timeout: () => new AbortController().signal,
    async advance(milliseconds) {
      now += milliseconds;
      for (const sleeper of sleepers) {
        if (sleeper.until > now) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
      await setImmediate();
    },
    jump(milliseconds) {
      now += milliseconds;
    },
    sleeping: () => sleepers.size,
  };
}
