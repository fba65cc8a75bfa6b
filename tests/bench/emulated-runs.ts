import {
  AccountId,
  Region,
  RunId,
  createInProcessOperations,
  openAwsAccess,
  openAwsParts,
  resolveRunConfig,
  runAction,
} from '@shelvery/engine/terminal';
import type { RunResult } from '@shelvery/engine/terminal';
import { createEbsAdapter } from '../../functions/ebs/adapter.js';
import { bucketOf } from '../../layers/engine/src/domain/limits/request-buckets.js';
import { createEmulatedTime } from './emulated-time.js';
import { createMemoryAws } from './memory-aws.js';
import { COPIES_AT_A_TIME, createMemoryEc2 } from './memory-ec2.js';
import type { MemoryEc2, MemorySnapshot, MemoryVolume } from './memory-ec2.js';
import { createAwsBuckets, drawn, throttledAws } from './throttled-aws.js';
import type { CallLog } from './throttled-aws.js';

/** How one kind of call went in a whole run of the product, in emulated time. */
export interface EmulatedCalls {
  readonly seconds: number;
  /** The least that AWS allows. */
  readonly bound: number;
  /** Calls refused, as a part of all. */
  readonly refused: number;
  /** What the run reported as failed. */
  readonly failed: number;
}

const HOME = Region.parse('eu-west-1');
const DR = Region.parse('eu-central-1');
const ACCOUNT = AccountId.parse('111111111111');
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Marked volumes; where they are to be attached, so many of each instance. */
export function markedVolumes(count: number, ofAnInstance?: number): readonly MemoryVolume[] {
  return Array.from({ length: count }, (_, index) => {
    const hex = (number: number): string => number.toString(16).padStart(17, '0');
    const volume = {
      id: `vol-${hex(index)}`,
      tags: { 'shelvery:create_backup': 'true', Name: `data-${String(index).padStart(5, '0')}`, team: 'blue' },
    };
    if (ofAnInstance === undefined) return volume;
    const device = `/dev/sd${String.fromCharCode('a'.charCodeAt(0) + (index % ofAnInstance))}`;
    return { ...volume, attached: { instance: `i-${hex(Math.floor(index / ofAnInstance))}`, device } };
  });
}

/**
 * Backs up volumes in sets of four, by the product's own run: how long until all snapshots are made, and until each has its
 * own tags. What follows is left out.
 */
export async function measureSets(
  volumes: number,
): Promise<{ readonly made: EmulatedCalls; readonly named: EmulatedCalls }> {
  const { ec2, result, log, ends } = await createInMemory({
    volumes: markedVolumes(volumes, 4),
    config: { shelvery_ebs_volume_sets: 'true' },
    follows: false,
  });
  const sets = new Set([...ec2.snapshots.values()].map(({ volumeId }) => volumeId));
  if (ec2.snapshots.size !== volumes || sets.size !== volumes) throw new Error('not one snapshot of each volume');
  const row = (action: string, calls: number): EmulatedCalls => ({
    seconds: (ends.get(action) ?? 0) / 1000,
    bound: boundOf(action, calls),
    refused: refusedOf(log, action),
    failed: result.report.summary.failed,
  });
  return { made: row('ec2:CreateSnapshots', volumes / 4), named: row('ec2:CreateTags', volumes) };
}

/** A copy takes so long, in milliseconds: 5 to 15 minutes, the same in every run. */
const SHORTEST_COPY_MS = 300_000;
const LONGEST_COPY_MS = 900_000;

/** Longer than all copies take: nothing is given up. */
const WAITS_FOR_ALL_S = 604_800;

/**
 * Backs up volumes and copies the snapshots to a DR region, by the product's own run in one process, where AWS runs so many
 * copies at a time. Counted from the first copy's call to the end of the last copy.
 */
