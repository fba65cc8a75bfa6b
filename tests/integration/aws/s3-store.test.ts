import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CreateBucketCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { AwsAccess } from '../../../layers/engine/src/aws/access.js';
import { createBackupStore } from '../../../layers/engine/src/aws/s3-store.js';
import type { BackupStore } from '../../../layers/engine/src/ports.js';
import type { Emulator } from '../../emulator/emulator.js';
import { ACCOUNT, DR_REGION, HOME_REGION, OTHER_ACCOUNT, startEmulatedAccess } from './emulated-access.js';

const TEMPLATE = 'shelvery.data.{account_id}-{region}.base2tools';
const BUCKET = 'shelvery.data.111111111111-eu-west-1.base2tools';

describe('createBackupStore', () => {
  let emulator: Emulator;
  let access: AwsAccess;
  let store: BackupStore;
  let s3: S3Client;

  beforeAll(async () => {
    ({ emulator, access } = await startEmulatedAccess());
    s3 = new S3Client({ ...emulator.clientConfig(), forcePathStyle: true });
  });
  beforeEach(async () => {
    await emulator.reset();
    store = createBackupStore(access, TEMPLATE);
    await s3.send(
      new CreateBucketCommand({ Bucket: BUCKET, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
    );
  });
  afterAll(async () => {
    await emulator.stop();
  });

  it('names buckets by the template', () => {
    expect(store.bucketName(HOME_REGION)).toBe(BUCKET);
    expect(store.bucketName(DR_REGION, OTHER_ACCOUNT)).toBe('shelvery.data.222222222222-eu-central-1.base2tools');
  });

  it('gives back what was put, as YAML for others', async () => {
    await store.put(HOME_REGION, 'backups/ebs/a.yaml', 'name: ä\n');
    expect(await store.get(HOME_REGION, 'backups/ebs/a.yaml', { maxBytes: 100 })).toBe('name: ä\n');
    const head = await s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'backups/ebs/a.yaml' }));
    expect(head.ContentType).toBe('application/yaml');
  });

  it('gives an empty file as empty text', async () => {
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'backups/ebs/a.yaml', Body: '', ContentLength: 0 }));
    expect(await store.get(HOME_REGION, 'backups/ebs/a.yaml', { maxBytes: 100 })).toBe('');
  });

  it('lists the files of a folder on all pages, and none below it', async () => {
    await emulator.setPageSize(2);
    const keys = ['a', 'b', 'c', 'd', 'e'].map((name) => `backups/ebs/${name}.yaml`);
    for (const key of [...keys, 'backups/ebs/removed/z.yaml', 'backups/rds/y.yaml'])
      await store.put(HOME_REGION, key, 'x: 1');
    const files = await store.list(HOME_REGION, 'backups/ebs/');
    expect(files.map((file) => file.key)).toEqual(keys);
    expect(files[0]).toEqual({ key: keys[0], size: 4, lastModified: expect.any(Date) });
    expect(await store.list(HOME_REGION, 'backups/docdb/')).toEqual([]);
  });

  it('lists folders on all pages', async () => {
    await emulator.setPageSize(1);
    for (const account of ['222222222222', '333333333333'])
      await store.put(HOME_REGION, `backups/shared/${account}/ebs/a.yaml`, 'x: 1');
    expect(await store.listFolders(HOME_REGION, 'backups/shared/')).toEqual(['222222222222', '333333333333']);
  });

  it('names the expected owner in every call', async () => {
    await store.put(HOME_REGION, 'backups/ebs/a.yaml', 'x: 1');
    await store.get(HOME_REGION, 'backups/ebs/a.yaml', { maxBytes: 100 });
    await store.list(HOME_REGION, 'backups/ebs/');
    await store.listFolders(HOME_REGION, 'backups/');
    await store.delete(HOME_REGION, ['backups/ebs/a.yaml']);
    const calls = (await emulator.calls({ service: 's3' })).slice(1);
    expect(calls.map((call) => call.action)).toEqual([
      'PutObject',
      'GetObject',
      'ListObjectsV2',
      'ListObjectsV2',
      'DeleteObjects',
    ]);
    for (const call of calls) expect(call.parameters).toMatchObject({ ExpectedBucketOwner: ACCOUNT });
  });

  it("names the other account as the owner of that account's bucket", async () => {
    await expect(store.list(HOME_REGION, 'backups/', OTHER_ACCOUNT)).rejects.toMatchObject({ name: 'NoSuchBucket' });
    const [call] = (await emulator.calls({ action: 'ListObjectsV2' })).slice(-1);
    expect(call?.parameters).toMatchObject({
      Bucket: `shelvery.data.${OTHER_ACCOUNT}-eu-west-1.base2tools`,
      ExpectedBucketOwner: OTHER_ACCOUNT,
    });
  });

  it('deletes any number of keys, 1,000 a call, gone ones too', async () => {
    await store.put(HOME_REGION, 'backups/ebs/a.yaml', 'x: 1');
    const keys = [
      'backups/ebs/a.yaml',
      ...Array.from({ length: 1_500 }, (_, index) => `backups/ebs/none-${index}.yaml`),
    ];
    expect(await store.delete(HOME_REGION, keys)).toEqual([]);
    expect(await store.list(HOME_REGION, 'backups/ebs/')).toEqual([]);
    expect((await emulator.counts())['s3:DeleteObjects']).toBe(2);
    expect(await store.delete(HOME_REGION, [])).toEqual([]);
  });

  it('refuses a file over the limit before it reads it, and what is not text', async () => {
    await store.put(HOME_REGION, 'backups/ebs/long.yaml', 'x'.repeat(1_000));
    await s3.send(
      new PutObjectCommand({ Bucket: BUCKET, Key: 'backups/ebs/odd.yaml', Body: Buffer.from([0xff, 0xfe, 0x00]) }),
    );
    await expect(store.get(HOME_REGION, 'backups/ebs/long.yaml', { maxBytes: 999 })).rejects.toMatchObject({
      code: 'MetadataRefused',
      message: `s3://${BUCKET}/backups/ebs/long.yaml is longer than 999 bytes, the most that a metadata file may have.`,
    });
    expect(await store.get(HOME_REGION, 'backups/ebs/long.yaml', { maxBytes: 1_000 })).toHaveLength(1_000);
    await expect(store.get(HOME_REGION, 'backups/ebs/odd.yaml', { maxBytes: 999 })).rejects.toMatchObject({
      code: 'MetadataRefused',
      message: expect.stringContaining('not UTF-8'),
    });
  });

  describe('with an S3 that answers oddly', () => {
    let server: Server;
    let answer: (path: string) => { readonly body: string | undefined };

    beforeAll(async () => {
      server = createServer((request, response) => {
        const { body } = answer(request.url ?? '');
        request.resume();
        if (body !== undefined) {
          response.setHeader('content-type', 'application/xml').end(body);
          return;
        }
        // No length is announced, and there is no end.
        const more = (): void => {
          while (!response.destroyed && response.write('x'.repeat(65_536)));
        };
        response.on('drain', more);
        more();
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    beforeEach(() => {
      const address = server.address();
      process.env.AWS_ENDPOINT_URL_S3 = typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : '';
    });
    afterEach(() => {
      delete process.env.AWS_ENDPOINT_URL_S3;
    });
    afterAll(() => {
      server.closeAllConnections();
      server.close();
    });

    it('stops reading a file that has no end', async () => {
      answer = () => ({ body: undefined });
      await expect(store.get(HOME_REGION, 'backups/ebs/a.yaml', { maxBytes: 262_144 })).rejects.toMatchObject({
        code: 'MetadataRefused',
      });
    });

    it('gives back the keys that could not be deleted', async () => {
      answer = () => ({
        body:
          '<DeleteResult><Error><Key>backups/ebs/a.yaml</Key><Code>AccessDenied</Code><Message>Access Denied</Message></Error>' +
          '<Error><Key>backups/ebs/b.yaml</Key><Code>NoSuchKey</Code><Message>gone</Message></Error></DeleteResult>',
      });
      expect(
        await store.delete(HOME_REGION, ['backups/ebs/a.yaml', 'backups/ebs/b.yaml', 'backups/ebs/c.yaml']),
      ).toEqual([{ key: 'backups/ebs/a.yaml', code: 'AccessDenied', message: 'Access Denied' }]);
    });
  });
});
