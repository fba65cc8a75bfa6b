import { describe, expect, it } from '@jest/globals';
import { holdOf, isHoldKey, seemsHoldKey, spelledAlike } from '../../../../layers/engine/src/domain/backup/hold.js';

describe('a hold', () => {
  it.each([
    ['true', true],
    ['1', true],
    ['yes', true],
    ['on', true],
    ['true ', true],
    ['keep', true],
    ['', false],
    [' ', false],
    ['false', false],
    [' FALSE', false],
    ['0', false],
    ['No', false],
    [undefined, false],
  ])('a backup with hold=%j is held: %s', (value, held) => {
    expect(holdOf(value === undefined ? {} : { 'shelvery:hold': value }, 'shelvery') !== undefined).toBe(held);
  });

  it.each([
    ['shelvery:Hold', 'legal', true],
    ['SHELVERY:HOLD', '1', true],
    ['shelvery:Hold', 'no', false],
    ['shelvery:holding', 'legal', false],
    ['acme:hold', 'legal', false],
  ])('a backup with %s=%j is held: %s', (key, value, held) => {
    expect(holdOf({ Name: 'web', [key]: value }, 'shelvery') !== undefined).toBe(held);
  });

  it('is held by one of two keys that says so', () => {
    expect(holdOf({ 'shelvery:hold': 'no', 'shelvery:Hold': 'legal' }, 'shelvery')).toBe('shelvery:Hold');
  });
});

describe('a key that was probably meant for a hold', () => {
  const MEANT = [
    'shelvery:on_hold',
    'shelvery:on-hold',
    'shelvery:onHold',
    'shelvery:onhold',
    'shelvery:legal_hold',
    'shelvery:legal-hold',
    'shelvery:LegalHold',
    'Shelvery:Legal Hold',
    'shelvery:holds',
    'shelvery:held',
    'shelvery:hold_until',
    'shelvery:hold ',
    ' shelvery:hold',
    'shelvery: hold',
    'shelvery:hold:',
    'shelvery:hodl',
    'shelvery:hol',
    'shelvery:hold1',
  ];

  it.each(MEANT)('holds as well, and is told by its name: %j', (key) => {
    expect(holdOf({ Name: 'web', [key]: 'true' }, 'shelvery')).toBe(key);
    expect(isHoldKey(key, 'shelvery')).toBe(true);
    expect(seemsHoldKey(key, 'shelvery')).toBe(false);
  });

  it.each(['', 'false', ' No', '0'])('does not where its value is %j', (value) => {
    expect(holdOf({ 'shelvery:legal_hold': value }, 'shelvery')).toBeUndefined();
  });

  it.each([
    'shelvery:holding',
    'shelvery:threshold',
    'shelvery:household',
    'shelvery:old',
    'shelvery:name',
    'shelvery:host',
    'shelvery:hd',
    'shelvery:config:hold',
    'Shelvery:Config:shelvery_hold',
    'shelvery-hold',
    'shelvery_hold',
    'shelvry:hold',
    'shelvery2:hold',
    'acme:legal_hold',
    'backup12:hold',
    'shelverylegal:hold',
    'team:shelvery:hold',
  ])('is another one: %j', (key) => {
    expect(holdOf({ [key]: 'true' }, 'shelvery')).toBeUndefined();
    expect(isHoldKey(key, 'shelvery')).toBe(false);
  });

  it.each(['acme:gold', 'acme:old', 'acme:host', 'acme:sold'])('is a word of its own: %j', (key) => {
    expect(holdOf({ [key]: 'true' }, 'acme')).toBeUndefined();
  });

  it.each([
    ['acme:legal-hold', 'acme'],
    ['My-Backups:on_hold', 'my-backups'],
    ['a+b:hold ', 'a+b'],
  ])('counts under the configured prefix: %j under %s', (key, prefix) => {
    expect(holdOf({ [key]: 'x' }, prefix)).toBe(key);
  });

  it.each(['backup-hold-days', 'backup_hold_period', 'backup/held-by', 'backup-hold'])(
    'is none where backups may have it from their resource: %j',
    (key) => {
      expect(isHoldKey(key, 'backup')).toBe(false);
    },
  );

  it('gives way to the right one, in whatever case', () => {
    expect(holdOf({ 'shelvery:legal_hold': '1', 'Shelvery:Hold': '1' }, 'shelvery')).toBe('Shelvery:Hold');
    expect(holdOf({ 'shelvery:legal_hold': '1', 'shelvery:hold': 'no' }, 'shelvery')).toBe('shelvery:legal_hold');
  });
});

describe('a key that only seems to hold', () => {
  it.each([
    'hold',
    'Hold',
    'HOLD ',
    'on_hold',
    'onHold',
    'legal-hold',
    'LegalHold',
    'litigation hold',
    'backup:hold',
    'snapshot-legal-hold',
    'legal-hold-until',
    'shelvery-hold',
    'SHELVERY_HOLD',
    'Shelvery.OnHold',
    'shelvery/legal-hold',
    'shelveryHold',
    'shelveryhold',
    'hold-shelvery',
    'shelvry:hold',
    'shelvry-hold',
    'shelvery2:hold',
    'shelvery:config:hold',
    'shelvery:config:shelvery_hold',
  ])('may be anybody’s, or configures: %j', (key) => {
    expect(seemsHoldKey(key, 'shelvery')).toBe(true);
    expect(holdOf({ [key]: 'true' }, 'shelvery')).toBeUndefined();
  });

  it.each([
    'shelvery:hold',
    'holding',
    'Household',
    'threshold',
    'acme:hold',
    'holder',
    'on',
    'legal',
    'Hold-Company',
    'shelvery',
    'shelveryhost',
  ])('is none of them: %j', (key) => {
    expect(seemsHoldKey(key, 'shelvery')).toBe(false);
  });

  it.each([
    ['qa:hold', 'pa'],
    ['b:hold', 'a'],
    ['backup-hold-days', 'backup'],
    ['acme-data-held-by', 'acme'],
  ])('is none where another word stands there: %j under %s', (key, prefix) => {
    expect(seemsHoldKey(key, prefix)).toBe(false);
  });

  it.each([
    ['hold.', 'hold'],
    ['on_hold', 'On-Hold'],
    ['legalHold', 'legal hold'],
  ])('is the same as one that is spelled alike: %j and %j', (one, other) => {
    expect(spelledAlike(one)).toBe(spelledAlike(other));
  });
});
