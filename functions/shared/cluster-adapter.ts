import {
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  RDSClient,
  paginateDescribeDBClusterSnapshots,
  paginateDescribeDBClusters,
} from '@aws-sdk/client-rds';
import type { DBCluster, DBClusterSnapshot, Filter } from '@aws-sdk/client-rds';
import { clientPerRegion, factsFrom, present } from '@shelvery/engine';
import type { AwsAccess, BackupAdapter, Region, ResourceFacts, ServiceFaults, Tags, ToldFacts } from '@shelvery/engine';
import { begunAt, isUnderOwnedKey } from './database-snapshots.js';
import type { Database, DatabaseSnapshot } from './database-snapshots.js';
import { presignedCopy } from './presigned-copy.js';
import type { CopyingClient } from './presigned-copy.js';
import { createSnapshotAdapter } from './snapshot-adapter.js';
import type { SnapshotService } from './snapshot-adapter.js';
import { someOf } from './some-of.js';
import { fromTagList, toTagList } from './tag-list.js';
import { wholeList } from './whole-list.js';

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
      PreSignedUrl?: string;
    },
  ): Promise<MadeSnapshot>;
  /** What `copy` to a region is made with. */
  copyingClient(region: Region): CopyingClient;
  remove(region: Region, id: string): Promise<unknown>;
  share(
    region: Region,
    input: { DBClusterSnapshotIdentifier: string; AttributeName: 'restore'; ValuesToAdd: string[] },
  ): Promise<unknown>;
  tag(region: Region, input: { ResourceName: string; Tags: TagList }): Promise<unknown>;
}

/** What sets the services that have RDS clusters apart. */
export interface ClusterService extends Pick<
  SnapshotService,
  'type' | 'resourceNoun' | 'rules' | 'pullsAcrossRegions' | 'copiesAutomated' | 'uncopied'
> {
  /** Narrows what the service lists; `takes` decides. */
  readonly listed: readonly Filter[];
  /** Whether clusters and snapshots of an engine are this type's. */
  readonly takes: (engine: string) => boolean;
  readonly changes: ClusterChanges;
}

/**
 * Backups of clusters: Aurora, Multi-AZ and DocumentDB. RDS lists all of them, with their tags. Clusters and snapshots
 * of other engines than the service's are left out here, on every page.
 */
export function createClusterAdapter(
  parts: { readonly access: AwsAccess; readonly prefix: string },
  { listed, takes, changes, ...service }: ClusterService,
): BackupAdapter {
  const { access, prefix } = parts;
  const { home } = access;
  const client = clientPerRegion(access, (region) => new RDSClient(access.config(region)));

  /** @param given the tags of a snapshot that was just made, whose answer may not have them. */
  function read(snapshot: DBClusterSnapshot, given?: Tags): DatabaseSnapshot {
    const tags = given ?? fromTagList(snapshot.TagList);
    return {
      id: snapshot.DBClusterSnapshotIdentifier,
      arn: snapshot.DBClusterSnapshotArn,
      of: snapshot.DBClusterIdentifier,
      ofUid: snapshot.DbClusterResourceId,
      status: snapshot.Status,
      time: snapshot.SnapshotCreateTime,
      startedAt: begunAt(snapshot.SnapshotCreateTime, tags, prefix),
      // Storage that grows by itself (Aurora, DocumentDB) is told of as 0 or 1.
      sizeGib: (snapshot.AllocatedStorage ?? 0) > 1 ? snapshot.AllocatedStorage : undefined,
      encrypted: snapshot.StorageEncrypted,
      kmsKeyId: snapshot.KmsKeyId,
      underOwnedKey: isUnderOwnedKey(snapshot.StorageEncryptionType),
      engine: snapshot.Engine,
      tags,
    };
  }

  const made = ({ DBClusterSnapshot: snapshot }: MadeSnapshot, tags: Tags): DatabaseSnapshot | undefined =>
    snapshot === undefined ? undefined : read(snapshot, tags);

  return createSnapshotAdapter(parts, {
    ...service,
    faults: FAULTS,
    goneFault: 'DBClusterSnapshotNotFoundFault',
    arnNoun: 'cluster-snapshot',

    async databases() {
      const all = await wholeList(
        paginateDescribeDBClusters,
        { client: client(home.region) },
        { Filters: [...listed] },
        ({ DBClusters }) => DBClusters,
      );
      return all.filter(({ Engine }) => takes(Engine ?? '')).flatMap(databaseOf);
    },

    async database(id) {
      const { DBClusters = [] } = await client(home.region).send(
        new DescribeDBClustersCommand({ DBClusterIdentifier: id }),
      );
      return DBClusters.flatMap(databaseOf)[0];
    },

    async snapshots(region, { kind, ids }) {
      const byId = ids === undefined ? [] : [{ Name: 'db-cluster-snapshot-id', Values: [...ids] }];
      const wanted = { SnapshotType: kind, Filters: [...listed, ...byId] };
      const all = await wholeList(
        paginateDescribeDBClusterSnapshots,
        { client: client(region) },
        wanted,
        ({ DBClusterSnapshots }) => DBClusterSnapshots,
      );
      return all.filter(({ Engine }) => takes(Engine ?? '')).map((snapshot) => read(snapshot));
    },

    async sharedSnapshot(region, arn) {
      const { DBClusterSnapshots: [shared] = [] } = await client(region).send(
        new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: arn, IncludeShared: true }),
      );
      return shared === undefined ? undefined : read(shared);
    },

    async create(region, { name, of, tags }) {
      const answer = await changes.create(region, {
        DBClusterSnapshotIdentifier: name,
        DBClusterIdentifier: of,
        Tags: toTagList(tags),
      });
      return made(answer, tags);
    },

    async copy(region, { from, name, tags, kmsKeyId }) {
      const answer = await changes.copy(region, {
        SourceDBClusterSnapshotIdentifier: from,
        TargetDBClusterSnapshotIdentifier: name,
        Tags: toTagList(tags),
        ...present({ KmsKeyId: kmsKeyId }),
        ...(await presignedCopy(changes.copyingClient(region), {
          action: 'CopyDBClusterSnapshot',
          arn: from,
          kmsKeyId,
        })),
      });
      return { snapshot: made(answer, tags) };
    },

    remove: (region, id) => changes.remove(region, id),

    share: (region, id, accounts) =>
      changes.share(region, {
        DBClusterSnapshotIdentifier: id,
        AttributeName: 'restore',
        ValuesToAdd: [...accounts],
      }),

    tag: (region, arn, tags) => changes.tag(region, { ResourceName: arn, Tags: toTagList(tags) }),
  });
}

