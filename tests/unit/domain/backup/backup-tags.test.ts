import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ServiceRules } from '../../../../layers/engine/src/domain/backup/backup.js';
import {
  addTags,
  buildBackupTags,
  fitTagValue,
  isMarked,
  nearMiss,
  seemsMarked,
  isOurs,
  tagKey,
  taggedRegions,
} from '../../../../layers/engine/src/domain/backup/backup-tags.js';
import type { BuiltTags } from '../../../../layers/engine/src/domain/backup/backup-tags.js';
import { ResourceId } from '../../../../layers/engine/src/domain/values.js';
import type { Tags } from '../../../../layers/engine/src/domain/values.js';
import { LOCAL, OWN_ACCOUNT, RULES, RUN, configValues, utc } from '../builders.js';

const build = (
  resourceTags: Tags,
  payload: Readonly<Record<string, unknown>> = {},
  rules: ServiceRules = RULES.ebs,
): BuiltTags =>
  buildBackupTags(
    {
      name: 'web-abcdef-2026-11-24-0301-daily',
      createdAt: utc('2026-11-24 03:01'),
      retentionType: 'daily',
      entityId: ResourceId.parse('vol-1'),
      accountId: OWN_ACCOUNT,
      region: LOCAL,
      runId: RUN,
      resourceTags,
      config: configValues(payload),
    },
    rules,
  );

