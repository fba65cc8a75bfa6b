import type { DelayedMessage } from '../domain/delayed.js';
import type { Region } from '../domain/values.js';
import type { RunContext } from '../operations/context.js';
import { pause } from './pause.js';
import { reportThrown, stepDelayed } from './step.js';

/** How a process waits for the backups of the operations that it was given. */
export interface Waits {
  /** Milliseconds until the given round of asking, counted from 0. */
  readonly pause: (round: number) => number;
  /** Whether there is time for a pause of so many milliseconds. */
  readonly mayWait: (milliseconds: number) => boolean;
  /** Whether an operation that was taken at a time had been waited for long enough when it was last looked at. */
  readonly hasTimedOut: (message: DelayedMessage, takenAt: Date, lookedAt: Date) => boolean;
  /**
   * Told after each round of asking what is waited for, each with the time since when, and how many operations have come
   * to an end so far.
   */
  readonly onRound?: (pending: ReadonlyMap<DelayedMessage, Date>, ended: number) => void;
  /** Told, after the report, of what an operation threw; whoever delivered it may try it again. */
  readonly onThrown?: (error: unknown, message: DelayedMessage) => void;
  /** Ends a pause, and the waiting. */
  readonly signal?: AbortSignal;
}

/**
 * How many of the copies that wait for a place in a full region are asked about in a round, each round others. Services run
 * 5 to 20 at a time, and a round comes every 5 s at the most, in which EC2 takes 25 calls of CopySnapshot: asking about
 * thousands would only take more calls.
 */
const ASKED_OF_FULL = 25;

/** What did not come in time: the backup itself, or what an available one waits for, such as a place for its copy. */
export type TimedOut = 'backup' | 'work';

/** Operations that are waited for in this process. What is added while it waits is asked about in the next round. */
export interface WaitLoop {
  add(messages: readonly DelayedMessage[]): void;
  /** Runs until nothing is pending, or no more time is left; returns what is still pending. */
  run(): Promise<readonly DelayedMessage[]>;
}

/**
 * Makes a loop that asks about all its operations together, works on those whose backup is available, takes up what
 * follows, and pauses while something is pending.
 */
export function createWaitLoop(
  context: RunContext,
  waits: Waits,
  onTimeOut: (message: DelayedMessage, why: string, what: TimedOut) => void,
): WaitLoop {
  const pending = new Map<DelayedMessage, Date>();
  /** Those of them that wait for a place, as the last look at each has shown. */
  const inLine = new Map<DelayedMessage, { readonly region: Region; readonly why: string }>();
  let ended = 0;
  const add = (messages: readonly DelayedMessage[]): void => {
    for (const message of messages) pending.set(message, context.clock.now());
  };
  /** What is asked about in a round; what of the rest has waited too long is not waited for any more. */
  const takeRound = (): readonly (readonly [DelayedMessage, Date])[] => {
    const places = new Map<Region, number>();
    return [...pending].filter(([message, takenAt]) => {
      const waiting = inLine.get(message);
      if (waiting === undefined) return true;
      const place = (places.get(waiting.region) ?? 0) + 1;
      places.set(waiting.region, place);
      if (place <= ASKED_OF_FULL) return true;
      if (waitedTooLong(message, [takenAt, context.clock.now()], waiting.why, 'work')) pending.delete(message);
      return false;
    });
  };
  const waitedTooLong = (
    message: DelayedMessage,
    [takenAt, lookedAt]: readonly [Date, Date],
    why: string,
    what: TimedOut,
  ): boolean => {
    if (!waits.hasTimedOut(message, takenAt, lookedAt)) return false;
    ended += 1;
    onTimeOut(message, why, what);
    return true;
  };
  const round = async (): Promise<boolean> => {
    const asked = takeRound();
    // Work that waits for AWS's pace makes a round long: what was pending at its begin may be complete by its end.
    const lookedAt = context.clock.now();
    const results = await stepDelayed(
      context,
      asked.map(([message]) => message),
    );
    let progressed = false;
    for (const [message, takenAt] of asked) {
      const result = results.get(message);
      pending.delete(message);
      inLine.delete(message);
      if (result?.kind === 'again') {
        const what = result.untold === true ? 'work' : 'backup';
        if (waitedTooLong(message, [takenAt, lookedAt], result.why, what)) continue;
        // Asking again in this process is not an attempt: only sending the message on counts as one.
        const again = { ...result.message, waiting: { ...result.message.waiting, attempt: message.waiting.attempt } };
        pending.set(again, takenAt);
        if (result.full !== undefined) inLine.set(again, { region: result.full, why: result.why });
        continue;
      }
      ended += 1;
      switch (result?.kind) {
        case 'done':
          progressed = true;
          add(result.next);
          break;
        case 'threw':
          progressed = true;
          reportThrown(context, message, result.error);
          waits.onThrown?.(result.error, message);
          break;
        case undefined:
          break;
      }
    }
    return progressed;
  };
  return {
    add,
    async run() {
      let rounds = 0;
      while (pending.size > 0) {
        if (waits.signal?.aborted === true) break;
        if (await round()) rounds = 0;
        waits.onRound?.(pending, ended);
        if (pending.size === 0) break;
        const milliseconds = waits.pause(rounds);
        if (!waits.mayWait(milliseconds)) break;
        if (!(await pause(context.clock, milliseconds, waits.signal))) break;
        rounds += 1;
      }
      return [...pending.keys()];
    },
  };
}
