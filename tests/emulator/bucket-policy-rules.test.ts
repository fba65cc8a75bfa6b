import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  GetBucketPolicyCommand,
  PutBucketPolicyCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';

import { accountsOf } from './accounts.js';
import { startEmulator, type Emulator } from './emulator.js';

const OTHER = '222222222222';
const GONE = '999999999999';
const Bucket = 'data-of-one';

/** Pages "PutBucketPolicy" and "Blocking public access to your Amazon S3 storage". */
describe('bucket policies', () => {
  let emulator: Emulator;
  let s3: S3Client;

  beforeAll(async () => {
    emulator = await startEmulator();
    s3 = new S3Client({ ...emulator.clientConfig(), forcePathStyle: true, maxAttempts: 1 });
  });
  beforeEach(async () => {
    await emulator.reset();
    await s3.send(new CreateBucketCommand({ Bucket }));
  });
  afterAll(async () => {
    await emulator.stop();
  });

  const allow = (Principal: unknown, Resource = `arn:aws:s3:::${Bucket}/*`): Readonly<Record<string, unknown>> => ({
    Effect: 'Allow',
    Principal,
    Action: 's3:GetObject',
    Resource,
  });
  const put = (...Statement: readonly unknown[]): Promise<unknown> =>
    s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }));

  const kept = async (): Promise<unknown> => {
    const { Policy = '' } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
    return JSON.parse(Policy);
  };

  it('are kept with an account\'s id as the ARN of its root (page "AWS JSON policy elements: Principal")', async () => {
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
    await put(allow({ AWS: OTHER }), allow({ AWS: ['333333333333', '*'] }));
    expect(await kept()).toMatchObject({
      Statement: [
        { Principal: { AWS: `arn:aws:iam::${OTHER}:root` } },
        { Principal: { AWS: ['arn:aws:iam::333333333333:root', '*'] } },
      ],
    });
  });

  it.each([GONE, `arn:aws:iam::${GONE}:root`, `arn:aws:iam::${GONE}:role/x`, '12345', 'nobody'])(
    'are refused for the principal %s, which does not exist, and the one before stays',
    async (principal) => {
      await put(allow({ AWS: OTHER }));
      await accountsOf(emulator).setUnknownAccounts([GONE]);
      await expect(put(allow({ AWS: OTHER }), allow({ AWS: [OTHER, principal] }))).rejects.toMatchObject({
        name: 'MalformedPolicy',
        message: 'Invalid principal in policy',
        $metadata: { httpStatusCode: 400 },
      });
      expect(await kept()).toMatchObject({ Statement: [{ Principal: { AWS: `arn:aws:iam::${OTHER}:root` } }] });
    },
  );

  it('are refused where they are no JSON, name another bucket, or are longer than 20 KB', async () => {
    const malformed = { name: 'MalformedPolicy' };
    await expect(s3.send(new PutBucketPolicyCommand({ Bucket, Policy: 'no' }))).rejects.toMatchObject(malformed);
    await expect(put(allow({ AWS: OTHER }, 'arn:aws:s3:::data-of-two/*'))).rejects.toMatchObject(malformed);
    const account = (index: number): string => String(100_000_000_000 + index);
    await expect(
      put(...Array.from({ length: 250 }, (_, index) => allow({ AWS: account(index) }))),
    ).rejects.toMatchObject(malformed);
    expect(await emulator.takeViolations()).not.toEqual([]);
    await expect(
      put(...Array.from({ length: 100 }, (_, index) => allow({ AWS: account(index) }))),
    ).resolves.toBeDefined();
  });

  it('may not be public where that is blocked', async () => {
    await expect(put(allow('*'))).rejects.toMatchObject({ name: 'AccessDenied' });
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
    await expect(put(allow('*'))).resolves.toBeDefined();
    await s3.send(
      new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: { BlockPublicPolicy: true } }),
    );
    for (const principal of ['*', { AWS: '*' }, { AWS: [OTHER, '*'] }]) {
      await expect(put(allow(principal))).rejects.toMatchObject({
        name: 'AccessDenied',
        $metadata: { httpStatusCode: 403 },
      });
    }
    await expect(put(allow({ AWS: OTHER }), { ...allow('*'), Effect: 'Deny' })).resolves.toBeDefined();
  });
});
