import { liveLine } from './render-outcome.js';
import { runHeading } from './render-run.js';
import type { Show } from './show.js';
import type { TypeRun } from './type-run.js';
import { waitingText } from './tally.js';

/** For a pipe or a file: a line for each outcome as it comes, then what became of the run. */
export const showLines: Show = async ({ request, output, home, time, retention, runType, render }) => {
  const runs: TypeRun[] = [];
  for (const type of request.types) {
    output.line(runHeading(type, { request, home, time, retention, paint: output.paint }));
    const run = await runType(type, {
      collected: () => undefined,
      outcome: (outcome) => output.line(liveLine(outcome, output.paint)),
      waiting: (pending) => {
        if (request.verbose) output.error(`info: ${waitingText(pending)}`);
      },
    });
    runs.push(run);
    output.line(render(run));
  }
  return runs;
};
