import { describe, expect, it } from '@jest/globals';
import { BackupId, Region, ShelveryError } from '@shelvery/engine/terminal';
import type { Outcome } from '@shelvery/engine/terminal';
import { createTally, tallyText } from '../../../cli/tally.js';
import { countedOf } from '../../../layers/engine/src/domain/telling/outcome.js';

const copy = (id: string): Pick<Outcome, 'operation' | 'backupId' | 'destinationRegion'> => ({
  operation: 'CopyBackupToRegion',
  backupId: BackupId.parse(id),
  destinationRegion: Region.parse('eu-central-1'),
});
const begun = (id: string): Outcome => ({ ...copy(id), status: 'ok' });
const failed = (id: string): Outcome => ({
  ...copy(id),
  status: 'failed',
  error: new ShelveryError('BackupFailed', 'x'),
});
const made: Outcome = { operation: 'CreateBackup', status: 'ok' };

describe('what a run says it did', () => {
  it('counts no copy as copied that failed, however often it was begun', () => {
    const outcomes = [made, begun('snap-1'), failed('snap-1'), begun('snap-1'), failed('snap-1'), begun('snap-2')];
    expect(tallyText(createTally(outcomes, 2))).toBe('2 found, 1 created, 1 copied, 0 skipped, 2 failed');
    expect(countedOf(outcomes)).toEqual([made, failed('snap-1'), failed('snap-1'), begun('snap-2')]);
  });

  it('counts a copy that failed and was made again', () => {
    const outcomes = [begun('snap-1'), failed('snap-1'), begun('snap-1')];
    expect(tallyText(createTally(outcomes))).toBe('0 found, 1 copied, 0 skipped, 1 failed');
    expect(countedOf(outcomes)).toEqual([failed('snap-1'), begun('snap-1')]);
  });

  it('counts a copy once that was begun again, and one that was found made beside it', () => {
    const again = begun('snap-1');
    const found: Outcome = { ...copy('snap-1'), status: 'ok', already: true };
    expect(countedOf([begun('snap-1'), again])).toEqual([again]);
    expect(countedOf([begun('snap-1'), again, failed('snap-1')])).toEqual([failed('snap-1')]);
    expect(countedOf([again, found])).toEqual([again, found]);
    expect(tallyText(createTally([begun('snap-1'), again]))).toBe('0 found, 1 copied, 0 skipped, 0 failed');
    expect(tallyText(createTally([begun('snap-1'), again, failed('snap-1')]))).toBe('0 found, 0 skipped, 1 failed');
  });

  it('takes a failure of something else for no copy that failed', () => {
    const other: Outcome = { operation: 'CreateBackup', status: 'failed', error: new ShelveryError('AwsError', 'x') };
    expect(tallyText(createTally([made, begun('snap-1'), other]))).toBe(
      '0 found, 1 created, 1 copied, 0 skipped, 1 failed',
    );
    expect(countedOf([failed('snap-1'), made])).toHaveLength(2);
  });

  it('says apart what earlier runs had done', () => {
    const found: Outcome = { operation: 'CreateBackup', status: 'ok', already: true };
    expect(
      tallyText(
        createTally(
          Array.from({ length: 6 }, () => found),
          6,
        ),
      ),
    ).toBe('6 found, 6 already done, 0 skipped, 0 failed');
  });
});
