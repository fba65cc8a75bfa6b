import { closest, distance } from 'fastest-levenshtein';
import * as z from 'zod';
import {
  CONFIG_KEYS,
  ConfigSchema,
  KEY_ALIASES,
  describeKey,
  howToKnow,
  isConfigKey,
  retentionTypesOf,
} from './config-schema.js';
import type { ConfigKey, ConfigValues } from './config-schema.js';
import { ShelveryError } from '../errors.js';
import { present } from '../present.js';
import { allowedToTags, sharableWith } from './tag-limits.js';
import type { AccountId, Tags } from '../values.js';

/** Where a value can come from, highest first; below them all are the defaults. */
export const LEVELS = ['tag', 'payload', 'environment', 'ssm'] as const;
export type Level = (typeof LEVELS)[number];

/** The levels of a run's own configuration. */
export type RunLevel = Exclude<Level, 'tag'>;

const TAGS_OF: Readonly<Record<TagsOf, string>> = { resource: "the resource's tags", backup: "the backup's own tags" };

const LEVEL_NAMES: Readonly<Record<Level, string>> = {
  tag: TAGS_OF.resource,
  payload: 'the payload',
  environment: 'the environment',
  ssm: 'the SSM parameters',
};

/** An error or a warning about one key on one level. */
export interface ConfigProblem {
  readonly key: string;
  readonly level: Level;
  readonly message: string;
}

/** The values of the levels below the resource's tags, kept as text so that tags can be laid over them. */
export interface RunConfig {
  readonly values: ConfigValues;
  readonly texts: Readonly<Partial<Record<ConfigKey, string>>>;
  /** Where each key's value comes from; one that is not in it has its default. */
  readonly levels: Readonly<Partial<Record<ConfigKey, RunLevel>>>;
  readonly warnings: readonly ConfigProblem[];
}

/** The configuration of one resource: the run's with the resource's tags over it. */
export interface ResourceConfig {
  readonly values: ConfigValues;
  /** Values in tags that could not be used; the next level was taken. What follows of them: see `passedOver`. */
  readonly problems: readonly ConfigProblem[];
  /** Keys whose values the resource's tags give. */
  readonly tagged: readonly ConfigKey[];
  /** Tags that are no configuration key, or none that a resource may set. */
  readonly warnings: readonly ConfigProblem[];
}

/** The raw levels, as they were found. Environment and SSM hold what else is there, too. */
export interface ConfigLevels {
  readonly payload?: unknown;
  /** What the payload is called in messages: `--config` in a terminal. */
  readonly payloadName?: string;
  /** Who sends payloads to a stack need not own its configuration: see `sharableWith`. */
  readonly inStack?: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly ssm?: Readonly<Record<string, string>>;
  /** What these are called in messages: the stack's parameters where they come straight from these. */
  readonly ssmName?: string;
}

/** What levels are called in messages, where they have names of their own. */
type LevelNames = Pick<ConfigLevels, 'payloadName' | 'ssmName'>;

/**
 * Numbers, booleans and lists of a JSON payload, as the text that the other levels would hold; an empty text is not
 * set.
 */
const Text = z.union([
  z.string().trim(),
  z.number().transform(String),
  z.boolean().transform(String),
  // An empty list says "none", which a comma alone says as well.
  z.array(z.union([z.string(), z.number().transform(String)])).transform((list) => list.join(',') || ','),
  z.union([z.null(), z.undefined()]).transform(() => ''),
]);

/**
 * Lays environment over SSM parameters, and the payload over both.
 *
 * @throws ShelveryError `ConfigurationError` that names every bad value with its key, level and what is allowed.
 * @example resolveRunConfig({ payload: { shelvery_keep_daily_backups: 5 }, environment: process.env })
 */
export function resolveRunConfig(given: ConfigLevels): RunConfig {
  const { found, texts, levels, warnings } = readLevels(given);
  const values = ConfigSchema.parse(texts);
  refuse(unknownRetentionType(values, found, given));
  if (given.inStack === true && levels.shelvery_share_aws_account_ids === 'payload')
    refuse(unnamedShareAccounts(values, given));
  return { values, texts, levels, warnings };
}

/**
 * Looks at what payload and environment say before the SSM parameters are read, so that a bad value costs no call.
 * Whether a retention type is known is not judged: SSM parameters may define it.
 *
 * @throws ShelveryError `ConfigurationError`, as `resolveRunConfig` does.
 */
