import { TAG, isMarked, nearMiss, tagKey } from '../domain/backup/backup-tags.js';
import type { Backup, Resource } from '../domain/backup/backup.js';
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
 *
 * @param backups those that the run is for, where it is for those of resources that are gone, too: one that has a backup is known by it.
 */
export function notSelectable(
  context: Pick<RunContext, 'adapter' | 'config' | 'home'>,
  marked: readonly Pick<Resource, 'id'>[],
  backups?: readonly Pick<Backup, 'entityId'>[],
): ShelveryError | undefined {
  const { adapter, config, home } = context;
  const only = config.values.shelvery_select_entity;
  if (only === undefined || marked.some(({ id }) => id === only)) return undefined;
  if (backups?.some(({ entityId }) => entityId === only) === true) return undefined;
  const subject = `${adapter.resourceNoun} ${only}`;
  const place = `${home.region} of account ${home.accountId}`;
  const correct = 'Correct the id, the region or the credentials';
  return new ShelveryError(
    'UsageError',
    backups === undefined
      ? `${subject} (shelvery_select_entity) is not there, or not marked, in ${place}. ${correct}, or mark it with the tag ${tagKey(prefixOf(context), TAG.createBackup)} = true.`
      : `${subject} (shelvery_select_entity) is not marked in ${place}, and has no backups. ${correct}.`,
  );
}
