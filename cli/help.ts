import { COMMANDS, BACKUP_TYPES, CONFIG_KEYS, defaultConfigText, describeKey } from '@shelvery/engine/terminal';
import type { Command } from '@shelvery/engine/terminal';
import { ACTION_WORDS, KEYS_OF_ALL } from './options.js';
import { wrapped } from './render-table.js';

/** What the program is for. */
export const HELP_BEFORE =
  'Grandfather-father-son backups of AWS resources, with disaster-recovery copies, sharing and a bunker account.';

function actionLines(): string {
  const width = Math.max(...COMMANDS.map((action) => action.length));
  return [
    '',
    'Actions:',
    ...COMMANDS.map((action) => `  ${action.padEnd(width)}  ${ACTION_WORDS[action].does}`),
    '',
    'shelvery help <action> tells more of one, with the configuration keys that it goes by.',
    'shelvery completion bash|zsh|fish prints a script that completes these words in your shell.',
  ].join('\n');
}

const EXAMPLES = `
Examples:
  shelvery all doctor
  shelvery all status
  shelvery ebs create_backups --dry-run --region eu-west-1
  shelvery all clean_backups --config shelvery_keep_daily_backups=7
  shelvery rds create_backups --as-of 2026-11-24T03:01:00Z
  shelvery ebs list_backups --only expiring`;

const EXIT_CODES = `
Exit codes: 0 all well; 3 some of it failed; 1 nothing succeeded, or the run stopped early; 2 wrong usage, configuration or credentials; 4 (status) a backup or a copy is missing; 130 interrupted.`;

function keyLines(): string {
  const width = Math.max(...CONFIG_KEYS.map((key) => key.length));
  return [
    '',
    'Configuration keys (--config key=value, environment, SSM parameters of --stack or SHELVERY_SSM_PREFIX):',
    ...CONFIG_KEYS.map((key) => `  ${key.padEnd(width)}  ${describeKey(key).description}`),
  ].join('\n');
}

/** What follows the options: actions, examples, exit codes and every configuration key. */
export const HELP_AFTER = [actionLines(), EXAMPLES, EXIT_CODES, keyLines()].join('\n');

/** What precedes the options of one action. */
export function actionHelpBefore(action: Command): string {
  const { does, more } = ACTION_WORDS[action];
  return `${does.charAt(0).toUpperCase()}${does.slice(1)}.\n${more}`;
}

/** What follows the options of one action: the keys that it goes by, with defaults and what is allowed. */
export function actionHelpAfter(action: Command): string {
  const keys = CONFIG_KEYS.filter((key) => ACTION_WORDS[action].keys.includes(key) || KEYS_OF_ALL.includes(key));
  return [
    '',
    `Types: ${BACKUP_TYPES.join(', ')}; all stands for every one of them.`,
    EXIT_CODES,
    '',
    'Configuration keys that it goes by (--config key=value, environment, SSM parameters):',
    ...keys.flatMap((key) => {
      const { description, allowed, tag } = describeKey(key);
      return [
        `  ${key}${tag ? ' (also by tag)' : ''}`,
        `      ${description}`,
        `      Allowed: ${allowed}. Default: ${defaultWord(defaultConfigText(key))}.`,
      ];
    }),
  ].join('\n');
}

function defaultWord(text: string | undefined): string {
  if (text === undefined) return 'not set';
  return text === '' ? 'none' : text;
}

/**
 * Lines of at most so many characters. What is too long goes on below its own beginning, or, in a list of words and what
 * they mean, below the meaning.
 */
export function helpWithin(text: string, width: number): string {
  return text
    .split('\n')
    .flatMap((line) => {
      if (line.length <= width) return [line];
      const [lead = ''] = /^ +\S+ {2,}|^ */.exec(line) ?? [];
      const below = ' '.repeat(lead.length);
      return wrapped(line.slice(lead.length), width - lead.length, 'words').map(
        (part, index) => `${index === 0 ? lead : below}${part}`,
      );
    })
    .join('\n');
}
