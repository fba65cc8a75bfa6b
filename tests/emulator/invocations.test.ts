import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';

import { startEmulator, type Emulator } from './emulator.js';

/** Page "Invoke" of the AWS Lambda API reference. */
describe('invocations of Lambda functions', () => {
  let emulator: Emulator;
  let lambda: LambdaClient;

  beforeAll(async () => {
    emulator = await startEmulator();
    lambda = new LambdaClient({ ...emulator.clientConfig('222222222222', 'eu-west-1'), maxAttempts: 1 });
  });
  beforeEach(async () => {
    await emulator.reset();
  });
  afterAll(async () => {
    await emulator.stop();
  });

  it('are accepted and handed over', async () => {
    const FunctionName = 'arn:aws:lambda:eu-west-1:222222222222:function:shelvery-ebs';
    const answer = await lambda.send(
      new InvokeCommand({
        FunctionName,
        InvocationType: 'Event',
        Payload: JSON.stringify({ action: 'create_backups' }),
      }),
    );
    expect(answer.StatusCode).toBe(202);
    await lambda.send(new InvokeCommand({ FunctionName: 'shelvery-rds', InvocationType: 'Event' }));
    expect(await emulator.takeInvocations()).toEqual([
      {
        functionName: FunctionName,
        invocationType: 'Event',
        payload: { action: 'create_backups' },
        account: '222222222222',
        region: 'eu-west-1',
      },
      {
        functionName: 'shelvery-rds',
        invocationType: 'Event',
        payload: null,
        account: '222222222222',
        region: 'eu-west-1',
      },
    ]);
    expect(await emulator.takeInvocations()).toEqual([]);
  });

  it('answer at once where the caller waits, or only tries', async () => {
    expect(await lambda.send(new InvokeCommand({ FunctionName: 'f', Payload: '{}' }))).toMatchObject({
      StatusCode: 200,
    });
    expect(await lambda.send(new InvokeCommand({ FunctionName: 'f', InvocationType: 'DryRun' }))).toMatchObject({
      StatusCode: 204,
    });
    expect(await emulator.takeInvocations()).toMatchObject([{ invocationType: 'RequestResponse' }]);
  });

  it('are refused above 1 MB (page "Lambda quotas")', async () => {
    const payload = (bytes: number): string => JSON.stringify('a'.repeat(bytes - 2));
    const invoke = async (Payload: string) =>
      lambda.send(new InvokeCommand({ FunctionName: 'f', InvocationType: 'Event', Payload }));
    await invoke(payload(1_048_576));
    await expect(invoke(payload(1_048_577))).rejects.toMatchObject({
      name: 'RequestTooLargeException',
      $metadata: { httpStatusCode: 413 },
    });
    expect(await emulator.takeViolations()).not.toEqual([]);
    expect(await emulator.takeInvocations()).toHaveLength(1);
  });

  it('are refused with a payload that is not JSON', async () => {
    await expect(lambda.send(new InvokeCommand({ FunctionName: 'f', Payload: '{' }))).rejects.toMatchObject({
      name: 'InvalidRequestContentException',
    });
  });
});
