import { present } from '@shelvery/engine';
import type { AwsAccess, ListedBackup, ShelveryError } from '@shelvery/engine';
import type { CliRequest } from './arguments.js';
import { codeOfRun } from './exit-code.js';
import type { ExitCode } from './exit-code.js';
import type { TypeRun, Unfinished } from './type-run.js';

export interface DocumentParts {
  readonly request: CliRequest;
  readonly home: AwsAccess['home'];
  readonly time: Date;
  readonly code: ExitCode;
  readonly commandOf: (run: TypeRun) => string | undefined;
}

/**
 * The document of `--json`: the same shape for one type and for all, with an element of `runs` for each. An element has
 * the status report, and, where there are any, the plan of a dry run, the listed backups, and what is unfinished.
 */
export function runsDocument(
  runs: readonly TypeRun[],
  { request, home, time, code, commandOf }: DocumentParts,
): string {
  return JSON.stringify(
    {
      action: request.action,
      dry_run: request.dryRun,
      account_id: home.accountId,
      region: home.region,
      run_time: time.toISOString(),
      exit_code: code,
      runs: runs.map((run) => {
        const command = commandOf(run);
        return {
          backup_type: run.type,
          exit_code: codeOfRun(run),
          ...fieldsOf(run),
          ...(command === undefined || codeOfRun(run) === 0 ? {} : { finish_command: command }),
        };
      }),
    },
    null,
    2,
  );
}

/** The document of `--json` where no run came about. */
export function errorDocument(error: ShelveryError, code: ExitCode): string {
  return JSON.stringify({ exit_code: code, error: { code: error.code, message: error.message }, runs: [] }, null, 2);
}

function fieldsOf(run: TypeRun): object {
  switch (run.kind) {
    case 'not-begun':
      return { interrupted: true };
    case 'broken':
      return { error: { code: run.error.code, message: run.error.message } };
    case 'ran': {
      const { report, plan, listed, remaining, brokeOff } = run.result;
      return {
        interrupted: run.interrupted,
        report,
        ...(brokeOff === undefined ? {} : { broke_off: { code: brokeOff.code, message: brokeOff.message } }),
        ...present({ plan, listed: listed?.map(listedFields) }),
        not_begun: remaining,
        unfinished: run.unfinished.map(unfinishedFields),
      };
    }
  }
}

function listedFields({ retentionType, ...rest }: ListedBackup): object {
  return { ...rest, retention_type: retentionType };
}

function unfinishedFields({ message: { operation }, why }: Unfinished): object {
  return {
    action: operation.action,
    backup_id: operation.backupId,
    region: operation.region,
    ...(operation.action === 'do_copy_backup' ? { destination_region: operation.toRegion } : {}),
    ...(operation.action === 'do_share_backup' ? { destination_account: operation.account } : {}),
    why,
  };
}
