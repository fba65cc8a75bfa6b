import { resolveRunTime } from '../domain/config/run-time.js';
import { onlyLooks } from '../domain/actions.js';
import type { Action } from '../domain/actions.js';
import type { RunConfig } from '../domain/config/config.js';
import type { Inventory } from '../domain/report/inventory.js';
import type { ShownConfig } from '../domain/status/explain-config.js';
import { subjectOfOperation } from '../domain/delayed.js';
import { present } from '../domain/present.js';
import { ShelveryError, aboutError } from '../domain/errors.js';
import { clockOffWarning } from '../domain/telling/clock-off.js';
import { toShelveryError } from '../domain/telling/faults.js';
import { formatEarlier, isToldAlready, sentByEarlier } from '../domain/telling/earlier-invocations.js';
import type { EarlierInvocations } from '../domain/telling/earlier-invocations.js';
import { fitStatus } from '../domain/status/backup-status.js';
import { operationText } from '../domain/operation-text.js';
import type { BackupStatus } from '../domain/status/backup-status.js';
import type { RestorePlan } from '../domain/restore/restore-plan.js';
import type { RunbookResource } from '../domain/restore/runbook.js';
import { OPERATION_OF } from '../domain/telling/outcome.js';
import type { Outcome } from '../domain/telling/outcome.js';
import { buildStatusReport } from '../domain/telling/status-report.js';
import type { StatusReport } from '../domain/telling/status-report.js';
import { targetWarnings } from '../domain/config/targets.js';
import type { Home } from '../domain/config/targets.js';
import type { AccountId, RunId } from '../domain/values.js';
import { archivePendingBackups } from '../operations/archive/archive-pending-backups.js';
import { cleanBackups } from '../operations/clean/clean-backups.js';
import type { OperationResult, PlanLine, RunContext } from '../operations/context.js';
import { countWork } from '../operations/limit.js';
import type { Limit } from '../operations/limit.js';
import { createBackups } from '../operations/create/create-backups.js';
import { createDataBuckets } from '../operations/buckets/create-data-buckets.js';
import type { ListedBackup } from '../operations/regions/listed-backup.js';
import type { RestoreRequest } from '../operations/restore/make-restore-plan.js';
import { createOutcomeRecorder } from '../operations/outcomes.js';
import type { OutcomeRecorder, RunListener } from '../operations/outcomes.js';
import { pullSharedBackups } from '../operations/pull/pull-shared-backups.js';
import type {
  Alone,
  AloneInLine,
  BackupAdapter,
  BackupStore,
  Clock,
  DataBuckets,
  DelayedOperations,
  Keys,
  Log,
  Notifier,
} from '../ports.js';

declare const __SHELVERY_VERSION__: string;

/** What is asked for. */
export interface RunRequest {
  readonly action: Action;
  readonly runId: RunId;
  /** The time that the event or `--as-of` gives. */
  readonly givenTime?: Date;
  /** The same run may have been tried before under the same id. */
  readonly mayBeRetry: boolean;
  readonly dryRun: boolean;
  readonly backdate: boolean;
  /** What `restore_plan` is asked for. */
  readonly restore?: RestoreRequest;
  /** See `RunIdentity`. */
  readonly standsInLine?: boolean;
}

/** Everything that a run is made of. */
export interface RunParts {
  readonly home: Home;
  readonly inStack: boolean;
  readonly config: RunConfig;
  readonly adapter: BackupAdapter;
  readonly store: BackupStore;
  readonly buckets: DataBuckets;
  readonly keys: Keys;
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly log: Log;
  /** How many items are worked on at a time: runs that go on beside each other have it in common. */
  readonly limit: Limit;
  readonly mayStart: () => boolean;
  /** See `RunContext`; where it is left out, others may do the same, and the run keeps nobody from anything. */
  readonly alone?: Alone;
  /** See `RunContext`; where it is left out, others may wait in line, too. */
  readonly aloneInLine?: AloneInLine;
  /** Whether somebody asked the run to stop; nobody can where it is left out. */
  readonly isInterrupted?: () => boolean;
  /** How many delayed operations were begun and not finished, and are not told of as failures. */
  readonly unfinished?: () => number;
  /** What the invocations before this one did of the run. */
  readonly earlier?: EarlierInvocations;
  /** Whether somebody else has told of an outcome; nobody has where it is left out. */
  readonly isTold?: (outcome: Outcome) => boolean;
  readonly listener?: RunListener;
  /**
   * Hands what is left of the run to another invocation, which then reports on the whole run; throws where that is not
   * possible. Without it (in a terminal) what is left stays undone, and the run says so.
   */
  readonly handOver?: (left: RemainingWork) => Promise<void>;
  /** Where delayed operations go; they may need the run's own context. */
  readonly delayed: (context: () => RunContext) => DelayedOperations;
}

