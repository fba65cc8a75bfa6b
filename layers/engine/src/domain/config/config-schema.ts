import * as z from 'zod';
import { AccountId, Region } from '../values.js';

/**
 * The one declaration of every configuration key: its type, default, levels and description. The documentation, the
 * template's parameters and the CLI's help are made from it or tested against it. All values come in as text.
 */

/** What people are told of a key. */
const KeyDescription = z.object({
  description: z.string(),
  /** What is allowed, for the docs and for errors. */
  allowed: z.string(),
  /** Whether a resource's tag may set it. */
  tag: z.boolean(),
  /** Only the environment and SSM parameters set it: it bounds what tags and payloads may ask for. */
  owner: z.literal(true).exactOptional(),
  /** An empty tag on a resource says "none" for it; elsewhere an empty text is not set. */
  emptyTagUnsets: z.literal(true).exactOptional(),
  /** Values are left out of messages. */
  secret: z.literal(true).exactOptional(),
});
export type KeyDescription = Readonly<z.infer<typeof KeyDescription>>;

const about = z.registry<KeyDescription>();

/** Parts of a list: commas or white space between them, none empty. */
const parts = z.string().transform((text) => text.split(/[\s,]+/).filter((part) => part !== ''));

const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max));

const boolean = z
  .string()
  .toLowerCase()
  .pipe(z.enum(['true', 'false', '1', '0', 'yes', 'no']))
  .transform((text) => text === 'true' || text === '1' || text === 'yes');

const words = parts.pipe(z.array(z.string()));
const regions = parts.transform((list) => [...new Set(list)]).pipe(z.array(Region));
const accounts = parts.transform((list) => [...new Set(list)]).pipe(z.array(AccountId));

const topic = z.string().regex(/^arn:[a-z][a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}(?:\.fifo)?$/);

const KEY_PATTERN =
  /^(?:(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})|alias\/[A-Za-z0-9/_-]{1,250}|arn:[a-z][a-z-]*:kms:[a-z0-9-]+:\d{12}:(?:key\/(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})|alias\/[A-Za-z0-9/_-]{1,250}))$/;

/** KMS keys by region; `''` stands for every region that is not named. */
const kmsKeys = parts
  .transform((list) =>
    list.map((part) => {
      const at = part.indexOf('=');
      return at < 1 ? { region: '', key: part } : { region: part.slice(0, at), key: part.slice(at + 1) };
    }),
  )
  .pipe(
    z
      .array(z.object({ region: z.union([z.literal(''), Region]), key: z.string().regex(KEY_PATTERN) }))
      .refine((pairs) => new Set(pairs.map((pair) => pair.region)).size === pairs.length),
  )
  .transform((pairs): ReadonlyMap<string, string> => new Map(pairs.map((pair) => [pair.region, pair.key])));

/** Page "CreateOptionGroup"; names of default groups are no names that a setting can give. */
const OPTION_GROUP = /^(?!.*--)[A-Za-z][A-Za-z0-9-]{0,253}[A-Za-z0-9]$|^[A-Za-z]$/;

/** Option groups by region: each belongs to one. */
const optionGroups = parts
  .transform((list) =>
    list.map((part) => {
      const at = part.indexOf('=');
      return { region: part.slice(0, Math.max(0, at)), group: part.slice(at + 1) };
    }),
  )
  .pipe(
    z
      .array(z.object({ region: Region, group: z.string().regex(OPTION_GROUP) }))
      .refine((pairs) => new Set(pairs.map((pair) => pair.region)).size === pairs.length),
  )
  .transform((pairs): ReadonlyMap<string, string> => new Map(pairs.map((pair) => [pair.region, pair.group])));

/** ARNs of KMS keys; `*` stands for any characters in the region and the id. */
const kmsKeyPatterns = parts.pipe(
  z.array(z.string().regex(/^arn:[a-z][a-z-]*:kms:[a-z0-9*-]+:\d{12}:key\/[A-Za-z0-9*-]+$/)),
);

/** Names of backups end in it: runs of hyphens become one there, and some services lower the case. */
const RETENTION_NAME = /^(?=.{1,20}$)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*$/;
/** A backup's name ends in its retention type, and those of temporary snapshots end so. */
const RESERVED_ENDING = /(?:^|-)re-encrypted$/i;

/** The grandfather-father-son scheme, longest first. */
export const STANDARD_RETENTION_TYPES = ['yearly', 'monthly', 'weekly', 'daily'] as const;
const STANDARD_NAMES: readonly string[] = STANDARD_RETENTION_TYPES;

