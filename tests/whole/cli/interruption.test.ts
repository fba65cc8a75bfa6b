import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeSnapshotsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MAKING_COPIES, eventLeaseKey } from '../../../layers/engine/src/domain/files/keys.js';
import { databaseControls } from '../../emulator/databases.js';
import { startEmulator } from '../../emulator/emulator.js';
import type { Emulator } from '../../emulator/emulator.js';
import { PROGRAM, runPrinted, runShelvery, startShelvery } from './shelvery.js';

const ACCOUNT = '111111111111';
const REGION = 'eu-west-1';
const BUCKET = `shelvery.data.${ACCOUNT}-${REGION}.base2tools`;
const MARK = { 'shelvery:create_backup': 'true' };
const AN_HOUR_MS = 3_600_000;

// Each test starts processes, on a machine that may be busy.
jest.setTimeout(60_000);

let emulator: Emulator;
let ec2: EC2Client;
let s3: S3Client;

beforeAll(async () => {
  emulator = await startEmulator({ account: ACCOUNT, region: REGION });
  ec2 = new EC2Client(emulator.clientConfig());
  s3 = new S3Client(emulator.clientConfig());
});
afterAll(async () => {
  ec2.destroy();
  s3.destroy();
  await emulator.stop();
});
beforeEach(async () => {
  await emulator.reset();
  await emulator.setSnapshotStates({ pendingMs: AN_HOUR_MS });
  await emulator.seedVolumes([{ tags: MARK }, { tags: MARK }, { tags: MARK }]);
});

async function snapshotCount(): Promise<number> {
  const { Snapshots: found = [] } = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
  return found.length;
}

async function fileCount(): Promise<number> {
  const { KeyCount: count = 0 } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'backups/ebs/' }));
  return count;
}

/** The last line that the program printed. */
function lastLine(stdout: string): string {
  return stdout.trimEnd().split('\n').at(-1)?.trim() ?? '';
}

