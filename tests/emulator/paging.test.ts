import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  DeleteSnapshotCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
  paginateDescribeVolumes,
} from '@aws-sdk/client-ec2';

import { CreateBucketCommand, PutObjectCommand, S3Client, paginateListObjectsV2 } from '@aws-sdk/client-s3';

import { startEmulator, type Emulator } from './emulator.js';

describe('pages of DescribeVolumes and DescribeSnapshots', () => {
  let emulator: Emulator;
  let ec2: EC2Client;
  let volumeIds: readonly string[];

  beforeAll(async () => {
    emulator = await startEmulator();
    ec2 = new EC2Client({ ...emulator.clientConfig(), maxAttempts: 1 });
  });
  beforeEach(async () => {
    await emulator.reset();
    volumeIds = await emulator.seedVolumes(
      Array.from({ length: 12 }, (_, index) => ({ tags: { Number: String(index) } })),
    );
  });
  afterAll(async () => {
    await emulator.stop();
  });

  async function listVolumes(pageSize?: number): Promise<readonly (readonly (string | undefined)[])[]> {
    const pages = [];
    const config = pageSize === undefined ? { client: ec2 } : { client: ec2, pageSize };
    for await (const page of paginateDescribeVolumes(config, {})) {
      pages.push((page.Volumes ?? []).map((volume) => volume.VolumeId));
    }
    return pages;
  }

  it('are one where nothing is asked for and nothing imposed', async () => {
    expect(await listVolumes()).toEqual([volumeIds]);
  });

  it('are of the size that is asked for (page "DescribeVolumes", MaxResults)', async () => {
    expect(await listVolumes(5)).toEqual([volumeIds.slice(0, 5), volumeIds.slice(5, 10), volumeIds.slice(10)]);
  });

  it('are of the size that the emulator imposes, asked for or not', async () => {
    await emulator.setPageSize(8);
    expect(await listVolumes()).toEqual([volumeIds.slice(0, 8), volumeIds.slice(8)]);
  });

  it('are of the smaller of both sizes', async () => {
    await emulator.setPageSize(2);
    expect(await listVolumes(5)).toHaveLength(6);
    await emulator.setPageSize(100);
    expect(await listVolumes(6)).toHaveLength(2);
  });

  it('keep their place when something is deleted between them', async () => {
    const [VolumeId] = volumeIds;
    const snapshotIds = await emulator.seedSnapshots(Array.from({ length: 6 }, () => ({ volumeId: VolumeId ?? '' })));
    await emulator.setPageSize(2);
    const first = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
    expect(first.Snapshots?.map((snapshot) => snapshot.SnapshotId)).toEqual(snapshotIds.slice(0, 2));
    await ec2.send(new DeleteSnapshotCommand({ SnapshotId: snapshotIds[0] }));
    await ec2.send(new DeleteSnapshotCommand({ SnapshotId: snapshotIds[2] }));
    const second = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'], NextToken: first.NextToken }));
    expect(second.Snapshots?.map((snapshot) => snapshot.SnapshotId)).toEqual([snapshotIds[3]]);
    const third = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'], NextToken: second.NextToken }));
    expect(third.Snapshots?.map((snapshot) => snapshot.SnapshotId)).toEqual(snapshotIds.slice(4));
    expect(third.NextToken).toBeUndefined();
  });

  it('hold what fits the filters', async () => {
    await emulator.setPageSize(1);
    const Filters = [{ Name: 'tag:Number', Values: ['1', '7'] }];
    const first = await ec2.send(new DescribeVolumesCommand({ Filters }));
    const second = await ec2.send(new DescribeVolumesCommand({ Filters, NextToken: first.NextToken }));
    expect([first, second].map((page) => page.Volumes?.[0]?.VolumeId)).toEqual([volumeIds[1], volumeIds[7]]);
    expect(second.NextToken).toBeUndefined();
  });

  it.each([1, 4, 1001])(
    'cannot have %d items (pages "DescribeVolumes", "DescribeSnapshots": 5 to 1,000)',
    async (MaxResults) => {
      await expect(ec2.send(new DescribeVolumesCommand({ MaxResults }))).rejects.toMatchObject({
        name: 'InvalidParameterValue',
      });
      await expect(ec2.send(new DescribeSnapshotsCommand({ MaxResults }))).rejects.toMatchObject({
        name: 'InvalidParameterValue',
      });
      expect(await emulator.takeViolations()).not.toEqual([]);
    },
  );

  it('cannot be asked for together with ids, and are not imposed on them', async () => {
    await emulator.setPageSize(1);
    await expect(
      ec2.send(new DescribeVolumesCommand({ MaxResults: 5, VolumeIds: [...volumeIds] })),
    ).rejects.toMatchObject({
      name: 'InvalidParameterCombination',
    });
    const { Volumes } = await ec2.send(new DescribeVolumesCommand({ VolumeIds: [...volumeIds] }));
    expect(Volumes).toHaveLength(12);
  });

  it('refuse a token that was not given (page "Error codes for the Amazon EC2 API")', async () => {
    await expect(ec2.send(new DescribeVolumesCommand({ NextToken: 'mine' }))).rejects.toMatchObject({
      name: 'InvalidNextToken',
    });
  });
});

describe('pages of ListObjectsV2 (page "ListObjectsV2": up to 1,000 keys, or fewer)', () => {
  let emulator: Emulator;
  let s3: S3Client;
  beforeAll(async () => {
    emulator = await startEmulator({ region: 'eu-west-1' });
    s3 = new S3Client(emulator.clientConfig());
    await s3.send(
      new CreateBucketCommand({ Bucket: 'pages', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
    );
    for (const Key of ['a', 'b', 'c', 'one/1', 'one/2', 'two/1'])
      await s3.send(new PutObjectCommand({ Bucket: 'pages', Key, Body: 'x' }));
  });
  afterAll(() => emulator.stop());

  async function list(): Promise<readonly (readonly (string | undefined)[])[]> {
    const pages = [];
    for await (const { Contents = [], CommonPrefixes = [] } of paginateListObjectsV2(
      { client: s3 },
      { Bucket: 'pages', Delimiter: '/' },
    ))
      pages.push([...Contents.map(({ Key }) => Key), ...CommonPrefixes.map(({ Prefix }) => Prefix)]);
    return pages;
  }

  it('are one where nothing is imposed', async () => {
    expect(await list()).toEqual([['a', 'b', 'c', 'one/', 'two/']]);
  });
  it('are of the size that the emulator imposes, folders among them', async () => {
    await emulator.setPageSize(2);
    expect(await list()).toEqual([['a', 'b'], ['c', 'one/'], ['two/']]);
  });
});
