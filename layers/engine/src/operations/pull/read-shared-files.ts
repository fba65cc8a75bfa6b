import { sharedPrefix, nameOfKey } from '../../domain/files/keys.js';
import { MAX_METADATA_BYTES, parseMetadata } from '../../domain/files/metadata.js';
import { verifyMetadata } from '../../domain/files/metadata-verify.js';
import type { SharedFile } from '../../domain/plan/plan-pull.js';
import { BackupId } from '../../domain/values.js';
import type { AccountId } from '../../domain/values.js';
import { isShelveryError } from '../../domain/errors.js';
import { toShelveryError } from '../../domain/telling/faults.js';
import type { StoredFile } from '../../ports.js';
import type { RunContext } from '../context.js';
import { refusalOf } from '../follow/refusals.js';
import { isFileGone } from '../shared-files/shared-file-gone.js';

/** What an operation of this file needs of a run. */
type ReadingShared = Pick<
  RunContext,
  'adapter' | 'home' | 'inStack' | 'limit' | 'log' | 'mayStart' | 'report' | 'store'
>;

/** A file that can never be pulled, and why. */
export interface HopelessFile {
  readonly account: AccountId;
  readonly key: string;
  readonly reason: string;
  /** What was in it, as far as it was read. */
  readonly text: string | undefined;
}

/** What was read of all accounts. */
export interface ReadFiles {
  readonly files: readonly SharedFile[];
  readonly hopeless: readonly HopelessFile[];
  /** Files not read, because no more work may be begun. */
  readonly remaining: number;
}

/**
 * How many files of one account a run reads at most. The others wait for the next run, so that no account can use up
 * the whole run.
 */
const MOST_FILES = 1_000;

/**
 * Reads the files that accounts have put for this one, the oldest of each first and all accounts in turn, and checks
 * each against where it was found before anything is called. An account whose bucket cannot be listed is reported; the
 * others go on.
 */
export async function readSharedFiles(context: ReadingShared, accounts: readonly AccountId[]): Promise<ReadFiles> {
  const waiting = await Promise.all(accounts.map((account) => listOldest(context, account)));
  const longest = Math.max(0, ...waiting.map((items) => items.length));
  const inTurn = Array.from({ length: longest }, (_, index) =>
    waiting.flatMap((items) => items.slice(index, index + 1)),
  ).flat();
  const files: SharedFile[] = [];
  const hopeless: HopelessFile[] = [];
  let remaining = 0;
  await Promise.all(
    inTurn.map(({ account, item }) =>
      context.limit(async () => {
        if (!context.mayStart()) {
          remaining += 1;
          return;
        }
        const read = await readOne(context, account, item);
        if (read === undefined) return;
        if ('reason' in read) hopeless.push(read);
        else files.push(read);
      }),
    ),
  );
  return { files, hopeless, remaining };
}

interface Waiting {
  readonly account: AccountId;
  readonly item: StoredFile;
}

async function listOldest(context: ReadingShared, account: AccountId): Promise<readonly Waiting[]> {
  const { home, store, adapter, log } = context;
  const prefix = sharedPrefix(home.accountId, adapter.type);
  const bucket = store.bucketName(home.region, account);
  try {
    const listed = (await store.list(home.region, prefix, account)).filter((item) => item.key !== prefix);
    const oldest = [...listed].sort((a, b) => a.lastModified.getTime() - b.lastModified.getTime()).slice(0, MOST_FILES);
    if (listed.length > oldest.length) {
      log.warn(
        'SHELVERY_PULL_CAPPED',
        `${String(listed.length)} files wait in ${bucket}: this run reads the oldest ${String(MOST_FILES)}, the next run the others.`,
        { account },
      );
    }
    return oldest.map((item) => ({ account, item }));
  } catch (error) {
    context.report({
      operation: 'PullSharedBackupsFromAccount',
      sourceAccount: account,
      bucket,
      status: 'failed',
      error: refusalOf(
        context,
        error,
        `reading what ${account} shares in ${bucket} (did ${account} run create_data_buckets with shelvery_share_aws_account_ids=${home.accountId}?)`,
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

async function readOne(
  context: Pick<RunContext, 'adapter' | 'home' | 'report' | 'store'>,
  account: AccountId,
  item: StoredFile,
): Promise<SharedFile | HopelessFile | undefined> {
  const { home, store, adapter } = context;
  const prefix = sharedPrefix(home.accountId, adapter.type);
  const { key, lastModified, size } = item;
  const refuse = (reason: string, text?: string): HopelessFile => ({ account, key, reason, text });
  const name = nameOfKey(key, prefix);
  if (name === undefined) return refuse('its key is not <name>.yaml with a name of letters, digits and hyphens');
  if (size > MAX_METADATA_BYTES)
    return refuse(`it has ${String(size)} bytes; at most ${String(MAX_METADATA_BYTES)} are allowed`);
  let text: string;
  try {
    text = await store.get(home.region, key, { maxBytes: MAX_METADATA_BYTES, account });
  } catch (error) {
    if (isShelveryError(error) && error.code === 'MetadataRefused') return refuse(error.message);
    if (await isFileGone(context, { account, key }, error)) return undefined;
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
  if ('problem' in parsed) return refuse(parsed.problem, text);
  const verdict = verifyMetadata(parsed, {
    accountId: account,
    region: home.region,
    type: adapter.type,
    name,
    lastModified,
  });
  if ('problem' in verdict) return refuse(verdict.problem, text);
  const id = BackupId.safeParse(parsed.document.backup_id);
  if (!id.success) return refuse('its backup_id is not an id', text);
  return {
    account,
    key,
    lastModified,
    id: id.data,
    text,
    document: parsed.document,
    prefix: parsed.prefix,
    createdAt: parsed.createdAt,
  };
}