export function checkGivenConfig(given: Omit<ConfigLevels, 'ssm'>): void {
  readLevels(given);
}

/** What can be used of levels that may have errors: a bad value counts as not set. Never throws. */
export function usableConfig(given: ConfigLevels): ConfigValues {
  return ConfigSchema.parse(readAll(given).texts);
}

type FoundLevel = readonly [RunLevel, Readonly<Record<string, unknown>>];

interface ReadLevels extends Pick<RunConfig, 'texts' | 'levels' | 'warnings'> {
  /** The raw levels, lowest first. */
  readonly found: readonly FoundLevel[];
}

function readLevels(given: ConfigLevels): ReadLevels {
  const { errors, ...read } = readAll(given);
  refuse(errors);
  return read;
}

function readAll(given: ConfigLevels): ReadLevels & { readonly errors: readonly ConfigProblem[] } {
  const errors: ConfigProblem[] = [];
  const warnings: ConfigProblem[] = [];
  const texts: Partial<Record<ConfigKey, string>> = {};
  const levels: Partial<Record<ConfigKey, RunLevel>> = {};
  const payload = z
    .record(z.string(), z.unknown())
    .optional()
    .safeParse(given.payload ?? undefined);
  if (!payload.success) {
    const message = 'config in the payload must be an object of keys and values.';
    errors.push({ key: 'config', level: 'payload', message });
  }
  const found: readonly FoundLevel[] = [
    ['ssm', given.ssm ?? {}],
    ['environment', given.environment],
    ['payload', payload.data ?? {}],
  ];
  for (const [level, entries] of found) {
    const read = readLevel(level, entries, nameOf(level, given));
    Object.assign(texts, read.texts);
    for (const key of Object.keys(read.texts).filter(isConfigKey)) levels[key] = level;
    errors.push(...read.errors);
    (level === 'payload' ? errors : warnings).push(...read.unknown);
  }
  return { found, texts, levels, warnings, errors };
}

function refuse(errors: readonly ConfigProblem[]): void {
  if (errors.length > 0) throw new ShelveryError('ConfigurationError', errors.map((error) => error.message).join('\n'));
}

/** A custom type is only known once `shelvery_custom_retention_types` of all levels has been merged: checked last. */
function unknownRetentionType(
  values: ConfigValues,
  found: readonly (readonly [Level, Readonly<Record<string, unknown>>])[],
  names: LevelNames,
): readonly ConfigProblem[] {
  const key = 'shelvery_current_retention_type';
  const wanted = values[key];
  const known = retentionTypesOf(values);
  if (wanted === undefined || known.includes(wanted)) return [];
  const how = howToKnow(wanted);
  const advice = how === undefined ? '' : ` To use it, ${how}.`;
  // The highest level that sets it comes last.
  return found
    .filter(([, entries]) => Text.safeParse(entries[key]).data === wanted)
    .slice(-1)
    .map(([level]) => ({
      key,
      level,
      message: `${key} in ${nameOf(level, names)} is ${JSON.stringify(wanted)}; allowed: ${known.join(', ')}.${advice}`,
    }));
}

/** What a payload shares with beyond what environment and SSM parameters name. */
function unnamedShareAccounts(
  values: ConfigValues,
  { environment, ssm = {} }: Pick<ConfigLevels, 'environment' | 'ssm'>,
): readonly ConfigProblem[] {
  const key = 'shelvery_share_aws_account_ids';
  const named = sharableWith(ConfigSchema.parse(readLevels({ environment, ssm }).texts));
  const unnamed = values[key].filter((account) => !named.has(account));
  if (unnamed.length === 0) return [];
  const message =
    `${key} in ${LEVEL_NAMES.payload} names ${unnamed.join(', ')}; ` +
    "allowed: accounts of the stack's parameters ShelveryShareAwsAccountIds and AllowedShareAwsAccountIds.";
  return [{ key, level: 'payload', message }];
}

function nameOf(level: Level, { payloadName, ssmName }: LevelNames): string {
  const own: Readonly<Partial<Record<Level, string>>> = present({ payload: payloadName, ssm: ssmName });
  return own[level] ?? LEVEL_NAMES[level];
}

/** The topics that a run's notifications go to. */
export type Topics = Pick<ConfigValues, 'shelvery_sns_topic' | 'shelvery_error_sns_topic'>;

