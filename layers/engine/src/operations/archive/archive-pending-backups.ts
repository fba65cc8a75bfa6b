import type { Backup } from '../../domain/backup/backup.js';
import { sourceOf } from '../../domain/backup/copy-source.js';
import { toShelveryError } from '../../domain/telling/faults.js';
import type { AccountId } from '../../domain/values.js';
import { archiveBackup, archiveVerdict } from './archive-backup.js';
import { listPulledFiles, sharedAccountsOf, sharedNamesOf } from './archived-files.js';
import type { PulledFiles } from './archived-files.js';
import type { OperationResult, PlanLine, RunContext } from '../context.js';
import { freshWaiting } from '../follow/delayed-work.js';
import { subjectOf } from '../identify.js';
import { planRegions } from '../regions/plan-regions.js';

/**
 * Moves monthly and yearly backups of the local region to the archive tier once nobody needs to read them any longer:
 * the backup and every DR copy of it are complete, and every account that it is shared with has pulled it.
 */
export async function archivePendingBackups(context: RunContext): Promise<OperationResult> {
  const { adapter, home } = context;
  if (adapter.archive === undefined) {
    context.collected(0);
    const reason = `${adapter.resourceNoun} backups have no archive tier; only EBS snapshots do`;
    context.report({ operation: 'ArchiveBackup', status: 'ignored', reason });
    return { remaining: 0, ...(context.run.dryRun ? { plan: [] } : {}) };
  }
  const { regions } = await planRegions(context, { listMetadata: false });
  const local = regions.find(({ region }) => region === home.region);
  const kept = (local?.plan.keep ?? []).map(({ backup }) => backup).filter((backup) => isEnabled(backup));
  const pulled = await listPulledFiles(context, [...new Set(kept.flatMap((backup) => sharedAccountsOf(backup)))]);
  const candidates = kept.filter((backup) => backup.found.archived !== true);
  const halfDone = kept.filter((backup) => backup.found.archived === true && hasFilesLeft(context, backup, pulled));
  const complete = new Set(
    regions.flatMap(({ backups }) =>
      backups.flatMap((read) =>
        read.kind === 'backup' &&
        read.backup.place === 'dr' &&
        !read.backup.temporary &&
        read.backup.found.state === 'available' &&
        read.backup.source !== undefined
          ? [`${read.backup.region} ${read.backup.source}`]
          : [],
      ),
    ),
  );
  context.collected(candidates.length + halfDone.length);
  const plan: PlanLine[] = [];
  for (const backup of halfDone) {
    plan.push({
      subject: backup.id,
      name: backup.name,
      region: backup.region,
      what: 'change',
      reason: 'already archived; its shared files are moved to ebs-archived/',
    });
  }
  let remaining = 0;
  await Promise.all([
    ...(context.run.dryRun ? [] : halfDone).map((backup) => context.limit(() => archive(context, backup))),
    ...candidates.map((backup) =>
      context.limit(async () => {
        const waiting = whatReads(context, backup, complete, pulled);
        const verdict = archiveVerdict(context, backup);
        const line = { subject: backup.id, name: backup.name, region: backup.region };
        if (waiting !== undefined) plan.push({ ...line, what: 'skip', reason: waiting });
        else if (verdict?.archive === false) plan.push({ ...line, what: 'skip', reason: verdict.reason });
        else
          plan.push({
            ...line,
            what: 'archive',
            reason: `${backup.retentionType}, complete, and no longer needed for copying or pulling`,
          });
        if (context.run.dryRun) return;
        if (waiting !== undefined) {
          context.log.info('SHELVERY_BACKUP_KEPT', `${backup.name} is not archived yet: ${waiting}`);
          return;
        }
        if (!context.mayStart()) remaining += 1;
        else await archive(context, backup);
      }),
    ),
  ]);
  return { remaining, ...(context.run.dryRun ? { plan } : {}) };
}

/** Whether a backup is available, kept for long, and configured for the archive tier. */
function isEnabled(backup: Backup): boolean {
  const { values } = backup.config;
  const enabled = backup.foreign ? values.shelvery_enable_ebs_archive_pulled : values.shelvery_enable_ebs_archive;
  const longLived = backup.retentionType === 'monthly' || backup.retentionType === 'yearly';
  return enabled && longLived && backup.found.state === 'available' && !backup.temporary;
}

/** For a backup that an earlier run archived: that run may have ended before it moved the shared files. */
function hasFilesLeft(
  context: Pick<RunContext, 'adapter'>,
  backup: Backup,
  pulled: ReadonlyMap<AccountId, PulledFiles>,
): boolean {
  const names = sharedNamesOf(context, backup);
  return sharedAccountsOf(backup).some((account) => names.some((name) => pulled.get(account)?.processed.has(name)));
}

/**
 * Why the backup must stay readable, for people; `undefined` where it need not. Pulled copies are neither copied nor
 * shared further.
 */
function whatReads(
  context: Pick<RunContext, 'adapter'>,
  backup: Backup,
  complete: ReadonlySet<string>,
  pulled: ReadonlyMap<AccountId, PulledFiles>,
): string | undefined {
  if (backup.foreign) return undefined;
  const source = sourceOf(backup.region, backup.id);
  const copying = backup.targets.drRegions.filter((region) => !complete.has(`${region} ${source}`));
  if (copying.length > 0) return `its copies in ${copying.join(', ')} are not complete`;
  const names = sharedNamesOf(context, backup);
  const reading = sharedAccountsOf(backup).filter((account) => {
    const files = pulled.get(account);
    return !names.some((name) => files?.processed.has(name) === true || files?.setAside.has(name) === true);
  });
  return reading.length > 0 ? `not pulled yet by ${reading.join(', ')}` : undefined;
}

async function archive(context: RunContext, backup: Backup): Promise<void> {
  const message = {
    backupType: context.adapter.type,
    operation: { action: 'do_archive_backup', backupId: backup.id, region: backup.region },
    waiting: freshWaiting(context),
  } as const;
  const result = await archiveBackup(context, { message, operation: message.operation, backup });
  if (result.kind === 'not-yet') context.delayed.send(message);
  if (result.kind === 'threw') {
    context.report({
      ...subjectOf('ArchiveBackup', backup),
      status: 'failed',
      error: toShelveryError(result.error, `moving ${backup.id} to the archive tier`),
    });
  }
}
