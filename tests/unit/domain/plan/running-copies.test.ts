import { describe, expect, it } from '@jest/globals';
import { sourcesOfRunningCopies } from '../../../../layers/engine/src/domain/plan/running-copies.js';
import { DR, LOCAL, read } from '../builders.js';

const ORIGINAL = read({ id: 'snap-1' });
const COPY = read({ id: 'snap-2', place: 'dr', source: `${LOCAL}:snap-1` });
const OTHER = read({ id: 'snap-3', entity: 'vol-3' });

describe('sourcesOfRunningCopies', () => {
  it('knows what a copy that is being made is made of', () => {
    const running = read({ id: 'snap-4', place: 'dr', source: `${LOCAL}:snap-1`, state: 'pending' });
    expect(sourcesOfRunningCopies([ORIGINAL, OTHER, running], 'shelvery')).toEqual([`${LOCAL}:snap-1`]);
  });

  it('knows of nothing that is made of a copy that is done, or of an original', () => {
    expect(sourcesOfRunningCopies([ORIGINAL, COPY, OTHER, read({ id: 'a', state: 'pending' })], 'shelvery')).toEqual(
      [],
    );
  });

  it('takes all backups of a name for the source of a copy that a person makes, tags and all', () => {
    const { found } = ORIGINAL.kind === 'backup' ? ORIGINAL.backup : ORIGINAL;
    const byHand = {
      kind: 'somebodys',
      found: { ...found, state: 'pending' },
      why: 'its volume is another',
    } as const;
    expect(sourcesOfRunningCopies([ORIGINAL, COPY, OTHER, byHand], 'shelvery')).toEqual([
      `${LOCAL}:snap-1`,
      `${DR}:snap-2`,
    ]);
    const nameless = { ...byHand, found: { ...byHand.found, tags: {} } };
    expect(sourcesOfRunningCopies([ORIGINAL, COPY, OTHER, nameless], 'shelvery')).toEqual([]);
  });
});
