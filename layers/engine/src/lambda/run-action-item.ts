import type { Context } from 'aws-lambda';
import { ShelveryError } from '../domain/errors.js';
import { present } from '../domain/present.js';
import { toShelveryError } from '../domain/telling/faults.js';
import { RunId } from '../domain/values.js';
import { runAction } from '../run/run-action.js';
import type { RemainingWork, RunResult } from '../run/run-action.js';
import { answerOf } from './action-answer.js';
import type { ActionAnswer } from './action-answer.js';
import { tellMetrics } from './metrics.js';
import { markTold } from './middleware.js';
import type { FunctionParts, LambdaParts, UnderConfig } from './open-in-lambda.js';
import type { Work } from './parse-event.js';

/** With less than this left of the time limit a run starts no new item: it finishes and sends what it has begun. */
const START_NOTHING_BELOW_MS = 30_000;

/**
 * How often a run is handed over, to invocations of 15 minutes each: that is a day. More only what never ends would take, such as
 * an account that adds to what it shares as fast as it is pulled.
 */
const MOST_HAND_OVERS = 96;

type ActionWork = Extract<Work, { kind: 'action' }>;

/** One payload that asks for an action. */
export interface ActionItem extends UnderConfig {
  readonly work: ActionWork;
  /** The id of the record that it came in. */
  readonly recordId?: string;
  /** See `RunRequest`. */
  readonly standsInLine?: boolean;
}

/**
 * Runs an action in an invocation. When time gets short, the rest is handed over to another invocation.
 *
 * @throws ShelveryError when something failed that may succeed if it is done again. Everything has been reported by
 *   then; Lambda or the queue repeats the event.
 */
export async function runActionItem(parts: FunctionParts, item: ActionItem, context: Context): Promise<ActionAnswer> {
  const { work } = item;
  const { invokeSelf, ...opened } = await parts.open(item, context);
  const runId = work.continues?.runId ?? RunId.parse(item.recordId ?? context.awsRequestId);
  const result = await runAction(
    {
      action: work.action,
      runId,
      mayBeRetry: true,
      dryRun: work.dryRun,
      backdate: work.backdate,
      ...present({ givenTime: work.givenTime, standsInLine: item.standsInLine }),
    },
    {
      ...opened,
      ...present({ earlier: work.continues?.earlier, alone: parts.alone, aloneInLine: parts.aloneInLine }),
      mayStart: () => context.getRemainingTimeInMillis() > START_NOTHING_BELOW_MS,
      handOver: (left) => handOver(parts, item, { invokeSelf, runId, left }),
    },
  );
  tellMetrics(parts.metrics, opened.adapter.type, {
    // Nothing was done in a dry run, and nothing has failed.
    outcomes: work.dryRun ? [] : result.outcomes,
    lostNotifications: opened.notifier.lost(),
    // Of a run that never ends, and of one that only looks, there is no news.
    ...(result.handedOver || work.dryRun
      ? {}
      : present({
          newestBackupAgeHours: result.newestBackupAgeHours,
          marksLost: result.marksLost,
          newestPulledAgeHours: result.newestPulledAgeHours,
          backupStatus: result.backupStatus,
        })),
  });
  // After a hand-over the next invocation tries again what failed. If Lambda repeated this one as well, both would make
  // the same backups at the same time.
  if (!result.handedOver) throwIfMendable(result);
  return await answerOf(result, opened);
}

/** Invokes the function for what is left of the run, with the same time, id and configuration. */
async function handOver(
  { log }: FunctionParts,
  { work, payloadConfig }: ActionItem,
  {
    invokeSelf,
    runId,
    left,
  }: Pick<LambdaParts, 'invokeSelf'> & { readonly runId: RunId; readonly left: RemainingWork },
): Promise<void> {
  if (work.continues !== undefined && left.begun === 0) {
    throw new ShelveryError(
      'HandOverWithoutProgress',
      `${String(left.remaining)} items of ${work.action} are left, but this invocation began none of them: the run stops here. ` +
        "Raise the function's time limit, or narrow the run with shelvery_select_entity.",
      { mendable: true },
    );
  }
  const count = (work.continues?.count ?? 0) + 1;
  if (count > MOST_HAND_OVERS) {
    throw new ShelveryError(
      'HandedOverTooOften',
      `${String(left.remaining)} items of ${work.action} are left after ${String(MOST_HAND_OVERS)} hand-overs: the run stops here, and the next one goes on. Look in its log at what takes so long.`,
    );
  }
  const payload = {
    action: work.action,
    scheduled_time: left.time.toISOString(),
    backdate: true,
    arguments: {
      HandOver: {
        RunId: runId,
        Count: count,
        Remaining: left.remaining,
        Earlier: left.soFar,
      },
    },
    ...present({ config: payloadConfig }),
  };
  try {
    await invokeSelf(payload);
  } catch (error) {
    throw toShelveryError(
      error,
      `handing ${String(left.remaining)} items of ${work.action} over to another invocation`,
    );
  }
  log.info(
    'SHELVERY_RUN_HANDED_OVER',
    `${String(left.remaining)} items of ${work.action} were handed over to another invocation`,
    { runId, remaining: left.remaining },
  );
}

function throwIfMendable(result: RunResult): void {
  const errors = result.outcomes.flatMap((outcome) => (outcome.status === 'failed' ? [outcome.error] : []));
  // That a list broke off is no outcome of an action that has none.
  if (result.brokeOff !== undefined && !errors.includes(result.brokeOff)) errors.push(result.brokeOff);
  const failed = errors.filter((error) => error.mendable);
  const [first] = failed;
  if (first === undefined) return;
  throw markTold(
    new ShelveryError(
      first.code,
      `${String(failed.length)} failures of the run may be temporary: run it again. The first is: ${first.message}`,
      {
        cause: first,
        mendable: true,
      },
    ),
  );
}
