import { describe, expect, it } from '@jest/globals';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { DR, HOME, useEbsEstate } from '../harness/ebs-estate.js';
import { lambdaFunction } from '../harness/lambda-function.js';

const TIME = '2026-03-04T01:00:00Z';
const CREATE = {
  action: 'create_backups',
  scheduled_time: TIME,
  backdate: true,
  config: { shelvery_copy_resource_tags: false },
};
const estate = useEbsEstate();
const HandOver = z.looseObject({
  arguments: z.looseObject({
    HandOver: z.looseObject({ RunId: z.string(), Count: z.number(), Remaining: z.number() }),
  }),
});

const Report = z.object({ entries: z.array(z.object({ error: z.string().optional() })) });
const Notice = z.object({ Operation: z.string(), EntityId: z.string().optional() });

async function volumes(count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) await estate.volume(`vol-0${String(index).padStart(16, 'a')}`);
}
/** Time gets short once the function has asked so often whether it may begin something; its lease asks once before. */
const shortAfter = (begun: number): (() => number) => {
  let asked = begun + 1;
  return () => (asked-- > 0 ? 900_000 : 29_000);
};
async function messagesIn(QueueUrl: string): Promise<number> {
  const sqs = new SQSClient({ ...estate.emulator().clientConfig(), useQueueUrlAsEndpoint: false });
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  const { ApproximateNumberOfMessages: ready, ApproximateNumberOfMessagesDelayed: delayed } = Attributes;
  return Number(ready) + Number(delayed);
}
const handedOver = async (): Promise<readonly z.infer<typeof HandOver>[]> =>
  (await estate.emulator().takeInvocations()).flatMap(({ payload }) => HandOver.safeParse(payload).data ?? []);

