import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CreateVolumeCommand,
  DeleteVolumeCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';

import { startEmulator, type Emulator } from './emulator.js';

describe('seeding', () => {
  let emulator: Emulator;
  let ec2: EC2Client;

  beforeAll(async () => {
    emulator = await startEmulator();
    ec2 = new EC2Client(emulator.clientConfig());
  });
  afterAll(async () => {
    await emulator.stop();
  });

  it('makes volumes that are like made ones', async () => {
    const { VolumeId } = await ec2.send(
      new CreateVolumeCommand({
        AvailabilityZone: 'us-east-1a',
        Size: 8,
        VolumeType: 'gp3',
        TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'Name', Value: 'a' }] }],
      }),
    );
    const [seeded] = await emulator.seedVolumes([{ volumeType: 'gp3', tags: { Name: 'a' } }]);
    const { Volumes } = await ec2.send(new DescribeVolumesCommand({ VolumeIds: [VolumeId ?? '', seeded ?? ''] }));
    const [first, second] = (Volumes ?? []).map(({ VolumeId: _id, CreateTime: _time, ...volume }) => volume);
    expect(second).toEqual(first);
    await ec2.send(new DeleteVolumeCommand({ VolumeId: seeded }));
  });

  it('makes snapshots with state, time, description and owner, of volumes that may be gone', async () => {
    const [seeded] = await emulator.seedSnapshots([
      {
        volumeId: 'vol-0123456789abcdef0',
        tags: { Name: 'a' },
        state: 'error',
        startTime: '2026-01-31T01:00:00Z',
        description: 'd',
        ownerId: '222222222222',
      },
    ]);
    const { Snapshots } = await ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [seeded ?? ''] }));
    expect(Snapshots).toMatchObject([
      {
        VolumeId: 'vol-0123456789abcdef0',
        State: 'error',
        StartTime: new Date('2026-01-31T01:00:00Z'),
        Description: 'd',
        OwnerId: '222222222222',
        Tags: [{ Key: 'Name', Value: 'a' }],
      },
    ]);
  });

  it('makes thousands in two requests, and no logged call', async () => {
    await emulator.reset();
    const volumeIds = await emulator.seedVolumes(
      Array.from({ length: 1200 }, (_, index) => ({ tags: { Name: `v${index}` } })),
    );
    const snapshotIds = await emulator.seedSnapshots(volumeIds.flatMap((volumeId) => [{ volumeId }, { volumeId }]));
    expect(new Set([...volumeIds, ...snapshotIds]).size).toBe(3600);
    expect(await emulator.counts()).toEqual({});
  });
});
