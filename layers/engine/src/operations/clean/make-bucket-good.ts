import { present } from '../../domain/present.js';
import type { RunContext } from '../context.js';
import { bucketsNamed, seeToBuckets } from '../buckets/see-to-buckets.js';
import type { PlannedRegion } from '../regions/plan-regions.js';

/**
 * Makes the data bucket of a region where it is missing and removals are to be recorded in it. Once it is there, it has
 * no files. A bucket that cannot be made is one ERROR.
 */
export async function makeBucketGood(
  context: Pick<RunContext, 'adapter' | 'buckets' | 'config' | 'home' | 'log' | 'report' | 'run' | 'store'>,
  planned: PlannedRegion,
): Promise<PlannedRegion> {
  if (!planned.lacksBucket || planned.plan.remove.length === 0) return planned;
  const { accounts, tagged } = bucketsNamed(context, []);
  const reports = await seeToBuckets(context, {
    regions: [planned.region],
    // Only adds: the accounts that tags name are added by the next `create_backups`.
    readers: { accounts, ...present({ tagged }), exact: false },
    reportUnchanged: false,
  });
  const isThere = reports.some(({ state }) => state !== 'refused');
  return isThere ? { ...planned, files: new Map(), lacksBucket: false } : planned;
}
