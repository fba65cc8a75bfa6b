import { DeleteSnapshotCommand, ModifySnapshotAttributeCommand, paginateDescribeSnapshots } from '@aws-sdk/client-ec2';
import type { EC2Client, Filter, Snapshot } from '@aws-sdk/client-ec2';
import type { AccountId } from '@shelvery/engine';
import { faultName } from '@shelvery/engine';
import { PAGE_SIZE } from './ec2-lists.js';

/** Our account's own snapshots that pass the filters, on every page. */
export async function listOwnSnapshots(client: EC2Client, filters: readonly Filter[]): Promise<readonly Snapshot[]> {
  const pages = paginateDescribeSnapshots(
    { client, pageSize: PAGE_SIZE },
    { OwnerIds: ['self'], Filters: [...filters] },
  );
  const snapshots: Snapshot[] = [];
  for await (const page of pages) snapshots.push(...(page.Snapshots ?? []));
  return snapshots;
}

/** Snapshots that are shared with our account by its number, from every page; public ones are left out. */
export async function listSharedSnapshots(client: EC2Client, filter: Filter): Promise<readonly Snapshot[]> {
  const pages = paginateDescribeSnapshots(
    { client, pageSize: PAGE_SIZE },
    { RestorableByUserIds: ['self'], Filters: [filter] },
  );
  const snapshots: Snapshot[] = [];
  for await (const page of pages) snapshots.push(...(page.Snapshots ?? []));
  return snapshots;
}

/** Deletes a snapshot. Already gone counts as deleted. */
export async function deleteSnapshot(client: EC2Client, id: string): Promise<void> {
  try {
    await client.send(new DeleteSnapshotCommand({ SnapshotId: id }));
  } catch (error) {
    if (!isNamed(error, 'InvalidSnapshot.NotFound')) throw error;
  }
}

/** Lets an account make volumes and copies of a snapshot. An account that is allowed already stays allowed. */
export async function shareSnapshot(client: EC2Client, id: string, account: AccountId): Promise<void> {
  await client.send(
    new ModifySnapshotAttributeCommand({
      SnapshotId: id,
      Attribute: 'createVolumePermission',
      OperationType: 'add',
      UserIds: [account],
    }),
  );
}

/** Whether an error of the service has one of the names. */
export function isNamed(error: unknown, ...names: readonly string[]): boolean {
  return names.includes(faultName(error));
}
