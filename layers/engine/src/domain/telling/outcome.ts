import type { Action } from '../actions.js';
import type { ShelveryError } from '../errors.js';
import type { AccountId, BackupId, Region, ResourceId } from '../values.js';

/** The operations that notifications name, as the original names them, and two of ours. */
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
    | { readonly status: 'ok' }
    | { readonly status: 'ignored'; readonly reason: string }
    | { readonly status: 'failed'; readonly error: ShelveryError }
  );
