import { hoursSince } from '../calendar.js';
import type { Backup } from './backup.js';
import type { RunConfig } from '../config/config.js';
import type { AccountId } from '../values.js';

/** What is known of the copies that a bunker has of other accounts' backups. */
export interface NewestPulledInput {
  readonly now: Date;
  readonly backups: readonly Backup[];
  readonly config: RunConfig;
}

/**
 * Hours since the newest pulled backup of each configured source account, by the time of its data. An account that shares
 * nothing any more is noticed by it; one that nothing was ever pulled from is not there.
 *
 * @returns nothing where a run looks at one selected resource only.
 */
export function newestPulledAgeHours(input: NewestPulledInput): ReadonlyMap<AccountId, number> | undefined {
  const { now, backups, config } = input;
  if (config.values.shelvery_select_entity !== undefined) return undefined;
  const sources: readonly AccountId[] = config.values.shelvery_source_aws_account_ids;
  const ages = new Map<AccountId, number>();
  for (const { dataTime, srcAccount, place, found } of backups) {
    if (place !== 'pulled' || found.state !== 'available' || !sources.includes(srcAccount)) continue;
    const age = hoursSince(dataTime, now);
    ages.set(srcAccount, Math.min(age, ages.get(srcAccount) ?? Infinity));
  }
  return ages;
}

/**
 * The source accounts that nothing was pulled from for longer than the objective (`shelvery_rpo_hours`), with that age. One
 * that nothing was ever pulled from is not silent: it may back up nothing of this type.
 */
export function silentSources(
  ages: ReadonlyMap<AccountId, number> | undefined,
  { values }: RunConfig,
): ReadonlyMap<AccountId, number> {
  return new Map([...(ages ?? [])].filter(([, hours]) => hours > values.shelvery_rpo_hours));
}
