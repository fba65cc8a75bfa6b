import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CopyImageCommand,
  CreateImageCommand,
  DescribeImagesCommand,
  DisableAllowedImagesSettingsCommand,
  EC2Client,
  EnableAllowedImagesSettingsCommand,
  GetAllowedImagesSettingsCommand,
  ModifyImageAttributeCommand,
  ModifySnapshotAttributeCommand,
  ReplaceImageCriteriaInAllowedImagesSettingsCommand,
  RunInstancesCommand,
  type Image,
} from '@aws-sdk/client-ec2';

import { startEmulator, type Emulator } from './emulator.js';

const OTHER = '222222222222';

/** Pages "GetAllowedImagesSettings", "EnableAllowedImagesSettings", "DescribeImages"; "Copy an Amazon EC2 AMI". */
describe('images that an account may see and copy', () => {
  let emulator: Emulator;
  let ours: EC2Client;
  let theirs: EC2Client;
  let id: string;

  beforeAll(async () => {
    emulator = await startEmulator();
    ours = new EC2Client(emulator.clientConfig());
    theirs = new EC2Client(emulator.clientConfig(OTHER));
  });
  beforeEach(async () => {
    await emulator.reset();
    id = await makeImage(theirs, 'theirs');
    const add = { OperationType: 'add' as const, UserIds: [emulator.account] };
    await theirs.send(new ModifyImageAttributeCommand({ ...add, ImageId: id, Attribute: 'launchPermission' }));
    const { Images } = await theirs.send(new DescribeImagesCommand({ ImageIds: [id] }));
    const SnapshotId = Images?.[0]?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId;
    await theirs.send(new ModifySnapshotAttributeCommand({ ...add, SnapshotId, Attribute: 'createVolumePermission' }));
  });
  afterAll(() => emulator.stop());

  async function makeImage(client: EC2Client, Name: string): Promise<string> {
    const { Instances } = await client.send(
      new RunInstancesCommand({ ImageId: 'ami-12345678', MinCount: 1, MaxCount: 1 }),
    );
    const command = new CreateImageCommand({ InstanceId: Instances?.[0]?.InstanceId, Name });
    return (await client.send(command)).ImageId ?? '';
  }
  async function shared(): Promise<readonly Image[]> {
    return (await ours.send(new DescribeImagesCommand({ ExecutableUsers: ['self'] }))).Images ?? [];
  }
  const copy = (): Promise<unknown> =>
    ours.send(new CopyImageCommand({ SourceImageId: id, SourceRegion: emulator.region, Name: 'copy' }));
  const enable = (AllowedImagesSettingsState: 'enabled' | 'audit-mode'): Promise<unknown> =>
    ours.send(new EnableAllowedImagesSettingsCommand({ AllowedImagesSettingsState }));
  const allow = (...ImageProviders: string[]): Promise<unknown> =>
    ours.send(new ReplaceImageCriteriaInAllowedImagesSettingsCommand({ ImageCriteria: [{ ImageProviders }] }));

  it('are all, where nothing is set', async () => {
    const settings = await ours.send(new GetAllowedImagesSettingsCommand({}));
    expect(settings).toMatchObject({ State: 'disabled', ManagedBy: 'account' });
    expect(await shared()).toMatchObject([{ ImageId: id }]);
    expect((await shared())[0]).not.toHaveProperty('ImageAllowed');
    await copy();
  });
  it('are their own and those of the providers that are named, where it is enabled', async () => {
    const own = await makeImage(ours, 'ours');
    await enable('enabled');
    await allow('333333333333');
    const settings = await ours.send(new GetAllowedImagesSettingsCommand({}));
    expect(settings).toMatchObject({ State: 'enabled', ImageCriteria: [{ ImageProviders: ['333333333333'] }] });
    expect(await shared()).toEqual([]);
    await expect(copy()).rejects.toMatchObject({ name: 'InvalidAMIID.NotFound' });
    const { Images } = await ours.send(new DescribeImagesCommand({ Owners: ['self'] }));
    expect(Images).toMatchObject([{ ImageId: own, ImageAllowed: true }]);
    await allow('333333333333', OTHER);
    expect(await shared()).toMatchObject([{ ImageId: id, ImageAllowed: true }]);
    await copy();
  });
  it('are all in audit mode, which says of each whether it would be', async () => {
    await enable('audit-mode');
    await allow('none');
    expect(await shared()).toMatchObject([{ ImageId: id, ImageAllowed: false }]);
    await copy();
    await ours.send(new DisableAllowedImagesSettingsCommand({}));
    expect((await shared())[0]).not.toHaveProperty('ImageAllowed');
  });
  it('are not copied by others with a product code of the marketplace', async () => {
    await emulator.setProductCodes(id, [{ id: 'abc123' }]);
    expect(await shared()).toMatchObject([
      { ProductCodes: [{ ProductCodeId: 'abc123', ProductCodeType: 'marketplace' }] },
    ]);
    await expect(copy()).rejects.toMatchObject({
      name: 'InvalidRequest',
      message: 'Images from AWS Marketplace cannot be copied to another AWS account',
    });
    const own = new CopyImageCommand({ SourceImageId: id, SourceRegion: emulator.region, Name: 'copy' });
    const { ImageId = '' } = await theirs.send(own);
    const { Images } = await theirs.send(new DescribeImagesCommand({ ImageIds: [ImageId] }));
    expect(Images).toMatchObject([{ ProductCodes: [{ ProductCodeId: 'abc123' }] }]);
  });
});
