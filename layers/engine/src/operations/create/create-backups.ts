import { TAG, tagKey } from '../../domain/backup/backup-tags.js';
import type { Backup, FoundBackup, PlannedBackup } from '../../domain/backup/backup.js';
import { formatDateCreated } from '../../domain/calendar.js';
import { isWokenByEvents } from '../../domain/completion-events.js';
import { deadlineOf } from '../../domain/delayed.js';
import { derivedName } from '../../domain/backup/naming.js';
import { ShelveryError, reworded } from '../../domain/errors.js';
import { present } from '../../domain/present.js';
import { BackupId } from '../../domain/values.js';
import type { Region } from '../../domain/values.js';
import { faultName, isNotBegun, toShelveryError } from '../../domain/telling/faults.js';
import type { OutcomeSubject } from '../../domain/telling/outcome.js';
import { isBackupOf, planCreate, renamed } from '../../domain/plan/plan-create.js';
import type { CreatePlan } from '../../domain/plan/plan-create.js';
import type { RunContext, OperationResult, PlanLine } from '../context.js';
import { WHY_IT_STAYS, deleteFailed } from '../delete-failed.js';
import { backupsAmong, prefixOf, readFound, readMade } from '../identify.js';
import { whatFollows } from '../what-follows.js';
import { listMarked } from '../marked-resources.js';
import { leastTimeLines } from '../least-time-lines.js';
import { FEWER_COPIES, QUOTAS, RAISE_QUOTA, judgeCopies, judgeStored } from '../../domain/plan/quotas.js';
import { isTaken, makeOnce, setApart, underFreeName } from '../make-once.js';
import { bucketLine } from '../buckets/bucket-line.js';
import { bucketsNamed, seeToBuckets } from '../buckets/see-to-buckets.js';
import type { BucketReport, Foretold } from '../../ports.js';

/** What an operation of this file needs of a run. */
type Creating = Pick<
  RunContext,
  'adapter' | 'buckets' | 'clock' | 'config' | 'delayed' | 'home' | 'log' | 'report' | 'run' | 'store'
>;

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
  if (plannedOf(plan).length + plan.skip.length === 0) sayNothingMarked(context);
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
  const buckets = plannedOf(plan).length === 0 ? undefined : lookAtBuckets(context, plan);
  for (const { planned, backup } of plan.made) {
    context.report({
      ...subject(planned),
      backupName: backup.name,
      backupId: backup.id,
      status: 'ok',
      already: true,
      message: 'already made by an earlier run',
    });
    sendWhatFollows(context, planned, backup);
  }
  const jobs: CreatePlan['remake'] = [...plan.create.map((planned) => ({ planned, failed: [] })), ...plan.remake];
  let remaining = 0;
  await Promise.all(
    jobs.map(({ planned, failed }) =>
      context.limit(async () => {
        if (!context.mayStart() || !(await createOne(context, planned, failed))) remaining += 1;
      }),
    ),
  );
  await buckets;
  return { remaining, begun: jobs.length - remaining, time: run.time };
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

/** Whether it came to an end, good or bad: not where its turn did not come before the run had to end. */
async function createOne(context: Creating, planned: PlannedBackup, failed: readonly Backup[]): Promise<boolean> {
  try {
    const stays = await deleteAllFailed(context, failed);
    const { backup, named, note } = await makeUnderFreeName(context, planned, stays.length);
    const message = [...(note === undefined ? [] : [note]), ...stays].join('; ');
    context.report({ ...subject(named), backupId: backup.id, status: 'ok', ...(message === '' ? {} : { message }) });
    sendWhatFollows(context, named, backup);
  } catch (error) {
    if (isNotBegun(error)) return false;
    reportFailure(context, planned, error);
  }
  return true;
}

/** Deletes what earlier tries left; what is to be said of those that stay. */
async function deleteAllFailed(context: Creating, failed: readonly Backup[]): Promise<readonly string[]> {
  const stays: string[] = [];
  for (const each of failed) {
    if ((await deleteFailed(context, each)) === 'stays') stays.push(`${each.id}, which failed, stays, ${WHY_IT_STAYS}`);
  }
  return stays;
}

/** A backup that was made, as it was planned in the end. */
interface MadeBackup {
  readonly named: PlannedBackup;
  readonly backup: Backup;
  readonly note?: string;
}

