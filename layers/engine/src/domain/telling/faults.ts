import * as z from 'zod';
import type { AwsFault } from '../errors.js';
import { ShelveryError, isShelveryError } from '../errors.js';
import { present } from '../present.js';
import type { ErrorCode } from './catalogue.js';

/**
 * What a thrown thing means. AWS errors are told apart by their name, the HTTP status and Node's network codes, never
 * by `instanceof` (two bundles have two copies of the SDK's classes) and never by their message.
 */

/** What the SDK puts on its errors. A field that is not as expected counts as absent. */
const Thrown = z.object({
  name: z.string().catch(''),
  message: z.string().catch(''),
  code: z.string().optional().catch(undefined),
  /** AWS's own code, where the SDK names its class otherwise (`SnapshotQuotaExceededFault`). */
  Code: z.string().min(1).optional().catch(undefined),
  $fault: z.enum(['client', 'server']).optional().catch(undefined),
  $metadata: z
    .object({
      httpStatusCode: z.number().optional().catch(undefined),
      requestId: z.string().optional().catch(undefined),
      /** How often the SDK sent the request. */
      attempts: z.number().optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
  $retryable: z
    .object({ throttling: z.boolean().optional().catch(undefined) })
    .optional()
    .catch(undefined),
  /** See `isNotBegun`. */
  $notRepeated: z.literal(true).optional().catch(undefined),
  $call: z.object({ action: z.string(), target: z.string().optional() }).optional().catch(undefined),
});
type Thrown = z.infer<typeof Thrown>;

/** What a client of ours puts on its errors: the call, in the words of policies. */
export interface NamedCall {
  /** @example 's3:PutObject' */
  readonly action: string;
  /** What it was about: an id, a name, `<bucket>/<key>`. */
  readonly target: string | undefined;
}

const NOTHING: Thrown = { name: '', message: '' };

/** Names of throttling errors, of the services' "Common errors" pages. */
const THROTTLING: ReadonlySet<string> = new Set([
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'KMSThrottlingException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'Throttled',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);

/** Another change of the same thing is in progress. */
const BUSY: ReadonlySet<string> = new Set([
  'ConcurrentModification',
  'OperationAborted',
  'TransactionInProgressException',
]);

/** A list changed, or took so long, that it has to be begun anew. Pages "Error codes for the Amazon EC2 API", "GetParametersByPath". */
const LIST_BROKEN: ReadonlySet<string> = new Set(['InvalidNextToken', 'InvalidPaginationToken']);

const DENIED: ReadonlySet<string> = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AllAccessDisabled',
  'AuthorizationError',
  'AuthorizationErrorException',
  'KMSAccessDenied',
  'KMSAccessDeniedException',
  'NotAuthorized',
  'UnauthorizedAccess',
  'UnauthorizedOperation',
]);

const CREDENTIALS_MISSING: ReadonlySet<string> = new Set([
  'CredentialsProviderError',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'ProviderError',
  'TokenProviderError',
]);
const CREDENTIALS_EXPIRED: ReadonlySet<string> = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'TokenRefreshRequired',
]);
/**
 * The call was signed by a clock that differs from the service's by more than 5 to 15 minutes. Pages "Error codes for the
 * Amazon EC2 API", "Error responses" of S3, "Common errors" of the others.
 */
