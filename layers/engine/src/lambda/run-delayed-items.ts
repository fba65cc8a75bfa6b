import type { Context, SQSBatchItemFailure } from 'aws-lambda';
import { operationKey } from '../domain/delayed.js';
import type { DelayedMessage } from '../domain/delayed.js';
import { ShelveryError, aboutError } from '../domain/errors.js';
import { operationText } from '../domain/operation-text.js';
import { toShelveryError } from '../domain/telling/faults.js';
import { toMinute } from '../domain/calendar.js';
import { RunId } from '../domain/values.js';
import { reportThrown, stepDelayed } from '../delayed/step.js';
import { createWaitLoop } from '../delayed/wait-loop.js';
import { wokenBy } from '../delayed/woken-by.js';
import type { SaidComplete } from '../delayed/woken-by.js';
import type { RunContext } from '../operations/context.js';
import { flushDelayed, openContext } from '../run/run-action.js';
import type { OpenRun } from '../run/run-action.js';
import { tellMetrics } from './metrics.js';
import { markTold } from './middleware.js';
import type { FunctionParts, UnderConfig } from './open-in-lambda.js';

/** How often an invocation asks whether backups are available. */
const ASK_EVERY_MS = 15_000;
/** With less than this left of the time limit an invocation stops waiting, and hands on what is pending. */
const STOP_WAITING_BELOW_MS = 60_000;

/** Delayed operations that are done under one configuration. */
export interface DelayedGroup extends UnderConfig {
  readonly messages: readonly DelayedMessage[];
}

async function open(
  parts: FunctionParts,
  under: UnderConfig,
  context: Context,
): Promise<OpenRun & { readonly finish: () => Promise<void> }> {
  const lambda = await parts.open(under, context);
  const opened = openContext(
    {
      ...lambda,
      mayStart: () => context.getRemainingTimeInMillis() > 0,
      // Where events are on, each operation comes twice as a rule: by its event, and by its message.
      isTold: (outcome) =>
        under.config.values.shelvery_completion_events === 'ENABLED' &&
        outcome.status === 'ok' &&
        outcome.already === true,
    },
    { id: RunId.parse(context.awsRequestId), time: toMinute(lambda.clock.now()), mayBeRetry: false, dryRun: false },
  );
  const finish = async (): Promise<void> => {
    await lambda.notifier.flush();
    tellMetrics(parts.metrics, lambda.adapter.type, {
      outcomes: opened.recorder.all(),
      lostNotifications: lambda.notifier.lost(),
    });
  };
  return { ...opened, finish };
}

/**
 * Does the delayed operations of an asynchronous invocation: asks until their backups are available. When time gets
 * short, it hands on what is still pending, a limited number of times. An operation that threw goes into an invocation
 * of its own: if Lambda repeated this whole invocation, the others would be handed on twice.
 *
 * @throws ShelveryError when the only operation threw, or something could not be handed on. Everything has been
 *   reported by then; Lambda repeats the invocation, and in the end gives it to the function's OnFailure destination.
 */
export async function runInvocation(parts: FunctionParts, group: DelayedGroup, invocation: Context): Promise<void> {
  const { context, finish } = await open(parts, group, invocation);
  const thrown: { readonly error: unknown; readonly message: DelayedMessage }[] = [];
  const loop = createWaitLoop(
    context,
    {
      pause: () => ASK_EVERY_MS,
      mayWait: (milliseconds) => invocation.getRemainingTimeInMillis() - milliseconds > STOP_WAITING_BELOW_MS,
      hasTimedOut: () => false,
      onThrown: (error, message) => {
        thrown.push({ error, message });
      },
    },
    () => undefined,
  );
  loop.add(group.messages);
  const most = group.config.values.shelvery_lambda_max_wait_iterations;
  for (const message of await loop.run()) {
    const attempt = message.waiting.attempt + 1;
    if (attempt > most) {
      const error = new ShelveryError(
        'TimedOut',
        `${operationText(message.operation)} was not finished after ${String(most)} more invocations (shelvery_lambda_max_wait_iterations). Raise that, or set shelvery_sqs_queue_url: messages in a queue can wait for days.`,
      );
      reportThrown(context, message, error);
    } else {
      context.delayed.send({ ...message, waiting: { ...message.waiting, attempt } });
    }
  }
  const [first] = thrown;
  const [asked, ...others] = group.messages;
  const isAlone =
    first !== undefined &&
    asked !== undefined &&
    others.length === 0 &&
    operationKey(first.message.operation) === operationKey(asked.operation);
  if (!isAlone) for (const { message } of thrown) context.delayed.send(message, 'alone');
  const lost = await flushDelayed(context);
  await finish();
  const [error] = isAlone ? [first.error, ...lost] : lost;
  if (error === undefined) return;
  const failure = toShelveryError(error, 'a delayed operation');
  throw markTold(
    new ShelveryError(failure.code, `A delayed operation ended in an error: ${failure.message}`, {
      cause: failure,
      mendable: failure.mendable,
    }),
  );
}

