import type { Backup } from '../../domain/backup/backup.js';
import { nameOfKey, sharedKey, sharedPrefix } from '../../domain/files/keys.js';
import type { SharedState } from '../../domain/files/keys.js';
import { MAX_METADATA_BYTES } from '../../domain/files/metadata.js';
import { REENCRYPTED_ENDING, derivedName } from '../../domain/backup/naming.js';
import { recordName } from '../../domain/backup/read-backup.js';
import type { AccountId } from '../../domain/values.js';
import type { RunContext } from '../context.js';
import { moveFile } from '../shared-files/move-file.js';
import { accountFolders } from '../shared-files/shared-with.js';

/** The accounts that a backup of our own is shared with. */
export function sharedAccountsOf({ foreign, targets }: Backup): readonly AccountId[] {
  return foreign ? [] : targets.shareAccounts;
}

/** Names of an account's shared files: those not pulled yet, those pulled, and those moved to `ebs-archived/`. */
export interface SharedFiles {
  readonly waiting: ReadonlySet<string>;
  readonly processed: ReadonlySet<string>;
  readonly setAside: ReadonlySet<string>;
}

/**
 * The shared files of the local region, in one list of each folder: of the accounts that are configured, and of those that
 * were once and still have a folder.
 */
export async function listSharedFiles(
  context: Pick<RunContext, 'adapter' | 'home' | 'store'>,
  configured: readonly AccountId[],
): Promise<ReadonlyMap<AccountId, SharedFiles>> {
  const { adapter, home, store } = context;
  const accounts = [...new Set([...configured, ...(await accountFolders(store, home.region))])];
  const names = async (account: AccountId, state: Exclude<SharedState, 'failed'>): Promise<ReadonlySet<string>> => {
    const prefix = sharedPrefix(account, adapter.type, state);
    return new Set((await store.list(home.region, prefix)).flatMap((file) => nameOfKey(file.key, prefix) ?? []));
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

/** The names that a backup's shared file may have: its own, or its re-encrypted snapshot's. */
export function sharedNamesOf(context: Pick<RunContext, 'adapter'>, backup: Backup): readonly string[] {
  return [recordName(backup), derivedName(backup.name, REENCRYPTED_ENDING, context.adapter.rules)];
}

/** Moves the files of an archived backup that were pulled to `ebs-archived/`. */
export async function setAsideArchived(
  context: Pick<RunContext, 'adapter' | 'home' | 'store'>,
  backup: Backup,
): Promise<void> {
  const { adapter, home, store } = context;
  for (const account of sharedAccountsOf(backup)) {
    for (const name of sharedNamesOf(context, backup)) {
      const from = sharedKey(account, adapter.type, name, 'processed');
      if (!(await store.list(home.region, from)).some((file) => file.key === from)) continue;
      const text = await store.get(home.region, from, { maxBytes: MAX_METADATA_BYTES });
      await moveFile(
        context,
        { region: home.region },
        from,
        sharedKey(account, adapter.type, name, 'ebs-archived'),
        text,
      );
    }
  }
}