const ANOTHER_TIME: ReadonlySet<string> = new Set(['RequestExpired', 'RequestInTheFuture', 'RequestTimeTooSkewed']);
/** What services say of a wrong signature, and of one by another clock as well. */
const PERHAPS_ANOTHER_TIME: ReadonlySet<string> = new Set([
  'AuthFailure',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
]);
const CREDENTIALS_REFUSED: ReadonlySet<string> = new Set([
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'InvalidToken',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);
const REGION_CLOSED: ReadonlySet<string> = new Set(['OptInRequired', 'RegionDisabledException']);

/** The connection broke, or no answer came in time: the call may have been done. */
const BROKEN: ReadonlySet<string> = new Set([
  'AbortError',
  'ECONNABORTED',
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ETIMEDOUT',
  'RequestTimeout',
  'RequestTimeoutException',
  'TimeoutError',
]);

/** No connection came about: the call was not done. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
]);

/** Names that say nothing; Node's `code` says more. */
const PLAIN_NAMES: ReadonlySet<string> = new Set(['', 'Error']);

function read(error: unknown): Thrown {
  const thrown = Thrown.safeParse(error);
  return thrown.success ? thrown.data : NOTHING;
}

/** What an error is called: AWS's code, Node's network code, or the error's own name; empty for what is no error. */
export function faultName(error: unknown): string {
  const { name, code } = read(error);
  return PLAIN_NAMES.has(name) ? (code ?? name) : name;
}

/** True where AWS refused the call because too many came: it was not done. */
export function isThrottling(error: unknown): boolean {
  const { $metadata, $retryable } = read(error);
  return THROTTLING.has(faultName(error)) || $retryable?.throttling === true || $metadata?.httpStatusCode === 429;
}

/**
 * True where a call was not made because the run had to end before its turn, or was refused by throttling and not repeated
 * for that reason: it was not done, and is left over.
 */
export function isNotBegun(error: unknown): boolean {
  return isShelveryError(error) ? error.code === 'NotBegun' : read(error).$notRepeated === true;
}

/** True where AWS refused the call for the time of its signature, or may have done so: it was not done. */
export function isRefusedForItsTime(error: unknown): boolean {
  const name = faultName(error);
  return ANOTHER_TIME.has(name) || PERHAPS_ANOTHER_TIME.has(name);
}

/**
 * True where the call may have been done although it failed: a 5xx that is no throttling, a time-out, a dropped
 * connection, an answer that could not be read, no answer at all.
 */
export function isUncertain(error: unknown): boolean {
  if (isShelveryError(error) || isThrottling(error)) return false;
  const { httpStatusCode: status, attempts } = read(error).$metadata ?? {};
  const name = faultName(error);
  if (status !== undefined) return isUnreadable(status) || status >= 500;
  if (UNREACHABLE.has(name) || CREDENTIALS_MISSING.has(name)) return false;
  return attempts !== undefined || BROKEN.has(name);
}

/** An error although the service answered that all is well: what it answered could not be read. */
function isUnreadable(status: number | undefined): boolean {
  return status !== undefined && status < 300;
}

/**
 * True where doing the same again later may succeed: throttling, server faults, broken connections, another change in
 * progress.
 */
export function isPassing(error: unknown): boolean {
  if (isShelveryError(error)) return error.mendable;
  const name = faultName(error);
  const later = [UNREACHABLE, BROKEN, BUSY, LIST_BROKEN].some((names) => names.has(name));
  return later || isThrottling(error) || isUncertain(error);
}

/**
 * Makes any thrown thing an error of ours, whose message says what was being done, what AWS answered, and what to do.
 * An error of ours stays as it is.
 *
 * @param doing What was being done, as a gerund: `listing the volumes of eu-west-1`.
 * @example toShelveryError(error, 'storing the metadata of db-1').message
 *   // 'AccessDenied while storing the metadata of db-1: … Allow the call in the policy …'
 */
export function toShelveryError(error: unknown, doing: string): ShelveryError {
  if (isShelveryError(error)) return error;
  const thrown = read(error);
  const name = faultName(error);
  const { code, advice } = classify(error, name);
  const said = plain(thrown.message === '' ? describe(error) : thrown.message);
  const message = `${name === '' ? 'Error' : name} while ${doing}: ${said}${/[.!?]$/.test(said) ? '' : '.'}${advice === '' ? '' : ` ${advice}`}`;
  return new ShelveryError(code, message, {
    cause: error,
    mendable: isPassing(error) || CREDENTIALS_EXPIRED.has(name) || ANOTHER_TIME.has(name),
    ...(code === 'Unexpected' ? {} : { aws: awsFault(name, thrown) }),
  });
}

/** The call that AWS refuses for want of a permission; nothing for other errors, and where it is not known. */
export function refusedCall(error: unknown): NamedCall | undefined {
  const { $call } = read(error);
  if ($call === undefined || classify(error, faultName(error)).code !== 'NotAllowed') return undefined;
  return { action: $call.action, target: $call.target };
}

/** Whether a call was not even made, or was refused, because there are no credentials or they have expired. */
export function lacksCredentials({ aws }: ShelveryError): boolean {
  return aws !== undefined && (CREDENTIALS_MISSING.has(aws.code) || CREDENTIALS_EXPIRED.has(aws.code));
}

function classify(error: unknown, name: string): { readonly code: ErrorCode; readonly advice: string } {
  if (CREDENTIALS_MISSING.has(name)) {
    return {
      code: 'CredentialsError',
      advice:
        'Give credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in (aws sso login).',
    };
  }
  if (CREDENTIALS_EXPIRED.has(name)) {
    return { code: 'CredentialsError', advice: 'The credentials have expired: sign in again, and run it again.' };
  }
  if (ANOTHER_TIME.has(name)) {
    return {
      code: 'CredentialsError',
      advice: "This machine's clock is not right: set it (for example by NTP), and repeat the command.",
    };
  }
  if (name === 'AuthFailure') {
    return {
      code: 'CredentialsError',
      advice:
        "AWS does not accept these credentials here: check that the region is enabled for the account, then the credentials and this machine's clock.",
    };
  }
  if (CREDENTIALS_REFUSED.has(name)) {
    return {
      code: 'CredentialsError',
      advice: "AWS does not accept these credentials: check them, and this machine's clock.",
    };
  }
  if (REGION_CLOSED.has(name)) {
    return {
      code: 'CredentialsError',
      advice: 'The region is not enabled for the account: enable it, or choose another region.',
    };
  }
  if (isThrottling(error))
    return { code: 'NotYet', advice: 'AWS allows only so many calls at a time. This is temporary: run it again.' };
  if (BUSY.has(name))
    return { code: 'NotYet', advice: 'Another change is in progress. This is temporary: run it again.' };
  const { $fault, $metadata } = read(error);
  if (DENIED.has(name) || $metadata?.httpStatusCode === 403) {
    return { code: 'NotAllowed', advice: adviceToAllow(read(error).$call) };
  }
  if (UNREACHABLE.has(name)) {
    return { code: 'AwsError', advice: 'The endpoint cannot be reached: check the region and the network.' };
  }
  if (isUnreadable($metadata?.httpStatusCode)) {
    return {
      code: 'AwsError',
      advice:
        'The answer could not be read, and the call may have been done. Run it again. If it is so again, see whether a proxy changes what AWS answers.',
    };
  }
  if (name === 'NoSuchBucket') {
    return { code: 'AwsError', advice: "It is made by create_data_buckets, in the bucket's own account." };
  }
  if (isPassing(error)) return { code: 'AwsError', advice: 'This is temporary: run it again.' };
  return { code: $fault === undefined && $metadata === undefined ? 'Unexpected' : 'AwsError', advice: '' };
}

function adviceToAllow(call: Thrown['$call']): string {
  const what =
    call === undefined ? 'the call' : `${call.action}${call.target === undefined ? '' : ` on ${call.target}`}`;
  return `Allow ${what} in the policy of the role or user that Shelvery runs as.`;
}

function awsFault(name: string, { Code, $metadata }: Thrown): AwsFault {
  return {
    code: Code ?? name,
    ...present({ requestId: $metadata?.requestId, httpStatus: $metadata?.httpStatusCode }),
  };
}

/** Longest message of a service that is passed on; encoded authorization failures run to thousands of characters. */
const LONGEST = 600;

/** A service's message without the queries of URLs, which may be signed, and not endless. */
function plain(message: string): string {
  const unsigned = message.replaceAll(/(https?:\/\/[^\s?"']+)\?[^\s"']*/g, '$1');
  return unsigned.length > LONGEST ? `${unsigned.slice(0, LONGEST)}…` : unsigned;
}

function describe(error: unknown): string {
  return typeof error === 'string' && error !== '' ? error : 'no reason was given';
}
