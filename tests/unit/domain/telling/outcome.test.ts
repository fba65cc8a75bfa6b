import { describe, expect, it } from '@jest/globals';
import { ShelveryError } from '../../../../layers/engine/src/domain/errors.js';
import { copyOf, countedOf } from '../../../../layers/engine/src/domain/telling/outcome.js';
import type { Outcome } from '../../../../layers/engine/src/domain/telling/outcome.js';
import { BackupId } from '../../../../layers/engine/src/domain/values.js';
import { DR, THIRD } from '../builders.js';

const copy = (id: string, destinationRegion = DR) =>
  ({ operation: 'CopyBackupToRegion', backupId: BackupId.parse(id), destinationRegion }) as const;
const begun = (...of: Parameters<typeof copy>): Outcome => ({ ...copy(...of), status: 'ok' });
const failed = (...of: Parameters<typeof copy>): Outcome => ({
  ...copy(...of),
  status: 'failed',
  error: new ShelveryError('AwsError', 'it failed'),
});

describe('which copy an outcome is about', () => {
  it('is told by the backup and the region that it goes to', () => {
    expect(copyOf(begun('snap-1'))).toBe(copyOf(failed('snap-1')));
    const others = [begun('snap-2'), begun('snap-1', THIRD)].map(copyOf);
    expect(new Set([copyOf(begun('snap-1')), ...others]).size).toBe(3);
  });

  it('is none of anything else', () => {
    expect(copyOf({ ...copy('snap-1'), operation: 'CreateBackup', status: 'ok' })).toBeUndefined();
    expect(
      copyOf({ operation: 'CopyBackupToRegion', backupId: BackupId.parse('snap-1'), status: 'ok' }),
    ).toBeUndefined();
    expect(copyOf({ operation: 'CopyBackupToRegion', destinationRegion: DR, status: 'ok' })).toBeUndefined();
  });
});

describe('what is counted', () => {
  it('is a copy that failed after it was begun once, as failed', () => {
    const outcomes = [begun('snap-1'), begun('snap-2'), failed('snap-1')];
    expect(countedOf(outcomes)).toEqual([begun('snap-2'), failed('snap-1')]);
  });

  it('is a copy that could not be begun, beside one that was', () => {
    const outcomes = [failed('snap-1'), begun('snap-1', THIRD), failed('snap-2')];
    expect(countedOf(outcomes)).toEqual(outcomes);
  });

  it('is everything that is no copy', () => {
    const made: Outcome = { operation: 'CreateBackup', backupId: BackupId.parse('snap-1'), status: 'ok' };
    const lost: Outcome = { ...failed('snap-1'), operation: 'CreateBackup' };
    expect(countedOf([made, lost])).toEqual([made, lost]);
  });
});
