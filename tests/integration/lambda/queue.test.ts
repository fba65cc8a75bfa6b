import { describe, expect, it } from '@jest/globals';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { DR, HOME, OTHER_ACCOUNT, VOLUME, useEbsEstate } from '../harness/ebs-estate.js';
import { lambdaFunction } from '../harness/lambda-function.js';
import type { WarmFunction } from '../harness/lambda-function.js';
import type { Installation } from '../harness/product.js';
import { queueMapping } from '../harness/queue-mapping.js';

const HOUR = 3_600_000;
const estate = useEbsEstate();
const Sent = z.array(z.object({ MessageBody: z.string(), DelaySeconds: z.number() }));
const Told = z.object({ Operation: z.string(), Status: z.string(), Message: z.string().exactOptional() });
const Body = z.object({ action: z.string(), arguments: z.record(z.string(), z.unknown()) });

/** All entries that the product has sent, with how long each waits. */
async function sent() {
  const calls = await estate.emulator().calls({ action: 'SendMessageBatch' });
  return calls.flatMap(({ parameters }) =>
    Sent.parse(parameters.Entries).map((entry) => ({
      ...Body.parse(JSON.parse(entry.MessageBody)),
      delay: entry.DelaySeconds,
    })),
  );
}

async function withQueue(
  config: Readonly<Record<string, string>> = {},
): Promise<{ readonly installation: Installation; readonly invoke: WarmFunction }> {
  const installation = { ...estate.install(config), queueUrl: await estate.queue('work') };
  return { installation, invoke: lambdaFunction(installation) };
}
const store = (id: string | undefined, more: Readonly<Record<string, unknown>> = {}) => ({
  messageId: `of-${String(id)}`,
  body: JSON.stringify({
    backup_type: 'ebs',
    action: 'do_store_backup_data',
    arguments: { BackupId: id, BackupRegion: HOME, ...more },
  }),
});
const inHours = (hours: number): string => new Date(estate.clock().now().getTime() + hours * HOUR).toISOString();

