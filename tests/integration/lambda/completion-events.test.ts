import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { attachToInstance } from '../harness/attached-volumes.js';
import { describeByEvents } from '../harness/by-events.js';
import { DR, HOME, OTHER_ACCOUNT, ACCOUNT, VOLUME, VOLUME_2, useEbsEstate } from '../harness/ebs-estate.js';
import { completion, share } from '../harness/event-bus.js';
import { lambdaFunction } from '../harness/lambda-function.js';
import type { WarmFunction } from '../harness/lambda-function.js';
import type { Installation } from '../harness/product.js';

// The other types are in `npm run test:faults`.
describeByEvents('ebs', { isAllTold: true });

const estate = useEbsEstate();
const ON = { shelvery_completion_events: 'ENABLED', shelvery_dr_regions: DR };
const WOKEN = { 'shelvery:woken_by_events': 'true' };
const DONE = { batchItemFailures: [] };
const CREATED = '2026-03-04-0100';

const records = (...bodies: readonly unknown[]) => ({
  Records: bodies.map((body, at) => ({ messageId: `m-${String(at)}`, body: JSON.stringify(body) })),
});
const completed = (id: string, region = HOME, account = ACCOUNT) =>
  completion('ebs', { account, region }, { id, kind: 'snapshot', tags: {} });
const copies = (id: string) => ({
  backup_type: 'ebs',
  action: 'do_copy_backup',
  arguments: { BackupId: id, OriginRegion: HOME, Region: DR },
});

async function installed(config: Readonly<Record<string, string>> = {}): Promise<Installation> {
  await estate.run('create_data_buckets', undefined, { shelvery_dr_regions: DR });
  return { ...estate.install({ ...ON, ...config }), queueUrl: await estate.queue('work') };
}

/** What was sent to the queue: how long each operation waits. */
async function waits(): Promise<readonly string[]> {
  const Sent = z.array(z.object({ MessageBody: z.string(), DelaySeconds: z.number() }));
  const calls = await estate.emulator().calls({ action: 'SendMessageBatch' });
  return calls
    .flatMap(({ parameters }) => Sent.parse(parameters.Entries))
    .map(({ MessageBody, DelaySeconds }) => {
      const { action } = z.object({ action: z.string() }).parse(JSON.parse(MessageBody));
      return `${action} ${String(DelaySeconds)}`;
    });
}

