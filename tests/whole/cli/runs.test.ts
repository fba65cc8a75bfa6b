import { DescribeSnapshotsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { BACKUP_TYPES } from '@shelvery/engine/terminal';
import { startEmulator } from '../../emulator/emulator.js';
import { databaseControls } from '../../emulator/databases.js';
import type { Emulator } from '../../emulator/emulator.js';
import { PROGRAM, runPrinted, runShelvery } from './shelvery.js';

const ACCOUNT = '111111111111';
const REGION = 'eu-west-1';
const BUCKET = `shelvery.data.${ACCOUNT}-${REGION}.base2tools`;

// Each test starts processes, on a machine that may be busy.
jest.setTimeout(60_000);

let emulator: Emulator;
let ec2: EC2Client;
let s3: S3Client;
let volumes: readonly string[];

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
  volumes = await emulator.seedVolumes([
    { tags: { Name: 'database', 'shelvery:create_backup': 'true' } },
    { tags: { Name: 'files', 'shelvery:create_backup': '1', 'shelvery:config:shelvery_keep_daily_backups': '2' } },
    { tags: { Name: 'scratch' } },
  ]);
});

const shelvery = (...args: string[]) => runShelvery(args, { environment: emulator.environment() });

async function snapshots() {
  const { Snapshots: found = [] } = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
  return found;
}

async function files(prefix: string) {
  const { Contents: found = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: prefix }));
  return found.map(({ Key: key }) => key);
}

describe('shelvery ebs create_backups', () => {
  it('backs up what is marked, stores the metadata, and prints a line for each', async () => {
    const { code, stdout, stderr } = await shelvery('ebs', 'create_backups');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect((await snapshots()).map(({ VolumeId: volume }) => volume).sort()).toEqual([volumes[0], volumes[1]].sort());
    expect(await files('backups/ebs/')).toHaveLength(2);
    expect(stdout).toMatch(/^ebs create_backups in eu-west-1 of 111111111111 as of \d{4}-\d\d-\d\dT\d\d:\d\dZ\n/);
    expect(stdout.match(/^ok {7}CreateBackup /gm)).toHaveLength(2);
    expect(stdout.match(/^ok {7}StoreBackupData /gm)).toHaveLength(2);
    expect(stdout).toMatch(/\nOK: 2 found, 2 created, 1 bucket ready, 2 stored, 0 skipped, 0 failed\n$/);
    expect(stdout).not.toContain('\u001B');
  });

  it('warns of tags that were meant to mark or to configure and do not, as cleaning does', async () => {
    const [near = ''] = await emulator.seedVolumes([{ tags: { 'shelvery:create_backup': 'yes' } }]);
    const [odd = ''] = await emulator.seedVolumes([
      { tags: { 'shelvery:create_backup': 'true', 'shelvery:config:shelvery_keep_daily_backup': '3' } },
    ]);
    for (const action of ['create_backups', 'clean_backups']) {
      const { code, stderr } = await shelvery('ebs', action);
      expect(code).toBe(0);
      expect(stderr).toContain(`EBS volume ${near} has the tag shelvery:create_backup = "yes", which does not mark it`);
      expect(stderr).toMatch(
        new RegExp(`${odd}: shelvery_keep_daily_backup in .* did you mean shelvery_keep_daily_backups`),
      );
    }
    expect(await snapshots()).toHaveLength(3);
  });

  it('says of what the same run made before that it was made before', async () => {
    const asOf = new Date().toISOString();
    await shelvery('ebs', 'create_backups', '--as-of', asOf);
    const { code, stdout } = await shelvery('ebs', 'create_backups', '--as-of', asOf);
    expect(code).toBe(0);
    expect(stdout).toContain('already made by an earlier run');
    expect(stdout).toMatch(/\nOK: 2 found, 4 already done, 0 skipped, 0 failed\n$/);
    expect(await snapshots()).toHaveLength(2);
  });

  it('prints the plan of a dry run with a reason for every line, and only reads', async () => {
    const { code, stdout } = await shelvery('ebs', 'create_backups', '--dry-run', '--as-of', '2030-01-06');
    expect(code).toBe(0);
    expect(stdout).toContain('as of 2030-01-06T00:00Z (dry run)');
    expect(stdout).toMatch(/^WHAT +ID +NAME +REGION +REASON$/m);
    for (const volume of volumes.slice(0, 2))
      expect(stdout).toMatch(
        new RegExp(`^create +${volume} +\\S+-2030-01-06-0000-weekly +eu-west-1 +weekly backup$`, 'm'),
      );
    expect(stdout).toMatch(new RegExp(`^create +${BUCKET} +eu-west-1 +bucket, .*, policy$`, 'm'));
    expect(stdout).toMatch(/\nOK: nothing was changed; 2 to create, 1 data bucket to create\n$/);
    expect(await snapshots()).toEqual([]);
    const changing = (await emulator.calls()).filter(({ action }) => !/^(Describe|List|Get|Head)/.test(action));
    expect(changing).toEqual([]);
  });

  it('says which tag it looked for, in which region and account, when nothing is marked', async () => {
    const { code, stdout, stderr } = await shelvery('ebs', 'create_backups', '--config', 'shelvery_tag_prefix=other');
    expect(code).toBe(0);
    expect(stderr).toBe(
      'warning: No EBS volume in eu-west-1 of account 111111111111 has the tag other:create_backup = True, true or 1.\n',
    );
    expect(stdout).toMatch(/\nOK: 0 found, 0 skipped, 0 failed\n$/);
  });

  it('says on stderr what is logged, with --verbose', async () => {
    const { stderr } = await shelvery('ebs', 'create_backups', '--verbose');
    expect(stderr).toContain('info: SHELVERY_RUN_STARTED create_backups of ebs in eu-west-1 of 111111111111\n');
    expect(stderr).toMatch(/info: SHELVERY_BACKUP_CREATED /);
  });

  it('does delayed operations one after the other with SHELVERY_MONO_THREAD=1', async () => {
    const { code } = await runShelvery(['ebs', 'create_backups'], {
      environment: { ...emulator.environment(), SHELVERY_MONO_THREAD: '1' },
    });
    expect(code).toBe(0);
    expect(await files('backups/ebs/')).toHaveLength(2);
  });
});

