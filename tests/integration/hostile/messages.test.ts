import { DescribeSnapshotAttributeCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { BUNKER, DR, HOME, SOURCE, SOURCE_2, nameOf, useCopyEstate } from '../harness/copy-estate.js';
import { lambdaFunction } from '../harness/lambda-function.js';
import { makeParameters } from '../harness/surroundings.js';

const estate = useCopyEstate();
const MADE = '2026-10-01T03:00:00Z';
const HOUR_MS = 3_600_000;
const STRANGER = '999999999999';
const SHARED = `backups/shared/${BUNKER}/ebs`;
type Texts = Readonly<Record<string, string>>;

/** The function of a stack, its configuration in SSM parameters, with a topic for its errors. */
async function stack(account: string, config: Texts) {
  const { TopicArn: topic = '' } = await new SNSClient(estate.emulator().clientConfig(account)).send(
    new CreateTopicCommand({ Name: 'errors' }),
  );
  const parameters = await makeParameters(
    estate.emulator(),
    { account, region: HOME },
    { ...config, shelvery_error_sns_topic: topic },
  );
  return lambdaFunction(estate.install({ account, config: parameters }));
}
/** What the errors that were published say. */
const errors = async (): Promise<readonly string[]> =>
  (await estate.emulator().publishedMessages()).map(({ message }) => message);
const sharedWith = async (id: string, region = HOME): Promise<readonly (string | undefined)[]> => {
  const answer = await new EC2Client(estate.emulator().clientConfig(SOURCE, region)).send(
    new DescribeSnapshotAttributeCommand({ SnapshotId: id, Attribute: 'createVolumePermission' }),
  );
  return (answer.CreateVolumePermissions ?? []).map(({ UserId }) => UserId);
};
/** A backup that is shared with nobody. */
async function backup(config: Texts = {}): Promise<string> {
  await estate.resource({}, 'web');
  await estate.run('create_backups', { config }, { time: MADE });
  return (await estate.only({})).id;
}
const sent = async () =>
  (await estate.emulator().calls({ service: 'sqs', action: 'SendMessageBatch' })).flatMap(({ parameters }) =>
    z.array(z.object({ MessageBody: z.string() })).parse(parameters.Entries),
  );

describe('who may send messages asks for a share', () => {
  const share = (id: string, account: string, config?: unknown) => ({
    action: 'do_share_backup',
    arguments: { BackupId: id, Region: HOME, AwsAccountId: account },
    ...(config === undefined ? {} : { config }),
  });

  it('with an account that the configuration does not name: not shared, no file, an ERROR that says so', async () => {
    const id = await backup();
    const invoke = await stack(SOURCE, { shelvery_share_aws_account_ids: BUNKER });
    await invoke(share(id, STRANGER));
    expect(await sharedWith(id)).toEqual([]);
    expect(Object.keys(await estate.files(SOURCE)).filter((key) => key.includes(STRANGER))).toEqual([]);
    expect(await errors()).toEqual([
      expect.stringContaining(`was not shared with ${STRANGER}: neither shelvery_share_aws_account_ids nor`),
    ]);
  });

  it('with an account that the stack lists: shared', async () => {
    const id = await backup();
    const invoke = await stack(SOURCE, {
      shelvery_share_aws_account_ids: BUNKER,
      shelvery_allowed_share_aws_account_ids: SOURCE_2,
    });
    await invoke(share(id, BUNKER));
    await invoke(share(id, SOURCE_2));
    expect(new Set(await sharedWith(id))).toEqual(new Set([BUNKER, SOURCE_2]));
    expect(await errors()).toEqual([]);
  });

  it('with an account that only its own config names: refused before any call about backups', async () => {
    const id = await backup();
    const invoke = await stack(SOURCE, { shelvery_share_aws_account_ids: BUNKER });
    await estate.emulator().clearCalls();
    const refusal = `names ${STRANGER}; allowed: accounts of the stack's parameters ShelveryShareAwsAccountIds`;
    const config = { shelvery_share_aws_account_ids: [BUNKER, STRANGER] };
    await expect(invoke(share(id, STRANGER, config))).rejects.toThrow(refusal);
    for (const action of ['create_backups', 'create_data_buckets', 'clean_backups'])
      await expect(invoke({ action, config })).rejects.toThrow(refusal);
    expect((await estate.emulator().calls({ account: SOURCE })).map(({ service }) => service)).not.toContain('ec2');
    expect(await sharedWith(id)).toEqual([]);
    const listed = { shelvery_share_aws_account_ids: BUNKER };
    await invoke(share(id, BUNKER, listed));
    expect(await sharedWith(id)).toEqual([BUNKER]);
  });

  it('of what a bunker has pulled: not shared further', async () => {
    const config = { shelvery_share_aws_account_ids: BUNKER };
    await backup(config);
    const invoke = await stack(BUNKER, {
      shelvery_source_aws_account_ids: SOURCE,
      shelvery_share_aws_account_ids: SOURCE_2,
    });
    await invoke({ action: 'pull_shared_backups' });
    const { id } = await estate.only({ account: BUNKER });
    await invoke(share(id, SOURCE_2));
    expect(await errors()).toEqual([expect.stringContaining('what was pulled is not shared further')]);
    expect(await estate.emulator().calls({ action: 'ModifySnapshotAttribute', account: BUNKER })).toEqual([]);
  });
});

describe('who may send messages asks for a copy', () => {
  const copy = (id: string, from: string, to: string) => ({
    action: 'do_copy_backup',
    arguments: { BackupId: id, OriginRegion: from, Region: to },
  });

  it('from a region to itself: not understood, and nothing is called', async () => {
    const id = await backup();
    const invoke = await stack(SOURCE, {});
    await expect(invoke(copy(id, HOME, HOME))).rejects.toThrow('another region than OriginRegion');
    await expect(
      invoke({ Records: [{ messageId: 'one', body: JSON.stringify(copy(id, HOME, HOME)) }] }),
    ).resolves.toEqual({ batchItemFailures: [{ itemIdentifier: 'one' }] });
    expect((await estate.backups({})).map((found) => found.id)).toEqual([id]);
  });

  it('of a copy: not made, as nobody would clean it', async () => {
    await backup({ shelvery_dr_regions: DR });
    const { id } = await estate.only({ region: DR });
    const invoke = await stack(SOURCE, {});
    await invoke(copy(id, DR, 'us-east-1'));
    expect(await errors()).toEqual([expect.stringContaining('is a copy itself, and copies are not copied further')]);
    expect(await estate.backups({ region: 'us-east-1' })).toEqual([]);
  });
});

describe('who may send messages asks to archive', () => {
  it('a backup whose configuration is not for the archive tier: it stays where it is', async () => {
    const id = await backup();
    const invoke = await stack(SOURCE, {});
    await invoke({ action: 'do_archive_backup', arguments: { BackupId: id, BackupRegion: HOME } });
    expect(await estate.emulator().calls({ action: 'ModifySnapshotTier' })).toEqual([]);
  });
});

describe('who may send messages names a shared file', () => {
  /** Two shared backups, of which a bunker has pulled the first. */
  async function onePulled() {
    const config = { shelvery_share_aws_account_ids: BUNKER };
    const first = await backup(config);
    const bunker = { account: BUNKER, config: { shelvery_source_aws_account_ids: SOURCE } };
    await estate.run('pull_shared_backups', bunker);
    const copied = await estate.only(bunker);
    await estate.run('create_backups', { config }, { time: '2026-10-02T03:00:00Z' });
    const [waiting = ''] = Object.keys(await estate.files(SOURCE)).filter((key) => key.startsWith(`${SHARED}/`));
    const store = (SharedKey: string, SourceAccount = SOURCE) => ({
      action: 'do_store_backup_data',
      arguments: { BackupId: copied.id, BackupRegion: HOME, SourceAccount, SharedKey },
    });
    return { first, bunker, waiting, store };
  }

  it('that was never pulled: it stays, an ERROR says so, and the next pull takes it', async () => {
    const { bunker, waiting, store } = await onePulled();
    const invoke = await stack(BUNKER, bunker.config);
    await invoke(store(waiting));
    expect(Object.keys(await estate.files(SOURCE))).toContain(waiting);
    expect(await errors()).toEqual([expect.stringContaining(`was not copied from what ${waiting} of ${SOURCE} names`)]);
    await estate.run('pull_shared_backups', bunker);
    expect(await estate.backups({ account: BUNKER })).toHaveLength(2);
    expect(Object.keys(await estate.files(SOURCE))).not.toContain(waiting);
  });

  it('of another account, of another place, or none at all: nothing is moved', async () => {
    const { bunker, waiting, store } = await onePulled();
    await estate.run('create_data_buckets', { account: SOURCE_2, config: { shelvery_share_aws_account_ids: BUNKER } });
    const own = Object.entries(await estate.files(SOURCE)).find(([key]) => key === waiting)?.[1] ?? '';
    await estate.putFile(SOURCE_2, waiting, own);
    await estate.putFile(SOURCE, `${SHARED}/bad.yaml`, 'a: ]');
    const before = Object.keys(await estate.files(SOURCE));
    const invoke = await stack(BUNKER, bunker.config);
    await invoke(store(waiting, SOURCE_2));
    await invoke(store(`backups/ebs/${waiting.slice(SHARED.length + 1)}`));
    await invoke(store(`${SHARED}/../../ebs/x.yaml`));
    await invoke(store(`${SHARED}/bad.yaml`));
    expect(Object.keys(await estate.files(SOURCE))).toEqual(before);
    expect(Object.keys(await estate.files(SOURCE_2))).toEqual([waiting]);
    expect(await errors()).toHaveLength(4);
  });
});

describe('who may send messages gives a deadline in the year 3000', () => {
  it('it waits as long as any other, and no longer', async () => {
    const id = await backup();
    await estate.emulator().setSnapshot(id, { state: 'pending' });
    const queueUrl = await estate.queue(SOURCE);
    const invoke = lambdaFunction({
      ...estate.install({ config: { shelvery_wait_deadline_hours: '10' } }),
      queueUrl,
    });
    const now = estate.clock().now().getTime();
    const message = {
      action: 'do_store_backup_data',
      arguments: { BackupId: id, BackupRegion: HOME, Deadline: '3000-01-01T00:00:00Z' },
    };
    await invoke({ Records: [{ messageId: 'one', body: JSON.stringify(message) }] });
    const [again] = await sent();
    const { Deadline } = z
      .object({ arguments: z.object({ Deadline: z.iso.datetime() }) })
      .parse(JSON.parse(again?.MessageBody ?? '{}')).arguments;
    expect(Date.parse(Deadline)).toBeGreaterThanOrEqual(now + 9 * HOUR_MS);
    expect(Date.parse(Deadline)).toBeLessThanOrEqual(now + 11 * HOUR_MS);
    // Once it is bounded it stays as it is, and is passed in the end.
    await estate.clock().advance(12 * HOUR_MS);
    await estate.emulator().clearCalls();
    await invoke({ Records: [{ messageId: 'two', body: again?.MessageBody }] });
    expect(await sent()).toEqual([]);
  });
});

describe('who may send messages sends 470 KB', () => {
  const LONG = 'x'.repeat(470 * 1024);

  it.each<[string, unknown]>([
    ['a name of a backup', { action: 'do_store_backup_data', arguments: { BackupId: LONG, BackupRegion: HOME } }],
    ['an action', { action: LONG }],
    ['a configuration', { action: 'list_backups', config: { shelvery_select_entity: LONG } }],
    [
      'a configuration of 30,000 keys',
      {
        action: 'list_backups',
        config: Object.fromEntries(Array.from({ length: 30_000 }, (_, at) => [`key-${String(at)}`, 1])),
      },
    ],
    [
      'an operation among good ones',
      { action: 'do_delayed_operations', arguments: { Operations: [{ action: LONG }] } },
    ],
    ['something that is no payload', LONG],
  ])('%s: refused shortly, whichever way it comes, and the record beside it is worked on', async (_, payload) => {
    const id = await backup();
    await estate.deleteFile(SOURCE, `backups/ebs/${nameOf((await estate.only({})).found)}.yaml`);
    const invoke = await stack(SOURCE, {});
    const refused = await invoke(payload).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Error);
    expect(String(refused).length).toBeLessThan(5_000);
    const good = { action: 'do_store_backup_data', arguments: { BackupId: id, BackupRegion: HOME } };
    const records = [
      { messageId: 'long', body: typeof payload === 'string' ? payload : JSON.stringify(payload) },
      { messageId: 'good', body: JSON.stringify(good) },
    ];
    await expect(invoke({ Records: records })).resolves.toEqual({ batchItemFailures: [{ itemIdentifier: 'long' }] });
    expect(Object.keys(await estate.files(SOURCE))).toEqual([
      `backups/ebs/${nameOf((await estate.only({})).found)}.yaml`,
    ]);
    expect((await errors()).map((said) => said.length).filter((length) => length > 10_000)).toEqual([]);
  });
});
