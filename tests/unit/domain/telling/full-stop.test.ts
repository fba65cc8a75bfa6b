import { describe, expect, it } from '@jest/globals';
import { withoutFullStop } from '../../../../layers/engine/src/domain/telling/full-stop.js';

describe('withoutFullStop', () => {
  it.each([
    ['It is away.', 'It is away'],
    ['It is away', 'It is away'],
    ['It is away. \n', 'It is away'],
    ['It is away…', 'It is away…'],
    ['Version 1.2 is away..', 'Version 1.2 is away'],
    ['', ''],
  ])('of %j leaves %j', (reason, text) => {
    expect(withoutFullStop(reason)).toBe(text);
  });
});
