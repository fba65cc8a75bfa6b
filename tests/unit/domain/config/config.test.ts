import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CONFIG_KEYS, describeKey } from '../../../../layers/engine/src/domain/config/config-schema.js';
import {
  checkGivenConfig,
  keyForRegion,
  nearest,
  passedOver,
  resolveResourceConfig,
  resolveRunConfig,
  resolveTopics,
  usableConfig,
  wrongValues,
} from '../../../../layers/engine/src/domain/config/config.js';
import type { ConfigLevels } from '../../../../layers/engine/src/domain/config/config.js';
import type { ConfigValues } from '../../../../layers/engine/src/domain/config/config-schema.js';
import { KEY_ROWS } from './config-keys.js';
import { runConfig } from '../builders.js';

const values = (levels: Partial<ConfigLevels>): ConfigValues => resolveRunConfig({ environment: {}, ...levels }).values;
const payload = (config: unknown): ConfigValues => values({ payload: config });
const refusal = (levels: Partial<ConfigLevels>): unknown => {
  try {
    return values(levels);
  } catch (error) {
    return error;
  }
};
const tagged = (tags: Readonly<Record<string, string>>, run = runConfig()) =>
  resolveResourceConfig(
    run,
    Object.fromEntries(Object.entries(tags).map(([key, value]) => [`shelvery:config:${key}`, value])),
  );
const at = (of: ConfigValues, key: string): unknown => new Map<string, unknown>(Object.entries(of)).get(key);

const WITH_BAD = KEY_ROWS.flatMap(({ key, bad, tag }) => bad.slice(0, 1).map((text) => ({ key, text, tag })));
const LEVELS = [
  ['payload', 'the payload'],
  ['environment', 'the environment'],
  ['ssm', 'the SSM parameters'],
] as const;

describe('precedence', () => {
  const key = 'shelvery_keep_daily_backups';
  const all = { payload: { [key]: 3 }, environment: { [key]: '2' }, ssm: { [key]: '1' } };
  it.each([
    ['defaults are lowest', {}, {}, 14],
    ['SSM parameters over defaults', { ssm: all.ssm }, {}, 1],
    ['environment over SSM', { ssm: all.ssm, environment: all.environment }, {}, 2],
    ['payload over environment', all, {}, 3],
    ["the resource's tags over all", all, { [key]: '4' }, 4],
    ['tags over defaults', {}, { [key]: '4' }, 4],
    [
      'an empty string is not set, at any level',
      { payload: { [key]: '' }, environment: { [key]: '' }, ssm: all.ssm },
      { [key]: '' },
      1,
    ],
    [
      'white space is not set either',
      { payload: { [key]: ' ' }, environment: { [key]: '\n' }, ssm: all.ssm },
      { [key]: ' ' },
      1,
    ],
    [
      'null and what is absent are not set',
      { payload: { [key]: null }, environment: { [key]: undefined }, ssm: all.ssm },
      {},
      1,
    ],
  ])('%s', (_, levels, tags, expected) => {
    const run = resolveRunConfig({ environment: {}, ...levels });
    expect(tagged(tags, run)).toMatchObject({ values: { [key]: expected }, problems: [], warnings: [] });
  });

  it.each(KEY_ROWS.filter(({ tag }) => tag))('$key holds in a tag', ({ key: name, good }) => {
    const allowed = { shelvery_allowed_share_aws_account_ids: '111111111111 222222222222 333333333333' };
    const run = resolveRunConfig({ environment: allowed });
    const { values: of, problems, warnings } = tagged({ [name]: good[0]?.[0] ?? '' }, run);
    expect([at(of, name), problems, warnings]).toEqual([good[0]?.[1], [], []]);
  });

  it.each(['shelvery_copy_kms_key_id', 'shelvery_reencrypt_kms_key_id'] as const)(
    'an empty tag unsets %s for a resource',
    (name) => {
      const run = runConfig({ [name]: 'alias/b' });
      const { values: of, tagged: set, problems } = tagged({ [name]: ' ' }, run);
      expect([of[name].size, set, problems]).toEqual([0, [name], []]);
      expect(run.values[name].size).toBe(1);
    },
  );

  it('reads tags under the configured prefix', () => {
    const tags = {
      'acme:config:shelvery_keep_daily_backups': '1',
      'shelvery:config:shelvery_keep_weekly_backups': '1',
    };
    const { values: of } = resolveResourceConfig(runConfig({ shelvery_tag_prefix: 'acme' }), tags);
    expect(of).toMatchObject({ shelvery_keep_daily_backups: 1, shelvery_keep_weekly_backups: 8 });
  });

  it('gives a resource without config tags the very values of the run', () => {
    const run = runConfig();
    expect(resolveResourceConfig(run, { Name: 'web' }).values).toBe(run.values);
  });

  it('mixes keys of all levels', () => {
    const run = resolveRunConfig({
      payload: { shelvery_keep_weekly_backups: 3 },
      environment: { shelvery_keep_monthly_backups: '2' },
      ssm: { shelvery_keep_yearly_backups: '1' },
    });
    expect(tagged({ shelvery_keep_daily_backups: '4' }, run).values).toMatchObject({
      shelvery_keep_daily_backups: 4,
      shelvery_keep_weekly_backups: 3,
      shelvery_keep_monthly_backups: 2,
      shelvery_keep_yearly_backups: 1,
    });
  });
});

