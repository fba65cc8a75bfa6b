import { GetBucketPolicyCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { planBucketPolicy } from '../domain/files/bucket-policy.js';
import type { BucketPolicyPlan, BucketReaders } from '../domain/files/bucket-policy.js';
import { faultName } from '../domain/telling/faults.js';
import type { AccountId } from '../domain/values.js';
import { unless } from './bucket-settings.js';
import type { OwnBucket } from './bucket-settings.js';

interface PolicyWanted {
  readonly readers: BucketReaders;
  readonly partition: string;
  readonly owner: AccountId;
  readonly dryRun: boolean;
}

/** How often a policy is read again after it was put, and put again where it lost something, at most. */
const LOOKS_AFTER = 3;

interface PolicyReport {
  readonly changed: boolean;
  readonly refusedAccounts: readonly AccountId[];
}

/**
 * Sees that the bucket's policy names the accounts. S3 refuses a whole policy for one account that does not exist: then
 * the culprits are found by halving, and the others are written.
 */
export async function ensureBucketPolicy(bucket: OwnBucket, wanted: PolicyWanted): Promise<PolicyReport> {
  const first = await bringUpToDate(bucket, wanted);
  let last = first;
  // A policy is written as a whole. If the run of another type read it at the same time, that run may have written one
  // without these accounts since.
  for (
    let look = 1;
    last.changed && last.refusedAccounts.length === 0 && !wanted.dryRun && look <= LOOKS_AFTER;
    look += 1
  ) {
    last = await bringUpToDate(bucket, wanted);
  }
  return { ...last, changed: first.changed };
}

async function bringUpToDate(bucket: OwnBucket, wanted: PolicyWanted): Promise<PolicyReport> {
  const found = await unless('NoSuchBucketPolicy', bucket.client.send(new GetBucketPolicyCommand(bucket.name)));
  const existing = found?.Policy;
  const input = {
    existing,
    bucket: bucket.name.Bucket,
    partition: wanted.partition,
    owner: wanted.owner,
    readers: wanted.readers,
  };
  const plan = (only: readonly AccountId[]): BucketPolicyPlan => planBucketPolicy({ ...input, only });
  const whole = planBucketPolicy(input);
  if (!whole.changed || wanted.dryRun) return { changed: whole.changed, refusedAccounts: [] };
  const refusal = await put(bucket, whole.policy);
  if (refusal === undefined) return { changed: true, refusedAccounts: [] };
  // Accounts that the policy already names come first, so that none of them loses access while the others are tried.
  const fresh = whole.accounts.filter((account) => !whole.known.includes(account));
  const { accepted, refused } = await findCulprits([whole.known, fresh], async (accounts) => {
    return (await put(bucket, plan(accounts).policy)) === undefined;
  });
  // Where even a policy without accounts is refused, the fault is in a statement that is not ours.
  if (accepted.length === 0 && (await put(bucket, plan([]).policy)) !== undefined) throw refusal.error;
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
async function put({ client, name }: OwnBucket, policy: string): Promise<{ readonly error: unknown } | undefined> {
  try {
    await client.send(new PutBucketPolicyCommand({ ...name, Policy: policy }));
    return undefined;
  } catch (error) {
    if (faultName(error) !== 'MalformedPolicy') throw error;
    return { error };
  }
}
