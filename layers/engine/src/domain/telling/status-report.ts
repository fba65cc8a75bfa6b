import { formatIso } from '../calendar.js';
import { present } from '../present.js';
import type { Outcome } from './outcome.js';
import type { AccountId, BackupType, Region, RunId } from '../values.js';

/** How a run went: all well (or nothing to do), some of it failed, nothing succeeded or it stopped early. */
export type RunStatus = 'OK' | 'PARTIAL' | 'FAILED';

export const WIRE_STATUS = { ok: 'OK', ignored: 'IGNORE', failed: 'ERROR' } as const;

/** One line of a status report; fields that do not apply are left out. */
export interface ReportEntry {
  readonly operation: string;
  readonly status: 'OK' | 'IGNORE' | 'ERROR';
  readonly entity_id?: string;
  readonly entity_name?: string;
  readonly retention_type?: string;
  readonly backup_id?: string;
  readonly backup_name?: string;
  readonly region?: string;
  readonly error?: string;
  readonly message?: string;
}

/** The report of one run, with the field names of the original. */
export interface StatusReport {
  readonly shelvery_version: string;
  readonly run_id: string;
  readonly account_id: string;
  readonly region: string;
  readonly backup_type: string;
  readonly action: string;
  readonly started_at: string;
  readonly ended_at: string;
  readonly status: RunStatus;
  readonly summary: {
    readonly collected: number;
    readonly succeeded: number;
    readonly skipped: number;
    readonly failed: number;
  };
  readonly entries: readonly ReportEntry[];
  readonly entries_omitted: number;
}

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
  /** The run ended before it had looked at everything. */
  readonly brokeOff: boolean;
}

/** Limits of a report, so that it fits an SNS message (256 KB). */
const MAX_ENTRIES = 500;
const MAX_BYTES = 200 * 1024;

/**
 * The status of a run from its outcomes. Items that were looked at and left as they are (backups that are kept) count
 * as succeeded. If every backup failed the run has FAILED, even where a bucket was made.
 */
export function runStatus(outcomes: readonly Outcome[], collected: number, brokeOff: boolean): RunStatus {
  if (brokeOff) return 'FAILED';
  const failed = outcomes.filter((outcome) => outcome.status === 'failed');
  if (failed.length === 0) return 'OK';
  const onlyBuckets = failed.every((outcome) => outcome.operation === 'CreateDataBucket');
  const ok = outcomes.some(
    (outcome) => outcome.status === 'ok' && (onlyBuckets || outcome.operation !== 'CreateDataBucket'),
  );
  return ok || collected > outcomes.length ? 'PARTIAL' : 'FAILED';
}

/** Makes the status report of a run: at most 500 entries and 200 KB, failures first. */
export function buildStatusReport(parts: ReportParts): StatusReport {
  const count = (status: Outcome['status']): number =>
    parts.outcomes.filter((outcome) => outcome.status === status).length;
  const order = { failed: 0, ignored: 1, ok: 2 } as const;
  const sorted = [...parts.outcomes].sort((a, b) => order[a.status] - order[b.status]);
  const entries: ReportEntry[] = [];
  let bytes = 0;
  for (const outcome of sorted) {
    const entry = toEntry(outcome);
    bytes += Buffer.byteLength(JSON.stringify(entry)) + 1;
    if (entries.length === MAX_ENTRIES || bytes > MAX_BYTES) break;
    entries.push(entry);
  }
  return {
    shelvery_version: parts.version,
    run_id: parts.runId,
    account_id: parts.accountId,
    region: parts.region,
    backup_type: parts.backupType,
    action: parts.action,
    started_at: formatIso(parts.startedAt),
    ended_at: formatIso(parts.endedAt),
    status: runStatus(parts.outcomes, parts.collected, parts.brokeOff),
    summary: { collected: parts.collected, succeeded: count('ok'), skipped: count('ignored'), failed: count('failed') },
    entries,
    entries_omitted: parts.outcomes.length - entries.length,
  };
}

function toEntry(outcome: Outcome): ReportEntry {
  const message = outcome.status === 'ignored' ? outcome.reason : outcome.message;
  return {
    operation: outcome.operation,
    status: WIRE_STATUS[outcome.status],
    ...present({
      entity_id: outcome.entityId,
      entity_name: outcome.entityName,
      retention_type: outcome.retentionType,
      backup_id: outcome.backupId,
      backup_name: outcome.backupName,
      region: outcome.region,
    }),
    ...(outcome.status === 'failed'
      ? { error: `${outcome.error.aws?.code ?? outcome.error.code}: ${outcome.error.message}` }
      : {}),
    ...present({ message }),
  };
}
