import { addSeconds } from 'date-fns';
import type { DelayedMessage } from '../domain/delayed.js';
import { operationText } from '../domain/operation-text.js';
import { present } from '../domain/present.js';
import { withoutFullStop } from '../domain/telling/full-stop.js';
import type { DelayedOperations } from '../ports.js';
import { ShelveryError } from '../domain/errors.js';
import type { RunContext } from '../operations/context.js';
import type { LooksOptions } from './looks-while-making.js';
import { createLooks } from './looks-while-making.js';
import { reportThrown } from './step.js';
import { createWaitLoop } from './wait-loop.js';
import type { WaitLoop, Waits } from './wait-loop.js';

/** Seconds between two rounds of asking: at first 5, then more and more, up to 60. */
const FIRST_PAUSE_S = 5;
const LONGEST_PAUSE_S = 60;

export interface InProcessOptions extends LooksOptions {
  /** One operation after the other, each to its end, before the next. */
  readonly oneByOne: boolean;
  /** Told of what was not finished in time, or because of an interruption. */
  readonly onUnfinished: (message: DelayedMessage, why: 'timed-out' | 'interrupted') => void;
  /** Told, after each round of asking, how far the operations have come. */
  readonly onProgress?: (progress: DelayedProgress) => void;
}

/** How far the delayed operations of a process have come. */
export interface DelayedProgress {
  /** How many have come to an end. */
  readonly ended: number;
  /** How many have not, those among them that nobody has asked about yet. */
  readonly open: number;
  /** What is waited for, each with the time since when. */
  readonly waiting: ReadonlyMap<DelayedMessage, Date>;
}

/**
 * Runs delayed operations in this process. The context is asked for later, because it holds these operations itself.
 */
export function createInProcessOperations(context: () => RunContext, options: InProcessOptions): DelayedOperations {
  const given: DelayedMessage[] = [];
  let ended = 0;
  /** The backups that did not become available in time, with what was last seen of them. */
  const overdue = new Map<string, string>();
  const timeoutOf = (takenAt: Date): Date =>
    addSeconds(takenAt, context().config.values.shelvery_wait_snapshot_timeout);
  // A run that may begin no more backups finishes what it has begun, unless somebody interrupts it.
  const working = (): RunContext => ({ ...context(), mayStart: () => options.signal?.aborted !== true });
  const looks = createLooks(working, options, given, (endedOfThese) => {
    ended += endedOfThese;
  });
  const makeLoop = (onRound: Waits['onRound']): WaitLoop =>
    createWaitLoop(
      working(),
      {
        pause: (round) => Math.min(FIRST_PAUSE_S * 1.5 ** round, LONGEST_PAUSE_S) * 1000,
        mayWait: () => options.signal?.aborted !== true,
        hasTimedOut: (_message, takenAt, lookedAt) => lookedAt >= timeoutOf(takenAt),
        ...present({ signal: options.signal, onRound }),
      },
      (message, why, what) => {
        if (what === 'backup') overdue.set(backupOf(message), why);
        giveUp(message, why);
      },
    );
  const giveUp = (message: DelayedMessage, why: string): void => {
    const seconds = context().config.values.shelvery_wait_snapshot_timeout;
    reportThrown(context(), message, timedOut(message, seconds, why));
    options.onUnfinished(message, 'timed-out');
  };
  /** One operation after the other. What waits for a backup that was waited for in vain is given up with it. */
  const runNext = async (): Promise<void> => {
    const [message] = given.splice(0, 1);
    if (message === undefined) return;
    const why = overdue.get(backupOf(message));
    if (why === undefined) {
      await runToEnd([message]);
      return;
    }
    ended += 1;
    giveUp(message, why);
  };
  const runToEnd = async (messages: readonly DelayedMessage[]): Promise<void> => {
    const endedBefore = ended;
    options.onProgress?.({ ended, open: messages.length + given.length, waiting: new Map() });
    const loop = makeLoop((waiting, endedOfThese) => {
      ended = endedBefore + endedOfThese;
      options.onProgress?.({ ended, open: waiting.size + given.length, waiting });
    });
    loop.add(messages);
    for (const message of await loop.run()) options.onUnfinished(message, 'interrupted');
  };
  return {
    send(message) {
      given.push(message);
      looks.lookInTime();
    },
    // One operation after the other is for those who want nothing else to go on meanwhile.
    begin() {
      if (!options.oneByOne) looks.begin();
    },
    async flush() {
      const lookedAt = looks.lookedAt();
      if (lookedAt > 0) options.onProgress?.({ ended, open: lookedAt + given.length, waiting: new Map() });
      await looks.end();
      while (given.length > 0) await (options.oneByOne ? runNext() : runToEnd(given.splice(0)));
      return [];
    },
  };
}

function backupOf({ operation: { region, backupId } }: DelayedMessage): string {
  return `${region} ${backupId}`;
}

/** @param why what it waited for at the last look */
function timedOut({ operation }: DelayedMessage, seconds: number, why: string): ShelveryError {
  return new ShelveryError(
    'TimedOut',
    `${operationText(operation)} waited for ${seconds} s (shelvery_wait_snapshot_timeout) and was not finished: ${withoutFullStop(why)}. ` +
      'Run it again with the same time to finish it.',
    { mendable: true },
  );
}
