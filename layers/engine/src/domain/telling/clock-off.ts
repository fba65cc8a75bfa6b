import { formatDuration, intervalToDuration } from 'date-fns';

/** Somebody should be told of a clock that is off by so much: AWS refuses calls that are signed by it. */
const TOLD_FROM_MS = 5 * 60_000;

/**
 * What is said of a machine's clock, where it is off by five minutes or more.
 *
 * @param offset How far AWS's time is ahead of the machine's, in milliseconds.
 * @param from From how much on, where that is less.
 * @example clockOffWarning(7_200_000) // "This machine's clock is 2 hours behind AWS's. …"
 */
export function clockOffWarning(offset: number, from = TOLD_FROM_MS): string | undefined {
  if (Math.abs(offset) < from) return undefined;
  const minutes = Math.round(Math.abs(offset) / 60_000) * 60_000;
  const howMuch = formatDuration(intervalToDuration({ start: 0, end: minutes }), { delimiter: ', ' });
  return (
    `This machine's clock is ${howMuch} ${offset > 0 ? 'behind' : 'ahead of'} AWS's. ` +
    "Shelvery goes by AWS's time; set the clock (for example by NTP)."
  );
}
