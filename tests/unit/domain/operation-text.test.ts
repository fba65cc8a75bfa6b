import { describe, expect, it } from '@jest/globals';
import type { DelayedOperation } from '../../../layers/engine/src/domain/delayed.js';
import { operationText } from '../../../layers/engine/src/domain/operation-text.js';
import { BackupId } from '../../../layers/engine/src/domain/values.js';
import { DR, LOCAL, OTHER_ACCOUNT } from './builders.js';

const of = { backupId: BackupId.parse('snap-1'), region: LOCAL };

describe('operationText', () => {
  it.each<[DelayedOperation, string]>([
    [{ action: 'do_store_backup_data', ...of }, `do_store_backup_data of snap-1 in ${LOCAL}`],
    [{ action: 'do_copy_backup', ...of, toRegion: DR }, `do_copy_backup of snap-1 in ${LOCAL} to ${DR}`],
    [
      { action: 'do_share_backup', ...of, account: OTHER_ACCOUNT },
      `do_share_backup of snap-1 in ${LOCAL} with ${OTHER_ACCOUNT}`,
    ],
    [{ action: 'do_archive_backup', ...of }, `do_archive_backup of snap-1 in ${LOCAL}`],
  ])('of %j names what tells it from others', (operation, text) => {
    expect(operationText(operation)).toBe(text);
  });
});
