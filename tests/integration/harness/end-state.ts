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
import type { BackupType } from '@shelvery/engine/terminal';
import type { Emulator } from '../../emulator/emulator.js';
import { listRawSnapshots } from './raw-snapshots.js';
import type { RawSnapshot } from './raw-snapshots.js';

/** Accounts, and the regions in which each may have backups. */
export type Places = Readonly<Record<string, readonly string[]>>;

/**
 * What is left in AWS in the end, without what differs from run to run (ids, real times, run ids): a line, in order,
 * for every snapshot and image with its tags, key and whom it is shared with, for every file, and for every bucket with
 * its settings.
 */
export type EndState = readonly string[];

/** Reads everything that runs of a type may have changed in some places. */
export async function readEndState(emulator: Emulator, type: BackupType, places: Places): Promise<EndState> {
  const inPlaces = Object.entries(places).flatMap(([account, regions]) =>
    regions.map((region) => ({ type, account, region })),
  );
  const [snapshots, buckets] = await Promise.all([
    Promise.all(
      inPlaces.map(async (place) => (await listRawSnapshots(emulator, place)).map((snapshot) => ({ place, snapshot }))),
    ),
    Promise.all(Object.entries(places).map(([account, regions]) => readBuckets(emulator, account, regions))),
  ]);
  const all = snapshots.flat();
  const names = new Map(
    all.flatMap(({ place, snapshot }) =>
      isEc2Id(snapshot.id) ? [[snapshot.id, `<${nameOf(snapshot)} in ${place.region} of ${place.account}>`]] : [],
    ),
  );
  const lines = all.map(({ place, snapshot }) => {
    const { id, kind, state, kmsKeyId, tags, sharedWith, more } = snapshot;
    const told = Object.entries(tags).filter(([key]) => !/:(run_id|date_copied)$/.test(key));
    const parts = [
      place.account,
      place.region,
      id,
      state,
      kmsKeyId,
      [...sharedWith].sort(),
      [...more].sort(),
      told.sort(([a], [b]) => (a < b ? -1 : 1)),
    ];
    return `${kind} ${JSON.stringify(parts)}`;
  });
  return [...lines, ...buckets.flat()].map((line) => plain(line, names)).sort();
}

/** Databases' snapshots have no ids but the names that they were given. */
function isEc2Id(id: string): boolean {
  return /^(snap|ami)-/.test(id);
}

/** What an id is told as: what the snapshot is of, and not of which try. */
function nameOf({ kind, tags }: RawSnapshot): string {
  return `${kind} ${tags['shelvery:ami_name'] ?? tags['shelvery:name'] ?? 'without a name'}`;
}

function plain(text: string, names: ReadonlyMap<string, string>): string {
  return [...names]
    .reduce((rest, [id, name]) => rest.replaceAll(id, name), text)
    .replace(/^date_deleted: .*$/gm, 'date_deleted: <time>')
    .replace(/run_id: .*$/gm, 'run_id: <id>')
    .replace(/("?shelvery:run_id"?): .*$/gm, '$1: <id>')
    .replace(/("?shelvery:date_copied"?): .*$/gm, '$1: <time>')
    .replace(/\bsnap-[0-9a-f]{8,17}\b|\bami-[0-9a-f]{8,17}\b/g, '<id of what is gone>');
}

/**
 * A file of metadata without its block `restore`. A removal writes its record from the list, which does not tell what the
 * resource was; one that was interrupted moves the file that is there, which does.
 */
export function withoutFacts(text: string): string {
  return text.replaceAll(/^restore:\n(?: +.*\n)*/gm, '');
}

async function readBuckets(
  emulator: Emulator,
  account: string,
  regions: readonly string[],
): Promise<readonly string[]> {
  const s3 = new S3Client(emulator.clientConfig(account));
  const { Buckets: buckets = [] } = await s3.send(new ListBucketsCommand());
  const lines = await Promise.all(
    buckets.map(async ({ Name: bucket = '' }) => {
      const there = new S3Client(
        emulator.clientConfig(
          account,
          regions.find((region) => bucket.includes(region)),
        ),
      );
      const [settings, files] = await Promise.all([readSettings(there, bucket), readFiles(there, bucket)]);
      return [
        `bucket ${bucket}: ${settings}`,
        ...files.map(
          ([key, text]) => `file ${bucket}/${key}:\n${key.includes('/removed/') ? withoutFacts(text) : text}`,
        ),
      ];
    }),
  );
  return lines.flat();
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

/** A process that died leaves its lease, which ends by itself. */
function isLease(key: string): boolean {
  return key.startsWith('leases/');
}

async function readFiles(s3: S3Client, Bucket: string): Promise<readonly (readonly [string, string])[]> {
  const keys: string[] = [];
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket })) {
    keys.push(...(page.Contents ?? []).flatMap(({ Key = '' }) => (isLease(Key) ? [] : Key)));
  }
  return await Promise.all(
    keys.map(
      async (key) =>
        [
          key,
          (await (await s3.send(new GetObjectCommand({ Bucket, Key: key }))).Body?.transformToString()) ?? '',
        ] as const,
    ),
  );
}

/** A setting, or that there is none. */
async function setting(read: () => Promise<unknown>): Promise<unknown> {
  try {
    return (await read()) ?? 'none';
  } catch (error) {
    if (
      error instanceof Error &&
      /^(NoSuch|ServerSideEncryptionConfigurationNotFound|OwnershipControlsNotFound)/.test(error.name)
    )
      return 'none';
    throw error;
  }
}