/** What is left of a run that may begin nothing more. */
export interface RemainingWork {
  /** How many items. */
  readonly remaining: number;
  /** The time that the run went by. */
  readonly time: Date;
  /** Items that were begun. */
  readonly begun: number;
  /** What the run has come to so far, as the next invocation takes it. */
  readonly soFar: Readonly<Record<string, unknown>>;
}

/** How a run ended. */
export interface RunResult {
  readonly report: StatusReport;
  readonly outcomes: readonly Outcome[];
  /** The time that the run went by. */
  readonly time: Date;
  /** Items that were not begun, because no more work could be. */
  readonly remaining: number;
  /** What remained was handed over to another invocation, which reports on the whole run. */
  readonly handedOver: boolean;
  /** What a dry run would do. */
  readonly plan?: readonly PlanLine[];
  readonly listed?: readonly ListedBackup[];
  readonly backupStatus?: BackupStatus;
  readonly shownConfig?: ShownConfig;
  readonly restorePlan?: RestorePlan;
  readonly inventory?: Inventory;
  readonly runbook?: readonly RunbookResource[];
  /** Why the run ended before it was through. */
  readonly brokeOff?: ShelveryError;
  /**
   * Age of the newest backup of the resource that has waited longest for one, among marked ones; where it was looked
   * at.
   */
  readonly newestBackupAgeHours?: number;
  /** There are backups, and no resource is marked any more; where it was looked at. */
  readonly marksLost?: boolean;
  /** The same of the newest pulled backup of each configured source account. */
  readonly newestPulledAgeHours?: ReadonlyMap<AccountId, number>;
}

/** What a run of delayed operations and a run of an action have in common. */
export interface OpenRun {
  readonly context: RunContext;
  readonly recorder: OutcomeRecorder;
}

/** Makes the context of a run. */
export function openContext(parts: RunParts, run: RunContext['run']): OpenRun {
  const recorder = createOutcomeRecorder(
    parts.log,
    run.dryRun ? undefined : parts.notifier,
    parts.listener,
    (outcome) => isToldAlready(outcome, parts.earlier) || parts.isTold?.(outcome) === true,
  );
  const delayed = parts.delayed(() => context);
  const context: RunContext = {
    home: parts.home,
    inStack: parts.inStack,
    config: parts.config,
    adapter: parts.adapter,
    store: parts.store,
    buckets: parts.buckets,
    keys: parts.keys,
    delayed,
    clock: parts.clock,
    log: parts.log,
    run,
    limit: countWork(parts.limit, (counts) => parts.listener?.onWork?.(counts)),
    mayStart: parts.mayStart,
    alone: parts.alone ?? ((work) => work({ aside: (wait) => wait(), isHeld: () => true })),
    aloneInLine: parts.aloneInLine ?? ((wait) => wait()),
    report: (outcome) => {
      recorder.report(outcome);
    },
    collected: (count) => {
      recorder.collected(count);
    },
  };
  return { context, recorder };
}

/**
 * Runs one action to its end: the operation, what it hands over, notifications and the status report. Never throws for
 * what happens in the run.
 *
 * @throws ShelveryError `UsageError` for a time that the action does not take, before any call.
 */
