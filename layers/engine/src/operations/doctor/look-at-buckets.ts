import type { BucketReaders } from '../../domain/files/bucket-policy.js';
import { DATA_PREFIX } from '../../domain/files/keys.js';
import type { Found } from '../../domain/doctor/checkup.js';
import { isShelveryError } from '../../domain/errors.js';
import type { AccountId, BackupType, Region } from '../../domain/values.js';
import type { BucketReport } from '../../ports.js';
import { aboutRefusedBucket } from '../buckets/refused-bucket.js';
import { fine, look } from './examined.js';
import type { Examination } from './examined.js';

/** Which data buckets there should be, and who should be able to read them. */
export interface BucketsExpected {
  readonly regions: readonly Region[];
  /** Accounts that the configuration shares with. */
  readonly accounts: readonly AccountId[];
  /** Accounts that tags of each type's marked resources share with. */
  readonly tagged: ReadonlyMap<BackupType, readonly AccountId[]>;
}

/** The regions with a data bucket of ours, and why they are not known, where they are not. */
export interface BucketsThere {
  readonly regions: readonly Region[];
  readonly found: readonly Found[];
}

/** Finds the data buckets that are there. */
export async function findBuckets(examination: Examination): Promise<BucketsThere> {
  const regions: Region[] = [];
  const about = { check: 'buckets', doing: 'listing the buckets of the account' } as const;
  const found = await look(examination, about, async () => {
    regions.push(...(await examination.buckets.regionsInUse()));
    return [];
  });
  return { regions, found };
}

/** The data buckets of every region in use: those that are expected, and those that are there. */
export async function lookAtBuckets(
  examination: Examination,
  expected: BucketsExpected,
  there: BucketsThere,
): Promise<readonly Found[]> {
  const { store } = examination;
  const regions = [...new Set([...expected.regions, ...there.regions])];
  const found = await Promise.all(
    regions.map(async (region) => {
      const bucket = store.bucketName(region);
      const about = { check: 'buckets', region, subject: bucket } as const;
      return await look(examination, { ...about, doing: `looking at the data bucket ${bucket}` }, async () => {
        try {
          return [await lookAtBucket(examination, region, expected)];
        } catch (error) {
          // Another region's, or a name that two regions would share.
          const isWrong = isShelveryError(error) && ['BucketNotOurs', 'ConfigurationError'].includes(error.code);
          if (!isWrong) throw error;
          return [{ ...about, reason: 'bucket-refused', text: error.message }];
        }
      });
    }),
  );
  return [...there.found, ...found.flat()];
}

const RUN_IT = 'To have it now, run create_data_buckets.';

async function lookAtBucket(
  { buckets, store }: Examination,
  region: Region,
  { accounts, tagged }: BucketsExpected,
): Promise<Found> {
  const common: BucketReaders & { readonly dryRun: boolean } = { accounts, exact: false, dryRun: true };
  // The policy remembers by type whom tags share with.
  const byTags = [...tagged].filter(([, named]) => named.length > 0);
  const reports =
    byTags.length === 0
      ? [await buckets.ensure(region, common)]
      : await Promise.all(
          byTags.map(([type, named]) => buckets.ensure(region, { ...common, tagged: { type, accounts: named } })),
        );
  const bucket = store.bucketName(region);
  const about = { check: 'buckets', region, subject: bucket } as const;
  const refused = reports.find(({ state }) => state === 'refused');
  if (refused !== undefined)
    return {
      ...about,
      reason: 'bucket-refused',
      text: aboutRefusedBucket(refused, 'shelvery_bucket_name_template'),
    };
  if (reports.some(({ state }) => state === 'missing'))
    return {
      ...about,
      reason: 'bucket-missing',
      text: `The data bucket ${bucket} is not there yet: the next create_backups makes it.`,
      advice: RUN_IT,
    };
  const missing = missingOf(reports, accounts.length > 0 || byTags.length > 0);
  if (missing.length > 0)
    return {
      ...about,
      reason: 'bucket-unfinished',
      text: `The data bucket ${bucket} lacks: ${missing.join(', ')}. The next create_backups puts it right.`,
      advice: RUN_IT,
    };
  await store.listFolders(region, DATA_PREFIX);
  return fine('buckets', `The data bucket ${bucket} is this account's, closed, encrypted, complete, and can be read.`, {
    region,
    subject: bucket,
  });
}

/** What would be put, in words that do not read as if it were there. */
function missingOf(reports: readonly BucketReport[], shares: boolean): readonly string[] {
  const changes = new Set(reports.flatMap((report) => report.changes));
  const policy = shares
    ? 'a policy that names every account that backups are shared with'
    : 'a policy that lets nobody in without TLS';
  return [...changes].map((change) => (change === 'policy' ? policy : change));
}
