import { present } from './present.js';
import { printable } from './telling/printable.js';
import type { AboutError, ErrorCode } from './telling/catalogue.js';

/** What is known of the AWS answer behind an error. */
export interface AwsFault {
  readonly code: string;
  readonly requestId?: string;
  readonly httpStatus?: number;
}

export interface ShelveryErrorOptions {
  readonly cause?: unknown;
  readonly aws?: AwsFault;
  /** Whether doing the same again later may succeed: an invocation then ends as failed, so that it is repeated. */
  readonly mendable?: boolean;
}

/**
 * Everything that the engine throws or reports is one of these: a code of the catalogue to hang alarms and tests on, a
 * message that says what to do, and the cause.
 */
export class ShelveryError extends Error {
  override readonly name = 'ShelveryError';
  readonly code: ErrorCode;
  readonly aws: AwsFault | undefined;
  readonly mendable: boolean;

  constructor(code: ErrorCode, message: string, options: ShelveryErrorOptions = {}) {
    super(printable(message), options.cause === undefined ? undefined : { cause: options.cause });
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

/** What a log line says of an error beside its message. */
export function aboutError({ code, aws }: ShelveryError): AboutError {
  return { errorCode: code, awsCode: aws?.code, requestId: aws?.requestId };
}

/** True for an error that the engine made itself, also when it comes from another bundle's copy of this class. */
export function isShelveryError(error: unknown): error is ShelveryError {
  return error instanceof Error && error.name === 'ShelveryError' && 'code' in error;
}