describe('Ctrl-C', () => {
  it('is INTERRUPTED, and never OK, in the status report and on its topic', async () => {
    const sns = new SNSClient(emulator.clientConfig());
    const { TopicArn: topic = '' } = await sns.send(new CreateTopicCommand({ Name: 'status' }));
    const started = startShelvery(
      ['ebs', 'create_backups', '--json', '--config', `shelvery_status_sns_topic=${topic}`],
      { environment: emulator.environment() },
    );
    while ((await snapshotCount()) < 3) await setTimeout(100);
    started.child.kill('SIGTERM');
    const { code, stdout } = await started.ended;
    expect(code).toBe(130);
    const expected = { status: 'INTERRUPTED', summary: { failed: 0, unfinished: 3 } };
    expect(JSON.parse(stdout)).toMatchObject({ runs: [{ interrupted: true, report: expected }] });
    const reports = (await emulator.publishedMessages()).map(({ message }): unknown => JSON.parse(message));
    expect(reports).toMatchObject([expected]);
    sns.destroy();
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    '%s while snapshots are pending ends with 130 and names the command that finishes it',
    async (signal) => {
      const environment = emulator.environment();
      const started = startShelvery(
        ['ebs', 'create_backups', '--verbose', '--config', 'shelvery_keep_daily_backups=3'],
        { environment },
      );
      await started.said('waiting for 3 backups');
      started.child.kill(signal);
      const { code, stdout, stderr } = await started.ended;
      expect(code).toBe(130);
      expect(stderr).toContain('Stopping');
      expect(stdout).toContain('Unfinished: 3 not finished.');
      expect(stdout.match(/interrupted: do_store_backup_data of snap-/g)).toHaveLength(3);
      expect(lastLine(stdout)).toMatch(
        /^node \S+shelvery\.mjs ebs create_backups --as-of \S+Z --region eu-west-1 --config shelvery_keep_daily_backups=3$/,
      );

      await emulator.advanceClock(AN_HOUR_MS);
      const finished = await runPrinted(lastLine(stdout), { environment });
      expect(finished.code).toBe(0);
      expect(await snapshotCount()).toBe(3);
      expect(await fileCount()).toBe(3);
    },
  );

  it('before a backup was begun leaves it to the command that finishes it', async () => {
    await emulator.setSnapshotStates({ pendingMs: 0 });
    await emulator.addFault({ kind: 'hold-before', service: 'ec2', action: 'DescribeVolumes' });
    const environment = emulator.environment();
    const started = startShelvery(['ebs', 'create_backups', '--json'], { environment });
    await emulator.waitForHeldCalls(30_000);
    started.child.kill('SIGINT');
    await started.said('Stopping');
    await emulator.clearFaults();
    const { code, stdout } = await started.ended;
    expect(code).toBe(130);
    expect(await snapshotCount()).toBe(0);
    const document: unknown = JSON.parse(stdout);
    expect(document).toMatchObject({
      exit_code: 130,
      runs: [{ interrupted: true, not_begun: 3, finish_command: expect.stringContaining('--as-of') }],
    });
  });

  it('ends all types, which have begun beside each other, and names one command that finishes them', async () => {
    const databases = databaseControls(emulator);
    await databases.seedDatabases('redshift', [{ id: 'warehouse', tags: MARK }]);
    await databases.setStates({ pendingMs: AN_HOUR_MS });
    const environment = emulator.environment();
    const started = startShelvery(['all', 'create_backups'], { environment });
    // Those of EBS are pending, and Redshift's is made all the same.
    while ((await snapshotCount()) < 3 || !('redshift:CreateClusterSnapshot' in (await emulator.counts())))
      await setTimeout(100);
    started.child.kill('SIGINT');
    const { code, stdout } = await started.ended;
    expect(code).toBe(130);
    expect(stdout.match(/^ {2}interrupted: do_store_backup_data of /gm)).toHaveLength(4);
    expect(stdout.match(/^Finish it with:$/gm)).toHaveLength(1);
    expect(lastLine(stdout)).toMatch(/^node \S+shelvery\.mjs all create_backups --as-of \S+Z --region eu-west-1$/);

    await emulator.advanceClock(AN_HOUR_MS);
    const finished = await runPrinted(lastLine(stdout), { environment });
    expect(finished.code).toBe(0);
    expect(finished.stdout).toMatch(/\nall +OK: 4 found, 4 stored, 4 already done, 0 skipped, 0 failed\n$/);
    expect(await snapshotCount()).toBe(3);
    expect(await fileCount()).toBe(3);
  });

  it('a second one ends at once', async () => {
    const started = startShelvery(['ebs', 'create_backups', '--verbose'], { environment: emulator.environment() });
    await started.said('SHELVERY_RUN_STARTED');
    await emulator.addFault({ kind: 'hold-before', times: 'always' });
    started.child.kill('SIGINT');
    await started.said('Stopping');
    started.child.kill('SIGINT');
    expect((await started.ended).code).toBe(130);
  });
});

describe('a pull that waits for another', () => {
  const PULL = ['ebs', 'pull_shared_backups', '--config', 'shelvery_source_aws_account_ids=222222222222'];
  const LEASE = { Bucket: BUCKET, Key: eventLeaseKey('ebs', 'shelvery', MAKING_COPIES) };
  const leases = async (): Promise<readonly (string | undefined)[]> => {
    const { Contents: found = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'leases/' }));
    return found.map(({ Key }) => Key);
  };
  /** An invocation is at work. */
  const take = async (): Promise<void> => {
    const ends = new Date(Date.now() + AN_HOUR_MS);
    const Body = JSON.stringify({ holder: 'somebody', by: 'the function shelvery-ebs', ends });
    await s3.send(new PutObjectCommand({ ...LEASE, Body }));
  };
  beforeEach(async () => {
    await runShelvery(['ebs', 'create_data_buckets'], { environment: emulator.environment() });
  });

  it.each([[[]], [['--json']], [['--quiet']]])('says for whom, until that has ended: %j', async (more) => {
    await take();
    const started = startShelvery([...PULL, ...more], { environment: emulator.environment() });
    await started.said('warning: ebs: waiting until the function shelvery-ebs has made its copies (by ');
    await s3.send(new DeleteObjectCommand(LEASE));
    expect((await started.ended).code).not.toBe(130);
    expect(await leases()).toEqual([]);
  });

  it('ends by Ctrl-C, has begun nothing, and names the command that does it', async () => {
    await take();
    const before = await emulator.counts();
    const started = startShelvery(PULL, { environment: emulator.environment() });
    await started.said('waiting until');
    started.child.kill('SIGINT');
    const { code, stdout, stderr } = await started.ended;
    expect([code, stderr]).toEqual([130, expect.stringContaining('Stopping')]);
    expect(stdout).toContain('INTERRUPTED: 0 found, 0 skipped, 0 failed');
    expect(lastLine(stdout)).toMatch(/ ebs pull_shared_backups --as-of \S+Z --region eu-west-1 --config /);
    expect((await emulator.counts())['s3:ListObjectsV2']).toBe(before['s3:ListObjectsV2']);
    // Whoever works goes on.
    expect(await leases()).toEqual([LEASE.Key]);
  });

  it('leaves no lease, where Ctrl-C ends its work', async () => {
    await emulator.addFault({ kind: 'hold-before', service: 's3', action: 'ListObjectsV2' });
    const started = startShelvery(PULL, { environment: emulator.environment() });
    await emulator.waitForHeldCalls(30_000);
    started.child.kill('SIGINT');
    await started.said('Stopping');
    await emulator.clearFaults();
    expect((await started.ended).code).toBe(130);
    expect(await leases()).toEqual([]);
  });

  it('waits for nobody in a dry run', async () => {
    await take();
    const { stderr } = await runShelvery([...PULL, '--dry-run'], { environment: emulator.environment() });
    expect(stderr).not.toContain('waiting until');
    expect(await leases()).toEqual([LEASE.Key]);
  });
});

