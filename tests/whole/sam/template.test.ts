import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BACKUP_TYPES } from '@shelvery/engine/terminal';
import * as z from 'zod';
import { BUCKET, startAwsStandIn } from './aws-stand-in.js';
import { logicalPrefix, readTemplate } from '../../iam/template.js';
import { inSamEnvironment, root, run } from './sam-cli.js';

const MINUTES = 60_000;
const REGION = 'eu-west-1';
const folder = mkdtempSync(`${tmpdir()}/shelvery-sam-`);
const packagedFile = `${folder}/packaged.yaml`;

const Resource = z.looseObject({
  Type: z.string(),
  Condition: z.string().optional(),
  Properties: z.record(z.string(), z.unknown()).prefault({}),
});
const Transformed = z.object({
  Resources: z.record(z.string(), Resource),
  Conditions: z.record(z.string(), z.unknown()),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown() })),
});
const Supported = z.object({ read: z.iso.date(), types: z.array(z.string()) });

const source = readTemplate();
const BACKUP_FUNCTIONS = BACKUP_TYPES.map((type) => logicalPrefix(source, type));
const FUNCTIONS = [...BACKUP_FUNCTIONS, 'DataBuckets'];
const TEMPLATES = ['template.yaml', 'template-dr-region.yaml'];

let packaged = '';
let resources: z.infer<typeof Transformed>['Resources'] = {};
let conditions: z.infer<typeof Transformed>['Conditions'] = {};
let outputs: z.infer<typeof Transformed>['Outputs'] = {};
let uploaded: readonly string[] = [];

const properties = (name: string): Readonly<Record<string, unknown>> => {
  const found = resources[name];
  if (found === undefined) throw new Error(`the template has no ${name}`);
  return found.Properties;
};
const ofType = (type: string): readonly string[] =>
  Object.keys(resources).filter((name) => resources[name]?.Type === type);
const getAtt = (name: string, attribute = 'Arn'): unknown => ({ 'Fn::GetAtt': [name, attribute] });

beforeAll(async () => {
  const aws = await startAwsStandIn(REGION);
  try {
    const args = ['--region', REGION, '--s3-bucket', BUCKET, '--output-template-file', packagedFile];
    const { status, stderr } = await run(
      inSamEnvironment('sam'),
      ['package', '--template-file', 'template.yaml', ...args],
      { environment: aws.environment },
    );
    if (status !== 0) throw new Error(stderr);
    uploaded = aws.uploaded;
  } finally {
    await aws.close();
  }
  packaged = readFileSync(packagedFile, 'utf8');
  const { status, stdout, stderr } = await run(
    inSamEnvironment('python'),
    [`${root}tests/whole/sam/transform.py`, packagedFile],
    {
      environment: { AWS_DEFAULT_REGION: REGION },
    },
  );
  if (status !== 0) throw new Error(stderr);
  ({ Resources: resources, Conditions: conditions, Outputs: outputs } = Transformed.parse(JSON.parse(stdout)));
}, 3 * MINUTES);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the SAM CLI', () => {
  it.each(TEMPLATES)(
    'finds %s valid',
    async (file) => {
      const args = ['validate', '--lint', '--region', REGION, '--template-file', file];
      const { status, stdout, stderr } = await run(inSamEnvironment('sam'), args);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toContain('is a valid SAM Template');
    },
    MINUTES,
  );

  it.each(TEMPLATES)(
    'finds nothing to warn of in %s',
    async (file) => {
      expect(await run(inSamEnvironment('cfn-lint'), [file])).toEqual({ status: 0, stdout: '', stderr: '' });
    },
    MINUTES,
  );

  it(
    'builds without Docker',
    async () => {
      const { status, stderr } = await run(inSamEnvironment('sam'), [
        'build',
        '--region',
        REGION,
        '--build-dir',
        `${folder}/build`,
        '--cache-dir',
        `${folder}/cache`,
      ]);
      expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
      for (const name of FUNCTIONS) expect(readdirSync(`${folder}/build/${name}Function`)).toContain('index.mjs');
      const [, layer = ''] = /ContentUri: (\S+)/.exec(readFileSync(`${folder}/build/template.yaml`, 'utf8')) ?? [];
      expect(existsSync(resolve(folder, 'build', layer, 'nodejs/node_modules/@shelvery/engine/package.json'))).toBe(
        true,
      );
    },
    MINUTES,
  );

  it('packages every function and the layer, and leaves no local path', () => {
    expect(uploaded.length).toBeGreaterThanOrEqual(FUNCTIONS.length + 1);
    for (const [, uri] of packaged.matchAll(/(?:CodeUri|ContentUri|LicenseUrl|ReadmeUrl): (\S+)/g))
      expect(uri).toMatch(/^s3:\/\//);
    expect(packaged).not.toMatch(/\bdist\//);
    expect(packaged).not.toContain(root);
  });
});

