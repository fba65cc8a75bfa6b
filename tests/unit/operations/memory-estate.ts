// What the tests of operations begin with. docs/testing.md says which helper is for what.
import { createInProcessOperations } from '../../../layers/engine/src/delayed/in-process.js';
import type { Action } from '../../../layers/engine/src/domain/actions.js';
import { resolveRunConfig } from '../../../layers/engine/src/domain/config/config.js';
import type { DelayedMessage } from '../../../layers/engine/src/domain/delayed.js';
import type { ShelveryError } from '../../../layers/engine/src/domain/errors.js';
import type { Outcome } from '../../../layers/engine/src/domain/telling/outcome.js';
import type { AccountId, BackupType, Region } from '../../../layers/engine/src/domain/values.js';
import type { Log } from '../../../layers/engine/src/ports.js';
import type { AwsParts } from '../../../layers/engine/src/run/open-run.js';
import { runAction } from '../../../layers/engine/src/run/run-action.js';
import type { RunParts, RunRequest, RunResult } from '../../../layers/engine/src/run/run-action.js';
import { openMemoryAccount } from '../../simulation/contract/memory-account.js';
import type { MemoryAccount } from '../../simulation/contract/memory-account.js';
import type { HeldBackup, HeldResource } from '../../simulation/world/held.js';
import { openMemoryParts } from '../../simulation/world/ports.js';
import { createProcess } from '../../simulation/world/start-process.js';
import { bucketNameOf, objectOf } from '../../simulation/world/storage.js';
import { backupPlace, existing, resourcePlace } from '../../simulation/world/world.js';
import type { Bucket } from '../../simulation/world/world.js';
import { LOCAL, OWN_ACCOUNT, RUN } from '../domain/builders.js';

/** A line of the log: its code, its text, and what is in it for machines. */
type Said = readonly [code: string, message: string, data?: unknown];

/** An outcome with its error as text. */
export type Told = Omit<Outcome, 'error' | 'status'> & {
  readonly status: Outcome['status'];
  readonly error?: string;
  /** Why it was left out. */
  readonly reason?: string;
};

/** What came of a run. */
export interface Ran extends Omit<RunResult, 'outcomes'> {
  /** What was told, in order. */
  readonly told: readonly Told[];
  /** The errors of what was told, whole. */
  readonly errors: readonly ShelveryError[];
  /** Warnings, and what was logged beside outcomes, without the first and the last line of each run. */
  readonly said: readonly Said[];
  /** Each call, as `action region target`, in order. */
  readonly calls: readonly string[];
  /** Delayed operations that were given up waiting for. */
  readonly unfinished: readonly DelayedMessage[];
}

/** How a run is asked for. */
export interface Asked extends Partial<Omit<RunRequest, 'action'>> {
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Whose run it is; our own account's otherwise. */
  readonly account?: AccountId;
  readonly inStack?: boolean;
  /** How what the engine works with is changed on its way to it. */
  readonly parts?: (parts: AwsParts) => Partial<RunParts>;
}

/** An estate in an AWS in memory where nothing is left to chance, and what its owner does with it. */
export interface MemoryEstate extends Pick<MemoryAccount, 'called' | 'world' | 'strike' | 'failBackups'> {
  /** Of its resources and backups, where they do not say another. */
  readonly type: BackupType;
  /** A marked resource, made a year ago. */
  resource(id: string, more?: Partial<HeldResource>): HeldResource;
  /** Data buckets of an account; they let in whoever is named. */
  buckets(regions?: readonly Region[], account?: AccountId, letIn?: readonly AccountId[]): void;
  /** Writes a file into a data bucket by hand. */
  file(key: string, body: string, region?: Region, account?: AccountId): void;
  erase(key: string, region?: Region, account?: AccountId): void;
  /** The keys of an account's data bucket, sorted. */
  keys(region?: Region, account?: AccountId): readonly string[];
  read(key: string, region?: Region, account?: AccountId): string | undefined;
  /** All backups that are there, in the order in which they were made. */
  backups(of?: Partial<Pick<HeldBackup, 'account' | 'region'>>): readonly HeldBackup[];
  /** Changes a backup. */
  change(backup: HeldBackup, more: Partial<HeldBackup>): HeldBackup;
  /** AWS's clock, in milliseconds. */
  now(): number;
  /** Time goes by. */
  pass(hours: number): Promise<void>;
  run(action: Action, asked?: Asked): Promise<Ran>;
}

/** What errors advise where a permission lacks. */
export const ALLOW = 'Allow the call in the policy of the role or user that Shelvery runs as.';

const HOUR_MS = 3_600_000;
/** First and last lines of a run, and lines that say what outcomes say. */
const LEFT_OUT =
  /^SHELVERY_(RUN_STARTED|RUN_ENDED|OUTCOME_.*|BACKUP_(CREATED|REMOVED|STORED|COPIED|SHARED|PULLED|ARCHIVED))$/;