export async function measureCopies(snapshots: number): Promise<EmulatedCalls> {
  const { copies, result, log } = await copyInMemory(snapshots, WAITS_FOR_ALL_S);
  const sources = new Set(copies.map(({ tags }) => tags.get('shelvery:dr_source_backup')));
  if (copies.length !== snapshots || sources.size !== snapshots) throw new Error('not one copy of each snapshot');
  const began = Math.min(...copies.map(({ startedAt }) => startedAt));
  const ended = Math.max(...copies.map(({ completeAt }) => completeAt));
  const worked = copies.reduce((sum, { startedAt, completeAt }) => sum + completeAt - startedAt, 0);
  return {
    seconds: (ended - began) / 1000,
    bound: worked / COPIES_AT_A_TIME / 1000,
    refused: refusedOf(log, 'ec2:CopySnapshot'),
    failed: result.report.summary.failed,
  };
}

/** The same run. @param waitSeconds after which it gives up what is not finished. */
export async function copyInMemory(
  snapshots: number,
  waitSeconds: number,
): Promise<Pick<InMemory, 'log' | 'result'> & { readonly copies: readonly MemorySnapshot[] }> {
  const draw = drawn();
  const { ec2, result, log } = await createInMemory({
    volumes: markedVolumes(snapshots),
    config: { shelvery_dr_regions: DR, shelvery_wait_snapshot_timeout: String(waitSeconds) },
    copyTakes: () => SHORTEST_COPY_MS + draw(LONGEST_COPY_MS - SHORTEST_COPY_MS),
    follows: true,
  });
  return { result, log, copies: [...ec2.snapshots.values()].filter(({ isCopy }) => isCopy) };
}

interface InMemory {
  readonly ec2: MemoryEc2;
  readonly result: RunResult;
  readonly log: CallLog;
  /** When the last call of each action was done, in milliseconds since the beginning. */
  readonly ends: ReadonlyMap<string, number>;
}

/** Runs `create_backups` as a terminal does, on an account in memory that takes calls by AWS's documented buckets. */
async function createInMemory({
  volumes,
  config: settings,
  copyTakes,
  follows,
}: {
  readonly volumes: readonly MemoryVolume[];
  readonly config: Readonly<Record<string, string>>;
  readonly copyTakes?: () => number;
  /** Whether what follows a backup is done, too. */
  readonly follows: boolean;
}): Promise<InMemory> {
  const time = createEmulatedTime();
  const ec2 = createMemoryEc2({ time, volumes, ...(copyTakes === undefined ? {} : { copyTakes }) });
  const aws = createMemoryAws(ec2);
  const ends = new Map<string, number>();
  const { requestHandler, log } = throttledAws(time, createAwsBuckets(time), (asked) => {
    const answer = aws.answer(asked);
    if (answer.statusCode < 400) ends.set(asked.action, time.now());
    return answer;
  });
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' });
  const { clock } = time;
  const config = resolveRunConfig({ environment: settings });
  const access = await openAwsAccess({ region: HOME, clock, accountId: ACCOUNT, requestHandler });
  const run = runAction(
    {
      action: 'create_backups',
      runId: RunId.parse('bench'),
      mayBeRetry: false,
      dryRun: false,
      backdate: false,
    },
    {
      ...openAwsParts({ access, config, makeAdapter: createEbsAdapter, clock, log: SILENT }),
      mayStart: () => true,
      delayed: (context) =>
        follows
          ? createInProcessOperations(context, { oneByOne: false, onUnfinished: () => undefined })
          : { send: () => undefined, flush: () => Promise.resolve([]) },
    },
  );
  const result = await time.run(run);
  return { ec2, result, log, ends };
}

/** The least time that so many calls of an action take, in seconds. */
function boundOf(action: string, calls: number): number {
  const { size = 0, perSecond = Number.POSITIVE_INFINITY } = bucketOf(action) ?? {};
  return Math.max(0, calls - size) / perSecond;
}

function refusedOf({ calls, refused }: CallLog, action: string): number {
  return (refused.get(action) ?? 0) / (calls.get(action) ?? 1);
}