describe('shelvery ebs clean_backups', () => {
  it('removes what has expired and keeps the rest', async () => {
    await shelvery('ebs', 'create_backups', '--as-of', '2026-01-06', '--backdate');
    await shelvery('ebs', 'create_backups', '--as-of', '2026-01-07', '--backdate');
    const plan = await shelvery('ebs', 'clean_backups', '--dry-run', '--as-of', '2026-01-09');
    expect(plan.stdout).toMatch(/\nOK: nothing was changed; 1 to remove, 3 to keep\n$/);
    expect(await snapshots()).toHaveLength(4);

    const { code, stdout } = await shelvery('ebs', 'clean_backups', '--as-of', '2026-01-09');
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nOK: 4 found, 1 removed, 0 skipped, 0 failed\n$/);
    expect(await snapshots()).toHaveLength(3);
    expect(await files('backups/ebs/removed/')).toHaveLength(1);
  });
});

describe('shelvery ebs list_backups', () => {
  it('shows every backup with what cleaning would do to it', async () => {
    await shelvery('ebs', 'create_backups', '--as-of', '2026-01-06', '--backdate');
    const { code, stdout } = await shelvery('ebs', 'list_backups');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^RESOURCE +RESOURCE ID +NAME +ID +PLACE +REGION +RETENTION +CREATED +STATE +METADATA +SIZE +ENCRYPTED +EXPIRES OR WHY KEPT$/m,
    );
    for (const volume of volumes.slice(0, 2)) {
      expect(stdout).toMatch(
        new RegExp(
          `^\\w+ +${volume} +\\S+-2026-01-06-0000-daily +snap-\\w+ +local +eu-west-1 +daily +2026-01-06 00:00 +available +present +8 GiB +no +\\S.*$`,
          'm',
        ),
      );
    }
    expect(stdout).toMatch(/\nOK: 2 backups\n$/);
  });

  it('says so when there are none', async () => {
    const { code, stdout } = await shelvery('ebs', 'list_backups');
    expect(code).toBe(0);
    expect(stdout).toContain('Shelvery has no backups in eu-west-1 of 111111111111, nor in its DR regions.\n');
  });
});

