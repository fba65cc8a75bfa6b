import { describe, expect, it } from '@jest/globals';
import { resolveResourceConfig, resolveRunConfig } from '../../../../layers/engine/src/domain/config/config.js';
import type { ResourceConfig } from '../../../../layers/engine/src/domain/config/config.js';
import { configuredBy } from '../../../../layers/engine/src/domain/config/targets.js';
import { DR, HOME, OTHER_ACCOUNT, OWN_ACCOUNT, RULES, THIRD } from '../builders.js';

const SHARE = 'shelvery_share_aws_account_ids';
const STRANGER = '999999999999';

/** What a resource's tags come to under an environment. */
function under(environment: Readonly<Record<string, string>>, tags: Readonly<Record<string, string>>): ResourceConfig {
  return resolveResourceConfig(
    resolveRunConfig({ environment }),
    Object.fromEntries(Object.entries(tags).map(([key, value]) => [`shelvery:config:${key}`, value])),
  );
}

describe('accounts that a tag shares with', () => {
  it('are none that the configuration does not allow: they are left out, with a warning that says how to allow them', () => {
    const { values, warnings, problems } = under({}, { [SHARE]: STRANGER });
    expect(values[SHARE]).toEqual([]);
    expect(problems).toEqual([]);
    expect(warnings).toEqual([
      {
        key: SHARE,
        level: 'tag',
        message: `${SHARE} in the resource's tags names ${STRANGER}, which tags may not share with; left out. To allow it, list it in shelvery_allowed_share_aws_account_ids.`,
      },
    ]);
  });

  it.each([
    ["those of the run's own configuration", { [SHARE]: OTHER_ACCOUNT }],
    ['those that are listed as allowed', { shelvery_allowed_share_aws_account_ids: OTHER_ACCOUNT }],
  ])('may be %s', (_, environment) => {
    expect(under(environment, { [SHARE]: `${OTHER_ACCOUNT} ${STRANGER}` }).values[SHARE]).toEqual([OTHER_ACCOUNT]);
    expect(under(environment, { [SHARE]: OTHER_ACCOUNT }).warnings).toEqual([]);
  });

  it('are told of, each of them', () => {
    expect(under({}, { [SHARE]: `${STRANGER} ${OTHER_ACCOUNT}` }).warnings[0]?.message).toContain(
      ` names ${STRANGER}, ${OTHER_ACCOUNT}, which `,
    );
  });

  it('may be fewer than those of the run, and none', () => {
    expect(under({ [SHARE]: OTHER_ACCOUNT }, { [SHARE]: ',' }).values[SHARE]).toEqual([]);
  });

  it('may be the own account, which is no share', () => {
    const by = { home: HOME, config: resolveRunConfig({ environment: {} }), rules: RULES.ebs };
    const { config, targets } = configuredBy({ [`shelvery:config:${SHARE}`]: OWN_ACCOUNT }, by);
    expect(config.warnings).toEqual([]);
    expect(targets.shareAccounts).toEqual([]);
  });
});

describe.each(['shelvery_copy_kms_key_id', 'shelvery_reencrypt_kms_key_id'])('keys that a tag names in %s', (KEY) => {
  const ID = '11111111-2222-3333-4444-555555555555';
  const keyOf = (account: string, region = 'eu-west-1'): string => `arn:aws:kms:${region}:${account}:key/${ID}`;
  const THEIRS = keyOf(STRANGER);
  const tagging = (environment: Readonly<Record<string, string>>, value: string): ResourceConfig =>
    configuredBy(
      { [`shelvery:config:${KEY}`]: value },
      { home: HOME, config: resolveRunConfig({ environment }), rules: RULES.ebs },
    ).config;
  const keys = ({ values }: ResourceConfig): readonly (readonly [string, string])[] => [
    ...(KEY === 'shelvery_copy_kms_key_id' ? values.shelvery_copy_kms_key_id : values.shelvery_reencrypt_kms_key_id),
  ];

  it.each([
    ['an id', ID],
    ['an alias', 'alias/backups'],
    ['an ARN', keyOf(OWN_ACCOUNT)],
    ['the ARN of an alias', `arn:aws:kms:eu-west-1:${OWN_ACCOUNT}:alias/backups`],
  ])("may be this account's, by %s", (_, key) => {
    const config = tagging({}, `eu-west-1=${key}`);
    expect(keys(config)).toEqual([['eu-west-1', key]]);
    expect(config.warnings).toEqual([]);
  });

  it.each([
    ['an ARN', THEIRS],
    ['the ARN of an alias', `arn:aws:kms:eu-west-1:${STRANGER}:alias/backups`],
    ['an ARN among good ones', `eu-central-1=${ID} eu-west-1=${THEIRS}`],
  ])("are not another account's, by %s: the run's count, with a warning that says how to allow them", (_, key) => {
    expect(keys(tagging({}, key))).toEqual([]);
    const { warnings, problems, ...config } = tagging({ [KEY]: 'alias/ours' }, key);
    expect(keys({ warnings, problems, ...config })).toEqual([['', 'alias/ours']]);
    expect(problems).toEqual([]);
    expect(warnings).toEqual([
      {
        key: KEY,
        level: 'tag',
        message: expect.stringMatching(
          /names arn:\S+, which is not a key of this account; .*shelvery_allowed_kms_keys/,
        ),
      },
    ]);
  });

  it.each([
    ['those that are listed', { shelvery_allowed_kms_keys: THEIRS }],
    ['those that a pattern stands for', { shelvery_allowed_kms_keys: `arn:aws:kms:*:${STRANGER}:key/*` }],
    ["those that the run's own configuration names, for whatever", { shelvery_copy_kms_key_id: THEIRS }],
    ['the same for shares', { shelvery_reencrypt_kms_key_id: `eu-central-1=alias/a,eu-west-1=${THEIRS}` }],
  ])("may be another account's: %s", (_, environment) => {
    const config = tagging(environment, THEIRS);
    expect(keys(config)).toEqual([['', THEIRS]]);
    expect(config.warnings).toEqual([]);
  });

  it.each([
    ['of another id', keyOf(STRANGER).replace('555', '556')],
    ['of another account', keyOf('888888888888')],
    ['of another region', keyOf(STRANGER, 'us-east-1')],
  ])('are none beside those that are listed: %s', (_, key) => {
    expect(keys(tagging({ shelvery_allowed_kms_keys: THEIRS }, key))).toEqual([]);
  });

  it("are none by an ARN where this account's number is not known", () => {
    expect(keys(under({}, { [KEY]: keyOf(OWN_ACCOUNT) }))).toEqual([]);
    expect(keys(under({}, { [KEY]: ID }))).toEqual([['', ID]]);
  });

  it('are told of, each of them', () => {
    const [one, two] = [keyOf(STRANGER), keyOf(STRANGER, 'us-east-1')];
    expect(tagging({}, `eu-west-1=${one},us-east-1=${two}`).warnings[0]?.message).toContain(
      ` names ${one}, ${two}, which `,
    );
  });

  it('may be none', () => {
    expect(keys(tagging({ [KEY]: 'alias/ours' }, ''))).toEqual([]);
  });

  it('are refused beside accounts: both are told of', () => {
    const { warnings } = under({}, { [KEY]: THEIRS, [SHARE]: STRANGER });
    expect(warnings.map(({ key }) => key)).toEqual([SHARE, KEY]);
  });
});

