import { present } from './present.js';

/**
 * Everything that the engine throws or reports is one of these: a literal code to hang alarms and tests on, a message
 * that says what to do, and the cause.
 */
export const ERROR_CODES = [
  'ConfigurationError',
  'EventError',
  'UsageError',
  'CredentialsError',
  'AwsError',
  'AlreadyExists',
  'BackupFailed',
  'BackupGone',
  'BackupUnreadable',
  'BucketNotOurs',
  'BucketUnfinished',
  'DeadlinePassed',
  'DuplicateBackup',
  'HandOverWithoutProgress',
  'InvalidResourceState',
  'MetadataRefused',
  'NotAllowed',
  'NotYet',
  'QuotaExceeded',
  'TagUnreadable',
  'TimedOut',
  'Unsupported',
  'Unexpected',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** What is known of the AWS answer behind an error. */
export interface AwsFault {
  readonly code: string;
  readonly requestId?: string;
  readonly httpStatus?: number;
}

export interface ShelveryErrorOptions {
  readonly cause?: unknown;
  readonly aws?: AwsFault;
  /** Whether doing the same again later could help; decides whether an invocation ends as failed. */
  readonly mendable?: boolean;
}

export class ShelveryError extends Error {
  override readonly name = 'ShelveryError';
  readonly code: ErrorCode;
  readonly aws: AwsFault | undefined;
  readonly mendable: boolean;

  constructor(code: ErrorCode, message: string, options: ShelveryErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.aws = options.aws;
    this.mendable = options.mendable ?? false;
  }
}

/** The same error in other words, or under another code: its cause, the AWS answer and whether it is mendable stay. */
export function reworded(error: ShelveryError, message: string, code: ErrorCode = error.code): ShelveryError {
  const { cause, mendable, aws } = error;
  return new ShelveryError(code, message, { cause, mendable, ...present({ aws }) });
}

/** True for an error that the engine made itself, also when it comes from another bundle's copy of this class. */
export function isShelveryError(error: unknown): error is ShelveryError {
  return error instanceof Error && error.name === 'ShelveryError' && 'code' in error;
}
