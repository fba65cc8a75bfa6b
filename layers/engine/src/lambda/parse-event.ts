import * as z from 'zod';
import { COMMANDS, DELAYED_ACTIONS, EVENT_ACTIONS } from '../domain/actions.js';
import type { Action, DelayedAction } from '../domain/actions.js';
import { TIMES_ALLOWED, parseTime } from '../domain/calendar.js';
import { nearest } from '../domain/config/config.js';
import type { RunConfig } from '../domain/config/config.js';
import { parseDelayedArguments } from '../domain/delayed.js';
import type { DelayedMessage, PayloadConfig } from '../domain/delayed.js';
import { ShelveryError } from '../domain/errors.js';
import { EarlierInvocations } from '../domain/telling/earlier-invocations.js';
import { present } from '../domain/present.js';
import { RunId } from '../domain/values.js';
import type { BackupType } from '../domain/values.js';
import { parseCompletionEvent } from './parse-completion-event.js';
import type { Told } from './parse-completion-event.js';
import { parseSubscribedEvent } from './parse-subscribed-event.js';

/** What one payload asks for. */
export type Work =
  | {
      readonly kind: 'action';
      readonly action: Action;
      readonly dryRun: boolean;
      readonly backdate: boolean;
      readonly givenTime?: Date;
      /** Set where this invocation goes on with a run that an earlier one handed over. */
      readonly continues?: Continuation;
    }
  | { readonly kind: 'delayed'; readonly messages: readonly DelayedMessage[] }
  | Told;

/** What an invocation tells the next about the run that it could not finish. */
export interface Continuation {
  readonly runId: RunId;
  /** How often the run has been handed over. */
  readonly count: number;
  /** Items that were left. */
  readonly remaining: number;
  /** What was done; nothing in invocations of earlier versions. */
  readonly earlier?: EarlierInvocations;
}

/** Where a payload came from: the event itself, or one record of it. */
interface Given {
  /** The id of the record, for partial batch failures. */
  readonly recordId?: string;
  readonly config?: PayloadConfig;
}

/** One payload, understood or not. */
export interface EventItem extends Given {
  readonly work: Work | ShelveryError;
}

/** One payload with all levels of the configuration together, ready to be worked on. */
export interface ReadyItem extends Given {
  readonly work: Work;
  readonly runConfig: RunConfig;
}

/** One payload that is not to be worked on, and why. */
export interface RefusedItem extends Given {
  readonly error: ShelveryError;
}

/** An event in one shape, wherever it came from. */
export interface NormalisedEvent {
  readonly source: 'direct' | 'queue' | 'topic';
  /** What each delivery of the same event has in common; `undefined` where only the request id tells it. */
  readonly identity: string | undefined;
  readonly items: readonly EventItem[];
}

/** An event whose payloads' configuration has been merged. */
export interface ConfiguredEvent {
  readonly source: NormalisedEvent['source'];
  readonly identity: NormalisedEvent['identity'];
  readonly items: readonly (ReadyItem | RefusedItem)[];
}

/** Several delayed operations in one asynchronous invocation. */
const DELAYED_BATCH = 'do_delayed_operations';
const ALL_ACTIONS: readonly string[] = [...EVENT_ACTIONS, ...DELAYED_ACTIONS, DELAYED_BATCH];

const Flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);
const Payload = z.strictObject({
  backup_type: z.string().optional(),
  action: z.string(),
  config: z.record(z.string(), z.unknown()).nullish(),
  arguments: z.unknown().optional(),
  scheduled_time: z.string().optional(),
  dry_run: Flag.optional(),
  backdate: Flag.optional(),
  is_started_internally: z.unknown().optional(),
  Timestamp: z.unknown().optional(),
});

/** The time of a payload, whatever else it lacks. */
const Scheduled = Payload.partial().catch({});

/**
 * What a message may have at most, in characters: SNS carries no more (page "Publish" of Amazon SNS: 256 KB), and Shelvery
 * sends no more.
 */
const LONGEST_MESSAGE = 256 * 1024;
/** The same of a payload's `config`, which goes with all that follows: several times what one that is right can have. */
const LONGEST_CONFIG = 32 * 1024;

/** `arguments` of an invocation that goes on with a run. */
const Continued = z.object({
  HandOver: z.object({
    RunId,
    Count: z.number().int(),
    Remaining: z.number().int(),
    Earlier: EarlierInvocations.optional(),
  }),
});
const Operations = z.object({ Operations: z.array(z.object({ action: z.string(), arguments: z.unknown() })).min(1) });

