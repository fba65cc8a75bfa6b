import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateTagsCommand, DeleteSnapshotCommand, DescribeSnapshotsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { BACKUP_TYPES } from '@shelvery/engine/terminal';
import { startEmulator } from '../../emulator/emulator.js';
import type { Emulator } from '../../emulator/emulator.js';
import { runShelvery } from './shelvery.js';

const ACCOUNT = '111111111111';
const STRANGER = '999999999999';
const REGION = 'eu-west-1';
const BUCKET = `shelvery.data.${ACCOUNT}-${REGION}.base2tools`;
const MARK = { 'shelvery:create_backup': 'true' };

// Each test starts processes, on a machine that may be busy.
jest.setTimeout(60_000);

let emulator: Emulator;
let ec2: EC2Client;
let folder: string;

beforeAll(async () => {
  emulator = await startEmulator({ account: ACCOUNT, region: REGION });
  ec2 = new EC2Client(emulator.clientConfig());
  folder = mkdtempSync(join(tmpdir(), 'shelvery-cli-'));
});
afterAll(async () => {
  ec2.destroy();
  rmSync(folder, { recursive: true });
  await emulator.stop();
});
beforeEach(() => emulator.reset());

const shelvery = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  runShelvery(args, { environment: { ...emulator.environment(), ...environment } });

/** The environment without some of its variables. */
function without(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(emulator.environment()).filter(([name]) => !names.includes(name)));
}

async function ownSnapshots() {
  const { Snapshots: found = [] } = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
  return found;
}

