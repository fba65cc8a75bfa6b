import type { Backup, FoundBackup, ReadBackup } from '../domain/backup.js';
import type { OutcomeSubject, OperationName } from '../domain/outcome.js';
import { readBackup } from '../domain/read-backup.js';
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
