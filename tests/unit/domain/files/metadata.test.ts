import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import type { Backup } from '../../../../layers/engine/src/domain/backup/backup.js';
import {
  MAX_METADATA_BYTES,
  MIN_METADATA_BYTES,
  formatMetadata,
  metadataOf,
  parseMetadata,
  unusableSize,
  withDeletion,
} from '../../../../layers/engine/src/domain/files/metadata.js';
import type { ParsedMetadata } from '../../../../layers/engine/src/domain/files/metadata.js';
import { AccountId, BACKUP_TYPES, BackupId, Region, ResourceId } from '../../../../layers/engine/src/domain/values.js';
import type { Tags } from '../../../../layers/engine/src/domain/values.js';
import { configValues } from '../builders.js';

const TAGS: Tags = {
  'shelvery:tag_name': 'shelvery',
  'shelvery:name': 'web-5e8177-2024-01-02-0304-daily',
  Name: 'web-5e8177-2024-01-02-0304-daily',
};

function backup(change: Partial<Backup> = {}, tags: Tags = TAGS): Backup {
  const id = BackupId.parse('snap-0123456789abcdef0');
  const region = Region.parse('eu-west-1');
  return {
    found: { id, region, state: 'available', encrypted: false, tags },
    id,
    region,
    name: 'web-5e8177-2024-01-02-0304-daily',
    entityId: ResourceId.parse('vol-0a1b2c3d4e5f60718'),
    createdAt: new Date('2024-01-02T03:04:00Z'),
    dataTime: new Date('2024-01-02T03:04:00Z'),
    retentionType: 'daily',
    srcAccount: AccountId.parse('089111222333'),
    place: 'local',
    foreign: false,
    held: false,
    temporary: false,
    config: { values: configValues(), tagged: [], problems: [], warnings: [] },
    targets: { drRegions: [], shareAccounts: [] },
    ...change,
  };
}