/** Whether a name can be one of `shelvery_custom_retention_types`. */
function isCustomName(name: string): boolean {
  return RETENTION_NAME.test(name) && !STANDARD_NAMES.includes(name.toLowerCase()) && !RESERVED_ENDING.test(name);
}

const customRetentionTypes = parts
  .transform((list) =>
    list.map((part) => {
      const at = part.indexOf(':');
      return { name: part.slice(0, Math.max(0, at)), seconds: part.slice(at + 1) };
    }),
  )
  .pipe(
    z
      .array(
        z.object({
          name: z.string().refine(isCustomName),
          seconds: z
            .string()
            .regex(/^\d{1,10}$/)
            .transform(Number)
            .pipe(z.number().min(1).max(3_155_760_000)),
        }),
      )
      .refine((types) => new Set(types.map((type) => type.name.toLowerCase())).size === types.length),
  )
  .transform((types): ReadonlyMap<string, number> => new Map(types.map((type) => [type.name, type.seconds])));

const bucketTemplate = z
  .string()
  .refine((template) =>
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(fillBucketTemplate(template, '0'.repeat(12), 'eu-west-1')),
  );

/** Puts account and region into a bucket name template. */
export function fillBucketTemplate(template: string, accountId: string, region: string): string {
  return template.replaceAll('{account_id}', accountId).replaceAll('{region}', region);
}

const KEEP = 'a whole number from 0 to 10000';
const BOOLEAN = 'true or false (also 1, 0, yes, no)';
const KMS =
  'a KMS key id, key ARN, alias or alias ARN, or region=key pairs of these, separated by commas or spaces; an empty tag on a resource unsets it';
const ACCOUNTS = '12-digit account ids, separated by commas or spaces';
const TOPIC = 'the ARN of an SNS topic';