/** The topics of a configuration that may have errors: each from the highest level that has a valid one. */
export function resolveTopics(levels: ConfigLevels): Topics {
  const payload = z.record(z.string(), z.unknown()).catch({}).parse(levels.payload);
  const topic = (key: keyof Topics): string | undefined =>
    [payload, levels.environment, levels.ssm ?? {}]
      .map((entries) => ConfigSchema.shape[key].safeParse(Text.safeParse(entries[key]).data).data)
      .find((value) => value !== undefined);
  return {
    shelvery_sns_topic: topic('shelvery_sns_topic'),
    shelvery_error_sns_topic: topic('shelvery_error_sns_topic'),
  };
}

/** Whom a backup can be shared with, beside what the configuration says. */
export interface ShareLimit {
  /** The account that makes the backups: naming it is no attempt to share. */
  readonly ownAccount?: AccountId;
  /** With how many accounts the service lets one backup be shared; any number where nothing is said. */
  readonly maxShareAccounts?: number;
}

/**
 * An error where there are more share accounts than the service allows; `undefined` where there are not.
 *
 * @param where the accounts stand, where it is one level that names them.
 */
export function shareAccountsProblem(
  accounts: readonly AccountId[],
  { maxShareAccounts: max }: ShareLimit,
  where?: string,
): string | undefined {
  if (max === undefined || accounts.length <= max) return undefined;
  const named = where === undefined ? 'names' : `in ${where} names`;
  return `shelvery_share_aws_account_ids ${named} ${String(accounts.length)} accounts; allowed: at most ${String(max)}, the most that the service shares one backup with.`;
}

/** Whose tags configure something: those of the resource, or those that a backup of it carries. */
export type TagsOf = 'resource' | 'backup';

/** What tags say that cannot be used, all of it, in words. */
export function wrongValues({ problems }: Pick<ResourceConfig, 'problems'>): string {
  return inWords(problems);
}

/** What is wrong in several places, all of it. */
export function inWords(problems: readonly ConfigProblem[]): string {
  return problems.map(({ message }) => message).join(' ');
}

/**
 * Whether a tag that has no effect was probably meant to say for how long backups are kept. It still matters where the
 * resource is gone: whoever wrote it believes that it keeps what is left.
 */
export function isMeantToKeep({ key }: ConfigProblem): boolean {
  // What is a key is near no other; to compare it with all of them takes long where there are many backups.
  const meant = isConfigKey(key) ? key : nearest(key, CONFIG_KEYS);
  return meant?.startsWith('shelvery_keep_') === true;
}

/** The same with what comes of it, for a run that makes backups by the next level's values. */
export function passedOver({ message }: ConfigProblem): string {
  return `${message} It is not used, and no backup of the resource is removed until it is corrected.`;
}

/** All that has no tags that configure it shares these: large estates have tens of thousands of it. */
const NOTHING_TAGGED = { tagged: [], problems: [], warnings: [] } as const;

/** The configuration of what no tags configure: the run's. */
export function untagged(values: ConfigValues): ResourceConfig {
  return { values, ...NOTHING_TAGGED };
}

/**
 * Lays a resource's `<prefix>:config:*` tags over the run's configuration. A bad value is a problem of that resource
 * alone: the next level is used. More accounts than the service shares a backup with are a bad value. What the
 * configuration does not let tags do is left out, with a warning: see `allowedToTags`.
 */
export function resolveResourceConfig(
  run: RunConfig,
  tags: Tags,
  limit: ShareLimit = {},
  of: TagsOf = 'resource',
): ResourceConfig {
  const prefix = run.values.shelvery_tag_prefix;
  const start = configStart(prefix);
  const entries: Record<string, string> = {};
  for (const [key, value] of Object.entries(tags)) if (key.startsWith(start)) entries[key.slice(start.length)] = value;
  const where = TAGS_OF[of];
  const misplaced = misplacedKeys(tags, prefix, where);
  if (Object.keys(entries).length === 0 && misplaced.length === 0) return untagged(run.values);
  const read = readLevel('tag', entries, where);
  const asked = ConfigSchema.parse({ ...run.texts, ...read.texts });
  const tagged = Object.keys(read.texts).filter(isConfigKey);
  const { values, warnings } = allowedToTags({
    run: run.values,
    asked,
    tagged,
    where,
    ...present({ ownAccount: limit.ownAccount }),
  });
  const key = 'shelvery_share_aws_account_ids';
  const tooMany = tagged.includes(key) ? shareAccountsProblem(values[key], limit, where) : undefined;
  const all = [...read.unknown, ...misplaced, ...warnings];
  if (tooMany === undefined) return { values, tagged, problems: read.errors, warnings: all };
  return {
    values: { ...values, [key]: run.values[key] },
    tagged: tagged.filter((word) => word !== key),
    problems: [...read.errors, { key, level: 'tag', message: tooMany }],
    warnings: all,
  };
}

