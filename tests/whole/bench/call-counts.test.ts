import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { measureCalls, measureShares } from '../../bench/call-counts.js';
import { startEmulator } from '../../emulator/emulator.js';
import type { Emulator } from '../../emulator/emulator.js';

jest.setTimeout(300_000);

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ region: 'eu-west-1' });
});
afterAll(async () => {
  await emulator.stop();
});

describe('calls per backup of 400 volumes', () => {
  it('are at most 2.1 to create and 2.1 to remove', async () => {
    const measured = await measureCalls(emulator, { type: 'ebs', resources: 400, topics: false });
    expect(measured).toMatchObject({ created: 400, removed: 400 });
    expect(measured.callsToCreate).toBeLessThanOrEqual(2.1 * 400);
    expect(measured.callsToClean).toBeLessThanOrEqual(2.1 * 400);
  });

  it('are at most 0.25 more with topics, of 200', async () => {
    const measured = await measureCalls(emulator, { type: 'ebs', resources: 200, topics: true });
    expect(measured).toMatchObject({ created: 200, removed: 200 });
    expect(measured.callsToCreate).toBeLessThanOrEqual(2.35 * 200);
    expect(measured.callsToClean).toBeLessThanOrEqual(2.35 * 200);
  });

  it('are at most 2.1 more with three accounts that it is shared with than with one, of 100', async () => {
    const [one, three] = [await measureShares(emulator, 100, 1), await measureShares(emulator, 100, 3)];
    // Only the files of two more accounts: the call that shares names all of them.
    expect(three - one).toBeGreaterThanOrEqual(2);
    expect(three - one).toBeLessThanOrEqual(2.1);
  });
});
