import { TAG, tagKey } from '../backup/backup-tags.js';
import { parseSource } from '../backup/copy-source.js';
import type { ConfigValues } from '../config/config-schema.js';
import type { Region, Tags } from '../values.js';

/**
 * Whether a cleaning run from the local region is in charge of what has these tags. In the local region it is in charge
 * of everything but DR copies. In a DR region it is in charge of copies that came from the local region, and of those
 * that do not say where they came from: they are reported as unreadable. With a selected resource only of what is that
 * resource's.
 */
export function isInCleanScope(tags: Tags, region: Region, localRegion: Region, config: ConfigValues): boolean {
  const { shelvery_tag_prefix: prefix, shelvery_select_entity: only } = config;
  if (only !== undefined && tags[tagKey(prefix, TAG.entityId)] !== only) return false;
  const isCopy = tags[tagKey(prefix, TAG.drCopy)] === 'true';
  if (region === localRegion) return !isCopy;
  return isCopy && (parseSource(tags[tagKey(prefix, TAG.drSourceBackup)])?.region ?? localRegion) === localRegion;
}
