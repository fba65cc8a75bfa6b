import type {
  AccountId,
  BackupAdapter,
  BackupId,
  MendScope,
  PlannedBackup,
  Region,
  Resource,
  ResourceId,
  Tags,
} from '@shelvery/engine/terminal';
import {
  AccountId as Account,
  Region as RegionCode,
  ResourceId as Id,
  RunId,
  backupName,
  buildBackupTags,
  resolveResourceConfig,
  resolveRunConfig,
} from '@shelvery/engine/terminal';
import { present } from '../../layers/engine/src/domain/present.js';

/** The prefix of the tags in the contract suite; not the default, so that a prefix written out by hand shows. */
export const PREFIX = 'contract';
export const HOME: { readonly accountId: AccountId; readonly region: Region } = {
  accountId: Account.parse('111111111111'),
  region: RegionCode.parse('eu-west-1'),
};
export const DR_REGION: Region = RegionCode.parse('eu-central-1');
/** Another account: its snapshots are none of ours, and backups are shared with it. */
export const OTHER_ACCOUNT: AccountId = Account.parse('222222222222');

/**
 * An adapter, and the account that it works in: what the contract needs of one backup type, over the emulator (plain SDK
 * calls and its controls) as over the AWS in memory.
 */
export interface Harness {
  /** Made with `PREFIX`, at `HOME`. */
  readonly adapter: BackupAdapter;
  /** What is called, as the log of calls names it. */
  readonly actions: {
    /** Makes a backup. */
    readonly create: string;
    /** Sets tags on what exists. */
    readonly tag: string;
    /** The first change that a deletion makes. */
    readonly remove: string;
    /** All that only read; their sum is what a listing or a describe costs. */
    readonly reads: readonly string[];
    /** Of these the one that lists resources. */
    readonly list: string;
  };
  /** Most backups that one describe call can ask for. */
  readonly describedPerCall: number;
  /** An empty account, instant backups, plain pages, no faults, an empty log of calls. */
  reset(): Promise<void>;
  /** Ends what was started. */
  stop(): Promise<void>;
  makeResource(tags: Tags, how?: { readonly encrypted: boolean }): Promise<ResourceId>;
  removeResource(id: ResourceId): Promise<void>;
  /** Makes a set of resources that can be backed up together, and gives its id. Left out where there are no sets. */
  attach?(resources: readonly ResourceId[]): Promise<ResourceId>;
  /** A snapshot of the resource with just these tags, complete, as another tool or a person makes it. */
  makeSnapshot(resource: ResourceId, name: string, tags: Tags): Promise<BackupId>;
  /** The same in `OTHER_ACCOUNT` in the home region, with these tags, shared with our account. */
  makeForeignSnapshot(name: string, tags: Tags): Promise<BackupId>;
  /** Our account's backups in the region, whatever tags they have, with their tags; read with plain calls. */
  stored(region: Region): Promise<ReadonlyMap<BackupId, Tags>>;
  /** The accounts that a backup is shared with. */
  sharedWith(region: Region, id: BackupId): Promise<readonly string[]>;
  /** A KMS key of ours in the region, as the service wants it. */
  makeKey(region: Region): Promise<string>;
  /** The same, of a key that exists and cannot be used. */
  makeDisabledKey(region: Region): Promise<string>;
  /** New backups stay pending until `finishPending`. */
  keepPending(): Promise<void>;
  /** Lets time pass, in which they are finished. */
  finishPending(): Promise<void>;
  /** The next backup that is made ends as failed. */
  failNextBackup(): Promise<void>;
  /** Lists come in pages of this size, whatever is asked. The AWS in memory has no pages. */
  setPageSize(size: number): Promise<void>;
  /** The next call of the action, or the nth from now: refused with the code, or done and then answered by a 500. */
  faultNext(action: string, fault: { readonly refuse: string; readonly nth?: number } | 'fail-after'): Promise<void>;
  /** The service's time, in milliseconds since 1970. */
  now(): Promise<number>;
  /** How often each action was called since the last `forgetCalls` or `reset`. */
  calls(): Promise<ReadonlyMap<string, number>>;
  forgetCalls(): Promise<void>;
}

/** The harness of a service whose resources are known by names that people give. */
export interface DatabaseHarness extends Harness {
  /** A database or cluster of the type, under this name. */
  readonly makeDatabase: (id: string, tags: Tags) => Promise<void>;
}

/** The tags that mark a resource. */
export function marked(tags: Tags = {}): Tags {
  return { [`${PREFIX}:create_backup`]: 'true', ...tags };
}

/** A plan for one backup of a resource, as planCreate makes it. */
export function plannedFor(adapter: BackupAdapter, resource: Resource, time = '2026-11-24T03:01:00Z'): PlannedBackup {
  const createdAt = new Date(time);
  const retentionType = 'daily';
  const run = resolveRunConfig({ payload: { shelvery_tag_prefix: PREFIX }, environment: {} });
  const config = resolveResourceConfig(run, resource.tags);
  const nameTag = resource.tags['Name'];
  const parts = { prefix: PREFIX, resourceId: resource.id, createdAt, retentionType, ...present({ nameTag }) };
  const name = backupName(parts, adapter.rules);
  const { tags } = buildBackupTags(
    {
      name,
      createdAt,
      retentionType,
      entityId: resource.id,
      accountId: HOME.accountId,
      region: HOME.region,
      runId: RunId.parse('contract-run'),
      resourceTags: resource.tags,
      config: config.values,
    },
    adapter.rules,
  );
  return {
    type: adapter.type,
    resource,
    name,
    createdAt,
    retentionType,
    tags,
    config,
    targets: { drRegions: [], shareAccounts: [] },
  };
}

/** Mending of everything, all of it expired and all of it new, less what is narrowed. */
export function mendAll(narrowed: Partial<MendScope> = {}): MendScope {
  return {
    dryRun: false,
    covers: () => true,
    retentionTypes: ['yearly', 'monthly', 'weekly', 'daily'],
    hasExpired: () => true,
    untaggedSince: new Date('2026-11-23T00:00:00Z'),
    ...narrowed,
  };
}

/** The resource of an id with tags, as `listResources` gives it. */
export function resourceOf(id: ResourceId, tags: Tags = marked()): Resource {
  return { id: Id.parse(id), region: HOME.region, tags };
}
