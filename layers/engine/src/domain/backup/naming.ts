import { createHash } from 'node:crypto';
import { formatDateCreated } from '../calendar.js';
import type { ServiceRules } from './backup.js';

/** Hex digits of the hash in a name, and where two resources would share a name. */
const SHORT_HASH = 6;
const LONG_HASH = 12;

/** What a name is made of. */
export interface NameParts {
  readonly resourceId: string;
  /** The tag prefix: two installations with different ones never share a name. */
  readonly prefix: string;
  /** The resource's `Name` tag. */
  readonly nameTag?: string;
  readonly createdAt: Date;
  readonly retentionType: string;
}

/** The original's prefix, under which names are those that it would give. */
const ORIGINAL_PREFIX = 'shelvery';

/** Names of the re-encrypted snapshots that are only kept until they have been shared end so. */
export const REENCRYPTED_ENDING = '-re-encrypted';

/**
 * The end of every name that we give: the minute and the retention type. (A date in a `Name` tag is not at the end.)
 */
const NAME_END = /-\d{4}-\d{2}-\d{2}-\d{4}-[A-Za-z0-9-]{1,20}(?:-re-encrypted)?$/;

/** The first hex digits of the md5 of a text. It only tells names apart; it protects nothing. */
function hashOf(text: string, digits: number): string {
  return createHash('md5').update(text, 'utf8').digest('hex').slice(0, digits);
}

/** Every character outside `[A-Za-z0-9-]` becomes `-`, runs of `-` become one, none at the start or the end. */
function legal(text: string): string {
  return text
    .replace(/[^A-Za-z0-9-]/g, '-')
    .replace(/-+/g, '-')
    .replace(/^-|-$/g, '');
}

/**
 * The name of a backup: `<Name tag>-<hash of the id>` or the id, then the minute (UTC) and the retention type;
 * shortened in its first part to what the service takes, never in the hash or the end.
 * Under another prefix than the original's the hash is that of `<prefix>:<id>`, and never left out.
 *
 * @param digits how many hex digits the hash has; 12 where 6 would give the name of another resource.
 * @example backupName({ resourceId: 'vol-1', nameTag: 'web', … }, rules) // web-5a1b2c-2026-11-24-0301-daily
 */
export function backupName(parts: NameParts, rules: ServiceRules, digits: 6 | 12 = SHORT_HASH): string {
  const first = legal(parts.nameTag ?? '');
  const end = `-${formatDateCreated(parts.createdAt)}-${parts.retentionType}`;
  const isOriginals = parts.prefix === ORIGINAL_PREFIX;
  if (first === '' && digits === SHORT_HASH && isOriginals) {
    const plain = finish(`${legal(parts.resourceId)}${end}`, rules);
    if (plain.length <= rules.maxNameLength) return plain;
  }
  const hash = hashOf(isOriginals ? parts.resourceId : `${parts.prefix}:${parts.resourceId}`, digits);
  return fitted(first === '' ? legal(parts.resourceId) : first, hash, end, rules);
}

/**
 * A name derived from another: an ending added (`-re-encrypted`), or a hash that sets it apart from an equal name from
 * elsewhere. What does not fit is shortened in its first part, with a hash of the whole.
 *
 * @param apart what the backup is, where its plain name is taken (the source's ARN).
 */
export function derivedName(name: string, ending: string, rules: ServiceRules, apart?: string): string {
  const plain = finish(`${name}${ending}`, rules);
  if (apart === undefined && plain.length <= rules.maxNameLength) return plain;
  const at = name.search(NAME_END);
  const first = at < 0 ? name : name.slice(0, at);
  const end = at < 0 ? '' : name.slice(at);
  return fitted(
    legal(first),
    hashOf(apart ?? plain, apart === undefined ? SHORT_HASH : LONG_HASH),
    `${end}${ending}`,
    rules,
  );
}

/** A name that came from elsewhere, changed to what the service allows; unchanged where the service allows any. */
export function legalName(name: string, rules: ServiceRules): string {
  if (!rules.nameStartsWithLetter && name.length <= rules.maxNameLength) return name;
  return derivedName(name, '', rules);
}

function fitted(first: string, hash: string, end: string, rules: ServiceRules): string {
  const room = rules.maxNameLength - hash.length - end.length - 1;
  const started = startedWithLetter(first, rules);
  // The longest ends leave a place for one letter, and none for a hyphen after it.
  const start = room < 1 ? started.slice(0, 1) : `${started.slice(0, room)}-`;
  return finish(`${start}${hash}${end}`, rules);
}

function startedWithLetter(text: string, rules: ServiceRules): string {
  return rules.nameStartsWithLetter && !/^[A-Za-z]/.test(text) ? `shelvery-${text}` : text;
}

function finish(text: string, rules: ServiceRules): string {
  const name = startedWithLetter(legal(text), rules);
  return rules.lowerCase ? name.toLowerCase() : name;
}

/**
 * The names of one run, in the order of ids. Where two would be equal, the first keeps the short hash, and the second
 * gets the long one.
 */
export function distinctNames<T extends NameParts>(items: readonly T[], rules: ServiceRules): ReadonlyMap<T, string> {
  const names = new Map<T, string>();
  const taken = new Set<string>();
  const inOrder = [...items].sort((a, b) => (a.resourceId < b.resourceId ? -1 : 1));
  for (const item of inOrder) {
    const short = backupName(item, rules);
    const name = taken.has(short) ? backupName(item, rules, LONG_HASH) : short;
    taken.add(name);
    names.set(item, name);
  }
  return names;
}
