import { toShelveryError } from '../domain/telling/faults.js';
import type { OperationName } from '../domain/telling/outcome.js';
import type { Region } from '../domain/values.js';
import type { RunContext } from './context.js';

/** The regions other than the local one that have a data bucket of ours. Where they cannot be listed: an ERROR, and none. */
export async function regionsWithBucket(
  { buckets, home, report }: Pick<RunContext, 'buckets' | 'home' | 'report'>,
  operation: OperationName,
): Promise<readonly Region[]> {
  try {
    return await buckets.regionsInUse();
  } catch (error) {
    report({
      operation,
      region: home.region,
      status: 'failed',
      error: toShelveryError(error, 'looking for data buckets in other regions'),
    });
    return [];
  }
}
