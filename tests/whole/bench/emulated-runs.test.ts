import { describe, expect, it } from '@jest/globals';
import { copyInMemory, measureSets } from '../../bench/emulated-runs.js';

describe("a whole run against AWS's own limits, in emulated time", () => {
  it('makes sets as fast as AWS takes them, while it names what is made, and is never refused', async () => {
    const { made, named } = await measureSets(440);
    expect(made).toMatchObject({ failed: 0, refused: 0 });
    expect(named).toMatchObject({ failed: 0, refused: 0 });
    // Lists and the ways to AWS and back.
    expect(made.seconds).toBeLessThanOrEqual(made.bound + 5);
    expect(named.seconds).toBeLessThanOrEqual(named.bound + 5);
  });

  it('makes each copy once where AWS runs 20 at a time, and asks for one more at each look', async () => {
    const { copies, log, result } = await copyInMemory(50, 604_800);
    expect(result.report.summary).toMatchObject({ failed: 0 });
    expect(new Set(copies.map(({ tags }) => tags.get('shelvery:dr_source_backup'))).size).toBe(50);
    expect(copies).toHaveLength(50);
    // At the first look 20 are made and 1 is refused, where 29 more wait.
    const { calls, refused } = log;
    expect(refused.get('ec2:CopySnapshot')).toBeLessThan(3 * 50);
    expect(calls.get('ec2:DescribeSnapshots')).toBeLessThan(15 * 50);
  });

  it('gives up what has waited too long, those among it that were not asked about at the last look', async () => {
    const { copies, result } = await copyInMemory(50, 600);
    const ofCopies = result.outcomes.filter(({ operation }) => operation === 'CopyBackupToRegion');
    const late = ofCopies.flatMap((outcome) => (outcome.status === 'failed' ? [outcome.error] : []));
    expect(copies.length).toBeLessThan(50);
    expect(ofCopies.filter(({ status }) => status === 'ok')).toHaveLength(copies.length);
    expect(late).toHaveLength(50 - copies.length);
    for (const error of late) {
      expect(error).toMatchObject({ code: 'TimedOut', message: expect.stringContaining('ResourceLimitExceeded') });
    }
  });
});
