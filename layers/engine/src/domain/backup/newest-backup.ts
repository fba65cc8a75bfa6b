import { max, min } from 'date-fns';
import { hoursSince } from '../calendar.js';
import type { Backup, Resource } from './backup.js';
import { resolveResourceConfig } from '../config/config.js';
import type { RunConfig } from '../config/config.js';
import { markedOf, originalsOf } from './lost-marks.js';
import { keepOf } from './retention.js';
import type { ResourceId } from '../values.js';

/** What is known of marked resources and their backups in the region where they are made. */
export interface NewestBackupInput {
  readonly now: Date;
  readonly resources: ReadonlyMap<ResourceId, Resource>;
  readonly backups: readonly Backup[];
  readonly config: RunConfig;
}

/**
 * Hours since the newest available backup, of the marked resource that has waited longest for one; 0 where none waits.
 * A resource that has none yet counts from its first backup that is still being made, else from when it was made
 * itself. One that keeps no daily backups is not expected to have a young one, nor one that cannot be backed up. A backup
 * is as old as its data, which is older than the run that copied it from an automated snapshot.
 * Where nothing is marked any more, it is the age of the newest backup that there is: marks may have been lost.
 *
 * @returns nothing where a run looks at one selected resource only.
 */
export function newestBackupAgeHours({ now, resources, backups, config }: NewestBackupInput): number | undefined {
  if (config.values.shelvery_select_entity !== undefined) return undefined;
  const local = originalsOf(backups);
  const marked = markedOf(resources, config);
  if (marked.length === 0) return ageOfNewest(local, now);
  const ages = marked
    .filter(({ unusable }) => unusable === undefined)
    .filter((resource) => keepOf('daily', resolveResourceConfig(config, resource.tags).values, 'local') > 0)
    .flatMap((resource) => {
      const since = waitingSince(resource, local);
      return since === undefined ? [] : [hoursSince(since, now)];
    });
  return Math.max(0, ...ages);
}

function ageOfNewest(backups: readonly Backup[], now: Date): number {
  const times = backups.flatMap(({ dataTime, found }) => (found.state === 'available' ? [dataTime] : []));
  return times.length === 0 ? 0 : hoursSince(max(times), now);
}

function waitingSince(resource: Resource, backups: readonly Backup[]): Date | undefined {
  const times = (state: Backup['found']['state']): Date[] =>
    backups.flatMap(({ entityId, dataTime, found }) =>
      entityId === resource.id && found.state === state ? [dataTime] : [],
    );
  const [available, pending] = [times('available'), times('pending')];
  if (available.length > 0) return max(available);
  return pending.length > 0 ? min(pending) : resource.createdAt;
}
