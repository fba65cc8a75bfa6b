import {
  AddTagsToResourceCommand,
  CopyDBSnapshotCommand,
  CreateDBSnapshotCommand,
  DeleteDBSnapshotCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  ModifyDBSnapshotAttributeCommand,
  RDSClient,
  paginateDescribeDBInstances,
  paginateDescribeDBSnapshots,
} from '@aws-sdk/client-rds';
import type { DBInstance, DBSnapshot } from '@aws-sdk/client-rds';
import { clientPerRegion, factsFrom, present } from '@shelvery/engine';
import type { AwsAccess, BackupAdapter, ResourceFacts, ServiceFaults, Tags, ToldFacts } from '@shelvery/engine';
import { isUnderOwnedKey } from '../shared/database-snapshots.js';
import type { Database, DatabaseSnapshot } from '../shared/database-snapshots.js';
import { presignedCopy } from '../shared/presigned-copy.js';
import { createSnapshotAdapter } from '../shared/snapshot-adapter.js';
import type { Uncopied } from '../shared/snapshot-adapter.js';
import { someOf } from '../shared/some-of.js';
import { fromTagList, toTagList } from '../shared/tag-list.js';
import { wholeList } from '../shared/whole-list.js';
import { copyWithOptionGroup } from './copy-with-option-group.js';
import { RDS_RULES } from './rules.js';

const FAULTS: ServiceFaults = {
  invalidState: ['InvalidDBInstanceStateFault', 'InvalidDBSnapshotStateFault'],
  gone: ['DBInstanceNotFoundFault', 'DBSnapshotNotFoundFault'],
  alreadyExists: ['DBSnapshotAlreadyExistsFault'],
  quota: {
    SnapshotQuotaExceededFault: 'manual DB instance snapshots of the region (100 unless raised)',
    SharedSnapshotQuotaExceededFault: 'accounts that one snapshot is shared with (20)',
  },
  // A copy to another region is also refused by the name of the full quota where too many copies are running.
  notYet: ['SnapshotQuotaExceededFault', 'InvalidDBSnapshotStateFault'],
};

/** Backups of RDS instances that are no member of a cluster. */
export function createRdsAdapter(parts: { readonly access: AwsAccess; readonly prefix: string }): BackupAdapter {
  const { access } = parts;
  const client = clientPerRegion(access, (region) => new RDSClient(access.config(region)));
  /**
   * For calls that make something: if the SDK repeated one, the name that the first try took would seem somebody
   * else's.
   */
  const making = clientPerRegion(access, (region) => new RDSClient(access.config(region, 'refused-only')));

  return createSnapshotAdapter(parts, {
    type: 'rds',
    resourceNoun: 'RDS instance',
    rules: RDS_RULES,
    faults: FAULTS,
    goneFault: 'DBSnapshotNotFoundFault',
    arnNoun: 'snapshot',
    pullsAcrossRegions: true,
    copiesAutomated: (values) => values.shelvery_rds_backup_mode === 'RDS_COPY_AUTOMATED_SNAPSHOT',
    uncopied: uncopiedOf,

    async databases() {
      const all = await wholeList(
        paginateDescribeDBInstances,
        { client: client(access.home.region) },
        {},
        ({ DBInstances }) => DBInstances,
      );
      return all.filter(({ DBClusterIdentifier }) => DBClusterIdentifier === undefined).flatMap(databaseOf);
    },

    async database(id) {
      const { DBInstances = [] } = await client(access.home.region).send(
        new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }),
      );
      return DBInstances.flatMap(databaseOf)[0];
    },

    async snapshots(region, { kind, ids }) {
      const narrowed = ids === undefined ? {} : { Filters: [{ Name: 'db-snapshot-id', Values: [...ids] }] };
      const all = await wholeList(
        paginateDescribeDBSnapshots,
        { client: client(region) },
        { SnapshotType: kind, ...narrowed },
        ({ DBSnapshots }) => DBSnapshots,
      );
      return all.map((snapshot) => read(snapshot));
    },

    async sharedSnapshot(region, arn) {
      const { DBSnapshots: [shared] = [] } = await client(region).send(
        new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: arn, IncludeShared: true }),
      );
      return shared === undefined ? undefined : read(shared);
    },

    async create(region, { name, of, tags }) {
      const { DBSnapshot } = await making(region).send(
        new CreateDBSnapshotCommand({
          DBSnapshotIdentifier: name,
          DBInstanceIdentifier: of,
          Tags: toTagList(tags),
        }),
      );
      return DBSnapshot === undefined ? undefined : read(DBSnapshot, tags);
    },

    async copy(region, { from, name, tags, kmsKeyId, sourceGroup, targetGroup }) {
      const { snapshot, note } = await copyWithOptionGroup({
        source: from,
        sourceGroup,
        targetGroup,
        faults: FAULTS,
        async copy(group) {
          const { DBSnapshot } = await making(region).send(
            new CopyDBSnapshotCommand({
              SourceDBSnapshotIdentifier: from,
              TargetDBSnapshotIdentifier: name,
              Tags: toTagList(tags),
              ...(await presignedCopy(making(region), { action: 'CopyDBSnapshot', arn: from, kmsKeyId })),
              ...present({ KmsKeyId: kmsKeyId }),
              ...group,
            }),
          );
          return DBSnapshot;
        },
      });
      return { snapshot: snapshot === undefined ? undefined : read(snapshot, tags), ...present({ note }) };
    },

    remove: (region, id) => client(region).send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: id })),

    share: (region, id, accounts) =>
      client(region).send(
        new ModifyDBSnapshotAttributeCommand({
          DBSnapshotIdentifier: id,
          AttributeName: 'restore',
          ValuesToAdd: [...accounts],
        }),
      ),

    tag: (region, arn, tags) =>
      client(region).send(new AddTagsToResourceCommand({ ResourceName: arn, Tags: toTagList(tags) })),
  });
}

