import { TYPES } from './backup-types.js';
import { ERRORS_TOPIC, NOTIFICATIONS_TOPIC } from './expressions.js';
import { ref, sub } from './intrinsics.js';
import type { Mapping, Value } from './intrinsics.js';

const output = (description: string, value: Value): Mapping => ({ Description: description, Value: value });

/** What the stack tells of itself. */
export const OUTPUTS: Mapping = {
  ...Object.fromEntries(
    TYPES.map(({ id, resources }) => [
      `${id}FunctionName`,
      output(`Function for ${resources}, to invoke by hand`, ref(`${id}Function`)),
    ]),
  ),
  NotificationsTopicArn: output('Topic of the notifications', NOTIFICATIONS_TOPIC),
  ErrorsTopicArn: output('Topic of errors and alarms', ERRORS_TOPIC),
  ConfigurationPath: output(
    'Path of the SSM parameters that hold the configuration',
    sub('/shelvery/${AWS::StackName}'),
  ),
  DashboardUrl: output(
    'Dashboard',
    sub('https://console.aws.amazon.com/cloudwatch/home?region=${AWS::Region}#dashboards/dashboard/${AWS::StackName}'),
  ),
};
