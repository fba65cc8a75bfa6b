import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DeleteSnapshotCommand,
  DeleteVolumeCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
  type Filter,
} from '@aws-sdk/client-ec2';
import * as ec2Commands from '@aws-sdk/client-ec2';

import { startEmulator, type Emulator } from './emulator.js';

describe('EBS volumes and snapshots', () => {
  let emulator: Emulator;
  let ec2: EC2Client;

  beforeAll(async () => {
    emulator = await startEmulator();
    ec2 = new EC2Client({ ...emulator.clientConfig(), maxAttempts: 1 });
  });
  beforeEach(async () => {
    await emulator.reset();
  });
  afterAll(async () => {
    await emulator.stop();
  });

  const volumes = async (Filters: Filter[]): Promise<readonly (string | undefined)[]> =>
    ((await ec2.send(new DescribeVolumesCommand({ Filters }))).Volumes ?? []).map((volume) => volume.VolumeId);

  const snapshots = async (Filters: Filter[], OwnerIds?: string[]): Promise<readonly (string | undefined)[]> =>
    ((await ec2.send(new DescribeSnapshotsCommand({ Filters, OwnerIds }))).Snapshots ?? []).map(
      (snapshot) => snapshot.SnapshotId,
    );

  describe('filters (pages "DescribeVolumes", "DescribeSnapshots")', () => {
    it('find tags by key and value, with case and wildcards', async () => {
      const [daily, monthly, other, literal] = await emulator.seedVolumes([
        { tags: { 'shelvery:create_backup': 'True', Plan: 'daily-1' } },
        { tags: { 'shelvery:create_backup': 'true', Plan: 'monthly' } },
        { tags: { Plan: 'Daily-2' } },
        { tags: { Plan: 'a*b' } },
      ]);
      expect(await volumes([{ Name: 'tag:shelvery:create_backup', Values: ['True', 'true', '1'] }])).toEqual([
        daily,
        monthly,
      ]);
      expect(await volumes([{ Name: 'tag:Plan', Values: ['daily-*'] }])).toEqual([daily]);
      expect(await volumes([{ Name: 'tag:Plan', Values: ['?aily-?'] }])).toEqual([daily, other]);
      expect(await volumes([{ Name: 'tag:Plan', Values: ['a\\*b'] }])).toEqual([literal]);
      expect(await volumes([{ Name: 'tag:plan', Values: ['*'] }])).toEqual([]);
      expect(await volumes([{ Name: 'tag-key', Values: ['shelvery:*'] }])).toEqual([daily, monthly]);
    });

    it('are all to fit, by any of their values', async () => {
      const [first, second] = await emulator.seedVolumes([
        { tags: { a: '1', b: '1' } },
        { tags: { a: '2', b: '1' } },
        { tags: { a: '3' } },
      ]);
      expect(
        await volumes([
          { Name: 'tag:a', Values: ['1', '2', '3'] },
          { Name: 'tag:b', Values: ['1'] },
        ]),
      ).toEqual([first, second]);
    });

    it('find volumes by what they are', async () => {
      const { VolumeId } = await ec2.send(
        new CreateVolumeCommand({ AvailabilityZone: 'us-east-1b', Size: 9, VolumeType: 'gp3' }),
      );
      await emulator.seedVolumes([{}]);
      for (const [Name, value] of [
        ['volume-id', VolumeId],
        ['size', '9'],
        ['volume-type', 'gp3'],
        ['availability-zone', 'us-east-1b'],
      ]) {
        expect([Name, await volumes([{ Name, Values: [value ?? ''] }])]).toEqual([Name, [VolumeId]]);
      }
      expect(
        await volumes([
          { Name: 'status', Values: ['available'] },
          { Name: 'encrypted', Values: ['false'] },
        ]),
      ).toHaveLength(2);
      expect(await volumes([{ Name: 'attachment.instance-id', Values: ['*'] }])).toEqual([]);
    });

    it('find snapshots by what they are', async () => {
      const [volumeId, otherId] = await emulator.seedVolumes([{}, {}]);
      const [first] = await emulator.seedSnapshots([
        { volumeId: volumeId ?? '', description: 'nightly', tags: { a: '1' } },
        { volumeId: otherId ?? '', state: 'error', ownerId: '222222222222' },
      ]);
      for (const [Name, value] of [
        ['snapshot-id', first],
        ['volume-id', volumeId],
        ['description', 'night*'],
        ['status', 'completed'],
        ['owner-id', emulator.account],
        ['tag:a', '1'],
        ['tag-key', 'a'],
      ]) {
        expect([Name, await snapshots([{ Name, Values: [value ?? ''] }])]).toEqual([Name, [first]]);
      }
      expect(await snapshots([{ Name: 'storage-tier', Values: ['standard'] }])).toHaveLength(2);
      expect(await snapshots([{ Name: 'storage-tier', Values: ['archive'] }])).toEqual([]);
    });

    it('do not fail for ids that are gone', async () => {
      expect(await snapshots([{ Name: 'snapshot-id', Values: ['snap-0123456789abcdef0'] }])).toEqual([]);
      expect(await volumes([{ Name: 'volume-id', Values: ['vol-0123456789abcdef0'] }])).toEqual([]);
    });

    it('have at most 200 values', async () => {
      const values = (count: number): Filter[] => [
        { Name: 'snapshot-id', Values: Array.from({ length: count }, (_, index) => `snap-${index}`) },
      ];
      expect(await snapshots(values(200))).toEqual([]);
      await expect(snapshots(values(201))).rejects.toMatchObject({ name: 'FilterLimitExceeded' });
      await expect(volumes(values(201))).rejects.toMatchObject({ name: 'FilterLimitExceeded' });
      expect(await emulator.takeViolations()).not.toEqual([]);
    });

    it('have at most 200 values together, unless each is to have them', async () => {
      const ids = Array.from({ length: 199 }, (_, index) => `snap-${index}`);
      const filters = (...Values: string[]): Filter[] => [
        { Name: 'snapshot-id', Values: ids },
        { Name: 'status', Values },
      ];
      expect(await snapshots(filters('completed'))).toEqual([]);
      await expect(snapshots(filters('completed', 'error'))).rejects.toMatchObject({
        name: 'FilterLimitExceeded',
        message: 'The maximum number of filter values specified on a single call is 200',
      });
      await emulator.setBehaviours({ filterValuesOfAllFilters: false });
      expect(await snapshots(filters('completed', 'error'))).toEqual([]);
    });

    it('are refused by names that there are not', async () => {
      await expect(snapshots([{ Name: 'colour', Values: ['red'] }])).rejects.toMatchObject({
        name: 'InvalidParameterValue',
      });
      await expect(volumes([{ Name: 'colour', Values: ['red'] }])).rejects.toMatchObject({
        name: 'InvalidParameterValue',
      });
      expect(await emulator.takeViolations()).not.toEqual([]);
    });
  });

  it('are listed by owner (page "DescribeSnapshots", OwnerIds)', async () => {
    const volumeId = 'vol-0123456789abcdef0';
    const [own, other, amazon] = await emulator.seedSnapshots([
      { volumeId },
      { volumeId, ownerId: '222222222222' },
      { volumeId, ownerId: 'amazon' },
    ]);
    expect(await snapshots([])).toEqual([own, other, amazon]);
    expect(await snapshots([], ['self'])).toEqual([own]);
    expect(await snapshots([], [emulator.account])).toEqual([own]);
    expect(await snapshots([], ['222222222222'])).toEqual([other]);
    expect(await snapshots([], ['amazon'])).toEqual([amazon]);
    expect(await snapshots([], ['self', 'amazon'])).toEqual([own, amazon]);
  });

  it('belong to their account and region', async () => {
    await emulator.seedVolumes([{}], { account: '222222222222', region: 'eu-west-1' });
    expect(await volumes([])).toEqual([]);
    const there = new EC2Client(emulator.clientConfig('222222222222', 'eu-west-1'));
    expect((await there.send(new DescribeVolumesCommand({}))).Volumes).toHaveLength(1);
  });

  describe('that are gone (page "Error codes for the Amazon EC2 API")', () => {
    it('fail a whole list by ids', async () => {
      const [volumeId] = await emulator.seedVolumes([{}]);
      const [snapshotId] = await emulator.seedSnapshots([{ volumeId: volumeId ?? '' }]);
      const goneVolume = 'vol-0123456789abcdef0';
      const goneSnapshot = 'snap-0123456789abcdef0';
      await expect(
        ec2.send(new DescribeVolumesCommand({ VolumeIds: [volumeId ?? '', goneVolume] })),
      ).rejects.toMatchObject({
        name: 'InvalidVolume.NotFound',
        message: `The volume '${goneVolume}' does not exist.`,
      });
      await expect(
        ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [snapshotId ?? '', goneSnapshot] })),
      ).rejects.toMatchObject({
        name: 'InvalidSnapshot.NotFound',
        message: `The snapshot '${goneSnapshot}' does not exist.`,
      });
    });

    it('cannot be backed up or deleted', async () => {
      const [volumeId] = await emulator.seedVolumes([{}]);
      const [snapshotId] = await emulator.seedSnapshots([{ volumeId: volumeId ?? '' }]);
      await ec2.send(new DeleteVolumeCommand({ VolumeId: volumeId }));
      await expect(ec2.send(new CreateSnapshotCommand({ VolumeId: volumeId }))).rejects.toMatchObject({
        name: 'InvalidVolume.NotFound',
      });
      await ec2.send(new DeleteSnapshotCommand({ SnapshotId: snapshotId }));
      await expect(ec2.send(new DeleteSnapshotCommand({ SnapshotId: snapshotId }))).rejects.toMatchObject({
        name: 'InvalidSnapshot.NotFound',
      });
    });

    it('leave the snapshots of a volume', async () => {
      const [volumeId] = await emulator.seedVolumes([{}]);
      const [snapshotId] = await emulator.seedSnapshots([{ volumeId: volumeId ?? '' }]);
      await ec2.send(new DeleteVolumeCommand({ VolumeId: volumeId }));
      expect(await snapshots([{ Name: 'volume-id', Values: [volumeId ?? ''] }])).toEqual([snapshotId]);
    });
  });

  it('keep a snapshot of a registered image from being deleted (page "DeleteSnapshot")', async () => {
    const { Instances } = await ec2.send(
      new ec2Commands.RunInstancesCommand({ ImageId: 'ami-12345678', MinCount: 1, MaxCount: 1 }),
    );
    const { ImageId } = await ec2.send(
      new ec2Commands.CreateImageCommand({ InstanceId: Instances?.[0]?.InstanceId, Name: 'an-image' }),
    );
    const { Images } = await ec2.send(new ec2Commands.DescribeImagesCommand({ ImageIds: [ImageId ?? ''] }));
    const SnapshotId = Images?.[0]?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId;
    await expect(ec2.send(new DeleteSnapshotCommand({ SnapshotId }))).rejects.toMatchObject({
      name: 'InvalidSnapshot.InUse',
    });
    await ec2.send(new ec2Commands.DeregisterImageCommand({ ImageId }));
    await ec2.send(new DeleteSnapshotCommand({ SnapshotId }));
  });
});
