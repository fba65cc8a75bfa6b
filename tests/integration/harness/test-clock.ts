import { setTimeout } from 'node:timers/promises';
import type { Clock } from '@shelvery/engine/terminal';
import type { Emulator } from '../../emulator/emulator.js';
import { ProcessGone } from './request-gate.js';
import type { RequestGate } from './request-gate.js';

/** A clock that waits by moving itself and the emulator's clock; a process that was killed waits no more. */
export interface TestClock extends Clock {
  advance(milliseconds: number): Promise<void>;
}

export function createTestClock(emulator: Emulator, start = new Date()): TestClock {
  let ahead = 0;
  const begun = start.getTime() - Date.now();
  const advance = async (milliseconds: number): Promise<void> => {
    ahead += milliseconds;
    await emulator.advanceClock(milliseconds);
  };
  return { now: () => new Date(Date.now() + begun + ahead), sleep: advance, timeout, advance };
}

/** Calls to the emulator take real time, however the clock is moved. */
const timeout = (milliseconds: number): AbortSignal => AbortSignal.timeout(milliseconds);

/** The clock as one process sees it. */
export function clockOfProcess(clock: TestClock, gate: RequestGate): Clock {
  return {
    now: () => clock.now(),
    sleep: async (milliseconds) => {
      if (gate.isDead()) throw new ProcessGone();
      await clock.sleep(milliseconds);
    },
    timeout: (milliseconds) => clock.timeout(milliseconds),
  };
}

/** How often somebody who sleeps beside others looks what time it is. */
const REAL_LOOK_MS = 20;

/** The clock of who sleeps beside a process's work, until a signal says that this is over: it waits for others to move it. */
export function clockBeside(clock: Clock): Clock {
  return {
    ...clock,
    sleep: async (milliseconds, signal) => {
      if (signal === undefined) {
        await clock.sleep(milliseconds);
        return;
      }
      const until = clock.now().getTime() + milliseconds;
      while (clock.now().getTime() < until) await setTimeout(REAL_LOOK_MS, undefined, { signal });
    },
  };
}
