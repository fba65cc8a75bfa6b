import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CopyDBClusterSnapshotCommand as CopyDocdbSnapshotCommand, DocDBClient } from '@aws-sdk/client-docdb';
import {
  CopyDBClusterSnapshotCommand,
  CopyDBSnapshotCommand,
  CreateDBClusterCommand,
  CreateDBClusterSnapshotCommand,
  CreateDBInstanceCommand,
  CreateDBSnapshotCommand,
  DescribeDBClusterSnapshotAttributesCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBSnapshotAttributesCommand,
  DescribeDBSnapshotsCommand,
  ModifyDBClusterSnapshotAttributeCommand,
  ModifyDBSnapshotAttributeCommand,
  RDSClient,
} from '@aws-sdk/client-rds';

import { present } from '../../layers/engine/src/domain/present.js';
import { accountsOf } from './accounts.js';
import { databaseControls } from './databases.js';
import { startEmulator, type Emulator } from './emulator.js';

const OTHER = '222222222222';
const THIRD = '333333333333';
const ABROAD = 'eu-central-1';

/** The same for both kinds of snapshots, under the names that each has. */
interface Kind {
  readonly what: string;
  readonly resource: string;
  readonly notFound: string;
  readonly mostCopies: number;
  make(client: RDSClient, name: string, key?: string): Promise<unknown>;
  copy(client: RDSClient, from: string, to: string, KmsKeyId?: string): Promise<unknown>;
  share(
    client: RDSClient,
    name: string,
    change: { ValuesToAdd?: string[]; ValuesToRemove?: string[] },
  ): Promise<unknown>;
  sharedWith(client: RDSClient, name: string): Promise<readonly string[]>;
  list(
    client: RDSClient,
    input: { id?: string; SnapshotType?: string; IncludeShared?: boolean },
  ): Promise<readonly Listed[]>;
}

interface Listed {
  readonly arn: string | undefined;
  readonly status: string | undefined;
  readonly encrypted: boolean | undefined;
  readonly key: string | undefined;
}

const secret = { MasterUsername: 'admin', MasterUserPassword: 'emulator-emulator' };
const encryption = (KmsKeyId?: string): { StorageEncrypted?: boolean; KmsKeyId?: string } =>
  KmsKeyId === undefined
    ? {}
    : KmsKeyId === 'default'
      ? { StorageEncrypted: true }
      : { StorageEncrypted: true, KmsKeyId };

const INSTANCES: Kind = {
  what: 'DB snapshots',
  resource: 'snapshot',
  notFound: 'DBSnapshotNotFoundFault',
  mostCopies: 20,
  async make(client, DBSnapshotIdentifier, key) {
    const DBInstanceIdentifier = `of-${DBSnapshotIdentifier}`;
    const instance = {
      DBInstanceClass: 'db.t4g.micro',
      Engine: 'postgres',
      AllocatedStorage: 20,
      ...secret,
      ...encryption(key),
    };
    await client.send(new CreateDBInstanceCommand({ DBInstanceIdentifier, ...instance }));
    await client.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier, DBSnapshotIdentifier }));
  },
  copy: (client, from, to, key) =>
    client.send(
      new CopyDBSnapshotCommand({
        SourceDBSnapshotIdentifier: from,
        TargetDBSnapshotIdentifier: to,
        ...present({ KmsKeyId: key }),
      }),
    ),
  share: (client, DBSnapshotIdentifier, change) =>
    client.send(new ModifyDBSnapshotAttributeCommand({ DBSnapshotIdentifier, AttributeName: 'restore', ...change })),
  async sharedWith(client, DBSnapshotIdentifier) {
    const { DBSnapshotAttributesResult: found } = await client.send(
      new DescribeDBSnapshotAttributesCommand({ DBSnapshotIdentifier }),
    );
    return found?.DBSnapshotAttributes?.find(({ AttributeName }) => AttributeName === 'restore')?.AttributeValues ?? [];
  },
  async list(client, { id, ...input }) {
    const { DBSnapshots } = await client.send(
      new DescribeDBSnapshotsCommand({ ...input, ...present({ DBSnapshotIdentifier: id }) }),
    );
    return (DBSnapshots ?? []).map((each) => ({
      arn: each.DBSnapshotArn,
      status: each.Status,
      encrypted: each.Encrypted,
      key: each.KmsKeyId,
    }));
  },
};

