import { setTimeout } from 'node:timers/promises';
import { ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { eventLeaseKey } from '../../../layers/engine/src/domain/files/keys.js';
import { copiesStory } from '../harness/copies-story.js';
import { describeDeliveredTwice } from '../harness/delivered-twice.js';
import { HOME, VOLUME, VOLUME_2, bucketOf, useEbsEstate } from '../harness/ebs-estate.js';
import { lambdaFunction } from '../harness/lambda-function.js';
import type { WarmFunction } from '../harness/lambda-function.js';

// All types and both ways are in `npm run test:faults`.
describeDeliveredTwice('ebs', copiesStory('ebs'), ['queue']);

const estate = useEbsEstate();
const CREATE = { action: 'create_backups', scheduled_time: '2026-03-04T01:00:00Z', backdate: true };
const MINUTE = 60_000;

/** A function in a process of its own, that waits in real time, so that the other gets on meanwhile. */
function anotherProcess(): WarmFunction {
  const clock = {
    ...estate.clock(),
    sleep: async () => {
      await setTimeout(50);
    },
  };
  return lambdaFunction({ ...estate.install(), clock });
}
const leases = async (): Promise<readonly string[]> =>
  Object.keys(await estate.files()).filter((key) => key.startsWith('leases/'));

describe('an event that is delivered twice at the same time', () => {
  it.each([
    ['by a schedule', CREATE],
    [
      'by EventBridge',
      {
        id: 'event-1',
        'detail-type': 'x',
        time: '2026-03-04T01:00:00Z',
        detail: { action: 'create_backups', backdate: true },
      },
    ],
    ['by Lambda, without a time of its own', { action: 'create_backups' }],
    ['by a topic', { Records: [{ Sns: { MessageId: 'm-1', Message: JSON.stringify(CREATE) } }] }],
    ['by a queue', { Records: [{ messageId: 'm-1', body: JSON.stringify(CREATE) }] }],
  ])('makes each backup once: %s', async (_how, event) => {
    await estate.run('create_data_buckets');
    await estate.volume(VOLUME);
    await estate.volume(VOLUME_2);
    await Promise.all([1, 2, 3].map(() => anotherProcess()(event, { requestId: 'one-request' })));
    expect(await estate.snapshots()).toHaveLength(2);
    expect(await leases()).toEqual([]);
  });

  it('is worked on once whoever had begun has died, at the end of its time', async () => {
    await estate.run('create_data_buckets');
    await estate.volume(VOLUME);
    const begun = estate.clock().now();
    const ends = new Date(begun.getTime() + 10 * MINUTE);
    await estate.putFile(
      eventLeaseKey('ebs', 'shelvery', 'the-request'),
      JSON.stringify({ holder: 'a process that died', ends }),
    );
    await lambdaFunction(estate.install())({ action: 'create_backups' }, { requestId: 'the-request' });
    expect(await estate.snapshots()).toHaveLength(1);
    expect(estate.clock().now().getTime()).toBeGreaterThanOrEqual(ends.getTime());
    expect(await leases()).toEqual([]);
  });

  it('is left to Lambda to repeat where there is no time to wait', async () => {
    await estate.run('create_data_buckets');
    const ends = new Date(estate.clock().now().getTime() + 10 * MINUTE);
    await estate.putFile(eventLeaseKey('ebs', 'shelvery', 'the-request'), JSON.stringify({ holder: 'somebody', ends }));
    const invoked = lambdaFunction(estate.install())(
      { action: 'create_backups' },
      { requestId: 'the-request', remaining: () => 10_500 },
    );
    await expect(invoked).rejects.toMatchObject({ code: 'NotYet', mendable: true });
  });
});

describe('the lease of an event', () => {
  it('costs one put and one delete', async () => {
    await estate.run('create_data_buckets');
    await estate.emulator().clearCalls();
    await lambdaFunction(estate.install())({ action: 'clean_backups' });
    expect(await estate.count('s3:PutObject')).toBe(1);
    expect(await estate.count('s3:DeleteObject')).toBe(1);
    expect(await estate.count('s3:GetObject')).toBe(0);
  });

  it('leaves no version of itself in the bucket, which keeps versions', async () => {
    await estate.run('create_data_buckets');
    await lambdaFunction(estate.install())({ action: 'clean_backups' });
    const s3 = new S3Client(estate.emulator().clientConfig());
    const { Versions = [], DeleteMarkers = [] } = await s3.send(
      new ListObjectVersionsCommand({ Bucket: bucketOf(HOME), Prefix: 'leases/' }),
    );
    expect([Versions, DeleteMarkers]).toEqual([[], []]);
  });

  it('is given back where no version of it may be deleted', async () => {
    await estate.run('create_data_buckets');
    await estate
      .emulator()
      .addFault({ kind: 'refuse', action: 'DeleteObject', code: 'AccessDenied', status: 403, times: 1 });
    await lambdaFunction(estate.install())({ action: 'clean_backups' });
    expect(await leases()).toEqual([]);
  });

  it('holds up no other event', async () => {
    await estate.run('create_data_buckets');
    await estate.volume(VOLUME);
    const ends = new Date(estate.clock().now().getTime() + 10 * MINUTE);
    await estate.putFile(eventLeaseKey('ebs', 'shelvery', 'the-request'), JSON.stringify({ holder: 'somebody', ends }));
    await lambdaFunction(estate.install())({ action: 'create_backups' }, { requestId: 'another' });
    expect(await estate.snapshots()).toHaveLength(1);
    expect(estate.clock().now().getTime()).toBeLessThan(ends.getTime());
  });

  it('is not needed where there is no bucket, or none may be put', async () => {
    await estate.volume(VOLUME);
    await lambdaFunction(estate.install())(CREATE);
    expect(await estate.snapshots()).toHaveLength(1);
    await estate
      .emulator()
      .addFault({ kind: 'refuse', action: 'PutObject', code: 'AccessDenied', status: 403, times: 'always' });
    await lambdaFunction(estate.install())({ action: 'clean_backups' });
    await lambdaFunction(estate.install())({ ...CREATE, scheduled_time: '2026-03-05T01:00:00Z' });
    expect(await estate.snapshots()).toHaveLength(2);
  });

  it.each(['fail-after', 'drop-after'] as const)('is its own where the answer was lost (%s)', async (kind) => {
    await estate.run('create_data_buckets');
    await estate.volume(VOLUME);
    const begun = estate.clock().now().getTime();
    await estate.emulator().addFault({ kind, action: 'PutObject' });
    await lambdaFunction(estate.install())(CREATE);
    expect(await estate.snapshots()).toHaveLength(1);
    expect(estate.clock().now().getTime() - begun).toBeLessThan(5 * MINUTE);
    expect(await leases()).toEqual([]);
  });

  it('is taken over where it cannot be read', async () => {
    await estate.run('create_data_buckets');
    await estate.putFile(eventLeaseKey('ebs', 'shelvery', 'the-request'), 'no lease');
    await lambdaFunction(estate.install())({ action: 'clean_backups' }, { requestId: 'the-request' });
    expect(await leases()).toEqual([]);
  });

  it('is taken for what changes something alone', async () => {
    await estate.run('create_data_buckets');
    await estate.emulator().clearCalls();
    const invoke = lambdaFunction(estate.install());
    await invoke({ action: 'list_backups' });
    await invoke({ action: 'clean_backups', dry_run: true });
    expect(await estate.count('s3:PutObject')).toBe(0);
  });
});
