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
    return await accountFolders(context.store, region);
  } catch (error) {
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

/** The same, where a list that fails is not to be got over: it is thrown. */
export async function accountFolders(store: RunContext['store'], region: Region): Promise<readonly AccountId[]> {
  try {
    const folders = await store.listFolders(region, `${DATA_PREFIX}shared/`);
    return folders.flatMap((folder) => AccountId.safeParse(folder).data ?? []);
  } catch (error) {
    if (faultName(error) === 'NoSuchBucket') return [];
    throw error;
  }
}
