import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DescribeVolumesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateTopicCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';

import { startEmulator, type Emulator } from './emulator.js';

describe('forwarding', () => {
  let emulator: Emulator;
  let elsewhere: Emulator;

  beforeAll(async () => {
    [emulator, elsewhere] = await Promise.all([startEmulator(), startEmulator()]);
  });
  afterAll(async () => {
    await Promise.all([emulator.stop(), elsewhere.stop()]);
  });

  it('has the calls of some services answered elsewhere, and logs all', async () => {
    await emulator.forward(['sqs', 'sns'], elsewhere.endpoint);
    const config = emulator.clientConfig('222222222222', 'eu-west-1');
    const [sqs, sns] = [new SQSClient(config), new SNSClient(config)];
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'work' }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }));
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'news' }));
    await sns.send(new PublishCommand({ TopicArn, Message: 'b' }));
    await new EC2Client(config).send(new DescribeVolumesCommand({}));

    const there = new SQSClient(elsewhere.clientConfig('222222222222', 'eu-west-1'));
    expect(await there.send(new ReceiveMessageCommand({ QueueUrl }))).toMatchObject({ Messages: [{ Body: 'a' }] });
    expect(await elsewhere.publishedMessages()).toMatchObject([
      { topicArn: TopicArn, message: 'b', account: '222222222222' },
    ]);
    expect(await emulator.publishedMessages()).toEqual([]);
    expect(await emulator.counts()).toEqual({
      'sqs:CreateQueue': 1,
      'sqs:SendMessage': 1,
      'sns:CreateTopic': 1,
      'sns:Publish': 1,
      'ec2:DescribeVolumes': 1,
    });
    expect(await elsewhere.calls({ service: 'ec2' })).toEqual([]);
  });

  it("gives the other server's errors as they are", async () => {
    await emulator.forward(['sqs'], elsewhere.endpoint);
    const sqs = new SQSClient({ ...emulator.clientConfig(), maxAttempts: 1 });
    const sent = sqs.send(
      new SendMessageCommand({ QueueUrl: `${emulator.endpoint}/123456789012/gone`, MessageBody: 'a' }),
    );
    await expect(sent).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    expect(await emulator.calls({ action: 'SendMessage', service: 'sqs' })).toMatchObject([
      {},
      { status: 400, errorCode: 'QueueDoesNotExist' },
    ]);
  });

  it('still checks every call', async () => {
    await emulator.forward(['sqs'], elsewhere.endpoint);
    const sqs = new SQSClient({ ...emulator.clientConfig(), maxAttempts: 1 });
    await expect(sqs.send(new SendMessageCommand({ QueueUrl: undefined, MessageBody: 'a' }))).rejects.toThrow();
    expect(await emulator.takeViolations()).toMatchObject([{ service: 'sqs', action: 'SendMessage' }]);
  });
});
