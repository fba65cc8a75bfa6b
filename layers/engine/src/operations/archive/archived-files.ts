import type { Backup } from '../../domain/backup/backup.js';
import { sharedKey } from '../../domain/files/keys.js';
import { MAX_METADATA_BYTES } from '../../domain/files/metadata.js';
import { sharedNamesOf } from '../../domain/files/shared-names.js';
import type { AccountId } from '../../domain/values.js';
import type { RunContext } from '../context.js';
import { moveFile } from '../shared-files/move-file.js';

/** The accounts that a backup of our own is shared with. */
export function sharedAccountsOf({ foreign, targets }: Backup): readonly AccountId[] {
  return foreign ? [] : targets.shareAccounts;
}

/** Moves the files of an archived backup that were pulled to `ebs-archived/`. */
export async function setAsideArchived(
  context: Pick<RunContext, 'adapter' | 'home' | 'store'>,
  backup: Backup,
): Promise<void> {
  const { adapter, home, store } = context;
  for (const account of sharedAccountsOf(backup)) {
    for (const name of sharedNamesOf(backup, adapter.rules)) {
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
