import { sharedPrefix, nameOfKey } from '../domain/keys.js';
import { MAX_METADATA_BYTES, parseMetadata } from '../domain/metadata.js';
import { verifyMetadata } from '../domain/metadata-verify.js';
import type { SharedFile } from '../domain/plan-pull.js';
import { BackupId } from '../domain/values.js';
import type { AccountId } from '../domain/values.js';
import { isShelveryError } from '../domain/errors.js';
import { toShelveryError } from '../domain/faults.js';
import type { StoredFile } from '../ports.js';
import type { RunContext } from './context.js';
import { isFileGone } from './shared-file-gone.js';

/** A file that can never be pulled, and why. */
export interface HopelessFile {
  readonly account: AccountId;
  readonly key: string;
  readonly reason: string;
  /** What was in it, as far as it was read. */
  readonly text: string | undefined;
}

/** Reads the files that an account has put for this one, and checks each against where it was found before anything is called. */
export async function readSharedFiles(
  context: RunContext,
  account: AccountId,
): Promise<{ readonly files: readonly SharedFile[]; readonly hopeless: readonly HopelessFile[] }> {
  const { home, store, adapter } = context;
  const prefix = sharedPrefix(home.accountId, adapter.type);
  const listed = await store.list(home.region, prefix, account);
  const files: SharedFile[] = [];
  const hopeless: HopelessFile[] = [];
  await Promise.all(
    listed
      .filter((item) => item.key !== prefix)
      .map((item) =>
        context.limit(async () => {
          const read = await readOne(context, account, item, prefix);
          if (read === undefined) return;
          if ('reason' in read) hopeless.push(read);
          else files.push(read);
        }),
      ),
  );
  return { files, hopeless };
}

/** The name in a key, made harmless where it is none of ours. */
export function nameInKey(key: string, prefix: string): string {
  return nameOfKey(key, prefix) ?? key.slice(prefix.length).replace(/\.yaml$/, '').replace(/[^A-Za-z0-9-]+/g, '-').slice(0, 200);
}

async function readOne(context: RunContext, account: AccountId, item: StoredFile, prefix: string): Promise<SharedFile | HopelessFile | undefined> {
  const { home, store, adapter } = context;
  const { key, lastModified, size } = item;
  const refuse = (reason: string, text?: string): HopelessFile => ({ account, key, reason, text });
  const name = nameOfKey(key, prefix);
  if (name === undefined) return refuse('its key is not <name>.yaml with a name of letters, digits and hyphens');
  if (size > MAX_METADATA_BYTES) return refuse(`it has ${String(size)} bytes; at most ${String(MAX_METADATA_BYTES)} are read`);
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
  const verdict = verifyMetadata(parsed, { accountId: account, region: home.region, type: adapter.type, name, lastModified });
  if ('problem' in verdict) return refuse(verdict.problem, text);
  const id = BackupId.safeParse(parsed.document.backup_id);
  if (!id.success) return refuse('its backup_id is not an id', text);
  return { account, key, lastModified, id: id.data, text, document: parsed.document, prefix: parsed.prefix, createdAt: parsed.createdAt };
}
