import { readFileSync } from 'node:fs';
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
  SendMessageBatchCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { SSMClient, paginateGetParametersByPath } from '@aws-sdk/client-ssm';
import * as z from 'zod';

import { HOME } from '../../integration/harness/copy-estate.js';
import { inSamEnvironment, root, run } from '../../whole/sam/sam-cli.js';
import { eventually } from './eventually.js';
import type { Ministack, Place } from './ministack.js';

const STACK = 'shelvery';
const bucketOf = ({ account }: Place): string => `packages-${account}`;

/** The product in one account and region, deployed with its script. */
export interface Stack {
  /** Makes the bucket for packages: all that somebody has who deploys for the first time. */
  prepare(): Promise<void>;
  /** Runs `deploy-sam-template.sh`; what it said is thrown where it failed. */
  deploy(options: readonly string[], parameters: Readonly<Record<string, string>>): Promise<void>;
  /** Runs `sam delete`, in the same way. */
  remove(): Promise<void>;
  /** What the stack's outputs say. */
  outputs(): Promise<Readonly<Record<string, string>>>;
  /**
   * Invokes a function asynchronously, as `aws lambda invoke --invocation-type Event` does; with a file of `events/` or
   * a payload.
   */
  invoke(name: string, payload: string | Readonly<Record<string, unknown>>): Promise<void>;
  environmentOf(name: string): Promise<Readonly<Record<string, string>>>;
  /** The stack's SSM parameters by their keys. */
  parameters(): Promise<Readonly<Record<string, string>>>;
  /** The states of the stack's schedules by their names. */
  schedules(): Promise<Readonly<Record<string, string>>>;
  setTimeLimit(name: string, seconds: number): Promise<void>;
  /** Puts messages into a queue of the template, all at once. */
  send(logicalId: string, bodies: readonly string[]): Promise<void>;
  /** The bodies of the messages in a queue of the template, which stay there. */
  messages(logicalId: string): Promise<readonly string[]>;
  /** Of a queue of the template. */
  attributes(logicalId: string): Promise<Readonly<Record<string, string>>>;
  setVisibilityTimeout(logicalId: string, seconds: number): Promise<void>;
  /** Lines of a function's log that have these words. */
  logged(name: string, words: string): Promise<readonly string[]>;
}

const Stacks = z.object({
  Stacks: z.array(
    z.object({ Outputs: z.array(z.object({ OutputKey: z.string(), OutputValue: z.string() })).default([]) }),
  ),
});
const Resources = z.object({
  StackResources: z.array(z.object({ LogicalResourceId: z.string(), PhysicalResourceId: z.string() })),
});
const Rules = z.object({
  Rules: z.array(z.object({ Name: z.string(), State: z.string(), ScheduleExpression: z.string().optional() })),
});
const Log = z.object({ events: z.array(z.object({ message: z.string() })) });

