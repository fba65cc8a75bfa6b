import { startOfSecond } from 'date-fns';
import { TAG, tagKey } from '../../domain/backup/backup-tags.js';
import type { Backup } from '../../domain/backup/backup.js';
import { isInCleanScope } from '../../domain/plan/clean-scope.js';
import { ShelveryError } from '../../domain/errors.js';
import { present } from '../../domain/present.js';
import { faultName, toShelveryError } from '../../domain/telling/faults.js';
import { backupKey, removedKey, sharedKey, sharedPrefix } from '../../domain/files/keys.js';
import { MAX_METADATA_BYTES, formatMetadata, parseMetadata, withDeletion } from '../../domain/files/metadata.js';
import type { BackupMetadata } from '../../domain/files/metadata.js';
import { verifyMetadata } from '../../domain/files/metadata-verify.js';
import { recordName } from '../../domain/backup/read-backup.js';
import { BackupId } from '../../domain/values.js';
import type { AccountId, Region } from '../../domain/values.js';
import type { PlannedRegion } from '../regions/plan-regions.js';
import type { PlanLine, RunContext } from '../context.js';
import { prefixOf, subjectOf } from '../identify.js';
import { readOwnFile } from '../follow/own-file.js';
import { tryToRecord } from '../follow/record-backup.js';
import { deleteFiles } from './remove-backups.js';
import { sharedWith } from '../shared-files/shared-with.js';

/** What an operation of this file needs of a run. */
type Reconciling = Pick<
  RunContext,
  'adapter' | 'clock' | 'config' | 'home' | 'limit' | 'log' | 'report' | 'run' | 'store'
>;

/**
 * Makes files and backups of a region agree: it stores available backups that have no file of their own, and moves files whose
 * backup is gone to `removed/`. So it also finishes what an interrupted run left. A dry run only looks, and reports the
 * files that the run would report.
 *
 * @returns what was, or would be, done.
 */
export async function reconcileMetadata(context: Reconciling, planned: PlannedRegion): Promise<readonly PlanLine[]> {
  if (planned.files === undefined) return [];
  const { files } = planned;
  const inScope = new Set(planned.plan.keep.map((kept) => kept.backup));
  const missing = [...inScope].filter((backup) => backup.found.state === 'available' && lacksRecord(backup, planned));
  if (!context.run.dryRun) {
    // One that could not be given its own tags has not all that its file tells of it.
    const complete = missing.filter((backup) => backup.unnamed !== true);
    await Promise.all(complete.map((backup) => context.limit(() => store(context, backup))));
  }
  const known = new Set(
    // A person's copy has the name of a backup that may be gone.
    planned.backups.flatMap((read) => {
      if (read.kind === 'somebodys') return [];
      return [read.kind === 'backup' ? recordName(read.backup) : nameTag(context, read.found.tags)];
    }),
  );
  const orphans = [...files].filter(([name]) => !known.has(name));
  const gone = await archiveOrphans(context, planned.region, orphans);
  return [
    ...missing.map(({ id, name, region }): PlanLine => ({
      what: 'change',
      subject: id,
      name,
      reason: 'its metadata is missing, and is written',
      region,
    })),
    ...gone.map(({ backupId, name }): PlanLine => ({
      what: 'change',
      subject: backupId,
      name,
      reason: 'the backup is gone; its file is moved to removed/',
      region: planned.region,
    })),
  ];
}

/**
 * Whether there is no record of a backup: no file, or one that was written before the backup was begun. That one is of an
 * earlier backup of its name, as of a pulled copy that somebody deleted, and that was pulled again. Of several that share a name
 * one has the file.
 */
function lacksRecord(backup: Backup, { files, plan }: PlannedRegion): boolean {
  const name = recordName(backup);
  const written = files?.get(name);
  if (written === undefined) return true;
  const { startedAt } = backup.found;
  // S3 tells whole seconds.
  if (startedAt === undefined || written >= startOfSecond(startedAt)) return false;
  return plan.keep.every((kept) => kept.backup === backup || recordName(kept.backup) !== name);
}

function nameTag(context: Pick<RunContext, 'config'>, tags: Readonly<Record<string, string>>): string {
  return tags[tagKey(prefixOf(context), TAG.name)] ?? '';
}

/** What the resource was at the backup's time nobody knows any more: what it is now stands for that. */
async function store(
  context: Pick<RunContext, 'adapter' | 'config' | 'report' | 'store'>,
  backup: Backup,
): Promise<void> {
  const facts = backup.resource?.facts;
  if (!(await tryToRecord(context, { ...backup, ...present({ facts }) }))) return;
  context.report({ ...subjectOf('StoreBackupData', backup), status: 'ok', message: 'its metadata was missing' });
}

interface Orphan {
  readonly name: string;
  readonly document: BackupMetadata;
  readonly backupId: BackupId;
}