describe('bad usage ends with 2 before any call', () => {
  it.each([
    [
      'a misspelt type',
      ['ebss', 'create_backups'],
      ['"ebss" is not a backup type; did you mean ebs?', [...BACKUP_TYPES, 'all'].join(', ')],
    ],
    [
      'a misspelt action',
      ['ebs', 'create_backup'],
      ['"create_backup" is not an action; did you mean create_backups?', 'pull_shared_backups'],
    ],
    ['both missing', [], ['The backup type is missing', 'The action is missing']],
    ['an unknown option', ['ebs', 'create_backups', '--dryrun'], ["unknown option '--dryrun'", '--dry-run']],
    ['a third word', ['ebs', 'create_backups', 'now'], ['takes no further word']],
    ['a pair without =', ['ebs', 'create_backups', '--config', 'shelvery_keep_daily_backups'], ['is not key=value']],
    [
      'a time that is none',
      ['ebs', 'create_backups', '--as-of', 'yesterday'],
      ['--as-of is "yesterday"', '2026-11-24T03:01:00Z'],
    ],
    [
      'an empty resource',
      ['ebs', 'clean_backups', '--resource', ''],
      ['--resource is ""; allowed: the id of one resource. Leave --resource out'],
    ],
    [
      'a stack and none',
      ['ebs', 'clean_backups', '--stack', 'prod', '--no-stack'],
      ['--stack and --no-stack exclude each other.'],
    ],
    ['a region that is none', ['ebs', 'create_backups', '--region', 'Ireland'], ['--region is "Ireland"', 'eu-west-1']],
  ])('%s', async (_what, args, messages) => {
    const { code, stdout, stderr } = await shelvery(args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    for (const message of messages) expect(stderr).toContain(message);
    expect(await emulator.calls()).toEqual([]);
  });

  // What the time is, AWS's first answer tells.
  it.each([
    ['a time to come', ['ebs', 'create_backups', '--as-of', '2999-01-01'], ['is in the future', '--dry-run']],
    ['a time long past', ['ebs', 'create_backups', '--as-of', '2020-01-01'], ['more than 24 hours ago', '--backdate']],
  ])('%s is refused before anything is looked at', async (_what, args, messages) => {
    const { code, stdout, stderr } = await shelvery(args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    for (const message of messages) expect(stderr).toContain(message);
    expect((await emulator.calls()).map(({ action }) => action)).toEqual(['GetParametersByPath', 'GetCallerIdentity']);
  });

  it('names every bad key of every level, with its value and what is allowed', async () => {
    const { code, stderr } = await shelvery(
      [
        'ebs',
        'create_backups',
        '--config',
        'shelvery_keep_daily_backups=many',
        '--config',
        'shelvery_keep_dayly_backups=3',
      ],
      { shelvery_dr_regions: 'Ireland' },
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/shelvery_keep_daily_backups in .* is "many"; allowed: a whole number/);
    expect(stderr).toMatch(/shelvery_keep_dayly_backups .*did you mean shelvery_keep_daily_backups\?/);
    expect(stderr).toMatch(/shelvery_dr_regions in the environment is "Ireland"; allowed: /);
    expect(await emulator.calls()).toEqual([]);
  });

  it('names a bad key among the SSM parameters', async () => {
    const ssm = new SSMClient(emulator.clientConfig());
    await ssm.send(
      new PutParameterCommand({ Name: '/backups/shelvery_keep_daily_backups', Value: 'many', Type: 'String' }),
    );
    ssm.destroy();
    const { code, stderr } = await shelvery(['ebs', 'create_backups'], { SHELVERY_SSM_PREFIX: '/backups' });
    expect(code).toBe(2);
    expect(stderr).toContain('shelvery_keep_daily_backups in the SSM parameters is "many"');
  });

  it('prints one document with --json there, too', async () => {
    const { code, stdout } = await shelvery(['ebs', 'create_backup', '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ exit_code: 2, error: { code: 'UsageError' }, runs: [] });
  });
});

describe('what is easily overlooked is said', () => {
  it('a selected resource that is none, as a failure: which was looked for, where, and by which tag', async () => {
    await emulator.seedVolumes([{ tags: { 'shelvery:create_backup': 'true' } }]);
    const { code, stdout } = await shelvery(['ebs', 'create_backups', '--resource', 'vol-nothing']);
    expect(code).toBe(1);
    expect(stdout).toContain(
      `EBS volume vol-nothing (shelvery_select_entity) is not there, or not marked, in ${REGION} of account ${ACCOUNT}. Correct the id, the region or the credentials, or mark it with the tag shelvery:create_backup = true.\n`,
    );
    const inJson = await shelvery(['ebs', 'create_backups', '--resource', 'vol-nothing', '--json']);
    expect(JSON.parse(inJson.stdout)).toMatchObject({ exit_code: 1, runs: [{ report: { status: 'FAILED' } }] });
    for (const text of [stdout, inJson.stdout]) expect(text).not.toContain('--as-of');
    expect(inJson.stdout).not.toContain('finish_command');
    expect(await ownSnapshots()).toEqual([]);
  });

  it('a profile that there is not', async () => {
    writeFileSync(
      join(folder, 'config'),
      '[profile prod]\nregion = eu-central-1\n[sso-session corp]\n[default]\nregion = eu-west-2\n',
    );
    const environment = {
      ...without('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION', 'AWS_DEFAULT_REGION'),
      AWS_CONFIG_FILE: join(folder, 'config'),
    };
    const saidOf = (named: string): string =>
      `error: ${named} is "nope", and there is no such profile in ${join(folder, 'config')} nor in /dev/null. There are: default, prod.\n`;
    const { code, stderr } = await runShelvery(['ebs', 'create_backups'], {
      environment: { ...environment, AWS_PROFILE: 'nope' },
    });
    expect(code).toBe(2);
    expect(stderr).toBe(saidOf('AWS_PROFILE'));
    const asked = await runShelvery(['ebs', 'create_backups', '--profile', 'nope'], { environment });
    expect([asked.code, asked.stderr]).toEqual([2, saidOf('--profile')]);
  });

  it('an unknown retention type, once a stack has been asked whether it defines it', async () => {
    const { code, stderr } = await shelvery([
      'ebs',
      'create_backups',
      '--config',
      'shelvery_current_retention_type=hourly',
    ]);
    expect(code).toBe(2);
    expect(stderr).toBe(
      'error: shelvery_current_retention_type in --config is "hourly"; allowed: yearly, monthly, weekly, daily. ' +
        'To use it, add hourly:<seconds> to shelvery_custom_retention_types.\n',
    );
    expect((await emulator.calls()).map(({ action }) => action)).toEqual(['GetParametersByPath']);
  });
});

describe('region', () => {
  it('is missing: the message names every place to set it', async () => {
    const { code, stderr } = await runShelvery(['ebs', 'list_backups'], {
      environment: without('AWS_REGION', 'AWS_DEFAULT_REGION'),
    });
    expect(code).toBe(2);
    for (const place of ['--region', 'AWS_REGION', 'AWS_DEFAULT_REGION', 'profile']) expect(stderr).toContain(place);
  });

  it.each([
    [
      '--region first',
      ['--region', 'eu-north-1'],
      { AWS_REGION: 'eu-west-2', AWS_DEFAULT_REGION: 'eu-west-3' },
      'eu-north-1',
    ],
    ['then AWS_REGION', [], { AWS_REGION: 'eu-west-2', AWS_DEFAULT_REGION: 'eu-west-3' }, 'eu-west-2'],
    ['then AWS_DEFAULT_REGION', [], { AWS_DEFAULT_REGION: 'eu-west-3' }, 'eu-west-3'],
    ['then that of AWS_PROFILE', [], { AWS_PROFILE: 'backups', AWS_DEFAULT_PROFILE: 'other' }, 'eu-central-1'],
    ["then that of AWS_DEFAULT_PROFILE, boto3's name", [], { AWS_DEFAULT_PROFILE: 'backups' }, 'eu-central-1'],
  ])('%s', async (_what, args, variables, region) => {
    const file = join(folder, 'config');
    writeFileSync(file, '[profile backups]\nregion = eu-central-1\n[profile other]\nregion = us-west-2\n');
    // A profile would be asked for credentials, too: these say so.
    writeFileSync(
      join(folder, 'credentials'),
      `[backups]\naws_access_key_id = ${ACCOUNT}\naws_secret_access_key = emulator\n`,
    );
    const { code, stdout } = await runShelvery(['ebs', 'list_backups', ...args], {
      environment: {
        ...without('AWS_REGION', 'AWS_DEFAULT_REGION'),
        ...variables,
        AWS_CONFIG_FILE: file,
        AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
      },
    });
    expect(stdout).toContain(`ebs list_backups in ${region} of ${ACCOUNT}`);
    expect(code).toBe(0);
  });
});

describe('credentials', () => {
  const withProfile = async (profile: string, config: string) => {
    writeFileSync(join(folder, 'config'), config);
    return await runShelvery(['ebs', 'list_backups'], {
      environment: {
        ...without('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'),
        ...(profile === 'default' ? {} : { AWS_PROFILE: profile }),
        AWS_CONFIG_FILE: join(folder, 'config'),
        // Nobody is signed in at this place.
        HOME: folder,
        AWS_EC2_METADATA_DISABLED: 'true',
      },
    });
  };
  const SSO = 'sso_account_id = 111111111111\nsso_role_name = Admin\nsso_region = eu-west-1\n';
  const SESSION = `[sso-session corp]\nsso_start_url = https://corp.example/start\nsso_region = eu-west-1\n`;

  it.each([
    ['of a session', 'prod', `[profile prod]\nsso_session = corp\n${SSO}${SESSION}`],
    ['of the older kind', 'prod', `[profile prod]\nsso_start_url = https://corp.example/start\n${SSO}`],
    ['of the default profile', 'default', `[default]\nsso_session = corp\n${SSO}${SESSION}`],
    [
      'that another profile has its credentials from',
      'role',
      `[profile role]\nrole_arn = arn:aws:iam::111111111111:role/x\nsource_profile = prod\n[profile prod]\nsso_session = corp\n${SSO}${SESSION}`,
    ],
  ])('ask to sign in again where the sign-on has expired: %s', async (_which, profile, config) => {
    const { code, stderr } = await withProfile(profile, config);
    const signed = profile === 'role' ? 'prod' : profile;
    expect(stderr).toBe(
      `error: The profile ${signed} is not signed in, or its session has expired. Sign in: aws sso login --profile ${signed}\n`,
    );
    expect(code).toBe(2);
  });

  it.each([
    ['fails', 'sh -c "echo the vault is sealed >&2; exit 3"', 'the vault is sealed'],
    ['answers with something else', 'echo nonsense', 'Profile prod credential_process returned invalid JSON.'],
  ])("tell what the profile's command said that %s", async (_how, command, said) => {
    const { code, stderr } = await withProfile('prod', `[profile prod]\ncredential_process = ${command}\n`);
    expect(stderr).toMatch(/^error: The credential_process of the profile prod gives no credentials: /);
    expect(stderr).toContain(said);
    expect(code).toBe(2);
  });

  it('are missing: 2, and what to do', async () => {
    const { code, stderr } = await runShelvery(['ebs', 'list_backups'], {
      environment: without('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'),
    });
    expect(code).toBe(2);
    expect(stderr).toContain('AWS_PROFILE');
  });

  it('could not be checked, as AWS cannot be reached: 1', async () => {
    const { code, stderr } = await shelvery(['ebs', 'list_backups'], {
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      AWS_MAX_ATTEMPTS: '1',
    });
    expect(code).toBe(1);
    expect(stderr).toContain('ECONNREFUSED');
  });
});

describe('what is wrong with one item leaves the others alone', () => {
  it('a tag that cannot be used: the next level is taken, with a warning', async () => {
    await emulator.seedVolumes([
      { tags: { ...MARK, 'shelvery:config:shelvery_keep_daily_backups': 'many' } },
      { tags: MARK },
    ]);
    const { code, stdout, stderr } = await shelvery(['ebs', 'create_backups']);
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^warning: vol-\w+: shelvery_keep_daily_backups in the resource's tags is "many"; allowed: /,
    );
    expect(stdout).toContain('2 created');
  });

  it('a volume deleted after it was listed is skipped', async () => {
    const [gone = '', there = ''] = await emulator.seedVolumes([{ tags: MARK }, { tags: MARK }]);
    await emulator.addFault({
      kind: 'refuse',
      service: 'ec2',
      action: 'CreateSnapshot',
      match: { VolumeId: gone },
      code: 'InvalidVolume.NotFound',
      times: 'always',
    });
    const { code, stdout } = await shelvery(['ebs', 'create_backups']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`skipped +CreateBackup .*${gone}.*deleted while the run was going on`));
    expect((await ownSnapshots()).map(({ VolumeId: volume }) => volume)).toEqual([there]);
  });

  it('some that fail: 3, with the reason and the command that finishes it', async () => {
    const [refused = ''] = await emulator.seedVolumes([{ tags: MARK }, { tags: MARK }]);
    await emulator.addFault({
      kind: 'refuse',
      service: 'ec2',
      action: 'CreateSnapshot',
      match: { VolumeId: refused },
      code: 'UnauthorizedOperation',
      status: 403,
      times: 'always',
    });
    const { code, stdout } = await shelvery(['ebs', 'create_backups', '--config', 'shelvery_keep_daily_backups=3']);
    expect(code).toBe(3);
    expect(stdout).toMatch(
      new RegExp(`\\nPARTIAL: 2 found, .*1 failed\\n {2}failed: .*${refused}.*UnauthorizedOperation.*policy`),
    );
    expect(stdout).toMatch(
      /shelvery\.mjs ebs create_backups --as-of \S+Z --region eu-west-1 --config shelvery_keep_daily_backups=3\n$/,
    );
  });

  it('all that fail: 1', async () => {
    await shelvery(['ebs', 'create_data_buckets']);
    await emulator.seedVolumes([{ tags: MARK }]);
    await emulator.addFault({
      kind: 'refuse',
      service: 'ec2',
      action: 'CreateSnapshot',
      code: 'UnauthorizedOperation',
      status: 403,
      times: 'always',
    });
    expect((await shelvery(['ebs', 'create_backups'])).code).toBe(1);
  });

  it('a run that cannot list: 1, and why', async () => {
    await emulator.addFault({
      kind: 'refuse',
      service: 'ec2',
      action: 'DescribeVolumes',
      code: 'UnauthorizedOperation',
      status: 403,
      times: 'always',
    });
    const { code, stdout } = await shelvery(['ebs', 'create_backups']);
    expect(code).toBe(1);
    expect(stdout).toContain('UnauthorizedOperation');
  });

  it("somebody else's bucket: backups are made, storing them fails", async () => {
    const theirs = new S3Client(emulator.clientConfig(STRANGER));
    await theirs.send(
      new CreateBucketCommand({ Bucket: BUCKET, CreateBucketConfiguration: { LocationConstraint: REGION } }),
    );
    await theirs.send(new DeletePublicAccessBlockCommand({ Bucket: BUCKET }));
    await theirs.send(
      new PutBucketPolicyCommand({
        Bucket: BUCKET,
        Policy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: '*',
              Action: 's3:*',
              Resource: [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`],
            },
          ],
        }),
      }),
    );
    await emulator.seedVolumes([{ tags: MARK }]);
    const { code, stdout } = await shelvery(['ebs', 'create_backups']);
    expect(code).toBe(3);
    expect(stdout).toContain('shelvery_bucket_name_template');
    expect(await ownSnapshots()).toHaveLength(1);
    const { KeyCount: files } = await theirs.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    theirs.destroy();
    expect(files).toBe(0);
  });

  it('a snapshot whose date cannot be read, and one deleted by hand: kept and named, the rest goes on', async () => {
    await emulator.seedVolumes([
      { tags: { ...MARK, Name: 'a' } },
      { tags: { ...MARK, Name: 'b' } },
      { tags: { ...MARK, Name: 'c' } },
    ]);
    await shelvery(['ebs', 'create_backups', '--as-of', '2026-01-06', '--backdate']);
    const [unreadable, deleted, expired] = await ownSnapshots();
    await ec2.send(
      new CreateTagsCommand({
        Resources: [unreadable?.SnapshotId ?? ''],
        Tags: [{ Key: 'shelvery:date_created', Value: 'long ago' }],
      }),
    );
    await ec2.send(new DeleteSnapshotCommand({ SnapshotId: deleted?.SnapshotId ?? '' }));
    const { code, stdout } = await shelvery(['ebs', 'clean_backups', '--config', 'shelvery_keep_last_backups=0']);
    expect(code).toBe(3);
    expect(stdout).toMatch(new RegExp(`failed: .*${unreadable?.SnapshotId ?? ''}.*date_created`));
    expect(stdout).toMatch(new RegExp(`ok +DeleteBackup .*${expired?.SnapshotId ?? ''}`));
    expect((await ownSnapshots()).map(({ SnapshotId: id }) => id)).toEqual([unreadable?.SnapshotId]);
  });
});

describe('a Node.js that is too old', () => {
  it('is named with what is needed, and nothing else happens', async () => {
    const older = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });`;
    const ended = await runShelvery(['ebs', 'create_backups'], {
      environment: emulator.environment(),
      nodeOptions: ['--import', `data:text/javascript,${encodeURIComponent(older)}`],
    });
    expect(ended).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'Shelvery needs Node.js 22 or newer, and this is Node.js 20.20.2: install a newer one from https://nodejs.org.\n',
    });
    expect(await emulator.calls()).toEqual([]);
  });
});
