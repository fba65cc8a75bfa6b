import { ACTIONS, BACKUP_TYPES, ShelveryError, nearest, present } from '@shelvery/engine';
import type { Action, BackupType } from '@shelvery/engine';
import { Command, CommanderError } from 'commander';
import { parseAsOf } from './as-of.js';
import { HELP_AFTER, HELP_BEFORE } from './help.js';

declare const __SHELVERY_VERSION__: string;

/** What a command line asks for. */
export interface CliRequest {
  /** Every type, in the order of the documentation, for `all`. */
  readonly types: readonly BackupType[];
  readonly action: Action;
  readonly dryRun: boolean;
  readonly backdate: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly asOf?: Date;
  readonly region?: string;
  /** The stack whose configuration counts, or false for none; else the one that is found, if any. */
  readonly stack?: string | false;
  /** `--config` pairs, in their order. */
  readonly config: readonly ConfigPair[];
}

export type ConfigPair = readonly [key: string, value: string];

/** A request, or a text to be printed instead (help, version). */
export type ParsedArguments =
  { readonly kind: 'run'; readonly request: CliRequest } | { readonly kind: 'text'; readonly text: string };

const TYPE_WORDS = [...BACKUP_TYPES, 'all'] as const;

/**
 * Reads a command line without the program's name.
 *
 * @throws ShelveryError `UsageError` that names what is wrong, the nearest allowed word, and all allowed words.
 */
export function parseArguments(argv: readonly string[]): ParsedArguments {
  let text = '';
  const command = makeCommand((part) => {
    text += part;
  });
  try {
    command.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'text', text };
    throw new ShelveryError('UsageError', `${error.message.replace(/^error: /, '')}\n${SEE_HELP}`, { cause: error });
  }
  const [typeWord, actionWord] = command.args;
  const types = readTypes(typeWord);
  const action = readAction(actionWord);
  const problems = [types, action].flatMap((read) => ('problem' in read ? [read.problem] : []));
  if ('problem' in types || 'problem' in action)
    throw new ShelveryError('UsageError', [...problems, SEE_HELP].join('\n'));
  const options = command.opts<Options>();
  return {
    kind: 'run',
    request: {
      types: types.types,
      action: action.action,
      dryRun: options.dryRun === true,
      backdate: options.backdate === true,
      json: options.json === true,
      verbose: options.verbose === true,
      config: readPairs(options.config ?? []),
      ...(options.asOf === undefined ? {} : { asOf: parseAsOf(options.asOf) }),
      ...present({ region: options.region, stack: readStack(options.stack) }),
    },
  };
}

interface Options {
  readonly dryRun?: true;
  readonly backdate?: true;
  readonly json?: true;
  readonly verbose?: true;
  readonly asOf?: string;
  readonly region?: string;
  readonly stack?: string | false;
  readonly config?: readonly string[];
}

const SEE_HELP = 'shelvery --help lists every option.';

function makeCommand(write: (text: string) => void): Command {
  return new Command('shelvery')
    .usage('<type|all> <action> [options]')
    .description(HELP_BEFORE)
    .argument('[type]', `one of ${TYPE_WORDS.join(', ')}`)
    .argument('[action]', `one of ${ACTIONS.join(', ')}`)
    .option('--dry-run', 'change nothing; print what would be done, and why')
    .option(
      '--config <key=value>',
      'set a configuration key for this run (wins over environment and SSM parameters); may be repeated',
      (pair: string, before: readonly string[] | undefined) => [...(before ?? []), pair],
    )
    .option(
      '--as-of <time>',
      'the time of the run, which decides names, retention types and ages (UTC; ISO 8601, YYYY-MM-DD or YYYY-MM-DD-HHmm)',
    )
    .option('--backdate', 'allow create_backups a time more than 24 hours ago')
    .option(
      '--region <region>',
      'the region to work in; default: AWS_REGION, AWS_DEFAULT_REGION, or the region of the profile',
    )
    .option(
      '--stack <name>',
      'read the configuration of this stack, from the SSM parameters below /shelvery/<name>; default: SHELVERY_SSM_PREFIX, or the one stack that is found in the region',
    )
    .option('--no-stack', 'read no SSM parameters, and look for no stack')
    .option('--json', 'print one JSON document on stdout, and nothing else')
    .option('--verbose', 'also print log lines, on stderr')
    .version(__SHELVERY_VERSION__, '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .addHelpText('after', HELP_AFTER)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: () => undefined });
}

function readTypes(word: string | undefined): { readonly types: readonly BackupType[] } | { readonly problem: string } {
  if (word === 'all') return { types: BACKUP_TYPES };
  const type = BACKUP_TYPES.find((known) => known === word);
  return type === undefined ? { problem: notAllowed('backup type', word, TYPE_WORDS) } : { types: [type] };
}

function readAction(word: string | undefined): { readonly action: Action } | { readonly problem: string } {
  const action = ACTIONS.find((known) => known === word);
  return action === undefined ? { problem: notAllowed('action', word, ACTIONS) } : { action };
}

function notAllowed(what: string, word: string | undefined, allowed: readonly string[]): string {
  const list = allowed.join(', ');
  if (word === undefined) return `The ${what} is missing; allowed: ${list}.`;
  const hint = nearest(word, allowed);
  const article = what.startsWith('a') ? 'an' : 'a';
  return `${JSON.stringify(word)} is not ${article} ${what}${hint === undefined ? '.' : `; did you mean ${hint}?`} Allowed: ${list}.`;
}

/** CloudFormation's rule for names of stacks (page "CreateStack", `StackName`). */
const STACK_NAME = /^[A-Za-z][A-Za-z0-9-]{0,127}$/;

function readStack(name: string | false | undefined): string | false | undefined {
  if (name === undefined || name === false || STACK_NAME.test(name)) return name;
  throw new ShelveryError(
    'UsageError',
    `--stack is ${JSON.stringify(name)}; allowed: the name of a CloudFormation stack, such as shelvery.`,
  );
}

function readPairs(texts: readonly string[]): readonly ConfigPair[] {
  const pairs = new Map<string, string>();
  for (const text of texts) {
    const at = text.indexOf('=');
    const key = text.slice(0, Math.max(0, at)).trim();
    if (key === '')
      throw new ShelveryError(
        'UsageError',
        `--config ${JSON.stringify(text)} is not key=value, such as shelvery_keep_daily_backups=7.`,
      );
    if (pairs.has(key))
      throw new ShelveryError(
        'UsageError',
        `--config sets ${key} twice. Set it once; separate several values by commas.`,
      );
    pairs.set(key, text.slice(at + 1));
  }
  return [...pairs];
}
