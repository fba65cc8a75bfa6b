import { withoutFullStop } from '../../domain/telling/full-stop.js';
import { TAG, tagKey } from '../../domain/backup/backup-tags.js';
import type { FoundBackup } from '../../domain/backup/backup.js';
import { sourceOf } from '../../domain/backup/copy-source.js';
import { expiredFiles, namesFor, planPull, sharedBackupKey } from '../../domain/plan/plan-pull.js';
import type { PullDecision, PulledBefore, SharedFile } from '../../domain/plan/plan-pull.js';
import { toShelveryError } from '../../domain/telling/faults.js';
import type { AccountId } from '../../domain/values.js';
import type { RunContext } from '../context.js';
import { backupsAmong, prefixOf } from '../identify.js';

/** Looks up the copies and the sources of the files of a slice together, and decides. */
export async function decideAll(
  context: Pick<RunContext, 'adapter' | 'clock' | 'config' | 'home' | 'run'>,
  files: readonly SharedFile[],
  before: PulledBefore,
): Promise<readonly PullDecision[]> {
  if (files.length === 0) return [];
  const { adapter, home } = context;
  const prefix = prefixOf(context);
  const sources = [...new Set(files.map((file) => sourceOf(file.document.region, file.id)))];
  const names = [...new Set(files.flatMap((file) => namesFor(file, adapter.rules, context.clock.now()).slice(0, 2)))];
  const by = async (tag: string, values: readonly string[]): Promise<readonly FoundBackup[]> =>
    values.length === 0 ? [] : await adapter.findByTags(home.region, tagKey(prefix, tag), values);
  const expired = expiredFiles(files, { config: context.config.values, time: context.run.time });
  const [bySource, byName, byResource] = await Promise.all([
    by(TAG.srcBackup, sources),
    by(TAG.name, names),
    by(TAG.entityId, [...new Set(expired.map(({ document }) => document.entity_id))]),
  ]);
  const found = new Map([...bySource, ...byName].map((item) => [item.id, item]));
  const present = backupsAmong([...found.values()], context);
  const owned = await adapter.findShared?.(files.map(({ account, id }) => ({ account, id })));
  const shared = new Map((owned ?? []).map((item) => [sharedBackupKey(item.account, item.id), item]));
  return planPull({
    files,
    present,
    others: backupsAmong(byResource, context),
    shared,
    hidden: await hiddenAccounts(context, files, shared),
    config: context.config.values,
    rules: adapter.rules,
    region: home.region,
    now: context.clock.now(),
    time: context.run.time,
    before,
  });
}

/**
 * Of the accounts whose backups are not all seen those that a setting of ours may hide, with the reason. A setting that may
 * not be read stops nothing from being pulled; it may hide what is not seen.
 */
async function hiddenAccounts(
  { adapter }: Pick<RunContext, 'adapter'>,
  files: readonly SharedFile[],
  shared: ReadonlyMap<string, unknown>,
): Promise<ReadonlyMap<AccountId, string>> {
  const hidden = new Map<AccountId, string>();
  const unseen = files.filter(({ account, id }) => !shared.has(sharedBackupKey(account, id)));
  for (const account of new Set(unseen.map((file) => file.account))) {
    const why = await adapter
      .whyUnseen?.(account)
      .catch((error: unknown) => withoutFullStop(toShelveryError(error, 'asking what may hide it').message));
    if (why !== undefined) hidden.set(account, why);
  }
  return hidden;
}
