import type { ConfigValues } from './config-schema.js';
import type { AccountId, Region } from '../values.js';

/** The account and region that a run works in. */
export interface Home {
  readonly accountId: AccountId;
  readonly region: Region;
}

/** Where a backup goes from where it was made. */
export interface Targets {
  readonly drRegions: readonly Region[];
  readonly shareAccounts: readonly AccountId[];
  readonly warnings: readonly string[];
}

/** The DR regions and share accounts of a configuration, without the local region and the own account. */
export function targetsOf(config: ConfigValues, home: Home): Targets {
  const warnings: string[] = [];
  if (config.shelvery_dr_regions.includes(home.region)) {
    warnings.push(`shelvery_dr_regions names ${home.region}, where the backups are made; it is left out.`);
  }
  if (config.shelvery_share_aws_account_ids.includes(home.accountId)) {
    warnings.push(`shelvery_share_aws_account_ids names ${home.accountId}, which makes the backups; it is left out.`);
  }
  return {
    drRegions: config.shelvery_dr_regions.filter((region) => region !== home.region),
    shareAccounts: config.shelvery_share_aws_account_ids.filter((account) => account !== home.accountId),
    warnings,
  };
}
