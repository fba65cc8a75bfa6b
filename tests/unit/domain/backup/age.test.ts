import { describe, expect, it } from '@jest/globals';
import { areOfOneMaking, isOfEarlier, olderFirst } from '../../../../layers/engine/src/domain/backup/age.js';
import { AccountId, ResourceId } from '../../../../layers/engine/src/domain/values.js';
import { DR, backup, utc } from '../builders.js';

const found = (id: string, startedAt?: string) => {
  const { startedAt: _, ...rest } = backup({ id }).found;
  return startedAt === undefined ? rest : { ...rest, startedAt: utc(startedAt) };
};

describe('the order of backups by age', () => {
  it.each([
    ['the one that was begun first', found('snap-2', '2026-11-24 03:01'), found('snap-1', '2026-11-24 03:02')],
    ['of two of one moment the lesser id', found('snap-1', '2026-11-24 03:01'), found('snap-2', '2026-11-24 03:01')],
    ['one of which no time is known', found('snap-2'), found('snap-1', '2026-11-24 03:01')],
  ])('begins with %s', (_, older, younger) => {
    expect([younger, older].sort(olderFirst)).toEqual([older, younger]);
    expect([older, younger].sort(olderFirst)).toEqual([older, younger]);
  });
});

describe('a file that was written before a backup was begun', () => {
  const now = utc('2026-11-24 12:00');
  const made = { ...backup(), createdAt: utc('2026-11-24 03:00'), found: found('snap-1', '2026-11-24 03:02') };

  it.each([
    ['in the second before', made, new Date('2026-11-24T03:01:59Z'), true],
    ['in the same second', made, new Date('2026-11-24T03:02:00Z'), false],
    [
      'after the time that it is of, and before its copying',
      { ...made, copiedAt: utc('2026-11-24 05:00') },
      utc('2026-11-24 04:00'),
      true,
    ],
    [
      'a quarter of an hour before a time that a tag tells, and a second',
      { ...made, copiedAt: utc('2026-11-24 05:00') },
      new Date('2026-11-24T04:44:59Z'),
      true,
    ],
    [
      'a quarter of an hour before that: so far ahead may the clock be that told it',
      { ...made, copiedAt: utc('2026-11-24 05:00') },
      utc('2026-11-24 04:45'),
      false,
    ],
    [
      'long before the time that it is of, where its service tells none',
      { ...made, found: found('snap-1') },
      utc('2026-11-24 02:44'),
      true,
    ],
    [
      'before a time that is yet to come',
      { ...made, copiedAt: utc('2026-11-24 12:01') },
      utc('2026-11-24 04:00'),
      false,
    ],
    ['before a time that has just come', { ...made, copiedAt: now }, utc('2026-11-24 04:00'), true],
  ])('is of an earlier one: %s', (_, of, written, expected) => {
    expect(isOfEarlier(of, written, now)).toBe(expected);
  });

  it('is told by whole seconds', () => {
    const late = { ...made, found: { ...made.found, startedAt: new Date('2026-11-24T03:02:00.900Z') } };
    expect(isOfEarlier(late, new Date('2026-11-24T03:02:00Z'), now)).toBe(false);
  });
});

describe('backups of one making', () => {
  const one = backup();
  it.each([
    ['the same in another region', { ...one, region: DR }, true],
    ['another account', { ...one, srcAccount: AccountId.parse('333333333333') }, false],
    ['another resource', { ...one, entityId: ResourceId.parse('vol-other') }, false],
    ['another region of the resource', { ...one, originRegion: DR }, false],
    ['another time', { ...one, createdAt: utc('2020-01-01') }, false],
    ['another retention type', { ...one, retentionType: 'yearly' }, false],
  ])('%s: %#', (_, other, expected) => {
    expect(areOfOneMaking(one, other)).toBe(expected);
  });
});
