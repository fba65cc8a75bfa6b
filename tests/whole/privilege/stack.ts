import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { BackupType } from '@shelvery/engine/terminal';
import * as z from 'zod';
import { present } from '../../../layers/engine/src/domain/present.js';
import type { Emulator } from '../../emulator/emulator.js';
import { requestsAroundCalls } from '../../iam/around.js';
import type { RecordedCall } from '../../iam/calls.js';
import { explainDenial, permissionsFor } from '../../iam/evaluate.js';
import type { AccessRequest } from '../../iam/evaluate.js';
import { resolverOf } from '../../iam/intrinsic.js';
import type { Stack } from '../../iam/intrinsic.js';
import { statementsOf } from '../../iam/role.js';
import { requestsOf } from '../../iam/rules.js';
import { logicalPrefix, readTemplate } from '../../iam/template.js';
import { allowedBy, usedBy } from '../../iam/usage.js';
import type { Installation } from '../../integration/harness/installation.js';
import type { TestClock } from '../../integration/harness/test-clock.js';

const NAME = 'shelvery';

export type FunctionName = BackupType | 'data-buckets';

const template = readTemplate();
const Parameter = z.object({ Name: z.string(), Value: z.string() });
const Variables = z.object({ Environment: z.object({ Variables: z.record(z.string(), z.string()) }) });

/**
 * One function of a stack that is there in the emulator, as CloudFormation makes it: its configuration, its queue, its
 * role.
 */
export interface DeployedFunction {
  /** What the product is run with. */
  readonly installation: Installation;
  /** The properties of any resource of the stack. */
  properties(logicalId: string): Readonly<Record<string, unknown>>;
  /** Does something, and remembers the calls that the function makes with its own role meanwhile. */
  during(work: () => Promise<unknown>): Promise<void>;
  /** The operations that were called. */
  operations(): ReadonlySet<string>;
  /** What was called, or is done around it, and the role does not allow, with the reasons. */
  denied(): readonly string[];
  /** What the role allows, and what of it was used; see `allowedBy`. */
  allowed(): readonly string[];
  used(): readonly string[];
}

export interface Deployment {
  readonly emulator: Emulator;
  readonly clock: TestClock;
  readonly account: string;
  readonly region: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Makes the SSM parameters, topics and queue of a stack, as far as one function needs them. */
export async function deployFunction(deployment: Deployment, name: FunctionName): Promise<DeployedFunction> {
  const { emulator, clock, account, region, parameters } = deployment;
  const stack: Stack = {
    name: NAME,
    partition: 'aws',
    region,
    account,
    parameters,
    queues: `${emulator.endpoint}/${account}`,
  };
  const resolver = resolverOf(template, stack);
  const logicalId = `${logicalPrefix(template, name)}Function`;
  const config = emulator.clientConfig(account, region);
  const ssm = new SSMClient(config);
  const parametersOfStack = resolver
    .resources('AWS::SSM::Parameter')
    .map((each) => Parameter.parse(resolver.properties(each)));
  await Promise.all(parametersOfStack.map((each) => ssm.send(new PutParameterCommand({ ...each, Type: 'String' }))));
  for (const each of resolver.resources('AWS::SNS::Topic')) {
    await new SNSClient(config).send(
      new CreateTopicCommand({ Name: z.string().parse(resolver.properties(each)['TopicName']) }),
    );
  }
  const { FunctionName, ...properties } = z
    .looseObject({ FunctionName: z.string() })
    .parse(resolver.properties(logicalId));
  const [shared, own] = [resolver.resolve(template.Globals.Function), properties].map(
    (from) => Variables.parse(from).Environment.Variables,
  );
  const variables = { ...shared, ...own };
  const { shelvery_sqs_queue_url: queueUrl } = variables;
  if (queueUrl !== undefined)
    await new SQSClient(config).send(new CreateQueueCommand({ QueueName: queueUrl.split('/').at(-1) }));

  const statements = statementsOf(resolver, `${logicalPrefix(template, name)}Role`);
  const calls: RecordedCall[] = [];
  const requests = (): readonly AccessRequest[] => [
    ...calls.flatMap(requestsOf),
    ...requestsAroundCalls(template, resolver, logicalId),
  ];
  return {
    installation: {
      emulator,
      clock,
      type: name === 'data-buckets' ? 'ebs' : name,
      account,
      region,
      config: variables,
      functionName: FunctionName,
      ...present({ queueUrl }),
    },
    properties: (resource) => resolver.properties(resource),
    async during(work) {
      await emulator.clearCalls();
      await emulator.setLoggedTargets(true);
      await work();
      calls.push(...(await emulator.calls({ account })));
    },
    operations: () => new Set(calls.map(({ service, action }) => `${service}:${action}`)),
    denied: () => [
      ...new Set(
        requests().flatMap((request) =>
          permissionsFor(statements, request).length > 0 ? [] : [explainDenial(statements, request)],
        ),
      ),
    ],
    allowed: () => allowedBy(statements, stack),
    used: () =>
      usedBy(
        requests().flatMap((request) => permissionsFor(statements, request)),
        stack,
      ),
  };
}
