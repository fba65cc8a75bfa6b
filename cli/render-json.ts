import { present } from '@shelvery/engine/terminal';
import type { AwsAccess, BackupType, ShelveryError } from '@shelvery/engine/terminal';
import type { Checkup } from '@shelvery/engine/doctor';
import type { CliRequest } from './arguments.js';
import { codeOfRun } from './exit-code.js';
import type { ExitCode } from './exit-code.js';
import type { CommandDocument, RunOfType } from './json-document.js';
import { leftOf } from './left-of.js';
import type { TypeRun, Unfinished } from './type-run.js';

export interface DocumentParts {
  readonly request: CliRequest;
  readonly home: AwsAccess['home'];
  readonly time: Date;
  readonly code: ExitCode;
  readonly commandOf: (type: BackupType) => string | undefined;
  /** Where the SSM parameters of the configuration are. */
  readonly ssmPath: string | undefined;
}

/**
 * The document of `--json`: the same shape for one type and for all, with an element of `runs` for each. An element has
 * the status report, and, where there are any, what was looked for, and what is unfinished.
 */
export function runsDocument(runs: readonly TypeRun[], { commandOf, ...parts }: DocumentParts): string {
  return written({
    ...headOf(parts),
    runs: runs.map((run) => {
      const command = commandOf(run.type);
      return {
        backup_type: run.type,
        exit_code: codeOfRun(run),
        ...fieldsOf(run),
        ...(command === undefined || leftOf(run) === 'nothing' ? {} : { finish_command: command }),
      };
    }),
  });
}

/** The document of `doctor`. */
export function checkupDocument(
  checkup: Checkup,
  { request, home, time, code, ssmPath }: Omit<DocumentParts, 'commandOf'>,
): string {
  return written({ ...headOf({ request, home, time, code, ssmPath }), checkup, runs: [] });
}

/** What the document of every command begins with. */
function headOf({
  request,
  home,
  time,
  code,
  ssmPath,
}: Omit<DocumentParts, 'commandOf'>): Omit<CommandDocument, 'runs'> {
  return {
    action: request.action,
    dry_run: request.dryRun,
    account_id: home.accountId,
    region: home.region,
    run_time: time.toISOString(),
    ...present({ ssm_path: ssmPath }),
    exit_code: code,
  };
}

/** The document of `--json` where no run came about. */
export function errorDocument(error: ShelveryError, code: ExitCode): string {
  return written({ exit_code: code, error: problemOf(error), runs: [] });
}

function written(document: CommandDocument): string {
  return JSON.stringify(document, null, 2);
}

function fieldsOf(run: TypeRun): Omit<RunOfType, 'backup_type' | 'exit_code'> {
  switch (run.kind) {
    case 'not-begun':
      return { interrupted: true };
    case 'broken':
      return { error: problemOf(run.error) };
    case 'ran': {
      const { report, plan, listed, backupStatus, shownConfig, restorePlan, remaining, brokeOff } = run.result;
      return {
        interrupted: run.interrupted,
        report,
        ...(brokeOff === undefined ? {} : { broke_off: problemOf(brokeOff) }),
        ...present({
          plan: plan === undefined ? undefined : [...plan],
          listed: listed === undefined ? undefined : [...listed],
          backup_status: backupStatus,
          shown_config: shownConfig,
          restore_plan: restorePlan,
        }),
        not_begun: remaining,
        unfinished: run.unfinished.map(unfinishedFields),
      };
    }
  }
}

function problemOf({ code, message }: ShelveryError): { code: string; message: string } {
  return { code, message };
}

function unfinishedFields({ message: { operation }, why }: Unfinished): NonNullable<RunOfType['unfinished']>[number] {
  return {
    action: operation.action,
    backup_id: operation.backupId,
    region: operation.region,
    ...(operation.action === 'do_copy_backup' ? { destination_region: operation.toRegion } : {}),
    ...(operation.action === 'do_share_backup' ? { destination_account: operation.account } : {}),
    why,
  };
}
