import { TYPES } from './backup-types.js';
import { DATA_BUCKETS_FUNCTION } from './data-buckets.js';
import { sub } from './intrinsics.js';
import { DASHBOARD_NAME } from './expressions.js';
import type { Section } from './write-yaml.js';

/** A graph of the dashboard. */
interface Graph {
  readonly title: string;
  readonly statistic: 'Sum' | 'Maximum';
  readonly periodSeconds: number;
  /** Each an array in CloudWatch's form: namespace, name, dimensions, options. */
  readonly metrics: readonly (readonly unknown[])[];
}

const DAY = 86_400;
const HOUR = 3_600;

const ofTypes = (metric: string): Graph['metrics'] =>
  TYPES.map(({ type }) => ['Shelvery/${AWS::StackName}', metric, 'service', type, 'BackupType', type, { label: type }]);
const daily = (title: string, metric: string): Graph => ({
  title,
  statistic: 'Sum',
  periodSeconds: DAY,
  metrics: ofTypes(metric),
});
const inQueue = (queueId: string, label: string): readonly unknown[] => [
  'AWS/SQS',
  'ApproximateNumberOfMessagesVisible',
  'QueueName',
  `\${${queueId}.QueueName}`,
  { label },
];

const GRAPHS: readonly Graph[] = [
  daily('Backups created', 'BackupsCreated'),
  daily('Backups copied to DR regions', 'BackupsCopied'),
  daily('Backups shared', 'BackupsShared'),
  daily('Backups pulled', 'BackupsPulled'),
  daily('Backups removed', 'BackupsRemoved'),
  daily('Failures', 'BackupsFailed'),
  {
    title: 'Missing backups and copies',
    statistic: 'Maximum',
    periodSeconds: DAY,
    metrics: ofTypes('ObjectiveBreaches'),
  },
  {
    title: 'Age of the newest backup (hours)',
    statistic: 'Maximum',
    periodSeconds: HOUR,
    metrics: ofTypes('NewestBackupAgeHours'),
  },
  {
    title: 'Errors of functions',
    statistic: 'Sum',
    periodSeconds: HOUR,
    metrics: [...TYPES.map(({ name }) => name), DATA_BUCKETS_FUNCTION].map((name) => [
      'AWS/Lambda',
      'Errors',
      'FunctionName',
      `\${AWS::StackName}-${name}`,
    ]),
  },
  {
    title: 'Messages in queues',
    statistic: 'Maximum',
    periodSeconds: 300,
    metrics: TYPES.flatMap(({ id, type }) => [
      inQueue(`${id}Queue`, `${type} waiting`),
      inQueue(`${id}DeadLetterQueue`, `${type} given up`),
    ]),
  },
];

/** A dashboard is 24 units wide. */
const COLUMNS = 3;
const WIDTH = 24 / COLUMNS;
const HEIGHT = 6;

/** The dashboard's JSON with a line for each metric. */
function body(): string {
  const widgets = GRAPHS.map(({ title, statistic, periodSeconds, metrics }, index) => {
    const place = {
      type: 'metric',
      x: (index % COLUMNS) * WIDTH,
      y: Math.floor(index / COLUMNS) * HEIGHT,
      width: WIDTH,
      height: HEIGHT,
    };
    const properties = { title, region: '${AWS::Region}', stat: statistic, period: periodSeconds };
    const lines = metrics.map((metric) => `      ${JSON.stringify(metric)}`).join(',\n');
    return `    ${open(place)},"properties":${open(properties)},"metrics":[\n${lines}]}}`;
  });
  return `{\n  "widgets": [\n${widgets.join(',\n')}\n  ]\n}\n`;
}

/** An object's JSON without its end. */
const open = (object: object): string => JSON.stringify(object).slice(0, -1);

/** The dashboard. */
export const DASHBOARD: Section = {
  members: {
    Dashboard: {
      Type: 'AWS::CloudWatch::Dashboard',
      Properties: { DashboardName: sub(DASHBOARD_NAME), DashboardBody: sub(body()) },
    },
  },
};
