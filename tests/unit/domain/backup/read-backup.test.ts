import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readBackup, recordName } from '../../../../layers/engine/src/domain/backup/read-backup.js';
import {
  DR,
  LOCAL,
  OTHER_ACCOUNT,
  OWN_ACCOUNT,
  backup,
  configValues,
  foundBackup,
  read,
  reader,
  runConfig,
  utc,
} from '../builders.js';
import type { BackupParts } from '../builders.js';

describe('reading the tags of a backup', () => {
  it('understands a local backup', () => {
    const found = foundBackup({ tags: { 'shelvery:run_id': 'run-1' } });
    expect(readBackup(found, reader())).toEqual({
      kind: 'backup',
      backup: {
        found,
        id: 'snap-1',
        region: LOCAL,
        name: 'vol-1-2026-01-10-0300-daily',
        entityId: 'vol-1',
        createdAt: utc('2026-01-10 03:00'),
        dataTime: utc('2026-01-10 03:00'),
        originRegion: LOCAL,
        retentionType: 'daily',
        srcAccount: OWN_ACCOUNT,
        place: 'local',
        foreign: false,
        held: false,
        temporary: false,
        config: { values: configValues(), tagged: [], problems: [], warnings: [] },
        targets: { drRegions: [], shareAccounts: [] },
      },
    });
  });

  it('reads under the given prefix', () => {
    const found = foundBackup();
    const tags = Object.fromEntries(
      Object.entries(found.tags).map(([key, value]) => [key.replace(/^shelvery:/, 'acme:'), value]),
    );
    expect(
      readBackup({ ...found, tags }, reader({ config: runConfig({ shelvery_tag_prefix: 'acme' }) })),
    ).toMatchObject({
      kind: 'backup',
      backup: { entityId: 'vol-1' },
    });
    expect(readBackup(found, reader({ config: runConfig({ shelvery_tag_prefix: 'acme' }) }))).toMatchObject({
      kind: 'unreadable',
    });
  });

  it('reads when a copy was made, where it says so', () => {
    expect(backup({ tags: { 'shelvery:date_copied': '2026-01-12-0200' } }).copiedAt).toEqual(utc('2026-01-12 02:00'));
    expect(backup({ tags: { 'shelvery:date_copied': 'yesterday' } })).not.toHaveProperty('copiedAt');
  });

  it.each<readonly [string, BackupParts, string, string]>([
    ['the service has it, where that is later', {}, '2026-02-19 10:00', '2026-02-19 10:00'],
    ['its name says, where the service has an earlier one', {}, '2026-01-09 10:00', '2026-01-10 03:00'],
    ['its tag says', { tags: { 'shelvery:snapshot_time': '2026-01-09-2300' } }, '2026-02-19 10:00', '2026-01-09 23:00'],
    ['its name says, where it is a copy', { place: 'dr' }, '2026-02-19 10:00', '2026-01-10 03:00'],
    ['its name says, where it was pulled', { place: 'pulled' }, '2026-02-19 10:00', '2026-01-10 03:00'],
    [
      'its name says, where it was re-encrypted',
      { id: 'orders-re-encrypted', tags: { 'shelvery:src_backup': `${LOCAL}:snap-1` } },
      '2026-02-19 10:00',
      '2026-01-10 03:00',
    ],
  ])('takes the time of its data as %s', (_, parts, service, time) => {
    const read = readBackup({ ...foundBackup(parts), dataTime: utc(service) }, reader());
    expect(read).toMatchObject({ backup: { createdAt: utc('2026-01-10 03:00'), dataTime: utc(time) } });
  });

  it("reads the original's older date format", () => {
    expect(backup({ created: '20260110-0300' }).createdAt).toEqual(utc('2026-01-10 03:00'));
  });

  it.each([
    ['local', { place: 'local' }, { place: 'local', foreign: false, region: LOCAL }],
    [
      'a DR copy',
      { place: 'dr', source: 'eu-west-1:snap-0' },
      { place: 'dr', foreign: false, region: DR, source: 'eu-west-1:snap-0' },
    ],
    [
      'pulled',
      { place: 'pulled', source: 'us-east-1:snap-0' },
      { place: 'pulled', foreign: true, srcAccount: OTHER_ACCOUNT, source: 'us-east-1:snap-0' },
    ],
    [
      'a DR copy of a pulled one',
      { place: 'dr-of-pulled', source: 'eu-west-1:snap-0' },
      { place: 'dr', foreign: true, source: 'eu-west-1:snap-0' },
    ],
    [
      'local, where the tags say that it is no copy',
      { tags: { 'shelvery:dr_copy': 'false', 'shelvery:cross_account_copy': 'false' } },
      { place: 'local', foreign: false },
    ],
  ] as const)('knows its place: %s', (_, parts, expected) => {
    expect(backup(parts)).toMatchObject(expected);
  });

  it.each([
    [
      'local, for which the tag of a copy says nothing',
      { tags: { 'shelvery:src_backup': 'x:y', 'shelvery:dr_source_backup': 'x:y' } },
    ],
    ["a pulled copy of the original's, which does not say", { place: 'pulled' }],
    ['an empty one', { place: 'pulled', source: '' }],
  ] as const)('has no source: %s', (_, parts) => {
    expect(backup(parts)).not.toHaveProperty('source');
  });

  it.each([
    ['true', true],
    ['True', true],
    ['TRUE', true],
    ['1', true],
    ['yes', true],
    ['on', true],
    ['true ', true],
    ['keep until the audit', true],
    ['false', false],
    ['False', false],
    ['0', false],
    ['no', false],
    [' NO ', false],
    [' ', false],
    ['', false],
    [undefined, false],
  ])('hold=%j holds it: %s', (value, held) => {
    expect(backup({ tags: { 'shelvery:hold': value } }).held).toBe(held);
  });

  it.each([
    ['by its name', { name: 'web-re-encrypted' }, true],
    ["by its id, as the original's", { id: 'web-re-encrypted' }, true],
    ['in a DR region', { id: 'web-re-encrypted', place: 'dr' }, true],
    ['not a pulled copy of one', { name: 'web-re-encrypted', place: 'pulled' }, false],
    [
      'not a pulled copy of one, which says what it was made of',
      { name: 'web-re-encrypted', place: 'pulled', source: `${LOCAL}:snap-0` },
      false,
    ],
    ['not one that only begins so', { name: 're-encrypted-web' }, false],
  ] as const)('knows a temporary snapshot: %s', (_, parts, temporary) => {
    expect(backup(parts).temporary).toBe(temporary);
  });

  it('belongs to the own account where the tags do not say', () => {
    expect(backup({ tags: { 'shelvery:src_account': undefined } }).srcAccount).toBe(OWN_ACCOUNT);
  });

  it('leaves out a run id that is none', () => {
    expect(backup({ tags: { 'shelvery:run_id': 'a b' } })).not.toHaveProperty('runId');
    expect(backup()).not.toHaveProperty('runId');
  });
});