describe('what is not available in time', () => {
  it('is an error that names the command which finishes it', async () => {
    const environment = emulator.environment();
    const { code, stdout } = await runShelvery(
      ['ebs', 'create_backups', '--config', 'shelvery_wait_snapshot_timeout=1'],
      { environment },
    );
    expect(code).toBe(3);
    expect(stdout).toMatch(/\nPARTIAL: 3 found, 3 created, .*3 failed\n/);
    expect(stdout.match(/^FAILED {3}StoreBackupData {7}snap-.*: TimedOut$/gm)).toHaveLength(3);
    expect(stdout).toMatch(
      /^ {2}failed: 3 StoreBackupData in .* \(snap-.*, snap-.*, snap-.*\): .* waited for 1 s \(shelvery_wait_snapshot_timeout\)/m,
    );
    expect(stdout).toContain('Unfinished: 3 not finished.');
    await emulator.advanceClock(AN_HOUR_MS);
    expect((await runPrinted(lastLine(stdout), { environment })).code).toBe(0);
    expect(await snapshotCount()).toBe(3);
    expect(await fileCount()).toBe(3);
  });
});

describe('a reader that goes away', () => {
  it('neither ends the run nor shows', async () => {
    await emulator.setSnapshotStates({ pendingMs: 0 });
    const child = spawn(
      'sh',
      ['-c', `{ "$0" "$1" ebs create_backups; echo "code $?" >&2; } | true`, process.execPath, PROGRAM],
      {
        env: { PATH: process.env['PATH'] ?? '', ...emulator.environment() },
      },
    );
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    await once(child, 'close');
    expect(stderr).toBe('code 0\n');
    expect(await snapshotCount()).toBe(3);
    expect(await fileCount()).toBe(3);
  });
});
