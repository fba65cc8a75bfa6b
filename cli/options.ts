import { COMMANDS, CONFIG_KEYS, PLAN_FORMS } from '@shelvery/engine/terminal';
import type { Command, ConfigKey } from '@shelvery/engine/terminal';
import { ONLY } from './filter-list.js';

/** What an action does, and what goes with it. */
export interface ActionWords {
  /** One line of the general help. */
  readonly does: string;
  /** More, in its own help. */
  readonly more: string;
  /** Configuration keys that it goes by, beside those that every action does. */
  readonly keys: readonly ConfigKey[];
}

const KEEP: readonly ConfigKey[] = CONFIG_KEYS.filter(
  (key) => key.startsWith('shelvery_keep_') || key === 'shelvery_min_retention_days',
);
const RETENTION: readonly ConfigKey[] = [...KEEP, 'shelvery_custom_retention_types', 'shelvery_tag_config'];
const COPYING: readonly ConfigKey[] = [
  'shelvery_dr_regions',
  'shelvery_share_aws_account_ids',
  'shelvery_allowed_share_aws_account_ids',
  'shelvery_encrypt_copy',
  'shelvery_copy_kms_key_id',
  'shelvery_reencrypt_kms_key_id',
  'shelvery_copy_option_groups',
  'shelvery_allowed_kms_keys',
];
/** What the status goes by, and what is made of it. */
const LOOKING: readonly ConfigKey[] = [
  'shelvery_rpo_hours',
  'shelvery_dr_regions',
  'shelvery_share_aws_account_ids',
  'shelvery_source_aws_account_ids',
  'shelvery_wait_deadline_hours',
  ...RETENTION,
];
const WAITING: readonly ConfigKey[] = [
  'shelvery_wait_snapshot_timeout',
  'shelvery_wait_deadline_hours',
  'shelvery_lambda_max_wait_iterations',
  'shelvery_sqs_queue_url',
  'shelvery_sqs_queue_wait_period',
  'shelvery_completion_events',
];
const TAGGING: readonly ConfigKey[] = ['shelvery_copy_resource_tags', 'shelvery_exluded_resource_tag_keys'];
const TOPICS: readonly ConfigKey[] = ['shelvery_sns_topic', 'shelvery_error_sns_topic', 'shelvery_status_sns_topic'];

/** Keys that every action goes by. */
export const KEYS_OF_ALL: readonly ConfigKey[] = [
  'shelvery_tag_prefix',
  'shelvery_select_entity',
  'shelvery_bucket_name_template',
  'role_arn',
  'role_external_id',
];

/** Every action, in words. */
export const ACTION_WORDS: Readonly<Record<Command, ActionWords>> = {
  create_backups: {
    does: 'back up every resource tagged <prefix>:create_backup=true',
    more: 'Then stores the metadata, copies to DR regions, and shares. Repeating a run with the same time makes nothing twice.',
    keys: [
      'shelvery_current_retention_type',
      'shelvery_catch_up',
      'shelvery_ebs_volume_sets',
      'shelvery_rds_backup_mode',
      'shelvery_docdb_backup_mode',
      'shelvery_redshift_backup_mode',
      'shelvery_automated_snapshot_max_age_hours',
      'shelvery_ignore_invalid_resource_state',
      ...COPYING,
      ...TAGGING,
      ...RETENTION,
      ...WAITING,
      ...TOPICS,
    ],
  },
  clean_backups: {
    does: 'remove what has expired',
    more: 'Looks at the local region and at the copies from here in DR regions. --dry-run says of every backup why it stays or goes.',
    keys: [
      ...RETENTION,
      'shelvery_reencrypt_backup_cleanup_hours',
      'shelvery_rpo_hours',
      'shelvery_dr_regions',
      ...TOPICS,
    ],
  },
  pull_shared_backups: {
    does: 'copy what other accounts share into this one',
    more: 'For a bunker account. The source accounts share by shelvery_share_aws_account_ids.',
    keys: [
      'shelvery_source_aws_account_ids',
      'shelvery_pull_max_backups',
      'shelvery_enable_ebs_archive_pulled',
      ...COPYING,
      ...TAGGING,
      ...WAITING,
      ...TOPICS,
    ],
  },
  create_data_buckets: {
    does: "make the buckets for the backups' metadata, or repair their settings",
    more: 'In the local and every DR region. Only this action takes accounts out of the policies of the buckets.',
    keys: [
      'shelvery_dr_regions',
      'shelvery_share_aws_account_ids',
      'shelvery_allowed_share_aws_account_ids',
      ...TOPICS,
    ],
  },
  archive_pending_backups: {
    does: 'move monthly and yearly EBS snapshots to the archive tier, once copied and pulled',
    more: 'A snapshot in the archive tier can neither be copied nor shared.',
    keys: ['shelvery_enable_ebs_archive', 'shelvery_enable_ebs_archive_pulled', ...RETENTION, ...TOPICS],
  },
  list_backups: {
    does: 'list the backups, and when each expires or why it is kept',
    more: 'Changes nothing. Columns that do not fit the terminal are left out; --wide shows all.',
    keys: [...RETENTION, 'shelvery_dr_regions'],
  },
  status: {
    does: 'say what needs somebody: resources without a backup in time, missing copies, lost marks',
    more: 'Changes nothing. Ends with exit code 4 where a backup or a copy is missing for longer than shelvery_rpo_hours.',
    keys: LOOKING,
  },
  show_config: {
    does: 'print every value of the configuration, and where it comes from',
    more: 'Changes nothing. With --resource it prints what is in force for that resource, its tags included.',
    keys: CONFIG_KEYS,
  },
  restore_plan: {
    does: 'write the commands, or a template, that restore a backup',
    more: 'restore_plan <name or id> finds the backup here and in DR regions, and restores nothing itself. Save what it prints, fill in what it asks for, and run it.',
    keys: ['shelvery_dr_regions'],
  },
  report: {
    does: 'write a page for a browser: a year of backups, gaps, storage, an estimate of cost',
    more: 'Changes nothing in AWS. Needs --html FILE. The page is one file that loads nothing and runs no script. It is not written where nothing could be looked at.',
    keys: LOOKING,
  },
  runbook: {
    does: 'write a page to print: what each resource is restored from, and the commands',
    more: 'Changes nothing in AWS. Needs --html FILE. For the day when a region or an account is lost: keep it where that loss does not reach.',
    keys: ['shelvery_dr_regions', 'shelvery_share_aws_account_ids'],
  },
  doctor: {
    does: 'check credentials, clock, permissions, tags, buckets, topics, queues, keys and quotas, and say what to do',
    more: 'Changes nothing: it reads, and has EC2 check calls without doing them. Ends with exit code 3 where a check failed.',
    keys: [
      'shelvery_dr_regions',
      'shelvery_share_aws_account_ids',
      'shelvery_source_aws_account_ids',
      'shelvery_copy_kms_key_id',
      'shelvery_reencrypt_kms_key_id',
      'shelvery_sqs_queue_url',
      'shelvery_wait_snapshot_timeout',
      'shelvery_rpo_hours',
      ...TOPICS,
      ...KEEP,
    ],
  },
};

