import { reworded } from '../errors.js';
import type { ShelveryError } from '../errors.js';
import type { AccountId } from '../values.js';

/**
 * The parameters of the stack that list what payloads and tags may name beyond its configuration: its functions may use
 * nothing else.
 */
export const STACK_PARAMETERS = [
  'AllowedTopics',
  'AllowedKmsKeys',
  'AllowedRoles',
  'AllowedSourceAwsAccountIds',
] as const;
export type StackParameter = (typeof STACK_PARAMETERS)[number];

/**
 * Adds to a refusal the name of the stack's parameter that would allow it. Other errors stay as they are.
 *
 * @param value what the payload or the tag named: an ARN, or an account.
 * @example nameParameter(toShelveryError(error, 'publishing to …'), 'AllowedTopics', topic)
 */
export function nameParameter(error: ShelveryError, parameter: StackParameter, value: string): ShelveryError {
  if (error.code !== 'NotAllowed') return error;
  return reworded(error, `${error.message} ${advice(parameter, value)}`);
}

/** What to do about keys of other accounts that a service could not use; empty where all are the own account's. */
export function adviceOnKeys(keys: readonly (string | undefined)[], own: AccountId): string {
  const foreign = keys.find((key) => {
    const [, , service, , account] = (key ?? '').split(':');
    return service === 'kms' && account !== own;
  });
  return foreign === undefined ? '' : advice('AllowedKmsKeys', foreign);
}

function advice(parameter: StackParameter, value: string): string {
  return `The stack's functions may use ${value} only if the stack's configuration names it, or its parameter ${parameter} lists it.`;
}
