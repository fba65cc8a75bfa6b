import { onTargets, targetsOf, text } from '../calls.js';
import type { RecordedCall, Rule, Rules } from '../calls.js';
import { usingKey } from './keys.js';

const reference = (service: string): string => `Actions, resources, and condition keys for ${service}`;

const publish: Rule = {
  action: 'sns:Publish',
  pages: [reference('Amazon SNS'), 'Managing Amazon SNS encryption keys and costs'],
  asks: (call) => {
    const topic = text(call, 'TopicArn');
    const via = { service: 'sns', region: topic.split(':')[3] ?? '' } as const;
    const keys = targetsOf(call, 'TopicArn').flatMap(({ kmsKeyId }) =>
      kmsKeyId === null ? [] : usingKey(['kms:GenerateDataKey', 'kms:Decrypt'], kmsKeyId, via),
    );
    return [{ action: 'sns:Publish', resource: topic, context: {} }, ...keys];
  },
};

/** The last parts of a queue's URL are its account and its name. */
function queueArn(call: RecordedCall): string {
  const [account, name] = text(call, 'QueueUrl').split('/').slice(-2);
  return `arn:aws:sqs:${call.region}:${account ?? ''}:${name ?? ''}`;
}

function onQueue(action: string): Rule {
  return {
    action,
    pages: [reference('Amazon SQS')],
    asks: (call) => [{ action, resource: queueArn(call), context: {} }],
  };
}

export const SNS: Rules = { Publish: publish, PublishBatch: publish };

export const SQS: Rules = {
  SendMessageBatch: onQueue('sqs:SendMessage'),
  // What Lambda does with the function's role when it reads the queue (page "Using Lambda with Amazon SQS").
  DeleteMessageBatch: onQueue('sqs:DeleteMessage'),
  ReceiveMessage: onQueue('sqs:ReceiveMessage'),
};

export const LAMBDA: Rules = {
  Invoke: {
    action: 'lambda:InvokeFunction',
    pages: [reference('AWS Lambda'), 'Invoke'],
    asks: (call) => [{ action: 'lambda:InvokeFunction', resource: text(call, 'FunctionName'), context: {} }],
  },
};

export const SSM: Rules = {
  GetParametersByPath: {
    action: 'ssm:GetParametersByPath',
    pages: [reference('AWS Systems Manager')],
    asks: (call) => [
      {
        action: 'ssm:GetParametersByPath',
        resource: `arn:aws:ssm:${call.region}:${call.account}:parameter${text(call, 'Path')}`,
        context: {},
      },
    ],
  },
};

export const KMS: Rules = {
  DescribeKey: {
    action: 'kms:DescribeKey',
    pages: [reference('AWS Key Management Service')],
    asks: (call) => onTargets('kms:DescribeKey', targetsOf(call, 'KeyId')),
  },
};

export const STS: Rules = {
  AssumeRole: {
    action: 'sts:AssumeRole',
    pages: [reference('AWS Security Token Service')],
    asks: (call) => [{ action: 'sts:AssumeRole', resource: text(call, 'RoleArn'), context: {} }],
  },
  // Page "GetCallerIdentity": it takes no permission.
  GetCallerIdentity: { action: 'sts:GetCallerIdentity', pages: ['GetCallerIdentity'], asks: () => [] },
};
