import { SQSClient, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { formatDelayedPayload } from '../domain/delayed.js';
import type { DelayedMessage, PayloadConfig } from '../domain/delayed.js';
import { ShelveryError } from '../domain/errors.js';
import { Region } from '../domain/values.js';
import type { DelayedOperations, Log } from '../ports.js';
import type { AwsAccess } from './access.js';
import { createBatcher } from './batcher.js';
import { prepareClient } from './prepare-client.js';

/** Page "SendMessageBatch": 10 messages. Together 1 MiB, but older queues take messages of at most 256 KiB each. */
const MAX_MESSAGES = 10;
const MAX_BYTES = 256 * 1024;
/** Page "Amazon SQS message timers". */
const MAX_DELAY_SECONDS = 900;
/** Repeats wait at least so long, whatever is configured: nothing becomes available faster. */
const MIN_REPEAT_SECONDS = 30;

export interface QueueOperationsOptions {
  readonly access: AwsAccess;
  readonly queueUrl: string;
  /** `shelvery_sqs_queue_wait_period`, in seconds. */
  readonly waitPeriod: number;
  /** Whether an event tells of what a message waits for, so that it is there only in case that event is lost. */
  readonly isTold: (message: DelayedMessage) => boolean;
  /** Goes with every message. */
  readonly config: PayloadConfig | undefined;
  readonly log: Log;
}

/** A message that could not be sent, and why. */
interface Unsent {
  readonly message: DelayedMessage;
  readonly error: unknown;
}

/**
 * Delayed operations as messages of a queue, ten a call. Each message that SQS refuses comes back from `flush`, by
 * itself.
 */
export function createQueueOperations({
  access,
  queueUrl,
  waitPeriod,
  isTold,
  config,
  log,
}: QueueOperationsOptions): DelayedOperations {
  const client = prepareClient(
    new SQSClient({
      ...access.ownConfig(regionOfQueue(queueUrl) ?? access.home.region),
      // The URL names the queue, the region its endpoint: a URL of another form would otherwise be warned of on stderr.
      useQueueUrlAsEndpoint: false,
    }),
    access,
  );
  let unsent: Unsent[] = [];
  const batcher = createBatcher<{ readonly message: DelayedMessage; readonly body: string; readonly delay: number }>({
    maxItems: MAX_MESSAGES,
    maxBytes: MAX_BYTES,
    send: async (items) => {
      const Entries = items.map(({ body, delay }, index) => ({
        Id: String(index),
        MessageBody: body,
        DelaySeconds: delay,
      }));
      try {
        const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
        for (const failure of answer.Failed ?? []) {
          const item = items[Number(failure.Id)];
          if (item !== undefined) unsent.push({ message: item.message, error: refusal(queueUrl, failure) });
        }
        const count = items.length - (answer.Failed?.length ?? 0);
        log.info('SHELVERY_DELAYED_SENT', `${count} delayed operations sent to ${queueUrl}`, { count, to: queueUrl });
      } catch (error) {
        unsent.push(...items.map(({ message }) => ({ message, error })));
      }
    },
  });
  return {
    send(message, how) {
      const body = JSON.stringify(formatDelayedPayload(message, config));
      const delay = how !== 'untold' && isTold(message) ? MAX_DELAY_SECONDS : delaySeconds(message, waitPeriod);
      batcher.add({ message, body, delay }, Buffer.byteLength(body));
    },
    async flush() {
      await batcher.flush();
      const result = unsent;
      unsent = [];
      return result;
    },
  };
}

/** How long a message waits before it is delivered, in seconds. */
function delaySeconds({ waiting }: DelayedMessage, waitPeriod: number): number {
  return Math.min(waiting.attempt > 0 ? Math.max(MIN_REPEAT_SECONDS, waitPeriod) : waitPeriod, MAX_DELAY_SECONDS);
}

/** The region in `https://sqs.eu-west-1.amazonaws.com/…`, or in the older `https://eu-west-1.queue.amazonaws.com/…`. */
export function regionOfQueue(queueUrl: string): Region | undefined {
  const labels = new URL(queueUrl).hostname.split('.');
  return labels.map((label) => Region.safeParse(label).data).find((region) => region !== undefined);
}

function refusal(
  queueUrl: string,
  failure: {
    readonly Code?: string | undefined;
    readonly Message?: string | undefined;
    readonly SenderFault?: boolean | undefined;
  },
): ShelveryError {
  const { Code: code = 'Unknown', Message: message = 'no reason was given', SenderFault: ours = false } = failure;
  return new ShelveryError('AwsError', `SQS refused a message for ${queueUrl}: ${code}: ${message}`, {
    aws: { code },
    mendable: !ours,
  });
}
