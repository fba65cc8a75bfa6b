import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { BUCKET, FOREIGN_BUCKET, startAwsStandIn } from './aws-stand-in.js';
import type { AwsStandIn } from './aws-stand-in.js';
import { inSamEnvironment, root, run } from './sam-cli.js';
import type { Ended } from './sam-cli.js';

const REGION = 'eu-west-1';
const topicIn = (region: string): string => `arn:aws:sns:${region}:111111111111:backups`;
const Call = z.object({ program: z.string(), args: z.array(z.string()) });

let aws: AwsStandIn;
/** A checkout with the script, and programs that only write down how they were called. */
let checkout = '';

beforeAll(async () => {
  aws = await startAwsStandIn(REGION, {
    mine: { resources: ['EbsFunction', 'EbsQueue'], parameters: { ShelveryErrorSnsTopic: topicIn(REGION) } },
    original: { resources: ['ShelveryFunction', 'ShelveryWaitQueue'] },
    failed: { resources: [], status: 'ROLLBACK_COMPLETE' },
    unfinished: { resources: ['EbsQueue'], status: 'CREATE_FAILED' },
    elsewhere: { resources: ['EbsFunction'], parameters: { ShelverySnsTopic: topicIn('us-east-1') } },
  });
});
afterAll(() => aws.close());

beforeEach(() => {
  checkout = mkdtempSync(`${tmpdir()}/shelvery-deploy-`);
  for (const folder of ['bin', 'scripts', 'dist/layer', 'dist/functions'])
    mkdirSync(`${checkout}/${folder}`, { recursive: true });
  for (const file of [
    'deploy-sam-template.sh',
    'scripts/check-deployment.mjs',
    'package.json',
    'template.yaml',
    'template-dr-region.yaml',
    'LICENSE',
  ]) {
    copyFileSync(`${root}${file}`, `${checkout}/${file}`);
  }
  writeFileSync(`${checkout}/README.md`, '# Shelvery\n');
  symlinkSync(`${root}node_modules`, `${checkout}/node_modules`);
  for (const program of ['sam', 'npm']) {
    const recorder = `#!${process.execPath}
      import { appendFileSync } from 'node:fs';
      appendFileSync(${JSON.stringify(`${checkout}/calls`)}, JSON.stringify({ program: '${program}', args: process.argv.slice(2) }) + '\\n');`;
    writeFileSync(`${checkout}/bin/${program}`, recorder);
    chmodSync(`${checkout}/bin/${program}`, 0o755);
  }
});
afterEach(() => rmSync(checkout, { recursive: true, force: true }));

