import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DisableKeyCommand, KMSClient, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { DeleteBucketPolicyCommand, PutPublicAccessBlockCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { BACKUP_TYPES, createAwsClock, openAwsAccess, present, resolveRunConfig } from '@shelvery/engine/terminal';
import type { BackupType, Clock } from '@shelvery/engine/terminal';
import { runDoctor } from '@shelvery/engine/doctor';
import type { Diagnosis } from '@shelvery/engine/doctor';
import { ADAPTERS } from '../../../cli/adapters.js';
import { DRY_RUNS } from '../../../cli/dry-runs.js';
import { Region } from '../../../layers/engine/src/domain/values.js';
import { accountsOf } from '../../emulator/accounts.js';
import { databaseControls } from '../../emulator/databases.js';
import { keptLog } from '../aws/emulated-access.js';
import { AnotherTime } from '../harness/another-time.js';
import {
  ACCOUNT,
  DR,
  HOME,
  OTHER_ACCOUNT,
  VOLUME,
  bucketOf,
  takeBucketName,
  useEbsEstate,
} from '../harness/ebs-estate.js';
import { AWS_MANAGED_KEY, makeResource } from '../harness/resources.js';
import { useProcess } from '../harness/installation.js';

type Config = Readonly<Record<string, string>>;
type Check = Diagnosis['check'];

const estate = useEbsEstate();
beforeEach(() => {
  useProcess(estate.install());
});
afterEach(() => {
  delete process.env['AWS_CREDENTIAL_EXPIRATION'];
});

interface Asked {
  readonly types?: readonly BackupType[];
  readonly stack?: string;
  readonly clock?: Clock;
  readonly requestHandler?: AnotherTime;
}

/** What the doctor finds, as a terminal with this configuration would have it. */
async function examine(
  environment: Config = {},
  { types = ['ebs'], stack, clock = createAwsClock(), requestHandler }: Asked = {},
): Promise<readonly Diagnosis[]> {
  const config = resolveRunConfig({ environment });
  const { role_arn: roleArn } = config.values;
  const access = await openAwsAccess({ region: Region.parse(HOME), clock, roleArn, ...present({ requestHandler }) });
  const options = { access, prefix: 'shelvery' };
  const { findings } = await runDoctor({
    access,
    config,
    types: types.map((type) => ({
      adapter: ADAPTERS[type](options),
      ...present({ dryRuns: DRY_RUNS[type]?.(options) }),
    })),
    clock,
    log: keptLog(),
    mayStart: () => true,
    ...present({ stack }),
  });
  return findings;
}

const of = (findings: readonly Diagnosis[], check: Check): readonly string[] =>
  findings
    .filter((finding) => finding.check === check)
    .map(({ result, reason, region = '' }) => `${result} ${reason} ${region}`.trim());
const textOf = (findings: readonly Diagnosis[], reason: Diagnosis['reason']): string =>
  findings
    .filter((finding) => finding.reason === reason)
    .map(({ text, advice = '' }) => `${text} ${advice}`.trim())
    .join('\n');

const SHARED = { shelvery_dr_regions: DR, shelvery_share_aws_account_ids: OTHER_ACCOUNT };

/** A volume with a backup, a copy abroad and a share. */
async function makeGoodEstate(): Promise<void> {
  await estate.volume(VOLUME);
  await estate.run('create_backups', undefined, SHARED);
}

const refuse = (action: string, code = 'UnauthorizedOperation', region?: string): Promise<number> =>
  estate.emulator().addFault({ kind: 'refuse', action, code, status: 403, times: 'always', ...present({ region }) });

describe('of an estate that is well', () => {
  it('finds nothing wrong, and changes nothing', async () => {
    await makeGoodEstate();
    const topic = await estate.topic('news');
    const before = await estate.snapshots();
    await estate.emulator().clearCalls();
    const findings = await examine({ ...SHARED, shelvery_sns_topic: topic });
    expect(findings.filter(({ result }) => result !== 'ok')).toEqual([]);
    expect(new Set(findings.map(({ check }) => check))).toEqual(
      new Set<Check>(['credentials', 'clock', 'permissions', 'buckets', 'topics', 'queues', 'keys', 'quotas']),
    );
    expect(textOf(findings, 'fine')).toContain(
      `Tried as dry runs, and allowed: ec2:CopySnapshot to ${DR}, ec2:CreateSnapshot, ec2:CreateTags, ec2:ModifySnapshotAttribute.`,
    );
    const calls = await estate.emulator().calls();
    const changing = calls.filter(({ action }) => !/^(Describe|Get|List)/.test(action));
    expect(new Set(changing.map(({ parameters }) => parameters['DryRun']))).toEqual(new Set(['true']));
    expect(changing.map(({ action }) => action).filter((action) => /^(Delete|Deregister)/.test(action))).toEqual([]);
    expect(await estate.snapshots()).toEqual(before);
  });

  it('tries the calls that make and copy images, too', async () => {
    await makeResource(estate.emulator(), { type: 'ec2ami', account: ACCOUNT, region: HOME, name: 'web' });
    await estate.run('create_backups', undefined, SHARED, { type: 'ec2ami' });
    const findings = await examine(SHARED, { types: ['ec2ami'] });
    expect(textOf(findings, 'fine')).toContain(
      `Tried as dry runs, and allowed: ec2:CopyImage to ${DR}, ec2:CreateImage, ec2:CreateTags, ec2:ModifyImageAttribute.`,
    );
  });

  it('has one line for a type that nobody uses, and says of databases that nothing could be tried', async () => {
    expect(of(await examine({}, { types: ['redshift'] }), 'permissions')).toEqual(['ok fine']);
    await databaseControls(estate.emulator()).seedDatabases('rds', [
      { id: 'orders', tags: { 'shelvery:create_backup': 'true' } },
    ]);
    expect(of(await examine({}, { types: ['rds'] }), 'permissions')).toEqual(['ok fine', 'ok not-tried']);
  });
});

describe('credentials and clock', () => {
  it('names whose they are, and the role that is assumed', async () => {
    const role = `arn:aws:iam::${OTHER_ACCOUNT}:role/backups`;
    const [own, assumed] = (await examine({ role_arn: role })).filter(({ check }) => check === 'credentials');
    expect(own?.text).toMatch(/^Topics, queues and SSM parameters are used as arn:aws:sts::111111111111:/);
    expect(assumed?.text).toMatch(
      /^Resources, backups and data buckets are used as arn:aws:sts::222222222222:assumed-role\/backups\/shelvery \(role_arn\), in account 222222222222, with credentials until 20.*Z, in \d+ (minutes|hours?);/,
    );
  });

  it('warns of credentials that end before a run may be done', async () => {
    process.env['AWS_CREDENTIAL_EXPIRATION'] = new Date(Date.now() + 15 * 60_000).toISOString();
    expect(of(await examine(), 'credentials')).toEqual(['warning credentials-end-soon']);
    expect(of(await examine({ shelvery_wait_snapshot_timeout: '60' }), 'credentials')).toEqual(['ok fine']);
  });

  it('says how far the clock is off', async () => {
    await estate.volume(VOLUME);
    const findings = await examine({}, { requestHandler: new AnotherTime(12 * 60_000) });
    expect(of(findings, 'clock')).toEqual(['warning clock-off']);
    expect(textOf(findings, 'clock-off')).toMatch(/^This machine's clock is 12 minutes behind AWS's\./);
    // Nothing else was refused for it.
    expect(of(findings, 'permissions')).toEqual(['ok fine', 'ok not-tried', 'ok fine']);
  });
});

describe('permissions', () => {
  it('names what is refused, and goes on with the rest', async () => {
    await makeGoodEstate();
    await refuse('CopySnapshot');
    await refuse('DescribeImages', 'UnauthorizedOperation', DR);
    const findings = await examine(SHARED, { types: ['ebs', 'ec2ami'] });
    expect(of(findings, 'permissions')).toEqual([
      `failed call-refused ${DR}`,
      `failed call-refused ${DR}`,
      'ok fine',
      'ok fine',
    ]);
    expect(textOf(findings, 'call-refused').split('\n')).toEqual([
      `AWS refuses ec2:CopySnapshot on ${(await estate.snapshots())[0]?.id ?? ''} in ${DR}. Allow ec2:CopySnapshot in the policy of the role or user that Shelvery runs as.`,
      `AWS refuses ec2:DescribeImages in ${DR}. Allow ec2:DescribeImages in the policy of the role or user that Shelvery runs as.`,
    ]);
    expect(of(findings, 'buckets')).toEqual([`ok fine ${DR}`, `ok fine ${HOME}`]);
  });

  it('is a warning where only the look itself may not be taken', async () => {
    const topic = await estate.topic('news');
    await refuse('GetTopicAttributes', 'AuthorizationError');
    const findings = await examine({ shelvery_sns_topic: topic });
    expect(of(findings, 'topics')).toEqual(['warning not-checked']);
    expect(textOf(findings, 'not-checked')).toBe(
      `AWS refuses sns:GetTopicAttributes on ${topic}, so this could not be looked at. Allow sns:GetTopicAttributes in the policy of the role or user that runs doctor.`,
    );
  });

  it('waits for no region that does not answer', async () => {
    const emulator = estate.emulator();
    await estate.volume(VOLUME);
    await emulator.addFault({ kind: 'hold-before', action: 'DescribeSnapshots', region: DR, times: 'always' });
    const patience: AbortController[] = [];
    const clock: Clock = {
      ...createAwsClock(),
      timeout: () => {
        const one = new AbortController();
        patience.push(one);
        return one.signal;
      },
    };
    const examined = examine({ shelvery_dr_regions: DR }, { clock });
    while ((await emulator.waitForHeldCalls(10_000)).length === 0);
    for (const one of patience) one.abort();
    expect(textOf(await examined, 'not-checked')).toContain(
      `There was no answer within 20 s while listing the backups of EBS volumes in ${DR}.`,
    );
    await emulator.clearFaults();
  });
});

describe('data buckets', () => {
  it('tells of one that is missing, one that is not closed, and an account that a policy lacks', async () => {
    await estate.volume(VOLUME);
    expect(of(await examine(), 'buckets')).toEqual([`warning bucket-missing ${HOME}`]);
    await estate.run('create_data_buckets');
    expect(of(await examine(), 'buckets')).toEqual([`ok fine ${HOME}`]);
    const s3 = new S3Client(estate.emulator().clientConfig());
    await s3.send(
      new PutPublicAccessBlockCommand({
        Bucket: bucketOf(HOME),
        PublicAccessBlockConfiguration: { BlockPublicAcls: true },
      }),
    );
    const findings = await examine({ shelvery_share_aws_account_ids: OTHER_ACCOUNT });
    expect(of(findings, 'buckets')).toEqual([`warning bucket-unfinished ${HOME}`]);
    expect(textOf(findings, 'bucket-unfinished')).toBe(
      `The data bucket ${bucketOf(HOME)} lacks: public access block, a policy that names every account that backups are shared with. The next create_backups puts it right. To have it now, run create_data_buckets.`,
    );
  });

  it('tells what a policy lacks where nothing is shared', async () => {
    await estate.volume(VOLUME);
    await estate.run('create_data_buckets');
    const s3 = new S3Client(estate.emulator().clientConfig());
    await s3.send(new DeleteBucketPolicyCommand({ Bucket: bucketOf(HOME) }));
    expect(textOf(await examine(), 'bucket-unfinished')).toBe(
      `The data bucket ${bucketOf(HOME)} lacks: a policy that lets nobody in without TLS. The next create_backups puts it right. To have it now, run create_data_buckets.`,
    );
  });

  it('tells of regions and accounts that only tags name', async () => {
    await estate.volume(VOLUME, {
      'shelvery:config:shelvery_dr_regions': DR,
      'shelvery:config:shelvery_share_aws_account_ids': OTHER_ACCOUNT,
    });
    await estate.run('create_data_buckets');
    const allowed = { shelvery_allowed_share_aws_account_ids: OTHER_ACCOUNT };
    expect(of(await examine(allowed), 'buckets')).toEqual([
      `warning bucket-unfinished ${DR}`,
      `warning bucket-unfinished ${HOME}`,
    ]);
    await estate.run('create_data_buckets', undefined, allowed);
    expect(of(await examine(allowed), 'buckets')).toEqual([`ok fine ${DR}`, `ok fine ${HOME}`]);
  });

  it("tells of a bucket that is another account's, and of one whose files may not be listed", async () => {
    await takeBucketName(estate.emulator(), bucketOf(HOME));
    const findings = await examine();
    expect(of(findings, 'buckets')).toEqual([`failed bucket-refused ${HOME}`]);
    expect(textOf(findings, 'bucket-refused')).toContain(`where the bucket ${bucketOf(HOME)} is.`);

    await estate.run('create_data_buckets', undefined, { shelvery_bucket_name_template: 'own.{region}.{account_id}' });
    await refuse('ListObjectsV2', 'AccessDenied');
    const unread = await examine({ shelvery_bucket_name_template: 'own.{region}.{account_id}' });
    expect(of(unread, 'buckets')).toEqual([`failed call-refused ${HOME}`]);
    expect(textOf(unread, 'call-refused')).toContain('AWS refuses s3:ListBucket on own.');
  });
});

describe('topics and queues', () => {
  it('tells of a topic that is missing, and of one in another region', async () => {
    const sns = new SNSClient(estate.emulator().clientConfig(ACCOUNT, 'us-east-1'));
    const { TopicArn: elsewhere = '' } = await sns.send(new CreateTopicCommand({ Name: 'news' }));
    const findings = await examine({
      shelvery_sns_topic: elsewhere,
      shelvery_error_sns_topic: `arn:aws:sns:${HOME}:${ACCOUNT}:gone`,
      shelvery_status_sns_topic: `arn:aws:sns:${HOME}:${ACCOUNT}:gone`,
    });
    expect(of(findings, 'topics')).toEqual(['failed topic-missing', 'warning topic-elsewhere us-east-1']);
    expect(textOf(findings, 'topic-missing')).toContain('gone (shelvery_error_sns_topic, shelvery_status_sns_topic)');
  });

  const sqs = (): SQSClient => new SQSClient(estate.emulator().clientConfig());
  const put = async (url: string): Promise<void> => {
    await sqs().send(new SendMessageCommand({ QueueUrl: url, MessageBody: '{}' }));
  };
  /** A queue with one for what is given up; the URLs of both. */
  const makeQueues = async (name: string, dead: string): Promise<readonly [string, string]> => {
    const deadUrl = await estate.queue(dead);
    const { Attributes } = await sqs().send(
      new GetQueueAttributesCommand({ QueueUrl: deadUrl, AttributeNames: ['QueueArn'] }),
    );
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount: '5' });
    const { QueueUrl = '' } = await sqs().send(
      new CreateQueueCommand({ QueueName: name, Attributes: { RedrivePolicy } }),
    );
    return [QueueUrl, deadUrl];
  };

  it('tells of a queue that is missing, one without a dead-letter queue, and of what was given up', async () => {
    const [url, dead] = await makeQueues('waiting', 'dead');
    const config = { shelvery_sqs_queue_url: url };
    expect(of(await examine(config), 'queues')).toEqual(['ok fine', 'ok fine']);
    await put(dead);
    await put(dead);
    const findings = await examine(config);
    expect(of(findings, 'queues')).toEqual(['failed dead-letters', 'ok fine']);
    expect(textOf(findings, 'dead-letters')).toMatch(
      /^The dead-letter queue dead holds 2 messages: .* Find the reason/,
    );
    expect(of(await examine({ shelvery_sqs_queue_url: dead }), 'queues')).toEqual(['warning no-dead-letter-queue']);
    expect(of(await examine({ shelvery_sqs_queue_url: `${url}-gone` }), 'queues')).toEqual(['failed queue-missing']);
  });

  it('looks at the queues of the stack, and at no other', async () => {
    const [url, dead] = await makeQueues('prod-EbsQueue-1A2B', 'prod-EbsDeadLetterQueue-3C4D');
    const [, another] = await makeQueues('prod-test-EbsQueue-1A2B', 'prod-test-EbsDeadLetterQueue-3C4D');
    await put(url);
    await put(another);
    const well = await examine({}, { stack: 'prod' });
    expect(of(well, 'queues')).toEqual(['ok fine']);
    expect(textOf(well, 'fine')).toContain('Queues of the stack prod: 2, with 1 message waiting');
    await put(dead);
    const findings = await examine({}, { stack: 'prod' });
    expect(of(findings, 'queues')).toEqual(['failed dead-letters']);
    expect(textOf(findings, 'dead-letters')).toContain('prod-EbsDeadLetterQueue-3C4D holds 1 message');
    expect(of(await examine({}, { stack: 'other' }), 'queues')).toEqual(['ok fine']);
  });
});

