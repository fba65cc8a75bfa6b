import type { Backup } from '../../domain/backup/backup.js';
import { TAG, tagKey } from '../../domain/backup/backup-tags.js';
import { isDrCopyOf } from '../../domain/backup/copy-source.js';
import { targetsOf } from '../../domain/config/targets.js';
import type { DelayedOperation, Waiting } from '../../domain/delayed.js';
import { ShelveryError } from '../../domain/errors.js';
import type { BackupId, Region } from '../../domain/values.js';
import type { RunContext } from '../context.js';
import { backupsAmong, prefixOf, subjectOfShare } from '../identify.js';

/** How often a failed copy is made again at most. */
const MAX_REMAKES = 3;

/** Whether a DR copy that fails now is made again: what waits for its storing then asks for another. */
export function willBeMadeAgain({ remakes = 0 }: Waiting): boolean {
  return remakes < MAX_REMAKES;
}

/**
 * Whether a DR copy that failed, or is gone, has been made again. What is made in its place has messages of its own, so that
 * nothing is left to do for those of the first.
 *
 * @param source of the copy, as `sourceOf` writes it.
 */
export async function isMadeAgain(
  context: Pick<RunContext, 'adapter' | 'config' | 'home'>,
  region: Region,
  id: BackupId,
  source: string,
): Promise<boolean> {
  const key = tagKey(prefixOf(context), TAG.drSourceBackup);
  const copies = backupsAmong(await context.adapter.findByTags(region, key, [source]), context);
  return copies.some((copy) => copy.id !== id && copy.found.state !== 'failed' && isDrCopyOf(copy, source));
}

/**
 * Tells with whom a DR copy is not shared that failed and could not be made again. The sharing of the failed copy was left
 * to what was to be made in its place, so that nobody else tells of it. Of a copy that could not be begun in the first place
 * its own error is enough.
 *
 * @param source what was to be copied, where that is there.
 */
export function tellUnshared(
  { config, home, report }: Pick<RunContext, 'config' | 'home' | 'report'>,
  { backupId, toRegion }: Extract<DelayedOperation, { action: 'do_copy_backup' }>,
  { remakes = 0 }: Waiting,
  source?: Backup,
): void {
  if (remakes === 0) return;
  const { shareAccounts } = source?.targets ?? targetsOf(config.values, home);
  for (const account of shareAccounts) {
    const subject =
      source === undefined
        ? ({ operation: 'ShareRegionalBackupCopy', backupId, region: home.region } as const)
        : subjectOfShare({ ...source, place: 'dr' }, account);
    report({
      ...subject,
      destinationAccount: account,
      destinationRegion: toRegion,
      status: 'failed',
      error: new ShelveryError(
        'BackupFailed',
        `No copy of ${backupId} in ${toRegion} was shared with ${account}: it failed, and could not be made again.`,
      ),
    });
  }
}
