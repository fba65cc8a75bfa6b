import type { Backup } from '../../domain/backup/backup.js';
import { sourceOf } from '../../domain/backup/copy-source.js';
import type { DelayedOperation } from '../../domain/delayed.js';
import { sharableWith } from '../../domain/config/tag-limits.js';
import { ShelveryError } from '../../domain/errors.js';
import { sharedKey } from '../../domain/files/keys.js';
import { formatMetadata, metadataOf } from '../../domain/files/metadata.js';
import { isPassing, toShelveryError } from '../../domain/telling/faults.js';
import type { OutcomeSubject } from '../../domain/telling/outcome.js';
import { recordName } from '../../domain/backup/read-backup.js';
import { present } from '../../domain/present.js';
import type { AccountId, Region } from '../../domain/values.js';
import type { RunContext } from '../context.js';
import { resultOfFailure } from './copy-backup.js';
import { refusedForItsKey } from './refused-share.js';
import { DONE, NOT_BEGUN } from './delayed-work.js';
import type { DelayedItem, WorkResult } from './delayed-work.js';
import { subjectOfShare } from '../identify.js';
import { isWrittenAlready, writeOwnFile } from './own-file.js';
import type { FileOwner } from './own-file.js';
import { createPulledFiles } from './pulled-files.js';
import type { PulledFiles } from './pulled-files.js';
import { findReencrypted, reencryptedInPlaceOf } from './reencrypt-backup.js';

/** What an operation of this file needs of a run. */
type Sharing = Pick<
  RunContext,
  'adapter' | 'clock' | 'config' | 'home' | 'inStack' | 'keys' | 'limit' | 'log' | 'mayStart' | 'report' | 'store'
>;

type ShareOperation = Extract<DelayedOperation, { action: 'do_share_backup' }>;
export type ShareItem = DelayedItem<ShareOperation>;

/**
 * Shares backups of one region with accounts, and writes the files that let the accounts find them. Where a key is
 * configured, a backup is re-encrypted first: once for all its accounts; one list shows what is re-encrypted already. What
 * an account has pulled is looked up for all its backups together.
 */
export async function shareBackups(
  context: Sharing,
  region: Region,
  items: readonly ShareItem[],
): Promise<ReadonlyMap<ShareItem, WorkResult>> {
  const reencrypted = await findReencrypted(
    context,
    region,
    items.map(({ backup }) => backup),
  );
  const pulled = createPulledFiles(
    context,
    region,
    items.map(({ operation }) => operation.account),
  );
  const byBackup = Map.groupBy(items, ({ backup }) => sourceOf(backup.region, backup.id));
  const results = new Map<ShareItem, WorkResult>();
  await context.limit.each([...byBackup], async ([source, group]) => {
    if (context.mayStart()) await shareOne({ ...context, pulled }, group, reencrypted.get(source) ?? [], results);
    else for (const item of group) results.set(item, NOT_BEGUN);
  });
  return results;
}

/** The same, with what the accounts have pulled already. */
type SharingTogether = Sharing & { readonly pulled: PulledFiles };

/** Shares one backup with all its accounts. */
async function shareOne(
  context: SharingTogether,
  items: readonly ShareItem[],
  reencrypted: readonly Backup[],
  results: Map<ShareItem, WorkResult>,
): Promise<void> {
  const allowed: ShareItem[] = [];
  for (const item of items) {
    const refusal = refusalOf(context, item);
    if (refusal === undefined) allowed.push(item);
    else {
      context.report({ ...subjectFor(item), status: 'failed', error: refusal });
      results.set(item, DONE);
    }
  }
  await shareAllowed(context, allowed, reencrypted, results);
}

/** Messages may come from anybody who may send them: why this one is not obeyed, if it is not. */
function refusalOf(
  { config }: Pick<RunContext, 'config'>,
  { backup, operation }: ShareItem,
): ShelveryError | undefined {
  const { account } = operation;
  if (backup.foreign) {
    return new ShelveryError(
      'ConfigurationError',
      `${backup.id} was pulled from ${backup.srcAccount}, and what was pulled is not shared further.`,
    );
  }
  if (sharableWith(config.values).has(account)) return undefined;
  return new ShelveryError(
    'ConfigurationError',
    `${backup.id} was not shared with ${account}: neither shelvery_share_aws_account_ids nor shelvery_allowed_share_aws_account_ids names it.`,
  );
}

async function shareAllowed(
  context: SharingTogether,
  items: readonly ShareItem[],
  reencrypted: readonly Backup[],
  results: Map<ShareItem, WorkResult>,
): Promise<void> {
  const [first] = items;
  if (first === undefined) return;
  const { backup } = first;
  try {
    if (backup.found.notForOthers !== undefined)
      throw new ShelveryError('Unsupported', `${backup.id} was not shared: ${backup.found.notForOthers}.`);
    if (backup.found.archived === true) {
      throw new ShelveryError(
        'Unsupported',
        `${backup.id} is in the archive tier and cannot be shared; restore it to the standard tier first.`,
      );
    }
    const shared = await reencryptedInPlaceOf(context, backup, reencrypted);
    if (shared === undefined) {
      for (const item of items)
        results.set(item, { kind: 'not-yet', why: 'its re-encrypted snapshot is not available yet' });
      return;
    }
    await shareWithEach(context, items, shared, results);
  } catch (error) {
    for (const item of items)
      results.set(
        item,
        resultOfFailure(context, error, subjectFor(item), `re-encrypting ${backup.id} before it is shared`),
      );
  }
}