describe('keys', () => {
  const keyIn = (region: string, account = ACCOUNT): Promise<string> =>
    accountsOf(estate.emulator()).makeKey({ account, region });
  const kms = (region: string): KMSClient => new KMSClient(estate.emulator().clientConfig(ACCOUNT, region));
  const idOf = (arn: string): string => arn.split('/')[1] ?? '';

  it('tells of each that cannot be used, and why', async () => {
    const [good, disabled, leaving] = await Promise.all([keyIn(HOME), keyIn(DR), keyIn(DR)]);
    await kms(DR).send(new DisableKeyCommand({ KeyId: idOf(disabled) }));
    await kms(DR).send(new ScheduleKeyDeletionCommand({ KeyId: idOf(leaving), PendingWindowInDays: 7 }));
    const keys = (copy: string, shared: string): Config => ({
      ...SHARED,
      shelvery_copy_kms_key_id: copy,
      shelvery_reencrypt_kms_key_id: `${HOME}=${good},${DR}=${shared}`,
    });
    const findings = await examine(keys(disabled, leaving));
    expect([...of(findings, 'keys')].sort()).toEqual([
      `failed key-disabled ${DR}`,
      `failed key-pending-deletion ${DR}`,
      `ok fine ${HOME}`,
    ]);
    expect(textOf(findings, 'key-pending-deletion')).toMatch(/ will be deleted on 20\d\d-\d\d-\d\d, and with it every/);
    expect([...of(await examine(keys(good, 'alias/none')), 'keys')].sort()).toEqual([
      `failed key-elsewhere ${DR}`,
      `failed key-missing ${DR}`,
      `ok fine ${HOME}`,
    ]);
  });

  it("tells of another account's, of one that AWS manages, and of keys that only tags name", async () => {
    const others = await keyIn(HOME, OTHER_ACCOUNT);
    await accountsOf(estate.emulator()).makeKey({ account: ACCOUNT, region: HOME, alias: 'alias/aws/ebs' });
    const managed = { ...SHARED, shelvery_reencrypt_kms_key_id: `${HOME}=alias/aws/ebs` };
    expect(of(await examine(managed), 'keys')).toEqual([`failed key-unshareable ${HOME}`]);
    await estate.volume(VOLUME, { 'shelvery:config:shelvery_reencrypt_kms_key_id': `${HOME}=${others}` });
    const findings = await examine({ ...SHARED, shelvery_allowed_kms_keys: others });
    expect(of(findings, 'keys')).toEqual([`warning key-of-another-account ${HOME}`]);
    expect(textOf(findings, 'key-of-another-account')).toContain(`belongs to account ${OTHER_ACCOUNT}:`);
  });

  it('tells of a default key that nothing can be shared under, where encrypted backups are to be', async () => {
    const place = { type: 'ebs', account: ACCOUNT, region: HOME } as const;
    await makeResource(estate.emulator(), { ...place, name: 'secret', kmsKeyId: AWS_MANAGED_KEY });
    await estate.run('create_backups');
    expect(of(await examine(), 'keys')).toEqual(['ok fine']);
    const findings = await examine({ shelvery_share_aws_account_ids: OTHER_ACCOUNT });
    expect(of(findings, 'keys')).toEqual([`warning default-key-unshareable ${HOME}`, 'ok fine']);
    const KmsKeyId = await keyIn(HOME);
    const keyed = { shelvery_share_aws_account_ids: OTHER_ACCOUNT, shelvery_reencrypt_kms_key_id: KmsKeyId };
    expect(of(await examine(keyed), 'keys')).toEqual([`ok fine ${HOME}`]);
  });
});