const QueueRecord = z.object({
  messageId: z.string(),
  body: z.string(),
  attributes: z.object({ SentTimestamp: z.string().optional() }).optional(),
});
const TopicRecord = z.object({
  Sns: z.object({
    MessageId: z.string(),
    Message: z.string(),
    Timestamp: z.string().optional(),
    TopicArn: z.string().optional(),
  }),
});
const Records = z.object({ Records: z.array(z.unknown()).min(1) });
const BusEvent = z.object({
  id: z.string().optional(),
  'detail-type': z.string(),
  time: z.string().optional(),
  detail: z.unknown(),
});
/** The body of a message in a queue that is subscribed to a topic without raw delivery. */
const Envelope = z.object({
  Type: z.literal('Notification'),
  Message: z.string(),
  Timestamp: z.string().optional(),
  TopicArn: z.string().optional(),
});

/**
 * Brings an event into one shape: a direct payload, an EventBridge event with the payload as its detail, SQS or SNS
 * records; and events of AWS, which come through the queue.
 *
 * @throws ShelveryError `EventError` for an event that holds none of these. One bad record among several is an error
 *   of that record alone.
 */
export function parseEvent(event: unknown, type: BackupType): NormalisedEvent {
  const records = Records.safeParse(event);
  if (records.success) return parseRecords(records.data.Records, type);
  if (parseCompletionEvent(event, type) !== undefined) throw notByQueue();
  const bus = BusEvent.safeParse(event);
  const payload = bus.success ? bus.data.detail : event;
  const item = parsePayload(payload, type, bus.success ? bus.data.time : undefined);
  if (item.work instanceof ShelveryError) throw item.work;
  return { source: 'direct', identity: bus.data?.id ?? identityOf(payload), items: [item] };
}

/** Why an event of AWS that came past the queue is refused. */
export function notByQueue(): ShelveryError {
  return new ShelveryError(
    'EventError',
    "Events of AWS come through the function's queue, which repeats them and keeps what fails: make the queue the target of the rule.",
  );
}

/** What a schedule sends, and what a run hands over, is told from others by its time. */
function identityOf(payload: unknown): string | undefined {
  const { scheduled_time: time } = Scheduled.parse(payload);
  return time === undefined ? undefined : JSON.stringify(payload);
}

function parseRecords(records: readonly unknown[], type: BackupType): NormalisedEvent {
  if (records.every((record) => TopicRecord.safeParse(record).success)) {
    const items = records.map((record): EventItem => {
      const { Sns } = TopicRecord.parse(record);
      return { recordId: Sns.MessageId, ...parseText(Sns.Message, type, Sns.Timestamp, Sns.TopicArn) };
    });
    return { source: 'topic', identity: identityOfRecords(items), items };
  }
  const items = records.map((record): EventItem => {
    const read = QueueRecord.safeParse(record);
    if (!read.success)
      throw new ShelveryError('EventError', 'The event has records that come neither from SQS nor from SNS.');
    const sent = read.data.attributes?.SentTimestamp;
    const time = sent === undefined || !/^\d+$/.test(sent) ? undefined : new Date(Number(sent)).toISOString();
    return { recordId: read.data.messageId, ...parseText(read.data.body, type, time) };
  });
  return { source: 'queue', identity: identityOfRecords(items), items };
}

function identityOfRecords(items: readonly EventItem[]): string {
  return JSON.stringify(items.map(({ recordId }) => recordId).sort());
}

/** @param topic the ARN of the topic that it came by, where it came by one. */
function parseText(text: string, type: BackupType, time: string | undefined, topic?: string): EventItem {
  if (text.length > LONGEST_MESSAGE) return { work: tooLong('The message', text.length, LONGEST_MESSAGE) };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    // Not quoted: it may hold a secret.
    return {
      work: new ShelveryError(
        'EventError',
        `The message (${String(text.length)} characters) is not JSON: ${whereOf(error)}`,
      ),
    };
  }
  const envelope = Envelope.safeParse(json);
  if (envelope.success) {
    const { Message, Timestamp, TopicArn } = envelope.data;
    return parseText(Message, type, Timestamp ?? time, TopicArn);
  }
  const told = parseCompletionEvent(json, type) ?? parseSubscribedEvent(json, type, topic);
  return told === undefined ? parsePayload(json, type, time) : { work: told };
}

/** Where a text stops being JSON, without quoting it. */
function whereOf(error: unknown): string {
  const at = /at position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
  return at === undefined ? 'it ends too early, or does not begin like JSON.' : `see position ${at}.`;
}

function parsePayload(raw: unknown, type: BackupType, time: string | undefined): EventItem {
  const read = Payload.safeParse(raw);
  if (!read.success) return { work: new ShelveryError('EventError', payloadProblem(raw, read.error)) };
  const payload = read.data;
  const config = payload.config ?? undefined;
  const { length } = JSON.stringify(config ?? {});
  // Its configuration is not kept: it would go with what tells of the error.
  if (length > LONGEST_CONFIG) return { work: tooLong('config in the payload', length, LONGEST_CONFIG) };
  const work = parseWork(payload, type, time);
  return { work, ...present({ config }) };
}

