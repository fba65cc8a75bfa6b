import { describe, expect, it } from '@jest/globals';
import type { ResourceFacts } from '../../../../layers/engine/src/domain/backup/resource-facts.js';
import { planRestore } from '../../../../layers/engine/src/domain/restore/plan-restore.js';
import type { Restoration } from '../../../../layers/engine/src/domain/restore/plan-restore.js';
import type { Wanted } from '../../../../layers/engine/src/domain/restore/target.js';
import { BACKUP_TYPES, BackupId, ResourceId } from '../../../../layers/engine/src/domain/values.js';
import type { BackupType } from '../../../../layers/engine/src/domain/values.js';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, utc } from '../builders.js';

const OF: Readonly<Record<BackupType, { readonly id: string; readonly resource: string }>> = {
  ebs: { id: 'snap-0123456789abcdef0', resource: 'vol-0a1b2c3d4e5f60718' },
  ec2ami: { id: 'ami-0123456789abcdef0', resource: 'i-0a1b2c3d4e5f60718' },
  rds: { id: 'orders-2026-11-24-0301-daily', resource: 'orders' },
  rds_cluster: { id: 'orders-2026-11-24-0301-daily', resource: 'orders' },
  docdb: { id: 'orders-2026-11-24-0301-daily', resource: 'orders' },
  redshift: { id: 'orders-2026-11-24-0301-daily', resource: 'orders' },
};

/** What is changed of a backup that lies where its resource was. */
type Change = Partial<Omit<Wanted, 'backup' | 'facts'>> & {
  readonly backup?: Partial<Wanted['backup']>;
  readonly facts?: ResourceFacts | undefined;
};

function wanted(type: BackupType, { backup, facts = {}, ...change }: Change = {}): Wanted {
  return {
    type,
    partition: 'aws',
    backup: {
      id: BackupId.parse(OF[type].id),
      name: 'orders-2026-11-24-0301-daily',
      region: LOCAL,
      account: OWN_ACCOUNT,
      place: 'local',
      resource: ResourceId.parse(OF[type].resource),
      createdAt: utc('2026-11-24 03:01'),
      encrypted: false,
      archived: false,
      available: true,
      ...backup,
    },
    facts,
    origin: { account: OWN_ACCOUNT, region: LOCAL },
    into: { account: OWN_ACCOUNT, region: LOCAL },
    isThere: false,
    tags: {},
    ...change,
  };
}

/** The same where nothing is known of the resource. */
function unknown(type: BackupType, change: Change = {}): Wanted {
  const { facts: _, ...rest } = wanted(type, change);
  return rest;
}

const operations = ({ steps }: Restoration): readonly string[] => steps.map(({ operation }) => operation);
const parametersOf = (plan: Restoration, operation: string): object =>
  plan.steps.find((step) => step.operation === operation)?.parameters ?? {};
const inputs = (plan: Restoration): readonly string[] => plan.inputs.map(({ name }) => name);
const ELSEWHERE = { into: { account: OWN_ACCOUNT, region: DR } };
const OTHER = { into: { account: OTHER_ACCOUNT, region: LOCAL } };
const PULLED: Change = { backup: { place: 'pulled' }, origin: { account: OTHER_ACCOUNT, region: LOCAL } };

