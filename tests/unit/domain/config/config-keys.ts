import type { ConfigKey } from '../../../../layers/engine/src/domain/config/config-schema.js';

/**
 * One row for each key: its default, texts that are allowed with what they mean, texts that are not, and whether a tag
 * may set it.
 */
export interface KeyRow {
  readonly key: ConfigKey;
  readonly byDefault: unknown;
  readonly good: readonly (readonly [text: string, value: unknown])[];
  readonly bad: readonly string[];
  readonly tag: boolean;
}

const KEY_ARN = 'arn:aws:kms:eu-west-1:111111111111:key/12345678-1234-1234-1234-123456789abc';
const KEY_ID = '12345678-1234-1234-1234-123456789abc';
const MULTI_REGION = `mrk-${'a1'.repeat(16)}`;
const TOPIC = 'arn:aws:sns:eu-west-1:111111111111:backups';
const CN_TOPIC = 'arn:aws-cn:sns:cn-north-1:111111111111:backups.fifo';

const row = (
  key: ConfigKey,
  byDefault: unknown,
  good: KeyRow['good'],
  bad: readonly string[],
  level: 'tag' | '' = '',
): KeyRow => ({
  key,
  byDefault,
  good,
  bad,
  tag: level === 'tag',
});

const whole = (
  key: ConfigKey,
  byDefault: number | undefined,
  min: number,
  max: number,
  level: 'tag' | '' = '',
): KeyRow =>
  row(
    key,
    byDefault,
    [
      [String(min), min],
      [String(max), max],
      [' 7 ', 7],
      ['007', 7],
    ],
    [String(min - 1), String(max + 1), '1.5', '1e1', '0x7', 'seven', '7 days'],
    level,
  );

const flag = (key: ConfigKey, byDefault: boolean, level: 'tag' | '' = ''): KeyRow =>
  row(
    key,
    byDefault,
    [
      ...['true', 'True', 'TRUE', '1', 'yes', 'YES', ' true '].map((text) => [text, true] as const),
      ...['false', 'False', 'FALSE', '0', 'no', 'NO'].map((text) => [text, false] as const),
    ],
    ['on', 'off', 'y', 't', '2', 'truely'],
    level,
  );

const mode = (key: ConfigKey, service: string): KeyRow =>
  row(
    key,
    `${service}_COPY_AUTOMATED_SNAPSHOT`,
    [
      [`${service}_CREATE_SNAPSHOT`, `${service}_CREATE_SNAPSHOT`],
      [`${service}_COPY_AUTOMATED_SNAPSHOT`, `${service}_COPY_AUTOMATED_SNAPSHOT`],
    ],
    [`${service.toLowerCase()}_create_snapshot`, 'CREATE', 'EBS_CREATE_SNAPSHOT'],
    'tag',
  );

const accounts = (key: ConfigKey, level: 'tag' | '' = ''): KeyRow =>
  row(
    key,
    [],
    [
      ['111111111111', ['111111111111']],
      ['111111111111,222222222222', ['111111111111', '222222222222']],
      [' 111111111111 ,\n222222222222  333333333333,', ['111111111111', '222222222222', '333333333333']],
      ['111111111111 111111111111', ['111111111111']],
      ['012345678901', ['012345678901']],
      [',', []],
    ],
    ['11111111111', '1111111111111', '1111-1111-1111', '111111111111;222222222222', 'self'],
    level,
  );

const keys = (key: ConfigKey): KeyRow =>
  row(
    key,
    new Map(),
    [
      [KEY_ID, new Map([['', KEY_ID]])],
      [KEY_ARN, new Map([['', KEY_ARN]])],
      [MULTI_REGION, new Map([['', MULTI_REGION]])],
      ['alias/backups', new Map([['', 'alias/backups']])],
      [
        `eu-west-1=${KEY_ID},us-east-1=alias/b`,
        new Map([
          ['eu-west-1', KEY_ID],
          ['us-east-1', 'alias/b'],
        ]),
      ],
      [
        `${KEY_ARN} us-east-1=alias/b`,
        new Map([
          ['', KEY_ARN],
          ['us-east-1', 'alias/b'],
        ]),
      ],
      [',', new Map()],
    ],
    [
      'key',
      'alias/',
      'europe=alias/b',
      '=alias/b',
      'eu-west-1=',
      'alias/a alias/b',
      'eu-west-1=alias/a,eu-west-1=alias/b',
      `${KEY_ARN}0`,
    ],
    'tag',
  );

