import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CopySnapshotCommand,
  CreateSnapshotCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  type Snapshot,
} from '@aws-sdk/client-ec2';

import { startEmulator, type Emulator } from './emulator.js';

/** Pages "CreateSnapshot", "CopySnapshot" and "Snapshot" of the Amazon EC2 API reference. */
describe('snapshots over time', () => {
  let emulator: Emulator;
  let ec2: EC2Client;
  let volumeId: string;

  beforeAll(async () => {
    emulator = await startEmulator();
    ec2 = new EC2Client({ ...emulator.clientConfig(), maxAttempts: 1 });
  });
  beforeEach(async () => {
    await emulator.reset();
    await emulator.freezeClock();
    volumeId = (await emulator.seedVolumes([{}]))[0] ?? '';
  });
  afterAll(async () => {
    await emulator.stop();
  });

  async function create(VolumeId = volumeId): Promise<string> {
    return (await ec2.send(new CreateSnapshotCommand({ VolumeId }))).SnapshotId ?? '';
  }

  async function read(snapshotId: string, client = ec2): Promise<Snapshot> {
    const { Snapshots } = await client.send(new DescribeSnapshotsCommand({ SnapshotIds: [snapshotId] }));
    return Snapshots?.[0] ?? {};
  }

  it('are pending in the answer that makes them, and completed at the next look', async () => {
    const Tags = [{ Key: 'Name', Value: 'a <b> & "c" — ü' }];
    const made = await ec2.send(
      new CreateSnapshotCommand({
        VolumeId: volumeId,
        Description: 'first',
        TagSpecifications: [{ ResourceType: 'snapshot', Tags }],
      }),
    );
    expect(made).toMatchObject({
      State: 'pending',
      VolumeId: volumeId,
      OwnerId: emulator.account,
      Description: 'first',
      Encrypted: false,
      Tags,
    });
    expect(made.StartTime).toBeInstanceOf(Date);
    expect(await read(made.SnapshotId ?? '')).toMatchObject({
      State: 'completed',
      Progress: '100%',
      VolumeId: volumeId,
      StorageTier: 'standard',
      Tags,
    });
  });

  it('have a transfer type when they are completed, not copies alone', async () => {
    await emulator.setSnapshotStates({ pendingMs: 10_000 });
    const snapshotId = await create();
    expect(await read(snapshotId)).not.toHaveProperty('TransferType');
    await emulator.advanceClock(10_000);
    expect(await read(snapshotId)).toMatchObject({ State: 'completed', TransferType: 'standard' });
    const Filters = [{ Name: 'transfer-type', Values: ['standard'] }];
    expect((await ec2.send(new DescribeSnapshotsCommand({ Filters }))).Snapshots).toHaveLength(1);
  });

  it('tell their time in milliseconds, and nothing of tags where there are none', async () => {
    const now = await emulator.advanceClock(0);
    const made = await read(await create());
    expect(made.StartTime).toEqual(new Date(Math.trunc(now)));
    expect(made).not.toHaveProperty('Tags');
  });

  it('are pending for the time that was set, with their progress, and then completed', async () => {
    await emulator.setSnapshotStates({ pendingMs: 10_000 });
    const snapshotId = await create();
    expect(await read(snapshotId)).toMatchObject({ State: 'pending', Progress: '0%' });
    await emulator.advanceClock(4_000);
    expect(await read(snapshotId)).toMatchObject({ State: 'pending', Progress: '40%' });
    await emulator.advanceClock(6_000);
    expect(await read(snapshotId)).toMatchObject({ State: 'completed', Progress: '100%' });
  });

  it('end in an error with a message, if that was set', async () => {
    await emulator.setSnapshotStates({ pendingMs: 1_000, outcome: 'error' });
    const snapshotId = await create();
    expect((await read(snapshotId)).StateMessage).toBeUndefined();
    await emulator.advanceClock(1_000);
    const failed = await read(snapshotId);
    expect(failed.State).toBe('error');
    expect(failed.StateMessage).toBeTruthy();
  });

  it('can go differently for single volumes', async () => {
    const [other] = await emulator.seedVolumes([{}]);
    await emulator.setSnapshotStates({ perVolume: { [volumeId]: { outcome: 'error' } } });
    expect(await read(await create())).toMatchObject({ State: 'error' });
    expect(await read(await create(other))).toMatchObject({ State: 'completed' });
  });

  it('keep their course when the settings change', async () => {
    await emulator.setSnapshotStates({ pendingMs: 1_000 });
    const snapshotId = await create();
    await emulator.setSnapshotStates({});
    expect(await read(snapshotId)).toMatchObject({ State: 'pending' });
  });

  it('are found by their status', async () => {
    const done = await create();
    await emulator.setSnapshotStates({ pendingMs: 1_000 });
    const pending = await create();
    const byStatus = async (status: string): Promise<readonly (string | undefined)[]> => {
      const { Snapshots } = await ec2.send(
        new DescribeSnapshotsCommand({ Filters: [{ Name: 'status', Values: [status] }] }),
      );
      return (Snapshots ?? []).map((snapshot) => snapshot.SnapshotId);
    };
    expect(await byStatus('pending')).toEqual([pending]);
    expect(await byStatus('completed')).toEqual([done]);
  });

  it('are copied with states and a volume id of their own (page "CopySnapshot": it is arbitrary)', async () => {
    const source = await create();
    const abroad = new EC2Client(emulator.clientConfig(undefined, 'eu-west-1'));
    await emulator.setSnapshotStates({ pendingMs: 1_000, perSourceSnapshot: { [source]: { outcome: 'error' } } });
    const { SnapshotId } = await abroad.send(
      new CopySnapshotCommand({ SourceRegion: emulator.region, SourceSnapshotId: source }),
    );
    expect(await read(SnapshotId ?? '', abroad)).toMatchObject({ State: 'pending', VolumeId: 'vol-ffffffff' });
    await emulator.advanceClock(1_000);
    expect(await read(SnapshotId ?? '', abroad)).toMatchObject({ State: 'error' });
    expect(await read(source)).toMatchObject({ State: 'completed', VolumeId: volumeId });
  });

  it('can be given a state that stays and a time of their beginning', async () => {
    const snapshotId = await create();
    await emulator.setSnapshot(snapshotId, { state: 'pending', startTime: '2026-03-01T02:30:00Z' });
    await emulator.advanceClock(86_400_000);
    expect(await read(snapshotId)).toMatchObject({ State: 'pending', StartTime: new Date('2026-03-01T02:30:00Z') });
    await expect(emulator.setSnapshot('snap-0', { state: 'error' })).rejects.toThrow('no snapshot');
  });
});
