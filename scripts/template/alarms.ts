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
  readonly statistic: 'Sum' | 'Maximum' | 'SampleCount';
  /** Goes off above this; 0 where nothing else is said. */
  readonly above?: Value;
  /** Goes off below this instead. */
  readonly below?: number;
  readonly periodSeconds?: number;
  /** How many periods in a row must be so. */
  readonly periods?: Value;
  readonly missingData?: Value;
}

function alarm(wanted: AlarmWanted): Mapping {
  const { says, metric, statistic, above = 0, below, periodSeconds = 300, periods = 1, missingData } = wanted;
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmDescription: sub(`\${AWS::StackName} - ${says}`),
      Namespace: metric.namespace,
      MetricName: metric.name,
      Dimensions: metric.dimensions.map(([Name, Value]) => ({ Name, Value })),
      Statistic: statistic,
      Period: periodSeconds,
      ComparisonOperator: below === undefined ? 'GreaterThanThreshold' : 'LessThanThreshold',
      Threshold: below ?? above,
      EvaluationPeriods: periods,
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

/**
 * Goes off when a metric was not told of for as long as the stack's objective, whatever the cause: a schedule that is off or
 * gone, a function without rights or concurrency, a run that breaks off or never ends. CloudWatch looks back for seven days
 * at most, in periods of an hour (page "PutMetricAlarm").
 */
const silenceAlarm = (metric: Metric, says: string): Mapping =>
  alarm({
    says,
    metric,
    statistic: 'SampleCount',
    below: 1,
    periodSeconds: 3600,
    periods: ref('ShelveryRpoHours'),
    missingData: 'breaching',
  });

/** Goes off when an age is above the stack's objective. Cleaning tells ages, and the alarm stays as it is in between. */
const ageAlarm = (metric: Metric, says: string, missingData: Value): Mapping =>
  alarm({ says, metric, statistic: 'Maximum', above: ref('ShelveryRpoHours'), periodSeconds: 3600, missingData });

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
    [`${id}OldPulledBackupsAlarm`]: ageAlarm(
      ofType(type, 'NewestPulledBackupAgeHours'),
      `of a source account the newest pulled backup of ${resources} is older than \${ShelveryRpoHours} hours`,
      'ignore',
    ),
    [`${id}LostNotificationsAlarm`]: alarm({
      says: `notifications of backups of ${resources} could not be published`,
      metric: ofType(type, 'NotificationsLost'),
      statistic: 'Sum',
    }),
    [`${id}ObjectiveAlarm`]: alarm({
      says: `a backup or a copy of ${resources} is missing: the report of the status names it`,
      metric: ofType(type, 'ObjectiveBreaches'),
      statistic: 'Maximum',
      periodSeconds: 3600,
      missingData: commented('The status is told once a day; in between the alarm stays as it is.', 'ignore'),
    }),
    [`${id}SilenceAlarm`]: silenceAlarm(
      ofType(type, 'CleaningsEnded'),
      `nothing was heard of the cleaning of ${resources} for \${ShelveryRpoHours} hours`,
    ),
    [`${id}LostMarksAlarm`]: alarm({
      says: `there are backups of ${resources}, and none of these is marked any more`,
      metric: ofType(type, 'MarksLost'),
      statistic: 'Maximum',
      periodSeconds: 3600,
      missingData: 'ignore',
    }),
    [`${id}OldBackupsAlarm`]: ageAlarm(
      ofType(type, 'NewestBackupAgeHours'),
      `${resources} are marked, but the newest backup is older than \${ShelveryRpoHours} hours`,
      commented('Cleaning tells once a day; in between the alarm stays as it is.', 'ignore'),
    ),
  };
}
