import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import * as z from 'zod';
import { CONFIG_KEYS, ConfigSchema, isConfigKey } from '../../layers/engine/src/domain/config/config-schema.js';
import type { ConfigKey } from '../../layers/engine/src/domain/config/config-schema.js';
import { BACKUP_TYPES } from '../../layers/engine/src/domain/values.js';
import { parseEvent } from '../../layers/engine/src/lambda/parse-event.js';

const root = new URL('../../', import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), 'utf8');

const Parameter = z.strictObject({
  Type: z.literal('String'),
  Description: z.string().min(1).max(4_000),
  Default: z.string(),
  NoEcho: z.boolean().optional(),
  MaxLength: z.number().optional(),
  AllowedPattern: z.string().optional(),
  AllowedValues: z.array(z.string()).optional(),
  ConstraintDescription: z.string().optional(),
});
/** What a short intrinsic function stands before is read as plain text: `!Ref X` is `X`. */
const Template = z.object({
  Metadata: z.object({
    'AWS::ServerlessRepo::Application': z.record(z.string(), z.unknown()),
    'AWS::CloudFormation::Interface': z.object({
      ParameterGroups: z.array(
        z.object({ Label: z.object({ default: z.string().min(1) }), Parameters: z.array(z.string()) }),
      ),
      ParameterLabels: z.record(z.string(), z.object({ default: z.string().min(1) })),
    }),
  }),
  Parameters: z.record(z.string(), Parameter),
  Conditions: z.record(z.string(), z.unknown()),
  Resources: z.record(
    z.string(),
    z.looseObject({
      Type: z.string(),
      Condition: z.string().optional(),
      Properties: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
});
const source = text('template.yaml');
const template = Template.parse(parse(source, { logLevel: 'silent' }));
const parameters = Object.entries(template.Parameters);
const { ParameterGroups: groups, ParameterLabels: labels } = template.Metadata['AWS::CloudFormation::Interface'];

/** Keys that are no parameters of a stack, and why. */
const NO_PARAMETER: Partial<Record<ConfigKey, string>> = {
  shelvery_current_retention_type: 'it is for a single run',
  shelvery_select_entity: 'it is for a single run',
  shelvery_wait_snapshot_timeout: 'only the CLI waits so',
  shelvery_lambda_max_wait_iterations: 'in a stack every function has a queue',
  shelvery_sqs_queue_url: 'each function has its own, in its environment',
  boto3_retries: 'it is ignored',
};

/** Parameters whose default is that of the original's template and not the key's. */
const OTHER_DEFAULT: Partial<Record<ConfigKey, string>> = {
  shelvery_custom_retention_types: 'quarterHourly:86400,halfHourly:86400,hourly:86400',
  shelvery_sqs_queue_wait_period: '300',
};

/** A value; of an `!If` the first of its words that is a parameter, which is the key's own. */
const Value = z.union([
  z.string().transform((parameter) => ({ parameter, hasOther: false })),
  z.array(z.unknown()).transform((list) => ({
    parameter:
      list
        .flat(3)
        .map(String)
        .find((word) => word in template.Parameters) ?? '',
    hasOther: true,
  })),
]);
const SsmProperties = z.object({ Name: z.string(), Value });

/** The config keys in SSM, each with the parameter of the stack that its value is. */
const configured = Object.values(template.Resources)
  .filter(({ Type }) => Type === 'AWS::SSM::Parameter')
  .map(({ Properties, Condition }) => {
    const { Name, Value } = SsmProperties.parse(Properties);
    return { path: Name, key: Name.split('/').at(-1) ?? '', ...Value, condition: Condition };
  });

function allows(name: string, value: string): boolean {
  const parameter = template.Parameters[name];
  if (parameter === undefined) throw new Error(`there is no parameter ${name}`);
  if (parameter.AllowedValues !== undefined) return parameter.AllowedValues.includes(value);
  return (
    value.length <= (parameter.MaxLength ?? 4_096) && new RegExp(`^(?:${parameter.AllowedPattern ?? ''})$`).test(value)
  );
}

const repeated = (text: string, times: number): string => Array.from({ length: times }, () => text).join(',');
const KEY_ID = '01234567-89ab-cdef-0123-456789abcdef';
const MULTI_REGION = 'mrk-0123456789abcdef0123456789abcdef';
const KEY_ARN = 'arn:aws:kms:eu-west-1:111111111111:key';
const accounts = (count: number): string => repeated('111111111111', count);
const roles = (count: number): string => repeated('arn:aws:iam::111111111111:role/path/somebodys-backups', count);

describe('the parameters of the template', () => {
  it.each(parameters)('%s has a constraint that its default keeps, and says what is allowed', (name, parameter) => {
    expect(
      [parameter.AllowedPattern, parameter.AllowedValues].filter((constraint) => constraint !== undefined),
    ).toHaveLength(1);
    if (parameter.AllowedPattern !== undefined) expect(parameter.ConstraintDescription).toBeDefined();
    expect(allows(name, parameter.Default)).toBe(true);
  });

  it('are each in one group and have each a label', () => {
    const names = parameters.map(([name]) => name).sort();
    expect(groups.flatMap((group) => group.Parameters).sort()).toEqual(names);
    expect(Object.keys(labels).sort()).toEqual(names);
  });

  it('have the names of the original', () => {
    expect(Object.keys(template.Parameters)).toEqual(
      expect.arrayContaining([
        ...['CreateBucketsSchedule', 'CreateBackupSchedule', 'CleanBackupsSchedule', 'PullSharedBackupsSchedule'],
        ...[
          'ShelveryKeepDailyBackups',
          'ShelveryKeepWeeklyBackups',
          'ShelveryKeepMonthlyBackups',
          'ShelveryKeepYearlyBackups',
        ],
        ...[
          'ShelverySourceAwsAccountIds',
          'ShelveryShareAwsAccountIds',
          'ShelveryCustomRetentionTypes',
          'ShelveryStatusSnsTopic',
        ],
        ...['ShelveryRdsBackupMode', 'ShelveryDocDbBackupMode', 'ShelveryRedShiftBackupMode'],
        ...['ShelveryEncryptCopy', 'ShelveryCopyKmsKeyId'],
        ...['ShelveryCopyOptionGroups', 'ShelveryReencryptKmsKeyId'],
      ]),
    );
  });

  it('cover every configuration key that is for a stack', () => {
    const keys = CONFIG_KEYS.filter((key) => NO_PARAMETER[key] === undefined);
    expect(configured.map(({ key }) => key).sort()).toEqual([...keys].sort());
    for (const { path, key } of configured) expect(path).toBe(`/shelvery/\${AWS::StackName}/${key}`);
  });

  it.each(configured)("$parameter is $key, with the key's own default", ({ key, parameter }) => {
    const { Default: value = '' } = template.Parameters[parameter] ?? {};
    if (!isConfigKey(key)) throw new Error(`${key} is no configuration key`);
    const expected = ConfigSchema.parse(OTHER_DEFAULT[key] === undefined ? {} : { [key]: OTHER_DEFAULT[key] })[key];
    expect(ConfigSchema.parse(value === '' ? {} : { [key]: value })[key]).toEqual(expected);
  });

  it('are checked, when the stack changes, as the functions read them', () => {
    const { Configuration } = z
      .object({ Configuration: z.record(z.string(), z.unknown()) })
      .parse(template.Resources['DataBuckets']?.Properties);
    const read = Object.values(template.Resources).flatMap(({ Type, Properties }) => {
      if (Type !== 'AWS::SSM::Parameter') return [];
      const { Name, Value: value } = z.object({ Name: z.string(), Value: z.unknown() }).parse(Properties);
      return [[Name.split('/').at(-1) ?? '', value] as const];
    });
    expect(Configuration).toEqual(Object.fromEntries(read));
  });

  it('make no SSM parameter of an empty value', () => {
    // What an empty one gives way to is never empty: the stack's own topic, or the main one.
    for (const { parameter, condition, hasOther } of configured) {
      const mayBeEmpty = allows(parameter, '') && !hasOther;
      expect({ parameter, hasCondition: condition !== undefined }).toEqual({ parameter, hasCondition: mayBeEmpty });
      if (condition !== undefined) expect(template.Conditions[condition]).toEqual([[parameter, '']]);
    }
  });

  it.each([
    ['ShelveryKeepDailyBackups', ['0', '10000'], ['10001', '-1', '1.5', '']],
    ['ShelveryKeepYearlyBackups', ['0', '1000'], ['1001', '']],
    ['ShelveryKeepMonthlyBackupsDr', ['', '0', '10000'], ['10001', ' ']],
    ['ShelverySqsQueueWaitPeriod', ['0', '30', '900'], ['901', '']],
    ['ShelveryWaitDeadlineHours', ['1', '999', '8760'], ['0', '8761']],
    ['ShelveryReencryptBackupCleanupHours', ['1', '72', '87600'], ['0', '', '87601', '99999']],
    ['ShelveryTagPrefix', ['shelvery', 'awsome:x', 'a'.repeat(64)], ['aws:x', 'AWS:x', 'a'.repeat(65), '']],
    [
      'ShelveryDrRegions',
      ['', 'eu-west-1', 'us-gov-east-1,eu-west-1'],
      ['europe', 'eu-west-1,', 'eu-west-1, eu-west-2'],
    ],
    ['ShelveryShareAwsAccountIds', ['', '111111111111,222222222222'], ['1', '111111111111,']],
    [
      'ShelveryCustomRetentionTypes',
      ['', 'hourly:3600', `half-hourly:3155760000,${'a'.repeat(20)}:1`],
      ['hourly', 'hourly:', 'hourly:0', 'hourly:9999999999', '-a:60', 'a-:60', 'a--b:60', `${'a'.repeat(21)}:1`],
    ],
    [
      'ShelveryCopyOptionGroups',
      ['', 'eu-west-1=ours', 'eu-west-1=ours,us-east-1=their-own', `eu-west-1=${'a'.repeat(255)}`],
      ['ours', 'eu-west-1=default:x', 'eu-west-1=a--b', 'eu-west-1=a-', `eu-west-1=${'a'.repeat(256)}`],
    ],
    ...['ShelveryCopyKmsKeyId', 'ShelveryReencryptKmsKeyId'].map((name): [string, string[], string[]] => [
      name,
      ['', 'alias/backups', 'eu-west-1=alias/a,us-east-1=alias/b', KEY_ID, MULTI_REGION, `${KEY_ARN}/${KEY_ID}`],
      ['a b', 'alias/a,', 'mykey', 'eu-west-1=', '=alias/a', 'mrk-1', `${KEY_ARN}/mykey`],
    ]),
    ['ShelverySourceAwsAccountIds', ['', accounts(150)], [accounts(151)]],
    ['AllowedSourceAwsAccountIds', ['', accounts(25)], [accounts(26)]],
    ['AllowedRoles', ['', roles(40)], [roles(50)]],
    [
      'ShelveryBucketNameTemplate',
      ['data-{account_id}-{region}', 'data-{region}'],
      ['{account_id}-{account_id}-{region}', 'data {region}', ''],
    ],
    ['AlarmSnsTopic', ['', 'arn:aws:sns:eu-west-1:111111111111:alarms'], ['alarms']],
    ['ShelverySnsTopic', ['', 'arn:aws-cn:sns:cn-north-1:111111111111:backups'], ['backups']],
    ['ShelveryRoleArn', ['', 'arn:aws:iam::111111111111:role/path/backups'], ['arn:aws:iam::111111111111:user/x']],
    ['CreateBackupSchedule', ['', '0 1 ? * * *', '0/15 8-17 ? * MON-FRI *'], ['0 1 * * *', 'rate(1 day)']],
  ])('%s takes %j and not %j', (name, good, bad) => {
    expect(good.filter((value) => !allows(name, value))).toEqual([]);
    expect(bad.filter((value) => allows(name, value))).toEqual([]);
    const key = configured.find(({ parameter }) => parameter === name)?.key;
    if (key === undefined || !isConfigKey(key)) return;
    for (const value of good.filter((each) => each !== ''))
      expect(ConfigSchema.shape[key].safeParse(value).success).toBe(true);
  });
});

describe('the metadata for the Serverless Application Repository', () => {
  const application = template.Metadata['AWS::ServerlessRepo::Application'];

  it('is complete', () => {
    const { version } = z.object({ version: z.string() }).parse(JSON.parse(text('package.json')));
    expect(application).toEqual({
      Name: expect.stringMatching(/^[A-Za-z0-9-]{1,140}$/),
      Description: expect.stringMatching(/^[^\n]{1,256}$/),
      Author: expect.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,125}[a-z0-9])?$/),
      SpdxLicenseId: 'MIT',
      LicenseUrl: 'LICENSE',
      ReadmeUrl: 'README.md',
      Labels: expect.arrayContaining(['backup']),
      SemanticVersion: version,
    });
    expect(
      z
        .array(z.string().regex(/^[A-Za-z0-9+\-_:/@]{1,127}$/))
        .max(10)
        .parse(application['Labels']),
    ).not.toHaveLength(0);
  });

  it('has no intrinsic functions', () => {
    const [part = ''] = /AWS::ServerlessRepo::Application:\n(?: {4}.*\n)+/.exec(source) ?? [];
    expect(part).toContain('SemanticVersion');
    expect(part).not.toMatch(/!\w|Fn::|\$\{/);
  });
});

describe('the template', () => {
  it('keeps the limits of CloudFormation', () => {
    expect(Buffer.byteLength(source)).toBeLessThan(1_000_000);
    expect(parameters.length).toBeLessThanOrEqual(200);
    expect(Object.keys(template.Resources).length).toBeLessThan(450);
  });

  it('names no partition', () => {
    expect(source.replace(/AllowedPattern: .*/g, '')).not.toMatch(/arn:aws/);
  });
});

describe('events/', () => {
  const files = readdirSync(new URL('events/', root));
  const events = files.map(
    (file) => [file, z.record(z.string(), z.unknown()).parse(JSON.parse(text(`events/${file}`)))] as const,
  );

  // That every type has those of every function is a test of what types need (new-type.test.ts).
  it('has what is for EBS alone, every kind of event, and the custom resource', () => {
    const ofEbs = ['archive_pending_backups', 'do_archive_backup', 'sqs', 'sns', 'eventbridge', 'completion'];
    const custom = ['create', 'update', 'delete'].map((kind) => `data-buckets-${kind}.json`);
    expect(files).toEqual(expect.arrayContaining([...ofEbs.map((kind) => `ebs-${kind}.json`), ...custom]));
  });

  it.each(events.filter(([file]) => !file.startsWith('data-buckets-')))(
    '%s is understood by its function',
    (file, event) => {
      const type = BACKUP_TYPES.find((each) => file.startsWith(`${each}-`));
      if (type === undefined) throw new Error(`${file} does not begin with a backup type`);
      const { items } = parseEvent(event, type);
      expect(items.map(({ work }) => work)).not.toContainEqual(expect.any(Error));
    },
  );

  it.each(events.filter(([file]) => file.startsWith('data-buckets-')))(
    '%s has the properties of the template',
    (_, event) => {
      const Properties = z.object({ Configuration: z.record(z.string(), z.unknown()) });
      const { ResourceProperties } = z.object({ ResourceProperties: Properties }).parse(event);
      const wanted = Properties.parse(template.Resources['DataBuckets']?.Properties);
      expect(Object.keys(ResourceProperties.Configuration).sort()).toEqual(Object.keys(wanted.Configuration).sort());
    },
  );
});
