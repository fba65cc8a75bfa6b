import { TAG, tagKey } from '../../domain/backup/backup-tags.js';
import type { PlannedBackup, Resource } from '../../domain/backup/backup.js';
import { formatDateCreated } from '../../domain/calendar.js';
import { isWokenByEvents } from '../../domain/completion-events.js';
import type { Region } from '../../domain/values.js';
import { planCreate } from '../../domain/plan/plan-create.js';
import type { CreatePlan } from '../../domain/plan/plan-create.js';
import { toShelveryError } from '../../domain/telling/faults.js';
import { planSets, wantsSet } from '../../domain/plan/plan-sets.js';
import type { Job, SetPlan } from '../../domain/plan/plan-sets.js';
import type { RunContext, OperationResult, PlanLine } from '../context.js';
import { backupsAmong, prefixOf, readFound } from '../identify.js';
import { createLimit } from '../limit.js';
import { listMarked, notSelectable } from '../marked-resources.js';
import { copyQuotaLines, leastTimeLines } from '../least-time-lines.js';
import { QUOTAS, RAISE_QUOTA, judgeStored } from '../../domain/plan/quotas.js';
import { bucketLine } from '../buckets/bucket-line.js';
import { bucketsNamed, seeToBuckets } from '../buckets/see-to-buckets.js';
import type { BucketReport, Foretold } from '../../ports.js';
import { createOne, sendWhatFollows, subject } from './create-one.js';
import type { Creating } from './create-one.js';
import { createSet, inWords, nameMember, sayApart } from './create-set.js';

/**
 * Makes a backup of every marked resource, each once for the run's time, and hands over what follows: storing its
 * metadata, copying it to DR regions, sharing it.
 */
export async function createBackups(base: RunContext): Promise<OperationResult> {
  const context = await atTimeOfEarlierTry(base);
  const { adapter, home, run } = context;
  const [resources, existing, earlier] = await Promise.all([
    listMarked(context),
    adapter.findByTags(home.region, tagKey(prefixOf(context), TAG.dateCreated), [formatDateCreated(run.time)]),
    context.config.values.shelvery_catch_up ? adapter.listBackups(home.region) : [],
  ]);
  const plan = planCreate({
    type: adapter.type,
    home,
    time: run.time,
    runId: run.id,
    config: context.config,
    rules: adapter.rules,
    resources,
    existing: existing.map((found) => readFound(found, context)),
    earlier: earlier.map((found) => readFound(found, context)),
    wokenByEvents: isWokenByEvents(context),
  });
  for (const { resource, message } of plan.warnings) {
    context.log.warn('SHELVERY_CONFIG_WARNING', `${resource.id}: ${message}`, { entityId: resource.id });
  }
  context.collected(plannedOf(plan).length + plan.skip.length);
  if (plannedOf(plan).length + plan.skip.length === 0) sayNothingMarked(context, resources);
  if (run.dryRun) return { remaining: 0, plan: await planLines(plan, context) };

  for (const { resource, reason } of plan.skip) {
    context.report({
      operation: 'CreateBackup',
      entityId: resource.id,
      region: home.region,
      status: 'ignored',
      reason,
    });
  }
  sayNotCopied(context, plan);
  const begins = plannedOf(plan).length === 0 ? undefined : beginAfterBuckets(context, plan);
  for (const { planned, backup } of plan.made) {
    if (backup.unnamed === true) continue;
    const about = subject(planned);
    context.report({
      ...about,
      backupName: backup.name,
      backupId: backup.id,
      status: 'ok',
      already: true,
      message: 'already made by an earlier run',
    });
    if (run.sentBefore?.(about) !== true) sendWhatFollows(context, planned, backup);
  }
  const begun = await makeAll(context, plan);
  await begins;
  return { ...begun, time: run.time };
}

/** How many of the backups that are made together get their own tags at a time: each is one call, with a pace of its own. */
const NAMED_AT_A_TIME = 20;

const NAMED_NOW = 'made by an earlier run, which ended before it could give it its own tags';

/** Makes what is to be made, and finishes what an earlier run has made and could not name. */
async function makeAll(context: RunContext, plan: CreatePlan): Promise<{ remaining: number; begun: number }> {
  const { alone, sets, apart } = await inSets(context, plan);
  for (const each of apart) sayApart(context, each);
  const unnamed = plan.made.filter(({ backup }) => backup.unnamed === true);
  const naming = createLimit(NAMED_AT_A_TIME);
  const isDone = await Promise.all([
    context.limit.each(alone, async (job) => context.mayStart() && (await createOne(context, job))),
    naming.each(
      unnamed,
      async ({ planned, backup }) =>
        context.mayStart() && (await nameMember(context, { planned, found: backup.found, remark: NAMED_NOW })),
    ),
    ...sets.map((set) => createSet(context, set, naming)),
  ]);
  const ends = isDone.flat();
  const remaining = ends.filter((done) => !done).length;
  return { remaining, begun: ends.length - remaining };
}

