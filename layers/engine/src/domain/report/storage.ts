import type { BackupType } from '../values.js';
import type { ReportedBackup } from './inventory.js';
import { priceOf } from './prices.js';
import type { PriceTable, Priced } from './prices.js';

/** A listed backup with its type. */
export interface Stored {
  readonly type: BackupType;
  readonly backup: ReportedBackup;
}

/** How much there is of something. */
export interface Amount {
  readonly backups: number;
  /** Backups of which the service tells no size: they are in no sum. */
  readonly unknown: number;
  /** All backups as if each were a full copy, in GiB: what is stored is at most this. */
  readonly mostGib: number;
  /** One full copy of each resource in each region, in GiB: what is stored where nothing changes between backups. */
  readonly onceGib: number;
}

/** The backups of one type in one place. */
export interface StorageRow extends Amount {
  readonly type: BackupType;
  readonly place: string;
}

/** What the backups of one kind cost in one region, for a month. */
export interface CostRow extends Amount {
  readonly region: string;
  readonly priced: Priced;
  /** Of a GiB in a month. */
  readonly price: number;
  /** The price is that for regions which the table does not name. */
  readonly assumed: boolean;
  readonly mostCost: number;
  readonly onceCost: number;
}

/** What backups cost in a month, by region. */
export interface CostEstimate {
  readonly currency: string;
  readonly asOf: string;
  readonly rows: readonly CostRow[];
  readonly mostCost: number;
  readonly onceCost: number;
  readonly unknown: number;
}

/** What takes storage of ours: not what failed or is missing, nor what somebody made. */
export function takesStorage({ state, reason }: ReportedBackup): boolean {
  return state !== 'failed' && state !== 'missing' && reason !== 'somebodys';
}

/** The backups by type and place, in the order in which they come. */
export function storageOf(stored: readonly Stored[]): readonly StorageRow[] {
  const groups = Map.groupBy(stored, ({ type, backup }) => `${type} ${backup.place}`);
  return [...groups.values()].flatMap((group) =>
    group.slice(0, 1).map(({ type, backup }) => ({ type, place: backup.place, ...amountOf(group) })),
  );
}

/** Estimates what backups cost in a month, the regions and types in alphabetical order. */
export function estimateCost(stored: readonly Stored[], prices: PriceTable): CostEstimate {
  const groups = Map.groupBy(stored, (each) => `${each.backup.region} ${pricedAs(each)}`);
  const rows = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, group]) =>
      group.slice(0, 1).map((first): CostRow => {
        const { region } = first.backup;
        const priced = pricedAs(first);
        const amount = amountOf(group);
        const { price, assumed } = priceOf(prices, priced, region);
        return {
          region,
          priced,
          price,
          assumed,
          ...amount,
          mostCost: amount.mostGib * price,
          onceCost: amount.onceGib * price,
        };
      }),
    );
  return {
    currency: prices.currency,
    asOf: prices.as_of,
    rows,
    mostCost: sum(rows.map(({ mostCost }) => mostCost)),
    onceCost: sum(rows.map(({ onceCost }) => onceCost)),
    unknown: sum(rows.map(({ unknown }) => unknown)),
  };
}

function pricedAs({ type, backup }: Stored): Priced {
  return type === 'ebs' && backup.state === 'archived' ? 'ebs_archive' : type;
}

function amountOf(group: readonly Stored[]): Amount {
  const largest = new Map<string, number>();
  let mostGib = 0;
  let unknown = 0;
  for (const { backup } of group) {
    const { size_gib: size } = backup;
    if (size === undefined) unknown += 1;
    else {
      const key = lineageOf(backup);
      largest.set(key, Math.max(largest.get(key) ?? 0, size));
      mostGib += size;
    }
  }
  return { backups: group.length, unknown, mostGib, onceGib: sum([...largest.values()]) };
}

/**
 * What backups that build on one another have in common. An archived snapshot is a full copy (page "Archive Amazon EBS
 * snapshots" of Amazon EBS).
 */
function lineageOf({ id, region, resource, source_account: account, state }: ReportedBackup): string {
  return JSON.stringify(state === 'archived' ? [region, id] : [region, account, resource]);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
