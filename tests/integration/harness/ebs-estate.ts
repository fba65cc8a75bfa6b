import { afterAll, beforeAll, beforeEach, jest } from '@jest/globals';
import { DeleteSnapshotCommand, DeleteVolumeCommand, EC2Client, paginateDescribeSnapshots } from '@aws-sdk/client-ec2';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Action, BackupType, Outcome, RunResult } from '@shelvery/engine/terminal';
import { present } from '../../../layers/engine/src/domain/present.js';
import { startEmulator } from '../../emulator/emulator.js';
import type { Emulator } from '../../emulator/emulator.js';
import { runCli } from './product.js';
import type { Installation } from './product.js';
import { createTestClock } from './test-clock.js';
import type { TestClock } from './test-clock.js';

export const ACCOUNT = '111111111111';
export const OTHER_ACCOUNT = '222222222222';
export const HOME = 'eu-west-1';
export const DR = 'eu-central-1';
export const VOLUME = 'vol-0aaaaaaaaaaaaaaaa';
export const VOLUME_2 = 'vol-0bbbbbbbbbbbbbbbb';

type Tags = Readonly<Record<string, string>>;
type Config = Readonly<Record<string, string>>;

/** A snapshot as EC2 lists it. */
export interface Listed {
  readonly id: string;
  readonly state: string;
  readonly tags: Tags;
}

/** What differs from an available daily backup of the first volume. */
export interface BackupSeed {
  readonly volume?: string;
  /** `YYYY-MM-DD-HHmm`. */
  readonly created: string;
  readonly type?: string;
  readonly state?: 'pending' | 'completed' | 'error';
  readonly region?: string;
  /** Further tags; an empty text takes one away. */
  readonly tags?: Tags;
}

/** An emulated account with EBS volumes, and the product run on it from a terminal. Everything is new for each test. */
export interface EbsEstate {
  readonly emulator: () => Emulator;
  readonly clock: () => TestClock;
  install(config?: Config): Installation;
  /** Runs an action; what ends it otherwise than with a result is thrown. */
  run(
    action: Action,
    time?: string,
    config?: Config,
    more?: { readonly dryRun?: boolean; readonly type?: BackupType },
  ): Promise<RunResult>;
  volume(id: string, tags?: Tags): Promise<void>;
  deleteVolume(id: string): Promise<void>;
  deleteSnapshot(id: string): Promise<void>;
  backup(seed: BackupSeed): Promise<string>;
  /** Several, all in one region. */
  backups(seeds: readonly BackupSeed[]): Promise<readonly string[]>;
  snapshots(region?: string): Promise<readonly Listed[]>;
  /** Names of the snapshots' tags `Name`, in order. */
  names(region?: string): Promise<readonly string[]>;
  /** Files of the data buckets by their keys without the bucket, of one region. */
  files(region?: string): Promise<Readonly<Record<string, string>>>;
  putFile(key: string, body: string): Promise<void>;
  topic(name: string): Promise<string>;
  queue(name: string): Promise<string>;
  /** Counts of the calls since the last `clearCalls`, without the tests' own. */
  count(action: string): Promise<number>;
}

export const bucketOf = (region: string, account = ACCOUNT): string => `shelvery.data.${account}-${region}.base2tools`;