function read(text: string): ParsedMetadata {
  const parsed = parseMetadata(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed;
}

function problem(text: string): string {
  const parsed = parseMetadata(text);
  return 'problem' in parsed ? parsed.problem : `read as ${JSON.stringify(parsed.document)}`;
}

const written = formatMetadata(metadataOf(backup(), 'ebs'));
const fixture = (name: string): string =>
  readFileSync(new URL(`fixtures/python-${name}.yaml`, import.meta.url), 'utf8');

describe('metadataOf', () => {
  it('is the same before and after copies were made', () => {
    const copied = { ...TAGS, 'shelvery:dr_copies': 'eu-central-1:snap-1' };
    expect(formatMetadata(metadataOf(backup({}, copied), 'ebs'))).toBe(written);
    expect(metadataOf(backup({}, { Name: 'web' }), 'ebs').tags).toEqual({ Name: 'web' });
  });
});

describe('formatMetadata', () => {
  it('writes plain YAML with the field names of the original, texts in quotes', () => {
    expect(written).toBe(`schema_version: 1
account_id: "089111222333"
backup_id: "snap-0123456789abcdef0"
backup_type: "ebs"
name: "web-5e8177-2024-01-02-0304-daily"
region: "eu-west-1"
entity_id: "vol-0a1b2c3d4e5f60718"
retention_type: "daily"
date_created: "2024-01-02T03:04:00Z"
encrypted: false
tags:
  "Name": "web-5e8177-2024-01-02-0304-daily"
  "shelvery:name": "web-5e8177-2024-01-02-0304-daily"
  "shelvery:tag_name": "shelvery"
`);
  });

  it('says when the backup was removed and under which key it was encrypted', () => {
    const found = { ...backup().found, encrypted: true, kmsKeyId: 'alias/backups' };
    const metadata = metadataOf(backup({ found }), 'ebs', { deletedAt: new Date('2024-02-03T04:05:06.789Z') });
    expect(metadata).toMatchObject({
      date_deleted: '2024-02-03T04:05:06Z',
      encrypted: true,
      kms_key_id: 'alias/backups',
    });
    expect(read(formatMetadata(metadata)).document).toEqual(metadata);
  });

  it('gives the same file whatever the order in which the service lists the tags', () => {
    const reversed = Object.fromEntries(Object.entries(TAGS).reverse());
    expect(formatMetadata(metadataOf(backup({}, reversed), 'ebs'))).toBe(written);
  });

  it('leaves out tags that no copy could be given', () => {
    const tags = Object.fromEntries([...Object.entries(TAGS), ['aws:backup:source', 'x'], ['__proto__', 'x']]);
    expect(formatMetadata(metadataOf(backup({}, tags), 'ebs'))).toBe(written);
  });

  it('writes each tag on one line, and nothing as an alias', () => {
    const long = 'a b '.repeat(64);
    const list = ['audit', 'error'];
    const text = formatMetadata(
      metadataOf(backup({ facts: { log_exports: list, members: list } }, { ...TAGS, 'a tag': long }), 'ebs'),
    );
    expect(text).toContain(`\n  "a tag": "${long}"\n`);
    expect(text).not.toMatch(/[&*]/);
  });

  it('means the same to readers of YAML 1.1 and 1.2', () => {
    const tags = {
      ...TAGS,
      yes: 'no',
      null: 'null',
      '<<': '=',
      '=': '<<',
      '0755': '12:30:45',
      date: '2024-01-02',
      empty: '',
      on: '~',
    };
    const metadata = metadataOf(backup({}, tags), 'ebs');
    const text = formatMetadata(metadata);
    expect(parse(text, { version: '1.2' })).toEqual(metadata);
    expect(parse(text, { version: '1.1' })).toEqual(metadata);
  });
});

describe('parseMetadata', () => {
  it('reads every backup back as it was written', () => {
    // Not AWS's own, and not the one that no mapping may hold.
    const key = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 40 })
      .filter((text) => !/^aws:|^__proto__$/i.test(text));
    const tagsOf = fc.dictionary(key, fc.string({ unit: 'binary', maxLength: 100 }), {
      maxKeys: 40,
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(
        tagsOf,
        fc.constantFrom(...BACKUP_TYPES),
        fc.date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true }),
        fc.boolean(),
        (tags, type, createdAt, encrypted) => {
          const start = backup({ createdAt }, { ...tags, ...TAGS });
          const metadata = metadataOf({ ...start, found: { ...start.found, encrypted } }, type);
          const text = formatMetadata(metadata);
          expect(read(text).document).toEqual(metadata);
          expect(formatMetadata(read(text).document)).toBe(text);
        },
      ),
    );
  });

  it("reads as many and as long tags as AWS takes, and does not count AWS's own", () => {
    const tags = (count: number, prefix = ''): [string, string][] =>
      Array.from({ length: count }, (_, i) => [`${prefix}${String(i)}`.padEnd(128, 'k'), 'v'.repeat(256)]);
    const all = { ...TAGS, ...Object.fromEntries(tags(47)) };
    const text = formatMetadata(metadataOf(backup({}, all), 'ebs'));
    expect(read(text).document.tags).toEqual(all);
    expect(read(`${text}  "aws:a": "x"\n  "AWS:b": "x"\n`).document.tags).toEqual(all);
    expect(problem(`${text}  "b": "x"\n`)).toMatch(/^tags: at most 50/);
  });

  it('takes plain words that only contain one of YAML for texts', () => {
    const words = { a: 'untrue', b: 'falsehood', c: 'nullable', d: 'annull', e: '~/x' };
    const lines = Object.entries(words).map(([key, word]) => `  ${key}: ${word}\n`);
    expect(read(`${written}${lines.join('')}`).document.tags).toEqual({ ...TAGS, ...words });
  });

  it.each(['<<', 'constructor', 'toString', 'hasOwnProperty', 'prototype'])(
    'takes a tag named %s for a tag',
    (name) => {
      const text = formatMetadata(metadataOf(backup({}, { ...TAGS, [name]: 'x' }), 'ebs'));
      expect(Object.entries(read(text).document.tags)).toContainEqual([name, 'x']);
    },
  );

  it('leaves out fields that it does not know', () => {
    expect(read(`${written}colour: blue\n`).document).toEqual(read(written).document);
  });

  it('never throws, whatever the text', () => {
    const piece = fc.constantFrom(
      '!!',
      '!',
      '&a',
      '*a',
      ': ',
      '- ',
      '? ',
      '{',
      '}',
      '[',
      ']',
      '\n',
      '  ',
      '"',
      "'",
      '|',
      '>',
      '%',
      '---',
      '...',
      '<<',
      'a',
      '1',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(piece).map((list) => list.join('')),
        ),
        (text) => {
          expect(parseMetadata(text)).toBeDefined();
        },
      ),
    );
  });
});