const CLUSTERS: Kind = {
  what: 'DB cluster snapshots',
  resource: 'cluster-snapshot',
  notFound: 'DBClusterSnapshotNotFoundFault',
  mostCopies: 5,
  async make(client, DBClusterSnapshotIdentifier, key) {
    const DBClusterIdentifier = `of-${DBClusterSnapshotIdentifier}`;
    await client.send(
      new CreateDBClusterCommand({ DBClusterIdentifier, Engine: 'aurora-postgresql', ...secret, ...encryption(key) }),
    );
    await client.send(new CreateDBClusterSnapshotCommand({ DBClusterIdentifier, DBClusterSnapshotIdentifier }));
  },
  copy: (client, from, to, key) =>
    client.send(
      new CopyDBClusterSnapshotCommand({
        SourceDBClusterSnapshotIdentifier: from,
        TargetDBClusterSnapshotIdentifier: to,
        ...present({ KmsKeyId: key }),
      }),
    ),
  share: (client, DBClusterSnapshotIdentifier, change) =>
    client.send(
      new ModifyDBClusterSnapshotAttributeCommand({ DBClusterSnapshotIdentifier, AttributeName: 'restore', ...change }),
    ),
  async sharedWith(client, DBClusterSnapshotIdentifier) {
    const command = new DescribeDBClusterSnapshotAttributesCommand({ DBClusterSnapshotIdentifier });
    const { DBClusterSnapshotAttributesResult: found } = await client.send(command);
    return (
      found?.DBClusterSnapshotAttributes?.find(({ AttributeName }) => AttributeName === 'restore')?.AttributeValues ??
      []
    );
  },
  async list(client, { id, ...input }) {
    const command = new DescribeDBClusterSnapshotsCommand({
      ...input,
      ...present({ DBClusterSnapshotIdentifier: id }),
    });
    const { DBClusterSnapshots } = await client.send(command);
    return (DBClusterSnapshots ?? []).map((each) => ({
      arn: each.DBClusterSnapshotArn,
      status: each.Status,
      encrypted: each.StorageEncrypted,
      key: each.KmsKeyId,
    }));
  },
};

/**
 * Pages "Sharing a DB snapshot for Amazon RDS", "Copying a DB snapshot for Amazon RDS", "CopyDBSnapshot",
 * "CopyDBClusterSnapshot".
 */
