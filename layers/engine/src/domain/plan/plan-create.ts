import { TAG, buildBackupTags, tagKey } from '../backup/backup-tags.js';
import { isMadeOf } from '../backup/judged-by.js';
import type { Backup, PlannedBackup, ReadBackup, Resource, ServiceRules } from '../backup/backup.js';
import type { RunConfig } from '../config/config.js';
import type { ConfigValues } from '../config/config-schema.js';
import { passedOver, shareAccountsProblem } from '../config/config.js';
import { ShelveryError } from '../errors.js';
import { distinctNames } from '../backup/naming.js';
import { chooseRetentionType, isLonger, missedRetentionTypes } from '../backup/retention.js';
import type { ChosenRetention, StandardRetentionType } from '../backup/retention.js';
import { STANDARD_RETENTION_TYPES } from '../config/config-schema.js';
import { present } from '../present.js';
import { configuredBy, targetWarnings } from '../config/targets.js';
import type { Configured, Home } from '../config/targets.js';
import type { BackupType, RunId } from '../values.js';

/** Everything that decides what is made. */
export interface CreateInput {
  readonly type: BackupType;
  readonly home: Home;
  readonly time: Date;
  readonly runId: RunId;
  readonly config: RunConfig;
  readonly rules: ServiceRules;
  /** The marked resources. */
  readonly resources: readonly Resource[];
  /** Backups of the run's time that exist already. */
  readonly existing: readonly ReadBackup[];
  /** All backups of the region, where `shelvery_catch_up` has them looked at. */
  readonly earlier?: readonly ReadBackup[];
  /** See `isWokenByEvents`. */
  readonly wokenByEvents?: boolean;
}

export interface CreatePlan {
  readonly create: readonly PlannedBackup[];
  /** Already made by an earlier run of the same time: only their delayed operations are sent again. */
  readonly made: readonly { readonly planned: PlannedBackup; readonly backup: Backup }[];
  /** Made by an earlier run of the same time, but failed: they are deleted and made again. */
  readonly remake: readonly { readonly planned: PlannedBackup; readonly failed: readonly Backup[] }[];
  readonly skip: readonly { readonly resource: Resource; readonly reason: string }[];
  readonly warnings: readonly { readonly resource: Resource; readonly message: string }[];
}

/**
 * Decides which backups a run makes, with their names and tags.
 *
 * @throws ShelveryError `ConfigurationError` when the run's configuration has more share accounts than the service
 *   allows.
 */
export function planCreate(input: CreateInput): CreatePlan {
  const tooMany = shareAccountsProblem(input.config.values.shelvery_share_aws_account_ids, input.rules);
  if (tooMany !== undefined) throw new ShelveryError('ConfigurationError', tooMany);
  const ofTheRun = targetWarnings(input.config.values, input.home);
  const skip: { resource: Resource; reason: string }[] = [];
  const warnings: { resource: Resource; message: string }[] = [];
  const wanted: WantedBackup[] = [];
  for (const resource of selected(input)) {
    const configured = configuredBy(resource.tags, input);
    const { config } = configured;
    const untaken = config.warnings.map(({ message }) => message);
    for (const message of [...config.problems.map(passedOver), ...untaken]) warnings.push({ resource, message });
    for (const message of targetWarnings(config.values, input.home)) {
      if (!ofTheRun.includes(message)) warnings.push({ resource, message });
    }
    // A repeat keeps to what was made: what that was chosen by may have changed since, such as older backups that cleaning
    // has removed, and two backups of a minute would be one too many. Where none would be made now, any run may have made it.
    const chosen = chooseRetentionType(input.time, config.values, missedTypes(input, resource));
    const made = typeMade(
      input,
      resource,
      (backup) => chosen.kind === 'skipped' || isKeptTo(backup, chosen.type, input, config.values),
    );
    const retention: ChosenRetention = made === undefined ? chosen : { kind: 'chosen', type: made };
    if (retention.kind === 'skipped') skip.push({ resource, reason: retention.reason });
    else wanted.push(want(input, resource, configured, retention.type));
  }
  const create: PlannedBackup[] = [];
  const made: { planned: PlannedBackup; backup: Backup }[] = [];
  const remake: { planned: PlannedBackup; failed: readonly Backup[] }[] = [];
  for (const [item, name] of distinctNames(wanted, input.rules)) {
    const { planned, dropped } = plan(input, item, name);
    const same = input.existing.flatMap((read) =>
      read.kind === 'backup' && isBackupOf(read.backup, planned, input.home) ? [read.backup] : [],
    );
    const good = same.find((backup) => backup.found.state !== 'failed');
    if (good !== undefined) {
      made.push({ planned, backup: good });
      continue;
    }
    if (item.resource.unusable !== undefined) {
      skip.push({ resource: item.resource, reason: item.resource.unusable });
      continue;
    }
    if (dropped.length > 0) {
      warnings.push({
        resource: item.resource,
        message: `these tags of the resource are left out, because a backup has at most 50: ${dropped.join(', ')}`,
      });
    }
    // A failed backup on hold stays, and another is made beside it. In RDS, where two snapshots cannot have one name,
    // that ends in the ERROR `AlreadyExists`.
    const failed = same.filter((backup) => !backup.held);
    if (failed.length > 0) remake.push({ planned, failed });
    else create.push(planned);
  }
  return { create, made, remake, skip, warnings };
}

