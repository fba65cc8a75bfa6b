import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CopyImageCommand,
  CreateImageCommand,
  CreateTagsCommand,
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  DisableImageCommand,
  EC2Client,
  ModifyImageAttributeCommand,
  ModifySnapshotAttributeCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { CopyImageCommandInput, CreateImageCommandInput, Image } from '@aws-sdk/client-ec2';
import { startEmulator } from './emulator.js';
import type { Emulator } from './emulator.js';

const OTHER_ACCOUNT = '222222222222';
const OTHER_REGION = 'eu-central-1';
const add = { OperationType: 'add' as const, UserIds: [OTHER_ACCOUNT] };

describe('images', () => {
  let emulator: Emulator;
  let ec2: EC2Client;
  beforeAll(async () => {
    emulator = await startEmulator();
    ec2 = new EC2Client(emulator.clientConfig());
  }, 60_000);
  beforeEach(() => emulator.reset());
  afterAll(() => emulator.stop());

  async function runInstance(): Promise<string> {
    const BlockDeviceMappings = ['/dev/sda1', '/dev/sdb'].map((DeviceName) => ({ DeviceName, Ebs: { VolumeSize: 1 } }));
    const command = new RunInstancesCommand({ ImageId: 'ami-12345678', MinCount: 1, MaxCount: 1, BlockDeviceMappings });
    return (await ec2.send(command)).Instances?.[0]?.InstanceId ?? '';
  }

  async function makeImage(input: Partial<CreateImageCommandInput> = {}): Promise<string> {
    const command = new CreateImageCommand({ InstanceId: await runInstance(), Name: 'an-image', ...input });
    return (await ec2.send(command)).ImageId ?? '';
  }

  const copyImage = async (client: EC2Client, SourceImageId: string, input: Partial<CopyImageCommandInput> = {}) =>
    (
      await client.send(
        new CopyImageCommand({ SourceImageId, SourceRegion: emulator.region, Name: 'a-copy', ...input }),
      )
    ).ImageId ?? '';

  async function image(ImageId: string, client = ec2): Promise<Image> {
    const { Images = [] } = await client.send(
      new DescribeImagesCommand({ ImageIds: [ImageId], IncludeDisabled: true }),
    );
    return Images[0] ?? {};
  }

  const snapshotIds = (of: Image): readonly string[] =>
    (of.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []);

  async function ownSnapshots(client = ec2) {
    return (await client.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }))).Snapshots ?? [];
  }

  const name = (rejected: unknown): unknown => (rejected instanceof Error ? rejected.name : rejected);
  const refusal = async (promise: Promise<unknown>) => promise.then(() => 'done', name);

  describe('CreateImage, page "CreateImage"', () => {
    it('makes a snapshot of each volume, and tags image and snapshots', async () => {
      const tags = (key: string) => [{ Key: key, Value: 'yes' }];
      const id = await makeImage({
        TagSpecifications: [
          { ResourceType: 'image', Tags: tags('on-image') },
          { ResourceType: 'snapshot', Tags: tags('on-snapshot') },
        ],
      });
      const made = await image(id);
      expect(made).toMatchObject({ State: 'available', Name: 'an-image', Tags: tags('on-image') });
      expect((await ownSnapshots()).map(({ SnapshotId }) => SnapshotId).sort()).toEqual([...snapshotIds(made)].sort());
      expect((await ownSnapshots()).map(({ Tags }) => Tags)).toEqual([tags('on-snapshot'), tags('on-snapshot')]);
    });
    it('makes snapshots that say what they are of, and name their volumes', async () => {
      const InstanceId = await runInstance();
      const id = await makeImage({ InstanceId });
      const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [InstanceId] }));
      const volumes = Reservations?.[0]?.Instances?.[0]?.BlockDeviceMappings?.map(({ Ebs }) => Ebs?.VolumeId);
      const made = await ownSnapshots();
      expect(made.map(({ VolumeId }) => VolumeId)).toEqual(volumes);
      for (const { Description } of made) expect(Description).toBe(`Created by CreateImage(${InstanceId}) for ${id}`);
    });
    it.each([
      ['InvalidAMIName.Malformed', { Name: 'ab' }],
      ['InvalidAMIName.Malformed', { Name: 'a:b:c' }],
      ['InvalidInstanceID.NotFound', { InstanceId: 'i-00000000000000000' }],
      [
        'InvalidParameterValue',
        { TagSpecifications: [{ ResourceType: 'volume' as const, Tags: [{ Key: 'a', Value: 'b' }] }] },
      ],
    ])('answers %s to %j', async (code, input) => {
      expect(await refusal(makeImage(input))).toBe(code);
      // The names are against a rule of calls, the others against what exists.
      await emulator.takeViolations();
      expect(await ownSnapshots()).toEqual([]);
    });
    it('takes a name once', async () => {
      await makeImage();
      expect(await refusal(makeImage())).toBe('InvalidAMIName.Duplicate');
    });
    it('makes none of a terminated instance', async () => {
      const InstanceId = await runInstance();
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] }));
      expect(await refusal(makeImage({ InstanceId }))).toBe('IncorrectInstanceState');
    });
    it('is pending with its snapshots, which it does not name yet', async () => {
      await emulator.setSnapshotStates({ pendingMs: 1_000 });
      const id = await makeImage();
      expect(await image(id)).toMatchObject({ State: 'pending' });
      expect(snapshotIds(await image(id))).toEqual([]);
      await emulator.advanceClock(1_000);
      expect(await image(id)).toMatchObject({ State: 'available' });
      expect(snapshotIds(await image(id))).toHaveLength(2);
    });
    it('fails with one of its snapshots, and says why', async () => {
      await emulator.setSnapshotStates({ outcome: 'error' });
      const made = await image(await makeImage());
      expect(made.State).toBe('failed');
      expect(made.StateReason?.Message).toBeTruthy();
    });
  });

  describe('DeregisterImage, page "DeregisterImage"', () => {
    it('leaves the snapshots, which can be deleted only after it', async () => {
      const id = await makeImage();
      const [SnapshotId] = snapshotIds(await image(id));
      expect(await refusal(ec2.send(new DeleteSnapshotCommand({ SnapshotId })))).toBe('InvalidSnapshot.InUse');
      await ec2.send(new DeregisterImageCommand({ ImageId: id }));
      expect(await ownSnapshots()).toHaveLength(2);
      await ec2.send(new DeleteSnapshotCommand({ SnapshotId }));
      expect(await ownSnapshots()).toHaveLength(1);
    });
    it('deletes the snapshots where it is asked for, and says which', async () => {
      const id = await makeImage();
      const ids = snapshotIds(await image(id));
      const answer = await ec2.send(new DeregisterImageCommand({ ImageId: id, DeleteAssociatedSnapshots: true }));
      expect(answer.DeleteSnapshotResults).toEqual(ids.map((SnapshotId) => ({ SnapshotId, ReturnCode: 'success' })));
      expect(await ownSnapshots()).toEqual([]);
    });
    it('knows no image twice', async () => {
      const id = await makeImage();
      await ec2.send(new DeregisterImageCommand({ ImageId: id }));
      expect(await refusal(ec2.send(new DeregisterImageCommand({ ImageId: id })))).toBe('InvalidAMIID.Unavailable');
      expect(await refusal(ec2.send(new DeregisterImageCommand({ ImageId: 'ami-0' })))).toBe('InvalidAMIID.NotFound');
    });
  });

  describe('ModifyImageAttribute and CreateTags, page "Error codes for the Amazon EC2 API"', () => {
    const share = (ImageId: string) =>
      refusal(ec2.send(new ModifyImageAttributeCommand({ ...add, ImageId, Attribute: 'launchPermission' })));
    const tag = (id: string) =>
      refusal(ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'a', Value: '1' }] })));
    it('refuse to share an image that is pending', async () => {
      await emulator.setSnapshotStates({ pendingMs: 60_000 });
      expect(await share(await makeImage())).toBe('InvalidAMIID.Unavailable');
    });
    it('tell of an image that is gone, or never was', async () => {
      const id = await makeImage();
      await ec2.send(new DeregisterImageCommand({ ImageId: id }));
      expect([await share(id), await tag(id)]).toEqual(['InvalidAMIID.Unavailable', 'InvalidAMIID.NotFound']);
      expect(await share('ami-00000000000000000')).toBe('InvalidAMIID.NotFound');
    });
  });

  describe('DescribeImages, page "DescribeImages"', () => {
    it('shows disabled images only where they are asked for', async () => {
      const id = await makeImage();
      await ec2.send(new DisableImageCommand({ ImageId: id }));
      const list = async (IncludeDisabled: boolean) =>
        (await ec2.send(new DescribeImagesCommand({ Owners: ['self'], IncludeDisabled }))).Images?.map(
          ({ State }) => State,
        );
      expect(await list(false)).toEqual([]);
      expect(await list(true)).toEqual(['disabled']);
    });
    it('comes in pages, as instances do', async () => {
      const names = ['image-1', 'image-2', 'image-3'];
      for (const Name of names) await makeImage({ Name });
      await emulator.setPageSize(2);
      const first = await ec2.send(new DescribeImagesCommand({ Owners: ['self'], MaxResults: 100 }));
      const { NextToken } = first;
      const second = await ec2.send(new DescribeImagesCommand({ Owners: ['self'], MaxResults: 100, NextToken }));
      expect([...(first.Images ?? []), ...(second.Images ?? [])].map(({ Name }) => Name)).toEqual(names);
      expect(second.NextToken).toBeUndefined();
      const instances = await ec2.send(new DescribeInstancesCommand({ MaxResults: 100 }));
      expect(instances.Reservations).toHaveLength(2);
      expect(instances.NextToken).toBeTruthy();
    });
    it('keeps an unknown id for a fault, and an unknown value of a filter for none', async () => {
      const Filters = [{ Name: 'image-id', Values: ['ami-00000000000000000'] }];
      expect((await ec2.send(new DescribeImagesCommand({ Filters }))).Images).toEqual([]);
      expect(await refusal(image('ami-00000000000000000'))).toBe('InvalidAMIID.NotFound');
    });
  });

  describe('CopyImage, page "CopyImage"', () => {
    it('copies image and snapshots to a region, with tags of their own', async () => {
      const there = new EC2Client(emulator.clientConfig(emulator.account, OTHER_REGION));
      const source = await makeImage({
        TagSpecifications: [{ ResourceType: 'image', Tags: [{ Key: 'old', Value: 'x' }] }],
      });
      const Tags = [{ Key: 'new', Value: 'x' }];
      const TagSpecifications = (['image', 'snapshot'] as const).map((ResourceType) => ({ ResourceType, Tags }));
      const copy = await copyImage(there, source, { TagSpecifications });
      expect(await image(copy, there)).toMatchObject({ State: 'available', Name: 'a-copy', Tags });
      const copied = await ownSnapshots(there);
      expect(copied.map((snapshot) => snapshot.Tags)).toEqual([Tags, Tags]);
      for (const { Description, VolumeId } of copied) {
        expect(Description).toMatch(
          new RegExp(
            `^Copied for DestinationAmi ${copy} from SourceAmi ${source} for SourceSnapshot snap-[0-9a-f]+. Task created on [0-9,]+.$`,
          ),
        );
        expect(VolumeId).toBe('vol-ffffffff');
      }
    });
    it('makes one copy for a client token', async () => {
      const source = await makeImage();
      const token = { ClientToken: 'once' };
      expect(await copyImage(ec2, source, token)).toBe(await copyImage(ec2, source, token));
      expect(await copyImage(ec2, source, { Name: 'another' })).not.toBe(await copyImage(ec2, source, token));
    });
    it('fails later where the key cannot be used', async () => {
      const KmsKeyId = '00000000-0000-0000-0000-000000000000';
      const copy = await copyImage(ec2, await makeImage(), { Encrypted: true, KmsKeyId });
      expect((await image(copy)).State).toBe('failed');
    });
    it('needs a launch permission and permissions on the snapshots, for an image of another account', async () => {
      const theirs = new EC2Client(emulator.clientConfig(OTHER_ACCOUNT));
      const id = await makeImage();
      expect(await refusal(copyImage(theirs, id))).toBe('InvalidAMIID.NotFound');
      await ec2.send(new ModifyImageAttributeCommand({ ...add, ImageId: id, Attribute: 'launchPermission' }));
      expect(await refusal(copyImage(theirs, id))).toBe('InvalidRequest');
      for (const SnapshotId of snapshotIds(await image(id))) {
        await ec2.send(new ModifySnapshotAttributeCommand({ ...add, SnapshotId, Attribute: 'createVolumePermission' }));
      }
      const copy = await copyImage(theirs, id);
      expect((await image(copy, theirs)).OwnerId).toBe(OTHER_ACCOUNT);
      expect(await ownSnapshots(theirs)).toHaveLength(2);
    });
  });
});