const OURS = {
  Name: 'web-abcdef-2026-11-24-0301-daily',
  'shelvery:tag_name': 'shelvery',
  'shelvery:date_created': '2026-11-24-0301',
  'shelvery:src_account': '111111111111',
  'shelvery:name': 'web-abcdef-2026-11-24-0301-daily',
  'shelvery:region': 'eu-west-1',
  'shelvery:retention_type': 'daily',
  'shelvery:entity_id': 'vol-1',
  'shelvery:backup': 'true',
  'shelvery:dr_regions': '',
  'shelvery:run_id': RUN,
};
const numbered = (count: number, prefix = 'tag'): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index + 1}`, 'x']));

describe('marks', () => {
  it.each([
    ['True', true],
    ['true', true],
    ['1', true],
    ['TRUE', true],
    ['yes', false],
    ['false', false],
    ['', false],
    [undefined, false],
  ])('a resource with create_backup=%j is marked: %s', (value, marked) => {
    expect(isMarked(value === undefined ? {} : { 'shelvery:create_backup': value }, 'shelvery')).toBe(marked);
  });

  it.each([
    ['yes', 'shelvery:create_backup'],
    ['on', 'shelvery:create_backup'],
    ['true', 'Shelvery:create_backup'],
    ['true ', 'shelvery:Create_Backup'],
  ])('%j under %s is a near miss', (value, key) => {
    expect(nearMiss({ [key]: value, Name: 'web' }, 'shelvery')).toEqual({ key, value });
    expect(seemsMarked({ [key]: value }, 'shelvery')).toBe(true);
  });

  it.each([
    ['a mark', { 'shelvery:create_backup': 'true' }],
    ['a mark beside another', { 'shelvery:create_backup': '1', 'SHELVERY:create_backup': 'yes' }],
    ['no', { 'shelvery:create_backup': ' No ' }],
    ['false', { 'shelvery:create_backup': 'False' }],
    ['0', { 'shelvery:create_backup': '0' }],
    ['nothing', { 'shelvery:create_backup': '' }],
    ['nothing of ours', { 'acme:create_backup': 'yes' }],
  ])('%s is no near miss', (_, tags) => {
    expect(nearMiss(tags, 'shelvery')).toBeUndefined();
    expect(seemsMarked(tags, 'shelvery')).toBe(isMarked(tags, 'shelvery'));
  });

  it('counts under the configured prefix alone', () => {
    expect(isMarked({ 'acme:create_backup': 'true' }, 'acme')).toBe(true);
    expect(isMarked({ 'acme:create_backup': 'true' }, 'shelvery')).toBe(false);
    expect(tagKey('acme', 'hold')).toBe('acme:hold');
  });

  it.each([
    ['true', 'shelvery', true],
    ['false', 'shelvery', false],
    ['true', 'acme', false],
  ])('a snapshot with shelvery:backup=%j is ours under %s: %s', (value, prefix, ours) => {
    expect(isOurs({ 'shelvery:backup': value }, prefix)).toBe(ours);
  });
});

describe('the DR regions that a backup names', () => {
  it.each([
    [{}, []],
    [{ 'acme:dr_regions': '' }, []],
    [{ 'acme:dr_regions': 'us-east-1,eu-central-1' }, ['us-east-1', 'eu-central-1']],
    [{ 'acme:dr_regions': 'us-east-1 nowhere' }, ['us-east-1']],
    [{ 'shelvery:dr_regions': 'us-east-1' }, []],
  ])('are those of its tag under the prefix: %j', (tags, regions) => {
    expect(taggedRegions(tags, 'acme')).toEqual(regions);
  });
});

describe("a tag's value", () => {
  it.each([
    ['ebs', RULES.ebs, 'a,b #1 é 🚀', 'a,b #1 é 🚀'],
    ['rds', RULES.rds, 'a,b #1 é 🚀 x@y', 'a b -1 é - x@y'],
    ['docdb', RULES.docdb, 'a,b x@y', 'a b x-y'],
    ['redshift', RULES.redshift, 'us-east-1,us-west-2', 'us-east-1 us-west-2'],
  ])('fits the alphabet of %s', (_, rules, value, fit) => {
    expect(fitTagValue(value, rules)).toBe(fit);
  });

  it('is at most 256 characters, none of them cut in half', () => {
    expect(fitTagValue('x'.repeat(257), RULES.ebs)).toBe('x'.repeat(256));
    expect(fitTagValue('🚀'.repeat(300), RULES.ebs)).toBe('🚀'.repeat(256));
  });

  it('fits whatever it is, and fitting it again changes nothing', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 400 }),
        fc.constantFrom<ServiceRules>(...Object.values(RULES)),
        (value, rules) => {
          const fit = fitTagValue(value, rules);
          expect(Array.from(fit).length).toBeLessThanOrEqual(256);
          if (rules.forbiddenInTagValues !== undefined) expect(fit.replace(rules.forbiddenInTagValues, '')).toBe(fit);
          expect(fitTagValue(fit, rules)).toBe(fit);
        },
      ),
    );
  });
});

describe('the tags of a new backup', () => {
  it('are ours alone for a resource without tags', () => {
    expect(build({})).toEqual({ tags: OURS, dropped: [] });
  });

  it('stand under the configured prefix, which shelvery:tag_name names', () => {
    const { tags } = build({}, { shelvery_tag_prefix: 'acme' });
    expect(tags).toMatchObject({ 'shelvery:tag_name': 'acme', 'acme:backup': 'true', 'acme:entity_id': 'vol-1' });
    expect(Object.keys(tags).filter((key) => key.startsWith('shelvery:'))).toEqual(['shelvery:tag_name']);
  });

  it('name the DR regions, with a comma where the service takes one', () => {
    const config = { shelvery_dr_regions: 'us-east-1 us-west-2' };
    expect(build({}, config).tags['shelvery:dr_regions']).toBe('us-east-1,us-west-2');
    expect(build({}, config, RULES.rds).tags['shelvery:dr_regions']).toBe('us-east-1 us-west-2');
  });

  it("hold the resource's config tags, also where its other tags are not copied", () => {
    const resourceTags = { 'shelvery:config:shelvery_keep_daily_backups': '3', Team: 'blue' };
    expect(build(resourceTags, { shelvery_copy_resource_tags: false })).toEqual({
      tags: { ...OURS, 'shelvery:config:shelvery_keep_daily_backups': '3' },
      dropped: [],
    });
  });

  it("hold the resource's tags, its Name as ResourceName", () => {
    expect(build({ Name: 'web', Team: 'blue', Empty: '' })).toEqual({
      tags: { ...OURS, ResourceName: 'web', Team: 'blue', Empty: '' },
      dropped: [],
    });
  });

  it.each(['shelvery:Hold', 'Shelvery:Hold', 'SHELVERY:HOLD'])(
    'hold no %s of the resource, which would hold the backup',
    (key) => {
      expect(build({ [key]: 'true', Team: 'blue' })).toEqual({ tags: { ...OURS, Team: 'blue' }, dropped: [] });
    },
  );

  it('hold a tag that holds nothing under the prefix', () => {
    const others = { 'acme:Hold': 'true', 'Shelvery:Holding': 'x' };
    expect(build(others).tags).toEqual({ ...OURS, ...others });
  });

  it('hold a tag whose key only contains aws:', () => {
    expect(build({ 'laws:gdpr': 'yes', 'AWS:x': 'y' }).tags).toEqual({ ...OURS, 'laws:gdpr': 'yes' });
  });

  it('hold what seems a hold, and is not under the prefix: it holds nothing', () => {
    const seeming = { 'shelvery-hold': 'true', 'shelvry:hold': '1', 'backup-hold-days': '30' };
    expect(build(seeming).tags).toEqual({ ...OURS, ...seeming });
  });

  it('hold a ResourceName of the resource only where it has no Name', () => {
    expect(build({ ResourceName: 'own', Name: 'web' }).tags['ResourceName']).toBe('web');
    expect(build({ ResourceName: 'own' }).tags['ResourceName']).toBe('own');
  });

  it.each([
    ["AWS's own", { 'aws:cloudformation:stack-name': 's', 'AWS:x': 's' }, {}],
    ["the prefix's own", { 'shelvery:create_backup': 'true', 'shelvery:hold': 'true' }, {}],
    ['what was meant for a hold', { 'Shelvery:Legal_Hold': 'true', 'shelvery:hodl': '1' }, {}],
    ['shelvery:tag_name, under another prefix, too', { 'shelvery:tag_name': 'x' }, { shelvery_tag_prefix: 'acme' }],
    ['an excluded key', { Team: 'blue' }, { shelvery_exluded_resource_tag_keys: 'Cost, Team' }],
    ['an excluded Name', { Name: 'web' }, { shelvery_exluded_resource_tag_keys: 'Name' }],
    [
      'keys of an excluded beginning',
      { 'cost:a': '1', 'cost:': '2' },
      { shelvery_exluded_resource_tag_keys: 'cost:*' },
    ],
    ['all keys under a lone star', { Team: 'blue', Name: 'web' }, { shelvery_exluded_resource_tag_keys: '*' }],
    ['any, unless configured', { Team: 'blue', Name: 'web' }, { shelvery_copy_resource_tags: false }],
  ])('do not hold %s', (_, resourceTags, config) => {
    const { tags, dropped } = build(resourceTags, config);
    const ofResource = Object.keys(tags).filter(
      (key) => key in resourceTags && key !== 'Name' && key !== 'shelvery:tag_name',
    );
    expect([...ofResource, tags['ResourceName'], tags['shelvery:hold']]).toEqual([undefined, undefined]);
    expect(tags['shelvery:tag_name']).toBe('shelvery_tag_prefix' in config ? 'acme' : 'shelvery');
    expect(dropped).toEqual([]);
  });

  it.each([
    ['an excluded key is exact', { shelvery_exluded_resource_tag_keys: 'team,Tea,eam' }],
    ['an excluded beginning is one', { shelvery_exluded_resource_tag_keys: 'eam*' }],
  ])('%s', (_, config) => {
    expect(build({ Team: 'blue' }, config).tags['Team']).toBe('blue');
  });

  it("leave 8 of 50 free: the resource's own go first, from the last, and are named", () => {
    const { tags, dropped } = build({ ...numbered(40), Name: 'web' });
    expect(Object.keys(tags)).toHaveLength(42);
    expect(tags).toMatchObject({ ...OURS, ResourceName: 'web', tag30: 'x' });
    expect(dropped).toEqual(Object.keys(numbered(40)).slice(30));
  });

  it('fill all 42 without dropping any', () => {
    const { tags, dropped } = build(numbered(31));
    expect(Object.keys(tags)).toHaveLength(42);
    expect(dropped).toEqual([]);
  });

  it('keep config tags before the resource’s own', () => {
    const config = Object.fromEntries(Object.entries(numbered(31, 'shelvery:config:shelvery_unknown_')));
    const { tags, dropped } = build({ Team: 'blue', ...config });
    expect(tags).toMatchObject({ ...OURS, ...config });
    expect(dropped).toEqual(['Team']);
  });

  it('hold no key of more than 128 characters, and name it', () => {
    const { tags, dropped } = build({
      ['k'.repeat(128)]: 'fits',
      ['🚀'.repeat(128)]: 'fits',
      ['l'.repeat(129)]: 'does not',
    });
    expect(tags).toEqual({ ...OURS, ['k'.repeat(128)]: 'fits', ['🚀'.repeat(128)]: 'fits' });
    expect(dropped).toEqual(['l'.repeat(129)]);
  });

  it('are ours whole, at most 42, and each of the resource’s tags is there or named, for any resource', () => {
    const keys = fc.oneof(
      fc.string({ minLength: 1, maxLength: 140 }),
      fc.constantFrom('Name', 'ResourceName', 'aws:x', 'shelvery:hold'),
    );
    fc.assert(
      fc.property(fc.dictionary(keys, fc.string({ maxLength: 300 }), { maxKeys: 60 }), (resourceTags) => {
        const { tags, dropped } = build(resourceTags);
        expect(tags).toMatchObject(OURS);
        expect(Object.keys(tags).length).toBeLessThanOrEqual(42);
        const own = Object.keys(resourceTags).filter(
          (key) => !/^(?:aws|shelvery):/i.test(key) && key !== 'Name' && key !== 'ResourceName',
        );
        const fate = own.map((key) => Number(key in tags) + Number(dropped.includes(key)));
        expect(fate).toEqual(own.map(() => 1));
      }),
    );
  });
});

describe('tags that copies add', () => {
  it('lie over those of the source, their values fit', () => {
    expect(
      addTags({ Name: 'a', Team: 'x' }, { Name: 'b', 'shelvery:src_region': 'a,b' }, 'shelvery', RULES.rds),
    ).toEqual({
      Name: 'b',
      Team: 'x',
      'shelvery:src_region': 'a b',
    });
  });

  it('find room within 50, and no tag gives way needlessly', () => {
    const base = { ...OURS, ...numbered(39) };
    expect(addTags(base, {}, 'shelvery', RULES.ebs)).toEqual(base);
    const added = addTags(base, { 'shelvery:dr_copy': 'true', 'shelvery:date_copied': 'now' }, 'shelvery', RULES.ebs);
    expect(Object.keys(added)).toHaveLength(50);
    expect(added).toEqual({ ...OURS, ...numbered(37), 'shelvery:dr_copy': 'true', 'shelvery:date_copied': 'now' });
  });

  it('never push out Name, shelvery:tag_name or what stands under the prefix', () => {
    const ours = { Name: 'a', 'shelvery:tag_name': 'acme', ...numbered(49, 'acme:') };
    expect(addTags({ ...numbered(5), ...ours }, { last: 'x' }, 'acme', RULES.ebs)).toEqual(ours);
  });
});
