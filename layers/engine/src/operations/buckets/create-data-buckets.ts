import { configuredBy } from '../../domain/config/targets.js';
import type { OperationResult, PlanLine, RunContext } from '../context.js';
import { bucketsNamed, seeToBuckets } from './see-to-buckets.js';

/**
 * Makes, or makes good, the data buckets of the local and every DR region. Of the accounts in their policies, those
 * that neither the configuration nor tags of the type's marked resources name any more go, unless tags of another
 * type's resources name them.
 */
export async function createDataBuckets(context: RunContext): Promise<OperationResult> {
  const { home, config, adapter } = context;
  const resources = await adapter.listResources();
  const { regions, ...readers } = bucketsNamed(
    context,
    resources.map(({ tags }) => configuredBy(tags, { home, config, rules: adapter.rules })),
  );
  context.collected(new Set(regions).size);
  const reports = await seeToBuckets(context, { regions, readers: { ...readers, exact: true }, reportUnchanged: true });
  if (!context.run.dryRun) return { remaining: 0 };
  const plan = reports.map((report): PlanLine => ({
    what: report.state === 'foreign' ? 'refuse' : report.changes.length > 0 ? 'change' : 'keep',
    subject: report.bucket,
    reason: report.changes.length > 0 ? report.changes.join(', ') : report.state,
    region: report.region,
  }));
  return { remaining: 0, plan };
}
