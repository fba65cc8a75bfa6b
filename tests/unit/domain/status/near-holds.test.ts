import { describe, expect, it } from '@jest/globals';
import { nearHolds } from '../../../../layers/engine/src/domain/status/near-holds.js';
import { backup } from '../builders.js';

const told = (...backups: Parameters<typeof nearHolds>[0]) =>
  nearHolds(backups, 'shelvery').map(({ key, backups: those }) => [key, those.map(({ id }) => id)]);

describe('tags that were probably meant to hold', () => {
  it('are one for all their spellings', () => {
    expect(
      told(
        backup({ id: 'snap-1', tags: { 'shelvery:on_hold': 'x' } }),
        backup({ id: 'snap-2', tags: { LegalHold: 'x' } }),
        backup({ id: 'snap-3', tags: { 'shelvery:onHold': 'x' } }),
        backup({ id: 'snap-4', tags: { 'legal-hold': 'x' } }),
      ),
    ).toEqual([
      ['shelvery:on_hold', ['snap-1', 'snap-3']],
      ['LegalHold', ['snap-2', 'snap-4']],
    ]);
  });

  it('are none of what another account wrote on what was pulled from it', () => {
    const tags = Object.fromEntries(Array.from({ length: 25 }, (_, nth) => [`hold${'.'.repeat(nth)}`, 'x']));
    const more = { 'shelvery:cross_account_copy': 'true', 'shelvery:src_account': '222222222222' };
    expect(told(backup({ id: 'snap-1', tags: { ...tags, ...more } }))).toEqual([]);
  });
});
