import type { AwsAccess } from '../aws/access.js';
import { createInvocationOperations } from '../aws/invocation-operations.js';
import { createQueueOperations } from '../aws/sqs-operations.js';
import type { ConfigValues } from '../domain/config/config.js';
import type { DelayedOperations, Log } from '../ports.js';

/**
 * Where delayed operations go in Lambda: to the configured queue, else to asynchronous invocations of the same
 * function.
 */
export function createLambdaOperations(
  access: AwsAccess,
  values: ConfigValues,
  functionName: string,
  log: Log,
): DelayedOperations {
  const queueUrl = values.shelvery_sqs_queue_url;
  return queueUrl === undefined
    ? createInvocationOperations({ access, functionName, log })
    : createQueueOperations({ access, queueUrl, waitPeriod: values.shelvery_sqs_queue_wait_period, log });
}

export { invokeSelf } from '../aws/invocation-operations.js';
