import { describe, expect, it } from '@jest/globals';
import { BACKUP_TYPES } from '../../layers/engine/src/domain/values.js';
import { PLACES, missingOf } from '../new-type/places.js';
import { NEW_TYPE, PAGE, PROJECT, readSteps, takeSteps, withFiles } from '../new-type/worked-example.js';

describe('every place that a backup type needs', () => {
  it.each(BACKUP_TYPES)('has %s', (type) => {
    expect(missingOf(type, PROJECT)).toEqual([]);
  });

  it.each(PLACES.map((place) => [place.where, place] as const))('is missed in %s when it is forgotten', (_, place) => {
    expect(place.missing('forgotten_type', PROJECT)).not.toEqual([]);
    for (const sentence of place.missing('forgotten_type', PROJECT)) expect(sentence).toMatch(/forgotten[_-]type.*\.$/);
  });
});

describe('the worked example', () => {
  const page = PROJECT.read(PAGE);

  it('leaves to do by hand what its last step says', () => {
    const then = withFiles(takeSteps(readSteps(page)));
    const left = PLACES.filter((place) => place.missing(NEW_TYPE, then).length > 0).map(({ where }) => where);
    const [, lastStep = ''] = /^## What is left by hand\n([\s\S]*?)^## /m.exec(page) ?? [];
    expect([...lastStep.matchAll(/^- `([^`]+)`/gm)].map(([, where]) => where)).toEqual(left);
  });
});
