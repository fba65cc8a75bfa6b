import type { BackupType, Region, Tags } from '../../../layers/engine/src/domain/values.js';

/** A resource, as its service holds it. A new value each time that something about it changes. */
export interface HeldResource {
  readonly account: string;
  readonly region: Region;
  readonly type: BackupType;
  readonly id: string;
  /** Never given again. */
  readonly uid: string;
  readonly tags: Tags;
  readonly createdAt: number;
  /** The instance that a volume is attached to. */
  readonly attachedTo?: string;
}

/** Who made a snapshot: an installation, the original product, or a person. */
export type Maker = { readonly by: 'shelvery'; readonly prefix: string } | { readonly by: 'original' | 'person' };

/** A snapshot or an image, as its service holds it. A new value each time that something about it changes. */
export interface HeldBackup {
  readonly account: string;
  readonly region: Region;
  readonly type: BackupType;
  readonly id: string;
  /** The name that the service holds an image under. */
  readonly serviceName?: string;
  readonly tags: Tags;
  readonly sharedWith: readonly string[];
  readonly createdAt: number;
  /** When it is no longer being made. */
  readonly readyAt: number;
  readonly outcome: 'available' | 'failed';
  /** The time of its data. */
  readonly dataTime: number;
  readonly encrypted: boolean;
  readonly kmsKeyId?: string;
  readonly archived: boolean;
  /** When it was moved to the archive tier. */
  readonly archivedAt?: number;
  readonly description: string;
  readonly of: string;
  readonly ofUid: string;
  /** What it was copied from. */
  readonly copyOf?: string;
  readonly madeBy: Maker;
  /** From when on lists show it. */
  readonly listedFrom: number;
  /** Until when lists show it, though it is gone. */
  readonly goneButListedUntil?: number;
}

/** What a process saw of the estate when it looked. */
export interface View {
  readonly at: number;
  readonly backups: readonly HeldBackup[];
  /** What is gone, and lists still showed. */
  readonly gone: readonly HeldBackup[];
  readonly resources: readonly HeldResource[];
}
