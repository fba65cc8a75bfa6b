import { SUBSCRIBED_EVENTS } from '../../layers/engine/src/domain/completion-events.js';
import { TYPES } from './backup-types.js';
import { eventsTopic } from './completion-events.js';
import { ALARMS_TOPIC, DASHBOARD_NAME, ERRORS_TOPIC, NOTIFICATIONS_TOPIC } from './expressions.js';
import { either, getAtt, ref, sub } from './intrinsics.js';
import type { Mapping, Value } from './intrinsics.js';

const output = (description: string, value: Value): Mapping => ({ Description: description, Value: value });

/**
 * Where a region's console is (page "AWS Management Console endpoints and quotas"). AWS::URLSuffix is the end of the
 * APIs' names, and other than the console's.
 */
const CONSOLE = either(
  'IsChina',
  'console.amazonaws.cn',
  either('IsGovCloud', 'console.amazonaws-us-gov.com', 'console.aws.amazon.com'),
);

/** What the stack tells of itself. */
export const OUTPUTS: Mapping = {
  ...Object.fromEntries(
    TYPES.map(({ id, resources }) => [
      `${id}FunctionName`,
      output(`Function for ${resources}, to invoke by hand`, ref(`${id}Function`)),
    ]),
  ),
  ...Object.fromEntries(
    [...TYPES.map(({ id, resources }) => [id, resources] as const), ['DataBuckets', 'the data buckets'] as const].map(
      ([id, what]) => [
        `${id}RoleArn`,
        output(`Role of the function for ${what}, for key policies and trust policies`, getAtt(`${id}Role`)),
      ],
    ),
  ),
  NotificationsTopicArn: output('Topic of the notifications', NOTIFICATIONS_TOPIC),
  ErrorsTopicArn: output('Topic of errors', ERRORS_TOPIC),
  AlarmsTopicArn: output('Topic of alarms', ALARMS_TOPIC),
  ...Object.fromEntries(
    TYPES.filter(({ type }) => type in SUBSCRIBED_EVENTS).map(({ id, resources }) => [
      `${eventsTopic(id)}Arn`,
      {
        Condition: 'HasCompletionEvents',
        ...output(
          `Topic that tells of complete backups of ${resources}, to be subscribed to their events`,
          ref(eventsTopic(id)),
        ),
      },
    ]),
  ),
  DataBucketsWouldChange: output(
    'What SchedulesState=ENABLED would change of the data buckets',
    getAtt('DataBuckets', 'WouldChange'),
  ),
  ConfigurationPath: output(
    'Path of the SSM parameters that hold the configuration',
    sub('/shelvery/${AWS::StackName}'),
  ),
  DashboardUrl: output(
    'Dashboard',
    sub(
      `https://\${AWS::Region}.\${Console}/cloudwatch/home?region=\${AWS::Region}#dashboards/dashboard/${DASHBOARD_NAME}`,
      { Console: CONSOLE },
    ),
  ),
};
