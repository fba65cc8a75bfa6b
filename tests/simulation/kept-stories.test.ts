import { describe, expect, it } from '@jest/globals';
import process from 'node:process';
import { play } from './play.js';
import { KEPT_STORIES } from './stories/kept-stories.js';

process.env['POWERTOOLS_METRICS_DISABLED'] = 'true';

describe('a story that once failed', () => {
  it.each(KEPT_STORIES)('breaks no invariant: $what', async ({ plan, copies }) => {
    const { violations, story } = await play(plan, { keepsStory: true });
    expect(violations).toEqual([]);
    expect(story.filter((line) => line.includes(':copyShared'))).toHaveLength(copies);
  });
});
