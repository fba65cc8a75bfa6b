import { afterAll, beforeAll, jest } from '@jest/globals';
import { Retry } from '@smithy/core/retry';

/**
 * Lets calls be repeated without pauses, for the tests of a file: up to seconds after a single throttled call, which no
 * test depends on.
 */
export function useUnpacedSdk(): void {
  beforeAll(() => {
    jest.spyOn(Retry, 'delay').mockReturnValue(1);
    jest.spyOn(Retry, 'throttlingDelay').mockReturnValue(1);
  });
  afterAll(() => {
    jest.restoreAllMocks();
  });
}
