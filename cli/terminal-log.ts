import type { Log } from '@shelvery/engine';
import type { Output } from './output.js';

/** What is logged and also an outcome, which is shown as such. */
const SHOWN_AS_OUTCOME: ReadonlySet<string> = new Set([
  'SHELVERY_OUTCOME_FAILED',
  'SHELVERY_RUN_BROKE_OFF',
  'SHELVERY_DELAYED_LOST',
]);

/**
 * The log of a run on a terminal, on stderr: warnings always, each once, also when every backup type has the same; the
 * rest only when it is asked for.
 */
export function createTerminalLog(output: Pick<Output, 'error'>, options: { readonly verbose: boolean }): Log {
  const warned = new Set<string>();
  return {
    info(...[code, message]) {
      if (options.verbose) output.error(`info: ${code} ${message}`);
    },
    warn(...[code, message]) {
      if (warned.has(message)) return;
      warned.add(message);
      output.error(options.verbose ? `warning: ${code} ${message}` : `warning: ${message}`);
    },
    error(...[code, message]) {
      if (options.verbose) output.error(`error: ${code} ${message}`);
      else if (!SHOWN_AS_OUTCOME.has(code)) output.error(`error: ${message}`);
    },
  };
}