/** Which of the backups are made together. */
async function inSets({ adapter }: Pick<RunContext, 'adapter'>, plan: CreatePlan): Promise<SetPlan> {
  const jobs: readonly Job[] = [...plan.create.map((planned) => ({ planned, failed: [] })), ...plan.remake];
  const wanting = jobs.flatMap(({ planned }) => (wantsSet(planned) ? [planned.resource] : []));
  if (adapter.sets === undefined || wanting.length < 2) return { alone: jobs, sets: [], apart: [] };
  try {
    return planSets(jobs, await adapter.sets.list(wanting), adapter.sets.mostLeftOut);
  } catch (error) {
    // One by one is better than not at all.
    const why = toShelveryError(error, 'looking up what is attached to which instance').message;
    return { alone: jobs, sets: [], apart: [{ members: wanting.map(({ id }) => id), why }] };
  }
}

/** A retried invocation has the request id of the first try, but not its time: the backups of that try tell it. */
async function atTimeOfEarlierTry(context: RunContext): Promise<RunContext> {
  if (!context.run.mayBeRetry) return context;
  const { adapter, home, run } = context;
  const found = await adapter.findByTags(home.region, tagKey(prefixOf(context), TAG.runId), [run.id]);
  const times = backupsAmong(found, context)
    .filter(({ place }) => place === 'local')
    .map(({ createdAt }) => createdAt.getTime());
  return times.length === 0 ? context : { ...context, run: { ...run, time: new Date(Math.min(...times)) } };
}

/** All backups of the run, whether made now or before. */
function plannedOf(plan: CreatePlan): readonly PlannedBackup[] {
  return [...plan.create, ...[...plan.made, ...plan.remake].map((item) => item.planned)];
}

const NO_COPIES = 'the service cannot copy a snapshot to another region on demand';

/** What the service cannot do is said once per run, and not for every backup. */
function sayNotCopied(context: Pick<RunContext, 'adapter' | 'home' | 'report'>, plan: CreatePlan): void {
  const { adapter } = context;
  if (adapter.copyToRegion !== undefined) return;
  const regions = new Set(plannedOf(plan).flatMap(({ targets }) => targets.drRegions));
  if (regions.size === 0) return;
  const reason = `${adapter.resourceNoun} backups were not copied to ${[...regions].join(', ')}: ${NO_COPIES}`;
  context.report({ operation: 'CopyBackupToRegion', region: context.home.region, status: 'ignored', reason });
}

/** What follows the first backups need not wait for the last: it begins as soon as the buckets are there. */
async function beginAfterBuckets(context: Creating, plan: CreatePlan): Promise<void> {
  await lookAtBuckets(context, plan);
  context.delayed.begin?.();
}

/** The buckets of every region and for every account that this run's backups name. */
async function lookAtBuckets(context: Creating, plan: CreatePlan): Promise<readonly BucketReport[]> {
  const { regions, ...readers } = bucketsNamed(context, plannedOf(plan));
  return await seeToBuckets(context, { regions, readers: { ...readers, exact: false }, reportUnchanged: false });
}

/** A run for one resource alone that makes none of it has failed; one for all may have nothing to do. */
function sayNothingMarked(
  context: Pick<RunContext, 'adapter' | 'config' | 'home' | 'log' | 'report'>,
  marked: readonly Resource[],
): void {
  const { adapter, home } = context;
  const error = notSelectable(context, marked);
  if (error !== undefined) {
    context.report({ operation: 'CreateBackup', region: home.region, status: 'failed', error });
    return;
  }
  context.log.warn(
    'SHELVERY_NOTHING_MARKED',
    `No ${adapter.resourceNoun} in ${home.region} of account ${home.accountId} has the tag ${tagKey(prefixOf(context), TAG.createBackup)} = True, true or 1.`,
  );
}

