import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { startEmulator, type Emulator } from './emulator.js';

describe('StartMessageMoveTask', () => {
  let emulator: Emulator;
  let sqs: SQSClient;
  let dead: { readonly url: string; readonly arn: string };
  let work: string;

  beforeAll(async () => {
    emulator = await startEmulator();
    sqs = new SQSClient({ ...emulator.clientConfig(), maxAttempts: 1 });
  });
  beforeEach(async () => {
    await emulator.reset();
    dead = await queue('dead');
    const policy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 5 });
    work = (await queue('work', { RedrivePolicy: policy })).url;
  });
  afterAll(async () => {
    sqs.destroy();
    await emulator.stop();
  });

  async function queue(QueueName: string, Attributes: Record<string, string> = {}) {
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
    const { Attributes: told } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
    );
    return { url: QueueUrl, arn: told?.QueueArn ?? '' };
  }

  async function bodies(QueueUrl: string): Promise<readonly (string | undefined)[]> {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    return Messages.map(({ Body }) => Body);
  }

  it('moves messages back to the queue that they came from (page "StartMessageMoveTask")', async () => {
    for (const MessageBody of ['one', 'two'])
      await sqs.send(new SendMessageCommand({ QueueUrl: dead.url, MessageBody }));
    const { TaskHandle } = await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: dead.arn }));
    expect(TaskHandle).toEqual(expect.any(String));
    expect(await bodies(dead.url)).toEqual([]);
    expect([...(await bodies(work))].sort()).toEqual(['one', 'two']);
  });

  it('moves them to another queue where that is asked for', async () => {
    const other = await queue('other');
    await sqs.send(new SendMessageCommand({ QueueUrl: dead.url, MessageBody: 'one' }));
    await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: dead.arn, DestinationArn: other.arn }));
    expect(await bodies(other.url)).toEqual(['one']);
    expect(await bodies(work)).toEqual([]);
  });

  it('is refused for a queue that is not there, and for one that is no dead-letter queue', async () => {
    const arn = dead.arn.replace(/dead$/, 'gone');
    await expect(sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arn }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    const other = await queue('other');
    await expect(sqs.send(new StartMessageMoveTaskCommand({ SourceArn: other.arn }))).rejects.toThrow('Dead Letter');
  });
});
