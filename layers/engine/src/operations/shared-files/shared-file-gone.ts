import type { PulledFrom } from '../../domain/delayed.js';
import { isShelveryError } from '../../domain/errors.js';
import { faultName } from '../../domain/telling/faults.js';
import type { RunContext } from '../context.js';

/**
 * Whether reading a shared file failed because it is gone. For a missing file S3 answers AccessDenied to an account
 * that may list only a part of the bucket (page "GetObject"): so the list decides.
 */
export async function isFileGone(
  context: Pick<RunContext, 'home' | 'store'>,
  file: PulledFrom,
  error: unknown,
): Promise<boolean> {
  const name = isShelveryError(error) ? error.aws?.code : faultName(error);
  if (name === 'NoSuchKey') return true;
  if (name !== 'AccessDenied') return false;
  // A file comes before all others whose keys begin with its own.
  const { files } = await context.store.listUpTo(context.home.region, file.key, {
    maxPages: 1,
    account: file.account,
  });
  return !files.some((item) => item.key === file.key);
}
