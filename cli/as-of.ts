import { ShelveryError, TIMES_ALLOWED, parseTime } from '@shelvery/engine';

/**
 * Reads the time of `--as-of`; see `parseTime`.
 *
 * @throws ShelveryError `UsageError` that lists what is allowed.
 */
export function parseAsOf(text: string): Date {
  const time = parseTime(text);
  if (time !== undefined) return time;
  throw new ShelveryError('UsageError', `--as-of is ${JSON.stringify(text)}; allowed: ${TIMES_ALLOWED}.`);
}
