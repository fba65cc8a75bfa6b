import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CreateTopicCommand, PublishBatchCommand, SNSClient } from '@aws-sdk/client-sns';
import { mockClient } from 'aws-sdk-client-mock';
import * as z from 'zod';
import type { AwsAccess } from '../../../layers/engine/src/aws/access.js';
import { createNotifier } from '../../../layers/engine/src/aws/sns-notifier.js';
import type { NotifierOptions } from '../../../layers/engine/src/aws/sns-notifier.js';
import { ShelveryError } from '../../../layers/engine/src/domain/errors.js';
import type { Outcome } from '../../../layers/engine/src/domain/telling/outcome.js';
import { buildStatusReport } from '../../../layers/engine/src/domain/telling/status-report.js';
import { RunId } from '../../../layers/engine/src/domain/values.js';
import type { Clock } from '../../../layers/engine/src/ports.js';
import type { Emulator } from '../../emulator/emulator.js';
import { ACCOUNT, DR_REGION, HOME_REGION, keptLog, startEmulatedAccess } from './emulated-access.js';
import type { KeptLog } from './emulated-access.js';

const Published = z.looseObject({
  Status: z.string(),
  BackupName: z.string().optional(),
  Message: z.string().optional(),
});
const NOW = new Date('2026-11-24T03:01:00Z');
const clock: Clock = {
  now: () => NOW,
  sleep: async () => {},
  timeout: (milliseconds) => AbortSignal.timeout(milliseconds),
};
const made = (index = 0): Outcome => ({ operation: 'CreateBackup', status: 'ok', backupName: `volume-${index}` });
const failed: Outcome = { operation: 'CreateBackup', status: 'failed', error: new ShelveryError('AwsError', 'no') };

