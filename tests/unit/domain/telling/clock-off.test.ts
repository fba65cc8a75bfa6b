import { describe, expect, it } from '@jest/globals';
import { clockOffWarning } from '../../../../layers/engine/src/domain/telling/clock-off.js';

const MINUTE = 60_000;

describe('clockOffWarning', () => {
  it.each([0, 2 * MINUTE, -2 * MINUTE, 5 * MINUTE - 1])('says nothing of %i ms', (offset) => {
    expect(clockOffWarning(offset)).toBeUndefined();
  });

  it('says it of less where that is asked for', () => {
    expect(clockOffWarning(0, 1)).toBeUndefined();
    expect(clockOffWarning(-2 * MINUTE, 1)).toContain("This machine's clock is 2 minutes ahead of AWS's.");
  });

  it.each([
    [5 * MINUTE, '5 minutes behind'],
    [-90 * MINUTE, '1 hour, 30 minutes ahead of'],
    [26 * 60 * MINUTE, '1 day, 2 hours behind'],
    [-400 * 24 * 60 * MINUTE, '1 year, 1 month, 4 days ahead of'],
  ])('says how far it is off, and in which direction: %i ms', (offset, words) => {
    expect(clockOffWarning(offset)).toBe(
      `This machine's clock is ${words} AWS's. Shelvery goes by AWS's time; set the clock (for example by NTP).`,
    );
  });
});
