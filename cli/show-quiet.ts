import { runHeading } from './render-run.js';
import type { Show } from './show.js';
import type { TypeRun } from './type-run.js';

/** For `--quiet`: what is to be said of each run when it has ended, which may be nothing. */
export const showQuiet: Show = async ({ request, output, home, time, retention, runType, renderQuietly }) => {
  const runs: TypeRun[] = [];
  for (const type of request.types) {
    const run = await runType(type, {
      collected: () => undefined,
      outcome: () => undefined,
      waiting: () => undefined,
    });
    runs.push(run);
    const text = renderQuietly(run, runHeading(type, { request, home, time, retention, paint: output.paint }));
    if (text !== '') output.line(text);
  }
  return runs;
};
