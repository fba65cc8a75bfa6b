import { ALARMS_TOPIC } from './expressions.js';
import { commented, getAtt, ref, sub } from './intrinsics.js';
import type { Mapping, Value } from './intrinsics.js';
import type { TypeInTemplate } from './backup-types.js';

/** One of CloudWatch's metrics. */
interface Metric {
  readonly namespace: Value;
  readonly name: string;
  readonly dimensions: readonly (readonly [string, Value])[];
}

const errorsOf = (functionId: string): Metric => ({
  namespace: 'AWS/Lambda',
  name: 'Errors',
  dimensions: [['FunctionName', ref(functionId)]],
});

const waitingIn = (queueId: string): Metric => ({
  namespace: 'AWS/SQS',
  name: 'ApproximateNumberOfMessagesVisible',
  dimensions: [['QueueName', getAtt(queueId, 'QueueName')]],
});

/** A metric of ours, as `layers/engine/src/lambda/metrics.ts` writes it. */
const ofType = (type: string, name: string): Metric => ({
  namespace: sub('Shelvery/${AWS::StackName}'),
  name,
  dimensions: [
    ['service', type],
    ['BackupType', type],
  ],
});

interface AlarmWanted {
  /** What has happened, for who is woken by it. */
  readonly says: string;
  readonly metric: Metric;
  readonly statistic: 'Sum' | 'Maximum';
  /** Goes off above this. */
  readonly above?: number;
  readonly periodSeconds?: number;
  readonly missingData?: Value;
}

function alarm({ says, metric, statistic, above = 0, periodSeconds = 300, missingData }: AlarmWanted): Mapping {
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmDescription: sub(`\${AWS::StackName} - ${says}`),
      Namespace: metric.namespace,
      MetricName: metric.name,
      Dimensions: metric.dimensions.map(([Name, Value]) => ({ Name, Value })),
      Statistic: statistic,
      Period: periodSeconds,
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: above,
      EvaluationPeriods: 1,
      TreatMissingData: missingData ?? 'notBreaching',
      AlarmActions: [ALARMS_TOPIC],
      OKActions: [ALARMS_TOPIC],
    },
  };
}

/** Goes off when an invocation of the function failed. */
export const errorsAlarm = (functionId: string, says: string): Mapping =>
  alarm({ says, metric: errorsOf(functionId), statistic: 'Sum' });

/** Goes off when something lies in a queue of what was given up. */
export const givenUpAlarm = (queueId: string, says: string): Mapping =>
  alarm({ says, metric: waitingIn(queueId), statistic: 'Maximum' });

/** The alarms of one backup type, by their logical ids. */
export function alarmsOf({ id, type, resources }: TypeInTemplate): Mapping {
  return {
    [`${id}ErrorsAlarm`]: errorsAlarm(`${id}Function`, `invocations of the function for ${resources} failed`),
    [`${id}DeadLettersAlarm`]: givenUpAlarm(
      `${id}DeadLetterQueue`,
      `delayed operations on backups of ${resources} were given up`,
    ),
    [`${id}FailedBackupsAlarm`]: alarm({
      says: `backups of ${resources} failed`,
      metric: ofType(type, 'BackupsFailed'),
      statistic: 'Sum',
    }),
    [`${id}OldBackupsAlarm`]: alarm({
      says: `${resources} are marked, but the newest backup is older than 26 hours`,
      metric: ofType(type, 'NewestBackupAgeHours'),
      statistic: 'Maximum',
      above: 26,
      periodSeconds: 3600,
      missingData: commented('Cleaning tells once a day; in between the alarm stays as it is.', 'ignore'),
    }),
  };
}
