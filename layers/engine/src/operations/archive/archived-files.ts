import type { Backup } from '../../domain/backup/backup.js';
import { nameOfKey, sharedKey, sharedPrefix } from '../../domain/files/keys.js';
import { MAX_METADATA_BYTES } from '../../domain/files/metadata.js';
import { REENCRYPTED_ENDING, derivedName } from '../../domain/backup/naming.js';
import { recordName } from '../../domain/backup/read-backup.js';
import type { AccountId } from '../../domain/values.js';
import type { RunContext } from '../context.js';
import { moveFile } from '../shared-files/move-file.js';

/** The accounts that a backup of our own is shared with. */
export function sharedAccountsOf({ foreign, targets }: Backup): readonly AccountId[] {
  return foreign ? [] : targets.shareAccounts;
}

/** Names of the files that each account has pulled: those still to be moved to `ebs-archived/`, and those moved. */
export interface PulledFiles {
  readonly processed: ReadonlySet<string>;
  readonly setAside: ReadonlySet<string>;
}

/** What each account has pulled from the local region, in one list of each folder. */
export async function listPulledFiles(
  context: Pick<RunContext, 'adapter' | 'home' | 'store'>,
  accounts: readonly AccountId[],
): Promise<ReadonlyMap<AccountId, PulledFiles>> {
  const { adapter, home, store } = context;
  const names = async (account: AccountId, state: 'processed' | 'ebs-archived'): Promise<ReadonlySet<string>> => {
    const prefix = sharedPrefix(account, adapter.type, state);
    return new Set((await store.list(home.region, prefix)).flatMap((file) => nameOfKey(file.key, prefix) ?? []));
  };
  const entries = await Promise.all(
    accounts.map(async (account): Promise<readonly [AccountId, PulledFiles]> => {
      const [processed, setAside] = await Promise.all([names(account, 'processed'), names(account, 'ebs-archived')]);
      return [account, { processed, setAside }];
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
