import { describe, expect, it } from '@jest/globals';
import { VOLUME, VOLUME_2, useEbsEstate } from '../harness/ebs-estate.js';
import { lambdaFunction } from '../harness/lambda-function.js';

/** The identity of a run: its time, and in Lambda the request id that a retry keeps. */
const estate = useEbsEstate();
const CREATE = { action: 'create_backups' };
const createdTimes = async (): Promise<ReadonlySet<string | undefined>> =>
  new Set((await estate.snapshots()).map(({ tags }) => tags['shelvery:date_created']));

describe('a run', () => {
  it('that Lambda repeats takes the time of what its first try made', async () => {
    await estate.volume(VOLUME);
    await estate.volume(VOLUME_2);
    await estate
      .emulator()
      .addFault({ kind: 'refuse', action: 'CreateSnapshot', match: { VolumeId: VOLUME_2 }, code: 'IncorrectState' });
    const invoke = lambdaFunction(estate.install());
    await expect(invoke(CREATE, { requestId: 'one-request' })).rejects.toMatchObject({ code: 'InvalidResourceState' });
    await estate.clock().advance(5 * 60_000);
    await expect(invoke(CREATE, { requestId: 'one-request' })).resolves.toMatchObject({ status: 'OK' });
    expect(await estate.snapshots()).toHaveLength(2);
    expect((await createdTimes()).size).toBe(1);
  });

  it('with an id of its own is a new one', async () => {
    await estate.volume(VOLUME);
    const invoke = lambdaFunction(estate.install());
    await invoke(CREATE, { requestId: 'one-request' });
    await estate.clock().advance(5 * 60_000);
    await invoke(CREATE, { requestId: 'another-request' });
    expect((await createdTimes()).size).toBe(2);
  });

  it('that Lambda repeats, and that nears its time limit, hands over the time of its first try', async () => {
    await estate.volume(VOLUME);
    await estate.volume(VOLUME_2);
    await estate
      .emulator()
      .addFault({ kind: 'refuse', action: 'CreateSnapshot', match: { VolumeId: VOLUME_2 }, code: 'IncorrectState' });
    const invoke = lambdaFunction(estate.install());
    await expect(invoke(CREATE, { requestId: 'one-request' })).rejects.toMatchObject({ code: 'InvalidResourceState' });
    await estate.emulator().takeInvocations();
    await estate.clock().advance(5 * 60_000);
    let asked = 0;
    await invoke(CREATE, { requestId: 'one-request', remaining: () => (asked++ === 0 ? 900_000 : 20_000) });
    const handedOver = (await estate.emulator().takeInvocations()).find(({ payload }) =>
      JSON.stringify(payload).includes('HandOver'),
    );
    await invoke(handedOver?.payload, { requestId: 'a-third' });
    expect(await estate.snapshots()).toHaveLength(2);
    expect((await createdTimes()).size).toBe(1);
  });

  it('of the same time sends the delayed operations of what it finds made again', async () => {
    await estate.volume(VOLUME);
    const invoke = lambdaFunction({ ...estate.install(), queueUrl: await estate.queue('work') });
    const event = { ...CREATE, scheduled_time: new Date(estate.clock().now().getTime() - 60_000).toISOString() };
    await invoke(event, { requestId: 'one-request' });
    await invoke(event, { requestId: 'another-request' });
    expect(await estate.snapshots()).toHaveLength(1);
    const sent = await estate.emulator().calls({ action: 'SendMessageBatch' });
    expect(sent).toHaveLength(2);
    const [first, second] = sent.map(({ parameters }) => JSON.stringify(parameters).replace(/Deadline[^,}]*/g, ''));
    expect(second).toBe(first);
    expect(first).toContain('do_store_backup_data');
  });

  it('long after gives its delayed operations their whole time again', async () => {
    await estate.volume(VOLUME);
    const invoke = lambdaFunction({ ...estate.install(), queueUrl: await estate.queue('work') });
    await invoke(CREATE, { requestId: 'one-request' });
    await estate.clock().advance(60 * 3_600_000);
    await invoke(CREATE, { requestId: 'one-request' });
    const [, repeated] = await estate.emulator().calls({ action: 'SendMessageBatch' });
    const deadline = /Deadline[\\":]*([^"\\]+)/.exec(JSON.stringify(repeated?.parameters))?.[1] ?? '';
    expect(Date.parse(deadline) - estate.clock().now().getTime()).toBeGreaterThan(47 * 3_600_000);
  });

  it('finds its own time also where the event is an EventBridge event, whose time never changes', async () => {
    await estate.volume(VOLUME);
    const invoke = lambdaFunction(estate.install());
    const event = {
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      time: '2026-03-04T01:00:27Z',
      detail: { ...CREATE, backdate: true },
    };
    await invoke(event);
    await invoke(event);
    expect(await estate.names()).toEqual([`${VOLUME}-2026-03-04-0100-daily`]);
  });
});
