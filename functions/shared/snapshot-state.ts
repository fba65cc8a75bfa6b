import type { BackupState } from '@shelvery/engine';

/**
 * What a database service's word for a snapshot's progress means; `deleting` and `deleted` count as gone.
 */
export function snapshotState(status: string | undefined): BackupState | 'gone' {
  switch (status) {
    case 'available':
      return 'available';
    case 'failed':
    case 'cancelled':
      return 'failed';
    case 'deleting':
    case 'deleted':
      return 'gone';
    default:
      return 'pending';
  }
}
