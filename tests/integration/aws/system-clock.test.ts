import { beforeEach, describe, expect, it } from '@jest/globals';
import { createAwsClock, systemClock } from '../../../layers/engine/src/aws/system-clock.js';

describe('systemClock', () => {
  it('tells the time', () => {
    expect(Math.abs(systemClock.now().getTime() - Date.now())).toBeLessThan(1_000);
  });

  it('sleeps, and wakes up at once when it is called off', async () => {
    await systemClock.sleep(1);
    const controller = new AbortController();
    const sleeping = systemClock.sleep(3_600_000, controller.signal);
    controller.abort();
    await expect(sleeping).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('createAwsClock', () => {
  const MINUTE = 60_000;
  let machine = Date.UTC(2026, 2, 3, 1);
  const clock = createAwsClock({
    now: () => new Date(machine),
    sleep: async () => {},
    timeout: (milliseconds) => AbortSignal.timeout(milliseconds),
  });
  const answer = (ahead: number, took = 0): void => {
    const answered = clock.correction?.asking();
    machine += took;
    answered?.(new Date(machine + ahead).toUTCString());
  };
  const ahead = (): number => clock.now().getTime() - machine;
  beforeEach(() => {
    answer(0);
  });

  it.each([
    ['by a minute', 59_000, 0],
    ['by more, ahead', 61_000, 61_000],
    ['by more, behind', -3 * 3_600_000, -3 * 3_600_000],
  ])("goes by AWS's time where they differ %s", (_much, by, corrected) => {
    answer(by);
    expect(ahead()).toBe(corrected);
    expect(clock.correction?.offset()).toBe(corrected);
  });

  it('takes a slow answer for a slow answer', () => {
    answer(-2 * MINUTE, 3 * MINUTE);
    expect(ahead()).toBe(0);
  });

  it("goes by the machine's time again once that has been set", () => {
    answer(120 * MINUTE);
    expect(ahead()).toBe(120 * MINUTE);
    answer(0);
    expect(ahead()).toBe(0);
  });

  it('stays as it is where an answer has no time', () => {
    answer(120 * MINUTE);
    clock.correction?.asking()(undefined);
    clock.correction?.asking()('yesterday');
    expect(ahead()).toBe(120 * MINUTE);
    answer(0);
  });
});
