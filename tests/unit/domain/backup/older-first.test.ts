import { describe, expect, it } from '@jest/globals';
import { olderFirst } from '../../../../layers/engine/src/domain/backup/older-first.js';
import { backup, utc } from '../builders.js';

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
