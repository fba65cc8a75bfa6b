import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CopyImageCommand,
  CreateImageCommand,
  CreateVolumeCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
  RegisterImageCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  type Instance,
} from '@aws-sdk/client-ec2';

import { startEmulator, type Emulator } from './emulator.js';

const HOUR = 3_600_000;

/** Pages "Instance", "InstanceNetworkInterfaceAttachment", "Volume", "RegisterImage", "CreateImage", "StopInstances". */
describe('instances, volumes and images by their times and kinds', () => {
  let emulator: Emulator;
  let ec2: EC2Client;
  let now: Date;

  beforeAll(async () => {
    emulator = await startEmulator();
    ec2 = new EC2Client(emulator.clientConfig());
  });
  beforeEach(async () => {
    await emulator.reset();
    now = new Date(Math.trunc((await emulator.freezeClock()) / 1000) * 1000);
  });
  afterAll(() => emulator.stop());

  async function run(ImageId: string): Promise<string> {
    const { Instances } = await ec2.send(new RunInstancesCommand({ ImageId, MinCount: 1, MaxCount: 1 }));
    return Instances?.[0]?.InstanceId ?? '';
  }
  async function instance(id: string): Promise<Instance> {
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    return Reservations?.[0]?.Instances?.[0] ?? {};
  }
  const registerInstanceStore = async (): Promise<string> =>
    (await ec2.send(new RegisterImageCommand({ Name: 'store', ImageLocation: 'bucket/image.manifest.xml' }))).ImageId ??
    '';

  it('have a primary network interface that was attached at the first launch, and the time of the last launch', async () => {
    const id = await run('ami-12345678');
    await emulator.advanceClock(HOUR);
    await ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
    await ec2.send(new StartInstancesCommand({ InstanceIds: [id] }));
    const { LaunchTime, NetworkInterfaces } = await instance(id);
    expect(LaunchTime).toEqual(new Date(now.getTime() + HOUR));
    expect(NetworkInterfaces).toMatchObject([{ Attachment: { DeviceIndex: 0, AttachTime: now } }]);
  });

  it('have volumes with the time of their making, and nothing of tags where there are none', async () => {
    await emulator.advanceClock(123 - ((await emulator.advanceClock(0)) % 1000));
    const at = await emulator.advanceClock(1000);
    await ec2.send(new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 8 }));
    const { Volumes } = await ec2.send(new DescribeVolumesCommand({}));
    expect(Volumes?.[0]?.CreateTime).toEqual(new Date(Math.trunc(at)));
    expect(Volumes?.[0]).not.toHaveProperty('Tags');
  });

  it('of the instance-store kind have no volumes, are not stopped, and no image is made of them', async () => {
    const imageId = await registerInstanceStore();
    const { Images } = await ec2.send(new DescribeImagesCommand({ ImageIds: [imageId] }));
    expect(Images).toMatchObject([{ RootDeviceType: 'instance-store', BlockDeviceMappings: [] }]);
    const id = await run(imageId);
    expect(await instance(id)).toMatchObject({ RootDeviceType: 'instance-store', BlockDeviceMappings: [] });
    expect((await ec2.send(new DescribeVolumesCommand({}))).Volumes).toEqual([]);
    await expect(ec2.send(new CreateImageCommand({ InstanceId: id, Name: 'image' }))).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
    await expect(ec2.send(new StopInstancesCommand({ InstanceIds: [id] }))).rejects.toMatchObject({
      name: 'UnsupportedOperation',
    });
  });

  it('of the instance-store kind keep it in copies of their image, which have no snapshots', async () => {
    const SourceImageId = await registerInstanceStore();
    const { ImageId = '' } = await ec2.send(
      new CopyImageCommand({ SourceImageId, SourceRegion: emulator.region, Name: 'copy' }),
    );
    const { Images } = await ec2.send(new DescribeImagesCommand({ ImageIds: [ImageId] }));
    expect(Images).toMatchObject([{ RootDeviceType: 'instance-store', State: 'available' }]);
    expect((await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }))).Snapshots).toEqual([]);
  });

  it('of the EBS kind say so', async () => {
    const id = await run('ami-12345678');
    expect(await instance(id)).toMatchObject({ RootDeviceType: 'ebs' });
    const { ImageId = '' } = await ec2.send(new CreateImageCommand({ InstanceId: id, Name: 'image' }));
    const filter = { Name: 'root-device-type', Values: ['ebs'] };
    const { Images } = await ec2.send(new DescribeImagesCommand({ Filters: [filter] }));
    expect(Images).toMatchObject([{ ImageId, RootDeviceType: 'ebs' }]);
    expect(Images?.[0]).not.toHaveProperty('Tags');
  });
});