const deploy = (args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  run(`${checkout}/deploy-sam-template.sh`, args, {
    cwd: tmpdir(),
    environment: {
      ...aws.environment,
      PATH: `${checkout}/bin:${root}node_modules/.bin:${process.env['PATH'] ?? ''}`,
      ...environment,
    },
  });

function calls(): readonly z.infer<typeof Call>[] {
  if (!existsSync(`${checkout}/calls`)) return [];
  const lines = readFileSync(`${checkout}/calls`, 'utf8').trim().split('\n');
  return lines.map((line) => Call.parse(JSON.parse(line)));
}

/** What `sam deploy` was given as parameters, as the SAM CLI reads it. */
async function overrides(): Promise<unknown> {
  const args = calls().find((call) => call.program === 'sam' && call.args[0] === 'deploy')?.args ?? [];
  const given = args.slice(args.indexOf('--parameter-overrides') + 1);
  const read =
    'import json, sys; from samcli.cli.types import CfnParameterOverridesType; print(json.dumps(CfnParameterOverridesType().convert(sys.argv[1:], None, None)))';
  const { stdout, stderr } = await run(inSamEnvironment('python'), ['-c', read, ...given]);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

describe('deploy-sam-template.sh', () => {
  it('shows its options', async () => {
    const { status, stdout } = await deploy(['help']);
    expect(status).toBe(0);
    for (const option of ['-b', '-v', '-r', '-p', '-l', '-o', '-u'])
      expect(stdout).toMatch(new RegExp(`^\\s+\\[?${option} `, 'm'));
    expect(calls()).toEqual([]);
  });

  it('says which Node.js it needs, before anything else', async () => {
    writeFileSync(`${checkout}/bin/node`, '#!/bin/sh\necho 20.20.2\n', { mode: 0o755 });
    expect(await deploy(['-b', BUCKET, '-r', REGION])).toEqual({
      status: 2,
      stdout: '',
      stderr:
        'Shelvery needs Node.js 22 or newer, and this is Node.js 20.20.2: install a newer one from https://nodejs.org.\n',
    });
    expect(calls()).toEqual([]);
  });

  it('builds, packages and deploys this version', async () => {
    const { status, stderr } = await deploy(['-b', BUCKET, '-r', REGION]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(calls().map(({ program, args }) => [program, ...args.slice(0, 3)])).toEqual([
      ['npm', 'run', '--silent', 'build'],
      ['sam', 'package', '--region', REGION],
      ['sam', 'deploy', '--region', REGION],
    ]);
    const [, , { args } = { args: [] }] = calls();
    expect(args).toEqual(
      expect.arrayContaining(['--stack-name', 'shelvery', '--s3-bucket', BUCKET, '--capabilities', 'CAPABILITY_IAM']),
    );
    expect(args).not.toContain('--parameter-overrides');
  });

  it.each(['AWS_REGION', 'AWS_DEFAULT_REGION'])(
    'takes the region from %s, and another name for the stack',
    async (variable) => {
      expect((await deploy(['-b', BUCKET], { [variable]: REGION, SHELVERY_STACK_NAME: 'nightly' })).status).toBe(0);
      expect(calls().at(-1)?.args).toEqual(expect.arrayContaining(['--region', REGION, '--stack-name', 'nightly']));
    },
  );

  it('updates its own stack, and touches no other', async () => {
    expect((await deploy(['-b', BUCKET, '-r', REGION], { SHELVERY_STACK_NAME: 'mine' })).status).toBe(0);
    rmSync(`${checkout}/calls`);
    const { status, stderr } = await deploy(['-b', BUCKET, '-r', REGION], { SHELVERY_STACK_NAME: 'original' });
    expect(status).toBe(1);
    expect(stderr).toContain("There is already a stack original, and it is not this program's.");
    expect(stderr).toContain('Choose another name with SHELVERY_STACK_NAME');
    expect(calls()).toEqual([]);
  });

  it.each(['failed', 'unfinished'])('says what to do about the stack %s, whose creation failed', async (stack) => {
    const { status, stderr } = await deploy(['-b', BUCKET, '-r', REGION], { SHELVERY_STACK_NAME: stack });
    expect(status).toBe(1);
    expect(stderr).toContain(`aws cloudformation delete-stack --region ${REGION} --stack-name ${stack}`);
    expect(stderr).toContain('deploy again: data buckets and backups are kept');
    expect(stderr).not.toContain("it is not this program's");
    expect(calls()).toEqual([]);
  });

  it('gives the packages of each stack a prefix of their own, which its deletion clears', async () => {
    await deploy(['-b', BUCKET, '-r', REGION], { SHELVERY_STACK_NAME: 'nightly' });
    const prefixes = calls()
      .filter(({ program }) => program === 'sam')
      .map(({ args }) => args[args.indexOf('--s3-prefix') + 1]);
    expect(prefixes).toEqual(['cloudformation/shelvery/nightly', 'cloudformation/shelvery/nightly']);
    const config = readFileSync(`${root}samconfig.toml`, 'utf8');
    expect([...config.matchAll(/^s3_prefix = "(.*)"$/gm)].map(([, prefix]) => prefix)).toEqual([
      'cloudformation/shelvery/shelvery',
      'cloudformation/shelvery/shelvery',
    ]);
  });

  const away = topicIn('us-east-1');
  it.each([
    ['ShelverySnsTopic', 'shelvery', [`ShelverySnsTopic=${away}`]],
    ['ShelveryErrorSnsTopic', 'shelvery', [`ShelveryErrorSnsTopic=${away}`, `ShelverySnsTopic=${topicIn(REGION)}`]],
    ['AlarmSnsTopic', 'shelvery', [`AlarmSnsTopic=${away}`, `ShelverySnsTopic=${topicIn(REGION)}`]],
    ['ShelverySnsTopic', 'elsewhere', []],
    ['ShelverySnsTopic', 'elsewhere', ['ShelveryErrorSnsTopic=']],
    ['ShelveryErrorSnsTopic', 'mine', [`ShelveryErrorSnsTopic=${away}`]],
  ])('refuses alarms in another region by %s, before it does anything (stack %s, %j)', async (named, stack, given) => {
    const { status, stderr } = await deploy(
      ['-b', BUCKET, '-r', REGION, ...(given.length > 0 ? ['-o', given.join(',')] : [])],
      { SHELVERY_STACK_NAME: stack },
    );
    expect(status).toBe(1);
    expect(stderr).toContain(`Alarms go only to a topic of their own region, ${REGION}, and the one of ${named} is in`);
    expect(stderr).toContain('-o AlarmSnsTopic=');
    expect(calls()).toEqual([]);
  });

  it.each([
    ['shelvery', [`ShelverySnsTopic=${away}`, `AlarmSnsTopic=${topicIn(REGION)}`]],
    ['shelvery', [`ShelverySnsTopic=${away}`, `ShelveryErrorSnsTopic=${topicIn(REGION)}`]],
    ['elsewhere', [`AlarmSnsTopic=${topicIn(REGION)}`]],
    ['elsewhere', ['ShelverySnsTopic=']],
  ])('deploys %s with %j: the alarms stay in their region', async (stack, given) => {
    const { status } = await deploy(['-b', BUCKET, '-r', REGION, '-o', given.join(',')], {
      SHELVERY_STACK_NAME: stack,
    });
    expect(status).toBe(0);
  });

  it('takes values with commas, spaces, quotes and equals signs', async () => {
    const given = [
      'ShelveryDrRegions=us-east-1,us-west-2',
      'CreateBackupSchedule=0 1 ? * MON,THU *',
      'ShelveryCopyKmsKeyId=us-east-1=alias/a,us-west-2=alias/b',
      'ShelveryShareAwsAccountIds=',
      'ShelveryExludedResourceTagKeys=a*,"b"',
      'ShelveryEncryptCopy=true',
    ];
    const { status, stderr } = await deploy(['-b', BUCKET, '-r', REGION, '-o', given.join(',')]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(await overrides()).toEqual({
      ShelveryDrRegions: 'us-east-1,us-west-2',
      CreateBackupSchedule: '0 1 ? * MON,THU *',
      ShelveryCopyKmsKeyId: 'us-east-1=alias/a,us-west-2=alias/b',
      ShelveryShareAwsAccountIds: '',
      ShelveryExludedResourceTagKeys: 'a*,"b"',
      ShelveryEncryptCopy: 'true',
    });
  });

  it('takes spaces after the commas between pairs', async () => {
    await deploy(['-b', BUCKET, '-r', REGION, '-o', 'ShelveryEncryptCopy=true, ShelveryKeepDailyBackups=7']);
    expect(await overrides()).toEqual({ ShelveryEncryptCopy: 'true', ShelveryKeepDailyBackups: '7' });
  });

  it('leaves out what the original only carried along, and says so', async () => {
    const { status, stderr } = await deploy([
      '-b',
      BUCKET,
      '-r',
      REGION,
      '-u',
      '501',
      '-o',
      'S3BackupSchedule=0 1 ? * * *,ShelveryKeepDailyBackups=7',
    ]);
    expect(status).toBe(0);
    expect(stderr).toContain('Docker is not used');
    expect(stderr).toContain('S3BackupSchedule');
    expect(await overrides()).toEqual({ ShelveryKeepDailyBackups: '7' });
  });

  it('packages the current branch, and deploys that package', async () => {
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(`${checkout}/package.json`, 'utf8')));
    expect((await deploy(['-b', BUCKET, '-r', REGION, '-l', 'true', '-p', 'true'])).status).toBe(0);
    expect(existsSync(`${checkout}/dist/shelvery-${version}.tar.gz`)).toBe(true);
    for (const template of ['template.yaml', 'template-dr-region.yaml'])
      expect(existsSync(`${checkout}/.aws-sam/deploy/package/${template}`)).toBe(true);
    rmSync(`${checkout}/calls`);
    expect((await deploy(['-b', BUCKET, '-r', REGION, '-l', 'true'])).status).toBe(0);
    expect(calls().map(({ program }) => program)).toEqual(['sam', 'sam']);
  });

  it('builds another version from its tag', async () => {
    const git = (...args: string[]): Promise<Ended> =>
      run('git', ['-C', checkout, '-c', 'user.name=x', '-c', 'user.email=x@example.com', ...args]);
    await git('init', '--quiet');
    await git('add', 'template.yaml', 'package.json', 'README.md', 'LICENSE');
    await git('commit', '--quiet', '--message', 'old');
    await git('tag', 'v0.9.0');
    expect((await deploy(['-b', BUCKET, '-r', REGION, '-v', '0.9.0'])).status).toBe(0);
    expect(calls().map(({ program, args }) => `${program} ${args[0] ?? ''}`)).toEqual([
      'npm ci',
      'npm run',
      'sam package',
      'sam deploy',
    ]);
    expect(existsSync(`${checkout}/.aws-sam/deploy/v0.9.0/template.yaml`)).toBe(true);
  });

  it.each([
    [['-r', REGION], 2, 'with -b'],
    [['-b', BUCKET, '-r'], 2, '-r needs a value'],
    [['-b', BUCKET, '-x', 'y'], 2, 'no option -x'],
    [['-b', BUCKET, '-l', 'yes'], 2, '-l takes true or false'],
    [['-b', BUCKET, '-o', 'CreateBackupSchedule=0', '1'], 2, "'1' is not understood"],
    [['-b', BUCKET, '-o', 'nonsense'], 2, 'KEY=VALUE'],
    [['-b', BUCKET, '-p', 'true', '-v', '0.0.1'], 2, 'packages the current branch'],
    [['-b', BUCKET, '-r', REGION, '-o', 'ShelveryKeepDaily=7'], 1, 'ShelveryKeepDaily is not a parameter'],
    [['-b', BUCKET, '-r', REGION, '-l', 'true'], 1, 'make it with -p true'],
    [['-b', BUCKET, '-r', REGION, '-v', '0.0.1'], 1, 'no git tag v0.0.1'],
    [['-b', BUCKET], 1, 'No region is set'],
    [['-b', 'another', '-r', REGION], 1, 'The bucket another cannot be reached'],
    [['-b', FOREIGN_BUCKET, '-r', REGION], 1, 'belongs to another account than 111111111111'],
    [['-b', BUCKET, '-r', 'us-east-1'], 1, 'is in eu-west-1'],
  ])('stops at %j before it does anything', async (args, status, message) => {
    const ended = await deploy(args);
    expect(ended).toMatchObject({ status, stderr: expect.stringContaining(message) });
    expect(calls()).toEqual([]);
    expect(existsSync(`${checkout}/.aws-sam`)).toBe(false);
  });

  it('stops without the SAM CLI, without credentials, and for a stack name that makes others too long', async () => {
    const bare = `${root}node_modules/.bin:/usr/bin:/bin`;
    expect((await deploy(['-b', BUCKET, '-r', REGION], { PATH: bare })).stderr).toContain(
      'SAM CLI (sam) is not installed',
    );
    expect((await deploy(['-b', BUCKET, '-r', REGION], { AWS_ACCESS_KEY_ID: '' })).stderr).toContain(
      'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID',
    );
    expect((await deploy(['-b', BUCKET], { SHELVERY_STACK_NAME: 'x'.repeat(46) })).stderr).toContain(
      'at most 45 are allowed',
    );
    expect(calls()).toEqual([]);
  });

  it('deletes nothing outside of its own folder', async () => {
    mkdirSync(`${checkout}/.aws-sam/build`, { recursive: true });
    writeFileSync(`${checkout}/.aws-sam/build/mine`, '');
    writeFileSync(`${checkout}/dist/mine`, '');
    expect((await deploy(['-b', BUCKET, '-r', REGION])).status).toBe(0);
    expect([`${checkout}/.aws-sam/build/mine`, `${checkout}/dist/mine`].every((file) => existsSync(file))).toBe(true);
  });
});