describe('an event that says that a backup is complete', () => {
  it('begins at once what follows it, which its message finds done and says nothing of', async () => {
    const topic = await estate.topic('notifications');
    const installation = await installed({ shelvery_sns_topic: topic });
    const invoke = lambdaFunction(installation);
    await estate.volume(VOLUME);
    await invoke({ action: 'create_backups' });
    expect(await waits()).toEqual(['do_store_backup_data 900', 'do_copy_backup 900']);
    await estate.clock().advance(60_000);
    const [snapshot] = await estate.snapshots();
    const id = snapshot?.id ?? '';
    expect(await invoke(records(completed(id)))).toEqual(DONE);
    expect(await estate.snapshots(DR)).toHaveLength(1);
    expect(Object.keys(await estate.files())).toHaveLength(1);
    const published = (await estate.emulator().publishedMessages()).length;
    const store = { action: 'do_store_backup_data', arguments: { BackupId: id, BackupRegion: HOME } };
    expect(await invoke(records(store, copies(id)))).toEqual(DONE);
    expect(await estate.snapshots(DR)).toHaveLength(1);
    expect(await estate.emulator().publishedMessages()).toHaveLength(published);
  });

  it('begins what follows a copy in a DR region, too', async () => {
    const installation = await installed({ shelvery_share_aws_account_ids: OTHER_ACCOUNT });
    const id = await estate.backup({
      created: CREATED,
      region: DR,
      tags: {
        ...WOKEN,
        'shelvery:region': DR,
        'shelvery:dr_copy': 'true',
        'shelvery:dr_source_backup': `${HOME}:snap-0123456789abcdef0`,
      },
    });
    expect(await lambdaFunction(installation)(records(completed(id, DR)))).toEqual(DONE);
    expect(Object.keys(await estate.files(DR)).sort()).toEqual([
      `backups/ebs/${VOLUME}-${CREATED}-daily.yaml`,
      `backups/shared/${OTHER_ACCOUNT}/ebs/${VOLUME}-${CREATED}-daily.yaml`,
    ]);
  });

  it.each<[string, () => Promise<string>, string, string]>([
    ["is nobody's", () => estate.backup({ created: CREATED, tags: { 'shelvery:backup': 'false' } }), HOME, ACCOUNT],
    ['is ours, of a run that waits itself', () => estate.backup({ created: CREATED }), HOME, ACCOUNT],
    ['is pending after all', () => estate.backup({ created: CREATED, state: 'pending', tags: WOKEN }), HOME, ACCOUNT],
    ['is gone', () => Promise.resolve('snap-0123456789abcdef0'), HOME, ACCOUNT],
    [
      "is another region's own",
      () => estate.backup({ created: CREATED, region: DR, tags: { ...WOKEN, 'shelvery:region': DR } }),
      DR,
      ACCOUNT,
    ],
    ['has unreadable tags', () => estate.backup({ created: 'one-day', tags: WOKEN }), HOME, ACCOUNT],
  ])('is left alone, with one look and without a word, where the snapshot %s', async (_, make, region, account) => {
    const topic = await estate.topic('notifications');
    const installation = await installed({ shelvery_sns_topic: topic });
    const id = await make();
    const before = [await estate.snapshots(), await estate.snapshots(DR), await estate.files()];
    await estate.emulator().clearCalls();
    const event = completed(id, region, account);
    expect(await lambdaFunction(installation)(records(event, event))).toEqual(DONE);
    expect(await estate.count('ec2:DescribeSnapshots')).toBe(1);
    expect([await estate.snapshots(), await estate.snapshots(DR), await estate.files()]).toEqual(before);
    expect(await waits()).toEqual([]);
    expect(await estate.emulator().publishedMessages()).toEqual([]);
  });

  it('is not believed of another account, where nothing is even looked at', async () => {
    const installation = await installed();
    const id = await estate.backup({ created: CREATED, tags: WOKEN });
    await estate.emulator().clearCalls();
    expect(await lambdaFunction(installation)(records(completed(id, HOME, OTHER_ACCOUNT)))).toEqual(DONE);
    expect(await estate.count('ec2:DescribeSnapshots')).toBe(0);
  });

  it('is the failure of its own record where the backup cannot be looked at, and messages go on', async () => {
    const installation = await installed();
    const [here, there] = [
      await estate.backup({ created: CREATED, tags: WOKEN }),
      await estate.backup({ created: '2026-03-03-0100', region: DR, tags: WOKEN }),
    ];
    await estate.emulator().addFault({
      kind: 'refuse',
      action: 'DescribeSnapshots',
      region: DR,
      code: 'UnauthorizedOperation',
      status: 403,
    });
    const store = { action: 'do_store_backup_data', arguments: { BackupId: here, BackupRegion: HOME } };
    expect(await lambdaFunction(installation)(records(store, completed(there, DR)))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm-1' }],
    });
    expect(Object.keys(await estate.files())).toHaveLength(1);
  });

  it('sends nothing again that it finds not possible yet: that has a message, which then waits no longer than without events', async () => {
    const installation = await installed();
    const id = await estate.backup({ created: CREATED, tags: WOKEN });
    // As many copies run already as the service takes at a time.
    await estate
      .emulator()
      .addFault({ kind: 'refuse', action: 'CopySnapshot', code: 'ResourceLimitExceeded', times: 'always' });
    expect(await lambdaFunction(installation)(records(completed(id)))).toEqual(DONE);
    expect(await waits()).toEqual([]);
    expect(await lambdaFunction(installation)(records(copies(id)))).toEqual(DONE);
    expect(await waits()).toEqual(['do_copy_backup 30']);
  });

  it('makes one copy where its double and its message are worked on at the same time', async () => {
    const installation = await installed();
    const id = await estate.backup({ created: CREATED, tags: WOKEN });
    const clock = {
      ...estate.clock(),
      sleep: async () => {
        await setTimeout(50);
      },
    };
    const another = (): WarmFunction => lambdaFunction({ ...installation, clock });
    const record = (messageId: string, body: unknown) => ({ Records: [{ messageId, body: JSON.stringify(body) }] });
    await Promise.all([
      another()(record('an event', completed(id))),
      another()(record('its double', completed(id))),
      another()(record('the message', copies(id))),
    ]);
    expect(await estate.snapshots(DR)).toHaveLength(1);
  });
});

