import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';

import type { Ministack, Place } from './ministack.js';

/** A queue that is subscribed to topics, as somebody has who wants to read what Shelvery tells. */
export interface Inbox {
  subscribe(topicArn: string): Promise<void>;
  /** All messages so far, in no order. */
  messages(): Promise<readonly Told[]>;
}

/** What came from a topic: JSON, as everything that Shelvery tells. */
export interface Told {
  readonly topicArn: string;
  readonly content: Readonly<Record<string, unknown>>;
}

const Envelope = z.object({ TopicArn: z.string(), Message: z.string() });
const Content = z.record(z.string(), z.unknown());

export async function openInbox(ministack: Ministack, place: Place): Promise<Inbox> {
  const sqs = new SQSClient(ministack.clientConfig(place));
  const sns = new SNSClient(ministack.clientConfig(place));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'inbox' }));
  const read: Told[] = [];
  return {
    async subscribe(topicArn) {
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
      await sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: Attributes?.QueueArn }));
    },
    async messages() {
      for (;;) {
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
        if (Messages.length === 0) return read;
        for (const { Body = '', ReceiptHandle } of Messages) {
          const { TopicArn, Message } = Envelope.parse(JSON.parse(Body));
          read.push({ topicArn: TopicArn, content: Content.parse(JSON.parse(Message)) });
          await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
        }
      }
    },
  };
}