describe('a bad value stops the run', () => {
  it.each(
    LEVELS.flatMap(([level, name]) =>
      WITH_BAD.filter(({ key }) => level !== 'payload' || describeKey(key).owner !== true).map(({ key, text }) => ({
        level,
        name,
        key,
        text,
      })),
    ),
  )('$key in $level', ({ level, name, key, text }) => {
    const { allowed, secret } = describeKey(key);
    const is = secret === true ? 'not valid' : JSON.stringify(text);
    const message = `${key} in ${name} is ${is}; allowed: ${allowed}.`;
    expect(refusal({ [level]: { [key]: text } })).toMatchObject({
      name: 'ShelveryError',
      code: 'ConfigurationError',
      message,
    });
  });

  it.each(CONFIG_KEYS.filter((key) => describeKey(key).owner !== true))('%s as an object', (key) => {
    const secret = describeKey(key).secret === true;
    expect(refusal({ payload: { [key]: { a: 1 } } })).toMatchObject({
      message: `${key} in the payload is ${secret ? 'not valid' : '{"a":1}'}; allowed: ${describeKey(key).allowed}.`,
    });
  });

  it.each(CONFIG_KEYS.filter((key) => describeKey(key).owner === true))(
    '%s in a payload, whatever its value: it bounds what payloads may ask for',
    (key) => {
      expect(refusal({ payload: { [key]: '1' } })).toMatchObject({
        code: 'ConfigurationError',
        message: `${key} cannot be set by the payload: only by the environment or SSM parameters.`,
      });
    },
  );

  it('naming all that is bad, one a line, also where a higher level is good', () => {
    const error = refusal({
      payload: { shelvery_keep_daily_backups: 1, shelvery_dr_regions: 'x' },
      environment: { shelvery_keep_daily_backups: 'x' },
    });
    expect(error).toMatchObject({
      message: expect.stringMatching(
        /^shelvery_keep_daily_backups in the environment.*\nshelvery_dr_regions in the payload.*$/,
      ),
    });
  });

  it.each([[[]], ['text'], [5], [true], [[{ a: 1 }]]])('a payload config that is no object: %j', (config) => {
    expect(refusal({ payload: config })).toMatchObject({
      code: 'ConfigurationError',
      message: 'config in the payload must be an object of keys and values.',
    });
  });

  it.each([[undefined], [null], [{}]])('but not a payload without config: %j', (config) => {
    expect(payload(config)).toEqual(runConfig().values);
  });
});

describe('what is looked at before the SSM parameters are read', () => {
  const key = 'shelvery_keep_daily_backups';
  it('stops the run where payload or environment have a bad value', () => {
    expect(() => checkGivenConfig({ payload: { [key]: 'many' }, environment: {} })).toThrow(`${key} in the payload is`);
    expect(() => checkGivenConfig({ environment: { [key]: 'many' } })).toThrow(`${key} in the environment is`);
  });

  it('stops no run for a retention type, which SSM parameters may define', () => {
    const environment = { shelvery_current_retention_type: 'hourly' };
    expect(() => checkGivenConfig({ environment })).not.toThrow();
    expect(refusal({ environment })).toMatchObject({ code: 'ConfigurationError' });
  });
});

