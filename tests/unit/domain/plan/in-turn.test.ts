import { describe, expect, it } from '@jest/globals';
import { inTurn } from '../../../../layers/engine/src/domain/plan/in-turn.js';

const order = (...lists: readonly (readonly number[])[]): readonly number[] => inTurn(lists, (age) => new Date(age));

describe('inTurn', () => {
  it.each([
    [[], []],
    [[[]], []],
    [[[1]], [1]],
    [[[3, 1, 2]], [1, 3, 2]],
    [[[1, 2, 3, 4, 5]], [1, 5, 2, 4, 3]],
    [
      [[1, 2, 3, 4], [10], [20, 21]],
      [1, 10, 20, 4, 21, 2, 3],
    ],
  ])('takes the lists in turn, and the oldest and the newest of each: %j', (lists, expected) => {
    expect(order(...lists)).toEqual(expected);
  });
});
