import type { AccountId } from '../../../../layers/engine/src/domain/values.js';
import type { HeldBackup } from '../../../simulation/world/held.js';
import { bucketNameOf } from '../../../simulation/world/storage.js';
import { LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT } from '../../domain/builders.js';
import { NAME, named, step } from '../delayed-work.js';
import type { Stepped } from '../delayed-work.js';
import { about } from '../held-backups.js';
import type { MemoryEstate } from '../memory-estate.js';

/** Where the file is by which an account finds the backup that `backedUp` makes. */
export const sharedKey = (account: string, type = 'ebs', name = NAME): string =>
  `backups/shared/${account}/${type}/${name}.yaml`;

/** What is told of a backup that is to be shared. */
export const toldOfShare = (backup: HeldBackup, account: AccountId = OTHER_ACCOUNT) => ({
  operation: 'ShareBackup',
  ...about(backup),
  destinationAccount: account,
});

/** What is told of it once it is. @param name of the file. */
export const shared = (backup: HeldBackup, account: AccountId = OTHER_ACCOUNT, name = NAME) => ({
  ...toldOfShare(backup, account),
  bucket: bucketNameOf(OWN_ACCOUNT, LOCAL),
  backupS3Location: sharedKey(account, backup.type, name),
  status: 'ok',
});

/** Shares backups, each with each account. */
export function share(
  estate: MemoryEstate,
  backups: readonly HeldBackup[],
  accounts: readonly AccountId[] = [OTHER_ACCOUNT],
  { settings, ...how }: Parameters<typeof step>[2] = {},
): Promise<Stepped> {
  return step(
    estate,
    backups.flatMap((backup) =>
      accounts.map((account) => ({ action: 'do_share_backup', ...named(backup), account }) as const),
    ),
    { settings: { shelvery_share_aws_account_ids: accounts.join(','), ...settings }, ...how },
  );
}
