import { ShelveryError } from '../errors.js';
import { groupValue, networkSettings, newName, notedName, publicOrNot } from './database-settings.js';
import { isElsewhere, prepareDatabaseSnapshot } from './prepare-source.js';
import type { Value, Values } from './restore-plan.js';
import { tagList, valuesOf } from './target.js';
import type { CfnResources, Draft, Restored, Setting } from './target.js';

/** What sets clusters of RDS and of DocumentDB apart. */
interface ClusterKind {
  readonly cfn: 'AWS::RDS' | 'AWS::DocDB';
  readonly terraform: 'aws_rds_cluster' | 'aws_docdb_cluster';
  /** What DocumentDB has no word for. */
  readonly isRds: boolean;
}

const RDS: ClusterKind = { cfn: 'AWS::RDS', terraform: 'aws_rds_cluster', isRds: true };
const DOCDB: ClusterKind = { cfn: 'AWS::DocDB', terraform: 'aws_docdb_cluster', isRds: false };

/** An Aurora, Multi-AZ or DocumentDB cluster from a snapshot, with its instances, which a restore of Aurora does not make. */
export function restoreCluster(draft: Draft): Restored {
  const { wanted } = draft;
  const { facts = {}, type } = wanted;
  const kind = type === 'docdb' ? DOCDB : RDS;
  const elsewhere = isElsewhere(wanted);
  const isMultiAz = kind.isRds && facts.instance_class !== undefined;
  if (isMultiAz && (elsewhere.region || elsewhere.account))
    throw cannotCopy(wanted.backup.id, 'AWS copies no snapshot of a Multi-AZ cluster');
  if (!kind.isRds && elsewhere.region && elsewhere.account)
    throw cannotCopy(
      wanted.backup.id,
      'AWS copies a DocumentDB snapshot to another region or another account, not to both at once',
    );
  const snapshot = prepareDatabaseSnapshot(draft, {
    arnNoun: 'cluster-snapshot',
    noun: 'DBClusterSnapshot',
    waiter: 'db-cluster-snapshot-available',
  });
  const preparation = draft.steps.length;
  const name = notedName(draft);
  const settings = settingsOf(draft, kind, { name, snapshot, isMultiAz });
  draft.call({
    title: 'Restore the cluster',
    operation: 'RestoreDBClusterFromSnapshot',
    parameters: valuesOf(settings, 'api'),
  });
  const waitForIt = (title: string): void => {
    draft.call({
      title,
      kind: 'wait',
      service: 'rds',
      operation: 'db-cluster-available',
      parameters: { DBClusterIdentifier: name },
    });
  };
  waitForIt('Wait until it is available');
  const members = isMultiAz ? [] : membersOf(draft, kind);
  for (const member of members) {
    draft.call({
      title:
        `Make its instance ${typeof member.DBInstanceIdentifier === 'string' ? member.DBInstanceIdentifier : ''}`.trim(),
      operation: 'CreateDBInstance',
      parameters: { ...member, DBClusterIdentifier: name },
    });
  }
  for (const { DBInstanceIdentifier: id } of members) {
    draft.call({
      title: 'Wait until the instance is available',
      kind: 'wait',
      operation: 'db-instance-available',
      parameters: { DBInstanceIdentifier: id },
    });
  }
  const later = valuesOf(settings, 'later');
  if (Object.keys(later).length > 0) {
    draft.call({
      title: 'Set what a restore does not take',
      operation: 'ModifyDBCluster',
      parameters: { DBClusterIdentifier: name, ...later, ApplyImmediately: true },
    });
    waitForIt('Wait until that is done');
  }
  draft.note('Users and passwords are those of the backup. Its addresses are new: change what connects to it.');
  const instances: CfnResources = Object.fromEntries(
    members.map((member, index) => [
      `Instance${String(index + 1)}`,
      {
        Type: `${kind.cfn}::DBInstance`,
        Properties: {
          ...(kind.isRds ? member : withoutEngine(member)),
          DBClusterIdentifier: { Ref: 'Cluster' },
        },
      },
    ]),
  );
  return {
    preparation,
    cfn: { Cluster: { Type: `${kind.cfn}::DBCluster`, Properties: valuesOf(settings, 'cfn') }, ...instances },
    terraform: {
      [kind.terraform]: { restored: valuesOf(settings, 'tf') },
      ...(members.length === 0
        ? {}
        : {
            [`${kind.terraform}_instance`]: Object.fromEntries(
              members.map((member, index) => [
                `restored_${String(index + 1)}`,
                {
                  identifier: member.DBInstanceIdentifier,
                  instance_class: member.DBInstanceClass,
                  engine: member.Engine,
                  cluster_identifier: { Ref: `${kind.terraform}.restored.id` },
                },
              ]),
            ),
          }),
    },
  };
}

function cannotCopy(id: string, why: string): ShelveryError {
  return new ShelveryError(
    'Unsupported',
    `${id} cannot be restored there: ${why}. Leave out --into, or restore it where it is.`,
  );
}

interface Made {
  readonly name: Value;
  readonly snapshot: Value;
  readonly isMultiAz: boolean;
}