/**
 * Makes a backup under its planned name. Where something else holds that (such as the DR copy of another region's database
 * of equal name), under a name apart.
 */
async function makeUnderFreeName(context: Creating, planned: PlannedBackup, failed: number): Promise<MadeBackup> {
  const { adapter, home } = context;
  const ofResource = `${home.accountId} ${home.region} ${planned.resource.id}`;
  const apart = (): string => derivedName(planned.name, '', adapter.rules, setApart(ofResource, failed));
  try {
    return await underFreeName(planned.name, apart, (name) =>
      make(context, name === planned.name ? planned : renamed(planned, name, prefixOf(context))),
    );
  } catch (error) {
    if (!isTaken(error)) throw error;
    const holders = await Promise.all([planned.name, apart()].map((name) => holderOf(context, name)));
    throw reworded(
      error,
      `Both names that this backup could have are taken: ${holders.join('; ')}. Delete one of the two.`,
    );
  }
}

async function make(context: Creating, planned: PlannedBackup): Promise<MadeBackup> {
  const once = await makeOnce({
    adapter: context.adapter,
    clock: context.clock,
    name: planned.name,
    make: () => context.adapter.createBackup(planned),
    find: async () => (await findMade(context, planned))?.found,
  });
  const found = once.kind === 'made' ? once.value.found : once.found;
  const note = once.kind === 'made' ? once.value.note : 'the call failed, but the backup had been made';
  return { named: planned, backup: readMade(found, planned.tags, context, 'the new backup'), ...present({ note }) };
}

/**
 * What holds a name in the local region, for people, as far as the service tells it. A look that fails is told of: it
 * must not hide that the name is taken.
 */
async function holderOf({ adapter, config, home }: Creating, name: string): Promise<string> {
  const id = BackupId.safeParse(name).data;
  let found: FoundBackup | undefined;
  try {
    found = id === undefined ? undefined : (await adapter.describeBackups(home.region, [id])).get(id);
  } catch (error) {
    return `${name} is held by what could not be looked at (${toShelveryError(error, `looking at ${name}`).message})`;
  }
  const tag = (last: string): string | undefined => found?.tags[tagKey(config.values.shelvery_tag_prefix, last)];
  const [source, entity] = [tag(TAG.drSourceBackup), tag(TAG.entityId)];
  if (source !== undefined) return `${name} is the DR copy of ${source}`;
  return entity === undefined ? `${name} is a backup that Shelvery did not make` : `${name} is a backup of ${entity}`;
}

/** What an earlier call of this run made for a resource: ours, of this resource and minute, and not failed. */
async function findMade(
  context: Pick<RunContext, 'adapter' | 'config' | 'home'>,
  planned: PlannedBackup,
): Promise<Backup | undefined> {
  const found = await context.adapter.findByTags(context.home.region, tagKey(prefixOf(context), TAG.name), [
    planned.name,
  ]);
  return backupsAmong(found, context).find(
    (backup) => backup.found.state !== 'failed' && isBackupOf(backup, planned, context.home),
  );
}

function reportFailure(
  context: Pick<RunContext, 'adapter' | 'config' | 'report'>,
  planned: PlannedBackup,
  error: unknown,
): void {
  const { faults, resourceNoun } = context.adapter;
  const name = faultName(error);
  const what = `${resourceNoun} ${planned.resource.id}`;
  if (faults.gone.includes(name)) {
    context.report({
      ...subject(planned),
      status: 'ignored',
      reason: `the ${what} was deleted while the run was going on`,
    });
    return;
  }
  const failure = toShelveryError(error, `creating a backup of ${what}`);
  const aws = present({ aws: failure.aws });
  if (faults.invalidState.includes(name)) {
    if (context.config.values.shelvery_ignore_invalid_resource_state) {
      context.report({ ...subject(planned), status: 'ignored', reason: failure.message });
      return;
    }
    context.report({
      ...subject(planned),
      status: 'failed',
      error: new ShelveryError(
        'InvalidResourceState',
        `${failure.message} Bring it into a state that can be backed up, or set shelvery_ignore_invalid_resource_state=true.`,
        { cause: error, mendable: true, ...aws },
      ),
    });
    return;
  }
  const quota = faults.quota[name];
  if (quota !== undefined) {
    const message = `${what} was not backed up: the quota "${quota}" is full. Delete snapshots that are not needed, or ask AWS to raise it (Service Quotas).`;
    context.report({
      ...subject(planned),
      status: 'failed',
      error: new ShelveryError('QuotaExceeded', message, { cause: error, ...aws }),
    });
    return;
  }
  // Too many at a time is a temporary fault: a later run succeeds.
  const mended = faults.notYet.includes(name)
    ? new ShelveryError('NotYet', failure.message, { cause: error, mendable: true, ...aws })
    : failure;
  context.report({ ...subject(planned), status: 'failed', error: mended });
}

