import { randomUUID } from 'node:crypto';
import { RunId, createInProcessOperations, openAwsParts, runAction, toShelveryError } from '@shelvery/engine';
import type { AwsAccess, BackupType, Clock, Log, RunConfig } from '@shelvery/engine';
import { ADAPTERS } from './adapters.js';
import type { CliRequest } from './arguments.js';
import type { Interruption } from './interruption.js';
import type { Watcher } from './show.js';
import type { TypeRun, Unfinished } from './type-run.js';

/** What the runs of one command have in common, and who watches this one. */
export interface TypeRunParts {
  readonly request: CliRequest;
  readonly access: AwsAccess;
  readonly config: RunConfig;
  readonly clock: Clock;
  readonly time: Date;
  readonly log: Log;
  readonly interruption: Interruption;
  readonly watcher: Watcher;
  /** Delayed operations one after the other. */
  readonly oneByOne: boolean;
}

/** Runs the action for one backup type, delayed operations included. Never throws, so that one type stops no other. */
export async function runType(type: BackupType, parts: TypeRunParts): Promise<TypeRun> {
  const { request, access, config, clock, time, log, interruption, watcher, oneByOne } = parts;
  if (interruption.isInterrupted()) return { kind: 'not-begun', type, time };
  const unfinished: Unfinished[] = [];
  try {
    const result = await runAction(
      {
        action: request.action,
        runId: RunId.parse(randomUUID()),
        givenTime: time,
        mayBeRetry: false,
        dryRun: request.dryRun,
        backdate: request.backdate,
      },
      {
        ...openAwsParts({ access, config, makeAdapter: ADAPTERS[type], clock, log }),
        mayStart: () => !interruption.isInterrupted(),
        isInterrupted: () => interruption.isInterrupted(),
        // What timed out is told of as a failure.
        unfinished: () => unfinished.filter(({ why }) => why === 'interrupted').length,
        listener: {
          onOutcome: (outcome) => {
            watcher.outcome(outcome);
          },
          onCollected: (count) => {
            watcher.collected(count);
          },
        },
        delayed: (context) =>
          createInProcessOperations(context, {
            oneByOne,
            signal: interruption.signal,
            onUnfinished: (message, why) => unfinished.push({ message, why }),
            onWaiting: (pending) => {
              watcher.waiting(pending);
            },
          }),
      },
    );
    return { kind: 'ran', type, time: result.time, result, unfinished, interrupted: interruption.isInterrupted() };
  } catch (error) {
    return { kind: 'broken', type, time, error: toShelveryError(error, `${request.action} of ${type}`) };
  }
}
