import { ShelveryError, TIMES_ALLOWED, parseTime } from '@shelvery/engine/terminal';

/**
 * Reads the time of an option; see `parseTime`.
 *
 * @param option as it is written: `--as-of`.
 * @throws ShelveryError `UsageError` that lists what is allowed.
 */
export function parseTimeOption(option: string, text: string): Date {
  const time = parseTime(text);
  if (time !== undefined) return time;
  throw new ShelveryError('UsageError', `${option} is ${JSON.stringify(text)}; allowed: ${TIMES_ALLOWED}.`);
}
