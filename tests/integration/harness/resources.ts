import { CreateVolumeCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateDBClusterCommand, CreateDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import { CreateClusterCommand, RedshiftClient } from '@aws-sdk/client-redshift';
import type { BackupType } from '@shelvery/engine';
import { present } from '../../../layers/engine/src/domain/present.js';
import { databaseControls } from '../../emulator/databases.js';
import type { DatabaseService } from '../../emulator/databases.js';
import type { Emulator } from '../../emulator/emulator.js';

/** Of which type something is, and where. */
export interface TypedPlace {
  readonly type: BackupType;
  readonly account: string;
  readonly region: string;
}

/** Which resource, and where. */
export interface ResourceSeed extends TypedPlace {
  readonly name: string;
  /** Beside the mark. */
  readonly tags?: Readonly<Record<string, string>>;
  /** The key that it is encrypted with; without one it is not encrypted. */
  readonly kmsKeyId?: string | undefined;
}

/** For `kmsKeyId`: the AWS-managed key of the service. */
export const AWS_MANAGED_KEY = 'AWS-managed';

function keyed(kmsKeyId: string): { readonly KmsKeyId?: string } {
  return kmsKeyId === AWS_MANAGED_KEY ? {} : { KmsKeyId: kmsKeyId };
}

function tagsOf({ tags = {} }: ResourceSeed): Readonly<Record<string, string>> {
  return { 'shelvery:create_backup': 'true', ...tags };
}

/** What the emulator calls the services of the types that are databases. */
export const DATABASE_SERVICES: Readonly<Partial<Record<BackupType, DatabaseService>>> = {
  rds: 'rds',
  rds_cluster: 'rds-cluster',
  docdb: 'rds-cluster',
  redshift: 'redshift',
};

/** What a database service calls the engines of the types. */
const ENGINES: Readonly<Partial<Record<BackupType, string>>> = { rds_cluster: 'aurora-postgresql', docdb: 'docdb' };

/** Makes a marked resource; its id. */
export async function makeResource(emulator: Emulator, seed: ResourceSeed): Promise<string> {
  const { type, account, region, name, kmsKeyId } = seed;
  switch (type) {
    case 'ebs':
      if (kmsKeyId !== undefined) return await makeEncryptedVolume(emulator, seed, kmsKeyId);
      return (await emulator.seedVolumes([{ tags: { Name: name, ...tagsOf(seed) } }], { account, region }))[0] ?? '';
    case 'ec2ami':
      return await makeInstance(emulator, seed);
    default:
      if (kmsKeyId === undefined) await seedDatabase(emulator, seed);
      else await makeEncryptedDatabase(emulator, seed, kmsKeyId);
      return name;
  }
}

function tagList(seed: ResourceSeed): { Key: string; Value: string }[] {
  return Object.entries({ Name: seed.name, ...tagsOf(seed) }).map(([Key, Value]) => ({ Key, Value }));
}

async function makeEncryptedVolume(emulator: Emulator, seed: ResourceSeed, kmsKeyId: string): Promise<string> {
  const ec2 = new EC2Client(emulator.clientConfig(seed.account, seed.region));
  const made = await ec2.send(
    new CreateVolumeCommand({
      AvailabilityZone: `${seed.region}a`,
      Size: 1,
      Encrypted: true,
      ...keyed(kmsKeyId),
      TagSpecifications: [{ ResourceType: 'volume', Tags: tagList(seed) }],
    }),
  );
  return made.VolumeId ?? '';
}

async function makeInstance(emulator: Emulator, seed: ResourceSeed): Promise<string> {
  const ec2 = new EC2Client(emulator.clientConfig(seed.account, seed.region));
  const encryption = seed.kmsKeyId === undefined ? {} : { Encrypted: true, ...keyed(seed.kmsKeyId) };
  const made = await ec2.send(
    new RunInstancesCommand({
      ImageId: 'ami-12345678',
      MinCount: 1,
      MaxCount: 1,
      BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: { VolumeSize: 1, ...encryption } }],
      TagSpecifications: [{ ResourceType: 'instance', Tags: tagList(seed) }],
    }),
  );
  return made.Instances?.[0]?.InstanceId ?? '';
}

async function seedDatabase(emulator: Emulator, seed: ResourceSeed): Promise<void> {
  const { type, account, region, name: id } = seed;
  const engine = ENGINES[type];
  const service = type === 'rds' || type === 'redshift' ? type : 'rds-cluster';
  await databaseControls(emulator).seedDatabases(service, [{ id, tags: tagsOf(seed), ...present({ engine }) }], {
    account,
    region,
  });
}

async function makeEncryptedDatabase(emulator: Emulator, seed: ResourceSeed, kmsKeyId: string): Promise<void> {
  const { type, account, region, name } = seed;
  const config = emulator.clientConfig(account, region);
  const owner = { MasterUsername: 'owner', MasterUserPassword: 'Emulator-1', ...keyed(kmsKeyId), Tags: tagList(seed) };
  if (type === 'redshift') {
    const cluster = {
      ClusterIdentifier: name,
      NodeType: 'ra3.large',
      ClusterType: 'single-node',
      Encrypted: true,
      ...owner,
    };
    await new RedshiftClient(config).send(new CreateClusterCommand(cluster));
  } else if (type === 'rds') {
    const instance = {
      DBInstanceIdentifier: name,
      DBInstanceClass: 'db.t4g.micro',
      Engine: 'postgres',
      AllocatedStorage: 20,
      StorageEncrypted: true,
      ...owner,
    };
    await new RDSClient(config).send(new CreateDBInstanceCommand(instance));
  } else {
    const cluster = { DBClusterIdentifier: name, Engine: ENGINES[type] ?? '', StorageEncrypted: true, ...owner };
    await new RDSClient(config).send(new CreateDBClusterCommand(cluster));
  }
}
