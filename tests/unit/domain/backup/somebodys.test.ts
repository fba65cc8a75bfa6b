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

describe('the description of a snapshot, which no tag changes', () => {
  const OWN = 'vol-1-2026-01-10-0300-daily';
  const SOURCE = `${LOCAL}:snap-0`;
  const temporary = { name: `${OWN}-re-encrypted`, tags: { 'shelvery:src_backup': SOURCE } };
  const described = (parts: BackupParts, description: string) =>
    readBackup({ ...foundBackup(parts), description }, reader({ rules: RULES.ebs }));

  it.each<[string, BackupParts, string]>([
    ['made by Shelvery', {}, 'Made by Shelvery: daily backup of vol-1'],
    ['made by the original', {}, OWN],
    ['a DR copy', { place: 'dr', source: SOURCE }, `Copied by Shelvery from snap-0 in ${LOCAL}`],
    ["the original's DR copy", { place: 'dr', source: SOURCE }, OWN],
    ['a pulled copy', { place: 'pulled', source: SOURCE }, `Copied by Shelvery from snap-0 in ${LOCAL}`],
    ["the original's pulled copy", { place: 'pulled' }, ''],
    ["the original's pulled copy, described by EC2", { place: 'pulled' }, `[Copied snap-0 from ${LOCAL}]`],
    ['a temporary snapshot', temporary, `Copied by Shelvery from snap-0 in ${LOCAL}`],
  ])('says that it is ours: %s', (_, parts, description) => {
    expect(described(parts, description).kind).toBe('backup');
  });

  it.each<[string, BackupParts, string]>([
    ['none', {}, ''],
    ["somebody's", {}, 'before the upgrade'],
    ['of another volume', {}, 'Made by Shelvery: daily backup of vol-2'],
    ['of a volume, but not ours', {}, 'Made by me: daily backup of vol-1'],
    ["a person's copy of it", {}, `[Copied snap-0 from ${LOCAL}] Made by Shelvery: daily backup of vol-1`],
    ['a backup, tagged as a DR copy', { place: 'dr', source: SOURCE }, 'Made by Shelvery: daily backup of vol-1'],
    ['a DR copy of another', { place: 'dr', source: SOURCE }, `Copied by Shelvery from snap-9 in ${LOCAL}`],
    ['a backup, tagged as a pulled copy', { place: 'pulled' }, 'Made by Shelvery: daily backup of vol-1'],
    ['a backup, tagged as temporary', temporary, 'Made by Shelvery: daily backup of vol-1'],
  ])('says that it is not: %s', (_, parts, description) => {
    expect(described(parts, description)).toMatchObject({
      kind: 'somebodys',
      why: `its description is ${JSON.stringify(description)}, which neither Shelvery nor its predecessor gives to one`,
    });
  });
});

describe('the name of a backup in its service, which no tag changes', () => {
  const NAMED = 'prod-2026-01-10-0300-daily';
  const tagged = (tags: BackupParts['tags'], more: BackupParts = {}, id = NAMED) =>
    read({ id, name: id, ...more, ...(tags === undefined ? {} : { tags }) }, { rules: RULES.rds });

  it.each([
    ['the date', { 'shelvery:date_created': '2020-01-01-0000' }, '-2020-01-01-0000-daily'],
    ['the retention type', { 'shelvery:retention_type': 'hourly' }, '-2026-01-10-0300-hourly'],
  ])('ends as the tags say: changed %s', (_, tags, ending) => {
    const why = `its name, ${NAMED}, does not end in ${ending}, as its tags have it`;
    expect(tagged(tags)).toMatchObject({ kind: 'somebodys', why });
    expect(tagged(tags, { place: 'dr' })).toMatchObject({ kind: 'somebodys', why });
    expect(tagged(tags, { place: 'pulled' }).kind).toBe('backup');
  });

  it('is taken in any case, as services lower it', () => {
    expect(tagged({ 'shelvery:retention_type': 'DAILY' }).kind).toBe('backup');
  });

  it('ends otherwise where a person has chosen it', () => {
    expect(tagged({}, {}, 'before-upgrade').kind).toBe('somebodys');
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

  it('is none of ours: a database snapshot of that name in its tags, too, and no source', () => {
    const name = `${NAME}-re-encrypted`;
    const result = read({ id: name, name, tags: { 'shelvery:src_backup': undefined } }, { rules: RULES.rds });
    expect(result.kind).toBe('somebodys');
  });

  it('is not temporary: any other backup of a database', () => {
    // Some services lower a name.
    for (const name of [NAME, NAME.replace('prod', 'Prod')])
      expect(read({ id: NAME, name }, { rules: RULES.rds })).toMatchObject({ backup: { temporary: false } });
  });

  it('is a backup like any other: the snapshot of its very volume, that somebody gave the tags of a temporary one', () => {
    const result = read({ name: 'web-re-encrypted', volumeId: 'vol-1' });
    expect(result).toMatchObject({ kind: 'backup', backup: { temporary: false } });
  });
});
