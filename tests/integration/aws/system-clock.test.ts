import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../layers/engine/src/aws/system-clock.js';

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
