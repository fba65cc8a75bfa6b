import { ShelveryError } from '../../domain/errors.js';
import { sharedPrefix } from '../../domain/files/keys.js';
import { present } from '../../domain/present.js';
import type { Held } from '../../ports.js';
import type { RunContext } from '../context.js';
import { nameInKey } from './read-shared-files.js';
import type { WaitingFile } from './read-shared-files.js';
import { subjectOfFile } from './shared-file-subject.js';
import { staysFor } from './why-it-stays.js';

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

/** What became of files that were looked at again. */
interface Looked {
  /** Those whose copies still wait for a place. */
  readonly inLine: readonly WaitingFile[];
  /** How many came further. */
  readonly begun: number;
  /** How many were not dealt with, as no more work may be begun. */
  readonly remaining: number;
}

/** What a run does in line. */
interface InLine {
  /** Deals with some files. */
  readonly pull: (files: readonly WaitingFile[], places: Places) => Promise<Looked>;
  /** How many files the run has come further with so far. */
  readonly begun: () => number;
}

/**
 * Waits for places of copies, unless another run of the type does, or the run leaves that to others: what gets none is left to
 * the next invocation or run, or is told of.
 *
 * @returns how many files the next invocation is to go on with, and how many others have dealt with meanwhile.
 */
export async function standInLine(
  context: Pick<
    RunContext,
    'adapter' | 'aloneInLine' | 'clock' | 'config' | 'home' | 'log' | 'mayStart' | 'report' | 'run' | 'store'
  > &
    Pick<Held, 'aside'>,
  inLine: readonly WaitingFile[],
  { pull, begun }: InLine,
): Promise<{ readonly remaining: number; readonly byOthers: number }> {
  if (context.run.standsInLine === false) {
    // Another invocation waits for places, unless one does already.
    const isFree = (await context.aloneInLine(() => Promise.resolve(true))) ?? false;
    if (isFree) return { remaining: inLine.length, byOthers: 0 };
    leaveInLine(context, inLine.length);
    return { remaining: 0, byOthers: 0 };
  }
  const left = await context.aloneInLine(() => waitInLine(context, inLine, pull));
  if (left === undefined) {
    leaveInLine(context, inLine.length);
    return { remaining: 0, byOthers: 0 };
  }
  const { files, full, mayGoOn, byOthers } = left;
  // Who goes on begins by asking for a place; where none was to be had all the time, the next run does. That others came
  // further is progress, too: there are places now and then.
  if (full === undefined || (!mayGoOn && begun() + byOthers > 0)) return { remaining: files.length, byOthers };
  for (const file of files) tellOfNoPlace(context, file, full);
  return { remaining: 0, byOthers };
}

/**
 * Asks for the copies that wait for a place, until all have one, no more work may be begun, or none was given for
 * `shelvery_wait_snapshot_timeout`. Each time the files are read and judged again: another run may have pulled them meanwhile.
 *
 * @returns the files that were given no place, the refusal, where there was one, whether more may be copied, and how many files
 *   others have dealt with meanwhile.
 */
async function waitInLine(
  context: Pick<RunContext, 'clock' | 'config' | 'home' | 'log' | 'mayStart'> & Pick<Held, 'aside'>,
  inLine: readonly WaitingFile[],
  pull: InLine['pull'],
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
    const places: Places = { together: false };
    const looked = await pull(asked, places);
    files = [...looked.inLine, ...files.slice(IN_LINE_TOGETHER)];
    full = places.full ?? full;
    const left = asked.length - looked.inLine.length - looked.remaining;
    byOthers += Math.max(0, left - looked.begun);
    if (left > 0) since = clock.now().getTime();
    if (looked.inLine.length === 0) continue;
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
}: Pick<RunContext, 'clock' | 'mayStart'> & Pick<Held, 'aside'>): Promise<boolean> {
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

/** Leaves what AWS has no place for to those who wait for one. */
function leaveInLine({ home, log }: Pick<RunContext, 'home' | 'log'>, waiting: number): void {
  const whichAre = waiting === 1 ? 'a shared backup is' : `${String(waiting)} shared backups are`;
  log.info(
    'SHELVERY_PULL_LEFT',
    `AWS runs no more copies in ${home.region} at a time: ${whichAre} left to another run, or to the next pull_shared_backups.`,
    { region: home.region, waiting },
  );
}

/** Tells of a file whose copy was given no place by this run. */
function tellOfNoPlace(
  context: Pick<RunContext, 'adapter' | 'home' | 'report' | 'store'>,
  { account, item: { key } }: WaitingFile,
  full: ShelveryError,
): void {
  const name = nameInKey(key, sharedPrefix(context.home.accountId, context.adapter.type));
  context.report({
    ...subjectOfFile(context, { account, key }),
    backupName: name,
    region: context.home.region,
    status: 'failed',
    error: staysFor(name, full.message, full),
  });
}
