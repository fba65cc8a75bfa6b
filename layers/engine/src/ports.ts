import type { Backup, FoundBackup, PlannedBackup, Resource, ServiceRules } from './domain/backup/backup.js';
import type { KeyFacts } from './domain/doctor/judge-key.js';
import type { BucketReaders } from './domain/files/bucket-policy.js';
import type { DelayedMessage } from './domain/delayed.js';
import type { Line } from './domain/telling/catalogue.js';
import type { ResourceSet } from './domain/plan/plan-sets.js';
import type { Outcome } from './domain/telling/outcome.js';
import type { BackupStatus } from './domain/status/backup-status.js';
import type { UnmarkedPart } from './domain/status/judge-status.js';
import type { StatusReport } from './domain/telling/status-report.js';
import type { AccountId, BackupId, BackupType, Region, ResourceId, Tags } from './domain/values.js';

/** What is asked of a service when a backup is copied to a DR region. */
export interface RegionCopy {
  readonly source: Backup;
  readonly toRegion: Region;
  /** The copy's own name, within the service's rules and free in that region. */
  readonly name: string;
  readonly tags: Tags;
  readonly kmsKeyId?: string;
  readonly encrypt: boolean;
  /** See `shelvery_copy_option_groups`. */
  readonly optionGroup?: string;
}

/** What is asked of a service when a shared backup is copied into this account. */
export interface SharedCopy {
  readonly sourceAccount: AccountId;
  readonly sourceRegion: Region;
  readonly sourceId: BackupId;
  readonly name: string;
  readonly tags: Tags;
  readonly kmsKeyId?: string;
  readonly encrypt: boolean;
  /** See `shelvery_copy_option_groups`. */
  readonly optionGroup?: string;
}

/** A backup of the local region that an account says it shares with this one. */
export interface SharedSource {
  readonly account: AccountId;
  readonly id: BackupId;
}

/** A backup that is shared with this account, and whose it really is: an id of EC2's does not tell. */
export interface SharedBackup extends SharedSource, Pick<FoundBackup, 'encrypted' | 'notForOthers' | 'underOwnedKey'> {
  readonly ownerId: AccountId;
}

/** What is asked of a service when a backup is copied in place under another key. */
export interface Reencryption {
  readonly source: Backup;
  readonly name: string;
  readonly tags: Tags;
  readonly kmsKeyId: string;
}

/**
 * All that a backup type adds. Every list is paged to its end; every change may be asked for twice.
 * An adapter never decides what to keep; what its service cannot do, it leaves out.
 *
 * Errors: adapters let the SDK's errors pass; the engine tells them apart by `name` (see `faults`).
 */
/** How a service deletes several backups in one call. */
export interface DeletionTogether {
  /** How many the call takes. */
  readonly most: number;
  /**
   * Deletes backups of one region, and gives what refused those that are still there, by id. Already gone counts as
   * deleted. It throws where it is not known of any.
   */
  run(backups: readonly FoundBackup[]): Promise<ReadonlyMap<BackupId, unknown>>;
}

