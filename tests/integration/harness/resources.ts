import { CreateVolumeCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateDBClusterCommand, CreateDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import type { BackupType, Tags } from '@shelvery/engine';
import { toTagList } from '../../../functions/shared/tag-list.js';
import { databaseControls } from '../../emulator/databases.js';
import type { Emulator } from '../../emulator/emulator.js';

/** Of which type something is, and where. */
export interface TypedPlace {
  readonly type: BackupType;
  readonly account: string;
  readonly region: string;
}

const MARK: Tags = { 'shelvery:create_backup': 'true' };
const OWNER = { MasterUsername: 'owner', MasterUserPassword: 'emulator-emulator' } as const;
/** What a database service calls the engines of the types. */
const ENGINES: Readonly<Partial<Record<BackupType, string>>> = { rds_cluster: 'aurora-postgresql', docdb: 'docdb' };

/** Makes a marked resource of the type; its id. */
export async function makeResource(emulator: Emulator, { type, account, region }: TypedPlace, name: string, given: Tags = {}): Promise<string> {
  const tags = { ...MARK, ...given };
  const place = { account, region };
  switch (type) {
    case 'ebs':
      return (await emulator.seedVolumes([{ tags: { Name: name, ...tags } }], place))[0] ?? '';
    case 'ec2ami': {
      const made = await new EC2Client(emulator.clientConfig(account, region)).send(
        new RunInstancesCommand({
          ImageId: 'ami-12345678',
          MinCount: 1,
          MaxCount: 1,
          BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: { VolumeSize: 1 } }],
          TagSpecifications: [{ ResourceType: 'instance', Tags: toTagList({ Name: name, ...tags }) }],
        }),
      );
      return made.Instances?.[0]?.InstanceId ?? '';
    }
    case 'rds':
    case 'redshift':
      await databaseControls(emulator).seedDatabases(type, [{ id: name, tags }], place);
      return name;
    case 'rds_cluster':
    case 'docdb':
      await databaseControls(emulator).seedDatabases('rds-cluster', [{ id: name, tags, engine: ENGINES[type] ?? '' }], place);
      return name;
  }
}

/** Makes a marked volume, database or cluster that is encrypted; under the AWS-managed key where none is given. */
export async function makeEncryptedResource(
  emulator: Emulator,
  { type, account, region }: TypedPlace,
  name: string,
  { kmsKeyId, tags = {} }: { readonly kmsKeyId?: string | undefined; readonly tags?: Tags } = {},
): Promise<void> {
  const client = emulator.clientConfig(account, region);
  const Tags = toTagList({ ...MARK, Name: name, ...tags });
  const keyed = kmsKeyId === undefined ? {} : { KmsKeyId: kmsKeyId };
  const database = { ...OWNER, StorageEncrypted: true, ...keyed, Tags };
  switch (type) {
    case 'ebs': {
      const volume = { AvailabilityZone: `${region}a`, Size: 1, Encrypted: true, ...keyed };
      await new EC2Client(client).send(new CreateVolumeCommand({ ...volume, TagSpecifications: [{ ResourceType: 'volume', Tags }] }));
      return;
    }
    case 'rds':
      await new RDSClient(client).send(
        new CreateDBInstanceCommand({ DBInstanceIdentifier: name, DBInstanceClass: 'db.t4g.micro', Engine: 'postgres', AllocatedStorage: 20, ...database }),
      );
      return;
    case 'rds_cluster':
    case 'docdb':
      await new RDSClient(client).send(new CreateDBClusterCommand({ DBClusterIdentifier: name, Engine: ENGINES[type], ...database }));
      return;
    case 'ec2ami':
    case 'redshift':
      throw new Error(`There is no encrypted ${type} here yet.`);
  }
}