const topic = (key: ConfigKey): KeyRow =>
  row(
    key,
    undefined,
    [TOPIC, CN_TOPIC, 'arn:aws-us-gov:sns:us-gov-west-1:111111111111:b'].map((text) => [text, text] as const),
    ['backups', 'arn:aws:sqs:eu-west-1:111111111111:backups', 'arn:aws:sns:eu-west-1:1:backups', `${TOPIC} `.repeat(2)],
  );

export const KEY_ROWS: readonly KeyRow[] = [
  row(
    'shelvery_tag_prefix',
    'shelvery',
    [
      ['acme', 'acme'],
      ['acme:backups/2', 'acme:backups/2'],
      ['p'.repeat(64), 'p'.repeat(64)],
      ['awsome', 'awsome'],
      ['my:aws', 'my:aws'],
    ],
    ['aws', 'AWS', 'Aws', 'aws:', 'aws:mine', 'AWS:mine', 'a b', 'a*', 'p'.repeat(65)],
  ),
  whole('shelvery_keep_daily_backups', 14, 0, 10_000, 'tag'),
  whole('shelvery_keep_weekly_backups', 8, 0, 10_000, 'tag'),
  whole('shelvery_keep_monthly_backups', 12, 0, 10_000, 'tag'),
  whole('shelvery_keep_yearly_backups', 10, 0, 1_000, 'tag'),
  whole('shelvery_keep_daily_backups_dr', undefined, 0, 10_000, 'tag'),
  whole('shelvery_keep_weekly_backups_dr', undefined, 0, 10_000, 'tag'),
  whole('shelvery_keep_monthly_backups_dr', undefined, 0, 10_000, 'tag'),
  whole('shelvery_keep_yearly_backups_dr', undefined, 0, 1_000, 'tag'),
  whole('shelvery_keep_last_backups', 1, 0, 10_000, 'tag'),
  whole('shelvery_min_retention_days', 0, 0, 10_000),
  flag('shelvery_catch_up', false),
  row(
    'shelvery_tag_config',
    'all',
    [
      ['safe', 'safe'],
      ['all', 'all'],
    ],
    ['none', 'Safe', 'true'],
  ),
  whole('shelvery_rpo_hours', 26, 1, 8_760, 'tag'),
  row(
    'shelvery_custom_retention_types',
    new Map(),
    [
      ['hourly:172800', new Map([['hourly', 172_800]])],
      [
        'quarterHourly:86400,hourly:172800',
        new Map([
          ['quarterHourly', 86_400],
          ['hourly', 172_800],
        ]),
      ],
      [
        'a:1 b-2:3155760000',
        new Map([
          ['a', 1],
          ['b-2', 3_155_760_000],
        ]),
      ],
      ['t'.repeat(20) + ':1', new Map([['t'.repeat(20), 1]])],
      [',', new Map()],
    ],
    [
      'hourly',
      'hourly:',
      ':5',
      'hourly:0',
      'hourly:1h',
      'hourly:1:2',
      'daily:5',
      'DAILY:5',
      'a-:5',
      '-a:5',
      'a--b:5',
      'a:1,A:2',
      'a_b:5',
      't'.repeat(21) + ':1',
      'a:1,a:2',
      'a:3155760001',
      're-encrypted:5',
      'a-Re-Encrypted:5',
    ],
  ),
  row(
    'shelvery_current_retention_type',
    undefined,
    ['yearly', 'monthly', 'weekly', 'daily'].map((text) => [text, text] as const),
    ['quarter hourly', 'a_b', 't'.repeat(21), 'hourly', 'Daily'],
  ),
  row(
    'shelvery_dr_regions',
    [],
    [
      ['us-west-1,us-west-2', ['us-west-1', 'us-west-2']],
      ['  us-gov-east-1   cn-north-1 ', ['us-gov-east-1', 'cn-north-1']],
      ['us-west-1,us-west-1', ['us-west-1']],
      [',', []],
    ],
    ['us-west', 'US-WEST-1', 'us-west-1;us-west-2', 'us-west-1a'],
    'tag',
  ),
  whole('shelvery_wait_snapshot_timeout', 1_200, 1, 604_800),
  whole('shelvery_lambda_max_wait_iterations', 5, 0, 1_000),
  whole('shelvery_wait_deadline_hours', 48, 1, 8_760),
  accounts('shelvery_share_aws_account_ids', 'tag'),
  accounts('shelvery_allowed_share_aws_account_ids'),
  accounts('shelvery_source_aws_account_ids'),
  whole('shelvery_pull_max_backups', 1_000, 1, 1_000_000),
  row(
    'shelvery_bucket_name_template',
    'shelvery.data.{account_id}-{region}.base2tools',
    ['backups', 'b-{region}', '{account_id}.{region}'].map((text) => [text, text] as const),
    ['b', 'Backups', 'a_b', '{account}', '-{region}', 'b'.repeat(64), '{account_id}'.repeat(6)],
  ),
  mode('shelvery_rds_backup_mode', 'RDS'),
  mode('shelvery_docdb_backup_mode', 'DOCDB'),
  mode('shelvery_redshift_backup_mode', 'REDSHIFT'),
  whole('shelvery_automated_snapshot_max_age_hours', 30, 1, 8_760),
  row('shelvery_select_entity', undefined, [['vol-1', 'vol-1']], ['v'.repeat(256)]),
  topic('shelvery_sns_topic'),
  topic('shelvery_error_sns_topic'),
  topic('shelvery_status_sns_topic'),
  flag('shelvery_copy_resource_tags', true),
  row(
    'shelvery_exluded_resource_tag_keys',
    [],
    [
      ['Team, cost:*', ['Team', 'cost:*']],
      [',', []],
    ],
    [],
  ),
  row(
    'shelvery_sqs_queue_url',
    undefined,
    ['https://sqs.us-east-1.amazonaws.com/111111111111/shelvery', 'http://localhost:4566/q'].map(
      (text) => [text, text] as const,
    ),
    ['shelvery', 'arn:aws:sqs:eu-west-1:111111111111:q', 'ftp://x/y'],
  ),
  whole('shelvery_sqs_queue_wait_period', 0, 0, 900),
  row('shelvery_completion_events', 'DISABLED', [['ENABLED', 'ENABLED']], ['enabled', 'true']),
  flag('shelvery_ignore_invalid_resource_state', false),
  flag('shelvery_encrypt_copy', false, 'tag'),
  keys('shelvery_copy_kms_key_id'),
  row(
    'shelvery_copy_option_groups',
    new Map(),
    [
      [
        'eu-west-1=ours us-east-1=Theirs-2',
        new Map([
          ['eu-west-1', 'ours'],
          ['us-east-1', 'Theirs-2'],
        ]),
      ],
      [',', new Map()],
    ],
    [
      'ours',
      '=ours',
      'eu-west-1=',
      'Ireland=ours',
      'eu-west-1=default:mysql-8-0',
      'eu-west-1=a--b',
      'eu-west-1=a,eu-west-1=b',
    ],
    'tag',
  ),
  keys('shelvery_reencrypt_kms_key_id'),
  row(
    'shelvery_allowed_kms_keys',
    [],
    [
      ['arn:aws:kms:eu-west-1:222222222222:key/*', ['arn:aws:kms:eu-west-1:222222222222:key/*']],
      [
        'arn:aws:kms:*:222222222222:key/1 arn:aws-cn:kms:cn-north-1:333333333333:key/mrk-*',
        ['arn:aws:kms:*:222222222222:key/1', 'arn:aws-cn:kms:cn-north-1:333333333333:key/mrk-*'],
      ],
    ],
    ['*', 'alias/backups', 'arn:aws:kms:eu-west-1:*:key/1', 'arn:aws:kms:eu-west-1:222222222222:alias/a'],
  ),
  whole('shelvery_reencrypt_backup_cleanup_hours', 72, 1, 87_600),
  flag('shelvery_ebs_volume_sets', false, 'tag'),
  flag('shelvery_enable_ebs_archive', false, 'tag'),
  flag('shelvery_enable_ebs_archive_pulled', false, 'tag'),
  row(
    'role_arn',
    undefined,
    ['arn:aws:iam::111111111111:role/backups', 'arn:aws-cn:iam::111111111111:role/path/to/b+=,.@-_'].map(
      (text) => [text, text] as const,
    ),
    ['backups', 'arn:aws:iam::111111111111:user/backups', 'arn:aws:iam::1:role/b'],
  ),
  row('role_external_id', undefined, [['a-secret:1', 'a-secret:1']], ['x', 'two words']),
  row('boto3_retries', undefined, [['10', '10']], []),
];
