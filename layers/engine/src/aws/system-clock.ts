import { setTimeout as wait } from 'node:timers/promises';
import { addMilliseconds, isValid } from 'date-fns';
import { present } from '../domain/present.js';
import type { Clock } from '../ports.js';

/** The machine's time. A sleep whose signal is aborted throws the signal's `AbortError` at once. */
export const systemClock: Clock = {
  now: () => new Date(),
  sleep: async (milliseconds, signal) => {
    await wait(milliseconds, undefined, present({ signal }));
  },
  timeout: (milliseconds) => AbortSignal.timeout(milliseconds),
};

/** The machine's time is corrected where it differs by more than this. */
const MOST_APART_MS = 60_000;

/**
 * Makes a clock that goes by AWS's time: by the machine's until the first answer of AWS, which corrects it where the two
 * are more than a minute apart. It is corrected again where the machine's clock is set while the process runs.
 */
export function createAwsClock(machine: Clock = systemClock): Clock {
  let offset = 0;
  return {
    now: () => addMilliseconds(machine.now(), offset),
    sleep: (milliseconds, signal) => machine.sleep(milliseconds, signal),
    timeout: (milliseconds) => machine.timeout(milliseconds),
    correction: {
      offset: () => offset,
      asking() {
        const asked = machine.now().getTime();
        return (date) => {
          const answered = new Date(date ?? Number.NaN);
          if (!isValid(answered)) return;
          const measured = shortestWayTo(answered.getTime(), asked, machine.now().getTime());
          if (Math.abs(measured - offset) > MOST_APART_MS) offset = Math.abs(measured) > MOST_APART_MS ? measured : 0;
        };
      },
    },
  };
}

/** AWS answered at some time between the call and its answer: a slow answer says nothing of the clock. */
function shortestWayTo(time: number, from: number, to: number): number {
  return time < from ? time - from : time > to ? time - to : 0;
}
