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

/** How a backup comes about from automated snapshots. */
export interface CopyOrMake {
  /** The name of the database or cluster, for what is said. */
  readonly of: string;
  readonly newest: CopiableSnapshot | undefined;
  /** What the backup was planned with: its time, and how old a snapshot of that time may be. */
  readonly planned: Pick<PlannedBackup, 'createdAt' | 'config'>;
  /** What the service calls a snapshot that does not exist. */
  readonly goneFault: string;
  readonly copy: (newest: CopiableSnapshot) => Promise<FoundBackup>;
  readonly make: () => Promise<FoundBackup>;
}

/**
 * Copies the newest automated snapshot. Makes one where there is none, where it is too old to be a backup of the run's
 * time, or where the service has removed it since it was listed.
 */
export async function copyOrMake({ of, newest, planned, goneFault, copy, make }: CopyOrMake): Promise<CreatedBackup> {
  if (newest === undefined) {
    return {
      found: await make(),
      note: `${of} has no available automated snapshot; a new snapshot was made instead`,
    };
  }
  const hours = planned.config.values.shelvery_automated_snapshot_max_age_hours;
  if (newest.time < subHours(planned.createdAt, hours)) {
    return {
      found: await make(),
      note: `the newest automated snapshot of ${of} is of ${newest.time.toISOString()}, more than ${String(hours)} hours old (shelvery_automated_snapshot_max_age_hours); a new snapshot was made instead`,
    };
  }
  try {
    return { found: await copy(newest) };
  } catch (error) {
    if (faultName(error) !== goneFault) throw error;
  }
  return {
    found: await make(),
    note: `the newest automated snapshot of ${of} was gone before it could be copied; a new snapshot was made instead`,
  };
}