describe('parseMetadata of files that Python Shelvery wrote', () => {
  const expected = {
    schema_version: 1,
    account_id: '089111222333',
    backup_id: 'snap-0123456789abcdef0',
    name: 'web-server-1-5e8177-2024-01-02-0304-daily',
    region: 'eu-west-1',
    entity_id: 'vol-0a1b2c3d4e5f60718',
    retention_type: 'daily',
  };

  it('reads a backup that was just created', () => {
    const parsed = read(fixture('created'));
    expect(parsed).toMatchObject({ format: 'python', prefix: 'shelvery' });
    expect(parsed.createdAt).toEqual(new Date('2024-01-02T03:04:05.123Z'));
    expect(parsed.document).toMatchObject({ ...expected, date_created: '2024-01-02T03:04:05Z' });
  });

  it('reads a backup made from tags, and keeps texts that look like something else', () => {
    const { document } = read(fixture('constructed'));
    expect(document).toMatchObject({ ...expected, date_created: '2024-01-02T03:04:00Z' });
    expect(document.tags).toEqual({
      Name: 'web-server-1-5e8177-2024-01-02-0304-daily',
      ResourceName: 'web server: 1',
      date: '2024-01-02',
      empty: '',
      größe: 'Ω',
      lines: 'a\nb',
      note: `it's "quoted", a long text that PyYAML breaks over more than one line because it is wider than eighty`,
      nothing: 'null',
      port: '0755',
      'shelvery:backup': 'true',
      'shelvery:create_backup': 'True',
      'shelvery:date_created': '2024-01-02-0304',
      'shelvery:entity_id': 'vol-0a1b2c3d4e5f60718',
      'shelvery:name': 'web-server-1-5e8177-2024-01-02-0304-daily',
      'shelvery:region': 'eu-west-1',
      'shelvery:retention_type': 'daily',
      'shelvery:src_account': '089111222333',
      'shelvery:tag_name': 'shelvery',
      time: '12:30:45',
      yes: 'no',
    });
  });

  it('reads one with its resource and the time at which it was removed', () => {
    expect(read(fixture('removed')).document).toMatchObject({ ...expected, date_deleted: '2024-01-16T04:00:00Z' });
  });

  it('reads times with an offset', () => {
    expect(read(fixture('time-zones')).createdAt).toEqual(new Date('2024-01-02T03:04:00Z'));
  });

  it('reads a re-encrypted RDS snapshot and its key', () => {
    expect(read(fixture('rds')).document).toMatchObject({
      backup_id: 'db-2024-01-02-0304-daily-re-encrypted',
      name: 'db-2024-01-02-0304-daily',
      encrypted: true,
      kms_key_id: 'arn:aws:kms:eu-west-1:089111222333:key/11111111-2222-3333-4444-555555555555',
    });
  });

  it('reads what a cluster says of its encryption', () => {
    const text = fixture('rds')
      .replace('  Encrypted: true', '  StorageEncrypted: false')
      .replace(/ {2}KmsKeyId: .*/, '  KmsKeyId: null');
    const { document } = read(text);
    expect(document.encrypted).toBe(false);
    expect(document).not.toHaveProperty('kms_key_id');
  });

  it('reads objects that PyYAML shared by an alias, and a Redshift ARN as the name in it', () => {
    expect(read(fixture('aliases')).document).toMatchObject({
      backup_id: 'db-2024-01-02-0304-daily',
      date_created: '2024-01-02T03:04:00Z',
      tags: { 'shelvery:entity_id': 'db' },
    });
  });

  it('writes them again as version 1', () => {
    const { document } = read(fixture('removed'));
    expect(read(formatMetadata(document))).toMatchObject({ format: 1, document });
  });

  it.each([
    ['backup_id', /^backup_id: snap.*$/m, 'backup_id: null', 'backup_id'],
    ['date_created', /^date_created: .*$/m, 'date_created: null', 'date_created'],
    ['date_created', /^date_created: .*$/m, 'date_created: 2024-02-30 00:00:00', 'date_created'],
    ['entity_id', /^entity_id: .*\n/m, '', 'entity_id'],
  ])('refuses one without a readable %s', (_field, line, by, named) => {
    expect(problem(fixture('constructed').replace(line, by))).toMatch(new RegExp(`^${named}: `));
  });
});

