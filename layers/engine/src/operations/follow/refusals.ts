import { reworded } from '../../domain/errors.js';
import type { ShelveryError } from '../../domain/errors.js';
import { faultName, toShelveryError } from '../../domain/telling/faults.js';
import { adviceOnKeys, nameParameter } from '../../domain/config/stack-parameters.js';
import type { StackParameter } from '../../domain/config/stack-parameters.js';
import type { BackupAdapter } from '../../ports.js';
import type { RunContext } from '../context.js';

/** The error by which RDS says that it may not, or cannot, use a key. In EC2 the copy fails later instead. */
const KEY_REFUSED = 'KMSKeyNotAccessibleFault';

/**
 * Whether a copy was refused because the service makes so many at a time and no more in that region: no other would be
 * accepted now, either.
 */
export function isFullRefusal({ notYet, invalidState }: BackupAdapter['faults'], error: unknown): boolean {
  const name = faultName(error);
  return notYet.includes(name) && !invalidState.includes(name);
}

/** An error of ours. In a stack a refusal names the parameter that would allow what was refused. */
export function refusalOf(
  context: Pick<RunContext, 'inStack'>,
  error: unknown,
  doing: string,
  parameter: StackParameter,
  value: string,
): ShelveryError {
  const failure = toShelveryError(error, doing);
  return context.inStack ? nameParameter(failure, parameter, value) : failure;
}

/** What to add, in a stack, to an error about a copy that may be due to its keys; empty, or a space and a sentence. */
function aboutKeys(context: Pick<RunContext, 'home' | 'inStack'>, keys: readonly (string | undefined)[]): string {
  const advice = context.inStack ? adviceOnKeys(keys, context.home.accountId) : '';
  return advice === '' ? '' : ` ${advice}`;
}

/** The same for a copy that the service began, and then could not make: a key is often why, and `doctor` looks at keys. */
export function aboutFailedCopy(
  context: Pick<RunContext, 'home' | 'inStack'>,
  keys: readonly (string | undefined)[],
): string {
  const advice = aboutKeys(context, keys);
  if (advice !== '' || keys.every((key) => key === undefined)) return advice;
  return ' The key may be why: doctor says whether it exists and can be used.';
}

/** The error of a copy. Where the stack does not allow one of its keys, the message says so. */
export function refusedCopy(
  context: Pick<RunContext, 'home' | 'inStack'>,
  error: unknown,
  keys: readonly (string | undefined)[],
  doing: string,
): unknown {
  const failure = toShelveryError(error, doing);
  const advice = aboutKeys(context, keys);
  if (advice === '' || (failure.code !== 'NotAllowed' && faultName(error) !== KEY_REFUSED)) return error;
  return reworded(failure, failure.message + advice, 'NotAllowed');
}
