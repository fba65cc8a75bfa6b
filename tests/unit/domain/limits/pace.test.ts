import { describe, expect, it } from '@jest/globals';
import { afterCall, afterRefusal, paceOf, waitBefore } from '../../../../layers/engine/src/domain/limits/pace.js';
import type { Pace } from '../../../../layers/engine/src/domain/limits/pace.js';

const BUCKET = { size: 100, perSecond: 5 };
/** What is left for calls that come early. */
const CUSHION = 6;
/** A documented pace after calls at 0. */
const used = (calls = BUCKET.size): Pace => callsAt(paceOf(BUCKET, 0), calls, 0);
/** Until the next call, once those tokens have come that are left for calls which come early. */
const WITH_CUSHION_MS = ((1 + CUSHION) / BUCKET.perSecond) * 1000;

function callsAt(pace: Pace, calls: number, now: number): Pace {
  return Array.from({ length: calls }).reduce<Pace>((before) => afterCall(before, now), pace);
}

describe('a documented pace', () => {
  it('lets as many calls go at once as the bucket holds, and then leaves some for calls that come early', () => {
    expect(waitBefore(used(99), 0)).toBe(0);
    expect(waitBefore(used(100), 0)).toBe(WITH_CUSHION_MS);
  });

  it('lets no more of them go because they are slow to begin', () => {
    // AWS adds its tokens later than by this reckoning.
    expect(waitBefore(callsAt(used(94), 6, 900), 900)).toBeGreaterThan(0);
  });

  it('then goes at the documented rate', () => {
    const one = afterCall(used(), WITH_CUSHION_MS);
    expect(waitBefore(one, WITH_CUSHION_MS)).toBe(200);
    expect(waitBefore(one, WITH_CUSHION_MS + 150)).toBeCloseTo(50);
    expect(waitBefore(one, WITH_CUSHION_MS + 200)).toBe(0);
  });

  it('fills up while nothing is called, and no further', () => {
    const rested = callsAt(used(), 94, 3_600_000);
    expect(waitBefore(rested, 3_600_000)).toBe(200);
  });

  it('stands still while the clock goes back', () => {
    expect(waitBefore(used(), -60_000)).toBe(WITH_CUSHION_MS);
  });

  it('is lowered when a call is refused that was made as soon as it might be', () => {
    const refused = afterRefusal(used(), 0, 0);
    expect(refused.perSecond).toBeCloseTo(3.5);
    // The tokens for early calls come first.
    expect(waitBefore(refused, 0)).toBeCloseTo(((1 + 4.5) / 3.5) * 1000);
  });

  it('only takes its bucket for empty when tokens should have been left: somebody else used them', () => {
    const refused = afterRefusal(used(10), 0, 0);
    expect(refused.perSecond).toBe(5);
    expect(waitBefore(refused, 0)).toBe(((1 + CUSHION) / 5) * 1000);
    expect(afterRefusal(used(93), 0, 0).perSecond).toBe(5);
  });

  it('is lowered once by calls that were under way together', () => {
    const refused = afterRefusal(used(), 0, 100);
    expect(afterRefusal(refused, 50, 110)).toBe(refused);
    expect(afterRefusal(refused, 120, 130).perSecond).toBeLessThan(refused.perSecond);
  });

  it('is lowered by what is refused after the clock was set back', () => {
    const refused = afterRefusal(used(), 100_000, 100_000);
    const called = afterCall(refused, 40_000);
    expect(afterRefusal(called, 40_000, 40_000).perSecond).toBeLessThan(refused.perSecond);
  });

  it('rises again slowly, to what is documented', () => {
    const refused = afterRefusal(used(), 0, 0);
    expect(afterCall(refused, 30_000).perSecond).toBeCloseTo(3.5 + 30 * 5 * 0.005);
    expect(afterCall(refused, 3_600_000).perSecond).toBe(5);
  });

  it('never falls below a tenth of what is documented', () => {
    let pace = used();
    for (let second = 1; second <= 60; second += 1) pace = afterRefusal(afterCall(pace, second), second, second);
    expect(pace.perSecond).toBeCloseTo(0.5, 3);
  });
});

describe('a pace that no page states', () => {
  it('knows no limit until a call is refused', () => {
    expect(waitBefore(callsAt(paceOf(undefined, 0), 10_000, 0), 0)).toBe(0);
  });

  it('knows one by a call that is refused after the clock was set back', () => {
    const called = callsAt(paceOf(undefined, 100_000), 20, 40_000);
    expect(afterRefusal(called, 40_000, 40_000).perSecond).toBeCloseTo(14);
  });

  it('then goes at seven tenths of the rate at which calls were made', () => {
    let pace = paceOf(undefined, 0);
    for (let ms = 50; ms <= 10_000; ms += 50) pace = afterCall(pace, ms);
    const refused = afterRefusal(pace, 10_000, 10_000);
    expect(refused.perSecond).toBeCloseTo(14, 0);
    expect(afterCall(refused, 20_000).perSecond).toBeGreaterThan(refused.perSecond);
  });

  it('goes by the calls of the first half second where the first ones are refused', () => {
    expect(afterRefusal(callsAt(paceOf(undefined, 0), 20, 0), 0, 100).perSecond).toBeCloseTo(14);
  });

  it('goes by the rate of each half second that is over, whenever it began', () => {
    const pace = afterCall(callsAt(paceOf(undefined, 1_000_000), 20, 1_000_000), 1_000_500);
    expect(afterRefusal(pace, 1_000_500, 1_000_500).perSecond).toBeCloseTo(0.7 * 42 * 0.8);
  });

  it('waits, rises by a fiftieth each second, and saves up what goes in one second', () => {
    const refused = afterRefusal(callsAt(paceOf(undefined, 0), 20, 0), 0, 0);
    expect(waitBefore(refused, 0)).toBeCloseTo(((1 + 15) / 14) * 1000);
    expect(afterCall(refused, 10_000).perSecond).toBeCloseTo(14 + 10 * 20 * 0.02);
    expect(waitBefore(callsAt(refused, 19, 3_600_000), 3_600_000)).toBe(0);
    expect(waitBefore(callsAt(refused, 20, 3_600_000), 3_600_000)).toBeGreaterThan(0);
  });

  it('never falls below one call in two seconds', () => {
    let pace = paceOf(undefined, 0);
    for (let second = 1; second <= 60; second += 1) pace = afterRefusal(afterCall(pace, second), second, second);
    expect(pace.perSecond).toBeCloseTo(0.5, 1);
  });
});
