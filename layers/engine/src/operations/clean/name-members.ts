import { addTags, buildBackupTags } from '../../domain/backup/backup-tags.js';
import type { Backup } from '../../domain/backup/backup.js';
import { isNotBegun, toShelveryError } from '../../domain/telling/faults.js';
import type { Tags } from '../../domain/values.js';
import type { PlanLine, RunContext } from '../context.js';
import { prefixOf, subjectOf } from '../identify.js';
import type { PlannedRegion, PlannedRegions } from '../regions/plan-regions.js';

/** What an operation of this file needs of a run. */
type Naming = Pick<RunContext, 'adapter' | 'config' | 'home' | 'limit' | 'log' | 'mayStart' | 'report' | 'run'>;

const WHAT = 'it was made together with others, and left without its own tags';

/**
 * Gives their own tags to backups that stay and were made together with others by a run that ended too early: those that the
 * resource gives them now, where it is still there. What the call has set stays.
 *
 * @returns the region, and in its plan these backups as they are then.
 */
export async function nameMembers(
  context: Naming,
  planned: PlannedRegion,
  resources: PlannedRegions['resources'],
): Promise<PlannedRegion> {
  const named = new Map<Backup, Backup>();
  const name = async (backup: Backup): Promise<void> => {
    if (!context.mayStart()) return;
    const tags = allTags(context, backup, resources);
    try {
      await context.adapter.tagBackup(backup.found, tags);
      const { unnamed: _, ...known } = backup;
      named.set(backup, { ...known, found: { ...backup.found, tags } });
      context.log.info('SHELVERY_MENDED', `${backup.id}: ${WHAT}`, { region: backup.region });
    } catch (error) {
      // The next run does it.
      if (isNotBegun(error)) return;
      const doing = `giving ${backup.id} its own tags`;
      // It is the end of its making that failed: nothing was to be removed.
      context.report({ ...subjectOf('CreateBackup', backup), status: 'failed', error: toShelveryError(error, doing) });
    }
  };
  await context.limit.each(unnamedOf(planned), name);
  const keep = planned.plan.keep.map((kept) => ({ ...kept, backup: named.get(kept.backup) ?? kept.backup }));
  return { ...planned, plan: { ...planned.plan, keep } };
}

/** The same in a dry run. */
export function namingLines(planned: PlannedRegion): readonly PlanLine[] {
  return unnamedOf(planned).map(({ id, name, region }) => ({
    what: 'change',
    subject: id,
    name,
    reason: WHAT,
    region,
  }));
}

function unnamedOf({ plan }: PlannedRegion): readonly Backup[] {
  return plan.keep.flatMap(({ backup }) => (backup.unnamed === true ? [backup] : []));
}

function allTags({ adapter, config, home, run }: Naming, backup: Backup, resources: PlannedRegions['resources']): Tags {
  const { found, name, createdAt, retentionType, entityId, targets } = backup;
  const own = buildBackupTags(
    {
      name,
      createdAt,
      retentionType,
      entityId,
      accountId: home.accountId,
      region: home.region,
      runId: run.id,
      resourceTags: resources.get(entityId)?.tags ?? {},
      config: { ...backup.config.values, shelvery_dr_regions: [...targets.drRegions] },
    },
    adapter.rules,
  ).tags;
  const lacking = Object.entries(own).filter(([key]) => found.tags[key] === undefined);
  return addTags(found.tags, Object.fromEntries(lacking), prefixOf({ config }), adapter.rules);
}
