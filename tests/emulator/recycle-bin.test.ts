import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CreateImageCommand,
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  ListImagesInRecycleBinCommand,
  ListSnapshotsInRecycleBinCommand,
  RestoreImageFromRecycleBinCommand,
  RestoreSnapshotFromRecycleBinCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';

import { startEmulator, type Emulator } from './emulator.js';

const HOUR = 3_600_000;
const Tags = [{ Key: 'Name', Value: 'a' }];

/** Pages "ListSnapshotsInRecycleBin", "RestoreSnapshotFromRecycleBin" and those of images. */
describe('the Recycle Bin', () => {
  let emulator: Emulator;
  let ec2: EC2Client;
  beforeAll(async () => {
    emulator = await startEmulator();
    ec2 = new EC2Client(emulator.clientConfig());
  });
  beforeEach(() => emulator.reset());
  afterAll(() => emulator.stop());

  const own = { OwnerIds: ['self'] };
  const binnedSnapshots = async () => (await ec2.send(new ListSnapshotsInRecycleBinCommand({}))).Snapshots ?? [];
  const binnedImages = async () => (await ec2.send(new ListImagesInRecycleBinCommand({}))).Images ?? [];

  it('is empty where nothing is kept', async () => {
    const [SnapshotId = ''] = await emulator.seedSnapshots([{ volumeId: 'vol-0123456789abcdef0' }]);
    await ec2.send(new DeleteSnapshotCommand({ SnapshotId }));
    expect(await binnedSnapshots()).toEqual([]);
    const restore = new RestoreSnapshotFromRecycleBinCommand({ SnapshotId });
    await expect(ec2.send(restore)).rejects.toMatchObject({ name: 'InvalidSnapshot.NotFound' });
  });
  it('gives a deleted snapshot back with its tags, until its time is over', async () => {
    await emulator.setRecycleBin({ snapshotsMs: HOUR });
    const ids = await emulator.seedSnapshots(
      ['a', 'b'].map((Name) => ({ volumeId: 'vol-0123456789abcdef0', tags: { Name }, description: Name })),
    );
    const now = await emulator.freezeClock();
    for (const SnapshotId of ids) await ec2.send(new DeleteSnapshotCommand({ SnapshotId }));
    expect((await ec2.send(new DescribeSnapshotsCommand(own))).Snapshots).toEqual([]);
    expect(await binnedSnapshots()).toMatchObject([
      {
        SnapshotId: ids[0],
        VolumeId: 'vol-0123456789abcdef0',
        Description: 'a',
        RecycleBinEnterTime: new Date(Math.trunc(now)),
        RecycleBinExitTime: new Date(Math.trunc(now + HOUR)),
      },
      { SnapshotId: ids[1] },
    ]);
    const restored = await ec2.send(new RestoreSnapshotFromRecycleBinCommand({ SnapshotId: ids[0] }));
    expect(restored).toMatchObject({ SnapshotId: ids[0], State: 'completed' });
    expect((await ec2.send(new DescribeSnapshotsCommand(own))).Snapshots).toMatchObject([{ SnapshotId: ids[0], Tags }]);
    await emulator.advanceClock(HOUR);
    expect(await binnedSnapshots()).toEqual([]);
  });
  it('gives a deregistered image back, and its snapshots by themselves', async () => {
    await emulator.setRecycleBin({ snapshotsMs: HOUR, imagesMs: HOUR });
    const { Instances } = await ec2.send(
      new RunInstancesCommand({ ImageId: 'ami-12345678', MinCount: 1, MaxCount: 1 }),
    );
    const { ImageId } = await ec2.send(
      new CreateImageCommand({
        InstanceId: Instances?.[0]?.InstanceId,
        Name: 'image',
        TagSpecifications: [{ ResourceType: 'image', Tags }],
      }),
    );
    await ec2.send(new DeregisterImageCommand({ ImageId, DeleteAssociatedSnapshots: true }));
    expect(await binnedImages()).toMatchObject([{ ImageId, Name: 'image' }]);
    const [snapshot] = await binnedSnapshots();
    expect(snapshot?.Description).toContain(`for ${ImageId ?? ''}`);
    await ec2.send(new RestoreImageFromRecycleBinCommand({ ImageId }));
    await ec2.send(new RestoreSnapshotFromRecycleBinCommand({ SnapshotId: snapshot?.SnapshotId }));
    const { Images } = await ec2.send(new DescribeImagesCommand({ Owners: ['self'] }));
    expect(Images).toMatchObject([{ ImageId, State: 'available', Tags }]);
    expect([await binnedImages(), await binnedSnapshots()]).toEqual([[], []]);
    await expect(ec2.send(new RestoreImageFromRecycleBinCommand({ ImageId }))).rejects.toMatchObject({
      name: 'InvalidAMIID.NotFound',
    });
  });
});
