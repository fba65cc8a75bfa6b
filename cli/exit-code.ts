import { isShelveryError, toShelveryError } from '@shelvery/engine/terminal';
import type { ShelveryError } from '@shelvery/engine/terminal';
import type { TypeRun } from './type-run.js';

/** How the process ends. Ignored items do not change it; `broken` is told by `status` alone. */
export const EXIT = { ok: 0, failed: 1, usage: 2, partial: 3, broken: 4, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** From best to worst. */
const SEVERITY: readonly ExitCode[] = [EXIT.ok, EXIT.partial, EXIT.broken, EXIT.failed, EXIT.usage, EXIT.interrupted];

/**
 * The exit code of the runs of one command: the worst of them; but where one failed and others did not, some of it did. A
 * broken objective is worse than that: a list that is not whole does not make it good.
 */
export function exitCodeOf(runs: readonly TypeRun[]): ExitCode {
  const codes = runs.map(codeOfRun);
  const worst = worstOf(codes);
  const others = codes.filter((code) => code !== EXIT.failed);
  return worst === EXIT.failed && others.length > 0 ? worstOf([EXIT.partial, ...others]) : worst;
}

/** The worst of some exit codes; 0 of none. */
export function worstOf(codes: readonly ExitCode[]): ExitCode {
  return SEVERITY[Math.max(0, ...codes.map((code) => SEVERITY.indexOf(code)))] ?? EXIT.failed;
}

/** The exit code of one run. */
export function codeOfRun(run: TypeRun): ExitCode {
  switch (run.kind) {
    case 'broken':
      return EXIT.failed;
    case 'not-begun':
      return EXIT.interrupted;
    case 'ran':
      if (run.interrupted) return EXIT.interrupted;
      if (run.result.backupStatus?.objective === 'broken') return EXIT.broken;
      return { OK: EXIT.ok, PARTIAL: EXIT.partial, FAILED: EXIT.failed, INTERRUPTED: EXIT.interrupted }[
        run.result.report.status
      ];
  }
}

/** The exit code of what was thrown before any run began. */
export function exitCodeOfError(error: ShelveryError): ExitCode {
  switch (error.code) {
    case 'UsageError':
    case 'ConfigurationError':
      return EXIT.usage;
    case 'CredentialsError':
      return isPassing(error) ? EXIT.failed : EXIT.usage;
    default:
      return EXIT.failed;
  }
}

/** AWS could not be asked whose credentials these are, for a temporary reason: nothing may be wrong with them. */
function isPassing({ mendable, cause }: ShelveryError): boolean {
  return mendable && !isShelveryError(cause) && toShelveryError(cause, 'signing in').code !== 'CredentialsError';
}
