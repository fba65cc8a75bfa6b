import { describe, expect, it } from '@jest/globals';
import { leastSeconds, leastTime } from '../../../../layers/engine/src/domain/limits/least-time.js';

describe('leastTime', () => {
  it('tells how long AWS makes many backups take', () => {
    expect(leastTime('ebs', 'create', 10_000)).toEqual({
      action: 'ec2:CreateSnapshot',
      seconds: 1_980,
      text: 'AWS takes 100 calls of ec2:CreateSnapshot at once, then 5 a second: 10,000 take at least 33 minutes',
    });
    expect(leastTime('ec2ami', 'remove', 100_100)?.text).toMatch(
      /ec2:DeregisterImage .* 100,100 take at least 5 hours 33 minutes$/,
    );
    expect(leastTime('ec2ami', 'remove', 1_000_100)?.text).toMatch(/ 2 days 7 hours 33 minutes$/);
  });

  it('says nothing of less than a minute', () => {
    expect(leastTime('ebs', 'remove', 399)).toBeUndefined();
    expect(leastTime('ebs', 'remove', 400)?.seconds).toBe(60);
  });

  it('counts sets by their calls, and their backups by the calls that give them their tags', () => {
    expect(leastTime('ebs', 'set', 2_500)).toMatchObject({ action: 'ec2:CreateSnapshots', seconds: 480 });
    expect(leastTime('ebs', 'name', 10_000)).toMatchObject({ action: 'ec2:CreateTags', seconds: 990 });
    expect(leastTime('ec2ami', 'set', 2_500)).toBeUndefined();
  });

  it.each([
    ['ebs', 'copy', 'ec2:CopySnapshot', 350],
    ['ebs', 'share', 'ec2:ModifySnapshotAttribute', 400],
    ['ec2ami', 'copy', 'ec2:CopyImage', 160],
    ['ec2ami', 'share', 'ec2:ModifyImageAttribute', 400],
  ] as const)('of %s knows what it takes to %s them: %s', (type, doing, action, inAMinute) => {
    expect(leastTime(type, doing, inAMinute)).toMatchObject({ action, seconds: 60 });
    expect(leastTime(type, doing, inAMinute - 1)).toBeUndefined();
  });

  it.each(['create', 'remove', 'copy', 'share'] as const)('says nothing where no page states a rate: %s', (doing) => {
    for (const type of ['rds', 'rds_cluster', 'docdb', 'redshift'] as const)
      expect(leastTime(type, doing, 100_000)).toBeUndefined();
  });
});

describe('leastSeconds', () => {
  it.each([
    ['what AWS takes at once', 'ebs', 100, 0],
    ['fewer than that', 'ebs', 3, 0],
    ['some more', 'ebs', 150, 10],
    ['what no page states a rate of', 'rds', 10_000, 0],
  ] as const)('of %s', (_, type, calls, seconds) => {
    expect(leastSeconds(type, 'create', calls)).toBe(seconds);
  });
});