describe('a run that nears its time limit', () => {
  it('finishes what it began, and invokes itself for the rest with the same time, id and configuration', async () => {
    await volumes(6);
    const queueUrl = await estate.queue('work');
    const invoke = lambdaFunction({ ...estate.install(), queueUrl });
    await invoke(CREATE, { requestId: 'the-first', remaining: shortAfter(5) });
    const made = await estate.snapshots();
    expect(made.length).toBeGreaterThan(0);
    expect(made.length).toBeLessThan(6);
    const [rest, ...others] = await handedOver();
    expect(others).toEqual([]);
    expect(rest).toEqual({
      action: 'create_backups',
      scheduled_time: '2026-03-04T01:00:00.000Z',
      backdate: true,
      config: CREATE.config,
      arguments: { HandOver: { RunId: 'the-first', Count: 1, Remaining: 6 - made.length, Earlier: expect.anything() } },
    });
    await invoke(rest, { requestId: 'the-second' });
    const all = await estate.snapshots();
    expect(all).toHaveLength(6);
    expect(
      new Set(all.map(({ tags }) => `${tags['shelvery:run_id'] ?? ''} ${tags['shelvery:date_created'] ?? ''}`)),
    ).toEqual(new Set(['the-first 2026-03-04-0100']));
    // What follows those of the first invocation was sent by it.
    expect(await messagesIn(queueUrl)).toBe(6);
  });

  it('hands over what waits for its turn, because AWS refused it, and calls none of that a failure', async () => {
    await volumes(6);
    await estate.emulator().setThrottle('ec2', 'CreateSnapshot', { size: 3, refillPerSecond: 0 });
    const invoke = lambdaFunction({ ...estate.install(), queueUrl: await estate.queue('work') });
    let left = 900_000;
    const answer = await invoke(CREATE, { remaining: () => (left -= 40_000) });
    expect(answer).toMatchObject({ status: 'PARTIAL', summary: { failed: 0, unfinished: 3 } });
    expect(await estate.snapshots()).toHaveLength(3);
    const [rest] = await handedOver();
    expect(rest).toMatchObject({ arguments: { HandOver: { Remaining: 3 } } });
    await estate.emulator().clearThrottles();
    await invoke(rest);
    expect(await estate.snapshots()).toHaveLength(6);
  });

  it('has one status report, of the whole run, by the invocation that ends it', async () => {
    await volumes(6);
    const topic = await estate.topic('status');
    const invoke = lambdaFunction(estate.install({ shelvery_status_sns_topic: topic }));
    await invoke(CREATE, { requestId: 'the-first', remaining: shortAfter(3) });
    expect(await estate.emulator().publishedMessages()).toEqual([]);
    await invoke((await handedOver())[0]);
    const reports = (await estate.emulator().publishedMessages()).map(({ message }): unknown => JSON.parse(message));
    // The data bucket, which the first invocation made, and six backups.
    expect(reports).toMatchObject([
      { run_id: 'the-first', status: 'OK', summary: { collected: 6, succeeded: 7, failed: 0 } },
    ]);
  });

  it('tells of all its invocations together: what the first removed or failed in as well', async () => {
    await estate.run('create_data_buckets');
    await estate.backups(Array.from({ length: 6 }, (_, index) => ({ created: `2026-01-0${String(index + 1)}-0100` })));
    const topic = await estate.topic('status');
    const invoke = lambdaFunction(estate.install({ shelvery_status_sns_topic: topic }));
    const answer = await invoke({ action: 'clean_backups', scheduled_time: TIME }, { remaining: shortAfter(4) });
    const removed = 6 - (await estate.snapshots()).length;
    expect(removed).toBeGreaterThan(0);
    expect(answer).toMatchObject({ status: 'PARTIAL', summary: { succeeded: removed, unfinished: 6 - removed } });
    await invoke((await handedOver())[0]);
    const reports = (await estate.emulator().publishedMessages()).map(({ message }): unknown => JSON.parse(message));
    expect(reports).toMatchObject([{ status: 'OK', summary: { collected: 6, succeeded: 6, unfinished: 0 } }]);
  });

  it('tells of each backup once', async () => {
    await volumes(6);
    const topic = await estate.topic('notifications');
    const invoke = lambdaFunction({
      ...estate.install({ shelvery_sns_topic: topic }),
      queueUrl: await estate.queue('work'),
    });
    await invoke(CREATE, { remaining: shortAfter(4) });
    await invoke((await handedOver())[0]);
    const told = (await estate.emulator().publishedMessages()).flatMap(({ message }) => {
      const { Operation, EntityId } = Notice.parse(JSON.parse(message));
      return Operation === 'CreateBackup' ? [EntityId] : [];
    });
    expect(told).toHaveLength(6);
    expect(new Set(told).size).toBe(6);
  });

  it('reports what is left as a failure where it cannot be handed over', async () => {
    await volumes(6);
    const topic = await estate.topic('status');
    await estate.emulator().addFault({
      kind: 'refuse',
      action: 'Invoke',
      match: { InvocationType: 'Event' },
      code: 'AccessDeniedException',
      status: 403,
      times: 'always',
    });
    const invoke = lambdaFunction({
      ...estate.install({ shelvery_status_sns_topic: topic }),
      queueUrl: await estate.queue('work'),
    });
    await invoke(CREATE, { remaining: shortAfter(3) });
    const [report] = (await estate.emulator().publishedMessages()).map(({ message }): unknown => JSON.parse(message));
    expect(report).toMatchObject({
      status: 'PARTIAL',
      summary: { unfinished: expect.any(Number) },
      entries: [
        { status: 'ERROR', error: expect.stringContaining('items of create_backups over to another invocation') },
        {},
        {},
        {},
      ],
    });
  });

  it('goes on over as many invocations as it takes', async () => {
    await volumes(6);
    const invoke = lambdaFunction(estate.install());
    let payload: unknown = CREATE;
    const counts: number[] = [];
    for (let count = 0; count < 10 && payload !== undefined; count += 1) {
      await invoke(payload, { remaining: shortAfter(3) });
      const [rest] = await handedOver();
      if (rest !== undefined) counts.push(rest.arguments.HandOver.Count);
      payload = rest;
    }
    expect(await estate.snapshots()).toHaveLength(6);
    expect(counts).toEqual(counts.map((_, index) => index + 1));
    expect(counts.length).toBeGreaterThan(1);
  });

  it('hands over no further where nothing was done, and says what to do', async () => {
    await volumes(2);
    const invoke = lambdaFunction(estate.install());
    await invoke(CREATE, { remaining: shortAfter(1) });
    const [rest] = await handedOver();
    await expect(invoke(rest, { remaining: shortAfter(1) })).rejects.toMatchObject({
      code: 'HandOverWithoutProgress',
      message: expect.stringContaining("Raise the function's time limit"),
    });
    expect(await handedOver()).toEqual([]);
  });

  it.each([
    [95, [96], { failed: 0 }, []],
    [96, [], { failed: 1 }, [expect.stringContaining('are left after 96 hand-overs: the run stops here')]],
  ])('has so many invocations, and no more: after %d it hands over to %j', async (Count, counts, summary, errors) => {
    await volumes(6);
    const invoke = lambdaFunction({ ...estate.install(), queueUrl: await estate.queue('work') });
    const handOver = { HandOver: { RunId: 'the-first', Count, Remaining: 6 } };
    const answer = await invoke({ ...CREATE, arguments: handOver }, { remaining: shortAfter(5) });
    const made = (await estate.snapshots()).length;
    expect(made).toBeGreaterThan(0);
    expect(answer).toMatchObject({ status: 'PARTIAL', summary: { ...summary, unfinished: 6 - made } });
    const { entries } = Report.parse(answer);
    expect(entries.flatMap(({ error }) => error ?? [])).toEqual(errors);
    expect((await handedOver()).map((rest) => rest.arguments.HandOver.Count)).toEqual(counts);
  });

  it('leaves what failed to the next invocation, and does not end as failed beside it', async () => {
    await volumes(6);
    await estate.emulator().addFault({ kind: 'refuse', action: 'CreateSnapshot', code: 'IncorrectState' });
    const invoke = lambdaFunction(estate.install());
    await expect(invoke(CREATE, { remaining: shortAfter(5) })).resolves.toMatchObject({ status: 'PARTIAL' });
    const [rest, ...others] = await handedOver();
    expect(others).toEqual([]);
    await invoke(rest);
    expect(new Set((await estate.snapshots()).map(({ tags }) => tags['shelvery:entity_id'])).size).toBe(6);
    expect(await estate.snapshots()).toHaveLength(6);
  });

  it('counts what is left in every region', async () => {
    await estate.run('create_data_buckets', undefined, { shelvery_dr_regions: DR });
    const created = (day: number): string => `2026-01-0${String(day)}-0100`;
    await estate.backups([1, 2, 3, 4].map((day) => ({ created: created(day) })));
    const copied = { 'shelvery:dr_copy': 'true', 'shelvery:dr_source_backup': `${HOME}:snap-0123456789abcdef0` };
    await estate.backups([{ created: created(1), region: DR, tags: copied }]);
    const invoke = lambdaFunction(estate.install({ shelvery_dr_regions: DR }));
    await invoke({ action: 'clean_backups', scheduled_time: TIME }, { remaining: () => 29_000 });
    expect(await handedOver()).toMatchObject([{ arguments: { HandOver: { Remaining: 5 } } }]);
  });

  it('cleans in the same way', async () => {
    await estate.run('create_data_buckets');
    await estate.backups(Array.from({ length: 6 }, (_, index) => ({ created: `2026-01-0${String(index + 1)}-0100` })));
    const invoke = lambdaFunction(estate.install());
    await invoke({ action: 'clean_backups', scheduled_time: TIME }, { remaining: shortAfter(4) });
    const left = (await estate.snapshots()).length;
    expect(left).toBeGreaterThan(0);
    const [rest] = await handedOver();
    expect(rest?.arguments.HandOver.Remaining).toBe(left);
    await invoke(rest);
    expect(await estate.snapshots()).toEqual([]);
  });
});

