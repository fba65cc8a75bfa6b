import {
  DescribeImageAttributeCommand,
  DescribeSnapshotAttributeCommand,
  EC2Client,
  paginateDescribeImages,
  paginateDescribeSnapshots,
} from '@aws-sdk/client-ec2';
import {
  DescribeDBClusterSnapshotAttributesCommand,
  DescribeDBSnapshotAttributesCommand,
  RDSClient,
  paginateDescribeDBClusterSnapshots,
  paginateDescribeDBSnapshots,
} from '@aws-sdk/client-rds';
import { RedshiftClient, paginateDescribeClusterSnapshots } from '@aws-sdk/client-redshift';
import type { Tags } from '@shelvery/engine/terminal';
import { fromTagList } from '../../../functions/shared/tag-list.js';
import type { Emulator } from '../../emulator/emulator.js';
import type { TypedPlace } from './resources.js';

/**
 * A snapshot or an image as its service has it: whoever made it, marked or not, so that what the product forgot is seen
 * as well as what it knows of.
 */
export interface RawSnapshot {
  readonly id: string;
  readonly kind: 'image' | 'snapshot';
  readonly state: string;
  readonly kmsKeyId: string;
  readonly tags: Tags;
  /** Accounts that may use it. */
  readonly sharedWith: readonly string[];
  /** What else tells it apart: its tier, the snapshots of an image. */
  readonly more: readonly string[];
}

/** All that the type's service has in a place, with what it is shared with. */
export async function listRawSnapshots(
  emulator: Emulator,
  { type, account, region }: TypedPlace,
): Promise<readonly RawSnapshot[]> {
  const client = emulator.clientConfig(account, region);
  switch (type) {
    case 'ebs':
    case 'ec2ami': {
      const ec2 = new EC2Client(client);
      return [...(await listImages(ec2)), ...(await listEbsSnapshots(ec2))];
    }
    case 'rds':
      return await listDatabaseSnapshots(new RDSClient(client));
    case 'rds_cluster':
    case 'docdb':
      return await listClusterSnapshots(new RDSClient(client));
    case 'redshift':
      return await listRedshiftSnapshots(new RedshiftClient(client));
  }
}

async function listImages(client: EC2Client): Promise<readonly RawSnapshot[]> {
  const images: RawSnapshot[] = [];
  for await (const page of paginateDescribeImages({ client }, { Owners: ['self'] })) {
    for (const {
      ImageId: id = '',
      Name: name = '',
      State: state = '',
      Tags: tags,
      BlockDeviceMappings: volumes = [],
    } of page.Images ?? []) {
      const { LaunchPermissions: allowed = [] } = await client.send(
        new DescribeImageAttributeCommand({ ImageId: id, Attribute: 'launchPermission' }),
      );
      const sharedWith = allowed.flatMap(({ UserId }) => UserId ?? []);
      const more = [name, ...volumes.flatMap(({ Ebs }) => Ebs?.SnapshotId ?? [])];
      images.push({ id, kind: 'image', state, kmsKeyId: '', tags: fromTagList(tags), sharedWith, more });
    }
  }
  return images;
}

async function listEbsSnapshots(client: EC2Client): Promise<readonly RawSnapshot[]> {
  const snapshots: RawSnapshot[] = [];
  for await (const page of paginateDescribeSnapshots({ client }, { OwnerIds: ['self'] })) {
    for (const {
      SnapshotId: id = '',
      State: state = '',
      KmsKeyId: kmsKeyId = '',
      Tags: tags,
      StorageTier: tier = '',
    } of page.Snapshots ?? []) {
      const { CreateVolumePermissions: allowed = [] } = await client.send(
        new DescribeSnapshotAttributeCommand({ SnapshotId: id, Attribute: 'createVolumePermission' }),
      );
      const sharedWith = allowed.flatMap(({ UserId }) => UserId ?? []);
      snapshots.push({ id, kind: 'snapshot', state, kmsKeyId, tags: fromTagList(tags), sharedWith, more: [tier] });
    }
  }
  return snapshots;
}

async function listDatabaseSnapshots(client: RDSClient): Promise<readonly RawSnapshot[]> {
  const snapshots: RawSnapshot[] = [];
  for await (const page of paginateDescribeDBSnapshots({ client }, {})) {
    for (const {
      DBSnapshotIdentifier: id = '',
      Status: state = '',
      KmsKeyId: kmsKeyId = '',
      TagList: tags,
      SnapshotType: kind = '',
    } of page.DBSnapshots ?? []) {
      const answer = await client.send(new DescribeDBSnapshotAttributesCommand({ DBSnapshotIdentifier: id }));
      const sharedWith = restorers(answer.DBSnapshotAttributesResult?.DBSnapshotAttributes);
      snapshots.push({ id, kind: 'snapshot', state, kmsKeyId, tags: fromTagList(tags), sharedWith, more: [kind] });
    }
  }
  return snapshots;
}

async function listClusterSnapshots(client: RDSClient): Promise<readonly RawSnapshot[]> {
  const snapshots: RawSnapshot[] = [];
  for await (const page of paginateDescribeDBClusterSnapshots({ client }, {})) {
    for (const {
      DBClusterSnapshotIdentifier: id = '',
      Status: state = '',
      KmsKeyId: kmsKeyId = '',
      TagList: tags,
      SnapshotType: kind = '',
    } of page.DBClusterSnapshots ?? []) {
      const answer = await client.send(
        new DescribeDBClusterSnapshotAttributesCommand({ DBClusterSnapshotIdentifier: id }),
      );
      const sharedWith = restorers(answer.DBClusterSnapshotAttributesResult?.DBClusterSnapshotAttributes);
      snapshots.push({ id, kind: 'snapshot', state, kmsKeyId, tags: fromTagList(tags), sharedWith, more: [kind] });
    }
  }
  return snapshots;
}

function restorers(
  attributes: readonly {
    readonly AttributeName?: string | undefined;
    readonly AttributeValues?: string[] | undefined;
  }[] = [],
): readonly string[] {
  return attributes
    .filter(({ AttributeName }) => AttributeName === 'restore')
    .flatMap(({ AttributeValues = [] }) => AttributeValues);
}

async function listRedshiftSnapshots(client: RedshiftClient): Promise<readonly RawSnapshot[]> {
  const snapshots: RawSnapshot[] = [];
  for await (const page of paginateDescribeClusterSnapshots({ client }, {})) {
    for (const {
      SnapshotIdentifier: id = '',
      Status: state = '',
      KmsKeyId: kmsKeyId = '',
      Tags: tags,
      SnapshotType: kind = '',
      ...rest
    } of page.Snapshots ?? []) {
      const sharedWith = (rest.AccountsWithRestoreAccess ?? []).flatMap(({ AccountId }) => AccountId ?? []);
      const more = [kind, String(rest.ManualSnapshotRetentionPeriod ?? '')];
      snapshots.push({ id, kind: 'snapshot', state, kmsKeyId, tags: fromTagList(tags), sharedWith, more });
    }
  }
  return snapshots;
}