export async function runAction(request: RunRequest, parts: RunParts): Promise<RunResult> {
  const startedAt = parts.clock.now();
  const time = resolveRunTime({
    action: request.action,
    now: startedAt,
    dryRun: request.dryRun,
    backdate: request.backdate,
    ...present({ given: request.givenTime }),
  });
  const { context, recorder } = openContext(parts, {
    id: request.runId,
    time,
    mayBeRetry: request.mayBeRetry && request.givenTime === undefined,
    dryRun: request.dryRun,
    ...present({
      pulledBefore: parts.earlier?.pulled,
      sentBefore: sentByEarlier(parts.earlier),
      standsInLine: request.standsInLine,
    }),
  });
  const { log } = parts;
  log.info(
    'SHELVERY_RUN_STARTED',
    `${request.action} of ${parts.adapter.type} in ${parts.home.region} of ${parts.home.accountId}`,
    {
      action: request.action,
      runTime: time.toISOString(),
    },
  );
  const clockOff = clockOffWarning(parts.clock.correction?.offset() ?? 0);
  if (clockOff !== undefined) log.warn('SHELVERY_CLOCK_OFF', clockOff);
  for (const warning of parts.config.warnings)
    log.warn('SHELVERY_CONFIG_WARNING', warning.message, { key: warning.key });
  for (const warning of targetWarnings(parts.config.values, parts.home)) log.warn('SHELVERY_CONFIG_WARNING', warning);
  const done = await perform(request, context);
  if ('error' in done) {
    log.error('SHELVERY_RUN_BROKE_OFF', done.error.message, aboutError(done.error));
    const operation = OPERATION_OF[request.action];
    if (operation !== undefined)
      context.report({ operation, region: parts.home.region, status: 'failed', error: done.error });
  }
  if (!request.dryRun) await flushDelayed(context);
  const {
    remaining,
    begun = 0,
    pulled,
    time: wentBy = time,
    ...answers
  }: Done = 'error' in done ? { remaining: 0 } : done;
  const soFar = (): RemainingWork['soFar'] =>
    formatEarlier({ outcomes: recorder.all(), collected: recorder.collectedCount(), startedAt, pulled }, parts.earlier);
  const handedOver = await handOver(request.action, context, parts, { remaining, begun, time: wentBy }, soFar);
  const report = buildStatusReport({
    version: __SHELVERY_VERSION__,
    runId: request.runId,
    accountId: parts.home.accountId,
    region: parts.home.region,
    backupType: parts.adapter.type,
    action: request.action,
    startedAt,
    endedAt: parts.clock.now(),
    collected: recorder.collectedCount(),
    outcomes: recorder.all(),
    end: {
      brokeOff: 'error' in done,
      interrupted: parts.isInterrupted?.() ?? false,
      unfinished: remaining + (parts.unfinished?.() ?? 0),
    },
    foreseen: (answers.plan ?? []).flatMap(foreseenOf),
    ...present({ earlier: parts.earlier }),
  });
  if (!request.dryRun) {
    await parts.notifier.flush();
    // Of what only looks a report tells nothing that its caller does not see, but for the status, which has a schedule.
    const tells = request.action === 'status' || !onlyLooks(request.action);
    if (tells && !handedOver) {
      const { backupStatus } = answers;
      const fitted = backupStatus === undefined ? undefined : fitReport(report, backupStatus);
      await parts.notifier.report({ ...report, ...present({ backup_status: fitted }) });
    }
  }
  const { succeeded, skipped, failed, unfinished } = report.summary;
  log.info('SHELVERY_RUN_ENDED', `${request.action} of ${parts.adapter.type}: ${report.status}`, {
    succeeded,
    skipped,
    failed,
    unfinished,
  });
  return {
    report,
    outcomes: recorder.all(),
    time: wentBy,
    remaining,
    handedOver,
    ...('error' in done ? { brokeOff: done.error } : {}),
    ...answers,
  };
}

/** What the run will succeed in by a line of a dry run's plan; nothing where it leaves all as it is. */
function foreseenOf({ what, of, problem }: PlanLine): readonly ('backup' | 'bucket')[] {
  const leaves: readonly PlanLine['what'][] = ['keep', 'skip', 'refuse', 'warn'];
  return problem === true || leaves.includes(what) ? [] : [of ?? 'backup'];
}