function sendWhatFollows(
  context: Pick<RunContext, 'adapter' | 'clock' | 'delayed'>,
  planned: PlannedBackup,
  backup: Backup,
): void {
  // Where a run is repeated long after, the delayed operations of what is available by now get their whole time again.
  const made = (backup.found.state === 'pending' ? backup.found.startedAt : undefined) ?? context.clock.now();
  const deadline = deadlineOf(made, planned.config.values.shelvery_wait_deadline_hours);
  const withFacts = { ...backup, ...present({ facts: planned.resource.facts }) };
  for (const operation of whatFollows(context, withFacts, planned.targets)) {
    context.delayed.send({ backupType: context.adapter.type, operation, waiting: { attempt: 0, deadline } });
  }
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

/** The buckets of every region and for every account that this run's backups name. */
async function lookAtBuckets(context: Creating, plan: CreatePlan): Promise<readonly BucketReport[]> {
  const { regions, ...readers } = bucketsNamed(context, plannedOf(plan));
  return await seeToBuckets(context, { regions, readers: { ...readers, exact: false }, reportUnchanged: false });
}

function subject(planned: PlannedBackup): OutcomeSubject {
  const entityName = planned.resource.tags['Name'];
  return {
    operation: 'CreateBackup',
    backupName: planned.name,
    entityId: planned.resource.id,
    retentionType: planned.retentionType,
    region: planned.resource.region,
    ...present({ entityName }),
  };
}

function sayNothingMarked(context: Pick<RunContext, 'adapter' | 'config' | 'home' | 'log'>): void {
  const { adapter, config, home } = context;
  const only = config.values.shelvery_select_entity;
  const looked = only === undefined ? adapter.resourceNoun : `${adapter.resourceNoun} ${only} (shelvery_select_entity)`;
  context.log.warn(
    'SHELVERY_NOTHING_MARKED',
    `No ${looked} in ${home.region} of account ${home.accountId} has the tag ${tagKey(prefixOf(context), TAG.createBackup)} = True, true or 1.`,
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
  const foretold = async (planned: PlannedBackup): Promise<string> =>
    promiseOf(planned, (await adapter.foretell?.(planned)) ?? {}, adapter.copyToRegion === undefined);
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
    ...plan.made.map(({ planned, backup }) => line('found', planned, `already made: ${backup.id}`)),
    ...remade,
    ...plan.skip.map(({ resource, reason }): PlanLine => ({ what: 'skip', subject: resource.id, reason, region })),
    ...buckets.filter(({ changes }) => changes.length > 0).map(bucketLine),
    ...leastTimeLines(context, 'create', plan.create.length + plan.remake.length, region),
    ...quotas,
  ];
}

/** What of a plan is too much for AWS's quotas: backups in the local region, copies to each other. */
async function quotaLines(plan: CreatePlan, { adapter, home }: RunContext): Promise<readonly PlanLine[]> {
  const making = [...plan.create, ...plan.remake.map(({ planned }) => planned)];
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
  const copying = adapter.copyToRegion === undefined ? [] : making;
  const regions = new Set(copying.flatMap(({ targets }) => targets.drRegions));
  return [
    ...(here.kind === 'fits' ? [] : [warn(home.region, QUOTAS[type].stored.name, `${here.text}. ${RAISE_QUOTA}`)]),
    ...[...regions].flatMap((toRegion) => {
      const going = copying.filter(({ targets }) => targets.drRegions.includes(toRegion));
      const rpoHours = Math.min(...going.map(({ config }) => config.values.shelvery_rpo_hours));
      const copies = judgeCopies(type, { toRegion, copies: going.length, rpoHours });
      return copies?.kind === 'over' ? [warn(toRegion, copies.quota, `${copies.text}. ${FEWER_COPIES}`)] : [];
    }),
  ];
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
