import { backupsIn } from '../domain/backup/backup.js';
import type { Backup, FoundBackup, ReadBackup } from '../domain/backup/backup.js';
import type { BackupReader } from '../domain/backup/judged-by.js';
import type { OutcomeSubject, OperationName } from '../domain/telling/outcome.js';
import { withoutFullStop } from '../domain/telling/full-stop.js';
import { ShelveryError } from '../domain/errors.js';
import { present } from '../domain/present.js';
import type { AccountId, ResourceId, Tags } from '../domain/values.js';
import { readBackup, readTags, withConfig } from '../domain/backup/read-backup.js';
import type { ReadTags } from '../domain/backup/read-backup.js';
import type { RunContext } from './context.js';

/** The tag prefix of a run. */
export function prefixOf(context: Pick<RunContext, 'config'>): string {
  return context.config.values.shelvery_tag_prefix;
}

/** What an operation needs to read what an adapter found. */
export type Reading = Pick<RunContext, 'config' | 'home' | 'adapter'>;

/**
 * Understands the tags of what an adapter found.
 *
 * @param resources those that still exist, where somebody looked for them: see `judgedBy`.
 */
export function readFound(
  found: FoundBackup,
  { home, config, adapter }: Reading,
  resources?: BackupReader['resources'],
): ReadBackup {
  return readBackup(found, { home, config, rules: adapter.rules, ...present({ resources }) });
}

/**
 * The first half of `readFound`, for who has yet to look for the resources: `entitiesOf` says for which, and `judged` is
 * the second half.
 */
export function tagsOf(found: readonly FoundBackup[], { home, config, adapter }: Reading): readonly ReadTags[] {
  return found.map((item) => readTags(item, { home, config, rules: adapter.rules }));
}

/** The resources that backups of this account were made of, each once. */
export function entitiesOf(backups: readonly Pick<Backup, 'entityId' | 'foreign'>[]): readonly ResourceId[] {
  return [...new Set(backups.filter(({ foreign }) => !foreign).map(({ entityId }) => entityId))];
}

/** What was read, with the configuration of each backup. @param resources see `readFound`. */
export function judged(
  read: readonly ReadTags[],
  { home, config, adapter }: Reading,
  resources: NonNullable<BackupReader['resources']>,
): readonly ReadBackup[] {
  return read.map((item) => withConfig(item, { home, config, rules: adapter.rules, resources }));
}

/** The backups among what an adapter found, without what cannot be understood. */
export function backupsAmong(found: readonly FoundBackup[], context: Reading): readonly Backup[] {
  return backupsIn(found.map((item) => readFound(item, context)));
}

/** A backup that was just made, with the tags that it was given. `what` names it in an error. */
export function readMade(found: FoundBackup, tags: Tags, context: Reading, what: string): Backup {
  const read = readFound({ ...found, tags: { ...tags, ...found.tags } }, context);
  if (read.kind === 'backup') return read.backup;
  const why = read.kind === 'unreadable' ? read.problem : read.why;
  throw new ShelveryError('BackupUnreadable', `${what} ${found.id}: ${why}`);
}

/** What an outcome says of a backup. */
export function subjectOf(operation: OperationName, backup: Backup): OutcomeSubject {
  const entityName = backup.found.tags['ResourceName'];
  return {
    operation,
    backupName: backup.name,
    backupId: backup.id,
    entityId: backup.entityId,
    retentionType: backup.retentionType,
    region: backup.region,
    ...present({ entityName }),
  };
}

/** What an outcome says of the sharing of a backup, with one account or before any. */
export function subjectOfShare(backup: Backup, account?: AccountId): OutcomeSubject {
  const isCopy = backup.place === 'dr';
  return {
    ...subjectOf(isCopy ? 'ShareRegionalBackupCopy' : 'ShareBackup', backup),
    ...present({ destinationAccount: account, destinationRegion: isCopy ? backup.region : undefined }),
  };
}

/**
 * What a message says of a failed copy, with its key.
 *
 * @example 'failed (key alias/backups): the key is disabled'
 */
export function failureOf({ found }: Pick<Backup, 'found'>): string {
  const key = found.kmsKeyId === undefined ? '' : ` (key ${found.kmsKeyId})`;
  return `failed${key}: ${withoutFullStop(found.stateReason ?? 'no reason given')}`;
}