function databaseOf(cluster: DBCluster): readonly Database[] {
  const { DBClusterIdentifier: id, DbClusterResourceId: uid, ClusterCreateTime: createdAt } = cluster;
  const { Status: status, Engine: engine, TagList } = cluster;
  const facts = factsOf(cluster);
  return id === undefined ? [] : [{ id, uid, createdAt, status, engine, facts, tags: fromTagList(TagList) }];
}

/** What a restore has to know of a cluster. Its instances are named, and their classes are not told. */
function factsOf(cluster: DBCluster): ResourceFacts | undefined {
  const { DBClusterMembers: members = [], VpcSecurityGroups: groups = [] } = cluster;
  const { EnabledCloudwatchLogsExports: logs = [], ServerlessV2ScalingConfiguration: serverless } = cluster;
  const writerFirst = [...members].sort((a, b) => Number(b.IsClusterWriter) - Number(a.IsClusterWriter));
  return factsFrom({
    engine: cluster.Engine,
    engine_version: cluster.EngineVersion,
    engine_mode: cluster.EngineMode,
    instance_class: cluster.DBClusterInstanceClass,
    storage_type: cluster.StorageType,
    // Storage that grows by itself (Aurora, DocumentDB) is told of as 0 or 1.
    size_gib: (cluster.AllocatedStorage ?? 0) > 1 ? cluster.AllocatedStorage : undefined,
    iops: cluster.Iops,
    encrypted: cluster.StorageEncrypted,
    kms_key_id: cluster.KmsKeyId,
    subnet_group: cluster.DBSubnetGroup,
    cluster_parameter_group: cluster.DBClusterParameterGroup,
    security_group_ids: someOf(groups.flatMap(({ VpcSecurityGroupId }) => VpcSecurityGroupId ?? [])),
    port: cluster.Port,
    network_type: cluster.NetworkType,
    publicly_accessible: cluster.PubliclyAccessible,
    deletion_protection: cluster.DeletionProtection,
    iam_authentication: cluster.IAMDatabaseAuthenticationEnabled,
    copy_tags_to_snapshot: cluster.CopyTagsToSnapshot,
    backup_retention_days: cluster.BackupRetentionPeriod,
    backup_window: cluster.PreferredBackupWindow,
    maintenance_window: cluster.PreferredMaintenanceWindow,
    log_exports: someOf(logs),
    serverless_min_capacity: serverless?.MinCapacity,
    serverless_max_capacity: serverless?.MaxCapacity,
    members: someOf(writerFirst.flatMap(({ DBInstanceIdentifier }) => DBInstanceIdentifier ?? [])),
  } satisfies ToldFacts);
}
