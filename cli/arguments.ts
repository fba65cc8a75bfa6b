import {
  AccountId,
  BACKUP_TYPES,
  COMMANDS,
  PLAN_FORMS,
  Region,
  ShelveryError,
  onlyLooks,
  present,
} from '@shelvery/engine/terminal';
import type { BackupType, Command as CommandWord, RestoreRequest } from '@shelvery/engine/terminal';
import { Command, CommanderError } from 'commander';
import { parseTimeOption } from './time-option.js';
import { SHELLS, completionScript } from './completion.js';
import { ONLY_WORDS, isOnly } from './filter-list.js';
import type { ListFilter, Only } from './filter-list.js';
import { HELP_AFTER, HELP_BEFORE, actionHelpAfter, actionHelpBefore, helpWithin } from './help.js';
import { OPTIONS, PAGES, flagOf, optionsOf } from './options.js';
import { hintFor } from './word-hint.js';

declare const __SHELVERY_VERSION__: string;

/** What a command line asks for. */
export interface CliRequest {
  /** Every type, in the order of the documentation, for `all`. */
  readonly types: readonly BackupType[];
  readonly action: CommandWord;
  readonly dryRun: boolean;
  readonly backdate: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
  /** Every column of a table, whatever the terminal's width. */
  readonly wide: boolean;
  /** What `list_backups` is narrowed to. */
  readonly filter: ListFilter;
  /** What `restore_plan` is asked for. */
  readonly restore?: RestoreRequest;
  /** What `report` and `runbook` write. */
  readonly page?: PageRequest;
  readonly asOf?: Date;
  readonly region?: string;
  readonly profile?: string;
  /** The stack whose configuration counts, or false for none; else the one that is found, if any. */
  readonly stack?: string | false;
  /** `--config` pairs, in their order, and the resource that was selected. */
  readonly config: readonly ConfigPair[];
}

/** Whether a request changes nothing, and what it prints is all that it is for. */
export function isLook({ action, dryRun }: Pick<CliRequest, 'action' | 'dryRun'>): boolean {
  return onlyLooks(action) || dryRun;
}

export interface PageRequest {
  /** `-` for standard output. */
  readonly file: string;
  /** The file with the prices; those that are built in where it is left out. */
  readonly prices?: string;
}

export type ConfigPair = readonly [key: string, value: string];

/** A request, or a text to be printed instead (help, version, completion). */
export type ParsedArguments =
  { readonly kind: 'run'; readonly request: CliRequest } | { readonly kind: 'text'; readonly text: string };

const TYPE_WORDS = [...BACKUP_TYPES, 'all'] as const;

/**
 * Reads a command line without the program's name.
 *
 * @param width of the terminal, in characters: help is not wider.
 * @throws ShelveryError `UsageError` that names what is wrong, the nearest allowed word, and all allowed words.
 */
export function parseArguments(argv: readonly string[], width = WIDEST_HELP): ParsedArguments {
  const command = makeCommand();
  const given = recordFlags(command);
  try {
    command.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new ShelveryError('UsageError', `${error.message.replace(/^error: /, '')}\n${SEE_HELP}`, { cause: error });
  }
  const { args } = command;
  const options = command.opts<Options>();
  if (options.version === true) return { kind: 'text', text: __SHELVERY_VERSION__ };
  if (options.help === true || args[0] === 'help')
    return { kind: 'text', text: helpText(args, Math.min(width, WIDEST_HELP)) };
  if (args[0] === 'completion') return { kind: 'text', text: completionText(args[1]) };
  const { types, action } = readWords(args);
  checkOptions(given, action);
  const restore = readRestore(types, action, { backup: args[2], ...options });
  return { kind: 'run', request: { ...readRequest(types, action, options), ...present({ restore }) } };
}

interface Options {
  readonly dryRun?: true;
  readonly backdate?: true;
  readonly json?: true;
  readonly verbose?: true;
  readonly quiet?: true;
  readonly wide?: true;
  readonly help?: true;
  readonly version?: true;
  readonly only?: string;
  readonly expiresBefore?: string;
  readonly as?: string;
  readonly into?: string;
  readonly html?: string;
  readonly prices?: string;
  readonly asOf?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly resource?: string;
  readonly stack?: string | false;
  readonly config?: readonly string[];
}

const SEE_HELP = 'shelvery --help lists every option.';
/** Wide enough for the longest words, and narrow enough to be read. */
const WIDEST_HELP = 120;

