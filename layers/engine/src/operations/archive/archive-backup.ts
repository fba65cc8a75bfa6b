import type { Backup } from '../../domain/backup/backup.js';
import type { DelayedOperation } from '../../domain/delayed.js';
import { addDays } from 'date-fns';
import { expiryOf } from '../../domain/backup/retention.js';
import type { RunContext } from '../context.js';
import { judgeCopyFailure } from '../follow/copy-backup.js';
import { DONE } from '../follow/delayed-work.js';
import type { DelayedItem, WorkResult } from '../follow/delayed-work.js';
import { finishPulled } from '../shared-files/finish-pulled.js';
import { subjectOf } from '../identify.js';
import { setAsideArchived } from './archived-files.js';

/** What an operation of this file needs of a run. */
type Archiving = Pick<RunContext, 'adapter' | 'home' | 'report' | 'run' | 'store'>;

type ArchiveOperation = Extract<DelayedOperation, { action: 'do_archive_backup' }>;

/** Amazon EBS User Guide, "Archive Amazon EBS snapshots": the archive tier charges for at least 90 days. */
const MIN_ARCHIVE_DAYS = 90;

/**
 * Whether a backup is of a kind that is worth the archive tier, or why not. `undefined` where it is archived already.
 */
export function archiveVerdict(
  context: Pick<RunContext, 'run'>,
  backup: Backup,
): { readonly archive: true } | { readonly archive: false; readonly reason: string } | undefined {
  if (backup.found.archived === true) return undefined;
  if (backup.retentionType !== 'monthly' && backup.retentionType !== 'yearly') {
    return { archive: false, reason: 'only monthly and yearly backups go to the archive tier' };
  }
  const expires = expiryOf(backup.createdAt, backup.retentionType, backup.config.values, backup.place);
  if (expires === undefined || expires < addDays(context.run.time, MIN_ARCHIVE_DAYS)) {
    return { archive: false, reason: `less than ${String(MIN_ARCHIVE_DAYS)} days are left to keep it` };
  }
  return { archive: true };
}

/**
 * Moves one complete backup to the archive tier, and then its shared files out of the way; also, whatever came of it,
 * the file that a pulled copy was made from.
 */
export async function archiveBackup(
  context: Archiving,
  { backup, operation }: DelayedItem<ArchiveOperation>,
): Promise<WorkResult> {
  const result = await archiveOne(context, backup);
  if (result.kind === 'done') await finishPulled(context, backup, operation.pulledFrom);
  return result;
}

async function archiveOne(context: Archiving, backup: Backup): Promise<WorkResult> {
  const subject = subjectOf('ArchiveBackup', backup);
  const verdict = archiveVerdict(context, backup);
  if (verdict?.archive === false) {
    if (backup.retentionType === 'monthly' || backup.retentionType === 'yearly') {
      context.report({ ...subject, status: 'ignored', reason: verdict.reason });
    }
    return DONE;
  }
  if (context.adapter.archive === undefined) {
    context.report({
      ...subject,
      status: 'ignored',
      reason: `${context.adapter.resourceNoun} backups have no archive tier`,
    });
    return DONE;
  }
  try {
    if (verdict !== undefined) {
      await context.adapter.archive(backup);
      context.report({ ...subject, status: 'ok', message: 'on its way to the archive tier' });
    }
    await setAsideArchived(context, backup);
    return DONE;
  } catch (error) {
    return judgeCopyFailure(context, error, subject, `moving ${backup.id} to the archive tier`);
  }
}
