import { sharedPrefix, nameOfKey } from '../../domain/files/keys.js';
import { MAX_SHARED_BYTES, parseMetadata } from '../../domain/files/metadata.js';
import { verifySharedMetadata } from '../../domain/files/metadata-verify.js';
import { retentionTypesOf } from '../../domain/config/config-schema.js';
import { inTurn } from '../../domain/plan/in-turn.js';
import type { SharedFile } from '../../domain/plan/plan-pull.js';
import type { AccountId } from '../../domain/values.js';
import { isNotBegun, toShelveryError } from '../../domain/telling/faults.js';
import type { StoredFile } from '../../ports.js';
import type { RunContext } from '../context.js';
import { isUnusable } from '../follow/own-file.js';
import { refusalOf } from '../follow/refusals.js';
import { listSourceFiles, whetherShared } from '../shared-files/list-source-files.js';
import { isFileGone } from '../shared-files/shared-file-gone.js';

/** What an operation of this file needs of a run. */
type ReadingShared = Pick<RunContext, 'adapter' | 'config' | 'home' | 'inStack' | 'log' | 'report' | 'store'>;

/** A file that can never be pulled, and why. */
export interface HopelessFile {
  readonly account: AccountId;
  readonly key: string;
  readonly reason: string;
}

/** A file that waits in an account's bucket, not read. */
export interface WaitingFile {
  readonly account: AccountId;
  readonly item: StoredFile;
}

/**
 * Lists the files that accounts have put for this one, in the order in which they are dealt with (see `inTurn`). An
 * account whose bucket cannot be listed is reported; the others go on.
 */
export async function listWaiting(
  context: ReadingShared,
  accounts: readonly AccountId[],
): Promise<readonly WaitingFile[]> {
  const lists = await Promise.all(
    accounts.map(async (account) => (await listOne(context, account)).map((item): WaitingFile => ({ account, item }))),
  );
  return inTurn(lists, ({ item }) => item.lastModified);
}

async function listOne(context: ReadingShared, account: AccountId): Promise<readonly StoredFile[]> {
  const { home, store, log } = context;
  const bucket = store.bucketName(home.region, account);
  try {
    const { files, complete } = await listSourceFiles(context, account);
    if (!complete) {
      log.warn(
        'SHELVERY_SHARED_LIST_CUT',
        `More than ${String(files.length)} files wait in ${bucket}: only these are looked at until some of them are gone.`,
        { account },
      );
    }
    return files;
  } catch (error) {
    context.report({
      operation: 'PullSharedBackupsFromAccount',
      sourceAccount: account,
      bucket,
      status: 'failed',
      error: refusalOf(
        context,
        error,
        `reading what ${account} shares in ${bucket} (${whetherShared(home, account)})`,
        'AllowedSourceAwsAccountIds',
        account,
      ),
    });
    return [];
  }
}

/** The name in a key, without dangerous characters where it is not a name that Shelvery gives. */
export function nameInKey(key: string, prefix: string): string {
  return (
    nameOfKey(key, prefix) ??
    key
      .slice(prefix.length)
      .replace(/\.yaml$/, '')
      .replace(/[^A-Za-z0-9-]+/g, '-')
      .slice(0, 200)
  );
}

/**
 * Reads one file and checks it against where it was found, before anything else is called for it. Its text is not kept.
 *
 * @returns nothing where it is gone, or could not be read, which is reported: it stays for the next run.
 */
export async function readShared(
  context: ReadingShared,
  { account, item }: WaitingFile,
): Promise<SharedFile | HopelessFile | undefined> {
  const { config, home, store, adapter } = context;
  const prefix = sharedPrefix(home.accountId, adapter.type);
  const { key, lastModified, size } = item;
  const refuse = (reason: string): HopelessFile => ({ account, key, reason });
  const name = nameOfKey(key, prefix);
  if (name === undefined) return refuse('its key is not <name>.yaml with a name of letters, digits and hyphens');
  if (size > MAX_SHARED_BYTES)
    return refuse(`it has ${String(size)} bytes; at most ${String(MAX_SHARED_BYTES)} are allowed`);
  let text: string;
  try {
    text = await store.get(home.region, key, { maxBytes: MAX_SHARED_BYTES, account });
  } catch (error) {
    if (isUnusable(error)) return refuse(error.message);
    // Whose bucket it is may refuse the list, too: that is told as what it is of this file, and stops no other.
    if (await isGone(context, { account, key }, error)) return undefined;
    context.report({
      operation: 'PullSharedBackup',
      sourceAccount: account,
      bucket: store.bucketName(home.region, account),
      backupS3Location: key,
      status: 'failed',
      error: toShelveryError(error, `reading ${key}; it stays for the next run`),
    });
    return undefined;
  }
  const parsed = parseMetadata(text);
  if ('problem' in parsed) return refuse(parsed.problem);
  const verdict = verifySharedMetadata(
    parsed,
    { accountId: account, region: home.region, type: adapter.type, name, lastModified },
    retentionTypesOf(config.values),
  );
  if ('problem' in verdict) return refuse(verdict.problem);
  const { document, createdAt } = parsed;
  return { account, key, lastModified, id: document.backup_id, document, prefix: parsed.prefix, createdAt };
}

/** The same as `isFileGone`; no where that cannot be found out. */
async function isGone(...given: Parameters<typeof isFileGone>): Promise<boolean> {
  try {
    return await isFileGone(...given);
  } catch (error) {
    if (isNotBegun(error)) throw error;
    return false;
  }
}

/**
 * The text of a file that is moved as it is; empty where it can never be read.
 *
 * @returns nothing where it is gone.
 */
export async function textOf(
  context: Pick<RunContext, 'home' | 'store'>,
  { account, key }: Pick<HopelessFile, 'account' | 'key'>,
): Promise<string | undefined> {
  try {
    return await context.store.get(context.home.region, key, { maxBytes: MAX_SHARED_BYTES, account });
  } catch (error) {
    if (isUnusable(error)) return '';
    if (await isFileGone(context, { account, key }, error)) return undefined;
    throw error;
  }
}
