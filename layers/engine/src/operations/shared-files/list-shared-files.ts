import { nameOfKey, sharedPrefix } from '../../domain/files/keys.js';
import type { SharedState } from '../../domain/files/keys.js';
import type { SharedFiles } from '../../domain/files/shared-names.js';
import type { AccountId, Region } from '../../domain/values.js';
import type { RunContext } from '../context.js';
import { accountFolders } from './shared-with.js';

/**
 * The shared files of a region, in one list of each folder: of the accounts that are configured, and of those that were
 * once and still have a folder.
 */
export async function listSharedFiles(
  { adapter, store }: Pick<RunContext, 'adapter' | 'store'>,
  region: Region,
  configured: readonly AccountId[],
): Promise<ReadonlyMap<AccountId, SharedFiles>> {
  const accounts = [...new Set([...configured, ...(await accountFolders(store, region))])];
  const names = async (account: AccountId, state: Exclude<SharedState, 'failed'>): Promise<ReadonlySet<string>> => {
    const prefix = sharedPrefix(account, adapter.type, state);
    return new Set((await store.list(region, prefix)).flatMap((file) => nameOfKey(file.key, prefix) ?? []));
  };
  const entries = await Promise.all(
    accounts.map(async (account): Promise<readonly [AccountId, SharedFiles]> => {
      const [waiting, processed, setAside] = await Promise.all([
        names(account, 'waiting'),
        names(account, 'processed'),
        names(account, 'ebs-archived'),
      ]);
      return [account, { waiting, processed, setAside }];
    }),
  );
  return new Map(entries);
}
