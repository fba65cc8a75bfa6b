import type { DelayedOperation, PulledFrom } from '../../domain/delayed.js';
import { ShelveryError } from '../../domain/errors.js';
import { present } from '../../domain/present.js';
import { parseSource } from '../../domain/backup/copy-source.js';
import type { Backup } from '../../domain/backup/backup.js';
import type { RunContext } from '../context.js';
import { DONE, freshWaiting } from './delayed-work.js';
import type { DelayedItem, FollowingOperation, WorkResult } from './delayed-work.js';
import { deleteFailed, fateInWords } from '../delete-failed.js';
import { failureOf, subjectOf } from '../identify.js';
import { finishPulled } from '../shared-files/finish-pulled.js';
import { willBeMadeAgain } from './made-again.js';
import type { FileOwner } from './own-file.js';
import { recordBackup } from './record-backup.js';
import { aboutFailedCopy } from './refusals.js';

/** What an operation of this file needs of a run. */
type Storing = Pick<RunContext, 'adapter' | 'clock' | 'config' | 'home' | 'report' | 'store'>;

type StoreOperation = Extract<DelayedOperation, { action: 'do_store_backup_data' }>;

const ALREADY_STORED = { already: true, message: 'already stored' } as const;

/**
 * Writes a backup's metadata into the data bucket of its region. For a pulled copy it also moves the source's file to
 * `-processed`.
 */
export async function storeBackup(
  context: Storing,
  { backup, operation }: DelayedItem<StoreOperation>,
): Promise<WorkResult> {
  return { kind: 'done', next: await storeAndFinish(context, backup, operation.pulledFrom, operation.anew) };
}

/**
 * The same for a backup that is known to be available. Returns the operations that follow. While the source's file is
 * there, the next pull looks at the copy again: so, where the copy is to be archived, the archiving moves the file, and
 * not this.
 *
 * @example A pulled monthly copy with `shelvery_enable_ebs_archive_pulled`: its metadata is written and `do_archive_backup`
 *   follows, which moves the file once the copy is in the archive tier.
 */
export async function storeAndFinish(
  context: Storing,
  backup: Backup,
  pulledFrom: PulledFrom | undefined,
  anew = false,
): Promise<readonly FollowingOperation[]> {
  const { adapter, config, store } = context;
  const { key: backupS3Location, already, owner } = await recordBackup(context, backup, anew);
  context.report({
    ...subjectOf('StoreBackupData', backup),
    bucket: store.bucketName(backup.region),
    backupS3Location,
    ...(owner === undefined
      ? { status: 'ok', ...(already ? ALREADY_STORED : {}) }
      : { status: 'ignored', reason: whyUnrecorded(backup, owner) }),
  });
  if (backup.place !== 'pulled') return [];
  if (adapter.archive === undefined || !config.values.shelvery_enable_ebs_archive_pulled) {
    await finishPulled(context, backup, pulledFrom);
    return [];
  }
  const operation = {
    action: 'do_archive_backup',
    backupId: backup.id,
    region: backup.region,
    ...present({ pulledFrom }),
  } as const;
  return [{ operation, waiting: freshWaiting(context) }];
}

function whyUnrecorded({ place }: Backup, { id, isSame }: FileOwner): string {
  if (!isSame)
    return `${id}, which was not pulled, has the same name: the record stays that one's, and this copy has none`;
  const then = place === 'local' ? '' : ', and the next clean_backups removes this one';
  return `${id} is the same backup and older: the record stays that one's${then}`;
}

/**
 * Deals with a copy that the service accepted but could not make, for example because its key cannot be used. A DR copy
 * is made again, a few times: its `do_copy_backup` deletes the failed one first, and only the last is reported. A pulled copy is reported
 * with its key and deleted; the next pull makes it again, because its file is still there. A failed copy on hold stays.
 *
 * @example The key of a DR copy is disabled. The copy ends `failed`, and is made again up to three times. If it still
 *   fails, an ERROR `BackupFailed` names the key, and it is not made again.
 */
export async function replaceFailedCopy(
  context: Pick<RunContext, 'adapter' | 'home' | 'inStack' | 'report'>,
  copy: Backup,
  item: Pick<DelayedItem, 'message'>,
): Promise<WorkResult> {
  const { copyOf: _, ...waiting } = item.message.waiting;
  const remakes = (waiting.remakes ?? 0) + 1;
  const source = copy.place === 'dr' ? parseSource(copy.source) : undefined;
  if (source !== undefined && willBeMadeAgain(waiting)) {
    const operation = {
      action: 'do_copy_backup',
      backupId: source.id,
      region: source.region,
      toRegion: copy.region,
      ...present({ facts: copy.facts }),
    } as const;
    return { kind: 'done', next: [{ operation, waiting: { ...waiting, attempt: 1, remakes } }] };
  }
  const fate = copy.held ? 'It is on hold' : fateInWords(await deleteFailed(context, copy));
  const isMadeAgain = copy.place === 'pulled';
  const then = isMadeAgain
    ? 'the next pull_shared_backups makes it again'
    : `after ${String(remakes)} tries it is not made again`;
  context.report({
    ...subjectOf(copy.place === 'dr' ? 'CopyBackupToRegion' : 'PullSharedBackup', copy),
    ...(source === undefined ? {} : { backupId: source.id }),
    ...(copy.place === 'dr' ? { destinationRegion: copy.region } : { sourceAccount: copy.srcAccount }),
    status: 'failed',
    error: new ShelveryError(
      'BackupFailed',
      `The copy ${copy.id} in ${copy.region} ${failureOf(copy)}. ${fate}; ${then}.${aboutFailedCopy(context, [copy.found.kmsKeyId])}`,
      { mendable: isMadeAgain },
    ),
  });
  return DONE;
}
