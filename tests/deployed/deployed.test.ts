import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { BACKUP_TYPES } from '@shelvery/engine/terminal';
import type { BackupType, FoundBackup } from '@shelvery/engine/terminal';
import { folderOf } from '../../scripts/invoke/built-function.js';
import { databaseControls } from '../emulator/databases.js';
import { logicalPrefix, readTemplate } from '../iam/template.js';
import { BUNKER, DR, HOME, SOURCE, bucketOf, nameOf, tagOf } from '../integration/harness/copy-estate.js';
import { callsOfFunctions, notAllowed } from './harness/calls-of-functions.js';
import { startDeployment } from './harness/deployment.js';
import type { Deployment } from './harness/deployment.js';
import { eventually } from './harness/eventually.js';

jest.setTimeout(420_000);

/**
 * What goes abroad and to the bunker at once: the snapshot of the DocumentDB cluster takes a while, and Redshift's stay
 * where they are.
 */
const QUICK = BACKUP_TYPES.filter((type) => type !== 'docdb' && type !== 'redshift');
/** What goes at all. */
const COPIED = BACKUP_TYPES.filter((type) => type !== 'redshift');
const PENDING_MS = 600_000;
const OTHER = '444444444444';
const THIRD_REGION = 'eu-north-1';
const VOLUMES_OF_BUNKER = 25;
/** Of older backups: within the retention that the stack is made with, and beyond the one that it is updated to. */
const OLD = new Date(Date.now() - 5 * 86_400_000);

const template = readTemplate();
const EMPTY = {
  ApproximateNumberOfMessages: '0',
  ApproximateNumberOfMessagesNotVisible: '0',
  ApproximateNumberOfMessagesDelayed: '0',
};

let at: Deployment;
/** `date_created` of the backups that the schedule has made. */
let scheduled = '';
let before: readonly (readonly string[])[] = [];

beforeAll(async () => {
  at = await startDeployment();
  for (const type of BACKUP_TYPES) await at.estate.resource({ type }, resourceOf(type), { owner: 'team-a' });
  const databases = databaseControls(at.emulator);
  for (const service of ['rds', 'redshift'] as const)
    await databases.makeAutomatedSnapshot({ service, source: resourceOf(service) });
  await databases.setStates({ perSource: { [resourceOf('docdb')]: { pendingMs: PENDING_MS } } });
  before = [await at.source.inventory(), await at.bunker.inventory()];
});

afterAll(async () => {
  await at.stop();
});

const resourceOf = (type: BackupType): string => `orders-${folderOf(type)}`;
/** `date_created` of backups of this time. */
const dateOf = (time: Date): string => time.toISOString().slice(0, 16).replace('T', '-').replace(':', '');
const shared = (type: BackupType, name: string): string => `backups/shared/${BUNKER}/${type}/${name}.yaml`;

/** When the source account's backups of a type were made, in their order. */
const datesOf = async (type: BackupType, region: string): Promise<readonly string[]> =>
  (await at.estate.backups({ type, region })).map((found) => tagOf(found, 'date_created') ?? '').sort();
const pulled = async (type: BackupType): Promise<readonly FoundBackup[]> =>
  (await at.estate.backups({ type, account: BUNKER })).filter((found) => tagOf(found, 'cross_account_copy') === 'true');

async function expectCopiedAndShared(type: BackupType): Promise<void> {
  const made = await at.estate.only({ type });
  const copy = await eventually(async () => at.estate.only({ type, region: DR }));
  expect(copy).toMatchObject({ place: 'dr', name: made.name, source: `${HOME}:${made.id}`, srcAccount: SOURCE });
  for (const region of [HOME, DR]) {
    await eventually(async () => {
      expect(await at.keysOf(SOURCE, region)).toEqual(
        expect.arrayContaining([`backups/${type}/${made.name}.yaml`, shared(type, made.name)]),
      );
    });
  }
}