describe('an invocation', () => {
  it.each([
    ['create_backups', 'DescribeVolumes'],
    ['create_backups', 'DescribeSnapshots'],
    ['clean_backups', 'DescribeVolumes'],
    ['clean_backups', 'DescribeSnapshots'],
    ['list_backups', 'DescribeVolumes'],
    ['status', 'DescribeVolumes'],
  ])('of %s ends as failed, after its report, where %s broke off', async (action, call) => {
    await estate.run('create_data_buckets');
    await volumes(2);
    const [first = ''] = await estate.backups([{ created: '2026-01-01-0100' }]);
    const topic = await estate.topic('status');
    await estate.emulator().addFault({ kind: 'refuse', action: call, code: 'InvalidPaginationToken', status: 400 });
    const invoke = lambdaFunction(estate.install({ shelvery_status_sns_topic: topic }));
    await expect(invoke({ action })).rejects.toMatchObject({
      mendable: true,
      message: expect.stringContaining('InvalidPaginationToken'),
    });
    const reports = (await estate.emulator().publishedMessages()).map(({ message }): unknown => JSON.parse(message));
    expect(reports).toMatchObject(action === 'list_backups' ? [] : [{ status: 'FAILED' }]);
    expect((await estate.snapshots()).map(({ id }) => id)).toContain(first);
    // The repeat, by Lambda, mends it.
    await expect(invoke({ action })).resolves.toMatchObject({ status: 'OK' });
  });

  it('ends as failed, after its report, where doing it again could help', async () => {
    await volumes(2);
    const topic = await estate.topic('status');
    await estate.emulator().addFault({ kind: 'refuse', action: 'CreateSnapshot', code: 'IncorrectState' });
    const invoke = lambdaFunction(estate.install({ shelvery_status_sns_topic: topic }));
    await expect(invoke(CREATE)).rejects.toMatchObject({
      code: 'InvalidResourceState',
      message: expect.stringContaining('may be temporary: run it again'),
    });
    expect(await estate.emulator().publishedMessages()).toHaveLength(1);
  });

  it('ends well, after its report, where it could not', async () => {
    await estate.backup({ created: 'yesterday' });
    await expect(lambdaFunction(estate.install())({ action: 'clean_backups' })).resolves.toMatchObject({
      status: 'FAILED',
      summary: { failed: 1 },
    });
  });
});
