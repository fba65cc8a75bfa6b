import type { Backup } from '../../domain/backup/backup.js';
import type { DelayedMessage, DelayedOperation, Waiting } from '../../domain/delayed.js';
import { deadlineOf } from '../../domain/delayed.js';
import type { RunContext } from '../context.js';

/** A delayed operation whose backup is available. */
export interface DelayedItem<O extends DelayedOperation = DelayedOperation> {
  readonly message: DelayedMessage;
  readonly operation: O;
  readonly backup: Backup;
}

/** What became of a delayed operation. */
export type WorkResult =
  /** The operation has ended, well or in a reported error; what follows is sent. */
  | { readonly kind: 'done'; readonly next: readonly FollowingOperation[] }
  /** To be tried again later. */
  | {
      readonly kind: 'not-yet';
      readonly why: string;
      /** No other copy to that region would be accepted now, either. */ readonly isFull?: true;
    }
  /** Not understood, forbidden, a bug: left to whoever delivered the message. */
  | { readonly kind: 'threw'; readonly error: unknown };

/** A delayed operation that another leads to. */
export interface FollowingOperation {
  readonly operation: DelayedOperation;
  readonly waiting: Waiting;
}

/** Its turn came when no more work might be begun: somebody has interrupted the run. */
export const NOT_BEGUN: WorkResult = { kind: 'not-yet', why: 'it was not begun' };

export const DONE: WorkResult = { kind: 'done', next: [] };

/** The waiting of an operation on something that has just been made. */
export function freshWaiting(context: Pick<RunContext, 'clock' | 'config'>, remakes = 0): Waiting {
  const deadline = deadlineOf(context.clock.now(), context.config.values.shelvery_wait_deadline_hours);
  return { attempt: 0, deadline, ...(remakes === 0 ? {} : { remakes }) };
}

/** Hands an operation over that waits from now on. */
export function sendFresh(
  context: Pick<RunContext, 'adapter' | 'clock' | 'config' | 'delayed'>,
  operation: DelayedOperation,
): void {
  context.delayed.send({ backupType: context.adapter.type, operation, waiting: freshWaiting(context) });
}