describe('the transformed template', () => {
  it('has only resource types that the Serverless Application Repository supports', () => {
    const { types } = Supported.parse(
      JSON.parse(readFileSync(`${root}tests/whole/sam/sar-resource-types.json`, 'utf8')),
    );
    const used = [...new Set(Object.values(resources).map(({ Type }) => Type))];
    expect(used.filter((type) => !types.includes(type))).toEqual([]);
  });

  it('has at most 500 resources', () => {
    expect(Object.keys(resources).length).toBeLessThanOrEqual(500);
  });

  it('gives every function its name from the stack, and nothing else a name that two stacks would share', () => {
    expect(
      ofType('AWS::Lambda::Function')
        .map((name) => name.replace(/Function$/, ''))
        .sort(),
    ).toEqual([...FUNCTIONS].sort());
    for (const resource of Object.values(resources)) {
      for (const [key, value] of Object.entries(resource.Properties)) {
        if (
          /^(?:Function|Queue|Topic|LogGroup|Layer|Role|ManagedPolicy|Dashboard|Alarm|)Name$/.test(key) &&
          typeof value === 'string'
        ) {
          throw new Error(`${resource.Type} is named ${value}`);
        }
      }
    }
  });

  it.each(FUNCTIONS)(
    'runs the %s function on Node.js 24, arm64, with recursive loops allowed and a log that ends',
    (name) => {
      expect(properties(`${name}Function`)).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        RecursiveLoop: 'Allow',
        LoggingConfig: { LogGroup: { Ref: `${name}LogGroup` } },
        Role: getAtt(`${name}Role`),
        TracingConfig: { Mode: { Ref: 'Tracing' } },
      });
      expect(properties(`${name}LogGroup`)['RetentionInDays']).toEqual({ Ref: 'LogRetentionDays' });
    },
  );

  it.each(FUNCTIONS)(
    'tries a failed asynchronous invocation of the %s function twice more and then keeps it in the alarmed queue',
    (name) => {
      const config = ofType('AWS::Lambda::EventInvokeConfig')
        .map(properties)
        .find(({ FunctionName }) => JSON.stringify(FunctionName) === JSON.stringify({ Ref: `${name}Function` }));
      expect(config).toMatchObject({
        MaximumRetryAttempts: 2,
        DestinationConfig: { OnFailure: { Destination: getAtt('FailedInvocationsQueue') } },
      });
    },
  );

  it.each(BACKUP_FUNCTIONS)('has the %s function wait in a queue of its own', (name) => {
    expect(properties(`${name}Queue`)).toMatchObject({
      VisibilityTimeout: 6 * 900,
      MessageRetentionPeriod: 4 * 86_400,
      SqsManagedSseEnabled: true,
      RedrivePolicy: { deadLetterTargetArn: getAtt(`${name}DeadLetterQueue`), maxReceiveCount: 5 },
    });
    expect(properties(`${name}DeadLetterQueue`)).toMatchObject({
      MessageRetentionPeriod: 14 * 86_400,
      SqsManagedSseEnabled: true,
    });
    expect(properties(`${name}Function`)).toMatchObject({
      Timeout: 900,
      Environment: { Variables: { shelvery_sqs_queue_url: { Ref: `${name}Queue` } } },
    });
    expect(properties(`${name}FunctionWaiting`)).toMatchObject({
      EventSourceArn: getAtt(`${name}Queue`),
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
  });

  it('alarms on the errors of every function, on every queue of what was given up, on failed and old backups, and on silence', () => {
    const alarms = ofType('AWS::CloudWatch::Alarm').map(properties);
    const watched = alarms.map(({ MetricName, Dimensions }) => {
      const [last] = z
        .array(z.object({ Value: z.unknown() }))
        .parse(Dimensions)
        .slice(-1);
      return `${String(MetricName)} ${JSON.stringify(last?.Value)}`;
    });
    const queues = [
      ...BACKUP_FUNCTIONS.map((name) => `${name}DeadLetterQueue`),
      'FailedInvocationsQueue',
      'UndeliveredSchedulesQueue',
    ];
    expect(watched.sort()).toEqual(
      [
        ...FUNCTIONS.map((name) => `Errors ${JSON.stringify({ Ref: `${name}Function` })}`),
        ...queues.map((name) => `ApproximateNumberOfMessagesVisible ${JSON.stringify(getAtt(name, 'QueueName'))}`),
        ...BACKUP_TYPES.flatMap((type) =>
          [
            'BackupsFailed',
            'CleaningsEnded',
            'MarksLost',
            'NewestBackupAgeHours',
            'NewestPulledBackupAgeHours',
            'NotificationsLost',
            'ObjectiveBreaches',
          ].map((metric) => `${metric} "${type}"`),
        ),
      ].sort(),
    );
    const otherwise = { 'Fn::If': ['MakesSnsTopic', { Ref: 'ErrorsTopic' }, { Ref: 'ShelverySnsTopic' }] };
    const errors = { 'Fn::If': ['HasErrorSnsTopic', { Ref: 'ShelveryErrorSnsTopic' }, otherwise] };
    const topic = { 'Fn::If': ['HasAlarmSnsTopic', { Ref: 'AlarmSnsTopic' }, errors] };
    for (const alarm of alarms) {
      // Ages are told once a day: until the next time the alarm stays as it is.
      const missing = {
        NewestBackupAgeHours: 'ignore',
        NewestPulledBackupAgeHours: 'ignore',
        MarksLost: 'ignore',
        ObjectiveBreaches: 'ignore',
        CleaningsEnded: 'breaching',
      };
      const TreatMissingData = Object.entries(missing).find(([name]) => name === alarm['MetricName'])?.[1];
      expect(alarm).toMatchObject({
        AlarmActions: [topic],
        OKActions: [topic],
        TreatMissingData: TreatMissingData ?? 'notBreaching',
      });
    }
  });

  // A schedule that is off, empty or deleted, a function without rights, without concurrency, or of wrong configuration, and a
  // run that is handed over without end: whatever it is, nothing is told of a cleaning, and that is what goes off.
  it.each(BACKUP_TYPES)(
    'alarms on the silence of %s for as long as the objective, whatever the parameters are',
    (type) => {
      const silence = ofType('AWS::CloudWatch::Alarm').filter((alarm) => {
        const { MetricName, Dimensions } = properties(alarm);
        return MetricName === 'CleaningsEnded' && JSON.stringify(Dimensions).includes(`"BackupType","Value":"${type}"`);
      });
      expect(silence).toHaveLength(1);
      for (const name of silence) {
        expect(resources[name]).not.toHaveProperty('Condition');
        expect(properties(name)).toMatchObject({
          Statistic: 'SampleCount',
          ComparisonOperator: 'LessThanThreshold',
          Threshold: 1,
          Period: 3600,
          EvaluationPeriods: { Ref: 'ShelveryRpoHours' },
          TreatMissingData: 'breaching',
        });
      }
    },
  );

  it('names its dashboard by stack and region, as dashboards are global, and says where it is in each partition', () => {
    expect(properties('Dashboard')['DashboardName']).toEqual({ 'Fn::Sub': '${AWS::StackName}-${AWS::Region}' });
    const gov = { 'Fn::If': ['IsGovCloud', 'console.amazonaws-us-gov.com', 'console.aws.amazon.com'] };
    expect(outputs['DashboardUrl']?.Value).toEqual({
      'Fn::Sub': [
        'https://${AWS::Region}.${Console}/cloudwatch/home?region=${AWS::Region}#dashboards/dashboard/${AWS::StackName}-${AWS::Region}',
        { Console: { 'Fn::If': ['IsChina', 'console.amazonaws.cn', gov] } },
      ],
    });
    expect(conditions).toMatchObject({
      IsChina: { 'Fn::Equals': [{ Ref: 'AWS::Partition' }, 'aws-cn'] },
      IsGovCloud: { 'Fn::Equals': [{ Ref: 'AWS::Partition' }, 'aws-us-gov'] },
    });
  });

  it.each(FUNCTIONS)('tells the ARN of the role of the %s function, for policies of others', (name) => {
    expect(outputs[`${name}RoleArn`]?.Value).toEqual(getAtt(`${name}Role`));
  });

  it('makes a topic for errors only where neither that nor the main one is given', () => {
    expect(conditions).toMatchObject({
      MakesSnsTopic: { 'Fn::Equals': [{ Ref: 'ShelverySnsTopic' }, ''] },
      HasErrorSnsTopic: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'ShelveryErrorSnsTopic' }, ''] }] },
      MakesErrorSnsTopic: {
        'Fn::And': [{ Condition: 'MakesSnsTopic' }, { 'Fn::Not': [{ Condition: 'HasErrorSnsTopic' }] }],
      },
    });
  });

  it('schedules create, clean and status for every type, pull for all but Redshift, and buckets and archiving once', () => {
    const Targets = z.tuple([
      z.object({
        InputTransformer: z.object({
          InputPathsMap: z.object({ time: z.literal('$.time') }),
          InputTemplate: z.string(),
        }),
        RetryPolicy: z.object({ MaximumRetryAttempts: z.number().min(1) }),
        DeadLetterConfig: z.object({
          Arn: z.object({ 'Fn::GetAtt': z.tuple([z.literal('UndeliveredSchedulesQueue'), z.literal('Arn')]) }),
        }),
      }),
    ]);
    const schedules = ofType('AWS::Events::Rule').filter((name) => 'ScheduleExpression' in properties(name));
    const inputs = schedules.map((name) => {
      const [target] = Targets.parse(properties(name)['Targets']);
      return z
        .strictObject({ backup_type: z.string(), action: z.string(), scheduled_time: z.iso.datetime() })
        .parse(JSON.parse(target.InputTransformer.InputTemplate.replace('<time>', '"2026-11-24T01:00:00Z"')));
    });
    expect(inputs.map((input) => `${input.backup_type} ${input.action}`).sort()).toEqual(
      [
        ...BACKUP_TYPES.flatMap((type) => [`${type} create_backups`, `${type} clean_backups`, `${type} status`]),
        ...BACKUP_TYPES.filter((type) => type !== 'redshift').map((type) => `${type} pull_shared_backups`),
        'ebs create_data_buckets',
        'ebs archive_pending_backups',
      ].sort(),
    );
  });

  it('sends the events of AWS to the queue of each type that has some, which takes them from that rule alone', () => {
    const rules = ofType('AWS::Events::Rule').filter((name) => 'EventPattern' in properties(name));
    expect(rules.map((name) => name.replace(/EventsRule$/, '')).sort()).toEqual(
      BACKUP_FUNCTIONS.filter((name) => name !== 'Redshift').sort(),
    );
    for (const rule of rules) {
      const id = rule.replace(/EventsRule$/, '');
      expect(properties(rule)).toMatchObject({
        State: { Ref: 'ShelveryCompletionEvents' },
        Targets: [{ Arn: getAtt(`${id}Queue`) }],
      });
      expect(properties(`${id}QueuePolicy`)).toEqual({
        Queues: [{ Ref: `${id}Queue` }],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'events.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Resource: getAtt(`${id}Queue`),
              Condition: { ArnEquals: { 'aws:SourceArn': getAtt(rule) } },
            },
          ],
        },
      });
    }
  });

  it('has a topic for the events of Redshift, from which alone its queue takes messages', () => {
    expect(properties('RedshiftEventsSubscription')).toEqual({
      TopicArn: { Ref: 'RedshiftEventsTopic' },
      Protocol: 'sqs',
      Endpoint: getAtt('RedshiftQueue'),
    });
    expect(properties('RedshiftQueuePolicy')).toMatchObject({
      Queues: [{ Ref: 'RedshiftQueue' }],
      PolicyDocument: {
        Statement: [
          {
            Principal: { Service: 'sns.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Condition: { ArnEquals: { 'aws:SourceArn': { Ref: 'RedshiftEventsTopic' } } },
          },
        ],
      },
    });
    for (const name of ['RedshiftEventsTopic', 'RedshiftEventsSubscription', 'RedshiftQueuePolicy'])
      expect(resources[name]?.Condition).toBe('HasCompletionEvents');
  });

  it('keeps names within their limits for the longest stack name that the deploy script takes', () => {
    const names = [...ofType('AWS::Events::Rule'), ...ofType('AWS::Lambda::Function')].map((name) => {
      const { Name, FunctionName } = properties(name);
      return z.object({ 'Fn::Sub': z.string() }).parse(Name ?? FunctionName)['Fn::Sub'];
    });
    for (const name of names) expect(name.replace('${AWS::StackName}', 'x'.repeat(45)).length).toBeLessThanOrEqual(64);
  });

  it('has the roles and policies of the template and no others, which the proof of least privilege reads there', () => {
    const ofIam = (of: z.infer<typeof Transformed>['Resources']): Readonly<Record<string, unknown>> =>
      Object.fromEntries(
        Object.entries(of).flatMap(([name, { Type, Condition, Properties }]) =>
          Type.startsWith('AWS::IAM::') ? [[name, { Type, Condition, Properties }]] : [],
        ),
      );
    expect(Object.keys(ofIam(resources))).toHaveLength(FUNCTIONS.length + 10);
    expect(ofIam(resources)).toEqual(ofIam(source.Resources));
  });

  it('attaches no policy of AWS, and allows no action by a wildcard', () => {
    const statements = [...ofType('AWS::IAM::Role'), ...ofType('AWS::IAM::ManagedPolicy')].map((name) =>
      JSON.stringify(properties(name)),
    );
    for (const statement of statements) {
      expect(statement).not.toContain(':iam::aws:policy/');
      expect(statement).not.toMatch(/"[a-z0-9]+:[A-Za-z]*\*"/);
    }
  });
});