function tooLong(what: string, length: number, most: number): ShelveryError {
  return new ShelveryError(
    'EventError',
    `${what} has ${String(length)} characters; at most ${String(most)} are taken.`,
  );
}

function parseWork(payload: z.infer<typeof Payload>, type: BackupType, time: string | undefined): Work | ShelveryError {
  if (payload.backup_type !== undefined && payload.backup_type !== type) {
    return new ShelveryError(
      'EventError',
      `backup_type is ${JSON.stringify(payload.backup_type)}, but this function backs up ${type}: send the payload to that type's function, or leave backup_type out.`,
    );
  }
  const { action } = payload;
  if (payload.dry_run === true && (action === DELAYED_BATCH || isDelayedAction(action))) {
    return new ShelveryError(
      'EventError',
      `dry_run works with ${EVENT_ACTIONS.join(', ')}, but not with ${JSON.stringify(action)}, which has no plan.`,
    );
  }
  if (action === DELAYED_BATCH) return parseBatch(payload, type);
  if (isDelayedAction(action)) return parseDelayed([{ action, arguments: payload.arguments }], payload, type);
  if (!isEventAction(action)) {
    if (COMMANDS.some((command) => command === action)) {
      return new ShelveryError(
        'EventError',
        `${action} is for a terminal: run "shelvery ${type} ${action} --help" there, with credentials of the account that has the backups.`,
      );
    }
    const hint = nearest(action, ALL_ACTIONS);
    return new ShelveryError(
      'EventError',
      `action is ${JSON.stringify(action)}${hint === undefined ? '.' : `; did you mean ${hint}?`} Allowed: ${[...EVENT_ACTIONS, ...DELAYED_ACTIONS].join(', ')}.`,
    );
  }
  const given = payload.scheduled_time ?? time;
  const givenTime = given === undefined ? undefined : parseTime(given);
  if (given !== undefined && givenTime === undefined) {
    return new ShelveryError('EventError', `scheduled_time is ${JSON.stringify(given)}; allowed: ${TIMES_ALLOWED}.`);
  }
  const continued = Continued.safeParse(payload.arguments).data?.HandOver;
  return {
    kind: 'action',
    action,
    dryRun: payload.dry_run ?? false,
    backdate: payload.backdate ?? false,
    ...present({ givenTime }),
    ...(continued === undefined
      ? {}
      : {
          continues: {
            runId: continued.RunId,
            count: continued.Count,
            remaining: continued.Remaining,
            ...present({ earlier: continued.Earlier }),
          },
        }),
  };
}

function parseBatch(payload: z.infer<typeof Payload>, type: BackupType): Work | ShelveryError {
  const read = Operations.safeParse(payload.arguments);
  if (!read.success)
    return new ShelveryError('EventError', `arguments of ${DELAYED_BATCH}: ${z.prettifyError(read.error)}`);
  return parseDelayed(read.data.Operations, payload, type);
}

function parseDelayed(
  operations: readonly { readonly action: string; readonly arguments?: unknown }[],
  payload: z.infer<typeof Payload>,
  type: BackupType,
): Work | ShelveryError {
  const messages: DelayedMessage[] = [];
  for (const { action, arguments: raw } of operations) {
    if (!isDelayedAction(action))
      return new ShelveryError(
        'EventError',
        `${JSON.stringify(action)} is not a delayed operation; allowed: ${DELAYED_ACTIONS.join(', ')}.`,
      );
    const parsed = parseDelayedArguments(action, raw);
    if ('problem' in parsed) return new ShelveryError('EventError', `arguments of ${action}: ${parsed.problem}`);
    messages.push({ backupType: type, ...parsed });
  }
  return { kind: 'delayed', messages };
}

function payloadProblem(raw: unknown, error: z.ZodError): string {
  const allowed = Object.keys(Payload.shape).join(', ');
  if (typeof raw !== 'object' || raw === null)
    return `The event is not a payload: it must be an object with ${allowed}.`;
  return `The payload is not understood: ${z.prettifyError(error).replace(/\s+/g, ' ')}. Its keys may be ${allowed}; action is one of ${[...EVENT_ACTIONS, ...DELAYED_ACTIONS].join(', ')}.`;
}

function isEventAction(word: string): word is (typeof EVENT_ACTIONS)[number] {
  return EVENT_ACTIONS.some((action) => action === word);
}

function isDelayedAction(word: string): word is DelayedAction {
  return DELAYED_ACTIONS.some((action) => action === word);
}
