import { liveLine } from './render-outcome.js';
import { runEach } from './show.js';
import type { Show } from './show.js';
import { UNWATCHED } from './show-nothing.js';

/** For `restore_plan`: what it writes and nothing else on stdout, so that it can be saved and run; all else on stderr. */
export const showText: Show = async (parts) => {
  const { output, runType, render } = parts;
  const runs = await runEach(parts, (type) =>
    runType(type, {
      ...UNWATCHED,
      outcome: (outcome) => {
        output.error(liveLine(outcome, output.paint));
      },
    }),
  );
  const plans = runs.flatMap((run) =>
    run.kind === 'ran' && run.result.restorePlan !== undefined ? [run.result.restorePlan] : [],
  );
  for (const { text } of plans) output.line(text.trimEnd());
  if (plans.length === 0) output.error(render(runs));
  return runs;
};
