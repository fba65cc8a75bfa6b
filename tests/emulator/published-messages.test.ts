import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CreateTopicCommand, PublishBatchCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';

import { startEmulator, type Emulator } from './emulator.js';

describe('published messages', () => {
  let emulator: Emulator;
  let sns: SNSClient;
  let TopicArn: string;

  beforeAll(async () => {
    emulator = await startEmulator();
    sns = new SNSClient({ ...emulator.clientConfig(), maxAttempts: 1 });
  });
  beforeEach(async () => {
    await emulator.reset();
    TopicArn = (await sns.send(new CreateTopicCommand({ Name: 'backups' }))).TopicArn ?? '';
  });
  afterAll(async () => {
    await emulator.stop();
  });

  it('are remembered', async () => {
    await sns.send(new PublishCommand({ TopicArn, Subject: 'A run', Message: '{"Status":"OK"}' }));
    await sns.send(new PublishCommand({ TopicArn, Message: 'b & c' }));
    expect(await emulator.publishedMessages()).toEqual([
      {
        topicArn: TopicArn,
        subject: 'A run',
        message: '{"Status":"OK"}',
        account: emulator.account,
        region: emulator.region,
      },
      { topicArn: TopicArn, subject: null, message: 'b & c', account: emulator.account, region: emulator.region },
    ]);
    await emulator.clearPublishedMessages();
    expect(await emulator.publishedMessages()).toEqual([]);
  });

  it('are remembered from batches, in their order', async () => {
    const PublishBatchRequestEntries = Array.from({ length: 10 }, (_, index) => ({
      Id: `e${index}`,
      Subject: 's',
      Message: `m${index}`,
    }));
    const { Successful } = await sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
    expect(Successful).toHaveLength(10);
    expect((await emulator.publishedMessages()).map((each) => each.message)).toEqual(
      PublishBatchRequestEntries.map((each) => each.Message),
    );
  });

  it('need a topic that exists (page "Publish": NotFound)', async () => {
    const gone = `${TopicArn}-gone`;
    await expect(sns.send(new PublishCommand({ TopicArn: gone, Message: 'a' }))).rejects.toMatchObject({
      name: 'NotFoundException',
    });
    await expect(
      sns.send(new PublishBatchCommand({ TopicArn: gone, PublishBatchRequestEntries: [{ Id: 'a', Message: 'a' }] })),
    ).rejects.toMatchObject({ name: 'NotFoundException' });
    expect(await emulator.publishedMessages()).toEqual([]);
  });

  it('are at most 256 KB, in bytes (page "Publish")', async () => {
    await sns.send(new PublishCommand({ TopicArn, Message: 'a'.repeat(262_144) }));
    await expect(sns.send(new PublishCommand({ TopicArn, Message: 'ü'.repeat(131_073) }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    expect(await emulator.takeViolations()).not.toEqual([]);
  });

  it('are at most 256 KB and ten in a batch (page "PublishBatch")', async () => {
    const entries = (count: number, length: number) =>
      Array.from({ length: count }, (_, index) => ({ Id: `e${index}`, Message: 'a'.repeat(length) }));
    await expect(
      sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: entries(2, 131_073) })),
    ).rejects.toMatchObject({
      name: 'BatchRequestTooLongException',
    });
    await expect(
      sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: entries(11, 1) })),
    ).rejects.toMatchObject({
      name: 'TooManyEntriesInBatchRequestException',
    });
    expect(await emulator.takeViolations()).not.toEqual([]);
  });
});
