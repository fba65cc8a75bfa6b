import { printable } from '@shelvery/engine/terminal';
import type { Log } from '@shelvery/engine/terminal';
import type { Output } from './output.js';

/** Codes of lines that tell an outcome: it is shown as an outcome, and not once more as a log line. */
const SHOWN_AS_OUTCOME: ReadonlySet<string> = new Set([
  'SHELVERY_OUTCOME_FAILED',
  'SHELVERY_RUN_BROKE_OFF',
  'SHELVERY_DELAYED_LOST',
]);

/**
 * The log of a run on a terminal, on stderr. Warnings are always shown, each once, even where every backup type has the
 * same one; errors unless an outcome shows them; the rest only with `--verbose`.
 */
export function createTerminalLog(output: Pick<Output, 'error'>, options: { readonly verbose: boolean }): Log {
  const warned = new Set<string>();
  const say = (text: string): void => {
    output.error(printable(text));
  };
  return {
    info(...[code, message]) {
      if (options.verbose) say(`info: ${code} ${message}`);
    },
    warn(...[code, message]) {
      if (warned.has(message)) return;
      warned.add(message);
      say(options.verbose ? `warning: ${code} ${message}` : `warning: ${message}`);
    },
    error(...[code, message]) {
      if (options.verbose) say(`error: ${code} ${message}`);
      else if (!SHOWN_AS_OUTCOME.has(code)) say(`error: ${message}`);
    },
  };
}
