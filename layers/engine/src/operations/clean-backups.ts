import { differenceInMilliseconds } from 'date-fns';
import { isMarked } from '../domain/backup-tags.js';
import type { FoundBackup } from '../domain/backup.js';
import { ShelveryError } from '../domain/errors.js';
import { toShelveryError } from '../domain/faults.js';
import type { CleanPlan } from '../domain/plan-clean.js';
import type { ResourceId } from '../domain/values.js';
import type { OperationResult, PlanLine, RunContext } from './context.js';
import { prefixOf, subjectOf } from './identify.js';
import { planRegions } from './plan-regions.js';
import type { PlannedRegion, PlannedRegions } from './plan-regions.js';
import { reconcileMetadata } from './reconcile-metadata.js';
import { removeBackups } from './remove-backups.js';

/**
 * Removes what has expired, with its metadata: locally all but DR copies, and in each DR region in use the copies that came
 * from here. Then mends what earlier runs left half-done.
 */
export async function cleanBackups(context: RunContext): Promise<OperationResult> {
  const { regions, resources } = await planRegions(context, { listMetadata: true });
  const count = (of: (plan: CleanPlan) => number): number => regions.reduce((sum, { plan }) => sum + of(plan), 0);
  context.collected(count((plan) => plan.keep.length + plan.remove.length + plan.unreadable.length));
  if (context.run.dryRun) {
    const mended = await mend(context, regions);
    return { remaining: 0, plan: [...regions.flatMap(planLines), ...mended] };
  }
  for (const { plan } of regions) reportKept(context, plan);
  let remaining = 0;
  await Promise.all(
    regions.map(async (region) => {
      remaining += await removeBackups(context, region);
      if (context.mayStart()) await reconcileMetadata(context, region);
    }),
  );
  if (context.mayStart()) await mend(context, regions);
  return { remaining, ...newestBackupAge(context, { regions, resources }) };
}

/** How long ago the newest backup was made, of the marked resource for which that is longest. */
function newestBackupAge(context: RunContext, { regions, resources }: PlannedRegions): Pick<OperationResult, 'newestBackupAgeHours'> {
  const newest = new Map<ResourceId, Date>();
  for (const { region, backups } of regions) {
    if (region !== context.home.region) continue;
    for (const read of backups) {
      if (read.kind !== 'backup' || read.backup.place !== 'local' || read.backup.found.state !== 'available') continue;
      const { entityId, createdAt } = read.backup;
      const before = newest.get(entityId);
      if (before === undefined || before < createdAt) newest.set(entityId, createdAt);
    }
  }
  const ages = [...newest].flatMap(([id, time]) => {
    const resource = resources.get(id);
    if (resource === undefined || !isMarked(resource.tags, prefixOf(context))) return [];
    return [differenceInMilliseconds(context.clock.now(), time) / 3_600_000];
  });
  return ages.length === 0 ? {} : { newestBackupAgeHours: Math.max(...ages) };
}

function reportKept(context: RunContext, plan: CleanPlan): void {
  for (const { found, problem } of plan.unreadable) reportUnreadable(context, found, problem);
  for (const kept of plan.keep) {
    if (!kept.problem) {
      context.log.info('SHELVERY_BACKUP_KEPT', `${kept.backup.name} (${kept.backup.id}): ${kept.text}`, { reason: kept.reason });
      continue;
    }
    context.report({
      ...subjectOf('DeleteBackup', kept.backup),
      status: 'failed',
      error: new ShelveryError('TagUnreadable', `${kept.backup.id} is kept: ${kept.text}`),
    });
  }
}

function reportUnreadable(context: RunContext, found: FoundBackup, problem: string): void {
  context.report({
    operation: 'DeleteBackup',
    backupId: found.id,
    region: found.region,
    status: 'failed',
    error: new ShelveryError('BackupUnreadable', `${found.id} is kept: ${problem}. Correct the tag, or delete the backup by hand.`),
  });
}

async function mend(context: RunContext, regions: readonly PlannedRegion[]): Promise<readonly PlanLine[]> {
  const { adapter } = context;
  if (adapter.mend === undefined) return [];
  const lines: PlanLine[] = [];
  for (const { region } of regions) {
    try {
      for (const item of await adapter.mend(region, { dryRun: context.run.dryRun })) {
        lines.push({ what: 'change', subject: item.id, reason: item.what, region });
        if (!context.run.dryRun) context.log.info('SHELVERY_MENDED', `${item.id}: ${item.what}`, { region });
      }
    } catch (error) {
      context.report({
        operation: 'DeleteBackup',
        region,
        status: 'failed',
        error: toShelveryError(error, `mending what earlier runs left half-done in ${region}`),
      });
    }
  }
  return lines;
}

function planLines({ region, plan }: PlannedRegion): readonly PlanLine[] {
  return [
    ...plan.remove.map((item): PlanLine => ({ what: 'remove', subject: item.backup.id, name: item.backup.name, reason: item.text, region })),
    ...plan.keep.map((item): PlanLine => ({ what: 'keep', subject: item.backup.id, name: item.backup.name, reason: item.text, region })),
    ...plan.unreadable.map((item): PlanLine => ({ what: 'keep', subject: item.found.id, reason: item.problem, region })),
  ];
}