describe('a message that waits for a backup', () => {
  const period = { shelvery_sqs_queue_wait_period: '45' };

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['no longer than without events where the payload configures more than the run', { shelvery_dr_regions: DR }, '45'],
    [
      'in case its event is lost where the payload only says what the run is for',
      { shelvery_select_entity: VOLUME },
      '900',
    ],
  ])('waits %s', async (_, config, seconds) => {
    const invoke = lambdaFunction(await installed(period));
    await estate.volume(VOLUME);
    await invoke({ action: 'create_backups', config });
    expect(await waits()).toEqual([`do_store_backup_data ${seconds}`, `do_copy_backup ${seconds}`]);
    const [made] = await estate.snapshots();
    expect(made?.tags['shelvery:woken_by_events']).toBe(seconds === '900' ? 'true' : undefined);
  });

  it('waits no longer than without events where volumes are backed up together: their event may come before their tags', async () => {
    const invoke = lambdaFunction(await installed({ ...period, shelvery_ebs_volume_sets: 'true' }));
    for (const volume of [VOLUME, VOLUME_2]) await estate.volume(volume);
    await attachToInstance(estate.emulator(), [VOLUME, VOLUME_2]);
    await invoke({ action: 'create_backups' });
    expect(await estate.count('ec2:CreateSnapshots')).toBe(1);
    expect((await waits()).toSorted()).toEqual([
      'do_copy_backup 45',
      'do_copy_backup 45',
      'do_store_backup_data 45',
      'do_store_backup_data 45',
    ]);
  });
});

describe('an event that says that a snapshot was shared', () => {
  const shared = (by: string, region = HOME) => share({ account: ACCOUNT, region }, 'snap-0123456789abcdef0', by);

  it.each<[string, unknown]>([
    ['by nobody that is pulled from', shared('999999999999')],
    ['in another region than this', shared(OTHER_ACCOUNT, DR)],
  ])('%s begins nothing', async (_, event) => {
    const installation = await installed({ shelvery_source_aws_account_ids: OTHER_ACCOUNT });
    await estate.emulator().clearCalls();
    expect(await lambdaFunction(installation)(records(event))).toEqual(DONE);
    // The lease alone: nothing is listed.
    expect(await estate.count('s3:ListObjectsV2')).toBe(0);
  });

  it('pulls once from each source that a batch names, and from no other', async () => {
    const other = '333333333333';
    const installation = await installed({ shelvery_source_aws_account_ids: `${OTHER_ACCOUNT},${other}` });
    await estate.emulator().clearCalls();
    await lambdaFunction(installation)(records(shared(OTHER_ACCOUNT), shared(OTHER_ACCOUNT), shared(OTHER_ACCOUNT)));
    const lists = await estate.emulator().calls({ action: 'ListObjectsV2' });
    expect(lists.map(({ parameters }) => String(parameters.Bucket)).filter((bucket) => bucket.includes(other))).toEqual(
      [],
    );
    expect(lists.filter(({ parameters }) => String(parameters.Bucket).includes(OTHER_ACCOUNT))).toHaveLength(1);
  });
});
