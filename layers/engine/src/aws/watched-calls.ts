import { faultName, isThrottling } from '../domain/telling/faults.js';
import type { SdkClient } from './named-calls.js';

/** One call of AWS that has ended, with all its tries. Nothing in it comes from a request or an answer. */
export interface AwsCall {
  /** @example 'ec2' */
  readonly service: string;
  /** @example 'CreateSnapshot' */
  readonly operation: string;
  readonly region: string;
  /** From the first try to the last answer, the pauses between them among it. */
  readonly milliseconds: number;
  readonly attempts: number;
  /** How many of the tries were refused because too many calls came. */
  readonly throttled: number;
  /** The name of the error in which the last try ended. */
  readonly error?: string;
}

/** Is told of every call when it has ended. */
export type CallWatcher = (call: AwsCall) => void;

/**
 * Has a client tell of its calls.
 *
 * @returns the same client.
 */
export function watchingCalls<C, Input extends object, Output extends object>(
  client: C & SdkClient<Input, Output>,
  watch: CallWatcher,
): C {
  const tries = new WeakMap<object, { attempts: number; throttled: number }>();
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const counts = { attempts: 0, throttled: 0 };
      tries.set(context, counts);
      const region = await client.config.region();
      const began = performance.now();
      const tell = (outcome: Pick<AwsCall, 'error'>): void => {
        const { clientName = '', commandName = '' } = context;
        watch({
          service: clientName.replace(/Client$/, '').toLowerCase(),
          operation: commandName.replace(/Command$/, ''),
          region,
          milliseconds: performance.now() - began,
          ...counts,
          ...outcome,
        });
      };
      try {
        const answer = await next(args);
        tell({});
        return answer;
      } catch (error) {
        tell({ error: faultName(error) });
        throw error;
      }
    },
    { step: 'initialize', name: 'watchedCalls', override: true },
  );
  // Within the SDK's retries, which have the priority `high` in this step.
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const counts = tries.get(context) ?? { attempts: 0, throttled: 0 };
      counts.attempts += 1;
      try {
        return await next(args);
      } catch (error) {
        if (isThrottling(error)) counts.throttled += 1;
        throw error;
      }
    },
    { step: 'finalizeRequest', priority: 'low', name: 'watchedTries', override: true },
  );
  return client;
}
