import type { Backup } from '../../domain/backup/backup.js';
import { parseSource } from '../../domain/backup/copy-source.js';
import type { PulledFrom } from '../../domain/delayed.js';
import { nameOfKey, sharedKey, sharedPrefix } from '../../domain/files/keys.js';
import { MAX_SHARED_BYTES } from '../../domain/files/metadata.js';
import type { RunContext } from '../context.js';
import { moveFile } from './move-file.js';
import { isFileGone } from './shared-file-gone.js';
import { subjectOf } from '../identify.js';

/**
 * Moves the shared file that a pulled copy was made from to `-processed`, once the copy is available and stored. A file
 * that is gone was moved by an earlier run.
 *
 * @param from the file. Messages of the original do not name it: the next pull then finds and moves it.
 */
export async function finishPulled(
  context: Pick<RunContext, 'adapter' | 'home' | 'report' | 'store'>,
  copy: Backup,
  from: PulledFrom | undefined,
): Promise<void> {
  if (from === undefined) return;
  const { adapter, home, store } = context;
  const name = nameOfKey(from.key, sharedPrefix(home.accountId, adapter.type));
  if (name === undefined) return;
  const bucket = store.bucketName(home.region, from.account);
  const processed = sharedKey(home.accountId, adapter.type, name, 'processed');
  let text: string;
  try {
    text = await store.get(home.region, from.key, { maxBytes: MAX_SHARED_BYTES, account: from.account });
  } catch (error) {
    if (await isFileGone(context, from, error)) return;
    throw error;
  }
  await moveFile(context, { region: home.region, account: from.account }, from.key, processed, text);
  context.report({
    ...subjectOf('PullSharedBackup', copy),
    sourceAccount: from.account,
    bucket,
    backupS3Location: from.key,
    newS3Location: processed,
    status: 'ok',
    message: `copied from ${parseSource(copy.source)?.id ?? copy.name}`,
  });
}
