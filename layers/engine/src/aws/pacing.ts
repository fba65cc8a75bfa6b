import { ShelveryError } from '../domain/errors.js';
import { bucketOf } from '../domain/limits/request-buckets.js';
import { afterCall, afterRefusal, paceOf, waitBefore } from '../domain/limits/pace.js';
import type { Pace } from '../domain/limits/pace.js';
import type { Clock } from '../ports.js';

/** How long a call may wait for its turn. */
export interface Patience {
  /** Whether there is time for a wait of so many milliseconds. */
  readonly mayWait: (milliseconds: number) => boolean;
  /** Ends a wait. */
  readonly signal?: AbortSignal;
}

/** Waits however long it takes. */
const PATIENT: Patience = { mayWait: () => true };

/** A call whose turn has come. */
export interface Turn {
  /** Tells that AWS refused the call because too many came. */
  readonly refused: () => void;
}

/**
 * Lets the calls of each API action go as fast as AWS takes them (see `Pace`), in the order in which they come. An action
 * that has to wait makes no other wait: reads go on while changes are refused. (The SDK's adaptive mode slows all calls of a
 * client when one is refused: page "Retry behavior".) All clients of a region with the same credentials share one.
 */
export interface Pacing {
  /**
   * Waits until a call may be made.
   *
   * @param action with its service. @example 'ec2:CreateSnapshot'
   * @throws ShelveryError `NotBegun` where the wait would be longer than it may be, or is ended.
   */
  turn(action: string, patience?: Patience): Promise<Turn>;
  /** Waits so many milliseconds; whether there was time for it. */
  pause(milliseconds: number, patience?: Patience): Promise<boolean>;
}

export function createPacing(clock: Pick<Clock, 'now' | 'sleep'>): Pacing {
  const lanes = new Map<string, { pace: Pace; refusals: number; last: Promise<unknown> }>();
  const now = (): number => clock.now().getTime();

  async function pause(milliseconds: number, { mayWait, signal }: Patience = PATIENT): Promise<boolean> {
    const isEnded = (): boolean => signal?.aborted === true;
    if (isEnded() || !mayWait(milliseconds)) return false;
    try {
      await clock.sleep(milliseconds, signal);
      return true;
    } catch (error) {
      if (isEnded()) return false;
      throw error;
    }
  }

  return {
    pause,
    async turn(action, patience) {
      const lane = lanes.get(action) ?? {
        pace: paceOf(bucketOf(action), now()),
        refusals: 0,
        last: Promise.resolve(),
      };
      lanes.set(action, lane);
      const wait = async (): Promise<Turn> => {
        let refusals: number;
        do {
          // What is refused during a wait says that it was too short.
          refusals = lane.refusals;
          const milliseconds = waitBefore(lane.pace, now());
          if (milliseconds > 0 && !(await pause(milliseconds, patience))) throw notBegun(action);
        } while (lane.refusals > refusals);
        const madeAt = now();
        lane.pace = afterCall(lane.pace, madeAt);
        return {
          refused: () => {
            lane.refusals += 1;
            lane.pace = afterRefusal(lane.pace, madeAt, now());
          },
        };
      };
      const mine = lane.last.then(wait);
      // Its caller gets the error; the next in line only waits for its end.
      lane.last = mine.catch(() => undefined);
      return await mine;
    },
  };
}

function notBegun(action: string): ShelveryError {
  return new ShelveryError(
    'NotBegun',
    `${action} was not called: AWS takes so many of these calls a second, and the run had to end before its turn came. Run it again.`,
    { mendable: true },
  );
}
