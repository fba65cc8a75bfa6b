import pLimit from 'p-limit';
import { TAG, tagKey } from '../../domain/backup/backup-tags.js';
import type { Backup } from '../../domain/backup/backup.js';
import { sourceOf } from '../../domain/backup/copy-source.js';
import { pulledCopyTags } from '../../domain/backup/copy-tags.js';
import { isWokenByEvents } from '../../domain/completion-events.js';
import { ShelveryError } from '../../domain/errors.js';
import { present } from '../../domain/present.js';
import { faultName, isNotBegun, isPassing, toShelveryError } from '../../domain/telling/faults.js';
import { sharedKey, sharedPrefix } from '../../domain/files/keys.js';
import { withoutFullStop } from '../../domain/telling/full-stop.js';
import type { Outcome, OutcomeSubject } from '../../domain/telling/outcome.js';
import { isCopyOf, namesFor, nothingPulled } from '../../domain/plan/plan-pull.js';
import type { PullDecision, PulledBefore, SharedFile } from '../../domain/plan/plan-pull.js';
import { sourceAccountsOf, targetsOf } from '../../domain/config/targets.js';
import type { AccountId } from '../../domain/values.js';
import type { OperationResult, PlanLine, RunContext } from '../context.js';
import { decideAll } from './decide-pulls.js';
import { planLine, refusedLine } from './pull-lines.js';
import { sendFresh } from '../follow/delayed-work.js';
import { copyQuotaLines, leastTimeLines } from '../least-time-lines.js';
import { moveFile } from '../shared-files/move-file.js';
import { backupsAmong, failureOf, prefixOf } from '../identify.js';
import { deleteFailed, fateInWords } from '../delete-failed.js';
import { makeOnce, underFreeName } from '../make-once.js';
import { listWaiting, nameInKey, readShared, textOf } from './read-shared-files.js';
import type { HopelessFile, WaitingFile } from './read-shared-files.js';
import { waitInLine } from './wait-in-line.js';
import type { Places } from './wait-in-line.js';
import { aboutFailedCopy, isFullRefusal, refusedCopy } from '../follow/refusals.js';
import { seeToBuckets } from '../buckets/see-to-buckets.js';
import { storeAndFinish } from '../follow/store-backup.js';

/** What an operation of this file needs of a run. */
type Pulling = Pick<
  RunContext,
  | 'adapter'
  | 'aloneInLine'
  | 'aside'
  | 'buckets'
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
  const waiting = await listWaiting(context, accounts);
  context.collected(waiting.length);
  const before = nothingPulled(context.run.pulledBefore);
  const pulled = new Map(context.run.pulledBefore);
  const capped = new Map<AccountId, number>();
  const plan: PlanLine[] = [];
  let begun = 0;
  let remaining = 0;
  const work = async (slice: readonly WaitingFile[], places: Places): Promise<SliceDone> => {
    const done = await workOn(context, slice, before, places);
    for (const account of done.pulled) pulled.set(account, (pulled.get(account) ?? 0) + 1);
    for (const account of done.capped) capped.set(account, (capped.get(account) ?? 0) + 1);
    plan.push(...done.plan);
    begun += done.begun;
    remaining += done.remaining;
    return done;
  };
  if (!context.run.dryRun && waiting.length > 0) await seeToOwnBucket(context);
  const places: Places = { together: true };
  const inLine: WaitingFile[] = [];
  for (const slice of slicesOf(waiting)) {
    const enough = slice.filter(({ account }) => capped.has(account));
    for (const { account } of enough) capped.set(account, (capped.get(account) ?? 0) + 1);
    const done = await work(
      slice.filter((item) => !enough.includes(item)),
      places,
    );
    inLine.push(...done.inLine);
  }
  if (inLine.length > 0 && context.run.standsInLine === false) {
    // Another invocation waits for places, unless one does already.
    const isFree = (await context.aloneInLine(() => Promise.resolve(true))) ?? false;
    if (isFree) remaining += inLine.length;
    else leaveInLine(context, inLine.length);
  } else if (inLine.length > 0) {
    const left = await context.aloneInLine(() =>
      waitInLine(context, inLine, async (files) => {
        const looked: Places = { together: false };
        const { inLine: stay, begun: further, remaining: notBegun } = await work(files, looked);
        return { stay, further, notBegun, ...present({ full: looked.full }) };
      }),
    );
    // That others came further is progress, too: there are places now and then.
    begun += left?.byOthers ?? 0;
    // Who goes on begins by asking for a place; where none was to be had all the time, the next run does.
    if (left === undefined) leaveInLine(context, inLine.length);
    else if (left.full === undefined || (!left.mayGoOn && begun > 0)) remaining += left.files.length;
    else for (const file of left.files) tellOfNoPlace(context, file, left.full);
  }
  for (const [account, count] of capped) {
    const key = `shelvery_pull_max_backups=${String(context.config.values.shelvery_pull_max_backups)}`;
    const whichWait = count === 1 ? `A file of ${account} waits` : `${String(count)} files of ${account} wait`;
    context.log.warn(
      'SHELVERY_PULL_CAPPED',
      `${whichWait} for the next run, which pulls the rest: a run pulls no more of an account (${key}).`,
      { account },
    );
  }
  return context.run.dryRun
    ? { remaining: 0, plan: [...plan, ...timeLines(context, plan)] }
    : { remaining, begun, pulled };
}

