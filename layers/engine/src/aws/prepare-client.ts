import { naming } from './named-calls.js';
import type { SdkClient } from './named-calls.js';
import { watchingCalls } from './watched-calls.js';
import type { CallWatcher } from './watched-calls.js';

/**
 * Readies a client of the SDK, as every one is: its errors name the call, and its calls are told of where somebody asked.
 * The SDK's own log, which nobody reads, goes: for it every answer is copied without what is secret, though none is asked for.
 *
 * @returns the same client.
 */
export function prepareClient<C, Input extends object, Output extends object>(
  client: C & SdkClient<Input, Output>,
  { onCall }: { readonly onCall?: CallWatcher },
): C {
  client.middlewareStack.remove('loggerMiddleware');
  const named = naming(client);
  return onCall === undefined ? named : watchingCalls(client, onCall);
}
