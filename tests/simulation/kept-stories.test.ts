import { describe, expect, it } from '@jest/globals';
import process from 'node:process';
import { play } from './play.js';
import { expiredWhileItWasCopied } from './stories/expired-while-it-was-copied.js';
import { madeAgainAfterItWasPulled } from './stories/made-again-after-it-was-pulled.js';

process.env['POWERTOOLS_METRICS_DISABLED'] = 'true';

/** Each failed once, until what was wrong was mended. */
describe('a story that once failed', () => {
  it.each([
    ['a backup that is made again after it was pulled is pulled again', madeAgainAfterItWasPulled, 2],
    ['a backup that has expired in the bunker is not copied there over and over', expiredWhileItWasCopied, 0],
  ])('breaks no invariant: %s', async (_, plan, copies) => {
    const { violations, story } = await play(plan, { keepsStory: true });
    expect(violations).toEqual([]);
    expect(story.filter((line) => line.includes(':copyShared'))).toHaveLength(copies);
  });
});
