import { describe, expect, it, jest } from '@jest/globals';
import { measurePacedCalls } from '../../bench/paced-calls.js';

jest.setTimeout(120_000);

describe("snapshots made against AWS's own bucket, in emulated time", () => {
  it('are made within 1.05 of the least time, none refused, and reads go on at full speed', async () => {
    const measured = await measurePacedCalls({ action: 'CreateSnapshot', calls: 600 });
    expect(measured).toMatchObject({ done: 600, failed: 0, refused: 0 });
    expect(measured.seconds).toBeLessThanOrEqual(1.05 * measured.bound);
    // Twice the longest way to AWS.
    expect(measured.slowestReadMs).toBeLessThanOrEqual(190);
  });

  it('use the whole bucket beside a program that takes half of it, without a failure', async () => {
    const measured = await measurePacedCalls({ action: 'CreateSnapshot', calls: 600, rivalPerSecond: 2.5 });
    expect(measured).toMatchObject({ done: 600, failed: 0 });
    expect(measured.used).toBeGreaterThan(0.98);
    expect(measured.refused).toBeLessThan(0.05);
  });

  it('get over a bucket that an earlier run has emptied', async () => {
    const measured = await measurePacedCalls({ action: 'CreateSnapshot', calls: 400, tokensAtFirst: 0 });
    expect(measured).toMatchObject({ done: 400, failed: 0 });
    expect(measured.seconds).toBeLessThanOrEqual(1.05 * measured.bound);
  });
});
