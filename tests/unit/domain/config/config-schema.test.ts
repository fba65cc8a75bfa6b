import { describe, expect, it } from '@jest/globals';
import {
  CONFIG_KEYS,
  KEY_ALIASES,
  describeKey,
  fillBucketTemplate,
  isConfigKey,
} from '../../../../layers/engine/src/domain/config/config-schema.js';
import type { ConfigKey } from '../../../../layers/engine/src/domain/config/config-schema.js';
import { resolveRunConfig } from '../../../../layers/engine/src/domain/config/config.js';
import { KEY_ROWS } from './config-keys.js';

/** What a text comes to on the highest level that may set the key. */
const resolved = (key: ConfigKey, text: unknown): unknown => {
  const given = { [key]: text };
  const levels =
    describeKey(key).owner === true ? { environment: {}, ssm: asTexts(given) } : { payload: given, environment: {} };
  return new Map<string, unknown>(Object.entries(resolveRunConfig(levels).values)).get(key);
};

const asTexts = (given: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(given).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])),
  );

describe('the keys', () => {
  it('are all in the table of these tests', () => {
    expect(KEY_ROWS.map(({ key }) => key)).toEqual(CONFIG_KEYS);
  });

  it('know themselves, and no other word', () => {
    expect(CONFIG_KEYS.every(isConfigKey)).toBe(true);
    expect(['shelvery_excluded_resource_tag_keys', 'keep', '', 'constructor'].some(isConfigKey)).toBe(false);
  });

  it('have one other spelling', () => {
    expect(KEY_ALIASES).toEqual({ shelvery_excluded_resource_tag_keys: 'shelvery_exluded_resource_tag_keys' });
  });

  it.each(KEY_ROWS)(
    'say of $key what it is for, what is allowed, and whether a tag may set it: $tag',
    ({ key, tag }) => {
      expect(describeKey(key)).toMatchObject({
        description: expect.stringMatching(/^\S.*\.$/),
        allowed: expect.stringMatching(/^\S.*[^.]$/),
        tag,
      });
    },
  );

  it('keep one value out of messages', () => {
    expect(CONFIG_KEYS.filter((key) => describeKey(key).secret)).toEqual(['role_external_id']);
  });
});

describe.each(KEY_ROWS)('$key', ({ key, byDefault, good, bad }) => {
  it('has its default', () => {
    expect(resolved(key, '')).toEqual(byDefault);
  });

  it.each(good)('takes %j', (text, value) => {
    expect(resolved(key, text)).toEqual(value);
  });

  if (bad.length > 0) {
    it.each(bad)('refuses %j', (text) => {
      expect(() => resolved(key, text)).toThrow(
        `${key} in ${describeKey(key).owner === true ? 'the SSM parameters' : 'the payload'} is`,
      );
    });
  }
});

describe('a bucket name template', () => {
  it('is filled with account and region, wherever they stand', () => {
    expect(fillBucketTemplate('{region}.{account_id}-{region}', '111111111111', 'eu-west-1')).toBe(
      'eu-west-1.111111111111-eu-west-1',
    );
  });
});
