import { describe, expect, it } from '@jest/globals';
import { parseSource } from '../../../../layers/engine/src/domain/backup/copy-source.js';

describe('the source of a copy', () => {
  it.each([
    ['a snapshot id', 'eu-west-1:snap-0123', { region: 'eu-west-1', id: 'snap-0123' }],
    ['an id that holds colons itself', 'us-gov-east-1:rds:db-1-2026', { region: 'us-gov-east-1', id: 'rds:db-1-2026' }],
  ])('is a region and %s', (_, text, source) => {
    expect(parseSource(text)).toEqual(source);
  });

  it.each([
    ['nothing', undefined],
    ['an empty text', ''],
    ['an id without a region', 'snap-0123'],
    ['a region without an id', 'eu-west-1:'],
    ['an id without its region', ':snap-0123'],
    ['a region that is not one', 'the-moon:snap-0123'],
    ['an id with a path in it', 'eu-west-1:../snap'],
  ])('is not understood of %s', (_, text) => {
    expect(parseSource(text)).toBeUndefined();
  });
});
