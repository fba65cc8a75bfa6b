import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, GetBucketLocationCommand, paginateListBuckets } from '@aws-sdk/client-s3';
import type { BucketLocationConstraint } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import * as z from 'zod';
import { writerOf } from '../domain/files/bucket-policy.js';
import { fillBucketTemplate } from '../domain/config/config-schema.js';
import { ShelveryError } from '../domain/errors.js';
import { present } from '../domain/present.js';
import { faultName } from '../domain/telling/faults.js';
import { Region } from '../domain/values.js';
import type { BucketReport, Clock, DataBuckets, Log } from '../ports.js';
import type { AwsAccess } from './access.js';
import { perRegion } from './access.js';
import { s3Client } from './s3-client.js';
import { ensureBucketPolicy } from './bucket-policy-writer.js';
import type { PolicyWanted } from './bucket-policy-writer.js';
import { SETTINGS, unless } from './bucket-settings.js';
import type { OwnBucket } from './bucket-settings.js';

/** Regions whose location S3 calls otherwise (page "GetBucketLocation"). */
const OLD_LOCATIONS: Readonly<Record<string, string>> = { '': 'us-east-1', EU: 'eu-west-1' };

/**
 * Error names by which S3 answers for a bucket that is another account's (page "Verifying bucket ownership with bucket
 * owner condition"), and for one that a policy denies.
 */
const REFUSALS: readonly string[] = ['AccessDenied', 'AllAccessDisabled', 'BucketAlreadyExists', '403'];

/**
 * Data buckets on S3. What a bucket has is read first and only what is missing is put, the policy last: a run that was
 * killed half-way leaves a bucket that the next one finds unfinished. Other settings of the bucket stay. Runs beside each
 * other see to a bucket one after the other: S3 refuses changes of one bucket at the same time.
 */
