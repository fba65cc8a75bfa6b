import type { DelayedMessage } from '../../../layers/engine/src/domain/delayed.js';
import { BackupId } from '../../../layers/engine/src/domain/values.js';
import { HOME_REGION } from './emulated-access.js';

/** So many messages, told apart by their backups' ids: `snap-0`, `snap-1` … */
export function delayedMessages(count: number, more: Partial<DelayedMessage> = {}): readonly DelayedMessage[] {
  return Array.from({ length: count }, (_, index): DelayedMessage => ({
    backupType: 'ebs',
    operation: { action: 'do_store_backup_data', backupId: BackupId.parse(`snap-${index}`), region: HOME_REGION },
    waiting: { attempt: 0 },
    ...more,
  }));
}
