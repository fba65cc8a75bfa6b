import type { DelayedOperation } from '../domain/delayed.js';
import { ShelveryError } from '../domain/errors.js';
import { isPassing, toShelveryError } from '../domain/telling/faults.js';
import type { Region } from '../domain/values.js';
import { archiveBackup } from '../operations/archive/archive-backup.js';
import type { RunContext } from '../operations/context.js';
import { copyBackups, noteCopies } from '../operations/follow/copy-backup.js';
import { NOT_BEGUN } from '../operations/follow/delayed-work.js';
import type { DelayedItem, WorkResult } from '../operations/follow/delayed-work.js';
import { shareBackups } from '../operations/follow/share-backup.js';
import { storeBackup } from '../operations/follow/store-backup.js';

type ItemOf<A extends DelayedOperation['action']> = DelayedItem<Extract<DelayedOperation, { readonly action: A }>>;
type Worked<I extends DelayedItem, R> = readonly (readonly [I, R | WorkResult])[];

/**
 * Does the delayed operations of a batch whose backups are available: copies of one region, and shares of one, look
 * together for what is done already.
 *
 * @returns a result for every item; an error is the result of the items that it came of, and stops no other.
 */
export async function workOn(
  context: RunContext,
  ready: readonly DelayedItem[],
): Promise<ReadonlyMap<DelayedItem, WorkResult>> {
  const each = <I extends DelayedItem>(items: readonly I[], run: (item: I) => Promise<WorkResult>) =>
    context.limit.each(items, (item) =>
      together([item], async () => new Map([[item, context.mayStart() ? await run(item) : NOT_BEGUN]])),
    );
  // Shares wait for their turns, and stores for no such thing. Copies are asked for one at a time.
  const sharesApart: RunContext = { ...context, limit: context.limit.apart() };
  const [copied, ...others] = await Promise.all([
    perRegion(
      itemsOf(ready, 'do_copy_backup'),
      ({ operation }) => operation.toRegion,
      (region, items) => copyBackups(context, region, items),
    ),
    perRegion(
      itemsOf(ready, 'do_share_backup'),
      ({ backup }) => backup.region,
      (region, items) => shareBackups(sharesApart, region, items),
    ),
    each(itemsOf(ready, 'do_store_backup_data'), (item) => storeBackup(context, item)),
    each(itemsOf(ready, 'do_archive_backup'), (item) => archiveBackup(context, item)),
  ]);
  const copies = copied.flat();
  await Promise.all(
    [...Map.groupBy(copies, ([{ backup }]) => `${backup.region} ${backup.id}`).values()].map(async (group) => {
      const [[item] = []] = group;
      const made = group.flatMap(([, result]) => ('copy' in result ? [result.copy] : []));
      if (item !== undefined) await context.limit(() => noteCopies(context, item.backup, made));
    }),
  );
  return new Map<DelayedItem, WorkResult>([...copies, ...others.flat(2)]);
}

/** What an error comes to: passing ones are "not yet", the rest is left to whoever delivered the operation. */
export function failureOf(operation: DelayedOperation, error: unknown): WorkResult {
  if (!isPassing(error)) return { kind: 'threw', error };
  return {
    kind: 'not-yet',
    why: toShelveryError(error, `running ${operation.action} of ${operation.backupId}`).message,
  };
}

function itemsOf<A extends DelayedOperation['action']>(items: readonly DelayedItem[], action: A): readonly ItemOf<A>[] {
  return items.filter((item): item is ItemOf<A> => item.operation.action === action);
}

async function perRegion<I extends DelayedItem, R extends WorkResult>(
  items: readonly I[],
  regionOf: (item: I) => Region,
  run: (region: Region, items: readonly I[]) => Promise<ReadonlyMap<I, R>>,
): Promise<readonly Worked<I, R>[]> {
  const regions = [...new Set(items.map(regionOf))];
  return await Promise.all(
    regions.map((region) => {
      const here = items.filter((item) => regionOf(item) === region);
      return together(here, () => run(region, here));
    }),
  );
}

/** Work on several items by one call; what it throws is the result of each. */
async function together<I extends DelayedItem, R extends WorkResult>(
  items: readonly I[],
  run: () => Promise<ReadonlyMap<I, R>>,
): Promise<Worked<I, R>> {
  try {
    const results = await run();
    return items.map((item) => [item, results.get(item) ?? failureOf(item.operation, withoutResult())]);
  } catch (error) {
    return items.map((item) => [item, failureOf(item.operation, error)]);
  }
}

function withoutResult(): ShelveryError {
  return new ShelveryError('Unexpected', 'an operation gave no result');
}
