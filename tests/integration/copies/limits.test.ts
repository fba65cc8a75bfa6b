import { describe, expect, it } from '@jest/globals';
import { DeleteVolumeCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { BACKUP_TYPES } from '@shelvery/engine/terminal';
import type { BackupType } from '@shelvery/engine/terminal';
import { databaseControls } from '../../emulator/databases.js';
import { BUNKER, DR, HOME, SOURCE, bucketOf, useCopyEstate } from '../harness/copy-estate.js';
import { lambdaFunction } from '../harness/lambda-function.js';
import { inShort, reasons } from '../harness/ebs-estate.js';
import { databasesOf } from '../harness/resources.js';

const estate = useCopyEstate();
const MADE = '2026-10-06T03:00:00Z';
const PULLING = { shelvery_source_aws_account_ids: SOURCE };
const ACCOUNTS = Array.from({ length: 21 }, (_, at) => String(100_000_000_000 + at));

describe('quotas of running copies', () => {
  it.each<readonly [BackupType, number]>([
    ['ebs', 22],
    ['rds', 21],
    ['rds_cluster', 6],
  ])('are "not yet" for DR copies (%s)', async (type, count) => {
    await estate.emulator().setSnapshotStates({ pendingMs: 30_000 });
    await databaseControls(estate.emulator()).setStates({ pendingMs: 30_000 });
    for (let nth = 0; nth < count; nth += 1) await estate.resource({ type }, `orders-${String(nth)}`);
    const { report } = await estate.run(
      'create_backups',
      { type, config: { shelvery_dr_regions: DR } },
      { time: MADE },
    );
    expect(report.summary).toMatchObject({ failed: 0 });
    expect(await estate.backups({ type, region: DR })).toHaveLength(count);
  });

  it.each<readonly [BackupType, string, string]>([
    ['ebs', 'CopySnapshot', 'ResourceLimitExceeded'],
    ['rds', 'CopyDBSnapshot', 'SnapshotQuotaExceeded'],
  ])('are named by a copy that timed out (%s)', async (type, action, code) => {
    await estate.resource({ type }, 'orders');
    await estate.emulator().addFault({ kind: 'refuse', action, code, times: 'always' });
    const { outcomes } = await estate.run(
      'create_backups',
      { type, config: { shelvery_dr_regions: DR, shelvery_wait_snapshot_timeout: '60' } },
      { time: MADE },
    );
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'failed' ? [outcome.error] : []));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ code: 'TimedOut', message: expect.stringContaining(code) });
    expect(errors[0]?.message).toContain('waited for 60 s');
  });

  it.each<readonly [BackupType, string, string]>([
    ['rds', 'CreateDBSnapshot', 'SnapshotQuotaExceeded'],
    ['rds_cluster', 'CreateDBClusterSnapshot', 'SnapshotQuotaExceededFault'],
    ['docdb', 'CreateDBClusterSnapshot', 'SnapshotQuotaExceededFault'],
    ['redshift', 'CreateClusterSnapshot', 'ClusterSnapshotQuotaExceeded'],
  ])('are told with the code of AWS and not with the name that the SDK has for it (%s)', async (type, action, code) => {
    await estate.resource({ type }, 'orders');
    await estate.emulator().addFault({ kind: 'refuse', action, code });
    const { outcomes } = await estate.run('create_backups', { type }, { time: MADE });
    const errors = outcomes.flatMap((outcome) => (outcome.status === 'failed' ? [outcome.error] : []));
    expect(errors).toMatchObject([{ code: 'QuotaExceeded', aws: { code } }]);
  });

  describe('of a pull', () => {
    const bunker = { account: BUNKER, config: PULLING };
    const share = async (count: number): Promise<void> => {
      for (let nth = 0; nth < count; nth += 1) await estate.resource({}, `orders-${String(nth)}`);
      await estate.run('create_backups', { config: { shelvery_share_aws_account_ids: BUNKER } }, { time: MADE });
    };
    const copyCalls = async (): Promise<number> =>
      (await estate.emulator().calls({ action: 'CopySnapshot' })).filter(({ account }) => account === BUNKER).length;

    it('are waited for: each copy begins as another ends, once', async () => {
      await share(30);
      await estate.emulator().setSnapshotStates({ pendingMs: 90_000 });
      const { report, outcomes } = await estate.run('pull_shared_backups', bunker);
      expect(report.summary).toMatchObject({ failed: 0 });
      expect(inShort(outcomes).filter((text) => !text.startsWith('CreateDataBucket'))).toEqual(
        Array.from({ length: 30 }, () => 'PullSharedBackup ok')
          .concat(Array.from({ length: 30 }, () => 'StoreBackupData ok'))
          .sort(),
      );
      expect(await estate.backups(bunker)).toHaveLength(30);
    });

    it('leave files to the next run where no place is given for as long as a run waits', async () => {
      await share(30);
      await estate
        .emulator()
        .addFault({ kind: 'refuse', action: 'CopySnapshot', code: 'ResourceLimitExceeded', times: 'always' });
      const impatient = { ...bunker, config: { ...PULLING, shelvery_wait_snapshot_timeout: '120' } };
      const { outcomes } = await estate.run('pull_shared_backups', impatient);
      expect(inShort(outcomes).filter((text) => text.includes('failed'))).toEqual(
        Array.from({ length: 30 }, () => 'PullSharedBackup failed NotYet'),
      );
      const texts = outcomes.flatMap((outcome) => (outcome.status === 'failed' ? [outcome.error.message] : []));
      expect(texts).toContainEqual(
        expect.stringMatching(
          /^orders-0-[0-9a-f]{6}-2026-10-06-0300-daily: ResourceLimitExceeded while copying shared backups to eu-west-1: .* Its file stays for the next run\.$/,
        ),
      );
      // Those that were asked for side by side, and one every half minute.
      expect(await copyCalls()).toBeLessThanOrEqual(26);
      await estate.emulator().clearFaults();
      const next = await estate.run('pull_shared_backups', bunker);
      expect(next.report.summary).toMatchObject({ failed: 0 });
      expect(await estate.backups(bunker)).toHaveLength(30);
    });

    it('are handed over with the run where some were begun, and left to the next run where none was', async () => {
      await share(22);
      await estate.emulator().setSnapshotStates({ pendingMs: 3_600_000 });
      const invoke = lambdaFunction(estate.install(bunker));
      // A run asks whether it may begin something for each file that it reads, each copy, and each look at those in line.
      const shortAfter = (asked: number): (() => number) => {
        let left = asked;
        return () => (left-- > 0 ? 900_000 : 29_000);
      };
      const handedOver = async (): Promise<readonly unknown[]> =>
        (await estate.emulator().takeInvocations()).flatMap(({ payload }) =>
          JSON.stringify(payload).includes('"HandOver"') ? [payload] : [],
        );
      await invoke({ action: 'pull_shared_backups' }, { remaining: shortAfter(60) });
      const [rest, ...others] = await handedOver();
      expect(others).toEqual([]);
      expect(rest).toMatchObject({ action: 'pull_shared_backups', arguments: { HandOver: { Remaining: 2 } } });
      await expect(invoke(rest, { remaining: shortAfter(60) })).rejects.toMatchObject({
        message: expect.stringContaining('ResourceLimitExceeded while copying shared backups to eu-west-1'),
      });
      expect(await handedOver()).toEqual([]);
    });
  });
});

