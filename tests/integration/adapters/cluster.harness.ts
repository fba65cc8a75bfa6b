import {
  AddTagsToResourceCommand,
  CreateDBClusterCommand,
  CreateDBClusterSnapshotCommand,
  DeleteDBClusterCommand,
  DescribeDBClusterSnapshotAttributesCommand,
  ModifyDBClusterSnapshotAttributeCommand,
  RDSClient,
  paginateDescribeDBClusterSnapshots,
} from '@aws-sdk/client-rds';
import type { CreateDBClusterMessage, DBClusterSnapshot } from '@aws-sdk/client-rds';
import type { AccountId, AwsAccess, BackupAdapter, Region, Tags } from '@shelvery/engine/terminal';
import { BackupId, ResourceId } from '@shelvery/engine/terminal';
import { fromTagList, toTagList } from '../../../functions/shared/tag-list.js';
import { databaseControls } from '../../emulator/databases.js';
import { commonControls, startEmulatedAccount } from './emulated-account.js';
import { HOME, OTHER_ACCOUNT, PREFIX } from '../../contract/harness.js';
import { stateControls } from './rds.harness.js';
import type { EmulatedDatabases } from './rds.harness.js';

export interface ClusterHarness extends EmulatedDatabases {
  readonly client: (region: Region, account?: AccountId) => RDSClient;
  makeCluster(id: string, tags: Tags, more?: Partial<CreateDBClusterMessage>, account?: AccountId): Promise<void>;
  /** Manual snapshots, as the service answers them. */
  snapshots(region: Region): Promise<readonly DBClusterSnapshot[]>;
}

/** Clusters of the engine, and the adapter that backs them up. */
export async function startClusters(
  engine: string,
  createAdapter: (parts: { access: AwsAccess; prefix: string }) => BackupAdapter,
): Promise<ClusterHarness> {
  const account = await startEmulatedAccount();
  const { emulator, access } = account;
  const databases = databaseControls(emulator);
  const client = (region: Region, owner: AccountId = HOME.accountId): RDSClient =>
    new RDSClient(emulator.clientConfig(owner, region));
  let made = 0;
  const makeCluster: ClusterHarness['makeCluster'] = async (id, tags, more = {}, owner = HOME.accountId) => {
    const command = new CreateDBClusterCommand({
      DBClusterIdentifier: id,
      Engine: engine,
      MasterUsername: 'owner',
      MasterUserPassword: 'emulator-emulator',
      Tags: toTagList(tags),
      ...more,
    });
    await client(HOME.region, owner).send(command);
  };
  const makeSnapshot = async (
    cluster: string,
    name: string,
    tags: Tags,
    owner: AccountId = HOME.accountId,
  ): Promise<BackupId> => {
    const command = new CreateDBClusterSnapshotCommand({
      DBClusterIdentifier: cluster,
      DBClusterSnapshotIdentifier: name,
    });
    const { DBClusterSnapshot: snapshot } = await client(HOME.region, owner).send(command);
    const tagging = new AddTagsToResourceCommand({
      ResourceName: snapshot?.DBClusterSnapshotArn,
      Tags: toTagList(tags),
    });
    await client(HOME.region, owner).send(tagging);
    return BackupId.parse(snapshot?.DBClusterSnapshotIdentifier);
  };
  const snapshots: ClusterHarness['snapshots'] = async (region) => {
    const found: DBClusterSnapshot[] = [];
    for await (const page of paginateDescribeDBClusterSnapshots(
      { client: client(region) },
      { SnapshotType: 'manual' },
    )) {
      found.push(...(page.DBClusterSnapshots ?? []));
    }
    return found;
  };
  return {
    ...commonControls(emulator, 'rds'),
    ...stateControls(databases, account),
    account,
    databases,
    client,
    makeCluster,
    makeDatabase: (id, tags) => makeCluster(id, tags),
    snapshots,
    adapter: createAdapter({ access, prefix: PREFIX }),
    actions: {
      create: 'CreateDBClusterSnapshot',
      tag: 'AddTagsToResource',
      remove: 'DeleteDBClusterSnapshot',
      reads: ['DescribeDBClusters', 'DescribeDBClusterSnapshots', 'ListTagsForResource'],
      list: 'DescribeDBClusters',
    },
    refusedToken: 'InvalidParameterValue',
    describedPerCall: 100,
    reset: () => emulator.reset(),
    makeResource: async (tags, { encrypted } = { encrypted: false }) => {
      made += 1;
      const id = ResourceId.parse(`cluster-${String(made)}`);
      await makeCluster(id, tags, encrypted ? { StorageEncrypted: true } : {});
      return id;
    },
    removeResource: async (id) => {
      await client(HOME.region).send(new DeleteDBClusterCommand({ DBClusterIdentifier: id, SkipFinalSnapshot: true }));
    },
    makeSnapshot: (resource, name, tags) => makeSnapshot(resource, name, tags),
    makeForeignSnapshot: async (name, tags) => {
      made += 1;
      const theirs = `theirs-${String(made)}`;
      await makeCluster(theirs, {}, {}, OTHER_ACCOUNT);
      const id = await makeSnapshot(theirs, name, tags, OTHER_ACCOUNT);
      const share = { DBClusterSnapshotIdentifier: id, AttributeName: 'restore', ValuesToAdd: [HOME.accountId] };
      await client(HOME.region, OTHER_ACCOUNT).send(new ModifyDBClusterSnapshotAttributeCommand(share));
      return id;
    },
    stored: async (region) =>
      new Map(
        (await snapshots(region)).map(({ DBClusterSnapshotIdentifier, TagList }) => [
          BackupId.parse(DBClusterSnapshotIdentifier),
          fromTagList(TagList),
        ]),
      ),
    sharedWith: async (region, id) => {
      const command = new DescribeDBClusterSnapshotAttributesCommand({ DBClusterSnapshotIdentifier: id });
      const { DBClusterSnapshotAttributesResult } = await client(region).send(command);
      return (DBClusterSnapshotAttributesResult?.DBClusterSnapshotAttributes ?? []).flatMap(
        ({ AttributeValues }) => AttributeValues ?? [],
      );
    },
  };
}
