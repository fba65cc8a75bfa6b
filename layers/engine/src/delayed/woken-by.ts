import { TAG, isOurs, tagKey } from '../domain/backup/backup-tags.js';
import type { FoundBackup } from '../domain/backup/backup.js';
import type { DelayedMessage } from '../domain/delayed.js';
import { isInCleanScope } from '../domain/plan/clean-scope.js';
import type { AccountId, BackupId, Region } from '../domain/values.js';
import type { RunContext } from '../operations/context.js';
import { freshWaiting } from '../operations/follow/delayed-work.js';
import { whatWaitsFor } from '../operations/follow/what-follows.js';
import { prefixOf, readFound } from '../operations/identify.js';

/** Backups that are said to be complete. */
export interface SaidComplete {
  readonly account: AccountId;
  readonly region: Region;
  readonly ids: readonly BackupId[];
}

/** What needs to be done now, or why that could not be found out. */
export type Woken = { readonly messages: readonly DelayedMessage[] } | { readonly error: unknown };

/**
 * The delayed operations that events wake: those that wait for the backups which the events name. One describe per
 * region tells which of them are ours and may be woken, by their tags, and available. Of the others nothing is said:
 * anybody's snapshots make events, and what is still pending has its messages.
 *
 * @returns what each of the events wakes.
 */
export async function wokenBy(
  context: RunContext,
  events: readonly SaidComplete[],
): Promise<ReadonlyMap<SaidComplete, Woken>> {
  const woken = new Map<SaidComplete, Woken>(events.map((event) => [event, { messages: [] }]));
  const here = events.filter(({ account }) => account === context.home.accountId);
  await Promise.all(
    [...Map.groupBy(here, ({ region }) => region)].map(async ([region, group]) => {
      try {
        const ids = [...new Set(group.flatMap((event) => event.ids))];
        const found = await context.adapter.describeBackups(region, ids);
        for (const event of group) {
          const messages = event.ids.flatMap((id) => waitingFor(context, found.get(id)));
          woken.set(event, { messages });
        }
      } catch (error) {
        for (const event of group) woken.set(event, { error });
      }
    }),
  );
  return woken;
}

function waitingFor(context: RunContext, found: FoundBackup | undefined): readonly DelayedMessage[] {
  const { adapter, config, home } = context;
  const prefix = prefixOf(context);
  if (found?.state !== 'available' || !isOurs(found.tags, prefix)) return [];
  if (found.tags[tagKey(prefix, TAG.wokenByEvents)] !== 'true') return [];
  // In a DR region lie other regions' backups, too, which are those regions' business.
  if (!isInCleanScope(found.tags, found.region, home.region, config.values)) return [];
  const read = readFound(found, context);
  if (read.kind !== 'backup') return [];
  const waiting = freshWaiting(context);
  return whatWaitsFor(context, read.backup).map((operation) => ({ backupType: adapter.type, operation, waiting }));
}
