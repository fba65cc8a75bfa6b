import { distance } from 'fastest-levenshtein';
import type { Tags } from '../values.js';
import { meansNo } from './means-no.js';

/** The last part of the key that holds a backup. */
export const HOLD = 'hold';

/** One of these among the words of a key under our prefix: whoever wrote it wants the backup to stay. */
const HOLD_WORDS: ReadonlySet<string> = new Set(['hold', 'holds', 'held', 'onhold', 'legalhold', 'legalholds']);

/** What else stands in keys that mean a hold, where nothing in them says that they are meant for Shelvery. */
const BESIDE_HOLD: ReadonlySet<string> = new Set(['on', 'legal', 'litigation', 'backup', 'snapshot', 'until']);

/** What every key has that the rules below ask about; the many others of a large estate need none of them. */
const MAY_BE_HOLD = /h.{0,3}d|hol/i;

/** In a shorter prefix one letter more, less or other is another word. */
const SHORTEST_MISTYPED = 5;

/**
 * The tag that holds a backup, or what belongs to it, by any value that does not mean no. A key in another case holds, and so
 * does one under `<prefix>:` that was probably meant for it: whoever wrote it wants the backup to stay, and to keep it costs no
 * more than money. No backup has such keys from its resource, as none under `<prefix>:` is copied.
 *
 * @returns its key: the right one, in whatever case, where there are several.
 * @example holdOf({ 'shelvery:legal-hold': 'true' }, 'shelvery') // 'shelvery:legal-hold'
 */
export function holdOf(tags: Tags, prefix: string): string | undefined {
  const holding = Object.entries(tags).flatMap(([key, value]) =>
    isHoldKey(key, prefix) && !meansNo(value) ? [key] : [],
  );
  return holding.find((key) => isRightHoldKey(key, prefix)) ?? holding[0];
}

/** Whether a key is `<prefix>:hold`, in whatever case. */
export function isRightHoldKey(key: string, prefix: string): boolean {
  return key.toLowerCase() === `${prefix}:${HOLD}`.toLowerCase();
}

/** Whether a key is that of a hold, or was probably meant for one: it is of the one backup, and goes to no other. */
export function isHoldKey(key: string, prefix: string): boolean {
  if (!MAY_BE_HOLD.test(key)) return false;
  const rest = underPrefix(key, prefix);
  return (
    rest !== undefined && !isConfig(rest) && (wordsOf(rest).some((word) => HOLD_WORDS.has(word)) || isMistyped(rest))
  );
}

/**
 * Whether a key means a hold to whoever reads it, and holds nothing: it is not under `<prefix>:`, and may be anybody's, or is
 * among the keys that configure, which backups have from their resource.
 *
 * @example seemsHoldKey('shelvery-hold', 'shelvery') // true
 */
export function seemsHoldKey(key: string, prefix: string): boolean {
  if (!MAY_BE_HOLD.test(key) || isHoldKey(key, prefix)) return false;
  const [words, ours] = [wordsOf(key), wordsOf(prefix)];
  const isOurs = (word: string): boolean =>
    ours.includes(word) || (prefix.length >= SHORTEST_MISTYPED && distance(word, prefix.toLowerCase()) <= 1);
  if (words.some((word) => HOLD_WORDS.has(word)))
    return (
      isConfig(underPrefix(key, prefix) ?? '') ||
      words.every((word) => HOLD_WORDS.has(word) || BESIDE_HOLD.has(word) || isOurs(word))
    );
  return words.join('') === `${ours.join('')}${HOLD}`;
}

/** The same for all spellings of a key that differ in case and in what stands between its words. */
export function spelledAlike(key: string): string {
  return wordsOf(key).join(' ');
}

/** What comes after `<prefix>:` in whatever case, without blanks around; nothing for another key. */
function underPrefix(key: string, prefix: string): string | undefined {
  const [trimmed, start] = [key.trim(), `${prefix}:`];
  return trimmed.toLowerCase().startsWith(start.toLowerCase()) ? trimmed.slice(start.length).trim() : undefined;
}

function isConfig(rest: string): boolean {
  return rest.toLowerCase().startsWith('config:');
}

/** One letter more, less or other, or two that changed places: `hodl`. `host` is a word of its own. */
function isMistyped(rest: string): boolean {
  const given = rest.toLowerCase();
  if (!/^h[^:]{2,4}$/.test(given)) return false;
  const by = distance(given, HOLD);
  return by <= 1 || (by <= 2 && lettersOf(given) === lettersOf(HOLD));
}

function lettersOf(text: string): string {
  return Array.from(text).sort().join('');
}

/** @example wordsOf('shelvery:legalHold') // ['shelvery', 'legal', 'hold'] */
function wordsOf(key: string): readonly string[] {
  const apart = key.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2').toLowerCase();
  return apart.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
}
