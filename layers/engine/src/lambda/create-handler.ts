import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { createAwsClock } from '../aws/system-clock.js';
import type { ClientConfig } from '../aws/access.js';
import { MAKING_COPIES } from '../domain/files/keys.js';
import { present } from '../domain/present.js';
import type { BackupType } from '../domain/values.js';
import type { Clock } from '../ports.js';
import type { AdapterFactory } from '../run/open-run.js';
import type { ActionAnswer } from './action-answer.js';
import { readEvent, reportErrors } from './middleware.js';
import { createMetrics } from './metrics.js';
import { oneAtATime } from './one-at-a-time.js';
import type { ConfiguredEvent } from './parse-event.js';
import { createPlatform } from './platform.js';
import type { Platform } from './platform.js';
import { createPowertoolsLog } from './powertools-log.js';
import { openInLambda } from './open-in-lambda.js';
import type { FunctionParts } from './open-in-lambda.js';
import { configOfChanges, isDoneAlone, workOnEvent } from './work-on-event.js';

/** The handler of one function. */
export type Handler = (event: unknown, context: Context) => Promise<ActionAnswer | SQSBatchResponse | undefined>;

/** What tests replace. */
export interface HandlerOptions {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  readonly requestHandler?: ClientConfig['requestHandler'];
}

/** middy ends an invocation this long before Lambda would, so that there is time to report it. */
const TIMEOUT_EARLY_MS = 1_000;

/**
 * Makes the handler of a backup type's function: event normalising, config merging, SNS error reporting and logging
 * around the operations.
 *
 * @example export const handler = createHandler('ebs', createEbsAdapter);
 */
export function createHandler(type: BackupType, makeAdapter: AdapterFactory, options: HandlerOptions = {}): Handler {
  const environment = options.environment ?? process.env;
  const logger = new Logger({ serviceName: `shelvery-${type.replace('_', '-')}` });
  const metrics = createMetrics(environment, type);
  const clock = options.clock ?? createAwsClock();
  let platform: Platform | undefined;
  const onPlatform = (): Platform =>
    (platform ??= createPlatform({
      environment,
      clock,
      logger,
      log: createPowertoolsLog(logger),
      ...present({ requestHandler: options.requestHandler }),
    }));
  const work = async (
    event: ConfiguredEvent,
    context: Context,
  ): Promise<ActionAnswer | SQSBatchResponse | undefined> => {
    const { log, region } = onPlatform();
    const open: FunctionParts['open'] = (under, invocation) =>
      openInLambda({ platform: onPlatform(), makeAdapter }, under, invocation);
    const parts: FunctionParts = { log, metrics, region, open };
    const config = configOfChanges(event);
    if (config === undefined) return await workOnEvent(parts, event, context);
    const identity = isDoneAlone(event, region) ? MAKING_COPIES : (event.identity ?? context.awsRequestId);
    return await oneAtATime({ platform: onPlatform(), type, event: identity, config }, context, (others) =>
      workOnEvent({ ...parts, ...others }, event, context),
    );
  };
  return middy({ timeoutEarlyInMillis: TIMEOUT_EARLY_MS })
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(reportErrors(type, onPlatform))
    .use(readEvent(type, onPlatform))
    .handler(work);
}