describe('shelvery all', () => {
  it('runs every type, each with its own end', async () => {
    const { code, stdout } = await shelvery('all', 'create_data_buckets', '--json');
    const document: unknown = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(document).toMatchObject({
      action: 'create_data_buckets',
      account_id: ACCOUNT,
      region: REGION,
      exit_code: 0,
      runs: BACKUP_TYPES.map((type) => ({
        backup_type: type,
        exit_code: 0,
        report: { status: 'OK' },
      })),
    });
  });

  it('goes on when one type fails, and says by its exit code that some of it failed', async () => {
    await emulator.addFault({
      kind: 'refuse',
      service: 'ec2',
      action: 'DescribeImages',
      code: 'UnauthorizedOperation',
      status: 403,
      times: 'always',
    });
    const { code, stdout } = await shelvery('all', 'list_backups');
    expect(code).toBe(3);
    expect(stdout).toMatch(
      /^all list_backups .*\n {2}keeps .*\nebs +OK: 0 backups\nec2ami +FAILED: .*\n {2}stopped early: .*UnauthorizedOperation/,
    );
    expect(stdout).toMatch(/\nredshift +OK: 0 backups\n\nall +PARTIAL: 0 backups; 1 type stopped early \(ec2ami\)\n$/);
  });

  it('has one heading and one summary, and says of each line which type it is about', async () => {
    await databaseControls(emulator).seedDatabases('redshift', [
      { id: 'warehouse', tags: { 'shelvery:create_backup': 'true' } },
    ]);
    const { code, stdout } = await shelvery('all', 'create_backups');
    expect(code).toBe(0);
    expect(stdout.match(/create_backups in eu-west-1/g)).toHaveLength(1);
    expect(stdout.match(/^ok {7}ebs {10}StoreBackupData /gm)).toHaveLength(2);
    expect(stdout.match(/^ok {7}redshift {5}(CreateBackup|StoreBackupData) +warehouse-/gm)).toHaveLength(2);
    expect(stdout).toMatch(/\nall +OK: 3 found, 3 created, 1 bucket ready, 3 stored, 0 skipped, 0 failed\n$/);
  });

  it('runs one type after the other with SHELVERY_MONO_THREAD=1', async () => {
    await databaseControls(emulator).seedDatabases('redshift', [
      { id: 'warehouse', tags: { 'shelvery:create_backup': 'true' } },
    ]);
    await emulator.clearCalls();
    const { code } = await runShelvery(['all', 'create_backups'], {
      environment: { ...emulator.environment(), SHELVERY_MONO_THREAD: '1' },
    });
    expect(code).toBe(0);
    const calls = await emulator.calls();
    const firstOf = (action: string): number => calls.findIndex((call) => call.action === action);
    const lastFileOfEbs = calls.findLastIndex(
      ({ action, parameters }) => action === 'PutObject' && String(parameters['Key']).startsWith('backups/ebs/'),
    );
    expect(lastFileOfEbs).toBeGreaterThan(firstOf('CreateSnapshot'));
    expect(lastFileOfEbs).toBeLessThan(firstOf('DescribeInstances'));
    expect(firstOf('DescribeInstances')).toBeLessThan(firstOf('DescribeClusters'));
  });
});

describe('--json', () => {
  it('prints one document and nothing else', async () => {
    const { stdout } = await shelvery('ebs', 'create_backups', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      action: 'create_backups',
      dry_run: false,
      exit_code: 0,
      runs: [
        {
          backup_type: 'ebs',
          interrupted: false,
          report: { status: 'OK', account_id: ACCOUNT, summary: { collected: 2, skipped: 0, failed: 0 } },
          not_begun: 0,
          unfinished: [],
        },
      ],
    });
  });

  it('has the plan of a dry run, and the listed backups', async () => {
    const planned = await shelvery('ebs', 'create_backups', '--dry-run', '--json');
    expect(JSON.parse(planned.stdout)).toMatchObject({
      dry_run: true,
      runs: [{ plan: [{ what: 'create' }, { what: 'create' }, { what: 'create', subject: BUCKET }] }],
    });
    await shelvery('ebs', 'create_backups');
    const listed = await shelvery('ebs', 'list_backups', '--json');
    expect(JSON.parse(listed.stdout)).toMatchObject({
      runs: [{ listed: [{ place: 'local', metadata: 'present' }, { place: 'local' }] }],
    });
  });
});

describe('a list or plan', () => {
  it.each([['list_backups --json'], ['list_backups'], ['create_backups --dry-run']])(
    'that cannot be written fails its command: %s',
    async (words) => {
      const { code, stderr } = await runPrinted(`node ${PROGRAM} ebs ${words} > /dev/full`, {
        environment: emulator.environment(),
      });
      expect(stderr).toContain('standard output cannot be written');
      expect(code).toBe(1);
    },
  );

  it('is shown where S3 may not be read: metadata unknown, and some of it failed', async () => {
    await shelvery('ebs', 'create_backups', '--config', 'shelvery_select_entity=' + (volumes[0] ?? ''));
    await emulator.addFault({
      kind: 'refuse',
      service: 's3',
      action: 'ListObjectsV2',
      code: 'AccessDenied',
      status: 403,
      times: 'always',
    });
    const { code, stdout } = await shelvery('ebs', 'list_backups', '--json');
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      runs: [
        {
          report: { status: 'PARTIAL', summary: { failed: 1 }, entries: [{ operation: 'ListBackups' }] },
          listed: [{ metadata: 'unknown' }],
        },
      ],
    });
    expect(stdout).toMatch(/whether it is there is not known.*s3:ListBucket/);
  });
});

describe('shelvery ebs list_backups, while a DR region does not answer', () => {
  it('lists the rest, says it, and ends', async () => {
    await shelvery('ebs', 'create_backups');
    await emulator.addFault({ kind: 'hold-before', region: 'eu-central-1', times: 'always' });
    const { code, stdout, stderr } = await shelvery(
      'ebs',
      'list_backups',
      '--config',
      'shelvery_dr_regions=eu-central-1',
    );
    // The program has ended, and its calls are still held.
    await emulator.clearFaults();
    expect(`${stdout}${stderr}`).toContain('The DR region eu-central-1 did not answer within 10 s');
    expect(stdout).toContain('PARTIAL: 2 backups, 1 failed');
    expect(code).toBe(3);
  });
});