interface WantedBackup extends Configured {
  readonly resource: Resource;
  readonly resourceId: string;
  readonly prefix: string;
  readonly nameTag: string;
  readonly createdAt: Date;
  readonly retentionType: string;
}

/** The retention types that were due since the resource's first backup, and that none was made of. */
function missedTypes(input: CreateInput, resource: Resource): readonly StandardRetentionType[] {
  const own = (input.earlier ?? []).flatMap((read) => {
    if (read.kind !== 'backup') return [];
    const { backup } = read;
    // What a run that is repeated has made itself is not earlier.
    const isEarlier = backup.createdAt < input.time;
    const counts = isEarlier && backup.place === 'local' && !backup.temporary && backup.found.state !== 'failed';
    return counts && isMadeOf(resource, backup, input.rules) ? [backup] : [];
  });
  return missedRetentionTypes(input.time, own);
}

/** A planned backup under another name, where something else holds the first. */
export function renamed(planned: PlannedBackup, name: string, prefix: string): PlannedBackup {
  return { ...planned, name, tags: { ...planned.tags, Name: name, [tagKey(prefix, TAG.name)]: name } };
}

/** The resources in question, each once and in the order of their ids, however they were listed. */
function selected(input: CreateInput): readonly Resource[] {
  const only = input.config.values.shelvery_select_entity;
  const byId = new Map(input.resources.map((resource) => [resource.id, resource]));
  return [...byId.values()]
    .filter((resource) => only === undefined || resource.id === only)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

function want(input: CreateInput, resource: Resource, configured: Configured, retentionType: string): WantedBackup {
  return {
    resource,
    resourceId: resource.id,
    prefix: input.config.values.shelvery_tag_prefix,
    nameTag: resource.tags['Name'] ?? '',
    createdAt: input.time,
    retentionType,
    ...configured,
  };
}

function plan(
  input: CreateInput,
  item: WantedBackup,
  name: string,
): { planned: PlannedBackup; dropped: readonly string[] } {
  const { resource, createdAt, retentionType, config, targets } = item;
  const { tags, dropped } = buildBackupTags(
    {
      name,
      createdAt,
      retentionType,
      entityId: resource.id,
      ...present({ entityUid: resource.uid }),
      accountId: input.home.accountId,
      region: input.home.region,
      runId: input.runId,
      resourceTags: resource.tags,
      config: { ...config.values, shelvery_dr_regions: [...targets.drRegions] },
      ...present({ wokenByEvents: input.wokenByEvents }),
    },
    input.rules,
  );
  return { planned: { type: input.type, resource, name, createdAt, retentionType, tags, config, targets }, dropped };
}

/** Whether a backup is the planned one: an original of the same account, resource, minute and retention type. */
export function isBackupOf(backup: Backup, planned: PlannedBackup, home: Home): boolean {
  return (
    isOfMinute(backup, { resource: planned.resource, time: planned.createdAt, home }) &&
    backup.retentionType === planned.retentionType
  );
}

/** Whether a backup is one that a run of a time made of a resource, whatever its type. */
function isOfMinute(
  backup: Backup,
  { resource, time, home }: Pick<CreateInput, 'time' | 'home'> & { readonly resource: Resource },
): boolean {
  const { entityId, entityUid } = backup;
  // A database may have been renamed since.
  const isSame =
    entityUid === undefined || resource.uid === undefined ? entityId === resource.id : entityUid === resource.uid;
  return (
    isSame &&
    backup.place === 'local' &&
    !backup.temporary &&
    backup.srcAccount === home.accountId &&
    backup.createdAt.getTime() === time.getTime()
  );
}

/** The type of the calendar that an earlier try has given the resource's backup, among the backups that it keeps to. */
function typeMade(
  { existing, time, home }: CreateInput,
  resource: Resource,
  keepsTo: (backup: Backup) => boolean,
): StandardRetentionType | undefined {
  const made = new Set(
    existing.flatMap((read) =>
      read.kind === 'backup' &&
      read.backup.found.state !== 'failed' &&
      isOfMinute(read.backup, { resource, time, home }) &&
      keepsTo(read.backup)
        ? [read.backup.retentionType]
        : [],
    ),
  );
  return STANDARD_RETENTION_TYPES.find((type) => made.has(type));
}

/**
 * Whether a run that would make a backup of a type keeps to one of its minute: to what it made itself, and, where missed types
 * are caught up, to what any run caught up or made by the calendar alone. Whoever repeats that one later may find other types
 * missed; what is missed still the next run makes.
 */
function isKeptTo(
  { found, retentionType }: Backup,
  type: string,
  { runId, time }: Pick<CreateInput, 'runId' | 'time'>,
  values: ConfigValues,
): boolean {
  if (found.tags[tagKey(values.shelvery_tag_prefix, TAG.runId)] === runId) return true;
  if (!values.shelvery_catch_up || values.shelvery_current_retention_type !== undefined) return false;
  const ofTheDay = chooseRetentionType(time, values);
  return isLonger(retentionType, type) || (ofTheDay.kind === 'chosen' && ofTheDay.type === retentionType);
}