describe('share accounts', () => {
  it.each(BACKUP_TYPES.filter((type) => databasesOf(type) !== undefined))(
    'are at most 20 for a database: more stop the run before anything is made (%s)',
    async (type) => {
      await estate.resource({ type }, 'orders');
      const { brokeOff } = await estate.run(
        'create_backups',
        { type, config: { shelvery_share_aws_account_ids: ACCOUNTS.join(' ') } },
        { time: MADE },
      );
      expect(brokeOff).toMatchObject({
        code: 'ConfigurationError',
        message: expect.stringContaining('names 21 accounts; allowed: at most 20'),
      });
      expect(await estate.backups({ type })).toEqual([]);
    },
  );

  it('in a tag that are too many give way to those of the next level', async () => {
    const tags = { 'shelvery:config:shelvery_share_aws_account_ids': ACCOUNTS.join(' ') };
    await estate.resource({ type: 'rds' }, 'orders', tags);
    const { outcomes } = await estate.run(
      'create_backups',
      {
        type: 'rds',
        config: {
          shelvery_share_aws_account_ids: BUNKER,
          shelvery_allowed_share_aws_account_ids: ACCOUNTS.join(' '),
        },
      },
      { time: MADE },
    );
    expect(
      outcomes.flatMap((outcome) => (outcome.operation === 'ShareBackup' ? [outcome.destinationAccount] : [])),
    ).toEqual([BUNKER]);
  });

  it('of a resource are added to the policies of its buckets by a create run; only create_data_buckets takes away', async () => {
    const policy = async (region = HOME): Promise<readonly string[]> => {
      const s3 = new S3Client(estate.emulator().clientConfig(SOURCE, region));
      const { Policy = '' } = await s3.send(new GetBucketPolicyCommand({ Bucket: bucketOf(SOURCE, region) }));
      return [...new Set([...Policy.matchAll(/:iam::(\d{12}):/g)].flatMap(([, account]) => account ?? []))].filter(
        (account) => account !== SOURCE,
      );
    };
    const allowing = { config: { shelvery_allowed_share_aws_account_ids: BUNKER } };
    const tags = {
      'shelvery:config:shelvery_share_aws_account_ids': BUNKER,
      'shelvery:config:shelvery_dr_regions': DR,
    };
    const VolumeId = await estate.resource({}, 'orders', tags);
    await estate.run('create_backups', allowing, { time: MADE });
    expect(await policy()).toEqual([BUNKER]);
    expect(await policy(DR)).toEqual([BUNKER]);
    await new EC2Client(estate.emulator().clientConfig()).send(new DeleteVolumeCommand({ VolumeId }));
    await estate.resource({}, 'stock');
    await estate.run('create_backups', allowing, { time: MADE });
    expect(await policy()).toEqual([BUNKER]);
    const { outcomes } = await estate.run('create_data_buckets', allowing);
    expect(reasons(outcomes)).toEqual([]);
    expect(await policy()).toEqual([]);
  });
});
