import { DeleteSnapshotCommand, ModifySnapshotAttributeCommand, paginateDescribeSnapshots } from '@aws-sdk/client-ec2';
import type { EC2Client, Filter, Snapshot } from '@aws-sdk/client-ec2';
import type { AccountId } from '@shelvery/engine';
import { faultName } from '@shelvery/engine';
import { PAGE_SIZE } from './ec2-lists.js';
import { wholeList } from './whole-list.js';

/** Our account's own snapshots that pass the filters, on every page. */
export function listOwnSnapshots(client: EC2Client, filters: Filter[]): Promise<readonly Snapshot[]> {
  return readOwnSnapshots(client, filters, (snapshot) => [snapshot]);
}

/** The same, each page read as it comes: of a large estate what the service answers takes more memory than what is kept. */
export function readOwnSnapshots<T>(
  client: EC2Client,
  filters: Filter[],
  read: (snapshot: Snapshot) => readonly T[],
): Promise<readonly T[]> {
  return wholeList(
    paginateDescribeSnapshots,
    { client, pageSize: PAGE_SIZE },
    { OwnerIds: ['self'], Filters: filters },
    ({ Snapshots = [] }) => Snapshots.flatMap(read),
  );
}

/** Snapshots that name our account among those that may use them, on every page; not what is public. */
export function listSharedSnapshots(client: EC2Client, filters: Filter[]): Promise<readonly Snapshot[]> {
  return wholeList(
    paginateDescribeSnapshots,
    { client, pageSize: PAGE_SIZE },
    { RestorableByUserIds: ['self'], Filters: filters },
    ({ Snapshots }) => Snapshots,
  );
}

/** Deletes a snapshot. Already gone counts as deleted. */
export async function deleteSnapshot(client: EC2Client, id: string): Promise<void> {
  try {
    await client.send(new DeleteSnapshotCommand({ SnapshotId: id }));
  } catch (error) {
    if (!isNamed(error, 'InvalidSnapshot.NotFound')) throw error;
  }
}

/** Lets accounts make volumes and copies of a snapshot. An account that is allowed already stays allowed. */
export async function shareSnapshot(client: EC2Client, id: string, accounts: readonly AccountId[]): Promise<void> {
  await client.send(
    new ModifySnapshotAttributeCommand({
      SnapshotId: id,
      Attribute: 'createVolumePermission',
      OperationType: 'add',
      UserIds: [...accounts],
    }),
  );
}

/** Whether an error of the service has one of the names. */
export function isNamed(error: unknown, ...names: readonly string[]): boolean {
  return names.includes(faultName(error));
}