describe('planRestore of a volume', () => {
  const facts: ResourceFacts = {
    availability_zone: 'eu-west-1a',
    size_gib: 100,
    storage_type: 'gp3',
    iops: 4000,
    throughput_mibps: 200,
    attached_to: 'i-0123456789abcdef0',
    device: '/dev/sdf',
    multi_attach: true,
    delete_on_termination: true,
    kms_key_id: 'arn:aws:kms:eu-west-1:111111111111:key/1',
  };

  it('makes it as it was, and attaches it', () => {
    const plan = planRestore(wanted('ebs', { facts, tags: { Name: 'orders' }, backup: { encrypted: true } }));
    expect(operations(plan)).toEqual(['CreateVolume', 'volume-available', 'AttachVolume', 'volume-in-use']);
    expect(parametersOf(plan, 'CreateVolume')).toEqual({
      AvailabilityZone: 'eu-west-1a',
      Size: 100,
      VolumeType: 'gp3',
      Iops: 4000,
      Throughput: 200,
      MultiAttachEnabled: true,
      Encrypted: true,
      KmsKeyId: 'arn:aws:kms:eu-west-1:111111111111:key/1',
      SnapshotId: OF.ebs.id,
      TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'Name', Value: 'orders' }] }],
    });
    expect(parametersOf(plan, 'AttachVolume')).toEqual({
      VolumeId: { Ref: 'VOLUME_ID' },
      InstanceId: 'i-0123456789abcdef0',
      Device: '/dev/sdf',
    });
    expect(plan.inputs).toEqual([]);
    expect(plan.preparation).toBe(0);
    expect(plan.notes.join('\n')).toContain('The new one is not, unless you set DeleteOnTermination');
    const stays = planRestore(wanted('ebs', { facts: { ...facts, delete_on_termination: false } }));
    expect(stays.notes.join('\n')).not.toContain('DeleteOnTermination');
  });

  it.each(['gp2', 'st1', 'standard'])('gives no IOPS to %s, whose size gives them', (storage_type) => {
    const plan = planRestore(wanted('ebs', { facts: { ...facts, storage_type } }));
    expect(parametersOf(plan, 'CreateVolume')).not.toHaveProperty('Iops');
    expect(parametersOf(plan, 'CreateVolume')).not.toHaveProperty('Throughput');
  });

  it('says that the old volume is in the way while it is there', () => {
    const { notes } = planRestore(wanted('ebs', { facts, isThere: true }));
    expect(notes.join('\n')).toContain(`${OF.ebs.resource} still exists`);
  });

  it('leaves one by itself that was attached to nothing, and one of which nobody knows', () => {
    const alone = planRestore(wanted('ebs', { facts: { availability_zone: 'eu-west-1a' } }));
    expect(operations(alone)).toEqual(['CreateVolume', 'volume-available']);
    expect(alone.notes).toContain('The volume was attached to no instance.');
    const nothingKnown = planRestore(unknown('ebs'));
    expect(operations(nothingKnown)).toEqual(['CreateVolume', 'volume-available']);
    expect(inputs(nothingKnown)).toEqual(['AVAILABILITY_ZONE']);
    expect(nothingKnown.notes.join('\n')).toContain('has no block restore');
  });

  it('attaches nothing where not both instance and device are known, and has a volume in each template', () => {
    for (const known of [{ attached_to: 'i-0123456789abcdef0' }, { device: '/dev/sdf' }]) {
      const plan = planRestore(wanted('ebs', { facts: { availability_zone: 'eu-west-1a', ...known } }));
      expect(operations(plan)).toEqual(['CreateVolume', 'volume-available']);
      expect(plan.notes).toContain('The volume was attached to no instance.');
      expect(plan.cfn).toEqual({
        Volume: { Type: 'AWS::EC2::Volume', Properties: { AvailabilityZone: 'eu-west-1a', SnapshotId: OF.ebs.id } },
      });
      expect(plan.terraform).toEqual({
        aws_ebs_volume: { restored: { availability_zone: 'eu-west-1a', snapshot_id: OF.ebs.id } },
      });
    }
  });

  it('names no key of its own for a volume of a copy, which has its key already', () => {
    const plan = planRestore(wanted('ebs', { facts, ...OTHER, backup: { encrypted: true } }));
    expect(parametersOf(plan, 'CreateVolume')).not.toHaveProperty('KmsKeyId');
    expect(parametersOf(plan, 'CreateVolume')).not.toHaveProperty('Encrypted');
  });

  it('takes a snapshot out of the archive tier first', () => {
    const plan = planRestore(wanted('ebs', { facts, backup: { archived: true } }));
    expect(operations(plan).slice(0, 3)).toEqual(['RestoreSnapshotTier', 'DescribeSnapshotTierStatus', 'CreateVolume']);
    expect(plan.steps[1]).toMatchObject({ kind: 'poll', until: { is: 'temporary-restore-completed' } });
    expect(plan.preparation).toBe(2);
  });

  it('copies it first where another region is named, and asks for what means nothing there', () => {
    const plan = planRestore(wanted('ebs', { facts, ...ELSEWHERE, backup: { encrypted: true } }));
    expect(operations(plan).slice(0, 3)).toEqual(['CopySnapshot', 'snapshot-completed', 'CreateVolume']);
    expect(plan.steps[0]).toMatchObject({ region: DR, parameters: { SourceRegion: LOCAL } });
    // Of the copy's own default key; the other region's key is not this one's.
    expect(parametersOf(plan, 'CreateVolume')).not.toHaveProperty('KmsKeyId');
    expect(parametersOf(plan, 'CreateVolume')).toMatchObject({ SnapshotId: { Ref: 'SNAPSHOT_ID' } });
    expect(plan.inputs).toEqual([
      {
        name: 'AVAILABILITY_ZONE',
        what: 'an Availability Zone in eu-central-1 of 111111111111; it was eu-west-1a in eu-west-1 of 111111111111',
        list: false,
      },
      expect.objectContaining({ name: 'INSTANCE_ID' }),
    ]);
  });

  it('shares it first where another account is named, whose profile each step names', () => {
    const plan = planRestore(wanted('ebs', { facts, ...OTHER, backup: { encrypted: true } }));
    expect(plan.steps.map(({ operation, account_id: account }) => `${account} ${operation}`).slice(0, 3)).toEqual([
      '111111111111 ModifySnapshotAttribute',
      '222222222222 CopySnapshot',
      '222222222222 snapshot-completed',
    ]);
    expect(parametersOf(plan, 'CopySnapshot')).toMatchObject({ Encrypted: true, KmsKeyId: { Ref: 'KMS_KEY_ID' } });
    expect(inputs(plan)).toEqual([
      'KMS_KEY_ID',
      'AVAILABILITY_ZONE',
      'INSTANCE_ID',
      'PROFILE_111111111111',
      'PROFILE_222222222222',
    ]);
    expect(plan.notes.join('\n')).toContain('The policy of its key must let 222222222222 use it');
  });

  it('names no key for a copy that is not encrypted, and says nothing of keys', () => {
    const plan = planRestore(wanted('ebs', { facts, ...OTHER }));
    expect(inputs(plan)).not.toContain('KMS_KEY_ID');
    expect(plan.notes.join('\n')).not.toContain('policy of its key');
  });

  it('takes nothing of the source account in a bunker', () => {
    const plan = planRestore(wanted('ebs', { facts, ...PULLED, backup: { place: 'pulled', encrypted: true } }));
    expect(operations(plan)[0]).toBe('CreateVolume');
    expect(inputs(plan)).toEqual(['AVAILABILITY_ZONE', 'KMS_KEY_ID', 'INSTANCE_ID']);
  });

  it('says of a pulled copy whose region nobody told that it was in its region', () => {
    const plan = planRestore(wanted('ebs', { facts, origin: { account: OTHER_ACCOUNT } }));
    expect(plan.inputs[0]?.what).toContain('it was eu-west-1a in its region of 222222222222');
  });

  it('tells of what was too long, and of a backup that is not complete', () => {
    const plan = planRestore(wanted('ebs', { facts: { left_out: ['device'] }, backup: { available: false } }));
    expect(plan.notes).toEqual(
      expect.arrayContaining([expect.stringMatching(/not complete yet/), expect.stringMatching(/^device is not in/)]),
    );
  });
});