/** Sets the estate up for the tests of a file. */
export function useEbsEstate(): EbsEstate {
  let emulator: Emulator;
  let clock: TestClock;
  // An emulator may take longer than jest's 5 s to start where other work fills the machine.
  jest.setTimeout(60_000);
  beforeAll(async () => {
    emulator = await startEmulator({ account: ACCOUNT, region: HOME });
  });
  beforeEach(async () => {
    await emulator.reset();
    clock = createTestClock(emulator);
  });
  afterAll(async () => {
    await emulator.stop();
  });
  const ec2 = (region = HOME): EC2Client => new EC2Client(emulator.clientConfig(ACCOUNT, region));
  const install = (config: Config = {}): Installation => ({
    emulator,
    clock,
    type: 'ebs',
    account: ACCOUNT,
    region: HOME,
    config,
  });
  const snapshots = async (region = HOME): Promise<readonly Listed[]> => {
    const listed: Listed[] = [];
    for await (const page of paginateDescribeSnapshots({ client: ec2(region) }, { OwnerIds: ['self'] })) {
      for (const { SnapshotId = '', State = '', Tags = [] } of page.Snapshots ?? []) {
        listed.push({
          id: SnapshotId,
          state: State,
          tags: Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value])),
        });
      }
    }
    return listed;
  };
  const backups = async (seeds: readonly BackupSeed[]): Promise<readonly string[]> =>
    await emulator.seedSnapshots(
      seeds.map((seed) => ({
        volumeId: seed.volume ?? VOLUME,
        tags: tagsOf(seed),
        description: descriptionOf(tagsOf(seed)),
        ...present({ state: seed.state }),
      })),
      { region: seeds[0]?.region ?? HOME },
    );
  return {
    emulator: () => emulator,
    clock: () => clock,
    install,
    async run(action, time, config = {}, { type = 'ebs', ...more } = {}) {
      const end = await runCli({ ...install(config), type }, { action, ...present({ time }), ...more });
      if (end.result === undefined) throw end.error;
      return end.result;
    },
    async volume(id, tags = {}) {
      await emulator.seedVolumes([{ id, tags: { 'shelvery:create_backup': 'true', ...tags } }]);
    },
    async deleteVolume(id) {
      await ec2().send(new DeleteVolumeCommand({ VolumeId: id }));
    },
    async deleteSnapshot(id) {
      await ec2().send(new DeleteSnapshotCommand({ SnapshotId: id }));
    },
    async backup(seed) {
      const [id = ''] = await backups([seed]);
      return id;
    },
    backups,
    snapshots,
    names: async (region) => (await snapshots(region)).map(({ tags }) => tags['Name'] ?? '').sort(),
    async files(region = HOME) {
      const s3 = new S3Client(emulator.clientConfig(ACCOUNT, region));
      const files: Record<string, string> = {};
      for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucketOf(region) })) {
        for (const { Key = '' } of page.Contents ?? []) {
          const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucketOf(region), Key }));
          files[Key] = (await Body?.transformToString()) ?? '';
        }
      }
      return files;
    },
    async putFile(key, body) {
      await new S3Client(emulator.clientConfig()).send(
        new PutObjectCommand({ Bucket: bucketOf(HOME), Key: key, Body: body, ContentLength: Buffer.byteLength(body) }),
      );
    },
    async topic(name) {
      return (await new SNSClient(emulator.clientConfig()).send(new CreateTopicCommand({ Name: name }))).TopicArn ?? '';
    },
    async queue(name) {
      return (
        (await new SQSClient(emulator.clientConfig()).send(new CreateQueueCommand({ QueueName: name }))).QueueUrl ?? ''
      );
    },
    count: async (action) => (await emulator.counts())[action] ?? 0,
  };
}

/** As Shelvery describes temporary copies, and its predecessor all else. */
function descriptionOf(tags: Tags): string {
  const [region = '', id] = (tags['shelvery:src_backup'] ?? '').split(':');
  return id === undefined
    ? (Object.entries(tags).findLast(([key]) => key.endsWith(':name'))?.[1] ?? '')
    : `Copied by Shelvery from ${id} in ${region}`;
}

/** Makes a bucket of this name in another account. */
export async function takeBucketName(emulator: Emulator, name: string): Promise<void> {
  const s3 = new S3Client(emulator.clientConfig(OTHER_ACCOUNT, HOME));
  await s3.send(new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration: { LocationConstraint: HOME } }));
}

function tagsOf({ volume = VOLUME, created, type = 'daily', tags = {}, region = HOME }: BackupSeed): Tags {
  const name = `${volume}-${created}-${type}`;
  const all = {
    Name: name,
    'shelvery:tag_name': 'shelvery',
    'shelvery:backup': 'true',
    'shelvery:name': name,
    'shelvery:region': region,
    'shelvery:date_created': created,
    'shelvery:retention_type': type,
    'shelvery:entity_id': volume,
    'shelvery:src_account': ACCOUNT,
    'shelvery:dr_regions': '',
    ...tags,
  };
  return Object.fromEntries(
    Object.entries(all).filter(([key, value]) => value !== '' || key === 'shelvery:dr_regions'),
  );
}

/** Outcomes in short: `CreateBackup ok`, `DeleteBackup failed BackupUnreadable`. */
export function inShort(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes
    .map(
      (outcome) =>
        `${outcome.operation} ${outcome.status}${outcome.status === 'failed' ? ` ${outcome.error.code}` : ''}`,
    )
    .sort();
}

/** The messages of what failed or was ignored. */
export function reasons(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes.flatMap((outcome) =>
    outcome.status === 'failed' ? [outcome.error.message] : outcome.status === 'ignored' ? [outcome.reason] : [],
  );
}
