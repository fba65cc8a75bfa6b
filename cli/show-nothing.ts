import { runEach } from './show.js';
import type { Show, Watcher } from './show.js';

/** Nobody watches. */
export const UNWATCHED: Watcher = {
  collected: () => undefined,
  outcome: () => undefined,
  working: () => undefined,
  awaiting: () => undefined,
  waiting: () => undefined,
};

/** For `--json`: the document follows when all have ended. */
export const showNothing: Show = async (parts) => await runEach(parts, (type) => parts.runType(type, UNWATCHED));
