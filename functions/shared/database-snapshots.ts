import { BackupId, ResourceId, TAG, present, tagKey } from '@shelvery/engine';
import type { BackupState, FoundBackup, Region, Resource, ResourceFacts, Tags } from '@shelvery/engine';

/** A database or a cluster, in words that the services share. */
export interface Database {
  readonly id: string;
  /** The service's id of it, which another of the same name does not share. */
  readonly uid?: string | undefined;
  readonly createdAt: Date | undefined;
  readonly status: string | undefined;
  readonly engine?: string | undefined;
  /** What a restore has to know of it. */
  readonly facts?: ResourceFacts | undefined;
  readonly tags: Tags;
}

/** A snapshot of one, in the same words. */
export interface DatabaseSnapshot {
  readonly id: string | undefined;
  readonly arn?: string | undefined;
  /** The name of the database or cluster that it is of. */
  readonly of: string | undefined;
  /** That one's `uid`. */
  readonly ofUid?: string | undefined;
  readonly status: string | undefined;
  /** The time of its data. */
  readonly time: Date | undefined;
  /** When it was begun, where the service tells it. */
  readonly startedAt: Date | undefined;
  readonly sizeGib: number | undefined;
  readonly encrypted: boolean | undefined;
  readonly kmsKeyId: string | undefined;
  readonly underOwnedKey?: boolean | undefined;
  readonly engine?: string | undefined;
  readonly optionGroup?: string | undefined;
  readonly tags: Tags;
}

/**
 * `true` for what RDS encrypts under a key that AWS owns, without saying so in StorageEncrypted (pages "DBClusterSnapshot",
 * "Encrypting Amazon Aurora resources"); `undefined` for everything else.
 */
export function isUnderOwnedKey(storageEncryptionType: string | undefined): true | undefined {
  return storageEncryptionType === 'sse-rds' ? true : undefined;
}

/**
 * What databases are called that are on their way out: no snapshot of one can be made (pages "Viewing Amazon RDS DB
 * instance status", "Viewing DB cluster status" and, for `final-snapshot`, "DeleteCluster" of Amazon Redshift).
 */
const LEAVING: readonly string[] = ['deleting', 'final-snapshot'];

/** A database as a resource. */
export function databaseResource({ id, uid, createdAt, status = '', facts, tags }: Database, region: Region): Resource {
  const unusable = LEAVING.includes(status) ? 'it is being deleted' : undefined;
  return { id: ResourceId.parse(id), region, tags, ...present({ uid, createdAt, unusable, facts }) };
}

/** A snapshot as a backup; none where it is on its way out. */
export function foundSnapshot(snapshot: DatabaseSnapshot, region: Region): readonly FoundBackup[] {
  const { id, startedAt, time: dataTime, ofUid: entityUid, encrypted, kmsKeyId, underOwnedKey, tags } = snapshot;
  const { sizeGib } = snapshot;
  const entityId = ResourceId.safeParse(snapshot.of).data;
  const state = stateOf(snapshot.status);
  if (id === undefined || state === 'gone') return [];
  return [
    {
      id: BackupId.parse(id),
      region,
      state,
      encrypted: encrypted ?? false,
      tags,
      ...present({ startedAt, dataTime, entityUid, entityId, sizeGib, kmsKeyId, underOwnedKey }),
    },
  ];
}

/**
 * When a snapshot was begun, of services where a copy tells the time that its data is of, and not when it was begun:
 * that may be days later. DocumentDB and RDS clusters (AWS CLI reference, "copy-db-cluster-snapshot"), Redshift (page
 * "Snapshot").
 */
export function begunAt(time: Date | undefined, tags: Tags, prefix: string): Date | undefined {
  return tags[tagKey(prefix, TAG.snapshotTime)] === undefined ? time : undefined;
}

/** What a service's word for a snapshot's progress means; `deleting` and `deleted` ones are as good as gone. */
function stateOf(status: string | undefined): BackupState | 'gone' {
  switch (status) {
    case 'available':
      return 'available';
    case 'failed':
    case 'cancelled':
      return 'failed';
    case 'deleting':
    case 'deleted':
      return 'gone';
    default:
      return 'pending';
  }
}