describe('planRestore of an instance', () => {
  const facts: ResourceFacts = {
    availability_zone: 'eu-west-1a',
    instance_type: 'm5.large',
    subnet_id: 'subnet-0a1b2c3d',
    security_group_ids: ['sg-0a1b2c3d', 'sg-1a1b2c3d'],
    instance_profile: 'arn:aws:iam::111111111111:instance-profile/team/web',
    key_name: 'ops',
    private_ip: '10.0.0.7',
    network_interfaces: 2,
    ebs_optimized: true,
    tenancy: 'dedicated',
    detailed_monitoring: true,
    http_tokens: 'required',
    source_dest_check: false,
  };

  it('starts it with what it was', () => {
    const plan = planRestore(wanted('ec2ami', { facts, tags: { Name: 'web' } }));
    expect(operations(plan)).toEqual(['RunInstances', 'instance-running', 'ModifyInstanceAttribute']);
    expect(parametersOf(plan, 'RunInstances')).toEqual({
      ImageId: OF.ec2ami.id,
      InstanceType: 'm5.large',
      SubnetId: 'subnet-0a1b2c3d',
      SecurityGroupIds: ['sg-0a1b2c3d', 'sg-1a1b2c3d'],
      IamInstanceProfile: { Name: 'web' },
      KeyName: 'ops',
      EbsOptimized: true,
      Placement: { Tenancy: 'dedicated' },
      Monitoring: { Enabled: true },
      MetadataOptions: { HttpTokens: 'required' },
      MinCount: 1,
      MaxCount: 1,
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'web' }] }],
    });
    expect(plan.notes.join('\n')).toMatch(/10\.0\.0\.7.*2 network interfaces/s);
    expect(plan.cfn['Instance']?.Properties).toMatchObject({ IamInstanceProfile: 'web', SourceDestCheck: false });
  });

  it('leaves out what is as it is by default, and puts one without a subnet into its zone', () => {
    const plain = { availability_zone: 'eu-west-1a', instance_type: 't3.micro', source_dest_check: true };
    const plan = planRestore(
      wanted('ec2ami', { facts: { ...plain, ebs_optimized: false, detailed_monitoring: false } }),
    );
    expect(operations(plan)).toEqual(['RunInstances', 'instance-running']);
    const inTemplates = { ImageId: OF.ec2ami.id, InstanceType: 't3.micro', AvailabilityZone: 'eu-west-1a' };
    expect(plan.cfn['Instance']?.Properties).toEqual(inTemplates);
    expect(plan.terraform['aws_instance']?.['restored']).toEqual({
      ami: OF.ec2ami.id,
      instance_type: 't3.micro',
      availability_zone: 'eu-west-1a',
    });
    expect(parametersOf(plan, 'RunInstances')).toEqual({
      ImageId: OF.ec2ami.id,
      InstanceType: 't3.micro',
      Placement: { AvailabilityZone: 'eu-west-1a' },
      MinCount: 1,
      MaxCount: 1,
    });
  });

  it('asks for type and network alone where nothing is known', () => {
    expect(inputs(planRestore(unknown('ec2ami')))).toEqual(['SUBNET_ID', 'INSTANCE_TYPE', 'SECURITY_GROUP_IDS']);
  });

  it('asks for the zone of one without a subnet in another region', () => {
    const plan = planRestore(wanted('ec2ami', { facts: { availability_zone: 'eu-west-1a' }, ...ELSEWHERE }));
    expect(parametersOf(plan, 'RunInstances')).toMatchObject({
      Placement: { AvailabilityZone: { Ref: 'AVAILABILITY_ZONE' } },
    });
  });

  it('copies the image first where another region is named', () => {
    const plan = planRestore(wanted('ec2ami', { facts, ...ELSEWHERE, backup: { encrypted: true } }));
    expect(operations(plan).slice(0, 3)).toEqual(['CopyImage', 'image-available', 'RunInstances']);
    expect(parametersOf(plan, 'CopyImage')).toEqual({
      SourceRegion: LOCAL,
      SourceImageId: OF.ec2ami.id,
      Name: expect.stringMatching(/^shelvery-restore-[0-9a-f]{12}$/),
    });
    expect(plan.inputs.find(({ name }) => name === 'SECURITY_GROUP_IDS')).toMatchObject({ list: true });
  });

  it('shares the image with its snapshots first where another account is named', () => {
    const plan = planRestore(wanted('ec2ami', { facts, ...OTHER, backup: { encrypted: true } }));
    expect(operations(plan).slice(0, 4)).toEqual([
      'DescribeImages',
      'ModifySnapshotAttribute',
      'ModifyImageAttribute',
      'CopyImage',
    ]);
    expect(plan.steps[1]).toMatchObject({ kind: 'each', each: { list: 'SNAPSHOT_IDS', item: 'SNAPSHOT_ID' } });
  });
});

