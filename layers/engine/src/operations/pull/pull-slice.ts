import pLimit from 'p-limit';
import type { Backup } from '../../domain/backup/backup.js';
import type { PullDecision, PulledBefore, SharedFile } from '../../domain/plan/plan-pull.js';
import { isNotBegun } from '../../domain/telling/faults.js';
import type { AccountId } from '../../domain/values.js';
import type { PlanLine, RunContext } from '../context.js';
import { fateInWords } from '../delete-failed.js';
import { failureOf } from '../identify.js';
import { carryOut } from './carry-out.js';
import { decideAll } from './decide-pulls.js';
import { foreseePulls } from './foresee-pulls.js';
import { readShared } from './read-shared-files.js';
import type { HopelessFile, WaitingFile } from './read-shared-files.js';
import { setAside } from './set-aside.js';
import type { Places } from './wait-in-line.js';

/** What an operation of this file needs of a run. */
type PullingSlice = Pick<
  RunContext,
  | 'adapter'
  | 'clock'
  | 'config'
  | 'delayed'
  | 'home'
  | 'inStack'
  | 'limit'
  | 'log'
  | 'mayStart'
  | 'report'
  | 'run'
  | 'store'
>;

/** As many files as their sources are asked for in one call. */
export const SLICE = 200;

/** What became of a slice. */
export interface SliceDone {
  /** For each file that was left because its account has had enough: the account. */
  readonly capped: readonly AccountId[];
  /** The account of each copy that was begun. */
  readonly pulled: readonly AccountId[];
  readonly plan: readonly PlanLine[];
  /** Files that need not be dealt with again in this way: what only waits is no progress. */
  readonly begun: number;
  /** Files that were not dealt with, because no more work may be begun. */
  readonly remaining: number;
  /** Files whose copies wait for a place. */
  readonly inLine: readonly WaitingFile[];
}

/** Reads a slice of the files, decides, and acts, before anything of the next one is read. */
export async function pullSlice(
  context: PullingSlice,
  slice: readonly WaitingFile[],
  before: PulledBefore,
  places: Places,
): Promise<SliceDone> {
  const files: SharedFile[] = [];
  const inLine: WaitingFile[] = [];
  const hopeless: HopelessFile[] = [];
  let remaining = 0;
  let begun = 0;
  /** Does the jobs side by side, as long as work may be begun; each says whether it came further. */
  const eachOf = async (jobs: readonly (() => Promise<boolean>)[]): Promise<void> => {
    const work = async (job: () => Promise<boolean>): Promise<void> => {
      try {
        if (!context.mayStart()) remaining += 1;
        else if (await job()) begun += 1;
      } catch (error) {
        if (!isNotBegun(error)) throw error;
        remaining += 1;
      }
    };
    await context.limit.each(jobs, work);
  };
  await eachOf(
    slice.map((waiting) => async () => {
      const read = await readShared(context, waiting);
      if (read !== undefined && 'reason' in read) hopeless.push(read);
      else if (read !== undefined) files.push(read);
      return false;
    }),
  );
  const decisions = await decideAll(context, files, before);
  const capped = decisions.flatMap(({ kind, file }) => (kind === 'capped' ? [file.account] : []));
  if (context.run.dryRun) {
    const plan = foreseePulls(context, decisions, hopeless);
    return { capped, pulled: [], plan, begun, remaining, inLine };
  }
  const pulled: AccountId[] = [];
  /** Files whose copies failed, and stay: others are made beside them. */
  const again: WaitingFile[] = [];
  const waitingFor = (file: SharedFile): readonly WaitingFile[] =>
    slice.filter(({ account, item }) => account === file.account && item.key === file.key);
  const inTurn = pLimit(places.together ? SLICE : 1);
  const copyOne = async (decision: Extract<PullDecision, { kind: 'copy' }>): Promise<boolean> => {
    const { file, beside = [] } = decision;
    const done = places.full ?? (await carryOut(context, decision));
    if (typeof done !== 'object') {
      if (done === true) {
        pulled.push(file.account);
        tellOfThoseThatStay(context, file, beside);
      }
      return done === true;
    }
    places.full = done;
    inLine.push(...waitingFor(file));
    return false;
  };
  const makeBeside = ({ file, copy }: Extract<PullDecision, { kind: 'failed' }>): void => {
    before.staying.add(copy.id);
    again.push(...waitingFor(file));
  };
  // Files that can be copied come first: somebody may have put any number of bad ones there.
  await eachOf([
    ...decisions.flatMap((decision) =>
      decision.kind === 'capped'
        ? []
        : [
            async () => {
              if (decision.kind === 'copy') return await inTurn(() => copyOne(decision));
              const done = await carryOut(context, decision);
              if (done === 'stays' && decision.kind === 'failed') makeBeside(decision);
              return done === true;
            },
          ],
    ),
    ...hopeless.map((item) => () => setAside(context, item, item.reason)),
  ]);
  const done: SliceDone = { capped, pulled, plan: [], begun, remaining, inLine };
  return again.length === 0 ? done : together(done, await pullSlice(context, again, before, places));
}

function tellOfThoseThatStay(
  { home, log }: Pick<RunContext, 'home' | 'log'>,
  file: SharedFile,
  failed: readonly Backup[],
): void {
  for (const copy of failed)
    log.info(
      'SHELVERY_COPY_MADE_AGAIN',
      `The copy ${copy.id} of ${file.document.name} of ${file.account} ${failureOf(copy)}. ${fateInWords('stays')}. Another is made beside it.`,
      { backupId: copy.id, region: home.region },
    );
}

function together(one: SliceDone, other: SliceDone): SliceDone {
  return {
    capped: [...one.capped, ...other.capped],
    pulled: [...one.pulled, ...other.pulled],
    plan: [...one.plan, ...other.plan],
    begun: one.begun + other.begun,
    remaining: one.remaining + other.remaining,
    inLine: [...one.inLine, ...other.inLine],
  };
}
