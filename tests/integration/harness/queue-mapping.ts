import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Message } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { WarmFunction } from './lambda-function.js';
import type { Installation } from './product.js';

const Answer = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })) });

/** What Lambda does with a queue: it delivers ten messages at a time, and deletes those that did not fail. */
export interface QueueMapping {
  /** Delivers all that is visible now; returns how many messages were delivered, and how many batches. */
  deliver(): Promise<{ readonly messages: number; readonly batches: number; readonly failed: number }>;
  /** The bodies of all that is visible now, as long as Lambda does not come for them. */
  take(): Promise<readonly string[]>;
}

const VISIBILITY_S = 60;

export function queueMapping(installation: Installation, invoke: WarmFunction): QueueMapping {
  const QueueUrl = installation.queueUrl ?? '';
  // The queue's URL names the emulator that it was made in, of which this one may be a branch.
  const sqs = new SQSClient({
    ...installation.emulator.clientConfig(installation.account, installation.region),
    useQueueUrlAsEndpoint: false,
  });
  const receive = async (): Promise<readonly Message[]> => {
    const command = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['SentTimestamp'],
      VisibilityTimeout: VISIBILITY_S,
    });
    return (await sqs.send(command)).Messages ?? [];
  };
  return {
    async deliver() {
      const count = { messages: 0, batches: 0, failed: 0 };
      for (;;) {
        const messages = await receive();
        if (messages.length === 0) return count;
        const Records = messages.map(({ MessageId = '', Body = '', Attributes = {} }) => ({
          messageId: MessageId,
          body: Body,
          attributes: Attributes,
        }));
        const failed = new Set(
          Answer.parse(await invoke({ Records })).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
        );
        const done = messages.filter(({ MessageId = '' }) => !failed.has(MessageId));
        if (done.length > 0) {
          const Entries = done.map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle }));
          await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
        }
        count.messages += messages.length;
        count.batches += 1;
        count.failed += failed.size;
      }
    },
    async take() {
      const bodies: string[] = [];
      for (;;) {
        const messages = await receive();
        if (messages.length === 0) return bodies;
        bodies.push(...messages.map(({ Body = '' }) => Body));
      }
    },
  };
}
