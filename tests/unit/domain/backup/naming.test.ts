import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ServiceRules } from '../../../../layers/engine/src/domain/backup/backup.js';
import {
  REENCRYPTED_ENDING,
  backupName,
  derivedName,
  distinctNames,
  legalName,
} from '../../../../layers/engine/src/domain/backup/naming.js';
import { present } from '../../../../layers/engine/src/domain/present.js';
import { BACKUP_TYPES } from '../../../../layers/engine/src/domain/values.js';
import type { BackupType } from '../../../../layers/engine/src/domain/values.js';
import { RULES, utc } from '../builders.js';

const AT = utc('2026-11-24 03:01');
const END = '-2026-11-24-0301-daily';
const md5 = (text: string, digits: number): string => createHash('md5').update(text).digest('hex').slice(0, digits);

const nameOf = (
  resourceId: string,
  nameTag: string | undefined,
  rules: ServiceRules = RULES.ebs,
  retentionType = 'daily',
): string =>
  backupName({ prefix: 'shelvery', resourceId, createdAt: AT, retentionType, ...present({ nameTag }) }, rules);

/** Legal for the service: its alphabet, its length, a letter first where it wants one, no hyphen last or twice. */
function expectLegal(name: string, rules: ServiceRules): void {
  expect(name).toMatch(rules.nameStartsWithLetter ? /^[A-Za-z](?:-?[A-Za-z0-9])*$/ : /^[A-Za-z0-9](?:-?[A-Za-z0-9])*$/);
  expect(name.length).toBeLessThanOrEqual(rules.maxNameLength);
  if (rules.lowerCase) expect(name).toBe(name.toLowerCase());
}

const rulesOfServices = fc.constantFrom<ServiceRules>(...Object.values(RULES));
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.stringMatching(/^[A-Za-z0-9 -]{0,300}$/),
  fc.stringMatching(/^-*$/),
  fc.constantFrom(
    '',
    '---',
    'データベース',
    '🚀🚀',
    'x-2026-01-01-0000-y',
    'A'.repeat(256),
    '-2026-01-01-0000-'.repeat(15),
  ),
);
const ids = fc.oneof(
  fc.stringMatching(/^vol-[0-9a-f]{17}$/),
  fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,254}$/),
  anyText.filter((id) => id !== ''),
);
const tidyTypes = fc.stringMatching(/^[A-Za-z0-9](?:-?[A-Za-z0-9]){0,9}$/).filter((type) => type.length <= 20);
const anyTypes = fc.stringMatching(/^[A-Za-z0-9-]{1,20}$/);
const created = fc.date({ min: utc('2000-01-01'), max: utc('2099-12-31'), noInvalidDate: true });
const parts = fc.record({
  prefix: fc.constant('shelvery'),
  resourceId: ids,
  nameTag: anyText,
  createdAt: created,
  retentionType: tidyTypes,
});
const end = (time: Date, type: string): string =>
  `-${time.toISOString().slice(0, 16).replace('T', '-').replace(':', '')}-${type}`;

