import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';

import { startEmulator, type Emulator } from './emulator.js';

describe('queues', () => {
  let emulator: Emulator;
  let sqs: SQSClient;
  let QueueUrl: string;

  beforeAll(async () => {
    emulator = await startEmulator();
    sqs = new SQSClient({ ...emulator.clientConfig(), maxAttempts: 1 });
  });
  beforeEach(async () => {
    await emulator.reset();
    await emulator.freezeClock();
    QueueUrl =
      (await sqs.send(new CreateQueueCommand({ QueueName: 'work', Attributes: { VisibilityTimeout: '60' } })))
        .QueueUrl ?? '';
  });
  afterAll(async () => {
    await emulator.stop();
  });

  async function receive(WaitTimeSeconds = 0): Promise<readonly (string | undefined)[]> {
    await emulator.advanceClock(1);
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds }),
    );
    return (Messages ?? []).map((message) => message.Body);
  }

  const batch = async (bodies: readonly string[]) =>
    sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: bodies.map((MessageBody, index) => ({ Id: `e${index}`, MessageBody })),
      }),
    );

  it('deliver delayed messages by the emulator\'s clock (page "SendMessage", DelaySeconds)', async () => {
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'later', DelaySeconds: 900 }));
    expect(await receive()).toEqual([]);
    await emulator.advanceClock(899_000);
    expect(await receive()).toEqual([]);
    await emulator.advanceClock(1_000);
    expect(await receive()).toEqual(['later']);
  });

  it('show a message again after its visibility timeout (page "ReceiveMessage")', async () => {
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'again' }));
    expect(await receive()).toEqual(['again']);
    expect(await receive()).toEqual([]);
    await emulator.advanceClock(60_000);
    expect(await receive()).toEqual(['again']);
  });

  it('forget deleted messages, and show those whose visibility is ended', async () => {
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }));
    await emulator.advanceClock(1);
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    const ReceiptHandle = Messages?.[0]?.ReceiptHandle;
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    expect(await receive()).toEqual(['a']);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    await emulator.advanceClock(60_000);
    expect(await receive()).toEqual([]);
  });

  it('refuse a delay of more than 900 seconds (page "SendMessage")', async () => {
    await expect(
      sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a', DelaySeconds: 901 })),
    ).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
    expect(await emulator.takeViolations()).not.toEqual([]);
  });

  it('refuse a batch of more than ten entries, or of none (page "SendMessageBatch")', async () => {
    const bodies = Array.from({ length: 11 }, (_, index) => `m${index}`);
    await expect(batch(bodies)).rejects.toMatchObject({ name: 'TooManyEntriesInBatchRequest' });
    await expect(batch([])).rejects.toMatchObject({ name: 'EmptyBatchRequest' });
    expect(await emulator.takeViolations()).not.toEqual([]);
    expect((await batch(bodies.slice(0, 10))).Successful).toHaveLength(10);
  });

  it('wait for messages without keeping other calls waiting (page "ReceiveMessage", WaitTimeSeconds)', async () => {
    const received = receive(20);
    await emulator.runClock();
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'now' }));
    expect(await received).toEqual(['now']);
  });

  describe('with failing entries (page "SendMessageBatch": 200 with entries in Failed)', () => {
    it('fail every nth entry once', async () => {
      await emulator.failBatchEntries({ every: 3 });
      const first = await batch(['a', 'b', 'c', 'd']);
      expect(first.Failed).toMatchObject([{ Id: 'e2', Code: 'InternalError', SenderFault: false }]);
      expect(first.Successful?.map((entry) => entry.Id)).toEqual(['e0', 'e1', 'e3']);
      const second = await batch(['x', 'c']);
      expect(second.Failed?.map((entry) => entry.Id) ?? []).toEqual([]);
      expect((await receive()).toSorted()).toEqual(['a', 'b', 'c', 'd', 'x']);
    });

    it('can fail all of a batch', async () => {
      await emulator.failBatchEntries({ every: 1, times: 2 });
      for (let attempt = 0; attempt < 2; attempt += 1) {
        const { Failed, Successful } = await batch(['a', 'b']);
        expect([Failed?.length, Successful?.length ?? 0]).toEqual([2, 0]);
      }
      expect((await batch(['a', 'b'])).Successful).toHaveLength(2);
    });

    it('are counted as one call each', async () => {
      await emulator.failBatchEntries({ every: 1 });
      await batch(['a']);
      expect(await emulator.calls({ action: 'SendMessageBatch' })).toMatchObject([{ status: 200 }]);
    });
  });
});
