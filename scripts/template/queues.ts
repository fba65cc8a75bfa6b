import { commented, getAtt } from './intrinsics.js';
import type { Mapping } from './intrinsics.js';

/** The time limit of the functions that back up. */
export const TIME_LIMIT_SECONDS = 900;
const DAY_SECONDS = 86_400;

/** A resource that goes with the stack. */
const goesWithTheStack = { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' };

const queue = (properties: Mapping): Mapping => ({
  Type: 'AWS::SQS::Queue',
  ...goesWithTheStack,
  Properties: properties,
});

/** A queue for what was given up; it keeps it as long as SQS can. */
export const givenUpQueue = (): Mapping =>
  queue({ MessageRetentionPeriod: 14 * DAY_SECONDS, SqsManagedSseEnabled: true });

/** A queue in which delayed operations wait for their backups. */
export const waitingQueue = (deadLetterQueueId: string): Mapping =>
  queue({
    VisibilityTimeout: commented("Six times the function's time limit.", 6 * TIME_LIMIT_SECONDS),
    MessageRetentionPeriod: 4 * DAY_SECONDS,
    SqsManagedSseEnabled: true,
    RedrivePolicy: { deadLetterTargetArn: getAtt(deadLetterQueueId), maxReceiveCount: 5 },
  });
