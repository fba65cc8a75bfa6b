import { differenceInHours } from 'date-fns';
import { parseDateCreated } from '../calendar.js';
import { ResourceId } from '../values.js';
import type { Tags } from '../values.js';
import { TAG, tagKey } from './backup-tags.js';
import type { FoundBackup } from './backup.js';

/** What EC2 gives copies in place of a volume. */
const NO_VOLUME = /^vol-f+$/;

/** How far apart a snapshot's own time and its `date_created` are at most, where it was made then. */
const HOURS_APART = 24;

/**
 * The tag `entity_id` of a backup that has none, as the original's first versions made them: the service says what its
 * data is of, and the original, too, reads it there. Databases and clusters are told of copies as well. A volume is told of
 * originals alone: what EC2 tells of a copy is no volume, so that a snapshot must also be as old as its tags say.
 *
 * @returns nothing where the tag is there, or the service does not tell it.
 * @example entityTagLacking(snapshotOfVolume1, 'shelvery'); // { 'shelvery:entity_id': 'vol-1' }
 */
export function entityTagLacking(found: FoundBackup, prefix: string): Tags | undefined {
  const key = tagKey(prefix, TAG.entityId);
  if (found.tags[key] !== undefined) return undefined;
  const entityId = found.entityId ?? volumeOf(found, prefix);
  return entityId === undefined ? undefined : { [key]: entityId };
}

function volumeOf({ startedAt, tags, volumeId = '' }: FoundBackup, prefix: string): ResourceId | undefined {
  const tag = (last: string): string | undefined => tags[tagKey(prefix, last)];
  const isCopy = [TAG.drCopy, TAG.crossAccountCopy, TAG.srcBackup].some((last) => tag(last) !== undefined);
  const createdAt = parseDateCreated(tag(TAG.dateCreated) ?? '');
  if (isCopy || createdAt === undefined || startedAt === undefined || NO_VOLUME.test(volumeId)) return undefined;
  if (Math.abs(differenceInHours(startedAt, createdAt)) >= HOURS_APART) return undefined;
  return ResourceId.safeParse(volumeId).data;
}
