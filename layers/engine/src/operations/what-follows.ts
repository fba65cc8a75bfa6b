import type { Backup } from '../domain/backup/backup.js';
import { parseSource } from '../domain/backup/copy-source.js';
import { TAG, tagKey } from '../domain/backup/backup-tags.js';
import type { Targets } from '../domain/config/targets.js';
import type { DelayedOperation } from '../domain/delayed.js';
import { sharedKey } from '../domain/files/keys.js';
import { present } from '../domain/present.js';
import type { RunContext } from './context.js';
import { prefixOf } from './identify.js';

/** A backup that something follows once it is available. */
type Followed = Pick<Backup, 'id' | 'region' | 'place' | 'facts'>;

/**
 * The delayed operations of a backup that was made or copied here: it is stored; a local one is copied to each DR region;
 * and it is shared with each account. What was pulled is only stored.
 *
 * @param targets where it goes: of the resource, as long as that is known, and else of its own tags.
 */
export function whatFollows(
  { adapter }: Pick<RunContext, 'adapter'>,
  { id: backupId, region, place, facts }: Followed,
  { drRegions, shareAccounts }: Targets,
): readonly DelayedOperation[] {
  const copiedTo = place === 'local' && adapter.copyToRegion !== undefined ? drRegions : [];
  const sharedWith = place === 'pulled' ? [] : shareAccounts;
  const of = { backupId, region, ...present({ facts }) };
  return [
    { action: 'do_store_backup_data', ...of },
    ...copiedTo.map((toRegion): DelayedOperation => ({ action: 'do_copy_backup', ...of, toRegion })),
    ...sharedWith.map((account): DelayedOperation => ({ action: 'do_share_backup', ...of, account })),
  ];
}

/**
 * The delayed operations that wait for a backup, as far as it tells them itself. For a re-encrypted snapshot waits the
 * sharing of what it was made of. For a pulled copy the file that it was made from is to be moved: it has the copy's name,
 * unless that was taken here; then the message of the pull, which knows the file, moves it.
 */
export function whatWaitsFor(
  context: Pick<RunContext, 'adapter' | 'config' | 'home'>,
  backup: Backup,
): readonly DelayedOperation[] {
  const { adapter, home } = context;
  if (backup.temporary) {
    const source = parseSource(backup.found.tags[tagKey(prefixOf(context), TAG.srcBackup)]);
    if (source === undefined) return [];
    const { id: backupId, region } = source;
    return backup.targets.shareAccounts.map((account) => ({ action: 'do_share_backup', backupId, region, account }));
  }
  if (backup.place !== 'pulled') return whatFollows(context, backup, backup.targets);
  const pulledFrom = { account: backup.srcAccount, key: sharedKey(home.accountId, adapter.type, backup.name) };
  return [{ action: 'do_store_backup_data', backupId: backup.id, region: backup.region, pulledFrom }];
}
