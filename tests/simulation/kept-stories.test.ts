import { describe, expect, it } from '@jest/globals';
import process from 'node:process';
import { FAIR } from './conductor/weather.js';
import { play } from './play.js';
import { ACCOUNTS } from './workload/plan.js';
import type { Plan } from './workload/plan.js';

process.env['POWERTOOLS_METRICS_DISABLED'] = 'true';

/** Stories that once failed, shortened, with what was wrong. */
const STORIES: readonly (readonly [string, Plan])[] = [
  [
    'a run that is repeated after its backup was pulled and removed: what it made anew counted as pulled, and was never offered',
    {
      seed: 7,
      type: 'ebs',
      start: '2026-06-12T00:00:00.000Z',
      waits: 'invocations',
      copiesAtATime: 20,
      copiesAreSlow: false,
      weather: FAIR,
      settings: {
        source: { shelvery_share_aws_account_ids: ACCOUNTS.bunker },
        bunker: { shelvery_source_aws_account_ids: ACCOUNTS.source },
      },
      deeds: [
        { at: 0, kind: 'make', slot: 0, name: 'data', marked: true, encrypted: false },
        { at: 5, kind: 'event', who: 'source', action: 'create_data_buckets' },
        { at: 5, kind: 'event', who: 'bunker', action: 'create_data_buckets' },
        { at: 180, kind: 'command', who: 'source', action: 'create_backups' },
        { at: 600, kind: 'event', who: 'bunker', action: 'pull_shared_backups' },
        { at: 900, kind: 'delete-backup', nth: 0 },
        { at: 901, kind: 'event', who: 'source', action: 'clean_backups' },
        { at: 960, kind: 'command', who: 'source', action: 'create_backups', asOf: 180 },
      ],
      daysAfter: 0,
    },
  ],
];

describe('a story that once failed', () => {
  it.each(STORIES)('is well now: %s', async (_, plan) => {
    const { violations, steps } = await play(plan);
    expect(violations).toEqual([]);
    expect(steps).toBeGreaterThan(50);
  });
});
