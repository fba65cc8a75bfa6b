import type { ConfigValues } from './config-schema.js';
import { resolveResourceConfig } from './config.js';
import { aboutUnknownRegion } from './known-regions.js';
import type { ResourceConfig, RunConfig, ShareLimit, TagsOf } from './config.js';
import type { AccountId, Region, Tags } from '../values.js';

/** The account and region that a run works in. */
export interface Home {
  readonly accountId: AccountId;
  readonly region: Region;
}

/** Where a backup goes from where it was made. */
export interface Targets {
  readonly drRegions: readonly Region[];
  readonly shareAccounts: readonly AccountId[];
}

/** What somebody's tags, laid over the run's configuration, come to. */
export interface Configured {
  readonly config: ResourceConfig;
  readonly targets: Targets;
}

/** What decides the configuration of a resource or a backup, beside its tags. */
export interface ConfiguredBy {
  readonly home: Home;
  readonly config: RunConfig;
  /** With how many accounts the service shares one backup. */
  readonly rules: ShareLimit;
}

/** The DR regions and share accounts of a configuration, without the local region and the own account. */
export function targetsOf(config: ConfigValues, home: Home): Targets {
  return {
    drRegions: without(config.shelvery_dr_regions, home.region),
    shareAccounts: without(config.shelvery_share_aws_account_ids, home.accountId),
  };
}

/** The same list where nothing is left out: tens of thousands of backups may share one. */
function without<T>(list: readonly T[], left: T): readonly T[] {
  return list.includes(left) ? list.filter((each) => each !== left) : list;
}

/** The accounts that a bunker pulls from, without its own. */
export function sourceAccountsOf(config: ConfigValues, home: Home): readonly AccountId[] {
  return without(config.shelvery_source_aws_account_ids, home.accountId);
}

/** What a configuration names that `targetsOf` and `sourceAccountsOf` leave out, for people. */
export function targetWarnings(config: ConfigValues, home: Home): readonly string[] {
  const warnings: string[] = [];
  if (config.shelvery_dr_regions.includes(home.region)) {
    warnings.push(`shelvery_dr_regions names ${home.region}, where the backups are made; it is left out.`);
  }
  for (const region of config.shelvery_dr_regions) {
    const unknown = aboutUnknownRegion(region);
    if (unknown !== undefined) {
      warnings.push(
        `shelvery_dr_regions names ${region}, ${unknown}. If AWS has opened it since, there is nothing to do; else correct it.`,
      );
    }
  }
  if (config.shelvery_share_aws_account_ids.includes(home.accountId)) {
    warnings.push(`shelvery_share_aws_account_ids names ${home.accountId}, which makes the backups; it is left out.`);
  }
  if (config.shelvery_source_aws_account_ids.includes(home.accountId)) {
    warnings.push(`shelvery_source_aws_account_ids names ${home.accountId}, which is this account; it is left out.`);
  }
  return warnings;
}

/** The run's configuration with these tags over it, and where it sends backups. */
export function configuredBy(tags: Tags, { home, config: run, rules }: ConfiguredBy, of?: TagsOf): Configured {
  const config = resolveResourceConfig(run, tags, { ...rules, ownAccount: home.accountId }, of);
  return { config, targets: targetsOf(config.values, home) };
}