export interface BackupAdapter {
  readonly type: BackupType;
  /** One of these, for people: `EBS volume`, `RDS cluster`. */
  readonly resourceNoun: string;
  readonly rules: ServiceRules;
  /** Error names of the service, told apart by what they mean for a run. */
  readonly faults: ServiceFaults;
  /**
   * The resources of the local region that `<prefix>:create_backup` marks, and those that such a tag was probably meant to
   * mark, as far as the list that is made anyway shows them (see `seemsMarked`).
   */
  listResources(): Promise<readonly Resource[]>;
  /** Those of the given resources that exist in the local region, marked or not. */
  findResources(ids: readonly ResourceId[]): Promise<ReadonlyMap<ResourceId, Resource>>;
  /**
   * Parts of resources that another type marks, and that are not marked themselves: volumes of marked instances. Left out
   * where a type backs up whole resources only.
   *
   * @param marked what `listResources` has found marked.
   */
  listUnmarkedParts?(marked: readonly Resource[]): Promise<readonly UnmarkedPart[]>;
  /** Every snapshot of this type in the region that carries our mark and is our account's own. */
  listBackups(region: Region): Promise<readonly FoundBackup[]>;
  /**
   * Adds to backups that were listed by which tag something that belongs to them is held (`partHeldBy`), in one list for
   * all of them. Left out where a backup has no parts with tags of their own.
   */
  withHeldParts?(region: Region, found: readonly FoundBackup[]): Promise<readonly FoundBackup[]>;
  /** The present state of some backups, in as few calls as the service allows; absent means gone. */
  describeBackups(region: Region, ids: readonly BackupId[]): Promise<ReadonlyMap<BackupId, FoundBackup>>;
  /** Our account's own snapshots of this type in the region whose tag `key` has one of the values. */
  findByTags(region: Region, key: string, values: readonly string[]): Promise<readonly FoundBackup[]>;
  /** Says how a backup would be made, for a plan; only reads. Left out where that is always the same. */
  foretell?(planned: PlannedBackup): Promise<Foretold>;
  /** Makes the backup, tags in the same call. Repeats only what was refused by throttling. */
  createBackup(planned: PlannedBackup): Promise<CreatedBackup>;
  /** Backups of several resources in one call. Left out where the service has no such call. */
  readonly sets?: BackupSets;
  /** Deletes the backup and what belongs to it. Already gone counts as deleted. */
  deleteBackup(backup: FoundBackup): Promise<void>;
  /** Deletes several in one call. Left out where the service has no such call. */
  readonly deleteTogether?: DeletionTogether;
  /**
   * Finishes what earlier runs left half-done and no listing of backups shows (snapshots of a deregistered image,
   * an untagged copy). Returns what it did and what it could not do, for the report. Left out where nothing can be left.
   */
  mend?(region: Region, scope: MendScope): Promise<readonly MendedItem[]>;
  copyToRegion?(copy: RegionCopy): Promise<CreatedBackup>;
  /**
   * Shares a backup with accounts, in one call where the service takes several. It may have shared with some where it
   * throws: asked again for each account by itself, it says which is refused.
   */
  share?(backup: Backup, accounts: readonly AccountId[]): Promise<void>;
  /** The key of an encrypted backup, where lists do not tell it. Left out where they do. */
  keyOf?(backup: FoundBackup): Promise<string | undefined>;
  /** Those of the given that are shared with this account; absent means not shared, or gone. Goes with `copyShared`. */
  findShared?(sources: readonly SharedSource[]): Promise<readonly SharedBackup[]>;
  /**
   * Why what the account shares may be hidden from `findShared`, by a setting of our own account, for people. Left out
   * where nothing can be hidden.
   */
  whyUnseen?(account: AccountId): Promise<string | undefined>;
  copyShared?(copy: SharedCopy): Promise<CreatedBackup>;
  reencrypt?(request: Reencryption): Promise<FoundBackup>;
  /**
   * The key that the account has chosen for a region where no other is given; none where that is a key which AWS manages.
   * Left out where the service has no such choice.
   */
  ownDefaultKey?(region: Region): Promise<string | undefined>;
  /** Moves a complete backup to the archive tier. */
  archive?(backup: Backup): Promise<void>;
  /** Sets tags on a backup that exists. */
  tagBackup(backup: FoundBackup, tags: Tags): Promise<void>;
}

/** Makes backups of several resources in one call, consistent with one another. */
export interface BackupSets {
  /** How many members of a set a call can name as left out. */
  readonly mostLeftOut: number;
  /** The sets that the resources are in. One that is in none, or whose set is not there any more, is in none of the answer. */
  list(resources: readonly Resource[]): Promise<readonly ResourceSet[]>;
  /**
   * Makes the backups of a set, each with the same tags. Repeats only what was refused by throttling.
   *
   * @returns those that were made, each with its `volumeId`. What has joined the set since it was listed is among them,
   *   and what has left it is not.
   */
  create(request: SetRequest): Promise<readonly FoundBackup[]>;
}

/** What is asked of a service when backups are made together. */
export interface SetRequest {
  readonly of: ResourceSet;
  readonly leftOut: readonly ResourceId[];
  readonly retentionType: string;
  /** Those that all of the backups have alike. */
  readonly tags: Tags;
}

/** What is known of a backup before it is made, for people. */
export interface Foretold {
  /** @example 'a copy of the automated snapshot rds:orders-2026-03-02-01-00 of 2026-03-02T01:00:00.000Z' */
  readonly how?: string;
  /** Why the service will copy it to no other region. @example 'it is a Multi-AZ cluster' */
  readonly notCopied?: string;
}

/** A backup that was just made, and what the adapter wants said about how. */
export interface CreatedBackup {
  readonly found: FoundBackup;
  readonly note?: string;
}

/** What `mend` works on. */
export interface MendScope {
  /** Only says what would be done. */
  readonly dryRun: boolean;
  /** Whether the run is in charge of what has these tags: by its region, and by the selected resource. */
  readonly covers: (tags: Tags) => boolean;
  /** The retention types that are known, which names end in. */
  readonly retentionTypes: readonly string[];
  /** Whether a leftover has expired, by its own date and retention type. Not where these are not understood. */
  readonly hasExpired: (leftover: FoundBackup) => boolean;
  /** What was made before is no copy that a run has left without tags just now: somebody took them off. */
  readonly untaggedSince: Date;
}