/** An option of the command line. */
export interface OptionWords {
  readonly flags: string;
  readonly does: string;
  /** Those that it goes with; all where this is left out. */
  readonly actions?: readonly Command[];
  /** Words that it takes, for completion. */
  readonly words?: readonly string[];
}

/** The long form by which an option is given. @example flagOf('--region <region>') // '--region' */
export function flagOf(flags: string): string {
  return flags.split(' ')[0] ?? flags;
}

const RUNS: readonly Command[] = [
  'create_backups',
  'clean_backups',
  'pull_shared_backups',
  'create_data_buckets',
  'archive_pending_backups',
];

/** Actions that write a page for a browser. */
export const PAGES: readonly Command[] = ['report', 'runbook'];

/** Every option, in the order of the help. */
export const OPTIONS: readonly OptionWords[] = [
  { flags: '--dry-run', does: 'change nothing; print what would be done, and why', actions: RUNS },
  {
    flags: '--config <key=value>',
    does: 'set a configuration key for this run (wins over environment and SSM parameters); may be repeated',
    words: CONFIG_KEYS.map((key) => `${key}=`),
  },
  { flags: '--resource <id>', does: 'work on this resource alone; the same as --config shelvery_select_entity=<id>' },
  {
    flags: '--as-of <time>',
    does: 'the time of the run, which decides names, retention types and ages (UTC; ISO 8601, YYYY-MM-DD or YYYY-MM-DD-HHmm)',
  },
  { flags: '--backdate', does: 'allow create_backups a time more than 24 hours ago', actions: ['create_backups'] },
  {
    flags: '--only <what>',
    does: `list only what is ${Object.entries(ONLY)
      .map(([word, meaning]) => `${word} (${meaning})`)
      .join('; ')}`,
    actions: ['list_backups'],
    words: Object.keys(ONLY),
  },
  {
    flags: '--expires-before <time>',
    does: 'list only what expires before a time, written as for --as-of',
    actions: ['list_backups'],
  },
  {
    flags: '--as <form>',
    does: 'what restore_plan writes: cli (commands of the AWS CLI, the default), cfn (a CloudFormation template) or terraform',
    actions: ['restore_plan'],
    words: PLAN_FORMS,
  },
  {
    flags: '--into <region/account>',
    does: 'the region, the account, or both, to restore into; default: where the backup is',
    actions: ['restore_plan'],
  },
  { flags: '--html <file>', does: 'write the page to this file; - for standard output', actions: PAGES },
  {
    flags: '--prices <file>',
    does: 'estimate the cost by the prices in this JSON file (docs/reporting.md) in place of those that are built in',
    actions: ['report'],
  },
  { flags: '--wide', does: 'print every column, also where the terminal is too narrow for them' },
  {
    flags: '--region <region>',
    does: 'the region to work in; default: AWS_REGION, AWS_DEFAULT_REGION, or the region of the profile',
  },
  {
    flags: '--profile <name>',
    does: 'the profile of the AWS configuration whose credentials and region count; default: AWS_PROFILE',
  },
  {
    flags: '--stack <name>',
    does: 'read the configuration of this stack, from the SSM parameters below /shelvery/<name>; default: SHELVERY_SSM_PREFIX, or the one stack that is found in the region',
  },
  { flags: '--no-stack', does: 'read no SSM parameters, and look for no stack' },
  {
    flags: '--json',
    does: 'print one JSON document on stdout, and nothing else',
    actions: COMMANDS.filter((command) => !PAGES.includes(command)),
  },
  {
    flags: '--quiet',
    does: 'print only warnings, what failed, and what needs somebody; lists, plans and configurations stay whole',
  },
  {
    flags: '--verbose',
    does: 'also print log lines and every call of AWS with its tries, on stderr, and at the end how many there were',
  },
];

/** The options that go with an action. */
export function optionsOf(action: Command): readonly OptionWords[] {
  return OPTIONS.filter(({ actions }) => actions === undefined || actions.includes(action));
}
