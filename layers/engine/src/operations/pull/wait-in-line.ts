import { ShelveryError } from '../../domain/errors.js';
import { present } from '../../domain/present.js';
import type { RunContext } from '../context.js';
import type { WaitingFile } from './read-shared-files.js';

/** Places for copies in the region: the service runs so many at a time, and refuses what is beyond. */
export interface Places {
  /** Whether copies are asked for side by side; one after the other where it is likely that there is one place or none. */
  readonly together: boolean;
  /** The refusal that said that all are taken: nothing more is asked for after it. */
  full?: ShelveryError;
}

/** How many files are looked at together once copies wait in line, and how long after a refusal. */
const IN_LINE_TOGETHER = 5;
const LOOK_AGAIN_MS = 30_000;
/** Shorter than what a function keeps of its time to finish in, and than anybody waits who has interrupted a command. */
const SLEEP_MS = 10_000;

/**
 * Asks for the copies that wait for a place, until all have one, no more work may be begun, or none was given for
 * `shelvery_wait_snapshot_timeout`. Each time the files are read and judged again: another run may have pulled them meanwhile.
 *
 * @param work deals with some files, and says which of them still wait, how many came further, and by which refusal it ended.
 * @returns the files that were given no place, the refusal, where there was one, whether more may be copied, and how many files
 *   others have dealt with meanwhile.
 */
export async function waitInLine(
  context: Pick<RunContext, 'aside' | 'clock' | 'config' | 'home' | 'log' | 'mayStart'>,
  inLine: readonly WaitingFile[],
  work: (files: readonly WaitingFile[]) => Promise<{
    readonly stay: readonly WaitingFile[];
    readonly further: number;
    /** How many were not dealt with, as no more work may be begun. */
    readonly notBegun: number;
    readonly full?: ShelveryError;
  }>,
): Promise<{
  readonly files: readonly WaitingFile[];
  readonly full?: ShelveryError;
  readonly mayGoOn: boolean;
  readonly byOthers: number;
}> {
  const { clock, config, home } = context;
  const whichWait = inLine.length === 1 ? 'A shared backup waits' : `${String(inLine.length)} shared backups wait`;
  context.log.warn(
    'SHELVERY_PULL_IN_LINE',
    `${whichWait}: AWS runs no more copies in ${home.region} at a time, and makes further ones as others end.`,
    { region: home.region, waiting: inLine.length },
  );
  const patienceMs = config.values.shelvery_wait_snapshot_timeout * 1000;
  let files = inLine;
  let full: ShelveryError | undefined;
  let since = clock.now().getTime();
  let mayGoOn = true;
  let byOthers = 0;
  while (files.length > 0 && mayGoOn && context.mayStart()) {
    const asked = files.slice(0, IN_LINE_TOGETHER);
    const looked = await work(asked);
    files = [...looked.stay, ...files.slice(IN_LINE_TOGETHER)];
    full = looked.full ?? full;
    const left = asked.length - looked.stay.length - looked.notBegun;
    byOthers += Math.max(0, left - looked.further);
    if (left > 0) since = clock.now().getTime();
    if (looked.stay.length === 0) continue;
    if (clock.now().getTime() - since >= patienceMs) break;
    mayGoOn = await hasPaused(context);
  }
  return { files, ...present({ full }), mayGoOn: mayGoOn && context.mayStart(), byOthers };
}

/** Pauses, while others may copy; whether more may be copied afterwards. */
async function hasPaused({
  aside,
  clock,
  mayStart,
}: Pick<RunContext, 'aside' | 'clock' | 'mayStart'>): Promise<boolean> {
  try {
    await aside(async () => {
      for (let slept = 0; slept < LOOK_AGAIN_MS && mayStart(); slept += SLEEP_MS) await clock.sleep(SLEEP_MS);
    });
    return true;
  } catch (error) {
    if (error instanceof ShelveryError && error.code === 'NotYet') return false;
    throw error;
  }
}
