import { errorsAlarm } from './alarms.js';
import { CONFIGURED } from './configuration.js';
import { lambdaFunction, logGroup, mayGiveUp, mayLog } from './functions.js';
import { commented, getAtt, ref } from './intrinsics.js';
import { functionRole, rolePolicy } from './permissions.js';
import { mayAssumeConfiguredRole, mayFindDataBuckets, mayTrace } from './shared-policies.js';
import type { Section } from './write-yaml.js';

/** What its function is called, after the stack's name, and where its code is. */
export const DATA_BUCKETS_FUNCTION = 'data-buckets';

/** The custom resource with its function. */
export const DATA_BUCKETS_SECTION: Section = {
  comment: 'The custom resource that makes the data buckets, and keeps them when the stack is deleted.',
  members: {
    DataBucketsRole: functionRole(
      [ref('DataBucketsPolicy')],
      [
        rolePolicy('function', [
          mayLog('DataBuckets'),
          mayGiveUp(),
          mayFindDataBuckets(),
          mayAssumeConfiguredRole(),
          mayTrace(),
        ]),
      ],
    ),
    DataBucketsLogGroup: logGroup(DATA_BUCKETS_FUNCTION),
    DataBucketsFunction: lambdaFunction({
      id: 'DataBuckets',
      name: DATA_BUCKETS_FUNCTION,
      description: "Custom resource that makes Shelvery's data buckets",
      timeLimitSeconds: 300,
      environment: { POWERTOOLS_SERVICE_NAME: DATA_BUCKETS_FUNCTION },
    }),
    DataBuckets: commented(
      'Its properties are all that it depends on, so that it is updated when a parameter changes, and refuses what each run would refuse.',
      {
        Type: 'AWS::CloudFormation::CustomResource',
        Properties: {
          ServiceToken: getAtt('DataBucketsFunction'),
          ServiceTimeout: 600,
          SchedulesState: ref('SchedulesState'),
          Configuration: Object.fromEntries(CONFIGURED.map(({ key, value }) => [key, value])),
        },
      },
    ),
    DataBucketsErrorsAlarm: errorsAlarm('DataBucketsFunction', 'the function that makes the data buckets failed'),
  },
};
