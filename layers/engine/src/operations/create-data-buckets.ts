import { resolveResourceConfig } from '../domain/config.js';
import { targetsOf } from '../domain/targets.js';
import type { OperationResult, PlanLine, RunContext } from './context.js';
import { seeToBuckets } from './see-to-buckets.js';

/**
 * Makes, or makes good, the data buckets of the local and every DR region, with a policy for exactly the accounts that the
 * configuration and the marked resources' tags name.
 */
export async function createDataBuckets(context: RunContext): Promise<OperationResult> {
  const resources = await context.adapter.listResources();
  const configs = [context.config.values, ...resources.map((resource) => resolveResourceConfig(context.config, resource.tags, context.adapter.rules).values)];
  const targets = configs.map((config) => targetsOf(config, context.home));
  const regions = [...new Set([context.home.region, ...targets.flatMap((target) => target.drRegions)])];
  context.collected(regions.length);
  const reports = await seeToBuckets(context, {
    regions,
    accounts: targets.flatMap((target) => target.shareAccounts),
    exact: true,
    reportUnchanged: true,
  });
  if (!context.run.dryRun) return { remaining: 0 };
  const plan = reports.map(
    (report): PlanLine => ({
      what: report.state === 'foreign' ? 'refuse' : report.changes.length > 0 ? 'change' : 'keep',
      subject: report.bucket,
      reason: report.changes.length > 0 ? report.changes.join(', ') : report.state,
      region: report.region,
    }),
  );
  return { remaining: 0, plan };
}
