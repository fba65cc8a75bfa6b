import { ShelveryError } from '../errors.js';
import { groupValue, isDatabaseName, notedName, publicOrNot } from './database-settings.js';
import { isElsewhere, noteSharing } from './prepare-source.js';
import { valuesOf } from './target.js';
import type { Draft, Restored, Setting } from './target.js';

/** A Redshift cluster from a snapshot. The service restores in the snapshot's region alone, also in another account. */
export function restoreRedshift(draft: Draft): Restored {
  const { wanted } = draft;
  const { facts = {}, backup, into } = wanted;
  const elsewhere = isElsewhere(wanted);
  if (elsewhere.region) {
    throw new ShelveryError(
      'Unsupported',
      `${backup.id} cannot be restored in ${into.region}: Redshift restores a snapshot in its own region, ${backup.region}, and copies none to another on demand.`,
    );
  }
  const of = isDatabaseName(backup.resource)
    ? backup.resource
    : draft.ask('OLD_CLUSTER', 'the name of the old cluster');
  if (elsewhere.account) {
    noteSharing(draft);
    draft.callAtSource({
      title: `Let ${into.account} restore the snapshot`,
      operation: 'AuthorizeSnapshotAccess',
      parameters: {
        SnapshotIdentifier: backup.id,
        SnapshotClusterIdentifier: of,
        AccountWithRestoreAccess: into.account,
      },
    });
  }
  const preparation = draft.steps.length;
  const name = notedName(draft);
  const holds = wanted.origin.account === into.account;
  const nodes = facts.node_count;
  const settings: readonly Setting[] = [
    { value: name, api: 'ClusterIdentifier', cfn: 'ClusterIdentifier', tf: 'cluster_identifier' },
    { value: backup.id, api: 'SnapshotIdentifier', cfn: 'SnapshotIdentifier', tf: 'snapshot_identifier' },
    {
      value: of,
      api: 'SnapshotClusterIdentifier',
      cfn: 'SnapshotClusterIdentifier',
      tf: 'snapshot_cluster_identifier',
    },
    {
      value: elsewhere.account ? backup.account : undefined,
      api: 'OwnerAccount',
      cfn: 'OwnerAccount',
      tf: 'owner_account',
    },
    {
      value: draft.known('NODE_TYPE', 'the node type', facts.node_type),
      api: 'NodeType',
      cfn: 'NodeType',
      tf: 'node_type',
    },
    { value: nodes, api: 'NumberOfNodes' },
    // CloudFormation and Terraform take it of clusters of several nodes only.
    { value: (nodes ?? 0) > 1 ? nodes : undefined, cfn: 'NumberOfNodes', tf: 'number_of_nodes' },
    { value: (nodes ?? 0) > 1 ? 'multi-node' : 'single-node', cfn: 'ClusterType', tf: 'cluster_type' },
    { value: 'dev', cfn: 'DBName' },
    { value: 'awsuser', cfn: 'MasterUsername' },
    {
      value:
        facts.subnet_group === 'default'
          ? 'default'
          : draft.bound('SUBNET_GROUP', 'a cluster subnet group', facts.subnet_group),
      api: 'ClusterSubnetGroupName',
      cfn: 'ClusterSubnetGroupName',
      tf: 'cluster_subnet_group_name',
    },
    {
      value: groupValue(draft, 'PARAMETER_GROUP', 'a cluster parameter group', facts.parameter_group),
      api: 'ClusterParameterGroupName',
      cfn: 'ClusterParameterGroupName',
      tf: 'cluster_parameter_group_name',
    },
    {
      value: draft.bound('SECURITY_GROUP_IDS', 'the VPC security groups', facts.security_group_ids),
      api: 'VpcSecurityGroupIds',
      cfn: 'VpcSecurityGroupIds',
      tf: 'vpc_security_group_ids',
    },
    {
      value: facts.iam_roles === undefined ? undefined : draft.bound('IAM_ROLES', 'the IAM roles', facts.iam_roles),
      api: 'IamRoles',
      cfn: 'IamRoles',
      tf: 'iam_roles',
    },
    { value: facts.port, api: 'Port', cfn: 'Port', tf: 'port' },
    {
      value: holds ? facts.availability_zone : undefined,
      api: 'AvailabilityZone',
      cfn: 'AvailabilityZone',
      tf: 'availability_zone',
    },
    { value: facts.multi_az === true ? true : undefined, api: 'MultiAZ', cfn: 'MultiAZ', tf: 'multi_az' },
    {
      value: publicOrNot(draft, facts),
      api: 'PubliclyAccessible',
      cfn: 'PubliclyAccessible',
      tf: 'publicly_accessible',
    },
    {
      value: facts.enhanced_vpc_routing,
      api: 'EnhancedVpcRouting',
      cfn: 'EnhancedVpcRouting',
      tf: 'enhanced_vpc_routing',
    },
    {
      value: facts.backup_retention_days,
      api: 'AutomatedSnapshotRetentionPeriod',
      cfn: 'AutomatedSnapshotRetentionPeriod',
      tf: 'automated_snapshot_retention_period',
    },
    {
      value: facts.maintenance_window,
      api: 'PreferredMaintenanceWindow',
      cfn: 'PreferredMaintenanceWindow',
      tf: 'preferred_maintenance_window',
    },
    { value: false, tf: 'skip_final_snapshot' },
  ];
  draft.call({
    title: 'Restore the cluster',
    operation: 'RestoreFromClusterSnapshot',
    parameters: valuesOf(settings, 'api'),
  });
  draft.call({
    title: 'Wait until it is available',
    kind: 'wait',
    operation: 'cluster-available',
    parameters: { ClusterIdentifier: name },
  });
  draft.note('Users and passwords are those of the backup. Its address is new: change what connects to it.');
  draft.note('CloudFormation demands DBName and MasterUsername; those of the snapshot count.');
  return {
    preparation,
    cfn: { Cluster: { Type: 'AWS::Redshift::Cluster', Properties: valuesOf(settings, 'cfn') } },
    terraform: { aws_redshift_cluster: { restored: valuesOf(settings, 'tf') } },
  };
}