describe('the name of a backup', () => {
  it.each([
    ['Name tag, hash of the id, minute and retention type', 'web', `web-${md5('vol-1', 6)}${END}`],
    ['characters outside the alphabet become hyphens', 'web/app_1', `web-app-1-${md5('vol-1', 6)}${END}`],
    ['runs of them become one', 'web  //  app', `web-app-${md5('vol-1', 6)}${END}`],
    ['hyphens of its own count to the run', 'web - app', `web-app-${md5('vol-1', 6)}${END}`],
    ['none stays before the hash', 'web!', `web-${md5('vol-1', 6)}${END}`],
    ['none stays at the start', ' web', `web-${md5('vol-1', 6)}${END}`],
    ['letters of other scripts are outside', 'Bücher', `B-cher-${md5('vol-1', 6)}${END}`],
    ['emoji are outside', 'web🚀app', `web-app-${md5('vol-1', 6)}${END}`],
    ['digits may lead', '1st', `1st-${md5('vol-1', 6)}${END}`],
    ['the case stays', 'WebApp', `WebApp-${md5('vol-1', 6)}${END}`],
    ['without a Name tag the id, without a hash', undefined, `vol-1${END}`],
    ['an empty Name tag is none', '', `vol-1${END}`],
    ['a Name tag of spaces is none', '   ', `vol-1${END}`],
    ['a Name tag of hyphens is none', '---', `vol-1${END}`],
    ['a Name tag without a legal character is none', 'データベース', `vol-1${END}`],
  ])('%s', (_, nameTag, name) => {
    expect(nameOf('vol-1', nameTag)).toBe(name);
  });

  it('is known by one example in full', () => {
    expect(nameOf('vol-1', 'web')).toBe('web-90cfa3-2026-11-24-0301-daily');
  });

  it('takes an id with odd characters like a Name tag', () => {
    expect(nameOf('cluster:my db', undefined)).toBe(`cluster-my-db${END}`);
  });

  it.each([
    [30, `w-${md5('vol-1', 6)}${END}`],
    [29, `w${md5('vol-1', 6)}${END}`],
  ])('keeps its hyphen as long as there is room: %i characters', (maxNameLength, name) => {
    expect(nameOf('vol-1', 'web', { ...RULES.ebs, maxNameLength })).toBe(name);
  });

  const LONGEST: Readonly<Record<BackupType, number>> = {
    ebs: 255,
    ec2ami: 128,
    rds: 240,
    rds_cluster: 63,
    docdb: 63,
    redshift: 255,
  };
  it.each(BACKUP_TYPES)('is shortened in its first part to what %s takes', (type) => {
    const [rules, max] = [RULES[type], LONGEST[type]];
    const rest = `-${md5('vol-1', 6)}${END}`;
    expect(nameOf('vol-1', 'w'.repeat(256), rules)).toBe(`${'w'.repeat(max - rest.length)}${rest}`);
    expect(nameOf('vol-1', 'w'.repeat(max - rest.length), rules)).toBe(`${'w'.repeat(max - rest.length)}${rest}`);
  });

  it('gives a shortened id the hash too, and only a shortened one', () => {
    const fits = 'd'.repeat(63 - END.length);
    expect(nameOf(fits, undefined, RULES.rds_cluster)).toBe(`${fits}${END}`);
    const id = `${fits}x`;
    expect(nameOf(id, undefined, RULES.rds_cluster)).toBe(`${'d'.repeat(63 - END.length - 7)}-${md5(id, 6)}${END}`);
  });

  it('leaves no two hyphens where it was cut', () => {
    const room = 63 - END.length - 7;
    const nameTag = `${'w'.repeat(room - 1)}-tail`;
    expect(nameOf('db', nameTag, RULES.rds_cluster)).toBe(`${'w'.repeat(room - 1)}-${md5('db', 6)}${END}`);
  });

  it('starts with a letter where the service wants one', () => {
    expect(nameOf('db', '1st', RULES.rds)).toBe(`shelvery-1st-${md5('db', 6)}${END}`);
    expect(nameOf('1db', undefined, RULES.rds)).toBe(`shelvery-1db${END}`);
    expect(nameOf('db', 'first', RULES.rds)).toBe(`first-${md5('db', 6)}${END}`);
  });

  it('counts the letters that were put before', () => {
    const id = `1${'d'.repeat(62 - END.length)}`;
    expect(nameOf(id, undefined, RULES.docdb)).toBe(
      `${`shelvery-${id}`.slice(0, 63 - END.length - 7)}-${md5(id, 6)}${END}`,
    );
  });

  it('is in lower case where the service lowers it, and only there', () => {
    expect(nameOf('db', 'WebApp', RULES.rds, 'quarterHourly')).toBe(
      `webapp-${md5('db', 6)}-2026-11-24-0301-quarterhourly`,
    );
    expect(nameOf('vol-1', 'WebApp', RULES.ebs, 'quarterHourly')).toBe(
      `WebApp-${md5('vol-1', 6)}-2026-11-24-0301-quarterHourly`,
    );
  });

  it('is never that of another installation: under another prefix its hash is of prefix and id, and always there', () => {
    const under = (prefix: string, nameTag: string): string =>
      backupName({ prefix, resourceId: 'vol-1', nameTag, createdAt: AT, retentionType: 'daily' }, RULES.ebs);
    expect(under('longterm', '')).toBe(`vol-1-${md5('longterm:vol-1', 6)}${END}`);
    expect(under('longterm', 'web')).toBe(`web-${md5('longterm:vol-1', 6)}${END}`);
    expect(under('shelvery', '')).toBe(`vol-1${END}`);
  });

  it('has twelve hex digits when asked', () => {
    const of = (nameTag: string): string =>
      backupName(
        { prefix: 'shelvery', resourceId: 'vol-1', nameTag, createdAt: AT, retentionType: 'daily' },
        RULES.ebs,
        12,
      );
    expect(of('web')).toBe(`web-${md5('vol-1', 12)}${END}`);
    expect(of('')).toBe(`vol-1-${md5('vol-1', 12)}${END}`);
  });

  it('has nothing but the end where the id has no legal character', () => {
    expect(nameOf('___', undefined)).toBe(END.slice(1));
    expect(nameOf('___', undefined, RULES.rds)).toBe(`shelvery${END}`);
  });

  it('is legal for every service, whatever the resource and the retention type are called', () => {
    fc.assert(
      fc.property(parts, anyTypes, fc.constantFrom(6, 12), rulesOfServices, (of, retentionType, digits, rules) => {
        expectLegal(backupName({ ...of, retentionType }, rules, digits), rules);
      }),
      { numRuns: 400 },
    );
  });

  it('ends with its minute and retention type, whatever had to be shortened', () => {
    fc.assert(
      fc.property(parts, rulesOfServices, (of, rules) => {
        const ending = end(of.createdAt, of.retentionType);
        expect(`-${backupName(of, rules)}`).toMatch(new RegExp(`${rules.lowerCase ? ending.toLowerCase() : ending}$`));
      }),
    );
  });

  it('carries the whole hash where it carries one', () => {
    fc.assert(
      fc.property(parts, rulesOfServices, (of, rules) => {
        const ending = end(of.createdAt, of.retentionType);
        const name = backupName({ ...of, nameTag: `n${of.nameTag}` }, rules);
        expect(name.slice(0, -ending.length).endsWith(`-${md5(of.resourceId, 6)}`)).toBe(true);
      }),
    );
  });
});

