import { describeKey } from '../../layers/engine/src/domain/config/config-schema.js';
import type { ConfigKey } from '../../layers/engine/src/domain/config/config-schema.js';
import { allowedWords, defaultText } from '../input-schema.js';
import { ERRORS_TOPIC, NOTIFICATIONS_TOPIC } from './expressions.js';
import type { Mapping } from './intrinsics.js';
import {
  accounts,
  BOOLEAN,
  COUNT_TO_1000000,
  CRON,
  HOURS,
  HOURS_OF_A_WEEK,
  HOURS_OF_TEN_YEARS,
  KMS_KEYS,
  OPTION_GROUPS,
  KMS_KEY_ARNS,
  NUMBER_TO_1000,
  NUMBER_TO_10000,
  REGIONS,
  RETENTION_TYPES,
  ROLE,
  ROLES,
  TOPIC,
  TOPICS_WITH_WILDCARDS,
  orNothing,
  words,
} from './parameter-shapes.js';
import type { Shape } from './parameter-shapes.js';

/** A parameter of the stack. */
export interface StackParameter {
  readonly name: string;
  /** What the console calls it. */
  readonly label: string;
  readonly description: string;
  readonly default: string;
  readonly shape: Shape;
  /** At most so many characters, where a policy has room for no more. */
  readonly maxLength?: number;
  /** The console shows no value. */
  readonly secret?: true;
  /** The key of the configuration that it is. */
  readonly key?: ConfigKey;
  /** What stands in the configuration in place of its bare value. */
  readonly configured?: Mapping;
}

interface Group {
  readonly label: string;
  readonly parameters: readonly StackParameter[];
}

interface KeyParameter {
  readonly label: string;
  readonly shape: Shape;
  /** Where the original's name is spelled otherwise than the key. */
  readonly name?: string;
  /** Where the stack has more to say than the key. */
  readonly description?: string;
  /** Where the original's template has another default than the key. */
  readonly default?: string;
  readonly maxLength?: number;
  readonly configured?: Mapping;
}

/** The parameter that a configuration key is; name, description and default are the key's, unless said otherwise. */
function ofKey(key: ConfigKey, { label, shape, configured, ...own }: KeyParameter): StackParameter {
  const { description, secret } = describeKey(key);
  return {
    name: own.name ?? nameOf(key),
    label,
    description: own.description ?? description,
    default: own.default ?? defaultText(key) ?? '',
    shape,
    ...(secret === undefined ? {} : { secret }),
    ...(own.maxLength === undefined ? {} : { maxLength: own.maxLength }),
    key,
    ...(configured === undefined ? {} : { configured }),
  };
}

/** `shelvery_tag_prefix` is `ShelveryTagPrefix`, and `role_arn` is `ShelveryRoleArn`. */
function nameOf(key: ConfigKey): string {
  const parts = key.replace(/^shelvery_/, '').split('_');
  return `Shelvery${parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('')}`;
}

const schedule = (name: string, label: string, what: string, time: string): StackParameter => ({
  name,
  label,
  description: `${what} Six fields of an EventBridge cron expression, in UTC; empty for no schedule.`,
  default: time,
  shape: CRON,
});

const keepInDr = (unit: 'daily' | 'weekly' | 'monthly' | 'yearly', units: string): StackParameter =>
  ofKey(`shelvery_keep_${unit}_backups_dr`, {
    label: `Keep ${unit} backups in DR regions`,
    description: `${units} to keep ${unit} backups in DR regions; empty for as long as the local ones.`,
    shape: orNothing(unit === 'yearly' ? NUMBER_TO_1000 : NUMBER_TO_10000),
  });

/** Characters of a list of ARNs, for each of which a managed policy of 6,144 has room twice. */
const LONGEST_LIST = 2_400;

