import { Retry, StandardRetryStrategy, isTransientError } from '@smithy/core/retry';
import { present } from '../domain/present.js';
import { isRefusedForItsTime } from '../domain/telling/faults.js';
import { createPacing } from './pacing.js';
import type { Pacing, Patience, Turn } from './pacing.js';
import { systemClock } from './system-clock.js';

/** How often a call is made at most; the pauses double from 1 s (throttling) or 50 ms up to 20 s. */
const REPEATS = 10;
const LONGEST_PAUSE_MS = 20_000;

/**
 * How often a call is repeated that was refused for the time of its signature. The first refusal corrects the client's
 * clock; a call that is refused once more is refused for something else.
 */
const REPEATS_FOR_TIME = 2;

type RetryToken = Parameters<StandardRetryStrategy['refreshRetryTokenForRetry']>[0];
type RetryErrorInfo = Parameters<StandardRetryStrategy['refreshRetryTokenForRetry']>[1];

/** Which failed calls are made again, and when any call is made. */
export interface Repeating {
  /**
   * `adaptive` repeats whatever may pass. `refused-only` repeats only what was refused because too many calls came, or
   * for its time: for calls that make something and take no token, which a repeat after a 5xx or a dropped connection
   * would make twice.
   */
  readonly repeat?: 'adaptive' | 'refused-only';
  /** How often a call is made at most. */
  readonly attempts?: number;
  /** Whose turns the calls wait for. One of the client's own where it is left out. */
  readonly pacing?: Pacing;
  readonly patience?: Patience;
}

/** The SDK pauses by real time: the pauses before repeats are made here, by the clock. */
const NO_PAUSE = { setDelayBase: () => undefined, computeNextBackoffDelay: () => 0 };

/** The SDK's strategy, less the repeats that do harm, with a pace for each action. */
class PacedRetries extends StandardRetryStrategy {
  readonly #repeat: Repeating['repeat'];
  readonly #pacing: Pacing;
  readonly #patience: Patience | undefined;
  readonly #calls = new WeakMap<RetryToken, { readonly action: string; readonly turn: Turn }>();

  constructor({ repeat, attempts = REPEATS, pacing = createPacing(systemClock), patience }: Repeating) {
    super({ maxAttempts: attempts, backoff: NO_PAUSE });
    this.#repeat = repeat;
    this.#pacing = pacing;
    this.#patience = patience;
  }

  /** @param action where `namedCalls` gives it: the SDK takes a scope from the call's context. */
  override async acquireInitialRetryToken(
    action: string,
  ): ReturnType<StandardRetryStrategy['acquireInitialRetryToken']> {
    const token = await super.acquireInitialRetryToken(action);
    return await this.#inTurn(token, action);
  }

  override async refreshRetryTokenForRetry(
    token: RetryToken,
    info: RetryErrorInfo,
  ): ReturnType<StandardRetryStrategy['refreshRetryTokenForRetry']> {
    const call = this.#calls.get(token);
    const isThrottled = info.errorType === 'THROTTLING';
    if (isThrottled) call?.turn.refused();
    // The SDK throws the call's own error when the strategy throws.
    if (isRefusedForItsTime(info.error)) {
      if (token.getRetryCount() >= REPEATS_FOR_TIME) throw new Error('the time of the call was not what is wrong');
    } else if (!isThrottled) {
      if (this.#repeat === 'refused-only') throw new Error('the call may have been done');
      if (isCalledPassingForTheClock(info)) throw new Error('the call would fail again');
    }
    const next = await super.refreshRetryTokenForRetry(token, info);
    if (!isThrottled) {
      // What was begun is finished, also after an interruption: it may have been done in part.
      await this.#pacing.pause(pauseBefore(next, Retry.delay()));
      return await this.#inTurn(next, call?.action ?? '');
    }
    try {
      if (!(await this.#pacing.pause(pauseBefore(next, Retry.throttlingDelay()), this.#patience)))
        throw new Error('there is no time to repeat the call');
      return await this.#inTurn(next, call?.action ?? '');
    } catch (error) {
      if (info.error instanceof Error) Object.assign(info.error, { $notRepeated: true });
      throw error;
    }
  }

  async #inTurn<T extends RetryToken>(token: T, action: string): Promise<T> {
    this.#calls.set(token, { action, turn: await this.#pacing.turn(action, this.#patience) });
    return token;
  }
}

/** Any time up to the longest, which doubles with each repeat (the SDK's own rule). */
function pauseBefore(repeat: RetryToken, first: number): number {
  return Math.random() * Math.min(first * 2 ** (repeat.getRetryCount() - 1), LONGEST_PAUSE_MS);
}

/**
 * Makes the strategy of one client.
 *
 * @example new EC2Client({ retryStrategy: carefulRetries({ repeat: 'refused-only', pacing }) })
 */
export function carefulRetries(repeating: Repeating = {}): StandardRetryStrategy {
  return new PacedRetries(repeating);
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