describe('names of one run', () => {
  it('gives the second by id of two equal names twelve hex digits', () => {
    const item = (resourceId: string, nameTag?: string) => ({
      prefix: 'shelvery',
      resourceId,
      createdAt: AT,
      retentionType: 'daily',
      ...present({ nameTag }),
    });
    const [underscore, hyphen, other] = [item('my_db'), item('my-db'), item('other', 'my')];
    const names = distinctNames([underscore, hyphen, other], RULES.ebs);
    expect([...names]).toEqual([
      [hyphen, `my-db${END}`],
      [underscore, `my-db-${md5('my_db', 12)}${END}`],
      [other, `my-${md5('other', 6)}${END}`],
    ]);
  });

  it('sees equality after lowering', () => {
    const items = ['DB', 'db'].map((resourceId) => ({
      prefix: 'shelvery',
      resourceId,
      createdAt: AT,
      retentionType: 'daily',
    }));
    expect([...distinctNames(items, RULES.rds).values()]).toEqual([`db${END}`, `db-${md5('db', 12)}${END}`]);
    expect([...distinctNames(items, RULES.ebs).values()]).toEqual([`DB${END}`, `db${END}`]);
  });

  it('is never the same for two resources, and does not depend on their order', () => {
    const resources = fc.uniqueArray(
      fc.record({ resourceId: ids, nameTag: fc.constantFrom('', 'web', 'Web', 'w'.repeat(250)) }),
      {
        selector: (item) => item.resourceId,
        maxLength: 25,
      },
    );
    fc.assert(
      fc.property(resources, tidyTypes, rulesOfServices, (list, retentionType, rules) => {
        const items = list.map((item) => ({ ...item, prefix: 'shelvery', createdAt: AT, retentionType }));
        const names = distinctNames(items, rules);
        expect(new Set(names.values()).size).toBe(items.length);
        for (const name of names.values()) expectLegal(name, rules);
        expect([...distinctNames([...items].reverse(), rules)]).toEqual([...names]);
      }),
    );
  });

  it('tells apart ids that differ in odd characters alone', () => {
    const alike = fc.uniqueArray(fc.stringMatching(/^a[_.:-]{1,3}b$/), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(alike, rulesOfServices, (list, rules) => {
        const items = list.map((resourceId) => ({
          prefix: 'shelvery',
          resourceId,
          createdAt: AT,
          retentionType: 'daily',
        }));
        expect(new Set(distinctNames(items, rules).values()).size).toBe(items.length);
      }),
    );
  });
});

