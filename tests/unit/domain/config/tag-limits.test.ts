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

  it('are told of, where they ask for more', () => {
    expect(under(SAFE, { shelvery_keep_daily_backups: '1', shelvery_dr_regions: THIRD }).warnings).toMatchObject([
      { key: 'shelvery_keep_daily_backups', message: expect.stringContaining('with shelvery_tag_config=safe') },
    ]);
  });
});
