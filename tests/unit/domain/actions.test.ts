import { describe, expect, it } from '@jest/globals';
import { COMMANDS, onlyLooks } from '../../../layers/engine/src/domain/actions.js';

describe('what a command does', () => {
  it('is to look alone, but for those that make, change or send something', () => {
    expect(COMMANDS.filter((command) => !onlyLooks(command))).toEqual([
      'create_backups',
      'clean_backups',
      'pull_shared_backups',
      'create_data_buckets',
      'archive_pending_backups',
    ]);
  });
});
