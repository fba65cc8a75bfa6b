import { jest } from '@jest/globals';
import { createHandler } from '@shelvery/engine/lambda';
import { ADAPTERS } from '../../../cli/adapters.js';
import { beginSilence } from '../../../layers/engine/src/lambda/metrics.js';
import type { Emulator } from '../../emulator/emulator.js';
import { resolverOf } from '../../iam/intrinsic.js';
import type { Resolver } from '../../iam/intrinsic.js';
import { readTemplate } from '../../iam/template.js';
import * as z from 'zod';
import { HOME, SOURCE } from '../../integration/harness/copy-estate.js';
import { environmentOf, lambdaContext, useProcess } from '../../integration/harness/installation.js';
import { deliverAll } from '../../integration/harness/product.js';
import { NO_CALLS } from '../../integration/harness/request-gate.js';
import { createTestClock } from '../../integration/harness/test-clock.js';
import { deployFunction } from '../privilege/stack.js';
import { createCloudWatch } from './alarms-in-time.js';

const HOUR_MS = 3_600_000;
/** Page "How Lambda handles errors and retries with asynchronous invocation": for so long a throttled event is kept. */
const THROTTLED_EVENT_HOURS = 6;
const ATTEMPTS = 3;
/** maxReceiveCount of the stack's queues. */
const MOST_RECEIVES = 5;
const Batch = z.object({ Records: z.array(z.object({ messageId: z.string() })) });
const Failures = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })) });
/** What is not looked at here of the end of an invocation. */
const UNWATCHED = { calls: NO_CALLS, unfinished: [] };

const template = readTemplate();
const Rule = z.object({
  ScheduleExpression: z.string(),
  State: z.enum(['ENABLED', 'DISABLED']),
  Targets: z.tuple([z.object({ InputTransformer: z.object({ InputTemplate: z.string() }) })]),
});
const Input = z.object({ backup_type: z.string(), action: z.string() });

/** What somebody has done to the stack, or what has become of it. */
export interface Disturbance {
  /** Parameters of the stack that are given by an update. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** The rules of EventBridge are gone. */
  readonly rulesDeleted?: true;
  /** The function's reserved concurrency is 0. */
  readonly throttled?: true;
  /** Lambda may not read the function's queue: it does that with the function's role. */
  readonly withoutRights?: true;
  /** Milliseconds that an invocation has still when it begins. */
  readonly remainingMs?: number;
  /** Whatever is done by calls. */
  readonly strike?: () => Promise<unknown>;
}

/** The function for EBS volumes in a stack with the default parameters, through days. */
export interface StackInTime {
  /** Lets hours pass: schedules invoke the function, its queue is worked on, its metrics are written. */
  passTo(hour: number): Promise<void>;
  disturb(disturbance: Disturbance): Promise<void>;
  inAlarm(hours: { readonly after: number; readonly upTo: number }): readonly string[];
}

/**
 * Deploys the stack at midnight, and counts hours from then. EventBridge, Lambda and CloudWatch are what is told of them
 * here; the function, what it calls, its schedules and alarms are the product's.
 */