/** Reads the files, asks once whether their backups are really gone, and moves those that are; they come back. */
async function archiveOrphans(
  context: Reconciling,
  region: Region,
  files: readonly (readonly [string, Date])[],
): Promise<readonly Orphan[]> {
  try {
    const read = await Promise.all(
      files.map(([name, written]) => context.limit(() => readOrphan(context, region, name, written))),
    );
    const ours = read.flatMap((orphan) => (orphan !== undefined && isInScope(context, region, orphan) ? [orphan] : []));
    if (ours.length === 0) return [];
    const present = await context.adapter.describeBackups(
      region,
      ours.map((orphan) => orphan.backupId),
    );
    const gone = ours.filter((orphan) => !present.has(orphan.backupId));
    if (gone.length === 0 || context.run.dryRun) return gone;
    const accounts = await sharedWith(context, region);
    const { type } = context.adapter;
    const moved = await Promise.all(
      gone.map((orphan) => context.limit(() => recordAsRemoved(context, region, orphan))),
    );
    const names = moved.flat().map(({ name }) => name);
    const shared = await Promise.all(accounts.map((account) => ownSharedFiles(context, region, account, names)));
    await deleteFiles(context, region, [...names.map((name) => backupKey(type, name)), ...shared.flat()]);
    return moved.flat();
  } catch (error) {
    fail(context, region, toShelveryError(error, 'moving the files of backups that are gone to removed/'));
    return [];
  }
}

/**
 * The keys of the shared files of these names that wait for an account, without those of an installation with another
 * prefix.
 */
async function ownSharedFiles(
  context: Reconciling,
  region: Region,
  account: AccountId,
  names: readonly string[],
): Promise<readonly string[]> {
  const { adapter, store } = context;
  const wanted = new Set(names.map((name) => sharedKey(account, adapter.type, name)));
  if (wanted.size === 0) return [];
  const there = (await store.list(region, sharedPrefix(account, adapter.type))).filter(({ key }) => wanted.has(key));
  const own = await Promise.all(
    there.map(({ key }) =>
      context.limit(async () => {
        const text = await readOwnFile(context, region, key);
        // The account has just pulled it.
        if (text === undefined) return [];
        const parsed = parseMetadata(text);
        return 'prefix' in parsed && parsed.prefix !== prefixOf(context) ? [] : [key];
      }),
    ),
  );
  return own.flat();
}

/** Writes the record of a backup that is gone. Where that fails, the file stays for the next run. */
async function recordAsRemoved(context: Reconciling, region: Region, orphan: Orphan): Promise<readonly Orphan[]> {
  const { name, document } = orphan;
  try {
    const record = formatMetadata(withDeletion(document, context.clock.now()));
    await context.store.put(region, removedKey(context.adapter.type, name), record);
    context.log.info('SHELVERY_METADATA_MENDED', `${name}: its backup is gone; its file moved to removed/`, { region });
    return [orphan];
  } catch (error) {
    fail(context, region, toShelveryError(error, `moving the file ${name}, whose backup is gone, to removed/`));
    return [];
  }
}

function fail(context: Pick<RunContext, 'report' | 'store'>, region: Region, error: ShelveryError): void {
  context.report({
    operation: 'StoreBackupData',
    bucket: context.store.bucketName(region),
    region,
    status: 'failed',
    error,
  });
}

/**
 * A file that cannot be read, or whose content is impossible, stays where it is, and is reported. One of an installation
 * with another prefix stays, too, and is its business.
 */
async function readOrphan(
  context: Reconciling,
  region: Region,
  name: string,
  written: Date,
): Promise<Orphan | undefined> {
  const { store, adapter, home } = context;
  const key = backupKey(adapter.type, name);
  const where = `${store.bucketName(region)}/${key}`;
  const refusal = (problem: string): ShelveryError =>
    new ShelveryError(
      'MetadataRefused',
      `${where} has no backup and stays where it is: ${problem}. Look at it, and delete it by hand.`,
    );
  try {
    const parsed = parseMetadata(await store.get(region, key, { maxBytes: MAX_METADATA_BYTES }));
    if ('problem' in parsed) throw refusal(parsed.problem);
    const { document } = parsed;
    // Another installation's: it has the same keys, and tags of its own that mean nothing here.
    if (parsed.prefix !== prefixOf(context)) return undefined;
    const isPulled = document.tags[tagKey(prefixOf(context), TAG.crossAccountCopy)] === 'true';
    const verdict = verifyMetadata(parsed, {
      accountId: isPulled ? document.account_id : home.accountId,
      region,
      type: adapter.type,
      // Files of the original's temporary snapshots are named after the id, while their content has the source's name.
      name: document.backup_id.replace(/[^A-Za-z0-9-]/g, '-') === name ? document.name : name,
      lastModified: written,
    });
    if ('problem' in verdict) throw refusal(verdict.problem);
    return { name, document, backupId: BackupId.parse(document.backup_id) };
  } catch (error) {
    // Another run has just moved it.
    if (faultName(error) === 'NoSuchKey') return undefined;
    fail(context, region, toShelveryError(error, `reading ${where}, which has no backup`));
    return undefined;
  }
}

/**
 * The same limits as for cleaning: DR copies that came from other regions are left alone, and, where one resource is
 * selected, those of all others.
 */
function isInScope(context: Pick<RunContext, 'config' | 'home'>, region: Region, { document }: Orphan): boolean {
  const { values } = context.config;
  const tags = { ...document.tags, [tagKey(values.shelvery_tag_prefix, TAG.entityId)]: document.entity_id };
  return isInCleanScope(tags, region, context.home.region, values);
}
