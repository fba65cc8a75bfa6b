import { EC2Client, RunInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateDBClusterCommand, CreateDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import type { CreateDBClusterMessage, CreateDBInstanceMessage } from '@aws-sdk/client-rds';
import { CreateClusterCommand, RedshiftClient } from '@aws-sdk/client-redshift';
import { BACKUP_TYPES } from '@shelvery/engine/terminal';
import type { BackupType, Tags } from '@shelvery/engine/terminal';
import { toTagList } from '../../../functions/shared/tag-list.js';
import { databaseControls } from '../../../tests/emulator/databases.js';
import type { DatabaseService } from '../../../tests/emulator/databases.js';
import type { Emulator } from '../../../tests/emulator/emulator.js';
import type { Actor } from '../runner.js';

/** A resource that is marked and yet not backed up by a type that might take it for its own. */
export interface Untouched {
  readonly type: BackupType;
  readonly id: string;
  readonly why: string;
}

/** What the act tells of by name. */
export interface Estate {
  readonly heldVolume: string;
  readonly stoppedInstance: string;
  readonly untouched: readonly Untouched[];
}

const MARK: Tags = { 'shelvery:create_backup': 'true' };
const OWNER = { MasterUsername: 'owner', MasterUserPassword: 'Emulator-1' } as const;
const named = (name: string, more: Tags = {}): Tags => ({ ...MARK, Name: name, ...more });

type Maker = (emulator: Emulator, actor: Actor) => Promise<string>;

/** A little of what each type backs up, and of what is easily taken for it; the id of one that is told of by name. */
const MAKERS: Readonly<Record<BackupType, Maker>> = {
  ebs: makeVolumes,
  ec2ami: makeInstances,
  rds: makeDatabases,
  rds_cluster: makeClusters,
  docdb: (emulator, actor) => makeCluster(emulator, actor, 'catalogue', 'docdb', 'Catálogo'),
  redshift: makeWarehouse,
};

/** A little of everything that is backed up. */
export async function makeEstate(emulator: Emulator, actor: Actor): Promise<Estate> {
  const told = new Map<BackupType, string>();
  for (const type of BACKUP_TYPES) told.set(type, await MAKERS[type](emulator, actor));
  return {
    heldVolume: told.get('ebs') ?? '',
    stoppedInstance: told.get('ec2ami') ?? '',
    untouched: [
      { type: 'rds', id: 'shop-member', why: 'a member of the cluster shop, backed up with it by rds_cluster' },
      { type: 'rds_cluster', id: 'catalogue', why: 'a DocumentDB cluster, which RDS lists too: backed up by docdb' },
      { type: 'rds_cluster', id: 'graph', why: 'a Neptune cluster, which is no type of Shelvery’s' },
      { type: 'docdb', id: 'shop', why: 'an Aurora cluster, backed up by rds_cluster' },
    ],
  };
}

/** The automated snapshots that the services make at night. */
export async function makeAutomatedSnapshots(emulator: Emulator, actor: Actor, at: Date): Promise<void> {
  const sources: readonly (readonly [DatabaseService, string])[] = [
    ['rds', 'kasse'],
    ['rds-cluster', 'shop'],
    ['rds-cluster', 'ledger'],
    ['rds-cluster', 'catalogue'],
    ['redshift', 'warehouse'],
  ];
  const databases = databaseControls(emulator);
  const place = { account: actor.account, region: actor.region, createdAt: at.toISOString() };
  for (const [service, source] of sources) await databases.makeAutomatedSnapshot({ service, source, ...place });
}

/** One is put on hold later, one keeps no daily backups, one is not marked; the id of the first. */
async function makeVolumes(emulator: Emulator, { account, region }: Actor): Promise<string> {
  const [held = ''] = await emulator.seedVolumes(
    [
      { tags: named('Kundenarchiv Süd') },
      { tags: named('Zwischenspeicher', { 'shelvery:config:shelvery_keep_daily_backups': '0' }) },
      { tags: { Name: 'scratch' } },
    ],
    { account, region },
  );
  return held;
}

/** One runs and one is stopped; the id of the stopped one. */
async function makeInstances(emulator: Emulator, actor: Actor): Promise<string> {
  const ec2 = new EC2Client(emulator.clientConfig(actor.account, actor.region));
  const start = async (name: string): Promise<string> => {
    const mappings = [{ DeviceName: '/dev/sda1', Ebs: { VolumeSize: 1 } }];
    const tags = [{ ResourceType: 'instance' as const, Tags: toTagList(named(name)) }];
    const command = new RunInstancesCommand({
      ImageId: 'ami-12345678',
      MinCount: 1,
      MaxCount: 1,
      BlockDeviceMappings: mappings,
      TagSpecifications: tags,
    });
    return (await ec2.send(command)).Instances?.[0]?.InstanceId ?? '';
  };
  await start('Webserver Köln');
  const stopped = await start('Prüfstand');
  await ec2.send(new StopInstancesCommand({ InstanceIds: [stopped] }));
  return stopped;
}

/** One of them cannot be backed up as it is; its id. */
async function makeDatabases(emulator: Emulator, actor: Actor): Promise<string> {
  const ownStorage = { AllocatedStorage: 20, ...OWNER };
  await makeDatabase(emulator, actor, 'kasse', 'Kasse', ownStorage);
  await makeDatabase(emulator, actor, 'lohn', 'Löhne', ownStorage);
  const changing = await makeDatabase(emulator, actor, 'umbau', 'Umbau', ownStorage);
  const { account, region } = actor;
  await databaseControls(emulator).setDatabaseState({
    service: 'rds',
    id: changing,
    state: 'modifying',
    account,
    region,
  });
  return changing;
}

/** Aurora with a member, Multi-AZ, and Neptune, which is none of the type's; the id of the first. */
async function makeClusters(emulator: Emulator, actor: Actor): Promise<string> {
  const shop = await makeCluster(emulator, actor, 'shop', 'aurora-postgresql', 'Café-Shop');
  const member = { Engine: 'aurora-postgresql', DBClusterIdentifier: shop };
  await makeDatabase(emulator, actor, 'shop-member', 'Café-Shop', member);
  await makeCluster(emulator, actor, 'ledger', 'postgres', 'Hauptbuch', {
    DBClusterInstanceClass: 'db.m6gd.large',
    AllocatedStorage: 100,
    Iops: 1000,
    StorageType: 'io1',
  });
  await makeCluster(emulator, actor, 'graph', 'neptune', 'Graph');
  return shop;
}

async function makeDatabase(
  emulator: Emulator,
  actor: Actor,
  id: string,
  name: string,
  more: Partial<CreateDBInstanceMessage>,
): Promise<string> {
  const command = new CreateDBInstanceCommand({
    DBInstanceIdentifier: id,
    DBInstanceClass: 'db.t4g.medium',
    Engine: 'postgres',
    Tags: toTagList(named(name)),
    ...more,
  });
  await new RDSClient(emulator.clientConfig(actor.account, actor.region)).send(command);
  return id;
}

async function makeCluster(
  emulator: Emulator,
  actor: Actor,
  id: string,
  engine: string,
  name: string,
  more: Partial<CreateDBClusterMessage> = {},
): Promise<string> {
  const command = new CreateDBClusterCommand({
    DBClusterIdentifier: id,
    Engine: engine,
    ...OWNER,
    Tags: toTagList(named(name)),
    ...more,
  });
  await new RDSClient(emulator.clientConfig(actor.account, actor.region)).send(command);
  return id;
}

async function makeWarehouse(emulator: Emulator, actor: Actor): Promise<string> {
  const warehouse = {
    ClusterIdentifier: 'warehouse',
    NodeType: 'ra3.large',
    ClusterType: 'single-node',
    ...OWNER,
    Tags: toTagList(named('Entrepôt')),
  };
  await new RedshiftClient(emulator.clientConfig(actor.account, actor.region)).send(
    new CreateClusterCommand(warehouse),
  );
  return warehouse.ClusterIdentifier;
}