describe('planRestore of a database', () => {
  const facts: ResourceFacts = {
    instance_class: 'db.m6g.large',
    engine: 'postgres',
    multi_az: false,
    availability_zone: 'eu-west-1a',
    subnet_group: 'private',
    security_group_ids: ['sg-0a1b2c3d'],
    parameter_group: 'tuned',
    option_group: 'default:postgres-16',
    port: 5499,
    publicly_accessible: true,
    storage_type: 'gp3',
    iops: 12000,
    throughput_mibps: 500,
    backup_retention_days: 7,
    max_storage_gib: 500,
  };

  it('restores it with its groups, and sets afterwards what a restore does not take', () => {
    const plan = planRestore(wanted('rds', { facts, tags: { team: 'a' } }));
    expect(operations(plan)).toEqual([
      'RestoreDBInstanceFromDBSnapshot',
      'db-instance-available',
      'ModifyDBInstance',
      'db-instance-available',
    ]);
    expect(parametersOf(plan, 'RestoreDBInstanceFromDBSnapshot')).toEqual({
      DBInstanceIdentifier: 'orders',
      DBSnapshotIdentifier: OF.rds.id,
      DBInstanceClass: 'db.m6g.large',
      DBSubnetGroupName: 'private',
      VpcSecurityGroupIds: ['sg-0a1b2c3d'],
      Port: 5499,
      DBParameterGroupName: 'tuned',
      OptionGroupName: 'default:postgres-16',
      MultiAZ: false,
      AvailabilityZone: 'eu-west-1a',
      PubliclyAccessible: true,
      StorageType: 'gp3',
      Iops: 12000,
      StorageThroughput: 500,
      Tags: [{ Key: 'team', Value: 'a' }],
    });
    expect(parametersOf(plan, 'ModifyDBInstance')).toEqual({
      DBInstanceIdentifier: 'orders',
      BackupRetentionPeriod: 7,
      MaxAllocatedStorage: 500,
      ApplyImmediately: true,
    });
    expect(plan.inputs).toEqual([]);
  });

  it.each([
    ['gp3 at its base', { storage_type: 'gp3', iops: 3000, throughput_mibps: 125 }, {}],
    ['gp3 of which nothing is told', { storage_type: 'gp3' }, {}],
    ['io2', { storage_type: 'io2', iops: 1000 }, { Iops: 1000 }],
    ['io1', { storage_type: 'io1', iops: 1000, throughput_mibps: 500 }, { Iops: 1000 }],
    ['gp2', { storage_type: 'gp2', iops: 300 }, {}],
  ])('gives IOPS only where the storage takes them: %s', (_, storage, expected) => {
    const { Iops, StorageThroughput } = {
      ...{ Iops: undefined, StorageThroughput: undefined },
      ...parametersOf(planRestore(wanted('rds', { facts: storage })), 'RestoreDBInstanceFromDBSnapshot'),
    };
    expect({ Iops, StorageThroughput }).toEqual({ Iops: undefined, StorageThroughput: undefined, ...expected });
  });

  it('has a name of its own while the old one is there, within what RDS takes', () => {
    const plan = planRestore(wanted('rds', { facts, isThere: true }));
    expect(parametersOf(plan, 'ModifyDBInstance')).toMatchObject({ DBInstanceIdentifier: 'orders-restored' });
    expect(plan.notes).toContain('orders still exists, so that the new one is called orders-restored.');
    const long = ResourceId.parse(`o${'r'.repeat(52)}-${'s'.repeat(9)}`);
    const { DBInstanceIdentifier: name } = {
      DBInstanceIdentifier: '',
      ...parametersOf(
        planRestore(wanted('rds', { isThere: true, backup: { resource: long } })),
        'RestoreDBInstanceFromDBSnapshot',
      ),
    };
    expect(name).toBe(`o${'r'.repeat(52)}-restored`);
  });

  it('asks for a name where a tag has none that RDS takes', () => {
    const plan = planRestore(
      wanted('rds', { facts, isThere: true, backup: { resource: ResourceId.parse('; rm -rf /') } }),
    );
    expect(inputs(plan)).toEqual(['NEW_NAME']);
  });

  it('has no zone where it was in several', () => {
    const plan = planRestore(wanted('rds', { facts: { ...facts, multi_az: true } }));
    expect(parametersOf(plan, 'RestoreDBInstanceFromDBSnapshot')).not.toHaveProperty('AvailabilityZone');
  });

  it('copies it first where another region is named, under a key of that region', () => {
    const plan = planRestore(wanted('rds', { facts, ...ELSEWHERE, backup: { encrypted: true } }));
    expect(parametersOf(plan, 'CopyDBSnapshot')).toEqual({
      SourceDBSnapshotIdentifier: `arn:aws:rds:eu-west-1:111111111111:snapshot:${OF.rds.id}`,
      TargetDBSnapshotIdentifier: expect.stringMatching(/^shelvery-restore-/),
      KmsKeyId: { Ref: 'KMS_KEY_ID' },
      SourceRegion: LOCAL,
    });
    expect(inputs(plan)).toEqual(['KMS_KEY_ID', 'SUBNET_GROUP', 'SECURITY_GROUP_IDS', 'PARAMETER_GROUP']);
    // AWS's own groups are there everywhere; zones are not.
    expect(parametersOf(plan, 'RestoreDBInstanceFromDBSnapshot')).toMatchObject({
      OptionGroupName: 'default:postgres-16',
    });
    expect(parametersOf(plan, 'RestoreDBInstanceFromDBSnapshot')).not.toHaveProperty('AvailabilityZone');
  });

  it('shares it first where another account is named', () => {
    const plan = planRestore(wanted('rds', { facts, ...OTHER }));
    expect(operations(plan).slice(0, 3)).toEqual([
      'ModifyDBSnapshotAttribute',
      'CopyDBSnapshot',
      'db-snapshot-available',
    ]);
    expect(parametersOf(plan, 'CopyDBSnapshot')).not.toHaveProperty('SourceRegion');
    expect(parametersOf(plan, 'CopyDBSnapshot')).not.toHaveProperty('KmsKeyId');
  });

  it('makes nothing public because a file of another account says so', () => {
    const plan = planRestore(wanted('rds', { facts, ...PULLED }));
    expect(parametersOf(plan, 'RestoreDBInstanceFromDBSnapshot')).toMatchObject({ PubliclyAccessible: false });
    expect(plan.notes.join('\n')).toContain('The new one has none, as the backup came from another account');
    const untold = planRestore(wanted('rds', { facts: {}, ...PULLED }));
    expect(parametersOf(untold, 'RestoreDBInstanceFromDBSnapshot')).not.toHaveProperty('PubliclyAccessible');
    const inside = planRestore(wanted('rds', { facts: { publicly_accessible: false }, ...PULLED }));
    expect(inside.notes.join('\n')).not.toContain('public');
  });

  it('asks for class and network where nothing is known, and changes nothing afterwards', () => {
    const plan = planRestore(unknown('rds'));
    expect(inputs(plan)).toEqual(['INSTANCE_CLASS', 'SUBNET_GROUP', 'SECURITY_GROUP_IDS']);
    expect(operations(plan)).toEqual(['RestoreDBInstanceFromDBSnapshot', 'db-instance-available']);
  });

  it('asks for nothing that the resource did not have', () => {
    expect(inputs(planRestore(wanted('rds')))).toEqual([]);
    expect(inputs(planRestore(wanted('redshift')))).toEqual([]);
    expect(inputs(planRestore(wanted('ec2ami')))).toEqual([]);
  });

  it('takes the default subnet group for what it is', () => {
    const plan = planRestore(wanted('rds', { facts: { subnet_group: 'default' }, ...ELSEWHERE }));
    expect(parametersOf(plan, 'RestoreDBInstanceFromDBSnapshot')).toMatchObject({ DBSubnetGroupName: 'default' });
  });
});

