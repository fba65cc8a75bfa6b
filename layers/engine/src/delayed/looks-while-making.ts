import { addSeconds } from 'date-fns';
import type { DelayedMessage } from '../domain/delayed.js';
import { present } from '../domain/present.js';
import type { RunContext } from '../operations/context.js';
import { createLimit } from '../operations/limit.js';
import { pause } from './pause.js';
import { createWaitLoop } from './wait-loop.js';

const FIRST_LOOK_S = 15;
/** By how much later than the last each further look comes: there are few, however long a run gives more to look at. */
const LATER_BY = 1.5;
/**
 * Seconds from the end of a look to when what it left is looked at again. Lists show a little later what was made, such as a
 * re-encrypted snapshot: whoever looks at once would make it again.
 */
const APART_S = 5;
/** At a time, of these looks. The places of the run are taken by what waits for AWS's pace, and counted as its own work. */
const PLACES_OF_LOOKS = 10;

export interface LooksOptions {
  /** Seconds from when operations may begin to the first look at them while more are given; 15 unless told otherwise. */
  readonly firstLookSeconds?: number;
  /** Ends the looks. */
  readonly signal?: AbortSignal;
}

/** Looks at operations while a run still gives more of them: nothing waits that could be done. */
export interface Looks {
  /** They may be looked at from now on. */
  begin(): void;
  /** Looks at all that were given, if it is time for that. */
  lookInTime(): void;
  /** How many are being looked at. */
  lookedAt(): number;
  /** Waits until the last look is over, and what it left may be looked at again; there is none after it. */
  end(): Promise<void>;
}

/**
 * @param given what is to be looked at; what is still pending after a look is there again. Nothing times out: whoever waits
 *   for it in the end does so for its whole time.
 * @param onEnded told how many have come to an end.
 */
export function createLooks(
  context: () => RunContext,
  { signal, firstLookSeconds = FIRST_LOOK_S }: LooksOptions,
  given: DelayedMessage[],
  onEnded: (operations: number) => void,
): Looks {
  let began: Date | undefined;
  let nextAfterMs = firstLookSeconds * 1000;
  let last: Promise<void> = Promise.resolve();
  let lookedAt = 0;
  /** Until when what the last look left is let alone. */
  let restsUntil = new Date(0);
  const rest = (): number => restsUntil.getTime() - context().clock.now().getTime();
  const look = async (): Promise<void> => {
    let endedOfThese = 0;
    const loop = createWaitLoop(
      { ...context(), limit: createLimit(PLACES_OF_LOOKS) },
      {
        pause: () => 0,
        mayWait: () => false,
        hasTimedOut: () => false,
        onRound: (_pending, endedSoFar) => {
          endedOfThese = endedSoFar;
        },
        ...present({ signal }),
      },
      () => undefined,
    );
    const looked = given.splice(0);
    lookedAt = looked.length;
    loop.add(looked);
    const left = await loop.run();
    for (const message of left) given.push(message);
    if (left.length > 0) restsUntil = addSeconds(context().clock.now(), APART_S);
    onEnded(endedOfThese);
    lookedAt = 0;
  };
  const lookInTime = (): void => {
    if (began === undefined || lookedAt > 0 || rest() > 0) return;
    const passed = context().clock.now().getTime() - began.getTime();
    if (passed < nextAfterMs) return;
    nextAfterMs = passed * LATER_BY;
    last = look();
    // Whoever waits for the end of the looks is told of what they throw.
    last.catch(() => undefined);
  };
  return {
    begin() {
      began ??= context().clock.now();
      lookInTime();
    },
    lookInTime,
    lookedAt: () => lookedAt,
    async end() {
      began = undefined;
      await last;
      // Where somebody interrupts this, nothing is looked at any more.
      if (rest() > 0) await pause(context().clock, rest(), signal);
    },
  };
}
