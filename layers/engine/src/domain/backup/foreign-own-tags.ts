import { CONFIG_TAG, PREFIX_TAG, TAG } from './backup-tags.js';
import type { Tags } from '../values.js';

const PREFIX_NAME = PREFIX_TAG.slice(PREFIX_TAG.indexOf(':') + 1);

/** What only Shelvery writes after a prefix: a prefix that one of them follows is an installation's. */
const TELLING: ReadonlySet<string> = new Set([
  PREFIX_NAME,
  TAG.createBackup,
  TAG.dateCreated,
  TAG.entityId,
  TAG.retentionType,
  TAG.srcAccount,
]);

/** What others write after a prefix of their own, too, and no installation acts upon alone: `team:name`. */
const USUAL: ReadonlySet<string> = new Set([TAG.name, TAG.region]);
const OURS: ReadonlySet<string> = new Set(Object.values(TAG).filter((last) => !USUAL.has(last)));

/**
 * Finds the tags by which installations of Shelvery, under whatever prefix, know what is theirs: with these another
 * account could have its copies held, configured or removed by an installation that it has nothing to do with. Keys count in
 * any case, as a hold does.
 *
 * @param tags those of a backup from another account.
 * @param prefixes those that are known to be installations'.
 * @returns whether the tag of a key is one of them.
 * @example
 * const isOwn = foreignOwnTags({ 'acme:hold': '1', 'acme:entity_id': 'vol-1', 'team:name': 'red' }, ['shelvery']);
 * isOwn('acme:hold'); // true
 * isOwn('team:name'); // false
 */
export function foreignOwnTags(tags: Tags, prefixes: readonly string[]): (key: string) => boolean {
  const isAmong = prefixedLike(
    Object.keys(tags).map(lower),
    prefixes.map(lower),
    (key) => isConfig(key) || TELLING.has(lastOf(key)),
  );
  return (given) => {
    const key = lower(given);
    return isAmong(key) || isConfig(key) || OURS.has(lastOf(key));
  };
}

/**
 * The same of tags that people of our own account have given, who mean no harm: what has one of our words after a prefix that
 * is no installation's is theirs. A mark, or a key of ours below `config:`, shows that it is one.
 *
 * @example
 * const isOwn = installationsTags({ 'acme:create_backup': 'true', 'acme:hold': '1', 'team:backup': 'weekly' });
 * isOwn('acme:hold'); // true
 * isOwn('team:backup'); // false
 */
export function installationsTags(tags: Tags, prefixes: readonly string[] = []): (key: string) => boolean {
  return prefixedLike(Object.keys(tags), prefixes, (key) => OF_INSTALLATIONS.test(key));
}

/** `acme:create_backup`, `acme:tag_name`, `acme:config:shelvery_dr_regions`. */
const OF_INSTALLATIONS = new RegExp(`:(${TAG.createBackup}|${PREFIX_NAME}|${CONFIG_TAG}shelvery_\\w+)$`);

/** Whether a key begins with a prefix that is known, or that a telling key has. */
function prefixedLike(
  keys: readonly string[],
  prefixes: readonly string[],
  tells: (key: string) => boolean,
): (key: string) => boolean {
  const told = keys.filter(tells).map(prefixOfKey);
  const known = new Set([...prefixes, prefixOfKey(PREFIX_TAG), ...told]);
  return (key) => [...known].some((prefix) => key.startsWith(`${prefix}:`));
}

function lower(text: string): string {
  return text.toLowerCase();
}

/** `acme:config:shelvery_dr_regions`, and `config:` itself. */
function isConfig(key: string): boolean {
  return `:${key}`.includes(`:${CONFIG_TAG}`);
}

function prefixOfKey(key: string): string {
  const at = key.indexOf(`:${CONFIG_TAG}`);
  return key.slice(0, Math.max(0, at < 0 ? key.lastIndexOf(':') : at));
}

function lastOf(key: string): string {
  return key.includes(':') ? key.slice(key.lastIndexOf(':') + 1) : '';
}
