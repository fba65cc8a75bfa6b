import type { BackupType } from '@shelvery/engine/terminal';
import { isLook } from './arguments.js';
import { EXIT, codeOfRun } from './exit-code.js';
import { createProgress } from './progress.js';
import type { Show } from './show.js';
import { tallyText } from './tally.js';
import type { Tally } from './tally.js';
import { withTicks } from './ticking.js';
import type { TypeRun } from './type-run.js';

/** How often times and estimates are brought up to date. */
const REFRESH_MS = 1_000;

/** For a terminal: a line for each backup type that counts along, with what is going on below; then what became of each. */
export const showProgress: Show = async (parts) => {
  const { request, output, clock, interruption, oneByOne, runType, leastMs, heading, render } = parts;
  // Loaded here, as only a terminal needs it.
  const { Listr } = await import('listr2');
  output.line(heading);
  // A look makes nothing that could be counted.
  const counted = (tally: Tally): string => (isLook(request) ? `${String(tally.collected)} found` : tallyText(tally));
  const runs = new Map<BackupType, TypeRun>();
  const refreshers = new Set<() => void>();
  const refreshAll = (): void => {
    for (const refresh of refreshers) refresh();
  };
  const task = (type: BackupType) => ({
    title: type,
    task: async (_context: unknown, shown: { title: string; output: string }): Promise<void> => {
      const { tally, watcher, activity } = createProgress(clock, (items) => leastMs(type, items));
      const refresh = (): void => {
        shown.title = `${type}: ${counted(tally)}`;
        shown.output = `${interruption.isInterrupted() ? 'stopping (Ctrl-C again ends at once); ' : ''}${activity()}`;
      };
      refreshers.add(refresh);
      refresh();
      const run = await runType(type, watcher);
      refreshers.delete(refresh);
      runs.set(type, run);
      shown.title = `${type}: ${counted(tally)}`;
      // Only marks the line as failed: what failed is printed below.
      const code = codeOfRun(run);
      if (code !== EXIT.ok && code !== EXIT.broken) throw new Error(shown.title);
    },
  });
  const list = new Listr(request.types.map(task), {
    concurrent: !oneByOne,
    exitOnError: false,
    fallbackRenderer: 'simple',
    // Ctrl-C is ours: listr2 would end the process.
    registerSignalListeners: false,
  });
  interruption.signal.addEventListener('abort', refreshAll);
  try {
    await withTicks(clock, REFRESH_MS, refreshAll, () => list.run());
  } finally {
    interruption.signal.removeEventListener('abort', refreshAll);
  }
  const inOrder = request.types.flatMap((type) => runs.get(type) ?? []);
  output.line(`\n${render(inOrder)}`);
  return inOrder;
};
