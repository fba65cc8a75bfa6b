import { underLease } from '../../../layers/engine/src/aws/lease.js';
import { RESERVE_MS } from '../../../layers/engine/src/lambda/one-at-a-time.js';
import { MAKING_COPIES } from '../../../layers/engine/src/domain/files/keys.js';
import { toShelveryError } from '../../../layers/engine/src/domain/telling/faults.js';
import { createMetrics } from '../../../layers/engine/src/lambda/metrics.js';
import type { FunctionParts } from '../../../layers/engine/src/lambda/open-in-lambda.js';
import { parseEvent } from '../../../layers/engine/src/lambda/parse-event.js';
import type { ConfiguredEvent } from '../../../layers/engine/src/lambda/parse-event.js';
import { configOfChanges, isDoneAlone, workOnEvent } from '../../../layers/engine/src/lambda/work-on-event.js';
import type { Context } from 'aws-lambda';
import type { Alone } from '../../../layers/engine/src/ports.js';
import { rememberingAlone, workLease } from './alone.js';
import { createProcess } from './start-process.js';
import type { Process } from '../conductor/process.js';
import { configOf } from './configuration.js';
import { createMemoryInvocations, createMemoryQueueOperations } from './delayed.js';
import type { Installation } from './installation.js';
import { openMemoryParts } from './ports.js';
import { createMemoryQueue } from './queue.js';
import type { Tampering } from './ports.js';
import type { BackupType } from '../../../layers/engine/src/domain/values.js';
import { remember } from '../../../layers/engine/src/domain/remember.js';
import { createStoryLog } from './telling.js';
import type { World } from './world.js';

/** A stack's function, with what delivers to it. */
export interface StackFunction {
  readonly installation: Installation;
  /** Delivers an event, as a schedule or an asynchronous invocation does. */
  invoke(payload: unknown): void;
  /** Whether nothing waits to be delivered, and nothing is being worked on. */
  isIdle(): boolean;
}

/** Page "Retry behavior" of AWS Lambda: one minute before the first repeat, two before the second. */
const RETRY_AFTER_MS: readonly number[] = [60_000, 120_000];
/** A time limit that a stack may have: short, so that much is handed on. */
const TIME_LIMIT_MS = 180_000;
/** The queue's visibility timeout in the template: six times that. */
const VISIBILITY_MS = 6 * TIME_LIMIT_MS;
/** `maxReceiveCount` in the template. */
const MOST_RECEIVES = 5;
/** `shelvery_sqs_queue_wait_period`, the longest: so that what waits for days is not asked about ten thousand times. */
const WAIT_PERIOD_MS = 900_000;

/** They are off here, and each would open the standard output anew. */
const metricsOf = remember(
  (type: BackupType) => createMetrics({}, type),
  (type) => type,
);

/** What the context has still, though handlers that return promises have no use for it. */
const OUTDATED = { done: () => undefined, fail: () => undefined, succeed: () => undefined };

/**
 * A function of a stack: its events come at least once, and twice in bad weather; those that fail come again; what fails too
 * often is left in a dead-letter queue.
 *
 * @param waits whether delayed operations go to a queue, or to the function itself.
 */