/** Every parameter, in the groups and the order of the console. */
export const GROUPS: readonly Group[] = [
  {
    label: 'Schedules (UTC)',
    parameters: [
      schedule('CreateBackupSchedule', 'Create backups', 'When backups are made.', '0 1 ? * * *'),
      schedule('CleanBackupsSchedule', 'Clean backups', 'When expired backups are removed.', '0 2 ? * * *'),
      schedule(
        'PullSharedBackupsSchedule',
        'Pull shared backups',
        'When a bunker account copies what other accounts share with it.',
        '0 2 ? * * *',
      ),
      schedule(
        'CreateBucketsSchedule',
        'See to data buckets',
        'When the data buckets are made, or their settings repaired.',
        '0 0 ? * * *',
      ),
      schedule(
        'ArchivePendingBackupsSchedule',
        'Archive EBS snapshots',
        'When EBS snapshots that wait for it are moved to the archive tier.',
        '0 6 ? * * *',
      ),
      schedule(
        'StatusSchedule',
        'Report the status',
        'When each function looks whether every marked resource has its backups and copies.',
        '0 7 ? * * *',
      ),
      {
        name: 'SchedulesState',
        label: 'State of the schedules',
        description:
          'DISABLED keeps every schedule from running, and leaves the data buckets as they are: the output DataBucketsWouldChange says what ENABLED would change. Functions can still be invoked by hand.',
        default: 'ENABLED',
        shape: { values: ['ENABLED', 'DISABLED'] },
      },
    ],
  },
  {
    label: 'How long backups are kept',
    parameters: [
      ofKey('shelvery_keep_daily_backups', { label: 'Keep daily backups', shape: NUMBER_TO_10000 }),
      ofKey('shelvery_keep_weekly_backups', { label: 'Keep weekly backups', shape: NUMBER_TO_10000 }),
      ofKey('shelvery_keep_monthly_backups', { label: 'Keep monthly backups', shape: NUMBER_TO_10000 }),
      ofKey('shelvery_keep_yearly_backups', { label: 'Keep yearly backups', shape: NUMBER_TO_1000 }),
      keepInDr('daily', 'Days'),
      keepInDr('weekly', 'Weeks'),
      keepInDr('monthly', 'Calendar months'),
      keepInDr('yearly', 'Calendar years'),
      ofKey('shelvery_keep_last_backups', { label: 'Keep the last backups', shape: NUMBER_TO_10000 }),
      ofKey('shelvery_min_retention_days', { label: 'Delete nothing younger than', shape: NUMBER_TO_10000 }),
      ofKey('shelvery_catch_up', { label: 'Catch up', shape: BOOLEAN }),
      ofKey('shelvery_tag_config', { label: 'What tags configure', shape: { values: ['all', 'safe'] } }),
      ofKey('shelvery_rpo_hours', {
        label: 'Objective',
        description:
          'How old the newest backup may be, in hours. An alarm goes off where it is older, and where nothing was heard of cleaning for as long: give at least the time from one cleaning to the next.',
        shape: HOURS_OF_A_WEEK,
      }),
      ofKey('shelvery_custom_retention_types', {
        label: 'Custom retention types',
        description:
          'Retention types of your own, each with the seconds that its backups are kept, such as hourly:86400. Separated by commas.',
        default: 'quarterHourly:86400,halfHourly:86400,hourly:86400',
        shape: RETENTION_TYPES,
      }),
      ofKey('shelvery_reencrypt_backup_cleanup_hours', {
        label: 'Keep re-encrypted snapshots',
        shape: HOURS_OF_TEN_YEARS,
      }),
    ],
  },
  {
    label: 'DR regions, sharing and the bunker',
    parameters: [
      ofKey('shelvery_dr_regions', {
        label: 'DR regions',
        description: 'Disaster-recovery regions that every backup is copied to. Separated by commas.',
        shape: REGIONS,
      }),
      ofKey('shelvery_share_aws_account_ids', {
        label: 'Share with accounts',
        description: 'Accounts that backups and their DR copies are shared with; at most 50. Separated by commas.',
        shape: accounts(50),
      }),
      ofKey('shelvery_allowed_share_aws_account_ids', {
        name: 'AllowedShareAwsAccountIds',
        label: 'Accounts that tags and payloads may share with',
        description:
          'Accounts that tags, payloads and messages may share with beside the configured ones; at most 25. Separated by commas.',
        shape: accounts(25),
      }),
      ofKey('shelvery_source_aws_account_ids', {
        label: 'Pull from accounts',
        description:
          'Accounts whose shared backups this account pulls, as their bunker; at most 150. Separated by commas.',
        shape: accounts(150),
      }),
      ofKey('shelvery_pull_max_backups', { label: 'Pull at most', shape: COUNT_TO_1000000 }),
      ofKey('shelvery_bucket_name_template', {
        label: 'Name of the data buckets',
        description:
          'Name of the data buckets, in which {account_id} and {region} are filled in; the same in every account that shares or pulls.',
        shape: {
          pattern: '^(?!.*\\{account_id\\}.*\\{account_id\\})[a-z0-9{][a-z0-9._{}-]{1,120}[a-z0-9}]$',
          means: 'a legal bucket name with {account_id}, at most once, and {region}',
        },
      }),
    ],
  },
  {
    label: 'How backups are made',
    parameters: [
      ofKey('shelvery_rds_backup_mode', {
        label: 'RDS backup mode',
        shape: { values: allowedWords('shelvery_rds_backup_mode') },
      }),
      ofKey('shelvery_docdb_backup_mode', {
        name: 'ShelveryDocDbBackupMode',
        label: 'DocumentDB backup mode',
        shape: { values: allowedWords('shelvery_docdb_backup_mode') },
      }),
      ofKey('shelvery_redshift_backup_mode', {
        name: 'ShelveryRedShiftBackupMode',
        label: 'Redshift backup mode',
        shape: { values: allowedWords('shelvery_redshift_backup_mode') },
      }),
      ofKey('shelvery_automated_snapshot_max_age_hours', { label: 'Age of automated snapshots', shape: HOURS }),
      ofKey('shelvery_ignore_invalid_resource_state', {
        label: 'Ignore invalid states',
        description: "Report what a service refuses for a resource's state as IGNORE in place of ERROR.",
        shape: BOOLEAN,
      }),
      ofKey('shelvery_tag_prefix', {
        label: 'Prefix of tags',
        shape: {
          pattern: '^(?![Aa][Ww][Ss](:|$))[A-Za-z0-9_./=+:-]{1,64}$',
          means: 'letters, digits and _ . / = + : -, at most 64, not aws, nor beginning with aws:',
        },
      }),
      ofKey('shelvery_copy_resource_tags', { label: 'Copy tags of resources', shape: BOOLEAN }),
      ofKey('shelvery_exluded_resource_tag_keys', {
        label: 'Tags not copied',
        description:
          'Tag keys, or beginnings of keys followed by *, that are not copied to backups. Separated by commas.',
        shape: words('[A-Za-z0-9_.:/=+@-]+\\*?', 'tag keys'),
      }),
      ofKey('shelvery_ebs_volume_sets', { label: 'Volumes of an instance together', shape: BOOLEAN }),
      ofKey('shelvery_enable_ebs_archive', { label: 'Archive EBS snapshots', shape: BOOLEAN }),
      ofKey('shelvery_enable_ebs_archive_pulled', { label: 'Archive pulled EBS snapshots', shape: BOOLEAN }),
    ],
  },
  {
    label: 'Encryption',
    parameters: [
      ofKey('shelvery_encrypt_copy', { label: 'Encrypt copies', shape: BOOLEAN }),
      ofKey('shelvery_copy_kms_key_id', {
        label: 'Key for copies',
        description:
          'KMS key that copies (DR and pulled) are encrypted with: one for all regions, or region=key pairs separated by commas. A key of another account must be listed in AllowedKmsKeys, too.',
        shape: KMS_KEYS,
      }),
      ofKey('shelvery_copy_option_groups', {
        label: 'Option groups for copies',
        description:
          'Option group that copies of RDS instances get in a region (region=group pairs separated by commas), where the instance has one that is not a default. Needed for databases with TDE.',
        shape: OPTION_GROUPS,
      }),
      ofKey('shelvery_reencrypt_kms_key_id', {
        label: 'Key for sharing',
        description: 'KMS key that a backup is copied under before it is shared, in the same form.',
        shape: KMS_KEYS,
      }),
    ],
  },
  {
    label: 'Notifications and logs',
    parameters: [
      ofKey('shelvery_sns_topic', {
        label: 'Topic for notifications',
        description:
          'ARN of an existing topic for notifications of every operation; empty for one that this stack makes.',
        shape: orNothing(TOPIC),
        configured: NOTIFICATIONS_TOPIC,
      }),
      ofKey('shelvery_error_sns_topic', {
        label: 'Topic for errors',
        description:
          'ARN of an existing topic for errors, and for alarms where AlarmSnsTopic is empty; empty for ShelverySnsTopic, or, where that is empty too, for one that this stack makes.',
        shape: orNothing(TOPIC),
        configured: ERRORS_TOPIC,
      }),
      ofKey('shelvery_status_sns_topic', {
        label: 'Topic for status reports',
        description: 'ARN of an existing topic for one status report per run; empty for none.',
        shape: orNothing(TOPIC),
      }),
      {
        name: 'AlarmSnsTopic',
        label: 'Topic for alarms',
        description:
          'ARN of an existing topic for alarms, in the region of this stack: alarms go to no other. Empty for the topic for errors; needed where that one is in another region.',
        default: '',
        shape: orNothing(TOPIC),
      },
      {
        name: 'LogRetentionDays',
        label: 'Log retention',
        description: 'Days to keep the logs of the functions.',
        default: '30',
        // Page "PutRetentionPolicy" of CloudWatch Logs.
        shape: {
          values: [
            1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
          ].map(String),
        },
      },
      {
        name: 'LogLevel',
        label: 'Log level',
        description: 'The least that is logged.',
        default: 'INFO',
        shape: { values: ['DEBUG', 'INFO', 'WARN', 'ERROR'] },
      },
      {
        name: 'Tracing',
        label: 'Tracing',
        description: 'Active traces every invocation with X-Ray; PassThrough only what is traced already.',
        default: 'PassThrough',
        shape: { values: ['PassThrough', 'Active'] },
      },
    ],
  },
  {
    label: 'Waiting',
    parameters: [
      ofKey('shelvery_sqs_queue_wait_period', {
        label: 'Wait period',
        description:
          'Seconds that a delayed operation waits in its queue before it looks for its backup again; repeats wait at least 30.',
        default: '300',
        shape: { pattern: '^([0-9]{1,2}|[1-8][0-9]{2}|900)$', means: 'a whole number of seconds from 0 to 900' },
      }),
      ofKey('shelvery_completion_events', {
        label: 'Events',
        description:
          'ENABLED begins what waits for a backup as soon as AWS tells that it is complete; messages in the queues then only make up for lost events. DR regions need the template template-dr-region.yaml.',
        shape: { values: ['ENABLED', 'DISABLED'] },
      }),
      ofKey('shelvery_wait_deadline_hours', {
        label: 'Deadline',
        shape: {
          pattern: '^[1-9][0-9]{0,2}$|^[1-7][0-9]{3}$|^8[0-6][0-9]{2}$|^87[0-5][0-9]$|^8760$',
          means: 'a whole number of hours from 1 to 8760',
        },
      }),
    ],
  },
  {
    label: 'Permissions beyond the configured',
    parameters: [
      ofKey('role_arn', {
        label: 'Role',
        description:
          'ARN of a role that every call on resources, backups and data buckets is made with; empty for the roles of the functions.',
        shape: orNothing(ROLE),
      }),
      ofKey('role_external_id', {
        label: 'External id',
        shape: {
          pattern: '^([A-Za-z0-9_+=,.@:/-]{2,1224})?$',
          means: '2 to 1224 letters, digits and _ + = , . @ : / -, or nothing',
        },
      }),
      {
        name: 'AllowedTopics',
        label: 'Further topics',
        description:
          'ARNs of topics that payloads may name beside the configured ones; * stands for any characters in their names. Separated by commas; at most 2,400 characters, about 40 ARNs.',
        default: '',
        maxLength: LONGEST_LIST,
        shape: TOPICS_WITH_WILDCARDS,
      },
      ofKey('shelvery_allowed_kms_keys', {
        name: 'AllowedKmsKeys',
        label: 'Further KMS keys',
        description:
          "ARNs of other accounts' KMS keys that configuration, payloads or tags may name; this account's own keys are allowed. Separated by commas; at most 2,400 characters, about 30 ARNs.",
        maxLength: LONGEST_LIST,
        shape: KMS_KEY_ARNS,
      }),
      {
        name: 'AllowedRoles',
        label: 'Further roles',
        description:
          'ARNs of roles that payloads may name beside the configured one. Separated by commas; at most 2,400 characters, about 40 ARNs.',
        default: '',
        maxLength: LONGEST_LIST,
        shape: ROLES,
      },
      {
        name: 'AllowedSourceAwsAccountIds',
        label: 'Further source accounts',
        description:
          'Accounts that payloads may name as sources beside the configured ones: their data buckets and the keys of what they share; at most 25. Separated by commas.',
        default: '',
        shape: accounts(25),
      },
    ],
  },
];

/** Every parameter. */
export const PARAMETERS: readonly StackParameter[] = GROUPS.flatMap(({ parameters }) => parameters);

/** A parameter as the template declares it. */
export function declaration({ description, default: initial, shape, maxLength, secret }: StackParameter): Mapping {
  return {
    Type: 'String',
    Description: description,
    Default: initial,
    ...(secret === undefined ? {} : { NoEcho: true }),
    ...(maxLength === undefined ? {} : { MaxLength: maxLength }),
    ...('values' in shape
      ? { AllowedValues: shape.values }
      : { AllowedPattern: shape.pattern, ConstraintDescription: shape.means }),
  };
}

/** Whether a parameter may be left empty. */
export const mayBeEmpty = ({ shape }: StackParameter): boolean =>
  'pattern' in shape && new RegExp(shape.pattern).test('');
