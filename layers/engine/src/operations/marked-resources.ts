import { TAG, isMarked, nearMiss, tagKey } from '../domain/backup/backup-tags.js';
import type { Resource } from '../domain/backup/backup.js';
import type { RunContext } from './context.js';
import { prefixOf } from './identify.js';

/**
 * The marked resources of the local region. A warning tells of each whose tag was probably meant to mark it and does not.
 */
export async function listMarked(
  context: Pick<RunContext, 'adapter' | 'config' | 'home' | 'log'>,
): Promise<readonly Resource[]> {
  const prefix = prefixOf(context);
  const only = context.config.values.shelvery_select_entity;
  const listed = await context.adapter.listResources();
  for (const { id, tags } of listed) {
    const near = nearMiss(tags, prefix);
    if (near === undefined || (only !== undefined && only !== id)) continue;
    context.log.warn(
      'SHELVERY_NEAR_MISS',
      `${context.adapter.resourceNoun} ${id} has the tag ${near.key} = ${JSON.stringify(near.value)}, which does not mark it: it is not backed up. To back it up, set ${tagKey(prefix, TAG.createBackup)} = true.`,
      { entityId: id },
    );
  }
  return listed.filter(({ tags }) => isMarked(tags, prefix));
}
