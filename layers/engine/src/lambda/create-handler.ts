import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { onlyLooks } from '../domain/actions.js';
import { createAwsClock } from '../aws/system-clock.js';
import type { ClientConfig } from '../aws/access.js';
import type { RunConfig } from '../domain/config/config.js';
import { present } from '../domain/present.js';
import { aboutError } from '../domain/errors.js';
import type { ShelveryError } from '../domain/errors.js';
import { toShelveryError } from '../domain/telling/faults.js';
import type { BackupType } from '../domain/values.js';
import type { Clock } from '../ports.js';
import type { AdapterFactory } from '../run/open-run.js';
import type { ActionAnswer } from './action-answer.js';
import { readEvent, reportErrors } from './middleware.js';
import { createMetrics } from './metrics.js';
import { oneAtATime } from './one-at-a-time.js';
import { notByQueue } from './parse-event.js';
import type { ConfiguredEvent, Work } from './parse-event.js';
import { createPlatform } from './platform.js';
import type { Platform } from './platform.js';
import { createPowertoolsLog } from './powertools-log.js';
import { pullWhatWasShared } from './pull-shared.js';
import type { ShareEvent } from './pull-shared.js';
import { runActionItem } from './run-action-item.js';
import type { FunctionParts } from './open-in-lambda.js';
import { runInvocation, runQueued } from './run-delayed-items.js';
import type { QueuedItem } from './run-delayed-items.js';

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
    const parts: FunctionParts = { platform: onPlatform(), makeAdapter, metrics };
    const config = event.items.flatMap((item) =>
      'work' in item && changesSomething(item.work) ? [item.runConfig] : [],
    )[0];
    if (config === undefined) return await handle(parts, event, context);
    const identity = isDoneAlone(event, config) ? ALONE : (event.identity ?? context.awsRequestId);
    return await oneAtATime({ platform: parts.platform, type, event: identity, config }, context, () =>
      handle(parts, event, context),
    );
  };
  return middy({ timeoutEarlyInMillis: TIMEOUT_EARLY_MS })
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(reportErrors(type, onPlatform))
    .use(readEvent(type, onPlatform))
    .handler(work);
}

function changesSomething(work: Work): boolean {
  if (work.kind === 'not-of-concern') return false;
  return work.kind !== 'action' || !(work.dryRun || onlyLooks(work.action));
}

/** The lease under which a type's copies are made where events are on. */
const ALONE = 'what makes copies';

/**
 * Whether an event has to be worked on while no other makes copies of the type. Where AWS's events are on, any two of an
 * event, its double and the message that waits for the same backup may come at one time, each as a record of its own; and
 * of two that copy at the same time neither would see the other's copy.
 */
function isDoneAlone({ items }: ConfiguredEvent, { values }: RunConfig): boolean {
  if (values.shelvery_completion_events !== 'ENABLED') return false;
  return items.some((item) => 'work' in item && makesCopies(item.work));
}

function makesCopies(work: Work): boolean {
  switch (work.kind) {
    case 'completed':
    case 'shared':
      return true;
    case 'delayed':
      return work.messages.some(({ operation }) => operation.action === 'do_copy_backup');
    case 'action':
      return work.action === 'pull_shared_backups';
    case 'not-of-concern':
      return false;
  }
}

async function handle(
  parts: FunctionParts,
  event: ConfiguredEvent,
  context: Context,
): Promise<ActionAnswer | SQSBatchResponse | undefined> {
  const failed: { readonly recordId: string; readonly error: ShelveryError }[] = [];
  const queued: QueuedItem[] = [];
  const shares: ShareEvent[] = [];
  let answer: ActionAnswer | undefined;
  for (const item of event.items) {
    const { recordId, config: payloadConfig } = item;
    try {
      if ('error' in item) throw item.error;
      const { work, runConfig: config } = item;
      if (work.kind === 'not-of-concern') continue;
      if (work.kind === 'completed' || work.kind === 'shared') {
        if (event.source !== 'queue' || recordId === undefined) throw notByQueue();
        if (work.kind === 'completed') queued.push({ recordId, completed: work, config, payloadConfig });
        else shares.push({ recordId, shared: work, config });
        continue;
      }
      if (work.kind === 'delayed') {
        if (event.source === 'queue' && recordId !== undefined)
          queued.push(...work.messages.map((message) => ({ recordId, message, config, payloadConfig })));
        else await runInvocation(parts, { config, payloadConfig, messages: work.messages }, context);
        continue;
      }
      answer = await runActionItem(parts, { work, config, payloadConfig, ...present({ recordId }) }, context);
    } catch (error) {
      if (recordId === undefined) throw error;
      const failure = toShelveryError(error, `the record ${recordId}`);
      parts.platform.log.error('SHELVERY_EVENT_REFUSED', failure.message, { recordId, ...aboutError(failure) });
      failed.push({ recordId, error: failure });
    }
  }
  if (event.source === 'queue') {
    const items = await runQueued(parts, queued, context);
    const unpulled = await pullWhatWasShared(parts, shares, context);
    return {
      batchItemFailures: [...failed.map(({ recordId }) => ({ itemIdentifier: recordId })), ...items, ...unpulled],
    };
  }
  const [first] = failed;
  if (first !== undefined) throw first.error;
  return answer;
}
