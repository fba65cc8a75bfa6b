import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CopySnapshotCommand,
  CreateVolumeCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
  EnableEbsEncryptionByDefaultCommand,
  GetEbsDefaultKmsKeyIdCommand,
  ModifyEbsDefaultKmsKeyIdCommand,
  ModifySnapshotAttributeCommand,
  ResetEbsDefaultKmsKeyIdCommand,
} from '@aws-sdk/client-ec2';

import { accountsOf } from './accounts.js';
import { startEmulator, type Emulator } from './emulator.js';

/** Pages "GetEbsDefaultKmsKeyId", "ModifyEbsDefaultKmsKeyId", "CopySnapshot", "Share an Amazon EBS snapshot". */
describe('the default key of EBS', () => {
  let emulator: Emulator;
  let ec2: EC2Client;
  beforeAll(async () => {
    emulator = await startEmulator();
    ec2 = new EC2Client(emulator.clientConfig());
  });
  beforeEach(() => emulator.reset());
  afterAll(() => emulator.stop());

  const get = async (): Promise<string | undefined> => (await ec2.send(new GetEbsDefaultKmsKeyIdCommand({}))).KmsKeyId;
  async function chooseKey(): Promise<string> {
    const KmsKeyId = await accountsOf(emulator).makeKey();
    await ec2.send(new ModifyEbsDefaultKmsKeyIdCommand({ KmsKeyId }));
    return KmsKeyId;
  }
  async function copy(more: { readonly Encrypted?: boolean } = { Encrypted: true }): Promise<string> {
    const [SourceSnapshotId] = await emulator.seedSnapshots([{ volumeId: 'vol-0123456789abcdef0' }]);
    const command = new CopySnapshotCommand({ SourceSnapshotId, SourceRegion: emulator.region, ...more });
    return (await ec2.send(command)).SnapshotId ?? '';
  }
  const read = async (id: string) =>
    (await ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [id] }))).Snapshots?.[0];
  const share = (SnapshotId: string): Promise<unknown> =>
    ec2.send(
      new ModifySnapshotAttributeCommand({
        SnapshotId,
        Attribute: 'createVolumePermission',
        OperationType: 'add',
        UserIds: ['222222222222'],
      }),
    );

  it('is AWS’s own at first, under which nothing can be shared', async () => {
    expect(await get()).toBe('alias/aws/ebs');
    await ec2.send(new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 1, Encrypted: true }));
    const id = await copy();
    await expect(share(id)).rejects.toMatchObject({ name: 'OperationNotPermitted' });
    expect(await get()).toBe('alias/aws/ebs');
  });
  it('can be one of the account’s, under which copies are made and shared', async () => {
    const key = await chooseKey();
    expect(await get()).toBe(key);
    const id = await copy();
    expect(await read(id)).toMatchObject({ Encrypted: true, KmsKeyId: key });
    await share(id);
    await ec2.send(new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 1, Encrypted: true }));
    expect((await ec2.send(new DescribeVolumesCommand({}))).Volumes).toMatchObject([{ KmsKeyId: key }]);
    await ec2.send(new ResetEbsDefaultKmsKeyIdCommand({}));
    expect(await get()).toBe('alias/aws/ebs');
  });
  it('is taken for every copy where encryption is on by default', async () => {
    const key = await chooseKey();
    expect(await read(await copy({}))).toMatchObject({ Encrypted: false });
    await ec2.send(new EnableEbsEncryptionByDefaultCommand({}));
    expect(await read(await copy({}))).toMatchObject({ Encrypted: true, KmsKeyId: key });
  });
});
