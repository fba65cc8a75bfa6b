import { faultName, toShelveryError } from '../../domain/telling/faults.js';
import { DATA_PREFIX } from '../../domain/files/keys.js';
import { AccountId } from '../../domain/values.js';
import type { Region } from '../../domain/values.js';
import type { RunContext } from '../context.js';

/** The accounts that have a folder of shared files in the data bucket of a region, whether or not still configured. */
export async function sharedWith(
  context: Pick<RunContext, 'config' | 'report' | 'store'>,
  region: Region,
): Promise<readonly AccountId[]> {
  try {
    const folders = await context.store.listFolders(region, `${DATA_PREFIX}shared/`);
    return folders.flatMap((folder) => {
      const account = AccountId.safeParse(folder);
      return account.success ? [account.data] : [];
    });
  } catch (error) {
    if (faultName(error) === 'NoSuchBucket') return [];
    context.report({
      operation: 'StoreBackupData',
      bucket: context.store.bucketName(region),
      region,
      status: 'failed',
      error: toShelveryError(error, `listing the accounts that ${context.store.bucketName(region)} is shared with`),
    });
    return context.config.values.shelvery_share_aws_account_ids;
  }
}