describe.each([INSTANCES, CLUSTERS])('$what between accounts', (kind) => {
  let emulator: Emulator;
  let ours: RDSClient;

  const clientOf = (account?: string, region?: string): RDSClient =>
    new RDSClient({ ...emulator.clientConfig(account, region), maxAttempts: 1 });
  const arnOf = (name: string, account = emulator.account, region = emulator.region): string =>
    `arn:aws:rds:${region}:${account}:${kind.resource}:${name}`;

  beforeAll(async () => {
    emulator = await startEmulator();
  });
  beforeEach(async () => {
    await emulator.reset();
    ours = clientOf();
  });
  afterAll(async () => {
    await emulator.stop();
  });

  it('are seen by the account that they are shared with, where it asks for shared ones, by their ARN', async () => {
    await kind.make(ours, 'one');
    await kind.make(ours, 'two');
    const theirs = clientOf(OTHER);
    expect(await kind.list(theirs, { SnapshotType: 'shared' })).toEqual([]);
    await kind.share(ours, 'one', { ValuesToAdd: [OTHER] });
    expect(await kind.sharedWith(ours, 'one')).toEqual([OTHER]);
    expect(await kind.list(theirs, { SnapshotType: 'shared' })).toMatchObject([{ arn: arnOf('one') }]);
    expect(await kind.list(theirs, { IncludeShared: true, id: arnOf('one') })).toMatchObject([{ arn: arnOf('one') }]);
    expect(await kind.list(theirs, {})).toEqual([]);
    expect(await kind.list(clientOf(OTHER, ABROAD), { SnapshotType: 'shared' })).toEqual([]);
    expect(await kind.list(clientOf(THIRD), { SnapshotType: 'shared' })).toEqual([]);
    await expect(kind.list(theirs, { IncludeShared: true, id: arnOf('two') })).rejects.toMatchObject({
      name: kind.notFound,
    });
    await kind.share(ours, 'one', { ValuesToRemove: [OTHER] });
    expect(await kind.list(theirs, { SnapshotType: 'shared' })).toEqual([]);
  });

  it('are copied by others only while they are shared, by their ARN, within a region and to another', async () => {
    await kind.make(ours, 'one');
    const theirs = clientOf(OTHER);
    await expect(kind.copy(theirs, arnOf('one'), 'pulled')).rejects.toMatchObject({ name: kind.notFound });
    await expect(kind.copy(theirs, 'one', 'pulled')).rejects.toMatchObject({ name: kind.notFound });
    await kind.share(ours, 'one', { ValuesToAdd: [OTHER] });
    await kind.copy(theirs, arnOf('one'), 'pulled');
    await kind.copy(clientOf(OTHER, ABROAD), arnOf('one'), 'pulled');
    expect(await kind.list(theirs, {})).toMatchObject([
      { arn: arnOf('pulled', OTHER), status: 'available', encrypted: false },
    ]);
    expect(await kind.list(clientOf(OTHER, ABROAD), {})).toMatchObject([{ arn: arnOf('pulled', OTHER, ABROAD) }]);
    await kind.share(ours, 'one', { ValuesToRemove: [OTHER] });
    await expect(kind.copy(theirs, arnOf('one'), 'again')).rejects.toMatchObject({ name: kind.notFound });
  });

  it('are changed only by their owner, who may share with 20 accounts', async () => {
    await kind.make(ours, 'one');
    const accounts = Array.from({ length: 21 }, (_, index) => String(300_000_000_000 + index));
    await kind.share(ours, 'one', { ValuesToAdd: accounts.slice(0, 20) });
    await expect(kind.share(ours, 'one', { ValuesToAdd: accounts.slice(20) })).rejects.toMatchObject({
      name: 'SharedSnapshotQuotaExceededFault',
    });
    await kind.share(ours, 'one', { ValuesToAdd: accounts.slice(20), ValuesToRemove: accounts.slice(0, 1) });
    expect(await kind.sharedWith(ours, 'one')).toEqual(accounts.slice(1));
    await expect(kind.share(clientOf(accounts[5]), 'one', { ValuesToAdd: [THIRD] })).rejects.toMatchObject({
      name: kind.notFound,
    });
  });

  it('cannot be shared under the default key, nor with everybody where they are encrypted', async () => {
    await kind.make(ours, 'under-default', 'default');
    await expect(kind.share(ours, 'under-default', { ValuesToAdd: [OTHER] })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 400 },
    });
    await kind.make(ours, 'under-own', await accountsOf(emulator).makeKey());
    await expect(kind.share(ours, 'under-own', { ValuesToAdd: ['all'] })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 400 },
    });
    await expect(kind.share(ours, 'under-own', { ValuesToAdd: [OTHER] })).resolves.toBeDefined();
  });

  it('need a key of the copying account and region where they are encrypted', async () => {
    await kind.make(ours, 'one', await accountsOf(emulator).makeKey());
    await kind.share(ours, 'one', { ValuesToAdd: [OTHER] });
    await expect(kind.copy(clientOf(OTHER), arnOf('one'), 'pulled')).rejects.toMatchObject({
      name: 'KMSKeyNotAccessibleFault',
    });
    await expect(kind.copy(clientOf(undefined, ABROAD), arnOf('one'), 'abroad')).rejects.toMatchObject({
      $metadata: { httpStatusCode: 400 },
    });
    for (const [account, region] of [
      [OTHER, emulator.region],
      [OTHER, ABROAD],
      [emulator.account, ABROAD],
    ]) {
      const key = await accountsOf(emulator).makeKey({
        ...present({ account, region }),
      });
      await kind.copy(clientOf(account, region), arnOf('one'), 'copied', key);
      expect(await kind.list(clientOf(account, region), { id: 'copied' })).toMatchObject([{ encrypted: true, key }]);
    }
    await kind.copy(ours, 'one', 'same-account');
    expect(await kind.list(ours, { id: 'same-account' })).toMatchObject([{ encrypted: true }]);
  });

  it('are refused at once under a key that is disabled, missing or of another region', async () => {
    await kind.make(ours, 'one', await accountsOf(emulator).makeKey());
    const disabled = await accountsOf(emulator).makeKey({ region: ABROAD });
    const elsewhere = await accountsOf(emulator).makeKey();
    const missing = `arn:aws:kms:${ABROAD}:${emulator.account}:key/00000000-0000-4000-8000-000000000000`;
    await accountsOf(emulator).setUnusableKeys([disabled]);
    for (const key of [disabled, elsewhere, missing]) {
      await expect(kind.copy(clientOf(undefined, ABROAD), arnOf('one'), 'copied', key)).rejects.toMatchObject({
        name: 'KMSKeyNotAccessibleFault',
      });
    }
    await accountsOf(emulator).setUnusableKeys([]);
    await expect(kind.copy(clientOf(undefined, ABROAD), arnOf('one'), 'copied', disabled)).resolves.toBeDefined();
  });

  it("are refused at once where the source's key cannot be used", async () => {
    const [sourceKey, own] = [
      await accountsOf(emulator).makeKey(),
      await accountsOf(emulator).makeKey({ account: OTHER }),
    ];
    await kind.make(ours, 'one', sourceKey);
    await kind.share(ours, 'one', { ValuesToAdd: [OTHER] });
    await accountsOf(emulator).setUnusableKeys([sourceKey]);
    await expect(kind.copy(clientOf(OTHER), arnOf('one'), 'pulled', own)).rejects.toMatchObject({
      name: 'KMSKeyNotAccessibleFault',
    });
    await accountsOf(emulator).setUnusableKeys([]);
    await expect(kind.copy(clientOf(OTHER), arnOf('one'), 'pulled', own)).resolves.toBeDefined();
  });

  it(`run at most ${kind.mostCopies} copies from other regions at a time`, async () => {
    await kind.make(ours, 'one');
    await emulator.freezeClock();
    await databaseControls(emulator).setStates({ pendingMs: 1_000 });
    const abroad = clientOf(undefined, ABROAD);
    for (let count = 0; count < kind.mostCopies; count += 1) {
      await kind.copy(abroad, arnOf('one'), `copy-${String(count)}`);
    }
    const next = (): Promise<unknown> => kind.copy(abroad, arnOf('one'), 'one-more');
    await expect(next()).rejects.toMatchObject({ name: 'SnapshotQuotaExceededFault' });
    await emulator.advanceClock(1_000);
    await expect(next()).resolves.toBeDefined();
  });
});

