import type { Backup, FoundBackup, ReadBackup } from '../domain/backup/backup.js';
import type { OutcomeSubject, OperationName } from '../domain/telling/outcome.js';
import { readBackup } from '../domain/backup/read-backup.js';
import type { RunContext } from './context.js';

/** The tag prefix of a run. */
export function prefixOf(context: Pick<RunContext, 'config'>): string {
  return context.config.values.shelvery_tag_prefix;
}

/** Understands the tags of what an adapter found. */
export function readFound(found: FoundBackup, context: Pick<RunContext, 'config' | 'home'>): ReadBackup {
  return readBackup(found, prefixOf(context), context.home.accountId);
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
    ...(entityName === undefined ? {} : { entityName }),
  };
}

/**
 * How a failed copy is told of, with its key.
 *
 * @example 'failed (key alias/backups): the key is disabled'
 */
export function failureOf({ found }: Pick<Backup, 'found'>): string {
  const key = found.kmsKeyId === undefined ? '' : ` (key ${found.kmsKeyId})`;
  return `failed${key}: ${(found.stateReason ?? 'no reason given').replace(/\.$/, '')}`;
}
