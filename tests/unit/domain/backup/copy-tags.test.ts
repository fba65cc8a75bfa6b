import { describe, expect, it } from '@jest/globals';
import {
  drCopyTags,
  pulledCopyTags,
  reencryptedTags,
  wantsEncryption,
  withDrCopies,
} from '../../../../layers/engine/src/domain/backup/copy-tags.js';
import type { ServiceRules } from '../../../../layers/engine/src/domain/backup/backup.js';
import type { Tags } from '../../../../layers/engine/src/domain/values.js';
import { BackupId } from '../../../../layers/engine/src/domain/values.js';
import { DR, HOME, OTHER_ACCOUNT, RULES, THIRD, backup, configValues, utc } from '../builders.js';

const ID = BackupId.parse('rds:web');
const EXTRA = {
  Team: 'blue',
  'shelvery:hold': 'true',
  'shelvery:dr_copies': 'x',
  'aws:backup': 'y',
  'shelvery:config:shelvery_keep_daily_backups': '3',
};
const SOURCE = backup({ id: 'rds:web', tags: EXTRA });
const { 'shelvery:hold': _hold, 'shelvery:dr_copies': _copies, 'aws:backup': _aws, ...INHERITED } = SOURCE.found.tags;

describe('the tags of a DR copy', () => {
  it("are its source's, less what is the source's alone, and say what it is", () => {
    expect(drCopyTags(SOURCE, DR, 'copy', 'shelvery', RULES.rds)).toEqual({
      ...INHERITED,
      Name: 'copy',
      'shelvery:name': 'copy',
      'shelvery:region': 'eu-central-1',
      'shelvery:dr_copy': 'true',
      'shelvery:dr_source_backup': 'eu-west-1:rds:web',
    });
  });
});

describe('the tags of a re-encrypted snapshot', () => {
  it("are its source's with a name of its own", () => {
    expect(reencryptedTags(SOURCE, 'web-re-encrypted', 'shelvery', utc('2026-11-24 04:05'), RULES.rds)).toEqual({
      ...INHERITED,
      Name: 'web-re-encrypted',
      'shelvery:name': 'web-re-encrypted',
      'shelvery:src_backup': 'eu-west-1:rds:web',
      'shelvery:date_copied': '2026-11-24-0405',
    });
  });
});

describe('a hold of a source', () => {
  it.each(['Shelvery:HOLD', 'shelvery:Hold', 'shelvery:legal_hold', 'shelvery:hodl'])(
    'is of it alone, by the key %s, too',
    (key) => {
      const held = backup({ id: 'rds:web', tags: { [key]: 'true' } });
      expect(drCopyTags(held, DR, 'copy', 'shelvery', RULES.rds)).not.toHaveProperty([key]);
      const copiedAt = utc('2026-11-24 04:05');
      expect(reencryptedTags(held, 'web-re-encrypted', 'shelvery', copiedAt, RULES.rds)).not.toHaveProperty([key]);
    },
  );
});

describe('dr_copies of a source', () => {
  const of = (before: string | undefined, copies: readonly string[]): Tags | undefined =>
    withDrCopies(backup({ tags: { 'shelvery:dr_copies': before } }), copies, 'shelvery');
  it.each([
    ['the first', undefined, ['a:1'], { 'shelvery:dr_copies': 'a:1' }],
    ['in order, each once', ' b:2  c:3', ['a:1', 'b:2'], { 'shelvery:dr_copies': 'a:1 b:2 c:3' }],
    ['nothing where nothing changes', 'a:1 b:2', ['b:2'], undefined],
    ['all that fits a tag', undefined, ['x'.repeat(256)], { 'shelvery:dr_copies': 'x'.repeat(256) }],
    ['nothing where it does not fit', undefined, ['x'.repeat(257)], undefined],
  ])('names %s', (_, before, copies, tags) => {
    expect(of(before, copies)).toEqual(tags);
  });
});

