import { isMarked } from './backup-tags.js';
import type { Backup, FoundBackup, Resource, ServiceRules } from './backup.js';
import { untagged } from '../config/config.js';
import { configuredBy, targetsOf } from '../config/targets.js';
import type { ConfiguredBy } from '../config/targets.js';
import type { Region, ResourceId } from '../values.js';

/** What a backup is read with. */
export interface BackupReader extends ConfiguredBy {
  readonly rules: ServiceRules;
  /** The resources that still exist in the local region. Left out where nobody looked for them. */
  readonly resources?: ReadonlyMap<ResourceId, Resource>;
}

/** What says which resource a backup was made of. */
export interface MadeOf {
  readonly found: FoundBackup;
  readonly entityId: ResourceId;
  /** The service's id of the resource that is never used again, where the backup tells it. */
  readonly entityUid?: string;
  readonly createdAt: Date;
  readonly originRegion?: Region;
  /** It came from another account. */
  readonly foreign: boolean;
}

/**
 * Decides whose tags configure a backup, and what they come to. In this order:
 *
 * 1. Nobody's, where the backup came from another account: what that wrote is not obeyed, the run's configuration counts.
 * 2. Those of the resource that it was made of, where that still exists, is still marked, and somebody looked for it. A
 *    resource that only has the same name is another one (see `isSameResource`), and so is one of another region; a database
 *    or cluster that was renamed is the same.
 * 3. Those that the backup itself carries: the resource's, as they were when it was made.
 *
 * @example judgedBy(backup, { home, config, rules }) // a delayed operation looks for no resources: rule 3
 */
export function judgedBy(of: MadeOf, reader: BackupReader): Pick<Backup, 'config' | 'targets' | 'resource'> {
  if (of.foreign) {
    const { values } = reader.config;
    return { config: untagged(values), targets: targetsOf(values, reader.home) };
  }
  const resource = of.originRegion === reader.home.region ? resourceOf(of, reader) : undefined;
  const counts = resource !== undefined && isMarked(resource.tags, reader.config.values.shelvery_tag_prefix);
  return counts ? { ...configuredBy(resource.tags, reader), resource } : configuredBy(of.found.tags, reader, 'backup');
}

/** The id of a backup's resource as it is now, where that is known: a database may have been renamed since. */
export function currentIdOf({ entityId, resource }: Pick<Backup, 'entityId' | 'resource'>): ResourceId {
  return resource?.id ?? entityId;
}

/** The resource that a backup was made of, under whatever name it has now. */
function resourceOf(of: MadeOf, { resources = new Map(), rules }: BackupReader): Resource | undefined {
  const named = resources.get(of.entityId);
  if (named !== undefined && isMadeOf(named, of, rules)) return named;
  return of.entityUid === undefined || !rules.knownByName ? undefined : byUid(resources).get(of.entityUid);
}

type Resources = NonNullable<BackupReader['resources']>;

/** Resources by the ids that are never used again, made once for all backups of a list. */
const INDEXES = new WeakMap<Resources, ReadonlyMap<string, Resource>>();

function byUid(resources: Resources): ReadonlyMap<string, Resource> {
  const made = INDEXES.get(resources);
  if (made !== undefined) return made;
  const index = new Map(
    [...resources.values()].flatMap((resource) =>
      resource.uid === undefined ? [] : [[resource.uid, resource] as const],
    ),
  );
  INDEXES.set(resources, index);
  return index;
}

/**
 * Whether a backup was made of a resource: of its id, and of that very one, or of a database or cluster that had another
 * name then, which the service knows by an id that is never used again.
 */
export function isMadeOf(
  resource: Resource,
  of: Pick<MadeOf, 'createdAt' | 'entityId' | 'entityUid' | 'found'>,
  rules: Pick<ServiceRules, 'knownByName'>,
): boolean {
  if (of.entityId === resource.id) return isSameResource(resource, of, rules);
  return rules.knownByName && of.entityUid !== undefined && of.entityUid === resource.uid;
}

/**
 * Whether a resource of the backup's `entity_id` is the one that the backup was made of. A database or cluster that was
 * deleted and made again under its name is another one: the service gave it another id, or, where the backup does not tell
 * that (older versions, the original), it was made after the backup.
 */
export function isSameResource(
  resource: Resource,
  of: Pick<MadeOf, 'createdAt' | 'entityUid' | 'found'>,
  rules: Pick<ServiceRules, 'knownByName'>,
): boolean {
  if (!rules.knownByName) return true;
  if (of.entityUid !== undefined && resource.uid !== undefined) return of.entityUid === resource.uid;
  if (resource.createdAt === undefined) return true;
  return resource.createdAt.getTime() <= Math.max(of.createdAt.getTime(), of.found.startedAt?.getTime() ?? 0);
}
