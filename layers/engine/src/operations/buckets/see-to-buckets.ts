import { ShelveryError } from '../../domain/errors.js';
import { toRegionError } from '../region-fault.js';
import type { BucketReaders } from '../../domain/files/bucket-policy.js';
import { targetsOf } from '../../domain/config/targets.js';
import type { Configured } from '../../domain/config/targets.js';
import type { Region } from '../../domain/values.js';
import type { BucketReport } from '../../ports.js';
import type { RunContext } from '../context.js';
import { aboutRefusedBucket } from './refused-bucket.js';

/** The regions whose data buckets are to be made or repaired, and who may read them. */
export interface BucketsWanted {
  readonly regions: readonly Region[];
  readonly readers: BucketReaders;
  /** Also report buckets that needed no change. */
  readonly reportUnchanged: boolean;
}

/**
 * The regions that need a data bucket, and the accounts that may read it: as the run's configuration and those of the
 * resources name them.
 */
export function bucketsNamed(
  context: Pick<RunContext, 'home' | 'config' | 'adapter'>,
  resources: readonly Configured[],
): Pick<BucketsWanted, 'regions'> & Omit<BucketReaders, 'exact'> {
  const { drRegions, shareAccounts } = targetsOf(context.config.values, context.home);
  return {
    regions: [context.home.region, ...drRegions, ...resources.flatMap(({ targets }) => targets.drRegions)],
    accounts: shareAccounts,
    tagged: {
      type: context.adapter.type,
      accounts: resources.flatMap(({ config, targets }) =>
        config.tagged.includes('shelvery_share_aws_account_ids') ? targets.shareAccounts : [],
      ),
    },
  };
}

/** What is seen to with. */
type Seeing = Pick<RunContext, 'buckets' | 'log' | 'report' | 'run' | 'store'>;

/** Checks the data bucket of every region and repairs what is missing. Reports each bucket, and never throws. */
export async function seeToBuckets(context: Seeing, wanted: BucketsWanted): Promise<readonly BucketReport[]> {
  return await inEach(context, wanted, (region, readers) => context.buckets.ensure(region, readers));
}

/**
 * Takes accounts that nobody names any longer out of the policies of data buckets that nothing else is done about. Reports
 * each bucket that one was taken out of, or that could not be looked at, and never throws.
 */
export async function withdrawFromBuckets(
  context: Seeing & Pick<RunContext, 'collected'>,
  { regions, readers }: Pick<BucketsWanted, 'regions' | 'readers'>,
): Promise<readonly BucketReport[]> {
  const reports = await inEach(context, { regions, readers, reportUnchanged: false }, (region, exact) =>
    context.buckets.withdraw(region, exact),
  );
  const changed = reports.filter(({ changes }) => changes.length > 0);
  // Those that stay as they are are not told of, and not counted.
  context.collected(regions.length - reports.length + changed.length);
  return changed;
}

async function inEach(
  context: Seeing,
  { regions, readers, reportUnchanged }: BucketsWanted,
  see: (region: Region, readers: BucketReaders & { readonly dryRun: boolean }) => Promise<BucketReport>,
): Promise<readonly BucketReport[]> {
  const reports = await Promise.all(
    [...new Set(regions)].map(async (region) => {
      try {
        const report = await see(region, { ...readers, dryRun: context.run.dryRun });
        tell(context, report, reportUnchanged);
        return [report];
      } catch (error) {
        const bucket = context.store.bucketName(region);
        context.report({
          operation: 'CreateDataBucket',
          bucket,
          region,
          status: 'failed',
          error: toRegionError(error, region, `checking the data bucket ${bucket} in ${region}`),
        });
        return [];
      }
    }),
  );
  return reports.flat();
}

function tell(
  context: Pick<RunContext, 'log' | 'report' | 'run'>,
  report: BucketReport,
  reportUnchanged: boolean,
): void {
  const { bucket, region } = report;
  const subject = { operation: 'CreateDataBucket', bucket, region } as const;
  if (report.state === 'refused') {
    context.report({
      ...subject,
      status: 'failed',
      error: new ShelveryError(
        'BucketNotOurs',
        `${aboutRefusedBucket(report, 'shelvery_bucket_name_template')} Until then backups are made, but their metadata cannot be stored.`,
      ),
    });
    return;
  }
  for (const account of report.refusedAccounts) {
    context.report({
      ...subject,
      destinationAccount: account,
      status: 'failed',
      error: new ShelveryError(
        'ConfigurationError',
        `S3 refuses the account ${account} in the policy of ${bucket}: the account does not exist, or is in another partition. Correct shelvery_share_aws_account_ids.`,
      ),
    });
  }
  // A dry run shows its plan.
  if (context.run.dryRun) return;
  if (report.changes.length > 0) {
    context.log.info('SHELVERY_BUCKET_CHANGED', `${bucket} (${region}): ${report.changes.join(', ')}`, {
      bucket,
      region,
    });
  }
  if (reportUnchanged || report.changes.length > 0) {
    context.report({
      ...subject,
      status: 'ok',
      message: report.changes.length > 0 ? report.changes.join(', ') : 'nothing to change',
    });
  }
}
