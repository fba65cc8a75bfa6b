import { describe, expect, it } from '@jest/globals';
import { ShelveryError } from '../../../../layers/engine/src/domain/errors.js';
import { Region } from '../../../../layers/engine/src/domain/values.js';
import type { BucketReport, DataBuckets } from '../../../../layers/engine/src/ports.js';
import { awsError } from '../../../simulation/world/aws-error.js';
import { bucketNameOf } from '../../../simulation/world/storage.js';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, THIRD, THIRD_ACCOUNT } from '../../domain/builders.js';
import { VOLUME } from '../looking-estate.js';
import { openEstate } from '../memory-estate.js';
import type { MemoryEstate } from '../memory-estate.js';
import { withStore } from '../other-parts.js';
import { examineEstate, foundOf, refused } from './doctor-estate.js';
import type { DoctorAsked } from './doctor-estate.js';

type Found = ReturnType<typeof foundOf>[number];

const buckets = async (estate: MemoryEstate, asked: DoctorAsked = {}): Promise<readonly Found[]> =>
  foundOf(await examineEstate(estate, asked), 'buckets');

const bucketOf = (region: string): string => bucketNameOf(OWN_ACCOUNT, region);
const about = (region: string): Pick<Found, 'region' | 'subject'> => ({ region, subject: bucketOf(region) });
const well = (region: string): Found => ({
  ...about(region),
  result: 'ok',
  reason: 'fine',
  text: `The data bucket ${bucketOf(region)} is this account's, closed, encrypted, complete, and can be read.`,
});
const missing = (region: string): Found => ({
  ...about(region),
  result: 'warning',
  reason: 'bucket-missing',
  text: `The data bucket ${bucketOf(region)} is not there yet: the next create_backups makes it.`,
  advice: 'To have it now, run create_data_buckets.',
});
const unfinished = (region: string, what: string): Found => ({
  ...about(region),
  result: 'warning',
  reason: 'bucket-unfinished',
  text: `The data bucket ${bucketOf(region)} lacks: ${what}. The next create_backups puts it right.`,
  advice: 'To have it now, run create_data_buckets.',
});
const NAMING = 'a policy that names every account that backups are shared with';
const CLOSED = 'a policy that lets nobody in without TLS';

/** A data bucket about which the service says this. */
const reporting =
  (report: Partial<BucketReport> | Error): NonNullable<DoctorAsked['parts']> =>
  (parts) => ({
    buckets: {
      ...parts.buckets,
      ensure: async (region) => {
        if (report instanceof Error) throw report;
        return { region, bucket: bucketOf(region), state: 'ready', changes: [], refusedAccounts: [], ...report };
      },
    },
  });