describe('createNotifier', () => {
  let emulator: Emulator;
  let access: AwsAccess;
  let log: KeptLog;
  let topic: string;
  let errors: string;

  const makeTopic = async (Name: string, region: string = HOME_REGION, Attributes: Record<string, string> = {}) =>
    (await new SNSClient(emulator.clientConfig(ACCOUNT, region)).send(new CreateTopicCommand({ Name, Attributes })))
      .TopicArn ?? '';
  const open = (config: NotifierOptions['config'], more: Partial<AwsAccess> = {}) =>
    createNotifier({ access: { ...access, ...more }, config, backupType: 'ebs', clock, log });
  const published = async () =>
    (await emulator.publishedMessages()).map(({ topicArn, message }) => ({
      topicArn,
      ...Published.parse(JSON.parse(message)),
    }));

  beforeAll(async () => {
    ({ emulator, access } = await startEmulatedAccess());
  });
  beforeEach(async () => {
    await emulator.reset();
    log = keptLog();
    topic = await makeTopic('backups');
    errors = await makeTopic('errors');
    await emulator.clearCalls();
  });
  afterAll(async () => {
    await emulator.stop();
  });

  it('publishes what became of every item, ten a call', async () => {
    const notifier = open({ shelvery_sns_topic: topic });
    for (let index = 0; index < 25; index += 1) notifier.notify(made(index));
    await notifier.flush();
    expect(await emulator.counts()).toEqual({ 'sns:PublishBatch': 3 });
    const messages = await published();
    expect(new Set(messages.map((message) => message.BackupName)).size).toBe(25);
    expect(messages.find((message) => message.BackupName === 'volume-0')).toEqual({
      topicArn: topic,
      Operation: 'CreateBackup',
      Status: 'OK',
      BackupType: 'ebs',
      BackupName: 'volume-0',
      Timestamp: '2026-11-24 03:01:00 UTC',
    });
    expect(log.lines).toEqual([]);
  });

  it('publishes errors to their own topic, or to the one that there is', async () => {
    const both = open({ shelvery_sns_topic: topic, shelvery_error_sns_topic: errors });
    both.notify(made());
    both.notify({ operation: 'CreateBackup', status: 'ignored', reason: 'kept 0' });
    both.notify(failed);
    await both.flush();
    expect((await published()).map((each) => [each.topicArn, each.Status]).sort()).toEqual([
      [topic, 'IGNORE'],
      [topic, 'OK'],
      [errors, 'ERROR'],
    ]);
    await emulator.clearPublishedMessages();
    const one = open({ shelvery_sns_topic: topic });
    one.notify(failed);
    await one.flush();
    expect(await published()).toMatchObject([{ topicArn: topic, ExceptionInfo: { name: 'AwsError', message: 'no' } }]);
  });

  it('does nothing without a topic', async () => {
    const notifier = open({});
    notifier.notify(made());
    notifier.notify(failed);
    await notifier.flush();
    await notifier.report(report());
    expect(await emulator.calls()).toEqual([]);
  });

  it('publishes the report of a run with its subject', async () => {
    const status = await makeTopic('status');
    await open({ shelvery_status_sns_topic: status }).report(report());
    expect(await emulator.publishedMessages()).toMatchObject([
      { topicArn: status, subject: 'ShelveryRunReport', message: expect.stringContaining('"run_id":"run-1"') },
    ]);
  });

  it('publishes to a topic of another region there', async () => {
    const abroad = await makeTopic('backups', DR_REGION);
    const notifier = open({ shelvery_sns_topic: abroad });
    notifier.notify(made());
    await notifier.flush();
    expect(await emulator.publishedMessages()).toMatchObject([{ topicArn: abroad, region: DR_REGION }]);
  });

  it('gives a FIFO topic what it asks for', async () => {
    const fifo = await makeTopic('backups.fifo', HOME_REGION, { FifoTopic: 'true' });
    const notifier = open({ shelvery_sns_topic: fifo, shelvery_status_sns_topic: fifo });
    notifier.notify(made());
    notifier.notify(made());
    await notifier.flush();
    await notifier.report(report());
    expect(await emulator.publishedMessages()).toHaveLength(3);
    expect(log.lines).toEqual([]);
  });

  it('shortens a message that SNS would not take', async () => {
    const notifier = open({ shelvery_sns_topic: topic });
    notifier.notify({
      operation: 'CreateBackup',
      status: 'failed',
      error: new ShelveryError('AwsError', 'ä'.repeat(300_000)),
    });
    notifier.notify(made());
    await notifier.flush();
    const messages = await published();
    expect(messages.map((message) => message.Status).sort()).toEqual(['ERROR', 'OK']);
    expect(messages.find((message) => message.Status === 'ERROR')?.Message).toMatch(/^ä{2000}…$/);
    expect(log.lines).toEqual([]);
  });

  it('names, in a stack, the parameter that allows a topic that was refused', async () => {
    for (const inStack of [true, false]) {
      await emulator.addFault({ kind: 'refuse', action: 'PublishBatch', code: 'AuthorizationError', status: 403 });
      const notifier = open({ shelvery_sns_topic: topic }, { inStack });
      notifier.notify(made());
      await notifier.flush();
    }
    const named = `may use ${topic} only if the stack's configuration names it, or its parameter AllowedTopics lists it`;
    expect(log.lines.map(({ message }) => message.includes(named))).toEqual([true, false]);
  });

  it('keeps a batch within what SNS takes', async () => {
    const notifier = open({ shelvery_sns_topic: topic });
    for (let index = 0; index < 10; index += 1) notifier.notify({ ...made(index), message: 'x'.repeat(60_000) });
    await notifier.flush();
    expect(await published()).toHaveLength(10);
    expect((await emulator.counts())['sns:PublishBatch']).toBe(3);
  });

  it('logs what could not be published, and fails nothing', async () => {
    const notifier = open({
      shelvery_sns_topic: 'arn:aws:sns:eu-west-1:111111111111:none',
      shelvery_status_sns_topic: 'arn:aws:sns:eu-west-1:111111111111:none',
    });
    notifier.notify(made());
    notifier.notify(made());
    await notifier.flush();
    await notifier.report(report());
    expect(log.lines).toMatchObject([
      {
        level: 'error',
        code: 'SHELVERY_NOTIFICATION_LOST',
        data: { count: 2 },
        message: expect.stringContaining('while publishing to arn:aws:sns'),
      },
      { level: 'error', code: 'SHELVERY_NOTIFICATION_LOST', data: { count: 1 } },
    ]);
  });

  describe('when SNS refuses some messages of a batch', () => {
    const refusing = async (refusals: readonly (readonly string[])[]) => {
      const batches: (readonly (string | undefined)[])[] = [];
      const mock = mockClient(SNSClient);
      mock
        .on(PublishBatchCommand)
        .callsFake(async (input: { readonly PublishBatchRequestEntries?: readonly { readonly Id?: string }[] }) => {
          const Failed = (refusals[batches.length] ?? []).map((Id) => ({
            Id,
            Code: 'InternalError',
            SenderFault: false,
          }));
          batches.push((input.PublishBatchRequestEntries ?? []).map((entry) => entry.Id));
          return { Failed };
        });
      const notifier = open({ shelvery_sns_topic: topic });
      for (let index = 0; index < 3; index += 1) notifier.notify(made(index));
      await notifier.flush();
      mock.restore();
      return batches;
    };

    it('sends these once more', async () => {
      expect(await refusing([['1', '2']])).toEqual([
        ['0', '1', '2'],
        ['1', '2'],
      ]);
      expect(log.lines).toEqual([]);
    });

    it('logs those that it refuses again', async () => {
      expect(await refusing([['1', '2'], ['2']])).toHaveLength(2);
      expect(log.lines).toMatchObject([{ code: 'SHELVERY_NOTIFICATION_LOST', data: { topic, count: 1 } }]);
    });
  });

  const report = () =>
    buildStatusReport({
      version: '1.0.0',
      runId: RunId.parse('run-1'),
      accountId: ACCOUNT,
      region: HOME_REGION,
      backupType: 'ebs',
      action: 'create_backups',
      startedAt: NOW,
      endedAt: NOW,
      collected: 1,
      outcomes: [made()],
      end: { brokeOff: false, interrupted: false, unfinished: 0 },
    });
});
