import { describe, expect, it } from '@jest/globals';
import { DR, LOCAL, RULES, backup, configValues, read, resource, resourcesById, utc } from '../builders.js';
import type { BackupParts } from '../builders.js';
import type { Resource, ServiceRules } from '../../../../layers/engine/src/domain/backup/backup.js';

const keep = (days: string) => ({ 'shelvery:config:shelvery_keep_daily_backups': days });
const OWN: BackupParts = { id: 'db-1-2026-01-10-0300-daily', entity: 'db-1', tags: keep('365') };

/** The days that a backup is kept for, with this live resource. */
function kept(parts: BackupParts, live: Resource | undefined, rules: ServiceRules = RULES.rds): number {
  const resources = live === undefined ? resourcesById() : resourcesById(live);
  const result = read(parts, { rules, resources });
  if (result.kind !== 'backup') throw new Error(result.kind);
  return result.backup.config.values.shelvery_keep_daily_backups;
}

describe('whose tags configure a backup', () => {
  it("the live resource's, while that is marked", () => {
    expect(kept(OWN, resource('db-1', keep('3')))).toBe(3);
    expect(kept({ ...OWN, uid: 'db-A' }, { ...resource('db-1', keep('3')), uid: 'db-A' })).toBe(3);
  });

  it('its own, where the resource is gone', () => {
    expect(kept(OWN, undefined)).toBe(365);
  });

  it('its own, where the resource has lost its mark and its tags', () => {
    const unmarked = resource('db-1', { 'shelvery:create_backup': 'false' });
    expect(kept(OWN, unmarked)).toBe(365);
    expect(kept({ entity: 'vol-1', tags: keep('365') }, { ...unmarked, id: resource('vol-1').id }, RULES.ebs)).toBe(
      365,
    );
  });

  it('its own, where a database of the same name has another id of the service', () => {
    expect(kept({ ...OWN, uid: 'db-A' }, { ...resource('db-1'), uid: 'db-B' })).toBe(365);
  });

  it("the live resource's, where the service tells no id of it, and it is older than the backup", () => {
    const live = { ...resource('db-1', keep('3')), createdAt: utc('2026-01-01') };
    expect(kept({ ...OWN, uid: 'db-A' }, live)).toBe(3);
  });

  it.each<readonly [string, BackupParts, Resource, number]>([
    [
      "the live resource's, under the name that a database has now",
      { uid: 'db-A' },
      { ...resource('db-2'), uid: 'db-A' },
      14,
    ],
    ['its own, where one of another name has another id', { uid: 'db-A' }, { ...resource('db-2'), uid: 'db-B' }, 365],
    ['its own, where neither tells an id', {}, resource('db-2'), 365],
    [
      'its own, where the database was renamed and has lost its mark',
      { uid: 'db-A' },
      { ...resource('db-2', { 'shelvery:create_backup': 'false' }), uid: 'db-A' },
      365,
    ],
    [
      'its own, where it lies elsewhere and came from elsewhere',
      { uid: 'db-A', place: 'dr', source: `${DR}:db-1`, region: LOCAL },
      { ...resource('db-2'), uid: 'db-A' },
      365,
    ],
  ])('%s', (_, parts, live, days) => {
    expect(kept({ ...OWN, ...parts }, live)).toBe(days);
  });

  it('of two databases that have changed their names each goes on with its own', () => {
    const resources = resourcesById(
      { ...resource('db-1', keep('1')), uid: 'db-B' },
      { ...resource('db-2', keep('2')), uid: 'db-A' },
    );
    const days = ['db-A', 'db-B'].map((uid) => {
      const result = read({ ...OWN, uid }, { rules: RULES.rds, resources });
      return result.kind === 'backup' ? result.backup.config.values.shelvery_keep_daily_backups : undefined;
    });
    expect(days).toEqual([2, 1]);
  });

  it('its own, where another has an id like it, and ids are all that there is', () => {
    const live = { ...resource('vol-2'), uid: 'vol-A' };
    expect(kept({ entity: 'vol-1', uid: 'vol-A', tags: keep('365') }, live, RULES.ebs)).toBe(365);
  });

  it.each([
    ['made before the backup is the same', '2026-01-10 02:59', 14],
    ['made in the minute of the backup is the same', '2026-01-10 03:00', 14],
    ['made after the backup is another', '2026-01-10 03:01', 365],
  ])('where the backup does not tell the id, a database %s', (_, createdAt, days) => {
    expect(kept(OWN, { ...resource('db-1'), uid: 'db-B', createdAt: utc(createdAt) })).toBe(days);
  });

  it('goes by the later of the tag and the service: a backup that was begun after its minute is still of what was there', () => {
    const live = { ...resource('db-1'), createdAt: utc('2026-01-10 03:00:30') };
    expect(kept({ ...OWN, startedAt: utc('2026-01-10 03:00:50') }, live)).toBe(14);
  });

  it("the live resource's, whenever it was made, where ids are never used again", () => {
    const live = { ...resource('vol-1'), createdAt: utc('2027-01-01') };
    expect(kept({ entity: 'vol-1', tags: keep('365') }, live, RULES.ebs)).toBe(14);
  });

  it('its own, in a region where only a resource of the same name is', () => {
    const foreignCopy: BackupParts = { ...OWN, place: 'dr', source: `${DR}:db-1`, region: LOCAL };
    expect(kept(foreignCopy, resource('db-1'))).toBe(365);
    expect(kept({ ...foreignCopy, source: `${LOCAL}:db-1`, region: DR }, resource('db-1'))).toBe(14);
  });

  it("nobody's, where it came from another account", () => {
    expect(kept({ ...OWN, place: 'pulled' }, resource('db-1', keep('3')))).toBe(14);
    expect(backup({ place: 'pulled', tags: keep('none') }).config).toEqual({
      values: configValues(),
      tagged: [],
      problems: [],
      warnings: [],
    });
  });

  it('tells the resource only where its tags count', () => {
    expect(backup(OWN)).not.toHaveProperty('resource');
  });
});
