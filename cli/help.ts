import { CONFIG_KEYS, describeKey } from '@shelvery/engine';

/** What the program is for. */
export const HELP_BEFORE =
  'Grandfather-father-son backups of AWS resources, with disaster-recovery copies, sharing and a bunker account.';

const ACTION_LINES = `
Actions:
  create_backups           back up every resource tagged <prefix>:create_backup=true
  clean_backups            remove what has expired
  pull_shared_backups      copy what other accounts share into this one
  create_data_buckets      make the buckets for the backups' metadata, or repair their settings
  archive_pending_backups  move monthly and yearly EBS snapshots to the archive tier, once copied and pulled
  list_backups             list the backups, and when each expires or why it is kept`;

const EXAMPLES = `
Examples:
  shelvery ebs create_backups --dry-run --region eu-west-1
  shelvery all clean_backups --config shelvery_keep_daily_backups=7
  shelvery rds create_backups --as-of 2026-11-24T03:01:00Z

Exit codes: 0 all well; 3 some of it failed; 1 nothing succeeded, or the run stopped early;
2 wrong usage, configuration or credentials; 130 interrupted.`;

function configLines(): string {
  const width = Math.max(...CONFIG_KEYS.map((key) => key.length));
  const lines = CONFIG_KEYS.map((key) => `  ${key.padEnd(width)}  ${describeKey(key).description}`);
  return [
    '',
    'Configuration keys (--config key=value, environment, SSM parameters of --stack or SHELVERY_SSM_PREFIX):',
    ...lines,
  ].join('\n');
}

/** What follows the options: actions, examples, exit codes and every configuration key. */
export const HELP_AFTER = [ACTION_LINES, EXAMPLES, configLines()].join('\n');