/** Something that `mend` finished, could not finish, or leaves for a reason that somebody should know. */
export type MendedItem = {
  readonly id: BackupId;
  readonly what: string;
} & (
  | { readonly fate: 'removed' | 'tagged' | 'kept' }
  /** The service refused it: that keeps no other from being finished. */
  | { readonly fate: 'not-removed' | 'not-tagged'; readonly error: unknown }
);

/** Names of a service's errors, by what they mean. */
export interface ServiceFaults {
  /** The resource's state does not allow it now: an ERROR, or an IGNORE when so configured. */
  readonly invalidState: readonly string[];
  /** The resource or backup is gone. */
  readonly gone: readonly string[];
  /** A backup of this name exists. */
  readonly alreadyExists: readonly string[];
  /** A quota of stored backups is full; the value names the quota. */
  readonly quota: Readonly<Record<string, string>>;
  /** Too many at a time: it is tried again later. */
  readonly notYet: readonly string[];
}

/** One metadata file, known by its key. */
export interface StoredFile {
  readonly key: string;
  readonly lastModified: Date;
  readonly size: number;
}

/** The metadata of backups in the data bucket of a region. Bodies are text; keys come from `domain/keys`. */
export interface BackupStore {
  /** The name of the account's own bucket in a region. */
  bucketName(region: Region, account?: AccountId): string;
  /** Files under a prefix, to the end of the list; sub-folders are left out. */
  list(region: Region, prefix: string, account?: AccountId): Promise<readonly StoredFile[]>;
  /** The same for a bucket in other hands: not more than some pages of 1,000, and whether that was the whole list. */
  listUpTo(
    region: Region,
    prefix: string,
    options: { readonly maxPages: number; readonly account: AccountId },
  ): Promise<{ readonly files: readonly StoredFile[]; readonly complete: boolean }>;
  /** Names of the folders directly under a prefix. */
  listFolders(region: Region, prefix: string): Promise<readonly string[]>;
  /** A file's text; refused beyond `maxBytes`. */
  get(
    region: Region,
    key: string,
    options: { readonly maxBytes: number; readonly account?: AccountId },
  ): Promise<string>;
  put(region: Region, key: string, body: string, account?: AccountId): Promise<void>;
  /** Puts a file of the account's own where there is none under its key; whether it did. */
  putNew(region: Region, key: string, body: string): Promise<boolean>;
  /**
   * Deletes up to any number of keys, 1,000 a call; gone ones count as deleted. Keys that could not be deleted come
   * back.
   */
  delete(
    region: Region,
    keys: readonly string[],
    account?: AccountId,
  ): Promise<readonly { readonly key: string; readonly code: string; readonly message: string }[]>;
}

/** What was found of a data bucket, or done to it. */
export interface BucketReport {
  readonly region: Region;
  readonly bucket: string;
  readonly state: 'ready' | 'created' | 'completed' | 'unfinished' | 'missing' | 'refused';
  /** The code by which S3 refuses the bucket. */
  readonly refusal?: string;
  /** Settings that were (or, in a dry run, would be) put. */
  readonly changes: readonly string[];
  /** Accounts that S3 refuses as principals. */
  readonly refusedAccounts: readonly AccountId[];
}

/** KMS keys. */
export interface Keys {
  /** @param key its id, its alias, or the ARN of either. */
  describe(region: Region, key: string): Promise<KeyFacts>;
}

/** Whose credentials calls are made with. */
export interface Caller {
  readonly arn: string;
  /** When they end, where they do and it is known. Some are renewed by themselves. */
  readonly until?: Date;
}

/** How many messages a queue holds. */
export interface QueueFacts {
  /** Its name. */
  readonly name: string;
  /** Messages that wait, and those that somebody is working on. */
  readonly messages: number;
  /** The ARN of the queue that takes what is given up, where it has one. */
  readonly deadLetters?: string;
}

/** What surrounds a run, for who wants to know whether it will work. It only reads. */
export interface Surroundings {
  /** Those that the topics, queues and parameters are used with, and the role that is assumed for all else. */
  callers(): Promise<{ readonly own: Caller; readonly role?: Caller }>;
  /** The region of a topic, which exists. Throws the SDK's error where it does not, or may not be looked at. */
  topic(arn: string): Promise<Region>;
  /** A queue, by its URL or its ARN. */
  queue(which: { readonly url: string } | { readonly arn: string }): Promise<QueueFacts>;
  /** The queues of a stack, with what they hold. */
  queuesOfStack(stack: string): Promise<readonly QueueFacts[]>;
}

