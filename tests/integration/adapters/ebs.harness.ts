import {
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DeleteVolumeCommand,
  DescribeSnapshotAttributeCommand,
  EC2Client,
  ModifySnapshotAttributeCommand,
  paginateDescribeSnapshots,
} from '@aws-sdk/client-ec2';
import type { AccountId, Region, Tags } from '@shelvery/engine/terminal';
import { BackupId, ResourceId } from '@shelvery/engine/terminal';
import { createEbsAdapter } from '../../../functions/ebs/adapter.js';
import { commonControls, startEmulatedAccount } from './emulated-account.js';
import type { EmulatedAccount, EmulatedHarness } from './emulated-account.js';
import { HOME, OTHER_ACCOUNT, PREFIX } from '../../contract/harness.js';
import { attachToInstance } from '../harness/attached-volumes.js';

/** Tags as EC2's calls take them when they make something. */
export function tagged(type: 'volume' | 'snapshot' | 'instance' | 'image', tags: Tags) {
  const list = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  return list.length === 0 ? {} : { TagSpecifications: [{ ResourceType: type, Tags: list }] };
}

/** Tags as EC2 answers them. */
export function untagged(
  tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] = [],
): Tags {
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key ?? '', Value ?? '']));
}

/** Plain clients by account and region. */
export function plainClients({ emulator }: EmulatedAccount): (region: Region, account?: AccountId) => EC2Client {
  return (region, account = HOME.accountId) => new EC2Client(emulator.clientConfig(account, region));
}

/** What the EBS tests need beyond the contract. */
export interface EbsHarness extends EmulatedHarness {
  readonly client: (region: Region, account?: AccountId) => EC2Client;
}

export async function startEbs(): Promise<EbsHarness> {
  const account = await startEmulatedAccount();
  const { emulator, access } = account;
  const client = plainClients(account);
  const makeVolume = async (owner: AccountId, tags: Tags, encrypted = false): Promise<string> => {
    const command = new CreateVolumeCommand({
      AvailabilityZone: `${HOME.region}a`,
      Size: 1,
      ...(encrypted ? { Encrypted: true } : {}),
      ...tagged('volume', tags),
    });
    return (await client(HOME.region, owner).send(command)).VolumeId ?? '';
  };
  const makeSnapshotOf = async (owner: AccountId, volume: string, tags: Tags): Promise<BackupId> => {
    const command = new CreateSnapshotCommand({ VolumeId: volume, ...tagged('snapshot', tags) });
    return BackupId.parse((await client(HOME.region, owner).send(command)).SnapshotId);
  };
  return {
    ...commonControls(emulator, 'ec2'),
    account,
    client,
    adapter: createEbsAdapter({ access, prefix: PREFIX }),
    actions: {
      create: 'CreateSnapshot',
      tag: 'CreateTags',
      remove: 'DeleteSnapshot',
      reads: ['DescribeVolumes', 'DescribeSnapshots'],
      list: 'DescribeVolumes',
    },
    refusedToken: 'InvalidPaginationToken',
    describedPerCall: 200,
    reset: () => emulator.reset(),
    makeResource: async (tags, how) => ResourceId.parse(await makeVolume(HOME.accountId, tags, how?.encrypted)),
    attach: async (volumes) =>
      ResourceId.parse(
        (await attachToInstance(emulator, volumes, { account: HOME.accountId, region: HOME.region })).instance,
      ),
    removeResource: async (id) => {
      await client(HOME.region).send(new DeleteVolumeCommand({ VolumeId: id }));
    },
    makeSnapshot: (resource, _name, tags) => makeSnapshotOf(HOME.accountId, resource, tags),
    makeForeignSnapshot: async (_name, tags) => {
      const id = await makeSnapshotOf(OTHER_ACCOUNT, await makeVolume(OTHER_ACCOUNT, {}), tags);
      const permission = {
        Attribute: 'createVolumePermission',
        OperationType: 'add',
        UserIds: [HOME.accountId],
      } as const;
      await client(HOME.region, OTHER_ACCOUNT).send(
        new ModifySnapshotAttributeCommand({ ...permission, SnapshotId: id, UserIds: [...permission.UserIds] }),
      );
      return id;
    },
    stored: async (region) => {
      const stored = new Map<BackupId, Tags>();
      for await (const page of paginateDescribeSnapshots({ client: client(region) }, { OwnerIds: ['self'] })) {
        for (const { SnapshotId, Tags: tags } of page.Snapshots ?? [])
          stored.set(BackupId.parse(SnapshotId), untagged(tags));
      }
      return stored;
    },
    sharedWith: async (region, id) => {
      const command = new DescribeSnapshotAttributeCommand({ SnapshotId: id, Attribute: 'createVolumePermission' });
      const { CreateVolumePermissions = [] } = await client(region).send(command);
      return CreateVolumePermissions.flatMap(({ UserId }) => UserId ?? []);
    },
    keepPending: () => emulator.setSnapshotStates({ pendingMs: 60_000 }),
    finishPending: async () => {
      await emulator.advanceClock(60_000);
    },
    failNextBackup: () => emulator.setSnapshotStates({ outcome: 'error' }),
  };
}
