import { randomUUID } from 'node:crypto';
import { PublishBatchCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { ConfigValues } from '../domain/config/config-schema.js';
import { toShelveryError } from '../domain/telling/faults.js';
import { buildNotification } from '../domain/telling/notification.js';
import type { Notification } from '../domain/telling/notification.js';
import { Region } from '../domain/values.js';
import { nameParameter } from '../domain/config/stack-parameters.js';
import type { BackupType } from '../domain/values.js';
import type { Clock, Log, Notifier } from '../ports.js';
import type { AwsAccess } from './access.js';
import { clientPerRegion } from './access.js';
import { createBatcher } from './batcher.js';
import type { Batcher } from './batcher.js';

/** Page "Amazon SNS endpoints and quotas": PublishBatch takes 10 messages of 256 KB together. */
const MAX_MESSAGES = 10;
const MAX_BYTES = 256 * 1024;
/** What is left of a text in a message that is too long. */
const SHORTENED = 2_000;

export interface NotifierOptions {
  readonly access: AwsAccess;
  readonly config: Pick<ConfigValues, 'shelvery_sns_topic' | 'shelvery_error_sns_topic' | 'shelvery_status_sns_topic'>;
  readonly backupType: BackupType;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Publishes to the configured topics, ten messages a call while the run goes on. Nothing that happens to a message
 * fails the run: what could not be published is logged as `SHELVERY_NOTIFICATION_LOST`.
 */
export function createNotifier({ access, config, backupType, clock, log }: NotifierOptions): Notifier {
  const client = clientPerRegion(access, (region) => new SNSClient(access.ownConfig(region)));
  const clientOf = (topic: string): SNSClient => client(Region.catch(access.home.region).parse(topic.split(':')[3]));
  const batchers = new Map<string, Batcher<string>>();
  let lostSoFar = 0;
  const lost = (topic: string, count: number, error: unknown): void => {
    lostSoFar += count;
    const refusal = toShelveryError(error, `publishing to ${topic}`);
    const { message } = access.inStack ? nameParameter(refusal, 'AllowedTopics', topic) : refusal;
    log.error('SHELVERY_NOTIFICATION_LOST', message, { topic, count });
  };

  const batcherOf = (topic: string): Batcher<string> => {
    const found = batchers.get(topic);
    if (found !== undefined) return found;
    const send = async (messages: readonly string[]): Promise<void> => {
      let unsent = messages.map((message, index): Entry => ({
        Id: String(index),
        Message: message,
        ...orderOf(topic, backupType),
      }));
      try {
        unsent = await publish(clientOf(topic), topic, unsent);
        if (unsent.length > 0) unsent = await publish(clientOf(topic), topic, unsent);
        if (unsent.length > 0) {
          lostSoFar += unsent.length;
          log.error(
            'SHELVERY_NOTIFICATION_LOST',
            `SNS refused ${unsent.length} messages for ${topic} twice; they are lost.`,
            {
              topic,
              count: unsent.length,
            },
          );
        }
      } catch (error) {
        lost(topic, unsent.length, error);
      }
    };
    const made = createBatcher({ maxItems: MAX_MESSAGES, maxBytes: MAX_BYTES, send });
    batchers.set(topic, made);
    return made;
  };

  return {
    notify(outcome) {
      const topic =
        outcome.status === 'failed'
          ? (config.shelvery_error_sns_topic ?? config.shelvery_sns_topic)
          : config.shelvery_sns_topic;
      if (topic === undefined) return;
      const message = fit(buildNotification(outcome, backupType, clock.now()));
      batcherOf(topic).add(message, Buffer.byteLength(message));
    },
    async flush() {
      await Promise.all([...batchers.values()].map((batcher) => batcher.flush()));
    },
    async report(report) {
      const topic = config.shelvery_status_sns_topic;
      if (topic === undefined) return;
      const message = { Subject: 'ShelveryRunReport', Message: JSON.stringify(report), ...orderOf(topic, backupType) };
      try {
        await clientOf(topic).send(new PublishCommand({ TopicArn: topic, ...message }));
      } catch (error) {
        lost(topic, 1, error);
      }
    },
    lost: () => lostSoFar,
  };
}

interface Entry {
  readonly Id: string;
  readonly Message: string;
}

/** Publishes entries and returns those that SNS refused. */
async function publish(client: SNSClient, topic: string, entries: readonly Entry[]): Promise<Entry[]> {
  const answer = await client.send(
    new PublishBatchCommand({ TopicArn: topic, PublishBatchRequestEntries: [...entries] }),
  );
  const refused = new Set(answer.Failed?.map((failure) => failure.Id));
  return entries.filter((entry) => refused.has(entry.Id));
}

/** What a FIFO topic asks for with every message; a repeat keeps its id, so that it is delivered once. */
function orderOf(
  topic: string,
  backupType: BackupType,
): { readonly MessageGroupId?: string; readonly MessageDeduplicationId?: string } {
  return topic.endsWith('.fifo')
    ? { MessageGroupId: `shelvery-${backupType}`, MessageDeduplicationId: randomUUID() }
    : {};
}

/** A notification as text, its own texts shortened where SNS would not take the whole. */
function fit(notification: Notification): string {
  const whole = JSON.stringify(notification);
  if (Buffer.byteLength(whole) <= MAX_BYTES) return whole;
  return JSON.stringify(notification, (_key, value: unknown) =>
    typeof value === 'string' && value.length > SHORTENED ? `${value.slice(0, SHORTENED)}…` : value,
  );
}
