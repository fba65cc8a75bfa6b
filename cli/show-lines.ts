import type { BackupType } from '@shelvery/engine/terminal';
import { isLook } from './arguments.js';
import { createProgress } from './progress.js';
import type { Progress } from './progress.js';
import { liveLine, progressLine } from './render-outcome.js';
import { runEach } from './show.js';
import type { Show } from './show.js';
import { tallyText, waitingText } from './tally.js';
import { withTicks } from './ticking.js';

/** Whoever reads a pipe or a file sees at least so often that the command is still at work. */
const LONGEST_SILENCE_MS = 30_000;

/** For a pipe or a file: a line for each outcome as it comes and, now and then, for each run; then what became of them. */
export const showLines: Show = async (parts) => {
  const { request, output, clock, runType, leastMs, heading, render } = parts;
  const { paint } = output;
  const going = new Map<BackupType, Progress>();
  // What a look was for is not to be mixed with how it goes.
  const say = (text: string): void => {
    if (isLook(request)) output.error(text);
    else output.line(text);
  };
  const tick = (): void => {
    for (const [type, progress] of going)
      say(progressLine(`${type}: ${tallyText(progress.tally)}; ${progress.activity()}`));
  };
  output.line(heading);
  const runs = await withTicks(clock, LONGEST_SILENCE_MS, tick, () =>
    runEach(parts, async (type) => {
      const progress = createProgress(clock, (items) => leastMs(type, items));
      going.set(type, progress);
      const { watcher } = progress;
      const run = await runType(type, {
        ...watcher,
        outcome(outcome) {
          watcher.outcome(outcome);
          // A plan has a line for what is skipped, or it is told at the end.
          if (request.dryRun && outcome.status === 'ignored') return;
          output.line(liveLine(outcome, paint, request.types.length > 1 ? type : undefined));
        },
        waiting(progressed) {
          watcher.waiting(progressed);
          const pending = [...progressed.waiting.keys()];
          if (request.verbose && pending.length > 0) output.error(`info: ${type}: ${waitingText(pending)}`);
        },
      });
      going.delete(type);
      return run;
    }),
  );
  output.line(render(runs));
  return runs;
};
