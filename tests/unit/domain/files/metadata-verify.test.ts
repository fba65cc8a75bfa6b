import { describe, expect, it } from '@jest/globals';
import { parseMetadata } from '../../../../layers/engine/src/domain/files/metadata.js';
import type { ParsedMetadata } from '../../../../layers/engine/src/domain/files/metadata.js';
import { verifyMetadata, verifySharedMetadata } from '../../../../layers/engine/src/domain/files/metadata-verify.js';
import type { FoundWhere } from '../../../../layers/engine/src/domain/files/metadata-verify.js';
import { AccountId, BACKUP_TYPES, Region } from '../../../../layers/engine/src/domain/values.js';
import type { BackupType } from '../../../../layers/engine/src/domain/values.js';

const NAME = 'web-5e8177-2024-01-02-0304-daily';
const where: FoundWhere = {
  accountId: AccountId.parse('089111222333'),
  region: Region.parse('eu-west-1'),
  type: 'ebs',
  name: NAME,
  lastModified: new Date('2024-01-02T03:10:00Z'),
};

const fields: Readonly<Record<string, string>> = {
  account_id: '089111222333',
  backup_id: 'snap-0123456789abcdef0',
  backup_type: 'ebs',
  name: NAME,
  region: 'eu-west-1',
  entity_id: 'vol-1',
  retention_type: 'daily',
  date_created: '2024-01-02T03:04:00Z',
};
const tags: Readonly<Record<string, string>> = {
  'shelvery:tag_name': 'shelvery',
  'shelvery:src_account': '089111222333',
  'shelvery:name': NAME,
  'shelvery:region': 'eu-west-1',
  'shelvery:entity_id': 'vol-1',
  'shelvery:retention_type': 'daily',
  'shelvery:date_created': '2024-01-02-0304',
};

