import {
  CreateImageCommand,
  DescribeImageAttributeCommand,
  DescribeImagesCommand,
  ModifyImageAttributeCommand,
  ModifySnapshotAttributeCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
  paginateDescribeImages,
} from '@aws-sdk/client-ec2';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { AccountId, Region, Tags } from '@shelvery/engine/terminal';
import { BackupId, ResourceId } from '@shelvery/engine/terminal';
import { createAmiAdapter } from '../../../functions/ec2ami/adapter.js';
import { plainClients, tagged, untagged } from './ebs.harness.js';
import { commonControls, startEmulatedAccount } from './emulated-account.js';
import type { EmulatedHarness } from './emulated-account.js';
import { HOME, OTHER_ACCOUNT, PREFIX } from '../../contract/harness.js';

/** What the AMI tests need beyond the contract. */
export interface AmiHarness extends EmulatedHarness {
  readonly client: (region: Region, account?: AccountId) => EC2Client;
  /** The ids of an image's snapshots. */
  snapshotsOf(region: Region, image: string, account?: AccountId): Promise<readonly string[]>;
}

export async function startAmi(): Promise<AmiHarness> {
  const account = await startEmulatedAccount();
  const { emulator, access } = account;
  const client = plainClients(account);
  const runInstance = async (owner: AccountId, tags: Tags, encrypted = false): Promise<string> => {
    const Ebs = { VolumeSize: 1, ...(encrypted ? { Encrypted: true } : {}) };
    const mappings = ['/dev/sda1', '/dev/sdb'].map((DeviceName) => ({ DeviceName, Ebs }));
    const command = new RunInstancesCommand({
      ImageId: 'ami-12345678',
      MinCount: 1,
      MaxCount: 1,
      BlockDeviceMappings: mappings,
      ...tagged('instance', tags),
    });
    return (await client(HOME.region, owner).send(command)).Instances?.[0]?.InstanceId ?? '';
  };
  const makeImage = async (owner: AccountId, instance: string, name: string, tags: Tags): Promise<BackupId> => {
    const command = new CreateImageCommand({
      InstanceId: instance,
      Name: name,
      NoReboot: true,
      ...tagged('image', tags),
    });
    return BackupId.parse((await client(HOME.region, owner).send(command)).ImageId);
  };
  const snapshotsOf = async (
    region: Region,
    image: string,
    owner: AccountId = HOME.accountId,
  ): Promise<readonly string[]> => {
    const { Images = [] } = await client(region, owner).send(new DescribeImagesCommand({ ImageIds: [image] }));
    return Images.flatMap(({ BlockDeviceMappings = [] }) =>
      BlockDeviceMappings.flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []),
    );
  };
  return {
    ...commonControls(emulator, 'ec2'),
    account,
    client,
    snapshotsOf,
    adapter: createAmiAdapter({ access, prefix: PREFIX }),
    actions: {
      create: 'CreateImage',
      tag: 'CreateTags',
      remove: 'DeregisterImage',
      reads: ['DescribeInstances', 'DescribeImages', 'DescribeSnapshots'],
      list: 'DescribeInstances',
    },
    refusedToken: 'InvalidNextToken',
    describedPerCall: 200,
    reset: () => emulator.reset(),
    makeResource: async (tags, how) => ResourceId.parse(await runInstance(HOME.accountId, tags, how?.encrypted)),
    removeResource: async (id) => {
      await client(HOME.region).send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    },
    makeSnapshot: (resource, name, tags) => makeImage(HOME.accountId, resource, name, tags),
    makeForeignSnapshot: async (name, tags) => {
      const theirs = client(HOME.region, OTHER_ACCOUNT);
      const id = await makeImage(OTHER_ACCOUNT, await runInstance(OTHER_ACCOUNT, {}), name, tags);
      const add = { OperationType: 'add' as const, UserIds: [HOME.accountId] };
      await theirs.send(new ModifyImageAttributeCommand({ ...add, ImageId: id, Attribute: 'launchPermission' }));
      for (const SnapshotId of await snapshotsOf(HOME.region, id, OTHER_ACCOUNT)) {
        await theirs.send(
          new ModifySnapshotAttributeCommand({ ...add, SnapshotId, Attribute: 'createVolumePermission' }),
        );
      }
      return id;
    },
    stored: async (region) => {
      const stored = new Map<BackupId, Tags>();
      for await (const page of paginateDescribeImages({ client: client(region) }, { Owners: ['self'] })) {
        for (const { ImageId, Tags: tags } of page.Images ?? []) stored.set(BackupId.parse(ImageId), untagged(tags));
      }
      return stored;
    },
    sharedWith: async (region, id) => {
      const command = new DescribeImageAttributeCommand({ ImageId: id, Attribute: 'launchPermission' });
      const { LaunchPermissions = [] } = await client(region).send(command);
      return LaunchPermissions.flatMap(({ UserId }) => UserId ?? []);
    },
    keepPending: () => emulator.setSnapshotStates({ pendingMs: 60_000 }),
    finishPending: async () => {
      await emulator.advanceClock(60_000);
    },
    failNextBackup: () => emulator.setSnapshotStates({ outcome: 'error' }),
  };
}
