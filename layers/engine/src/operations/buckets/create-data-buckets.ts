import { configuredBy } from '../../domain/config/targets.js';
import type { BucketReaders } from '../../domain/files/bucket-policy.js';
import type { Region } from '../../domain/values.js';
import type { BucketReport } from '../../ports.js';
import type { OperationResult, RunContext } from '../context.js';
import { listMarked } from '../marked-resources.js';
import { regionsWithBucket } from '../regions-with-bucket.js';
import { bucketLine } from './bucket-line.js';
import { bucketsNamed, seeToBuckets, withdrawFromBuckets } from './see-to-buckets.js';

/**
 * Makes the data buckets of the local and every DR region, or repairs their settings. It removes an account from a
 * bucket's policy if neither the configuration nor the tags of this type's marked resources name it any longer, and no
 * tags of another type's resources do. So it does in every other region that has a data bucket of ours, such as a DR
 * region that is configured no longer: there it changes nothing else.
 *
 * @example The policy names account 222222222222 for the configuration and for EBS. The configuration drops it, and a
 *   volume's tag still names it: `ebs create_data_buckets` keeps it, until no marked volume names it either.
 */
export async function createDataBuckets(context: RunContext): Promise<OperationResult> {
  const { home, config, adapter } = context;
  const resources = await listMarked(context);
  const { regions, ...readers } = bucketsNamed(
    context,
    resources.map(({ tags }) => configuredBy(tags, { home, config, rules: adapter.rules })),
  );
  context.collected(new Set(regions).size);
  const exact = { ...readers, exact: true };
  const [seenTo, withdrawnFrom] = await Promise.all([
    seeToBuckets(context, { regions, readers: exact, reportUnchanged: true }),
    withdrawElsewhere(context, regions, exact),
  ]);
  if (!context.run.dryRun) return { remaining: 0 };
  return { remaining: 0, plan: [...seenTo, ...withdrawnFrom].map(bucketLine) };
}

/** Sees to the policies of the data buckets that are not among those of the given regions. */
async function withdrawElsewhere(
  context: RunContext,
  seenTo: readonly Region[],
  readers: BucketReaders,
): Promise<readonly BucketReport[]> {
  const regions = (await regionsWithBucket(context, 'CreateDataBucket')).filter((region) => !seenTo.includes(region));
  return await withdrawFromBuckets(context, { regions, readers });
}
