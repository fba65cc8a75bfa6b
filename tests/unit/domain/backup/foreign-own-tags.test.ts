import { describe, expect, it } from '@jest/globals';
import { foreignOwnTags, installationsTags } from '../../../../layers/engine/src/domain/backup/foreign-own-tags.js';

describe('foreignOwnTags', () => {
  it.each([
    // What an installation acts upon alone.
    ['acme:hold', {}, true],
    ['acme:backup', {}, true],
    ['acme:ami_id', {}, true],
    ['acme:create_backup', {}, true],
    ['a:b:hold', {}, true],
    ['acme:config:shelvery_dr_regions', {}, true],
    ['config:shelvery_dr_regions', {}, true],
    // In any case, as a hold counts.
    ['Shelvery:Hold', {}, true],
    ['x:HOLD', {}, true],
    ['Shelvery:Config:shelvery_dr_regions', {}, true],
    ['OURS:anything', {}, true],
    ['Acme:Anything', { 'acme:Entity_ID': 'vol-1' }, true],
    // What it does not, and others write, too.
    ['team:name', {}, false],
    ['cost:region', {}, false],
    ['hold', {}, false],
    ['Team', {}, false],
    // Whatever begins with a prefix that is an installation's.
    ['acme:name', { 'acme:entity_id': 'vol-1' }, true],
    ['acme:anything', { 'acme:tag_name': 'acme' }, true],
    ['acme:anything', { 'acme:config:x': '1' }, true],
    ['a:b:anything', { 'a:b:config:x': '1' }, true],
    [':anything', { ':config:x': '1' }, true],
    ['acme2:name', { 'acme:entity_id': 'vol-1' }, false],
    ['shelvery:anything', {}, true],
    ['ours:anything', {}, true],
  ])('knows %s beside %j: %s', (key, beside, expected) => {
    expect(foreignOwnTags({ [key]: 'x', ...beside }, ['ours'])(key)).toBe(expected);
  });
});

describe('installationsTags', () => {
  it.each([
    ['acme:create_backup', {}, true],
    ['acme:hold', { 'acme:create_backup': 'true' }, true],
    ['acme:config:shelvery_dr_regions', {}, true],
    ['shelvery:anything', {}, true],
    ['ours:anything', {}, true],
    // Our words after a prefix that nothing shows to be an installation's.
    ['team:backup', {}, false],
    ['team:hold', { 'acme:create_backup': 'true' }, false],
    ['hold', {}, false],
  ])('knows %s beside %j: %s', (key, beside, expected) => {
    expect(installationsTags({ [key]: 'x', ...beside }, ['ours'])(key)).toBe(expected);
  });
});
