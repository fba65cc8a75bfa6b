import type { PulledFrom } from '../../domain/delayed.js';
import { isShelveryError } from '../../domain/errors.js';
import { faultName } from '../../domain/telling/faults.js';
import type { RunContext } from '../context.js';

/**
 * Whether reading a shared file failed because it is not there any more. Whoever may list only a part of a bucket is
 * told AccessDenied of a file that is missing (page "GetObject"), so that the list decides.
 */
export async function isFileGone(
  context: Pick<RunContext, 'home' | 'store'>,
  file: PulledFrom,
  error: unknown,
): Promise<boolean> {
  const name = isShelveryError(error) ? error.aws?.code : faultName(error);
  if (name === 'NoSuchKey') return true;
  if (name !== 'AccessDenied') return false;
  const listed = await context.store.list(context.home.region, file.key, file.account);
  return !listed.some((item) => item.key === file.key);
}