describe('planRestore of a cluster', () => {
  const facts: ResourceFacts = {
    engine: 'aurora-postgresql',
    engine_version: '16.4',
    members: ['orders-1', 'orders-2'],
    iam_authentication: true,
    backup_window: '02:00-02:30',
  };

  it('makes its instances, which a restore does not', () => {
    const plan = planRestore(wanted('rds_cluster', { facts, tags: { team: 'a' } }));
    expect(operations(plan)).toEqual([
      'RestoreDBClusterFromSnapshot',
      'db-cluster-available',
      'CreateDBInstance',
      'CreateDBInstance',
      'db-instance-available',
      'db-instance-available',
      'ModifyDBCluster',
      'db-cluster-available',
    ]);
    expect(parametersOf(plan, 'RestoreDBClusterFromSnapshot')).toEqual({
      DBClusterIdentifier: 'orders',
      SnapshotIdentifier: OF.rds_cluster.id,
      Engine: 'aurora-postgresql',
      EngineVersion: '16.4',
      EnableIAMDatabaseAuthentication: true,
      Tags: [{ Key: 'team', Value: 'a' }],
    });
    expect(parametersOf(plan, 'CreateDBInstance')).toEqual({
      DBInstanceIdentifier: 'orders-1',
      DBInstanceClass: { Ref: 'INSTANCE_CLASS' },
      Engine: 'aurora-postgresql',
      DBClusterIdentifier: 'orders',
    });
    expect(Object.keys(plan.cfn)).toEqual(['Cluster', 'Instance1', 'Instance2']);
    expect(plan.cfn['Instance1']?.Properties).toMatchObject({ DBClusterIdentifier: { Ref: 'Cluster' } });
  });

  it('gives serverless instances their class, and the cluster its capacity', () => {
    const serverless = { ...facts, serverless_min_capacity: 0.5, serverless_max_capacity: 8 };
    const plan = planRestore(wanted('rds_cluster', { facts: serverless }));
    expect(plan.inputs).toEqual([]);
    expect(parametersOf(plan, 'CreateDBInstance')).toMatchObject({ DBInstanceClass: 'db.serverless' });
    expect(parametersOf(plan, 'RestoreDBClusterFromSnapshot')).toMatchObject({
      ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 8 },
    });
    const half = planRestore(wanted('docdb', { facts: { serverless_min_capacity: 1 } }));
    expect(parametersOf(half, 'RestoreDBClusterFromSnapshot')).not.toHaveProperty('ServerlessV2ScalingConfiguration');
  });

  it('restores a Multi-AZ cluster with the instances that it has, and nowhere else', () => {
    const multi = { engine: 'postgres', instance_class: 'db.m6gd.large', iops: 3000, publicly_accessible: false };
    const plan = planRestore(wanted('rds_cluster', { facts: multi }));
    expect(operations(plan)).toEqual(['RestoreDBClusterFromSnapshot', 'db-cluster-available']);
    expect(parametersOf(plan, 'RestoreDBClusterFromSnapshot')).toMatchObject({
      DBClusterInstanceClass: 'db.m6gd.large',
      Iops: 3000,
      PubliclyAccessible: false,
    });
    expect(plan.terraform).not.toHaveProperty('aws_rds_cluster_instance');
    for (const into of [ELSEWHERE, OTHER]) {
      expect(() => planRestore(wanted('rds_cluster', { facts: multi, ...into }))).toThrow(
        /cannot be restored there: AWS copies no snapshot of a Multi-AZ cluster/,
      );
    }
  });

  it.each([
    ['aurora-iopt1', 'aurora-iopt1'],
    ['gp2', undefined],
    [undefined, undefined],
  ])('names a storage of Aurora that Aurora takes: %s', (told, given) => {
    const plan = planRestore(
      wanted('rds_cluster', { facts: told === undefined ? facts : { ...facts, storage_type: told } }),
    );
    expect({ StorageType: undefined, ...parametersOf(plan, 'RestoreDBClusterFromSnapshot') }.StorageType).toBe(given);
    expect(
      parametersOf(planRestore(wanted('docdb', { facts: { storage_type: 'iopt1' } })), 'RestoreDBClusterFromSnapshot'),
    ).toMatchObject({ StorageType: 'iopt1' });
  });

  it('asks for engine and class where nothing is known, and makes one instance', () => {
    const plan = planRestore(unknown('rds_cluster'));
    expect(inputs(plan)).toEqual(['ENGINE', 'SUBNET_GROUP', 'SECURITY_GROUP_IDS', 'INSTANCE_CLASS']);
    expect(parametersOf(plan, 'CreateDBInstance')).toMatchObject({ DBInstanceIdentifier: 'orders-1' });
    expect(plan.notes.join('\n')).toContain('one is made, the writer');
  });

  it('asks for the names of instances that a file of somebody else spoils', () => {
    const plan = planRestore(wanted('rds_cluster', { facts: { ...facts, members: ['-x', 'b c'] } }));
    expect(inputs(plan)).toEqual(['INSTANCE_CLASS', 'INSTANCE_NAME_1', 'INSTANCE_NAME_2']);
    expect(plan.steps.map(({ title }) => title)).toContain('Make its instance');
  });

  it('copies and shares by the names of clusters', () => {
    const plan = planRestore(wanted('rds_cluster', { facts, into: { account: OTHER_ACCOUNT, region: DR } }));
    expect(operations(plan).slice(0, 3)).toEqual([
      'ModifyDBClusterSnapshotAttribute',
      'CopyDBClusterSnapshot',
      'db-cluster-snapshot-available',
    ]);
    expect(parametersOf(plan, 'CopyDBClusterSnapshot')).toMatchObject({
      SourceDBClusterSnapshotIdentifier: `arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:${OF.rds_cluster.id}`,
    });
  });

  it("calls DocumentDB's own service, waits by that of RDS, and leaves out what it has no word for", () => {
    const plan = planRestore(
      wanted('docdb', { facts: { ...facts, engine: 'docdb', copy_tags_to_snapshot: true, network_type: 'IPV4' } }),
    );
    expect(plan.steps.map(({ service, operation }) => `${service} ${operation}`).slice(0, 3)).toEqual([
      'docdb RestoreDBClusterFromSnapshot',
      'rds db-cluster-available',
      'docdb CreateDBInstance',
    ]);
    const restored = parametersOf(plan, 'RestoreDBClusterFromSnapshot');
    for (const name of ['EnableIAMDatabaseAuthentication', 'CopyTagsToSnapshot', 'NetworkType'])
      expect(restored).not.toHaveProperty(name);
    expect(plan.cfn['Cluster']?.Properties).not.toHaveProperty('Engine');
    expect(plan.cfn['Instance1']?.Properties).not.toHaveProperty('Engine');
  });

  it('does not take DocumentDB to another region and account at once', () => {
    expect(() => planRestore(wanted('docdb', { into: { account: OTHER_ACCOUNT, region: DR } }))).toThrow(
      expect.objectContaining({ code: 'Unsupported', message: expect.stringMatching(/not to both at once/) }),
    );
    expect(operations(planRestore(wanted('docdb', OTHER)))[0]).toBe('ModifyDBClusterSnapshotAttribute');
    expect(operations(planRestore(wanted('docdb', ELSEWHERE)))[0]).toBe('CopyDBClusterSnapshot');
  });
});

