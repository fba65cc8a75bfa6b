import { describe, expect, it } from '@jest/globals';
import { areMarksLost } from '../../../../layers/engine/src/domain/backup/lost-marks.js';
import { newestBackupAgeHours } from '../../../../layers/engine/src/domain/backup/newest-backup.js';
import type { Resource } from '../../../../layers/engine/src/domain/backup/backup.js';
import { backup, resource, resourcesById, runConfig, utc } from '../builders.js';
import type { BackupParts } from '../builders.js';

const NOW = utc('2026-01-12 03:00');

function age(
  backups: readonly BackupParts[],
  resources: readonly Resource[] = [resource('vol-1')],
  config: Readonly<Record<string, unknown>> = {},
): number | undefined {
  return newestBackupAgeHours({
    now: NOW,
    resources: resourcesById(...resources),
    backups: backups.map((parts) => backup(parts)),
    config: runConfig(config),
  });
}

describe('the age of the newest backup', () => {
  it('is that of the newest available one, whatever is older, failed or being made', () => {
    expect(age([{ created: '2026-01-11-0300' }, { created: '2026-01-10-0300' }])).toBe(24);
    expect(
      age([
        { created: '2026-01-11-0300' },
        { created: '2026-01-12-0200', state: 'pending' },
        { created: '2026-01-12-0100', state: 'failed' },
      ]),
    ).toBe(24);
  });

  it('is that of the marked resource that has waited longest', () => {
    const backups = [{ created: '2026-01-12-0200' }, { created: '2026-01-10-0300', entity: 'vol-2' }];
    expect(age(backups, [resource('vol-1'), resource('vol-2')])).toBe(48);
    expect(age(backups, [resource('vol-1'), resource('vol-2', { 'shelvery:create_backup': 'false' })])).toBe(1);
  });

  it('is that of the data, which is older where an automated snapshot was copied', () => {
    expect(age([{ created: '2026-01-12-0200', tags: { 'shelvery:snapshot_time': '2026-01-11-0300' } }])).toBe(24);
  });

  it('counts nothing that cannot be backed up', () => {
    const deleted = { ...resource('vol-1'), unusable: 'it is being deleted' };
    expect(age([{ created: '2026-01-01-0300' }], [deleted])).toBe(0);
  });

  it('counts from the first that is being made where none is available', () => {
    const backups = [
      { created: '2026-01-11-0300', state: 'pending' },
      { created: '2026-01-12-0200', state: 'pending' },
    ] as const;
    expect(age(backups)).toBe(24);
  });

  it('counts from when the resource was made where it has none', () => {
    expect(age([], [{ ...resource('vol-1'), createdAt: utc('2026-01-10 21:00') }])).toBe(30);
  });

  it('does not know of a resource without any time', () => {
    expect(age([])).toBe(0);
  });

  it('is nothing to wait for where nothing is marked and nothing was backed up', () => {
    expect(age([], [])).toBe(0);
    expect(age([{ created: '2026-01-01-0300', state: 'failed' }], [])).toBe(0);
  });

  it('is that of the newest backup of all where nothing is marked any more', () => {
    const backups = [{ created: '2026-01-01-0300' }, { created: '2026-01-02-0300', entity: 'vol-2' }];
    expect(age(backups, [])).toBe(240);
    expect(age(backups, [resource('vol-1', { 'shelvery:create_backup': 'false' })])).toBe(240);
  });

  it('counts neither copies nor temporary snapshots', () => {
    const made = { ...resource('vol-1'), createdAt: utc('2026-01-11 03:00') };
    const backups: readonly BackupParts[] = [
      { created: '2026-01-12-0200', place: 'dr', source: 'eu-west-1:snap-0' },
      { created: '2026-01-12-0200', place: 'pulled', source: 'eu-west-1:snap-0' },
      { created: '2026-01-12-0200', name: 'web-re-encrypted' },
    ];
    expect(age(backups, [made])).toBe(24);
  });

  it('does not expect a young one of what keeps no daily backups', () => {
    expect(
      age(
        [{ created: '2026-01-01-0300' }],
        [resource('vol-1', { 'shelvery:config:shelvery_keep_daily_backups': '0' })],
      ),
    ).toBe(0);
  });

  it('is not told by a run that looks at one resource only', () => {
    expect(age([{ created: '2026-01-11-0300' }], undefined, { shelvery_select_entity: 'vol-1' })).toBeUndefined();
  });
});

describe('lost marks', () => {
  const lost = (
    backups: readonly BackupParts[],
    resources: readonly Resource[],
    config: Readonly<Record<string, unknown>> = {},
  ): boolean | undefined =>
    areMarksLost({
      resources: resourcesById(...resources),
      backups: backups.map((parts) => backup(parts)),
      config: runConfig(config),
    });
  const unmarked = resource('vol-1', { 'shelvery:create_backup': 'false' });
  const made: BackupParts = { created: '2026-01-11-0300' };

  it.each<readonly [string, readonly BackupParts[], readonly Resource[], boolean]>([
    ['are told where there are backups and nothing is marked', [made], [unmarked], true],
    ['are told where the resources are gone, too', [made], [], true],
    ['are not told where anything is marked', [made], [unmarked, resource('vol-2')], false],
    ['are not told where there was never a backup', [], [unmarked], false],
    ['are not told where there are copies of others alone', [{ ...made, place: 'pulled' }], [], false],
  ])('%s', (_, backups, resources, expected) => {
    expect(lost(backups, resources)).toBe(expected);
  });

  it('are not looked for where one resource is selected', () => {
    expect(lost([made], [unmarked], { shelvery_select_entity: 'vol-1' })).toBeUndefined();
  });
});
