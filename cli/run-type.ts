import { randomUUID } from 'node:crypto';
import { RunId, createInProcessOperations, present, runAction, toShelveryError } from '@shelvery/engine/terminal';
import type { Action, Alone, BackupType, openAwsRuns } from '@shelvery/engine/terminal';
import { ADAPTERS } from './adapters.js';
import type { CliRequest } from './arguments.js';
import type { Interruption } from './interruption.js';
import type { Watcher } from './show.js';
import type { TypeRun, Unfinished } from './type-run.js';

/** What the runs of one command have in common, and who watches this one. */
export interface TypeRunParts {
  readonly request: CliRequest;
  readonly action: Action;
  readonly open: ReturnType<typeof openAwsRuns>;
  /** How a type's run works while no other of the account does; told what that waits for. */
  readonly alone: (type: BackupType, onAwaited: (text: string) => void) => Alone;
  readonly time: Date;
  readonly interruption: Interruption;
  readonly watcher: Watcher;
  /** Delayed operations one after the other. */
  readonly oneByOne: boolean;
}

/** Runs the action for one backup type, delayed operations included. Never throws, so that one type stops no other. */
export async function runType(type: BackupType, parts: TypeRunParts): Promise<TypeRun> {
  const { request, action, open, alone, time, interruption, watcher, oneByOne } = parts;
  if (interruption.isInterrupted()) return { kind: 'not-begun', type, time };
  const unfinished: Unfinished[] = [];
  try {
    const result = await runAction(
      {
        action,
        runId: RunId.parse(randomUUID()),
        givenTime: time,
        mayBeRetry: false,
        dryRun: request.dryRun,
        backdate: request.backdate,
        ...present({ restore: request.restore }),
      },
      {
        ...open(ADAPTERS[type]),
        alone: alone(type, (text) => {
          watcher.awaiting(text);
        }),
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
          onWork: (counts) => {
            watcher.working(counts);
          },
        },
        delayed: (context) =>
          createInProcessOperations(context, {
            oneByOne,
            signal: interruption.signal,
            onUnfinished: (message, why) => unfinished.push({ message, why }),
            onProgress: (progress) => {
              watcher.waiting(progress);
            },
          }),
      },
    );
    return { kind: 'ran', type, time: result.time, result, unfinished, interrupted: interruption.isInterrupted() };
  } catch (error) {
    return { kind: 'broken', type, time, error: toShelveryError(error, `${action} of ${type}`) };
  }
}
