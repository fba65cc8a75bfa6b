import { reworded } from '../../domain/errors.js';
import type { ShelveryError } from '../../domain/errors.js';
import { faultName, toShelveryError } from '../../domain/telling/faults.js';
import { adviceOnKeys, nameParameter } from '../../domain/config/stack-parameters.js';
import type { StackParameter } from '../../domain/config/stack-parameters.js';
import type { RunContext } from '../context.js';

/** By which RDS says that it may not, or cannot, use a key; EC2 tells it by a copy that fails. */
const KEY_REFUSED = 'KMSKeyNotAccessibleFault';

/** An error of ours; a refusal in a stack names the parameter that opens what was refused. */
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
export function aboutKeys(
  context: Pick<RunContext, 'home' | 'inStack'>,
  keys: readonly (string | undefined)[],
): string {
  const advice = context.inStack ? adviceOnKeys(keys, context.home.accountId) : '';
  return advice === '' ? '' : ` ${advice}`;
}

/** What a copy threw: where one of its keys was refused that the stack does not allow, it says so. */
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
