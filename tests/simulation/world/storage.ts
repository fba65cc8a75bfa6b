import { ensureBucketPolicy } from '../../../layers/engine/src/aws/bucket-policy-writer.js';
import type { PolicyWanted } from '../../../layers/engine/src/aws/bucket-policy-writer.js';
import { unless } from '../../../layers/engine/src/aws/bucket-settings.js';
import { writerOf } from '../../../layers/engine/src/domain/files/bucket-policy.js';
import { fillBucketTemplate } from '../../../layers/engine/src/domain/config/config-schema.js';
import { ShelveryError } from '../../../layers/engine/src/domain/errors.js';
import { AccountId } from '../../../layers/engine/src/domain/values.js';
import type { Region } from '../../../layers/engine/src/domain/values.js';
import type { BackupStore, DataBuckets, Log, StoredFile } from '../../../layers/engine/src/ports.js';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Process } from '../conductor/process.js';
import { awsError } from './aws-error.js';
import { s3ClientOver } from './read-s3-calls.js';
import type { Bucket, HeldObject, World } from './world.js';

/** Page "ListObjectsV2". */
const FILES_A_PAGE = 1_000;
const TEMPLATE = 'shelvery.data.{account_id}-{region}.base2tools';

/** The name of an account's data bucket in a region. */
export function bucketNameOf(account: string, region: string): string {
  return fillBucketTemplate(TEMPLATE, account, region);
}

/** A process's calls on S3, whatever bucket they are about. */
function callsOf(world: World, process: Process) {
  const { conductor } = world;
  const { accountId } = process.installation.home;
  const call = <T>(action: string, region: string, changes: boolean, target: string, work: () => T): Promise<T> =>
    conductor.call(process, { action: `s3:${action}`, region, changes, target }, work);
  const existing = (account: string, region: string): Bucket => {
    const bucket = world.buckets.get(bucketNameOf(account, region));
    if (bucket === undefined) throw awsError('NoSuchBucket', { status: 404 });
    return bucket;
  };
  const allows = (bucket: Bucket, key: string): boolean =>
    bucket.account === accountId || mayUse(bucket, accountId, key);
  /** The bucket of an account, as far as ours may use it under a key or a prefix of keys. */
  const bucketOf = (account: string, region: string, key: string): Bucket => {
    const bucket = existing(account, region);
    if (!allows(bucket, key)) throw awsError('AccessDenied', { status: 403 });
    return bucket;
  };
  const put = (bucket: Bucket, key: string, body: string): void => {
    for (const witness of world.witnesses) witness.putting?.(process, bucket, key, body);
    bucket.objects.set(key, objectOf(world, body));
  };
  const erase = (bucket: Bucket, key: string): void => {
    for (const witness of world.witnesses) witness.erasing?.(process, bucket, key);
    bucket.objects.delete(key);
  };
  return { call, existing, allows, bucketOf, put, erase, accountId };
}

/** An object that is put now. */
export function objectOf({ conductor }: World, body: string): HeldObject {
  return { body, etag: `"${conductor.chance.hex(16)}"`, lastModified: conductor.now() };
}

/** Whether a bucket's policy lets another account use what is under a key, by the statements that name it. */
function mayUse({ policy = '{}', name }: Bucket, account: string, key: string): boolean {
  const prefix = `backups/shared/${account}/`;
  return key.startsWith(prefix) && policy.includes(`arn:aws:s3:::${name}/${prefix}*`);
}

/** The metadata in data buckets, in memory. */
export function createMemoryStore(world: World, process: Process): BackupStore {
  const { call, existing, allows, bucketOf, put, erase, accountId } = callsOf(world, process);
  const own = (account: AccountId | undefined): string => account ?? accountId;
  const list = (region: Region, prefix: string, account?: AccountId): Promise<readonly StoredFile[]> =>
    call('list', region, false, prefix, () =>
      [...bucketOf(own(account), region, prefix).objects]
        .filter(([key]) => key.startsWith(prefix) && !key.slice(prefix.length).includes('/'))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, { body, lastModified }]) => ({
          key,
          lastModified: new Date(lastModified),
          size: Buffer.byteLength(body),
        })),
    );
  return {
    bucketName: (region, account) => bucketNameOf(own(account), region),
    list,
    listUpTo: async (region, prefix, { account, maxPages }) => {
      const files = await list(region, prefix, account);
      const most = maxPages * FILES_A_PAGE;
      return { files: files.slice(0, most), complete: files.length <= most };
    },
    listFolders: (region, prefix) =>
      call('listFolders', region, false, prefix, () => {
        const below = [...bucketOf(accountId, region, prefix).objects.keys()].filter((key) => key.startsWith(prefix));
        const folders = below.flatMap((key) => /^([^/]+)\//.exec(key.slice(prefix.length))?.[1] ?? []);
        return [...new Set(folders)].sort();
      }),
    get: (region, key, { account, maxBytes }) =>
      call('get', region, false, key, () => {
        const object = bucketOf(own(account), region, key).objects.get(key);
        // Page "GetObject": who may not list the whole bucket is not told that something is missing.
        if (object === undefined && own(account) !== accountId) throw awsError('AccessDenied', { status: 403 });
        if (object === undefined) throw awsError('NoSuchKey', { status: 404 });
        if (Buffer.byteLength(object.body) > maxBytes)
          throw new ShelveryError('MetadataRefused', `${key} is longer than ${maxBytes} bytes.`);
        return object.body;
      }),
    put: (region, key, body, account) =>
      call('put', region, true, key, () => {
        put(bucketOf(own(account), region, key), key, body);
      }),
    putNew: (region, key, body) =>
      call('put', region, true, key, () => {
        const bucket = bucketOf(accountId, region, key);
        if (bucket.objects.has(key)) return false;
        put(bucket, key, body);
        return true;
      }),
    delete: async (region, keys, account) => {
      if (keys.length === 0) return [];
      return await call('delete', region, true, keys.join(' '), () => {
        // Page "DeleteObjects": what may not be deleted is told key by key.
        const bucket = existing(own(account), region);
        const denied = keys.filter((key) => !allows(bucket, key));
        for (const key of keys) if (!denied.includes(key)) erase(bucket, key);
        return denied.map((key) => ({ key, code: 'AccessDenied', message: 'Access Denied' }));
      });
    },
  };
}

