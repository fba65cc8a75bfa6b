import type { AwsAccess } from '../aws/access.js';
import { createInvocationOperations } from '../aws/invocation-operations.js';
import { createQueueOperations } from '../aws/sqs-operations.js';
import { isToldByEvent } from '../domain/completion-events.js';
import type { ConfigValues } from '../domain/config/config.js';
import type { PayloadConfig } from '../domain/delayed.js';
import type { DelayedOperations, Log } from '../ports.js';

export interface LambdaOperationsOptions {
  readonly access: AwsAccess;
  readonly values: ConfigValues;
  /** The `config` of the payload that is worked on: it goes with whatever follows from it. */
  readonly payloadConfig: PayloadConfig | undefined;
  /** Name or ARN of the function that is running. */
  readonly functionName: string;
  readonly log: Log;
}

/**
 * Where delayed operations go in Lambda: to the configured queue, else to asynchronous invocations of the same
 * function.
 */
export function createLambdaOperations({
  access,
  values,
  payloadConfig: config,
  functionName,
  log,
}: LambdaOperationsOptions): DelayedOperations {
  const queueUrl = values.shelvery_sqs_queue_url;
  if (queueUrl === undefined) return createInvocationOperations({ access, functionName, config, log });
  const hasEvents = values.shelvery_completion_events === 'ENABLED';
  return createQueueOperations({
    access,
    queueUrl,
    waitPeriod: values.shelvery_sqs_queue_wait_period,
    isTold: (message) => hasEvents && isToldByEvent(message, access.home.region),
    config,
    log,
  });
}

export { invokeSelf } from '../aws/invocation-operations.js';