describe('shelvery_current_retention_type', () => {
  const key = 'shelvery_current_retention_type';
  const custom = { shelvery_custom_retention_types: 'hourly:3600' };

  it.each([
    ['payload', 'the payload'],
    ['environment', 'the environment'],
    ['ssm', 'the SSM parameters'],
  ] as const)('that is neither standard nor configured is refused, with its level: %s', (level, name) => {
    const levels = { environment: {}, ssm: custom, [level]: { ...(level === 'ssm' ? custom : {}), [key]: 'hourli' } };
    expect(() => resolveRunConfig(levels)).toThrow(
      expect.objectContaining({
        code: 'ConfigurationError',
        message: `${key} in ${name} is "hourli"; allowed: yearly, monthly, weekly, daily, hourly. To use it, add hourli:<seconds> to shelvery_custom_retention_types.`,
      }),
    );
  });

  it('is told of on the level that wins', () => {
    const levels = { payload: { [key]: 'x' }, environment: { [key]: 'x' } };
    expect(refusal(levels)).toMatchObject({
      message: `${key} in the payload is "x"; allowed: yearly, monthly, weekly, daily. To use it, add x:<seconds> to shelvery_custom_retention_types.`,
    });
  });

  it.each(['monthly', 'hourly'])('may be %s, wherever that is configured', (type) => {
    expect(resolveRunConfig({ payload: { [key]: type }, environment: custom }).values[key]).toBe(type);
  });
});

describe('what can be used of a configuration', () => {
  it('is what is right, from the next level or the default where a value is not', () => {
    const { shelvery_keep_daily_backups, shelvery_keep_weekly_backups, shelvery_dr_regions } = usableConfig({
      payload: { shelvery_keep_daily_backups: 'x', shelvery_kep: 1 },
      environment: { shelvery_keep_daily_backups: '3', shelvery_keep_weekly_backups: 'x' },
      ssm: { shelvery_dr_regions: 'eu-west-1' },
    });
    expect([shelvery_keep_daily_backups, shelvery_keep_weekly_backups]).toEqual([3, 8]);
    expect(shelvery_dr_regions).toEqual(['eu-west-1']);
  });
  it('is the defaults where it is none', () => {
    expect(usableConfig({ payload: 'text', environment: {} })).toEqual(values({}));
  });
});

describe('a bad value in a message', () => {
  const key = 'shelvery_keep_daily_backups';
  it('is of the level as whoever reads it knows that', () => {
    const levels = { ssm: { [key]: 'x' }, ssmName: "the stack's parameters" };
    expect(refusal(levels)).toMatchObject({
      message: expect.stringMatching(`^${key} in the stack's parameters is "x"`),
    });
    const unknown = { ssm: { shelvery_current_retention_type: 'x' }, ssmName: "the stack's parameters" };
    expect(refusal(unknown)).toMatchObject({ message: expect.stringContaining("in the stack's parameters is") });
  });
  it.each([
    [298, ''],
    [299, '…'],
  ])('of %d characters is followed by what is allowed', (length, more) => {
    const shown = `"${'x'.repeat(length)}"`.slice(0, 300);
    expect(refusal({ payload: { [key]: 'x'.repeat(length) } })).toMatchObject({
      message: `${key} in the payload is ${shown}${more}; allowed: a whole number from 0 to 10000 (days).`,
    });
  });
});

describe('the topics of a configuration that is wrong elsewhere', () => {
  const arn = (name: string): string => `arn:aws:sns:eu-west-1:111111111111:${name}`;
  it('come each from the highest level that names one rightly', () => {
    const levels = {
      payload: { shelvery_sns_topic: 'not an ARN', shelvery_keep_daily_backups: 'x' },
      environment: { shelvery_sns_topic: arn('environment') },
      ssm: { shelvery_sns_topic: arn('ssm'), shelvery_error_sns_topic: ` ${arn('errors')}` },
    };
    expect(resolveTopics(levels)).toEqual({
      shelvery_sns_topic: arn('environment'),
      shelvery_error_sns_topic: arn('errors'),
    });
  });
  it.each([[undefined], [null], ['text'], [[1]]])('are none where nothing names them: %j', (payload) => {
    expect(resolveTopics({ payload, environment: {} })).toEqual({});
  });
});

