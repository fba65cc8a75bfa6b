import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { systemClock } from '../aws/system-clock.js';
import { createDataBuckets } from '../aws/data-buckets.js';
import { resolveRunConfig } from '../domain/config/config.js';
import { ShelveryError } from '../domain/errors.js';
import { present } from '../domain/present.js';
import { toShelveryError } from '../domain/telling/faults.js';
import { targetsOf } from '../domain/config/targets.js';
import type { BucketReport } from '../ports.js';
import { answerCloudFormation } from './cloudformation-answer.js';
import type { CloudFormationAnswer } from './cloudformation-answer.js';
import type { HandlerOptions } from './create-handler.js';
import { createPlatform } from './platform.js';
import type { Platform } from './platform.js';
import { createPowertoolsLog } from './powertools-log.js';

/**
 * What the template gives: its values, as CloudFormation changes the SSM parameters before or after this, as it likes.
 */
const Properties = z.object({ Config: z.record(z.string(), z.unknown()).optional() });
/**
 * What CloudFormation sends; the page "Custom resource request objects". Whatever the properties are, it gets an
 * answer.
 */
const Request = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  ResponseURL: z.string(),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  PhysicalResourceId: z.string().optional(),
  ResourceProperties: z.unknown().optional(),
  OldResourceProperties: z.unknown().optional(),
});
type Request = z.infer<typeof Request>;

/** The id of the buckets as one resource: it never changes, or an update would end in a delete of the old. */
const PHYSICAL_ID = 'shelvery-data-buckets';
/** An answer must be on its way when so little is left. */
const ANSWER_BEFORE_END_MS = 10_000;

/** The handler of the custom resource. */
export type CustomResourceHandler = (event: unknown, context: Context) => Promise<void>;

/**
 * Makes the handler of the custom resource that makes the data buckets of the local and each DR region, brings them up
 * to date when the stack's parameters change, and keeps them when it is deleted. CloudFormation gets its answer
 * whatever happens, also when time gets short.
 */
export function createDataBucketsHandler(options: HandlerOptions = {}): CustomResourceHandler {
  const logger = new Logger({ serviceName: 'shelvery-data-buckets' });
  return async (event, context) => {
    const request = Request.parse(event);
    logger.addContext(context);
    const log = createPowertoolsLog(logger);
    const work = async (): Promise<CloudFormationAnswer> => {
      const platform = createPlatform({
        environment: options.environment ?? process.env,
        clock: options.clock ?? systemClock,
        logger,
        log,
        ...present({ requestHandler: options.requestHandler }),
      });
      return { status: 'SUCCESS', data: await bringUpToDate(platform, request, context.invokedFunctionArn) };
    };
    const answer: CloudFormationAnswer =
      request.RequestType === 'Delete' ? { status: 'SUCCESS', data: {} } : await within(context, work);
    if (answer.status === 'FAILED') log.error('SHELVERY_OUTCOME_FAILED', answer.reason);
    await answerCloudFormation(
      {
        url: request.ResponseURL,
        stackId: request.StackId,
        requestId: request.RequestId,
        logicalId: request.LogicalResourceId,
        physicalId: request.PhysicalResourceId ?? PHYSICAL_ID,
      },
      answer,
      (milliseconds) => (options.clock ?? systemClock).sleep(milliseconds),
    );
    log.info('SHELVERY_RUN_ENDED', `${request.RequestType} of the data buckets: ${answer.status}`);
  };
}

/** The work's answer, or a failure in time where the work takes too long. */
async function within(context: Context, work: () => Promise<CloudFormationAnswer>): Promise<CloudFormationAnswer> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<CloudFormationAnswer>((resolve) => {
    timer = setTimeout(
      () => {
        resolve({
          status: 'FAILED',
          reason: 'The data buckets were not finished in time; update the stack again to go on.',
        });
      },
      Math.max(0, context.getRemainingTimeInMillis() - ANSWER_BEFORE_END_MS),
    );
  });
  try {
    return await Promise.race([work().catch((error: unknown) => failed(error)), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

function failed(error: unknown): CloudFormationAnswer {
  return { status: 'FAILED', reason: toShelveryError(error, 'making the data buckets').message };
}

/**
 * Accounts that the stack's parameters do not name any more go from the policies; those that tags or the configuration
 * of a payload name, which this function does not see, stay.
 */
async function bringUpToDate(
  platform: Platform,
  request: Request,
  functionArn: string,
): Promise<Readonly<Record<string, string>>> {
  const config = resolveRunConfig({ payload: Properties.parse(request.ResourceProperties).Config, environment: {} });
  const before = resolveRunConfig({
    payload: Properties.optional().parse(request.OldResourceProperties)?.Config,
    environment: {},
  });
  const access = await platform.access(config.values, functionArn);
  const buckets = createDataBuckets(access, config.values.shelvery_bucket_name_template);
  const { drRegions, shareAccounts } = targetsOf(config.values, access.home);
  const without = targetsOf(before.values, access.home).shareAccounts.filter(
    (account) => !shareAccounts.includes(account),
  );
  const reports = await Promise.all(
    [access.home.region, ...drRegions].map((region) =>
      buckets.ensure(region, { accounts: shareAccounts, exact: false, without, dryRun: false }),
    ),
  );
  const problems = reports.flatMap(problemsOf);
  if (problems.length > 0) throw new ShelveryError('BucketUnfinished', problems.join(' '));
  for (const { bucket, region, changes } of reports) {
    if (changes.length > 0)
      platform.log.info('SHELVERY_BUCKET_CHANGED', `${bucket} (${region}): ${changes.join(', ')}`);
  }
  return { Buckets: reports.map((report) => report.bucket).join(',') };
}

function problemsOf(report: BucketReport): readonly string[] {
  if (report.state === 'foreign')
    return [
      `The bucket ${report.bucket} belongs to another account: choose another name (ShelveryBucketNameTemplate).`,
    ];
  if (report.refusedAccounts.length === 0) return [];
  return [
    `S3 refuses these accounts in the policy of ${report.bucket}: ${report.refusedAccounts.join(', ')}. Correct ShelveryShareAwsAccountIds.`,
  ];
}
