import type { Action } from '../actions.js';
import type { ShelveryError } from '../errors.js';
import type { AccountId, BackupId, Region, ResourceId } from '../values.js';

/** The operations that notifications name, as the original names them, and three of ours. */
export const OPERATION_NAMES = [
  'CreateBackup',
  'CopyBackupToRegion',
  'ShareBackup',
  'ShareRegionalBackupCopy',
  'DeleteBackup',
  'DeleteReencryptedBackup',
  'PullSharedBackup',
  'PullSharedBackupsFromAccount',
  'StoreBackupData',
  'ArchiveBackup',
  'CreateDataBucket',
  'ListBackups',
] as const;
export type OperationName = (typeof OPERATION_NAMES)[number];

/** The operation that a run's own failure is told under; listing has none. */
export const OPERATION_OF: Readonly<Partial<Record<Action, OperationName>>> = {
  create_backups: 'CreateBackup',
  clean_backups: 'DeleteBackup',
  pull_shared_backups: 'PullSharedBackup',
  create_data_buckets: 'CreateDataBucket',
  archive_pending_backups: 'ArchiveBackup',
};

/** What an outcome is about. */
export interface OutcomeSubject {
  readonly operation: OperationName;
  readonly backupName?: string;
  readonly backupId?: BackupId;
  readonly entityId?: ResourceId;
  readonly entityName?: string;
  readonly retentionType?: string;
  readonly region?: Region;
  readonly destinationRegion?: Region;
  readonly destinationAccount?: AccountId;
  readonly sourceAccount?: AccountId;
  readonly backupS3Location?: string;
  readonly newS3Location?: string;
  readonly bucket?: string;
  /** One line for people: what was done, or what was found. */
  readonly message?: string;
}

/** What became of one item of a run: it feeds the notification, the status report, the log and the progress alike. */
export type Outcome = OutcomeSubject &
  (
    | {
        readonly status: 'ok';
        /** An earlier run did it: this one found it done. */
        readonly already?: true;
      }
    | { readonly status: 'ignored'; readonly reason: string }
    | { readonly status: 'failed'; readonly error: ShelveryError }
  );

/**
 * What is counted: outcomes without the copies that were begun, and told of, and then failed, or were begun again. Their
 * failure is told, too.
 */
export function countedOf(outcomes: readonly Outcome[]): readonly Outcome[] {
  const begun = new Map<string, Outcome>();
  const undone = new Set<Outcome>();
  for (const outcome of outcomes) {
    const key = copyOf(outcome);
    if (key === undefined) continue;
    const before = begun.get(key);
    const isBegun = outcome.status === 'ok' && outcome.already !== true;
    if (before !== undefined && (isBegun || outcome.status !== 'ok')) undone.add(before);
    if (outcome.status === 'ok') begun.set(key, outcome);
  }
  return outcomes.filter((outcome) => !undone.has(outcome));
}

/** Which copy an outcome is about: outcomes of one copy have the same. */
export function copyOf({ operation, backupId, destinationRegion }: Outcome): string | undefined {
  const isOfCopy = operation === 'CopyBackupToRegion' && backupId !== undefined && destinationRegion !== undefined;
  return isOfCopy ? `${backupId} ${destinationRegion}` : undefined;
}
