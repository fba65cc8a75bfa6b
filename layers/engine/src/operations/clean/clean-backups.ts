import { subHours } from 'date-fns';
import { backupsIn } from '../../domain/backup/backup.js';
import type { FoundBackup } from '../../domain/backup/backup.js';
import { isInCleanScope } from '../../domain/plan/clean-scope.js';
import { ShelveryError, reworded } from '../../domain/errors.js';
import { present } from '../../domain/present.js';
import type { ErrorCode } from '../../domain/telling/catalogue.js';
import { isNotBegun, toShelveryError } from '../../domain/telling/faults.js';
import { hasLeftoverExpired } from '../../domain/plan/plan-clean.js';
import type { CleanPlan, KeepReason } from '../../domain/plan/plan-clean.js';
import { isMeantToKeep } from '../../domain/config/config.js';
import { areMarksLost } from '../../domain/backup/lost-marks.js';
import { newestBackupAgeHours } from '../../domain/backup/newest-backup.js';
import { newestPulledAgeHours, silentSources } from '../../domain/backup/newest-pulled.js';
import type { AccountId, Region } from '../../domain/values.js';
import { retentionTypesOf } from '../../domain/config/config-schema.js';
import type { MendedItem } from '../../ports.js';
import type { OperationResult, PlanLine, RunContext } from '../context.js';
import { readFound, subjectOf } from '../identify.js';
import { planRegions } from '../regions/plan-regions.js';
import type { PlannedRegion, PlannedRegions } from '../regions/plan-regions.js';
import { warnOfNearHolds } from '../regions/warn-of-near-holds.js';
import { reconcileMetadata } from './reconcile-metadata.js';
import { leastTimeLines } from '../least-time-lines.js';
import { sendFresh } from '../follow/delayed-work.js';
import { notSelectable } from '../marked-resources.js';
import { leaveFiles } from './leave-files.js';
import { bucketLine } from '../buckets/bucket-line.js';
import { makeBucketGood, seeToMissingBucket, withBucket } from './make-bucket-good.js';
import { nameMembers, namingLines } from './name-members.js';
import { removeBackups } from './remove-backups.js';

/**
 * Removes expired backups and their metadata: in the local region everything but DR copies, and in each DR region in
 * use the copies that came from here. Then finishes what earlier runs left half-done.
 */
export async function cleanBackups(context: RunContext): Promise<OperationResult> {
  const listed = await planRegions(context, { listMetadata: true });
  const { resources } = listed;
  reportUnknown(context, listed);
  const left = await Promise.all(listed.regions.map((region) => leaveFiles(context, region)));
  const regions = left.map(({ planned }) => planned);
  const count = (of: (plan: CleanPlan) => number): number => regions.reduce((sum, { plan }) => sum + of(plan), 0);
  context.collected(
    count(({ keep, remove, unreadable, somebodys }) => [keep, remove, unreadable, somebodys].flat().length),
  );
  warnOfTags(context, regions);
  warnOfNearHolds(context, regions);
  // In a dry run, too: it ends as the run does.
  for (const { plan } of regions) reportKept(context, plan);
  if (context.run.dryRun) {
    const lines = await Promise.all(regions.map((region) => foreseen(context, region)));
    const mended = await mend(context, listed);
    return {
      remaining: 0,
      plan: [...lines.flatMap(({ ofBackups }) => ofBackups), ...lines.flatMap(({ ofFiles }) => ofFiles), ...mended],
    };
  }
  for (const operation of left.flatMap(({ operations }) => operations)) sendFresh(context, operation);
  const notBegun = await Promise.all(
    regions.map(async (planned) => {
      const region = await makeBucketGood(context, await nameMembers(context, planned, resources));
      const some = await removeBackups(context, region);
      if (context.mayStart()) await reconcileMetadata(context, region);
      return some;
    }),
  );
  const remaining = notBegun.reduce((sum, some) => sum + some, 0);
  if (context.mayStart()) await mend(context, listed);
  const local = regions.filter(({ region }) => region === context.home.region);
  const backups = backupsIn(local.flatMap((planned) => planned.backups));
  const { config } = context;
  const now = context.clock.now();
  const pulled = newestPulledAgeHours({ now, backups, config });
  warnOfSilentSources(context, pulled);
  return {
    remaining,
    begun: count(({ remove }) => remove.length) - remaining,
    ...present({
      newestBackupAgeHours: newestBackupAgeHours({ now, resources, backups, config }),
      marksLost: areMarksLost({ resources, backups, config }),
      newestPulledAgeHours: pulled,
    }),
  };
}

