import type { AwsAccess } from '../aws/access.js';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import type { RunConfig } from '../domain/config/config.js';
import type { PayloadConfig } from '../domain/delayed.js';
import { ShelveryError } from '../domain/errors.js';
import { present } from '../domain/present.js';
import { toShelveryError } from '../domain/telling/faults.js';
import { RunId } from '../domain/values.js';
import { createLambdaOperations, invokeSelf } from '../run/hand-on.js';
import { openAwsParts } from '../run/open-run.js';
import type { AdapterFactory } from '../run/open-run.js';
import { runAction } from '../run/run-action.js';
import type { HandedOver, RunResult } from '../run/run-action.js';
import { countOutcomes } from './metrics.js';
import { markTold } from './middleware.js';
import type { Work } from './parse-event.js';
import type { Platform } from './platform.js';

/**
 * Nothing is begun any more when less than this is left of the time limit: what is begun must be finished and handed
 * on.
 */
const RESERVE_MS = 30_000;

type ActionWork = Extract<Work, { kind: 'action' }>;

/** What the work of one function needs. */
export interface FunctionParts {
  readonly platform: Platform;
  readonly makeAdapter: AdapterFactory;
  readonly metrics: Metrics;
}

/** One payload that asks for an action. */
export interface ActionItem {
  readonly work: ActionWork;
  readonly config: RunConfig;
  readonly payloadConfig: PayloadConfig | undefined;
  /** The id of the record that it came in. */
  readonly recordId?: string;
}

/**
 * Runs an action in an invocation: hands the rest over to a further invocation when time gets short.
 *
 * @throws ShelveryError when something failed that doing it again could mend, after everything was reported; Lambda or
 *   the queue then
 *   repeats it.
 */
export async function runActionItem(parts: FunctionParts, item: ActionItem, context: Context): Promise<RunResult> {
  const { platform } = parts;
  const { work, config, payloadConfig } = item;
  const access = await platform.access(config.values, context.invokedFunctionArn);
  const awsParts = openAwsParts({
    access,
    config,
    makeAdapter: parts.makeAdapter,
    clock: platform.clock,
    log: platform.log,
  });
  const runId = work.handOver?.runId ?? RunId.parse(item.recordId ?? context.awsRequestId);
  const result = await runAction(
    {
      action: work.action,
      runId,
      mayBeRetry: true,
      dryRun: work.dryRun,
      backdate: work.backdate,
      ...present({ givenTime: work.givenTime }),
    },
    {
      ...awsParts,
      mayStart: () => context.getRemainingTimeInMillis() > RESERVE_MS,
      handOver: (left) => handOver(parts, item, { access, runId, left }, context),
      delayed: () =>
        createLambdaOperations({
          access,
          values: config.values,
          payloadConfig,
          functionName: context.invokedFunctionArn,
          log: platform.log,
        }),
    },
  );
  countOutcomes(parts.metrics, awsParts.adapter.type, result.outcomes, result.newestBackupAgeHours);
  // What failed is tried again by the next invocation: a repeat of this one, too, would make beside it what both find
  // missing.
  if (!result.handedOver) throwIfMendable(result);
  return result;
}

/** Invokes the function for what is left of the run, with the same time, id and configuration. */
async function handOver(
  { platform }: FunctionParts,
  { work, payloadConfig }: ActionItem,
  { access, runId, left }: { readonly access: AwsAccess; readonly runId: RunId; readonly left: HandedOver },
  context: Context,
): Promise<void> {
  if (work.handOver !== undefined && left.begun === 0) {
    throw new ShelveryError(
      'HandOverWithoutProgress',
      `${String(left.remaining)} items of ${work.action} are left, and this invocation began none: nothing more is handed over. ` +
        "Raise the function's time limit, or narrow the run with shelvery_select_entity.",
      { mendable: true },
    );
  }
  const payload = {
    action: work.action,
    scheduled_time: left.time.toISOString(),
    backdate: true,
    arguments: { HandOver: { RunId: runId, Count: (work.handOver?.count ?? 0) + 1, Remaining: left.remaining } },
    ...present({ config: payloadConfig }),
  };
  try {
    await invokeSelf(access, context.invokedFunctionArn, payload);
  } catch (error) {
    throw toShelveryError(
      error,
      `handing ${String(left.remaining)} items of ${work.action} over to a further invocation`,
    );
  }
  platform.log.info(
    'SHELVERY_RUN_HANDED_OVER',
    `${String(left.remaining)} items of ${work.action} were handed over to a further invocation`,
    { runId, remaining: left.remaining },
  );
}

function throwIfMendable(result: RunResult): void {
  const failed = result.outcomes.flatMap((outcome) =>
    outcome.status === 'failed' && outcome.error.mendable ? [outcome.error] : [],
  );
  const [first] = failed;
  if (first === undefined) return;
  throw markTold(
    new ShelveryError(
      first.code,
      `${String(failed.length)} of the run's failures may pass when it is repeated, among them: ${first.message}`,
      {
        cause: first,
        mendable: true,
      },
    ),
  );
}