/** Faults of leases that are planted. */
export interface LeaseFaults {
  /** They are not given back. */
  readonly keepsLeases?: true;
  /** They are given to whoever asks. */
  readonly sharesLeases?: true;
}

/** A client for the leases and the policy of the process's own bucket in a region. */
export function leaseClient(world: World, process: Process, region: Region, faults: LeaseFaults = {}): S3Client {
  const { call, bucketOf, accountId } = callsOf(world, process);
  const bucket = (): Bucket => bucketOf(accountId, region, '');
  return s3ClientOver({
    get: (key) =>
      call('get', region, false, key, () => {
        const object = bucket().objects.get(key);
        if (object === undefined) throw awsError('NoSuchKey', { status: 404 });
        return { body: object.body, etag: object.etag };
      }),
    put: (key, body, { ifMatch, ifNoneMatch }) =>
      call('put', region, true, key, () => {
        const { objects } = bucket();
        const there = objects.get(key);
        if (ifNoneMatch === true && there !== undefined && faults.sharesLeases !== true)
          throw awsError('PreconditionFailed', { status: 412 });
        if (ifMatch !== undefined && there === undefined) throw awsError('NoSuchKey', { status: 404 });
        if (ifMatch !== undefined && there?.etag !== ifMatch) throw awsError('PreconditionFailed', { status: 412 });
        const object = objectOf(world, body);
        objects.set(key, object);
        return { etag: object.etag };
      }),
    remove: (key) =>
      call('deleteObject', region, true, key, () => {
        if (faults.keepsLeases !== true) bucket().objects.delete(key);
      }),
    getPolicy: () =>
      call('getPolicy', region, false, '', () => {
        const { policy } = bucket();
        if (policy === undefined) throw awsError('NoSuchBucketPolicy', { status: 404 });
        return policy;
      }),
    putPolicy: (policy) =>
      call('putPolicy', region, true, '', () => {
        const at = bucket();
        for (const witness of world.witnesses) witness.puttingPolicy?.(process, at, policy);
        at.policy = policy;
      }),
  });
}

/** Makes data buckets in memory. Their settings other than the policy are given with the bucket. */
export function createMemoryBuckets(world: World, process: Process, log: Log): DataBuckets {
  const { call, accountId } = callsOf(world, process);
  const { home, name: stack, inStack } = process.installation;
  const seeToPolicy = (
    region: Region,
    wanted: Pick<PolicyWanted, 'readers' | 'dryRun' | 'onlyWithdraws'>,
  ): ReturnType<typeof ensureBucketPolicy> =>
    ensureBucketPolicy(
      {
        client: leaseClient(world, process, region),
        name: { Bucket: bucketNameOf(accountId, region), ExpectedBucketOwner: accountId },
      },
      { ...wanted, partition: 'aws', owner: accountId, writer: writerOf(inStack ? stack : undefined, home.region) },
      { clock: process.clock, log, holder: world.conductor.chance.hex(16) },
    );
  return {
    async ensure(region, { dryRun, ...readers }) {
      const bucket = bucketNameOf(accountId, region);
      const isThere = await call('getLocation', region, false, bucket, () => world.buckets.has(bucket));
      const report = { region, bucket, refusedAccounts: [] };
      if (!isThere) {
        if (dryRun) return { ...report, state: 'missing', changes: ['bucket', 'policy'] };
        await call('create', region, true, bucket, () => {
          if (!world.buckets.has(bucket))
            world.buckets.set(bucket, { name: bucket, account: accountId, region, objects: new Map() });
        });
      }
      const policy = await seeToPolicy(region, { readers, dryRun });
      if (!isThere) return { ...report, state: 'created', changes: ['bucket', 'policy'] };
      return policy.changed
        ? { ...report, state: dryRun ? 'unfinished' : 'completed', changes: ['policy'] }
        : { ...report, state: 'ready', changes: [] };
    },
    async withdraw(region, { dryRun, ...readers }) {
      const report = { region, bucket: bucketNameOf(accountId, region), changes: [], refusedAccounts: [] };
      const policy = await unless('NoSuchBucket', seeToPolicy(region, { readers, dryRun, onlyWithdraws: true }));
      if (policy === undefined) return { ...report, state: 'missing' };
      return policy.changed
        ? { ...report, state: dryRun ? 'unfinished' : 'completed', changes: ['policy'] }
        : { ...report, state: 'ready' };
    },
    regionsInUse: () =>
      call('listBuckets', home.region, false, '', () =>
        [...world.buckets.values()]
          .filter(({ account, region }) => account === accountId && region !== home.region)
          .map(({ region }) => region)
          .sort(),
      ),
  };
}

/** The account of a shared file's folder. */
export function accountOfSharedKey(key: string): AccountId | undefined {
  const [, account] = /^backups\/shared\/(\d{12})\//.exec(key) ?? [];
  return account === undefined ? undefined : AccountId.parse(account);
}
