import * as z from 'zod';
import type { RunConfig } from '../domain/config/config.js';
import type { Outcome, OutcomeSubject } from '../domain/telling/outcome.js';
import type { Home } from '../domain/config/targets.js';
import type { AccountId, RunId } from '../domain/values.js';
import type { Limit } from './limit.js';
import type {
  Alone,
  AloneInLine,
  BackupAdapter,
  BackupStore,
  Clock,
  DataBuckets,
  DelayedOperations,
  Keys,
  Log,
} from '../ports.js';

/** What the operations of one run work with. */
export interface RunContext {
  readonly home: Home;
  /** See `AwsAccess`. */
  readonly inStack: boolean;
  readonly config: RunConfig;
  readonly adapter: BackupAdapter;
  readonly store: BackupStore;
  readonly buckets: DataBuckets;
  readonly keys: Keys;
  readonly delayed: DelayedOperations;
  readonly clock: Clock;
  readonly log: Log;
  readonly run: RunIdentity;
  /** Limits how many items are worked on at the same time. */
  readonly limit: Limit;
  /** False when no more work may be begun: the Lambda time limit is near, or somebody interrupted. */
  readonly mayStart: () => boolean;
  /** Works while nobody else does: pulls, and where AWS's events are on all that makes copies, come one after the other. */
  readonly alone: Alone;
  /** Waits for places of copies, unless another invocation of the type does: one is enough, and each would look at every file. */
  readonly aloneInLine: AloneInLine;
  /** Takes every outcome: notification, status report, log and progress are made from it. */
  readonly report: (outcome: Outcome) => void;
  /** Says how many items a run has to deal with, as soon as that is known. */
  readonly collected: (count: number) => void;
}

/** The identity and the time of a run. */
export interface RunIdentity {
  readonly id: RunId;
  /** To the minute; names, retention types and ages come from it. */
  readonly time: Date;
  /**
   * No time was given, and the same run may have been tried before (a retried invocation): look for its backups by id.
   */
  readonly mayBeRetry: boolean;
  readonly dryRun: boolean;
  /** False where a pull leaves copies that AWS has no place for to another run; else it waits for places. */
  readonly standsInLine?: boolean;
  /** How many copies of each source account earlier invocations of the run have begun. */
  readonly pulledBefore?: ReadonlyMap<AccountId, number>;
  /** Whether an earlier invocation of the run has made a backup, and sent what follows it. */
  readonly sentBefore?: (made: OutcomeSubject) => boolean;
}

/** What a run leaves undone, because it may not begin more. */
export interface OperationResult {
  /** Items not begun. */
  readonly remaining: number;
  /** How many items were begun; given where some may not have been. */
  readonly begun?: number;
  /** The run's time, where an earlier try of the run decided it. */
  readonly time?: Date;
  /** How many copies of each source account the run has begun, those of earlier invocations among them. */
  readonly pulled?: ReadonlyMap<AccountId, number>;
  /** Lines of a dry run's plan. */
  readonly plan?: readonly PlanLine[];
  /** Hours since the newest available backup, of the marked resource that has waited longest. */
  readonly newestBackupAgeHours?: number;
  /** There are backups, and no resource is marked any more. */
  readonly marksLost?: boolean;
  /** Hours since the newest pulled backup of each configured source account that one was pulled from. */
  readonly newestPulledAgeHours?: ReadonlyMap<AccountId, number>;
}

/** One line of a plan: what would be done to what, and why. */
export const PlanLine = z.strictObject({
  what: z.enum(['create', 'found', 'remake', 'skip', 'keep', 'remove', 'change', 'pull', 'refuse', 'archive', 'warn']),
  /** The id of a resource, of a backup, or the name of a bucket. */
  subject: z.string(),
  /** In words; they may change. */
  reason: z.string(),
  region: z.string(),
  name: z.string().exactOptional(),
  /** What the line is about, where that is neither a resource nor a backup. */
  of: z.literal('bucket').exactOptional(),
  /** The run reports it as failed, and so does its dry run. */
  problem: z.literal(true).exactOptional(),
});
export type PlanLine = Readonly<z.infer<typeof PlanLine>>;
