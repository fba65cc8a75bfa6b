import type { BucketReport } from '../../ports.js';
import type { PlanLine } from '../context.js';

/** What a plan says of a data bucket that was looked at. */
export function bucketLine(report: BucketReport): PlanLine {
  return {
    what: plannedFor(report),
    subject: report.bucket,
    reason: report.changes.length > 0 ? report.changes.join(', ') : report.state,
    region: report.region,
    of: 'bucket',
    ...(report.state === 'refused' ? { problem: true } : {}),
  };
}

function plannedFor({ state, changes }: BucketReport): PlanLine['what'] {
  if (state === 'refused') return 'refuse';
  if (state === 'missing') return 'create';
  return changes.length > 0 ? 'change' : 'keep';
}
