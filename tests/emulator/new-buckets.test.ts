import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CreateBucketCommand,
  DeleteBucketEncryptionCommand,
  GetBucketEncryptionCommand,
  GetBucketOwnershipControlsCommand,
  GetPublicAccessBlockCommand,
  HeadObjectCommand,
  PutBucketAclCommand,
  PutBucketOwnershipControlsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';

import { startEmulator, type Emulator } from './emulator.js';

/** Pages "Blocking public access to your Amazon S3 storage", "Controlling ownership of objects and disabling ACLs". */
describe('new buckets', () => {
  let emulator: Emulator;
  let s3: S3Client;
  const Bucket = 'bucket';
  beforeAll(async () => {
    emulator = await startEmulator();
    s3 = new S3Client(emulator.clientConfig());
    await s3.send(new CreateBucketCommand({ Bucket }));
  });
  afterAll(() => emulator.stop());

  it('are private', async () => {
    const { PublicAccessBlockConfiguration } = await s3.send(new GetPublicAccessBlockCommand({ Bucket }));
    expect(PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    });
  });
  it('are encrypted with keys of S3’s own, and so are their objects', async () => {
    const { ServerSideEncryptionConfiguration } = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
    expect(ServerSideEncryptionConfiguration?.Rules).toMatchObject([
      { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false },
    ]);
    const put = await s3.send(new PutObjectCommand({ Bucket, Key: 'key', Body: 'text' }));
    expect(put.ServerSideEncryption).toBe('AES256');
    await s3.send(new DeleteBucketEncryptionCommand({ Bucket }));
    const { ServerSideEncryptionConfiguration: reset } = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
    expect(reset).toEqual(ServerSideEncryptionConfiguration);
  });
  it('tell by the clock of all other services, in whole seconds, when an object was put', async () => {
    const hourMs = 3_600_000;
    const before = Date.now();
    await emulator.advanceClock(hourMs);
    await s3.send(new PutObjectCommand({ Bucket, Key: 'later', Body: 'text' }));
    const { LastModified } = await s3.send(new HeadObjectCommand({ Bucket, Key: 'later' }));
    const time = LastModified?.getTime() ?? 0;
    expect(time).toBeGreaterThanOrEqual(Math.floor((before + hourMs) / 1_000) * 1_000);
    expect(time % 1_000).toBe(0);
  });
  it('are open where they are to be as buckets once were', async () => {
    await emulator.setBehaviours({ newBucketsClosed: false });
    await s3.send(new CreateBucketCommand({ Bucket: 'older' }));
    await emulator.setBehaviours({ newBucketsClosed: true });
    await expect(s3.send(new GetPublicAccessBlockCommand({ Bucket: 'older' }))).rejects.toMatchObject({
      name: 'NoSuchPublicAccessBlockConfiguration',
    });
    await expect(s3.send(new GetBucketOwnershipControlsCommand({ Bucket: 'older' }))).rejects.toMatchObject({
      name: 'OwnershipControlsNotFoundError',
    });
  });
  it('have no access control lists until their owner wants them', async () => {
    const { OwnershipControls } = await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }));
    expect(OwnershipControls?.Rules).toEqual([{ ObjectOwnership: 'BucketOwnerEnforced' }]);
    const refused = { name: 'AccessControlListNotSupported' };
    const setList = new PutBucketAclCommand({ Bucket, ACL: 'private' });
    await expect(s3.send(setList)).rejects.toMatchObject(refused);
    const put = { Bucket, Key: 'key', Body: 'text' };
    await expect(s3.send(new PutObjectCommand({ ...put, ACL: 'public-read' }))).rejects.toMatchObject(refused);
    await s3.send(new PutObjectCommand({ ...put, ACL: 'bucket-owner-full-control' }));
    const controls = { Rules: [{ ObjectOwnership: 'ObjectWriter' as const }] };
    await s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: controls }));
    await s3.send(setList);
  });
});
