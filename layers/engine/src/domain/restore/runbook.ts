import type { Backup, Resource } from '../backup/backup.js';
import { present } from '../present.js';

/** The newest good backup of a resource in one place, and how it is restored there. */
export interface RunbookPlace {
  readonly place: Backup['place'];
  readonly region: string;
  readonly account: string;
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly sizeGib?: number;
  readonly encrypted: boolean;
  readonly archived: boolean;
  /** The key without which it cannot be restored. */
  readonly kmsKeyId?: string;
  /** The commands; nothing where there is no way, which `problem` tells. */
  readonly script?: string;
  readonly problem?: string;
}

/** A resource, and what it is restored from. */
export interface RunbookResource {
  readonly id: string;
  readonly name?: string;
  /** The account that it is, or was, in. */
  readonly account: string;
  readonly originRegion?: string;
  /** Accounts that its backups are shared with, which may have copies of their own. */
  readonly sharedWith: readonly string[];
  /** The nearest first; none where it has no good backup. */
  readonly places: readonly RunbookPlace[];
}

/** A resource with the newest good backup of each place. */
export interface NewestOfResource {
  readonly id: string;
  readonly name?: string;
  readonly account: string;
  readonly originRegion?: string;
  readonly sharedWith: readonly string[];
  readonly newest: readonly Backup[];
}

const PLACES: readonly Backup['place'][] = ['local', 'pulled', 'dr'];

/**
 * The newest good backup of each resource in each place that it is in, sorted by the resource's name; marked resources that
 * have none are there, too.
 */
export function newestOfEach(
  backups: readonly Backup[],
  marked: readonly Resource[],
  home: { readonly accountId: string },
): readonly NewestOfResource[] {
  const good = backups.filter(({ found, temporary }) => found.state === 'available' && !temporary);
  const groups = [...Map.groupBy(good, resourceKey).values()].flatMap((those) =>
    those.slice(0, 1).map(({ entityId, srcAccount, originRegion, resource, found, targets }): NewestOfResource => ({
      id: entityId,
      ...present({ name: resource?.tags['Name'] ?? found.tags['ResourceName'], originRegion }),
      account: srcAccount,
      sharedWith: targets.shareAccounts,
      newest: newestByPlace(those),
    })),
  );
  const known = new Set(groups.filter(({ account }) => account === home.accountId).map(({ id }) => id));
  const without = marked
    .filter(({ id }) => !known.has(id))
    .map(({ id, tags, region }): NewestOfResource => ({
      id,
      ...present({ name: tags['Name'] }),
      account: home.accountId,
      originRegion: region,
      sharedWith: [],
      newest: [],
    }));
  return [...groups, ...without].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

/** By name; no two have the same key. */
function sortKey({ id, name, account, originRegion }: NewestOfResource): string {
  return JSON.stringify([name ?? id, account, originRegion, id]);
}

/** Two regions may have databases of one name. */
function resourceKey({ srcAccount, originRegion, entityId }: Backup): string {
  return JSON.stringify([srcAccount, originRegion, entityId]);
}

function newestByPlace(backups: readonly Backup[]): readonly Backup[] {
  const places = Map.groupBy(backups, ({ place, region }) => `${String(PLACES.indexOf(place))} ${region}`);
  return [...places]
    .sort(([a], [b]) => a.localeCompare(b, 'en'))
    .map(([, those]) => those.reduce((newest, each) => (each.dataTime > newest.dataTime ? each : newest)));
}