export async function deployInTime(emulator: Emulator): Promise<StackInTime> {
  const clock = createTestClock(emulator);
  const cloudWatch = createCloudWatch();
  const place = { emulator, clock, account: SOURCE, region: HOME };
  const { installation } = await deployFunction({ ...place, parameters: {} }, 'ebs');
  const lines: string[] = [];
  useProcess(installation);
  Object.assign(process.env, { POWERTOOLS_DEV: 'true', POWERTOOLS_METRICS_DISABLED: 'false' });
  jest.spyOn(console, 'log').mockImplementation((line: string) => {
    lines.push(line);
  });
  const environment = environmentOf(installation);
  /** After an hour without work Lambda starts a function anew. */
  const start = () => createHandler('ebs', ADAPTERS.ebs, { environment, clock });
  const midnight = clock.now().getTime();
  let handler = start();
  let now = 0;
  let disturbed: Disturbance = {};
  const received = new Map<string, number>();
  /** Hours since which something lies in these queues. */
  const failedInvocations: number[] = [];
  const deadLetters: number[] = [];

  const resolver = (): Resolver =>
    resolverOf(template, {
      name: 'shelvery',
      partition: 'aws',
      region: HOME,
      account: SOURCE,
      parameters: disturbed.parameters ?? {},
      queues: `${emulator.endpoint}/${SOURCE}`,
    });
  const write = (): void => {
    cloudWatch.readLog(lines.splice(0), now);
  };

  /** One invocation, and whether it succeeded. */
  async function invoke(event: unknown, requestId: string): Promise<{ readonly answer: unknown } | undefined> {
    const remaining = (): number => disturbed.remainingMs ?? 900_000;
    try {
      return { answer: await handler(event, lambdaContext(installation, { requestId, remaining })) };
    } catch {
      cloudWatch.put('AWS/Lambda', 'Errors', { FunctionName: 'shelvery-ebs' }, now, 1);
      return undefined;
    } finally {
      write();
    }
  }

  /** An asynchronous invocation: tried three times, and then kept. */
  async function invokeLater(event: unknown): Promise<void> {
    if (disturbed.throttled === true) {
      failedInvocations.push(now + THROTTLED_EVENT_HOURS);
      return;
    }
    const requestId = crypto.randomUUID();
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      if ((await invoke(event, requestId)) !== undefined) return;
    }
    failedInvocations.push(now);
  }

  async function runSchedules(): Promise<void> {
    if (disturbed.rulesDeleted === true) return;
    const stack = resolver();
    for (const name of stack.resources('AWS::Events::Rule')) {
      const properties = stack.properties(name);
      // The others go by the events of AWS, which are off.
      if (!('ScheduleExpression' in properties)) continue;
      const { ScheduleExpression, State, Targets } = Rule.parse(properties);
      const [, minute, hour] = /^cron\((\d+) (\d+) \? \* \* \*\)$/.exec(ScheduleExpression) ?? [];
      const input = Input.parse(JSON.parse(Targets[0].InputTransformer.InputTemplate.replace('<time>', '""')));
      if (minute === undefined)
        throw new Error(`${name} has a schedule that this does not know: ${ScheduleExpression}`);
      if (State === 'DISABLED' || Number(hour) !== now % 24 || input.backup_type !== 'ebs') continue;
      await invokeLater({ ...input, scheduled_time: clock.now().toISOString() });
    }
  }

  /** What waits in the queue, and what the function invoked itself with, until the hour is over. */
  async function workOff(): Promise<void> {
    if (disturbed.throttled === true || disturbed.withoutRights === true) return;
    await deliverAll(
      installation,
      async (event, requestId) => {
        const batch = Batch.safeParse(event).data;
        if (batch === undefined) {
          await invokeLater(event);
          return { ...UNWATCHED, how: 'finished' };
        }
        const done = await invoke(event, requestId);
        const failed =
          done === undefined
            ? batch.Records.map(({ messageId }) => messageId)
            : Failures.parse(done.answer).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
        return { ...UNWATCHED, how: 'finished', answer: { batchItemFailures: failed.flatMap(comesAgain) } };
      },
      () => clock.now().getTime() >= midnight + (now + 1) * HOUR_MS,
    );
  }

  /** A message that failed comes again, until it has been received so often that it is put aside. */
  function comesAgain(messageId: string): readonly { readonly itemIdentifier: string }[] {
    const times = (received.get(messageId) ?? 0) + 1;
    received.set(messageId, times);
    if (times < MOST_RECEIVES) return [{ itemIdentifier: messageId }];
    deadLetters.push(now);
    return [];
  }

  beginSilence(environment);
  write();
  return {
    async passTo(hour) {
      while (now < hour) {
        now += 1;
        // Working on the queue has taken some of the hour.
        await clock.advance(Math.max(0, midnight + now * HOUR_MS - clock.now().getTime()));
        handler = start();
        await runSchedules();
        await workOff();
      }
    },
    async disturb(disturbance) {
      disturbed = disturbance;
      await disturbance.strike?.();
    },
    inAlarm(hours) {
      for (const [QueueName, since] of [
        ['shelvery-FailedInvocationsQueue', Math.min(...failedInvocations)],
        ['shelvery-EbsDeadLetterQueue', Math.min(...deadLetters)],
      ] as const)
        for (let hour = since; hour < hours.upTo; hour += 1 / 12)
          cloudWatch.put('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName }, hour, 1);
      return cloudWatch.inAlarm(resolver(), hours);
    },
  };
}