/** Page "Amazon SNS endpoints and quotas": a message has at most 256 KB. */
const MAX_MESSAGE_BYTES = 250 * 1024;

/** As much of a status as a message has room for, beside its report. */
function fitReport(report: StatusReport, status: BackupStatus): BackupStatus {
  return fitStatus(status, MAX_MESSAGE_BYTES - Buffer.byteLength(JSON.stringify(report)));
}

/** Whether what is left was handed over; that it could not be is an ERROR of the run. */
async function handOver(
  action: Action,
  context: RunContext,
  parts: RunParts,
  left: Omit<RemainingWork, 'soFar'>,
  soFar: () => RemainingWork['soFar'],
): Promise<boolean> {
  if (left.remaining === 0 || parts.handOver === undefined) return false;
  try {
    await parts.handOver({ ...left, soFar: soFar() });
    return true;
  } catch (error) {
    const failure = toShelveryError(error, `handing ${String(left.remaining)} items of ${action} over`);
    context.report({
      operation: OPERATION_OF[action] ?? 'CreateBackup',
      region: context.home.region,
      status: 'failed',
      error: failure,
    });
    return false;
  }
}

/** Sends the delayed operations. What cannot be sent is reported as an error of the run, and returned. */
export async function flushDelayed(context: RunContext): Promise<readonly ShelveryError[]> {
  const lost: ShelveryError[] = [];
  for (const { message, error } of await context.delayed.flush()) {
    const failure = toShelveryError(error, `handing over ${operationText(message.operation)}`);
    context.log.error('SHELVERY_DELAYED_LOST', failure.message, {
      backupId: message.operation.backupId,
      ...aboutError(failure),
    });
    const lostOne = new ShelveryError(failure.code, failure.message, { cause: error, mendable: true });
    lost.push(lostOne);
    context.report({
      ...subjectOfOperation(message.operation),
      status: 'failed',
      error: lostOne,
    });
  }
  return lost;
}

type Done = OperationResult &
  Pick<RunResult, 'listed' | 'backupStatus' | 'shownConfig' | 'inventory' | 'restorePlan' | 'runbook'>;
type Performed = Done | { readonly error: ShelveryError };

/** What only looks, and what only a terminal asks for, is loaded when it is asked for: no function loads it at its start. */
async function perform({ action, restore }: RunRequest, context: RunContext): Promise<Performed> {
  try {
    switch (action) {
      case 'create_backups':
        return await createBackups(context);
      case 'clean_backups':
        return await cleanBackups(context);
      case 'pull_shared_backups':
        return await pullSharedBackups(context);
      case 'create_data_buckets':
        return await createDataBuckets(context);
      case 'archive_pending_backups':
        return await archivePendingBackups(context);
      case 'list_backups':
        return {
          remaining: 0,
          listed: await (await import('../operations/regions/list-backups.js')).listBackups(context),
        };
      case 'status':
        return {
          remaining: 0,
          backupStatus: await (await import('../operations/status/look-at-status.js')).lookAtStatus(context),
        };
      case 'show_config':
        return { remaining: 0, shownConfig: await (await import('../operations/show-config.js')).showConfig(context) };
      case 'restore_plan': {
        if (restore === undefined)
          throw new ShelveryError('UsageError', 'restore_plan needs the name or the id of a backup.');
        const { makeRestorePlan } = await import('../operations/restore/make-restore-plan.js');
        return { remaining: 0, restorePlan: await makeRestorePlan(context, restore) };
      }
      case 'report': {
        const { takeInventory } = await import('../operations/report/take-inventory.js');
        return { remaining: 0, inventory: await takeInventory(context) };
      }
      case 'runbook': {
        const { makeRunbook } = await import('../operations/restore/make-runbook.js');
        return { remaining: 0, runbook: await makeRunbook(context) };
      }
    }
  } catch (error) {
    return { error: toShelveryError(error, `running ${action} of ${context.adapter.type}`) };
  }
}
