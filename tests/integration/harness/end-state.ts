import {
  GetBucketEncryptionCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetPublicAccessBlockCommand,
  ListBucketsCommand,
  S3Client,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import { Region } from '@shelvery/engine';
import { createSystemAccess } from './system-access.js';
import { ADAPTERS } from '../../../cli/adapters.js';
import type { Installation } from './product.js';

/** What is left in AWS in the end, without what differs from run to run: ids, real times, run ids. */
export interface EndState {
  /** Backups of every region, by name: their state and tags. */
  readonly backups: readonly string[];
  /** Files of every bucket, by key. */
  readonly files: Readonly<Record<string, string>>;
  /** Settings of every bucket. */
  readonly buckets: Readonly<Record<string, string>>;
}

/** Reads everything that a run may have changed, in some regions of an account. */
export async function readEndState(installation: Installation, regions: readonly string[] = [installation.region]): Promise<EndState> {
  const backups: string[] = [];
  const names = new Map<string, string>();
  const access = createSystemAccess(installation);
  for (const region of regions) {
    const adapter = ADAPTERS[installation.type]({ access, prefix: 'shelvery' });
    for (const found of await adapter.listBackups(Region.parse(region))) {
      const name = found.tags['shelvery:name'] ?? found.id;
      names.set(found.id, `<id of ${name} in ${region}>`);
      const tags = Object.entries(found.tags).filter(([key]) => !/:(run_id|date_copied)$/.test(key));
      backups.push(JSON.stringify([region, name, found.state, found.archived ?? false, tags.sort(([a], [b]) => (a < b ? -1 : 1))]));
    }
  }
  const plain = (text: string): string =>
    [...names].reduce((rest, [id, name]) => rest.replaceAll(id, name), text)
      .replace(/^date_deleted: .*$/gm, 'date_deleted: <time>')
      .replace(/run_id: .*$/gm, 'run_id: <id>')
      .replace(/("?shelvery:run_id"?): .*$/gm, '$1: <id>')
      .replace(/("?shelvery:date_copied"?): .*$/gm, '$1: <time>')
      .replace(/\bsnap-[0-9a-f]{8,17}\b|\bami-[0-9a-f]{8,17}\b/g, '<id of what is gone>');
  const { files, buckets } = await readBuckets(installation);
  return {
    backups: backups.map(plain).sort(),
    files: Object.fromEntries(Object.entries(files).map(([key, text]) => [key, plain(text)])),
    buckets,
  };
}

async function readBuckets(installation: Installation): Promise<Pick<EndState, 'files' | 'buckets'>> {
  const files: Record<string, string> = {};
  const buckets: Record<string, string> = {};
  const s3 = new S3Client(installation.emulator.clientConfig(installation.account, installation.region));
  for (const { Name: bucket = '', BucketRegion: region = installation.region } of (await s3.send(new ListBucketsCommand())).Buckets ?? []) {
    const there = new S3Client(installation.emulator.clientConfig(installation.account, region));
    const [settings, texts] = await Promise.all([readSettings(there, bucket), readFiles(there, bucket)]);
    buckets[bucket] = settings;
    for (const [key, text] of texts) files[`${bucket}/${key}`] = text;
  }
  return { files, buckets };
}

async function readSettings(s3: S3Client, Bucket: string): Promise<string> {
  const settings = [
    async () => (await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status,
    async () => (await s3.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration,
    async () => (await s3.send(new GetBucketEncryptionCommand({ Bucket }))).ServerSideEncryptionConfiguration,
    async () => (await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }))).OwnershipControls,
    async (): Promise<unknown> => JSON.parse((await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy ?? 'null'),
  ];
  return JSON.stringify(await Promise.all(settings.map(setting)));
}

async function readFiles(s3: S3Client, Bucket: string): Promise<readonly (readonly [string, string])[]> {
  const keys: string[] = [];
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket })) {
    keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
  }
  return await Promise.all(
    keys.sort().map(async (key) => [key, (await (await s3.send(new GetObjectCommand({ Bucket, Key: key }))).Body?.transformToString()) ?? ''] as const),
  );
}

/** A setting, or that there is none. */
async function setting(read: () => Promise<unknown>): Promise<unknown> {
  try {
    return (await read()) ?? 'none';
  } catch (error) {
    if (error instanceof Error && /^(NoSuch|ServerSideEncryptionConfigurationNotFound|OwnershipControlsNotFound)/.test(error.name)) return 'none';
    throw error;
  }
}