function subjectFor({ backup, operation }: ShareItem): OutcomeSubject {
  return subjectOfShare(backup, operation.account);
}

async function shareWithEach(
  context: SharingTogether,
  items: readonly ShareItem[],
  shared: Backup,
  results: Map<ShareItem, WorkResult>,
): Promise<void> {
  let isShared: boolean;
  try {
    isShared = await shareWithAll(context, items, shared);
  } catch (error) {
    for (const item of items) {
      const doing = `sharing ${shared.id} with ${item.operation.account}`;
      results.set(item, resultOfFailure(context, error, subjectFor(item), doing));
    }
    return;
  }
  for (const item of items) results.set(item, await shareWith(context, item, shared, isShared));
}

/**
 * Shares with all accounts in one call. Where that fails, nobody is lost for it: each is then shared with by itself, and its
 * own refusal is told.
 *
 * @returns whether all is done.
 * @throws what may pass: it would be the same for each.
 */
async function shareWithAll(
  { adapter, log }: Pick<RunContext, 'adapter' | 'log'>,
  items: readonly ShareItem[],
  shared: Backup,
): Promise<boolean> {
  if (items.length < 2 || adapter.share === undefined) return false;
  const accounts = items.map(({ operation }) => operation.account);
  try {
    await adapter.share(shared, accounts);
    return true;
  } catch (error) {
    if (isPassing(error)) throw error;
    const { message } = toShelveryError(error, `sharing ${shared.id} with ${accounts.join(', ')}`);
    log.info('SHELVERY_SHARED_SINGLY', `${message} It is shared with each by itself.`, { backupId: shared.id });
    return false;
  }
}

async function shareWith(
  context: Pick<RunContext, 'adapter' | 'config' | 'home' | 'keys' | 'report' | 'store'> & {
    readonly pulled: PulledFiles;
  },
  item: ShareItem,
  shared: Backup,
  isShared: boolean,
): Promise<WorkResult> {
  const { account } = item.operation;
  const subject = subjectFor(item);
  try {
    if (context.adapter.share === undefined) {
      context.report({
        ...subject,
        status: 'ignored',
        reason: `${context.adapter.resourceNoun} backups cannot be shared`,
      });
      return DONE;
    }
    if (!isShared) {
      const refusal = await shareAlone(context, shared, account);
      if (refusal !== undefined) {
        context.report({ ...subject, status: 'failed', error: refusal });
        return DONE;
      }
    }
    const { key, found, owner } = await writeSharedFile(context, item, shared);
    context.report({
      ...subject,
      backupS3Location: key,
      bucket: context.store.bucketName(shared.region),
      ...(owner === undefined
        ? { status: 'ok', ...(found === undefined ? {} : { already: true, message: FOUND_FILE[found](account) }) }
        : {
            status: 'ignored',
            reason: `${owner.id} is the same backup and older: the file that ${account} pulls by stays that one's`,
          }),
    });
    return DONE;
  } catch (error) {
    return resultOfFailure(context, error, subject, `sharing ${shared.id} with ${account}`);
  }
}

/** @returns the refusal that no later try mends, where it is one of its key. */
async function shareAlone(
  context: Pick<RunContext, 'adapter' | 'keys'>,
  shared: Backup,
  account: AccountId,
): Promise<ShelveryError | undefined> {
  try {
    await context.adapter.share?.(shared, [account]);
    return undefined;
  } catch (error) {
    const refusal = await refusedForItsKey(context, shared, account, error);
    if (refusal === undefined) throw error;
    return refusal;
  }
}

/** What is said of a file that was found, and not written. */
const FOUND_FILE = {
  pulled: (account: AccountId) => `${account} has pulled it already: nothing was offered to it again`,
  waiting: (account: AccountId) => `already shared; ${account} has yet to pull it`,
} as const;

/**
 * Writes the file for an account, unless that has pulled the backup already: it would pull it twice. A file that the
 * account refused is written again.
 *
 * @param item of the backup itself.
 * @param shared what the account can copy: the backup, or its re-encrypted snapshot.
 */
async function writeSharedFile(
  context: Pick<RunContext, 'adapter' | 'config' | 'home' | 'store'> & { readonly pulled: PulledFiles },
  { backup: original, operation }: ShareItem,
  shared: Backup,
): Promise<{ readonly key: string; readonly found?: keyof typeof FOUND_FILE; readonly owner?: FileOwner }> {
  const { adapter, pulled } = context;
  const { type } = adapter;
  const { account, anew = false } = operation;
  const name = recordName(shared);
  const done = await pulled.find(account, name, original);
  const key = sharedKey(account, type, name);
  if (done !== undefined) {
    // What waits under this name is another's: the account would pull it, too.
    if (anew) await removeFile(context, shared.region, key);
    return { key: done, found: 'pulled' };
  }
  if (await isWrittenAlready(context, shared, key)) return { key, found: 'waiting' };
  const text = formatMetadata(metadataOf(shared, type));
  const { already, owner } = await writeOwnFile(context, shared, { key, text, anew });
  return { key, ...(already ? { found: 'waiting' } : {}), ...present({ owner }) };
}

async function removeFile({ store }: Pick<RunContext, 'store'>, region: Region, key: string): Promise<void> {
  const [failed] = await store.delete(region, [key]);
  if (failed === undefined) return;
  const { code, message } = failed;
  throw new ShelveryError('AwsError', `${key} could not be deleted: ${code}: ${message}`, { mendable: true });
}
