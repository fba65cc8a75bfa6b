import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { createAwsClock } from '../aws/system-clock.js';
import { createDataBuckets } from '../aws/data-buckets.js';
import { resolveRunConfig, usableConfig } from '../domain/config/config.js';
import type { ConfigLevels } from '../domain/config/config.js';
import { present } from '../domain/present.js';
import { ShelveryError, aboutError } from '../domain/errors.js';
import { toShelveryError } from '../domain/telling/faults.js';
import { targetsOf } from '../domain/config/targets.js';
import { aboutRefusedBucket } from '../operations/buckets/refused-bucket.js';
import { inTime } from '../operations/in-time.js';
import type { Region } from '../domain/values.js';
import type { BucketReport, DataBuckets } from '../ports.js';
import { answerCloudFormation } from './cloudformation-answer.js';
import type { CloudFormationAnswer } from './cloudformation-answer.js';
import type { HandlerOptions } from './create-handler.js';
import { beginSilence } from './metrics.js';
import { createPlatform } from './platform.js';
import type { Platform } from './platform.js';
import { createPowertoolsLog } from './powertools-log.js';

/**
 * The values that the template passes. The SSM parameters do not serve: CloudFormation may change them before or after
 * this.
 */
const Properties = z.object({
  /** Every key that a stack has. It is checked here, where a bad value still fails the update: else each run refuses it. */
  Configuration: z.record(z.string(), z.string()).prefault({}),
  /** What earlier versions passed, under another name: a rollback to one of them must not be asked for more. */
  Config: z.record(z.string(), z.string()).prefault({}),
  /** As those of the stack: with `DISABLED` the buckets are looked at, and left as they are. */
  SchedulesState: z.enum(['ENABLED', 'DISABLED']).optional(),
});
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
/** With this little of the time limit left the answer must be sent. */
const ANSWER_BEFORE_END_MS = 10_000;

/** Between calls that are refused; 90 s together, of the function's 300. */
const PAUSES_SECONDS = [2, 4, 8, 16, 30, 30];
const DOING = 'making the data buckets';
/** Longest that buckets are waited for which the parameters name no longer, in milliseconds. */
const ELSEWHERE_MS = 30_000;

/** The handler of the custom resource. */
export type CustomResourceHandler = (event: unknown, context: Context) => Promise<void>;

/**
 * Makes the handler of the custom resource that makes the data buckets of the local and each DR region, brings them up
 * to date when the stack's parameters change, and keeps them when it is deleted. While the stack's schedules are off it
 * only looks, and says what it would change: the stack may be made to be looked at, beside another that uses the buckets.
 * A configuration that each run would refuse fails the change of the stack, before anything is done.
 * CloudFormation gets its answer whatever happens, also when time gets short.
 */
export function createDataBucketsHandler(options: HandlerOptions = {}): CustomResourceHandler {
  const logger = new Logger({ serviceName: 'shelvery-data-buckets' });
  const clock = options.clock ?? createAwsClock();
  return async (event, context) => {
    const request = Request.parse(event);
    logger.addContext(context);
    const log = createPowertoolsLog(logger);
    const work = async (signal: AbortSignal): Promise<Data> => {
      const platform = createPlatform({
        environment: options.environment ?? process.env,
        clock,
        logger,
        log,
        ...present({ requestHandler: options.requestHandler }),
      });
      return await bringUpToDate(platform, request, context.invokedFunctionArn, signal);
    };
    const done = request.RequestType === 'Delete' ? { data: {} } : await within(context, work);
    if ('error' in done) {
      const { error } = done;
      log.error('SHELVERY_OUTCOME_FAILED', error.message, { operation: 'CreateDataBucket', ...aboutError(error) });
    }
    if (request.RequestType === 'Create') beginSilence(options.environment ?? process.env);
    const answer: CloudFormationAnswer =
      'error' in done ? { status: 'FAILED', reason: done.error.message } : { status: 'SUCCESS', data: done.data };
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
    log.info('SHELVERY_RUN_ENDED', `${request.RequestType} of the data buckets: ${answer.status}`, {
      succeeded: 'error' in done ? 0 : 1,
      skipped: 0,
      failed: 'error' in done ? 1 : 0,
      unfinished: 0,
    });
  };
}

