import { setTimeout } from 'node:timers/promises';
import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  Region,
  RunId,
  aloneAtTerminal,
  createInProcessOperations,
  openAwsAccess,
  openAwsParts,
  resolveRunConfig,
  runAction,
} from '@shelvery/engine/terminal';
import type { Action, DelayedMessage, Log, RestoreRequest, RunResult } from '@shelvery/engine/terminal';
import { createHandler } from '@shelvery/engine/lambda';
import { ADAPTERS } from '../../../cli/adapters.js';
import { present } from '../../../layers/engine/src/domain/present.js';
import { environmentOf, lambdaContext, useProcess } from './installation.js';
import type { Installation } from './installation.js';
import { NO_CALLS, countOf, createRequestGate } from './request-gate.js';
import type { CallCounts, RequestGate, Strike } from './request-gate.js';
import { clockBeside, clockOfProcess } from './test-clock.js';

export type { Installation } from './installation.js';

/** The three ways of running. */
export const WAYS = ['cli', 'queue', 'invocations'] as const;
export type Way = (typeof WAYS)[number];

/** What is asked of one process. */
export interface Asked {
  readonly action: Action;
  /** ISO 8601; both ways of giving it (`--as-of`, `scheduled_time`). */
  readonly time?: string;
  readonly dryRun?: boolean;
  readonly restore?: RestoreRequest;
  readonly strike?: Strike;
  /** A region that does not exist. */
  readonly noRegion?: string;
  /** Each event is delivered to two processes at the same time. */
  readonly twice?: boolean;
}

/** What became of one process. */
export interface Ended {
  readonly how: 'finished' | 'killed' | 'threw';
  readonly calls: CallCounts;
  readonly struck?: string;
  readonly result?: RunResult;
  readonly error?: unknown;
  readonly unfinished: readonly DelayedMessage[];
}

const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Ends as the process does: with its work, or with its death. */
async function lifeOf<T>(
  gate: RequestGate,
  work: Promise<T>,
): Promise<{ readonly value: T } | 'killed' | { readonly error: unknown }> {
  const end = work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  const life = await Promise.race([gate.death, end]);
  // What is left of a killed process runs against a closed gate.
  await end;
  await gate.settled();
  return life;
}

/** Runs an action as the CLI does: everything in one process. */
export async function runCli(installation: Installation, asked: Asked): Promise<Ended> {
  useProcess(installation);
  const gate = createRequestGate(asked.strike, asked.noRegion);
  const clock = clockOfProcess(installation.clock, gate);
  const unfinished: DelayedMessage[] = [];
  const work = async (): Promise<RunResult> => {
    const config = resolveRunConfig({ environment: installation.config });
    const access = await openAwsAccess({
      region: Region.parse(installation.region),
      clock,
      requestHandler: gate.handler,
      roleArn: config.values.role_arn,
      roleExternalId: config.values.role_external_id,
    });
    const { type } = installation;
    const parts = openAwsParts({ access, config, makeAdapter: ADAPTERS[type], clock, log: SILENT });
    return await runAction(
      {
        action: asked.action,
        runId: RunId.parse(crypto.randomUUID()),
        mayBeRetry: false,
        dryRun: asked.dryRun ?? false,
        backdate: true,
        ...present({ restore: asked.restore }),
        ...(asked.time === undefined ? {} : { givenTime: new Date(asked.time) }),
      },
      {
        ...parts,
        alone: aloneAtTerminal({ access, config, type, clock: clockBeside(clock), log: SILENT, by: 'a terminal' }),
        mayStart: () => true,
        delayed: (context) =>
          createInProcessOperations(context, {
            oneByOne: false,
            onUnfinished: (message) => {
              unfinished.push(message);
            },
          }),
      },
    );
  };
  return ended(gate, await lifeOf(gate, work()), unfinished);
}

function ended(
  gate: RequestGate,
  life: { readonly value: RunResult | undefined } | 'killed' | { readonly error: unknown },
  unfinished: readonly DelayedMessage[],
): Ended {
  const struck = gate.struck();
  const base = { calls: gate.calls(), unfinished, ...present({ struck }) };
  if (life === 'killed') return { ...base, how: 'killed' };
  if ('error' in life) return { ...base, how: 'threw', error: life.error };
  return { ...base, how: 'finished', ...present({ result: life.value }) };
}

/** One invocation of the function in a process of its own. */
export async function invoke(
  installation: Installation,
  event: unknown,
  requestId: string,
  strike?: Strike,
  remaining?: () => number,
): Promise<Ended & { readonly answer?: unknown }> {
  useProcess(installation);
  const gate = createRequestGate(strike);
  const handler = createHandler(installation.type, ADAPTERS[installation.type], {
    environment: environmentOf(installation),
    clock: clockOfProcess(installation.clock, gate),
    requestHandler: gate.handler,
  });
  let answer: unknown;
  const work = handler(event, lambdaContext(installation, { requestId, ...present({ remaining }) })).then(
    (value): RunResult | undefined => {
      answer = value;
      return undefined;
    },
  );
  const life = await lifeOf(gate, work);
  return { ...ended(gate, life, []), answer };
}

/** So long that nobody who holds a lease seems to have died; timers take no more. */
const NEVER_OVER = (): number => 2e9;
/** What a process does while another sleeps. */
const REAL_PAUSE_MS = 20;

/** The same event in two processes at the same time; what became of the one that failed, if any did. */
async function invokeTwice(
  installation: Installation,
  event: unknown,
  requestId: string,
): Promise<Ended & { readonly answer?: unknown }> {
  const clock: Installation['clock'] = {
    ...installation.clock,
    sleep: async (milliseconds) => {
      await setTimeout(REAL_PAUSE_MS);
      await installation.clock.sleep(milliseconds);
    },
  };
  const one = (): ReturnType<typeof invoke> =>
    invoke({ ...installation, clock }, event, requestId, undefined, NEVER_OVER);
  const [first, second] = await Promise.all([one(), one()]);
  return second.how === 'finished' ? first : second;
}

