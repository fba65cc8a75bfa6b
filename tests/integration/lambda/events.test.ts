import { describe, expect, it } from '@jest/globals';
import { DR, VOLUME, VOLUME_2, useEbsEstate } from '../harness/ebs-estate.js';
import { lambdaFunction } from '../harness/lambda-function.js';

const estate = useEbsEstate();
const CREATE = { backup_type: 'ebs', action: 'create_backups', backdate: true };
const record = (messageId: string, body: unknown, sent?: string) => ({
  messageId,
  eventSource: 'aws:sqs',
  body: typeof body === 'string' ? body : JSON.stringify(body),
  attributes: sent === undefined ? {} : { SentTimestamp: String(Date.parse(sent)) },
});
const notice = (message: unknown, timestamp: string) => ({
  EventSource: 'aws:sns',
  Sns: { MessageId: crypto.randomUUID(), Message: JSON.stringify(message), Timestamp: timestamp },
});

describe('an event', () => {
  it.each([
    ['a direct payload', { ...CREATE, scheduled_time: '2026-03-04T01:00:00Z' }],
    ['an EventBridge event', { 'detail-type': 'Scheduled Event', time: '2026-03-04T01:00:12Z', detail: CREATE }],
    ['an SNS record', { Records: [notice(CREATE, '2026-03-04T01:00:40.000Z')] }],
    ['an SQS record', { Records: [record('m-1', CREATE, '2026-03-04T01:00:40.000Z')] }],
    [
      'what a queue got from a topic',
      {
        Records: [
          record('m-1', {
            Type: 'Notification',
            Message: JSON.stringify(CREATE),
            Timestamp: '2026-03-04T01:00:40.000Z',
          }),
        ],
      },
    ],
  ])('may be %s, and gives the run its time', async (_, event) => {
    await estate.volume(VOLUME);
    await lambdaFunction(estate.install())(event);
    expect(await estate.names()).toEqual([`${VOLUME}-2026-03-04-0100-daily`]);
  });

  it('answers a direct invocation with the status report', async () => {
    await estate.volume(VOLUME);
    const answer = await lambdaFunction(estate.install())(CREATE, { requestId: 'the-request' });
    expect(answer).toMatchObject({ run_id: 'the-request', status: 'OK', summary: { collected: 1 } });
  });

  it.each([
    [
      'a misspelt action',
      { action: 'create_backup' },
      'action is "create_backup"; did you mean create_backups? Allowed: create_backups, clean_backups,',
    ],
    [
      "another type's payload",
      { action: 'create_backups', backup_type: 'rds' },
      'backup_type is "rds", but this function backs up ebs',
    ],
    [
      'an unknown field',
      { action: 'create_backups', dryrun: true },
      'Its keys may be backup_type, action, config, arguments, scheduled_time, dry_run, backdate',
    ],
    ['no object', 'create_backups', 'The event is not a payload'],
    [
      'no time',
      { action: 'create_backups', scheduled_time: 'today' },
      'scheduled_time is "today"; allowed: a time such as 2026-11-24T03:01:00Z',
    ],
    ['a time in the future', { action: 'create_backups', scheduled_time: '2099-01-01T00:00:00Z' }, 'is in the future'],
    [
      'a time long past',
      { action: 'create_backups', scheduled_time: '2026-01-01T00:00:00Z' },
      'is more than 24 hours ago',
    ],
    [
      'a misspelt key',
      { action: 'create_backups', config: { shelvery_keep_dayly_backups: 3 } },
      'shelvery_keep_daily_backups',
    ],
    [
      'a bad value',
      { action: 'create_backups', config: { shelvery_keep_daily_backups: 'x' } },
      'shelvery_keep_daily_backups in the payload',
    ],
    ['records of something else', { Records: [{ eventSource: 'aws:s3' }] }, 'neither from SQS nor from SNS'],
    ['wrong arguments', { action: 'do_store_backup_data', arguments: { BackupRegion: 'eu-west-1' } }, 'BackupId'],
  ])('of %s is refused with what is allowed, before anything is done', async (_, event, message) => {
    await estate.emulator().clearCalls();
    await expect(lambdaFunction(estate.install())(event)).rejects.toMatchObject({
      message: expect.stringContaining(message),
    });
    // A time is judged by AWS's clock, and so after the first answer of AWS.
    expect(await estate.emulator().calls()).toHaveLength(/future|ago/.test(message) ? 1 : 0);
  });

  it('with several records does each by itself, and names those that failed', async () => {
    await estate.volume(VOLUME);
    const invoke = lambdaFunction(estate.install());
    const answer = await invoke({
      Records: [
        record('not-json', '{'),
        record('good', { ...CREATE, scheduled_time: '2026-03-04T01:00:00Z' }),
        record('bad-config', { ...CREATE, config: { shelvery_keep_daily_backups: 'x' } }),
        record('misspelt', { action: 'creat_backups' }),
      ],
    });
    expect(answer).toEqual({
      batchItemFailures: [
        { itemIdentifier: 'not-json' },
        { itemIdentifier: 'bad-config' },
        { itemIdentifier: 'misspelt' },
      ],
    });
    expect(await estate.snapshots()).toHaveLength(1);
  });

  it("takes its payload's configuration over the environment's, and passes it on with every message", async () => {
    await estate.volume(VOLUME);
    const config = { shelvery_dr_regions: [DR], shelvery_select_entity: VOLUME };
    await estate.volume(VOLUME_2);
    const invoke = lambdaFunction(estate.install({ shelvery_select_entity: VOLUME_2 }));
    await invoke({ ...CREATE, config });
    const [invocation] = await estate.emulator().takeInvocations();
    expect(invocation?.payload).toMatchObject({ action: 'do_delayed_operations', config });
    await invoke(invocation?.payload);
    expect(await estate.snapshots(DR)).toHaveLength(1);
  });

  it.each([
    [true, '2026-03-04T01:00:00Z'],
    [false, '2026-03-05T01:00:00Z'],
  ])('may be one that the original queued (is_started_internally %s)', async (internally, time) => {
    await estate.volume(VOLUME);
    await estate.run('create_backups', time);
    await estate.run('clean_backups', time);
    const [snapshot] = await estate.snapshots();
    const python = {
      backup_type: 'ebs',
      action: 'do_share_backup',
      arguments: {
        BackupId: snapshot?.id,
        Region: 'eu-west-1',
        AwsAccountId: '222222222222',
        ...(internally ? { lambda_wait_iteration: 2 } : {}),
      },
      config: null,
      is_started_internally: internally,
      Timestamp: 1_700_000_000,
    };
    const installation = estate.install({ shelvery_share_aws_account_ids: '222222222222' });
    await expect(lambdaFunction(installation)(python)).resolves.toBeUndefined();
    expect(
      Object.keys(await estate.files()).filter((key) => key.startsWith('backups/shared/222222222222/ebs/')),
    ).toHaveLength(1);
  });
});
