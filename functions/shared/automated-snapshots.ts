import { faultName } from '@shelvery/engine';
import type { CreatedBackup, FoundBackup, PlannedBackup } from '@shelvery/engine';
import { subHours } from 'date-fns';
import type { DatabaseSnapshot } from './database-snapshots.js';

/** An automated snapshot that can be copied, and the time that its data is of. */
export interface CopiableSnapshot {
  readonly id: string;
  readonly time: Date;
}

/**
 * The newest available automated snapshot of a database, whatever order and number the service lists.
 *
 * @param uid the database's one and only id, where known: snapshots that outlive a database are not taken for those of
 *   a later one of the same name.
 */
export function newestAvailable(
  snapshots: readonly DatabaseSnapshot[],
  name: string,
  uid?: string,
): CopiableSnapshot | undefined {
  let newest: CopiableSnapshot | undefined;
  for (const { id, of, ofUid, status, time } of snapshots) {
    if (id === undefined || time === undefined || of !== name || status !== 'available') continue;
    if (uid !== undefined && ofUid !== undefined && ofUid !== uid) continue;
    if (newest === undefined || time > newest.time) newest = { id, time };
  }
  return newest;
}

/** How a backup is to come about: as a copy of an automated snapshot, or made anew, for a reason where there is one. */
export type Way =
  | { readonly kind: 'copy'; readonly newest: CopiableSnapshot }
  /** @param ofKind The reason is the same for all of its kind: it is said of the first only. */
  | { readonly kind: 'make'; readonly why?: string; readonly ofKind?: true };

/**
 * Decides it in copying mode. A new one is made where there is no automated snapshot, or where the newest is too old to be
 * a backup of the run's time.
 *
 * @param of The name of the database or cluster.
 * @param planned What the backup was planned with: its time, and how old a snapshot of that time may be.
 */
export function wayOf(
  of: string,
  newest: CopiableSnapshot | undefined,
  planned: Pick<PlannedBackup, 'createdAt' | 'config'>,
): Way {
  if (newest === undefined) return { kind: 'make', why: `${of} has no available automated snapshot` };
  const hours = planned.config.values.shelvery_automated_snapshot_max_age_hours;
  if (newest.time >= subHours(planned.createdAt, hours)) return { kind: 'copy', newest };
  return {
    kind: 'make',
    why: `the newest automated snapshot of ${of} is of ${newest.time.toISOString()}, more than ${String(hours)} hours old (shelvery_automated_snapshot_max_age_hours)`,
  };
}

/** For a plan. */
export function wayInWords(way: Way): string | undefined {
  if (way.kind === 'copy')
    return `a copy of the automated snapshot ${way.newest.id} of ${way.newest.time.toISOString()}`;
  return way.why === undefined ? undefined : `a new snapshot, as ${way.why}`;
}

/** How a service does what was decided. */
export interface CopyOrMake {
  /** The name of the database or cluster, for what is said. */
  readonly of: string;
  readonly way: Way;
  /** What the service calls a snapshot that does not exist. */
  readonly goneFault: string;
  readonly copy: (newest: CopiableSnapshot) => Promise<FoundBackup>;
  readonly make: () => Promise<FoundBackup>;
}

/** Copies or makes. Makes one, too, where the service has removed the automated snapshot since it was listed. */
export async function copyOrMake({ of, way, goneFault, copy, make }: CopyOrMake): Promise<CreatedBackup> {
  const instead = (why: string): string => `${why}; a new snapshot was made instead`;
  if (way.kind === 'make') {
    return { found: await make(), ...(way.why === undefined ? {} : { note: instead(way.why) }) };
  }
  try {
    return { found: await copy(way.newest) };
  } catch (error) {
    if (faultName(error) !== goneFault) throw error;
  }
  const gone = `the newest automated snapshot of ${of} was gone before it could be copied`;
  return { found: await make(), note: instead(gone) };
}
