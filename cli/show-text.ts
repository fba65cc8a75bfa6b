import { liveLine } from './render-outcome.js';
import type { Show } from './show.js';
import type { TypeRun } from './type-run.js';

/** For `restore_plan`: what it writes and nothing else on stdout, so that it can be saved and run; all else on stderr. */
export const showText: Show = async ({ request, output, runType, render }) => {
  const runs: TypeRun[] = [];
  for (const type of request.types) {
    const run = await runType(type, {
      collected: () => undefined,
      outcome: (outcome) => {
        output.error(liveLine(outcome, output.paint));
      },
      waiting: () => undefined,
    });
    runs.push(run);
    const plan = run.kind === 'ran' ? run.result.restorePlan : undefined;
    if (plan === undefined) output.error(render(run));
    else output.line(plan.text.trimEnd());
  }
  return runs;
};
