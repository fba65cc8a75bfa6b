import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { createQueueOperations } from '../../../layers/engine/src/aws/sqs-operations.js';
import { DELAY_S, MOST_RECEIVES, VISIBILITY_S, backupOf, queueContract } from '../../contract/queue.js';
import { keptLog, startEmulatedAccess } from './emulated-access.js';

/** Lambda looks for messages all the time: here, after so many seconds each. */
const LOOKS_EVERY_S = 60;

queueContract(async () => {
  const { emulator, access } = await startEmulatedAccess();
  const sqs = new SQSClient(emulator.clientConfig());
  const make = async (QueueName: string, Attributes: Record<string, string>): Promise<string> =>
    (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? '';
  let queueUrl = '';
  let deadLettersUrl = '';
  /** Delivers all that is visible, as Lambda's mapping does. */
  const deliver = async (work: (ids: readonly string[]) => readonly string[]): Promise<void> => {
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
      );
      if (Messages.length === 0) return;
      const failed = work(Messages.map(({ Body = '' }) => backupOf(Body)));
      const Entries = Messages.filter(({ Body = '' }) => !failed.includes(backupOf(Body))).map(
        ({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle }),
      );
      if (Entries.length > 0) await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    }
  };
  return {
    open: () =>
      createQueueOperations({
        access,
        queueUrl,
        waitPeriod: DELAY_S,
        isTold: () => false,
        config: undefined,
        log: keptLog(),
      }),
    failNextSend: async (how) => {
      await emulator.addFault(
        how === 'done'
          ? { kind: 'fail-after', action: 'SendMessageBatch', times: 1 }
          : { kind: 'refuse', action: 'SendMessageBatch', code: 'AccessDenied', status: 403 },
      );
    },
    pass: async (seconds, work) => {
      for (let passed = 0; passed < seconds; passed += LOOKS_EVERY_S) {
        await emulator.advanceClock(Math.min(LOOKS_EVERY_S, seconds - passed) * 1_000);
        await deliver(work);
      }
    },
    deadLetters: async () => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: deadLettersUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }),
      );
      return Messages.map(({ Body = '' }) => backupOf(Body));
    },
    reset: async () => {
      await emulator.reset();
      deadLettersUrl = await make('dead-letters', {});
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: deadLettersUrl, AttributeNames: ['QueueArn'] }),
      );
      queueUrl = await make('work', {
        VisibilityTimeout: String(VISIBILITY_S),
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount: MOST_RECEIVES }),
      });
    },
    stop: () => emulator.stop(),
  };
});
