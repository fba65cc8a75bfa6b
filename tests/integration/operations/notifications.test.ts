import { describe, expect, it } from '@jest/globals';
import { ACCOUNT, DR, HOME, VOLUME, VOLUME_2, bucketOf, useEbsEstate } from '../harness/ebs-estate.js';
import { lambdaFunction } from '../harness/lambda-function.js';

const TIME = '2026-03-04T01:00:00Z';
const NAME = `${VOLUME}-2026-03-04-0100-daily`;
const estate = useEbsEstate();
const published = async (topic: string): Promise<readonly unknown[]> =>
  (await estate.emulator().publishedMessages())
    .filter(({ topicArn }) => topicArn === topic)
    .map(({ message }) => JSON.parse(message) as unknown);

describe('notifications', () => {
  it("have the original's fields", async () => {
    await estate.volume(VOLUME, { 'shelvery:config:shelvery_dr_regions': DR });
    const topic = await estate.topic('all');
    await estate.run('create_backups', TIME, { shelvery_sns_topic: topic });
    const [snapshot] = await estate.snapshots();
    const [copy] = await estate.snapshots(DR);
    const common = {
      Status: 'OK',
      BackupType: 'ebs',
      Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/),
    };
    const backup = { ...common, BackupName: NAME, BackupId: snapshot?.id, EntityId: VOLUME };
    const messages = await published(topic);
    expect(messages).toContainEqual({ ...backup, Operation: 'CreateBackup' });
    expect(messages).toContainEqual({
      ...backup,
      Operation: 'StoreBackupData',
      Bucket: bucketOf(HOME),
      BackupS3Location: `backups/ebs/${NAME}.yaml`,
    });
    expect(messages).toContainEqual(
      expect.objectContaining({ ...backup, Operation: 'CopyBackupToRegion', DestinationRegion: DR }),
    );
    expect(messages).toContainEqual({
      ...backup,
      BackupId: copy?.id,
      Operation: 'StoreBackupData',
      Bucket: bucketOf(DR),
      BackupS3Location: `backups/ebs/${NAME}.yaml`,
    });
  });

  it('of errors go to the error topic, with what AWS said', async () => {
    await estate.volume(VOLUME);
    await estate.volume(VOLUME_2);
    const [topic, errors] = [await estate.topic('all'), await estate.topic('errors')];
    await estate.emulator().addFault({
      kind: 'refuse',
      action: 'CreateSnapshot',
      match: { VolumeId: VOLUME },
      code: 'IncorrectState',
      message: 'no way',
    });
    await estate.run('create_backups', TIME, { shelvery_sns_topic: topic, shelvery_error_sns_topic: errors });
    expect(await published(errors)).toEqual([
      {
        Operation: 'CreateBackup',
        Status: 'ERROR',
        BackupType: 'ebs',
        BackupName: NAME,
        EntityId: VOLUME,
        Message: expect.stringContaining('no way'),
        Timestamp: expect.any(String),
        ExceptionInfo: {
          name: 'InvalidResourceState',
          message: expect.stringContaining('no way'),
          code: 'IncorrectState',
          requestId: expect.any(String),
        },
      },
    ]);
    expect(JSON.stringify(await published(topic))).not.toContain('ERROR');
  });

  it('of errors go to the main topic where there is no other, and IGNOREs always do', async () => {
    await estate.volume(VOLUME);
    await estate.volume(VOLUME_2, { 'shelvery:config:shelvery_keep_daily_backups': '0' });
    const topic = await estate.topic('all');
    await estate.emulator().addFault({ kind: 'refuse', action: 'CreateSnapshot', code: 'IncorrectState' });
    await estate.run('create_backups', TIME, { shelvery_sns_topic: topic });
    const messages = await published(topic);
    expect(messages).toContainEqual(
      expect.objectContaining({ Operation: 'CreateBackup', Status: 'ERROR', EntityId: VOLUME }),
    );
    expect(messages).toContainEqual(
      expect.objectContaining({ Status: 'IGNORE', EntityId: VOLUME_2, Message: 'daily backups are kept for 0 days' }),
    );
  });

  it('go to the topics that the payload names', async () => {
    await estate.volume(VOLUME);
    const [environment, payload] = [await estate.topic('environment'), await estate.topic('payload')];
    const invoke = lambdaFunction(estate.install({ shelvery_sns_topic: environment }));
    await invoke({ action: 'create_backups', config: { shelvery_sns_topic: payload } });
    for (const { payload: delayed } of await estate.emulator().takeInvocations()) await invoke(delayed);
    expect(await published(environment)).toEqual([]);
    expect((await published(payload)).map((message) => JSON.stringify(message)).join()).toMatch(
      /CreateBackup.*StoreBackupData/,
    );
  });

  it('of removed backups say which', async () => {
    const id = await estate.backup({ created: '2026-01-10-0300' });
    const topic = await estate.topic('all');
    await estate.run('create_data_buckets');
    await estate.run('clean_backups', TIME, { shelvery_sns_topic: topic });
    expect(await published(topic)).toEqual([
      expect.objectContaining({ Operation: 'DeleteBackup', Status: 'OK', BackupId: id, EntityId: VOLUME }),
    ]);
  });

  it('that cannot be published fail no run', async () => {
    await estate.volume(VOLUME);
    const gone = `arn:aws:sns:${HOME}:${ACCOUNT}:gone`;
    const { report } = await estate.run('create_backups', TIME, {
      shelvery_sns_topic: gone,
      shelvery_status_sns_topic: gone,
    });
    expect(report.status).toBe('OK');
    expect(Object.keys(await estate.files())).toHaveLength(1);
  });
});

describe('the status report', () => {
  it('tells of the whole run, failures first', async () => {
    await estate.volume(VOLUME);
    await estate.volume(VOLUME_2);
    const topic = await estate.topic('status');
    await estate
      .emulator()
      .addFault({ kind: 'refuse', action: 'CreateSnapshot', match: { VolumeId: VOLUME_2 }, code: 'IncorrectState' });
    const { report } = await estate.run('create_backups', TIME, { shelvery_status_sns_topic: topic });
    const [told, ...others] = await published(topic);
    expect(others).toEqual([]);
    expect(told).toEqual(report);
    expect(told).toMatchObject({
      shelvery_version: '0.0.0-test',
      account_id: ACCOUNT,
      region: HOME,
      backup_type: 'ebs',
      action: 'create_backups',
      status: 'PARTIAL',
      summary: { collected: 2, succeeded: 3, skipped: 0, failed: 1 },
      entries: [
        { operation: 'CreateBackup', status: 'ERROR', entity_id: VOLUME_2 },
        { status: 'OK' },
        { status: 'OK' },
        { status: 'OK' },
      ],
      entries_omitted: 0,
    });
  });

  it('comes also of a run that broke off', async () => {
    const topic = await estate.topic('status');
    await estate
      .emulator()
      .addFault({ kind: 'refuse', action: 'DescribeVolumes', code: 'UnauthorizedOperation', status: 403 });
    await estate.run('create_backups', TIME, { shelvery_status_sns_topic: topic });
    expect(await published(topic)).toMatchObject([
      { status: 'FAILED', entries: [{ error: expect.stringContaining('UnauthorizedOperation') }] },
    ]);
  });
});
