import { isOfEarlier } from '../../domain/backup/age.js';
import { TAG, tagKey } from '../../domain/backup/backup-tags.js';
import type { Backup } from '../../domain/backup/backup.js';
import type { ListedRecord } from '../../domain/backup/on-record.js';
import { isInCleanScope } from '../../domain/plan/clean-scope.js';
import { ShelveryError } from '../../domain/errors.js';
import { present } from '../../domain/present.js';
import { faultName, toShelveryError } from '../../domain/telling/faults.js';
import { backupKey, removedKey, sharedKey, sharedPrefix } from '../../domain/files/keys.js';
import { MAX_METADATA_BYTES, formatMetadata, parseMetadata, withDeletion } from '../../domain/files/metadata.js';
import type { BackupMetadata } from '../../domain/files/metadata.js';
import { verifyMetadata } from '../../domain/files/metadata-verify.js';
import { recordName } from '../../domain/backup/read-backup.js';
import type { AccountId, BackupId, Region } from '../../domain/values.js';
import type { PlannedRegion } from '../regions/plan-regions.js';
import type { PlanLine, RunContext } from '../context.js';
import { prefixOf, subjectOf } from '../identify.js';
import { isUnusable, otherOwnerOf, readOwnFile } from '../follow/own-file.js';
import { tryToRecord } from '../follow/record-backup.js';
import { deleteFiles } from './remove-backups.js';
import { sharedWith } from '../shared-files/shared-with.js';

/** What an operation of this file needs of a run. */
type Reconciling = Pick<
  RunContext,
  'adapter' | 'clock' | 'config' | 'home' | 'limit' | 'log' | 'report' | 'run' | 'store'
>;

/**
 * Makes files and backups of a region agree: it stores available backups that have no file of their own, or one that is no
 * metadata by its size, and moves files whose backup is gone to `removed/`. So it also finishes what an interrupted run left. A dry run only looks, and reports the
 * files that the run would report.
 *
 * @returns what was, or would be, done.
 */
export async function reconcileMetadata(context: Reconciling, planned: PlannedRegion): Promise<readonly PlanLine[]> {
  if (planned.files === undefined) return [];
  const { files } = planned;
  const inScope = new Set(planned.plan.keep.map((kept) => kept.backup));
  const available = [...inScope].filter(({ found }) => found.state === 'available');
  const earlier = await withRecordsOfEarlier(context, available, planned);
  const missing: readonly Unstored[] = [
    ...available.flatMap((backup): Unstored[] => {
      const file = files.get(recordName(backup));
      if (file === undefined) return [{ backup, ...NO_RECORD }];
      return file.unusable === undefined ? [] : [{ backup, ...unusableRecord(file.unusable) }];
    }),
    ...earlier.map((backup) => ({ backup, ...RECORD_OF_EARLIER })),
  ];
  if (!context.run.dryRun) {
    // One that could not be given its own tags has not all that its file tells of it.
    const complete = missing.filter(({ backup }) => backup.unnamed !== true);
    await context.limit.each(complete, (unstored) => store(context, unstored));
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
    ...missing.map(({ backup: { id, name, region }, plan }): PlanLine => ({
      what: 'change',
      subject: id,
      name,
      reason: plan,
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
 * Available backups whose file is of an earlier one of their name, which is gone. Of several that share a name one has the
 * file.
 */
async function withRecordsOfEarlier(
  context: Reconciling,
  available: readonly Backup[],
  { files, region }: PlannedRegion,
): Promise<readonly Backup[]> {
  const now = context.clock.now();
  const names = Map.groupBy(available, recordName);
  const seeming = available.filter((backup) => {
    const name = recordName(backup);
    const file = files?.get(name);
    if (file === undefined || file.unusable !== undefined) return false;
    return isOfEarlier(backup, new Date(file.written), now) && names.get(name)?.length === 1;
  });
  const looked = await context.limit.each(seeming, async (backup) => {
    const key = backupKey(context.adapter.type, recordName(backup));
    try {
      return (await otherOwnerOf(context, backup, key)) === undefined ? [backup] : [];
    } catch (error) {
      fail(context, region, toShelveryError(error, `reading ${key}, which may be of an earlier backup of its name`));
      return [];
    }
  });
  return looked.flat();
}

function nameTag(context: Pick<RunContext, 'config'>, tags: Readonly<Record<string, string>>): string {
  return tags[tagKey(prefixOf(context), TAG.name)] ?? '';
}

/** An available backup without a record of its own, and what a plan and an outcome say of that. */
interface Unstored {
  readonly backup: Backup;
  readonly plan: string;
  readonly done: string;
}

const NO_RECORD = { plan: 'its metadata is missing, and is written', done: 'its metadata was missing' } as const;
const RECORD_OF_EARLIER = {
  plan: 'its metadata file is of an earlier backup of its name, and is written anew',
  done: 'its metadata file was of an earlier backup of its name',
} as const;

/** @param is what the file is, by its size. */
function unusableRecord(is: string): Omit<Unstored, 'backup'> {
  return { plan: `its metadata file is ${is}, and is written anew`, done: `its metadata file was ${is}` };
}

/** What the resource was at the backup's time nobody knows any more: what it is now stands for that. */
async function store(
  context: Pick<RunContext, 'adapter' | 'config' | 'home' | 'report' | 'store'>,
  { backup, done: message }: Unstored,
): Promise<void> {
  const facts = backup.resource?.facts;
  if (!(await tryToRecord(context, { ...backup, ...present({ facts }) }))) return;
  context.report({ ...subjectOf('StoreBackupData', backup), status: 'ok', message });
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
  files: readonly (readonly [string, ListedRecord])[],
): Promise<readonly Orphan[]> {
  try {
    const read = await context.limit.each(files, ([name, { written }]) =>
      readOrphan(context, region, name, new Date(written)),
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
    const moved = await context.limit.each(gone, (orphan) => recordAsRemoved(context, region, orphan));
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
  const own = await context.limit.each(there, async ({ key }) => {
    const text = await readAnyway(context, region, key);
    // The account has just pulled it.
    if (text === undefined) return [];
    const parsed = parseMetadata(text);
    return 'prefix' in parsed && parsed.prefix !== prefixOf(context) ? [] : [key];
  });
  return own.flat();
}

/** The same as `readOwnFile`; of a file that is too long, as an account may make it, no more than that it is there. */
async function readAnyway(...given: Parameters<typeof readOwnFile>): Promise<string | undefined> {
  try {
    return await readOwnFile(...given);
  } catch (error) {
    if (isUnusable(error)) return '';
    throw error;
  }
}

/** Writes the record of a backup that is gone, and tells of it. Where that fails, the file stays for the next run. */
async function recordAsRemoved(context: Reconciling, region: Region, orphan: Orphan): Promise<readonly Orphan[]> {
  const { name, document, backupId } = orphan;
  const newS3Location = removedKey(context.adapter.type, name);
  try {
    const record = formatMetadata(withDeletion(document, context.clock.now()));
    await context.store.put(region, newS3Location, record);
    context.log.info('SHELVERY_METADATA_MENDED', `${name}: its backup is gone; its file moved to removed/`, { region });
    context.report({
      operation: 'StoreBackupData',
      backupId,
      backupName: document.name,
      entityId: document.entity_id,
      retentionType: document.retention_type,
      region,
      bucket: context.store.bucketName(region),
      newS3Location,
      status: 'ok',
      message: 'the backup is gone; its file was moved to removed/',
    });
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
    return { name, document, backupId: document.backup_id };
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
