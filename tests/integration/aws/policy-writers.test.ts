import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { GetBucketPolicyCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { openAwsAccess } from '../../../layers/engine/src/aws/access.js';
import { createDataBuckets } from '../../../layers/engine/src/aws/data-buckets.js';
import { systemClock } from '../../../layers/engine/src/aws/system-clock.js';
import { POLICY_LEASE_KEY } from '../../../layers/engine/src/domain/files/keys.js';
import { AccountId, BACKUP_TYPES } from '../../../layers/engine/src/domain/values.js';
import type { DataBuckets } from '../../../layers/engine/src/ports.js';
import type { Emulator } from '../../emulator/emulator.js';
import { HOME_REGION, keptLog, startEmulatedAccess } from './emulated-access.js';

const TEMPLATE = 'shelvery.data.{account_id}-{region}.base2tools';
const BUCKET = 'shelvery.data.111111111111-eu-west-1.base2tools';
const FIRST = AccountId.parse('222222222222');
const SECOND = AccountId.parse('333333333333');
const THIRD = AccountId.parse('444444444444');
const ADD = { exact: false, dryRun: false } as const;
const EXACT = { exact: true, dryRun: false } as const;

/** Waits before, or tells after, each call on the policy of a bucket. */
interface Steps {
  readonly before?: (method: string) => Promise<unknown>;
  readonly after?: (method: string) => void;
}

class Steered extends NodeHttpHandler {
  readonly #steps: Steps;

  constructor(steps: Steps) {
    super();
    this.#steps = steps;
  }

  override async handle(...args: Parameters<NodeHttpHandler['handle']>): ReturnType<NodeHttpHandler['handle']> {
    const [{ method, query }] = args;
    const isOnPolicy = 'policy' in query;
    if (isOnPolicy) await this.#steps.before?.(method);
    const answer = await super.handle(...args);
    if (isOnPolicy) this.#steps.after?.(method);
    return answer;
  }
}

/** Ends when something is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(5);
}

describe('the policy of a bucket that several write', () => {
  let emulator: Emulator;
  let s3: S3Client;

  beforeAll(async () => {
    ({ emulator } = await startEmulatedAccess());
    s3 = new S3Client({ ...emulator.clientConfig(), forcePathStyle: true });
  });
  beforeEach(() => emulator.reset());
  afterAll(() => emulator.stop());

  interface Writer {
    readonly stack?: string;
    readonly steps?: Steps;
    readonly log?: ReturnType<typeof keptLog>;
  }
  const writer = async ({ stack = 'shelvery', steps = {}, log = keptLog() }: Writer = {}): Promise<DataBuckets> => {
    const access = await openAwsAccess({
      region: HOME_REGION,
      clock: systemClock,
      ssmPrefix: `/shelvery/${stack}`,
      requestHandler: new Steered(steps),
    });
    return createDataBuckets(access, TEMPLATE, { clock: systemClock, log });
  };
  /** The accounts that the policy lets in. */
  const named = async (): Promise<readonly string[]> => {
    const { Policy = '' } = await s3.send(new GetBucketPolicyCommand({ Bucket: BUCKET }));
    return [FIRST, SECOND, THIRD].filter((account) => Policy.includes(`:${account}:root`));
  };
  const putLease = async (ends: Date): Promise<void> => {
    const Body = JSON.stringify({ holder: 'a process that died', ends });
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: POLICY_LEASE_KEY, Body }));
  };

  it('loses nothing where A reads, B reads, A writes, A looks, B writes', async () => {
    await (await writer()).ensure(HOME_REGION, { accounts: [THIRD], ...ADD });
    const log = keptLog();
    const isAwaitedByA = (): boolean => log.lines.some(({ code }) => code === 'SHELVERY_LEASE_AWAITED');
    let [isReadByB, isDoneByA] = [false, false];
    const ofA: Steps = { before: (method) => until(() => method !== 'PUT' || isReadByB) };
    const ofB: Steps = {
      before: (method) => until(() => method !== 'PUT' || isDoneByA || isAwaitedByA()),
      after: () => {
        isReadByB = true;
      },
    };
    const [a, b] = [await writer({ steps: ofA, log }), await writer({ steps: ofB })];
    const byA = a.ensure(HOME_REGION, { accounts: [FIRST], ...ADD }).finally(() => {
      isDoneByA = true;
    });
    const byB = b.ensure(HOME_REGION, { accounts: [SECOND], ...ADD });
    for (const report of await Promise.all([byA, byB]))
      expect(report).toMatchObject({ state: 'completed', changes: ['policy'], refusedAccounts: [] });
    expect(await named()).toEqual([FIRST, SECOND, THIRD]);
  });

  it('loses nothing of the runs of all types that begin at once', async () => {
    const accounts = BACKUP_TYPES.map((_type, index) => AccountId.parse(String(500000000000 + index)));
    await (await writer()).ensure(HOME_REGION, { accounts: [], ...ADD });
    await Promise.all(
      BACKUP_TYPES.map(async (type, index) =>
        (await writer()).ensure(HOME_REGION, {
          accounts: [FIRST],
          tagged: { type, accounts: accounts.slice(index, index + 1) },
          ...ADD,
        }),
      ),
    );
    const { Policy = '' } = await s3.send(new GetBucketPolicyCommand({ Bucket: BUCKET }));
    for (const account of [FIRST, ...accounts]) expect(Policy).toContain(`:${account}:root`);
    await expect(s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: POLICY_LEASE_KEY }))).rejects.toMatchObject({
      name: 'NoSuchKey',
    });
  });

  it('is written on once whoever was writing it has died, at the end of its time', async () => {
    await (await writer()).ensure(HOME_REGION, { accounts: [THIRD], ...ADD });
    const ends = new Date(systemClock.now().getTime() + 1_500);
    await putLease(ends);
    await (await writer()).ensure(HOME_REGION, { accounts: [FIRST], ...ADD });
    expect(systemClock.now().getTime()).toBeGreaterThanOrEqual(ends.getTime());
    expect(await named()).toEqual([FIRST, THIRD]);
  });

  it('is written without a lease where none may be put, and looked at again later', async () => {
    await (await writer()).ensure(HOME_REGION, { accounts: [THIRD], ...ADD });
    await emulator.addFault({ kind: 'refuse', action: 'PutObject', code: 'AccessDenied', status: 403 });
    const log = keptLog();
    const pauses: number[] = [];
    const access = await openAwsAccess({ region: HOME_REGION, clock: systemClock, ssmPrefix: '/shelvery/shelvery' });
    const clock = {
      ...systemClock,
      sleep: (milliseconds: number) => {
        pauses.push(milliseconds);
        return Promise.resolve();
      },
    };
    await createDataBuckets(access, TEMPLATE, { clock, log }).ensure(HOME_REGION, { accounts: [FIRST], ...ADD });
    expect(log.lines.map(({ code }) => code)).toEqual(['SHELVERY_LEASE_MISSING']);
    expect(pauses).toEqual([5_000, 5_000]);
    expect(await named()).toEqual([FIRST, THIRD]);
  });

  it('is not written any more once the lease has ended', async () => {
    await (await writer()).ensure(HOME_REGION, { accounts: [THIRD], ...ADD });
    let late = 0;
    const access = await openAwsAccess({
      region: HOME_REGION,
      clock: systemClock,
      requestHandler: new Steered({
        after: () => {
          // Each answer about the policy takes longer than a lease.
          late += 120_000;
        },
      }),
    });
    const clock = { ...systemClock, now: () => new Date(systemClock.now().getTime() + late) };
    const slow = createDataBuckets(access, TEMPLATE, { clock, log: keptLog() });
    await expect(slow.ensure(HOME_REGION, { accounts: [FIRST], ...ADD })).rejects.toMatchObject({
      code: 'NotYet',
      message: expect.stringContaining('took too long to write'),
    });
    expect(await named()).toEqual([THIRD]);
  });

  it('keeps what another stack names, when one takes away all that is its own', async () => {
    const [ours, theirs] = [await writer({ stack: 'shelvery' }), await writer({ stack: 'longterm' })];
    const tagged = { type: 'ebs', accounts: [THIRD] } as const;
    await ours.ensure(HOME_REGION, { accounts: [FIRST], tagged, ...ADD });
    await theirs.ensure(HOME_REGION, { accounts: [FIRST, SECOND], tagged: { type: 'ebs', accounts: [] }, ...EXACT });
    expect(await named()).toEqual([FIRST, SECOND, THIRD]);
    await ours.ensure(HOME_REGION, { accounts: [], tagged: { type: 'ebs', accounts: [] }, ...EXACT });
    expect(await named()).toEqual([FIRST, SECOND]);
    // As the custom resource does, whose parameters named them before.
    await ours.ensure(HOME_REGION, { accounts: [], without: [FIRST, SECOND], ...ADD });
    expect(await named()).toEqual([FIRST, SECOND]);
    await theirs.ensure(HOME_REGION, { accounts: [SECOND], without: [FIRST], ...ADD });
    expect(await named()).toEqual([SECOND]);
  });
});