function databaseOf(instance: DBInstance): readonly Database[] {
  const { DBInstanceIdentifier: id, DbiResourceId: uid, InstanceCreateTime: createdAt } = instance;
  const { DBInstanceStatus: status, Engine: engine, TagList } = instance;
  const facts = factsOf(instance);
  return id === undefined ? [] : [{ id, uid, createdAt, status, engine, facts, tags: fromTagList(TagList) }];
}

/** What a restore has to know of an instance. */
function factsOf(instance: DBInstance): ResourceFacts | undefined {
  const { DBParameterGroups: parameters = [], OptionGroupMemberships: options = [] } = instance;
  const { VpcSecurityGroups: groups = [], EnabledCloudwatchLogsExports: logs = [] } = instance;
  return factsFrom({
    instance_class: instance.DBInstanceClass,
    engine: instance.Engine,
    engine_version: instance.EngineVersion,
    license_model: instance.LicenseModel,
    storage_type: instance.StorageType,
    size_gib: instance.AllocatedStorage,
    max_storage_gib: instance.MaxAllocatedStorage,
    iops: instance.Iops,
    throughput_mibps: instance.StorageThroughput,
    encrypted: instance.StorageEncrypted,
    kms_key_id: instance.KmsKeyId,
    availability_zone: instance.AvailabilityZone,
    multi_az: instance.MultiAZ,
    vpc_id: instance.DBSubnetGroup?.VpcId,
    subnet_group: instance.DBSubnetGroup?.DBSubnetGroupName,
    parameter_group: parameters[0]?.DBParameterGroupName,
    option_group: options[0]?.OptionGroupName,
    security_group_ids: someOf(groups.flatMap(({ VpcSecurityGroupId }) => VpcSecurityGroupId ?? [])),
    port: instance.Endpoint?.Port,
    network_type: instance.NetworkType,
    publicly_accessible: instance.PubliclyAccessible,
    deletion_protection: instance.DeletionProtection,
    iam_authentication: instance.IAMDatabaseAuthenticationEnabled,
    auto_minor_version_upgrade: instance.AutoMinorVersionUpgrade,
    copy_tags_to_snapshot: instance.CopyTagsToSnapshot,
    backup_retention_days: instance.BackupRetentionPeriod,
    backup_window: instance.PreferredBackupWindow,
    maintenance_window: instance.PreferredMaintenanceWindow,
    log_exports: someOf(logs),
  } satisfies ToldFacts);
}

/**
 * RDS Custom: snapshots are not copied (page "CopyDBSnapshot"), save those of SQL Server to another region within the account
 * (page "Copying an Amazon RDS Custom for SQL Server DB snapshot", which also says that no option group can be asked for).
 */
function uncopiedOf(engine: string): Uncopied | undefined {
  if (!engine.startsWith('custom-')) return undefined;
  const elsewhere = { toRegion: !engine.startsWith('custom-sqlserver-') };
  return { source: 'an RDS Custom instance', inRegion: true, ...elsewhere, toAccount: true };
}

/** @param given the tags of a snapshot that was just made, whose answer may not have them yet. */
function read(snapshot: DBSnapshot, given?: Tags): DatabaseSnapshot {
  return {
    id: snapshot.DBSnapshotIdentifier,
    arn: snapshot.DBSnapshotArn,
    of: snapshot.DBInstanceIdentifier,
    ofUid: snapshot.DbiResourceId,
    status: snapshot.Status,
    // A copy has a time of its own beside that of the original (page "DBSnapshot").
    time: snapshot.OriginalSnapshotCreateTime ?? snapshot.SnapshotCreateTime,
    startedAt: snapshot.SnapshotCreateTime,
    sizeGib: snapshot.AllocatedStorage,
    encrypted: snapshot.Encrypted,
    kmsKeyId: snapshot.KmsKeyId,
    underOwnedKey: isUnderOwnedKey(snapshot.StorageEncryptionType),
    engine: snapshot.Engine,
    optionGroup: snapshot.Engine?.startsWith('custom-') === true ? undefined : snapshot.OptionGroupName,
    tags: given ?? fromTagList(snapshot.TagList),
  };
}
