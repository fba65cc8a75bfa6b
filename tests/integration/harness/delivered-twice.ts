import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { present } from '../../../layers/engine/src/domain/present.js';
import { branchOf } from '../../emulator/branches.js';
import { startEmulator } from '../../emulator/emulator.js';
import type { Emulator } from '../../emulator/emulator.js';
import type { Act, Story } from './at-every-call.js';
import { readEndState } from './end-state.js';
import type { EndState } from './end-state.js';
import { seeThrough } from './product.js';
import type { Way } from './product.js';
import { createTestClock } from './test-clock.js';
import { useUnpacedSdk } from './unpaced-sdk.js';

const TIMEOUT_MS = 600_000;
/** Longer than snapshots are pending in any story. */
const SETTLING_MS = 60_000;

/** A story in which each event is delivered twice at the same time leaves what it leaves with each delivered once. */
export function describeDeliveredTwice(name: string, story: Story, ways: readonly Exclude<Way, 'cli'>[]): void {
  useUnpacedSdk();

  describe.each(ways)(`${name}, each event delivered twice at the same time, in the way %s`, (way) => {
    let begun: Emulator;
    let acts: readonly Act[];
    beforeAll(async () => {
      begun = await startEmulator();
      const clock = createTestClock(begun);
      acts = await story.begin({ emulator: begun, clock, way });
      // Without a bucket there is no lease.
      for (const { party } of acts)
        await seeThrough({ ...party, emulator: begun, clock }, way, { action: 'create_data_buckets' });
    }, TIMEOUT_MS);
    afterAll(async () => {
      await begun.stop();
    });

    const play = async (twice: boolean): Promise<EndState> => {
      const emulator = await branchOf(begun);
      try {
        const clock = createTestClock(emulator);
        for (const { party, action, time, laterMs = 0 } of acts) {
          await clock.advance(laterMs);
          await seeThrough({ ...party, emulator, clock }, way, { action, twice, ...present({ time }) });
        }
        await clock.advance(SETTLING_MS);
        return await readEndState(emulator, story.type, story.places);
      } finally {
        await emulator.stop();
      }
    };

    it(
      'makes nothing twice',
      async () => {
        const once = await play(false);
        expect(once.length).toBeGreaterThan(0);
        expect(await play(true)).toEqual(once);
      },
      TIMEOUT_MS,
    );
  });
}
