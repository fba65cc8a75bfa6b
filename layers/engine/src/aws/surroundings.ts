import { GetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient, paginateListQueues } from '@aws-sdk/client-sqs';
import type { GetQueueAttributesCommandOutput } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import * as z from 'zod';
import { ShelveryError } from '../domain/errors.js';
import { present } from '../domain/present.js';
import { Region } from '../domain/values.js';
import type { Caller, QueueFacts, Surroundings } from '../ports.js';
import { clientPerRegion } from './access.js';
import type { AwsAccess, ClientConfig } from './access.js';
import { prepareClient } from './prepare-client.js';
import { regionOfQueue } from './sqs-operations.js';

/**
 * What surrounds a run, on AWS.
 *
 * @param hasRole Whether a role is assumed for resources, backups and data buckets.
 */
export function createSurroundings(
  access: Pick<AwsAccess, 'home' | 'config' | 'ownConfig' | 'onCall'>,
  { hasRole }: { readonly hasRole: boolean },
): Surroundings {
  const { region: home } = access.home;
  const sns = clientPerRegion(access, (region) => new SNSClient(access.ownConfig(region)));
  const sqs = clientPerRegion(
    access,
    (region) => new SQSClient({ ...access.ownConfig(region), useQueueUrlAsEndpoint: false }),
  );

  async function attributesOf(region: Region, url: string): Promise<QueueFacts> {
    const answer = await sqs(region).send(
      new GetQueueAttributesCommand({
        QueueUrl: url,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible', 'RedrivePolicy'],
      }),
    );
    return factsOf(url, answer);
  }

  async function urlOf(arn: string): Promise<readonly [Region, string]> {
    const [, , , region, account, name] = arn.split(':');
    const inRegion = Region.catch(home).parse(region);
    const { QueueUrl: url } = await sqs(inRegion).send(
      new GetQueueUrlCommand({ QueueName: name, QueueOwnerAWSAccountId: account }),
    );
    if (url === undefined) throw new ShelveryError('AwsError', `SQS tells no URL of ${arn}.`);
    return [inRegion, url];
  }

  return {
    async callers() {
      const own = await callerOf(access, access.ownConfig());
      return hasRole ? { own, role: await callerOf(access, access.config(home)) } : { own };
    },

    async topic(arn) {
      const region = Region.catch(home).parse(arn.split(':')[3]);
      await sns(region).send(new GetTopicAttributesCommand({ TopicArn: arn }));
      return region;
    },

    async queue(which) {
      const [region, url] = 'url' in which ? [regionOfQueue(which.url) ?? home, which.url] : await urlOf(which.arn);
      return await attributesOf(region, url);
    },

    async queuesOfStack(stack) {
      const urls: string[] = [];
      const pages = paginateListQueues({ client: sqs(home), pageSize: 1_000 }, { QueueNamePrefix: `${stack}-` });
      for await (const { QueueUrls = [] } of pages) urls.push(...QueueUrls);
      // CloudFormation's name: the stack, the logical id, some random characters.
      const named = new RegExp(`^${stack}-[A-Za-z0-9]+-[A-Za-z0-9]+$`);
      return await Promise.all(
        urls.filter((url) => named.test(nameOf(url))).map(async (url) => await attributesOf(home, url)),
      );
    },
  };
}

async function callerOf(access: Pick<AwsAccess, 'onCall'>, config: ClientConfig): Promise<Caller> {
  const sts = prepareClient(new STSClient(config), access);
  const [{ Arn: arn }, { expiration }] = await Promise.all([
    sts.send(new GetCallerIdentityCommand({})),
    sts.config.credentials(),
  ]);
  if (arn === undefined) throw new ShelveryError('CredentialsError', 'AWS does not tell whose credentials these are.');
  return { arn, ...present({ until: expiration }) };
}

function nameOf(url: string): string {
  return url.split('/').at(-1) ?? url;
}

/** Page "GetQueueAttributes": numbers and documents are texts. */
const Attributes = z.object({
  ApproximateNumberOfMessages: z.coerce.number().catch(0),
  ApproximateNumberOfMessagesNotVisible: z.coerce.number().catch(0),
  RedrivePolicy: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(z.object({ deadLetterTargetArn: z.string() }))
    .optional()
    .catch(undefined),
});

function factsOf(url: string, { Attributes: attributes }: GetQueueAttributesCommandOutput): QueueFacts {
  const {
    ApproximateNumberOfMessages: waiting,
    ApproximateNumberOfMessagesNotVisible: inWork,
    RedrivePolicy: redrive,
  } = Attributes.parse(attributes ?? {});
  return { name: nameOf(url), messages: waiting + inWork, ...present({ deadLetters: redrive?.deadLetterTargetArn }) };
}
