import {
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  RDSClient,
  paginateDescribeDBClusterSnapshots,
  paginateDescribeDBClusters,
} from '@aws-sdk/client-rds';
import type { DBCluster, DBClusterSnapshot, DescribeDBClusterSnapshotsMessage, Filter } from '@aws-sdk/client-rds';
import {
  BackupId,
  ResourceId,
  ShelveryError,
  TAG,
  faultName,
  formatDateCreated,
  isMarked,
  isOurs,
  perRegion,
  present,
  tagKey,
} from '@shelvery/engine';
import type {
  AwsAccess,
  BackupAdapter,
  BackupType,
  ConfigValues,
  CreatedBackup,
  FoundBackup,
  PlannedBackup,
  Region,
  Resource,
  ServiceFaults,
  ServiceRules,
  Tags,
} from '@shelvery/engine';
import { copyOrMake, fetchedOnce, newestAvailable } from './automated-snapshots.js';
import { IDS_PER_DESCRIBE, inGroups } from './in-groups.js';
import { snapshotState } from './snapshot-state.js';
import { fromTagList, toTagList } from './tag-list.js';

/**
 * Names: page "CreateDBClusterSnapshot". Sharing: page "Sharing a DB cluster snapshot". Encrypting: page
 * "CopyDBClusterSnapshot".
 */
export const CLUSTER_RULES: ServiceRules = {
  maxNameLength: 63,
  nameStartsWithLetter: true,
  lowerCase: true,
  copyMayEncrypt: false,
  encryptedCopyNeedsKey: true,
  maxShareAccounts: 20,
};

const FAULTS: ServiceFaults = {
  invalidState: ['InvalidDBClusterStateFault', 'InvalidDBClusterSnapshotStateFault', 'InvalidDBInstanceStateFault'],
  gone: ['DBClusterNotFoundFault', 'DBClusterSnapshotNotFoundFault'],
  alreadyExists: ['DBClusterSnapshotAlreadyExistsFault'],
  quota: {
    SnapshotQuotaExceededFault: 'manual DB cluster snapshots of the region (100 unless raised)',
    SharedSnapshotQuotaExceededFault: 'accounts that one snapshot is shared with (20)',
  },
  // A copy to another region is also refused by the name of the full quota where too many copies are running.
  notYet: ['SnapshotQuotaExceededFault', 'InvalidDBClusterSnapshotStateFault'],
  notShareable: ['InvalidParameterCombination', 'InvalidParameterValue'],
};

type TagList = ReturnType<typeof toTagList>;

/** What a call that made a snapshot answers, of either client. */
export interface MadeSnapshot {
  readonly DBClusterSnapshot?: Omit<DBClusterSnapshot, 'TagList'> | undefined;
}

/** The calls that change something, which each service's own client makes. */
export interface ClusterChanges {
  create(
    region: Region,
    input: { DBClusterSnapshotIdentifier: string; DBClusterIdentifier: string; Tags: TagList },
  ): Promise<MadeSnapshot>;
  copy(
    region: Region,
    input: {
      SourceDBClusterSnapshotIdentifier: string;
      TargetDBClusterSnapshotIdentifier: string;
      Tags: TagList;
      KmsKeyId?: string;
    },
  ): Promise<MadeSnapshot>;
  remove(region: Region, id: string): Promise<unknown>;
  share(
    region: Region,
    input: { DBClusterSnapshotIdentifier: string; AttributeName: 'restore'; ValuesToAdd: string[] },
  ): Promise<unknown>;
  tag(region: Region, input: { ResourceName: string; Tags: TagList }): Promise<unknown>;
}

/** In what the services that have RDS clusters differ. */
export interface ClusterService {
  readonly type: BackupType;
  readonly resourceNoun: string;
  readonly rules: ServiceRules;
  /** Narrows what the service lists; `takes` decides. */
  readonly listed: readonly Filter[];
  /** Whether clusters and snapshots of an engine are this type's. */
  takes(engine: string): boolean;
  /** Whether the service copies snapshots of an engine. */
  copies(engine: string): boolean;
  /** Whether snapshots of another account in another region can be copied in one step. */
  readonly pullsAcrossRegions: boolean;
  /** Whether the newest automated snapshot is to be copied. */
  copiesAutomated(values: ConfigValues): boolean;
  readonly changes: ClusterChanges;
}

/**
 * Backups of clusters: Aurora, Multi-AZ and DocumentDB. RDS lists all of them, with their tags. Clusters and snapshots
 * of other engines than the service's are left out here, on every page.
 */