describe('delayed operations of a queue', () => {
  it('go as messages that wait as configured, and are done when they come', async () => {
    await estate.volume(VOLUME);
    const { installation, invoke } = await withQueue({ shelvery_sqs_queue_wait_period: '200' });
    await invoke({ action: 'create_backups' });
    expect(await sent()).toMatchObject([{ action: 'do_store_backup_data', arguments: { Attempt: 0 }, delay: 200 }]);
    await estate.clock().advance(200_000);
    expect(await queueMapping(installation, invoke).deliver()).toEqual({ messages: 1, batches: 1, failed: 0 });
    expect(Object.keys(await estate.files())).toHaveLength(1);
  });

  it('are sent again while the backup is pending, with the attempt counted, the deadline kept, and at least 30 s apart', async () => {
    const id = await estate.backup({ created: '2026-03-04-0100', state: 'pending' });
    const { invoke } = await withQueue();
    const deadline = inHours(3);
    await expect(invoke({ Records: [store(id, { Attempt: 4, Deadline: deadline })] })).resolves.toEqual({
      batchItemFailures: [],
    });
    expect(await sent()).toEqual([
      {
        action: 'do_store_backup_data',
        arguments: { BackupId: id, BackupRegion: HOME, Attempt: 5, Deadline: deadline },
        delay: 30,
      },
    ]);
  });

  it("get a deadline from the backup's own time where the original sent none", async () => {
    const id = await estate.backup({ created: '2026-03-04-0100', state: 'pending' });
    const begun = estate.clock().now();
    await estate.emulator().setSnapshot(id, { startTime: begun.toISOString() });
    const { invoke } = await withQueue({ shelvery_wait_deadline_hours: '10' });
    await invoke({ Records: [store(id)] });
    const [message] = await sent();
    const deadline = z.iso.datetime().parse(message?.arguments['Deadline']);
    expect(Math.abs(Date.parse(deadline) - begun.getTime() - 10 * HOUR)).toBeLessThan(2_000);
  });

  it.each([
    ['past its deadline', 'pending', 'has passed: it did not become available'],
    ['that failed', 'error', 'the service could not make it'],
    ['that is gone at the second look, too', 'gone', 'it does not exist any more'],
  ] as const)('of a backup %s are an ERROR, and done', async (_, state, said) => {
    const topic = await estate.topic('errors');
    const id = state === 'gone' ? 'snap-0123456789abcdef0' : await estate.backup({ created: '2026-03-04-0100', state });
    const { invoke } = await withQueue({ shelvery_error_sns_topic: topic });
    const waited = state === 'gone' ? { Deadline: inHours(1), Unseen: true } : { Deadline: inHours(-1) };
    await expect(invoke({ Records: [store(id, waited)] })).resolves.toEqual({ batchItemFailures: [] });
    expect(await sent()).toEqual([]);
    const [error] = await estate.emulator().publishedMessages();
    expect(error?.message).toContain(said);
    expect(error?.message).toContain('StoreBackupData');
  });

  it('of a backup that is not listed yet are sent again once', async () => {
    const { invoke } = await withQueue();
    await expect(invoke({ Records: [store('snap-0123456789abcdef0', { Deadline: inHours(1) })] })).resolves.toEqual({
      batchItemFailures: [],
    });
    expect(await sent()).toMatchObject([
      { arguments: { BackupId: 'snap-0123456789abcdef0', Attempt: 1, Unseen: true }, delay: 30 },
    ]);
  });

  it('that are forbidden are the failure of their own record; throttled ones are not yet', async () => {
    await estate.run('create_data_buckets');
    const [forbidden, throttled, good] = [
      await estate.backup({ created: '2026-03-01-0100' }),
      await estate.backup({ created: '2026-03-02-0100' }),
      await estate.backup({ created: '2026-03-03-0100' }),
    ];
    const { invoke } = await withQueue();
    const keyOf = (day: string) => ({ Key: `backups/ebs/${VOLUME}-2026-03-${day}-0100-daily.yaml` });
    await estate
      .emulator()
      .addFault({ kind: 'refuse', action: 'PutObject', match: keyOf('01'), code: 'AccessDenied', status: 403 });
    await estate
      .emulator()
      .addFault({ kind: 'refuse', action: 'PutObject', match: keyOf('02'), code: 'OperationAborted', status: 409 });
    const answer = await invoke({ Records: [store(forbidden), store(throttled), store(good)] });
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: `of-${forbidden}` }] });
    expect(await sent()).toMatchObject([{ arguments: { BackupId: throttled, Attempt: 1 } }]);
    expect(Object.keys(await estate.files())).toEqual([keyOf('03').Key]);
  });

  it('that come twice in a batch are done once, and both are over', async () => {
    const config = { shelvery_dr_regions: DR };
    await estate.run('create_data_buckets', undefined, config);
    const id = await estate.backup({ created: '2026-03-01-0100' });
    const { invoke } = await withQueue(config);
    const copy = (messageId: string) => ({
      messageId,
      body: JSON.stringify({
        backup_type: 'ebs',
        action: 'do_copy_backup',
        arguments: { BackupId: id, OriginRegion: HOME, Region: DR },
      }),
    });
    await expect(invoke({ Records: [copy('first'), copy('second')] })).resolves.toEqual({ batchItemFailures: [] });
    expect(await estate.snapshots(DR)).toHaveLength(1);
    expect((await sent()).map(({ action }) => action)).toEqual(['do_store_backup_data']);
  });

  it('that come a second time are told as done once, and then as found done', async () => {
    const config = { shelvery_share_aws_account_ids: OTHER_ACCOUNT, shelvery_sns_topic: await estate.topic('news') };
    await estate.run('create_data_buckets', undefined, config);
    const id = await estate.backup({ created: '2026-03-01-0100' });
    const { invoke } = await withQueue(config);
    const share = {
      messageId: 'share',
      body: JSON.stringify({
        backup_type: 'ebs',
        action: 'do_share_backup',
        arguments: { BackupId: id, Region: HOME, AwsAccountId: OTHER_ACCOUNT },
      }),
    };
    for (const record of [store(id), share, store(id), share]) await invoke({ Records: [record] });
    const told = (await estate.emulator().publishedMessages()).map(({ message }) => Told.parse(JSON.parse(message)));
    expect(told.filter(({ Operation }) => Operation !== 'CreateDataBucket')).toEqual([
      { Operation: 'StoreBackupData', Status: 'OK' },
      { Operation: 'ShareBackup', Status: 'OK' },
      { Operation: 'StoreBackupData', Status: 'OK', Message: 'already stored' },
      { Operation: 'ShareBackup', Status: 'OK', Message: `already shared; ${OTHER_ACCOUNT} has yet to pull it` },
    ]);
  });

  it('300 at a time, pending for three periods, with every seventh entry refused once: none is lost, sent twice or asked about alone', async () => {
    const seeds = Array.from({ length: 300 }, (_unused, index) => ({
      created: `2026-03-04-${String(Math.floor(index / 60)).padStart(2, '0')}${String(index % 60).padStart(2, '0')}`,
      state: 'pending' as const,
    }));
    const ids = await estate.backups(seeds);
    const { installation, invoke } = await withQueue();
    const mapping = queueMapping(installation, invoke);
    const sqs = new SQSClient(estate.emulator().clientConfig());
    for (let start = 0; start < ids.length; start += 10) {
      const Entries = ids
        .slice(start, start + 10)
        .map((id, index) => ({ Id: String(index), MessageBody: store(id, { Deadline: inHours(48) }).body }));
      await sqs.send(new SendMessageBatchCommand({ QueueUrl: installation.queueUrl, Entries }));
    }
    await estate.emulator().failBatchEntries({ every: 7 });
    await estate.emulator().clearCalls();
    // What is sent again must not come back within its period, however slow the machine is.
    await estate.emulator().freezeClock();
    let [messages, batches, failed] = [0, 0, 0];
    for (let period = 0; period < 3; period += 1) {
      const delivered = await mapping.deliver();
      [messages, batches, failed] = [
        messages + delivered.messages,
        batches + delivered.batches,
        failed + delivered.failed,
      ];
      await estate.clock().advance(61_000);
    }
    expect({ messages, batches, entries: (await sent()).length }).toEqual({
      messages: 300 * 3,
      batches: 30 * 3,
      entries: 300 * 3,
    });
    expect(failed).toBeGreaterThan(100);
    expect(await estate.count('sqs:SendMessageBatch')).toBe(30 * 3);
    expect(await estate.count('ec2:DescribeSnapshots')).toBe(30 * 3);
    const left = (await mapping.take()).map((body) => Body.parse(JSON.parse(body)).arguments['BackupId']);
    expect(left.sort()).toEqual([...ids].sort());
  }, 60_000);
});