describe('tags with shelvery_tag_config=safe', () => {
  const SAFE = { shelvery_tag_config: 'safe', shelvery_keep_daily_backups: '14', shelvery_dr_regions: DR };

  it.each([
    ['lengthen retention', { shelvery_keep_daily_backups: '30' }, { shelvery_keep_daily_backups: 30 }],
    ['do not shorten it', { shelvery_keep_daily_backups: '0' }, { shelvery_keep_daily_backups: 14 }],
    ['keep more of the last', { shelvery_keep_last_backups: '3' }, { shelvery_keep_last_backups: 3 }],
    ['and not fewer', { shelvery_keep_last_backups: '0' }, { shelvery_keep_last_backups: 1 }],
    ['lengthen it in DR regions', { shelvery_keep_daily_backups_dr: '15' }, { shelvery_keep_daily_backups_dr: 15 }],
    [
      'do not shorten it there, where it is the local one',
      { shelvery_keep_daily_backups_dr: '1' },
      { shelvery_keep_daily_backups_dr: undefined },
    ],
    [
      'nor in the other types',
      {
        shelvery_keep_weekly_backups_dr: '7',
        shelvery_keep_monthly_backups_dr: '11',
        shelvery_keep_yearly_backups_dr: '9',
      },
      {
        shelvery_keep_weekly_backups_dr: undefined,
        shelvery_keep_monthly_backups_dr: undefined,
        shelvery_keep_yearly_backups_dr: undefined,
      },
    ],
    ['add DR regions', { shelvery_dr_regions: THIRD }, { shelvery_dr_regions: [DR, THIRD] }],
    ['take none away', { shelvery_dr_regions: ',' }, { shelvery_dr_regions: [DR] }],
    ['share with nobody', { [SHARE]: STRANGER }, { [SHARE]: [] }],
    ['change nothing else', { shelvery_encrypt_copy: 'true' }, { shelvery_encrypt_copy: false }],
  ])('%s', (_, tags, values) => {
    const found = new Map<string, unknown>(Object.entries(under(SAFE, tags).values));
    for (const [key, value] of Object.entries(values)) expect([key, found.get(key)]).toEqual([key, value]);
  });

  it.each(['daily', 'weekly', 'monthly', 'yearly'])(
    'lengthen retention of %s copies over the local one, too',
    (type) => {
      const key = `shelvery_keep_${type}_backups_dr`;
      const run = { shelvery_tag_config: 'safe', [`shelvery_keep_${type}_backups`]: '8' };
      const kept = (value: string, environment: Readonly<Record<string, string>> = run): unknown =>
        new Map<string, unknown>(Object.entries(under(environment, { [key]: value }).values)).get(key);
      expect([kept('9'), kept('8'), kept('7')]).toEqual([9, undefined, undefined]);
      const own = { ...run, [key]: '3' };
      expect([kept('4', own), kept('3', own), kept('2', own)]).toEqual([4, 3, 3]);
    },
  );

  it('are told of where they ask for what is so', () => {
    expect(under(SAFE, { shelvery_keep_daily_backups: '14' }).warnings).toMatchObject([{ level: 'tag' }]);
  });

  it('are told of, where they ask for more', () => {
    expect(under(SAFE, { shelvery_keep_daily_backups: '1', shelvery_dr_regions: THIRD }).warnings).toMatchObject([
      { key: 'shelvery_keep_daily_backups', message: expect.stringContaining('with shelvery_tag_config=safe') },
    ]);
  });
});
