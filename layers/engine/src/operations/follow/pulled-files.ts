import { sharedKey, sharedPrefix } from '../../domain/files/keys.js';
import type { AccountId, Region } from '../../domain/values.js';
import type { StoredFile } from '../../ports.js';
import type { RunContext } from '../context.js';

/** Files of backups that accounts have pulled already, in the data bucket of a region. */
export interface PulledFiles {
  /** The key of the file of a backup; none where the account has not pulled it, or what it pulled is older. */
  find(account: AccountId, name: string, madeAt: Date): Promise<string | undefined>;
}

/**
 * Looks files up for what is to be shared: of an account that gets several backups the whole folder once, as long as that
 * is no more calls than one for each backup; of others each by itself.
 *
 * @param shares the account of each backup that is to be shared.
 */
export function createPulledFiles(
  { adapter, home, store }: Pick<RunContext, 'adapter' | 'home' | 'store'>,
  region: Region,
  shares: readonly AccountId[],
): PulledFiles {
  const states = adapter.archive === undefined ? (['processed'] as const) : (['processed', 'ebs-archived'] as const);
  const folders = new Map<string, Promise<readonly StoredFile[] | undefined>>();

  /** Nothing where the list is longer than it may be. */
  async function listFolder(
    account: AccountId,
    state: (typeof states)[number],
  ): Promise<readonly StoredFile[] | undefined> {
    const maxPages = shares.filter((each) => each === account).length;
    if (maxPages < 2) return undefined;
    const prefix = sharedPrefix(account, adapter.type, state);
    const { files, complete } = await store.listUpTo(region, prefix, { maxPages, account: home.accountId });
    return complete ? files : undefined;
  }

  return {
    async find(account, name, madeAt) {
      for (const state of states) {
        const folder = `${account} ${state}`;
        const listing = folders.get(folder) ?? listFolder(account, state);
        folders.set(folder, listing);
        const key = sharedKey(account, adapter.type, name, state);
        const files = (await listing) ?? (await store.list(region, key));
        if (files.some((file) => file.key === key && file.lastModified >= madeAt)) return key;
      }
      return undefined;
    },
  };
}
