import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AttachVolumeCommand,
  CreateSnapshotsCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { CreateSnapshotsCommandInput, InstanceSpecification, SnapshotInfo } from '@aws-sdk/client-ec2';

import { startEmulator, type Emulator } from './emulator.js';

/** Pages "CreateSnapshots", "InstanceSpecification" and "SnapshotInfo" of the Amazon EC2 API, "Create Amazon EBS snapshots". */
describe('snapshots of an instance by one call', () => {
  let emulator: Emulator;
  let ec2: EC2Client;
  let instance = '';
  let root = '';
  let data: readonly string[] = [];

  beforeAll(async () => {
    emulator = await startEmulator();
    ec2 = new EC2Client({ ...emulator.clientConfig(), maxAttempts: 1 });
  });
  beforeEach(async () => {
    await emulator.reset();
    await emulator.freezeClock();
    const { Instances } = await ec2.send(
      new RunInstancesCommand({ ImageId: 'ami-12c6146b', MinCount: 1, MaxCount: 1 }),
    );
    instance = Instances?.[0]?.InstanceId ?? '';
    root = Instances?.[0]?.BlockDeviceMappings?.[0]?.Ebs?.VolumeId ?? '';
    data = await emulator.seedVolumes([{}, {}]);
    for (const [at, VolumeId] of data.entries()) {
      const Device = `/dev/sd${'fg'[at] ?? ''}`;
      await ec2.send(new AttachVolumeCommand({ InstanceId: instance, VolumeId, Device }));
    }
  });
  afterAll(() => emulator.stop());

  const create = async (
    of: Omit<InstanceSpecification, 'InstanceId'> = {},
    more: Omit<CreateSnapshotsCommandInput, 'InstanceSpecification'> = {},
  ): Promise<readonly SnapshotInfo[]> => {
    const specification = { InstanceId: instance, ...of };
    return (
      (await ec2.send(new CreateSnapshotsCommand({ InstanceSpecification: specification, ...more }))).Snapshots ?? []
    );
  };
  const volumesOf = (made: readonly SnapshotInfo[]): readonly string[] =>
    made.flatMap(({ VolumeId }) => VolumeId ?? []).sort();
  const states = async (): Promise<readonly (string | undefined)[]> => {
    const { Snapshots = [] } = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
    return Snapshots.map(({ State }) => State);
  };

  it('are of all its volumes, each with the description and the tags of the call', async () => {
    const made = await create(
      {},
      { Description: 'all', TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'set', Value: 'one' }] }] },
    );
    expect(volumesOf(made)).toEqual([root, ...data].sort());
    for (const each of made)
      expect(each).toMatchObject({ State: 'pending', Description: 'all', Tags: [{ Key: 'set', Value: 'one' }] });
    expect(await states()).toEqual(['completed', 'completed', 'completed']);
  });

  it('leave out the root volume by a word of its own, and others by their ids', async () => {
    expect(volumesOf(await create({ ExcludeBootVolume: true }))).toEqual([...data].sort());
    expect(volumesOf(await create({ ExcludeDataVolumeIds: data.slice(0, 1) }))).toEqual(
      [root, ...data.slice(1)].sort(),
    );
    expect(volumesOf(await create({ ExcludeBootVolume: true, ExcludeDataVolumeIds: data.slice(0, 1) }))).toEqual(
      data.slice(1),
    );
  });

  it.each<[string, () => InstanceSpecification['ExcludeDataVolumeIds']]>([
    ['the root volume by its id', () => [root]],
    ['more than 40 volumes', () => Array.from({ length: 41 }, (_, at) => `vol-${String(at).padStart(17, '0')}`)],
    ['what is not attached', () => ['vol-00000000000000000']],
  ])('are none at all where the call leaves out %s', async (_, excluded) => {
    await expect(create({ ExcludeDataVolumeIds: excluded() })).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    expect(await states()).toEqual([]);
  });

  it('are none at all of nothing, and of an instance that is gone', async () => {
    await expect(create({ ExcludeBootVolume: true, ExcludeDataVolumeIds: [...data] })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [instance] }));
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [instance] }));
    expect(Reservations?.[0]?.Instances?.[0]?.State?.Name).toBe('terminated');
    await expect(create()).rejects.toMatchObject({ name: 'IncorrectState' });
  });

  it('fail together', async () => {
    await emulator.setSnapshotStates({ perVolume: { [root]: { outcome: 'error' } } });
    await create();
    expect(await states()).toEqual(['error', 'error', 'error']);
  });
});
