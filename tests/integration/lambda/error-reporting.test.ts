import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { ACCOUNT, HOME, VOLUME, useEbsEstate } from '../harness/ebs-estate.js';
import { lambdaFunction } from '../harness/lambda-function.js';

const estate = useEbsEstate();
const Message = z.looseObject({});
const told = async (): Promise<readonly unknown[]> =>
  (await estate.emulator().publishedMessages()).map(({ topicArn, message }) => ({
    topicArn,
    ...Message.parse(JSON.parse(message)),
  }));

describe('what ends an invocation before a run', () => {
  it('is told to the error topic, once, and thrown', async () => {
    const topic = await estate.topic('errors');
    const invoke = lambdaFunction(estate.install({ shelvery_error_sns_topic: topic }));
    await expect(invoke({ action: 'creat_backups' })).rejects.toMatchObject({ code: 'EventError' });
    expect(await told()).toEqual([
      expect.objectContaining({
        topicArn: topic,
        Status: 'ERROR',
        BackupType: 'ebs',
        ExceptionInfo: { name: 'EventError', message: expect.stringContaining('did you mean create_backups?') },
      }),
    ]);
  });

  it('is told to the main topic where there is no other', async () => {
    const topic = await estate.topic('all');
    const invoke = lambdaFunction(estate.install({ shelvery_sns_topic: topic }));
    await expect(
      invoke({ action: 'create_backups', config: { shelvery_keep_daily_backups: 'x' } }),
    ).rejects.toMatchObject({ code: 'ConfigurationError' });
    expect(await told()).toEqual([
      expect.objectContaining({
        topicArn: topic,
        ExceptionInfo: expect.objectContaining({ name: 'ConfigurationError' }),
      }),
    ]);
  });

  it('is thrown as it is where there is no topic, or where it cannot be told', async () => {
    await expect(lambdaFunction(estate.install())({ action: 'x' })).rejects.toMatchObject({ code: 'EventError' });
    const gone = lambdaFunction(estate.install({ shelvery_error_sns_topic: `arn:aws:sns:${HOME}:${ACCOUNT}:gone` }));
    await expect(gone({ action: 'x' })).rejects.toMatchObject({ code: 'EventError' });
  });

  it('is thrown as it is where the environment itself is wrong', async () => {
    const invoke = lambdaFunction(estate.install({ shelvery_error_sns_topic: 'not an ARN' }));
    await expect(invoke({ action: 'create_backups' })).rejects.toMatchObject({
      code: 'ConfigurationError',
      message: expect.stringContaining('shelvery_error_sns_topic'),
    });
  });

  it.each([
    ['the environment', { shelvery_keep_daily_backups: 'abc' }, {}],
    ['the payload', {}, { shelvery_keep_daily_backups: 'abc' }],
  ])('is told where %s is wrong elsewhere, under the operation that was asked for', async (_, environment, config) => {
    const topic = await estate.topic('errors');
    const invoke = lambdaFunction(estate.install({ shelvery_error_sns_topic: topic, ...environment }));
    await expect(invoke({ action: 'clean_backups', config })).rejects.toMatchObject({ code: 'ConfigurationError' });
    expect(await told()).toEqual([
      expect.objectContaining({
        topicArn: topic,
        Operation: 'DeleteBackup',
        Message: expect.stringContaining('shelvery_keep_daily_backups'),
      }),
    ]);
  });

  it("is told to the payload's topic", async () => {
    const [own, other] = [await estate.topic('own'), await estate.topic('other')];
    const invoke = lambdaFunction(estate.install({ shelvery_error_sns_topic: other }));
    await expect(invoke({ action: 'pull', config: { shelvery_error_sns_topic: own } })).rejects.toMatchObject({
      code: 'EventError',
    });
    await expect(
      invoke({ action: 'pull_shared_backups', config: { shelvery_error_sns_topic: own, colour: 'blue' } }),
    ).rejects.toMatchObject({ code: 'ConfigurationError' });
    expect(await told()).toMatchObject([
      { topicArn: own, Operation: 'CreateBackup' },
      { topicArn: own, Operation: 'PullSharedBackup' },
    ]);
  });

  it('is told of an invocation that may not take on its role', async () => {
    const topic = await estate.topic('errors');
    await estate
      .emulator()
      .addFault({ kind: 'refuse', action: 'AssumeRole', code: 'AccessDenied', status: 403, times: 'always' });
    const invoke = lambdaFunction(estate.install({ shelvery_error_sns_topic: topic }));
    const config = { role_arn: `arn:aws:iam::${ACCOUNT}:role/backups` };
    await expect(invoke({ action: 'create_backups', config })).rejects.toMatchObject({ code: 'CredentialsError' });
    expect(await told()).toEqual([
      expect.objectContaining({ Message: expect.stringContaining('Check role_arn and role_external_id') }),
    ]);
  });
});

describe('what a run tells itself', () => {
  it('is not told twice', async () => {
    await estate.volume(VOLUME);
    const topic = await estate.topic('errors');
    await estate.emulator().addFault({ kind: 'refuse', action: 'CreateSnapshot', code: 'IncorrectState' });
    await expect(
      lambdaFunction(estate.install({ shelvery_error_sns_topic: topic }))({ action: 'create_backups' }),
    ).rejects.toThrow();
    expect(await told()).toEqual([expect.objectContaining({ Operation: 'CreateBackup', EntityId: VOLUME })]);
  });
});
