import { randomUUID } from 'node:crypto';
import {
  Region,
  RunId,
  createInProcessOperations,
  openAwsAccess,
  openAwsParts,
  resolveRunConfig,
  runAction,
} from '@shelvery/engine/terminal';
import type { Action, AwsAccess, BackupType, Clock, Log, Outcome, RunResult } from '@shelvery/engine/terminal';
import { ADAPTERS } from '../../cli/adapters.js';
import { subjectText, whyText } from '../../cli/render-outcome.js';
import type { Emulator } from '../../tests/emulator/emulator.js';

/** Who runs Shelvery, and with what configuration. */
export interface Actor {
  readonly account: string;
  readonly region: string;
  readonly config: Readonly<Record<string, string>>;
}

export interface RunOptions {
  readonly dryRun?: boolean;
  /** Told of every outcome as it comes, with the time that it would be if the run had begun at its time. */
  readonly onOutcome?: (outcome: Outcome, at: Date) => void;
}

/**
 * A run of the demonstration: the same engine as everywhere, on the embedded AWS and a clock that need not wait.
 *
 * @throws Error when anything in the run failed: nothing is meant to.
 */
export type Run = (
  actor: Actor,
  type: BackupType,
  action: Action,
  time: Date,
  options?: RunOptions,
) => Promise<RunResult>;

const QUIET: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** The clock moves by being waited for, and takes the embedded AWS with it. */
function createDemoClock(emulator: Emulator): Clock {
  let ahead = 0;
  return {
    now: () => new Date(Date.now() + ahead),
    sleep: async (milliseconds) => {
      ahead += milliseconds;
      await emulator.advanceClock(milliseconds);
    },
    timeout: (milliseconds) => AbortSignal.timeout(milliseconds),
  };
}

/** Makes what an act runs Shelvery with; its clock is the embedded AWS's as it is after a reset. */
export function createRunner(emulator: Emulator): Run {
  const clock = createDemoClock(emulator);
  const known = new Map<string, AwsAccess>();
  const open = async ({ account, region }: Actor): Promise<AwsAccess> => {
    const key = `${account} ${region}`;
    const access = known.get(key);
    if (access !== undefined) return access;
    Object.assign(process.env, emulator.credentials(account, region));
    const opened = await openAwsAccess({ region: Region.parse(region), clock });
    known.set(key, opened);
    return opened;
  };
  return async (actor, type, action, time, { dryRun = false, onOutcome } = {}) => {
    const config = resolveRunConfig({ environment: actor.config });
    const access = await open(actor);
    const began = clock.now().getTime();
    const result = await runAction(
      { action, runId: RunId.parse(randomUUID()), givenTime: time, mayBeRetry: false, dryRun, backdate: true },
      {
        ...openAwsParts({ access, config, makeAdapter: ADAPTERS[type], clock, log: QUIET }),
        mayStart: () => true,
        // What is not finished in time is an outcome, and fails the run below.
        delayed: (context) => createInProcessOperations(context, { oneByOne: false, onUnfinished: () => undefined }),
        listener: {
          onOutcome: (outcome) => onOutcome?.(outcome, new Date(time.getTime() + clock.now().getTime() - began)),
        },
      },
    );
    refuseFailure(result);
    return result;
  };
}

function refuseFailure({ report, outcomes, brokeOff, remaining }: RunResult): void {
  if (report.status === 'OK' && report.summary.failed === 0 && remaining === 0) return;
  const failures = outcomes.flatMap((outcome) =>
    outcome.status === 'failed' ? [`  ${outcome.operation} ${subjectText(outcome)}: ${whyText(outcome)}`] : [],
  );
  const left = remaining === 0 ? [] : [`  ${remaining} not begun`];
  const broken = brokeOff === undefined ? [] : [`  stopped early: ${brokeOff.message}`];
  const heading = `${report.action} of ${report.backup_type} in ${report.region} of ${report.account_id} ended ${report.status}:`;
  throw new Error([heading, ...failures, ...left, ...broken].join('\n'));
}
