import { describe, expect, it } from '@jest/globals';
import { ModifySnapshotAttributeCommand, EC2Client } from '@aws-sdk/client-ec2';
import { databaseControls } from '../../emulator/databases.js';
import { BUNKER, DR, HOME, SOURCE, SOURCE_2, bucketOf, nameOf, useCopyEstate } from '../harness/copy-estate.js';
import { inShort, reasons } from '../harness/ebs-estate.js';
import { lambdaFunction } from '../harness/lambda-function.js';
import { deliverAll, invoke } from '../harness/product.js';

const estate = useCopyEstate();
const MADE = '2026-10-06T03:00:00Z';
const sharing = { shelvery_share_aws_account_ids: BUNKER };
const bunker = { account: BUNKER, config: { shelvery_source_aws_account_ids: `${SOURCE} ${SOURCE_2}` } };

async function make(account: string, ...names: readonly string[]): Promise<void> {
  for (const name of names) await estate.resource({ account }, name);
  await estate.run('create_backups', { account, config: sharing }, { time: MADE });
}
const waiting = async (account = SOURCE): Promise<readonly string[]> =>
  Object.keys(await estate.files(account)).filter((key) => key.startsWith(`backups/shared/${BUNKER}/ebs/`));
const unshare = async (id: string): Promise<void> => {
  const command = new ModifySnapshotAttributeCommand({
    SnapshotId: id,
    Attribute: 'createVolumePermission',
    OperationType: 'remove',
    UserIds: [BUNKER],
  });
  await new EC2Client(estate.emulator().clientConfig(SOURCE)).send(command);
};

describe('pull_shared_backups', () => {
  it('reads every page of every account, and pulling twice never makes two copies', async () => {
    await make(SOURCE, 'a', 'b', 'c');
    await make(SOURCE_2, 'f', 'g', 'h');
    await estate.emulator().setPageSize(2);
    await estate.run('pull_shared_backups', bunker);
    await estate.run('pull_shared_backups', bunker);
    await estate.emulator().setPageSize(null);
    expect((await estate.backups(bunker)).map((found) => nameOf(found).slice(0, 1))).toEqual([
      'a',
      'b',
      'c',
      'f',
      'g',
      'h',
    ]);
    expect([...(await waiting()), ...(await waiting(SOURCE_2))]).toEqual([]);
  });

  it('goes on where one account, or one file, cannot be read; the file stays', async () => {
    await make(SOURCE, 'a', 'b');
    const { outcomes } = await (async () => {
      const [first = ''] = await waiting();
      await estate.emulator().addFault({
        service: 's3',
        action: 'GetObject',
        account: BUNKER,
        match: { Key: first },
        kind: 'refuse',
        code: 'AccessDenied',
        status: 403,
        times: 'always',
      });
      return await estate.run('pull_shared_backups', bunker);
    })();
    expect(inShort(outcomes).filter((text) => text.includes('failed'))).toEqual([
      'PullSharedBackup failed NotAllowed',
      'PullSharedBackupsFromAccount failed AwsError',
    ]);
    expect(reasons(outcomes).join()).toContain(
      `did 333333333333 run create_data_buckets with shelvery_share_aws_account_ids=${BUNKER}?`,
    );
    expect(await estate.backups(bunker)).toHaveLength(1);
    expect(await waiting()).toHaveLength(1);
    await estate.emulator().clearFaults();
    await estate.run('pull_shared_backups', bunker);
    expect(await estate.backups(bunker)).toHaveLength(2);
  });

  it('takes the accounts in turn, and what can be copied first, however much one of them puts there', async () => {
    await make(SOURCE, 'a');
    await make(SOURCE_2, 'f');
    const junk = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`backups/shared/${BUNKER}/ebs/junk-${String(index)}.yaml`, 'junk']),
    );
    await estate.emulator().seedObjects(bucketOf(SOURCE), junk, SOURCE);
    const site = estate.install(bunker);
    let asked = 0;
    // Time is up once all is read and some is done.
    const remaining = (): number => (asked++ < 66 ? 900_000 : 20_000);
    await lambdaFunction(site)({ action: 'pull_shared_backups' }, { remaining });
    expect((await estate.backups(bunker)).map((found) => nameOf(found).slice(0, 1))).toEqual(['a', 'f']);
    const files = Object.keys(await estate.files(SOURCE));
    expect(files.filter((key) => key.includes('/ebs/junk')).length).toBeGreaterThan(50);
    const [handedOver] = (await estate.emulator().takeInvocations()).filter(({ payload }) =>
      JSON.stringify(payload).includes('HandOver'),
    );
    await lambdaFunction(site)(handedOver?.payload);
    expect(Object.keys(await estate.files(SOURCE)).filter((key) => key.includes('/ebs/junk'))).toEqual([]);
  });

  it('sets the snapshot of a Multi-AZ cluster aside as an IGNORE, once', async () => {
    const type = 'rds_cluster' as const;
    await databaseControls(estate.emulator()).seedDatabases(
      'rds-cluster',
      [{ id: 'three', engine: 'mysql', tags: { 'shelvery:create_backup': 'true' } }],
      { account: SOURCE, region: HOME },
    );
    await estate.run('create_backups', { type, config: sharing }, { time: MADE });
    const { outcomes, report } = await estate.run('pull_shared_backups', {
      ...bunker,
      type,
      config: { shelvery_source_aws_account_ids: SOURCE },
    });
    expect(inShort(outcomes)).toEqual(['CreateDataBucket ok', 'PullSharedBackup ignored']);
    expect(reasons(outcomes)).toEqual([
      expect.stringMatching(
        /was set aside: .* is a snapshot of a Multi-AZ cluster \(mysql\)\. AWS does not copy these to another account\.$/,
      ),
    ]);
    expect(report.status).toBe('OK');
    const again = await estate.run('pull_shared_backups', {
      ...bunker,
      type,
      config: { shelvery_source_aws_account_ids: SOURCE },
    });
    expect(again.outcomes).toEqual([]);
  });

  it('leaves every file where it cannot be asked what is shared, however old the files are', async () => {
    await make(SOURCE, 'a');
    await estate.clock().advance(60 * 3_600_000);
    await estate.emulator().addFault({
      action: 'DescribeSnapshots',
      match: { 'RestorableBy.1': 'self' },
      kind: 'refuse',
      code: 'UnauthorizedOperation',
      status: 403,
      times: 1,
    });
    const { report } = await estate.run('pull_shared_backups', bunker);
    expect(report.status).not.toBe('OK');
    expect((await estate.emulator().faults()).map(({ struck }) => struck)).toEqual([1]);
    expect(await waiting()).toHaveLength(1);
    await estate.run('pull_shared_backups', bunker);
    expect(await estate.backups(bunker)).toHaveLength(1);
  });

  it('waits for what is not shared yet, and sets the file aside after two days', async () => {
    await make(SOURCE, 'a');
    await unshare((await estate.only({})).id);
    const one = { ...bunker, config: { shelvery_source_aws_account_ids: SOURCE } };
    const { outcomes } = await estate.run('pull_shared_backups', one);
    expect(reasons(outcomes)).toEqual([
      expect.stringMatching(
        /does not share snap-\w+ with this account, or it is gone\. Its file stays for the next run/,
      ),
    ]);
    expect(await waiting()).toHaveLength(1);
    await estate.clock().advance(49 * 3_600_000);
    await estate.run('pull_shared_backups', one);
    expect(await waiting()).toEqual([]);
    const failed = Object.entries(await estate.files(SOURCE)).find(([key]) => key.includes('/ebs-failed/'));
    expect(failed?.[1]).toMatch(/^# 111111111111 does not share[^\n]*\nschema_version: 1\n/);
  });

  it('says so where the file could be copied to -processed and not deleted', async () => {
    await make(SOURCE, 'a');
    await estate.emulator().addFault({
      service: 's3',
      action: 'DeleteObjects',
      account: BUNKER,
      kind: 'refuse',
      code: 'AccessDenied',
      status: 403,
      times: 1,
    });
    const { report } = await estate.run('pull_shared_backups', {
      ...bunker,
      config: { shelvery_source_aws_account_ids: SOURCE },
    });
    expect(report.summary.failed).toBe(1);
    expect(await waiting()).toHaveLength(1);
    await estate.run('pull_shared_backups', bunker);
    expect(await waiting()).toEqual([]);
    expect(await estate.backups(bunker)).toHaveLength(1);
  });

  it('tells what it would do in a dry run, and does nothing', async () => {
    await make(SOURCE, 'a');
    await estate.putFile(SOURCE, `backups/shared/${BUNKER}/ebs/bad.yaml`, 'x: 1');
    const before = await estate.files(SOURCE);
    const { plan, outcomes, report } = await estate.run(
      'pull_shared_backups',
      { ...bunker, config: { shelvery_source_aws_account_ids: SOURCE } },
      { dryRun: true },
    );
    expect(plan?.map(({ what }) => what)).toEqual(['pull', 'refuse']);
    expect(inShort(outcomes)).toEqual(['PullSharedBackup failed MetadataRefused']);
    expect(report.status).toBe('PARTIAL');
    expect(await estate.files(SOURCE)).toEqual(before);
    expect(await estate.backups(bunker)).toEqual([]);
  });

  it('says what to set where no account is configured', async () => {
    const { report, outcomes } = await estate.run('pull_shared_backups', { account: BUNKER });
    expect(report.status).toBe('OK');
    expect(outcomes).toEqual([]);
  });
});

