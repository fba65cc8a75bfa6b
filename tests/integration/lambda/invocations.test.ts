import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { HOME, VOLUME, VOLUME_2, useEbsEstate } from '../harness/ebs-estate.js';
import { lambdaFunction } from '../harness/lambda-function.js';

const estate = useEbsEstate();
const Payload = z.object({ arguments: z.object({ Attempt: z.number() }) });
const store = (id: string) => ({ action: 'do_store_backup_data', arguments: { BackupId: id, BackupRegion: HOME } });
/** An invocation whose time passes with the test's clock. */
function limitedTo(milliseconds: number): () => number {
  const end = estate.clock().now().getTime() + milliseconds;
  return () => end - estate.clock().now().getTime();
}

describe('delayed operations as asynchronous invocations', () => {
  it('are given to the same function, all of a run together, and are done there', async () => {
    await estate.volume(VOLUME);
    await estate.volume(VOLUME_2);
    const invoke = lambdaFunction(estate.install());
    await invoke({ action: 'create_backups' });
    const [invocation, ...others] = await estate.emulator().takeInvocations();
    expect(others).toEqual([]);
    expect(invocation?.functionName).toContain('function:shelvery-function');
    await invoke(invocation?.payload);
    expect(Object.keys(await estate.files())).toHaveLength(2);
    expect(await estate.emulator().takeInvocations()).toEqual([]);
  });

  it('ask every 15 s, together', async () => {
    await estate.run('create_data_buckets');
    await estate.emulator().setSnapshotStates({ pendingMs: 40_000 });
    await estate.volume(VOLUME);
    const invoke = lambdaFunction(estate.install());
    await invoke({ action: 'create_backups' });
    const [invocation] = await estate.emulator().takeInvocations();
    const begun = estate.clock().now().getTime();
    await estate.emulator().clearCalls();
    await invoke(invocation?.payload, { remaining: limitedTo(900_000) });
    expect(await estate.count('ec2:DescribeSnapshots')).toBe(4);
    expect(Math.round((estate.clock().now().getTime() - begun) / 15_000)).toBe(3);
  });

  it('pass on what is pending 60 s before the limit, at most five times, and then are an ERROR', async () => {
    const topic = await estate.topic('errors');
    const id = await estate.backup({ created: '2026-03-04-0100', state: 'pending' });
    const invoke = lambdaFunction(estate.install({ shelvery_error_sns_topic: topic }));
    const attempts: number[] = [];
    let payload: unknown = store(id);
    for (let count = 0; count < 10 && payload !== undefined; count += 1) {
      const begun = estate.clock().now().getTime();
      await invoke(payload, { remaining: limitedTo(180_000) });
      expect(estate.clock().now().getTime() - begun).toBeLessThanOrEqual(120_000);
      payload = (await estate.emulator().takeInvocations())[0]?.payload;
      if (payload !== undefined) attempts.push(Payload.parse(payload).arguments.Attempt);
    }
    expect(attempts).toEqual([1, 2, 3, 4, 5]);
    const [error, ...others] = await estate.emulator().publishedMessages();
    expect(others).toEqual([]);
    expect(JSON.parse(error?.message ?? '')).toMatchObject({
      Operation: 'StoreBackupData',
      BackupId: id,
      ExceptionInfo: { name: 'TimedOut' },
    });
  });

  it("count on from the original's iteration", async () => {
    const id = await estate.backup({ created: '2026-03-04-0100', state: 'pending' });
    const python = {
      ...store(id),
      is_started_internally: true,
      arguments: { ...store(id).arguments, lambda_wait_iteration: 3 },
    };
    await lambdaFunction(estate.install())(python, { remaining: () => 61_000 });
    expect(
      (await estate.emulator().takeInvocations()).map(({ payload }) => Payload.parse(payload).arguments.Attempt),
    ).toEqual([4]);
  });

  it('end as failed where the only operation threw, so that Lambda repeats it', async () => {
    await estate.run('create_data_buckets');
    const id = await estate.backup({ created: '2026-03-01-0100' });
    await estate.emulator().addFault({
      kind: 'refuse',
      action: 'PutObject',
      match: { ContentType: 'application/yaml' },
      code: 'AccessDenied',
      status: 403,
    });
    const invoke = lambdaFunction(estate.install());
    await expect(invoke(store(id))).rejects.toMatchObject({ code: 'NotAllowed' });
    expect(await estate.emulator().takeInvocations()).toEqual([]);
    await expect(invoke(store(id))).resolves.toBeUndefined();
    expect(Object.keys(await estate.files())).toHaveLength(1);
  });

  it('pass on by itself what threw beside others, after those were done and all was told once', async () => {
    await estate.run('create_data_buckets');
    const topic = await estate.topic('errors');
    const [bad, good] = [
      await estate.backup({ created: '2026-03-01-0100' }),
      await estate.backup({ created: '2026-03-02-0100' }),
    ];
    const Key = `backups/ebs/${VOLUME}-2026-03-01-0100-daily.yaml`;
    await estate
      .emulator()
      .addFault({ kind: 'refuse', action: 'PutObject', match: { Key }, code: 'AccessDenied', status: 403 });
    const invoke = lambdaFunction(estate.install({ shelvery_error_sns_topic: topic }));
    const pending = await estate.backup({ created: '2026-03-03-0100', state: 'pending' });
    const event = {
      action: 'do_delayed_operations',
      arguments: { Operations: [store(bad), store(good), store(pending)] },
    };
    await expect(invoke(event, { remaining: () => 61_000 })).resolves.toBeUndefined();
    expect(Object.keys(await estate.files())).toHaveLength(1);
    expect(await estate.emulator().publishedMessages()).toHaveLength(1);
    const passedOn = await estate.emulator().takeInvocations();
    expect(
      passedOn
        .map(({ payload }) => payload)
        .sort((a, b) => (JSON.stringify(a).includes(bad) ? -1 : JSON.stringify(b).includes(bad) ? 1 : 0)),
    ).toMatchObject([
      { action: 'do_store_backup_data', arguments: { BackupId: bad } },
      { action: 'do_store_backup_data', arguments: { BackupId: pending, Attempt: 1 } },
    ]);
    await invoke(store(bad));
    expect(Object.keys(await estate.files())).toHaveLength(2);
  });

  it('end as failed where what is pending could not be passed on, so that Lambda repeats them', async () => {
    const id = await estate.backup({ created: '2026-03-04-0100', state: 'pending' });
    await estate.emulator().addFault({ kind: 'refuse', action: 'Invoke', code: 'AccessDeniedException', status: 403 });
    const invoke = lambdaFunction(estate.install());
    await expect(invoke(store(id), { remaining: () => 61_000 })).rejects.toMatchObject({ mendable: true });
    await invoke(store(id), { remaining: () => 61_000 });
    expect(await estate.emulator().takeInvocations()).toHaveLength(1);
  });
});
