import * as z from 'zod';
import type { Resolver } from '../../iam/intrinsic.js';

/** One value of a metric, at hours since the stack was made. */
interface Datapoint {
  readonly metric: string;
  readonly hour: number;
  readonly value: number;
}

const Alarm = z.object({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })),
  Statistic: z.enum(['Sum', 'Maximum', 'SampleCount']),
  Period: z.number(),
  ComparisonOperator: z.enum(['GreaterThanThreshold', 'LessThanThreshold']),
  Threshold: z.coerce.number(),
  EvaluationPeriods: z.coerce.number(),
  TreatMissingData: z.enum(['notBreaching', 'breaching', 'ignore']),
});
type Alarm = z.infer<typeof Alarm>;

const keyOf = (namespace: string, name: string, dimensions: Readonly<Record<string, string>>): string =>
  [
    namespace,
    name,
    ...Object.entries(dimensions)
      .map(([key, value]) => `${key}=${value}`)
      .sort(),
  ].join(' ');

/** A line of the embedded metric format, as CloudWatch reads it from a log (page "Specification: Embedded metric format"). */
const Embedded = z.looseObject({
  _aws: z.object({
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string() })),
      }),
    ),
  }),
});

/** CloudWatch, as far as the alarms of a stack go: metrics in, and what is in the state ALARM when. */
export interface CloudWatch {
  put(namespace: string, name: string, dimensions: Readonly<Record<string, string>>, hour: number, value: number): void;
  /** Takes what a function wrote to its log; lines that are no metrics count for nothing. */
  readLog(lines: readonly string[], hour: number): void;
  /** The alarms of a stack that were in ALARM at any time after one hour and up to another. */
  inAlarm(resolver: Resolver, hours: { readonly after: number; readonly upTo: number }): readonly string[];
}

export function createCloudWatch(): CloudWatch {
  const points: Datapoint[] = [];
  const put: CloudWatch['put'] = (namespace, name, dimensions, hour, value) => {
    points.push({ metric: keyOf(namespace, name, dimensions), hour, value });
  };
  return {
    put,
    readLog(lines, hour) {
      for (const line of lines) {
        const read = Embedded.safeParse(parsed(line));
        for (const { Namespace, Dimensions, Metrics } of read.data?._aws.CloudWatchMetrics ?? []) {
          for (const names of Dimensions) {
            const dimensions = Object.fromEntries(names.map((name) => [name, z.string().parse(read.data?.[name])]));
            for (const { Name } of Metrics)
              for (const value of z
                .union([z.array(z.number()), z.number().transform((one) => [one])])
                .parse(read.data?.[Name]))
                put(Namespace, Name, dimensions, hour, value);
          }
        }
      }
    },
    inAlarm: (resolver, { after, upTo }) =>
      resolver.resources('AWS::CloudWatch::Alarm').filter((name) => {
        const alarm = Alarm.parse(resolver.properties(name));
        const { Namespace, MetricName, Dimensions } = alarm;
        const metric = keyOf(
          Namespace,
          MetricName,
          Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])),
        );
        const own = points.filter((point) => point.metric === metric);
        return statesOf(alarm, own, upTo).some(({ hour, isAlarm }) => isAlarm && hour > after);
      }),
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/**
 * The states of an alarm at the end of each of its periods (pages "Using Amazon CloudWatch alarms", "Configuring how
 * CloudWatch alarms treat missing data"): ALARM where every period of the evaluation breaches.
 */
function statesOf(
  alarm: Alarm,
  points: readonly Datapoint[],
  upTo: number,
): readonly { readonly hour: number; readonly isAlarm: boolean }[] {
  const length = alarm.Period / 3600;
  const ends = Array.from({ length: Math.floor(upTo / length) }, (_, index) => (index + 1) * length);
  let isAlarm = false;
  return ends.map((end) => {
    const periods = Array.from({ length: alarm.EvaluationPeriods }, (_, back) => end - back * length);
    const values = periods.map((at) =>
      points.filter(({ hour }) => hour >= at - length && hour < at).map(({ value }) => value),
    );
    const isMissing = values.every((each) => each.length === 0);
    if (!(isMissing && alarm.TreatMissingData === 'ignore')) isAlarm = values.every((each) => breaches(alarm, each));
    return { hour: end, isAlarm };
  });
}

function breaches(
  { Statistic, ComparisonOperator, Threshold, TreatMissingData }: Alarm,
  values: readonly number[],
): boolean {
  if (values.length === 0) return TreatMissingData === 'breaching';
  const sum = values.reduce((total, value) => total + value, 0);
  const value = { Sum: sum, Maximum: Math.max(...values), SampleCount: values.length }[Statistic];
  return ComparisonOperator === 'GreaterThanThreshold' ? value > Threshold : value < Threshold;
}
