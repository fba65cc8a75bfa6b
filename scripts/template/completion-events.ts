import { COMPLETION_EVENTS } from '../../layers/engine/src/domain/completion-events.js';
import type { CompletionEvent, DetailValues } from '../../layers/engine/src/domain/completion-events.js';
import { getAtt, ref, sub } from './intrinsics.js';
import type { Mapping } from './intrinsics.js';
import { policyDocument } from './permissions.js';
import type { TypeInTemplate } from './backup-types.js';

/**
 * The rule that sends a type's events to the queue of its function, and the permission that it needs, by their logical ids.
 * Nothing for a type that AWS sends none of. An event that cannot be delivered is lost, as it may be anyway: what waits has
 * its message.
 */
export function completionEventsOf({ id, type, name }: TypeInTemplate): Mapping {
  const events = COMPLETION_EVENTS[type];
  if (events.length === 0) return {};
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
    [`${id}QueuePolicy`]: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [ref(`${id}Queue`)],
        PolicyDocument: policyDocument([
          {
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: getAtt(`${id}Queue`),
            Condition: { ArnEquals: { 'aws:SourceArn': getAtt(`${id}EventsRule`) } },
          },
        ]),
      },
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
