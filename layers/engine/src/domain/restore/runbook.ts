import type { Backup, Resource } from '../backup/backup.js';
import { currentIdOf } from '../backup/judged-by.js';
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
  /** It is encrypted under a key that AWS owns, of which `encrypted` says nothing. */
  readonly underOwnedKey?: boolean;
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
  /**
   * Accounts that its backups are shared with, which may have copies of their own; left out where none is known,
   * and the files that would tell cannot all be listed.
   */
  readonly sharedWith?: readonly string[];
  /** Accounts that the configuration has its backups shared with, whether or not they are. */
  readonly toShareWith: readonly string[];
  /** The nearest first; none where it has no good backup. */
  readonly places: readonly RunbookPlace[];
}

/** A resource with the newest good backup of each place. */
export interface NewestOfResource {
  readonly id: string;
  readonly name?: string;
  readonly account: string;
  readonly originRegion?: string;
  readonly sharedWith?: readonly string[];
  readonly toShareWith: readonly string[];
  readonly newest: readonly Backup[];
}

/** The accounts that a backup is shared with; nothing where that is not known. */
export type SharedWith = (backup: Backup) => readonly string[] | undefined;

const PLACES: readonly Backup['place'][] = ['local', 'pulled', 'dr'];

/**
 * The newest good backup of each resource in each place that it is in, sorted by the resource's name; marked resources that
 * have none are there, too.
 *
 * @param sharedWith the accounts that a backup is shared with; nothing where that is not known. What is configured tells
 *   neither: it may have been another when the backup was made.
 */
export function newestOfEach(
  backups: readonly Backup[],
  marked: readonly Resource[],
  home: { readonly accountId: string },
  sharedWith: SharedWith,
): readonly NewestOfResource[] {
  const good = backups.filter(({ found, temporary }) => found.state === 'available' && !temporary);
  const groups = [...Map.groupBy(good, resourceKey).values()].flatMap((those) =>
    those.slice(0, 1).map((first): NewestOfResource => {
      const { srcAccount, originRegion, resource, found } = first;
      return {
        id: currentIdOf(first),
        ...present({ name: resource?.tags['Name'] ?? found.tags['ResourceName'], originRegion }),
        account: srcAccount,
        ...present({ sharedWith: togetherSharedWith(those, sharedWith) }),
        toShareWith: [...new Set(those.flatMap(({ targets }) => targets.shareAccounts))],
        newest: newestByPlace(those),
      };
    }),
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
      toShareWith: [],
      newest: [],
    }));
  return [...groups, ...without].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

/** What is known of some of them is told, whatever is not known of the others. */
function togetherSharedWith(backups: readonly Backup[], sharedWith: SharedWith): readonly string[] | undefined {
  const known = backups.map(sharedWith);
  const accounts = new Set(known.flatMap((each) => each ?? []));
  return accounts.size === 0 && known.includes(undefined) ? undefined : [...accounts];
}

/** By name; no two have the same key. */
function sortKey({ id, name, account, originRegion }: NewestOfResource): string {
  return JSON.stringify([name ?? id, account, originRegion, id]);
}

/** Two regions may have databases of one name. */
function resourceKey(backup: Backup): string {
  return JSON.stringify([backup.srcAccount, backup.originRegion, currentIdOf(backup)]);
}

function newestByPlace(backups: readonly Backup[]): readonly Backup[] {
  const places = Map.groupBy(backups, ({ place, region }) => `${String(PLACES.indexOf(place))} ${region}`);
  return [...places]
    .sort(([a], [b]) => a.localeCompare(b, 'en'))
    .map(([, those]) => those.reduce((newest, each) => (each.dataTime > newest.dataTime ? each : newest)));
}
