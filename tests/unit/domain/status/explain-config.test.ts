import { describe, expect, it } from '@jest/globals';
import { resolveResourceConfig, resolveRunConfig } from '../../../../layers/engine/src/domain/config/config.js';
import { CONFIG_KEYS } from '../../../../layers/engine/src/domain/config/config-schema.js';
import {
  defaultConfigText,
  explainResource,
  explainRun,
} from '../../../../layers/engine/src/domain/status/explain-config.js';
import { resource, runConfig } from '../builders.js';

const line = (lines: ReturnType<typeof explainRun>, key: string) => lines.find((each) => each.key === key);

describe('explainRun', () => {
  const run = resolveRunConfig({
    payload: { shelvery_keep_daily_backups: 3 },
    environment: { shelvery_keep_daily_backups: '4', shelvery_keep_weekly_backups: '5', role_external_id: 'hidden' },
    ssm: {
      shelvery_keep_weekly_backups: '6',
      shelvery_keep_monthly_backups: '7',
      shelvery_custom_retention_types: 'hourly:3600',
      shelvery_dr_regions: 'eu-west-2 eu-west-3',
      shelvery_copy_kms_key_id: 'eu-west-2=alias/a,alias/b',
    },
  });
  const told = () => explainRun(run);

  it('tells every key once', () => {
    expect(told().map(({ key }) => key)).toEqual(CONFIG_KEYS);
  });

  it.each([
    ['shelvery_keep_daily_backups', '3', 'payload'],
    ['shelvery_keep_weekly_backups', '5', 'environment'],
    ['shelvery_keep_monthly_backups', '7', 'ssm'],
    ['shelvery_keep_yearly_backups', '10', 'default'],
    ['shelvery_custom_retention_types', 'hourly:3600', 'ssm'],
    ['shelvery_dr_regions', 'eu-west-2,eu-west-3', 'ssm'],
    ['shelvery_copy_kms_key_id', 'eu-west-2=alias/a,alias/b', 'ssm'],
    ['shelvery_copy_resource_tags', 'true', 'default'],
    ['shelvery_source_aws_account_ids', '', 'default'],
  ])('tells %s as %j, from where it comes', (key, value, level) => {
    expect(line(told(), key)).toEqual({ key, value, level });
  });

  it('has no value for what is not set, and does not tell a secret', () => {
    expect(line(told(), 'role_arn')).toEqual({ key: 'role_arn', level: 'default' });
    expect(line(told(), 'role_external_id')).toEqual({
      key: 'role_external_id',
      value: '(secret)',
      level: 'environment',
    });
    expect(line(explainRun(runConfig()), 'role_external_id')).toEqual({ key: 'role_external_id', level: 'default' });
  });

  it('writes values as they can be given', () => {
    const given = Object.fromEntries(
      told().flatMap(({ key, value }) => (value === undefined || value === '(secret)' ? [] : [[key, value]])),
    );
    expect(resolveRunConfig({ environment: given }).values).toEqual({
      ...run.values,
      role_external_id: undefined,
    });
  });
});

describe('explainResource', () => {
  const tags = {
    Name: 'orders',
    'shelvery:config:shelvery_keep_daily_backups': '30',
    'shelvery:config:shelvery_keep_weekly_backups': 'many',
    'shelvery:config:shelvery_share_aws_account_ids': '999999999999',
    'shelvery:config:shelvery_keep_dayly_backups': '3',
  };
  const volume = resource('vol-1', tags);

  it('tells what its tags set, and what of them has no effect', () => {
    const run = runConfig();
    const told = explainResource(volume, resolveResourceConfig(run, tags), run, { all: false });
    expect(told).toMatchObject({
      id: 'vol-1',
      name: 'orders',
      marked: true,
      values: [{ key: 'shelvery_keep_daily_backups', value: '30', level: 'tag' }],
    });
    expect(told.problems.map((problem) => problem.split(' ')[0])).toEqual([
      'shelvery_keep_weekly_backups',
      'shelvery_keep_dayly_backups',
      'shelvery_share_aws_account_ids',
    ]);
  });

  it('tells what of one tag has an effect, and what of it has none', () => {
    const key = 'shelvery_share_aws_account_ids';
    const run = resolveRunConfig({ environment: { shelvery_allowed_share_aws_account_ids: '222222222222' } });
    const mixed = { [`shelvery:config:${key}`]: '222222222222 999999999999' };
    const set = explainResource({ ...volume, tags: mixed }, resolveResourceConfig(run, mixed), run, { all: false });
    expect(set.values).toEqual([{ key, value: '222222222222', level: 'tag' }]);
    expect(set.problems).toHaveLength(1);
  });

  it('tells a tag that sets what is so anyway, beside one that has no effect', () => {
    const run = runConfig();
    const same = { 'shelvery:config:shelvery_keep_daily_backups': '14', 'shelvery:config:shelvery_sns_topic': 'x' };
    const set = explainResource({ ...volume, tags: same }, resolveResourceConfig(run, same), run, { all: false });
    expect(set.values).toEqual([{ key: 'shelvery_keep_daily_backups', value: '14', level: 'tag' }]);
    expect(set.problems).toHaveLength(1);
  });

  it('tells all that is in force for one that was asked for', () => {
    const run = runConfig({ shelvery_keep_weekly_backups: 4 });
    const unmarked = { ...volume, tags: { 'shelvery:config:shelvery_keep_daily_backups': '30' } };
    const told = explainResource(unmarked, resolveResourceConfig(run, unmarked.tags), run, { all: true });
    expect(told).toMatchObject({ marked: false, problems: [] });
    expect(told).not.toHaveProperty('name');
    expect(told.values).toHaveLength(CONFIG_KEYS.length);
    expect(line(told.values, 'shelvery_keep_daily_backups')).toMatchObject({ value: '30', level: 'tag' });
    expect(line(told.values, 'shelvery_keep_weekly_backups')).toMatchObject({ value: '4', level: 'payload' });
    expect(line(told.values, 'shelvery_keep_monthly_backups')).toMatchObject({ value: '12', level: 'default' });
  });
});

describe('defaultConfigText', () => {
  it('is the text that a default could be given as', () => {
    expect(defaultConfigText('shelvery_keep_daily_backups')).toBe('14');
    expect(defaultConfigText('shelvery_dr_regions')).toBe('');
    expect(defaultConfigText('role_arn')).toBeUndefined();
  });
});
