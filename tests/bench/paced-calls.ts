import {
  CopyImageCommand,
  CreateSnapshotCommand,
  DeleteSnapshotCommand,
  DescribeSnapshotsCommand,
} from '@aws-sdk/client-ec2';
import type { EC2Client } from '@aws-sdk/client-ec2';
import { AccountId, Region, openAwsAccess } from '@shelvery/engine/terminal';
import pLimit from 'p-limit';
import { createEc2Clients } from '../../functions/shared/ec2-clients.js';
import { bucketOf } from '../../layers/engine/src/domain/limits/request-buckets.js';
import { createEmulatedTime } from './emulated-time.js';
import { createAwsBucket, doneByEc2, throttledAws } from './throttled-aws.js';

/** How calls went against AWS's bucket for their action, in emulated time. */
export interface PacedCalls {
  readonly seconds: number;
  /** The least that is possible: all that the bucket takes, less what a rival takes. */
  readonly bound: number;
  readonly done: number;
  readonly failed: number;
  /** Calls refused, as a part of all. */
  readonly refused: number;
  /** Calls that AWS took, of all that it would have taken: 1 where none of the bucket was left over. */
  readonly used: number;
  readonly slowestReadMs: number;
}

export interface PacedOptions {
  readonly action: keyof typeof CALLS;
  readonly calls: number;
  /** Another program that makes so many calls of the same action a second, and repeats what is refused. */
  readonly rivalPerSecond?: number;
  /** What AWS's bucket holds when the first call comes; as much as it may where this is left out. */
  readonly tokensAtFirst?: number;
}

const REGION = Region.parse('eu-west-1');
/** As many as a run makes at a time. */
const AT_A_TIME = 20;
const SNAPSHOT = 'snap-0123456789abcdef0';

/** The calls that are measured, each as the product makes it. */
const CALLS = {
  CreateSnapshot: (client: EC2Client) => client.send(new CreateSnapshotCommand({ VolumeId: 'vol-0123456789abcdef0' })),
  DeleteSnapshot: (client: EC2Client) => client.send(new DeleteSnapshotCommand({ SnapshotId: SNAPSHOT })),
  CopyImage: (client: EC2Client) =>
    client.send(
      new CopyImageCommand({ Name: 'copy', SourceImageId: 'ami-0123456789abcdef0', SourceRegion: 'eu-west-1' }),
    ),
} satisfies Readonly<Record<string, (client: EC2Client) => Promise<unknown>>>;

/** What an action answers beside the request's id, where a caller reads it. */
const ANSWERS: Readonly<Record<string, string>> = {
  'ec2:CreateSnapshot': `<snapshotId>${SNAPSHOT}</snapshotId><status>pending</status>`,
  'ec2:CopyImage': '<imageId>ami-0123456789abcdef1</imageId>',
};

/** Makes calls as fast as the product does, while it also lists snapshots every second. */
export async function measurePacedCalls(options: PacedOptions): Promise<PacedCalls> {
  const { action } = options;
  const named = `ec2:${action}`;
  const bucket = bucketOf(named);
  if (bucket === undefined) throw new Error(`${action} has no documented bucket`);
  const { calls: wanted, rivalPerSecond = 0, tokensAtFirst = bucket.size } = options;
  const time = createEmulatedTime();
  const aws = createAwsBucket(bucket, time, tokensAtFirst);
  const { requestHandler, log } = throttledAws(
    time,
    { of: (_, asked) => (asked === named ? aws : undefined) },
    ({ action: asked }) => doneByEc2(asked, ANSWERS[asked] ?? '<return>true</return>'),
  );
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' });
  const access = await openAwsAccess({
    region: REGION,
    clock: time.clock,
    accountId: AccountId.parse('111111111111'),
    requestHandler,
  });
  const clients = createEc2Clients(access);
  const limit = pLimit(AT_A_TIME);
  let done = 0;
  let failed = 0;
  let slowestReadMs = 0;
  let isOver = false;

  const callOnce = async (): Promise<void> => {
    try {
      await CALLS[action](clients.forMaking(REGION));
      done += 1;
    } catch {
      failed += 1;
    }
  };
  const read = async (): Promise<void> => {
    while (!isOver) {
      const began = time.now();
      await clients.of(REGION).send(new DescribeSnapshotsCommand({ OwnerIds: ['self'], MaxResults: 500 }));
      slowestReadMs = Math.max(slowestReadMs, time.now() - began);
      await time.clock.sleep(1_000);
    }
  };
  let owed = 0;
  const rival = async (): Promise<void> => {
    while (rivalPerSecond > 0 && !isOver) {
      owed = Math.min(owed + 1, bucket.size);
      while (owed >= 1 && aws.take()) owed -= 1;
      await time.clock.sleep(1_000 / rivalPerSecond);
    }
  };
  const seconds = await time.run(
    (async () => {
      const others = [read(), rival()];
      await limit.map(Array.from({ length: wanted }), callOnce);
      isOver = true;
      const took = time.now() / 1000;
      await Promise.all(others);
      return took;
    })(),
  );
  const calls = log.calls.get(named) ?? 0;
  return {
    seconds,
    bound: (wanted - tokensAtFirst) / (bucket.perSecond - rivalPerSecond),
    done,
    failed,
    refused: (log.refused.get(named) ?? 0) / calls,
    used: aws.taken() / (tokensAtFirst + bucket.perSecond * seconds),
    slowestReadMs,
  };
}
