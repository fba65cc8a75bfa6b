import { describe, expect, it } from '@jest/globals';
import type { ReadBackup } from '../../../../layers/engine/src/domain/backup/backup.js';
import { missingCopies } from '../../../../layers/engine/src/domain/plan/missing-copies.js';
import type { Region } from '../../../../layers/engine/src/domain/values.js';
import { DR, LOCAL, THIRD, backup, foundBackup, read, runConfig, utc } from '../builders.js';
import type { BackupParts } from '../builders.js';

const PROMISED = { 'shelvery:dr_regions': `${DR},${THIRD}` };
const made = (parts: BackupParts = {}): ReadBackup => ({
  kind: 'backup',
  backup: backup({ tags: PROMISED, ...parts }),
});
const missing = (
  backups: readonly ReadBackup[],
  elsewhere: Iterable<readonly [Region, readonly ReadBackup[]]> = [
    [DR, []],
    [THIRD, []],
  ],
  now = utc('2026-01-20'),
): readonly string[] =>
  missingCopies({ now, localRegion: LOCAL, backups, elsewhere: new Map(elsewhere) }).map(
    ({ of, region, until }) => `${of.id} in ${region}${until === undefined ? '' : ` until ${until.toISOString()}`}`,
  );

describe('missingCopies', () => {
  it('names each promised region that has no copy', () => {
    expect(missing([made()])).toEqual([`snap-1 in ${DR}`, `snap-1 in ${THIRD}`]);
    const copy = made({ id: 'snap-9', place: 'dr', source: `${LOCAL}:snap-1`, tags: {} });
    expect(
      missing(
        [made()],
        [
          [DR, [copy]],
          [THIRD, []],
        ],
      ),
    ).toEqual([`snap-1 in ${THIRD}`]);
  });

  it('says until when a copy may still be made', () => {
    for (const now of ['2026-01-11', '2026-01-12 03:00']) {
      expect(missing([made()], [[DR, []]], utc(now))).toEqual([`snap-1 in ${DR} until 2026-01-12T03:00:00.000Z`]);
    }
    expect(missing([made()], [[DR, []]], utc('2026-01-12 03:01'))).toEqual([`snap-1 in ${DR}`]);
  });

  it('says nothing of a region that was not listed, nor of the local one', () => {
    expect(missing([made()], [])).toEqual([]);
    expect(missing([made({ tags: { 'shelvery:dr_regions': LOCAL } })], [[LOCAL, []]])).toEqual([]);
  });

  it.each<[string, ReadBackup]>([
    ['a DR copy', made({ place: 'dr' })],
    ['a temporary snapshot', made({ id: 'snap-1-re-encrypted' })],
    ['what is not finished', made({ state: 'pending' })],
    ['what failed', made({ state: 'failed' })],
    ['what was promised nothing', made({ tags: {} })],
    ['what is not understood', { kind: 'unreadable', found: foundBackup({ tags: PROMISED }), problem: 'why' }],
    [
      'what the service cannot copy',
      {
        kind: 'backup',
        backup: { ...backup({ tags: PROMISED }), found: { ...foundBackup({ tags: PROMISED }), uncopyable: true } },
      },
    ],
  ])('expects no copy of %s', (_what, read) => {
    expect(missing([read])).toEqual([]);
  });

  it('expects no copy that has expired by the retention of DR copies', () => {
    const config = runConfig({ shelvery_keep_daily_backups_dr: '3' });
    const of = read({ tags: PROMISED }, { config });
    expect(missing([of], undefined, utc('2026-01-13 03:00'))).toHaveLength(2);
    expect(missing([of], undefined, utc('2026-01-13 03:01'))).toEqual([]);
    expect(missing([made({ type: 'hourly' })])).toHaveLength(2);
  });

  it.each<[string, ReadBackup, boolean]>([
    ['a copy that is pending', made({ place: 'dr', source: `${LOCAL}:snap-1`, state: 'pending' }), true],
    ['a copy that failed', made({ place: 'dr', source: `${LOCAL}:snap-1`, state: 'failed' }), false],
    ['a copy of something else', made({ place: 'dr', source: `${LOCAL}:snap-2` }), false],
    [
      'a copy that is not understood',
      { kind: 'unreadable', found: foundBackup({ place: 'dr', source: `${LOCAL}:snap-1` }), problem: 'why' },
      true,
    ],
    [
      'something else that is not understood',
      { kind: 'unreadable', found: foundBackup({ place: 'dr', source: `${LOCAL}:snap-2` }), problem: 'why' },
      false,
    ],
  ])('judges %s', (_what, copy, counts) => {
    expect(missing([made()], [[DR, [copy]]])).toEqual(counts ? [] : [`snap-1 in ${DR}`]);
  });
});
