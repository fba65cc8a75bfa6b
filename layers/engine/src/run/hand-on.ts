import type { AwsAccess } from '../aws/access.js';
import { createInvocationOperations } from '../aws/invocation-operations.js';
import { createQueueOperations } from '../aws/sqs-operations.js';
import { isToldByEvent, isWokenByEvents } from '../domain/completion-events.js';
import type { RunConfig } from '../domain/config/config.js';
import type { PayloadConfig } from '../domain/delayed.js';
import type { DelayedOperations, Log } from '../ports.js';

export interface LambdaOperationsOptions {
  readonly access: AwsAccess;
  /** What is worked on under. */
  readonly config: RunConfig;
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
  config,
  payloadConfig,
  functionName,
  log,
}: LambdaOperationsOptions): DelayedOperations {
  const { values } = config;
  const queueUrl = values.shelvery_sqs_queue_url;
  if (queueUrl === undefined) return createInvocationOperations({ access, functionName, config: payloadConfig, log });
  const isWoken = isWokenByEvents({ config, inStack: access.inStack });
  return createQueueOperations({
    access,
    queueUrl,
    waitPeriod: values.shelvery_sqs_queue_wait_period,
    isTold: (message) => isWoken && isToldByEvent(message, access.home.region),
    config: payloadConfig,
    log,
  });
}

export { invokeSelf } from '../aws/invocation-operations.js';