describe('parseMetadata of hostile files', () => {
  const withLine = (line: string): string => `${written}${line}\n`;
  const ownField = (field: string, value: string): string =>
    written.replace(new RegExp(`^${field}: .*$`, 'm'), `${field}: ${value}`);
  /** Each list has ten aliases of the one before: a billion values in nine lines. */
  const laughs = Array.from(
    { length: 9 },
    (_, i) => `l${i}: &l${i} [${Array.from({ length: 10 }, () => (i === 0 ? 'x' : `*l${i - 1}`)).join(', ')}]`,
  );

  it.each([
    [
      'a call of a Python function',
      withLine(`x: !!python/object/apply:os.system ["rm -rf /"]`),
      /tag "tag:yaml.org,2002:python\/object\/apply:os.system" is not allowed/,
    ],
    [
      'a call in place of the file',
      `!!python/object/apply:os.system ["rm -rf /"]`,
      /python\/object\/apply:os.system" is not allowed/,
    ],
    [
      'an unknown class',
      withLine('x: !!python/object:subprocess.Popen {}'),
      /python\/object:subprocess.Popen" is not allowed/,
    ],
    [
      'a class that is called',
      withLine('x: !!python/object/new:shelvery.backup_resource.BackupResource []'),
      /python\/object\/new:.* is not allowed/,
    ],
    [
      'an allowed class that is no mapping',
      withLine('x: !!python/object:shelvery.entity_resource.EntityResource []'),
      /is not allowed/,
    ],
    [
      'an allowed class on a text',
      withLine('x: !!python/object:shelvery.entity_resource.EntityResource y'),
      /is not allowed/,
    ],
    ['a Python name', withLine("x: !!python/name:os.system ''"), /python\/name:os.system" is not allowed/],
    ['a Python module', withLine("x: !!python/module:os ''"), /python\/module:os" is not allowed/],
    ['a tag of its own', withLine('x: !mine y'), /"!mine" is not allowed/],
    [
      'a class under another spelling of its tag',
      `%TAG !p! tag:yaml.org,2002:python/object/\n---\n${withLine('x: !p!apply:os.system [ls]')}`,
      /python\/object\/apply:os.system" is not allowed/,
    ],
    ['a binary', withLine('x: !!binary aGVsbG8='), /2002:binary" is not allowed/],
    ['a set', withLine('x: !!set {a, b}'), /2002:set" is not allowed/],
    ['a tagged key', withLine('!!str x: y'), /a key is not a plain text/],
    ['a list as a key', withLine('? [a]\n: y'), /a key is not a plain text/],
    ['an alias as a key', withLine('x: &x y\n*x : z'), /a key is not a plain text/],
    ['a merge key', withLine('x: &x {a: b}\n<<: *x'), /the key << is not allowed/],
    [
      'a key that reaches for the prototype',
      withLine('__proto__: {polluted: "yes"}'),
      /the key __proto__ is not allowed/,
    ],
    ['the same in the tags', `${written}  "__proto__": "x"\n`, /the key __proto__ is not allowed/],
    ['a key that appears twice', withLine('name: "other"'), /the key "name" appears twice/],
    ['two documents', `${written}---\n${written}`, /not one YAML document/],
    ['an alias without an anchor', withLine('x: *nowhere'), /the alias "nowhere" has no anchor before it/],
    ['an alias of itself', withLine('x: &x [*x]'), /the alias "x" has no anchor before it/],
    [
      'aliases by the million',
      withLine(laughs.join('\n')),
      /more than 10000 values, counting what its aliases stand for/,
    ],
    ['tokens by the ten thousand', withLine(`x: [${'a,'.repeat(5_001)}]`), /more than 10000 tokens of YAML/],
    ['lists in lists', withLine(`x: ${'['.repeat(30)}${']'.repeat(30)}`), /nested more than 20 deep/],
    ['mappings in mappings', withLine(`x: ${'{a: '.repeat(30)}b${'}'.repeat(30)}`), /nested more than 20 deep/],
    ['lists one deeper than are read', withLine(`x: ${'['.repeat(20)}a${']'.repeat(20)}`), /nested more than 20 deep/],
    ['a tag without a value', `${written}  x:\n`, /^tags\.x: it is no string$/],
    ['no account', written.replace(/^account_id: .*\n/m, ''), /^account_id: it is missing$/],
    [
      'aliases of a hundred things',
      withLine(`x: &x [${'a,'.repeat(100)}]\ny: [${'*x,'.repeat(98)}]`),
      /more than 10000 values, counting what its aliases stand for/,
    ],
    ['lists that exhaust the parser', '['.repeat(100_000), /more than 10000 tokens of YAML/],
    ['ends of lists that exhaust it', `a: ${']'.repeat(200_000)}`, /more than 10000 tokens of YAML/],
    ['10 MB', `x: ${'a'.repeat(10 * 1024 * 1024)}`, /has 10485763 bytes; at most 262144 are allowed/],
    ['many bytes in few characters', `x: ${'Ω'.repeat(140_000)}`, /has 280003 bytes; at most 262144 are allowed/],
    ['broken YAML', 'a: b: c', /not one YAML document/],
    ['nothing', '', /^it is empty$/],
    ['blanks', ' \n\t\n', /^it is empty$/],
    ['a comment alone', '# gone', /not a mapping of fields/],
    ['a list', '- a', /not a mapping of fields/],
    ['a text', 'hello', /not a mapping of fields/],
    ['a set without values', '{a}', /schema_version is missing/],
    ['no version', written.replace(/^.*\n/, ''), /schema_version is missing/],
    ['a later version', ownField('schema_version', '2'), /schema_version is "2"; this version of Shelvery reads 1/],
    [
      'an object of Python that is no backup',
      fixture('created').replace('backup_resource.BackupResource', 'entity_resource.EntityResource'),
      /a Python EntityResource, not a backup/,
    ],
    ['a name that leads elsewhere', ownField('name', '"../../other/web"'), /^name: letters, digits and hyphens/],
    ['an account that is none', ownField('account_id', '"*"'), /^account_id: 12 digits/],
    ['an account without quotes is still text', ownField('account_id', '12345'), /^account_id: 12 digits/],
    ['a region that is none', ownField('region', '"eu-west-1.evil.example"'), /^region: a region code/],
    ['a type that is none', ownField('backup_type', '"efs"'), /^backup_type: /],
    ['an id that is none', ownField('backup_id', '"snap-1/../x"'), /^backup_id: an id of a snapshot or an image/],
    ['a day that is none', ownField('date_created', '"2024-02-30T00:00:00Z"'), /^date_created: /],
    ['a list for a text', ownField('entity_id', '[a]'), /^entity_id: it is no string$/],
    ['a tag that is no text', `${written}  x: {a: b}\n`, /^tags\.x: /],
    ['a tag that is too long', `${written}  x: "${'a'.repeat(257)}"\n`, /^tags\.x: /],
    [
      'too many tags',
      `${written}${Array.from({ length: 48 }, (_, i) => `  k${i}: v\n`).join('')}`,
      /^tags: at most 50/,
    ],
    [
      'no tag that names the prefix',
      written.replace(/ {2}"shelvery:tag_name".*\n/, ''),
      /its tag shelvery:tag_name, .* is missing/,
    ],
    [
      'a prefix that is empty',
      written.replace('"shelvery:tag_name": "shelvery"', '"shelvery:tag_name": ""'),
      /its tag shelvery:tag_name, .* is missing/,
    ],
  ])('refuses %s', (_what, text, said) => {
    expect(problem(text)).toMatch(said);
  });

  it('leaves no trace on the prototype of objects', () => {
    parseMetadata(withLine('constructor: {prototype: {polluted: "yes"}}'));
    parseMetadata(withLine('__proto__: {polluted: "yes"}'));
    expect({}).not.toHaveProperty('polluted');
  });

  it('tells no more than 500 characters of a problem, and no control characters', () => {
    const said = problem(withLine(`x: !<${'\\x1b[31m'.repeat(1000)}> y`));
    expect(said.length).toBeLessThanOrEqual(500);
    expect(problem(`${written}  "\\e[31mx": {a: b}\n`)).not.toMatch(/\p{Cc}/u);
    expect(problem('x: "\\\u001b"')).not.toMatch(/\p{Cc}/u);
  });

  it('says why in one line of at most 500 characters, with every problem that has room', () => {
    const bad = Array.from({ length: 40 }, (_, i) => `  k${String(i)}: {a: b}\n`).join('');
    expect(problem(`${written}${bad}`)).toMatch(/^tags\.k0: [^;]+; tags\.k1: /);
    expect(problem(`${written}${bad}`)).toHaveLength(500);
    const twice = 'k'.repeat(300);
    expect(problem(`${twice}: 1\n${twice}: 2\n`)).toBe(`the key "${'k'.repeat(100)}" appears twice`);
    expect(problem(`${written}  "\\e[31mx": {a: b}\n`)).toMatch(/^tags\.\?\[31mx: /);
  });

  it('does not quote what is no YAML', () => {
    expect(problem('a: secret: word')).toMatch(/^it is not one YAML document: /);
    expect(problem('a: secret: word')).not.toContain('secret');
  });

  it('is read up to the most bytes and the deepest lists, and counted by the alias', () => {
    expect(problem(`x: ${'a'.repeat(MAX_METADATA_BYTES - 3)}`)).toBe('schema_version is missing');
    expect(read(withLine(`x: ${'['.repeat(19)}a${']'.repeat(19)}`)).format).toBe(1);
    expect(read(withLine(`x: &x [${'a,'.repeat(100)}]\ny: [${'*x,'.repeat(96)}]`)).format).toBe(1);
  });

  it('counts aliases of small things like the things themselves', () => {
    expect(read(withLine(`x: &x [a, b]\ny: [${Array.from({ length: 90 }, () => '*x').join(', ')}]`)).format).toBe(1);
  });
});

describe('withDeletion', () => {
  it('puts the time of removal in its place, also where a file says nothing of encryption', () => {
    const { encrypted: _, kms_key_id: __, ...plain } = metadataOf(backup(), 'ebs');
    const removed = withDeletion(plain, new Date('2026-12-01T02:00:00Z'));
    expect(removed).toEqual({ ...plain, date_deleted: '2026-12-01T02:00:00Z' });
    expect(formatMetadata(withDeletion(metadataOf(backup(), 'ebs'), new Date('2026-12-01T02:00:00Z')))).toBe(
      formatMetadata(metadataOf(backup(), 'ebs', { deletedAt: new Date('2026-12-01T02:00:00Z') })),
    );
  });
});

describe('what the resource was', () => {
  const facts = {
    size_gib: 8,
    storage_type: 'gp3',
    engine_version: '15',
    security_group_ids: ['sg-0a1b2c3d'],
    key_name: 'a "b" \\ #c',
  };

  it('is written before the tags, and read again', () => {
    const text = formatMetadata(metadataOf(backup({ facts }), 'ebs'));
    expect(text).toContain('restore:\n  size_gib: 8\n  storage_type: "gp3"\n');
    expect(text.indexOf('restore:')).toBeLessThan(text.indexOf('tags:'));
    expect(read(text).document.restore).toEqual(facts);
    expect(withDeletion(read(text).document, new Date('2026-12-01T02:00:00Z')).restore).toEqual(facts);
  });

  it('is missing in files of earlier versions and of the original', () => {
    expect(read(written).document).not.toHaveProperty('restore');
    expect(read(fixture('created')).document).not.toHaveProperty('restore');
  });

  it.each([
    ['fields that are wrong', 'restore:\n  engine: "my\\e[2Jsql"\n  size_gib: 8\n', { size_gib: 8 }],
    ['fields that are not known', 'restore:\n  engine: "mysql"\n  sudo: "x"\n', { engine: 'mysql' }],
    ['what is no mapping', 'restore: "all"\n', undefined],
  ])('is read without %s, which are no reason to refuse the file', (_, block, expected) => {
    expect(read(written.replace('tags:', `${block}tags:`)).document.restore).toEqual(expected);
  });
});

describe('the size of a file', () => {
  it.each([
    [0, 'empty'],
    [1, '1 byte long'],
    [MIN_METADATA_BYTES - 1, `${String(MIN_METADATA_BYTES - 1)} bytes long`],
    [MIN_METADATA_BYTES, undefined],
    [MAX_METADATA_BYTES, undefined],
    [MAX_METADATA_BYTES + 1, `${String(MAX_METADATA_BYTES + 1)} bytes long`],
  ])('of %d bytes: no metadata is %s', (size, is) => {
    expect(unusableSize(size)).toBe(is);
  });

  it.each([
    [
      'ours',
      '{schema_version: 1,account_id: "111111111111",backup_id: a,name: a,region: us-east-1,entity_id: a,retention_type: a,date_created: 2026-01-01T00:00:00Z,tags: {"shelvery:tag_name": a}}',
    ],
    [
      "the original's",
      '!!python/object:shelvery.backup_resource.BackupResource {account_id: "111111111111",backup_id: a,name: a,_BackupResource__region: us-east-1,entity_id: a,retention_type: a,date_created: 2026-01-01 00:00:00,tags: {"shelvery:tag_name": a}}',
    ],
  ])('is that of one even where it is the shortest that can be read: %s', (_, text) => {
    expect(read(text).document.name).toBe('a');
    expect(unusableSize(Buffer.byteLength(text))).toBeUndefined();
  });
});
