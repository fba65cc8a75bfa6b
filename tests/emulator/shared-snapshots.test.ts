import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CopySnapshotCommand,
  DescribeSnapshotAttributeCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  ModifySnapshotAttributeCommand,
  type CopySnapshotCommandInput,
  type DescribeSnapshotsCommandInput,
  type Snapshot,
} from '@aws-sdk/client-ec2';

import { accountsOf } from './accounts.js';
import { startEmulator, type Emulator } from './emulator.js';

const OTHER = '222222222222';
const THIRD = '333333333333';
const ABROAD = 'eu-central-1';

/** Pages "DescribeSnapshots", "ModifySnapshotAttribute", "CopySnapshot" and "Share an Amazon EBS snapshot". */
describe('snapshots that others share', () => {
  let emulator: Emulator;
  let source: string;
  let unshared: string;

  const clientOf = (account?: string, region?: string): EC2Client =>
    new EC2Client({ ...emulator.clientConfig(account, region), maxAttempts: 1 });
  const clients = {
    ours: (): EC2Client => clientOf(),
    theirs: (region?: string): EC2Client => clientOf(OTHER, region),
  };

  beforeAll(async () => {
    emulator = await startEmulator();
  });
  beforeEach(async () => {
    await emulator.reset();
    const volumeId = (await emulator.seedVolumes([{}]))[0] ?? '';
    const seeds = [{ volumeId, tags: { secret: 'tag' } }, { volumeId }];
    const ids = await emulator.seedSnapshots(seeds);
    source = ids[0] ?? '';
    unshared = ids[1] ?? '';
  });
  afterAll(async () => {
    await emulator.stop();
  });

  const modify = (
    OperationType: 'add' | 'remove',
    target: { UserIds?: string[]; GroupNames?: string[] },
    SnapshotId = source,
  ): Promise<unknown> =>
    clients.ours().send(
      new ModifySnapshotAttributeCommand({
        SnapshotId,
        Attribute: 'createVolumePermission',
        OperationType,
        ...target,
      }),
    );

  async function list(client: EC2Client, input: DescribeSnapshotsCommandInput = {}): Promise<readonly Snapshot[]> {
    return (await client.send(new DescribeSnapshotsCommand(input))).Snapshots ?? [];
  }
  const ids = (snapshots: readonly Snapshot[]): readonly (string | undefined)[] =>
    snapshots.map((snapshot) => snapshot.SnapshotId);

  const copy = async (client: EC2Client, input: Partial<CopySnapshotCommandInput> = {}): Promise<string> => {
    const { SnapshotId } = await client.send(
      new CopySnapshotCommand({ SourceRegion: emulator.region, SourceSnapshotId: source, ...input }),
    );
    return SnapshotId ?? '';
  };

  it('are seen by that account, in their region, and by no other', async () => {
    await modify('add', { UserIds: [OTHER] });
    expect(ids(await list(clients.theirs()))).toEqual([source]);
    expect(ids(await list(clientOf(THIRD)))).toEqual([]);
    expect(ids(await list(clients.theirs(ABROAD)))).toEqual([]);
    expect(ids(await list(clients.ours())).toSorted()).toEqual([source, unshared].toSorted());
  });

  it('are found by owner, by id and by who can restore them', async () => {
    await modify('add', { UserIds: [OTHER] });
    const theirs = clients.theirs();
    const filter = (Name: string, value: string): DescribeSnapshotsCommandInput => ({
      Filters: [{ Name, Values: [value] }],
    });
    for (const input of [
      { SnapshotIds: [source] },
      { OwnerIds: [emulator.account] },
      { RestorableByUserIds: ['self'] },
      filter('owner-id', emulator.account),
      filter('snapshot-id', source),
    ]) {
      expect(ids(await list(theirs, input))).toEqual([source]);
    }
    expect(ids(await list(theirs, { OwnerIds: ['self'] }))).toEqual([]);
    expect(ids(await list(clients.ours(), { RestorableByUserIds: [OTHER] }))).toEqual([source]);
    await expect(list(theirs, { SnapshotIds: [unshared] })).rejects.toMatchObject({ name: 'InvalidSnapshot.NotFound' });
  });

  it('show their owner, but not the owner\'s tags (page "Tag your Amazon EC2 resources")', async () => {
    await modify('add', { UserIds: [OTHER] });
    expect(await list(clients.theirs())).toMatchObject([{ OwnerId: emulator.account, State: 'completed' }]);
    expect((await list(clients.theirs()))[0]?.Tags ?? []).toEqual([]);
    expect(await list(clients.theirs(), { Filters: [{ Name: 'tag:secret', Values: ['tag'] }] })).toEqual([]);
    expect((await list(clients.ours(), { SnapshotIds: [source] }))[0]?.Tags).toEqual([{ Key: 'secret', Value: 'tag' }]);
  });

  it('name those that they are shared with, until that is taken back', async () => {
    const permissions = async (): Promise<unknown> =>
      (
        await clients
          .ours()
          .send(new DescribeSnapshotAttributeCommand({ SnapshotId: source, Attribute: 'createVolumePermission' }))
      ).CreateVolumePermissions;
    await modify('add', { UserIds: [OTHER] });
    await modify('add', { UserIds: [OTHER] });
    expect(await permissions()).toEqual([{ UserId: OTHER }]);
    await modify('remove', { UserIds: [OTHER] });
    expect(await permissions()).toEqual([]);
    expect(await list(clients.theirs())).toEqual([]);
    await expect(copy(clients.theirs())).rejects.toMatchObject({ name: 'InvalidSnapshot.NotFound' });
  });

  it('can be changed only by their owner, and shared only with accounts', async () => {
    await modify('add', { UserIds: [OTHER] });
    const theirChange = new ModifySnapshotAttributeCommand({
      SnapshotId: source,
      OperationType: 'add',
      UserIds: [THIRD],
    });
    await expect(clients.theirs().send(theirChange)).rejects.toMatchObject({ name: 'InvalidSnapshot.NotFound' });
    await expect(modify('add', { UserIds: ['nobody'] })).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    expect(await emulator.takeViolations()).not.toEqual([]);
  });

  it('are copied by others within a region and to another, with tags of their own only', async () => {
    await expect(copy(clients.theirs())).rejects.toMatchObject({ name: 'InvalidSnapshot.NotFound' });
    await expect(copy(clients.theirs(ABROAD))).rejects.toMatchObject({ name: 'InvalidSnapshot.NotFound' });
    await modify('add', { UserIds: [OTHER] });
    for (const client of [clients.theirs(), clients.theirs(ABROAD)]) {
      const Tags = [{ Key: 'made-by', Value: 'the copy' }];
      const made = await copy(client, { TagSpecifications: [{ ResourceType: 'snapshot', Tags }] });
      expect(made).not.toBe(source);
      expect(await list(client, { SnapshotIds: [made] })).toMatchObject([
        { OwnerId: OTHER, VolumeId: 'vol-ffffffff', Tags },
      ]);
    }
    expect(await list(clientOf(OTHER, ABROAD), { OwnerIds: ['self'] })).toHaveLength(1);
  });

  it('are pending for the time that was set, and keep no tie to their source', async () => {
    await modify('add', { UserIds: [OTHER] });
    await emulator.freezeClock();
    await emulator.setSnapshotStates({ pendingMs: 1_000 });
    const client = clients.theirs(ABROAD);
    const made = await copy(client);
    expect(await list(client, { SnapshotIds: [made] })).toMatchObject([{ State: 'pending' }]);
    await modify('remove', { UserIds: [OTHER] });
    await emulator.advanceClock(1_000);
    expect(await list(client, { SnapshotIds: [made] })).toMatchObject([{ State: 'completed' }]);
  });

  describe('under keys', () => {
    it('are encrypted by the default key of the copying account where none is named', async () => {
      const KmsKeyId = await accountsOf(emulator).makeKey();
      source = await copy(clients.ours(), { Encrypted: true, KmsKeyId });
      await modify('add', { UserIds: [OTHER] });
      const [made] = await list(clients.theirs(), { SnapshotIds: [await copy(clients.theirs())] });
      expect(made?.Encrypted).toBe(true);
      expect(made?.KmsKeyId).toContain(OTHER);
    });

    it('cannot be shared under the default key, nor with everybody', async () => {
      source = await copy(clients.ours(), { Encrypted: true });
      await expect(modify('add', { UserIds: [OTHER] })).rejects.toMatchObject({ name: 'OperationNotPermitted' });
      const KmsKeyId = await accountsOf(emulator).makeKey();
      source = await copy(clients.ours(), { Encrypted: true, KmsKeyId });
      await expect(modify('add', { GroupNames: ['all'] })).rejects.toMatchObject({ name: 'OperationNotPermitted' });
      await expect(modify('add', { UserIds: [OTHER] })).resolves.toBeDefined();
    });

    it("end in an error, after the call was accepted, where the source's key cannot be used", async () => {
      const [sourceKey, own] = [
        await accountsOf(emulator).makeKey(),
        await accountsOf(emulator).makeKey({ account: OTHER }),
      ];
      source = await copy(clients.ours(), { Encrypted: true, KmsKeyId: sourceKey });
      await modify('add', { UserIds: [OTHER] });
      await accountsOf(emulator).setUnusableKeys([sourceKey]);
      const made = await copy(clients.theirs(), { Encrypted: true, KmsKeyId: own });
      expect(await list(clients.theirs(), { SnapshotIds: [made] })).toMatchObject([{ State: 'error', KmsKeyId: own }]);
    });

    it('end in an error, after the call was accepted, where the key is disabled, missing or of another region', async () => {
      await emulator.freezeClock();
      await emulator.setSnapshotStates({ pendingMs: 1_000 });
      const disabled = await accountsOf(emulator).makeKey({ region: ABROAD });
      await accountsOf(emulator).setUnusableKeys([disabled]);
      const missing = `arn:aws:kms:${ABROAD}:${emulator.account}:key/00000000-0000-4000-8000-000000000000`;
      const elsewhere = await accountsOf(emulator).makeKey();
      const client = clientOf(undefined, ABROAD);
      for (const KmsKeyId of [disabled, missing, elsewhere]) {
        const made = await copy(client, { Encrypted: true, KmsKeyId });
        expect(await list(client, { SnapshotIds: [made] })).toMatchObject([{ State: 'pending' }]);
        await emulator.advanceClock(1_000);
        const [failed] = await list(client, { SnapshotIds: [made] });
        expect(failed).toMatchObject({ State: 'error', KmsKeyId });
        expect(failed?.StateMessage).toBeTruthy();
      }
      await accountsOf(emulator).setUnusableKeys([]);
      const made = await copy(client, { Encrypted: true, KmsKeyId: disabled });
      await emulator.advanceClock(1_000);
      expect(await list(client, { SnapshotIds: [made] })).toMatchObject([{ State: 'completed', KmsKeyId: disabled }]);
    });
  });
});