describe('what single services do not copy', () => {
  let emulator: Emulator;

  beforeAll(async () => {
    emulator = await startEmulator();
  });
  afterAll(async () => {
    await emulator.stop();
  });

  const makeDocdb = async (name: string, KmsKeyId?: string): Promise<string> => {
    const rds = new RDSClient(emulator.clientConfig());
    await rds.send(
      new CreateDBClusterCommand({
        DBClusterIdentifier: `of-${name}`,
        Engine: 'docdb',
        ...secret,
        ...encryption(KmsKeyId),
      }),
    );
    await rds.send(
      new CreateDBClusterSnapshotCommand({ DBClusterIdentifier: `of-${name}`, DBClusterSnapshotIdentifier: name }),
    );
    await rds.send(
      new ModifyDBClusterSnapshotAttributeCommand({
        DBClusterSnapshotIdentifier: name,
        AttributeName: 'restore',
        ValuesToAdd: [OTHER],
      }),
    );
    return `arn:aws:rds:${emulator.region}:${emulator.account}:cluster-snapshot:${name}`;
  };

  it('an unencrypted cluster snapshot does not become an encrypted one (page "CopyDBClusterSnapshot")', async () => {
    const rds = new RDSClient(emulator.clientConfig());
    await CLUSTERS.make(rds, 'plain');
    const key = await accountsOf(emulator).makeKey();
    await expect(CLUSTERS.copy(rds, 'plain', 'encrypted', key)).rejects.toMatchObject({
      name: 'InvalidParameterCombination',
    });
    await INSTANCES.make(rds, 'plain');
    await INSTANCES.copy(rds, 'plain', 'encrypted', key);
    expect(await INSTANCES.list(rds, { id: 'encrypted' })).toMatchObject([{ encrypted: true, key }]);
  });

  it('a shared snapshot of DocumentDB stays in its region (page "Copying Amazon DocumentDB cluster snapshots")', async () => {
    const SourceDBClusterSnapshotIdentifier = await makeDocdb('documents');
    const copy = (account: string, region: string, more: object = {}): Promise<unknown> =>
      new DocDBClient(emulator.clientConfig(account, region)).send(
        new CopyDocdbSnapshotCommand({
          SourceDBClusterSnapshotIdentifier,
          TargetDBClusterSnapshotIdentifier: 'copied',
          ...more,
        }),
      );
    await expect(copy(OTHER, emulator.region)).resolves.toBeDefined();
    // The SDK signs a copy from another region rightly where it has a key.
    const own = {
      SourceDBClusterSnapshotIdentifier: await makeDocdb('own', await accountsOf(emulator).makeKey()),
      KmsKeyId: await accountsOf(emulator).makeKey({ region: ABROAD }),
    };
    await expect(copy(emulator.account, ABROAD, own)).resolves.toBeDefined();
    await expect(copy(OTHER, ABROAD)).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
  });
});