/** Leaves what AWS has no place for to those who wait for one. */
function leaveInLine({ home, log }: Pulling, waiting: number): void {
  const whichAre = waiting === 1 ? 'a shared backup is' : `${String(waiting)} shared backups are`;
  log.info(
    'SHELVERY_PULL_LEFT',
    `AWS runs no more copies in ${home.region} at a time: ${whichAre} left to another run, or to the next pull_shared_backups.`,
    { region: home.region, waiting },
  );
}

/** How long AWS makes the copies of a dry run take. */
function timeLines(context: Pulling, plan: readonly PlanLine[]): readonly PlanLine[] {
  const copies = plan.filter(({ what }) => what === 'pull').length;
  const { region } = context.home;
  return [
    ...leastTimeLines(context, 'copy', copies, region),
    ...copyQuotaLines(context, { toRegion: region, copies, rpoHours: context.config.values.shelvery_rpo_hours }),
  ];
}

/** As many files as their sources are asked for in one call. */
const SLICE = 200;

function slicesOf<T>(items: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / SLICE) }, (_, index) =>
    items.slice(index * SLICE, (index + 1) * SLICE),
  );
}

/** What became of a slice. */
interface SliceDone {
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
async function workOn(
  context: Pulling,
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
    for (const decision of decisions) foresee(context, decision);
    for (const item of hopeless) context.report(outcomeAside(context, item, item.reason, 'failed'));
    const plan = [
      ...decisions.map((item) => planLine(context, item)),
      ...hopeless.map((item) => refusedLine(context, item)),
    ];
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
    const done = places.full ?? (await act(context, decision));
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
              const done = await act(context, decision);
              if (done === 'stays' && decision.kind === 'failed') makeBeside(decision);
              return done === true;
            },
          ],
    ),
    ...hopeless.map((item) => () => setAside(context, item, item.reason)),
  ]);
  const done: SliceDone = { capped, pulled, plan: [], begun, remaining, inLine };
  return again.length === 0 ? done : together(done, await workOn(context, again, before, places));
}

