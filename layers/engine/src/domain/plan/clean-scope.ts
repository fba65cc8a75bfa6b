import { TAG, tagKey } from '../backup/backup-tags.js';
import { parseSource } from '../backup/copy-source.js';
import type { ConfigValues } from '../config/config-schema.js';
import type { Region, Tags } from '../values.js';

/**
 * Whether a cleaning run from the local region sees to what carries these tags in a region: locally all but DR copies;
 * in a DR region only the copies that came from the local region, and those that do not say where they came from (which
 * are unreadable, and told of); one resource if so selected.
 */
export function isInCleanScope(tags: Tags, region: Region, localRegion: Region, config: ConfigValues): boolean {
  const { shelvery_tag_prefix: prefix, shelvery_select_entity: only } = config;
  if (only !== undefined && tags[tagKey(prefix, TAG.entityId)] !== only) return false;
  const isCopy = tags[tagKey(prefix, TAG.drCopy)] === 'true';
  if (region === localRegion) return !isCopy;
  return isCopy && (parseSource(tags[tagKey(prefix, TAG.drSourceBackup)])?.region ?? localRegion) === localRegion;
}
