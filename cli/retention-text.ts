import type { RunConfig, RunLevel } from '@shelvery/engine/terminal';

const KEEP_KEYS = [
  ['daily', 'shelvery_keep_daily_backups'],
  ['weekly', 'shelvery_keep_weekly_backups'],
  ['monthly', 'shelvery_keep_monthly_backups'],
  ['yearly', 'shelvery_keep_yearly_backups'],
] as const;

/**
 * How many backups of each retention type a run keeps, and from where each number comes.
 *
 * @example 'keeps 30 daily, 8 weekly, 12 monthly, 10 yearly (daily from SSM /shelvery/prod; the rest are defaults)'
 */
export function retentionText(
  { values, levels }: Pick<RunConfig, 'values' | 'levels'>,
  ssmPath: string | undefined,
): string {
  const customKey = 'shelvery_custom_retention_types';
  const custom = [...values[customKey]].map(([type, seconds]) => ({
    type,
    text: `${type} for ${String(seconds)} s`,
    level: levels[customKey],
  }));
  const kept = [
    ...KEEP_KEYS.map(([type, key]) => ({ type, text: `${String(values[key])} ${type}`, level: levels[key] })),
    ...custom,
  ];
  const names: Readonly<Record<RunLevel, string>> = {
    ssm: `SSM ${ssmPath ?? ''}`,
    environment: 'the environment',
    payload: '--config',
  };
  const order: readonly RunLevel[] = ['ssm', 'environment', 'payload'];
  const sources = order.flatMap((level) => {
    const types = kept.filter((item) => item.level === level).map(({ type }) => type);
    if (types.length === 0) return [];
    return [`${types.length === kept.length ? 'all' : types.join(', ')} from ${names[level]}`];
  });
  const defaults = kept.filter(({ level }) => level === undefined).length;
  const rest = defaults === 0 ? [] : [defaults === kept.length ? 'all are defaults' : 'the rest are defaults'];
  return `keeps ${kept.map(({ text }) => text).join(', ')} (${[...sources, ...rest].join('; ')})`;
}