async function planLines(plan: CreatePlan, context: RunContext): Promise<readonly PlanLine[]> {
  const { adapter, home } = context;
  const { region } = home;
  const line = (what: PlanLine['what'], planned: PlannedBackup, reason: string): PlanLine => ({
    what,
    subject: planned.resource.id,
    name: planned.name,
    reason,
    region,
  });
  const { sets, alone, apart } = await inSets(context, plan);
  const setOf = new Map(sets.flatMap((set) => set.jobs.map(({ planned }) => [planned, set])));
  const foretold = async (planned: PlannedBackup): Promise<string> =>
    promiseOf(
      planned,
      { ...inOneCall(planned, setOf.get(planned)), ...(await adapter.foretell?.(planned)) },
      adapter.copyToRegion === undefined,
    );
  const [created, remade, buckets, quotas] = await Promise.all([
    Promise.all(plan.create.map(async (planned) => line('create', planned, await foretold(planned)))),
    Promise.all(
      plan.remake.map(async ({ planned, failed }) => {
        const ids = failed.map((backup) => backup.id).join(', ');
        return line('remake', planned, `failed: ${ids}; ${await foretold(planned)}`);
      }),
    ),
    plannedOf(plan).length === 0 ? [] : lookAtBuckets(context, plan),
    quotaLines(plan, context),
  ]);
  return [
    ...created,
    ...plan.made.map(({ planned, backup }) =>
      line(
        'found',
        planned,
        `already made: ${backup.id}${backup.unnamed === true ? ', which is given its own tags' : ''}`,
      ),
    ),
    ...remade,
    ...plan.skip.map(({ resource, reason }): PlanLine => ({ what: 'skip', subject: resource.id, reason, region })),
    ...buckets.filter(({ changes }) => changes.length > 0).map(bucketLine),
    ...apart.map((each): PlanLine => ({ what: 'warn', subject: each.of ?? 'volumes', reason: inWords(each), region })),
    ...leastTimeLines(context, 'create', alone.length, region),
    ...leastTimeLines(context, 'set', sets.length, region),
    ...leastTimeLines(context, 'name', setOf.size, region),
    ...followingTimeLines(plan, context),
    ...quotas,
  ];
}

/** What a run makes, in place of failed ones, too. */
function makingOf(plan: CreatePlan): readonly PlannedBackup[] {
  return [...plan.create, ...plan.remake.map(({ planned }) => planned)];
}

/** How long AWS makes what follows the backups take: copies to each region, and the sharing of what is in each. */
function followingTimeLines(plan: CreatePlan, context: Pick<RunContext, 'adapter' | 'home'>): readonly PlanLine[] {
  const { adapter, home } = context;
  const making = makingOf(plan);
  const shared = (backups: readonly PlannedBackup[]): number =>
    adapter.share === undefined ? 0 : backups.filter(({ targets }) => targets.shareAccounts.length > 0).length;
  const copied = adapter.copyToRegion === undefined ? [] : byRegion(making);
  return [
    ...leastTimeLines(context, 'share', shared(making), home.region),
    ...copied.flatMap(([region, going]) => [
      ...leastTimeLines(context, 'copy', going.length, region),
      ...leastTimeLines(context, 'share', shared(going), region),
    ]),
  ];
}

/** The DR regions of a run, each with the backups that go there. */
function byRegion(making: readonly PlannedBackup[]): readonly (readonly [Region, readonly PlannedBackup[]])[] {
  const regions = new Set(making.flatMap(({ targets }) => targets.drRegions));
  return [...regions].map((region) => [region, making.filter(({ targets }) => targets.drRegions.includes(region))]);
}

/** What of a plan is too much for AWS's quotas: backups in the local region, copies to each other; and copies that take long. */
async function quotaLines(plan: CreatePlan, { adapter, home }: RunContext): Promise<readonly PlanLine[]> {
  const making = makingOf(plan);
  if (making.length === 0) return [];
  const { type } = adapter;
  const warn = (region: Region, quota: string, reason: string): PlanLine => ({
    what: 'warn',
    subject: quota,
    reason,
    region,
  });
  const stored = (await adapter.listBackups(home.region)).length;
  const here = judgeStored(type, { region: home.region, stored, added: making.length });
  return [
    ...(here.kind === 'fits' ? [] : [warn(home.region, QUOTAS[type].stored.name, `${here.text}. ${RAISE_QUOTA}`)]),
    ...byRegion(making).flatMap(([toRegion, going]) => {
      const rpoHours = Math.min(...going.map(({ config }) => config.values.shelvery_rpo_hours));
      return copyQuotaLines({ adapter }, { toRegion, copies: going.length, rpoHours });
    }),
  ];
}

/** With which others a backup is made. */
function inOneCall(planned: PlannedBackup, set: SetPlan['sets'][number] | undefined): Foretold {
  if (set === undefined) return {};
  const others = set.jobs.flatMap((job) => (job.planned === planned ? [] : [job.planned.resource.id]));
  return { how: `in one call with ${others.join(', ')} of ${set.of.id}` };
}

/** What a run would make, and do with it. */
function promiseOf(planned: PlannedBackup, { how, notCopied }: Foretold, isNeverCopied: boolean): string {
  const { drRegions, shareAccounts } = planned.targets;
  const why = isNeverCopied ? NO_COPIES : notCopied;
  const regions = drRegions.join(', ');
  return [
    `${planned.retentionType} backup`,
    ...(how === undefined ? [] : [how]),
    ...(drRegions.length === 0
      ? []
      : [why === undefined ? `copied to ${regions}` : `not copied to ${regions}: ${why}`]),
    ...(shareAccounts.length === 0 ? [] : [`shared with ${shareAccounts.join(', ')}`]),
  ].join(', ');
}