/** A stack that is there once it was deployed. */
export function stackIn(ministack: Ministack, place: Place): Stack {
  const lambda = new LambdaClient(ministack.clientConfig(place));
  const ssm = new SSMClient(ministack.clientConfig(place));
  const sqs = new SQSClient(ministack.clientConfig(place));
  const environment = {
    ...ministack.environment(place),
    SHELVERY_STACK_NAME: STACK,
    SAM_CLI_POLL_DELAY: '1',
    PATH: `${root}node_modules/.bin:${inSamEnvironment('')}:${process.env['PATH'] ?? ''}`,
  };
  const succeed = async (program: string, args: readonly string[]): Promise<void> => {
    const { status, stdout, stderr } = await run(program, args, { environment });
    if (status !== 0)
      throw new Error(`${[program, ...args].join(' ')} ended with ${String(status)}:\n${stdout}\n${stderr}`);
  };
  const functionName = (name: string): string => `${STACK}-${name}`;
  const ask = async <T>(
    schema: z.ZodType<T>,
    service: string,
    operation: string,
    parameters: Readonly<Record<string, unknown>>,
  ): Promise<T> => {
    const [answer] = await ministack.ask(place, [{ service, operation, parameters }]);
    return schema.parse(answer);
  };
  let ids: ReadonlyMap<string, string> | undefined;
  /** The id that a resource of the template has been given; it keeps it through updates. */
  const physicalId = async (logicalId: string): Promise<string> => {
    if (ids === undefined) {
      const { StackResources } = await ask(Resources, 'cloudformation', 'describe_stack_resources', {
        StackName: STACK,
      });
      ids = new Map(StackResources.map((resource) => [resource.LogicalResourceId, resource.PhysicalResourceId]));
    }
    const found = ids.get(logicalId);
    if (found === undefined) throw new Error(`The stack has no resource ${logicalId}.`);
    return found;
  };
  return {
    async prepare() {
      const s3 = new S3Client(ministack.clientConfig(place));
      await s3.send(
        new CreateBucketCommand({ Bucket: bucketOf(place), CreateBucketConfiguration: { LocationConstraint: HOME } }),
      );
    },
    async deploy(options, parameters) {
      const overrides = Object.entries(parameters).map(([key, value]) => `${key}=${value}`);
      await succeed(`${root}deploy-sam-template.sh`, [
        '-b',
        bucketOf(place),
        '-r',
        place.region,
        ...options,
        '-o',
        overrides.join(','),
      ]);
    },
    remove: () =>
      succeed(inSamEnvironment('sam'), ['delete', '--no-prompts', '--stack-name', STACK, '--region', place.region]),
    async outputs() {
      const { Stacks: found } = await ask(Stacks, 'cloudformation', 'describe_stacks', { StackName: STACK });
      return Object.fromEntries(
        found.flatMap(({ Outputs }) => Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue])),
      );
    },
    async invoke(name, payload) {
      const Payload =
        typeof payload === 'string'
          ? readFileSync(`${root}events/${payload}.json`)
          : Buffer.from(JSON.stringify(payload));
      await lambda.send(new InvokeCommand({ FunctionName: functionName(name), InvocationType: 'Event', Payload }));
    },
    async environmentOf(name) {
      const { Environment } = await lambda.send(
        new GetFunctionConfigurationCommand({ FunctionName: functionName(name) }),
      );
      return Environment?.Variables ?? {};
    },
    async parameters() {
      const found: Record<string, string> = {};
      for await (const { Parameters = [] } of paginateGetParametersByPath(
        { client: ssm },
        { Path: `/shelvery/${STACK}` },
      )) {
        for (const { Name = '', Value = '' } of Parameters) found[Name.slice(Name.lastIndexOf('/') + 1)] = Value;
      }
      return found;
    },
    async schedules() {
      const { Rules: found } = await ask(Rules, 'events', 'list_rules', { NamePrefix: STACK });
      // The others wait for events of AWS.
      const schedules = found.filter(({ ScheduleExpression: when }) => when !== undefined && when !== '');
      return Object.fromEntries(schedules.map(({ Name, State }) => [Name, State]));
    },
    async setTimeLimit(name, seconds) {
      await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: functionName(name), Timeout: seconds }));
      await eventually(async () => {
        const { Timeout, LastUpdateStatus } = await lambda.send(
          new GetFunctionConfigurationCommand({ FunctionName: functionName(name) }),
        );
        if (Timeout !== seconds || LastUpdateStatus !== 'Successful')
          throw new Error(`The time limit of ${name} is ${String(Timeout)}, ${String(LastUpdateStatus)}.`);
      });
    },
    async send(logicalId, bodies) {
      const Entries = bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
      await sqs.send(new SendMessageBatchCommand({ QueueUrl: await physicalId(logicalId), Entries }));
    },
    async setVisibilityTimeout(logicalId, seconds) {
      await sqs.send(
        new SetQueueAttributesCommand({
          QueueUrl: await physicalId(logicalId),
          Attributes: { VisibilityTimeout: String(seconds) },
        }),
      );
    },
    async messages(logicalId) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: await physicalId(logicalId),
          MaxNumberOfMessages: 10,
          VisibilityTimeout: 0,
        }),
      );
      return Messages.map(({ Body = '' }) => Body);
    },
    async attributes(logicalId) {
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: await physicalId(logicalId), AttributeNames: ['All'] }),
      );
      return Attributes;
    },
    async logged(name, words) {
      const { events } = await ask(Log, 'logs', 'filter_log_events', {
        logGroupName: `/aws/lambda/${functionName(name)}`,
        filterPattern: `"${words}"`,
      });
      return events.map(({ message }) => message);
    },
  };
}
