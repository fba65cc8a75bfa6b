import { naming } from './named-calls.js';
import type { SdkClient } from './named-calls.js';
import { watchingCalls } from './watched-calls.js';
import type { CallWatcher } from './watched-calls.js';

/**
 * Readies a client of the SDK, as every one is: its errors name the call, and its calls are told of where somebody asked.
 *
 * @returns the same client.
 */
export function prepareClient<C, Input extends object, Output extends object>(
  client: C & SdkClient<Input, Output>,
  { onCall }: { readonly onCall?: CallWatcher },
): C {
  const named = naming(client);
  return onCall === undefined ? named : watchingCalls(client, onCall);
}