describe('the tags of a pulled copy', () => {
  const pulled = (
    tags: Tags,
    payload: Readonly<Record<string, unknown>> = {},
    more: { readonly wokenByEvents?: boolean } = {},
    rules: ServiceRules = RULES.rds,
  ): Tags =>
    pulledCopyTags(
      {
        sourceAccount: OTHER_ACCOUNT,
        sourceRegion: THIRD,
        sourceId: ID,
        sourcePrefix: 'acme',
        name: 'web',
        entityId: 'db',
        createdAt: utc('2026-01-10 03:00'),
        retentionType: 'daily',
        tags,
        ...more,
      },
      HOME,
      configValues(payload),
      utc('2026-01-11 04:05'),
      rules,
    );
  const OWN = {
    Name: 'web',
    'shelvery:tag_name': 'shelvery',
    'shelvery:date_created': '2026-01-10-0300',
    'shelvery:src_account': '222222222222',
    'shelvery:name': 'web',
    'shelvery:region': 'eu-west-1',
    'shelvery:retention_type': 'daily',
    'shelvery:entity_id': 'db',
    'shelvery:backup': 'true',
    'shelvery:dr_copy': 'false',
    'shelvery:cross_account_copy': 'true',
    'shelvery:dst_account': '111111111111',
    'shelvery:src_region': 'us-east-1',
    'shelvery:date_copied': '2026-01-11-0405',
    'shelvery:src_backup': 'us-east-1:rds:web',
    'shelvery:origin_region': 'us-east-1',
  };

  it('say whose it is and what it is a copy of', () => {
    expect(pulled({ Team: 'blue' })).toEqual({ ...OWN, Team: 'blue' });
  });

  it('say that events may wake it where that is so here, whatever the source says', () => {
    expect(pulled({}, {}, { wokenByEvents: true })).toEqual({ ...OWN, 'shelvery:woken_by_events': 'true' });
    expect(pulled({ 'acme:woken_by_events': 'true', 'shelvery:woken_by_events': 'true' })).toEqual(OWN);
  });

  it('hold nothing that the source put under its prefix or ours, whatever it says', () => {
    const hostile = {
      'acme:config:shelvery_keep_daily_backups': '0',
      'shelvery:config:shelvery_keep_daily_backups': '0',
      'shelvery:hold': 'true',
      'Shelvery:Hold': 'true',
      'Shelvery:Legal_Hold': 'true',
      'shelvery:hodl': 'true',
      'shelvry:hold': 'true',
      'shelvery:src_account': '999999999999',
      'shelvery:tag_name': 'evil',
      'acme:dr_regions': 'us-west-2',
      'AWS:x': 'y',
    };
    expect(pulled(hostile)).toEqual(OWN);
  });

  it('hold nothing that the service would refuse, or keeps for itself', () => {
    const tags = pulled({ 'a*b': 'x', 'rds:system': 'x', 'AWS:x': 'x', stars: 'a*b, c', Team: 'blue' });
    expect(tags).toEqual({ ...OWN, stars: 'a-b  c', Team: 'blue' });
  });

  it('hold what only looks like it', () => {
    expect(pulled({ 'cards:team': 'x' })).toEqual({ ...OWN, 'cards:team': 'x' });
    expect(pulled({ '*': 'x', '*a': 'x' })).toEqual(OWN);
    expect(pulled({ 'a*b': 'c*d' }, {}, {}, RULES.ebs)).toEqual({ ...OWN, 'a*b': 'c*d' });
  });

  it('hold nothing under the prefix of the source or under ours, whatever its end', () => {
    const keys = Object.keys(pulled({ 'acme:anything': 'x', 'mine:anything': 'x' }, { shelvery_tag_prefix: 'mine' }));
    expect(keys.filter((key) => key.endsWith(':anything'))).toEqual([]);
  });

  it('tell the time of the snapshot that was copied', () => {
    expect(pulled({ 'acme:snapshot_time': '2026-01-10-0300' })).toHaveProperty(
      'shelvery:snapshot_time',
      '2026-01-10-0300',
    );
    expect(pulled({ 'acme:snapshot_time': '2026-01-09-2300' })).toEqual({
      ...OWN,
      'shelvery:snapshot_time': '2026-01-09-2300',
    });
  });

  it.each(['2026-01-10-0301', 'tomorrow'])(
    'take no time of the data that is later than the backup, or none: %s',
    (time) => {
      expect(pulled({ 'acme:snapshot_time': time })).toEqual(OWN);
    },
  );

  it.each([
    ['made in the region that it was copied from', { 'acme:dr_copy': 'true' }, 'eu-central-1'],
    ['made where it was shared', { 'acme:dr_copy': 'false' }, 'us-east-1'],
  ])('tell of a source that was %s', (_, tags, region) => {
    expect(pulled({ ...tags, 'acme:dr_source_backup': 'eu-central-1:rds:web' })['shelvery:origin_region']).toBe(region);
  });

  it('tell the region of the file where the source says badly where it was made', () => {
    expect(pulled({ 'acme:dr_copy': 'true', 'acme:dr_source_backup': 'mars' })).toEqual(OWN);
    expect(pulled({ 'acme:dr_copy': 'true' })).toEqual(OWN);
  });

  it("are the resource's as the bunker's configuration copies and excludes them", () => {
    const tags = { Team: 'blue', ResourceName: 'web', 'access:admin': 'yes', 'access:log': 'no' };
    expect(pulled(tags, { shelvery_copy_resource_tags: 'false' })).toEqual(OWN);
    expect(pulled(tags, { shelvery_exluded_resource_tag_keys: 'Team access:*' })).toEqual({
      ...OWN,
      ResourceName: 'web',
    });
  });

  it('hold nothing by which another installation knows its own', () => {
    expect(pulled({ 'third:hold': '1', 'third:ami_id': 'ami-1', 'team:name': 'red' })).toEqual({
      ...OWN,
      'team:name': 'red',
    });
  });

  it('obey one wish, to be encrypted', () => {
    expect(pulled({ 'acme:config:shelvery_encrypt_copy': 'True' })).toEqual({
      ...OWN,
      'shelvery:config:shelvery_encrypt_copy': 'true',
    });
  });

  it.each([
    ['true', true],
    ['YES', true],
    ['1', true],
    ['false', false],
    ['', false],
    [undefined, false],
  ])('encrypt_copy=%j is such a wish: %s', (value, wanted) => {
    expect(wantsEncryption(value === undefined ? {} : { 'acme:config:shelvery_encrypt_copy': value }, 'acme')).toBe(
      wanted,
    );
  });
});
