import type { Backup, ServiceRules } from '../../domain/backup/backup.js';
import { parseSource } from '../../domain/backup/copy-source.js';
import type { PulledFrom } from '../../domain/delayed.js';
import { ShelveryError } from '../../domain/errors.js';
import { nameOfKey, sharedKey, sharedPrefix } from '../../domain/files/keys.js';
import { MAX_SHARED_BYTES, parseMetadata } from '../../domain/files/metadata.js';
import { isMadeFrom } from '../../domain/plan/plan-pull.js';
import type { OutcomeSubject } from '../../domain/telling/outcome.js';
import type { AccountId } from '../../domain/values.js';
import type { RunContext } from '../context.js';
import { moveFile } from './move-file.js';
import { isFileGone } from './shared-file-gone.js';
import { subjectOf } from '../identify.js';

/**
 * Moves the shared file that a pulled copy was made from to `-processed`, once the copy is available and stored. A file
 * that is gone was moved by an earlier run. One that is of another backup stays, and is told of: whoever sent the message
 * would have it never pulled.
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
  const subject: OutcomeSubject = { ...subjectOf('PullSharedBackup', copy), sourceAccount: from.account };
  const stays = (): void => {
    const error = new ShelveryError(
      'MetadataRefused',
      `${copy.id} was not copied from what ${from.key} of ${from.account} names. The file stays for the next pull_shared_backups.`,
    );
    context.report({ ...subject, backupS3Location: from.key, status: 'failed', error });
  };
  const name = nameOfKey(from.key, sharedPrefix(home.accountId, adapter.type));
  if (name === undefined) {
    stays();
    return;
  }
  const bucket = store.bucketName(home.region, from.account);
  const processed = sharedKey(home.accountId, adapter.type, name, 'processed');
  let text: string;
  try {
    text = await store.get(home.region, from.key, { maxBytes: MAX_SHARED_BYTES, account: from.account });
  } catch (error) {
    if (await isFileGone(context, from, error)) return;
    throw error;
  }
  if (!isOf(copy, from.account, text, adapter.rules)) {
    stays();
    return;
  }
  await moveFile(context, { region: home.region, account: from.account }, from.key, processed, text);
  context.report({
    ...subject,
    bucket,
    backupS3Location: from.key,
    newS3Location: processed,
    status: 'ok',
    message: `copied from ${parseSource(copy.source)?.id ?? copy.name}`,
  });
}

/** Whether a copy is of the backup that a file of an account describes. */
function isOf(copy: Backup, account: AccountId, text: string, rules: ServiceRules): boolean {
  const parsed = parseMetadata(text);
  if ('problem' in parsed) return false;
  const { document, createdAt } = parsed;
  return isMadeFrom(copy, { account, id: document.backup_id, document, createdAt }, rules);
}
