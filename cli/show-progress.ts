import { onlyLooks } from '@shelvery/engine';
import type { BackupType } from '@shelvery/engine';
import { EXIT, codeOfRun } from './exit-code.js';
import { runHeading } from './render-run.js';
import type { Show } from './show.js';
import { createTally, tallyText, waitingText } from './tally.js';
import type { Tally } from './tally.js';
import type { TypeRun } from './type-run.js';

/** For a terminal: a line for each backup type that counts along, then what became of each. */
export const showProgress: Show = async ({ request, output, home, time, retention, interruption, runType, render }) => {
  // Loaded here, as only a terminal needs it.
  const { Listr } = await import('listr2');
  const runs: TypeRun[] = [];
  // A look makes nothing that could be counted.
  const counted = (tally: Tally): string =>
    onlyLooks(request.action) ? `${String(tally.collected)} found` : tallyText(tally);
  const task = (type: BackupType) => ({
    title: type,
    task: async (_context: unknown, shown: { title: string }): Promise<void> => {
      const tally = createTally();
      let waiting = '';
      const refresh = (): void => {
        const stopping = interruption.isInterrupted() ? 'stopping (Ctrl-C again ends at once)' : '';
        shown.title = [`${type}: ${counted(tally)}`, waiting, stopping].filter((part) => part !== '').join('; ');
      };
      interruption.signal.addEventListener('abort', refresh);
      refresh();
      const run = await runType(type, {
        collected: (count) => {
          tally.collected += count;
          refresh();
        },
        outcome: (outcome) => {
          tally.add(outcome);
          waiting = '';
          refresh();
        },
        waiting: (pending) => {
          waiting = waitingText(pending);
          refresh();
        },
      });
      interruption.signal.removeEventListener('abort', refresh);
      runs.push(run);
      shown.title = `${type}: ${counted(tally)}`;
      // Only marks the line as failed: what failed is printed below.
      const code = codeOfRun(run);
      if (code !== EXIT.ok && code !== EXIT.broken) throw new Error(shown.title);
    },
  });
  await new Listr(request.types.map(task), {
    exitOnError: false,
    fallbackRenderer: 'simple',
    // Ctrl-C is ours: listr2 would end the process.
    registerSignalListeners: false,
  }).run();
  for (const run of runs)
    output.line(`\n${runHeading(run.type, { request, home, time, retention, paint: output.paint })}\n${render(run)}`);
  return runs;
};
