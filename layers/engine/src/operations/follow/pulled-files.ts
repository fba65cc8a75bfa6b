import { max, startOfSecond } from 'date-fns';
import type { Backup } from '../../domain/backup/backup.js';
import { sharedKey, sharedPrefix } from '../../domain/files/keys.js';
import type { AccountId, Region } from '../../domain/values.js';
import type { BackupAdapter, StoredFile } from '../../ports.js';
import type { RunContext } from '../context.js';
import { prefixOf } from '../identify.js';
import { readOwnFile, tellsOfAnother } from './own-file.js';

/**
 * How many pages of an account's folder are listed, for each backup that it gets: the folder has a file of every backup that the
 * account ever pulled, and pages of one that is longer were listed for nothing.
 */
const LISTED_PART = 0.1;

/** Files of backups that accounts have pulled already, in the data bucket of a region. */
export interface PulledFiles {
  /**
   * The key of the file of a backup; none where the account has not pulled it. A file of the name of the backup may be of
   * an earlier one, which was removed: a run may be repeated for an earlier time.
   */
  find(account: AccountId, name: string, backup: Backup): Promise<string | undefined>;
}

/**
 * Looks files up for what is to be shared: of an account that gets several backups the whole folder once, as long as that
 * is few calls beside one for each backup; of others each by itself.
 *
 * @param shares the account of each backup that is to be shared.
 */
export function createPulledFiles(
  context: Pick<RunContext, 'config' | 'home' | 'store'> & {
    readonly adapter: Pick<BackupAdapter, 'archive' | 'type'>;
  },
  region: Region,
  shares: readonly AccountId[],
): PulledFiles {
  const { adapter, home, store } = context;
  const states = adapter.archive === undefined ? (['processed'] as const) : (['processed', 'ebs-archived'] as const);
  const folders = new Map<string, Promise<readonly StoredFile[] | undefined>>();

  /** Nothing where the list is longer than it may be. */
  async function listFolder(
    account: AccountId,
    state: (typeof states)[number],
  ): Promise<readonly StoredFile[] | undefined> {
    const looks = shares.filter((each) => each === account).length;
    if (looks < 2) return undefined;
    const maxPages = Math.max(1, Math.floor(looks * LISTED_PART));
    const prefix = sharedPrefix(account, adapter.type, state);
    const { files, complete } = await store.listUpTo(region, prefix, { maxPages, account: home.accountId });
    return complete ? files : undefined;
  }

  return {
    async find(account, name, backup) {
      const since = madeAt(backup);
      for (const state of states) {
        const folder = `${account} ${state}`;
        const listing = folders.get(folder) ?? listFolder(account, state);
        folders.set(folder, listing);
        const key = sharedKey(account, adapter.type, name, state);
        const files = (await listing) ?? (await store.list(region, key));
        if (!files.some((file) => file.key === key && file.lastModified >= since)) continue;
        const text = await readOwnFile(context, region, key);
        if (text !== undefined && !tellsOfAnother(text, backup, prefixOf(context))) return key;
      }
      return undefined;
    },
  };
}

/**
 * When a backup was made, in whole seconds as S3 tells when a file was moved. Names of database snapshots can be foreseen,
 * and may be given again: what was moved before the service began a snapshot is of another one.
 */
function madeAt({ createdAt, found }: Backup): Date {
  return max([createdAt, startOfSecond(found.startedAt ?? createdAt)]);
}
