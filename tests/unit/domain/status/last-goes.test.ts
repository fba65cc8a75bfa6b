import { describe, expect, it } from '@jest/globals';
import { planClean } from '../../../../layers/engine/src/domain/plan/plan-clean.js';
import { whenLastGoes } from '../../../../layers/engine/src/domain/status/last-goes.js';
import { LOCAL, read, runConfig, utc } from '../builders.js';
import type { BackupParts } from '../builders.js';

const NOW = utc('2026-01-12 04:00');

/** When the last goes of backups that are being copied, and so have no end of their own in the plan. */
function beingCopied(parts: BackupParts): string | undefined {
  const backups = [read(parts)];
  const config = runConfig();
  const copied = new Set([`${LOCAL}:snap-1`]);
  const plan = planClean({ now: NOW, localRegion: LOCAL, region: LOCAL, backups, beingCopied: copied, config });
  return whenLastGoes(() => true, [plan], NOW);
}

describe('when the last backup goes that is being copied', () => {
  it.each<[string, BackupParts, string | undefined]>([
    ['by its age', {}, 'the last goes after 2026-01-24'],
    [
      'by the next cleaning where it has expired',
      { created: '2025-12-01-0300' },
      'the next clean_backups removes the last',
    ],
    ['not at all where its age is not known', { type: 'hourly' }, undefined],
  ])('is told: %s', (_, parts, when) => {
    expect(beingCopied(parts)).toBe(when);
  });

  it('is not told where there is none of the resource', () => {
    expect(whenLastGoes(() => false, [], NOW)).toBeUndefined();
  });
});
