import {
  AddTagsToResourceCommand,
  CreateDBInstanceCommand,
  CreateDBSnapshotCommand,
  DeleteDBInstanceCommand,
  DescribeDBSnapshotAttributesCommand,
  ModifyDBSnapshotAttributeCommand,
  RDSClient,
  paginateDescribeDBSnapshots,
} from '@aws-sdk/client-rds';
import type { CreateDBInstanceMessage, DBSnapshot } from '@aws-sdk/client-rds';
import type { AccountId, AwsAccess, Region, Tags } from '@shelvery/engine/terminal';
import { BackupId, ResourceId } from '@shelvery/engine/terminal';
import { createRdsAdapter } from '../../../functions/rds/adapter.js';
import { fromTagList, toTagList } from '../../../functions/shared/tag-list.js';
import { databaseControls } from '../../emulator/databases.js';
import type { DatabaseControls } from '../../emulator/databases.js';
import { commonControls, startEmulatedAccount } from './emulated-account.js';
import type { EmulatedAccount, EmulatedHarness } from './emulated-account.js';
import { HOME, OTHER_ACCOUNT, PREFIX } from '../../contract/harness.js';
import type { DatabaseHarness, Harness } from '../../contract/harness.js';

/** What the tests of databases need beyond the contract. */
export interface EmulatedDatabases extends EmulatedHarness, DatabaseHarness {
  readonly databases: DatabaseControls;
}

export interface RdsHarness extends EmulatedDatabases {
  readonly client: (region: Region, account?: AccountId) => RDSClient;
  makeInstance(id: string, tags: Tags, more?: Partial<CreateDBInstanceMessage>, account?: AccountId): Promise<void>;
  /** Manual snapshots, as the service answers them. */
  snapshots(region: Region): Promise<readonly DBSnapshot[]>;
}

/** The access that another account has to the same emulator. */
export function accessOf({ access, emulator }: EmulatedAccount, accountId: AccountId): AwsAccess {
  const { credentials } = emulator.clientConfig(accountId);
  const other: AwsAccess = {
    ...access,
    home: { ...access.home, accountId },
    config: (region, repeat) => ({ ...access.config(region, repeat), credentials }),
    within: () => other,
  };
  return other;
}

/** Pending for as long as `finishPending` takes. */
const PENDING_MS = 60_000;

/** How the harness of a database service steers the states of its snapshots. */
export function stateControls(
  databases: DatabaseControls,
  account: EmulatedAccount,
): Pick<Harness, 'keepPending' | 'finishPending' | 'failNextBackup'> {
  return {
    keepPending: () => databases.setStates({ pendingMs: PENDING_MS }),
    finishPending: async () => {
      await account.emulator.advanceClock(PENDING_MS);
    },
    failNextBackup: () => databases.setStates({ outcome: 'failed' }),
  };
}

export async function startRds(): Promise<RdsHarness> {
  const account = await startEmulatedAccount();
  const { emulator, access } = account;
  const databases = databaseControls(emulator);
  const client = (region: Region, owner: AccountId = HOME.accountId): RDSClient =>
    new RDSClient(emulator.clientConfig(owner, region));
  let made = 0;
  const makeInstance: RdsHarness['makeInstance'] = async (id, tags, more = {}, owner = HOME.accountId) => {
    const command = new CreateDBInstanceCommand({
      DBInstanceIdentifier: id,
      DBInstanceClass: 'db.t4g.micro',
      Engine: 'postgres',
      AllocatedStorage: 20,
      MasterUsername: 'owner',
      MasterUserPassword: 'emulator-emulator',
      Tags: toTagList(tags),
      ...more,
    });
    await client(HOME.region, owner).send(command);
  };
  const makeSnapshot = async (
    instance: string,
    name: string,
    tags: Tags,
    owner: AccountId = HOME.accountId,
  ): Promise<BackupId> => {
    const command = new CreateDBSnapshotCommand({ DBInstanceIdentifier: instance, DBSnapshotIdentifier: name });
    const { DBSnapshot: snapshot } = await client(HOME.region, owner).send(command);
    await client(HOME.region, owner).send(
      new AddTagsToResourceCommand({ ResourceName: snapshot?.DBSnapshotArn, Tags: toTagList(tags) }),
    );
    return BackupId.parse(snapshot?.DBSnapshotIdentifier);
  };
  const snapshots: RdsHarness['snapshots'] = async (region) => {
    const found: DBSnapshot[] = [];
    for await (const page of paginateDescribeDBSnapshots({ client: client(region) }, { SnapshotType: 'manual' }))
      found.push(...(page.DBSnapshots ?? []));
    return found;
  };
  return {
    ...commonControls(emulator, 'rds'),
    ...stateControls(databases, account),
    account,
    databases,
    client,
    makeInstance,
    makeDatabase: (id, tags) => makeInstance(id, tags),
    snapshots,
    adapter: createRdsAdapter({ access, prefix: PREFIX }),
    actions: {
      create: 'CreateDBSnapshot',
      tag: 'AddTagsToResource',
      remove: 'DeleteDBSnapshot',
      reads: ['DescribeDBInstances', 'DescribeDBSnapshots', 'ListTagsForResource'],
      list: 'DescribeDBInstances',
    },
    refusedToken: 'InvalidParameterValue',
    describedPerCall: 100,
    reset: () => emulator.reset(),
    makeResource: async (tags, { encrypted } = { encrypted: false }) => {
      made += 1;
      const id = ResourceId.parse(`database-${String(made)}`);
      await makeInstance(id, tags, encrypted ? { StorageEncrypted: true } : {});
      return id;
    },
    removeResource: async (id) => {
      await client(HOME.region).send(
        new DeleteDBInstanceCommand({ DBInstanceIdentifier: id, SkipFinalSnapshot: true }),
      );
    },
    makeSnapshot: (resource, name, tags) => makeSnapshot(resource, name, tags),
    makeForeignSnapshot: async (name, tags) => {
      made += 1;
      const theirs = `theirs-${String(made)}`;
      await makeInstance(theirs, {}, {}, OTHER_ACCOUNT);
      const id = await makeSnapshot(theirs, name, tags, OTHER_ACCOUNT);
      const share = { DBSnapshotIdentifier: id, AttributeName: 'restore', ValuesToAdd: [HOME.accountId] };
      await client(HOME.region, OTHER_ACCOUNT).send(new ModifyDBSnapshotAttributeCommand(share));
      return id;
    },
    stored: async (region) =>
      new Map(
        (await snapshots(region)).map(({ DBSnapshotIdentifier, TagList }) => [
          BackupId.parse(DBSnapshotIdentifier),
          fromTagList(TagList),
        ]),
      ),
    sharedWith: async (region, id) => {
      const { DBSnapshotAttributesResult } = await client(region).send(
        new DescribeDBSnapshotAttributesCommand({ DBSnapshotIdentifier: id }),
      );
      return (DBSnapshotAttributesResult?.DBSnapshotAttributes ?? []).flatMap(
        ({ AttributeValues }) => AttributeValues ?? [],
      );
    },
  };
}
