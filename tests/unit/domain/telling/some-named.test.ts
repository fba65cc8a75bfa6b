import { describe, expect, it } from '@jest/globals';
import { someNamed } from '../../../../layers/engine/src/domain/telling/some-named.js';

describe('someNamed', () => {
  it.each([
    [[], ''],
    [['a'], 'a'],
    [['a', 'b'], 'a, b'],
    [['a', 'b', 'c'], 'a, b and 1 more'],
    [['a', 'b', 'c', 'd'], 'a, b and 2 more'],
  ])('of %j with two to name is "%s"', (names, text) => {
    expect(someNamed(names, 2)).toBe(text);
  });
});