describe('what cannot be understood', () => {
  it.each([
    ['name', undefined, 'missing', 'letters, digits and hyphens'],
    ['name', '', '""', 'letters, digits and hyphens'],
    ['name', '../x', '"../x"', 'letters, digits and hyphens'],
    ['name', 'n'.repeat(256), `"${'n'.repeat(256)}"`, 'letters, digits and hyphens'],
    ['date_created', undefined, 'missing', 'YYYY-MM-DD-HHmm'],
    ['date_created', 'yesterday', '"yesterday"', 'YYYY-MM-DD-HHmm'],
    ['date_created', '2026-02-30-0000', '"2026-02-30-0000"', 'YYYY-MM-DD-HHmm'],
    ['retention_type', undefined, 'missing', 'a retention type'],
    ['retention_type', '', '""', 'a retention type'],
    ['entity_id', undefined, 'missing', 'the id of what vol-1-2026-01-10-0300-daily is a backup of'],
    ['entity_id', '', '""', 'the id of what vol-1-2026-01-10-0300-daily is a backup of'],
    ['src_account', '12', '"12"', '12 digits'],
    ['src_account', '', '""', '12 digits'],
  ])('%s = %j is unreadable, with the tag, its value and what is allowed', (key, value, is, allowed) => {
    const found = foundBackup({ tags: { [`shelvery:${key}`]: value } });
    expect(readBackup(found, reader())).toEqual({
      kind: 'unreadable',
      found,
      problem: `its tag shelvery:${key} is ${is}; allowed: ${allowed}`,
    });
  });

  it('of a DR copy is also that it does not say where it came from: no region would clean it', () => {
    const found = foundBackup({ place: 'dr', tags: { 'shelvery:dr_source_backup': undefined } });
    expect(readBackup(found, reader())).toMatchObject({
      kind: 'unreadable',
      problem: 'its tag shelvery:dr_source_backup is missing; allowed: <region>:<id>',
    });
  });

  it('never throws, whatever the tags are', () => {
    const keys = fc.constantFrom(
      'name',
      'date_created',
      'retention_type',
      'entity_id',
      'src_account',
      'run_id',
      'hold',
      'dr_copy',
    );
    fc.assert(
      fc.property(fc.dictionary(keys, fc.string()), (parts) => {
        const tags = Object.fromEntries(Object.entries(parts).map(([key, value]) => [`shelvery:${key}`, value]));
        expect(read({ tags }).kind).toMatch(/^(?:backup|unreadable)$/);
      }),
    );
  });
});

describe('the name of the metadata files', () => {
  it.each([
    ["is the backup's", { name: 'web' }, 'web'],
    ["is a temporary snapshot's own", { name: 'web-re-encrypted', id: 'other-re-encrypted' }, 'web-re-encrypted'],
    [
      "is the id of the original's temporary snapshot, whose tags name the source",
      { name: 'web', id: 'rds:web-re-encrypted' },
      'rds-web-re-encrypted',
    ],
    ["is a pulled copy's, whatever it ends with", { name: 'web', id: 'web-re-encrypted', place: 'pulled' }, 'web'],
  ] as const)('%s', (_, parts, name) => {
    expect(recordName(backup(parts))).toBe(name);
  });
});
