import { backupsIn } from '../../domain/backup/backup.js';
import type { Backup } from '../../domain/backup/backup.js';
import { currentIdOf } from '../../domain/backup/judged-by.js';
import { present } from '../../domain/present.js';
import { newestOfEach } from '../../domain/restore/runbook.js';
import type { RunbookPlace, RunbookResource, SharedWith } from '../../domain/restore/runbook.js';
import { toShelveryError } from '../../domain/telling/faults.js';
import type { RunContext } from '../context.js';
import { listMarked, notSelectable } from '../marked-resources.js';
import { planRegions } from '../regions/plan-regions.js';
import type { PlannedRegions } from '../regions/plan-regions.js';
import { accountsOffered, offersIn } from '../shared-files/offered-accounts.js';
import { rendered, restorationOf } from './make-restore-plan.js';

/**
 * Tells of each resource what it is restored from in each place that can be listed, and how. It only reads. What cannot be
 * listed is reported, and not in it.
 *
 * @throws ShelveryError `UsageError` where the selected resource is not marked, and has no backups either.
 */
export async function makeRunbook(context: RunContext): Promise<readonly RunbookResource[]> {
  const { home, limit } = context;
  const marked = await listMarked(context);
  const { regions, resources } = await planRegions(context, { listMetadata: false, onlyShown: true, marked });
  const offers = new Map(
    await Promise.all(regions.map(async ({ region }) => [region, await offersIn(context, region)] as const)),
  );
  const sharedWith: SharedWith = (backup) => {
    const files = offers.get(backup.region);
    return files === undefined ? undefined : accountsOffered(context, backup, files);
  };
  const backups = backupsIn(regions.flatMap((each) => each.backups));
  const wanted = selectedIds(context, backups);
  const all = newestOfEach(backups, marked, home, sharedWith).filter(({ id }) => wanted?.has(id) ?? true);
  const nothing = all.length === 0 ? notSelectable(context, marked) : undefined;
  if (nothing !== undefined) throw nothing;
  context.collected(all.length);
  return await Promise.all(
    all.map(async ({ newest, ...resource }): Promise<RunbookResource> => ({
      ...resource,
      places: await Promise.all(newest.map((backup) => limit(() => placeOf(context, backup, resources)))),
    })),
  );
}

/** The ids that the selected resource may have now: a database may have been renamed since; nothing where the run is for all. */
function selectedIds({ config }: RunContext, backups: readonly Backup[]): ReadonlySet<string> | undefined {
  const only = config.values.shelvery_select_entity;
  if (only === undefined) return undefined;
  return new Set([only, ...backups.flatMap((backup) => (backup.entityId === only ? [currentIdOf(backup)] : []))]);
}

async function placeOf(
  context: RunContext,
  backup: Backup,
  resources: PlannedRegions['resources'],
): Promise<RunbookPlace> {
  const { place, region, id, name, createdAt, found } = backup;
  return {
    place,
    region,
    account: context.home.accountId,
    id,
    name,
    createdAt,
    encrypted: found.encrypted,
    archived: found.archived === true,
    ...present({ sizeGib: found.sizeGib, kmsKeyId: found.kmsKeyId, underOwnedKey: found.underOwnedKey }),
    ...(await scriptOf(context, backup, resources)),
  };
}

/** How it is restored where it is; a service that cannot do it says why, and takes nothing from the other backups. */
async function scriptOf(
  context: RunContext,
  backup: Backup,
  resources: PlannedRegions['resources'],
): Promise<Pick<RunbookPlace, 'script' | 'problem'>> {
  try {
    const { plan, wanted } = await restorationOf(context, { backup, resources }, {});
    return { script: rendered('cli', plan, wanted) };
  } catch (error) {
    return { problem: toShelveryError(error, `planning how ${backup.id} is restored`).message };
  }
}