describe('tags', () => {
  it.each(BACKUP_TYPES)('with a wrong value are named, with the resource: %s', async (type) => {
    const tags = { 'shelvery:config:shelvery_keep_daily_backups': 'abc' };
    const id = await makeResource(estate.emulator(), { type, account: ACCOUNT, region: HOME, name: 'orders', tags });
    expect(textOf(await examine({}, { types: [type] }), 'tag-unusable')).toBe(
      `${id}: shelvery_keep_daily_backups in the resource's tags is "abc"; allowed: a whole number from 0 to 10000 (days). None of its backups is removed. Correct the tag, or take it off.`,
    );
  });
});

describe('quotas', () => {
  const MARKED = { 'shelvery:create_backup': 'true' };
  const databases = (count: number): Promise<readonly string[]> =>
    databaseControls(estate.emulator()).seedDatabases(
      'rds',
      Array.from({ length: count }, (_, index) => ({ id: `db-${String(index)}`, tags: MARKED })),
    );
  const volumes = (count: number): Promise<readonly string[]> =>
    estate.emulator().seedVolumes(Array.from({ length: count }, () => ({ tags: MARKED })));

  it('tells of a retention that keeps more than the quota in the end', async () => {
    await databases(3);
    const findings = await examine({}, { types: ['rds'] });
    expect(of(findings, 'quotas')).toEqual([`warning quota-near ${HOME}`]);
    expect(textOf(findings, 'quota-near')).toMatch(
      /^by their retention 3 marked resources keep about 123 backups in eu-west-1 in the end: by default AWS allows 100/,
    );
    expect(of(await examine({ shelvery_keep_daily_backups: '2' }, { types: ['rds'] }), 'quotas')).toHaveLength(1);
  });

  it('tells of one that the next run does not fit in; so does its dry run', async () => {
    await databases(101);
    expect(of(await examine({}, { types: ['rds'] }), 'quotas')).toEqual([`failed quota-full ${HOME}`]);
    const { plan = [] } = await estate.run('create_backups', undefined, {}, { type: 'rds', dryRun: true });
    expect(plan.filter(({ what }) => what === 'warn')).toEqual([
      {
        what: 'warn',
        subject: 'Manual DB instance snapshots',
        region: HOME,
        reason: expect.stringMatching(
          /^eu-west-1 has 0 of Shelvery's backups, and a run adds 101: .* Keep fewer backups/,
        ),
      },
    ]);
  });

  it('tells of copies that take longer than the objective; so does the dry run', async () => {
    await volumes(201);
    const config = { shelvery_dr_regions: DR, shelvery_rpo_hours: '1' };
    const words = `201 copies to ${DR} at 20 at a time (quota "Concurrent snapshot copies per destination Region") take about 1 hour 6 minutes`;
    const findings = await examine(config);
    expect(of(findings, 'quotas')).toEqual([`warning copies-too-slow ${DR}`, `ok fine ${DR}`, `ok fine ${HOME}`]);
    expect(textOf(findings, 'copies-too-slow')).toContain(words);
    const { plan = [] } = await estate.run('create_backups', undefined, config, { dryRun: true });
    expect(plan.filter(({ what }) => what === 'warn').map(({ region, reason }) => [region, reason])).toEqual([
      [DR, expect.stringContaining(words)],
    ]);
  });

  it('says nothing in a dry run of what fits', async () => {
    await volumes(2);
    const { plan = [] } = await estate.run('create_backups', undefined, { shelvery_dr_regions: DR }, { dryRun: true });
    expect(plan.map(({ what }) => what)).not.toContain('warn');
  });
});
