import { afterAll, beforeAll, beforeEach, jest } from '@jest/globals';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import { AccountId, Region, readBackup, resolveRunConfig } from '@shelvery/engine/terminal';
import type { Action, Backup, BackupType, FoundBackup, RunResult } from '@shelvery/engine/terminal';
import { startEmulator } from '../../emulator/emulator.js';
import type { Emulator } from '../../emulator/emulator.js';
import { ADAPTERS } from '../../../cli/adapters.js';
import { runCli } from './product.js';
import type { Asked, Installation } from './product.js';
import { makeResource } from './resources.js';
import { makeQueue } from './surroundings.js';
import { createSystemAccess } from './system-access.js';
import { createTestClock } from './test-clock.js';
import type { TestClock } from './test-clock.js';
import { RULES } from '../../unit/domain/builders.js';

export const SOURCE = '111111111111';
export const SOURCE_2 = '333333333333';
export const BUNKER = '222222222222';
export const HOME = 'eu-west-1';
export const DR = 'eu-central-1';

type Texts = Readonly<Record<string, string>>;

/** Who runs the product, where, and for what. */
export interface Site {
  readonly type?: BackupType;
  readonly account?: string;
  readonly region?: string;
  readonly config?: Texts;
}

/** Accounts and regions of one emulator, with the product run in each. Everything is new for each test. */
export interface CopyEstate {
  readonly emulator: () => Emulator;
  readonly clock: () => TestClock;
  install(site: Site): Installation;
  /** Runs an action from a terminal; what ends it otherwise than with a result is thrown. */
  run(action: Action, site: Site, more?: Pick<Asked, 'time' | 'dryRun' | 'restore' | 'noRegion'>): Promise<RunResult>;
  /** A marked resource of the type; its id. */
  resource(site: Site, name: string, tags?: Texts): Promise<string>;
  /** What there is of the type, in the order of names. */
  backups(site: Site): Promise<readonly FoundBackup[]>;
  /** The only backup there is. */
  only(site: Site): Promise<Backup>;
  /** The files of an account's data bucket in a region, by key. */
  files(account: string, region?: string): Promise<Readonly<Record<string, string>>>;
  putFile(account: string, key: string, body: string, region?: string): Promise<void>;
  deleteFile(account: string, key: string, region?: string): Promise<void>;
  queue(account: string, region?: string): Promise<string>;
}

export const bucketOf = (account: string, region = HOME): string => `shelvery.data.${account}-${region}.base2tools`;

/** Sets the estate up for the tests of a file. */
export function useCopyEstate(): CopyEstate {
  let emulator: Emulator;
  let clock: TestClock;
  // A whole life of a backup in several accounts is a few hundred calls.
  jest.setTimeout(30_000);
  beforeAll(async () => {
    emulator = await startEmulator({ account: SOURCE, region: HOME });
  });
  beforeEach(async () => {
    await emulator.reset();
    clock = createTestClock(emulator);
  });
  afterAll(async () => {
    await emulator.stop();
  });
  return copyEstateOn(
    () => emulator,
    () => clock,
  );
}

/** The estate on an emulator that is set up elsewhere. */
export function copyEstateOn(emulator: () => Emulator, clock: () => TestClock): CopyEstate {
  const install = ({ type = 'ebs', account = SOURCE, region = HOME, config = {} }: Site): Installation => ({
    emulator: emulator(),
    clock: clock(),
    type,
    account,
    region,
    config,
  });
  const s3 = (account: string, region: string): S3Client => new S3Client(emulator().clientConfig(account, region));
  const backups = async (site: Site): Promise<readonly FoundBackup[]> => {
    const installation = install(site);
    const adapter = ADAPTERS[installation.type]({ access: createSystemAccess(installation), prefix: 'shelvery' });
    const found = await adapter.listBackups(Region.parse(installation.region));
    return [...found].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  };
  return {
    emulator,
    clock,
    install,
    async run(action, site, more = {}) {
      const end = await runCli(install(site), { action, ...more });
      if (end.result === undefined) throw end.error;
      return end.result;
    },
    resource(site, name, given = {}) {
      const { type, account, region } = install(site);
      return makeResource(emulator(), {
        type,
        account,
        region,
        name,
        tags: { 'shelvery:create_backup': 'true', ...given },
      });
    },
    backups,
    async only(site) {
      const found = await backups(site);
      const [first] = found;
      if (first === undefined || found.length > 1)
        throw new Error(`There are ${String(found.length)} backups: ${found.map(nameOf).join(', ')}`);
      const read = readBackup(first, {
        home: { accountId: AccountId.parse(install(site).account), region: first.region },
        config: resolveRunConfig({ environment: {} }),
        rules: RULES.ebs,
      });
      if (read.kind !== 'backup') throw new Error(read.kind === 'unreadable' ? read.problem : read.why);
      return read.backup;
    },
    async files(account, region = HOME) {
      const client = s3(account, region);
      const Bucket = bucketOf(account, region);
      const files: Record<string, string> = {};
      for await (const page of paginateListObjectsV2({ client }, { Bucket })) {
        for (const { Key = '' } of page.Contents ?? []) {
          files[Key] =
            (await (await client.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString()) ?? '';
        }
      }
      return files;
    },
    async putFile(account, key, body, region = HOME) {
      await s3(account, region).send(new PutObjectCommand({ Bucket: bucketOf(account, region), Key: key, Body: body }));
    },
    async deleteFile(account, key, region = HOME) {
      await s3(account, region).send(new DeleteObjectCommand({ Bucket: bucketOf(account, region), Key: key }));
    },
    queue: async (account, region = HOME) => await makeQueue(emulator(), { account, region }),
  };
}

/** Our name for a backup. */
export function nameOf(found: FoundBackup): string {
  return found.tags['shelvery:name'] ?? '';
}

/** A tag under the usual prefix. */
export function tagOf(found: FoundBackup, last: string): string | undefined {
  return found.tags[`shelvery:${last}`];
}