/** What the answer tells CloudFormation of the data buckets. */
type Data = Readonly<Record<string, string>>;
/** An output of a stack has at most 1,024 bytes (page "CloudFormation quotas"). */
const MAX_SAID = 900;
const NOTHING = 'nothing';
type Done = { readonly data: Data } | { readonly error: ShelveryError };

/**
 * What the work gives, or an error in time where the work fails or takes too long; then it repeats nothing any more.
 * Never throws.
 */
async function within(context: Context, work: (signal: AbortSignal) => Promise<Data>): Promise<Done> {
  const ending = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<Done>((resolve) => {
    timer = setTimeout(
      () => {
        ending.abort();
        resolve({
          error: new ShelveryError(
            'TimedOut',
            'The data buckets were not finished in time. Update the stack again to finish them.',
          ),
        });
      },
      Math.max(0, context.getRemainingTimeInMillis() - ANSWER_BEFORE_END_MS),
    );
  });
  try {
    return await Promise.race([attempt(() => work(ending.signal)), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

async function attempt(work: () => Promise<Data>): Promise<Done> {
  try {
    return { data: await work() };
  } catch (error) {
    return { error: toShelveryError(error, DOING) };
  }
}

/**
 * Makes the buckets, and removes accounts from their policies that the stack's parameters no longer name; also from those
 * of DR regions that are named no longer. Accounts that tags or the configuration of a payload name stay, because this
 * function does not see them.
 */
async function bringUpToDate(
  platform: Platform,
  request: Request,
  functionArn: string,
  signal: AbortSignal,
): Promise<Data> {
  const properties = Properties.parse(request.ResourceProperties);
  const config = resolveRunConfig(levelsOf(properties));
  const dryRun = properties.SchedulesState === 'DISABLED';
  // A stack may come from values that are refused now: those of an earlier version, or of the update that is rolled back.
  const before = usableConfig(levelsOf(Properties.catch(Properties.parse({})).parse(request.OldResourceProperties)));
  const { reports, elsewhere } = await onceAllowed(platform, signal, async () => {
    const access = await platform.access(config.values, functionArn);
    const buckets = createDataBuckets(access, config.values.shelvery_bucket_name_template, platform);
    const { drRegions, shareAccounts } = targetsOf(config.values, access.home);
    const old = targetsOf(before, access.home);
    const without = old.shareAccounts.filter((account) => !shareAccounts.includes(account));
    const readers = { accounts: shareAccounts, exact: false, without, dryRun };
    const seenTo = [access.home.region, ...drRegions];
    return {
      reports: await allDone(seenTo.map((region) => buckets.ensure(region, readers))),
      elsewhere: { buckets, readers, seenTo, before: old.drRegions },
    };
  });
  const withdrawn = await withdrawElsewhere(platform, elsewhere);
  const data = { Buckets: reports.map((report) => report.bucket).join(',') };
  if (dryRun) {
    const said = [...reports, ...withdrawn].flatMap(wouldDo).join('; ') || NOTHING;
    platform.log.info(
      'SHELVERY_BUCKETS_LOOKED_AT',
      `The schedules are off, so nothing was changed. With them on: ${said}`,
    );
    return { ...data, WouldChange: said.slice(0, MAX_SAID) };
  }
  const problems = reports.flatMap(problemsOf);
  if (problems.length > 0) throw new ShelveryError('BucketUnfinished', problems.join(' '));
  for (const { bucket, region, changes } of [...reports, ...withdrawn]) {
    if (changes.length > 0)
      platform.log.info('SHELVERY_BUCKET_CHANGED', `${bucket} (${region}): ${changes.join(', ')}`, { bucket, region });
  }
  return { ...data, WouldChange: NOTHING };
}

/** They are the owner's own words, as the SSM parameters are that the stack makes of the same values. */
function levelsOf({ Configuration, Config }: z.infer<typeof Properties>): ConfigLevels {
  return { environment: {}, ssm: { ...Config, ...Configuration }, ssmName: "the stack's parameters" };
}

/** The data buckets that the parameters do not name. */
interface Elsewhere {
  readonly buckets: DataBuckets;
  readonly readers: Parameters<DataBuckets['withdraw']>[1];
  /** The regions whose buckets are seen to in any case. */
  readonly seenTo: readonly Region[];
  /** The DR regions that the parameters named before. */
  readonly before: readonly Region[];
}

/**
 * Takes accounts that the parameters name no longer out of the policies of all other data buckets. What cannot be done
 * there in time fails no stack, whose parameters may leave a region for that very reason: `create_data_buckets` tries each
 * time.
 *
 * @returns what was changed, or would be.
 */
async function withdrawElsewhere(
  { clock, log }: Pick<Platform, 'clock' | 'log'>,
  { buckets, readers, seenTo, before }: Elsewhere,
): Promise<readonly BucketReport[]> {
  const accounts = readers.without ?? [];
  if (accounts.length === 0) return [];
  const end = clock.timeout(ELSEWHERE_MS);
  const orNothing = async <T>(where: string, work: Promise<T>): Promise<T | undefined> => {
    try {
      return await inTime(work, end, () => {
        const seconds = String(ELSEWHERE_MS / 1_000);
        return new ShelveryError('TimedOut', `The data buckets ${where} did not answer within ${seconds} s.`);
      });
    } catch (error) {
      const { message } = toShelveryError(error, `looking at the data buckets ${where}`);
      const left = `Accounts that the parameters name no longer may still read shared files ${where}: ${accounts.join(', ')}.`;
      log.warn('SHELVERY_BUCKET_LEFT', `${message} ${left} create_data_buckets tries again.`, {
        accounts: [...accounts],
      });
      return undefined;
    }
  };
  const inUse = (await orNothing('in other regions', buckets.regionsInUse())) ?? [];
  const regions = [...new Set([...before, ...inUse])].filter((region) => !seenTo.includes(region));
  const reports = await Promise.all(
    regions.map((region) => orNothing(`in ${region}`, buckets.withdraw(region, readers))),
  );
  return reports.flatMap((report) => (report === undefined || report.changes.length === 0 ? [] : [report]));
}

/**
 * Repeats what is refused. CloudFormation changes a policy and calls this in the same second, and IAM's changes are not
 * seen everywhere at once (page "Troubleshoot IAM", "Changes that I make are not always immediately visible"). S3 says
 * AccessDenied for a bucket of another account as well: which of both it is shows only after the last time.
 */
async function onceAllowed<T extends LookedAt>(
  { clock, log }: Platform,
  signal: AbortSignal,
  look: () => Promise<T>,
): Promise<T> {
  for (const seconds of PAUSES_SECONDS) {
    const refused = await refusal(look);
    if ('looked' in refused) return refused.looked;
    log.warn('SHELVERY_BUCKET_REFUSED', `${refused.said} It is tried again in ${seconds} s.`, { seconds });
    await clock.sleep(seconds * 1_000, signal);
  }
  return await look();
}

interface LookedAt {
  readonly reports: readonly BucketReport[];
}

/** A sentence about what was refused, or what there is where nothing was. Other errors are thrown. */
async function refusal<T extends LookedAt>(
  look: () => Promise<T>,
): Promise<{ readonly said: string } | { readonly looked: T }> {
  try {
    const looked = await look();
    const refused = looked.reports.find(({ state }) => state === 'refused');
    return refused === undefined
      ? { looked }
      : { said: `The location of the bucket ${refused.bucket} may not be read.` };
  } catch (error) {
    const { cause, message } = toShelveryError(error, DOING);
    // The cause is AWS's own answer: where a role may not be assumed yet, the error itself is one of credentials.
    if (toShelveryError(cause, DOING).code !== 'NotAllowed') throw error;
    return { said: message };
  }
}

/** All results. An error is thrown only once everything has ended: a repeat must not run beside the first try. */
async function allDone<T>(work: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(work);
  return await Promise.all(work);
}

/** What would be done to a bucket, for the output of the stack. */
function wouldDo(report: BucketReport): readonly string[] {
  const { bucket, region, state, changes } = report;
  const problems = problemsOf(report);
  if (problems.length > 0) return problems;
  if (state === 'missing') return [`${bucket} (${region}) would be made`];
  return changes.length === 0 ? [] : [`${bucket} (${region}) would get: ${changes.join(', ')}`];
}

function problemsOf(report: BucketReport): readonly string[] {
  if (report.state === 'refused')
    return [
      `${aboutRefusedBucket(report, 'ShelveryBucketNameTemplate')} Permissions that were just changed may take some minutes: then update the stack again.`,
    ];
  if (report.refusedAccounts.length === 0) return [];
  return [
    `S3 refuses these accounts in the policy of ${report.bucket}: ${report.refusedAccounts.join(', ')}. Correct ShelveryShareAwsAccountIds.`,
  ];
}
