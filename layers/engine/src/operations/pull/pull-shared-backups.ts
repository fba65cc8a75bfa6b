import { sourceAccountsOf, targetsOf } from '../../domain/config/targets.js';
import { nothingPulled } from '../../domain/plan/plan-pull.js';
import type { AccountId } from '../../domain/values.js';
import type { Aside } from '../../ports.js';
import { seeToBuckets } from '../buckets/see-to-buckets.js';
import type { OperationResult, PlanLine, RunContext } from '../context.js';
import { timeLines } from './pull-lines.js';
import { SLICE, pullSlice } from './pull-slice.js';
import type { SliceDone } from './pull-slice.js';
import { listWaiting } from './read-shared-files.js';
import type { WaitingFile } from './read-shared-files.js';
import { standInLine } from './wait-in-line.js';
import type { Places } from './wait-in-line.js';

/**
 * Copies what other accounts share with this one. A file stays in its source's bucket until its copy is available and
 * stored. An error of one account or file does not stop the others.
 */
export async function pullSharedBackups(context: RunContext): Promise<OperationResult> {
  const { adapter } = context;
  const accounts = sourceAccountsOf(context.config.values, context.home);
  if (accounts.length === 0) {
    context.collected(0);
    const why =
      context.config.values.shelvery_source_aws_account_ids.length === 0
        ? 'set shelvery_source_aws_account_ids to the accounts to pull from'
        : 'shelvery_source_aws_account_ids names no other account than this one';
    context.log.warn('SHELVERY_NOTHING_MARKED', `Nothing was pulled: ${why}.`);
    return { remaining: 0, ...(context.run.dryRun ? { plan: [] } : {}) };
  }
  if (adapter.copyShared === undefined || adapter.findShared === undefined) {
    context.collected(0);
    const reason = `${adapter.resourceNoun} backups cannot be copied from another account; they can only be shared`;
    context.report({ operation: 'PullSharedBackup', status: 'ignored', reason });
    return { remaining: 0, ...(context.run.dryRun ? { plan: [] } : {}) };
  }
  if (context.run.dryRun) return await pullFrom(context, accounts, KEEPS_NOBODY);
  const done = await context.alone((held) =>
    pullFrom({ ...context, mayStart: () => context.mayStart() && held.isHeld() }, accounts, held.aside),
  );
  // Whoever has interrupted the wait for others has had nothing begun.
  return done ?? { remaining: 0 };
}

/** A dry run copies nothing that others must not copy, too. */
const KEEPS_NOBODY: Aside = (wait) => wait();

/** @param aside lets others copy meanwhile. */
async function pullFrom(context: RunContext, accounts: readonly AccountId[], aside: Aside): Promise<OperationResult> {
  const waiting = await listWaiting(context, accounts);
  context.collected(waiting.length);
  const before = nothingPulled(context.run.pulledBefore);
  const pulled = new Map(context.run.pulledBefore);
  const capped = new Map<AccountId, number>();
  const plan: PlanLine[] = [];
  let begun = 0;
  let remaining = 0;
  const pull = async (slice: readonly WaitingFile[], places: Places): Promise<SliceDone> => {
    const done = await pullSlice(context, slice, before, places);
    for (const account of done.pulled) pulled.set(account, (pulled.get(account) ?? 0) + 1);
    for (const account of done.capped) capped.set(account, (capped.get(account) ?? 0) + 1);
    plan.push(...done.plan);
    begun += done.begun;
    remaining += done.remaining;
    return done;
  };
  if (!context.run.dryRun && waiting.length > 0) {
    await seeToOwnBucket(context);
    // Where many wait for places, the first copies are complete long before the last are begun.
    context.delayed.begin?.();
  }
  const places: Places = { together: true };
  const inLine: WaitingFile[] = [];
  for (const slice of slicesOf(waiting)) {
    const enough = slice.filter(({ account }) => capped.has(account));
    for (const { account } of enough) capped.set(account, (capped.get(account) ?? 0) + 1);
    const done = await pull(
      slice.filter((item) => !enough.includes(item)),
      places,
    );
    inLine.push(...done.inLine);
  }
  if (inLine.length > 0) {
    const left = await standInLine({ ...context, aside }, inLine, { pull, begun: () => begun });
    begun += left.byOthers;
    remaining += left.remaining;
  }
  tellOfCapped(context, capped);
  return context.run.dryRun
    ? { remaining: 0, plan: [...plan, ...timeLines(context, plan)] }
    : { remaining, begun, pulled };
}

/** Tells which accounts share more than a run pulls. */
function tellOfCapped(
  { config, log }: Pick<RunContext, 'config' | 'log'>,
  capped: ReadonlyMap<AccountId, number>,
): void {
  for (const [account, count] of capped) {
    const key = `shelvery_pull_max_backups=${String(config.values.shelvery_pull_max_backups)}`;
    const whichWait = count === 1 ? `A file of ${account} waits` : `${String(count)} files of ${account} wait`;
    log.warn(
      'SHELVERY_PULL_CAPPED',
      `${whichWait} for the next run, which pulls the rest: a run pulls no more of an account (${key}).`,
      { account },
    );
  }
}

function slicesOf<T>(items: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / SLICE) }, (_, index) =>
    items.slice(index * SLICE, (index + 1) * SLICE),
  );
}

/** Makes the bucket for the metadata of pulled copies: a bunker that makes no backups of its own has none yet. */
async function seeToOwnBucket(
  context: Pick<RunContext, 'buckets' | 'config' | 'home' | 'log' | 'report' | 'run' | 'store'>,
): Promise<void> {
  const { shareAccounts: accounts } = targetsOf(context.config.values, context.home);
  await seeToBuckets(context, {
    regions: [context.home.region],
    readers: { accounts, exact: false },
    reportUnchanged: false,
  });
}
