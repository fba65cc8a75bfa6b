import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import type { AwsAccess } from '../aws/access.js';
import { underFreeLease, underLease } from '../aws/lease.js';
import type { LeaseOptions } from '../aws/lease.js';
import type { AloneInLine } from '../ports.js';
import { s3Client } from '../aws/s3-client.js';
import { fillBucketTemplate } from '../domain/config/config-schema.js';
import type { RunConfig } from '../domain/config/config.js';
import { eventLeaseKey } from '../domain/files/keys.js';
import type { BackupType } from '../domain/values.js';
import type { FunctionParts } from './open-in-lambda.js';
import type { Platform } from './platform.js';

/**
 * What is left of an invocation's time when it waits no more for another: enough to do something in, as a run begins nothing
 * when it has less than half of that left.
 */
export const RESERVE_MS = 60_000;

/** The lease of whoever waits for places of copies. */
const IN_LINE = 'who waits in line';

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
  work: (others: Pick<FunctionParts, 'aside' | 'aloneInLine'>) => Promise<T>,
): Promise<T> {
  const { values } = config;
  let access: AwsAccess;
  try {
    access = await platform.access(values, context.invokedFunctionArn);
  } catch {
    // The work meets this, too, and tells of it where it belongs.
    return await work({});
  }
  const { accountId, region } = access.home;
  const template = values.shelvery_bucket_name_template;
  const leaseOf = (of: string): LeaseOptions => ({
    client: s3Client(access, region, template),
    holder: randomUUID(),
    file: {
      Bucket: fillBucketTemplate(template, accountId, region),
      ExpectedBucketOwner: accountId,
      Key: eventLeaseKey(type, values.shelvery_tag_prefix, of),
    },
    clock: platform.clock,
    log: platform.log,
    what: 'This event',
    holdFor: () => context.getRemainingTimeInMillis(),
    mayWait: (milliseconds) => context.getRemainingTimeInMillis() - milliseconds > RESERVE_MS,
  });
  const aloneInLine: AloneInLine = (wait) => underFreeLease(leaseOf(IN_LINE), wait);
  return await underLease(leaseOf(event), (_ends, aside) => work({ aside, aloneInLine }));
}
