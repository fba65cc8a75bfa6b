import {
  AuthorizeSnapshotAccessCommand,
  CreateClusterCommand,
  CreateClusterSnapshotCommand,
  DeleteClusterCommand,
  DescribeClusterSnapshotsCommand,
  RedshiftClient,
  paginateDescribeClusterSnapshots,
} from '@aws-sdk/client-redshift';
import type { CreateClusterMessage, Snapshot } from '@aws-sdk/client-redshift';
import type { AccountId, Region, Tags } from '@shelvery/engine/terminal';
import { BackupId, ResourceId } from '@shelvery/engine/terminal';
import { createRedshiftAdapter } from '../../../functions/redshift/adapter.js';
import { fromTagList, toTagList } from '../../../functions/shared/tag-list.js';
import { databaseControls } from '../../emulator/databases.js';
import { commonControls, startEmulatedAccount } from './emulated-account.js';
import { HOME, OTHER_ACCOUNT, PREFIX } from '../../contract/harness.js';
import { stateControls } from './rds.harness.js';
import type { EmulatedDatabases } from './rds.harness.js';

export interface RedshiftHarness extends EmulatedDatabases {
  readonly client: (region: Region, account?: AccountId) => RedshiftClient;
  makeCluster(id: string, tags: Tags, more?: Partial<CreateClusterMessage>, account?: AccountId): Promise<void>;
  /** Manual snapshots, as the service answers them. */
  snapshots(region: Region): Promise<readonly Snapshot[]>;
}

export async function startRedshift(): Promise<RedshiftHarness> {
  const account = await startEmulatedAccount();
  const { emulator, access } = account;
  const databases = databaseControls(emulator);
  const client = (region: Region, owner: AccountId = HOME.accountId): RedshiftClient =>
    new RedshiftClient(emulator.clientConfig(owner, region));
  let made = 0;
  const makeCluster: RedshiftHarness['makeCluster'] = async (id, tags, more = {}, owner = HOME.accountId) => {
    const command = new CreateClusterCommand({
      ClusterIdentifier: id,
      NodeType: 'ra3.large',
      ClusterType: 'single-node',
      MasterUsername: 'owner',
      MasterUserPassword: 'Emulator-1',
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
    const command = new CreateClusterSnapshotCommand({
      ClusterIdentifier: cluster,
      SnapshotIdentifier: name,
      Tags: toTagList(tags),
    });
    return BackupId.parse((await client(HOME.region, owner).send(command)).Snapshot?.SnapshotIdentifier);
  };
  const snapshots: RedshiftHarness['snapshots'] = async (region) => {
    const found: Snapshot[] = [];
    for await (const page of paginateDescribeClusterSnapshots({ client: client(region) }, { SnapshotType: 'manual' }))
      found.push(...(page.Snapshots ?? []));
    return found;
  };
  return {
    ...commonControls(emulator, 'redshift'),
    ...stateControls(databases, account),
    account,
    databases,
    client,
    makeCluster,
    makeDatabase: (id, tags) => makeCluster(id, tags),
    snapshots,
    adapter: createRedshiftAdapter({ access, prefix: PREFIX }),
    actions: {
      create: 'CreateClusterSnapshot',
      tag: 'CreateTags',
      remove: 'DeleteClusterSnapshot',
      reads: ['DescribeClusters', 'DescribeClusterSnapshots', 'DescribeTags'],
      list: 'DescribeClusters',
    },
    refusedToken: 'InvalidParameterValue',
    describedPerCall: 100,
    reset: () => emulator.reset(),
    makeResource: async (tags, { encrypted } = { encrypted: false }) => {
      made += 1;
      const id = ResourceId.parse(`warehouse-${String(made)}`);
      await makeCluster(id, tags, encrypted ? { Encrypted: true } : {});
      return id;
    },
    removeResource: async (id) => {
      await client(HOME.region).send(
        new DeleteClusterCommand({ ClusterIdentifier: id, SkipFinalClusterSnapshot: true }),
      );
    },
    makeSnapshot: (resource, name, tags) => makeSnapshot(resource, name, tags),
    makeForeignSnapshot: async (name, tags) => {
      made += 1;
      const theirs = `theirs-${String(made)}`;
      await makeCluster(theirs, {}, {}, OTHER_ACCOUNT);
      const id = await makeSnapshot(theirs, name, tags, OTHER_ACCOUNT);
      const share = { SnapshotIdentifier: id, AccountWithRestoreAccess: HOME.accountId };
      await client(HOME.region, OTHER_ACCOUNT).send(new AuthorizeSnapshotAccessCommand(share));
      return id;
    },
    stored: async (region) =>
      new Map(
        (await snapshots(region)).map(({ SnapshotIdentifier, Tags: tags }) => [
          BackupId.parse(SnapshotIdentifier),
          fromTagList(tags),
        ]),
      ),
    sharedWith: async (region, id) => {
      const { Snapshots = [] } = await client(region).send(
        new DescribeClusterSnapshotsCommand({ SnapshotIdentifier: id }),
      );
      return Snapshots.flatMap(({ AccountsWithRestoreAccess = [] }) =>
        AccountsWithRestoreAccess.flatMap(({ AccountId: sharedWith }) => sharedWith ?? []),
      );
    },
  };
}
