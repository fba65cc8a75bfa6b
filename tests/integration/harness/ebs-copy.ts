import { EC2Client, paginateDescribeSnapshots } from '@aws-sdk/client-ec2';
import { CreateBucketCommand, GetObjectCommand, S3Client, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import type { Emulator } from '../../emulator/emulator.js';

/** Snapshots and files of an account, to be had again in an emulator that was reset: what made them need not be done again. */
export interface EbsCopy {
  readonly bucket: string;
  readonly snapshots: Parameters<Emulator['seedSnapshots']>[0];
  readonly files: ReadonlyMap<string, string>;
}

/** Reads all snapshots of the emulator's default account and region, and the files of one bucket. */
export async function takeEbsCopy(emulator: Emulator, bucket: string): Promise<EbsCopy> {
  const ec2 = new EC2Client(emulator.clientConfig());
  const s3 = new S3Client(emulator.clientConfig());
  const snapshots: EbsCopy['snapshots'][number][] = [];
  for await (const page of paginateDescribeSnapshots({ client: ec2 }, { OwnerIds: ['self'] })) {
    for (const { SnapshotId: id = '', VolumeId: volumeId = '', StartTime: started, Tags: tags = [] } of page.Snapshots ?? []) {
      const startTime = (started ?? new Date()).toISOString();
      snapshots.push({ id, volumeId, startTime, state: 'completed', tags: Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value])) });
    }
  }
  const files = new Map<string, string>();
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket })) {
    for (const { Key = '' } of page.Contents ?? []) {
      files.set(Key, (await (await s3.send(new GetObjectCommand({ Bucket: bucket, Key }))).Body?.transformToString()) ?? '');
    }
  }
  return { bucket, snapshots, files };
}

/** Puts a copy into an emulator that has nothing of it; the bucket has its files and no settings. */
export async function putEbsCopy(emulator: Emulator, { bucket, snapshots, files }: EbsCopy): Promise<void> {
  const s3 = new S3Client(emulator.clientConfig());
  await emulator.seedSnapshots(snapshots);
  await s3.send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }));
  await emulator.seedObjects(bucket, Object.fromEntries(files));
}

/** The same copy without some backups, or without some files, by their names. */
export function without(copy: EbsCopy, what: 'snapshots' | 'files', name: string): EbsCopy {
  if (what === 'snapshots') return { ...copy, snapshots: copy.snapshots.filter(({ tags = {} }) => tags['Name'] !== name) };
  return { ...copy, files: new Map([...copy.files].filter(([key]) => !key.endsWith(`/${name}.yaml`))) };
}