/** A file with some fields and tags changed; a value of '' leaves it out. */
function file(
  change: Readonly<Record<string, string>> = {},
  tagChange: Readonly<Record<string, string>> = {},
): ParsedMetadata {
  const lines = (all: Readonly<Record<string, string>>, indent: string): string[] =>
    Object.entries(all).flatMap(([key, value]) =>
      value === '' ? [] : [`${indent}"${key}": ${JSON.stringify(value)}`],
    );
  const text = [
    'schema_version: 1',
    ...lines({ ...fields, ...change }, ''),
    'tags:',
    ...lines({ ...tags, ...tagChange }, '  '),
  ].join('\n');
  const parsed = parseMetadata(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed;
}

describe('verifyMetadata', () => {
  it('accepts a file where it belongs', () => {
    expect(verifyMetadata(file(), where)).toEqual({ ok: true });
  });

  it("accepts a file of the original's, which does not say its type and lacks some tags", () => {
    const old = file(
      { backup_type: '' },
      { 'shelvery:src_account': '', 'shelvery:entity_id': '', 'shelvery:date_created': '' },
    );
    expect(verifyMetadata(old, where)).toEqual({ ok: true });
  });

  it('accepts the older form of the date in the tags, and seconds in the field', () => {
    const old = file({ date_created: '2024-01-02T03:04:05Z' }, { 'shelvery:date_created': '20240102-0304' });
    expect(verifyMetadata(old, where)).toEqual({ ok: true });
  });

  it('follows the prefix that the file names', () => {
    const other = file({}, { 'shelvery:tag_name': 'ours', 'ours:name': 'another' });
    expect(verifyMetadata(other, where)).toEqual({
      problem: `its tag ours:name is "another", but its field says "${NAME}"`,
    });
  });

  it.each([
    [
      'another account',
      file({ account_id: '999999999999' }),
      /^account_id is "999999999999", but its bucket belongs to the account "089111222333"$/,
    ],
    ['another region', file({ region: 'us-east-1' }), /^region is "us-east-1", but its bucket is in "eu-west-1"$/],
    ['another type', file({ backup_type: 'rds' }), /^backup_type is "rds", but its folder is for "ebs"$/],
    ['another name than its key', file({ name: 'other' }), /^name is "other", but its key says /],
    [
      'a time after the file was written',
      file({ date_created: '2024-01-02T03:25:01Z' }, { 'shelvery:date_created': '' }),
      /^date_created is 2024-01-02T03:25:01.000Z, more than 15 minutes later than the file itself/,
    ],
    [
      'an id of another type',
      file({ backup_id: 'ami-0123456789abcdef0' }),
      /^backup_id is "ami-0123456789abcdef0"; a backup of type ebs has a snapshot id, snap-…$/,
    ],
    [
      'an account in its tags that is not its own',
      file({}, { 'shelvery:src_account': '999999999999' }),
      /^its tag shelvery:src_account is "999999999999", but its field says "089111222333"$/,
    ],
    ['another region in its tags', file({}, { 'shelvery:region': 'us-east-1' }), /^its tag shelvery:region /],
    ['another name in its tags', file({}, { 'shelvery:name': 'other' }), /^its tag shelvery:name /],
    ['another resource in its tags', file({}, { 'shelvery:entity_id': 'vol-2' }), /^its tag shelvery:entity_id /],
    [
      'another retention type in its tags',
      file({}, { 'shelvery:retention_type': 'yearly' }),
      /^its tag shelvery:retention_type /,
    ],
    [
      'another time in its tags',
      file({}, { 'shelvery:date_created': '2025-01-02-0304' }),
      /^its tag shelvery:date_created is "2025-01-02-0304", but its field says 2024-01-02T03:04:00Z$/,
    ],
    [
      'a time in its tags that is none',
      file({}, { 'shelvery:date_created': 'tomorrow' }),
      /^its tag shelvery:date_created /,
    ],
  ])('refuses %s', (_what, parsed, said) => {
    expect(verifyMetadata(parsed, where)).toEqual({ problem: expect.stringMatching(said) });
  });

  it("accepts a time up to 15 minutes after the file was written: its writer's clock may be fast", () => {
    const fast = file({ date_created: '2024-01-02T03:25:00Z' }, { 'shelvery:date_created': '' });
    expect(verifyMetadata(fast, where)).toEqual({ ok: true });
  });

  const IDS: Readonly<Record<BackupType, { readonly good: readonly string[]; readonly bad: readonly string[] }>> = {
    ebs: { good: ['snap-0123abcd', 'snap-0123456789abcdef0'], bad: ['snap-0123456789abcdef01', 'snap-xyz'] },
    ec2ami: { good: ['ami-0123456789abcdef0'], bad: ['snap-0123456789abcdef0'] },
    rds: {
      good: ['db-2024-01-02-0304-daily-re-encrypted', 'a'.repeat(255)],
      bad: ['rds:db-2024-01-02-03-04', 'awsbackup:job-1', '1db', 'db-', 'db--1'],
    },
    rds_cluster: { good: ['a'.repeat(63)], bad: ['a'.repeat(64)] },
    docdb: { good: ['docs-2024-01-02-0304-daily'], bad: ['a'.repeat(64)] },
    redshift: { good: ['warehouse-2024-01-02-0304-daily'], bad: ['rs:warehouse-2024-01-02'] },
  };
  const cases = BACKUP_TYPES.flatMap((type) => [
    ...IDS[type].good.map((id) => ({ type, id, allowed: true })),
    ...IDS[type].bad.map((id) => ({ type, id, allowed: false })),
  ]);

  it.each(cases)('knows of $type whether $id can be its id: $allowed', ({ type, id, allowed }) => {
    const verdict = verifyMetadata(file({ backup_type: type, backup_id: id }), { ...where, type });
    expect('ok' in verdict).toBe(allowed);
  });
});

describe('verifySharedMetadata', () => {
  const GOOD: Readonly<Record<BackupType, string>> = {
    ebs: 'vol-0123456789abcdef0',
    ec2ami: 'i-0123abcd',
    rds: 'db-1',
    rds_cluster: 'c',
    docdb: 'd',
    redshift: 'w',
  };
  const IDS: Readonly<Record<BackupType, string>> = {
    ebs: 'snap-0123abcd',
    ec2ami: 'ami-0123abcd',
    rds: 'db-daily',
    rds_cluster: 'c-daily',
    docdb: 'd-daily',
    redshift: 'w-daily',
  };
  const verdict = (type: BackupType, entity: string, retention = 'daily'): string => {
    const parsed = file(
      { backup_type: type, backup_id: IDS[type], entity_id: entity, retention_type: retention },
      { 'shelvery:entity_id': entity, 'shelvery:retention_type': retention },
    );
    const said = verifySharedMetadata(parsed, { ...where, type }, ['daily', 'quarterly']);
    return 'problem' in said ? said.problem : 'ok';
  };

  it.each(BACKUP_TYPES)('accepts a resource of %s', (type) => {
    expect(verdict(type, GOOD[type])).toBe('ok');
    expect(verdict(type, GOOD[type], 'quarterly')).toBe('ok');
  });

  it.each(BACKUP_TYPES)('refuses an id that no resource of %s has', (type) => {
    for (const id of [`${GOOD[type]}\u001b[2J`, `${GOOD[type]}\n`])
      expect(() => verdict(type, id)).toThrow('entity_id: an id without control characters');
    for (const id of ['a'.repeat(64), '../x', '-', 'é']) {
      expect(verdict(type, id)).toMatch(/^entity_id is ".*"; a backup of type \w+ is of a/);
      expect(verdict(type, id)).not.toMatch(/\p{Cc}/u);
    }
  });

  it('says no more of a resource than somebody reads', () => {
    expect(verdict('ebs', 'v'.repeat(250))).toBe(
      `entity_id is "${'v'.repeat(100)}"; a backup of type ebs is of a volume id, vol-…`,
    );
  });

  it('says no more than that a file is right', () => {
    const parsed = file({ entity_id: GOOD.ebs }, { 'shelvery:entity_id': GOOD.ebs });
    expect(verifySharedMetadata(parsed, where, ['daily'])).toEqual({ ok: true });
  });

  it('refuses a retention type that is not known here', () => {
    expect(verdict('ebs', GOOD.ebs, 'for-ever')).toBe(
      'retention_type is "for-ever"; known here are daily, quarterly. ' +
        'To pull it, add for-ever:<seconds> to shelvery_custom_retention_types, and let the source account share it again',
    );
    expect(verdict('ebs', GOOD.ebs, 'for ever')).toBe('retention_type is "for ever"; known here are daily, quarterly');
  });

  it('refuses what is refused in any file', () => {
    const elsewhere = { ...where, region: Region.parse('us-east-1') };
    expect(verifySharedMetadata(file(), elsewhere, ['daily'])).toEqual(verifyMetadata(file(), elsewhere));
  });
});
