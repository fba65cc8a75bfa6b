import { describe, expect, it } from '@jest/globals';
import type { Backup, Resource } from '../../../../layers/engine/src/domain/backup/backup.js';
import { newestOfEach } from '../../../../layers/engine/src/domain/restore/runbook.js';
import {
  DR,
  HOME,
  LOCAL,
  OTHER_ACCOUNT,
  OWN_ACCOUNT,
  RULES,
  THIRD_ACCOUNT,
  backup,
  read,
  resource,
  resourcesById,
  runConfig,
} from '../builders.js';
import type { BackupParts } from '../builders.js';

/** Resources in short: name or id, account, and the newest backup of each place. */
function newest(backups: readonly Backup[], marked: readonly Resource[] = []): readonly string[] {
  return newestOfEach(backups, marked, HOME, () => []).map(
    ({ id, name, account, newest: each }) => `${name ?? id} of ${account}: ${each.map((one) => one.id).join(' ')}`,
  );
}

const of = (...parts: readonly BackupParts[]): readonly Backup[] => parts.map(backup);

describe('newestOfEach', () => {
  it('is the newest good backup of each place, the nearest place first', () => {
    const backups = of(
      { id: 'dr-old', place: 'dr', created: '2026-01-08-0300' },
      { id: 'dr-new', place: 'dr', created: '2026-01-09-0300' },
      { id: 'old', created: '2026-01-09-0300' },
      { id: 'new', created: '2026-01-10-0300' },
      { id: 'middle', created: '2026-01-09-1500' },
      { id: 'failed', created: '2026-01-11-0300', state: 'failed' },
      { id: 'running', created: '2026-01-11-0300', state: 'pending' },
      { id: 'snap-re-encrypted', created: '2026-01-11-0300' },
    );
    expect(newest(backups)).toEqual([`vol-1 of ${OWN_ACCOUNT}: new dr-new`]);
  });

  it('keeps resources of several accounts and regions apart, and sorts them by their names', () => {
    const backups = of(
      { id: 'pulled', place: 'pulled' },
      { id: 'own' },
      { id: 'elsewhere', place: 'dr', region: LOCAL, source: `${DR}:snap-9`, tags: { 'shelvery:region': DR } },
      { id: 'named', entity: 'vol-2', tags: { ResourceName: 'orders' } },
    );
    expect(newest(backups)).toEqual([
      `orders of ${OWN_ACCOUNT}: named`,
      `vol-1 of ${OWN_ACCOUNT}: elsewhere`,
      `vol-1 of ${OWN_ACCOUNT}: own`,
      `vol-1 of ${OTHER_ACCOUNT}: pulled`,
    ]);
  });

  it('has the marked resources that have no good backup, too', () => {
    const marked = [resource('vol-1'), resource('vol-2', { Name: 'a new one' }), resource('vol-3')];
    const backups = of({ id: 'own' }, { id: 'pulled', place: 'pulled', entity: 'vol-3' });
    expect(newest(backups, marked)).toEqual([
      `a new one of ${OWN_ACCOUNT}: `,
      `vol-1 of ${OWN_ACCOUNT}: own`,
      `vol-3 of ${OWN_ACCOUNT}: `,
      `vol-3 of ${OTHER_ACCOUNT}: pulled`,
    ]);
  });

  it('calls a resource as it is called now', () => {
    const live = resource('vol-1', { Name: 'orders' });
    const result = read({ tags: { ResourceName: 'older name' } }, { resources: resourcesById(live) });
    const [only] = newestOfEach(result.kind === 'backup' ? [result.backup] : [], [live], HOME, () => []);
    expect(only).toMatchObject({ name: 'orders', newest: [{ id: 'snap-1' }] });
  });

  it('has a database once, under the name that it has now', () => {
    const database = { ...resource('db-2'), uid: 'db-A' };
    const given = { rules: RULES.rds, resources: resourcesById(database) };
    const backups = (['db-1', 'db-2'] as const).flatMap((entity, index) => {
      const each = read(
        {
          id: `${entity}-2026-01-1${String(index)}-0300-daily`,
          entity,
          uid: 'db-A',
          created: `2026-01-1${String(index)}-0300`,
        },
        given,
      );
      return each.kind === 'backup' ? [each.backup] : [];
    });
    expect(newest(backups, [database])).toEqual([`db-2 of ${OWN_ACCOUNT}: db-2-2026-01-11-0300-daily`]);
    expect(newest(backups.slice(0, 1), [database])).toEqual([`db-2 of ${OWN_ACCOUNT}: db-1-2026-01-10-0300-daily`]);
  });

  it('says with whom its backups are shared, and apart from that with whom they are to be', () => {
    const config = runConfig({ shelvery_share_aws_account_ids: OTHER_ACCOUNT });
    const [first, second] = of({ id: 'old', created: '2026-01-09-0300' }, { id: 'dr', place: 'dr' });
    const configured = read({ id: 'new' }, { config });
    const backups = [first, second, configured.kind === 'backup' ? configured.backup : undefined].filter(
      (each) => each !== undefined,
    );
    const sharing = (shares: Readonly<Record<string, readonly string[] | undefined>>) =>
      newestOfEach(backups, [], HOME, ({ id }) => shares[id]).map(({ sharedWith, toShareWith }) => [
        sharedWith,
        toShareWith,
      ]);
    expect(sharing({ old: [THIRD_ACCOUNT], dr: [], new: [] })).toEqual([[[THIRD_ACCOUNT], [OTHER_ACCOUNT]]]);
    expect(sharing({ old: [], dr: [], new: [] })).toEqual([[[], [OTHER_ACCOUNT]]]);
    // The files of one region could not be listed.
    expect(sharing({ old: [], new: [] })).toEqual([[undefined, [OTHER_ACCOUNT]]]);
    expect(sharing({ old: [THIRD_ACCOUNT], new: [THIRD_ACCOUNT] })).toEqual([[[THIRD_ACCOUNT], [OTHER_ACCOUNT]]]);
  });
});
