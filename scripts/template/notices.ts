import { givenUpAlarm } from './alarms.js';
import { getAtt, ref, sub } from './intrinsics.js';
import type { Mapping } from './intrinsics.js';
import { policyDocument } from './permissions.js';
import { givenUpQueue } from './queues.js';
import type { Section } from './write-yaml.js';

const topic = (condition: string, displayName: string, name: string): Mapping => ({
  Type: 'AWS::SNS::Topic',
  Condition: condition,
  Properties: { DisplayName: displayName, TopicName: sub(`\${AWS::StackName}-${name}`) },
});

/** The topics that the stack makes where none are given. */
export const TOPICS: Section = {
  comment: 'Where notifications, errors and alarms go.',
  members: {
    NotificationsTopic: topic('MakesSnsTopic', 'Shelvery notifications', 'notifications'),
    ErrorsTopic: topic('MakesErrorSnsTopic', 'Shelvery errors', 'errors'),
  },
};

/** The queues of what was given up, whatever the backup type. */
export const GIVEN_UP: Section = {
  comment: 'What was given up: asynchronous invocations that failed three times, and what schedules could not deliver.',
  members: {
    FailedInvocationsQueue: givenUpQueue(),
    UndeliveredSchedulesQueue: givenUpQueue(),
    UndeliveredSchedulesQueuePolicy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [ref('UndeliveredSchedulesQueue')],
        PolicyDocument: policyDocument([
          {
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: getAtt('UndeliveredSchedulesQueue'),
            Condition: {
              ArnLike: {
                'aws:SourceArn': sub(
                  'arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/${AWS::StackName}-*',
                ),
              },
            },
          },
        ]),
      },
    },
  },
};

/** The alarms on these queues. */
export const GIVEN_UP_ALARMS: Section = {
  members: {
    FailedInvocationsAlarm: givenUpAlarm('FailedInvocationsQueue', 'invocations failed three times and were given up'),
    UndeliveredSchedulesAlarm: givenUpAlarm('UndeliveredSchedulesQueue', 'schedules could not invoke their functions'),
  },
};