export function createClusterAdapter(
  { access, prefix }: { readonly access: AwsAccess; readonly prefix: string },
  service: ClusterService,
): BackupAdapter {
  const { home } = access;
  const { changes } = service;
  const client = perRegion((region) => new RDSClient(access.config(region)));
  /** The clusters seen, by name. */
  const seenClusters = new Map<string, DBCluster>();
  /** Engines of the snapshots seen, by `<region>:<id>`. */
  const seenEngines = new Map<string, string>();
  let uncopiableSaid = false;

  const arn = (region: Region, id: string, account: string = home.accountId): string =>
    `arn:${access.partition}:rds:${region}:${account}:cluster-snapshot:${id}`;

  async function clusters(): Promise<Resource[]> {
    const resources: Resource[] = [];
    const pages = paginateDescribeDBClusters({ client: client(home.region) }, { Filters: [...service.listed] });
    for await (const page of pages) {
      for (const cluster of page.DBClusters ?? []) {
        const { DBClusterIdentifier, Engine, ClusterCreateTime, TagList } = cluster;
        if (DBClusterIdentifier === undefined || !service.takes(Engine ?? '')) continue;
        seenClusters.set(DBClusterIdentifier, cluster);
        resources.push({
          id: ResourceId.parse(DBClusterIdentifier),
          region: home.region,
          tags: fromTagList(TagList),
          ...present({ createdAt: ClusterCreateTime }),
        });
      }
    }
    return resources;
  }

  async function snapshots(region: Region, of: DescribeDBClusterSnapshotsMessage): Promise<DBClusterSnapshot[]> {
    const found: DBClusterSnapshot[] = [];
    const filtered = { ...of, Filters: [...service.listed, ...(of.Filters ?? [])] };
    for await (const page of paginateDescribeDBClusterSnapshots({ client: client(region) }, filtered)) {
      found.push(...(page.DBClusterSnapshots ?? []).filter(({ Engine }) => service.takes(Engine ?? '')));
    }
    return found;
  }

  async function manual(region: Region, keep: (tags: Tags) => boolean): Promise<FoundBackup[]> {
    const all = await snapshots(region, { SnapshotType: 'manual' });
    return all.flatMap((snapshot) => toFound(snapshot, region)).filter((found) => keep(found.tags));
  }

  /** @param given the tags of a snapshot that was just made, whose answer may not have them. */
  function toFound(snapshot: DBClusterSnapshot, region: Region, given?: Tags): FoundBackup[] {
    const { DBClusterSnapshotIdentifier, SnapshotCreateTime, KmsKeyId, Engine } = snapshot;
    const state = snapshotState(snapshot.Status);
    if (DBClusterSnapshotIdentifier === undefined || state === 'gone') return [];
    if (Engine !== undefined) seenEngines.set(`${region}:${DBClusterSnapshotIdentifier}`, Engine);
    const tags = given ?? fromTagList(snapshot.TagList);
    // A copy tells the time that its data is of (AWS CLI reference, "copy-db-cluster-snapshot"), and not when it was
    // begun.
    const startedAt = tags[tagKey(prefix, TAG.snapshotTime)] === undefined ? SnapshotCreateTime : undefined;
    return [
      {
        id: BackupId.parse(DBClusterSnapshotIdentifier),
        region,
        state,
        ...present({ startedAt }),
        encrypted: snapshot.StorageEncrypted ?? false,
        ...present({ kmsKeyId: KmsKeyId }),
        tags,
      },
    ];
  }

  function made({ DBClusterSnapshot: snapshot }: MadeSnapshot, region: Region, name: string, tags: Tags): FoundBackup {
    const [found] = toFound(snapshot ?? {}, region, tags);
    return found ?? { id: BackupId.parse(name), region, state: 'pending', encrypted: false, tags };
  }

  const automated = fetchedOnce(async () => {
    const all = await snapshots(home.region, { SnapshotType: 'automated' });
    return all.map((snapshot) => ({
      id: snapshot.DBClusterSnapshotIdentifier,
      ofName: snapshot.DBClusterIdentifier,
      ofResource: snapshot.DbClusterResourceId,
      available: snapshot.Status === 'available',
      time: snapshot.SnapshotCreateTime,
    }));
  });

  async function clusterOf(id: string): Promise<DBCluster | undefined> {
    if (!seenClusters.has(id)) {
      const { DBClusters } = await client(home.region).send(new DescribeDBClustersCommand({ DBClusterIdentifier: id }));
      for (const cluster of DBClusters ?? []) seenClusters.set(id, cluster);
    }
    return seenClusters.get(id);
  }

  async function create({ name, resource, tags }: PlannedBackup): Promise<FoundBackup> {
    const answer = await changes.create(home.region, {
      DBClusterSnapshotIdentifier: name,
      DBClusterIdentifier: resource.id,
      Tags: toTagList(tags),
    });
    return made(answer, home.region, name, tags);
  }

  async function copy(region: Region, from: string, name: string, tags: Tags, kmsKeyId?: string): Promise<FoundBackup> {
    const answer = await changes.copy(region, {
      SourceDBClusterSnapshotIdentifier: from,
      TargetDBClusterSnapshotIdentifier: name,
      Tags: toTagList(tags),
      ...present({ KmsKeyId: kmsKeyId }),
    });
    return made(answer, region, name, tags);
  }

  async function refuseUncopiable({ region, id }: FoundBackup): Promise<void> {
    const key = `${region}:${id}`;
    if (!seenEngines.has(key)) await describeBackups(region, [id]);
    refuseEngine(seenEngines.get(key), id);
  }

  function refuseEngine(engine: string | undefined, id: string): void {
    if (engine === undefined || service.copies(engine)) return;
    throw new ShelveryError(
      'Unsupported',
      `${id} is a snapshot of a Multi-AZ cluster (${engine}). AWS does not copy these.`,
    );
  }

  async function describeBackups(
    region: Region,
    ids: readonly BackupId[],
  ): Promise<ReadonlyMap<BackupId, FoundBackup>> {
    const found = new Map<BackupId, FoundBackup>();
    for (const Values of inGroups([...new Set<string>(ids)], IDS_PER_DESCRIBE)) {
      const group = await snapshots(region, {
        SnapshotType: 'manual',
        Filters: [{ Name: 'db-cluster-snapshot-id', Values }],
      });
      for (const backup of group.flatMap((snapshot) => toFound(snapshot, region))) found.set(backup.id, backup);
    }
    return found;
  }

  return {
    type: service.type,
    resourceNoun: service.resourceNoun,
    rules: service.rules,
    faults: FAULTS,

    listResources: async () => (await clusters()).filter((resource) => isMarked(resource.tags, prefix)),

    // From the list of all, which leaves out clusters that are gone and has no more pages than a list by names. What
    // AWS answers by names for clusters that are gone is not documented.
    async findResources(ids) {
      if (ids.length === 0) return new Map();
      const wanted = new Set(ids);
      return new Map((await clusters()).filter(({ id }) => wanted.has(id)).map((resource) => [resource.id, resource]));
    },

    listBackups: (region) => manual(region, (tags) => isOurs(tags, prefix)),

    describeBackups,

    // DescribeDBClusterSnapshots has no filter for tags.
    async findByTags(region, key, values) {
      if (values.length === 0) return [];
      return manual(region, (tags) => tags[key] !== undefined && values.includes(tags[key]));
    },

    async createBackup(planned): Promise<CreatedBackup> {
      if (!service.copiesAutomated(planned.config.values)) return { found: await create(planned) };
      const { id } = planned.resource;
      const cluster = await clusterOf(id);
      if (cluster?.Engine !== undefined && !service.copies(cluster.Engine)) {
        const found = await create(planned);
        if (uncopiableSaid) return { found };
        uncopiableSaid = true;
        return {
          found,
          note: `AWS does not copy snapshots of Multi-AZ clusters (${id} is one); a new snapshot was made instead`,
        };
      }
      return copyOrMake({
        of: id,
        newest: newestAvailable(await automated(), id, cluster?.DbClusterResourceId),
        goneFault: 'DBClusterSnapshotNotFoundFault',
        make: () => create(planned),
        copy({ id: from, time }) {
          const tags = { ...planned.tags, [tagKey(prefix, TAG.snapshotTime)]: formatDateCreated(time) };
          return copy(home.region, from, planned.name, tags);
        },
      });
    },

    async deleteBackup({ id, region }) {
      try {
        await changes.remove(region, id);
      } catch (error) {
        if (faultName(error) !== 'DBClusterSnapshotNotFoundFault') throw error;
      }
    },

    async copyToRegion({ source, toRegion, name, tags, kmsKeyId }) {
      await refuseUncopiable(source.found);
      // The service refuses a key for a snapshot that is not encrypted.
      return copy(toRegion, arn(source.region, source.id), name, tags, source.found.encrypted ? kmsKeyId : undefined);
    },

    async share({ id, region }, account) {
      await changes.share(region, {
        DBClusterSnapshotIdentifier: id,
        AttributeName: 'restore',
        ValuesToAdd: [account],
      });
    },

    async findShared(sources) {
      if (sources.length === 0) return [];
      const byArn = new Map(
        (await snapshots(home.region, { SnapshotType: 'shared' })).map((snapshot) => [
          snapshot.DBClusterSnapshotArn,
          snapshot,
        ]),
      );
      return sources.flatMap((source) => {
        const found = byArn.get(arn(home.region, source.id, source.account));
        return found === undefined
          ? []
          : [{ ...source, ownerId: source.account, encrypted: found.StorageEncrypted === true }];
      });
    },

    async copyShared({ sourceAccount, sourceRegion, sourceId, name, tags, kmsKeyId }) {
      if (sourceRegion !== home.region && !service.pullsAcrossRegions) {
        throw new ShelveryError(
          'Unsupported',
          `${sourceId} is in ${sourceRegion}: ${service.resourceNoun} snapshots of another account can only be copied within their region.`,
        );
      }
      const from = arn(sourceRegion, sourceId, sourceAccount);
      const { DBClusterSnapshots } = await client(sourceRegion).send(
        new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: from, IncludeShared: true }),
      );
      const [shared] = DBClusterSnapshots ?? [];
      refuseEngine(shared?.Engine, sourceId);
      return copy(home.region, from, name, tags, shared?.StorageEncrypted === false ? undefined : kmsKeyId);
    },

    async reencrypt({ source, name, tags, kmsKeyId }) {
      await refuseUncopiable(source.found);
      return copy(source.region, source.id, name, tags, kmsKeyId);
    },

    async tagBackup({ id, region }, tags) {
      await changes.tag(region, { ResourceName: arn(region, id), Tags: toTagList(tags) });
    },
  };
}