describe('planRestore of a Redshift cluster', () => {
  const facts: ResourceFacts = {
    node_type: 'ra3.xlplus',
    node_count: 2,
    subnet_group: 'private',
    parameter_group: 'tuned',
    iam_roles: ['arn:aws:iam::111111111111:role/load'],
    availability_zone: 'eu-west-1a',
    multi_az: true,
    port: 5439,
  };

  it('restores it with its nodes, groups and roles', () => {
    const plan = planRestore(wanted('redshift', { facts }));
    expect(operations(plan)).toEqual(['RestoreFromClusterSnapshot', 'cluster-available']);
    expect(parametersOf(plan, 'RestoreFromClusterSnapshot')).toEqual({
      ClusterIdentifier: 'orders',
      SnapshotIdentifier: OF.redshift.id,
      SnapshotClusterIdentifier: 'orders',
      NodeType: 'ra3.xlplus',
      NumberOfNodes: 2,
      ClusterSubnetGroupName: 'private',
      ClusterParameterGroupName: 'tuned',
      IamRoles: ['arn:aws:iam::111111111111:role/load'],
      AvailabilityZone: 'eu-west-1a',
      MultiAZ: true,
      Port: 5439,
    });
    expect(plan.cfn['Cluster']?.Properties).toMatchObject({ ClusterType: 'multi-node', NumberOfNodes: 2 });
  });

  it('has no number of nodes in a template for a single one', () => {
    const plan = planRestore(wanted('redshift', { facts: { node_count: 1, subnet_group: 'default' } }));
    expect(plan.cfn['Cluster']?.Properties).toMatchObject({
      ClusterType: 'single-node',
      ClusterSubnetGroupName: 'default',
    });
    expect(plan.cfn['Cluster']?.Properties).not.toHaveProperty('NumberOfNodes');
  });

  it('lets another account restore it where it is', () => {
    const plan = planRestore(wanted('redshift', { facts, ...OTHER }));
    expect(operations(plan)[0]).toBe('AuthorizeSnapshotAccess');
    expect(parametersOf(plan, 'RestoreFromClusterSnapshot')).toMatchObject({ OwnerAccount: OWN_ACCOUNT });
    expect(parametersOf(plan, 'RestoreFromClusterSnapshot')).not.toHaveProperty('AvailabilityZone');
    expect(inputs(plan)).toContain('IAM_ROLES');
    expect(plan.preparation).toBe(1);
  });

  it('is not restored in another region, and says where', () => {
    expect(() => planRestore(wanted('redshift', { facts, ...ELSEWHERE }))).toThrow(
      expect.objectContaining({
        code: 'Unsupported',
        message: expect.stringMatching(/in its own region, eu-west-1/),
      }),
    );
  });

  it('takes the default subnet group for what it is, in another account, too', () => {
    const plan = planRestore(wanted('redshift', { facts: { subnet_group: 'default' }, ...OTHER }));
    expect(inputs(plan)).not.toContain('SUBNET_GROUP');
    expect(parametersOf(plan, 'RestoreFromClusterSnapshot')).toMatchObject({ ClusterSubnetGroupName: 'default' });
  });

  it('asks for the type of nodes and the network where nothing is known', () => {
    const plan = planRestore(unknown('redshift', { backup: { resource: ResourceId.parse('a b') } }));
    expect(inputs(plan)).toEqual(['OLD_CLUSTER', 'NEW_NAME', 'NODE_TYPE', 'SUBNET_GROUP', 'SECURITY_GROUP_IDS']);
  });
});

