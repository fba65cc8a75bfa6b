import type { Backup } from '../../domain/backup/backup.js';
import type { DelayedOperation } from '../../domain/delayed.js';
import { ShelveryError } from '../../domain/errors.js';
import { addDays } from 'date-fns';
import { expiryOf } from '../../domain/backup/retention.js';
import type { RunContext } from '../context.js';
import { resultOfFailure } from '../follow/copy-backup.js';
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

/** Whether the configuration of a backup is for the archive tier. */
export function goesToArchive({ config, foreign }: Pick<Backup, 'config' | 'foreign'>): boolean {
  const { shelvery_enable_ebs_archive: own, shelvery_enable_ebs_archive_pulled: pulled } = config.values;
  return foreign ? pulled : own;
}

/** Whether a backup is of a type that goes there: others are not kept for long enough. */
export function isLongLived({ retentionType }: Pick<Backup, 'retentionType'>): boolean {
  return retentionType === 'monthly' || retentionType === 'yearly';
}

/** Why a long-lived backup is not moved to the archive tier, for people; nothing where it is. */
export function whyNotArchived({ run }: Pick<RunContext, 'run'>, backup: Backup): string | undefined {
  if (!goesToArchive(backup)) return 'its configuration is not for the archive tier';
  const expires = expiryOf(backup.createdAt, backup.retentionType, backup.config.values, backup.place);
  if (expires !== undefined && expires >= addDays(run.time, MIN_ARCHIVE_DAYS)) return undefined;
  return `it expires in less than ${String(MIN_ARCHIVE_DAYS)} days, the least that the archive tier charges for`;
}

/**
 * Moves one complete backup to the archive tier, and then the files of the accounts that pulled it to `ebs-archived/`.
 * For a pulled copy it also moves the source's file to `-processed`, whether or not the copy was archived.
 *
 * @example A bunker pulled `web-2026-03-01-0100-monthly`. The copy goes to the archive tier, and the file that the source
 *   had put in `backups/shared/<bunker>/ebs/` goes to `backups/shared/<bunker>/ebs-processed/`.
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
  // Messages may come from anybody who may send them; archive_pending_backups and pulling ask for no such thing.
  if (backup.place === 'dr' || backup.temporary) {
    const why = `${backup.id} is ${backup.temporary ? 'a re-encrypted snapshot' : 'a DR copy'}, and these stay in the standard tier.`;
    context.report({ ...subject, status: 'failed', error: new ShelveryError('ConfigurationError', why) });
    return DONE;
  }
  const isThere = backup.found.archived === true;
  if (!isThere) {
    if (!isLongLived(backup)) return DONE;
    const reason = whyNotArchived(context, backup);
    if (reason !== undefined) {
      context.report({ ...subject, status: 'ignored', reason });
      return DONE;
    }
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
    if (!isThere) {
      await context.adapter.archive(backup);
      context.report({ ...subject, status: 'ok', message: 'is being moved to the archive tier' });
    }
    await setAsideArchived(context, backup);
    return DONE;
  } catch (error) {
    return resultOfFailure(context, error, subject, `moving ${backup.id} to the archive tier`);
  }
}