/** A call that is checked by the service, and not done. */
export interface DryRun {
  /** As policies name it: `ec2:CreateSnapshot`. */
  readonly action: string;
  readonly region: Region;
  /** What it would have been done with. */
  readonly subject: string;
  /** Resolves where the service would do it, and throws what it answers otherwise. */
  readonly call: () => Promise<void>;
}

/** What there is to try calls with. */
export interface DryRunSubjects {
  readonly resource?: Resource;
  /** An available backup of the local region. */
  readonly backup?: FoundBackup;
  readonly drRegions: readonly Region[];
  readonly shareAccounts: readonly AccountId[];
}

/** Makes data buckets, and repairs their settings. */
export interface DataBuckets {
  /** Makes sure that the bucket of the region exists, has every setting, and names the readers in its policy. */
  ensure(region: Region, wanted: BucketReaders & { readonly dryRun: boolean }): Promise<BucketReport>;
  /**
   * Takes out of the policy of a region's bucket the accounts that the readers no longer name, as far as this installation
   * gave them access. Nothing else changes: no bucket is made, nothing of it is repaired, and no account is added.
   */
  withdraw(region: Region, wanted: BucketReaders & { readonly dryRun: boolean }): Promise<BucketReport>;
  /** Regions other than the local one that hold a data bucket of this account. */
  regionsInUse(): Promise<readonly Region[]>;
}

/** Publishes to the configured topics. It never fails a run: what could not be published is logged. */
export interface Notifier {
  notify(outcome: Outcome): void;
  /** Waits until everything given so far is published. */
  flush(): Promise<void>;
  report(report: StatusReport & { readonly backup_status?: BackupStatus }): Promise<void>;
  /** How many messages could not be published so far. */
  lost(): number;
}

/** Takes delayed operations: a queue, an asynchronous invocation, or this process. */
export interface DelayedOperations {
  /**
   * Gives a message over; what could not be sent comes back from `flush`.
   *
   * @param how `alone`: in a delivery of its own, so that its failure is not one of others. `untold`: what it waits for is
   *   told by no event.
   */
  send(message: DelayedMessage, how?: 'alone' | 'untold'): void;
  /**
   * What is given may be begun from now on, while more is given: what it needs, such as the bucket, is there. Otherwise it
   * begins at `flush` where it is done in this process; where another one does it, that does not ask.
   */
  begin?(): void;
  /** Waits until everything given so far is over; returns what could not be sent, with the reason. */
  flush(): Promise<readonly { readonly message: DelayedMessage; readonly error: unknown }[]>;
}

/**
 * Waits while others may do what somebody keeps them from otherwise: a lease is given back for so long, and then taken again.
 *
 * @throws ShelveryError `NotYet` where there is no time to wait until the others have ended: nothing more may be done then
 *   that they must not do at the same time.
 */
export type Aside = <T>(wait: () => Promise<T>) => Promise<T>;

/** What whoever works while nobody else does has of that. */
export interface Held {
  readonly aside: Aside;
  /** False once somebody else may be doing the same: nothing more may be begun then. */
  readonly isHeld: () => boolean;
}

/** Works while nobody else does the same; nothing where the wait for the others was ended by whoever runs it. */
export type Alone = <T>(work: (held: Held) => Promise<T>) => Promise<T | undefined>;

/** Waits in line for places of copies, unless somebody else does: nothing then. */
export type AloneInLine = <T>(wait: () => Promise<T>) => Promise<T | undefined>;

/** The time, and the only place that waits. */
export interface Clock {
  now(): Date;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** A signal that is aborted after a while, for what is not worth waiting for any longer. */
  timeout(milliseconds: number): AbortSignal;
  /** Where a clock goes by AWS's time. */
  readonly correction?: ClockCorrection;
}

/** How a clock learns AWS's time, and how far the machine's is from it. */
export interface ClockCorrection {
  /** How far AWS's time is ahead of the machine's, in milliseconds; 0 for less than a minute. */
  offset(): number;
  /**
   * Begins a call. What it returns takes the time of the answer, as its header `Date` has it.
   *
   * @example const answered = correction.asking(); const answer = await call(); answered(answer.headers.date);
   */
  asking(): (date: string | undefined) => void;
}

/** Structured log lines, each with a code from the catalogue. */
export interface Log {
  info(...line: Line<'info'>): void;
  warn(...line: Line<'warn'>): void;
  error(...line: Line<'error'>): void;
}
