import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CopyImageCommand,
  CreateImageCommand,
  DescribeImageAttributeCommand,
  DescribeImagesCommand,
  DescribeSnapshotsCommand,
  EC2Client,
  ModifyImageAttributeCommand,
  ModifySnapshotAttributeCommand,
  RunInstancesCommand,
  type CopyImageCommandInput,
  type DescribeImagesCommandInput,
  type Image,
} from '@aws-sdk/client-ec2';

import { accountsOf } from './accounts.js';
import { startEmulator, type Emulator } from './emulator.js';

const OTHER = '222222222222';
const THIRD = '333333333333';
const ABROAD = 'eu-central-1';

/** Pages "DescribeImages", "ModifyImageAttribute", "CopyImage" and "Share an AMI with specific AWS accounts". */
describe('images that others share', () => {
  let emulator: Emulator;
  let ours: EC2Client;
  let imageId: string;

  const clientOf = (account?: string, region?: string): EC2Client =>
    new EC2Client({ ...emulator.clientConfig(account, region), maxAttempts: 1 });

  beforeAll(async () => {
    emulator = await startEmulator();
    ours = clientOf();
  });
  beforeEach(async () => {
    await emulator.reset();
    const BlockDeviceMappings = ['/dev/sda1', '/dev/sdb'].map((DeviceName) => ({ DeviceName, Ebs: { VolumeSize: 1 } }));
    const { Instances } = await ours.send(
      new RunInstancesCommand({ ImageId: 'ami-12345678', MinCount: 1, MaxCount: 1, BlockDeviceMappings }),
    );
    const TagSpecifications = [{ ResourceType: 'image' as const, Tags: [{ Key: 'secret', Value: 'tag' }] }];
    const made = await ours.send(
      new CreateImageCommand({ InstanceId: Instances?.[0]?.InstanceId ?? '', Name: 'ours', TagSpecifications }),
    );
    imageId = made.ImageId ?? '';
  });
  afterAll(async () => {
    await emulator.stop();
  });

  const permit = (OperationType: 'add' | 'remove', ...UserIds: string[]): Promise<unknown> =>
    ours.send(
      new ModifyImageAttributeCommand({ ImageId: imageId, Attribute: 'launchPermission', OperationType, UserIds }),
    );

  async function list(client: EC2Client, input: DescribeImagesCommandInput = {}): Promise<readonly Image[]> {
    return (await client.send(new DescribeImagesCommand(input))).Images ?? [];
  }
  const ids = (images: readonly Image[]): readonly (string | undefined)[] => images.map((image) => image.ImageId);
  const snapshotIds = (images: readonly Image[]): readonly string[] =>
    images.flatMap(({ BlockDeviceMappings = [] }) => BlockDeviceMappings.flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []));

  async function shareSnapshots(): Promise<void> {
    for (const SnapshotId of snapshotIds(await list(ours, { ImageIds: [imageId] }))) {
      await ours.send(new ModifySnapshotAttributeCommand({ SnapshotId, OperationType: 'add', UserIds: [OTHER] }));
    }
  }

  const copy = async (client: EC2Client, input: Partial<CopyImageCommandInput> = {}): Promise<string> => {
    const command = new CopyImageCommand({
      SourceImageId: imageId,
      SourceRegion: emulator.region,
      Name: 'copied',
      ...input,
    });
    return (await client.send(command)).ImageId ?? '';
  };

  it('are seen by that account, by id, owner and launch permission, and by no other', async () => {
    const theirs = clientOf(OTHER);
    await expect(list(theirs, { ImageIds: [imageId] })).rejects.toMatchObject({ name: 'InvalidAMIID.NotFound' });
    await permit('add', OTHER);
    for (const input of [{}, { ImageIds: [imageId] }, { Owners: [emulator.account] }, { ExecutableUsers: ['self'] }]) {
      expect(ids(await list(theirs, input))).toEqual([imageId]);
    }
    expect(await list(theirs, { Owners: ['self'] })).toEqual([]);
    expect(await list(clientOf(THIRD))).toEqual([]);
    expect(await list(clientOf(OTHER, ABROAD))).toEqual([]);
    expect(ids(await list(ours, { ExecutableUsers: [OTHER] }))).toEqual([imageId]);
    expect(await list(ours, { ExecutableUsers: [THIRD] })).toEqual([]);
    await permit('remove', OTHER);
    expect(await list(theirs)).toEqual([]);
  });

  it('show their owner, but not the owner\'s tags (page "Tag your Amazon EC2 resources")', async () => {
    await permit('add', OTHER);
    const [seen] = await list(clientOf(OTHER));
    expect(seen).toMatchObject({ OwnerId: emulator.account, State: 'available', Name: 'ours' });
    expect(seen?.Tags ?? []).toEqual([]);
    expect(await list(clientOf(OTHER), { Filters: [{ Name: 'tag:secret', Values: ['tag'] }] })).toEqual([]);
    expect(await list(ours, { Filters: [{ Name: 'tag:secret', Values: ['tag'] }] })).toHaveLength(1);
  });

  it('name those that they are shared with, and are changed only by their owner', async () => {
    await permit('add', OTHER);
    await permit('add', OTHER);
    const permissions = await ours.send(
      new DescribeImageAttributeCommand({ ImageId: imageId, Attribute: 'launchPermission' }),
    );
    expect(permissions.LaunchPermissions).toEqual([{ UserId: OTHER }]);
    const theirChange = new ModifyImageAttributeCommand({
      ImageId: imageId,
      Attribute: 'launchPermission',
      OperationType: 'add',
      UserIds: [THIRD],
    });
    await expect(clientOf(OTHER).send(theirChange)).rejects.toMatchObject({ name: 'InvalidAMIID.NotFound' });
  });

  it('are copied only together with access to their snapshots, within a region and to another', async () => {
    await expect(copy(clientOf(OTHER))).rejects.toMatchObject({ name: 'InvalidAMIID.NotFound' });
    await permit('add', OTHER);
    await expect(copy(clientOf(OTHER))).rejects.toMatchObject({ name: 'InvalidRequest' });
    await shareSnapshots();
    for (const client of [clientOf(OTHER), clientOf(OTHER, ABROAD)]) {
      const Tags = [{ Key: 'made-by', Value: 'the copy' }];
      const TagSpecifications = (['image', 'snapshot'] as const).map((ResourceType) => ({ ResourceType, Tags }));
      const token = { ClientToken: 'once' };
      const made = await copy(client, { TagSpecifications, ...token });
      expect(await copy(client, { TagSpecifications, ...token })).toBe(made);
      const images = await list(client, { Owners: ['self'] });
      expect(images).toMatchObject([{ ImageId: made, OwnerId: OTHER, State: 'available', Tags }]);
      const { Snapshots } = await client.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
      expect((Snapshots ?? []).map(({ SnapshotId }) => SnapshotId).toSorted()).toEqual(snapshotIds(images).toSorted());
      expect((Snapshots ?? []).map((snapshot) => snapshot.Tags)).toEqual([Tags, Tags]);
    }
  });

  it('are encrypted in the copy under the key that is named, and fail later where it cannot be used', async () => {
    await permit('add', OTHER);
    await shareSnapshots();
    const client = clientOf(OTHER, ABROAD);
    const KmsKeyId = await accountsOf(emulator).makeKey({ account: OTHER, region: ABROAD });
    const made = await copy(client, { Encrypted: true, KmsKeyId });
    const { Snapshots } = await client.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
    expect(Snapshots).toMatchObject([
      { Encrypted: true, KmsKeyId },
      { Encrypted: true, KmsKeyId },
    ]);
    expect(await list(client, { ImageIds: [made] })).toMatchObject([{ State: 'available' }]);
    await accountsOf(emulator).setUnusableKeys([KmsKeyId]);
    const failed = await copy(client, { Encrypted: true, KmsKeyId });
    expect(await list(client, { ImageIds: [failed] })).toMatchObject([{ State: 'failed' }]);
  });
});
