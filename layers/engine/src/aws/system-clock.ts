import { setTimeout as wait } from 'node:timers/promises';
import { present } from '../domain/present.js';
import type { Clock } from '../ports.js';

/** The machine's time. A sleep whose signal is aborted throws the signal's `AbortError` at once. */
export const systemClock: Clock = {
  now: () => new Date(),
  sleep: async (milliseconds, signal) => {
    await wait(milliseconds, undefined, present({ signal }));
  },
};
