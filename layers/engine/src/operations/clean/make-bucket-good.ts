import type { BucketReport } from '../../ports.js';
import type { RunContext } from '../context.js';
import { bucketsNamed, seeToBuckets } from '../buckets/see-to-buckets.js';
import type { PlannedRegion } from '../regions/plan-regions.js';

/** What is needed of a run to make a bucket. */
type Making = Pick<RunContext, 'adapter' | 'buckets' | 'config' | 'home' | 'log' | 'report' | 'run' | 'store'>;

/**
 * Makes the data bucket of a region where it is missing and needed: removals are to be recorded in it, or it is a DR region
 * with copies that stay, which is found by its bucket once nothing names it any more. A dry run only says so. A bucket that
 * cannot be made is one ERROR.
 *
 * @returns nothing where none is to be made.
 */
export async function seeToMissingBucket(context: Making, planned: PlannedRegion): Promise<readonly BucketReport[]> {
  const { keep, remove } = planned.plan;
  const isRemembered = planned.region !== context.home.region && keep.length > 0;
  if (!planned.lacksBucket || (remove.length === 0 && !isRemembered)) return [];
  const { accounts } = bucketsNamed(context, []);
  return await seeToBuckets(context, {
    regions: [planned.region],
    // Only adds: the accounts that tags name are added by the next `create_backups`.
    readers: { accounts, exact: false },
    reportUnchanged: false,
  });
}

/** A region once its data bucket was seen to: a bucket that was just made, or would be, has no files. */
export function withBucket(planned: PlannedRegion, reports: readonly BucketReport[]): PlannedRegion {
  const isThere = reports.some(({ state }) => state !== 'refused');
  return isThere ? { ...planned, files: new Map(), lacksBucket: false } : planned;
}

/** Sees to the data bucket of a region. */
export async function makeBucketGood(context: Making, planned: PlannedRegion): Promise<PlannedRegion> {
  return withBucket(planned, await seeToMissingBucket(context, planned));
}
