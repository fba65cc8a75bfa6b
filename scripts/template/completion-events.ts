import { COMPLETION_EVENTS, SUBSCRIBED_EVENTS } from '../../layers/engine/src/domain/completion-events.js';
import type { CompletionEvent, DetailValues } from '../../layers/engine/src/domain/completion-events.js';
import { getAtt, ref, sub } from './intrinsics.js';
import type { Mapping } from './intrinsics.js';
import { policyDocument } from './permissions.js';
import type { TypeInTemplate } from './backup-types.js';

/**
 * The rule that sends a type's events to the queue of its function, or the topic that they may be published to, and the
 * permission that it needs, by their logical ids. An event that cannot be delivered is lost, as it may be anyway: what waits
 * has its message.
 */
export function completionEventsOf(type: TypeInTemplate): Mapping {
  return type.type in SUBSCRIBED_EVENTS ? subscribedEventsOf(type) : ruledEventsOf(type);
}

/** The id of a type's topic of events, which an operator has the service publish to. */
export const eventsTopic = (id: string): string => `${id}EventsTopic`;

function subscribedEventsOf({ id, type, name }: TypeInTemplate): Mapping {
  const Condition = 'HasCompletionEvents';
  return {
    [eventsTopic(id)]: {
      Type: 'AWS::SNS::Topic',
      Condition,
      Properties: {
        DisplayName: `Shelvery: complete backups of ${type}`,
        TopicName: sub(`\${AWS::StackName}-${name}-events`),
      },
    },
    [`${id}EventsSubscription`]: {
      Type: 'AWS::SNS::Subscription',
      Condition,
      Properties: { TopicArn: ref(eventsTopic(id)), Protocol: 'sqs', Endpoint: getAtt(`${id}Queue`) },
    },
    [`${id}QueuePolicy`]: {
      Condition,
      ...queuePolicy(id, 'sns.amazonaws.com', ref(eventsTopic(id))),
    },
  };
}

function ruledEventsOf({ id, type, name }: TypeInTemplate): Mapping {
  const events = COMPLETION_EVENTS[type];
  return {
    [`${id}EventsRule`]: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: sub(`\${AWS::StackName}-${name}-events`),
        Description: `Sends what AWS tells of complete backups of ${type} to the queue of its function`,
        EventPattern: eventPattern(events, ({ detail }) => detail),
        State: ref('ShelveryCompletionEvents'),
        Targets: [{ Id: 'queue', Arn: getAtt(`${id}Queue`) }],
      },
    },
    [`${id}QueuePolicy`]: queuePolicy(id, 'events.amazonaws.com', getAtt(`${id}EventsRule`)),
  };
}

/** Lets a service send messages to the queue of a type, from one source. */
function queuePolicy(id: string, service: string, source: Mapping): Mapping {
  return {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [ref(`${id}Queue`)],
      PolicyDocument: policyDocument([
        {
          Effect: 'Allow',
          Principal: { Service: service },
          Action: 'sqs:SendMessage',
          Resource: getAtt(`${id}Queue`),
          Condition: { ArnEquals: { 'aws:SourceArn': source } },
        },
      ]),
    },
  };
}

/** One pattern for several events: whatever a detail may say of any of them. */
export function eventPattern(
  events: readonly CompletionEvent[],
  detailOf: (event: CompletionEvent) => DetailValues | undefined,
): Mapping {
  const details = events.map((event) => detailOf(event) ?? {});
  const keys = new Set(details.flatMap((detail) => Object.keys(detail)));
  const detail = [...keys].map((key): [string, readonly string[]] => [
    key,
    [...new Set(details.flatMap((each) => each[key] ?? []))],
  ]);
  return {
    source: [...new Set(events.map(({ source }) => source))],
    'detail-type': events.map(({ detailType }) => detailType),
    detail: Object.fromEntries(detail),
  };
}