describe('a name from elsewhere', () => {
  it('stays as it is where the service takes any, up to its longest', () => {
    const longest = 'a_b'.padEnd(RULES.ec2ami.maxNameLength, 'x');
    expect(legalName(longest, RULES.ec2ami)).toBe(longest);
    expect(legalName(`${longest}x`, RULES.ec2ami)).toHaveLength(RULES.ec2ami.maxNameLength);
  });
});

describe('a derived name', () => {
  const name = `web-abcdef${END}`;

  it('is the name with its ending where that fits', () => {
    expect(derivedName(name, REENCRYPTED_ENDING, RULES.rds)).toBe(`${name}-re-encrypted`);
  });

  it('is shortened in its first part, with a hash of the whole', () => {
    const long = `${'w'.repeat(63 - END.length - 7)}-abcdef${END}`;
    const rest = `${END}-re-encrypted`;
    expect(derivedName(long, REENCRYPTED_ENDING, RULES.rds_cluster)).toBe(
      `${'w'.repeat(63 - rest.length - 7)}-${md5(`${long}-re-encrypted`, 6)}${rest}`,
    );
  });

  it('may fill all that there is', () => {
    const full = `${'w'.repeat(63 - END.length - 13)}${END}`;
    expect(derivedName(full, REENCRYPTED_ENDING, RULES.rds_cluster)).toBe(`${full}-re-encrypted`);
  });

  it('is set apart by a hash of the source where the plain one is taken', () => {
    const arn = 'arn:aws:rds:eu-west-1:222222222222:snapshot:web';
    expect(derivedName(name, '', RULES.rds, arn)).toBe(`web-abcdef-${md5(arn, 12)}${END}`);
    expect(derivedName('by-hand', '', RULES.rds, arn)).toBe(`by-hand-${md5(arn, 12)}`);
  });

  it('takes only the last date for the end', () => {
    const misleading = `x-2026-01-01-0000-${'y'.repeat(200)}-abcdef${END}`;
    expect(derivedName(misleading, '', RULES.ec2ami, 'apart')).toBe(
      `${misleading.slice(0, 128 - END.length - 13)}-${md5('apart', 12)}${END}`,
    );
  });

  it('keeps the ending of a temporary snapshot in the end', () => {
    expect(derivedName(`${name}-re-encrypted`, '', RULES.rds_cluster, 'apart')).toBe(
      `web-abcdef-${md5('apart', 12)}${END}-re-encrypted`,
    );
  });

  it('has one letter and no hyphen before the hash where the end leaves room for no more', () => {
    const longest = `web-2026-11-24-0301-${'t'.repeat(20)}-re-encrypted`;
    const derived = derivedName(longest, '', RULES.docdb, 'apart');
    expect(derived).toBe(`w${md5('apart', 12)}-2026-11-24-0301-${'t'.repeat(20)}-re-encrypted`);
    expect(derived).toHaveLength(63);
  });

  it('is legal for every service, ends as the name does, and is another for another source', () => {
    const endings = fc.constantFrom('', REENCRYPTED_ENDING);
    fc.assert(
      fc.property(
        parts,
        rulesOfServices,
        endings,
        fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 2 }),
        (of, rules, ending, aparts) => {
          const base = backupName({ ...of, nameTag: `n${of.nameTag}` }, rules);
          const derived = [undefined, ...aparts].map((apart) => derivedName(base, ending, rules, apart));
          for (const one of derived) {
            expectLegal(one, rules);
            const last = `${end(of.createdAt, of.retentionType)}${ending}`;
            expect(`-${one}`.endsWith(rules.lowerCase ? last.toLowerCase() : last)).toBe(true);
          }
          expect(new Set(derived).size).toBe(3);
        },
      ),
    );
  });
});