function settingsOf(draft: Draft, kind: ClusterKind, { name, snapshot, isMultiAz }: Made): readonly Setting[] {
  const { wanted } = draft;
  const { facts = {} } = wanted;
  const tags = tagList(wanted.tags);
  const { serverless_min_capacity: least, serverless_max_capacity: most } = facts;
  const isServerless = least !== undefined && most !== undefined;
  const ofRds = <T extends Value>(value: T | undefined): T | undefined => (kind.isRds ? value : undefined);
  return [
    { value: name, api: 'DBClusterIdentifier', cfn: 'DBClusterIdentifier', tf: 'cluster_identifier' },
    { value: snapshot, api: 'SnapshotIdentifier', cfn: 'SnapshotIdentifier', tf: 'snapshot_identifier' },
    { value: engineOf(draft, kind), api: 'Engine', cfn: kind.isRds ? 'Engine' : undefined, tf: 'engine' },
    { value: facts.engine_version, api: 'EngineVersion', cfn: 'EngineVersion', tf: 'engine_version' },
    ...networkSettings(draft, facts).map((setting) =>
      setting.cfn === 'VPCSecurityGroups' ? { ...setting, cfn: 'VpcSecurityGroupIds' } : setting,
    ),
    {
      value: groupValue(
        draft,
        'CLUSTER_PARAMETER_GROUP',
        'a DB cluster parameter group',
        facts.cluster_parameter_group,
      ),
      api: 'DBClusterParameterGroupName',
      cfn: 'DBClusterParameterGroupName',
      tf: 'db_cluster_parameter_group_name',
    },
    {
      value: facts.deletion_protection,
      api: 'DeletionProtection',
      cfn: 'DeletionProtection',
      tf: 'deletion_protection',
    },
    {
      value: ofRds(facts.iam_authentication),
      api: 'EnableIAMDatabaseAuthentication',
      cfn: 'EnableIAMDatabaseAuthentication',
      tf: 'iam_database_authentication_enabled',
    },
    {
      value: ofRds(facts.copy_tags_to_snapshot),
      api: 'CopyTagsToSnapshot',
      cfn: 'CopyTagsToSnapshot',
      tf: 'copy_tags_to_snapshot',
    },
    {
      value: facts.log_exports,
      api: 'EnableCloudwatchLogsExports',
      cfn: 'EnableCloudwatchLogsExports',
      tf: 'enabled_cloudwatch_logs_exports',
    },
    {
      // Of Aurora other types are told, and refused.
      value:
        kind.isRds && !isMultiAz && facts.storage_type?.startsWith('aurora') !== true ? undefined : facts.storage_type,
      api: 'StorageType',
      cfn: 'StorageType',
      tf: 'storage_type',
    },
    {
      value: isMultiAz ? facts.instance_class : undefined,
      api: 'DBClusterInstanceClass',
      cfn: 'DBClusterInstanceClass',
      tf: 'db_cluster_instance_class',
    },
    { value: isMultiAz ? facts.iops : undefined, api: 'Iops', cfn: 'Iops', tf: 'iops' },
    {
      value: isMultiAz ? publicOrNot(draft, facts) : undefined,
      api: 'PubliclyAccessible',
      cfn: 'PubliclyAccessible',
    },
    {
      value: isServerless ? { MinCapacity: least, MaxCapacity: most } : undefined,
      api: 'ServerlessV2ScalingConfiguration',
      cfn: 'ServerlessV2ScalingConfiguration',
    },
    {
      value: isServerless ? { min_capacity: least, max_capacity: most } : undefined,
      tf: kind.isRds ? 'serverlessv2_scaling_configuration' : 'serverless_v2_scaling_configuration',
    },
    { value: ofRds(facts.network_type), api: 'NetworkType', cfn: 'NetworkType', tf: 'network_type' },
    { value: tags, api: 'Tags', cfn: 'Tags' },
    { value: tags === undefined ? undefined : { ...wanted.tags }, tf: 'tags' },
    {
      value: facts.backup_retention_days,
      later: 'BackupRetentionPeriod',
      cfn: 'BackupRetentionPeriod',
      tf: 'backup_retention_period',
    },
    {
      value: facts.backup_window,
      later: 'PreferredBackupWindow',
      cfn: 'PreferredBackupWindow',
      tf: 'preferred_backup_window',
    },
    {
      value: facts.maintenance_window,
      later: 'PreferredMaintenanceWindow',
      cfn: 'PreferredMaintenanceWindow',
      tf: 'preferred_maintenance_window',
    },
    { value: false, tf: 'skip_final_snapshot' },
  ];
}

function engineOf(draft: Draft, kind: ClusterKind): Value {
  if (!kind.isRds) return 'docdb';
  const engine = draft.wanted.facts?.engine;
  return engine ?? draft.ask('ENGINE', 'the engine: aurora-mysql, aurora-postgresql, mysql or postgres');
}

type Member = Readonly<Record<'DBInstanceIdentifier' | 'DBInstanceClass' | 'Engine', Value>>;

/** The instances that the cluster had, or one where they are not known. */
function membersOf(draft: Draft, kind: ClusterKind): readonly Member[] {
  const { facts = {}, backup } = draft.wanted;
  const isServerless = facts.serverless_max_capacity !== undefined;
  const instanceClass: Value = isServerless
    ? 'db.serverless'
    : draft.ask('INSTANCE_CLASS', "the class of the cluster's instances; the list of clusters does not tell it");
  if (facts.members === undefined) draft.note('Which instances the cluster had is not known: one is made, the writer.');
  const names = facts.members ?? [`${backup.resource}-1`];
  return names.map((member, index) => ({
    DBInstanceIdentifier: newName(draft, { of: member, input: `INSTANCE_NAME_${String(index + 1)}` }),
    DBInstanceClass: instanceClass,
    Engine: engineOf(draft, kind),
  }));
}

/** DocumentDB's instances have the engine of their cluster. */
function withoutEngine({ DBInstanceIdentifier, DBInstanceClass }: Member): Values {
  return { DBInstanceIdentifier, DBInstanceClass };
}
