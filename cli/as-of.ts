import { ShelveryError, parseDateCreated } from '@shelvery/engine';
import * as z from 'zod';

const Day = z.iso.date();
const Time = z.iso.datetime({ offset: true });
const WITHOUT_SECONDS = /(?<=T\d{2}:\d{2})(?=$|Z|[+-])/;
const WITH_ZONE = /(?:Z|[+-]\d{2}:?\d{2})$/;

/**
 * Reads the time of `--as-of`: ISO 8601, a day (`2026-11-24`, its first minute), or a time as backups are named by
 * (`2026-11-24-0301`). What names no zone is UTC.
 *
 * @throws ShelveryError `UsageError` that lists what is allowed.
 */
export function parseAsOf(text: string): Date {
  const word = text.trim();
  if (Day.safeParse(word).success) return new Date(`${word}T00:00:00Z`);
  const whole = word.replace(WITHOUT_SECONDS, ':00');
  const zoned = Time.safeParse(WITH_ZONE.test(whole) ? whole : `${whole}Z`);
  if (zoned.success) return new Date(zoned.data);
  const named = parseDateCreated(word);
  if (named !== undefined) return named;
  throw new ShelveryError(
    'UsageError',
    `--as-of is ${JSON.stringify(text)}; allowed: a time such as 2026-11-24T03:01:00Z, 2026-11-24T04:01+01:00, 2026-11-24-0301 or 2026-11-24 (UTC where no zone is named).`,
  );
}
