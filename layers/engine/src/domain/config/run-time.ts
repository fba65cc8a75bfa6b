import type { Command } from '../actions.js';
import { addMinutes, subHours } from 'date-fns';
import { toMinute } from '../calendar.js';
import { ShelveryError } from '../errors.js';

/** What is known of a run's time before it is checked. */
export interface RunTimeInput {
  readonly action: Command;
  /** The time that the event or `--as-of` gives. */
  readonly given?: Date;
  readonly now: Date;
  readonly dryRun: boolean;
  readonly backdate: boolean;
}

/** `create_backups` takes no time further back than this without `backdate`. */
const MAX_AGE_HOURS = 24;

/** Clocks that are not further apart are left alone: whoever gave the time may be so far ahead of this one. */
const MAX_MINUTES_APART = 1;

/**
 * The time of a run, cut to the minute: the given one, else now. Names, retention types and ages come from it.
 *
 * @throws ShelveryError `UsageError` for a time in the future (save in a dry run), or, when creating, too far in the
 *   past.
 */
export function resolveRunTime(input: RunTimeInput): Date {
  const time = toMinute(input.given ?? input.now);
  if (time > addMinutes(input.now, MAX_MINUTES_APART) && !input.dryRun) {
    throw new ShelveryError(
      'UsageError',
      `The run's time ${time.toISOString()} is in the future; only a dry run (--dry-run, dry_run: true) can look ahead.`,
    );
  }
  if (
    input.action === 'create_backups' &&
    !input.backdate &&
    !input.dryRun &&
    time < subHours(toMinute(input.now), MAX_AGE_HOURS)
  ) {
    throw new ShelveryError(
      'UsageError',
      `The run's time ${time.toISOString()} is more than ${String(MAX_AGE_HOURS)} hours ago. Backups of that time would expire early. ` +
        'If you mean it, add --backdate (in a payload: "backdate": true).',
    );
  }
  return time;
}
