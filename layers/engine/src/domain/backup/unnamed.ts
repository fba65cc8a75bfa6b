import { parseDateCreated } from '../calendar.js';
import { ResourceId } from '../values.js';
import type { Tags } from '../values.js';
import { TAG, tagKey } from './backup-tags.js';
import type { Backup, FoundBackup } from './backup.js';
import { isOfSet } from './descriptions.js';
import type { BackupReader } from './judged-by.js';
import { backupName } from './naming.js';

/**
 * One call makes the snapshots of several volumes, and gives them all the same tags. Their own follow, one call for each. A
 * process that ends in between leaves snapshots that say everything but which volume they are of, and that EC2 says itself.
 */

/**
 * The tags by which such a snapshot is known, which it lacks: its name, and the volume that EC2 says it is of. Nothing for
 * any other: the description, which nobody can change, says that it was made so.
 */
export function ownTagsLacking(found: FoundBackup, { config, rules }: BackupReader): Tags | undefined {
  const prefix = config.values.shelvery_tag_prefix;
  const tag = (last: string): string | undefined => found.tags[tagKey(prefix, last)];
  const isNamed =
    tag(TAG.name) !== undefined || tag(TAG.drCopy) !== undefined || tag(TAG.crossAccountCopy) !== undefined;
  // Of nearly all that are listed this is known at once.
  if (isNamed || !isOfSet(found.description)) return undefined;
  const volume = ResourceId.safeParse(found.volumeId).data;
  if (volume === undefined) return undefined;
  const createdAt = parseDateCreated(tag(TAG.dateCreated) ?? '');
  const retentionType = tag(TAG.retentionType);
  if (createdAt === undefined || retentionType === undefined) return undefined;
  const name = backupName({ resourceId: volume, prefix, createdAt, retentionType }, rules);
  return { ...nameTags(name, prefix), [tagKey(prefix, TAG.entityId)]: tag(TAG.entityId) ?? volume };
}

/** The same backup under the name that its volume's tag `Name` gives it, where that is known. */
export function namedByResource<T extends Pick<Backup, 'createdAt' | 'entityId' | 'found' | 'name' | 'retentionType'>>(
  made: T,
  { config, resources, rules }: BackupReader,
): T {
  const prefix = config.values.shelvery_tag_prefix;
  const { entityId: resourceId, createdAt, retentionType, found } = made;
  const nameTag = resources?.get(resourceId)?.tags['Name'] ?? '';
  const name = backupName({ resourceId, prefix, nameTag, createdAt, retentionType }, rules);
  return { ...made, name, found: { ...found, tags: { ...found.tags, ...nameTags(name, prefix) } } };
}

function nameTags(name: string, prefix: string): Tags {
  return { Name: name, [tagKey(prefix, TAG.name)]: name };
}
