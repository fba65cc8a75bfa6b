import type { SharedFile } from '../../domain/plan/plan-pull.js';
import type { OutcomeSubject } from '../../domain/telling/outcome.js';
import type { RunContext } from '../context.js';
import type { HopelessFile } from './read-shared-files.js';

/** What an outcome of a file is about, by its backup. */
export function subjectFor(context: Pick<RunContext, 'home' | 'store'>, file: SharedFile): OutcomeSubject {
  return {
    operation: 'PullSharedBackup',
    backupName: file.document.name,
    entityId: file.document.entity_id,
    retentionType: file.document.retention_type,
    sourceAccount: file.account,
    region: context.home.region,
    bucket: context.store.bucketName(context.home.region, file.account),
    backupS3Location: file.key,
  };
}

/** The same where nothing is known of the backup, or believed. */
export function subjectOfFile(
  { home, store }: Pick<RunContext, 'home' | 'store'>,
  { account, key }: Pick<HopelessFile, 'account' | 'key'>,
): OutcomeSubject {
  return {
    operation: 'PullSharedBackup',
    sourceAccount: account,
    bucket: store.bucketName(home.region, account),
    backupS3Location: key,
  };
}
