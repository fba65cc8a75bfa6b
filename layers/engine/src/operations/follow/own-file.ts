import { TAG, tagKey } from '../../domain/backup/backup-tags.js';
import type { Backup, FoundBackup } from '../../domain/backup/backup.js';
import { sourceOf } from '../../domain/backup/copy-source.js';
import { MAX_METADATA_BYTES, parseMetadata } from '../../domain/files/metadata.js';
import type { BackupMetadata } from '../../domain/files/metadata.js';
import { isShelveryError } from '../../domain/errors.js';
import type { ShelveryError } from '../../domain/errors.js';
import { faultName } from '../../domain/telling/faults.js';
import { areOfOneMaking, olderFirst } from '../../domain/backup/age.js';
import type { BackupId, Region } from '../../domain/values.js';
import type { RunContext } from '../context.js';
import { prefixOf, readFound } from '../identify.js';
import type { Reading } from '../identify.js';

/** A file of a data bucket of this account; nothing where there is none, or no bucket. */
export async function readOwnFile(
  { store }: Pick<RunContext, 'store'>,
  region: Region,
  key: string,
): Promise<string | undefined> {
  try {
    return await store.get(region, key, { maxBytes: MAX_METADATA_BYTES });
  } catch (error) {
    if (['NoSuchKey', 'NoSuchBucket'].includes(faultName(error))) return undefined;
    throw error;
  }
}

/** Whether a file tells of a backup, or of a re-encrypted snapshot of it. */
export function tellsOf(text: string, backup: Backup, prefix: string): boolean {
  const document = documentIn(text);
  return document !== undefined && isOf(document, backup, prefix);
}

/** Whether a file can be read, and tells neither of a backup nor of a re-encrypted snapshot of it. */
export function tellsOfAnother(text: string, backup: Backup, prefix: string): boolean {
  const document = documentIn(text);
  return document !== undefined && !isOf(document, backup, prefix);
}

/** What a file says; nothing where there is none, or it cannot be read. */
function documentIn(text: string | undefined): BackupMetadata | undefined {
  const parsed = text === undefined ? undefined : parseMetadata(text);
  return parsed === undefined || 'problem' in parsed ? undefined : parsed.document;
}

function isOf({ backup_id: id, tags }: BackupMetadata, backup: Backup, prefix: string): boolean {
  return id === backup.id || tags[tagKey(prefix, TAG.srcBackup)] === sourceOf(backup.region, backup.id);
}

/**
 * Whether the file of a backup is there already. That is asked only of what events wake: it is done by an event, and its
 * message comes all the same. Of others a file is written again, which costs less than to look.
 */
export async function isWrittenAlready(
  context: Pick<RunContext, 'config' | 'store'>,
  backup: Backup,
  key: string,
): Promise<boolean> {
  const prefix = prefixOf(context);
  if (backup.found.tags[tagKey(prefix, TAG.wokenByEvents)] !== 'true') return false;
  const document = documentIn(await readUsable(context, backup.region, key));
  if (document === undefined) return false;
  // A message tells what the resource was, and an event does not.
  const hasFacts = backup.facts === undefined || document.restore !== undefined;
  return hasFacts && isOf(document, backup, prefix) && isOfThisMaking(document, backup, prefix);
}

/** A database's snapshot may be made again under its name: then its file tells of another making. */
function isOfThisMaking({ encrypted, tags }: BackupMetadata, { found }: Backup, prefix: string): boolean {
  const isSame = (last: string): boolean => tags[tagKey(prefix, last)] === found.tags[tagKey(prefix, last)];
  return isSame(TAG.runId) && isSame(TAG.dateCopied) && encrypted === found.encrypted;
}

/** A backup whose file it stays, of a name that another has, too. */
export interface FileOwner {
  readonly id: BackupId;
  /** It is the same backup, made before. */
  readonly isSame: boolean;
}

/** What became of a file that was to be written. */
export interface FileWritten {
  /** The same was there already: an earlier run, or another delivery of the message, wrote it and told of it. */
  readonly already: boolean;
  /** The backup whose file it stays. */
  readonly owner?: FileOwner;
}

/**
 * Writes a file of a backup. Of copies that have one name, as those of a backup that was copied twice, cleaning keeps the
 * oldest: its file is not written over by a younger one's. A copy of what another account has shared takes no file of a backup
 * that is not pulled: names can be foreseen. The same is written again, too: S3 then tells that it is of no earlier backup of
 * the name.
 *
 * @param file.anew It is written even over that of an older one.
 */
export async function writeOwnFile(
  context: Reading & Pick<RunContext, 'store'>,
  backup: Backup,
  file: { readonly key: string; readonly text: string; readonly anew: boolean },
): Promise<FileWritten> {
  const { key, text, anew } = file;
  let already = false;
  if (!anew) {
    if (await context.store.putNew(backup.region, key, text)) return { already };
    const there = await readUsable(context, backup.region, key);
    already = there === text;
    const owner = await ownerOf(context, backup, there);
    if (owner !== undefined) return { already: false, owner };
  }
  await context.store.put(backup.region, key, text);
  return { already };
}

/** Whether a file is there that is too long, or no text. */
export function isUnusable(error: unknown): error is ShelveryError {
  return isShelveryError(error) && error.code === 'MetadataRefused';
}

/** The same as `readOwnFile`; nothing, too, where the file is too long, or no text: such a one is written over. */
export async function readUsable(
  context: Pick<RunContext, 'store'>,
  region: Region,
  key: string,
): Promise<string | undefined> {
  try {
    return await readOwnFile(context, region, key);
  } catch (error) {
    if (isUnusable(error)) return undefined;
    throw error;
  }
}

/**
 * The backup that a file tells of, where that is another, is there, and keeps its file: one of the same making that is older, and
 * one that was not pulled, of a pulled one. What else has the name owns nothing: a source account may share a file under the
 * name of a backup that is yet to be made.
 */
async function ownerOf(
  context: Reading & Pick<RunContext, 'store'>,
  backup: Backup,
  text: string | undefined,
): Promise<FileOwner | undefined> {
  const other = await otherIn(context, backup, text);
  if (other?.state !== 'available') return undefined;
  const read = readFound(other, context);
  if (read.kind !== 'backup') return undefined;
  if (!isDouble(read.backup, backup))
    return backup.place === 'pulled' && read.backup.place !== 'pulled' ? { id: other.id, isSame: false } : undefined;
  // What a copy has just been begun by does not tell when: it is the younger.
  const isOlder = backup.found.startedAt === undefined || olderFirst(other, backup.found) < 0;
  return isOlder ? { id: other.id, isSame: true } : undefined;
}

function isDouble(a: Backup, b: Backup): boolean {
  return a.place === b.place && a.temporary === b.temporary && areOfOneMaking(a, b);
}

/** The backup that a file tells of, where that is another, and is there, whatever it is. */
export async function otherOwnerOf(
  context: Pick<RunContext, 'adapter' | 'store'>,
  backup: Pick<Backup, 'id' | 'region'>,
  key: string,
): Promise<FoundBackup | undefined> {
  return await otherIn(context, backup, await readUsable(context, backup.region, key));
}

async function otherIn(
  { adapter }: Pick<RunContext, 'adapter'>,
  { id, region }: Pick<Backup, 'id' | 'region'>,
  text: string | undefined,
): Promise<FoundBackup | undefined> {
  const other = documentIn(text)?.backup_id;
  if (other === undefined || other === id) return undefined;
  return (await adapter.describeBackups(region, [other])).get(other);
}
