import { configuredBy } from '../../domain/config/targets.js';
import type { OperationResult, RunContext } from '../context.js';
import { listMarked } from '../marked-resources.js';
import { bucketLine } from './bucket-line.js';
import { bucketsNamed, seeToBuckets } from './see-to-buckets.js';

/**
 * Makes the data buckets of the local and every DR region, or repairs their settings. It removes an account from a
 * bucket's policy if neither the configuration nor the tags of this type's marked resources name it any longer, and no
 * tags of another type's resources do.
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
  const reports = await seeToBuckets(context, { regions, readers: { ...readers, exact: true }, reportUnchanged: true });
  if (!context.run.dryRun) return { remaining: 0 };
  return { remaining: 0, plan: reports.map(bucketLine) };
}