export function createDataBuckets(
  access: AwsAccess,
  bucketNameTemplate: string,
  beside: { readonly clock: Clock; readonly log: Log },
): DataBuckets {
  const client = perRegion((region) => s3Client(access, region, bucketNameTemplate));
  const { accountId, region: localRegion } = access.home;
  const nameIn = (region: string): string => fillBucketTemplate(bucketNameTemplate, accountId, region);

  const inTurn = perRegion(() => pLimit(1));
  const bucketIn = (region: Region): OwnBucket => ({
    client: client(region),
    name: { Bucket: nameIn(region), ExpectedBucketOwner: accountId },
  });
  const reportOn =
    (region: Region) =>
    (
      state: BucketReport['state'],
      changes: readonly string[],
      { refusedAccounts = [], refusal }: Partial<Pick<BucketReport, 'refusedAccounts' | 'refusal'>> = {},
    ): BucketReport => ({
      region,
      bucket: nameIn(region),
      state,
      changes,
      refusedAccounts,
      ...present({ refusal }),
    });
  const seeToPolicy = (
    bucket: OwnBucket,
    wanted: Pick<PolicyWanted, 'readers' | 'dryRun' | 'onlyWithdraws'>,
  ): ReturnType<typeof ensureBucketPolicy> =>
    ensureBucketPolicy(
      bucket,
      { ...wanted, partition: access.partition, owner: accountId, writer: writerOf(access.stack, localRegion) },
      { ...beside, holder: randomUUID() },
    );
  const ensureNow: DataBuckets['ensure'] = async (region, { dryRun, ...readers }) => {
    const bucket = bucketIn(region);
    const report = reportOn(region);
    if (region !== localRegion && nameIn(region) === nameIn(localRegion)) {
      throw new ShelveryError(
        'ConfigurationError',
        `The data buckets of ${region} and ${localRegion} would have the same name. With DR regions shelvery_bucket_name_template needs {region}.`,
      );
    }
    const found = await look(bucket, region);
    if (typeof found === 'object') return report('refused', [], found);
    if (found === 'missing') {
      if (dryRun) return report('missing', OF_A_NEW_BUCKET);
      const made = await create(bucket, region);
      if (typeof made === 'object') return report('refused', [], made);
    }
    const missing = await Promise.all(
      SETTINGS.map(async (setting) => ((await setting.isSet(bucket)) ? [] : [setting])),
    );
    const changes = missing.flat().map((setting) => setting.what);
    // One after the other: S3 refuses changes of one bucket at the same time.
    if (!dryRun) for (const setting of missing.flat()) await setting.put(bucket);
    const policy = await seeToPolicy(bucket, { readers, dryRun });
    if (policy.changed) changes.push('policy');
    const state =
      found === 'missing' ? 'created' : changes.length === 0 ? 'ready' : dryRun ? 'unfinished' : 'completed';
    return report(state, found === 'missing' ? OF_A_NEW_BUCKET : changes, policy);
  };

  const withdrawNow: DataBuckets['withdraw'] = async (region, { dryRun, ...readers }) => {
    const report = reportOn(region);
    const policy = await unless(
      'NoSuchBucket',
      seeToPolicy(bucketIn(region), { readers, dryRun, onlyWithdraws: true }),
    );
    if (policy === undefined) return report('missing', []);
    if (!policy.changed) return report('ready', []);
    return report(dryRun ? 'unfinished' : 'completed', ['policy'], policy);
  };

  return {
    ensure: (region, wanted) => inTurn(region)(() => ensureNow(region, wanted)),
    withdraw: (region, wanted) => inTurn(region)(() => withdrawNow(region, wanted)),
    async regionsInUse() {
      const regions = new Set<Region>();
      const buckets = paginateListBuckets(
        { client: client(localRegion), pageSize: 1_000 },
        { Prefix: nameIn('{region}').replace(/\{.*$/, '') },
      );
      for await (const page of buckets) {
        for (const { Name: name = '' } of page.Buckets ?? []) {
          const region = regionIn(name, nameIn('{region}'));
          if (region !== undefined && region !== localRegion && nameIn(region) === name) regions.add(region);
        }
      }
      return [...regions].sort();
    },
  };
}

/** What a new bucket gets, some of which S3 gives it by itself: what is planned and what is done are told alike. */
const OF_A_NEW_BUCKET: readonly string[] = ['bucket', ...SETTINGS.map((setting) => setting.what), 'policy'];

/** The region that a name holds where the pattern has its first `{region}`. */
function regionIn(name: string, pattern: string): Region | undefined {
  const start = pattern.indexOf('{region}');
  if (start < 0) return undefined;
  const times = pattern.split('{region}').length - 1;
  const length = (name.length - (pattern.length - times * '{region}'.length)) / times;
  return Region.safeParse(name.slice(start, start + length)).data;
}

/** S3 refuses the bucket, by this code. */
interface Refused {
  readonly refusal: string;
}

async function look({ client, name }: OwnBucket, region: Region): Promise<'found' | 'missing' | Refused> {
  let location: string;
  try {
    location = Location.parse(await client.send(new GetBucketLocationCommand(name))).LocationConstraint;
  } catch (error) {
    if (faultName(error) === 'NoSuchBucket') return 'missing';
    if (REFUSALS.includes(faultName(error))) return { refusal: faultName(error) };
    throw error;
  }
  const found = OLD_LOCATIONS[location] ?? location;
  if (found !== region) {
    throw new ShelveryError(
      'BucketNotOurs',
      `The bucket ${name.Bucket} is in ${found}, not in ${region}. Put {region} into shelvery_bucket_name_template, or remove the bucket.`,
    );
  }
  return 'found';
}

/** S3 leaves the location out, or empty, for us-east-1. */
const Location = z.object({
  LocationConstraint: z
    .string()
    .nullish()
    .transform((location) => location ?? ''),
});

/** The SDK's list of locations ends with its release; S3 knows the regions since. */
const AnyLocation = z.custom<BucketLocationConstraint>((location) => typeof location === 'string');

async function create({ client, name: { Bucket } }: OwnBucket, region: Region): Promise<'created' | Refused> {
  try {
    await client.send(
      new CreateBucketCommand({
        Bucket,
        ObjectOwnership: 'BucketOwnerEnforced',
        // No location means us-east-1, and S3 refuses it as a location.
        ...(region === 'us-east-1'
          ? {}
          : { CreateBucketConfiguration: { LocationConstraint: AnyLocation.parse(region) } }),
      }),
    );
    return 'created';
  } catch (error) {
    const name = faultName(error);
    // A run beside this one, or this call's own first try, whose answer was lost.
    if (name === 'BucketAlreadyOwnedByYou') return 'created';
    if (name === 'BucketAlreadyExists') return { refusal: name };
    throw error;
  }
}
