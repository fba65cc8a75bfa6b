import type { Show } from './show.js';
import type { TypeRun } from './type-run.js';

/** For `--json`: the document follows when all have ended. */
export const showNothing: Show = async ({ request, runType }) => {
  const runs: TypeRun[] = [];
  for (const type of request.types) {
    runs.push(await runType(type, { collected: () => undefined, outcome: () => undefined, waiting: () => undefined }));
  }
  return runs;
};
