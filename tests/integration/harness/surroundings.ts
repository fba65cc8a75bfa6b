import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Emulator } from '../../emulator/emulator.js';

/** What the stack makes beside the functions, in an account and region. */
interface Place {
  readonly account: string;
  readonly region: string;
}

/** The queue of a function; its URL. */
export async function makeQueue(emulator: Emulator, { account, region }: Place): Promise<string> {
  const sqs = new SQSClient(emulator.clientConfig(account, region));
  return (await sqs.send(new CreateQueueCommand({ QueueName: 'shelvery' }))).QueueUrl ?? '';
}

/** Topics for notifications, errors and status reports, as configuration. */
export async function makeTopics(
  emulator: Emulator,
  { account, region }: Place,
): Promise<Readonly<Record<string, string>>> {
  const sns = new SNSClient(emulator.clientConfig(account, region));
  const topic = async (name: string): Promise<string> =>
    (await sns.send(new CreateTopicCommand({ Name: name }))).TopicArn ?? '';
  return {
    shelvery_sns_topic: await topic('notifications'),
    shelvery_error_sns_topic: await topic('errors'),
    shelvery_status_sns_topic: await topic('status'),
  };
}

/** A configuration as parameters under a path, which is what the environment then has of it. */
export async function makeParameters(
  emulator: Emulator,
  { account, region }: Place,
  config: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const ssm = new SSMClient(emulator.clientConfig(account, region));
  const path = '/shelvery/function';
  for (const [key, Value] of Object.entries(config))
    await ssm.send(new PutParameterCommand({ Name: `${path}/${key}`, Value, Type: 'String' }));
  return { SHELVERY_SSM_PREFIX: path };
}
