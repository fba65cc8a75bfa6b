import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { CloudFormationClient, CreateStackCommand, DescribeStackResourceCommand } from '@aws-sdk/client-cloudformation';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startEmulator, type Emulator } from './emulator.js';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(async () => {
  await emulator.stop();
});

it('a queue of a stack has its URL for a physical id (page "AWS::SQS::Queue", Return values)', async () => {
  const cloudFormation = new CloudFormationClient(emulator.clientConfig());
  const sqs = new SQSClient(emulator.clientConfig());
  const TemplateBody = JSON.stringify({ Resources: { Waiting: { Type: 'AWS::SQS::Queue' } } });
  await cloudFormation.send(new CreateStackCommand({ StackName: 'queues', TemplateBody }));
  const { StackResourceDetail: detail } = await cloudFormation.send(
    new DescribeStackResourceCommand({ StackName: 'queues', LogicalResourceId: 'Waiting' }),
  );
  const { QueueUrls: urls } = await sqs.send(new ListQueuesCommand({}));
  expect(urls).toEqual([detail?.PhysicalResourceId]);
  cloudFormation.destroy();
  sqs.destroy();
});
