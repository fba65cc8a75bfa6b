import { runEach } from './show.js';
import type { Show } from './show.js';
import { UNWATCHED } from './show-nothing.js';

/** For `--quiet`: what is to be said of the runs when they have ended, which may be nothing. */
export const showQuiet: Show = async (parts) => {
  const runs = await runEach(parts, (type) => parts.runType(type, UNWATCHED));
  const text = parts.renderQuietly(runs);
  if (text !== '') parts.output.line(text);
  return runs;
};
