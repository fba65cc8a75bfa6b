import { GetBucketPolicyCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { planBucketPolicy } from '../domain/files/bucket-policy.js';
import type { BucketPolicyInput, BucketPolicyPlan, BucketReaders } from '../domain/files/bucket-policy.js';
import { POLICY_LEASE_KEY } from '../domain/files/keys.js';
import { ShelveryError } from '../domain/errors.js';
import { faultName } from '../domain/telling/faults.js';
import type { AccountId } from '../domain/values.js';
import type { Clock, Log } from '../ports.js';
import { unless } from './bucket-settings.js';
import type { OwnBucket } from './bucket-settings.js';
import { underLease } from './lease.js';

/** What the policy of a bucket is to say. */
export interface PolicyWanted {
  readonly readers: BucketReaders;
  readonly partition: string;
  readonly owner: AccountId;
  /** See `writerOf`. */
  readonly writer: string;
  readonly dryRun: boolean;
  /** Only takes accounts out of it. */
  readonly onlyWithdraws?: boolean;
}

/** What waits for other writers, and tells of it. */
interface Beside {
  readonly clock: Clock;
  readonly log: Log;
  /** Tells this writer from all others. */
  readonly holder: string;
}

/** How long a policy takes to be written, with all accounts that S3 refuses found out. */
const HOLD_MS = 60_000;

/**
 * Before each time that a policy is read again after it was put, and put again where it lost something, in milliseconds:
 * others may write it without a lease (earlier versions, the console), and have read it before.
 */
const LOOKS_UNDER_LEASE: readonly number[] = [0];
const LOOKS_WITHOUT_LEASE: readonly number[] = [0, 5_000, 5_000];

interface PolicyReport {
  readonly changed: boolean;
  readonly refusedAccounts: readonly AccountId[];
}

/**
 * Sees that the bucket's policy names the accounts. S3 takes a policy as a whole, and on no condition (page
 * "PutBucketPolicy"): writers come one after the other, by a lease in the bucket, so that none puts what it read before
 * another's. S3 refuses a whole policy for one account that does not exist: then the culprits are found by halving, and
 * the others are written.
 */
export async function ensureBucketPolicy(
  bucket: OwnBucket,
  wanted: PolicyWanted,
  { clock, log, holder }: Beside,
): Promise<PolicyReport> {
  const { changed } = planBucketPolicy(await readPolicy(bucket, wanted));
  if (!changed || wanted.dryRun) return { changed, refusedAccounts: [] };
  const lease = {
    client: bucket.client,
    holder,
    file: { ...bucket.name, Key: POLICY_LEASE_KEY },
    clock,
    log,
    what: `The policy of ${bucket.name.Bucket}`,
    holdFor: () => HOLD_MS,
    mayWait: () => true,
  };
  return await underLease(lease, async ({ ends }) => {
    const inTime = (): void => {
      if (ends === undefined || clock.now() < ends) return;
      const message = `The policy of ${bucket.name.Bucket} took too long to write: somebody else may be writing it by now.`;
      throw new ShelveryError('NotYet', message, { mendable: true });
    };
    const first = await bringUpToDate(bucket, wanted, inTime);
    if (!first.changed || first.refusedAccounts.length > 0) return first;
    let last = first;
    for (const pause of ends === undefined ? LOOKS_WITHOUT_LEASE : LOOKS_UNDER_LEASE) {
      if (pause > 0) await clock.sleep(pause);
      last = await bringUpToDate(bucket, wanted, inTime);
    }
    return { ...last, changed: true };
  });
}

/** What a policy is planned from: what it says now, and what it is to say. */
async function readPolicy(
  { client, name }: OwnBucket,
  { readers, partition, owner, writer, onlyWithdraws = false }: PolicyWanted,
): Promise<BucketPolicyInput> {
  const found = await unless('NoSuchBucketPolicy', client.send(new GetBucketPolicyCommand(name)));
  return { existing: found?.Policy, bucket: name.Bucket, partition, owner, writer, readers, onlyWithdraws };
}

/** @param inTime Throws where the policy may not be put any more. */
async function bringUpToDate(bucket: OwnBucket, wanted: PolicyWanted, inTime: () => void): Promise<PolicyReport> {
  const input = await readPolicy(bucket, wanted);
  const plan = (only: readonly AccountId[]): BucketPolicyPlan => planBucketPolicy({ ...input, only });
  const put = async ({ policy }: BucketPolicyPlan): ReturnType<typeof putPolicy> => {
    inTime();
    return await putPolicy(bucket, policy);
  };
  const whole = planBucketPolicy(input);
  if (!whole.changed) return { changed: false, refusedAccounts: [] };
  const refusal = await put(whole);
  if (refusal === undefined) return { changed: true, refusedAccounts: [] };
  // Accounts that the policy already names come first, so that none of them loses access while the others are tried.
  const fresh = whole.accounts.filter((account) => !whole.known.includes(account));
  const { accepted, refused } = await findCulprits([whole.known, fresh], async (accounts) => {
    return (await put(plan(accounts))) === undefined;
  });
  // Where even a policy without accounts is refused, the fault is in a statement that is not ours.
  if (accepted.length === 0 && (await put(plan([]))) !== undefined) throw refusal.error;
  return { changed: plan(accepted).changed, refusedAccounts: refused };
}

/**
 * Tells accounts that S3 takes from those that it refuses, by halving what it refuses together. Ends with all that it
 * takes.
 */
async function findCulprits(
  groups: readonly (readonly AccountId[])[],
  takes: (accounts: readonly AccountId[]) => Promise<boolean>,
): Promise<{ readonly accepted: readonly AccountId[]; readonly refused: readonly AccountId[] }> {
  const accepted: AccountId[] = [];
  const refused: AccountId[] = [];
  const waiting = groups.filter((group) => group.length > 0);
  for (let some = waiting.shift(); some !== undefined; some = waiting.shift()) {
    if (await takes([...accepted, ...some])) accepted.push(...some);
    else if (some.length === 1) refused.push(...some);
    else {
      const half = Math.ceil(some.length / 2);
      waiting.unshift(some.slice(0, half), some.slice(half));
    }
  }
  return { accepted, refused };
}

/** Puts the policy; nothing when S3 took it, else its refusal. Other errors are thrown. */
async function putPolicy(
  { client, name }: OwnBucket,
  policy: string,
): Promise<{ readonly error: unknown } | undefined> {
  try {
    await client.send(new PutBucketPolicyCommand({ ...name, Policy: policy }));
    return undefined;
  } catch (error) {
    if (faultName(error) !== 'MalformedPolicy') throw error;
    return { error };
  }
}