describe('what the payload is called', () => {
  it('in messages is up to whoever reads it', () => {
    const refused = (payload: unknown) => () => resolveRunConfig({ payload, payloadName: '--config', environment: {} });
    expect(refused({ shelvery_keep_daily_backups: 'x' })).toThrow('shelvery_keep_daily_backups in --config is "x"');
    expect(refused({ colour: 'blue' })).toThrow(
      'colour in --config is not a configuration key; show_config lists them.',
    );
    expect(refused({ shelvery_current_retention_type: 'x' })).toThrow(
      'shelvery_current_retention_type in --config is "x"',
    );
  });
});

describe('what the payload is called, of other levels', () => {
  it('is not told', () => {
    const environment = { shelvery_keep_daily_backups: 'many' };
    expect(refusal({ payload: {}, payloadName: '--config', environment })).toMatchObject({
      message: expect.stringMatching(/^shelvery_keep_daily_backups in the environment is "many"/),
    });
  });
});

describe('an empty text', () => {
  it.each(['shelvery_copy_kms_key_id', 'shelvery_reencrypt_kms_key_id'] as const)(
    'leaves %s to the next level, except in a tag',
    (key) => {
      const environment = { [key]: 'alias/ours' };
      expect(values({ payload: { [key]: '' }, environment })[key]).toEqual(new Map([['', 'alias/ours']]));
    },
  );
});

describe("a bad value in a resource's tag", () => {
  it.each(WITH_BAD.filter(({ tag }) => tag))('$key is a problem, and the next level is used', ({ key, text }) => {
    const row = KEY_ROWS.find((item) => item.key === key);
    const run = runConfig({ [key]: row?.good[0]?.[0] });
    const { values: of, problems, warnings } = tagged({ [key]: text }, run);
    expect(at(of, key)).toEqual(row?.good[0]?.[1]);
    expect(warnings).toEqual([]);
    expect(problems).toEqual([
      {
        key,
        level: 'tag',
        message: `${key} in the resource's tags is ${JSON.stringify(text)}; allowed: ${describeKey(key).allowed}.`,
      },
    ]);
  });

  it.each(KEY_ROWS.filter(({ tag }) => !tag))(
    '$key cannot be set there: it is not used, with a warning',
    ({ key, byDefault, good }) => {
      const { values: of, problems, warnings } = tagged({ [key]: good[0]?.[0] ?? '' });
      expect([at(of, key), problems]).toEqual([byDefault, []]);
      expect(warnings).toEqual([
        { key, level: 'tag', message: `${key} cannot be set by the resource's tags; it is not used.` },
      ]);
    },
  );
});

describe('an unknown key', () => {
  const asked = 'shelvery_keep_dayly_backups';
  it('in the payload is an error that names the nearest key', () => {
    expect(refusal({ payload: { [asked]: 1 } })).toMatchObject({
      code: 'ConfigurationError',
      message:
        'shelvery_keep_dayly_backups in the payload is not a configuration key; did you mean shelvery_keep_daily_backups?',
    });
  });

  it('that is like no other names none', () => {
    expect(refusal({ payload: { colour: 'blue' } })).toMatchObject({
      message: 'colour in the payload is not a configuration key; show_config lists them.',
    });
  });

  it.each([
    ['environment', 'the environment'],
    ['ssm', 'the SSM parameters'],
  ] as const)('in %s is a warning', (level, name) => {
    const { warnings } = resolveRunConfig({ environment: {}, [level]: { [asked]: '1' } });
    expect(warnings).toEqual([
      {
        key: asked,
        level,
        message: `${asked} in ${name} is not a configuration key; did you mean shelvery_keep_daily_backups?`,
      },
    ]);
  });

  it("in a resource's tags is a warning, and no problem", () => {
    expect(tagged({ [asked]: '1' })).toMatchObject({ problems: [], warnings: [{ key: asked, level: 'tag' }] });
  });

  describe('in tags that are no configuration tags by a letter', () => {
    const given = (tag: string) => {
      const { problems, warnings, tagged: keys } = resolveResourceConfig(runConfig(), { [tag]: '90' });
      return { problems, warnings, keys };
    };
    it.each([
      ['shelvery:Config:shelvery_keep_daily_backups', 'shelvery_keep_daily_backups', 'shelvery_keep_daily_backups'],
      ['Shelvery:config:shelvery_dr_regions', 'shelvery_dr_regions', 'shelvery_dr_regions'],
      ['shelvery:CONFIG:keep_daily_backups', 'keep_daily_backups', 'shelvery_keep_daily_backups'],
      ['shelvery:shelvery_keep_dayly_backups', 'shelvery_keep_dayly_backups', 'shelvery_keep_daily_backups'],
    ])('is a warning that says what was meant: %s', (tag, key, hint) => {
      const message = `${tag} in the resource's tags configures nothing; did you mean shelvery:config:${hint}?`;
      expect(given(tag)).toEqual({ problems: [], warnings: [{ key, level: 'tag', message }], keys: [] });
    });
    it.each([
      'shelvery:shelvery_of_the_team_in_charge_of_this',
      'acme:config:shelvery_keep_daily_backups',
      'shelvery_keep',
    ])("is somebody's, and nothing is said: %s", (tag) => {
      expect(given(tag)).toEqual({ problems: [], warnings: [], keys: [] });
    });
    it('stands beside what counts', () => {
      const tags = { 'shelvery:config:shelvery_keep_daily_backups': '3', 'shelvery:Config:shelvery_dr_regions': 'x' };
      expect(resolveResourceConfig(runConfig(), tags)).toMatchObject({
        problems: [],
        tagged: ['shelvery_keep_daily_backups'],
        warnings: [{ key: 'shelvery_dr_regions' }],
      });
    });
  });

  it('in the environment counts only with our beginning', () => {
    const environment = { PATH: '/bin', SHELVERY_MONO_THREAD: '1', keep: 'x' };
    expect(resolveRunConfig({ environment }).warnings).toEqual([]);
  });

  it.each([['constructor'], ['toString'], ['hasOwnProperty']])('may be called %s', (key) => {
    expect(refusal({ payload: { [key]: 1 } })).toMatchObject({
      message: `${key} in the payload is not a configuration key; show_config lists them.`,
    });
  });
});

