import { describe, expect, it } from '@jest/globals';
import { readBackup } from '../../../../layers/engine/src/domain/backup/read-backup.js';
import type { FoundBackup } from '../../../../layers/engine/src/domain/backup/backup.js';
import { DR, LOCAL, RULES, foundBackup, reader, read } from '../builders.js';
import type { BackupParts } from '../builders.js';

const NAME = 'prod-2026-01-10-0300-daily';
const asImage = (serviceName: string): FoundBackup => ({ ...foundBackup({ name: NAME }), serviceName });

describe('a copy that a person made of a backup', () => {
  it.each<[string, BackupParts, keyof typeof RULES, string]>([
    [
      'of a DR copy of a database, with its tags, under another name',
      { id: 'restore-drill', name: NAME, place: 'dr' },
      'rds',
      `its name is restore-drill, and its tags are those of ${NAME}`,
    ],
    [
      'of a pulled copy, under another name',
      { id: 'legal-case', name: NAME, place: 'pulled' },
      'rds_cluster',
      `its name is legal-case, and its tags are those of ${NAME}`,
    ],
    [
      'in another region',
      { tags: { 'shelvery:region': DR } },
      'ebs',
      `it lies in ${LOCAL}, and its tags are those of a backup in ${DR}`,
    ],
    [
      'of a volume, whose snapshot names another',
      { volumeId: 'vol-ffffffff' },
      'ebs',
      'it is a snapshot of vol-ffffffff, and its tags are those of a backup of vol-1',
    ],
  ])('is known: %s', (_, parts, type, why) => {
    expect(read(parts, { rules: RULES[type] })).toMatchObject({ kind: 'somebodys', why });
  });

  it('of an image is known by its name', () => {
    const by = reader({ rules: RULES.ec2ami });
    expect(readBackup(asImage('my-copy'), by).kind).toBe('somebodys');
    expect(readBackup(asImage(NAME), by).kind).toBe('backup');
  });
});

describe('a backup of ours is not taken for a copy that a person made', () => {
  it.each<[string, BackupParts, keyof typeof RULES]>([
    [
      'under its name in the case of the service',
      { id: NAME.toLowerCase(), name: 'Prod-2026-01-10-0300-daily' },
      'rds',
    ],
    ['its temporary snapshot', { id: `${NAME}-re-encrypted`, name: `${NAME}-re-encrypted` }, 'rds'],
    ['a DR copy of another volume id, as copies have', { place: 'dr', volumeId: 'vol-ffffffff' }, 'ebs'],
    ['a pulled copy, likewise', { place: 'pulled', volumeId: 'vol-ffffffff' }, 'ebs'],
    ['a re-encrypted snapshot, likewise', { name: `${NAME}-re-encrypted`, volumeId: 'vol-ffffffff' }, 'ebs'],
    ['with the volume that its tags name', { volumeId: 'vol-1' }, 'ebs'],
    [
      "a DR copy that names the region of its source, as the original's",
      { place: 'dr', tags: { 'shelvery:region': LOCAL } },
      'ebs',
    ],
    ['without a region, as the oldest', { tags: { 'shelvery:region': undefined } }, 'ebs'],
  ])('%s', (_, parts, type) => {
    expect(read(parts, { rules: RULES[type] }).kind).toBe('backup');
  });

  it("the original's temporary snapshot of a database, whose tags name its source", () => {
    const result = read(
      { id: `${NAME}-re-encrypted`, name: NAME, tags: { 'shelvery:src_backup': undefined } },
      { rules: RULES.rds },
    );
    expect(result).toMatchObject({ kind: 'backup', backup: { temporary: true } });
  });
});

describe('what only looks temporary', () => {
  it.each<[string, BackupParts]>([
    ['a name that ends so, and no source', { name: 'web-re-encrypted', tags: { 'shelvery:src_backup': undefined } }],
    ['a source that is none', { name: 'web-re-encrypted', tags: { 'shelvery:src_backup': 'yes' } }],
    ['a source, and another name', { tags: { 'shelvery:src_backup': `${LOCAL}:snap-9` } }],
  ])('is a backup like any other: %s', (_, parts) => {
    expect(read(parts)).toMatchObject({ kind: 'backup', backup: { temporary: false } });
  });

  it('is a backup like any other: the snapshot of its very volume, that somebody gave the tags of a temporary one', () => {
    const result = read({ name: 'web-re-encrypted', volumeId: 'vol-1' });
    expect(result).toMatchObject({ kind: 'backup', backup: { temporary: false } });
  });
});
