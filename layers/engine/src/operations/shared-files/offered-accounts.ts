import type { Backup } from '../../domain/backup/backup.js';
import { sharedNamesOf } from '../../domain/files/shared-names.js';
import type { SharedFiles } from '../../domain/files/shared-names.js';
import { toShelveryError } from '../../domain/telling/faults.js';
import type { AccountId, Region } from '../../domain/values.js';
import type { RunContext } from '../context.js';
import { listSharedFiles } from './list-shared-files.js';

/**
 * The files that offer a region's backups to other accounts, whatever is configured now; nothing where they cannot be
 * listed, which is reported.
 */
export async function offersIn(
  context: Pick<RunContext, 'adapter' | 'report' | 'store'>,
  region: Region,
): Promise<ReadonlyMap<AccountId, SharedFiles> | undefined> {
  try {
    return await listSharedFiles(context, region, []);
  } catch (error) {
    const bucket = context.store.bucketName(region);
    context.report({
      operation: 'ListBackups',
      bucket,
      region,
      status: 'failed',
      error: toShelveryError(error, `listing the shared files in ${bucket}; with whom backups are shared is not known`),
    });
    return undefined;
  }
}

/** The accounts that some file offers a backup to, or that have pulled it. */
export function accountsOffered(
  { adapter }: Pick<RunContext, 'adapter'>,
  backup: Backup,
  shared: ReadonlyMap<AccountId, SharedFiles>,
): readonly AccountId[] {
  if (shared.size === 0) return [];
  const names = sharedNamesOf(backup, adapter.rules);
  return [...shared].flatMap(([account, { waiting, processed, setAside }]) =>
    names.some((name) => waiting.has(name) || processed.has(name) || setAside.has(name)) ? [account] : [],
  );
}
