import { setTimeout } from 'node:timers/promises';
import { ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, it } from '@jest/globals';
import { eventLeaseKey } from '../../../layers/engine/src/domain/files/keys.js';
import { BUNKER, HOME, SOURCE, SOURCE_2, bucketOf, tagOf, useCopyEstate } from '../harness/copy-estate.js';
import { share } from '../harness/event-bus.js';
import { lambdaFunction } from '../harness/lambda-function.js';
import { runCli } from '../harness/product.js';

const estate = useCopyEstate();
const source = { config: { shelvery_share_aws_account_ids: BUNKER } };
const bunker = { account: BUNKER, config: { shelvery_source_aws_account_ids: SOURCE } };

it('pulls of the same time, each asked for by somebody else, copy each backup once', async () => {
  await estate.run('create_data_buckets', bunker);
  for (const name of ['orders', 'bills', 'mail']) await estate.resource(source, name);
  await estate.run('create_backups', source);
  const queueUrl = await estate.queue(BUNKER);
  // Processes of their own, which wait in real time, so that the others get on meanwhile.
  const clock = { ...estate.clock(), sleep: async () => setTimeout(50) };
  await Promise.all(
    ['of-the-schedule', 'by-hand', 'of-another-stack'].map(async (requestId) => {
      const invoke = lambdaFunction({ ...estate.install(bunker), clock, queueUrl });
      await invoke({ action: 'pull_shared_backups' }, { requestId });
    }),
  );
  expect(await estate.backups(bunker)).toHaveLength(3);
  expect(Object.keys(await estate.files(BUNKER)).filter((key) => key.startsWith('leases/'))).toEqual([]);
});

it.each([
  ['two terminals', 2, 0],
  ['a terminal and a function', 1, 1],
  ['terminals and functions', 2, 2],
])('pulls of the same time copy each backup once: of %s', async (_, terminals, functions) => {
  await estate.run('create_data_buckets', bunker);
  for (const name of ['orders', 'bills', 'mail']) await estate.resource(source, name);
  await estate.run('create_backups', source);
  const queueUrl = await estate.queue(BUNKER);
  const clock = { ...estate.clock(), sleep: async () => setTimeout(50) };
  const installation = { ...estate.install(bunker), clock };
  const [ended] = await Promise.all([
    Promise.all(Array.from({ length: terminals }, () => runCli(installation, { action: 'pull_shared_backups' }))),
    Promise.all(
      Array.from({ length: functions }, (__, index) =>
        lambdaFunction({ ...installation, queueUrl })({ action: 'pull_shared_backups' }, { requestId: `r-${index}` }),
      ),
    ),
  ]);
  expect(ended.map(({ result }) => result?.report.status)).toEqual(Array.from({ length: terminals }, () => 'OK'));
  expect(await estate.backups(bunker)).toHaveLength(3);
  // Nor have renewals left any, which come each 50 ms by this clock.
  const s3 = new S3Client(estate.emulator().clientConfig(BUNKER, HOME));
  const { Versions: versions = [], DeleteMarkers: markers = [] } = await s3.send(
    new ListObjectVersionsCommand({ Bucket: bucketOf(BUNKER), Prefix: 'leases/ebs/' }),
  );
  expect([...versions, ...markers]).toEqual([]);
});

it('a pull that gets no place leaves the rest to the one that waits for places, and says nothing of failures', async () => {
  await estate.run('create_data_buckets', bunker);
  await estate.resource(source, 'orders');
  await estate.run('create_backups', source);
  const ends = new Date(estate.clock().now().getTime() + 600_000);
  const line = eventLeaseKey('ebs', 'shelvery', 'who waits in line');
  await estate.putFile(BUNKER, line, JSON.stringify({ holder: 'another', ends }));
  await estate.emulator().addFault({
    kind: 'refuse',
    action: 'CopySnapshot',
    code: 'ResourceLimitExceeded',
    times: 'always',
  });
  const began = estate.clock().now();
  const invoke = lambdaFunction({ ...estate.install(bunker), queueUrl: await estate.queue(BUNKER) });
  expect(await invoke({ action: 'pull_shared_backups' })).toMatchObject({ status: 'OK' });
  expect(estate.clock().now().getTime() - began.getTime()).toBeLessThan(30_000);
  const waiting = Object.keys(await estate.files(SOURCE)).filter((key) => key.startsWith('backups/shared/'));
  expect(waiting).toHaveLength(1);
  expect(Object.keys(await estate.files(BUNKER)).filter((key) => key.startsWith('leases/'))).toEqual([line]);
});

it('what a share event has no place for is left to an invocation that waits for places, and that for all sources', async () => {
  await estate.run('create_data_buckets', bunker);
  const sources = [SOURCE, SOURCE_2];
  for (const account of sources) {
    await estate.resource({ ...source, account }, 'orders');
    await estate.run('create_backups', { ...source, account });
  }
  const config = { shelvery_source_aws_account_ids: sources.join(','), shelvery_completion_events: 'ENABLED' };
  const invoke = lambdaFunction({ ...estate.install({ ...bunker, config }), queueUrl: await estate.queue(BUNKER) });
  await estate.emulator().addFault({ kind: 'refuse', action: 'CopySnapshot', code: 'ResourceLimitExceeded', times: 1 });
  const event = share({ account: BUNKER, region: HOME }, (await estate.only(source)).id, SOURCE);
  await invoke({ Records: [{ messageId: 'm-1', body: JSON.stringify(event) }] });
  const [rest, ...others] = (await estate.emulator().takeInvocations()).map(({ payload }) => payload);
  expect([rest, others]).toEqual([expect.objectContaining({ action: 'pull_shared_backups' }), []]);
  expect(await estate.backups(bunker)).toEqual([]);
  await invoke(rest);
  expect((await estate.backups(bunker)).map((found) => tagOf(found, 'src_account')).sort()).toEqual(sources);
});
