import { paginateDescribeImages } from '@aws-sdk/client-ec2';
import type { EC2Client, Filter, Image } from '@aws-sdk/client-ec2';
import type { BackupState, FoundBackup, Region } from '@shelvery/engine';
import { BackupId, present } from '@shelvery/engine';
import { PAGE_SIZE } from '../shared/ec2-lists.js';
import { fromTagList } from '../shared/tag-list.js';
import { wholeList } from '../shared/whole-list.js';

/** Our account's own images that pass the filters, disabled and deprecated ones too, on every page. */
export function listOwnImages(client: EC2Client, filters: Filter[]): Promise<readonly Image[]> {
  const wanted = { Owners: ['self'], IncludeDeprecated: true, IncludeDisabled: true, Filters: filters };
  return wholeList(paginateDescribeImages, { client, pageSize: PAGE_SIZE }, wanted, ({ Images }) => Images);
}

/**
 * Images that are shared with our account by its number, deprecated ones too, from every page; public ones are left
 * out.
 */
export function listSharedImages(client: EC2Client, filters: Filter[]): Promise<readonly Image[]> {
  const wanted = { ExecutableUsers: ['self'], IncludeDeprecated: true, Filters: filters };
  return wholeList(paginateDescribeImages, { client, pageSize: PAGE_SIZE }, wanted, ({ Images }) => Images);
}

/** Whether any of an image's snapshots is encrypted. */
export function isEncrypted(image: Image): boolean {
  return (image.BlockDeviceMappings ?? []).some(({ Ebs }) => Ebs?.Encrypted === true);
}

/**
 * Why no other account can copy an image, where that is so: page "Copy an Amazon EC2 AMI", considerations. Within its account
 * it can be copied.
 */
export function notForOthers({ ProductCodes = [] }: Image): string | undefined {
  const [code] = ProductCodes.filter(({ ProductCodeType }) => ProductCodeType === 'marketplace');
  if (code === undefined) return undefined;
  return `it has a product code of AWS Marketplace (${code.ProductCodeId ?? ''}), and AWS copies no such image to another account`;
}

/** The sizes of an image's volumes together; nothing of a pending one that names none yet. */
function sizeOf(image: Image): number | undefined {
  const sizes = (image.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.VolumeSize ?? []);
  return sizes.length === 0 ? undefined : sizes.reduce((sum, size) => sum + size, 0);
}

/** The ids of an image's snapshots; a pending image may not name them all yet. */
export function snapshotsOf(image: Image): readonly string[] {
  return (image.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []);
}

/** An image as a backup; nothing where it has just been deregistered. */
export function foundImage(image: Image, region: Region): readonly FoundBackup[] {
  const state = stateOf(image);
  if (state === undefined) return [];
  const volumes = (image.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs ?? []);
  const kmsKeyId = volumes.find((volume) => volume.KmsKeyId !== undefined)?.KmsKeyId;
  const { Name: serviceName, CreationDate: created, StateReason: reason } = image;
  const startedAt = timeOf(created);
  const found: FoundBackup = {
    id: BackupId.parse(image.ImageId),
    region,
    ...present({ serviceName }),
    state,
    ...present({ stateReason: reason?.Message }),
    ...present({ startedAt, dataTime: startedAt }),
    encrypted: isEncrypted(image),
    ...present({ kmsKeyId, sizeGib: sizeOf(image), notForOthers: notForOthers(image) }),
    tags: fromTagList(image.Tags),
  };
  return [found];
}

/** EC2 gives an image's time as text. One that cannot be read is none, or every comparison with it would be false. */
function timeOf(text: string | undefined): Date | undefined {
  const time = new Date(text ?? '');
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** A disabled image is complete: only launches, copies and shares of it wait until it is enabled. */
function stateOf({ State: state }: Image): BackupState | undefined {
  switch (state) {
    case 'available':
    case 'disabled':
      return 'available';
    case 'error':
    case 'failed':
    case 'invalid':
      return 'failed';
    case 'deregistered':
      return undefined;
    case 'pending':
    case 'transient':
    case undefined:
      return 'pending';
  }
}