function makeCommand(options = OPTIONS, helpWidth = WIDEST_HELP): Command {
  const command = new Command('shelvery')
    .usage('<type|all> <action> [options]')
    .argument('[type]', `one of ${TYPE_WORDS.join(', ')}`)
    .argument('[action]', `one of ${COMMANDS.join(', ')}`)
    .argument('[backup]', 'of restore_plan: the name or the id of a backup, or <region>:<id>')
    .helpOption(false)
    .allowExcessArguments(false)
    .exitOverride()
    .configureHelp({ helpWidth })
    .configureOutput({ writeErr: () => undefined });
  for (const { flags, does } of options) {
    if (flags.startsWith('--config')) {
      const repeated = (pair: string, before: readonly string[] | undefined): readonly string[] => [
        ...(before ?? []),
        pair,
      ];
      command.option(flags, does, repeated);
    } else command.option(flags, does);
  }
  return command.option('-V, --version', 'print the version').option('-h, --help', 'print this help');
}

/** How often each option is given, by its flag, once the command has read its words: of two values it keeps the last alone. */
function recordFlags(command: Command): ReadonlyMap<string, number> {
  const given = new Map<string, number>();
  for (const { flags } of OPTIONS) {
    const flag = flagOf(flags);
    command.on(`option:${flag.slice('--'.length)}`, () => given.set(flag, (given.get(flag) ?? 0) + 1));
  }
  return given;
}

/** The help of the action that the words name, or that of the whole program. */
function helpText(words: readonly string[], width: number): string {
  const named = COMMANDS.find((action) => words.includes(action));
  if (named === undefined) {
    const unknown = words.find((word) => word !== 'help' && !TYPE_WORDS.some((type) => type === word));
    if (unknown !== undefined) throw new ShelveryError('UsageError', notAllowed('action', unknown, COMMANDS));
    return `${makeCommand(OPTIONS, width).description(HELP_BEFORE).helpInformation()}${helpWithin(HELP_AFTER, width)}`;
  }
  const command = makeCommand(optionsOf(named), width)
    .usage(named === 'restore_plan' ? `<type> ${named} <name or id> [options]` : `<type|all> ${named} [options]`)
    .description(actionHelpBefore(named));
  return `${command.helpInformation()}${helpWithin(actionHelpAfter(named), width)}`;
}

function completionText(word: string | undefined): string {
  const shell = SHELLS.find((known) => known === word);
  if (shell === undefined) throw new ShelveryError('UsageError', notAllowed('shell', word, SHELLS));
  return completionScript(shell);
}

function readWords([first, second]: readonly string[]): { types: readonly BackupType[]; action: CommandWord } {
  const types = typesOf(first);
  const action = COMMANDS.find((known) => known === second);
  if (types !== undefined && action !== undefined) return { types, action };
  const turned = typesOf(second) !== undefined && COMMANDS.some((known) => known === first);
  const problems = turned
    ? [`The backup type comes first: shelvery ${second ?? ''} ${first ?? ''}.`]
    : [
        ...(types === undefined ? [notAllowed('backup type', first, TYPE_WORDS)] : []),
        ...(action === undefined ? [notAllowed('action', second, COMMANDS)] : []),
      ];
  throw new ShelveryError('UsageError', [...problems, SEE_HELP].join('\n'));
}

function typesOf(word: string | undefined): readonly BackupType[] | undefined {
  if (word === 'all') return BACKUP_TYPES;
  const type = BACKUP_TYPES.find((known) => known === word);
  return type === undefined ? undefined : [type];
}

/** Options of which one takes back what the other asks for. */
const OPPOSITES = [
  ['--quiet', '--verbose'],
  ['--stack', '--no-stack'],
] as const;

/** An option that an action does not know is a mistake, not to be passed over; so is one that another one takes back. */
function checkOptions(given: ReadonlyMap<string, number>, action: CommandWord): void {
  const known = optionsOf(action);
  for (const option of OPTIONS) {
    const flag = flagOf(option.flags);
    const times = given.get(flag) ?? 0;
    if (times > 1 && option.flags.includes('<') && flag !== '--config')
      throw new ShelveryError('UsageError', `${flag} is given ${String(times)} times, and takes one value.`);
    if (times === 0 || known.includes(option)) continue;
    // That a look changes nothing may be asked for; it does not.
    if (flag === '--dry-run' && onlyLooks(action)) continue;
    throw new ShelveryError(
      'UsageError',
      `${flag} goes with ${(option.actions ?? []).join(', ')}, not with ${action}.`,
    );
  }
  for (const [one, other] of OPPOSITES)
    if (given.has(one) && given.has(other))
      throw new ShelveryError('UsageError', `${one} and ${other} exclude each other.`);
}

/**
 * The value of an option as it was given. An empty one is most often a variable of the shell that is not set: taken for an
 * option that was left out, it would have the command work on more than was meant, or elsewhere.
 */
