import * as z from 'zod';

import type { Emulator } from './emulator.js';

/**
 * Controls for what lies between accounts. Every account exists, and an access key of twelve digits is that account's.
 */
export interface Accounts {
  /** Accounts that S3 takes for principals that do not exist; the list replaces the one before. */
  setUnknownAccounts(accounts: readonly string[]): Promise<void>;
  /** For EBS snapshots archived from now on: how long that takes, by the emulator's clock. */
  setArchivingTime(milliseconds: number): Promise<void>;
  /** Makes a KMS key that the account manages itself; its ARN. */
  makeKey(place?: { readonly account?: string; readonly region?: string; readonly alias?: string }): Promise<string>;
  /**
   * KMS keys, by ARN, that are disabled: no copy is made with them, nor of what they encrypt. The list replaces the one
   * before. A key that was never made cannot be used for a copy either.
   */
  setUnusableKeys(arns: readonly string[]): Promise<void>;
  /** The role is assumed only with this external id. */
  requireExternalId(roleArn: string, externalId: string): Promise<void>;
}

/** @example await accountsOf(emulator).setUnknownAccounts(['999999999999']); */
export function accountsOf({ control, account, region }: Emulator): Accounts {
  return {
    async setUnknownAccounts(accounts) {
      await control.send('PUT', 'accounts/unknown', { accounts });
    },
    async setArchivingTime(milliseconds) {
      await control.send('PUT', 'snapshots/archiving', { pendingMs: milliseconds });
    },
    async makeKey(place = {}) {
      return z.string().parse(await control.send('POST', 'keys', { account, region, ...place }));
    },
    async setUnusableKeys(arns) {
      await control.send('PUT', 'keys/unusable', { arns });
    },
    async requireExternalId(roleArn, externalId) {
      await control.send('PUT', 'roles/external-id', { roleArn, externalId });
    },
  };
}
