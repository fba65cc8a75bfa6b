import { TAG, isOurs, tagKey } from '../domain/backup/backup-tags.js';
import type { Backup, FoundBackup, Resource } from '../domain/backup/backup.js';
import type { DelayedMessage } from '../domain/delayed.js';
import { isInCleanScope } from '../domain/plan/clean-scope.js';
import { present } from '../domain/present.js';
import type { AccountId, BackupId, Region, ResourceId } from '../domain/values.js';
import type { RunContext } from '../operations/context.js';
import { freshWaiting } from '../operations/follow/delayed-work.js';
import { whatWaitsFor } from '../operations/what-follows.js';
import { entitiesOf, prefixOf, readFound } from '../operations/identify.js';

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
        const ours = [...found.values()].flatMap((each) => wokenBackup(context, each) ?? []);
        const resources = await resourcesOf(context, ours);
        for (const event of group) {
          const messages = ours
            .filter(({ id }) => event.ids.includes(id))
            .flatMap((backup) => waitingFor(context, backup, resources.get(backup.entityId)));
          woken.set(event, { messages });
        }
      } catch (error) {
        for (const event of group) woken.set(event, { error });
      }
    }),
  );
  return woken;
}

/** A backup of ours that may be woken, and is available. */
function wokenBackup(context: RunContext, found: FoundBackup): Backup | undefined {
  const { config, home } = context;
  const prefix = prefixOf(context);
  if (found.state !== 'available' || !isOurs(found.tags, prefix)) return undefined;
  if (found.tags[tagKey(prefix, TAG.wokenByEvents)] !== 'true') return undefined;
  // In a DR region lie other regions' backups, too, which are those regions' business.
  if (!isInCleanScope(found.tags, found.region, home.region, config.values)) return undefined;
  const read = readFound(found, context);
  // What is not named yet has its messages as soon as it is.
  return read.kind === 'backup' && read.backup.unnamed !== true ? read.backup : undefined;
}

/** The resources of backups that were made here, as they are now; those of others cannot be seen. */
async function resourcesOf(
  context: RunContext,
  backups: readonly Backup[],
): Promise<ReadonlyMap<ResourceId, Resource>> {
  const ids = entitiesOf(backups);
  return ids.length === 0 ? new Map() : await context.adapter.findResources(ids);
}

/** An event does not tell what the resource was, as the backup's messages do: what it is now stands for that. */
function waitingFor(context: RunContext, backup: Backup, resource: Resource | undefined): readonly DelayedMessage[] {
  const waiting = freshWaiting(context);
  const withFacts = { ...backup, ...present({ facts: resource?.facts }) };
  return whatWaitsFor(context, withFacts).map((operation) => ({
    backupType: context.adapter.type,
    operation,
    waiting,
  }));
}
