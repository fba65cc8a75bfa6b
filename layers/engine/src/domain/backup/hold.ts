import { distance } from 'fastest-levenshtein';
import type { Tags } from '../values.js';
import { meansNo } from './means-no.js';

/** The last part of the key that holds a backup. */
export const HOLD = 'hold';

/** One of these among the words of a key under our prefix: whoever wrote it wants the backup to stay. */
const HOLD_WORDS: ReadonlySet<string> = new Set(['hold', 'holds', 'held', 'onhold', 'legalhold', 'legalholds']);

/** What else stands in keys that mean a hold, where nothing in them says that they are meant for Shelvery. */
const BESIDE_HOLD: ReadonlySet<string> = new Set(['on', 'legal', 'litigation', 'backup', 'snapshot']);

/** What every key has that the rules below ask about; the many others of a large estate need none of them. */
const MAY_BE_HOLD = /h.{0,3}d|hol/i;

/**
 * The tag that holds a backup, or what belongs to it, by any value that does not mean no. A key in another case holds, and so
 * does one that was probably meant for it: whoever wrote it wants the backup to stay, and to keep it costs no more than money.
 *
 * @returns its key: the right one, in whatever case, where there are several.
 * @example holdOf({ 'shelvery:legal-hold': 'true' }, 'shelvery') // 'shelvery:legal-hold'
 */
export function holdOf(tags: Tags, prefix: string): string | undefined {
  const holding = Object.keys(tags).filter((key) => isHoldKey(key, prefix) && !meansNo(tags[key] ?? ''));
  return holding.find((key) => isRightHoldKey(key, prefix)) ?? holding[0];
}

/** Whether a key is `<prefix>:hold`, in whatever case. */
export function isRightHoldKey(key: string, prefix: string): boolean {
  return key.toLowerCase() === rightKey(prefix);
}

/** Whether a key is that of a hold, or was probably meant for one: it is of the one backup, and goes to no other. */
export function isHoldKey(key: string, prefix: string): boolean {
  return MAY_BE_HOLD.test(key) && (isRightHoldKey(key, prefix) || isNearHoldKey(key, prefix));
}

/**
 * Whether a key means a hold to whoever reads it, and holds nothing: it lacks our prefix, and may be anybody's, or is among the
 * keys that configure, which backups have from their resource.
 */
export function seemsHoldKey(key: string, prefix: string): boolean {
  if (!MAY_BE_HOLD.test(key)) return false;
  const words = wordsOf(key);
  if (!words.some((word) => HOLD_WORDS.has(word)) || isHoldKey(key, prefix)) return false;
  return isConfigKey(key, prefix) || words.every((word) => HOLD_WORDS.has(word) || BESIDE_HOLD.has(word));
}

/** `shelvery:legal_hold`, `Shelvery-onHold`, `shelvery:hold ` with a blank, `shelvery:hodl`, `shelvry:hold`. */
function isNearHoldKey(key: string, prefix: string): boolean {
  return !isConfigKey(key, prefix) && (isHoldUnderPrefix(key.trim(), prefix) || isMistyped(key.trim(), prefix));
}

function isHoldUnderPrefix(key: string, prefix: string): boolean {
  if (!key.toLowerCase().startsWith(prefix.toLowerCase())) return false;
  const rest = key.slice(prefix.length);
  return /^[^\p{L}\p{N}]/u.test(rest) && wordsOf(rest).some((word) => HOLD_WORDS.has(word));
}

/** One letter more, less or other, or two that changed places; `acme:gold` and `acme:old` are words of their own. */
function isMistyped(key: string, prefix: string): boolean {
  const [given, right] = [key.toLowerCase(), rightKey(prefix)];
  if (Math.abs(given.length - right.length) > 1 || !/:h[^:]*$/.test(given)) return false;
  return distance(given, right) <= 1 || (lettersOf(given) === lettersOf(right) && distance(given, right) <= 2);
}

function rightKey(prefix: string): string {
  return `${prefix}:${HOLD}`.toLowerCase();
}

function isConfigKey(key: string, prefix: string): boolean {
  return key.trim().toLowerCase().startsWith(`${prefix}:config:`.toLowerCase());
}

function lettersOf(text: string): string {
  return Array.from(text).sort().join('');
}

/** @example wordsOf('shelvery:legalHold') // ['shelvery', 'legal', 'hold'] */
function wordsOf(key: string): readonly string[] {
  const apart = key.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2').toLowerCase();
  return apart.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
}
