import { describe, expect, it } from '@jest/globals';
import { isDrCopyOf, parseSource, sourceOf } from '../../../../layers/engine/src/domain/backup/copy-source.js';
import { BackupId } from '../../../../layers/engine/src/domain/values.js';
import { LOCAL, backup } from '../builders.js';
import type { BackupParts } from '../builders.js';

describe('the source of a copy', () => {
  it.each(['snap-0123', 'rds:web'])('is read as it was written, of %s', (text) => {
    const id = BackupId.parse(text);
    expect(parseSource(sourceOf(LOCAL, id))).toEqual({ region: LOCAL, id });
  });

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
    ['a region alone', 'eu-west-1'],
    ['a region and a digit', 'eu-west-10'],
    ['a region without an id', 'eu-west-1:'],
    ['an id without its region', ':snap-0123'],
    ['a region that is not one', 'the-moon:snap-0123'],
    ['an id with a path in it', 'eu-west-1:../snap'],
  ])('is not understood of %s', (_, text) => {
    expect(parseSource(text)).toBeUndefined();
  });
});

describe('the DR copy of a source', () => {
  const SOURCE = 'eu-west-1:snap-0';
  it.each<[string, BackupParts, boolean]>([
    ['is a DR copy that names it', { place: 'dr', source: SOURCE }, true],
    ['is none of another source', { place: 'dr', source: 'eu-west-1:snap-9' }, false],
    ['is none that was pulled', { place: 'pulled', source: SOURCE }, false],
    ['is no re-encrypted snapshot of it', { place: 'dr', source: SOURCE, name: 'web-re-encrypted' }, false],
  ])('%s', (_, parts, is) => {
    expect(isDrCopyOf(backup(parts), SOURCE)).toBe(is);
  });
});
