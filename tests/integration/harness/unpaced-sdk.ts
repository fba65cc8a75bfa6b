import { afterAll, beforeAll, jest } from '@jest/globals';
import { DefaultRateLimiter, Retry } from '@smithy/core/retry';

/**
 * Lets the SDK repeat without its pauses, and without the pace of its adaptive mode, for the tests of a file: both go
 * by real time, up to seconds after a single throttled call, and no test depends on them.
 */
export function useUnpacedSdk(): void {
  beforeAll(() => {
    jest.spyOn(Retry, 'delay').mockReturnValue(1);
    jest.spyOn(Retry, 'throttlingDelay').mockReturnValue(1);
    jest.spyOn(DefaultRateLimiter.prototype, 'getSendToken').mockResolvedValue();
  });
  afterAll(() => {
    jest.restoreAllMocks();
  });
}