/** A run for one resource alone that is neither marked nor has backups: its id is probably mistyped. */
function reportUnknown(
  context: Pick<RunContext, 'adapter' | 'config' | 'home' | 'report'>,
  { regions, resources }: PlannedRegions,
): void {
  // Looked at where it is asked for alone: a run for all has many backups.
  if (context.config.values.shelvery_select_entity === undefined) return;
  const backups = regions.flatMap((region) => backupsIn(region.backups));
  const error = notSelectable(context, [...resources.values()], backups);
  if (error === undefined) return;
  context.report({ operation: 'DeleteBackup', region: context.home.region, status: 'failed', error });
}

/**
 * Tags of resources that have no effect, as create tells of them, too. Where the resource is gone, those of its backups that
 * were to keep them.
 */
function warnOfTags({ log }: Pick<RunContext, 'log'>, regions: readonly PlannedRegion[]): void {
  const told = new Set<string>();
  for (const { backups } of regions) {
    for (const read of backups) {
      if (read.kind !== 'backup' || told.has(read.backup.entityId)) continue;
      const { entityId, config, resource } = read.backup;
      const warnings = resource === undefined ? config.warnings.filter(isMeantToKeep) : config.warnings;
      if (resource !== undefined || warnings.length > 0) told.add(entityId);
      for (const { key, message } of warnings)
        log.warn('SHELVERY_CONFIG_WARNING', `${entityId}: ${message}`, { key, entityId });
    }
  }
}

/** A source account that stops sharing makes nothing fail: it is noticed by the age of what was pulled from it. */
function warnOfSilentSources(
  { adapter, config, log }: Pick<RunContext, 'adapter' | 'config' | 'log'>,
  ages: ReadonlyMap<AccountId, number> | undefined,
): void {
  const objective = config.values.shelvery_rpo_hours;
  for (const [account, hours] of silentSources(ages, config)) {
    log.warn(
      'SHELVERY_SOURCE_SILENT',
      `The newest ${adapter.resourceNoun} backup that was pulled from ${account} is ${String(Math.floor(hours))} hours old (shelvery_rpo_hours=${String(objective)}). Look whether the account still backs up and shares.`,
      { account },
    );
  }
}

/** Error codes for backups that are kept because of an error; for all other reasons the backup's own tags are wrong. */
const PROBLEM_CODES: Readonly<Partial<Record<KeepReason, ErrorCode>>> = {
  'being-made': 'DeadlinePassed',
  'bad-configuration': 'ConfigurationError',
};

function reportKept(context: Pick<RunContext, 'log' | 'report' | 'run'>, plan: CleanPlan): void {
  for (const { found, problem } of plan.unreadable) reportUnreadable(context, found, problem);
  for (const { found, why } of [...plan.somebodys, ...plan.doubledOriginals]) {
    context.report({
      operation: 'DeleteBackup',
      backupId: found.id,
      region: found.region,
      status: 'ignored',
      reason: `${found.id}: ${why}`,
    });
  }
  for (const kept of plan.keep) {
    if (!kept.problem) {
      // A dry run shows its plan.
      if (context.run.dryRun) continue;
      context.log.info('SHELVERY_BACKUP_KEPT', `${kept.backup.name} (${kept.backup.id}): ${kept.text}`, {
        reason: kept.reason,
      });
      continue;
    }
    context.report({
      ...subjectOf('DeleteBackup', kept.backup),
      status: 'failed',
      error: new ShelveryError(
        PROBLEM_CODES[kept.reason] ?? 'TagUnreadable',
        `${kept.backup.id} is kept: ${kept.text}`,
      ),
    });
  }
}

function reportUnreadable(context: Pick<RunContext, 'report'>, found: FoundBackup, problem: string): void {
  context.report({
    operation: 'DeleteBackup',
    backupId: found.id,
    region: found.region,
    status: 'failed',
    error: new ShelveryError(
      'BackupUnreadable',
      `${found.id} is kept: ${problem}. Correct the tag, or delete the backup by hand.`,
    ),
  });
}

/** What a dry run says of what mending finishes, or leaves. */
const PLANNED_FATE = {
  removed: 'remove',
  tagged: 'change',
  kept: 'keep',
  'not-removed': 'keep',
  'not-tagged': 'keep',
} as const satisfies Readonly<Record<MendedItem['fate'], PlanLine['what']>>;

/** Whether a leftover has expired by the tags that it has from its backup. Where they are not understood it has not. */
function hasExpired(leftover: FoundBackup, context: RunContext, resources: PlannedRegions['resources']): boolean {
  const read = readFound(leftover, context, resources);
  return read.kind === 'backup' && hasLeftoverExpired(read.backup, context.run.time, context.config);
}

