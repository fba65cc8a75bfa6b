import { CreateTagsCommand, DescribeSnapshotsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { BACKUP_TYPES } from '@shelvery/engine/terminal';
import * as z from 'zod';
import { makeResource } from '../../integration/harness/resources.js';
import { publishedSchema, useEmulatedProgram } from './emulated.js';
import { PROGRAM, runPrinted, runShelvery } from './shelvery.js';

const { emulator, shelvery, refuse } = useEmulatedProgram();
const schema = publishedSchema('command.schema.json');

/** A volume with a backup that is held, and one that is not marked any more. */
async function makeEstate(): Promise<void> {
  await emulator().seedVolumes([
    {
      id: 'vol-0aaaaaaaaaaaaaaaa',
      tags: { Name: 'orders', 'shelvery:create_backup': 'true', 'shelvery:config:shelvery_keep_daily_backups': '30' },
    },
    { id: 'vol-0bbbbbbbbbbbbbbbb', tags: { Name: 'stock', 'shelvery:create_backup': 'yes' } },
  ]);
  await shelvery('ebs', 'create_backups');
}

const later = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();

describe('status', () => {
  it('ends with 0 while the objective is met, and with 4 once it is broken', async () => {
    await makeEstate();
    const met = await shelvery('ebs', 'status');
    expect(met.code).toBe(0);
    expect(met.stdout).toMatch(
      /^warning +stock +vol-0bbbbbbbbbbbbbbbb +near-miss +its tag shelvery:create_backup = "yes"/m,
    );
    expect(met.stdout).toMatch(/^orders +vol-0aaaaaaaaaaaaaaaa +0 h +26 h$/m);
    expect(met.stdout).toMatch(/\nOK: 1 marked resource: 0 breaches, 1 warning, 0 notes\n$/);
    // What the table says is not said once more.
    expect(met.stderr).toBe('');

    const broken = await shelvery('ebs', 'status', '--dry-run', '--as-of', later(27));
    expect(broken.code).toBe(4);
    expect(broken.stdout).toMatch(
      /^breach +orders +vol-0aaaaaaaaaaaaaaaa +backup-too-old +the data of its newest backup is 2\d hours old/m,
    );
    expect(broken.stdout).toMatch(/\nOBJECTIVE BROKEN: 1 marked resource: 1 breach, 1 warning, 0 notes\n$/);
  });

  it('of all types is 4 where one of them is broken, also where another cannot be looked at', async () => {
    await makeEstate();
    await refuse('DescribeImages');
    const { code, stdout } = await shelvery('all', 'status', '--dry-run', '--as-of', later(27), '--json');
    expect(code).toBe(4);
    const document: unknown = JSON.parse(stdout);
    expect(schema.safeParse(document).error).toBeUndefined();
    expect(document).toMatchObject({
      exit_code: 4,
      runs: [
        { backup_type: 'ebs', exit_code: 4, backup_status: { objective: 'broken' } },
        { backup_type: 'ec2ami', exit_code: 1, broke_off: { code: 'NotAllowed' } },
        { backup_type: 'rds', exit_code: 0, backup_status: { objective: 'met' } },
        {},
        {},
        {},
      ],
    });
  });

  it('says nothing with --quiet where nothing needs somebody', async () => {
    await emulator().seedVolumes([{ tags: { Name: 'orders', 'shelvery:create_backup': 'true' } }]);
    expect(await shelvery('ebs', 'create_backups', '--quiet')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await shelvery('all', 'status', '--quiet')).toEqual({ code: 0, stdout: '', stderr: '' });
    const broken = await shelvery('ebs', 'status', '--quiet', '--dry-run', '--as-of', later(27));
    expect(broken).toMatchObject({ code: 4, stderr: '' });
    expect(broken.stdout).toMatch(/^LEVEL +RESOURCE .*\nbreach +orders .*\n$/);
  });
});

describe('a DR copy that is missing', () => {
  /** Types whose services copy on demand to other regions. */
  const COPYING = BACKUP_TYPES.filter((type) => type !== 'redshift');
  const Missing = z.object({
    runs: z.tuple([z.object({ listed: z.array(z.object({ state: z.string(), fate: z.string() })) })]),
  });

  it.each(COPYING)('is made by the command that its line has: %s', async (type) => {
    await makeResource(emulator(), { type, account: '111111111111', region: 'eu-west-1', name: 'orders' });
    const missing = async (): Promise<readonly string[]> => {
      const { stdout } = await shelvery(type, 'list_backups', '--dry-run', '--as-of', later(49), '--json');
      return Missing.parse(JSON.parse(stdout)).runs[0].listed.flatMap(({ state, fate }) =>
        state === 'missing' ? [fate] : [],
      );
    };
    await emulator().addFault({
      kind: 'refuse',
      region: 'eu-central-1',
      code: 'AccessDenied',
      status: 403,
      times: 'always',
    });
    await shelvery(type, 'create_backups', '--config', 'shelvery_dr_regions=eu-central-1');
    await emulator().clearFaults();
    const [fate = '', ...others] = await missing();
    expect(others).toEqual([]);
    const [, command = ''] = fate.split('; make it with: shelvery ');
    const made = await runPrinted(`node ${PROGRAM} ${command}`, { environment: emulator().environment() });
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(await missing()).toEqual([]);
  });
});

describe('show_config', () => {
  it('tells from where each value comes, and what tags of resources set', async () => {
    await makeEstate();
    const { code, stdout } = await runShelvery(['ebs', 'show_config', '--config', 'shelvery_keep_weekly_backups=3'], {
      environment: { ...emulator().environment(), shelvery_keep_monthly_backups: '5' },
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^shelvery_keep_weekly_backups +3 +--config$/m);
    expect(stdout).toMatch(/^shelvery_keep_monthly_backups +5 +environment$/m);
    expect(stdout).toMatch(/^shelvery_keep_yearly_backups +10 +default$/m);
    expect(stdout).toMatch(
      /^vol-0aaaaaaaaaaaaaaaa \(orders\)\nKEY .*\nshelvery_keep_daily_backups +30 +the resource's tag$/m,
    );
  });

  it('tells what is in force for one resource, marked or not', async () => {
    await makeEstate();
    const { stdout } = await shelvery('ebs', 'show_config', '--resource', 'vol-0aaaaaaaaaaaaaaaa', '--json');
    const document: unknown = JSON.parse(stdout);
    expect(schema.safeParse(document).error).toBeUndefined();
    expect(document).toMatchObject({
      runs: [{ shown_config: { resources: [{ id: 'vol-0aaaaaaaaaaaaaaaa', marked: true }] } }],
    });
    const other = await shelvery('ebs', 'show_config', '--resource', 'vol-0bbbbbbbbbbbbbbbb');
    expect(other.stdout).toContain('vol-0bbbbbbbbbbbbbbbb (stock), which is not marked\n');
    const none = await shelvery('ebs', 'show_config', '--resource', 'vol-0999999999999999');
    expect(none.code).toBe(1);
    expect(none.stdout).toContain('There is no EBS volume vol-0999999999999999 (shelvery_select_entity) in eu-west-1');
  });
});

describe('list_backups', () => {
  it('is narrowed to what is asked for', async () => {
    await makeEstate();
    const ec2 = new EC2Client(emulator().clientConfig());
    const { Snapshots: [made] = [] } = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
    const held = made?.SnapshotId ?? '';
    await shelvery('ebs', 'create_backups', '--as-of', later(-2));
    await ec2.send(new CreateTagsCommand({ Resources: [held], Tags: [{ Key: 'shelvery:hold', Value: 'legal' }] }));
    const only = await shelvery('ebs', 'list_backups', '--only', 'held', '--json');
    expect(JSON.parse(only.stdout)).toMatchObject({
      runs: [{ listed: [{ id: held, reason: 'held', entity_name: 'orders' }] }],
    });
    const none = await shelvery('ebs', 'list_backups', '--expires-before', '2020-01-01');
    expect(none.stdout).toContain('Shelvery has no such backups in eu-west-1');
    const mistyped = await shelvery('ebs', 'list_backups', '--resource', 'vol-typo');
    expect(mistyped.stdout).toContain('Shelvery has no backups of vol-typo in eu-west-1');
  });
});

describe('--json', () => {
  it.each([
    [['ebs', 'create_backups', '--dry-run']],
    [['ebs', 'create_backups']],
    [['ebs', 'clean_backups', '--dry-run']],
    [['ebs', 'list_backups']],
    [['all', 'create_data_buckets']],
    [['ebs', 'archive_pending_backups']],
    [['ebs', 'status', '--only', 'held']],
    [['EBS', 'status']],
  ])('prints what the published schema allows: %j', async (args) => {
    await makeEstate();
    const { stdout } = await shelvery(...args, '--json');
    expect(schema.safeParse(JSON.parse(stdout)).error).toBeUndefined();
  });
});

describe('what fails for one reason', () => {
  it('is one line with its count, and its reason is not printed twice', async () => {
    await emulator().seedVolumes(Array.from({ length: 6 }, () => ({ tags: { 'shelvery:create_backup': 'true' } })));
    await refuse('CreateSnapshot');
    const { code, stdout, stderr } = await shelvery('ebs', 'create_backups');
    expect(code).toBe(1);
    expect(stdout.match(/Allow ec2:CreateSnapshot/g)).toHaveLength(1);
    expect(stdout).toMatch(
      /^ {2}failed: 6 CreateBackup in eu-west-1 \(vol-\w+, vol-\w+, vol-\w+ and 3 more\): each as the first: UnauthorizedOperation /m,
    );
    expect(stdout.match(/^FAILED {3}CreateBackup .*: NotAllowed$/gm)).toHaveLength(6);
    expect(stderr).toBe('');
  });
});

describe('--verbose', () => {
  it('shows each call with its tries on stderr, and at the end how many there were, without what is in them', async () => {
    await emulator().seedVolumes([
      { tags: { Name: 'ledger', 'shelvery:create_backup': 'true', password: 'hunter2' } },
      { tags: { Name: 'ledger', 'shelvery:create_backup': 'true', password: 'hunter2' } },
    ]);
    await emulator().addFault({ kind: 'throttle', action: 'CreateSnapshot' });
    await emulator().addFault({
      kind: 'refuse',
      action: 'CreateBucket',
      code: 'AccessDenied',
      message: 'denied',
      status: 403,
      times: 'always',
    });
    const { stdout, stderr } = await shelvery('ebs', 'create_backups', '--verbose', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ runs: [{ report: { status: 'PARTIAL' } }] });
    expect(stderr).toMatch(/^call: ec2 CreateSnapshot in eu-west-1: ok, \d+ ms, 2 attempts, 1 throttled$/m);
    expect(stderr).toMatch(/^call: ec2 CreateSnapshot in eu-west-1: ok, \d+ ms$/m);
    expect(stderr).toMatch(/^call: s3 CreateBucket in eu-west-1: AccessDenied, \d+ ms$/m);
    // The configuration is looked for, and the account asked for, before the run begins.
    expect(stderr).toMatch(/^call: ssm GetParametersByPath in eu-west-1: ok, \d+ ms$/m);
    expect(stderr).toMatch(/^call: sts GetCallerIdentity in eu-west-1: ok, \d+ ms$/m);
    expect(stderr).toMatch(/^SERVICE +OPERATION +CALLS +RETRIES +THROTTLED +FAILED +MEAN MS$/m);
    expect(stderr).toMatch(/^ec2 +CreateSnapshot +2 +1 +1 +0 +\d+$/m);
    expect(stderr).toMatch(/^s3 +CreateBucket +1 +0 +0 +1 +\d+$/m);
    const made = (await emulator().calls()).filter(({ status }) => status !== 0);
    const attempts = [...stderr.matchAll(/^call: .* ms(?:, (\d+) attempts)?/gm)];
    expect(attempts.reduce((sum, [, count = '1']) => sum + Number(count), 0)).toBe(made.length);
    for (const secret of ['hunter2', 'emulator', 'X-Amz', 'Signature']) expect(stderr).not.toContain(secret);
  });

  it('is off unless it is asked for', async () => {
    expect(await shelvery('ebs', 'list_backups')).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('completion', () => {
  it('completes types, actions, options and their values in bash', async () => {
    const { stdout: script } = await shelvery('completion', 'bash');
    const complete = (...words: string[]): readonly string[] => {
      const list = words.map((word) => `'${word}'`).join(' ');
      const asked = `${script}\nCOMP_WORDS=(shelvery ${list}); COMP_CWORD=${words.length}; compopt() { :; }; _shelvery; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout, status } = spawnSync('bash', ['-c', asked], { encoding: 'utf8' });
      expect(status).toBe(0);
      return stdout.trim().split('\n');
    };
    expect(complete('rds')).toEqual(['rds', 'rds_cluster']);
    expect(complete('ebs', 'cr')).toEqual(['create_backups', 'create_data_buckets']);
    expect(complete('completion', 'z')).toEqual(['zsh']);
    expect(complete('ebs', 'status', '--js')).toEqual(['--json']);
    expect(complete('ebs', 'list_backups', '--only', 'exp')).toEqual(['expiring']);
    expect(complete('ebs', 'status', '--config', 'shelvery_rpo')).toEqual(['shelvery_rpo_hours=']);
    expect(complete('ebs', 'status', '--region', 'eu')).toEqual(['']);
  });

  it.each([['zsh'], ['fish']])('has a script for %s with every action', async (shell) => {
    const { code, stdout } = await shelvery('completion', shell);
    expect(code).toBe(0);
    expect(stdout).toContain('create_backups clean_backups pull_shared_backups');
  });
});

describe('--profile', () => {
  it('names the profile that is used, also where there is none', async () => {
    const { code, stderr } = await runShelvery(['ebs', 'status', '--profile', 'nobody', '--region', 'eu-west-1'], {
      environment: {
        AWS_ENDPOINT_URL: emulator().endpoint,
        AWS_CONFIG_FILE: '/dev/null',
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
        AWS_EC2_METADATA_DISABLED: 'true',
      },
    });
    expect(code).toBe(2);
    expect(stderr).toContain('nobody');
  });
});

describe('a proxy', () => {
  it('is what connections go through, save to hosts in NO_PROXY', async () => {
    const asked: string[] = [];
    const proxy = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(503).end();
    });
    proxy.on('connect', (request, socket) => {
      asked.push(request.url ?? '');
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const url = `http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`;
    const environment = {
      ...emulator().environment(),
      AWS_MAX_ATTEMPTS: '1',
      HTTPS_PROXY: url,
      HTTP_PROXY: url,
    };
    try {
      const secure = { ...environment, AWS_ENDPOINT_URL: 'https://aws.invalid' };
      const through = await runShelvery(['ebs', 'status', '--no-stack'], { environment: secure });
      expect(through.code).not.toBe(0);
      expect(new Set(asked)).toEqual(new Set(['aws.invalid:443']));
      asked.length = 0;
      const past = await runShelvery(['ebs', 'status', '--no-stack'], {
        environment: { ...environment, NO_PROXY: '127.0.0.1' },
      });
      expect(past.code).toBe(0);
      expect(asked).toEqual([]);
    } finally {
      proxy.close();
      proxy.closeAllConnections();
    }
  });
});
