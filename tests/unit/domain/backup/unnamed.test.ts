import { describe, expect, it } from '@jest/globals';
import { readBackup } from '../../../../layers/engine/src/domain/backup/read-backup.js';
import { ResourceId } from '../../../../layers/engine/src/domain/values.js';
import { RULES, foundBackup, reader, resource } from '../builders.js';

const DESCRIPTION = 'Made by Shelvery: daily backup of volumes of i-0abc';
const OWN = ['Name', 'shelvery:name', 'shelvery:entity_id'];

/** A snapshot of the volume `vol-1` that was made together with others. */
function madeTogether({
  without = OWN,
  tags = {},
  ...more
}: {
  readonly without?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  readonly description?: string;
  readonly volumeId?: string;
} = {}) {
  const found = foundBackup({});
  const kept = Object.entries(found.tags).filter(([key]) => !without.includes(key));
  return {
    ...found,
    volumeId: 'vol-1',
    description: DESCRIPTION,
    ...more,
    tags: { ...Object.fromEntries(kept), ...tags },
  };
}
const ofEbs = reader({ rules: RULES.ebs });

describe('a backup that was made together with others', () => {
  it('is read as any other once it has its own tags', () => {
    const read = readBackup(madeTogether({ without: [] }), ofEbs);
    expect(read).toMatchObject({ kind: 'backup', backup: { name: 'vol-1-2026-01-10-0300-daily', entityId: 'vol-1' } });
    expect(read.kind === 'backup' && read.backup).not.toHaveProperty('unnamed');
  });

  it('is known by its volume before it has them', () => {
    const read = readBackup(madeTogether(), ofEbs);
    const name = 'vol-1-2026-01-10-0300-daily';
    expect(read).toMatchObject({
      kind: 'backup',
      backup: {
        unnamed: true,
        name,
        entityId: 'vol-1',
        found: { tags: { Name: name, 'shelvery:name': name, 'shelvery:entity_id': 'vol-1' } },
      },
    });
  });

  it('has the name that its volume gives it, where that is known', () => {
    const volume = resource('vol-1', { Name: 'web' });
    const resources = new Map([[ResourceId.parse('vol-1'), volume]]);
    expect(readBackup(madeTogether(), reader({ rules: RULES.ebs, resources }))).toMatchObject({
      backup: { name: 'web-90cfa3-2026-01-10-0300-daily' },
    });
  });

  it.each([
    ['without a date', { without: [...OWN, 'shelvery:date_created'] }],
    ['with no date that can be read', { tags: { 'shelvery:date_created': 'today' } }],
    ['without a retention type', { without: [...OWN, 'shelvery:retention_type'] }],
    ['without the word of EC2 whose it is', { volumeId: '' }],
    ['with the description of a single one', { description: 'Made by Shelvery: daily backup of vol-1' }],
    ['tagged as a DR copy', { tags: { 'shelvery:dr_copy': 'true' } }],
    [
      'tagged as a DR copy of another',
      { tags: { 'shelvery:dr_copy': 'true', 'shelvery:dr_source_backup': 'eu-central-1:snap-0' } },
    ],
    ['tagged as a pulled copy', { tags: { 'shelvery:cross_account_copy': 'true' } }],
  ])('cannot be understood %s', (_, parts) => {
    // It is shown as it is.
    expect(readBackup(madeTogether(parts), ofEbs)).toMatchObject({ kind: 'unreadable', found: madeTogether(parts) });
  });

  it('has the name of its volume where that is gone', () => {
    expect(readBackup(madeTogether(), reader({ rules: RULES.ebs, resources: new Map() }))).toMatchObject({
      backup: { name: 'vol-1-2026-01-10-0300-daily' },
    });
  });

  it('cannot be understood where nothing describes it', () => {
    const { description: _, ...bare } = madeTogether();
    expect(readBackup(bare, ofEbs).kind).toBe('unreadable');
  });

  it('is somebody’s where its tags name another volume than EC2 does', () => {
    const read = readBackup(madeTogether({ tags: { 'shelvery:entity_id': 'vol-2' } }), ofEbs);
    expect(read).toMatchObject({ kind: 'somebodys', why: expect.stringContaining('it is a snapshot of vol-1') });
  });
});
