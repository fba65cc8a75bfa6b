import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CopySnapshotCommand,
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  ModifySnapshotAttributeCommand,
  ModifySnapshotTierCommand,
} from '@aws-sdk/client-ec2';
import type { CopySnapshotCommandInput, CreateVolumeCommandInput, Snapshot } from '@aws-sdk/client-ec2';
import { startEmulator } from './emulator.js';
import type { Emulator } from './emulator.js';

const OTHER_ACCOUNT = '222222222222';
const NO_KEY = '00000000-0000-0000-0000-000000000000';

describe('snapshots across accounts and under keys', () => {
  let emulator: Emulator;
  let ours: EC2Client;
  let theirs: EC2Client;
  beforeAll(async () => {
    emulator = await startEmulator();
    ours = new EC2Client(emulator.clientConfig());
    theirs = new EC2Client(emulator.clientConfig(OTHER_ACCOUNT));
  }, 60_000);
  beforeEach(() => emulator.reset());
  afterAll(() => emulator.stop());

  async function makeSnapshot(volume: Partial<CreateVolumeCommandInput> = {}): Promise<string> {
    const create = new CreateVolumeCommand({ AvailabilityZone: `${emulator.region}a`, Size: 1, ...volume });
    const { VolumeId } = await ours.send(create);
    return (await ours.send(new CreateSnapshotCommand({ VolumeId }))).SnapshotId ?? '';
  }

  const makeKey = async (): Promise<string> =>
    String(await emulator.control.send('POST', 'keys', { account: emulator.account, region: emulator.region }));

  const copy = async (client: EC2Client, SourceSnapshotId: string, input: Partial<CopySnapshotCommandInput> = {}) =>
    (await client.send(new CopySnapshotCommand({ SourceSnapshotId, SourceRegion: emulator.region, ...input })))
      .SnapshotId ?? '';

  const share = (SnapshotId: string) =>
    ours.send(
      new ModifySnapshotAttributeCommand({
        SnapshotId,
        Attribute: 'createVolumePermission',
        OperationType: 'add',
        UserIds: [OTHER_ACCOUNT],
      }),
    );

  async function read(client: EC2Client, id: string): Promise<Snapshot> {
    const { Snapshots = [] } = await client.send(new DescribeSnapshotsCommand({ SnapshotIds: [id] }));
    return Snapshots[0] ?? {};
  }

  const name = (rejected: unknown): unknown => (rejected instanceof Error ? rejected.name : rejected);
  const refusal = async (promise: Promise<unknown>) => promise.then(() => 'done', name);

  it('copies what another account shares, and nothing else; page "CopySnapshot"', async () => {
    const source = await makeSnapshot();
    expect(await refusal(copy(theirs, source))).toBe('InvalidSnapshot.NotFound');
    await share(source);
    const Tags = [{ Key: 'own', Value: 'tag' }];
    const made = await copy(theirs, source, { TagSpecifications: [{ ResourceType: 'snapshot', Tags }] });
    expect(await read(theirs, made)).toMatchObject({
      OwnerId: OTHER_ACCOUNT,
      State: 'completed',
      TransferType: 'standard',
      Tags,
    });
    expect((await theirs.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }))).Snapshots).toHaveLength(1);
  });

  it('copies only what is complete, and not archived', async () => {
    const archived = await makeSnapshot();
    await ours.send(new ModifySnapshotTierCommand({ SnapshotId: archived, StorageTier: 'archive' }));
    expect(await refusal(copy(ours, archived))).toBe('InvalidParameterValue');
    await emulator.setSnapshotStates({ pendingMs: 1_000 });
    expect(await refusal(copy(ours, await makeSnapshot()))).toBe('IncorrectState');
  });

  it('encrypts a copy under the default key or the one that is named; page "CopySnapshot"', async () => {
    const source = await makeSnapshot();
    const KmsKeyId = await makeKey();
    expect(await read(ours, await copy(ours, source, { Encrypted: true, KmsKeyId }))).toMatchObject({
      Encrypted: true,
      KmsKeyId,
    });
    expect((await read(ours, await copy(ours, source, { Encrypted: true }))).KmsKeyId).not.toBe(KmsKeyId);
    expect((await read(ours, await copy(ours, source))).Encrypted).toBe(false);
    expect(await refusal(copy(ours, source, { KmsKeyId }))).toBe('InvalidParameterDependency');
  });

  it('keeps the copy of an encrypted snapshot encrypted, and takes the volume’s key for a snapshot', async () => {
    const KmsKeyId = await makeKey();
    const source = await makeSnapshot({ Encrypted: true, KmsKeyId });
    expect(await read(ours, source)).toMatchObject({ Encrypted: true, KmsKeyId });
    expect((await read(ours, await copy(ours, source))).Encrypted).toBe(true);
  });

  it('answers first and fails later where a key cannot be used; page "CopySnapshot"', async () => {
    const made = await copy(ours, await makeSnapshot(), { Encrypted: true, KmsKeyId: NO_KEY });
    expect(await read(ours, made)).toMatchObject({ State: 'error', KmsKeyId: NO_KEY });
  });

  it('shares nothing under the default key; page "Share an Amazon EBS snapshot"', async () => {
    expect(await refusal(share(await makeSnapshot({ Encrypted: true })))).toBe('OperationNotPermitted');
    expect(await refusal(share(await makeSnapshot({ Encrypted: true, KmsKeyId: await makeKey() })))).toBe('done');
  });
});