describe('planRestore of every type', () => {
  it.each(BACKUP_TYPES)('says that what is made is not backed up: %s', (type) => {
    expect(planRestore(wanted(type)).notes).toContain('What is made is not backed up until you tag it.');
  });
});

describe('an encrypted backup that is to be restored in another account', () => {
  it.each<[BackupType, string]>([
    ['ebs', `ec2 copy-snapshot --source-region ${LOCAL} --source-snapshot-id ${OF.ebs.id} --encrypted`],
    ['ec2ami', `ec2 copy-image --source-region ${LOCAL} --source-image-id ${OF.ec2ami.id} --name shelvery-restore-`],
    ['rds', `rds copy-db-snapshot --source-db-snapshot-identifier ${OF.rds.id} --target-db-snapshot-identifier `],
    ['rds_cluster', `rds copy-db-cluster-snapshot --source-db-cluster-snapshot-identifier ${OF.rds_cluster.id} --t`],
    ['docdb', `docdb copy-db-cluster-snapshot --source-db-cluster-snapshot-identifier ${OF.docdb.id} --target-db-`],
  ])('has the command that first copies it under a key of its own: %s', (type, command) => {
    const { notes } = planRestore(wanted(type, { ...OTHER, backup: { encrypted: true } }));
    expect(notes).toContainEqual(
      expect.stringContaining(`To copy it first, in account ${OWN_ACCOUNT}: aws ${command}`),
    );
    expect(notes).toContainEqual(expect.stringContaining(` --kms-key-id <your key> --region ${LOCAL}`));
    expect(notes).toContainEqual(expect.stringContaining(`in place of ${OF[type].id} in every command`));
    expect(planRestore(wanted(type, OTHER)).notes.join('\n')).not.toContain('To copy it first');
  });
});
