import { TAG, isMarked, nearMiss, tagKey } from '../domain/backup/backup-tags.js';
import type { Resource } from '../domain/backup/backup.js';
import type { RunContext } from './context.js';
import { ShelveryError } from '../domain/errors.js';
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

/**
 * The error of a run that is for one resource alone (`shelvery_select_entity`), where that is none of the marked ones;
 * nothing where it is one, or the run is for all.
 */
export function notSelectable(
  context: Pick<RunContext, 'adapter' | 'config' | 'home'>,
  marked: readonly Resource[],
): ShelveryError | undefined {
  const { adapter, config, home } = context;
  const only = config.values.shelvery_select_entity;
  if (only === undefined || marked.some(({ id }) => id === only)) return undefined;
  return new ShelveryError(
    'UsageError',
    `${adapter.resourceNoun} ${only} (shelvery_select_entity) is not there, or not marked, in ${home.region} of account ${home.accountId}. Correct the id, the region or the credentials, or mark it with the tag ${tagKey(prefixOf(context), TAG.createBackup)} = true.`,
  );
}