/** A delayed operation, or an event that wakes some, with the record that brought it. */
export type QueuedItem = UnderConfig & { readonly recordId: string } & (
    { readonly message: DelayedMessage } | { readonly completed: SaidComplete }
  );

/** A delayed operation that a record asks for. */
interface Asked {
  readonly recordId: string;
  readonly message: DelayedMessage;
  /** An event asks for it. What it finds not ready has a message of its own, which comes again. */
  readonly isWoken: boolean;
}

/**
 * Takes the delayed operations of a batch of records, and those that its events wake, one step further. Repeats and what
 * follows are sent after the whole batch is judged; only a record whose own work threw, or whose own message could not be
 * sent, is a failure of the batch.
 */
export async function runQueued(
  parts: FunctionParts,
  queued: readonly QueuedItem[],
  invocation: Context,
): Promise<readonly SQSBatchItemFailure[]> {
  const failed = new Set<string>();
  const byConfig = new Map<string, readonly QueuedItem[]>();
  for (const item of queued) {
    const key = JSON.stringify(item.payloadConfig ?? {});
    byConfig.set(key, [...(byConfig.get(key) ?? []), item]);
  }
  for (const group of byConfig.values()) {
    const [first] = group;
    if (first === undefined) continue;
    try {
      for (const recordId of await stepGroup(parts, first, group, invocation)) failed.add(recordId);
    } catch (error) {
      const failure = toShelveryError(error, 'a batch of delayed operations');
      parts.log.error('SHELVERY_DELAYED_GAVE_UP', failure.message, aboutError(failure));
      for (const { recordId } of group) failed.add(recordId);
    }
  }
  return [...failed].map((itemIdentifier) => ({ itemIdentifier }));
}

async function stepGroup(
  parts: FunctionParts,
  under: UnderConfig,
  group: readonly QueuedItem[],
  invocation: Context,
): Promise<readonly string[]> {
  const { context, finish } = await open(parts, under, invocation);
  const failed: string[] = [];
  const asked = await askedFor(context, group, failed);
  const results = await stepDelayed(
    context,
    asked.map((item) => item.message),
  );
  const recordOf = new Map<DelayedMessage, string>();
  const send = (message: DelayedMessage, recordId: string, how?: 'untold'): void => {
    recordOf.set(message, recordId);
    context.delayed.send(message, how);
  };
  for (const { recordId, message, isWoken } of asked) {
    const result = results.get(message);
    if (result?.kind === 'again' && !isWoken) {
      const { operation, waiting } = result.message;
      context.log.info('SHELVERY_DELAYED_AGAIN', `${operationText(operation)} waits: ${result.why}`, {
        recordId,
        attempt: waiting.attempt,
      });
      send(result.message, recordId, result.untold === true ? 'untold' : undefined);
    }
    if (result?.kind === 'done') for (const next of result.next) send(next, recordId);
    if (result?.kind === 'threw') {
      const error = toShelveryError(result.error, `running ${operationText(message.operation)}`);
      context.log.error('SHELVERY_DELAYED_GAVE_UP', `${error.message} The queue delivers its message again.`, {
        recordId,
        ...aboutError(error),
      });
      failed.push(recordId);
    }
  }
  for (const { message, error } of await context.delayed.flush()) {
    const recordId = recordOf.get(message);
    const { backupId } = message.operation;
    const failure = toShelveryError(error, `sending ${operationText(message.operation)} again`);
    context.log.error('SHELVERY_DELAYED_LOST', failure.message, { backupId, ...aboutError(failure) });
    if (recordId !== undefined) failed.push(recordId);
  }
  await finish();
  return failed;
}

/**
 * What the records of a group ask for. Messages come first: of several that ask for the same the first has the result, and
 * only a message is sent again.
 *
 * @param failed takes the records of events whose backups could not be looked at.
 */
async function askedFor(
  context: RunContext,
  group: readonly QueuedItem[],
  failed: string[],
): Promise<readonly Asked[]> {
  const asked = group.flatMap((item): readonly Asked[] =>
    'message' in item ? [{ recordId: item.recordId, message: item.message, isWoken: false }] : [],
  );
  const events = group.flatMap((item) => ('completed' in item ? [item] : []));
  const woken = await wokenBy(
    context,
    events.map(({ completed }) => completed),
  );
  for (const { recordId, completed } of events) {
    const wakes = woken.get(completed) ?? { messages: [] };
    if ('error' in wakes) {
      const error = toShelveryError(wakes.error, `looking at ${completed.ids.join(', ')}, which an event names`);
      context.log.error('SHELVERY_DELAYED_GAVE_UP', `${error.message} The queue delivers its event again.`, {
        recordId,
        ...aboutError(error),
      });
      failed.push(recordId);
    } else {
      asked.push(...wakes.messages.map((message) => ({ recordId, message, isWoken: true })));
    }
  }
  return asked;
}
