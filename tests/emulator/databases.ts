import * as z from 'zod';

import type { Emulator } from './emulator.js';

/** Where something is; the emulator's own account and region unless it is given. */
interface Place {
  readonly account?: string;
  readonly region?: string;
}

/** DocumentDB's and Neptune's clusters, and their snapshots, are those of `rds-cluster`. */
export type DatabaseService = 'rds' | 'rds-cluster' | 'redshift';

interface DatabaseSnapshotCourse {
  /** How long new snapshots are creating or copying, by the emulator's clock. Default 0. */
  readonly pendingMs?: number;
  readonly outcome?: 'available' | 'failed';
}

interface DatabaseSnapshotStates extends DatabaseSnapshotCourse {
  /** By the name of the database or cluster, or, for copies, of what is copied. */
  readonly perSource?: Readonly<Record<string, DatabaseSnapshotCourse>>;
}

interface AutomatedSnapshotSeed extends Place {
  readonly service: DatabaseService;
  /** The database or cluster. */
  readonly source: string;
  /** ISO 8601. Default now, by the emulator's clock. */
  readonly createdAt?: string;
  /** Default `available`. */
  readonly state?: string;
  /** Redshift: the region that the service copied it from. */
  readonly sourceRegion?: string;
}

interface DatabaseSeed {
  readonly id: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** `docdb` and `neptune` among the clusters' engines. Default PostgreSQL, or Aurora PostgreSQL. */
  readonly engine?: string;
  /** ISO 8601. Default now, by the emulator's clock. */
  readonly createdAt?: string;
  /** Of one that is under no KMS key. Default as RDS makes them: Aurora's under a key of AWS's own, others not encrypted. */
  readonly storageEncryptionType?: 'none' | 'sse-rds';
}

/** The part of the control API that is about databases. */
export interface DatabaseControls {
  /** For snapshots begun from now on. */
  setStates(states: DatabaseSnapshotStates): Promise<void>;
  /** Changes one snapshot; its state then stays. */
  setSnapshot(
    change: Place & {
      readonly service: DatabaseService;
      readonly id: string;
      readonly state?: string;
      readonly createdAt?: string;
    },
  ): Promise<void>;
  /** How long databases and clusters that are made or deleted from now on are `creating` or `deleting`. Default 0. */
  setLives(lives: { readonly creatingMs?: number; readonly deletingMs?: number }): Promise<void>;
  /** What a database or cluster says of itself: `available`, `stopped`, `modifying` … */
  setDatabaseState(
    change: Place & { readonly service: DatabaseService; readonly id: string; readonly state: string },
  ): Promise<void>;
  /** Most manual snapshots of a region; null, as it is at first, lets any number be made. */
  setQuotas(quotas: { readonly rds?: number | null; readonly redshift?: number | null }): Promise<void>;
  /** Makes one as the service does every day; its name. */
  makeAutomatedSnapshot(seed: AutomatedSnapshotSeed): Promise<string>;
  /** Makes many at once; their names. */
  seedDatabases(
    service: DatabaseService,
    databases: readonly DatabaseSeed[],
    place?: Place,
  ): Promise<readonly string[]>;
}

export function databaseControls(emulator: Emulator): DatabaseControls {
  const placed = (place: Place): Required<Place> => ({
    account: place.account ?? emulator.account,
    region: place.region ?? emulator.region,
  });
  return {
    async setStates(states) {
      await emulator.control.send('PUT', 'databases/snapshot-states', states);
    },
    async setSnapshot(change) {
      await emulator.control.send('PUT', 'databases/snapshot', { ...change, ...placed(change) });
    },
    async setLives(lives) {
      await emulator.control.send('PUT', 'databases/lives', lives);
    },
    async setDatabaseState(change) {
      await emulator.control.send('PUT', 'databases/state', { ...change, ...placed(change) });
    },
    async setQuotas(quotas) {
      await emulator.control.send('PUT', 'databases/quotas', quotas);
    },
    async makeAutomatedSnapshot(seed) {
      return z
        .string()
        .parse(await emulator.control.send('POST', 'databases/automated-snapshots', { ...seed, ...placed(seed) }));
    },
    async seedDatabases(service, databases, place = {}) {
      return z
        .array(z.string())
        .parse(await emulator.control.send('POST', 'seed/databases', { service, databases, ...placed(place) }));
    },
  };
}
