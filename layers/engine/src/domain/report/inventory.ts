import type { Resource, ServiceRules } from '../backup/backup.js';
import type { RunConfig } from '../config/config.js';
import { configuredBy } from '../config/targets.js';
import type { Home } from '../config/targets.js';
import { keepOf } from '../backup/retention.js';
import type { StandardRetentionType } from '../backup/retention.js';
import type { BackupStatus } from '../status/backup-status.js';
import type { BackupType } from '../values.js';
import type { Promised } from './gaps.js';

/** What a report needs of a backup as `list_backups` shows it. */
export interface ReportedBackup {
  readonly name: string;
  readonly id: string;
  readonly resource: string;
  readonly entity_name?: string;
  readonly region: string;
  /** `local`, `dr`, `pulled`, or nothing where the tags do not tell it. */
  readonly place: string;
  readonly retention_type: string;
  /** ISO 8601, or nothing where the tags do not tell it. */
  readonly created: string;
  readonly expires_at?: string;
  readonly reason: string;
  readonly fate: string;
  /** `pending`, `available`, `failed`, `archived` or `missing`. */
  readonly state: string;
  readonly size_gib?: number;
  readonly encrypted?: boolean;
  readonly source_account?: string;
  readonly shared_with?: readonly string[];
}

/** What a marked resource's retention promises. */
export interface PromisedResource extends Promised {
  readonly id: string;
}

/** Everything that was seen of one type at one time. */
export interface Inventory {
  readonly listed: readonly ReportedBackup[];
  readonly status: BackupStatus;
  /** For each marked resource. */
  readonly promised: readonly PromisedResource[];
}

/** What was seen of one type, and what could not be. */
export interface SeenType {
  readonly type: BackupType;
  /** Nothing where the type could not be looked at at all. */
  readonly inventory?: Inventory;
  /** What is missing from it, in words. */
  readonly problems: readonly string[];
}

/** What a resource's own configuration promises. */
export function promisedOf(
  resource: Resource,
  by: { readonly home: Home; readonly config: RunConfig; readonly rules: ServiceRules },
): PromisedResource {
  const { values } = configuredBy(resource.tags, by).config;
  const kept = (type: StandardRetentionType): number => keepOf(type, values, 'local');
  return {
    id: resource.id,
    keep: { daily: kept('daily'), weekly: kept('weekly'), monthly: kept('monthly'), yearly: kept('yearly') },
    rpoHours: values.shelvery_rpo_hours,
  };
}
