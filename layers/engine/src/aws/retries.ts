import { AdaptiveRetryStrategy, isTransientError } from '@smithy/core/retry';
import { present } from '../domain/present.js';
import { isRefusedForItsTime } from '../domain/telling/faults.js';

/** How often a call is made at most; the pauses double from 1 s (throttling) or 50 ms up to 20 s. */
const REPEATS = 10;

/**
 * How often a call is repeated that was refused for the time of its signature. The first refusal corrects the client's
 * clock; a call that is refused once more is refused for something else.
 */
const REPEATS_FOR_TIME = 2;

type RetryToken = Parameters<AdaptiveRetryStrategy['refreshRetryTokenForRetry']>[0];
type RetryErrorInfo = Parameters<AdaptiveRetryStrategy['refreshRetryTokenForRetry']>[1];

/** Which failed calls are made again. */
export interface Repeating {
  /**
   * `adaptive` repeats whatever may pass. `refused-only` repeats only what was refused because too many calls came, or
   * for its time: for calls that make something and take no token, which a repeat after a 5xx or a dropped connection
   * would make twice.
   */
  readonly repeat?: 'adaptive' | 'refused-only';
  /** How often a call is made at most. */
  readonly attempts?: number;
}

/** The SDK's adaptive strategy, less the repeats that do harm. */
class CarefulRetries extends AdaptiveRetryStrategy {
  readonly #repeat: 'adaptive' | 'refused-only';

  constructor({ repeat = 'adaptive', attempts = REPEATS }: Repeating) {
    super(async () => Promise.resolve(attempts));
    this.#repeat = repeat;
  }

  override async refreshRetryTokenForRetry(
    token: RetryToken,
    info: RetryErrorInfo,
  ): ReturnType<AdaptiveRetryStrategy['refreshRetryTokenForRetry']> {
    // The SDK throws the call's own error when the strategy throws.
    if (isRefusedForItsTime(info.error)) {
      if (token.getRetryCount() >= REPEATS_FOR_TIME) throw new Error('the time of the call was not what is wrong');
    } else if (info.errorType !== 'THROTTLING') {
      if (this.#repeat === 'refused-only') throw new Error('the call may have been done');
      if (isCalledPassingForTheClock(info)) throw new Error('the call would fail again');
    }
    return super.refreshRetryTokenForRetry(token, info);
  }
}

/**
 * Makes the strategy of one client, which goes at a pace of its own.
 *
 * @example new EC2Client({ retryStrategy: carefulRetries({ repeat: 'refused-only' }) })
 */
export function carefulRetries(repeating: Repeating = {}): AdaptiveRetryStrategy {
  return new CarefulRetries(repeating);
}

/**
 * While the machine's clock is off, the SDK calls every error passing whose answer has another time than the machine, a
 * missing file as well.
 */
function isCalledPassingForTheClock({ errorType, error }: RetryErrorInfo): boolean {
  if (errorType !== 'TRANSIENT' || error?.$metadata?.clockSkewCorrected !== true) return false;
  const { name, message, cause, $metadata, $retryable } = error;
  const otherwise = Object.assign(new Error(message), present({ cause, $retryable }), {
    name,
    $metadata: present({ httpStatusCode: $metadata.httpStatusCode }),
  });
  return !isTransientError(otherwise);
}
