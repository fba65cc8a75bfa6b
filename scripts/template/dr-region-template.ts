import { COMPLETION_EVENTS } from '../../layers/engine/src/domain/completion-events.js';
import { TYPES } from './backup-types.js';
import type { TypeInTemplate } from './backup-types.js';
import { eventPattern } from './completion-events.js';
import { equals, getAtt, not, ref, sub } from './intrinsics.js';
import type { Mapping } from './intrinsics.js';
import { allow, policyDocument, rolePolicy } from './permissions.js';
import { writeYaml } from './write-yaml.js';

const HEADING = `Made by npm run template from scripts/template and the engine's table of events: change those.

For a stack in a DR region, beside the one that makes the backups: it forwards what AWS tells there of complete copies.`;

const HOME_BUS = sub('arn:${AWS::Partition}:events:${HomeRegion}:${AWS::AccountId}:event-bus/default');

/** The text of `template-dr-region.yaml`. */
export function renderDrRegionTemplate(): string {
  return writeYaml(HEADING, [
    { name: 'AWSTemplateFormatVersion', content: '2010-09-09' },
    {
      name: 'Description',
      content: 'Shelvery - forwards the events of copies in a DR region to the region where the backups are made',
    },
    {
      name: 'Parameters',
      content: {
        HomeRegion: {
          Type: 'String',
          Description: 'The region of the stack that makes the backups.',
          AllowedPattern: '^[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}$',
          ConstraintDescription: 'a region code such as eu-west-1',
        },
      },
    },
    {
      name: 'Conditions',
      comment: 'To its own region a rule would forward without end.',
      content: { IsElsewhere: not(equals(ref('HomeRegion'), ref('AWS::Region'))) },
    },
    {
      name: 'Resources',
      content: {
        sections: [
          { members: { ForwardRole: role() } },
          { members: Object.fromEntries(TYPES.flatMap((type) => Object.entries(forwardRule(type)))) },
        ],
      },
    },
  ]);
}

/** Page "Sending and receiving events between AWS Regions in Amazon EventBridge": a bus of another region needs a role. */
function role(): Mapping {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: policyDocument([
        { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sts:AssumeRole' },
      ]),
      Policies: [rolePolicy('forward', [allow({ sid: 'Forward', actions: ['events:PutEvents'], on: HOME_BUS })])],
    },
  };
}

/** The rule that forwards what is told of a type's copies; nothing for a type whose copies nothing is told of. */
function forwardRule({ id, type }: TypeInTemplate): Mapping {
  const events = COMPLETION_EVENTS[type].filter(({ ofCopies }) => ofCopies !== undefined);
  if (events.length === 0) return {};
  return {
    [`${id}CopiesRule`]: {
      Type: 'AWS::Events::Rule',
      Condition: 'IsElsewhere',
      Properties: {
        Description: `Forwards what AWS tells of complete copies of ${type}`,
        EventPattern: {
          ...eventPattern(events, ({ ofCopies }) => ofCopies),
          // What another region forwarded to this one stays here: two regions may be each other's DR region.
          region: [ref('AWS::Region')],
        },
        State: 'ENABLED',
        Targets: [{ Id: 'home', Arn: HOME_BUS, RoleArn: getAtt('ForwardRole') }],
      },
    },
  };
}
