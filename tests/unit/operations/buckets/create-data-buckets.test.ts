import { describe, expect, it } from '@jest/globals';
import { Region } from '../../../../layers/engine/src/domain/values.js';
import type { BucketReport } from '../../../../layers/engine/src/ports.js';
import type { AwsParts } from '../../../../layers/engine/src/run/open-run.js';
import { awsError } from '../../../simulation/world/aws-error.js';
import { bucketNameOf } from '../../../simulation/world/storage.js';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, THIRD, THIRD_ACCOUNT } from '../../domain/builders.js';
import { ALLOW, openEstate } from '../memory-estate.js';
import type { MemoryEstate, Told } from '../memory-estate.js';

const BUCKET = bucketNameOf(OWN_ACCOUNT, LOCAL);

/** What is told of the data bucket of a region that something was done about, or that was looked at. */
const about = (message: string, region: Region = LOCAL): Told => ({
  operation: 'CreateDataBucket',
  bucket: bucketNameOf(OWN_ACCOUNT, region),
  region,
  status: 'ok',
  message,
});

/** The same, where it failed. */
const failed = (error: string, region: Region = LOCAL): Told => {
  const { message: _, ...subject } = about('', region);
  return { ...subject, status: 'failed', error };
};

/** Who may read shared files by the policy of the bucket of a region, and by whose wish: `222222222222ForConfig`. */
function readersOf({ world }: MemoryEstate, region: Region = LOCAL): readonly string[] {
  const { policy = '' } = world.buckets.get(bucketNameOf(OWN_ACCOUNT, region)) ?? {};
  return [...policy.matchAll(/"Sid":"ShelveryFiles(\d+For[A-Z][a-z]+)By/g)].map(([, who = '']) => who);
}

/** Parts whose buckets answer what S3 does not answer in memory. */
function answering(answer: Partial<BucketReport>): (parts: AwsParts) => Pick<AwsParts, 'buckets'> {
  return ({ buckets }) => ({
    buckets: {
      ...buckets,
      ensure: async (region, wanted) => ({ ...(await buckets.ensure(region, wanted)), ...answer }),
    },
  });
}

describe('data buckets', () => {
  it('are looked at once each, where the regions are in use already', async () => {
    const estate = openEstate('ebs');
    estate.buckets([LOCAL, DR]);
    const settings = { shelvery_dr_regions: DR };
    await estate.run('create_data_buckets', { settings });
    const { calls } = await estate.run('create_data_buckets', { settings });
    expect(calls.filter((call) => call.startsWith('s3:getPolicy')).sort()).toEqual([
      `s3:getPolicy ${DR}`,
      `s3:getPolicy ${LOCAL}`,
    ]);
  });

  it('are made in the home region and in each DR region that settings or tags name, each once', async () => {
    const estate = openEstate('ebs');
    estate.resource('vol-1', { tags: { 'shelvery:config:shelvery_dr_regions': `${DR},us-east-1` } });
    const { told, said, plan, report } = await estate.run('create_data_buckets', {
      settings: { shelvery_dr_regions: DR },
    });
    expect(told).toEqual([LOCAL, DR, THIRD].map((region) => about('bucket, policy', region)));
    expect(said).toEqual(
      [LOCAL, DR, THIRD].map((region) => [
        'SHELVERY_BUCKET_CHANGED',
        `${bucketNameOf(OWN_ACCOUNT, region)} (${region}): bucket, policy`,
        { bucket: bucketNameOf(OWN_ACCOUNT, region), region },
      ]),
    );
    expect(plan).toBeUndefined();
    expect(report.summary).toMatchObject({ collected: 3, succeeded: 3 });
  });

  it('are left as they are where nothing is to be changed, which create_data_buckets says', async () => {
    const estate = openEstate('ebs');
    await estate.run('create_data_buckets');
    const { told, said, calls } = await estate.run('create_data_buckets');
    expect(told).toEqual([about('nothing to change')]);
    expect(said).toEqual([]);
    expect(calls).toEqual([
      `ebs:listResources ${LOCAL}`,
      `s3:getLocation ${LOCAL} ${BUCKET}`,
      `s3:listBuckets ${LOCAL}`,
      `s3:getPolicy ${LOCAL}`,
    ]);
  });

  it('are told of by create_backups only where it changes them', async () => {
    const estate = openEstate('ebs');
    estate.resource('vol-1');
    const toldOfBuckets = async (settings: Readonly<Record<string, string>>): Promise<readonly Told[]> => {
      await estate.pass(1);
      const { told } = await estate.run('create_backups', { settings });
      return told.filter(({ operation }) => operation === 'CreateDataBucket');
    };
    expect(await toldOfBuckets({})).toEqual([about('bucket, policy')]);
    expect(await toldOfBuckets({})).toEqual([]);
    expect(await toldOfBuckets({ shelvery_share_aws_account_ids: OTHER_ACCOUNT })).toEqual([about('policy')]);
  });

  it('let in the accounts of the settings and, apart from them, those that tags name', async () => {
    const estate = openEstate('ebs');
    const tag = { 'shelvery:config:shelvery_share_aws_account_ids': THIRD_ACCOUNT };
    estate.resource('vol-1', { tags: tag });
    estate.resource('vol-2');
    const allowed = { shelvery_allowed_share_aws_account_ids: THIRD_ACCOUNT };
    await estate.run('create_data_buckets', {
      settings: { shelvery_share_aws_account_ids: OTHER_ACCOUNT, ...allowed },
    });
    expect(readersOf(estate)).toEqual([`${OTHER_ACCOUNT}ForConfig`, `${THIRD_ACCOUNT}ForEbs`]);

    const { told } = await estate.run('create_data_buckets', { settings: allowed });
    expect(told).toEqual([about('policy')]);
    expect(readersOf(estate)).toEqual([`${THIRD_ACCOUNT}ForEbs`]);

    estate.resource('vol-1');
    await estate.run('create_data_buckets', { settings: allowed });
    expect(readersOf(estate)).toEqual([]);
  });

  it('are only planned in a dry run: what is missing, what would be changed, and what stays', async () => {
    const estate = openEstate('ebs');
    await estate.run('create_data_buckets');
    const settings = { shelvery_share_aws_account_ids: OTHER_ACCOUNT, shelvery_dr_regions: DR };
    const line = { subject: BUCKET, region: LOCAL, of: 'bucket' };
    const kept = await estate.run('create_data_buckets', { dryRun: true });
    expect(kept.plan).toEqual([{ ...line, what: 'keep', reason: 'ready' }]);
    expect(kept.told).toEqual([]);

    const changed = await estate.run('create_data_buckets', { dryRun: true, settings });
    expect(changed.plan).toEqual([
      { ...line, what: 'change', reason: 'policy' },
      { ...line, what: 'create', subject: bucketNameOf(OWN_ACCOUNT, DR), reason: 'bucket, policy', region: DR },
    ]);
    expect(changed.told).toEqual([]);
    expect(changed.said).toEqual([]);
    expect(changed.calls.filter((call) => /put|create/.test(call))).toEqual([]);
    expect(readersOf(estate)).toEqual([]);
  });
});

describe('the data bucket of a region that nothing names any longer', () => {
  const DROPPED = bucketNameOf(OWN_ACCOUNT, DR);
  const LOCALLY = about('nothing to change');
  const shared = { shelvery_share_aws_account_ids: OTHER_ACCOUNT };
  const both = { shelvery_dr_regions: DR, shelvery_share_aws_account_ids: `${OTHER_ACCOUNT},${THIRD_ACCOUNT}` };
  const withDropped = async (settings: Readonly<Record<string, string>> = both): Promise<MemoryEstate> => {
    const estate = openEstate('ebs');
    await estate.run('create_data_buckets', { settings });
    return estate;
  };

  it.each([
    ['that are dropped with it', [{}]],
    ['that are dropped later', [{ ...both, shelvery_dr_regions: '' }, {}]],
  ])('lets in no accounts %s', async (_, updates) => {
    const estate = await withDropped();
    expect(readersOf(estate, DR)).toEqual([`${OTHER_ACCOUNT}ForConfig`, `${THIRD_ACCOUNT}ForConfig`]);
    for (const settings of updates) await estate.run('create_data_buckets', { settings });
    expect(readersOf(estate, DR)).toEqual([]);
  });

  it('is told of where an account is taken out, and counted', async () => {
    const estate = await withDropped();
    const { told, said, report } = await estate.run('create_data_buckets');
    expect(told).toEqual([about('policy'), about('policy', DR)]);
    expect(said).toContainEqual([
      'SHELVERY_BUCKET_CHANGED',
      `${DROPPED} (${DR}): policy`,
      { bucket: DROPPED, region: DR },
    ]);
    expect(report.summary).toMatchObject({ collected: 2, succeeded: 2, failed: 0 });
  });

  it('lets in those who are still named, and nobody who is named since', async () => {
    const estate = await withDropped();
    const { told, report } = await estate.run('create_data_buckets', { settings: shared });
    expect(told).toEqual([about('policy'), about('policy', DR)]);
    expect(readersOf(estate, DR)).toEqual([`${OTHER_ACCOUNT}ForConfig`]);
    expect(report.summary).toMatchObject({ collected: 2, succeeded: 2 });

    const since = { shelvery_share_aws_account_ids: `${OTHER_ACCOUNT},444444444444` };
    const quiet = await estate.run('create_data_buckets', { settings: since });
    expect(quiet.told).toEqual([about('policy')]);
    expect(quiet.report.summary).toMatchObject({ collected: 1, succeeded: 1 });
    expect(readersOf(estate, DR)).toEqual([`${OTHER_ACCOUNT}ForConfig`]);
  });

  it('lets in those whom tags name as long as these do, and those of the tags of other types', async () => {
    const estate = openEstate('ebs');
    const allowed = { shelvery_allowed_share_aws_account_ids: `${OTHER_ACCOUNT},${THIRD_ACCOUNT}` };
    const tags = (account: string) => ({ 'shelvery:config:shelvery_share_aws_account_ids': account });
    estate.resource('vol-1', { tags: tags(OTHER_ACCOUNT) });
    estate.resource('vol-2', { tags: tags(THIRD_ACCOUNT) });
    await estate.run('create_data_buckets', { settings: { shelvery_dr_regions: DR, ...allowed } });
    const bucket = estate.world.buckets.get(DROPPED);
    if (bucket?.policy === undefined) throw new Error('there is no policy');
    bucket.policy = bucket.policy.replace(`${THIRD_ACCOUNT}ForEbs`, `${THIRD_ACCOUNT}ForRds`);
    estate.resource('vol-2');
    const named = [`${OTHER_ACCOUNT}ForEbs`, `${THIRD_ACCOUNT}ForRds`];
    await estate.run('create_data_buckets', { settings: allowed });
    expect(readersOf(estate, DR)).toEqual(named);

    estate.resource('vol-1');
    await estate.run('create_data_buckets', { settings: allowed });
    expect(readersOf(estate, DR)).toEqual(named.slice(1));
  });

  it('of another region than the configuration names is left to whoever names accounts there', async () => {
    const estate = await withDropped();
    const before = readersOf(estate, DR);
    const { told } = await estate.run('create_data_buckets', { inStack: true });
    expect(told).toEqual([LOCALLY]);
    expect(readersOf(estate, DR)).toEqual(before);
  });

  it('is foretold by a dry run, which changes nothing', async () => {
    const estate = await withDropped();
    const before = readersOf(estate, DR);
    const { plan, told, calls } = await estate.run('create_data_buckets', { dryRun: true });
    const line = { what: 'change', reason: 'policy', of: 'bucket' };
    expect(plan).toEqual([
      { ...line, subject: BUCKET, region: LOCAL },
      { ...line, subject: DROPPED, region: DR },
    ]);
    expect(told).toEqual([]);
    expect(calls.filter((call) => /put|create/.test(call))).toEqual([]);
    expect(readersOf(estate, DR)).toEqual(before);
    expect((await estate.run('create_data_buckets', { dryRun: true, settings: both })).plan).toHaveLength(2);
  });

  it('is not made, and has nothing repaired', async () => {
    const estate = await withDropped();
    estate.world.buckets.delete(DROPPED);
    const { told } = await estate.run('create_data_buckets', {
      parts: ({ buckets }) => ({ buckets: { ...buckets, regionsInUse: async () => [DR] } }),
    });
    expect(told).toEqual([about('policy')]);
    expect(estate.world.buckets.has(DROPPED)).toBe(false);
  });

  it('that cannot be looked at is an ERROR, and keeps nothing else from being done', async () => {
    const estate = await withDropped();
    const { told, report } = await estate.run('create_data_buckets', {
      parts: ({ buckets }) => ({
        buckets: { ...buckets, withdraw: () => Promise.reject(awsError('AccessDenied', { status: 403 })) },
      }),
    });
    expect(told).toEqual([
      failed(`NotAllowed: AccessDenied while checking the data bucket ${DROPPED} in ${DR}: AccessDenied. ${ALLOW}`, DR),
      about('policy'),
    ]);
    expect(report.summary).toMatchObject({ collected: 2, succeeded: 1, failed: 1 });
  });

  it('that cannot be found is an ERROR, and keeps nothing else from being done', async () => {
    const estate = await withDropped();
    estate.strike('s3:listBuckets', { refuse: 'AccessDenied' });
    const { told, plan } = await estate.run('create_data_buckets', { dryRun: true });
    expect(told).toEqual([
      {
        operation: 'CreateDataBucket',
        region: LOCAL,
        status: 'failed',
        error: `NotAllowed: AccessDenied while looking for data buckets in other regions: AccessDenied. ${ALLOW}`,
      },
    ]);
    expect(plan?.map(({ what, region }) => [what, region])).toEqual([['change', LOCAL]]);
  });
});

describe('a data bucket that S3 refuses', () => {
  const settings = { shelvery_dr_regions: DR };
  const refused = (refusal?: string) =>
    answering({ state: 'refused', changes: [], ...(refusal === undefined ? {} : { refusal }) });
  const perhapsAnothers = (code: string, bucket: string): string =>
    `S3 answers ${code} when this account asks, as its owner, where the bucket ${bucket} is. ` +
    'Either the bucket belongs to another account: then set shelvery_bucket_name_template to another name. ' +
    "Or it is yours, and a policy denies s3:GetBucketLocation: the role's, the bucket's own, or the organisation's " +
    '(service control policy, resource control policy). Then allow it there.';
  const untilThen = 'Until then backups are made, but their metadata cannot be stored.';

  it.each([
    ['a code that nobody kept', undefined, perhapsAnothers('AccessDenied', BUCKET)],
    ['another code', 'PermanentRedirect', perhapsAnothers('PermanentRedirect', BUCKET)],
    [
      'the code of a name that is taken',
      'BucketAlreadyExists',
      `The bucket ${BUCKET} belongs to another account. Set shelvery_bucket_name_template to another name.`,
    ],
  ])('by %s is told of with what can be done about it, and nothing else is', async (_, refusal, why) => {
    const estate = openEstate('ebs');
    const { told, said } = await estate.run('create_data_buckets', { parts: refused(refusal) });
    expect(told).toEqual([failed(`BucketNotOurs: ${why} ${untilThen}`)]);
    expect(said).toEqual([]);
  });

  it('is a problem of the plan, and told of by the dry run, too', async () => {
    const estate = openEstate('ebs');
    const { told, plan } = await estate.run('create_data_buckets', {
      dryRun: true,
      parts: refused('BucketAlreadyExists'),
    });
    expect(told).toEqual([
      failed(
        `BucketNotOurs: The bucket ${BUCKET} belongs to another account. Set shelvery_bucket_name_template to another name. ${untilThen}`,
      ),
    ]);
    expect(plan).toEqual([
      { what: 'refuse', subject: BUCKET, reason: 'refused', region: LOCAL, of: 'bucket', problem: true },
    ]);
  });

  it('for an account in its policy is told of with that account, beside what was done', async () => {
    const estate = openEstate('ebs');
    const { told } = await estate.run('create_data_buckets', {
      parts: answering({ refusedAccounts: [OTHER_ACCOUNT] }),
    });
    expect(told).toEqual([
      {
        ...failed(
          `ConfigurationError: S3 refuses the account ${OTHER_ACCOUNT} in the policy of ${BUCKET}: the account does not exist, ` +
            'or is in another partition. Correct shelvery_share_aws_account_ids.',
        ),
        destinationAccount: OTHER_ACCOUNT,
      },
      about('bucket, policy'),
    ]);
  });

  it('in one region keeps none of the others from being made', async () => {
    const estate = openEstate('ebs');
    estate.strike('s3:create', { refuse: 'AccessDenied', nth: 2 });
    const { told, report } = await estate.run('create_data_buckets', { settings });
    expect(told).toEqual([
      failed(
        `NotAllowed: AccessDenied while checking the data bucket ${bucketNameOf(OWN_ACCOUNT, DR)} in ${DR}: AccessDenied. ` +
          ALLOW,
        DR,
      ),
      about('bucket, policy'),
    ]);
    expect(report.summary).toMatchObject({ collected: 2, succeeded: 1, failed: 1 });
  });

  it('in one region has no line in the plan of a dry run, which tells of it', async () => {
    const estate = openEstate('ebs');
    estate.strike('s3:getLocation', { refuse: 'AccessDenied' });
    const { told, plan } = await estate.run('create_data_buckets', { settings, dryRun: true });
    expect(told.map(({ region, status }) => [region, status])).toEqual([[LOCAL, 'failed']]);
    expect(plan?.map(({ what, region }) => [what, region])).toEqual([['create', DR]]);
  });

  it('in a region that AWS does not have says what the region may have been meant to be', async () => {
    const estate = openEstate('ebs');
    const nowhere = Region.parse('eu-centrall-1');
    const { told } = await estate.run('create_data_buckets', {
      settings: { shelvery_dr_regions: nowhere },
      parts: ({ buckets }) => ({
        buckets: {
          ...buckets,
          ensure: async (region, wanted) => {
            if (region === nowhere) throw Object.assign(awsError('ENOTFOUND', {}, 'getaddrinfo ENOTFOUND s3'));
            return await buckets.ensure(region, wanted);
          },
        },
      }),
    });
    expect(told).toEqual([
      failed(
        `ConfigurationError: ENOTFOUND while checking the data bucket ${bucketNameOf(OWN_ACCOUNT, nowhere)} in ${nowhere}: ` +
          `AWS has nothing in ${nowhere}, which is no region that this version knows (did you mean eu-central-1?). ` +
          'Correct shelvery_dr_regions, and the tag dr_regions of the backups that were made with it, where it stays.',
        nowhere,
      ),
      about('bucket, policy'),
    ]);
  });
});
