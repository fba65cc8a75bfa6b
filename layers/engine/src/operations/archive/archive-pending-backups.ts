import { backupsIn } from '../../domain/backup/backup.js';
import type { Backup, Resource } from '../../domain/backup/backup.js';
import { taggedRegions } from '../../domain/backup/backup-tags.js';
import { sourceOf } from '../../domain/backup/copy-source.js';
import { configuredBy } from '../../domain/config/targets.js';
import { sharedNamesOf } from '../../domain/files/shared-names.js';
import type { SharedFiles } from '../../domain/files/shared-names.js';
import { toShelveryError } from '../../domain/telling/faults.js';
import type { AccountId } from '../../domain/values.js';
import { archiveBackup, goesToArchive, isLongLived, whyNotArchived } from './archive-backup.js';
import { sharedAccountsOf } from './archived-files.js';
import type { OperationResult, PlanLine, RunContext } from '../context.js';
import { freshWaiting } from '../follow/delayed-work.js';
import { prefixOf, subjectOf } from '../identify.js';
import { planRegions } from '../regions/plan-regions.js';
import { listSharedFiles } from '../shared-files/list-shared-files.js';

/**
 * Moves monthly and yearly backups of the local region to the archive tier once nobody needs to read them any longer:
 * the backup and every DR copy of it are complete, and every account that it is shared with, or once was, has pulled it.
 */
export async function archivePendingBackups(context: RunContext): Promise<OperationResult> {
  const { adapter, home } = context;
  if (adapter.archive === undefined) {
    context.collected(0);
    const reason = `${adapter.resourceNoun} backups have no archive tier; only EBS snapshots do`;
    context.report({ operation: 'ArchiveBackup', status: 'ignored', reason });
    return { remaining: 0, ...(context.run.dryRun ? { plan: [] } : {}) };
  }
  const { regions, resources } = await planRegions(context, { listMetadata: false });
  const [local] = regions;
  if (!isWanted(context, backupsIn(local.backups), [...resources.values()])) {
    const reason =
      'nothing goes to the archive tier: shelvery_enable_ebs_archive and, of pulled copies, shelvery_enable_ebs_archive_pulled are false, and no tag of a volume or a backup turns them on';
    context.report({ operation: 'ArchiveBackup', status: 'ignored', reason });
  }
  const kept = local.plan.keep
    .map(({ backup }) => backup)
    .filter((backup) => backup.unnamed !== true && isEnabled(backup));
  const shared = await listSharedFiles(
    context,
    home.region,
    kept.flatMap((backup) => sharedAccountsOf(backup)),
  );
  const candidates = kept.filter((backup) => backup.found.archived !== true);
  const halfDone = kept.filter((backup) => backup.found.archived === true && hasFilesLeft(context, backup, shared));
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
        const waiting = whatReads(context, backup, complete, shared);
        const stays = waiting ?? whyNotArchived(context, backup);
        const line = { subject: backup.id, name: backup.name, region: backup.region };
        if (stays !== undefined) plan.push({ ...line, what: 'skip', reason: stays });
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

/** Whether the archive tier is turned on for anything, by the configuration or by a tag. */
function isWanted(
  { adapter, config, home }: Pick<RunContext, 'adapter' | 'config' | 'home'>,
  backups: readonly Backup[],
  resources: readonly Resource[],
): boolean {
  const configured = resources.map(({ tags }) => configuredBy(tags, { home, config, rules: adapter.rules }).config);
  return (
    [config, ...configured].some(
      ({ values }) => values.shelvery_enable_ebs_archive || values.shelvery_enable_ebs_archive_pulled,
    ) || backups.some(goesToArchive)
  );
}

/** Whether a backup is available, kept for long, and configured for the archive tier. */
function isEnabled(backup: Backup): boolean {
  return goesToArchive(backup) && isLongLived(backup) && backup.found.state === 'available' && !backup.temporary;
}

/** For a backup that an earlier run archived: that run may have ended before it moved the shared files. */
function hasFilesLeft(
  context: Pick<RunContext, 'adapter'>,
  backup: Backup,
  shared: ReadonlyMap<AccountId, SharedFiles>,
): boolean {
  const names = sharedNamesOf(backup, context.adapter.rules);
  return sharedAccountsOf(backup).some((account) => names.some((name) => shared.get(account)?.processed.has(name)));
}

/**
 * Why the backup must stay readable, for people; `undefined` where it need not. Pulled copies are neither copied nor
 * shared further. What counts is what was promised when the backup was made, too: the DR regions that its tag names, and
 * the files of accounts that are not configured any longer.
 */
function whatReads(
  context: Pick<RunContext, 'adapter' | 'config' | 'home'>,
  backup: Backup,
  complete: ReadonlySet<string>,
  shared: ReadonlyMap<AccountId, SharedFiles>,
): string | undefined {
  if (backup.foreign) return undefined;
  const source = sourceOf(backup.region, backup.id);
  const promised = taggedRegions(backup.found.tags, prefixOf(context)).filter(
    (region) => region !== context.home.region,
  );
  const copying = [...new Set([...backup.targets.drRegions, ...promised])].filter(
    (region) => !complete.has(`${region} ${source}`),
  );
  if (copying.length > 0) return `its copies in ${copying.join(', ')} are not complete`;
  const names = sharedNamesOf(backup, context.adapter.rules);
  const configured = sharedAccountsOf(backup);
  const reading = [...shared].flatMap(([account, { waiting, processed, setAside }]) => {
    const isPulled = names.some((name) => processed.has(name) || setAside.has(name));
    const isWaiting = names.some((name) => waiting.has(name));
    return isWaiting || (configured.includes(account) && !isPulled) ? [account] : [];
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
