import type { DelayedOperation } from './delayed.js';

/**
 * A delayed operation in words: a backup may have several of one kind, each for another region or account.
 *
 * @example 'do_copy_backup of snap-1 in eu-west-1 to eu-central-1'
 */
export function operationText(operation: DelayedOperation): string {
  const { action, backupId, region } = operation;
  return `${action} of ${backupId} in ${region}${destinationText(operation)}`;
}

function destinationText(operation: DelayedOperation): string {
  switch (operation.action) {
    case 'do_copy_backup':
      return ` to ${operation.toRegion}`;
    case 'do_share_backup':
      return ` with ${operation.account}`;
    case 'do_store_backup_data':
    case 'do_archive_backup':
      return '';
  }
}