describe('JSON in the payload', () => {
  it.each([
    ['a number', 'shelvery_keep_daily_backups', 5, 5],
    ['a number as text', 'shelvery_keep_daily_backups', '5', 5],
    ['true', 'shelvery_encrypt_copy', true, true],
    ['false', 'shelvery_copy_resource_tags', false, false],
    ['1 for true', 'shelvery_encrypt_copy', 1, true],
    ['a list', 'shelvery_dr_regions', ['us-east-1', ' us-west-2 '], ['us-east-1', 'us-west-2']],
    [
      'a list of numbers',
      'shelvery_share_aws_account_ids',
      [222222222222, '333333333333'],
      ['222222222222', '333333333333'],
    ],
    ['a number where a list is', 'shelvery_share_aws_account_ids', 222222222222, ['222222222222']],
  ])('%s is understood', (_, key, value, expected) => {
    expect(at(payload({ [key]: value }), key)).toEqual(expected);
  });

  it.each([[[]], [['']], [',']])('%j is none, over what lower levels say', (none) => {
    expect(
      values({ payload: { shelvery_dr_regions: none }, environment: { shelvery_dr_regions: 'us-east-1' } })
        .shelvery_dr_regions,
    ).toEqual([]);
  });

  it.each([
    ['a fraction', 'shelvery_keep_daily_backups', 1.5, '1.5'],
    ['a negative number', 'shelvery_keep_daily_backups', -1, '-1'],
    ['true for a number', 'shelvery_keep_daily_backups', true, 'true'],
    ['an empty list for a number', 'shelvery_keep_daily_backups', [], '[]'],
    ['a list of lists', 'shelvery_dr_regions', [['us-east-1']], '[["us-east-1"]]'],
    ['2 for a boolean', 'shelvery_encrypt_copy', 2, '2'],
  ])('%s is refused and shown as it was', (_, key, value, shown) => {
    expect(refusal({ payload: { [key]: value } })).toMatchObject({
      message: expect.stringContaining(`${key} in the payload is ${shown}; allowed: `),
    });
  });
});

describe('both spellings of the excluded tag keys', () => {
  const [own, other] = ['shelvery_exluded_resource_tag_keys', 'shelvery_excluded_resource_tag_keys'] as const;
  it.each([
    ['the declared one', { payload: { [own]: 'a' } }, ['a']],
    ['the other one', { payload: { [other]: 'b' } }, ['b']],
    ['the declared one wins in one level', { payload: { [own]: 'a', [other]: 'b' } }, ['a']],
    ['in whatever order', { payload: { [other]: 'b', [own]: 'a' } }, ['a']],
    ['the other one where the declared one is empty', { payload: { [own]: '', [other]: 'b' } }, ['b']],
    ['the higher level wins, whatever the spelling', { payload: { [other]: 'b' }, environment: { [own]: 'a' } }, ['b']],
    ['in the environment', { environment: { [other]: 'b' } }, ['b']],
    ['in SSM parameters', { ssm: { [other]: 'b' } }, ['b']],
  ])('%s', (_, levels, expected) => {
    const run = resolveRunConfig({ environment: {}, ...levels });
    expect([run.values[own], run.warnings]).toEqual([expected, []]);
  });

  it('a bad value is named as it was spelled', () => {
    expect(refusal({ payload: { [other]: {} } })).toMatchObject({
      message: expect.stringMatching(/^shelvery_excluded_resource_tag_keys in the payload/),
    });
  });
});