function tellOfThoseThatStay({ home, log }: Pulling, file: SharedFile, failed: readonly Backup[]): void {
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

/** Makes the bucket for the metadata of pulled copies: a bunker that makes no backups of its own has none yet. */
async function seeToOwnBucket(context: Pulling): Promise<void> {
  const { shareAccounts: accounts } = targetsOf(context.config.values, context.home);
  await seeToBuckets(context, {
    regions: [context.home.region],
    readers: { accounts, exact: false },
    reportUnchanged: false,
  });
}

/**
 * Whether it came further: what only waits is the same the next time. For a copy that was given no place, the refusal; `stays`
 * for one that failed and cannot be deleted.
 */
async function act(
  context: Pulling,
  decision: Exclude<PullDecision, { kind: 'capped' }>,
): Promise<boolean | 'stays' | ShelveryError> {
  const { file } = decision;
  const subject = subjectFor(context, file);
  try {
    switch (decision.kind) {
      case 'copy':
        await copy(context, decision);
        return true;
      case 'finish': {
        const backupType = context.adapter.type;
        const told = present({ facts: file.document.restore });
        const { account, key } = file;
        const following = await storeAndFinish(context, { ...decision.copy, ...told }, { account, key });
        for (const next of following) context.delayed.send({ backupType, ...next });
        // What follows moves the file.
        return following.length === 0;
      }
      case 'wait':
        sendStore(context, decision.copy.id, file);
        return false;
      case 'failed':
        if ((await deleteFailed(context, decision.copy)) === 'stays') return 'stays';
        context.report({ ...subject, status: 'failed', error: errorOf(context, decision) });
        return true;
      case 'later':
      case 'misconfigured':
        context.report({ ...subject, status: 'failed', error: errorOf(context, decision) });
        return false;
      case 'hopeless':
        return await setAside(context, file, decision.reason);
      case 'unsupported':
      case 'expired':
        return await setAside(context, file, decision.reason, 'ignored');
    }
  } catch (error) {
    if (isNotBegun(error)) throw error;
    if (decision.kind === 'copy' && isFullRefusal(context.adapter.faults, error))
      return toShelveryError(error, `copying shared backups to ${context.home.region}`);
    return await tellOfFailedPull(context, file, subject, error);
  }
}

type Refusing = Extract<PullDecision, { kind: 'failed' | 'later' | 'misconfigured' }>;

/** Why a file is not pulled now, and stays. */
function errorOf(context: Pick<RunContext, 'home' | 'inStack' | 'run'>, decision: Refusing): ShelveryError {
  const { file } = decision;
  switch (decision.kind) {
    case 'failed': {
      const { copy } = decision;
      const then = context.run.dryRun ? 'It is deleted; a later' : 'It was deleted; the next';
      return new ShelveryError(
        'BackupFailed',
        `The copy ${copy.id} ${failureOf(copy)}. ${then} pull_shared_backups makes it again.` +
          aboutFailedCopy(context, [copy.found.kmsKeyId]),
        { mendable: true },
      );
    }
    case 'later':
      return staysFor(file.document.name, decision.reason);
    case 'misconfigured':
      return new ShelveryError('ConfigurationError', `${file.document.name}: ${decision.reason}. Its file stays.`);
  }
}

/** Tells in a dry run of what a run reports without having done anything. A repeat of the dry run would mend nothing. */
function foresee(context: Pulling, decision: PullDecision): void {
  const { file } = decision;
  switch (decision.kind) {
    case 'failed':
    case 'later':
    case 'misconfigured': {
      const { code, message } = errorOf(context, decision);
      context.report({ ...subjectFor(context, file), status: 'failed', error: new ShelveryError(code, message) });
      return;
    }
    case 'hopeless':
      context.report(outcomeAside(context, file, decision.reason, 'failed'));
      return;
    case 'unsupported':
    case 'expired':
      context.report(outcomeAside(context, file, decision.reason, 'ignored'));
      return;
    case 'copy':
    case 'finish':
    case 'wait':
    case 'capped':
  }
}

/** Begins a copy. That it was pulled is told when it is complete and stored. */
async function copy(context: Pulling, decision: Extract<PullDecision, { kind: 'copy' }>): Promise<void> {
  const { adapter, home } = context;
  const { file } = decision;
  if (adapter.copyShared === undefined) return;
  if (decision.warning !== undefined)
    context.log.warn('SHELVERY_CONFIG_WARNING', `${file.document.name}: ${decision.warning}`);
  const make = adapter.copyShared.bind(adapter);
  const source = sourceOf(file.document.region, file.id);
  const copiedAt = context.clock.now();
  const once = (name: string): ReturnType<typeof makeOnce<Awaited<ReturnType<typeof make>>>> =>
    makeOnce({
      adapter,
      clock: context.clock,
      name,
      // Databases of two accounts may have backups of the same id: account and source together tell them apart.
      find: async () =>
        backupsAmong(
          await adapter.findByTags(home.region, tagKey(prefixOf(context), TAG.srcBackup), [source]),
          context,
        ).find((copied) => copied.found.state !== 'failed' && isCopyOf(copied, file, adapter.rules))?.found,
      make: () =>
        make({
          sourceAccount: file.account,
          sourceRegion: file.document.region,
          sourceId: file.id,
          name,
          tags: pulledCopyTags(
            {
              sourceAccount: file.account,
              sourceRegion: file.document.region,
              sourceId: file.id,
              sourcePrefix: file.prefix,
              name,
              entityId: file.document.entity_id,
              createdAt: file.createdAt,
              retentionType: file.document.retention_type,
              tags: file.document.tags,
              wokenByEvents: isWokenByEvents(context),
            },
            home,
            context.config.values,
            copiedAt,
            adapter.rules,
          ),
          encrypt: decision.encrypt,
          ...present({
            kmsKeyId: decision.kmsKeyId,
            optionGroup: context.config.values.shelvery_copy_option_groups.get(home.region),
          }),
        }),
    });
  const [, apart, unforeseen] = namesFor(file, adapter.rules, copiedAt);
  const made = await underFreeName(
    decision.name,
    () => unforeseen,
    (name) => underFreeName(name, () => apart, once),
  ).catch((error: unknown) => {
    throw refusedCopy(context, error, [decision.kmsKeyId], `pulling ${file.document.name} from ${file.account}`);
  });
  const { found, note } = made.kind === 'made' ? made.value : { found: made.found };
  if (note !== undefined) {
    context.log.warn(
      'SHELVERY_COPY_DIFFERS',
      `${file.document.name} of ${file.account} was begun as ${found.id}: ${note}`,
      {
        backupId: found.id,
        backupName: file.document.name,
        region: home.region,
      },
    );
  }
  context.log.info(
    'SHELVERY_PULL_BEGUN',
    `${file.document.name} of ${file.account} is being copied from ${file.id} to ${found.id}`,
    { backupId: found.id, backupName: file.document.name, sourceAccount: file.account, region: home.region },
  );
  sendStore(context, found.id, file);
}

function sendStore(context: Pulling, id: SharedFile['id'], file: SharedFile): void {
  sendFresh(context, {
    action: 'do_store_backup_data',
    backupId: id,
    region: context.home.region,
    pulledFrom: { account: file.account, key: file.key },
    ...present({ facts: file.document.restore }),
  });
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

function staysFor(name: string, reason: string, cause?: unknown): ShelveryError {
  return new ShelveryError('NotYet', `${name}: ${withoutFullStop(reason)}. Its file stays for the next run.`, {
    mendable: true,
    cause,
  });
}

/** A temporary fault leaves the file for the next run. What the service can never copy is set aside: it came further. */
async function tellOfFailedPull(
  context: Pick<RunContext, 'adapter' | 'home' | 'report' | 'run' | 'store'>,
  file: SharedFile,
  subject: OutcomeSubject,
  error: unknown,
): Promise<boolean> {
  const { faults } = context.adapter;
  const failure = toShelveryError(error, `pulling ${file.document.name} from ${file.account}`);
  if (faults.gone.includes(faultName(error)) && !isPassing(error)) {
    return await setAside(context, file, failure.message);
  }
  if (failure.code === 'Unsupported') {
    return await setAside(context, file, failure.message, 'ignored');
  }
  const notYet = faults.notYet.includes(faultName(error));
  context.report({
    ...subject,
    status: 'failed',
    error: notYet ? staysFor(file.document.name, failure.message, error) : failure,
  });
  return false;
}

/**
 * Moves a file that can never be pulled to `-failed` in its source's bucket, and reports why: as an ERROR, or, where it
 * is nobody's fault, as an IGNORE. Returns whether it was moved, or is gone.
 */
async function setAside(
  context: Pick<RunContext, 'adapter' | 'home' | 'report' | 'run' | 'store'>,
  file: Pick<HopelessFile, 'account' | 'key'>,
  reason: string,
  status: 'failed' | 'ignored' = 'failed',
): Promise<boolean> {
  const { account, key } = file;
  try {
    const text = await textOf(context, file);
    if (text === undefined) return true;
    const bucket = { region: context.home.region, account };
    await moveFile(context, bucket, key, keyAside(context, key), `# ${reason.replace(/\s+/g, ' ')}\n${text}`);
    context.report(outcomeAside(context, file, reason, status));
    return true;
  } catch (error) {
    const failure = toShelveryError(error, `setting ${key} aside (${reason})`);
    context.report({ ...subjectOfFile(context, file), status: 'failed', error: failure });
    return false;
  }
}

/** What is told of a file that was, or in a dry run would be, set aside. */
function outcomeAside(
  context: Pick<RunContext, 'adapter' | 'home' | 'run' | 'store'>,
  file: Pick<HopelessFile, 'account' | 'key'>,
  reason: string,
  status: 'failed' | 'ignored',
): Outcome {
  const { key } = file;
  const said = `${key} ${context.run.dryRun ? 'is' : 'was'} set aside: ${withoutFullStop(reason)}.`;
  const subject = { ...subjectOfFile(context, file), newS3Location: keyAside(context, key) };
  return status === 'ignored'
    ? { ...subject, status, reason: said }
    : { ...subject, status, error: new ShelveryError('MetadataRefused', said) };
}

function subjectOfFile(
  { home, store }: Pick<RunContext, 'home' | 'store'>,
  { account, key }: Pick<HopelessFile, 'account' | 'key'>,
): OutcomeSubject {
  return {
    operation: 'PullSharedBackup',
    sourceAccount: account,
    bucket: store.bucketName(home.region, account),
    backupS3Location: key,
  };
}

function keyAside({ adapter, home }: Pick<RunContext, 'adapter' | 'home'>, key: string): string {
  const name = nameInKey(key, sharedPrefix(home.accountId, adapter.type));
  return sharedKey(home.accountId, adapter.type, name, 'failed');
}

function subjectFor(context: Pick<RunContext, 'home' | 'store'>, file: SharedFile): OutcomeSubject {
  return {
    operation: 'PullSharedBackup',
    backupName: file.document.name,
    entityId: file.document.entity_id,
    retentionType: file.document.retention_type,
    sourceAccount: file.account,
    region: context.home.region,
    bucket: context.store.bucketName(context.home.region, file.account),
    backupS3Location: file.key,
  };
}
