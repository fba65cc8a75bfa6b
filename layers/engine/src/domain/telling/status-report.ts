import * as z from 'zod';
import { formatIso } from '../calendar.js';
import { talliedTogether } from './earlier-invocations.js';
import type { EarlierInvocations } from './earlier-invocations.js';
import type { Outcome } from './outcome.js';
import { ReportEntry, toEntry } from './report-entry.js';
import type { AccountId, BackupType, Region, RunId } from '../values.js';

/**
 * How a run went: all well (or nothing to do); some of it failed, or was not finished; nothing succeeded, or it stopped
 * early; somebody interrupted it.
 */
const RunStatus = z.enum(['OK', 'PARTIAL', 'FAILED', 'INTERRUPTED']);
export type RunStatus = z.infer<typeof RunStatus>;

/** The report of one run, with the field names of the original. */
export const StatusReport = z.strictObject({
  shelvery_version: z.string(),
  run_id: z.string(),
  account_id: z.string(),
  region: z.string(),
  backup_type: z.string(),
  action: z.string(),
  started_at: z.string(),
  ended_at: z.string(),
  status: RunStatus,
  summary: z.strictObject({
    collected: z.number(),
    succeeded: z.number(),
    skipped: z.number(),
    failed: z.number(),
    /** What was not begun, or begun and not finished, and has not failed. */
    unfinished: z.number(),
  }),
  /** At most 500, failures first. */
  entries: z.array(ReportEntry),
  entries_omitted: z.number(),
});
export type StatusReport = Readonly<z.infer<typeof StatusReport>>;

/** What a report is made of. */
export interface ReportParts {
  readonly version: string;
  readonly runId: RunId;
  readonly accountId: AccountId;
  readonly region: Region;
  readonly backupType: BackupType;
  readonly action: string;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly collected: number;
  readonly outcomes: readonly Outcome[];
  readonly end: RunEnd;
  /** What the run of a dry run would do and succeed in, as far as that is known. */
  readonly foreseen?: readonly ('backup' | 'bucket')[];
  /** What the invocations before this one did of the run. */
  readonly earlier?: EarlierInvocations;
}

/** How far a run came. */
export interface RunEnd {
  /** It ended before it had looked at everything. */
  readonly brokeOff: boolean;
  /** Somebody asked it to stop. */
  readonly interrupted: boolean;
  /** Items that were not begun, or begun and not finished. */
  readonly unfinished: number;
}

/** Limits of a report, so that it fits an SNS message (256 KB). */
const MAX_ENTRIES = 500;
const MAX_BYTES = 200 * 1024;

/**
 * The status of a run from its outcomes; that of a dry run is the run's, as far as it can be foreseen. Items that were looked at and left as they are (backups that are kept) count
 * as succeeded. If every backup failed the run has FAILED, even where a bucket was made.
 */
export function runStatus({
  outcomes,
  collected,
  end,
  earlier,
  foreseen = [],
}: Pick<ReportParts, 'outcomes' | 'collected' | 'end' | 'earlier' | 'foreseen'>): RunStatus {
  if (end.brokeOff) return 'FAILED';
  if (end.interrupted) return 'INTERRUPTED';
  const together = talliedTogether(outcomes, earlier);
  if (together.failed === 0) return end.unfinished === 0 ? 'OK' : 'PARTIAL';
  const failed = outcomes.filter((outcome) => outcome.status === 'failed');
  // What could not be listed is missing from a list that was shown all the same.
  if (failed.length > 0 && failed.every((outcome) => outcome.operation === 'ListBackups')) return 'PARTIAL';
  const onlyBuckets = failed.every((outcome) => outcome.operation === 'CreateDataBucket');
  const ok =
    foreseen.some((of) => onlyBuckets || of === 'backup') ||
    outcomes.some((outcome) => outcome.status === 'ok' && (onlyBuckets || outcome.operation !== 'CreateDataBucket'));
  const told = together.succeeded + together.skipped + together.failed;
  return ok || together.earlierSucceeded > 0 || collected > told ? 'PARTIAL' : 'FAILED';
}

/**
 * Makes the status report of a run, of all its invocations together: at most 500 entries and 200 KB, failures first.
 */
export function buildStatusReport(parts: ReportParts): StatusReport {
  const { earlier, end } = parts;
  const collected = Math.max(parts.collected, earlier?.collected ?? 0);
  const together = talliedTogether(parts.outcomes, earlier);
  const order = { failed: 0, ignored: 1, ok: 2 } as const;
  const sorted = [...parts.outcomes].sort((a, b) => order[a.status] - order[b.status]);
  const all = [...together.earlierFailures, ...sorted.map(toEntry)];
  const entries: ReportEntry[] = [];
  let bytes = 0;
  for (const entry of all) {
    bytes += Buffer.byteLength(JSON.stringify(entry)) + 1;
    if (entries.length === MAX_ENTRIES || bytes > MAX_BYTES) break;
    entries.push(entry);
  }
  const { succeeded, skipped, failed } = together;
  return {
    shelvery_version: parts.version,
    run_id: parts.runId,
    account_id: parts.accountId,
    region: parts.region,
    backup_type: parts.backupType,
    action: parts.action,
    started_at: formatIso(earlier?.startedAt ?? parts.startedAt),
    ended_at: formatIso(parts.endedAt),
    status: runStatus({ ...parts, collected }),
    summary: { collected, succeeded, skipped, failed, unfinished: end.unfinished },
    entries,
    entries_omitted: succeeded + skipped + failed - entries.length,
  };
}
