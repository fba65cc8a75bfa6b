import { AdaptiveRetryStrategy } from '@smithy/core/retry';

/** How often a call is made at most; the pauses double from 1 s (throttling) or 50 ms up to 20 s. */
export const REPEATS = 10;

type RetryToken = Parameters<AdaptiveRetryStrategy['refreshRetryTokenForRetry']>[0];
type RetryErrorInfo = Parameters<AdaptiveRetryStrategy['refreshRetryTokenForRetry']>[1];

/** The SDK's adaptive strategy, less every repeat of a call that may have been done. */
class RefusedOnlyRetries extends AdaptiveRetryStrategy {
  override async refreshRetryTokenForRetry(
    token: RetryToken,
    info: RetryErrorInfo,
  ): ReturnType<AdaptiveRetryStrategy['refreshRetryTokenForRetry']> {
    // The SDK throws the call's own error when the strategy throws.
    if (info.errorType !== 'THROTTLING') throw new Error('the call may have been done');
    return super.refreshRetryTokenForRetry(token, info);
  }
}

/** Repeats only what AWS refused because too many calls came. */
export function refusedOnlyRetries(): AdaptiveRetryStrategy {
  return new RefusedOnlyRetries(async () => Promise.resolve(REPEATS));
}
