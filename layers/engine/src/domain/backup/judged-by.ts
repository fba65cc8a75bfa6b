import type { Backup, Resource } from './backup.js';
import { configuredBy, targetsOf } from '../config/targets.js';
import type { ConfiguredBy } from '../config/targets.js';
import type { ResourceId, Tags } from '../values.js';

/** What a backup is read with. */
export interface BackupReader extends ConfiguredBy {
  /** The resources that still exist in the local region. Left out where nobody looked for them. */
  readonly resources?: ReadonlyMap<ResourceId, Resource>;
}

/**
 * Decides whose tags configure a backup, and what they come to. In this order:
 *
 * 1. Nobody's, where the backup came from another account: its tags do not count, only the run's configuration does. 2.
 * Those of the resource that it was made of, where that still exists (and somebody looked for it). 3. Those that the
 * backup itself carries: the resource's, as they were when it was made.
 *
 * @example judgedBy({ entityId, foreign: false, tags: found.tags }, { home, config, rules }) // a delayed operation: rule 3
 */
export function judgedBy(
  of: { readonly entityId: ResourceId; readonly foreign: boolean; readonly tags: Tags },
  reader: BackupReader,
): Pick<Backup, 'config' | 'targets' | 'resource'> {
  if (of.foreign) {
    const { values } = reader.config;
    return {
      config: { values, tagged: [], problems: [], warnings: [] },
      targets: targetsOf(values, reader.home),
    };
  }
  const resource = reader.resources?.get(of.entityId);
  if (resource === undefined) return configuredBy(of.tags, reader);
  return { ...configuredBy(resource.tags, reader), resource };
}
