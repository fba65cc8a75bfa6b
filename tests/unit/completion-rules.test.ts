import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import * as z from 'zod';

const root = new URL('../../', import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** What a short intrinsic function stands before is read as plain text: `!Ref X` is `X`. */
const Words = z.array(z.string());
const Pattern = z.strictObject({
  source: Words,
  'detail-type': Words,
  detail: z.record(z.string(), Words),
  region: Words.optional(),
});
const Rule = z.object({
  State: z.string(),
  EventPattern: Pattern,
  Targets: z.tuple([z.looseObject({ Arn: z.unknown() })]),
});
const Template = z.object({ Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.unknown() })) });

/** The rules of a template that go by a pattern. */
function rulesOf(file: string): ReadonlyMap<string, z.infer<typeof Rule>> {
  const { Resources } = Template.parse(parse(text(file), { logLevel: 'silent' }));
  return new Map(
    Object.entries(Resources).flatMap(([name, { Type, Properties }]) =>
      Type === 'AWS::Events::Rule' && Rule.safeParse(Properties).success
        ? [[name, Rule.parse(Properties)] as const]
        : [],
    ),
  );
}

const AwsEvent = z.object({
  source: z.string(),
  'detail-type': z.string(),
  region: z.string(),
  detail: z.record(z.string(), z.unknown()),
});
type AwsEvent = z.infer<typeof AwsEvent>;

/** Page "Creating Amazon EventBridge event patterns": each field of a pattern has to be one of its values. */
function matches({ source, 'detail-type': type, detail }: z.infer<typeof Pattern>, event: AwsEvent): boolean {
  return (
    source.includes(event.source) &&
    type.includes(event['detail-type']) &&
    Object.entries(detail).every(([key, values]) => values.some((value) => value === event.detail[key]))
  );
}

const Sample = z.object({ Records: z.array(z.object({ body: z.string() })) });
/** Those that come by EventBridge: Redshift's come by a topic. */
const SAMPLES = readdirSync(new URL('events/', root))
  .filter((file) => file.endsWith('-completion.json') && !file.startsWith('redshift'))
  .flatMap((file) =>
    Sample.parse(JSON.parse(text(`events/${file}`))).Records.map(({ body }) => ({
      type: file.replace('-completion.json', ''),
      event: AwsEvent.parse(JSON.parse(body)),
    })),
  );

const HOME_RULES = rulesOf('template.yaml');
const DR_RULES = rulesOf('template-dr-region.yaml');

function matching(rules: ReadonlyMap<string, z.infer<typeof Rule>>, event: AwsEvent): readonly string[] {
  return [...rules].flatMap(([name, rule]) => (matches(rule.EventPattern, event) ? [name] : []));
}

describe('the rules of the stack for events of AWS', () => {
  it('are for each type that AWS tells of, all on one parameter, with its queue as their target', () => {
    expect([...HOME_RULES.keys()]).toEqual([
      'EbsEventsRule',
      'Ec2AmiEventsRule',
      'RdsEventsRule',
      'RdsClusterEventsRule',
      'DocDbEventsRule',
    ]);
    for (const [name, { State, Targets, EventPattern }] of HOME_RULES) {
      expect(State).toBe('ShelveryCompletionEvents');
      expect(Targets[0].Arn).toBe(`${name.replace('EventsRule', 'Queue')}.Arn`);
      // A DR region's events come to the same bus, with their own region.
      expect(EventPattern.region).toBeUndefined();
    }
  });

  it.each(SAMPLES)('send the sample of $type ($event.detail-type) to its function', ({ type, event }) => {
    const ids = { ebs: 'Ebs', ec2ami: 'Ec2Ami', rds: 'Rds', rds_cluster: 'RdsCluster', docdb: 'DocDb' };
    // RDS tells of clusters of both; each function finds out whose the snapshot is.
    const expected = Object.entries(ids).flatMap(([each, id]) =>
      each === type || (type !== 'ebs' && matchesBoth(each, type)) ? [`${id}EventsRule`] : [],
    );
    expect(matching(HOME_RULES, event)).toEqual(expected);
  });

  it.each([
    ['a deleted snapshot', 'aws.ec2', 'EBS Snapshot Notification', { event: 'deleteSnapshot', result: 'succeeded' }],
    ['a failed one', 'aws.ec2', 'EBS Snapshot Notification', { event: 'createSnapshot', result: 'failed' }],
    ['a failed image', 'aws.ec2', 'EC2 AMI State Change', { State: 'failed' }],
    ['an automated snapshot', 'aws.rds', 'RDS DB Snapshot Event', { EventID: 'RDS-EVENT-0091' }],
    ['a snapshot that is begun', 'aws.rds', 'RDS DB Cluster Snapshot Event', { EventID: 'RDS-EVENT-0074' }],
  ])('do not send %s', (_, source, type, detail) => {
    expect(matching(HOME_RULES, { source, 'detail-type': type, region: 'eu-west-1', detail })).toEqual([]);
  });
});

function matchesBoth(one: string, other: string): boolean {
  return [one, other].every((each) => each === 'rds_cluster' || each === 'docdb');
}

describe('the rules of a DR region', () => {
  it('forward what is told of copies there, and nothing that was forwarded to it', () => {
    expect([...DR_RULES.keys()]).toEqual(['EbsCopiesRule', 'Ec2AmiCopiesRule', 'RdsCopiesRule']);
    for (const { State, EventPattern, Targets } of DR_RULES.values()) {
      expect(State).toBe('ENABLED');
      expect(EventPattern.region).toEqual(['AWS::Region']);
      expect(Targets[0]).toMatchObject({
        Arn: 'arn:${AWS::Partition}:events:${HomeRegion}:${AWS::AccountId}:event-bus/default',
        RoleArn: 'ForwardRole.Arn',
      });
    }
  });

  it('forward the copies among the samples, and not what was made or shared', () => {
    const forwarded = SAMPLES.filter(({ event }) => matching(DR_RULES, event).length > 0);
    expect(
      forwarded.map(({ type, event }) => `${type} ${z.string().catch('').parse(event.detail['event'])}`.trim()),
    ).toEqual([
      'ebs copySnapshot',
      // Of an image AWS tells in the same words whether it was made or copied.
      'ec2ami',
    ]);
  });
});
