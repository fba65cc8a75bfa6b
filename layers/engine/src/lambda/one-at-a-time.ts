import type { Context } from 'aws-lambda';
import type { AwsAccess } from '../aws/access.js';
import { eventLease } from '../aws/event-lease.js';
import { underFreeLease, underLease } from '../aws/lease.js';
import type { LeaseOptions } from '../aws/lease.js';
import type { RunConfig } from '../domain/config/config.js';
import { WAITING_IN_LINE } from '../domain/files/keys.js';
import type { BackupType } from '../domain/values.js';
import type { AloneInLine } from '../ports.js';
import type { FunctionParts } from './open-in-lambda.js';
import type { Platform } from './platform.js';

/**
 * What is left of an invocation's time when it waits no more for another: enough to do something in, as a run begins nothing
 * when it has less than half of that left.
 */
export const RESERVE_MS = 60_000;

/** An event, and where it is worked on. */
export interface LeasedEvent {
  readonly platform: Platform;
  readonly type: BackupType;
  /** Tells the event from all others; the same for each delivery of it. */
  readonly event: string;
  readonly config: RunConfig;
}

/**
 * Works on an event while no other invocation does: EventBridge, SNS, SQS and asynchronous invocations deliver an event
 * at least once, and may do so twice at the same time. Whoever comes second finds what the first has made.
 */
export async function oneAtATime<T>(
  { platform, type, event, config }: LeasedEvent,
  context: Context,
  work: (others: Pick<FunctionParts, 'alone' | 'aloneInLine'>) => Promise<T>,
): Promise<T> {
  const { values } = config;
  let access: AwsAccess;
  try {
    access = await platform.access(values, context.invokedFunctionArn);
  } catch {
    // The work meets this, too, and tells of it where it belongs.
    return await work({});
  }
  const leaseOf = (of: string): LeaseOptions => ({
    ...eventLease(access, type, values, of),
    by: `the function ${context.functionName}`,
    clock: platform.clock,
    log: platform.log,
    what: 'This event',
    holdFor: () => context.getRemainingTimeInMillis(),
    mayWait: (milliseconds) => context.getRemainingTimeInMillis() - milliseconds > RESERVE_MS,
  });
  const aloneInLine: AloneInLine = (wait) => underFreeLease(leaseOf(WAITING_IN_LINE), wait);
  return await underLease(leaseOf(event), (held) => work({ alone: (pull) => pull(held), aloneInLine }));
}