describe('the nearest word', () => {
  it.each([
    ['one letter off', 'creat_backups', ['create_backups', 'clean_backups'], 'create_backups'],
    ['two letters of a short word', 'abs', ['ebs'], 'ebs'],
    ['three letters of a short word are too many', 'xyz', ['ebs'], undefined],
    ['a third of a long word', 'shelvery_keep', ['shelvery_keep_daily'], 'shelvery_keep_daily'],
    ['more than a third', 'shelvery_kee', ['shelvery_keep_daily'], undefined],
    ['of none', 'ebs', [], undefined],
  ])('%s', (_, word, words, expected) => {
    expect(nearest(word, words)).toBe(expected);
  });
});

describe('the key for a region', () => {
  it.each([
    [
      'its own',
      new Map([
        ['', 'all'],
        ['eu-west-1', 'own'],
      ]),
      'own',
    ],
    [
      'that for all',
      new Map([
        ['', 'all'],
        ['us-east-1', 'other'],
      ]),
      'all',
    ],
    ['none', new Map([['us-east-1', 'other']]), undefined],
  ])('is %s', (_, keys, key) => {
    expect(keyForRegion(keys, 'eu-west-1')).toBe(key);
  });
});

describe('configuration, for any input', () => {
  const anything = fc.dictionary(fc.oneof(fc.constantFrom<string>(...CONFIG_KEYS), fc.string()), fc.jsonValue());
  it('gives values or a ConfigurationError, nothing else', () => {
    fc.assert(
      fc.property(anything, (config) => {
        const result = refusal({ payload: config });
        expect(result instanceof Error ? result.name : 'values').toMatch(/^(?:ShelveryError|values)$/);
      }),
    );
  });

  it('of a resource never throws, whatever its tags say', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.oneof(fc.constantFrom<string>(...CONFIG_KEYS), fc.string()), fc.string()),
        (tags) => {
          expect(Object.keys(tagged(tags).values)).toEqual(expect.arrayContaining(['shelvery_keep_daily_backups']));
        },
      ),
    );
  });
});

describe('what comes of wrong values in tags', () => {
  const wrong = {
    'shelvery:config:shelvery_keep_daily_backups': 'abc',
    'shelvery:config:shelvery_keep_weekly_backups': 'many',
    'shelvery:config:shelvery_sns_topic': 'x',
  };
  const DAILY = 'is "abc"; allowed: a whole number from 0 to 10000 (days).';
  const WEEKLY = 'is "many"; allowed: a whole number from 0 to 10000 (weeks).';

  it('is told of every one of them', () => {
    expect(wrongValues(resolveResourceConfig(runConfig(), wrong))).toBe(
      `shelvery_keep_daily_backups in the resource's tags ${DAILY} shelvery_keep_weekly_backups in the resource's tags ${WEEKLY}`,
    );
  });

  it("names the backup's own tags, where those count", () => {
    const own = resolveResourceConfig(runConfig(), wrong, {}, 'backup');
    expect([...own.problems, ...own.warnings].map(({ message }) => message)).toEqual([
      `shelvery_keep_daily_backups in the backup's own tags ${DAILY}`,
      `shelvery_keep_weekly_backups in the backup's own tags ${WEEKLY}`,
      "shelvery_sns_topic cannot be set by the backup's own tags; it is not used.",
    ]);
  });

  it('is, for a run that makes backups, that the next level counts and nothing goes', () => {
    expect(resolveResourceConfig(runConfig(), wrong).problems.slice(0, 1).map(passedOver)).toEqual([
      `shelvery_keep_daily_backups in the resource's tags ${DAILY} It is not used, and no backup of the resource is removed until it is corrected.`,
    ]);
  });
});
