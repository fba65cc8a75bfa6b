import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { ownClientConfig } from '../../../layers/engine/src/aws/access.js';
import { carefulRetries } from '../../../layers/engine/src/aws/retries.js';
import { createParameterReader, findStacks } from '../../../layers/engine/src/aws/ssm-parameters.js';
import type { Emulator } from '../../emulator/emulator.js';
import { HOME_REGION, startEmulatedAccess } from './emulated-access.js';

describe('createParameterReader', () => {
  let emulator: Emulator;
  let readParameters: ReturnType<typeof createParameterReader>;

  beforeAll(async () => {
    ({ emulator } = await startEmulatedAccess());
  });
  beforeEach(async () => {
    await emulator.reset();
    readParameters = createParameterReader(ownClientConfig(HOME_REGION));
  });
  afterAll(async () => {
    await emulator.stop();
  });

  const put = async (Name: string, Value: string, Type: 'String' | 'SecureString' = 'String') => {
    await new SSMClient(emulator.clientConfig()).send(new PutParameterCommand({ Name, Value, Type, Overwrite: true }));
  };

  it('reads all pages of what is directly under a path, secrets too', async () => {
    for (let index = 0; index < 23; index += 1) await put(`/shelvery/ebs/key_${index}`, String(index));
    await put('/shelvery/ebs/role_external_id', 'secret', 'SecureString');
    await put('/shelvery/ebs/deeper/key', 'x');
    await put('/shelvery/rds/key', 'x');
    const found = await readParameters('/shelvery/ebs');
    expect(Object.keys(found)).toHaveLength(24);
    expect(found).toMatchObject({ key_0: '0', key_22: '22', role_external_id: 'secret' });
  });

  it.each(['/shelvery/ebs/', 'shelvery/ebs', '//shelvery/ebs'])('takes %s for /shelvery/ebs', async (prefix) => {
    await put('/shelvery/ebs/key', '1');
    expect(await readParameters(prefix)).toEqual({ key: '1' });
  });

  it('asks once, and again in another function', async () => {
    await put('/shelvery/ebs/key', '1');
    await emulator.clearCalls();
    await readParameters('/shelvery/ebs');
    await readParameters('/shelvery/ebs');
    expect(await emulator.counts()).toEqual({ 'ssm:GetParametersByPath': 1 });
    await createParameterReader(ownClientConfig(HOME_REGION))('/shelvery/ebs');
    expect(await emulator.counts()).toEqual({ 'ssm:GetParametersByPath': 2 });
  });

  it('names a path that holds nothing', async () => {
    await expect(readParameters('/shelvery/none')).rejects.toMatchObject({
      code: 'ConfigurationError',
      message: 'There are no SSM parameters under /shelvery/none. Create them, or correct SHELVERY_SSM_PREFIX.',
    });
  });

  it('names a path that may not be read', async () => {
    await emulator.addFault({
      kind: 'refuse',
      action: 'GetParametersByPath',
      code: 'AccessDeniedException',
      status: 400,
    });
    await expect(readParameters('/shelvery/ebs')).rejects.toMatchObject({
      code: 'ConfigurationError',
      message: expect.stringMatching(
        /AccessDeniedException while reading the SSM parameters under \/shelvery\/ebs.*SHELVERY_SSM_PREFIX/s,
      ),
      aws: { code: 'AccessDeniedException' },
    });
  });

  it('names the option that gave the path', async () => {
    await expect(readParameters('/shelvery/none', '--stack')).rejects.toThrow(/ or correct --stack\.$/);
    await emulator.addFault({
      kind: 'refuse',
      action: 'GetParametersByPath',
      code: 'AccessDeniedException',
      status: 400,
    });
    await expect(readParameters('/shelvery/ebs', '--stack')).rejects.toThrow(/ --stack names the path\.$/);
  });

  it('finds the one stack with all of its parameters, and nothing else below /shelvery', async () => {
    for (let index = 0; index < 11; index += 1) await put(`/shelvery/prod/key_${index}`, String(index));
    await put('/shelvery/prod/shelvery_keep_daily_backups', '30', 'SecureString');
    await put('/shelvery/prod/deeper/shelvery_keep_daily_backups', '1');
    await put('/shelvery/shelvery_keep_daily_backups', '2');
    await put('/shelvery/database/password', 'secret');
    await put('/shelverytoo/x/shelvery_keep_daily_backups', '3');
    const stacks = await findStacks(ownClientConfig(HOME_REGION));
    expect([...stacks.keys()]).toEqual(['prod']);
    expect(Object.keys(stacks.get('prod') ?? {})).toHaveLength(12);
    expect(stacks.get('prod')).toMatchObject({ key_10: '10', shelvery_keep_daily_backups: '30' });
  });

  it('finds none by one call, and ends at the second', async () => {
    await emulator.clearCalls();
    expect(await findStacks(ownClientConfig(HOME_REGION))).toEqual(new Map());
    expect(await emulator.counts()).toEqual({ 'ssm:GetParametersByPath': 1 });
    for (const stack of ['a', 'b', 'c']) {
      await put(`/shelvery/${stack}/shelvery_keep_daily_backups`, '1');
      for (let index = 0; index < 10; index += 1) await put(`/shelvery/${stack}/key_${index}`, '1');
    }
    await emulator.clearCalls();
    expect((await findStacks(ownClientConfig(HOME_REGION))).size).toBe(2);
    expect(await emulator.counts()).toEqual({ 'ssm:GetParametersByPath': 2 });
  });

  it('says what passes', async () => {
    await emulator.addFault({
      kind: 'refuse',
      action: 'GetParametersByPath',
      code: 'InternalServerError',
      status: 500,
      times: 'always',
    });
    const once = createParameterReader({
      ...ownClientConfig(HOME_REGION),
      retryStrategy: carefulRetries({ attempts: 1 }),
    });
    await expect(once('/shelvery/ebs')).rejects.toMatchObject({ code: 'AwsError', mendable: true });
  });
});
