import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CopySnapshotCommand,
  DescribeSnapshotTierStatusCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  ModifySnapshotAttributeCommand,
  ModifySnapshotTierCommand,
  RestoreSnapshotTierCommand,
  type Snapshot,
} from '@aws-sdk/client-ec2';

import { accountsOf } from './accounts.js';
import { startEmulator, type Emulator } from './emulator.js';

const OTHER = '222222222222';

/** Pages "ModifySnapshotTier" and "Archive Amazon EBS snapshots". */
describe('the archive tier', () => {
  let emulator: Emulator;
  let ec2: EC2Client;
  let snapshotId: string;

  beforeAll(async () => {
    emulator = await startEmulator();
    ec2 = new EC2Client({ ...emulator.clientConfig(), maxAttempts: 1 });
  });
  beforeEach(async () => {
    await emulator.reset();
    await emulator.freezeClock();
    snapshotId = (await emulator.seedSnapshots([{ volumeId: 'vol-1' }]))[0] ?? '';
  });
  afterAll(async () => {
    await emulator.stop();
  });

  const archive = (SnapshotId = snapshotId, client = ec2): Promise<unknown> =>
    client.send(new ModifySnapshotTierCommand({ SnapshotId, StorageTier: 'archive' }));
  const copy = (): Promise<unknown> =>
    ec2.send(new CopySnapshotCommand({ SourceRegion: emulator.region, SourceSnapshotId: snapshotId }));
  const share = (): Promise<unknown> =>
    ec2.send(new ModifySnapshotAttributeCommand({ SnapshotId: snapshotId, OperationType: 'add', UserIds: [OTHER] }));
  async function read(client = ec2): Promise<Snapshot | undefined> {
    return (
      await client.send(new DescribeSnapshotsCommand({ Filters: [{ Name: 'snapshot-id', Values: [snapshotId] }] }))
    ).Snapshots?.[0];
  }
  const status = async (): Promise<string | undefined> =>
    (await ec2.send(new DescribeSnapshotTierStatusCommand({}))).SnapshotTierStatuses?.[0]?.LastTieringOperationStatus;

  it('is reached at once, unless a time is set', async () => {
    expect((await read())?.StorageTier).toBe('standard');
    expect(await archive()).toMatchObject({ SnapshotId: snapshotId, TieringStartTime: expect.any(Date) });
    expect(await read()).toMatchObject({ StorageTier: 'archive', State: 'completed' });
    expect(await status()).toBe('archival-completed');
  });

  it('lets a snapshot go for some days', async () => {
    const restore = () =>
      ec2.send(new RestoreSnapshotTierCommand({ SnapshotId: snapshotId, TemporaryRestoreDays: 14 }));
    await expect(restore()).rejects.toMatchObject({ name: 'IncorrectState' });
    await archive();
    await expect(copy()).rejects.toMatchObject({ name: expect.any(String) });
    expect(await restore()).toMatchObject({ SnapshotId: snapshotId, RestoreDuration: 14, IsPermanentRestore: false });
    expect(await status()).toBe('temporary-restore-completed');
    await copy();
  });

  it('leaves a snapshot as it was until it is reached', async () => {
    await accountsOf(emulator).setArchivingTime(1_000);
    await archive();
    expect((await read())?.StorageTier).toBe('standard');
    expect(await status()).toBe('archival-in-progress');
    await expect(copy()).resolves.toBeDefined();
    await emulator.advanceClock(1_000);
    expect((await read())?.StorageTier).toBe('archive');
    expect(await status()).toBe('archival-completed');
  });

  it('keeps a snapshot from being copied and shared, and ends its sharing (page "Archive an Amazon EBS snapshot")', async () => {
    const theirs = new EC2Client(emulator.clientConfig(OTHER));
    await share();
    expect(await read(theirs)).toMatchObject({ SnapshotId: snapshotId });
    await archive();
    expect(await read(theirs)).toBeUndefined();
    await expect(copy()).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
    await expect(share()).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
  });

  it('takes only snapshots that are completed, of the account, and not there already', async () => {
    await emulator.setSnapshot(snapshotId, { state: 'pending' });
    await expect(archive()).rejects.toMatchObject({ name: 'IncorrectState' });
    await emulator.setSnapshot(snapshotId, { state: 'error' });
    await expect(archive()).rejects.toMatchObject({ name: 'IncorrectState' });
    await emulator.setSnapshot(snapshotId, { state: 'completed' });
    await share();
    await expect(archive(snapshotId, new EC2Client(emulator.clientConfig(OTHER)))).rejects.toMatchObject({
      name: 'InvalidSnapshot.NotFound',
    });
    await archive();
    await expect(archive()).rejects.toMatchObject({ name: 'IncorrectState' });
  });

  it('takes 25 at a time (page "Archive Amazon EBS snapshots", "Quotas")', async () => {
    await accountsOf(emulator).setArchivingTime(1_000);
    const ids = await emulator.seedSnapshots(Array.from({ length: 26 }, () => ({ volumeId: 'vol-1' })));
    for (const id of ids.slice(0, 25)) {
      await archive(id);
    }
    await expect(archive(ids[25])).rejects.toMatchObject({ name: 'ResourceLimitExceeded' });
    await emulator.advanceClock(1_000);
    await expect(archive(ids[25])).resolves.toBeDefined();
  });
});
