import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeletePublicAccessBlockCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';

import { present } from '../../layers/engine/src/domain/present.js';
import { startEmulator, type Emulator } from './emulator.js';

const OTHER = '222222222222';
const THIRD = '333333333333';
const Bucket = 'data-of-one';
const ARN = `arn:aws:s3:::${Bucket}`;
const DENIED = { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } };

type Statement = Readonly<Record<string, unknown>>;

/** Pages "How Amazon S3 authorizes a request", "Policy evaluation logic" and "Bucket policies for Amazon S3". */
describe('buckets between accounts', () => {
  let emulator: Emulator;
  let owner: S3Client;
  let other: S3Client;

  const clientOf = (account?: string, region?: string): S3Client =>
    new S3Client({ ...emulator.clientConfig(account, region), forcePathStyle: true, maxAttempts: 1 });

  beforeAll(async () => {
    emulator = await startEmulator();
    owner = clientOf();
    other = clientOf(OTHER);
  });
  beforeEach(async () => {
    await emulator.reset();
    await owner.send(new CreateBucketCommand({ Bucket, ObjectOwnership: 'BucketOwnerEnforced' }));
    for (const Key of ['a/1', 'a/2', 'b/1']) {
      await owner.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
    }
  });
  afterAll(async () => {
    await emulator.stop();
  });

  async function permit(...statements: readonly Statement[]): Promise<void> {
    await owner.send(
      new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement: statements }) }),
    );
  }

  const toOther = (
    Action: string | readonly string[],
    Resource: string | readonly string[],
    more: Statement = {},
  ): Statement => ({
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${OTHER}:root` },
    Action,
    Resource,
    ...more,
  });

  const get = (client: S3Client, Key: string): Promise<unknown> => client.send(new GetObjectCommand({ Bucket, Key }));
  const list = (client: S3Client, Prefix?: string): Promise<unknown> =>
    client.send(new ListObjectsV2Command({ Bucket, ...present({ Prefix }) }));

  it('refuse every call of another account without a policy', async () => {
    await expect(get(other, 'a/1')).rejects.toMatchObject(DENIED);
    await expect(list(other)).rejects.toMatchObject(DENIED);
    await expect(other.send(new PutObjectCommand({ Bucket, Key: 'a/1', Body: 'x' }))).rejects.toMatchObject(DENIED);
    await expect(other.send(new DeleteObjectCommand({ Bucket, Key: 'a/1' }))).rejects.toMatchObject(DENIED);
    await expect(other.send(new GetBucketLocationCommand({ Bucket }))).rejects.toMatchObject(DENIED);
    await expect(other.send(new DeleteBucketPolicyCommand({ Bucket }))).rejects.toMatchObject(DENIED);
    await expect(get(owner, 'a/1')).resolves.toMatchObject({ ContentLength: 3 });
  });

  it('answer HeadBucket of others by 403, and by 404 where there is none (page "HeadBucket")', async () => {
    await expect(other.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    });
    await expect(other.send(new HeadBucketCommand({ Bucket: 'not-there' }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 404 },
    });
  });

  it('let others do what the policy allows, on what it names', async () => {
    await permit(toOther(['s3:GetObject', 's3:PutObject'], `${ARN}/a/*`), toOther('s3:GetBucketLocation', ARN));
    await expect(get(other, 'a/1')).resolves.toMatchObject({ ContentLength: 3 });
    await expect(other.send(new HeadObjectCommand({ Bucket, Key: 'a/1' }))).resolves.toMatchObject({
      ContentLength: 3,
    });
    await expect(other.send(new GetBucketLocationCommand({ Bucket }))).resolves.toBeDefined();
    await expect(get(other, 'b/1')).rejects.toMatchObject(DENIED);
    await expect(other.send(new DeleteObjectCommand({ Bucket, Key: 'a/1' }))).rejects.toMatchObject(DENIED);
    await expect(get(clientOf(THIRD), 'a/1')).rejects.toMatchObject(DENIED);
  });

  it.each(['s3:*', 's3:Get*', 's3:getobject', '*', 's3:Get?bject'])(
    'take %s for reading, in any case and with wildcards',
    async (action) => {
      await permit(toOther(action, `${ARN}/?/1`));
      await expect(get(other, 'a/1')).resolves.toBeDefined();
      await expect(get(other, 'a/2')).rejects.toMatchObject(DENIED);
    },
  );

  it.each([[{ AWS: OTHER }], [{ AWS: [THIRD, OTHER] }], [{ AWS: '*' }], ['*']])(
    'take the principal %j',
    async (Principal) => {
      await owner.send(new DeletePublicAccessBlockCommand({ Bucket }));
      await permit(toOther('s3:GetObject', `${ARN}/*`, { Principal }));
      await expect(get(other, 'a/1')).resolves.toBeDefined();
    },
  );

  it('take a role for itself, and an account for all of its roles', async () => {
    const asRole = async (name: string): Promise<S3Client> => {
      const { Credentials } = await new STSClient(emulator.clientConfig(OTHER)).send(
        new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${OTHER}:role/${name}`, RoleSessionName: 'run' }),
      );
      const credentials = {
        accessKeyId: Credentials?.AccessKeyId ?? '',
        secretAccessKey: 'x',
        sessionToken: Credentials?.SessionToken ?? '',
      };
      return new S3Client({ ...emulator.clientConfig(), credentials, forcePathStyle: true });
    };
    await permit(
      toOther('s3:GetObject', `${ARN}/a/1`, { Principal: { AWS: `arn:aws:iam::${OTHER}:role/reader` } }),
      toOther('s3:GetObject', `${ARN}/a/2`),
    );
    const [reader, writer] = [await asRole('reader'), await asRole('writer')];
    await expect(get(reader, 'a/1')).resolves.toBeDefined();
    await expect(get(writer, 'a/1')).rejects.toMatchObject(DENIED);
    await expect(get(writer, 'a/2')).resolves.toBeDefined();
  });

  it('obey conditions on s3:prefix in lists', async () => {
    await permit(toOther('s3:ListBucket', ARN, { Condition: { StringLike: { 's3:prefix': 'a/*' } } }));
    await expect(list(other, 'a/')).resolves.toMatchObject({ KeyCount: 2 });
    await expect(list(other, 'b/')).rejects.toMatchObject(DENIED);
    await expect(list(other)).rejects.toMatchObject(DENIED);
    await permit(toOther('s3:ListBucket', ARN, { Condition: { StringEquals: { 's3:prefix': ['b/', 'c/'] } } }));
    await expect(list(other, 'b/')).resolves.toMatchObject({ KeyCount: 1 });
    await expect(list(other, 'a/')).rejects.toMatchObject(DENIED);
  });

  it('put a Deny above every Allow, also for their owner', async () => {
    await permit(toOther('s3:GetObject', `${ARN}/*`), {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: `${ARN}/b/*`,
    });
    await expect(get(other, 'a/1')).resolves.toBeDefined();
    await expect(get(other, 'b/1')).rejects.toMatchObject(DENIED);
    await expect(get(owner, 'b/1')).rejects.toMatchObject(DENIED);
  });

  it('leave the policy itself to their owner, whatever it denies (page "PutBucketPolicy")', async () => {
    await permit({ Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: [ARN, `${ARN}/*`] });
    await expect(get(owner, 'a/1')).rejects.toMatchObject(DENIED);
    await owner.send(new DeleteBucketPolicyCommand({ Bucket }));
    await expect(get(owner, 'a/1')).resolves.toBeDefined();
  });

  it('count every request as sent by TLS', async () => {
    const Condition = { Bool: { 'aws:SecureTransport': 'false' } };
    await permit(
      { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: [ARN, `${ARN}/*`], Condition },
      toOther('s3:GetObject', `${ARN}/*`),
    );
    await expect(get(owner, 'a/1')).resolves.toBeDefined();
    await expect(get(other, 'a/1')).resolves.toBeDefined();
  });

  it('do not tell who may not list that an object is missing (page "GetObject")', async () => {
    await permit(toOther('s3:GetObject', `${ARN}/*`));
    await expect(get(other, 'a/missing')).rejects.toMatchObject(DENIED);
    await permit(toOther('s3:GetObject', `${ARN}/*`), toOther('s3:ListBucket', ARN));
    await expect(get(other, 'a/missing')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(get(owner, 'a/missing')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('do not tell it either where a delete marker stands for the object', async () => {
    await owner.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    await owner.send(new DeleteObjectCommand({ Bucket, Key: 'a/1' }));
    await permit(toOther('s3:GetObject', `${ARN}/*`));
    await expect(get(other, 'a/1')).rejects.toMatchObject(DENIED);
    await expect(get(other, 'a/2')).resolves.toBeDefined();
    await expect(get(owner, 'a/1')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('keep what others write as the bucket owner\'s (page "Controlling ownership of objects")', async () => {
    await permit(toOther('s3:PutObject', `${ARN}/a/*`));
    await other.send(new PutObjectCommand({ Bucket, Key: 'a/new', Body: 'from another' }));
    const { Body } = await owner.send(new GetObjectCommand({ Bucket, Key: 'a/new' }));
    expect(await Body?.transformToString()).toBe('from another');
    await owner.send(new DeleteObjectCommand({ Bucket, Key: 'a/new' }));
  });

  it('ask for reading the source and writing the target of a copy', async () => {
    const copy = (): Promise<unknown> =>
      other.send(new CopyObjectCommand({ Bucket, Key: 'b/2', CopySource: `${Bucket}/a/1` }));
    await permit(toOther('s3:PutObject', `${ARN}/b/*`));
    await expect(copy()).rejects.toMatchObject(DENIED);
    await permit(toOther('s3:GetObject', `${ARN}/a/*`));
    await expect(copy()).rejects.toMatchObject(DENIED);
    await permit(toOther('s3:PutObject', `${ARN}/b/*`), toOther('s3:GetObject', `${ARN}/a/*`));
    await expect(copy()).resolves.toBeDefined();
  });

  it('name keys that may not be deleted in an answer of 200 (page "DeleteObjects")', async () => {
    await permit(toOther('s3:DeleteObject', `${ARN}/a/*`));
    const Objects = ['a/1', 'b/1', 'a/not <there> & "so"'].map((Key) => ({ Key }));
    const answer = await other.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(answer.$metadata.httpStatusCode).toBe(200);
    expect(answer.Deleted).toEqual([{ Key: 'a/1' }, { Key: 'a/not <there> & "so"' }]);
    expect(answer.Errors).toMatchObject([{ Key: 'b/1', Code: 'AccessDenied', Message: 'Access Denied' }]);
    await expect(list(owner)).resolves.toMatchObject({ KeyCount: 2 });
  });

  it('refuse calls that expect another owner (page "Verifying bucket ownership with bucket owner condition")', async () => {
    const as = (ExpectedBucketOwner: string) => ({ Bucket, ExpectedBucketOwner });
    await permit(toOther('s3:*', [ARN, `${ARN}/*`]));
    await expect(other.send(new GetObjectCommand({ ...as(emulator.account), Key: 'a/1' }))).resolves.toBeDefined();
    for (const client of [owner, other]) {
      await expect(client.send(new GetObjectCommand({ ...as(OTHER), Key: 'a/1' }))).rejects.toMatchObject(DENIED);
      await expect(client.send(new PutObjectCommand({ ...as(OTHER), Key: 'a/1', Body: 'x' }))).rejects.toMatchObject(
        DENIED,
      );
      await expect(client.send(new ListObjectsV2Command(as(OTHER)))).rejects.toMatchObject(DENIED);
      await expect(
        client.send(new DeleteObjectsCommand({ ...as(OTHER), Delete: { Objects: [{ Key: 'a/1' }] } })),
      ).rejects.toMatchObject(DENIED);
      await expect(client.send(new PutBucketPolicyCommand({ ...as(OTHER), Policy: '{}' }))).rejects.toMatchObject(
        DENIED,
      );
    }
    const copied = { Bucket, Key: 'c', CopySource: `${Bucket}/a/1` };
    await expect(
      owner.send(new CopyObjectCommand({ ...copied, ExpectedSourceBucketOwner: OTHER })),
    ).rejects.toMatchObject(DENIED);
    await expect(
      owner.send(new CopyObjectCommand({ ...copied, ExpectedSourceBucketOwner: emulator.account })),
    ).resolves.toBeDefined();
  });

  it('have names that no other account can take (page "CreateBucket")', async () => {
    await expect(other.send(new CreateBucketCommand({ Bucket }))).rejects.toMatchObject({
      name: 'BucketAlreadyExists',
      $metadata: { httpStatusCode: 409 },
    });
    await expect(owner.send(new CreateBucketCommand({ Bucket }))).resolves.toMatchObject({
      $metadata: { httpStatusCode: 200 },
    });
    const abroad = { Bucket: 'data-abroad', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' as const } };
    await clientOf(undefined, 'eu-west-1').send(new CreateBucketCommand(abroad));
    await expect(clientOf(undefined, 'eu-west-1').send(new CreateBucketCommand(abroad))).rejects.toMatchObject({
      name: 'BucketAlreadyOwnedByYou',
      $metadata: { httpStatusCode: 409 },
    });
  });

  it('are reached in their own region, and tell where that is (page "HeadBucket", "GetBucketLocation")', async () => {
    const away = clientOf(undefined, 'eu-west-1');
    await expect(get(away, 'a/1')).rejects.toMatchObject({
      name: 'PermanentRedirect',
      $metadata: { httpStatusCode: 301 },
    });
    await expect(away.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 301 },
    });
    const abroad = 'data-abroad';
    await away.send(
      new CreateBucketCommand({ Bucket: abroad, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
    );
    await expect(owner.send(new GetBucketLocationCommand({ Bucket: abroad }))).resolves.toMatchObject({
      LocationConstraint: 'eu-west-1',
    });
  });
});
