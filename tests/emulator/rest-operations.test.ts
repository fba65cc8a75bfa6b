import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as s3 from '@aws-sdk/client-s3';

import { startEmulator, type Emulator } from './emulator.js';

describe('the names of S3 operations (Amazon S3 API reference)', () => {
  let emulator: Emulator;

  beforeAll(async () => {
    emulator = await startEmulator();
  });
  afterAll(async () => {
    await emulator.stop();
  });

  it('are found by method, path, query and headers', async () => {
    const client = new s3.S3Client({ ...emulator.clientConfig(), maxAttempts: 1 });
    const Bucket = 'data.bucket-1';
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [] });
    const { Owner } = await client.send(new s3.ListBucketsCommand({}));
    expect(Owner).toBeDefined();
    await client.send(new s3.CreateBucketCommand({ Bucket }));
    await client.send(new s3.HeadBucketCommand({ Bucket }));
    await client.send(new s3.GetBucketLocationCommand({ Bucket }));
    await client.send(
      new s3.PutPublicAccessBlockCommand({
        Bucket,
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      }),
    );
    await client.send(new s3.GetPublicAccessBlockCommand({ Bucket }));
    await client.send(new s3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    await client.send(new s3.GetBucketVersioningCommand({ Bucket }));
    await client.send(
      new s3.PutBucketEncryptionCommand({
        Bucket,
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
      }),
    );
    await client.send(new s3.GetBucketEncryptionCommand({ Bucket }));
    await client.send(
      new s3.PutBucketOwnershipControlsCommand({
        Bucket,
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      }),
    );
    await client.send(new s3.GetBucketOwnershipControlsCommand({ Bucket }));
    await client.send(new s3.PutBucketPolicyCommand({ Bucket, Policy }));
    await client.send(new s3.GetBucketPolicyCommand({ Bucket }));
    await client.send(new s3.PutObjectCommand({ Bucket, Key: 'backups/ebs/a b+c.yaml', Body: 'x: 1\n' }));
    await client.send(
      new s3.CopyObjectCommand({
        Bucket,
        Key: 'backups/copy.yaml',
        CopySource: `${Bucket}/backups/ebs/a%20b%2Bc.yaml`,
      }),
    );
    await client.send(new s3.GetObjectCommand({ Bucket, Key: 'backups/copy.yaml' }));
    await client.send(new s3.HeadObjectCommand({ Bucket, Key: 'backups/copy.yaml' }));
    await client.send(new s3.ListObjectsV2Command({ Bucket, Prefix: 'backups/' }));
    await client.send(new s3.DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'backups/copy.yaml' }] } }));
    await client.send(new s3.DeleteObjectCommand({ Bucket, Key: 'backups/ebs/a b+c.yaml' }));

    const calls = await emulator.calls();
    expect(calls.map((call) => call.status).filter((status) => status >= 300)).toEqual([]);
    expect(calls.map((call) => call.action)).toEqual([
      'ListBuckets',
      'CreateBucket',
      'HeadBucket',
      'GetBucketLocation',
      'PutPublicAccessBlock',
      'GetPublicAccessBlock',
      'PutBucketVersioning',
      'GetBucketVersioning',
      'PutBucketEncryption',
      'GetBucketEncryption',
      'PutBucketOwnershipControls',
      'GetBucketOwnershipControls',
      'PutBucketPolicy',
      'GetBucketPolicy',
      'PutObject',
      'CopyObject',
      'GetObject',
      'HeadObject',
      'ListObjectsV2',
      'DeleteObjects',
      'DeleteObject',
    ]);
    expect(calls[14]?.parameters).toMatchObject({ Bucket, Key: 'backups/ebs/a b+c.yaml' });
    expect(calls[18]?.parameters).toMatchObject({ Bucket, Prefix: 'backups/' });
  });

  it('are found where the bucket is in the host name', async () => {
    await emulator.clearCalls();
    const port = new URL(emulator.endpoint).port;
    const authorization =
      'AWS4-HMAC-SHA256 Credential=123456789012/20261124/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0';
    await sendRaw(
      Number(port),
      `GET /?list-type=2 HTTP/1.1\r\nHost: some-bucket.s3.localhost:${port}\r\nAuthorization: ${authorization}\r\nConnection: close\r\n\r\n`,
    );
    expect(await emulator.calls()).toMatchObject([{ action: 'ListObjectsV2', parameters: { Bucket: 'some-bucket' } }]);
  });

  it('keep bodies that are sent in chunks', async () => {
    const client = new s3.S3Client(emulator.clientConfig());
    const { Readable } = await import('node:stream');
    await client.send(new s3.CreateBucketCommand({ Bucket: 'chunked' }));
    await client.send(
      new s3.PutObjectCommand({ Bucket: 'chunked', Key: 'a', Body: Readable.from(['one ', 'two']), ContentLength: 7 }),
    );
    const { Body } = await client.send(new s3.GetObjectCommand({ Bucket: 'chunked', Key: 'a' }));
    expect(await Body?.transformToString()).toBe('one two');
  });
});

async function sendRaw(port: number, request: string): Promise<void> {
  const { createConnection } = await import('node:net');
  const socket = createConnection({ host: '127.0.0.1', port });
  socket.write(request);
  await socket.toArray();
}
