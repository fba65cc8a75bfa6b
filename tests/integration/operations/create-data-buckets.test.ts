import { describe, expect, it } from '@jest/globals';
import { DeleteTagsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import {
  ACCOUNT,
  DR,
  HOME,
  OTHER_ACCOUNT,
  VOLUME,
  bucketOf,
  inShort,
  reasons,
  takeBucketName,
  useEbsEstate,
} from '../harness/ebs-estate.js';

const estate = useEbsEstate();
const policy = async (region = HOME): Promise<string> => {
  const s3 = new S3Client(estate.emulator().clientConfig(undefined, region));
  return (await s3.send(new GetBucketPolicyCommand({ Bucket: bucketOf(region) }))).Policy ?? '';
};

/** What tags may share with. */
const ALLOWED = { shelvery_allowed_share_aws_account_ids: '333333333333' };

describe('create_data_buckets', () => {
  it('makes the buckets of the local region and of every DR region, also of those that volumes name', async () => {
    await estate.volume(VOLUME, { 'shelvery:config:shelvery_dr_regions': DR });
    const { outcomes, report } = await estate.run('create_data_buckets');
    expect(report).toMatchObject({ status: 'OK', summary: { collected: 2, succeeded: 2 } });
    expect(outcomes.map(({ bucket }) => bucket).sort()).toEqual([bucketOf(DR), bucketOf(HOME)]);
    expect(outcomes[0]?.message).toBe('bucket, public access block, owner enforced, encryption, versioning, policy');
  });

  it('changes nothing where all is well, and says so', async () => {
    await estate.run('create_data_buckets');
    await estate.emulator().clearCalls();
    const { outcomes } = await estate.run('create_data_buckets');
    expect(outcomes).toMatchObject([{ bucket: bucketOf(HOME), status: 'ok', message: 'nothing to change' }]);
    expect(
      (await estate.emulator().calls({ service: 's3' })).filter(({ action }) => !/^(Get|Head|List)/.test(action)),
    ).toEqual([]);
  });

  it('names exactly the accounts of the configuration and of the volumes, which a create run only adds to', async () => {
    await estate.run('create_data_buckets', undefined, { shelvery_share_aws_account_ids: OTHER_ACCOUNT });
    expect(await policy()).toContain(OTHER_ACCOUNT);
    await estate.volume(VOLUME, { 'shelvery:config:shelvery_share_aws_account_ids': '333333333333' });
    await estate.run('create_backups', '2026-03-04T01:00:00Z', ALLOWED);
    expect(await policy()).toContain(OTHER_ACCOUNT);
    expect(await policy()).toContain('333333333333');
    await estate.run('create_data_buckets', undefined, ALLOWED);
    expect(await policy()).not.toContain(OTHER_ACCOUNT);
    expect(await policy()).toContain('333333333333');
  });

  it('leaves the accounts that tags of another type name, and takes them away once these do not', async () => {
    await estate.volume(VOLUME, { 'shelvery:config:shelvery_share_aws_account_ids': '333333333333' });
    await estate.run('create_data_buckets', undefined, ALLOWED);
    await estate.run('create_data_buckets', undefined, ALLOWED, { type: 'rds' });
    expect(await policy()).toContain('333333333333');
    await new EC2Client(estate.emulator().clientConfig()).send(
      new DeleteTagsCommand({ Resources: [VOLUME], Tags: [{ Key: 'shelvery:config:shelvery_share_aws_account_ids' }] }),
    );
    await estate.run('create_data_buckets', undefined, ALLOWED);
    expect(await policy()).not.toContain('333333333333');
  });

  it.each([
    ['with the DR region', [{}]],
    ['after the DR region', [{ shelvery_share_aws_account_ids: OTHER_ACCOUNT }, {}]],
  ])('takes an account that is dropped %s out of the policy there, too', async (_, updates) => {
    const shared = { shelvery_dr_regions: DR, shelvery_share_aws_account_ids: OTHER_ACCOUNT };
    await estate.run('create_data_buckets', undefined, shared);
    await estate.run('create_data_buckets', undefined, { ...shared, shelvery_dr_regions: '' });
    expect(await policy(DR)).toContain(OTHER_ACCOUNT);
    for (const config of updates)
      expect((await estate.run('create_data_buckets', undefined, config)).report.status).toBe('OK');
    expect(await policy(DR)).not.toContain(OTHER_ACCOUNT);
    expect(await policy(DR)).toContain('ShelveryTlsOnly');
  });

  it("leaves somebody else's bucket alone, names it, and makes the others", async () => {
    await takeBucketName(estate.emulator(), bucketOf(HOME));
    const { outcomes, report } = await estate.run('create_data_buckets', undefined, { shelvery_dr_regions: DR });
    expect(report.status).toBe('PARTIAL');
    expect(inShort(outcomes)).toEqual(['CreateDataBucket failed BucketNotOurs', 'CreateDataBucket ok']);
    expect(reasons(outcomes)[0]).toContain(
      `S3 answers AccessDenied when this account asks, as its owner, where the bucket ${bucketOf(HOME)} is.`,
    );
  });

  it('says both that can be, where a policy denies its own bucket, and one where the name is taken', async () => {
    await estate.run('create_data_buckets');
    await estate
      .emulator()
      .addFault({ kind: 'refuse', action: 'GetBucketLocation', code: 'AccessDenied', status: 403 });
    const denied = await estate.run('create_data_buckets');
    expect(inShort(denied.outcomes)).toEqual(['CreateDataBucket failed BucketNotOurs']);
    for (const said of ['Either the bucket belongs to another account', "the organisation's", 's3:GetBucketLocation'])
      expect(reasons(denied.outcomes)[0]).toContain(said);
    await estate
      .emulator()
      .addFault({ kind: 'refuse', action: 'CreateBucket', code: 'BucketAlreadyExists', status: 409 });
    const { outcomes } = await estate.run('create_data_buckets', undefined, { shelvery_dr_regions: DR });
    expect(reasons(outcomes)).toEqual([
      expect.stringMatching(
        /^The bucket \S+ belongs to another account\. Set shelvery_bucket_name_template to another/,
      ),
    ]);
  });

  it('goes on where one region fails', async () => {
    await estate
      .emulator()
      .addFault({ kind: 'refuse', action: 'CreateBucket', region: DR, code: 'AccessDenied', status: 403 });
    const { outcomes, report } = await estate.run('create_data_buckets', undefined, { shelvery_dr_regions: DR });
    expect(report.status).toBe('PARTIAL');
    expect(inShort(outcomes)).toEqual(['CreateDataBucket failed NotAllowed', 'CreateDataBucket ok']);
    expect(reasons(outcomes)[0]).toContain(`checking the data bucket ${bucketOf(DR)} in ${DR}`);
  });

  it('finishes a bucket that an interrupted run left half-made', async () => {
    await estate
      .emulator()
      .addFault({ kind: 'refuse', action: 'PutBucketVersioning', code: 'AccessDenied', status: 403 });
    expect((await estate.run('create_data_buckets')).report.status).toBe('FAILED');
    const { outcomes } = await estate.run('create_data_buckets');
    expect(outcomes).toMatchObject([{ status: 'ok', message: 'versioning, policy' }]);
    expect(await policy()).toContain(ACCOUNT);
  });
});
