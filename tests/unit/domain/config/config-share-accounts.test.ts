import { describe, expect, it } from '@jest/globals';
import {
  resolveResourceConfig,
  resolveRunConfig,
  shareAccountsProblem,
} from '../../../../layers/engine/src/domain/config/config.js';
import { planCreate } from '../../../../layers/engine/src/domain/plan/plan-create.js';
import { AccountId } from '../../../../layers/engine/src/domain/values.js';
import { HOME, RULES, RUN, resource, runConfig, utc } from '../builders.js';

const KEY = 'shelvery_share_aws_account_ids';
const accounts = (count: number): readonly AccountId[] =>
  Array.from({ length: count }, (_, index) => AccountId.parse(String(200_000_000_000 + index)));
const inTag = (count: number): Record<string, string> => ({ [`shelvery:config:${KEY}`]: accounts(count).join(' ') });
const TOO_MANY = `${KEY} names 21 accounts; allowed: at most 20, the most that the service shares one backup with.`;

describe('whom a payload to a stack may share with', () => {
  const [one = '', two = '', three = ''] = accounts(3);
  const environment = { [KEY]: one };
  const ssm = { shelvery_allowed_share_aws_account_ids: two };
  const inStack = (payload?: Readonly<Record<string, unknown>>) =>
    resolveRunConfig({ ...(payload === undefined ? {} : { payload }), environment, ssm, inStack: true });

  it.each([[[one]], [[two]], [[two, one]], [[]]])('is whom the stack names: %j', (named) => {
    expect(inStack({ [KEY]: named }).values[KEY]).toEqual(named);
  });

  it('is nobody else: an error that names them, and the parameters', () => {
    expect(() => inStack({ [KEY]: [three, '999999999999'] })).toThrow(`names ${three}, 999999999999; allowed: `);
    expect(() => inStack({ [KEY]: [one, three] })).toThrow(
      `${KEY} in the payload names ${three}; allowed: accounts of the stack's parameters ShelveryShareAwsAccountIds and AllowedShareAwsAccountIds.`,
    );
  });

  it('is not asked where the payload names none, or where there is no stack', () => {
    expect(inStack().values[KEY]).toEqual([one]);
    expect(resolveRunConfig({ payload: { [KEY]: three }, environment, ssm }).values[KEY]).toEqual([three]);
    expect(resolveRunConfig({ payload: { [KEY]: one }, environment, inStack: true }).values[KEY]).toEqual([one]);
  });
});

describe('how many accounts a backup is shared with', () => {
  it.each([
    ['20 of a database', 20, RULES.rds, undefined],
    ['21 of a database are too many', 21, RULES.rds, TOO_MANY],
    ['21 of a cluster are too many', 21, RULES.rds_cluster, TOO_MANY],
    ['21 of a Redshift cluster are too many', 21, RULES.redshift, TOO_MANY],
    ['any number of a volume', 99, RULES.ebs, undefined],
  ])('%s', (_, count, rules, problem) => {
    expect(shareAccountsProblem(accounts(count), rules)).toBe(problem);
  });

  const allowing = (payload: Readonly<Record<string, unknown>> = {}) =>
    resolveRunConfig({ payload, environment: { shelvery_allowed_share_aws_account_ids: accounts(21).join(',') } });

  it('is a problem of the one resource whose tag names too many: those of the next level are used', () => {
    const run = allowing({ [KEY]: accounts(2) });
    expect(resolveResourceConfig(run, inTag(21), RULES.rds)).toMatchObject({
      values: { [KEY]: accounts(2) },
      problems: [{ key: KEY, level: 'tag', message: TOO_MANY.replace('names', "in the resource's tags names") }],
      warnings: [],
    });
  });

  it('keeps the other problems and values of that resource', () => {
    const tags = {
      ...inTag(21),
      'shelvery:config:shelvery_dr_regions': 'nowhere',
      'shelvery:config:shelvery_keep_daily_backups': '3',
    };
    const { values, problems, tagged } = resolveResourceConfig(allowing(), tags, RULES.rds);
    expect(tagged).toEqual(['shelvery_keep_daily_backups']);
    expect(values).toMatchObject({ shelvery_keep_daily_backups: 3, [KEY]: [] });
    expect(problems.map(({ key }) => key)).toEqual(['shelvery_dr_regions', KEY]);
  });

  it('is no problem of a resource that names 20, or that names none under a run that names more', () => {
    expect(resolveResourceConfig(allowing(), inTag(20), RULES.rds)).toMatchObject({
      values: { [KEY]: accounts(20) },
      problems: [],
    });
    const tags = { 'shelvery:config:shelvery_keep_daily_backups': '3' };
    expect(resolveResourceConfig(runConfig({ [KEY]: accounts(21) }), tags, RULES.rds).problems).toEqual([]);
  });

  it.each([
    ['rds', RULES.rds, true],
    ['ebs', RULES.ebs, false],
  ] as const)('stops a create run of %s that is configured with too many: %#', (type, rules, stops) => {
    const create = () =>
      planCreate({
        type,
        home: HOME,
        time: utc('2026-01-10 03:00'),
        runId: RUN,
        rules,
        resources: [resource('db')],
        existing: [],
        config: runConfig({ [KEY]: accounts(21) }),
      });
    if (stops) expect(create).toThrow(expect.objectContaining({ code: 'ConfigurationError', message: TOO_MANY }));
    else expect(create().create).toHaveLength(1);
  });
});
