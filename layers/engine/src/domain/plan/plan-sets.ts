import { TAG, tagKey } from '../backup/backup-tags.js';
import type { Backup, PlannedBackup } from '../backup/backup.js';
import type { ResourceId, Tags } from '../values.js';

/** A backup that is to be made, and what earlier tries of it left. */
export interface Job {
  readonly planned: PlannedBackup;
  readonly failed: readonly Backup[];
}

/** Resources that the service can back up in one call, consistent with one another: the volumes of an instance. */
export interface ResourceSet {
  readonly id: ResourceId;
  /** Those that the call backs up unless it leaves them out. */
  readonly members: readonly ResourceId[];
  /** That of the members which is left out without being named: the root volume. */
  readonly root?: ResourceId;
  /** Members that can be left out, and no more be backed up: they are being attached or detached. */
  readonly unsettled: readonly ResourceId[];
}

/** Backups that are made in one call. */
export interface PlannedSet {
  readonly of: ResourceSet;
  readonly jobs: readonly Job[];
  /** The members that the call leaves out. */
  readonly leftOut: readonly ResourceId[];
}

/** Which backups are made together, and which by themselves. */
export interface SetPlan {
  readonly sets: readonly PlannedSet[];
  readonly alone: readonly Job[];
  /** Why some are made by themselves that should be made together. */
  readonly apart: readonly Apart[];
}

/** Backups that should be made together, and are not. */
export interface Apart {
  /** The instance; left out where it is not known. */
  readonly of?: ResourceId;
  readonly members: readonly ResourceId[];
  readonly why: string;
}

/** Whether a backup is to be made together with those of the other volumes of its instance. */
export function wantsSet({ config, resource }: PlannedBackup): boolean {
  // What several instances may write to is no one instance's.
  return config.values.shelvery_ebs_volume_sets && resource.facts?.multi_attach !== true;
}

/**
 * Decides which backups are made in one call: those of one instance's volumes that are to be made now, have one retention
 * type, and whose configuration says so. All other volumes of the instance are left out of the call. A backup that would be
 * alone in its set is made by itself.
 *
 * @param mostLeftOut how many members a call can name as left out.
 */
export function planSets(jobs: readonly Job[], listed: readonly ResourceSet[], mostLeftOut: number): SetPlan {
  const byResource = new Map(jobs.map((job) => [job.planned.resource.id, job]));
  const sets: PlannedSet[] = [];
  const apart: Apart[] = [];
  const together = new Set<Job>();
  for (const of of listed) {
    const ready = of.members.flatMap((id) => (of.unsettled.includes(id) ? [] : (byResource.get(id) ?? [])));
    // Instances are listed in several calls: what moves from one to another meanwhile is in the lists of both.
    const wanted = ready.filter((job) => wantsSet(job.planned) && !together.has(job));
    for (const group of Map.groupBy(wanted, ({ planned }) => planned.retentionType).values()) {
      if (group.length < 2) continue;
      const inside = new Set(group.map(({ planned }) => planned.resource.id));
      const leftOut = of.members.filter((id) => !inside.has(id));
      const named = leftOut.filter((id) => id !== of.root).length;
      if (named > mostLeftOut) {
        const why = `${String(named)} other volumes would have to be left out, and one call leaves out at most ${String(mostLeftOut)}`;
        apart.push({ of: of.id, members: [...inside], why });
        continue;
      }
      for (const job of group) together.add(job);
      sets.push({ of, jobs: group, leftOut });
    }
  }
  return { sets, alone: jobs.filter((job) => !together.has(job)), apart };
}

/** The tags of a backup that is made in a set: they tell which. */
export function tagsInSet({ tags, config }: PlannedBackup, of: ResourceSet): Tags {
  return { ...tags, [tagKey(config.values.shelvery_tag_prefix, TAG.volumeSet)]: of.id };
}

/** The tags that all of them have alike, which the call itself gives them. */
export function commonTags(all: readonly Tags[]): Tags {
  const [first = {}, ...others] = all;
  return Object.fromEntries(
    Object.entries(first).filter(([key, value]) => others.every((tags) => tags[key] === value)),
  );
}