describe('the deployed stack', () => {
  it('is made by the deploy script from a package of this branch, with its data buckets', async () => {
    // Due in about a minute, when this stack and the bunker's are there, and then every four, in case they are not;
    // once, normally, as an update ends the schedule before.
    const minute = new Date(Date.now() + 105_000).getUTCMinutes();
    await at.source.stack.deploy(['-p', 'true', '-l', 'true'], {
      CreateBackupSchedule: `${String(minute % 4)}/4 * ? * * *`,
      CleanBackupsSchedule: '',
      PullSharedBackupsSchedule: '',
      CreateBucketsSchedule: '',
      ArchivePendingBackupsSchedule: '',
      StatusSchedule: '',
      ShelveryDrRegions: DR,
      ShelveryShareAwsAccountIds: BUNKER,
      ShelverySqsQueueWaitPeriod: '1',
      ShelveryStatusSnsTopic: at.statusTopic,
    });

    expect(await at.source.stack.parameters()).toMatchObject({
      shelvery_dr_regions: DR,
      shelvery_share_aws_account_ids: BUNKER,
      shelvery_sqs_queue_wait_period: '1',
      shelvery_keep_daily_backups: '14',
      shelvery_status_sns_topic: at.statusTopic,
    });
    // So whatever of it the functions obey, they read there.
    const variables = Object.keys(await at.source.stack.environmentOf('ebs'));
    expect(variables.filter((name) => name.toLowerCase().startsWith('shelvery')).sort()).toEqual([
      'SHELVERY_SSM_PREFIX',
      'shelvery_sqs_queue_url',
    ]);
    for (const region of [HOME, DR]) expect(await at.letIn(SOURCE, region)).toEqual([BUNKER]);
  });

  it('is made in a bunker account from the same package', async () => {
    await at.bunker.stack.deploy(['-l', 'true'], {
      SchedulesState: 'DISABLED',
      ShelverySourceAwsAccountIds: SOURCE,
      ShelverySqsQueueWaitPeriod: '0',
    });
    // Its schedules are off: the bucket is made by the first run, and not by the stack.
    const { DataBucketsWouldChange } = await at.bunker.stack.outputs();
    expect(DataBucketsWouldChange).toBe(`${bucketOf(BUNKER)} (${HOME}) would be made`);
    expect(new Set(Object.values(await at.bunker.stack.schedules()))).toEqual(new Set(['DISABLED']));
  });

  it('hands over to another invocation when time runs out', async () => {
    const { stack } = at.bunker;
    for (let count = 1; count <= VOLUMES_OF_BUNKER; count += 1)
      await at.estate.resource({ account: BUNKER }, `volume-${String(count)}`);
    // 20 snapshots are made at a time, and 30 seconds before the limit none is begun any more: the rest is left after
    // the first 20.
    await stack.setTimeLimit('ebs', 36);
    await at.emulator.setLatency(8_000, 'CreateSnapshot');
    await stack.invoke('ebs', 'ebs-create_backups');
    await eventually(async () => {
      expect(await at.estate.backups({ account: BUNKER })).toHaveLength(VOLUMES_OF_BUNKER);
    });
    await at.emulator.setLatency(0);
    const made = await at.estate.backups({ account: BUNKER });
    expect(new Set(made.map((found) => tagOf(found, 'entity_id'))).size).toBe(VOLUMES_OF_BUNKER);
    expect(
      new Set(made.map((found) => `${tagOf(found, 'run_id') ?? ''} ${tagOf(found, 'date_created') ?? ''}`)).size,
    ).toBe(1);
    const [handedOver, ...more] = await stack.logged('ebs', 'SHELVERY_RUN_HANDED_OVER');
    expect(handedOver).toContain(`${String(VOLUMES_OF_BUNKER - 20)} items of create_backups were handed over`);
    expect(more).toEqual([]);
    await eventually(async () => {
      expect(await at.keysOf(BUNKER)).toEqual(made.map((found) => `backups/ebs/${nameOf(found)}.yaml`).sort());
    });
    // Not before: ministack ends what runs when a function is changed.
    await stack.setTimeLimit('ebs', 900);
  });

  it('puts messages that always fail into the dead-letter queue after five tries, and does the others of their batch', async () => {
    const { stack } = at.bunker;
    const [forbidden, stored] = (await at.estate.backups({ account: BUNKER })).map((found) => ({
      id: found.id,
      file: `backups/ebs/${nameOf(found)}.yaml`,
    }));
    await at.estate.deleteFile(BUNKER, stored?.file ?? '');
    await at.emulator.addFault({
      kind: 'refuse',
      action: 'PutObject',
      match: { Key: forbidden?.file ?? '' },
      account: BUNKER,
      code: 'AccessDenied',
      status: 403,
      times: 'always',
    });
    // The stack's is six times the time limit: an hour and a half.
    await stack.setVisibilityTimeout('EbsQueue', 2);
    const poison = [
      '{"action": "do_share_backup", "arguments":',
      JSON.stringify({
        action: 'do_store_backup_data',
        arguments: { BackupId: forbidden?.id, BackupRegion: HOME },
      }),
    ].sort();
    await stack.send('EbsQueue', [
      ...poison,
      JSON.stringify({ action: 'do_store_backup_data', arguments: { BackupId: stored?.id, BackupRegion: HOME } }),
    ]);
    await eventually(async () => {
      expect([...(await stack.messages('EbsDeadLetterQueue'))].sort()).toEqual(poison);
    });
    await stack.setVisibilityTimeout('EbsQueue', 5400);
    await at.emulator.clearFaults();
    const puts = await at.emulator.calls({ action: 'PutObject', account: BUNKER });
    const refused = puts.filter(({ parameters, status }) => parameters['Key'] === forbidden?.file && status === 403);
    expect(refused).toHaveLength(5);
    expect(await at.keysOf(BUNKER)).toContain(stored?.file);
    expect(await stack.attributes('EbsQueue')).toMatchObject(EMPTY);
  });

  it('keeps an invocation that failed three times, and tells of each', async () => {
    const { stack, inbox } = at.bunker;
    const { ErrorsTopicArn: errors = '' } = await stack.outputs();
    await inbox.subscribe(errors);
    await stack.invoke('rds', { action: 'create_backup' });
    const [kept] = await eventually(async () => {
      const messages = await stack.messages('FailedInvocationsQueue');
      expect(messages).toHaveLength(1);
      return messages;
    });
    expect(JSON.parse(kept ?? '')).toMatchObject({ requestPayload: { action: 'create_backup' } });
    const told = await eventually(async () => {
      const messages = await inbox.messages();
      expect(messages).toHaveLength(3);
      return messages;
    });
    for (const { topicArn, content } of told) {
      expect(topicArn).toBe(errors);
      expect(content).toMatchObject({
        Status: 'ERROR',
        BackupType: 'rds',
        Message: expect.stringContaining('did you mean create_backups?'),
      });
    }
  });

  it('makes a backup of everything that is marked when the schedule is due, and reports each run', async () => {
    const backups = await eventually(async () => Promise.all(BACKUP_TYPES.map((type) => at.estate.only({ type }))), {
      within: 360_000,
    });
    scheduled = backups.map(({ found }) => tagOf(found, 'date_created') ?? '').at(0) ?? '';
    for (const backup of backups) {
      expect(backup).toMatchObject({ place: 'local', srcAccount: SOURCE });
      expect(backup.found.tags).toMatchObject({
        owner: 'team-a',
        'shelvery:date_created': scheduled,
        'shelvery:dr_regions': DR,
      });
    }
    const reports = await eventually(async () => {
      const messages = await at.source.inbox.messages();
      expect(messages).toHaveLength(BACKUP_TYPES.length);
      return messages.map(({ content }) => content);
    });
    for (const type of BACKUP_TYPES) {
      expect(reports).toContainEqual(
        expect.objectContaining({
          backup_type: type,
          action: 'create_backups',
          account_id: SOURCE,
          region: HOME,
          status: 'OK',
        }),
      );
    }
    const ignored = expect.objectContaining({ operation: 'CopyBackupToRegion', status: 'IGNORE' });
    expect(reports).toContainEqual(
      expect.objectContaining({ backup_type: 'redshift', entries: expect.arrayContaining([ignored]) }),
    );
  });

  it.each(QUICK)('copies the backup of type %s to the DR region and shares both, through the queue', async (type) => {
    await expectCopiedAndShared(type);
  });

  it('shares a Redshift backup where it is', async () => {
    const made = await at.estate.only({ type: 'redshift' });
    await eventually(async () => {
      expect(await at.keysOf(SOURCE)).toEqual(
        expect.arrayContaining([`backups/redshift/${made.name}.yaml`, shared('redshift', made.name)]),
      );
    });
    expect(await at.estate.backups({ type: 'redshift', region: DR })).toEqual([]);
  });

  it('has what is to be done with a backup that is not available yet wait in the queue', async () => {
    await eventually(async () => {
      expect(await at.source.stack.attributes('DocDbQueue')).toMatchObject({
        ApproximateNumberOfMessagesDelayed: '3',
        ApproximateNumberOfMessages: '0',
      });
    });
    expect(await at.estate.backups({ type: 'docdb', region: DR })).toEqual([]);
    await at.emulator.advanceClock(PENDING_MS);
    await databaseControls(at.emulator).setStates({});
  });

  it('does it when the messages come again', async () => {
    await expectCopiedAndShared('docdb');
  });

  it.each(COPIED)('pulls the backup of type %s into the bunker account', async (type) => {
    const made = await at.estate.only({ type });
    await at.bunker.stack.invoke(folderOf(type), `${type}-pull_shared_backups`);
    await eventually(async () => {
      const [copy, ...more] = await pulled(type);
      expect(copy?.tags).toMatchObject({
        'shelvery:src_account': SOURCE,
        'shelvery:src_backup': `${HOME}:${made.id}`,
        owner: 'team-a',
      });
      expect(more).toEqual([]);
      expect(await at.keysOf(BUNKER)).toContain(`backups/${type}/${made.name}.yaml`);
      expect(await at.keysOf(SOURCE)).toContain(`backups/shared/${BUNKER}/${type}-processed/${made.name}.yaml`);
    });
    expect(await at.keysOf(SOURCE)).not.toContain(shared(type, made.name));
  });

  it('keeps what has not expired', async () => {
    const both = [dateOf(OLD), scheduled];
    for (const type of BACKUP_TYPES) {
      const config = { shelvery_current_retention_type: 'daily' };
      await at.source.stack.invoke(folderOf(type), {
        action: 'create_backups',
        scheduled_time: OLD.toISOString(),
        backdate: true,
        config,
      });
    }
    for (const type of BACKUP_TYPES) {
      await eventually(async () => {
        expect(await datesOf(type, HOME)).toEqual(both);
        expect(await datesOf(type, DR)).toEqual(type === 'redshift' ? [] : both);
        // All is done with it.
        expect(await at.source.stack.attributes(`${logicalPrefix(template, type)}Queue`)).toMatchObject(EMPTY);
      });
      await at.source.stack.invoke(folderOf(type), `${type}-clean_backups`);
    }
    const reports = await eventually(async () => {
      const messages = (await at.source.inbox.messages()).filter(
        ({ content }) => content['action'] === 'clean_backups',
      );
      expect(messages).toHaveLength(BACKUP_TYPES.length);
      return messages.map(({ content }) => content);
    });
    for (const report of reports) expect(report).toMatchObject({ status: 'OK' });
    for (const type of BACKUP_TYPES) expect(await datesOf(type, HOME)).toEqual(both);
    for (const type of COPIED) expect(await datesOf(type, DR)).toEqual(both);
  });

  it('takes changed parameters in an update, and keeps the others', async () => {
    const { stack } = at.source;
    const parameters = await stack.parameters();
    const changed = {
      shelvery_keep_daily_backups: '3',
      shelvery_share_aws_account_ids: `${BUNKER},${OTHER}`,
      shelvery_dr_regions: `${DR},${THIRD_REGION}`,
    };
    await stack.deploy(['-l', 'true'], {
      ShelveryKeepDailyBackups: changed.shelvery_keep_daily_backups,
      ShelveryShareAwsAccountIds: changed.shelvery_share_aws_account_ids,
      ShelveryDrRegions: changed.shelvery_dr_regions,
      CreateBackupSchedule: '',
      LogLevel: 'WARN',
    });
    expect(await stack.parameters()).toEqual({ ...parameters, ...changed });
    for (const region of [HOME, DR, THIRD_REGION]) expect(await at.letIn(SOURCE, region)).toEqual([BUNKER, OTHER]);
    expect(await stack.schedules()).toEqual({});
    expect(await stack.environmentOf('ebs')).toMatchObject({ POWERTOOLS_LOG_LEVEL: 'WARN' });
  });

  it.each(BACKUP_TYPES)(
    'removes what has expired of type %s by the changed retention, with its files',
    async (type) => {
      const expired = (await at.estate.backups({ type })).map(nameOf).find((name) => name.includes(dateOf(OLD))) ?? '';
      await at.source.stack.invoke(folderOf(type), `${type}-clean_backups`);
      for (const region of type === 'redshift' ? [HOME] : [HOME, DR]) {
        await eventually(async () => {
          expect(await datesOf(type, region)).toEqual([scheduled]);
          const files = (await at.keysOf(SOURCE, region)).filter((key) => key.endsWith(`/${expired}.yaml`));
          expect(files).toEqual([`backups/${type}/removed/${expired}.yaml`]);
        });
      }
    },
  );

  it('leaves nothing when it is deleted but the data buckets and the backups', async () => {
    const kept = await at.everything();
    await Promise.all([at.source.stack.remove(), at.bunker.stack.remove()]);
    expect([await at.source.inventory(), await at.bunker.inventory()]).toEqual(before);
    expect(await at.everything()).toEqual(kept);
  });

  it('called nothing that the role of the function does not allow', async () => {
    const calls = await callsOfFunctions(at.emulator);
    expect(Object.keys(calls)).toEqual(
      ['shelvery-data-buckets', ...BACKUP_TYPES.map((type) => `shelvery-${folderOf(type)}`)].sort(),
    );
    expect(calls['shelvery-rds']).toEqual(
      expect.arrayContaining([
        'rds:CopyDBSnapshot',
        's3:PutObject',
        'sns:PublishBatch',
        'sqs:SendMessageBatch',
        'ssm:GetParametersByPath',
      ]),
    );
    // Both stacks are called alike: the bunker's has sources, and the other accounts that it shares with.
    const parameters = { ShelverySourceAwsAccountIds: SOURCE, ShelveryShareAwsAccountIds: BUNKER };
    expect(notAllowed(calls, 'shelvery', parameters)).toEqual([]);
  });
});
