import type { Backup } from '../domain/backup/backup.js';
import { faultName } from '../domain/telling/faults.js';
import type { RunContext } from './context.js';

/** What became of a failed backup. */
type Fate = 'deleted' | 'stays';

/** Why one stays. */
export const WHY_IT_STAYS = 'because the service deletes no snapshot in this state';

/**
 * Deletes a backup that failed, so that it can be made again under its name.
 *
 * @returns whether it stays. RDS and DocumentDB may refuse to delete a snapshot that is not available (pages
 *   "DeleteDBSnapshot", "DeleteDBClusterSnapshot"). What is made in its place then gets a name apart.
 */
export async function deleteFailed(
  { adapter }: Pick<RunContext, 'adapter'>,
  { found }: Pick<Backup, 'found'>,
): Promise<Fate> {
  try {
    await adapter.deleteBackup(found);
    return 'deleted';
  } catch (error) {
    if (!isUndeletable({ adapter }, { found }, error)) throw error;
    return 'stays';
  }
}

/** Whether a backup could not be deleted because it failed, so that no later try will do better. */
export function isUndeletable(
  { adapter }: Pick<RunContext, 'adapter'>,
  { found }: Pick<Backup, 'found'>,
  error: unknown,
): boolean {
  return found.state === 'failed' && adapter.faults.invalidState.includes(faultName(error));
}

/** The same as a sentence of an error. */
export function fateInWords(fate: Fate): string {
  return fate === 'deleted' ? 'It was deleted' : `It stays, ${WHY_IT_STAYS}`;
}