/** Every key, with the shape of its value. Keys without a default are `undefined` unless set. */
export const ConfigSchema = z.object({
  shelvery_tag_prefix: z
    .string()
    // Tags that begin with aws: are AWS's own (page "Tag your Amazon EC2 resources", "Tag restrictions"): aws:create_backup, too.
    .regex(/^(?!aws(?::|$))[A-Za-z0-9_./=+:-]{1,64}$/i)
    .prefault('shelvery')
    .register(about, {
      description: 'Prefix of every tag that marks resources, configures them, or describes backups.',
      allowed: 'letters, digits and _ . / = + : -, at most 64, not aws, nor beginning with aws:',
      tag: false,
    }),
  shelvery_keep_daily_backups: integer(0, 10_000)
    .prefault('14')
    .register(about, { description: 'Days to keep daily backups.', allowed: `${KEEP} (days)`, tag: true }),
  shelvery_keep_weekly_backups: integer(0, 10_000)
    .prefault('8')
    .register(about, { description: 'Weeks to keep weekly backups.', allowed: `${KEEP} (weeks)`, tag: true }),
  shelvery_keep_monthly_backups: integer(0, 10_000)
    .prefault('12')
    .register(about, {
      description: 'Calendar months to keep monthly backups.',
      allowed: `${KEEP} (months)`,
      tag: true,
    }),
  shelvery_keep_yearly_backups: integer(0, 1_000).prefault('10').register(about, {
    description: 'Calendar years to keep yearly backups.',
    allowed: 'a whole number from 0 to 1000 (years)',
    tag: true,
  }),
  shelvery_keep_daily_backups_dr: integer(0, 10_000)
    .optional()
    .register(about, {
      description: 'Days to keep daily backups in DR regions; if not set, as long as the local ones.',
      allowed: `${KEEP} (days)`,
      tag: true,
    }),
  shelvery_keep_weekly_backups_dr: integer(0, 10_000)
    .optional()
    .register(about, {
      description: 'Weeks to keep weekly backups in DR regions; if not set, as long as the local ones.',
      allowed: `${KEEP} (weeks)`,
      tag: true,
    }),
  shelvery_keep_monthly_backups_dr: integer(0, 10_000)
    .optional()
    .register(about, {
      description: 'Calendar months to keep monthly backups in DR regions; if not set, as long as the local ones.',
      allowed: `${KEEP} (months)`,
      tag: true,
    }),
  shelvery_keep_yearly_backups_dr: integer(0, 1_000).optional().register(about, {
    description: 'Calendar years to keep yearly backups in DR regions; if not set, as long as the local ones.',
    allowed: 'a whole number from 0 to 1000 (years)',
    tag: true,
  }),
  shelvery_keep_last_backups: integer(0, 10_000).prefault('1').register(about, {
    description:
      'How many of the newest available backups of each resource, in each place, are kept whatever their age. With 0 age alone decides.',
    allowed: KEEP,
    tag: true,
  }),
  shelvery_min_retention_days: integer(0, 10_000)
    .prefault('0')
    .register(about, {
      description:
        'Nothing is deleted by age before it is this many days old, whatever tags, payloads and keep values say.',
      allowed: `${KEEP} (days)`,
      tag: false,
      owner: true,
    }),
  shelvery_catch_up: boolean.prefault('false').register(about, {
    description:
      'A resource that has older backups, but none of a longer retention type since that type was due, gets the longest that was missed.',
    allowed: BOOLEAN,
    tag: false,
  }),
  shelvery_tag_config: z.enum(['all', 'safe']).prefault('all').register(about, {
    description:
      'What tags of resources may configure: all that they can, or (safe) only longer retention and further DR regions.',
    allowed: 'all or safe',
    tag: false,
    owner: true,
  }),
  shelvery_rpo_hours: integer(1, 8_760).prefault('26').register(about, {
    description: "The objective: hours that a resource's newest backup may be old, by the time of its data.",
    allowed: 'a whole number of hours from 1 to 8760',
    tag: true,
  }),
  shelvery_custom_retention_types: customRetentionTypes.prefault('').register(about, {
    description: 'Your own retention types, each with the number of seconds that its backups are kept.',
    allowed:
      'name:seconds pairs separated by commas, such as hourly:172800; names of letters and digits with single hyphens between them, at most 20, no two alike whatever the case, none of daily, weekly, monthly, yearly, and none that ends in re-encrypted',
    tag: false,
  }),
  shelvery_current_retention_type: z.string().regex(RETENTION_NAME).optional().register(about, {
    description: 'Retention type of the backups that this run makes, instead of the one that follows from the date.',
    allowed: 'daily, weekly, monthly, yearly, or a name from shelvery_custom_retention_types',
    tag: false,
  }),
  shelvery_dr_regions: regions.prefault('').register(about, {
    description: 'Disaster-recovery regions that every backup is copied to.',
    allowed: 'region codes, separated by commas or spaces',
    tag: true,
  }),
  shelvery_wait_snapshot_timeout: integer(1, 604_800).prefault('1200').register(about, {
    description: 'Seconds that the CLI waits for one backup to become available.',
    allowed: 'a whole number of seconds from 1 to 604800',
    tag: false,
  }),
  shelvery_lambda_max_wait_iterations: integer(0, 1_000).prefault('5').register(about, {
    description:
      'How many times Lambda invocations that wait for backups may hand on to another what is still pending.',
    allowed: 'a whole number from 0 to 1000',
    tag: false,
  }),
  shelvery_wait_deadline_hours: integer(1, 8_760).prefault('48').register(about, {
    description: 'Hours after which Shelvery gives up waiting for a backup to store, copy or share it.',
    allowed: 'a whole number of hours from 1 to 8760',
    tag: false,
  }),
  shelvery_share_aws_account_ids: accounts.prefault('').register(about, {
    description: 'Accounts that backups and their DR copies are shared with.',
    allowed: ACCOUNTS,
    tag: true,
  }),
  shelvery_allowed_share_aws_account_ids: accounts.prefault('').register(about, {
    description:
      "Accounts that tags may name in shelvery_share_aws_account_ids, beside those that the run's own configuration shares with.",
    allowed: ACCOUNTS,
    tag: false,
    owner: true,
  }),
  shelvery_source_aws_account_ids: accounts
    .prefault('')
    .register(about, { description: 'Accounts whose shared backups a bunker pulls.', allowed: ACCOUNTS, tag: false }),
  shelvery_pull_max_backups: integer(1, 1_000_000).prefault('1000').register(about, {
    description: 'How many backups of one source account a run pulls at most.',
    allowed: 'a whole number from 1 to 1000000',
    tag: false,
  }),
  shelvery_bucket_name_template: bucketTemplate
    .prefault('shelvery.data.{account_id}-{region}.base2tools')
    .register(about, {
      description: 'Name of the data buckets.',
      allowed: 'a legal bucket name, in which {account_id} and {region} are filled in',
      tag: false,
    }),
  shelvery_rds_backup_mode: z
    .enum(['RDS_COPY_AUTOMATED_SNAPSHOT', 'RDS_CREATE_SNAPSHOT'])
    .prefault('RDS_COPY_AUTOMATED_SNAPSHOT')
    .register(about, {
      description:
        'Whether backups of RDS instances and clusters copy the newest automated snapshot or make a new snapshot.',
      allowed: 'RDS_COPY_AUTOMATED_SNAPSHOT or RDS_CREATE_SNAPSHOT',
      tag: true,
    }),
  shelvery_docdb_backup_mode: z
    .enum(['DOCDB_COPY_AUTOMATED_SNAPSHOT', 'DOCDB_CREATE_SNAPSHOT'])
    .prefault('DOCDB_COPY_AUTOMATED_SNAPSHOT')
    .register(about, {
      description: 'Whether backups of DocumentDB clusters copy the newest automated snapshot or make a new snapshot.',
      allowed: 'DOCDB_COPY_AUTOMATED_SNAPSHOT or DOCDB_CREATE_SNAPSHOT',
      tag: true,
    }),
  shelvery_redshift_backup_mode: z
    .enum(['REDSHIFT_COPY_AUTOMATED_SNAPSHOT', 'REDSHIFT_CREATE_SNAPSHOT'])
    .prefault('REDSHIFT_COPY_AUTOMATED_SNAPSHOT')
    .register(about, {
      description: 'Whether backups of Redshift clusters copy the newest automated snapshot or make a new snapshot.',
      allowed: 'REDSHIFT_COPY_AUTOMATED_SNAPSHOT or REDSHIFT_CREATE_SNAPSHOT',
      tag: true,
    }),
  shelvery_automated_snapshot_max_age_hours: integer(1, 8_760).prefault('30').register(about, {
    description: 'An automated snapshot that is older counts as none: a snapshot is made in its place.',
    allowed: 'a whole number of hours from 1 to 8760',
    tag: false,
  }),
  shelvery_select_entity: z.string().max(255).optional().register(about, {
    description: 'Work only on this resource, which must be marked, and on its backups.',
    allowed: 'the id of one resource',
    tag: false,
  }),
  shelvery_sns_topic: topic
    .optional()
    .register(about, { description: 'Topic for notifications of every operation.', allowed: TOPIC, tag: false }),
  shelvery_error_sns_topic: topic.optional().register(about, {
    description: 'Topic for errors; if not set, they go to shelvery_sns_topic.',
    allowed: TOPIC,
    tag: false,
  }),
  shelvery_status_sns_topic: topic
    .optional()
    .register(about, { description: 'Topic for one status report per run.', allowed: TOPIC, tag: false }),
  shelvery_copy_resource_tags: boolean
    .prefault('true')
    .register(about, { description: "Copy the resource's tags to its backups.", allowed: BOOLEAN, tag: false }),
  shelvery_exluded_resource_tag_keys: words.prefault('').register(about, {
    description: 'Tag keys that are not copied to backups. shelvery_excluded_resource_tag_keys is read as well.',
    allowed: 'tag keys, or beginnings of keys followed by *, separated by commas or spaces',
    tag: false,
  }),
  shelvery_sqs_queue_url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .register(about, {
      description: 'Queue in which delayed operations wait, in Lambda.',
      allowed: 'the URL of an SQS queue',
      tag: false,
    }),
  shelvery_sqs_queue_wait_period: integer(0, 900).prefault('0').register(about, {
    description: 'Seconds that a message waits in the queue; one that is sent again waits at least 30.',
    allowed: 'a whole number of seconds from 0 to 900',
    tag: false,
  }),
  shelvery_completion_events: z.enum(['ENABLED', 'DISABLED']).prefault('DISABLED').register(about, {
    description:
      'Whether events of AWS begin what waits for a backup as soon as it is complete. Messages in the queue then wait 900 seconds where an event is to be expected.',
    allowed: 'ENABLED or DISABLED',
    tag: false,
    owner: true,
  }),
  shelvery_ignore_invalid_resource_state: boolean.prefault('false').register(about, {
    description: 'If a service cannot back up a resource in its present state, report IGNORE instead of ERROR.',
    allowed: BOOLEAN,
    tag: false,
  }),
  shelvery_encrypt_copy: boolean
    .prefault('false')
    .register(about, { description: 'Encrypt copies of unencrypted backups.', allowed: BOOLEAN, tag: true }),
  shelvery_copy_kms_key_id: kmsKeys.prefault('').register(about, {
    description: 'Key that DR copies and pulled copies are encrypted with: one for all regions, or one for each.',
    allowed: KMS,
    tag: true,
    emptyTagUnsets: true,
  }),
  shelvery_copy_option_groups: optionGroups.prefault('').register(about, {
    description:
      'Option group that a DR copy or pulled copy of an RDS instance gets in each region, where the instance has one that is not a default. Without it the group itself is copied. Databases with TDE cannot be copied to another region without it.',
    allowed: 'region=group pairs, separated by commas or spaces; an empty tag on a resource unsets it',
    tag: true,
    emptyTagUnsets: true,
  }),
  shelvery_reencrypt_kms_key_id: kmsKeys.prefault('').register(about, {
    description: 'Key that a backup is copied under before it is shared.',
    allowed: KMS,
    tag: true,
    emptyTagUnsets: true,
  }),
  shelvery_allowed_kms_keys: kmsKeyPatterns.prefault('').register(about, {
    description: "KMS keys of other accounts that tags may name, beside those that the run's own configuration names.",
    allowed: 'ARNs of KMS keys, in which * stands for any characters, separated by commas or spaces',
    tag: false,
    owner: true,
  }),
  shelvery_reencrypt_backup_cleanup_hours: integer(1, 87_600).prefault('72').register(about, {
    description: 'Hours after which a temporary re-encrypted snapshot is removed.',
    allowed: 'a whole number of hours from 1 to 87600',
    tag: false,
  }),
  shelvery_ebs_volume_sets: boolean.prefault('false').register(about, {
    description:
      'The marked volumes of one instance are backed up in one call, crash-consistent with one another. Volumes that are not marked are left out.',
    allowed: BOOLEAN,
    tag: true,
  }),
  shelvery_enable_ebs_archive: boolean.prefault('false').register(about, {
    description: 'Move monthly and yearly EBS snapshots to the archive tier once every copy and pull of them is done.',
    allowed: BOOLEAN,
    tag: true,
  }),
  shelvery_enable_ebs_archive_pulled: boolean.prefault('false').register(about, {
    description: 'In a bunker: move pulled monthly and yearly EBS snapshots to the archive tier.',
    allowed: BOOLEAN,
    tag: true,
  }),
  role_arn: z
    .string()
    .regex(/^arn:[a-z][a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/)
    .optional()
    .register(about, {
      description: 'Role that is assumed for every call on resources, backups and data buckets.',
      allowed: 'the ARN of an IAM role',
      tag: false,
    }),
  role_external_id: z
    .string()
    .regex(/^[\w+=,.@:/-]{2,1224}$/)
    .optional()
    .register(about, {
      description: 'External id that the trust policy of the role asks for.',
      allowed: '2 to 1224 letters, digits and _ + = , . @ : / -',
      tag: false,
      secret: true,
    }),
  boto3_retries: z.string().optional().register(about, {
    description: 'Has no effect; accepted because older installations set it.',
    allowed: 'anything',
    tag: false,
  }),
});

/** Every key with its value, defaults filled in. */
export type ConfigValues = Readonly<z.infer<typeof ConfigSchema>>;
export type ConfigKey = keyof ConfigValues;

/**
 * What makes a retention type known that is not; nothing where no configuration can.
 *
 * @example howToKnow('hourly') // 'add hourly:<seconds> to shelvery_custom_retention_types'
 */
export function howToKnow(type: string): string | undefined {
  return isCustomName(type) ? `add ${type}:<seconds> to shelvery_custom_retention_types` : undefined;
}

/** Every retention type that a backup may have: the standard ones, and those that the configuration adds. */
export function retentionTypesOf(config: ConfigValues): readonly string[] {
  return [...STANDARD_RETENTION_TYPES, ...config.shelvery_custom_retention_types.keys()];
}

/** Every key, in the order of the declaration. */
export const CONFIG_KEYS: readonly ConfigKey[] = ConfigSchema.keyof().options;

const KEY_NAMES: ReadonlySet<string> = new Set(CONFIG_KEYS);

/** Whether a word is the name of a key. */
export function isConfigKey(word: string): word is ConfigKey {
  return KEY_NAMES.has(word);
}

/** Other spellings of keys. */
export const KEY_ALIASES: Readonly<Record<string, ConfigKey>> = {
  shelvery_excluded_resource_tag_keys: 'shelvery_exluded_resource_tag_keys',
};

/** What is known of a key. */
export function describeKey(key: ConfigKey): KeyDescription {
  return KeyDescription.parse(about.get(ConfigSchema.shape[key]));
}
