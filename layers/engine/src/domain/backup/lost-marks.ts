import type { RunConfig } from '../config/config.js';
import type { ResourceId } from '../values.js';
import { isMarked, nearMiss } from './backup-tags.js';
import type { Backup, Resource, ServiceRules } from './backup.js';
import { isSameResource } from './judged-by.js';

/** Backups that were made where they lie, and are no help for something else: what a mark brings about. */
export function originalsOf(backups: readonly Backup[]): readonly Backup[] {
  return backups.filter(({ place, temporary }) => place === 'local' && !temporary);
}

/** Those that are marked. */
export function markedOf(resources: ReadonlyMap<ResourceId, Resource>, config: RunConfig): readonly Resource[] {
  return [...resources.values()].filter(({ tags }) => isMarked(tags, config.values.shelvery_tag_prefix));
}

/** What marks are missed in. */
export interface MarksInput {
  /** All resources that exist of those that backups were made of, marked or not. */
  readonly resources: ReadonlyMap<ResourceId, Resource>;
  readonly backups: readonly Backup[];
  readonly config: RunConfig;
}

/**
 * Whether there are backups of the region, and nothing is marked any more: marks may have been lost, and no backup will
 * ever be missed that nobody asks for.
 *
 * @returns nothing where a run looks at one selected resource only.
 */
export function areMarksLost({ resources, backups, config }: MarksInput): boolean | undefined {
  if (config.values.shelvery_select_entity !== undefined) return undefined;
  return markedOf(resources, config).length === 0 && originalsOf(backups).length > 0;
}

/**
 * Resources that have backups, still exist, and are not marked any more, each with its backups. What was probably meant as
 * a mark is a near miss, and not here.
 */
export function lostMarks({
  resources,
  backups,
  config,
  rules,
}: MarksInput & { readonly rules: ServiceRules }): readonly {
  readonly resource: Resource;
  readonly backups: readonly Backup[];
}[] {
  const { shelvery_tag_prefix: prefix } = config.values;
  return [...Map.groupBy(originalsOf(backups), ({ entityId }) => entityId)].flatMap(([id, made]) => {
    const resource = resources.get(id);
    if (resource === undefined || isMarked(resource.tags, prefix) || nearMiss(resource.tags, prefix) !== undefined) {
      return [];
    }
    const same = made.filter((backup) => isSameResource(resource, backup, rules));
    return same.length === 0 ? [] : [{ resource, backups: same }];
  });
}