interface ReadLevel {
  readonly texts: Partial<Record<ConfigKey, string>>;
  readonly errors: readonly ConfigProblem[];
  readonly unknown: readonly ConfigProblem[];
}

/** @param where What the level is called in messages. */
function readLevel(level: Level, entries: Readonly<Record<string, unknown>>, where: string): ReadLevel {
  const texts: Partial<Record<ConfigKey, string>> = {};
  const errors: ConfigProblem[] = [];
  const unknown: ConfigProblem[] = [];
  for (const [word, raw] of Object.entries(entries)) {
    const key = KEY_ALIASES[word] ?? word;
    if (!isConfigKey(key)) {
      if (level !== 'environment' || word.startsWith('shelvery_')) unknown.push(unknownKey(word, level, where));
      continue;
    }
    const { tag, allowed, emptyTagUnsets, owner, secret } = describeKey(key);
    if (level === 'payload' && owner === true) {
      errors.push({
        key,
        level,
        message: `${key} cannot be set by ${where}: only by the environment or SSM parameters.`,
      });
      continue;
    }
    if (level === 'tag' && !tag) {
      unknown.push({ key, level, message: `${key} cannot be set by ${where}; it is not used.` });
      continue;
    }
    if (key !== word && Text.safeParse(entries[key]).data !== '') continue;
    const text = Text.safeParse(raw);
    if (text.success && text.data === '' && !(level === 'tag' && emptyTagUnsets === true)) continue;
    if (text.success && ConfigSchema.shape[key].safeParse(text.data).success) {
      texts[key] = text.data;
      continue;
    }
    const shown = secret === true ? 'not valid' : shorten(JSON.stringify(raw));
    errors.push({ key, level, message: `${word} in ${where} is ${shown}; allowed: ${allowed}.` });
  }
  return { texts, errors, unknown };
}

/** Longest part of a bad value in a message: what is allowed stands after it. */
const MAX_SHOWN = 300;

function shorten(value: string): string {
  return value.length <= MAX_SHOWN ? value : `${value.slice(0, MAX_SHOWN)}…`;
}

function unknownKey(word: string, level: Level, where: string): ConfigProblem {
  const hint = nearest(word, CONFIG_KEYS);
  return {
    key: word,
    level,
    message: `${word} in ${where} is not a configuration key${hint === undefined ? '; show_config lists them.' : `; did you mean ${hint}?`}`,
  };
}

/** What the keys of tags that configure begin with. */
function configStart(prefix: string): string {
  return `${prefix}:config:`;
}

/**
 * Tags that were probably meant to configure, and do not: their keys begin in another case, or lack `config:`. Those of other
 * people, whose last part is near no configuration key, are none.
 */
function misplacedKeys(tags: Tags, prefix: string, where: string): readonly ConfigProblem[] {
  const start = configStart(prefix);
  const bare = `${prefix}:shelvery_`;
  return Object.keys(tags).flatMap((tag): ConfigProblem[] => {
    const isOtherCase = !tag.startsWith(start) && tag.slice(0, start.length).toLowerCase() === start.toLowerCase();
    if (!isOtherCase && !tag.startsWith(bare)) return [];
    const key = tag.slice(isOtherCase ? start.length : prefix.length + 1);
    const hint = nearest(key, CONFIG_KEYS);
    if (hint === undefined) return [];
    return [{ key, level: 'tag', message: `${tag} in ${where} configures nothing; did you mean ${start}${hint}?` }];
  });
}

/** The most similar of some words, if any is similar enough to be worth a hint. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  if (words.length === 0) return undefined;
  const best = closest(word, words);
  return distance(word, best) <= Math.max(2, Math.floor(best.length / 3)) ? best : undefined;
}

/** The key for a region: that of its `region=key` pair, else the one given for all. */
export function keyForRegion(keys: ReadonlyMap<string, string>, region: string): string | undefined {
  return keys.get(region) ?? keys.get('');
}

/** The region that a key's ARN names; ids of keys and aliases name none, and those of multi-Region keys are valid in each. */
export function regionOfKey(key: string): string | undefined {
  return /^arn:[^:]+:kms:([^:]+):/.exec(key)?.[1];
}

export type { ConfigKey, ConfigValues } from './config-schema.js';
