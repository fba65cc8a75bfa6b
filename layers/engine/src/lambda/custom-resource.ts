import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { createAwsClock } from '../aws/system-clock.js';
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

/** Between calls that are refused; 90 s together, of the function's 300. */
const PAUSES_SECONDS = [2, 4, 8, 16, 30, 30];
const DOING = 'making the data buckets';

/** The handler of the custom resource. */
export type CustomResourceHandler = (event: unknown, context: Context) => Promise<void>;

/**
 * Makes the handler of the custom resource that makes the data buckets of the local and each DR region, brings them up
 * to date when the stack's parameters change, and keeps them when it is deleted. CloudFormation gets its answer
 * whatever happens, also when time gets short.
 */
export function createDataBucketsHandler(options: HandlerOptions = {}): CustomResourceHandler {
  const logger = new Logger({ serviceName: 'shelvery-data-buckets' });
  const clock = options.clock ?? createAwsClock();
  return async (event, context) => {
    const request = Request.parse(event);
    logger.addContext(context);
    const log = createPowertoolsLog(logger);
    const work = async (signal: AbortSignal): Promise<CloudFormationAnswer> => {
      const platform = createPlatform({
        environment: options.environment ?? process.env,
        clock,
        logger,
        log,
        ...present({ requestHandler: options.requestHandler }),
      });
      return { status: 'SUCCESS', data: await bringUpToDate(platform, request, context.invokedFunctionArn, signal) };
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
      (milliseconds) => clock.sleep(milliseconds),
    );
    log.info('SHELVERY_RUN_ENDED', `${request.RequestType} of the data buckets: ${answer.status}`);
  };
}

/** The work's answer, or a failure in time where the work takes too long; then it repeats nothing any more. */
async function within(
  context: Context,
  work: (signal: AbortSignal) => Promise<CloudFormationAnswer>,
): Promise<CloudFormationAnswer> {
  const ending = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<CloudFormationAnswer>((resolve) => {
    timer = setTimeout(
      () => {
        ending.abort();
        resolve({
          status: 'FAILED',
          reason: 'The data buckets were not finished in time; update the stack again to go on.',
        });
      },
      Math.max(0, context.getRemainingTimeInMillis() - ANSWER_BEFORE_END_MS),
    );
  });
  try {
    return await Promise.race([work(ending.signal).catch((error: unknown) => failed(error)), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

function failed(error: unknown): CloudFormationAnswer {
  return { status: 'FAILED', reason: toShelveryError(error, DOING).message };
}

/**
 * Accounts that the stack's parameters do not name any more go from the policies; those that tags or the configuration
 * of a payload name, which this function does not see, stay.
 */
async function bringUpToDate(
  platform: Platform,
  request: Request,
  functionArn: string,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const config = resolveRunConfig({ payload: Properties.parse(request.ResourceProperties).Config, environment: {} });
  const before = resolveRunConfig({
    payload: Properties.optional().parse(request.OldResourceProperties)?.Config,
    environment: {},
  });
  const reports = await onceAllowed(platform, signal, async () => {
    const access = await platform.access(config.values, functionArn);
    const buckets = createDataBuckets(access, config.values.shelvery_bucket_name_template);
    const { drRegions, shareAccounts } = targetsOf(config.values, access.home);
    const without = targetsOf(before.values, access.home).shareAccounts.filter(
      (account) => !shareAccounts.includes(account),
    );
    return await allDone(
      [access.home.region, ...drRegions].map((region) =>
        buckets.ensure(region, { accounts: shareAccounts, exact: false, without, dryRun: false }),
      ),
    );
  });
  const problems = reports.flatMap(problemsOf);
  if (problems.length > 0) throw new ShelveryError('BucketUnfinished', problems.join(' '));
  for (const { bucket, region, changes } of reports) {
    if (changes.length > 0)
      platform.log.info('SHELVERY_BUCKET_CHANGED', `${bucket} (${region}): ${changes.join(', ')}`);
  }
  return { Buckets: reports.map((report) => report.bucket).join(',') };
}

/**
 * Repeats what is refused. CloudFormation changes a policy and calls this in the same second, and IAM's changes are not
 * seen everywhere at once (page "Troubleshoot IAM", "Changes that I make are not always immediately visible"). S3 says
 * AccessDenied of a bucket of another account as well, so that this is known only after the last time.
 */
async function onceAllowed(
  { clock, log }: Platform,
  signal: AbortSignal,
  look: () => Promise<readonly BucketReport[]>,
): Promise<readonly BucketReport[]> {
  for (const seconds of PAUSES_SECONDS) {
    const refused = await refusal(look);
    if ('reports' in refused) return refused.reports;
    log.warn('SHELVERY_BUCKET_REFUSED', `${refused.said} It is tried again in ${seconds} s.`);
    await clock.sleep(seconds * 1_000, signal);
  }
  return await look();
}

/** What was refused, in words; or the reports, where nothing was. Other errors are thrown. */
async function refusal(
  look: () => Promise<readonly BucketReport[]>,
): Promise<{ readonly said: string } | { readonly reports: readonly BucketReport[] }> {
  try {
    const reports = await look();
    const foreign = reports.find(({ state }) => state === 'foreign');
    return foreign === undefined ? { reports } : { said: `The bucket ${foreign.bucket} may not be asked for.` };
  } catch (error) {
    const { cause, message } = toShelveryError(error, DOING);
    // What AWS said itself: a role that may not be taken on yet is told as an error of credentials.
    if (toShelveryError(cause, DOING).code !== 'NotAllowed') throw error;
    return { said: message };
  }
}

/** All results; an error only once nothing is under way any more, as what is repeated must not meet its first try. */
async function allDone<T>(work: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(work);
  return await Promise.all(work);
}

function problemsOf(report: BucketReport): readonly string[] {
  if (report.state === 'foreign')
    return [
      `The bucket ${report.bucket} belongs to another account, or is not allowed yet: choose another name (ShelveryBucketNameTemplate), ` +
        'or, where the bucket is yours, update the stack again in some minutes.',
    ];
  if (report.refusedAccounts.length === 0) return [];
  return [
    `S3 refuses these accounts in the policy of ${report.bucket}: ${report.refusedAccounts.join(', ')}. Correct ShelveryShareAwsAccountIds.`,
  ];
}
