import { DescribeSnapshotsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { subDays } from 'date-fns';
import { startEmulator } from '../../emulator/emulator.js';
import type { Emulator } from '../../emulator/emulator.js';
import { runPrinted, runShelvery } from './shelvery.js';

const ACCOUNT = '111111111111';
const REGION = 'eu-west-1';
const CLEAN = ['ebs', 'clean_backups', '--config', 'shelvery_keep_last_backups=0'];

// Each test starts processes, on a machine that may be busy.
jest.setTimeout(120_000);

let emulator: Emulator;
let ec2: EC2Client;
let ssm: SSMClient;

beforeAll(async () => {
  emulator = await startEmulator({ account: ACCOUNT, region: REGION });
  ec2 = new EC2Client(emulator.clientConfig());
  ssm = new SSMClient(emulator.clientConfig());
});
afterAll(async () => {
  ec2.destroy();
  ssm.destroy();
  await emulator.stop();
});

/** A volume with daily backups of 20 and 32 days ago, made without a stack. */
beforeEach(async () => {
  await emulator.reset();
  await emulator.seedVolumes([{ tags: { 'shelvery:create_backup': 'true' } }]);
  for (const days of [32, 20]) {
    const made = await shelvery([
      'ebs',
      'create_backups',
      '--as-of',
      subDays(new Date(), days).toISOString().slice(0, 10),
      '--backdate',
      '--config',
      'shelvery_current_retention_type=daily',
    ]);
    expect(made.code).toBe(0);
  }
  await emulator.clearCalls();
});

const shelvery = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  runShelvery(args, { environment: { ...emulator.environment(), ...environment } });

async function put(stack: string, days: string): Promise<void> {
  await ssm.send(
    new PutParameterCommand({ Name: `/shelvery/${stack}/shelvery_keep_daily_backups`, Value: days, Type: 'String' }),
  );
}

const refuseSsm = () =>
  emulator.addFault({
    kind: 'refuse',
    service: 'ssm',
    action: 'GetParametersByPath',
    code: 'AccessDeniedException',
    status: 400,
    times: 'always',
  });

/** How many backups are left. */
async function left(): Promise<number> {
  const { Snapshots: found = [] } = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
  return found.length;
}

describe('the CLI beside a stack', () => {
  it('a stack that keeps 30 daily backups, and clean_backups: keeps until 30 days', async () => {
    await put('prod', '30');
    await emulator.clearCalls();
    const { code, stdout, stderr } = await shelvery(CLEAN);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^ebs clean_backups in .*\n {2}keeps 30 daily, 8 weekly, 12 monthly, 10 yearly \(daily from SSM \/shelvery\/prod; the rest are defaults\)\n/,
    );
    expect(await left()).toBe(1);
    expect(await emulator.counts()).toMatchObject({ 'ssm:GetParametersByPath': 1 });
  });

  it('--no-stack: its configuration does not count', async () => {
    await put('prod', '30');
    await emulator.clearCalls();
    const { code, stdout } = await shelvery([...CLEAN, '--no-stack'], { SHELVERY_SSM_PREFIX: '/shelvery/prod' });
    expect(code).toBe(0);
    expect(stdout).toContain('keeps 14 daily, 8 weekly, 12 monthly, 10 yearly (all are defaults)');
    expect(await left()).toBe(0);
    expect(await emulator.counts()).not.toHaveProperty('ssm:GetParametersByPath');
  });

  it('several stacks: clean_backups refuses until told, other actions warn', async () => {
    await put('prod', '30');
    await put('test', '3');
    const refused = await shelvery(CLEAN);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(/several stacks in eu-west-1, prod and test among them.*--stack NAME.*--no-stack/);
    expect(await left()).toBe(2);

    const listed = await shelvery(['ebs', 'list_backups']);
    expect(listed.code).toBe(0);
    expect(listed.stderr).toMatch(/^warning: There are several stacks in eu-west-1.*uses the configuration of none/);

    expect((await shelvery([...CLEAN, '--stack', 'prod'])).code).toBe(0);
    expect(await left()).toBe(1);
    expect((await shelvery([...CLEAN, '--stack', 'test'])).code).toBe(0);
    expect(await left()).toBe(0);
  });

  it('parameters that may not be read: clean_backups refuses until told, other actions warn', async () => {
    await put('prod', '30');
    await refuseSsm();
    const refused = await shelvery([...CLEAN, '--json']);
    expect(refused.code).toBe(2);
    expect(JSON.parse(refused.stdout)).toMatchObject({ exit_code: 2, error: { code: 'ConfigurationError' } });
    expect(refused.stderr).toMatch(/AccessDeniedException.*\/shelvery.*--stack NAME.*--no-stack/s);
    expect(await left()).toBe(2);

    const listed = await shelvery(['ebs', 'list_backups']);
    expect(listed.code).toBe(0);
    expect(listed.stderr).toMatch(/^warning: .*AccessDeniedException.*uses no stack's configuration/s);

    expect((await shelvery([...CLEAN, '--no-stack'])).code).toBe(0);
    expect(await left()).toBe(0);
  });

  it('a stack that is not there: 2, and which option named it', async () => {
    await put('prod', '30');
    const { code, stderr } = await shelvery([...CLEAN, '--stack', 'prd']);
    expect(code).toBe(2);
    expect(stderr).toContain('no SSM parameters under /shelvery/prd. Create them, or correct --stack.');
    expect(await left()).toBe(2);
  });

  it('SHELVERY_SSM_PREFIX counts before a stack that could be found', async () => {
    await put('prod', '3');
    await put('deep', '30');
    const { code, stdout } = await shelvery(CLEAN, { SHELVERY_SSM_PREFIX: '/shelvery/deep' });
    expect(code).toBe(0);
    expect(stdout).toContain('(daily from SSM /shelvery/deep; the rest are defaults)');
    expect(await left()).toBe(1);
  });

  it('the command that finishes a run names the stack that was found', async () => {
    await put('prod', '30');
    await emulator.addFault({
      kind: 'refuse',
      service: 'ec2',
      action: 'DeleteSnapshot',
      code: 'UnauthorizedOperation',
      status: 403,
      times: 1,
    });
    const { code, stdout } = await shelvery(CLEAN);
    expect(code).toBe(3);
    const command = stdout.trim().split('\n').at(-1) ?? '';
    expect(command).toContain(' --stack prod ');
    await put('test', '3');
    expect((await runPrinted(command.trim(), { environment: emulator.environment() })).code).toBe(0);
    expect(await left()).toBe(1);
  });
});
