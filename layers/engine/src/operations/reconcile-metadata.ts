import { TAG, tagKey } from '../domain/backup-tags.js';
import type { Backup } from '../domain/backup.js';
import { toShelveryError } from '../domain/faults.js';
import { backupKey, removedKey, sharedKey } from '../domain/keys.js';
import { MAX_METADATA_BYTES, formatMetadata, parseMetadata, withDeletion } from '../domain/metadata.js';
import type { BackupMetadata } from '../domain/metadata.js';
import { recordName } from '../domain/read-backup.js';
import { BackupId } from '../domain/values.js';
import type { Region } from '../domain/values.js';
import type { PlannedRegion } from './plan-regions.js';
import type { RunContext } from './context.js';
import { prefixOf, subjectOf } from './identify.js';
import { recordBackup } from './record-backup.js';
import { deleteFiles } from './remove-backups.js';
import { sharedWith } from './shared-with.js';

/**
 * Makes files and backups of a region agree: available backups without a file are stored, files whose backup is gone move to
 * `removed/`. What an interrupted run left is made good so.
 */
export async function reconcileMetadata(context: RunContext, planned: PlannedRegion): Promise<void> {
  if (planned.files === undefined) return;
  const { files } = planned;
  const inScope = new Set(planned.plan.keep.map((kept) => kept.backup));
  const missing = [...inScope].filter((backup) => backup.found.state === 'available' && !files.has(recordName(backup)));
  await Promise.all(missing.map((backup) => context.limit(() => store(context, backup))));
  const known = new Set(planned.backups.map((read) => (read.kind === 'backup' ? recordName(read.backup) : nameTag(context, read.found.tags))));
  const orphans = [...files].filter((name) => !known.has(name));
  if (orphans.length > 0) await archiveOrphans(context, planned.region, orphans);
}

function nameTag(context: RunContext, tags: Readonly<Record<string, string>>): string {
  return tags[tagKey(prefixOf(context), TAG.name)] ?? '';
}

async function store(context: RunContext, backup: Backup): Promise<void> {
  const subject = subjectOf('StoreBackupData', backup);
  try {
    await recordBackup(context, backup);
    context.report({ ...subject, status: 'ok', message: 'its metadata was missing' });
  } catch (error) {
    context.report({ ...subject, status: 'failed', error: toShelveryError(error, `storing the metadata of ${backup.name}`) });
  }
}

interface Orphan {
  readonly name: string;
  readonly document: BackupMetadata;
  readonly backupId: BackupId;
}

/** Reads the files, asks once whether their backups are really gone, and moves those that are. */
async function archiveOrphans(context: RunContext, region: Region, names: readonly string[]): Promise<void> {
  try {
    const read = await Promise.all(names.map((name) => context.limit(() => readOrphan(context, region, name))));
    const ours = read.flatMap((orphan) => (orphan !== undefined && isInScope(context, region, orphan) ? [orphan] : []));
    if (ours.length === 0) return;
    const present = await context.adapter.describeBackups(region, ours.map((orphan) => orphan.backupId));
    const gone = ours.filter((orphan) => !present.has(orphan.backupId));
    const accounts = gone.length === 0 ? [] : await sharedWith(context, region);
    const { type } = context.adapter;
    await Promise.all(
      gone.map(({ name, document }) =>
        context.limit(() =>
          context.store.put(region, removedKey(type, name), formatMetadata(withDeletion(document, context.clock.now()))),
        ),
      ),
    );
    for (const { name } of gone) context.log.info('SHELVERY_METADATA_MENDED', `${name}: its backup is gone; its file moved to removed/`, { region });
    await deleteFiles(
      context,
      region,
      gone.flatMap(({ name }) => [backupKey(type, name), ...accounts.map((account) => sharedKey(account, type, name))]),
    );
  } catch (error) {
    context.report({
      operation: 'StoreBackupData',
      bucket: context.store.bucketName(region),
      region,
      status: 'failed',
      error: toShelveryError(error, 'moving the files of backups that are gone to removed/'),
    });
  }
}

/** A file that cannot be understood stays where it is, and is reported. */
async function readOrphan(context: RunContext, region: Region, name: string): Promise<Orphan | undefined> {
  const key = backupKey(context.adapter.type, name);
  const text = await context.store.get(region, key, { maxBytes: MAX_METADATA_BYTES });
  const parsed = parseMetadata(text);
  const backupId = 'problem' in parsed ? undefined : BackupId.safeParse(parsed.document.backup_id);
  if ('problem' in parsed || backupId?.success !== true) {
    const problem = 'problem' in parsed ? parsed.problem : 'its backup_id is not an id';
    context.log.warn('SHELVERY_METADATA_MENDED', `${key} in ${context.store.bucketName(region)} has no backup and cannot be read: ${problem}`, { region });
    return undefined;
  }
  return { name, document: parsed.document, backupId: backupId.data };
}

/** The same bounds that cleaning has: DR copies of other regions, and other resources where one is selected, are not ours. */
function isInScope(context: RunContext, region: Region, { document }: Orphan): boolean {
  const prefix = prefixOf(context);
  const only = context.config.values.shelvery_select_entity;
  if (only !== undefined && document.entity_id !== only) return false;
  const source = document.tags[tagKey(prefix, TAG.drSourceBackup)] ?? '';
  const isCopy = document.tags[tagKey(prefix, TAG.drCopy)] === 'true';
  if (region === context.home.region) return !isCopy;
  return isCopy && source.startsWith(`${context.home.region}:`);
}