describe('messages that Python Shelvery has queued', () => {
  it('are understood', async () => {
    await estate.resource({}, 'orders');
    await estate.run('create_backups', {}, { time: MADE });
    await estate.run('create_data_buckets', { config: { ...sharing, shelvery_dr_regions: DR } });
    const { id, name } = await estate.only({});
    const installation = {
      ...estate.install({ config: { ...sharing, shelvery_dr_regions: DR } }),
      queueUrl: await estate.queue(SOURCE),
    };
    const message = (action: string, args: Readonly<Record<string, string>>) => ({
      messageId: action,
      eventSource: 'aws:sqs',
      attributes: { SentTimestamp: '1760000000000' },
      body: JSON.stringify({ backup_type: 'ebs', action, arguments: args, is_started_internally: true, config: {} }),
    });
    const Records = [
      message('do_store_backup_data', { BackupId: id, BackupRegion: HOME }),
      message('do_copy_backup', { BackupId: id, OriginRegion: HOME, Region: DR }),
      message('do_share_backup', { BackupId: id, Region: HOME, AwsAccountId: BUNKER }),
    ];
    const end = await invoke(installation, { Records }, 'request-1');
    expect(end).toMatchObject({ how: 'finished', answer: { batchItemFailures: [] } });
    await deliverAll(installation, (event, requestId) => invoke(installation, event, requestId));
    expect(Object.keys(await estate.files(SOURCE)).sort()).toEqual([
      `backups/ebs/${name}.yaml`,
      `backups/shared/${BUNKER}/ebs/${name}.yaml`,
    ]);
    expect(Object.keys(await estate.files(SOURCE, DR)).sort()).toEqual([
      `backups/ebs/${name}.yaml`,
      `backups/shared/${BUNKER}/ebs/${name}.yaml`,
    ]);
  });
});