/** @param type of the resources and backups. */
export function openEstate(type: BackupType): MemoryEstate {
  const memory = openMemoryAccount(type);
  const { world, called } = memory;
  const { conductor } = world;
  const bucketOf = (region: Region, account: AccountId): Bucket => {
    const name = bucketNameOf(account, region);
    const bucket = world.buckets.get(name) ?? { name, account, region, objects: new Map() };
    world.buckets.set(name, bucket);
    return bucket;
  };
  return {
    type,
    world,
    called,
    now: () => conductor.now(),
    strike: (action, fault) => {
      memory.strike(action, fault);
    },
    failBackups: () => {
      memory.failBackups();
    },
    resource(id, more = {}) {
      const resource: HeldResource = {
        account: OWN_ACCOUNT,
        region: LOCAL,
        type,
        id,
        uid: `uid-of-${id}`,
        createdAt: conductor.now() - 365 * 24 * HOUR_MS,
        ...more,
        tags: { 'shelvery:create_backup': 'true', ...more.tags },
      };
      world.resources.set(resourcePlace(resource), resource);
      return resource;
    },
    buckets(regions = [LOCAL], account = OWN_ACCOUNT, letIn = []) {
      for (const region of regions) {
        const bucket = bucketOf(region, account);
        if (letIn.length === 0) continue;
        const Statement = letIn.map((each) => ({
          Sid: `files-of-${each}`,
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${each}:root` },
          Action: 's3:*',
          Resource: `arn:aws:s3:::${bucket.name}/backups/shared/${each}/*`,
        }));
        bucket.policy = JSON.stringify({ Version: '2012-10-17', Statement });
      }
    },
    file(key, body, region = LOCAL, account = OWN_ACCOUNT) {
      bucketOf(region, account).objects.set(key, objectOf(world, body));
    },
    erase(key, region = LOCAL, account = OWN_ACCOUNT) {
      bucketOf(region, account).objects.delete(key);
    },
    keys: (region = LOCAL, account = OWN_ACCOUNT) =>
      [...(world.buckets.get(bucketNameOf(account, region))?.objects.keys() ?? [])].sort(),
    read: (key, region = LOCAL, account = OWN_ACCOUNT) =>
      world.buckets.get(bucketNameOf(account, region))?.objects.get(key)?.body,
    backups: (of = {}) =>
      existing([...world.backups.values()]).filter(
        ({ account, region }) => account === (of.account ?? OWN_ACCOUNT) && region === (of.region ?? region),
      ),
    change(backup, more) {
      const changed = { ...backup, ...more };
      world.backups.delete(backupPlace(backup));
      world.backups.set(backupPlace(changed), changed);
      return changed;
    },
    async pass(hours) {
      await conductor.runUntil(conductor.now() + hours * HOUR_MS);
    },
    async run(action, { settings = {}, account = OWN_ACCOUNT, inStack = false, parts: changed, ...request } = {}) {
      const said: Said[] = [];
      const unfinished: DelayedMessage[] = [];
      const say = (...[code, message, data]: Said): void => {
        if (!LEFT_OUT.test(code)) said.push(data === undefined ? [code, message] : [code, message, data]);
      };
      const log: Log = { info: say, warn: say, error: say };
      const environment = Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, String(value)]));
      const process = createProcess(world, {
        id: 'test',
        installation: {
          name: 'test',
          home: { accountId: account, region: LOCAL },
          type,
          prefix: environment['shelvery_tag_prefix'] ?? 'shelvery',
          inStack,
          environment,
        },
        environment,
        dryRun: request.dryRun ?? false,
        endsAt: Infinity,
        skew: 0,
      });
      const config = resolveRunConfig({ environment, payload: {}, inStack });
      const opened = openMemoryParts(world, process, config, log, {});
      const first = called.length;
      const { outcomes, ...result } = await runAction(
        { action, runId: RUN, mayBeRetry: false, dryRun: false, backdate: true, ...request },
        {
          ...opened,
          mayStart: () => true,
          delayed: (context) =>
            createInProcessOperations(context, {
              oneByOne: true,
              onUnfinished: (message) => {
                unfinished.push(message);
              },
            }),
          ...changed?.(opened),
        },
      );
      return {
        ...result,
        told: outcomes.map(toldOf),
        errors: outcomes.flatMap((outcome) => (outcome.status === 'failed' ? [outcome.error] : [])),
        said,
        unfinished,
        calls: called
          .slice(first)
          .filter(({ action: made }) => !made.startsWith('sns:'))
          .map(({ action: made, region, target }) => [made, region, target].filter(Boolean).join(' ')),
      };
    },
  };
}

function toldOf(outcome: Outcome): Told {
  if (outcome.status !== 'failed') return outcome;
  const { error, ...rest } = outcome;
  return { ...rest, error: `${error.code}: ${error.message}` };
}
