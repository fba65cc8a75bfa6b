import { alarmsOf } from './alarms.js';
import type { TypeInTemplate } from './backup-types.js';
import { completionEventsOf } from './completion-events.js';
import { lambdaFunction, logGroup, mayGiveUp, mayLog } from './functions.js';
import { getAtt, onlyIf, ref, sub } from './intrinsics.js';
import type { Mapping } from './intrinsics.js';
import { allow, functionRole, rolePolicy } from './permissions.js';
import { givenUpQueue, waitingQueue } from './queues.js';
import { schedulesOf } from './schedules.js';
import type { Section } from './write-yaml.js';

/** Everything in the stack that one backup type has for itself. */
export function typeSection(type: TypeInTemplate): Section {
  const { id, name, resources, lacks } = type;
  return {
    comment: lacks === undefined ? resources : `${resources}. ${lacks}`,
    members: {
      [`${id}Role`]: role(type),
      [`${id}LogGroup`]: logGroup(name),
      [`${id}Function`]: lambdaFunction({
        id,
        name,
        description: `Shelvery backups of ${resources}`,
        environment: { POWERTOOLS_SERVICE_NAME: type.type, shelvery_sqs_queue_url: ref(`${id}Queue`) },
        events: { Waiting: waiting(id) },
      }),
      [`${id}Queue`]: waitingQueue(`${id}DeadLetterQueue`),
      [`${id}DeadLetterQueue`]: givenUpQueue(),
      ...completionEventsOf(type),
      ...schedulesOf(type),
      ...alarmsOf(type),
    },
  };
}

function role({ id, name, keys, schedules, permissions }: TypeInTemplate): Mapping {
  const queue = getAtt(`${id}Queue`);
  return functionRole(
    [
      ref('EnginePolicy'),
      ref('DataBucketsPolicy'),
      onlyIf('HasFurther', ref('PayloadsPolicy')),
      ...(keys === undefined
        ? []
        : [
            ref(`${keys}KeysPolicy`),
            onlyIf('HasAllowedKmsKeys', ref(`${keys}FurtherKeysPolicy`)),
            onlyIf('HasSources', ref(`${keys}SourceKeysPolicy`)),
          ]),
      ...(schedules.includes('pull') ? [onlyIf('HasSources', ref('PullPolicy'))] : []),
    ],
    [
      rolePolicy('function', [
        mayLog(id),
        allow({
          sid: 'Wait',
          actions: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage', 'sqs:SendMessage'],
          on: queue,
        }),
        mayGiveUp(),
        allow({
          sid: 'HandOver',
          actions: ['lambda:InvokeFunction'],
          on: sub(
            `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:\${AWS::StackName}-${name}`,
          ),
        }),
      ]),
      rolePolicy('backups', permissions),
    ],
  );
}

const waiting = (id: string): Mapping => ({
  Type: 'SQS',
  Properties: {
    Queue: getAtt(`${id}Queue`),
    BatchSize: 10,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    ScalingConfig: { MaximumConcurrency: 2 },
  },
});
