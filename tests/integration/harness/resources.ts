import { CreateVolumeCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateDBClusterCommand, CreateDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import { CreateClusterCommand, RedshiftClient } from '@aws-sdk/client-redshift';
import type { BackupType } from '@shelvery/engine/terminal';
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

/** The databases of a type, in the emulator's words. */
export interface Databases {
  readonly service: DatabaseService;
  /** Which of the service's databases are the type's; left out where all are. */
  readonly engine?: string;
}

/** What the types back up: databases, or something of EC2's, which has no automated snapshots. */
export const BACKED_UP: Readonly<Record<BackupType, Databases | 'volumes' | 'instances'>> = {
  ebs: 'volumes',
  ec2ami: 'instances',
  rds: { service: 'rds' },
  rds_cluster: { service: 'rds-cluster', engine: 'aurora-postgresql' },
  docdb: { service: 'rds-cluster', engine: 'docdb' },
  redshift: { service: 'redshift' },
};

/** The databases that a type backs up; none for what is no database. */
export function databasesOf(type: BackupType): Databases | undefined {
  const backedUp = BACKED_UP[type];
  return typeof backedUp === 'string' ? undefined : backedUp;
}

/** Makes a marked resource; its id. */
export async function makeResource(emulator: Emulator, seed: ResourceSeed): Promise<string> {
  const { type, account, region, name, kmsKeyId } = seed;
  const backedUp = BACKED_UP[type];
  switch (backedUp) {
    case 'volumes':
      if (kmsKeyId !== undefined) return await makeEncryptedVolume(emulator, seed, kmsKeyId);
      return (await emulator.seedVolumes([{ tags: { Name: name, ...tagsOf(seed) } }], { account, region }))[0] ?? '';
    case 'instances':
      return await makeInstance(emulator, seed);
    default:
      if (kmsKeyId === undefined) await seedDatabase(emulator, seed, backedUp);
      else await makeEncryptedDatabase(emulator, seed, backedUp, kmsKeyId);
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

async function seedDatabase(emulator: Emulator, seed: ResourceSeed, { service, engine }: Databases): Promise<void> {
  const { account, region, name: id } = seed;
  await databaseControls(emulator).seedDatabases(service, [{ id, tags: tagsOf(seed), ...present({ engine }) }], {
    account,
    region,
  });
}

async function makeEncryptedDatabase(
  emulator: Emulator,
  seed: ResourceSeed,
  { service, engine = '' }: Databases,
  kmsKeyId: string,
): Promise<void> {
  const { account, region, name } = seed;
  const config = emulator.clientConfig(account, region);
  const owner = { MasterUsername: 'owner', MasterUserPassword: 'Emulator-1', ...keyed(kmsKeyId), Tags: tagList(seed) };
  if (service === 'redshift') {
    const cluster = {
      ClusterIdentifier: name,
      NodeType: 'ra3.large',
      ClusterType: 'single-node',
      Encrypted: true,
      ...owner,
    };
    await new RedshiftClient(config).send(new CreateClusterCommand(cluster));
  } else if (service === 'rds') {
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
    const cluster = { DBClusterIdentifier: name, Engine: engine, StorageEncrypted: true, ...owner };
    await new RDSClient(config).send(new CreateDBClusterCommand(cluster));
  }
}
