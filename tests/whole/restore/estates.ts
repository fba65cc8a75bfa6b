import {
  AttachVolumeCommand,
  CreateKeyPairCommand,
  CreateSecurityGroupCommand,
  CreateVolumeCommand,
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  EC2Client,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateDBClusterCommand,
  CreateDBClusterParameterGroupCommand,
  CreateDBInstanceCommand,
  CreateDBParameterGroupCommand,
  CreateDBSubnetGroupCommand,
  CreateOptionGroupCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import {
  CreateClusterCommand,
  CreateClusterParameterGroupCommand,
  CreateClusterSubnetGroupCommand,
  DescribeClustersCommand,
  RedshiftClient,
} from '@aws-sdk/client-redshift';
import { ResourceId } from '@shelvery/engine/terminal';
import type { ResourceFacts } from '@shelvery/engine/terminal';
import { ADAPTERS } from '../../../cli/adapters.js';
import type { CopyEstate } from '../../integration/harness/copy-estate.js';
import { createSystemAccess } from '../../integration/harness/system-access.js';

/** The types that are restored here. */
export const RESTORED_TYPES = ['ebs', 'ec2ami', 'rds', 'rds_cluster', 'docdb', 'redshift'] as const;
export type RestoredType = (typeof RESTORED_TYPES)[number];

/** Where something is. */
export interface At {
  readonly account: string;
  readonly region: string;
}

/** What is there before a resource: in another account it has the same names, and other ids. */
interface Ground {
  readonly subnets: readonly string[];
  readonly group: string;
}

/** A key's name that a shell would take apart. */
const KEY_NAME = `ops' "key" $(exit 9) \`exit 9\``;
/** A tag's value that a shell, the AWS CLI and Terraform each would take for something else. */
const ODD_TAG = `it's $HOME, "100%", \${x} and fileb:///etc/passwd`;

const NAME = 'orders';
const MARKS = { Name: NAME, 'shelvery:create_backup': 'true', note: ODD_TAG };
const TAGS = Object.entries(MARKS).map(([Key, Value]) => ({ Key, Value }));
/** Databases' tags have fewer characters (page "Tag"). */
const DATABASE_TAGS = [
  { Key: 'Name', Value: NAME },
  { Key: 'shelvery:create_backup', Value: 'true' },
  { Key: 'team', Value: 'a @ b' },
];
const OWNER = { MasterUsername: 'owner', MasterUserPassword: 'Emulator-1' };

/** Networks, groups and a key pair that a resource can be restored into. */
export async function prepareGround(estate: CopyEstate, at: At): Promise<Ground> {
  const config = estate.emulator().clientConfig(at.account, at.region);
  const [ec2, rds, redshift] = [new EC2Client(config), new RDSClient(config), new RedshiftClient(config)];
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const subnets = Subnets.flatMap(({ SubnetId }) => SubnetId ?? []);
  const VpcId = Subnets[0]?.VpcId ?? '';
  const { GroupId = '' } = await ec2.send(
    new CreateSecurityGroupCommand({ GroupName: 'orders', Description: 'Orders', VpcId }),
  );
  await ec2.send(new CreateKeyPairCommand({ KeyName: KEY_NAME }));
  const words = { Description: 'Orders' };
  await rds.send(
    new CreateDBSubnetGroupCommand({
      DBSubnetGroupName: 'private',
      DBSubnetGroupDescription: 'Orders',
      SubnetIds: subnets,
    }),
  );
  await rds.send(
    new CreateDBParameterGroupCommand({
      DBParameterGroupName: 'tuned',
      DBParameterGroupFamily: 'postgres13',
      ...words,
    }),
  );
  for (const [name, family] of [
    ['tuned-aurora', 'aurora-postgresql16'],
    ['tuned-docdb', 'docdb5.0'],
  ]) {
    await rds.send(
      new CreateDBClusterParameterGroupCommand({
        DBClusterParameterGroupName: name,
        DBParameterGroupFamily: family,
        ...words,
      }),
    );
  }
  await rds.send(
    new CreateOptionGroupCommand({
      OptionGroupName: 'with-options',
      EngineName: 'postgres',
      MajorEngineVersion: '13',
      OptionGroupDescription: 'Orders',
    }),
  );
  await redshift.send(
    new CreateClusterSubnetGroupCommand({ ClusterSubnetGroupName: 'private', SubnetIds: subnets, ...words }),
  );
  await redshift.send(
    new CreateClusterParameterGroupCommand({
      ParameterGroupName: 'tuned',
      ParameterGroupFamily: 'redshift-1.0',
      ...words,
    }),
  );
  return { subnets, group: GroupId };
}

/** What somebody fills in who restores there. */
export function answersFor(
  type: RestoredType,
  { subnets, group }: Ground,
  { region, instance }: { readonly region: string; readonly instance: string },
): Readonly<Record<string, string>> {
  return {
    AVAILABILITY_ZONE: `${region}a`,
    SUBNET_ID: subnets[0] ?? '',
    SUBNET_GROUP: 'private',
    SECURITY_GROUP_IDS: group,
    INSTANCE_ID: instance,
    INSTANCE_CLASS: type === 'docdb' ? 'db.t4g.medium' : 'db.r6g.large',
    PARAMETER_GROUP: 'tuned',
    CLUSTER_PARAMETER_GROUP: type === 'docdb' ? 'tuned-docdb' : 'tuned-aurora',
    OPTION_GROUP: 'with-options',
    KEY_NAME,
  };
}

/** An instance, and what it was started with; other types attach to it. */
export async function startInstance(estate: CopyEstate, at: At, ground: Ground, marked: boolean): Promise<string> {
  const ec2 = new EC2Client(estate.emulator().clientConfig(at.account, at.region));
  const { Instances = [] } = await ec2.send(
    new RunInstancesCommand({
      ImageId: 'ami-12345678',
      MinCount: 1,
      MaxCount: 1,
      InstanceType: 'm5.large',
      KeyName: KEY_NAME,
      SubnetId: ground.subnets[0],
      SecurityGroupIds: [ground.group],
      Monitoring: { Enabled: true },
      EbsOptimized: true,
      ...(marked ? { TagSpecifications: [{ ResourceType: 'instance', Tags: TAGS }] } : {}),
    }),
  );
  return Instances[0]?.InstanceId ?? '';
}

/** Makes a resource with settings that no default has; its id. */
export async function makeOrders(estate: CopyEstate, type: RestoredType, at: At, ground: Ground): Promise<string> {
  const config = estate.emulator().clientConfig(at.account, at.region);
  const [ec2, rds] = [new EC2Client(config), new RDSClient(config)];
  const network = { DBSubnetGroupName: 'private', VpcSecurityGroupIds: [ground.group] };
  const windows = {
    BackupRetentionPeriod: 7,
    PreferredBackupWindow: '02:00-02:30',
    PreferredMaintenanceWindow: 'sun:04:00-sun:04:30',
    DeletionProtection: true,
  };
  switch (type) {
    case 'ebs': {
      const { VolumeId = '' } = await ec2.send(
        new CreateVolumeCommand({
          AvailabilityZone: `${at.region}a`,
          Size: 20,
          VolumeType: 'gp3',
          Iops: 4000,
          Throughput: 200,
          TagSpecifications: [{ ResourceType: 'volume', Tags: TAGS }],
        }),
      );
      const InstanceId = await startInstance(estate, at, ground, false);
      await ec2.send(new AttachVolumeCommand({ VolumeId, InstanceId, Device: '/dev/sdf' }));
      return VolumeId;
    }
    case 'ec2ami':
      return await startInstance(estate, at, ground, true);
    case 'rds':
      await rds.send(
        new CreateDBInstanceCommand({
          DBInstanceIdentifier: NAME,
          DBInstanceClass: 'db.m6g.large',
          Engine: 'postgres',
          EngineVersion: '13.15',
          AllocatedStorage: 100,
          MaxAllocatedStorage: 500,
          StorageType: 'io1',
          Iops: 3000,
          Port: 5499,
          MultiAZ: true,
          PubliclyAccessible: false,
          DBParameterGroupName: 'tuned',
          OptionGroupName: 'with-options',
          EnableIAMDatabaseAuthentication: true,
          AutoMinorVersionUpgrade: false,
          CopyTagsToSnapshot: true,
          EnableCloudwatchLogsExports: ['postgresql'],
          Tags: DATABASE_TAGS,
          ...OWNER,
          ...network,
          ...windows,
        }),
      );
      return NAME;
    case 'rds_cluster':
    case 'docdb': {
      const isDocdb = type === 'docdb';
      const engine = isDocdb ? 'docdb' : 'aurora-postgresql';
      await rds.send(
        new CreateDBClusterCommand({
          DBClusterIdentifier: NAME,
          Engine: engine,
          ...(isDocdb ? {} : { EnableIAMDatabaseAuthentication: true, CopyTagsToSnapshot: true }),
          Port: isDocdb ? 27099 : 5499,
          DBClusterParameterGroupName: isDocdb ? 'tuned-docdb' : 'tuned-aurora',
          Tags: DATABASE_TAGS,
          ...OWNER,
          ...network,
          ...windows,
        }),
      );
      for (const member of ['orders-writer', 'orders-reader']) {
        await rds.send(
          new CreateDBInstanceCommand({
            DBInstanceIdentifier: member,
            DBClusterIdentifier: NAME,
            DBInstanceClass: isDocdb ? 'db.t4g.medium' : 'db.r6g.large',
            Engine: engine,
          }),
        );
      }
      return NAME;
    }
    case 'redshift':
      await new RedshiftClient(config).send(
        new CreateClusterCommand({
          ClusterIdentifier: NAME,
          NodeType: 'ra3.xlplus',
          ClusterType: 'multi-node',
          NumberOfNodes: 2,
          ClusterSubnetGroupName: 'private',
          ClusterParameterGroupName: 'tuned',
          VpcSecurityGroupIds: [ground.group],
          Port: 5499,
          PubliclyAccessible: false,
          EnhancedVpcRouting: true,
          PreferredMaintenanceWindow: 'sun:04:00-sun:04:30',
          AutomatedSnapshotRetentionPeriod: 7,
          Tags: DATABASE_TAGS,
          ...OWNER,
        }),
      );
      return NAME;
  }
}

/** What a resource is, as Shelvery's own adapter tells it: what it was is told by the same. */
export async function factsAt(estate: CopyEstate, type: RestoredType, at: At, id: string): Promise<ResourceFacts> {
  const access = createSystemAccess(estate.install({ type, ...at }));
  const adapter = ADAPTERS[type]({ access, prefix: 'shelvery' });
  const found = (await adapter.findResources([ResourceId.parse(id)])).values().next().value;
  if (found?.facts === undefined) throw new Error(`There is no ${type} ${id} in ${at.region} of ${at.account}`);
  return found.facts;
}

/** The ids of what there is of a type. */
export async function idsAt(estate: CopyEstate, type: RestoredType, at: At): Promise<readonly string[]> {
  const config = estate.emulator().clientConfig(at.account, at.region);
  switch (type) {
    case 'ebs': {
      const { Volumes = [] } = await new EC2Client(config).send(new DescribeVolumesCommand({}));
      return Volumes.flatMap(({ VolumeId }) => VolumeId ?? []);
    }
    case 'ec2ami': {
      const { Reservations = [] } = await new EC2Client(config).send(new DescribeInstancesCommand({}));
      return Reservations.flatMap(({ Instances = [] }) => Instances.flatMap(({ InstanceId }) => InstanceId ?? []));
    }
    case 'rds': {
      const { DBInstances = [] } = await new RDSClient(config).send(new DescribeDBInstancesCommand({}));
      return DBInstances.flatMap(({ DBInstanceIdentifier }) => DBInstanceIdentifier ?? []);
    }
    case 'rds_cluster':
    case 'docdb': {
      const { DBClusters = [] } = await new RDSClient(config).send(new DescribeDBClustersCommand({}));
      return DBClusters.flatMap(({ DBClusterIdentifier }) => DBClusterIdentifier ?? []);
    }
    case 'redshift': {
      const { Clusters = [] } = await new RedshiftClient(config).send(new DescribeClustersCommand({}));
      return Clusters.flatMap(({ ClusterIdentifier }) => ClusterIdentifier ?? []);
    }
  }
}
