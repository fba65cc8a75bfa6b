import type { Action } from '../../layers/engine/src/domain/actions.js';
import { getAtt, ref, sub } from './intrinsics.js';
import type { Mapping } from './intrinsics.js';
import type { Schedule, TypeInTemplate } from './backup-types.js';

/** What each schedule is called in logical ids, which action it invokes, and the parameter that says when. */
const SCHEDULES: Readonly<
  Record<Schedule, { readonly id: string; readonly action: Action; readonly parameter: string }>
> = {
  buckets: { id: 'Buckets', action: 'create_data_buckets', parameter: 'CreateBucketsSchedule' },
  create: { id: 'Create', action: 'create_backups', parameter: 'CreateBackupSchedule' },
  clean: { id: 'Clean', action: 'clean_backups', parameter: 'CleanBackupsSchedule' },
  pull: { id: 'Pull', action: 'pull_shared_backups', parameter: 'PullSharedBackupsSchedule' },
  archive: { id: 'Archive', action: 'archive_pending_backups', parameter: 'ArchivePendingBackupsSchedule' },
  status: { id: 'Status', action: 'status', parameter: 'StatusSchedule' },
};

/** The rules that invoke a type's function, and the permission that they need, by their logical ids. */
export function schedulesOf(type: TypeInTemplate): Mapping {
  return {
    [`${type.id}SchedulePermission`]: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: ref(`${type.id}Function`),
        Principal: 'events.amazonaws.com',
        SourceArn: sub(
          `arn:\${AWS::Partition}:events:\${AWS::Region}:\${AWS::AccountId}:rule/\${AWS::StackName}-${type.name}-*`,
        ),
      },
    },
    ...Object.fromEntries(
      type.schedules.map((schedule) => [`${type.id}${SCHEDULES[schedule].id}Rule`, rule(type, schedule)]),
    ),
  };
}

function rule({ id, type, name }: TypeInTemplate, schedule: Schedule): Mapping {
  const { action, parameter } = SCHEDULES[schedule];
  return {
    Type: 'AWS::Events::Rule',
    Condition: `Has${parameter}`,
    Properties: {
      Name: sub(`\${AWS::StackName}-${name}-${schedule}`),
      Description: `Invokes ${action} of ${type}`,
      ScheduleExpression: sub(`cron(\${${parameter}})`),
      State: ref('SchedulesState'),
      Targets: [
        {
          Id: 'function',
          Arn: getAtt(`${id}Function`),
          InputTransformer: {
            InputPathsMap: { time: '$.time' },
            InputTemplate: `{"backup_type":"${type}","action":"${action}","scheduled_time":<time>}`,
          },
          RetryPolicy: { MaximumEventAgeInSeconds: 21_600, MaximumRetryAttempts: 185 },
          DeadLetterConfig: { Arn: getAtt('UndeliveredSchedulesQueue') },
        },
      ],
    },
  };
}
