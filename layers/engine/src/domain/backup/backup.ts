import type { AccountId, BackupId, BackupType, Region, ResourceId, Tags } from '../values.js';
import type { Configured } from '../config/targets.js';
import type { ResourceFacts } from './resource-facts.js';

/** Something that can be backed up: a volume, an instance, a database, a cluster. */
export interface Resource {
  readonly id: ResourceId;
  /** The service's own id of it, which it never gives again, where `id` may be that of another one some day. */
  readonly uid?: string;
  readonly region: Region;
  readonly tags: Tags;
  /** When it was made, where the service says so; not when it was last started. */
  readonly createdAt?: Date;
  /** Why it cannot be backed up although it is there, for people; absent where it can. */
  readonly unusable?: string;
  /** What a restore has to know of it. */
  readonly facts?: ResourceFacts;
}

/** What the service says of a backup's progress. */
export type BackupState = 'pending' | 'available' | 'failed';

/** A snapshot or an image as the service lists it, its tags not yet understood. */
export interface FoundBackup {
  readonly id: BackupId;
  readonly region: Region;
  /** The name that the service holds it under, where that is not the id (an image's name). */
  readonly serviceName?: string;
  readonly state: BackupState;
  /** Why it failed, in the service's words. */
  readonly stateReason?: string;
  /** When the service began to make it. */
  readonly startedAt?: Date;
  /** The key of the tag by which something that belongs to it is held (a snapshot of an image). */
  readonly partHeldBy?: string;
  /**
   * The service's own time of it: of what was made of a resource the time of its data, also where that was copied
   * within the databases' services. Of copies of EBS snapshots and images, of which the service knows no more, that of
   * the copying.
   */
  readonly dataTime?: Date;
  /** The `uid` of the resource that its data is of, where the service tells it. */
  readonly entityUid?: string;
  /** The resource that its data is of, as databases and clusters are called, where the service tells it; of copies, too. */
  readonly entityId?: ResourceId;
  /** The volume that the service says it was made of. Of copies it is arbitrary (page "Snapshot" of Amazon EC2). */
  readonly volumeId?: string;
  /** What whoever made it has called it, which nobody can change afterwards; only EBS snapshots have such a thing. */
  readonly description?: string;
  /** The size of what it was made of, in GiB, where the service tells it. */
  readonly sizeGib?: number;
  readonly encrypted: boolean;
  readonly kmsKeyId?: string;
  /** It is encrypted under a key that AWS owns (`sse-rds` of Aurora), of which `encrypted` says nothing. */
  readonly underOwnedKey?: boolean;
  readonly archived?: boolean;
  /** The service copies no backup of this kind to another region (a Multi-AZ cluster's). */
  readonly uncopyable?: boolean;
  /** Why no other account can copy it, for people; absent where another can. */
  readonly notForOthers?: string;
  readonly tags: Tags;
}

/** Where a backup is: where it was made, a copy in a DR region, or a copy in a bunker. */
export type Place = 'local' | 'dr' | 'pulled';

/** A backup of ours, its tags understood, with the configuration that it is judged by (see `judgedBy`). */
export interface Backup extends Configured {
  readonly found: FoundBackup;
  readonly id: BackupId;
  readonly region: Region;
  /** Our name for it, which its metadata file is keyed by. */
  readonly name: string;
  readonly entityId: ResourceId;
  /** The run's time that it was made at, to the minute. */
  readonly createdAt: Date;
  /**
   * The time of its data, which is earlier where an automated snapshot was copied, and later where a run made it for an
   * earlier time. Of copies the service tells no other than that of the copying: theirs is `createdAt`. Nothing is removed by it.
   */
  readonly dataTime: Date;
  readonly retentionType: string;
  readonly srcAccount: AccountId;
  readonly place: Place;
  /** The region that the resource was in, where that is known: pulled copies of older versions do not tell. */
  readonly originRegion?: Region;
  /** Came from another account, whose configuration tags are not obeyed. */
  readonly foreign: boolean;
  /** `<region>:<id>` of what this is a copy of. */
  readonly source?: string;
  /** When it was copied, where it is a copy that says so. */
  readonly copiedAt?: Date;
  readonly held: boolean;
  /** The key of the tag that holds it, its own or that of something that belongs to it; of several the right one. */
  readonly heldBy?: string;
  /** The service's id of the resource that is never used again, where the backup tells it. */
  readonly entityUid?: string;
  /** A re-encrypted snapshot that is only kept until it has been shared. */
  readonly temporary: boolean;
  /**
   * It was made together with others, and has the tags that they have in common: the run ended before it could set its
   * own. Its name and its resource are made of what the service says of it.
   */
  readonly unnamed?: true;
  /**
   * The resource that it was made of, where that still exists and is still marked. Nobody looked for it in a delayed
   * operation.
   */
  readonly resource?: Resource;
  /** What the resource was when the backup was made, where somebody who writes its metadata knows it. */
  readonly facts?: ResourceFacts;
}

/** Of a snapshot that carries our mark: a backup, why it cannot be understood, or why it is somebody's own copy of one. */
export type ReadBackup =
  | { readonly kind: 'backup'; readonly backup: Backup }
  | { readonly kind: 'somebodys'; readonly found: FoundBackup; readonly why: string }
  | { readonly kind: 'unreadable'; readonly found: FoundBackup; readonly problem: string };

/** The snapshot or image that was read. */
export function foundOf(read: ReadBackup): FoundBackup {
  return read.kind === 'backup' ? read.backup.found : read.found;
}

/** The backups among what was read, without what is somebody's or cannot be understood. */
export function backupsIn(read: readonly ReadBackup[]): readonly Backup[] {
  return read.flatMap((each) => (each.kind === 'backup' ? [each.backup] : []));
}

/** A backup that is to be made: everything about it is decided. */
export interface PlannedBackup extends Configured {
  readonly type: BackupType;
  readonly resource: Resource;
  readonly name: string;
  readonly createdAt: Date;
  readonly retentionType: string;
  readonly tags: Tags;
}

/** What a service allows in names and tags, from its documentation. */
export interface ServiceRules {
  readonly maxNameLength: number;
  /** Names start with a letter and do not end with a hyphen. */
  readonly nameStartsWithLetter: boolean;
  /** The service stores names in lower case. */
  readonly lowerCase: boolean;
  /**
   * Characters that a tag's value must not hold, replaced by a space (a comma) or a hyphen; none where all are allowed.
   */
  readonly forbiddenInTagValues?: RegExp;
  /** A copy may encrypt what was not encrypted (EBS, AMI, RDS instances; not clusters). */
  readonly copyMayEncrypt: boolean;
  /**
   * An encrypted copy to another region or of a shared backup must name a key (databases); else the region's default
   * serves.
   */
  readonly encryptedCopyNeedsKey: boolean;
  /** Accounts that one backup can be shared with. */
  readonly maxShareAccounts?: number;
  /**
   * The service knows resources and snapshots by names that may be used again (databases, clusters), and not by ids of
   * its own.
   */
  readonly knownByName: boolean;
}