/** The payload of an action, as a schedule sends it. */
export function payloadOf(installation: Installation, asked: Asked): Readonly<Record<string, unknown>> {
  return {
    backup_type: installation.type,
    action: asked.action,
    backdate: true,
    ...present({ scheduled_time: asked.time }),
    ...(asked.dryRun === true ? { dry_run: true } : {}),
  };
}

/** One try at something that a function was given: what it came to is told to whoever delivers. */
type Deliver = (event: unknown, requestId: string) => Promise<Ended & { readonly answer?: unknown }>;

/** The longest delay of a message, and more than messages are invisible. */
const LONGEST_DELAY_MS = 900_000;

/** Tries of an asynchronous invocation: Lambda repeats it twice, under the same request id. */
const TRIES = 3;

/** Gives one event to the function until it takes it; what it throws the last time is thrown. */
async function deliverOne(deliver: Deliver, event: unknown): Promise<void> {
  const requestId = crypto.randomUUID();
  for (let attempt = 1; ; attempt += 1) {
    const end = await deliver(event, requestId);
    if (end.how !== 'threw') return;
    if (attempt === TRIES) throw end.error;
  }
}

/** Delivers what waits in the queue, or in invocations, until nothing is left, or nobody is left to deliver to. */
export async function deliverAll(
  installation: Installation,
  deliver: Deliver,
  isOver: () => boolean = () => false,
): Promise<void> {
  // The queue's URL names the emulator that it was made in, of which this one may be a branch.
  const sqs = new SQSClient({
    ...installation.emulator.clientConfig(installation.account, installation.region),
    useQueueUrlAsEndpoint: false,
  });
  let waited = false;
  while (!isOver()) {
    const worked =
      (await deliverInvocations(installation, deliver)) || (await deliverMessages(installation, sqs, deliver));
    if (!worked && waited) return;
    waited = !worked;
    if (waited) await installation.clock.advance(LONGEST_DELAY_MS);
  }
}

async function deliverInvocations(installation: Installation, deliver: Deliver): Promise<boolean> {
  const invocations = await installation.emulator.takeInvocations();
  for (const invocation of invocations) await deliverOne(deliver, invocation.payload);
  return invocations.length > 0;
}

async function deliverMessages(
  { queueUrl: QueueUrl }: Installation,
  sqs: SQSClient,
  deliver: Deliver,
): Promise<boolean> {
  if (QueueUrl === undefined) return false;
  const { Messages: messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['SentTimestamp'],
      VisibilityTimeout: 60,
    }),
  );
  if (messages.length === 0) return false;
  const records = messages.map((message) => ({
    messageId: message.MessageId,
    body: message.Body,
    attributes: message.Attributes,
    eventSource: 'aws:sqs',
  }));
  const end = await deliver({ Records: records }, crypto.randomUUID());
  const failed =
    end.how === 'finished' ? failuresOf(end.answer) : new Set(messages.map((message) => message.MessageId));
  const done = messages.filter(({ MessageId }) => !failed.has(MessageId));
  if (done.length > 0) {
    const Entries = done.map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
  return true;
}

function failuresOf(answer: unknown): ReadonlySet<string | undefined> {
  if (
    typeof answer !== 'object' ||
    answer === null ||
    !('batchItemFailures' in answer) ||
    !Array.isArray(answer.batchItemFailures)
  )
    return new Set();
  return new Set(
    answer.batchItemFailures.map((failure: { readonly itemIdentifier: string }) => failure.itemIdentifier),
  );
}

/** Calls through the whole life of what was asked, so that a strike can hit any of them. */
export interface Whole {
  readonly calls: CallCounts;
  readonly killed: boolean;
  readonly struck?: string;
  /** What the run says of itself, from a terminal. */
  readonly status?: RunResult['report']['status'];
}

/**
 * Asks for something and sees it through in one of the three ways. A strike counts calls over all the processes that
 * this takes, and a process that was killed ends the whole: what it left in the queue stays there for the next time.
 */
export async function seeThrough(installation: Installation, way: Way, asked: Asked): Promise<Whole> {
  if (way === 'cli') {
    const end = await runCli(installation, asked);
    if (end.how === 'threw') throw end.error;
    return {
      calls: end.calls,
      killed: end.how === 'killed',
      ...present({ struck: end.struck, status: end.result?.report.status }),
    };
  }
  let calls: CallCounts = NO_CALLS;
  let killed = false;
  let struck: string | undefined;
  const deliver: Deliver = async (event, requestId) => {
    if (asked.twice === true) return await invokeTwice(installation, event, requestId);
    if (killed) return { how: 'killed', calls: NO_CALLS, unfinished: [] };
    const end = await invoke(installation, event, requestId, strikeLeft(asked.strike, calls));
    calls = { changing: calls.changing + end.calls.changing, reading: calls.reading + end.calls.reading };
    struck ??= end.struck;
    if (end.how === 'killed') killed = true;
    return end;
  };
  await deliverOne(deliver, payloadOf(installation, asked));
  await deliverAll(installation, deliver, () => killed);
  return { calls, killed, ...present({ struck }) };
}

/** A strike as the next of several processes is to count it; nothing where it was in an earlier one. */
function strikeLeft(strike: Strike | undefined, calls: CallCounts): Strike | undefined {
  if (strike === undefined) return undefined;
  const nth = strike.nth - countOf(calls, strike.of);
  return nth < 1 ? undefined : { ...strike, nth };
}