async function mend(context: RunContext, { regions, resources }: PlannedRegions): Promise<readonly PlanLine[]> {
  const { adapter, home, run } = context;
  const { values } = context.config;
  if (adapter.mend === undefined) return [];
  const scope = {
    dryRun: run.dryRun,
    retentionTypes: retentionTypesOf(values),
    hasExpired: (leftover: FoundBackup) => hasExpired(leftover, context, resources),
    untaggedSince: subHours(context.clock.now(), values.shelvery_wait_deadline_hours),
  };
  const lines: PlanLine[] = [];
  for (const { region } of regions) {
    try {
      const items = await adapter.mend(region, {
        ...scope,
        covers: (tags) => isInCleanScope(tags, region, home.region, values),
      });
      const left = items.find(isLeft);
      for (const item of items) {
        if (isLeft(item)) continue;
        lines.push({ what: PLANNED_FATE[item.fate], subject: item.id, reason: item.what, region });
        if (!scope.dryRun) tellMended(context, region, item);
      }
      // Told of once, however many there are: the next run finds them.
      if (left !== undefined) throw left.error;
    } catch (error) {
      context.report({
        operation: 'DeleteBackup',
        region,
        status: 'failed',
        error: toShelveryError(error, `finishing what earlier runs left half-done in ${region}`),
      });
    }
  }
  return lines;
}

/** Whether its turn did not come before the run had to end. */
function isLeft(item: MendedItem): item is Extract<MendedItem, { readonly error: unknown }> {
  return 'error' in item && isNotBegun(item.error);
}

/** Tells what became of something that an earlier run left half-done. */
function tellMended({ log, report }: Pick<RunContext, 'log' | 'report'>, region: Region, item: MendedItem): void {
  const { id, what } = item;
  const about = { backupId: id, region };
  switch (item.fate) {
    case 'removed':
      report({ operation: 'DeleteBackup', ...about, status: 'ok', message: what });
      return;
    case 'tagged':
      log.info('SHELVERY_MENDED', `${id}: ${what}`, { region });
      return;
    case 'kept':
      log.warn('SHELVERY_LEFTOVER_KEPT', `${id}: ${what}`, { region });
      return;
    case 'not-removed': {
      const error = toShelveryError(item.error, `deleting ${id} (${what})`);
      report({ operation: 'DeleteBackup', ...about, status: 'failed', error });
      return;
    }
    case 'not-tagged': {
      const error = toShelveryError(item.error, `tagging ${id} (${what})`);
      const next =
        'The next clean_backups tries it again while the backup is younger than shelvery_wait_deadline_hours. After that nothing knows it as a backup: tag it, or delete it, by hand.';
      // It is the end of its making that failed: nothing was to be removed.
      report({
        operation: 'CreateBackup',
        ...about,
        status: 'failed',
        error: reworded(error, `${error.message} ${next}`),
      });
    }
  }
}

/** What a run would do in a region: to its backups, and to its bucket with their files. */
async function foreseen(
  context: RunContext,
  planned: PlannedRegion,
): Promise<{ readonly ofBackups: readonly PlanLine[]; readonly ofFiles: readonly PlanLine[] }> {
  const buckets = await seeToMissingBucket(context, planned);
  const files = await reconcileMetadata(context, withBucket(planned, buckets));
  return { ofBackups: planLines(context, planned), ofFiles: [...buckets.map(bucketLine), ...files] };
}

const PROBLEM: Pick<PlanLine, 'problem'> = { problem: true };

function planLines(context: Pick<RunContext, 'adapter'>, planned: PlannedRegion): readonly PlanLine[] {
  const { region, plan } = planned;
  return [
    ...plan.remove.map((item): PlanLine => ({
      what: 'remove',
      subject: item.backup.id,
      name: item.backup.name,
      reason: item.text,
      region,
    })),
    ...plan.keep.map((item): PlanLine => ({
      what: 'keep',
      subject: item.backup.id,
      name: item.backup.name,
      reason: item.text,
      region,
      ...(item.problem ? PROBLEM : {}),
    })),
    ...plan.somebodys.map((item): PlanLine => ({
      what: 'skip',
      subject: item.found.id,
      reason: item.why,
      region,
    })),
    ...plan.unreadable.map((item): PlanLine => ({
      what: 'keep',
      subject: item.found.id,
      reason: item.problem,
      region,
      ...PROBLEM,
    })),
    ...namingLines(planned),
    ...leastTimeLines(context, 'remove', plan.remove.length, region),
  ];
}