describe('data buckets', () => {
  it('are told of where they are wanted, or are there, each once, and none is made', async () => {
    const estate = openEstate('ebs');
    estate.resource(VOLUME, { tags: { 'shelvery:config:shelvery_dr_regions': `${DR},${THIRD}` } });
    estate.buckets([LOCAL]);
    await estate.run('create_data_buckets');
    estate.world.buckets.delete(bucketOf(THIRD));
    estate.buckets([Region.parse('eu-north-1')]);
    expect(await buckets(estate, { settings: { shelvery_dr_regions: DR } })).toEqual([
      unfinished('eu-north-1', CLOSED),
      missing(THIRD),
      well(DR),
      well(LOCAL),
    ]);
    expect(estate.world.buckets.has(bucketOf(THIRD))).toBe(false);
    expect(estate.world.buckets.get(bucketOf('eu-north-1'))?.policy).toBeUndefined();
  });

  it('lack a policy that names whom the configuration shares with', async () => {
    const estate = openEstate('ebs');
    await estate.run('create_data_buckets');
    const settings = { shelvery_share_aws_account_ids: OTHER_ACCOUNT };
    expect(await buckets(estate, { settings })).toEqual([unfinished(LOCAL, NAMING)]);
    await estate.run('create_data_buckets', { settings });
    expect(await buckets(estate, { settings })).toEqual([well(LOCAL)]);
    // Whom the policy names beside those may stay.
    expect(await buckets(estate)).toEqual([well(LOCAL)]);
  });

  it('lack a policy that names whom only tags share with', async () => {
    const estate = openEstate('ebs');
    estate.resource(VOLUME, { tags: { 'shelvery:config:shelvery_share_aws_account_ids': OTHER_ACCOUNT } });
    await estate.run('create_data_buckets');
    const asked = { settings: { shelvery_allowed_share_aws_account_ids: OTHER_ACCOUNT } };
    expect(await buckets(estate, asked)).toEqual([unfinished(LOCAL, NAMING)]);
    await estate.run('create_data_buckets', asked);
    expect(await buckets(estate, asked)).toEqual([well(LOCAL)]);
  });

  it('are looked at with the accounts that tags of each type share with', async () => {
    const estate = openEstate('ebs');
    const tagsFor = (accounts: string): Record<string, string> => ({
      'shelvery:config:shelvery_share_aws_account_ids': accounts,
    });
    estate.resource(VOLUME, { tags: tagsFor(OTHER_ACCOUNT) });
    estate.resource('vol-0fedcba9876543210');
    estate.resource('orders', { type: 'rds', tags: tagsFor(THIRD_ACCOUNT) });
    estate.resource('nodes', { type: 'redshift' });
    const wanted: unknown[] = [];
    const asked: DoctorAsked = {
      types: ['ebs', 'rds', 'redshift'],
      settings: {
        shelvery_share_aws_account_ids: '444444444444',
        shelvery_allowed_share_aws_account_ids: `${OTHER_ACCOUNT},${THIRD_ACCOUNT}`,
      },
      parts: () => ({
        buckets: {
          regionsInUse: async () => [],
          withdraw: () => Promise.reject(new Error('it only reads')),
          ensure: async (region, readers) => {
            wanted.push(readers);
            return { region, bucket: bucketOf(region), state: 'missing', changes: [], refusedAccounts: [] };
          },
        },
      }),
    };
    expect(await buckets(estate, asked)).toEqual([missing(LOCAL)]);
    const common = { accounts: ['444444444444'], exact: false, dryRun: true };
    expect(wanted).toEqual([
      { ...common, tagged: { type: 'ebs', accounts: [OTHER_ACCOUNT] } },
      { ...common, tagged: { type: 'rds', accounts: [THIRD_ACCOUNT] } },
    ]);
  });

  it('that look well by the tags of one type are told of where they do not by those of another', async () => {
    const estate = openEstate('ebs');
    const tags = { 'shelvery:config:shelvery_share_aws_account_ids': OTHER_ACCOUNT };
    estate.resource(VOLUME, { tags });
    estate.resource('orders', { type: 'rds', tags });
    const reports = (ofRds: Partial<BucketReport>): DoctorAsked => ({
      types: ['ebs', 'rds'],
      settings: { shelvery_allowed_share_aws_account_ids: OTHER_ACCOUNT },
      parts: (parts) => ({
        buckets: {
          ...parts.buckets,
          ensure: async (region, { tagged }) => ({
            region,
            bucket: bucketOf(region),
            state: 'ready',
            changes: [],
            refusedAccounts: [],
            ...(tagged?.type === 'rds' ? ofRds : {}),
          }),
        },
      }),
    });
    estate.buckets();
    expect(await buckets(estate, reports({}))).toEqual([well(LOCAL)]);
    expect(await buckets(estate, reports({ state: 'missing' }))).toEqual([missing(LOCAL)]);
    expect(await buckets(estate, reports({ state: 'unfinished', changes: ['policy'] }))).toEqual([
      unfinished(LOCAL, NAMING),
    ]);
    expect((await buckets(estate, reports({ state: 'refused' }))).map(({ reason }) => reason)).toEqual([
      'bucket-refused',
    ]);
  });

  it('lack every setting that would be put', async () => {
    const parts = reporting({ state: 'unfinished', changes: ['public access block', 'policy'] });
    expect(await buckets(openEstate('ebs'), { parts })).toEqual([unfinished(LOCAL, `public access block, ${CLOSED}`)]);
  });

  it.each([
    [
      'BucketAlreadyExists',
      `The bucket ${bucketOf(LOCAL)} belongs to another account. Set shelvery_bucket_name_template to another name.`,
    ],
    [
      'AccessDenied',
      `S3 answers AccessDenied when this account asks, as its owner, where the bucket ${bucketOf(LOCAL)} is. Either the bucket belongs to another account: then set shelvery_bucket_name_template to another name. Or it is yours, and a policy denies s3:GetBucketLocation: the role's, the bucket's own, or the organisation's (service control policy, resource control policy). Then allow it there.`,
    ],
  ])('that S3 refuses are told of: %s', async (refusal, text) => {
    const parts = reporting({ state: 'refused', refusal });
    expect(await buckets(openEstate('ebs'), { parts })).toEqual([
      { ...about(LOCAL), result: 'failed', reason: 'bucket-refused', text },
    ]);
  });

  it.each(['BucketNotOurs', 'ConfigurationError'] as const)(
    'that cannot be as they are configured are told of: %s',
    async (code) => {
      const parts = reporting(new ShelveryError(code, 'Two regions would share it.'));
      expect(await buckets(openEstate('ebs'), { parts })).toEqual([
        { ...about(LOCAL), result: 'failed', reason: 'bucket-refused', text: 'Two regions would share it.' },
      ]);
    },
  );

  it.each<[string, Error, string]>([
    ['an error of AWS', awsError('InternalError', { status: 500 }), 'InternalError while looking at the data bucket'],
    ['an error of ours', new ShelveryError('AwsError', 'It is so'), 'It is so'],
    ['one that is called as ours are', Object.assign(new Error('x'), { code: 'BucketNotOurs' }), 'BucketNotOurs while'],
  ])('that cannot be looked at are told of: %s', async (_, failure, text) => {
    const [found, ...others] = await buckets(openEstate('ebs'), { parts: reporting(failure) });
    expect(others).toEqual([]);
    expect(found).toMatchObject({ ...about(LOCAL), result: 'warning', reason: 'not-checked' });
    expect(found?.text).toContain(text);
  });

  it('whose files may not be listed are told of', async () => {
    const estate = openEstate('ebs');
    await estate.run('create_data_buckets');
    const parts: DoctorAsked['parts'] = withStore(() => ({
      listFolders: (_, prefix) => Promise.reject(refused('s3:ListBucket', prefix)),
    }));
    expect(await buckets(estate, { parts })).toEqual([
      {
        region: LOCAL,
        result: 'failed',
        reason: 'call-refused',
        subject: 's3:ListBucket',
        text: `AWS refuses s3:ListBucket on backups/ in ${LOCAL}.`,
        advice: 'Allow s3:ListBucket in the policy of the role or user that Shelvery runs as.',
      },
    ]);
  });

  it('of the regions in use are looked at as far as these are known', async () => {
    const estate = openEstate('ebs');
    estate.buckets([DR]);
    await estate.run('create_data_buckets');
    const regionsInUse =
      (failure: Error): NonNullable<DoctorAsked['parts']> =>
      (parts) => {
        const known: DataBuckets = { ...parts.buckets, regionsInUse: () => Promise.reject(failure) };
        return { buckets: known };
      };
    expect(await buckets(estate, { parts: regionsInUse(refused('s3:ListAllMyBuckets')) })).toEqual([
      {
        result: 'failed',
        reason: 'call-refused',
        subject: 's3:ListAllMyBuckets',
        text: 'AWS refuses s3:ListAllMyBuckets.',
        advice: 'Allow s3:ListAllMyBuckets in the policy of the role or user that Shelvery runs as.',
      },
      well(LOCAL),
    ]);
    expect(await buckets(estate, { parts: regionsInUse(awsError('InternalError', { status: 500 })) })).toEqual([
      {
        result: 'warning',
        reason: 'not-checked',
        text: 'InternalError while listing the buckets of the account: InternalError. This is temporary: run it again.',
      },
      well(LOCAL),
    ]);
  });
});
