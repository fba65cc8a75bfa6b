import { formatTimestamp } from '../calendar.js';
import { present } from '../present.js';
import type { ErrorCode, ErrorData } from './catalogue.js';
import type { Outcome } from './outcome.js';
import { WIRE_STATUS } from './report-entry.js';
import type { BackupType } from '../values.js';

/** A notification as subscribers of the original know it; fields that do not apply are left out. */
export interface Notification {
  readonly Operation: string;
  readonly Status: 'OK' | 'IGNORE' | 'ERROR';
  readonly BackupType: string;
  readonly BackupName?: string;
  readonly BackupId?: string;
  readonly EntityId?: string;
  readonly DestinationRegion?: string;
  readonly DestinationAccount?: string;
  readonly SourceAccount?: string;
  readonly BackupS3Location?: string;
  readonly NewS3Location?: string;
  readonly Bucket?: string;
  readonly Message?: string;
  readonly Timestamp: string;
  readonly ExceptionInfo?: { readonly name: ErrorCode; readonly message: string } & ErrorData;
}

/** The notification of an outcome. */
export function buildNotification(outcome: Outcome, backupType: BackupType, at: Date): Notification {
  const message =
    outcome.status === 'failed'
      ? outcome.error.message
      : outcome.status === 'ignored'
        ? outcome.reason
        : outcome.message;
  const optional: Record<string, string | undefined> = {
    BackupName: outcome.backupName,
    BackupId: outcome.backupId,
    EntityId: outcome.entityId,
    DestinationRegion: outcome.destinationRegion,
    DestinationAccount: outcome.destinationAccount,
    SourceAccount: outcome.sourceAccount,
    BackupS3Location: outcome.backupS3Location,
    NewS3Location: outcome.newS3Location,
    Bucket: outcome.bucket,
    Message: message,
  };
  return {
    Operation: outcome.operation,
    Status: WIRE_STATUS[outcome.status],
    BackupType: backupType,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    Timestamp: formatTimestamp(at),
    ...(outcome.status === 'failed'
      ? {
          ExceptionInfo: {
            name: outcome.error.code,
            message: outcome.error.message,
            ...present({ code: outcome.error.aws?.code, requestId: outcome.error.aws?.requestId }),
          },
        }
      : {}),
  };
}
