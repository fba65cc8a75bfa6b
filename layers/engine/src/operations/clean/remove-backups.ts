import type { Backup } from '../../domain/backup/backup.js';
import { resolveResourceConfig } from '../../domain/config/config.js';
import { ShelveryError } from '../../domain/errors.js';
import { faultName, toShelveryError } from '../../domain/telling/faults.js';
import { backupKey, removedKey, sharedKey } from '../../domain/files/keys.js';
import { formatMetadata, metadataOf } from '../../domain/files/metadata.js';
import type { Removed } from '../../domain/plan/plan-clean.js';
import { recordName } from '../../domain/backup/read-backup.js';
import type { AccountId, Region } from '../../domain/values.js';
import { sharedAccountsOf } from '../archive/archived-files.js';
import type { RunContext } from '../context.js';
import { freshWaiting } from '../follow/delayed-work.js';
import { subjectOf } from '../identify.js';
import type { PlannedRegion } from '../regions/plan-regions.js';
import { tryToRecord } from '../follow/record-backup.js';
import { shareBackups } from '../follow/share-backup.js';
import type { ShareItem } from '../follow/share-backup.js';
import { sharedWith } from '../shared-files/shared-with.js';

/**
 * Removes what is planned for one region: each backup, then its record under `removed/`, and at the end the live and
 * shared files of all of them together, up to 1,000 a call. The files of one of whose name another stays are that
 * one's: they are made to tell of it first.
 *
 * @returns how many were not begun, because no more work may be begun.
 */
export async function removeBackups(context: RunContext, planned: PlannedRegion): Promise<number> {
  const { region, plan } = planned;
  if (plan.remove.length === 0) return 0;
  const accounts = await sharedWith(context, region);
  const twins = twinsOf(planned);
  const unready = await leaveFilesTo(context, region, [...new Set(twins.values())]);
  const keys: string[] = [];
  let remaining = 0;
  await Promise.all(
    plan.remove.map((removal) =>
      context.limit(async () => {
        const { backup } = removal;
        const twin = twins.get(backup);
        if (twin !== undefined && unready.has(twin)) return;
        if (!context.mayStart()) {
          remaining += 1;
          return;
        }
        if ((await removeOne(context, removal)) && twin === undefined && (await recordRemoval(context, backup))) {
          keys.push(...filesOf(context, backup, accounts));
        }
      }),
    ),
  );
  await deleteFiles(context, region, keys);
  return remaining;
}

/** For each that is removed and has the files' name in common with one that stays: that one. */
function twinsOf({ plan }: PlannedRegion): ReadonlyMap<Backup, Backup> {
  const kept = new Map(plan.keep.map(({ backup }) => [recordName(backup), backup]));
  return new Map(
    plan.remove.flatMap(({ backup }) => {
      const twin = kept.get(recordName(backup));
      return twin === undefined ? [] : [[backup, twin] as const];
    }),
  );
}

/**
 * Makes the files of a name tell of the backup that stays: its record, and what lets the accounts that it is shared
 * with find it. A run that ends before the other is removed finds both again. One that is not available is stored and
 * shared when it is.
 *
 * @returns those for which that could not be done: the next run does it, and removes the other.
 */
async function leaveFilesTo(
  context: RunContext,
  region: Region,
  backups: readonly Backup[],
): Promise<ReadonlySet<Backup>> {
  const unready = new Set<Backup>();
  const available = backups.filter(({ found }) => found.state === 'available');
  await Promise.all(
    available.map((backup) =>
      context.limit(async () => {
        if (!(await tryToRecord(context, backup))) unready.add(backup);
      }),
    ),
  );
  const items = available.flatMap((backup) =>
    sharedAccountsOf(context, backup).map((account): ShareItem => {
      const operation = { action: 'do_share_backup', backupId: backup.id, region, account } as const;
      return {
        message: { backupType: context.adapter.type, operation, waiting: freshWaiting(context) },
        operation,
        backup,
      };
    }),
  );
  for (const [{ operation, backup }, result] of await shareBackups(context, region, items)) {
    if (result.kind === 'done') continue;
    unready.add(backup);
    const doing = `sharing ${backup.id} with ${operation.account}`;
    const error =
      result.kind === 'threw'
        ? toShelveryError(result.error, doing)
        : new ShelveryError('NotYet', `${doing}: ${result.why}`, { mendable: true });
    context.report({
      ...subjectOf('ShareBackup', backup),
      destinationAccount: operation.account,
      status: 'failed',
      error,
    });
  }
  return unready;
}

/** Whether the backup is gone. */
async function removeOne(context: RunContext, { backup, reason, text }: Removed): Promise<boolean> {
  const subject = subjectOf(reason === 'temporary-over' ? 'DeleteReencryptedBackup' : 'DeleteBackup', backup);
  try {
    await context.adapter.deleteBackup(backup.found);
  } catch (error) {
    if (!context.adapter.faults.gone.includes(faultName(error))) {
      context.report({ ...subject, status: 'failed', error: toShelveryError(error, `deleting ${backup.id}`) });
      return false;
    }
  }
  context.report({ ...subject, status: 'ok', message: text });
  return true;
}

/** Whether the removal is on record, so that the files may go. */
async function recordRemoval(context: RunContext, backup: Backup): Promise<boolean> {
  try {
    const document = metadataOf(backup, context.adapter.type, { deletedAt: context.clock.now() });
    await context.store.put(
      backup.region,
      removedKey(context.adapter.type, recordName(backup)),
      formatMetadata(document),
    );
    return true;
  } catch (error) {
    context.report({
      ...subjectOf('StoreBackupData', backup),
      status: 'failed',
      error: toShelveryError(
        error,
        `recording that ${backup.name} was removed; where its file is there still, the next clean_backups moves that`,
      ),
    });
    return false;
  }
}

function filesOf(context: RunContext, backup: Backup, accounts: readonly AccountId[]): readonly string[] {
  const { type } = context.adapter;
  const name = recordName(backup);
  const tagged = backup.foreign
    ? []
    : resolveResourceConfig(context.config, backup.found.tags).values.shelvery_share_aws_account_ids;
  return [
    backupKey(type, name),
    ...[...new Set([...accounts, ...tagged])].map((account) => sharedKey(account, type, name)),
  ];
}

/** Deletes files together; what could not be deleted is reported, and found by the next run. */
export async function deleteFiles(context: RunContext, region: Region, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  const bucket = context.store.bucketName(region);
  const failed = (error: ShelveryError): void => {
    context.report({ operation: 'StoreBackupData', bucket, region, status: 'failed', error });
  };
  try {
    for (const { key, code, message } of await context.store.delete(region, keys)) {
      failed(
        new ShelveryError('AwsError', `${bucket}/${key} could not be deleted: ${code}: ${message}`, { mendable: true }),
      );
    }
  } catch (error) {
    failed(toShelveryError(error, `deleting metadata of removed backups in ${bucket}`));
  }
}
