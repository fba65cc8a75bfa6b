import * as z from 'zod';
import type { Backup, FoundBackup } from '../../domain/backup/backup.js';
import { expiryOf } from '../../domain/backup/retention.js';
import { formatIso } from '../../domain/calendar.js';
import { copyAgain } from '../../domain/plan/copy-again.js';
import type { MissingCopy } from '../../domain/plan/missing-copies.js';
import { KEEP_REASONS, REMOVE_REASONS } from '../../domain/plan/plan-clean.js';
import type { KeepReason, RemoveReason } from '../../domain/plan/plan-clean.js';
import { present } from '../../domain/present.js';
import type { BackupType } from '../../domain/values.js';

/** One backup as `list_backups` shows it, and as the answers of functions name it. */
export const ListedBackup = z.strictObject({
  /** Empty where the tags do not tell it; so are `resource`, `place`, `retention_type` and `created`. */
  name: z.string(),
  id: z.string(),
  resource: z.string(),
  /** The resource's tag `Name`. */
  entity_name: z.string().exactOptional(),
  region: z.string(),
  /** `local`, `dr` or `pulled`. */
  place: z.string(),
  retention_type: z.string(),
  created: z.string(),
  /** When its age lets it be removed, whatever else keeps it. */
  expires_at: z.string().exactOptional(),
  /** Why cleaning keeps it, or would remove it. */
  reason: z.enum([...KEEP_REASONS, ...REMOVE_REASONS, 'somebodys', 'no-origin', 'missing-copy']),
  /** The same in words: when it expires, or why it is kept or would be removed. They may change. */
  fate: z.string(),
  /** `pending`, `available`, `failed` or `archived`; `missing` for a DR copy that should be there and is not: it has no id. */
  state: z.string(),
  /** Whether its metadata file is there; `unknown` where the bucket cannot be listed. */
  metadata: z.enum(['present', 'missing', 'unknown']),
  /** Of its source as it was, where the service tells it; what a snapshot costs is less. */
  size_gib: z.number().exactOptional(),
  /** Left out where there is nothing that could be. */
  encrypted: z.boolean().exactOptional(),
  kms_key_id: z.string().exactOptional(),
  /** It is encrypted under a key that AWS owns (`sse-rds` of Aurora), of which `encrypted` says nothing. */
  aws_owned_key: z.literal(true).exactOptional(),
  /** The account that it was made in. */
  source_account: z.string().exactOptional(),
  /** Accounts that a file in the data bucket offers it to, or that have pulled it; left out where that is not known. */
  shared_with: z.array(z.string()).exactOptional(),
});
export type ListedBackup = Readonly<z.infer<typeof ListedBackup>>;

/** What becomes of a backup, as the plan of cleaning has it. */
export interface Fate {
  readonly reason: KeepReason | RemoveReason | 'no-origin';
  readonly text: string;
  /** Where it is another time than that of its age. */
  readonly expires?: Date;
}

/** What is known of a backup beside itself. */
export interface AroundBackup {
  readonly entityName: string | undefined;
  readonly metadata: ListedBackup['metadata'];
  readonly sharedWith: readonly string[] | undefined;
}

/** A backup as a row of the list. */
export function listedBackup(backup: Backup, fate: Fate, around: AroundBackup): ListedBackup {
  const { found, config, createdAt, retentionType, place } = backup;
  const expires = fate.expires ?? expiryOf(createdAt, retentionType, config.values, place);
  return {
    name: backup.name,
    id: backup.id,
    resource: backup.entityId,
    ...present({ entity_name: around.entityName ?? found.tags['ResourceName'] }),
    region: backup.region,
    place,
    retention_type: retentionType,
    created: createdAt.toISOString(),
    ...present({ expires_at: expires?.toISOString() }),
    reason: fate.reason,
    fate: fate.text,
    metadata: around.metadata,
    ...ofService(found),
    source_account: backup.srcAccount,
    ...present({ shared_with: around.sharedWith === undefined ? undefined : [...around.sharedWith] }),
  };
}

/** A DR copy that should be there and is not, as a row of the list. */
export function listedMissing(
  type: BackupType,
  { of, region, until }: MissingCopy,
  entityName: string | undefined,
): ListedBackup {
  return {
    name: of.name,
    id: '',
    resource: of.entityId,
    ...present({ entity_name: entityName ?? of.found.tags['ResourceName'] }),
    region,
    place: 'dr',
    retention_type: of.retentionType,
    created: of.createdAt.toISOString(),
    reason: 'missing-copy',
    fate:
      until === undefined
        ? `no copy of ${of.id} is there${copyAgain(type, of, region)}`
        : `no copy of ${of.id} is there yet; it is waited for until ${formatIso(until)}`,
    state: 'missing',
    metadata: 'unknown',
    source_account: of.srcAccount,
  };
}

/** What carries our tags and is no backup that could be judged, as a row of the list. */
export function listedUnjudged(found: FoundBackup, reason: 'unreadable' | 'somebodys', why: string): ListedBackup {
  return {
    name: '',
    id: found.id,
    resource: '',
    region: found.region,
    place: '',
    retention_type: '',
    created: '',
    reason,
    // Nothing else in a narrow line tells which one it is.
    fate: `${found.id} is kept: ${why}`,
    metadata: 'unknown',
    ...ofService(found),
  };
}

function ofService({
  archived,
  state,
  encrypted,
  sizeGib,
  kmsKeyId,
  underOwnedKey,
}: FoundBackup): Pick<ListedBackup, 'state' | 'encrypted' | 'size_gib' | 'kms_key_id' | 'aws_owned_key'> {
  return {
    state: archived === true ? 'archived' : state,
    ...present({ size_gib: sizeGib }),
    encrypted,
    ...present({ kms_key_id: kmsKeyId }),
    ...(underOwnedKey === true ? { aws_owned_key: true } : {}),
  };
}