export function createStackFunction(
  world: World,
  installation: Installation,
  waits: 'queue' | 'invocations',
  tamper: Tampering,
): StackFunction {
  const { conductor } = world;
  const { chance } = conductor;
  const { home, type } = installation;
  const metrics = metricsOf(type);
  let atWork = 0;

  const queue = createMemoryQueue({
    conductor,
    name: `the queue of ${installation.name}`,
    visibility: VISIBILITY_MS,
    mostReceives: MOST_RECEIVES,
    atWork: () => atWork,
    deliver: (Records, ended) => {
      start({ Records }, `request-${chance.hex(12)}`, (answer) => {
        ended(answer === undefined ? undefined : failuresIn(answer.value));
      });
    },
    giveUp: (body) => {
      world.deadLetters.push({ at: conductor.now(), payload: JSON.parse(body) });
    },
  });

  const open = (process: Process): FunctionParts['open'] => {
    const log = createStoryLog(world, process);
    return async ({ config, payloadConfig }) => ({
      ...openMemoryParts(world, process, config, log, tamper),
      delayed: () =>
        waits === 'queue'
          ? createMemoryQueueOperations({ config: payloadConfig, send: (bodies) => sendToQueue(process, bodies) })
          : createMemoryInvocations({ config: payloadConfig, send: (payloads) => invokeWithEach(process, payloads) }),
      invokeSelf: (payload) => invokeSelf(process, payload),
    });
  };

  /** Works on an event; ends as the handler does. */
  const work = async (process: Process, event: unknown, requestId: string): Promise<unknown> => {
    const log = createStoryLog(world, process);
    const parsed = parseEvent(event, type);
    const items = parsed.items.map(({ work: asked, ...given }) => {
      if (asked instanceof Error) return { ...given, error: asked };
      try {
        return { ...given, work: asked, runConfig: configOf(process.environment, given.config, true) };
      } catch (error) {
        return { ...given, error: toShelveryError(error, 'reading the configuration') };
      }
    });
    const configured: ConfiguredEvent = { ...parsed, items };
    const parts: FunctionParts = { log, metrics, region: home.region, open: open(process) };
    const context: Context = {
      ...OUTDATED,
      awsRequestId: requestId,
      invokedFunctionArn: `arn:aws:lambda:${home.region}:${home.accountId}:function:shelvery-${type}`,
      functionName: `shelvery-${type}`,
      functionVersion: '$LATEST',
      memoryLimitInMB: '512',
      logGroupName: '',
      logStreamName: '',
      callbackWaitsForEmptyEventLoop: false,
      getRemainingTimeInMillis: () => process.endsAt - conductor.now(),
    };
    if (configOfChanges(configured) === undefined) return await workOnEvent(parts, configured, context);
    const lease = workLease(
      world,
      process,
      isDoneAlone(configured, home.region) ? MAKING_COPIES : (parsed.identity ?? requestId),
      tamper,
    );
    return await underLease(
      {
        ...lease,
        clock: process.clock,
        log,
        what: 'This event',
        holdFor: () => context.getRemainingTimeInMillis(),
        mayWait: (milliseconds) => context.getRemainingTimeInMillis() - milliseconds > RESERVE_MS,
      },
      async (holding) => {
        if (holding.ends !== undefined) process.leases.push({ key: lease.file.Key, holder: lease.holder });
        const alone: Alone = (pull) => rememberingAlone(world, process, lease, holding, pull);
        return await workOnEvent({ ...parts, alone }, configured, context);
      },
    );
  };

  /** Starts a process for an event; `ended` is told its answer, or nothing where it failed. */
  const start = (
    event: unknown,
    requestId: string,
    ended: (answer: { readonly value: unknown } | undefined) => void,
  ): void => {
    const { weather } = conductor.conditions;
    const process = createProcess(world, {
      id: `λ-${chance.hex(4)}:${installation.name}`,
      installation,
      environment: installation.environment,
      endsAt: conductor.now() + TIME_LIMIT_MS,
      skew: chance.int(-weather.skew, weather.skew) > 0 ? chance.int(-20_000, 20_000) : 0,
    });
    conductor.tell(`${process.id} begins ${requestId} ${JSON.stringify(event).slice(0, 300)}`);
    atWork += 1;
    let isOver = false;
    const callOff = conductor.at(process.endsAt, `${process.id} has no more time`, () => {
      conductor.kill(process, 'its time is over');
    });
    const over = (answer: { readonly value: unknown } | undefined): void => {
      if (isOver) return;
      isOver = true;
      callOff();
      atWork -= 1;
      process.alive = false;
      ended(answer);
      queue.poll();
    };
    deaths.set(process, () => {
      over(undefined);
    });
    process.answered();
    work(process, event, requestId).then(
      (value) => {
        conductor.tell(`${process.id} ended`);
        for (const witness of world.witnesses) witness.ended?.(process);
        over({ value });
      },
      (error: unknown) => {
        conductor.tell(`${process.id} threw ${String(error)}`);
        for (const witness of world.witnesses) witness.threw?.(process, error);
        over(undefined);
      },
    );
  };

  const invokeAs = (payload: unknown, requestId: string, attempt: number, delay: number): void => {
    waiting += 1;
    conductor.at(conductor.now() + delay, `an event comes to ${installation.name}`, () => {
      waiting -= 1;
      start(payload, requestId, (answer) => {
        if (answer !== undefined) return;
        const pause = RETRY_AFTER_MS[attempt];
        if (pause === undefined) world.deadLetters.push({ at: conductor.now(), payload });
        else invokeAs(payload, requestId, attempt + 1, pause);
      });
    });
  };
  let waiting = 0;

  const invokeSelf = async (process: Process, payload: unknown): Promise<void> => {
    await conductor.call(process, { action: 'lambda:invoke', region: home.region, changes: true }, () => {
      invoke(payload);
    });
  };
  const invoke = (payload: unknown): void => {
    const text: unknown = JSON.parse(JSON.stringify(payload));
    const requestId = `request-${chance.hex(12)}`;
    invokeAs(text, requestId, 0, chance.int(0, 300));
    if (!chance.happens(conductor.conditions.weather.doubled)) return;
    conductor.strike('doubled');
    invokeAs(text, requestId, 0, chance.int(0, 30_000));
  };

  const sendToQueue = (process: Process, bodies: readonly unknown[]): Promise<void> =>
    conductor.call(process, { action: 'sqs:sendBatch', region: home.region, changes: true }, () => {
      queue.send(
        bodies.map((body) => JSON.stringify(body)),
        WAIT_PERIOD_MS,
      );
    });
  const invokeWithEach = async (process: Process, payloads: readonly unknown[]): Promise<void> => {
    for (const payload of payloads) await invokeSelf(process, payload);
  };

  return { installation, invoke, isIdle: () => atWork === 0 && waiting === 0 && queue.isEmpty() };
}

/** What becomes of an event whose process is ended from outside. */
const deaths = new WeakMap<Process, () => void>();

/** Tells whoever delivered an event that its process is no more. */
export function tellOfDeath(process: Process): void {
  deaths.get(process)?.();
}

function failuresIn(answer: unknown): ReadonlySet<string> {
  if (typeof answer !== 'object' || answer === null || !('batchItemFailures' in answer)) return new Set();
  const { batchItemFailures: failures } = answer;
  if (!Array.isArray(failures)) return new Set();
  return new Set(
    failures.flatMap((each: unknown) =>
      typeof each === 'object' && each !== null && 'itemIdentifier' in each && typeof each.itemIdentifier === 'string'
        ? [each.itemIdentifier]
        : [],
    ),
  );
}