function readValue(flag: string, value: string | undefined, allowed: string): string | undefined {
  if (value?.trim() !== '') return value;
  throw new ShelveryError(
    'UsageError',
    `${flag} is ${JSON.stringify(value)}; allowed: ${allowed}. Leave ${flag} out where it is not meant.`,
  );
}

function readRequest(types: readonly BackupType[], action: CommandWord, options: Options): CliRequest {
  const { only, expiresBefore, asOf } = options;
  const resource = readValue('--resource', options.resource, 'the id of one resource');
  const profile = readValue('--profile', options.profile, 'the name of a profile');
  if (resource !== undefined && types.length > 1)
    throw new ShelveryError('UsageError', '--resource needs the type of the resource in place of all.');
  const selected = resource === undefined ? [] : [`shelvery_select_entity=${resource}`];
  return {
    types,
    action,
    dryRun: options.dryRun === true,
    backdate: options.backdate === true,
    json: options.json === true,
    verbose: options.verbose === true,
    quiet: options.quiet === true,
    wide: options.wide === true,
    filter: present({
      only: only === undefined ? undefined : readOnly(only),
      expiresBefore: expiresBefore === undefined ? undefined : parseTimeOption('--expires-before', expiresBefore),
    }),
    config: readPairs([...(options.config ?? []), ...selected]),
    ...present({ page: readPage(action, options) }),
    ...(asOf === undefined ? {} : { asOf: parseTimeOption('--as-of', asOf) }),
    ...present({ region: options.region, profile, stack: readStack(options.stack) }),
  };
}

/** What `restore_plan` is asked for; nothing of other actions, which take no third word. */
function readRestore(
  types: readonly BackupType[],
  action: CommandWord,
  { backup, as: form = 'cli', into }: { readonly backup: string | undefined } & Options,
): RestoreRequest | undefined {
  if (action !== 'restore_plan') {
    if (backup === undefined) return undefined;
    throw new ShelveryError(
      'UsageError',
      `${action} takes no further word, and ${JSON.stringify(backup)} was given.\n${SEE_HELP}`,
    );
  }
  if (types.length > 1)
    throw new ShelveryError('UsageError', 'restore_plan needs the type of the backup in place of all.');
  if (backup === undefined || backup.trim() === '')
    throw new ShelveryError(
      'UsageError',
      'restore_plan needs the name or the id of a backup: list_backups shows them.',
    );
  const known = PLAN_FORMS.find((each) => each === form);
  if (known === undefined) throw new ShelveryError('UsageError', notAllowed('word for --as', form, PLAN_FORMS));
  return { backup, form: known, into: readInto(into) };
}

/** A region, an account, or both with a slash between them. */
function readInto(text: string | undefined): RestoreRequest['into'] {
  if (text === undefined) return {};
  const words = text.split('/');
  const regions = words.flatMap((word) => Region.safeParse(word).data ?? []);
  const accounts = words.flatMap((word) => AccountId.safeParse(word).data ?? []);
  if (regions.length > 1 || accounts.length > 1 || regions.length + accounts.length < words.length) {
    throw new ShelveryError(
      'UsageError',
      `--into is ${JSON.stringify(text)}; allowed: a region, an account of 12 digits, or both, such as eu-central-1/222222222222.`,
    );
  }
  return present({ region: regions[0], account: accounts[0] });
}

function readPage(action: CommandWord, { html, prices }: Options): PageRequest | undefined {
  if (!PAGES.includes(action)) return undefined;
  if (html === undefined || html.trim() === '')
    throw new ShelveryError(
      'UsageError',
      `${action} needs --html FILE, such as --html ${action}.html; - is standard output.`,
    );
  return { file: html, ...present({ prices: readValue('--prices', prices, 'a JSON file with prices') }) };
}

function readOnly(word: string): Only {
  if (isOnly(word)) return word;
  throw new ShelveryError('UsageError', notAllowed('word for --only', word, ONLY_WORDS));
}

function notAllowed(what: string, word: string | undefined, allowed: readonly string[]): string {
  const list = allowed.join(', ');
  if (word === undefined) return `The ${what} is missing; allowed: ${list}.`;
  const hints = hintFor(word, allowed);
  const hint = hints.length === 0 ? '.' : `; did you mean ${hints.join(' or ')}?`;
  const article = what.startsWith('a') ? 'an' : 'a';
  return `${JSON.stringify(word)} is not ${article} ${what}${hint} Allowed: ${list}.`;
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
    const value = text.slice(at + 1);
    if (key === 'shelvery_select_entity') readValue(`--config ${key}`, value, 'the id of one resource');
    pairs.set(key, value);
  }
  return [...pairs];
}
