import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import * as z from 'zod';
import type { AwsAccess } from '../../../layers/engine/src/aws/access.js';
import { createQueueOperations } from '../../../layers/engine/src/aws/sqs-operations.js';
import type { PayloadConfig } from '../../../layers/engine/src/domain/delayed.js';
import type { Emulator } from '../../emulator/emulator.js';
import { DR_REGION, HOME_REGION, keptLog, startEmulatedAccess } from './emulated-access.js';
import { delayedMessages } from './delayed-messages.js';

const Payload = z.object({ arguments: z.object({ BackupId: z.string() }) });
const Entries = z.array(z.object({ MessageBody: z.string(), DelaySeconds: z.number() }));

describe('createQueueOperations', () => {
  let emulator: Emulator;
  let access: AwsAccess;
  let queueUrl: string;

  beforeAll(async () => {
    ({ emulator, access } = await startEmulatedAccess());
  });
  beforeEach(async () => {
    await emulator.reset();
    const made = await new SQSClient(emulator.clientConfig()).send(new CreateQueueCommand({ QueueName: 'work' }));
    queueUrl = made.QueueUrl ?? '';
    await emulator.clearCalls();
  });
  afterAll(async () => {
    await emulator.stop();
  });

  const open = (waitPeriod = 0, config?: PayloadConfig) =>
    createQueueOperations({ access, queueUrl, waitPeriod, isTold: () => false, config, log: keptLog() });
  const batches = async () => {
    const calls = await emulator.calls({ action: 'SendMessageBatch' });
    return calls.map((call) => Entries.parse(call.parameters.Entries));
  };

  /** The backups of the messages in the queue. */
  const arrivals = async () => {
    const sqs = new SQSClient(emulator.clientConfig());
    const ids: string[] = [];
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
      );
      if (Messages.length === 0) return ids;
      ids.push(...Messages.map((message) => Payload.parse(JSON.parse(message.Body ?? '')).arguments.BackupId));
    }
  };

  it('sends ten messages a call, in the payload of the original', async () => {
    const queue = open(0, { shelvery_dr_regions: 'eu-central-1' });
    for (const message of delayedMessages(25)) queue.send(message);
    expect(await queue.flush()).toEqual([]);
    const sent = await batches();
    expect(sent.map((entries) => entries.length).sort()).toEqual([10, 10, 5]);
    // The batches are sent together, and arrive in any order.
    const first = sent.flat().find(({ MessageBody: body }) => body.includes('"snap-0"'));
    expect(JSON.parse(first?.MessageBody ?? '')).toEqual({
      backup_type: 'ebs',
      action: 'do_store_backup_data',
      arguments: { BackupId: 'snap-0', BackupRegion: HOME_REGION, Attempt: 0 },
      config: { shelvery_dr_regions: 'eu-central-1' },
    });
    expect(await queue.flush()).toEqual([]);
    expect(await batches()).toHaveLength(3);
  });

  it.each([
    { waitPeriod: 0, attempt: 0, delay: 0 },
    { waitPeriod: 200, attempt: 0, delay: 200 },
    { waitPeriod: 0, attempt: 1, delay: 30 },
    { waitPeriod: 200, attempt: 3, delay: 200 },
    { waitPeriod: 900, attempt: 3, delay: 900 },
  ])(
    'delays a message of attempt $attempt by $delay s where $waitPeriod s are configured',
    async ({ waitPeriod, attempt, delay }) => {
      const queue = open(waitPeriod);
      for (const message of delayedMessages(1, { waiting: { attempt } })) queue.send(message);
      await queue.flush();
      expect((await batches())[0]?.[0]?.DelaySeconds).toBe(delay);
    },
  );

  it('gives back each message that SQS refuses by itself, and no other', async () => {
    await emulator.failBatchEntries({ every: 7 });
    const queue = open();
    const messages = delayedMessages(20);
    for (const message of messages) queue.send(message);
    const unsent = await queue.flush();
    expect(unsent).toHaveLength(2);
    const lost = unsent.map((each) => each.message);
    expect((await arrivals()).sort()).toEqual(
      messages
        .filter((message) => !lost.includes(message))
        .map((message) => message.operation.backupId)
        .sort(),
    );
    expect(unsent[0]?.error).toMatchObject({
      code: 'AwsError',
      message: expect.stringContaining('SQS refused a message'),
    });
    expect(await queue.flush()).toEqual([]);
  });

  it('says whether a refused message may be sent again', async () => {
    const mock = mockClient(SQSClient);
    mock.on(SendMessageBatchCommand).resolves({
      Successful: [],
      Failed: [
        { Id: '0', Code: 'InvalidMessageContents', SenderFault: true },
        { Id: '1', Code: 'InternalError', Message: 'later', SenderFault: false },
      ],
    });
    const queue = open();
    for (const message of delayedMessages(2)) queue.send(message);
    const unsent = await queue.flush();
    mock.restore();
    expect(unsent.map(({ error }) => error)).toMatchObject([
      { mendable: false, aws: { code: 'InvalidMessageContents' } },
      { mendable: true, aws: { code: 'InternalError' } },
    ]);
  });

  it('gives back a whole batch that could not be sent, and sends the others', async () => {
    await emulator.addFault({ kind: 'refuse', action: 'SendMessageBatch', code: 'AccessDenied', status: 403 });
    const queue = open();
    for (const message of delayedMessages(15)) queue.send(message);
    const unsent = await queue.flush();
    expect([5, 10]).toContain(unsent.length);
    expect(unsent[0]?.error).toMatchObject({ name: 'AccessDenied' });
  });

  it.each([
    [`https://sqs.${DR_REGION}.amazonaws.com/111111111111/work`, DR_REGION],
    [`https://${DR_REGION}.queue.amazonaws.com/111111111111/work`, DR_REGION],
    ['https://queue.example.com/111111111111/work', HOME_REGION],
  ])('calls the region that the queue is in (%s)', async (url, region) => {
    const queue = createQueueOperations({
      access,
      queueUrl: url,
      waitPeriod: 0,
      isTold: () => false,
      config: undefined,
      log: keptLog(),
    });
    for (const message of delayedMessages(1)) queue.send(message);
    await queue.flush();
    expect((await emulator.calls({ action: 'SendMessageBatch' })).map((call) => call.region)).toEqual([region]);
  });

  it('keeps batches within what SQS takes, whatever the messages carry', async () => {
    const queue = open(0, { shelvery_select_entity: 'x'.repeat(60_000) });
    for (const message of delayedMessages(10)) queue.send(message);
    expect(await queue.flush()).toEqual([]);
    for (const call of await emulator.calls({ action: 'SendMessageBatch' })) expect(call.status).toBe(200);
    expect((await emulator.counts())['sqs:SendMessageBatch']).toBe(3);
  });
});
