import { EBS_RULES } from '../../../functions/ebs/rules.js';
import { AMI_RULES } from '../../../functions/ec2ami/rules.js';
import { RDS_RULES } from '../../../functions/rds/rules.js';
import { REDSHIFT_RULES } from '../../../functions/redshift/rules.js';
import { DOCDB_RULES, RDS_CLUSTER_RULES } from '../../../functions/shared/cluster-rules.js';
import type {
  Backup,
  FoundBackup,
  ReadBackup,
  Resource,
  ServiceRules,
} from '../../../layers/engine/src/domain/backup/backup.js';
import { resolveRunConfig } from '../../../layers/engine/src/domain/config/config.js';
import type { RunConfig } from '../../../layers/engine/src/domain/config/config.js';
import type { ConfigValues } from '../../../layers/engine/src/domain/config/config-schema.js';
import type { BackupReader } from '../../../layers/engine/src/domain/backup/judged-by.js';
import { readBackup } from '../../../layers/engine/src/domain/backup/read-backup.js';
import type { Home } from '../../../layers/engine/src/domain/config/targets.js';
import { present } from '../../../layers/engine/src/domain/present.js';
import { AccountId, BackupId, Region, ResourceId, RunId } from '../../../layers/engine/src/domain/values.js';
import type { BackupType, Tags } from '../../../layers/engine/src/domain/values.js';

export const OWN_ACCOUNT = AccountId.parse('111111111111');
export const OTHER_ACCOUNT = AccountId.parse('222222222222');
export const THIRD_ACCOUNT = AccountId.parse('333333333333');
export const LOCAL = Region.parse('eu-west-1');
export const DR = Region.parse('eu-central-1');
export const THIRD = Region.parse('us-east-1');
export const HOME: Home = { accountId: OWN_ACCOUNT, region: LOCAL };
export const RUN = RunId.parse('6f0c1b7e-0000-4000-8000-000000000001');

/** What the services take, as far as names and tags go. */
export const RULES: Readonly<Record<BackupType, ServiceRules>> = {
  ebs: EBS_RULES,
  ec2ami: AMI_RULES,
  rds: RDS_RULES,
  rds_cluster: RDS_CLUSTER_RULES,
  docdb: DOCDB_RULES,
  redshift: REDSHIFT_RULES,
};

/** A time by its UTC text: `utc('2026-11-24 03:01')`. */
export function utc(text: string): Date {
  return new Date(`${text.replace(' ', 'T')}${text.length > 10 ? '' : 'T00:00'}Z`);
}

/** The configuration of a run whose payload sets these keys. */
export function runConfig(payload: Readonly<Record<string, unknown>> = {}): RunConfig {
  return resolveRunConfig({ payload, environment: {} });
}

export function configValues(payload: Readonly<Record<string, unknown>> = {}): ConfigValues {
  return runConfig(payload).values;
}

/** A marked resource. */
export function resource(id: string, tags: Tags = {}): Resource {
  return { id: ResourceId.parse(id), region: LOCAL, tags: { 'shelvery:create_backup': 'true', ...tags } };
}

export function resourcesById(...resources: readonly Resource[]): ReadonlyMap<ResourceId, Resource> {
  return new Map(resources.map((item) => [item.id, item]));
}

/** What differs from an available local backup of `vol-1`, made on 2026-01-10 at 03:00 as a daily one. */
export interface BackupParts {
  readonly id?: string;
  readonly entity?: string;
  readonly created?: string;
  readonly type?: string;
  readonly place?: 'local' | 'dr' | 'pulled' | 'dr-of-pulled';
  readonly source?: string;
  readonly state?: FoundBackup['state'];
  readonly startedAt?: Date;
  readonly region?: Region;
  readonly name?: string;
  readonly account?: string;
  readonly hold?: string;
  /** The service's id of the resource. */
  readonly uid?: string;
  /** What the service says it was made of. */
  readonly volumeId?: string;
  /** Further tags; `undefined` takes one away. */
  readonly tags?: Readonly<Record<string, string | undefined>>;
}

/** A snapshot with the tags that a backup has. */
export function foundBackup(parts: BackupParts = {}): FoundBackup {
  const { id = 'snap-1', entity = 'vol-1', created = '2026-01-10-0300', type = 'daily', place = 'local' } = parts;
  const name = parts.name ?? `${entity}-${created}-${type}`;
  const isCopy = place === 'dr' || place === 'dr-of-pulled';
  const isForeign = place === 'pulled' || place === 'dr-of-pulled';
  const isTemporary = place !== 'pulled' && [name, id].some((text) => text.endsWith('-re-encrypted'));
  const tags: Record<string, string | undefined> = {
    Name: name,
    'shelvery:tag_name': 'shelvery',
    'shelvery:backup': 'true',
    'shelvery:name': name,
    'shelvery:date_created': created,
    'shelvery:retention_type': type,
    'shelvery:entity_id': entity,
    'shelvery:src_account': parts.account ?? (isForeign ? OTHER_ACCOUNT : OWN_ACCOUNT),
    'shelvery:hold': parts.hold,
    'shelvery:entity_uid': parts.uid,
    'shelvery:dr_copy': isCopy ? 'true' : undefined,
    'shelvery:dr_source_backup': isCopy ? (parts.source ?? `${LOCAL}:source-of-${id}`) : undefined,
    'shelvery:cross_account_copy': isForeign ? 'true' : undefined,
    'shelvery:src_backup': isTemporary ? `${LOCAL}:source-of-${id}` : place === 'pulled' ? parts.source : undefined,
    ...parts.tags,
  };
  return {
    id: BackupId.parse(id),
    region: parts.region ?? (isCopy ? DR : LOCAL),
    state: parts.state ?? 'available',
    encrypted: false,
    ...present({ volumeId: parts.volumeId }),
    ...present({ startedAt: parts.startedAt }),
    tags: Object.fromEntries(
      Object.entries(tags).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
    ),
  };
}

/** What backups are read with: the defaults, and no resources looked for, unless said otherwise. */
export function reader(given: Partial<BackupReader> = {}): BackupReader {
  return { home: HOME, config: runConfig(), rules: RULES.ebs, ...given };
}

export function read(parts: BackupParts = {}, given: Partial<BackupReader> = {}): ReadBackup {
  return readBackup(foundBackup(parts), reader(given));
}

/** The same, understood. */
export function backup(parts: BackupParts = {}): Backup {
  const result = read(parts);
  if (result.kind !== 'backup') throw new Error(result.kind === 'unreadable' ? result.problem : result.why);
  return result.backup;
}
