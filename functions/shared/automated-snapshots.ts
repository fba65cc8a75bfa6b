import { faultName } from '@shelvery/engine';
import type { CreatedBackup, FoundBackup } from '@shelvery/engine';

/** What the choice among automated snapshots depends on. */
export interface AutomatedSnapshot {
  readonly id: string | undefined;
  /** The name of the database or cluster that it is of. */
  readonly ofName: string | undefined;
  /** The id of that database, which a later one of the same name does not have. */
  readonly ofResource?: string | undefined;
  readonly available: boolean;
  readonly time: Date | undefined;
}

/** An automated snapshot that can be copied, and the time that its data is of. */
export interface CopiableSnapshot {
  readonly id: string;
  readonly time: Date;
}

/**
 * The newest available automated snapshot of a database, whatever order and number the service lists.
 *
 * @param resource the database's own id, where known: snapshots that outlived an earlier database of the same name are
 *   left out.
 */
export function newestAvailable(
  snapshots: readonly AutomatedSnapshot[],
  name: string,
  resource?: string,
): CopiableSnapshot | undefined {
  let newest: CopiableSnapshot | undefined;
  for (const { id, ofName, ofResource, available, time } of snapshots) {
    if (id === undefined || time === undefined || ofName !== name || !available) continue;
    if (resource !== undefined && ofResource !== undefined && ofResource !== resource) continue;
    if (newest === undefined || time > newest.time) newest = { id, time };
  }
  return newest;
}

/** How a backup comes about from automated snapshots. */
export interface CopyOrMake {
  /** The name of the database or cluster, for what is said. */
  readonly of: string;
  readonly newest: CopiableSnapshot | undefined;
  /** What the service calls a snapshot that does not exist. */
  readonly goneFault: string;
  readonly copy: (newest: CopiableSnapshot) => Promise<FoundBackup>;
  readonly make: () => Promise<FoundBackup>;
}

/**
 * Copies the newest automated snapshot. Makes one where there is none, or where the service has removed it since it was
 * listed.
 */
export async function copyOrMake({ of, newest, goneFault, copy, make }: CopyOrMake): Promise<CreatedBackup> {
  if (newest === undefined) {
    return {
      found: await make(),
      note: `${of} has no available automated snapshot; a new snapshot was made instead`,
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

/** A list that is fetched when it is first needed, once for all. If that fails, the next who needs it tries again. */
export function fetchedOnce<T>(fetch: () => Promise<T>): () => Promise<T> {
  let fetched: Promise<T> | undefined;
  return () => {
    fetched ??= fetch().catch((error: unknown) => {
      fetched = undefined;
      throw error;
    });
    return fetched;
  };
}
