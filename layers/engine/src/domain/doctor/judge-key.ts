import { keyForRegion, regionOfKey } from '../config/config.js';
import type { ConfigValues } from '../config/config-schema.js';
import type { AccountId, Region } from '../values.js';
import type { Found } from './checkup.js';

/** The configuration keys that name KMS keys. */
const SETTINGS = ['shelvery_copy_kms_key_id', 'shelvery_reencrypt_kms_key_id'] as const;
type KeySetting = (typeof SETTINGS)[number];

/** A KMS key that is used in a region. */
export interface UsedKey {
  readonly setting: KeySetting;
  readonly region: Region;
  readonly key: string;
}

/** What decides where keys are used. */
export interface KeyUse {
  readonly config: Pick<ConfigValues, KeySetting>;
  readonly home: Region;
  readonly drRegions: readonly Region[];
  /** Whether backups are shared with any account. */
  readonly shares: boolean;
  /** Whether backups of any account are pulled. */
  readonly pulls: boolean;
}

/**
 * The keys that a configuration uses, each with the region that it is used in: copies have theirs where they go to, what
 * is re-encrypted to be shared has its own where it is.
 */
export function usedKeys({ config, home, drRegions, shares, pulls }: KeyUse): readonly UsedKey[] {
  const regions: Readonly<Record<KeySetting, readonly Region[]>> = {
    shelvery_copy_kms_key_id: [...(pulls ? [home] : []), ...drRegions],
    shelvery_reencrypt_kms_key_id: shares ? [home, ...drRegions] : [],
  };
  return SETTINGS.flatMap((setting) =>
    regions[setting].flatMap((region) => {
      const key = keyForRegion(config[setting], region);
      return key === undefined ? [] : [{ setting, region, key }];
    }),
  );
}

/**
 * The regions in which what is shared would be encrypted under the region's default key, as nothing else is configured: it
 * cannot be shared where that key is AWS's.
 */
export function sharedUnderDefaultKey({ config, home, drRegions, shares }: KeyUse): readonly Region[] {
  if (!shares) return [];
  return [home, ...drRegions].filter((region) => {
    const copied = region === home ? undefined : keyForRegion(config.shelvery_copy_kms_key_id, region);
    return copied === undefined && keyForRegion(config.shelvery_reencrypt_kms_key_id, region) === undefined;
  });
}

/** What KMS tells of a key. */
export interface KeyFacts {
  /** Made by a service of AWS for the account: whoever else is allowed to use it cannot be said. */
  readonly managedByAws: boolean;
  readonly owner?: AccountId;
  /** `Enabled`, `Disabled`, `PendingDeletion` … (page "Key states of AWS KMS keys"). */
  readonly state?: string;
  /** Where it is pending deletion. */
  readonly deletedAt?: Date;
}

/** What is wrong with a key; without facts it does not exist in its region. */
export function judgeKey(
  { setting, region, key }: UsedKey,
  facts: KeyFacts | undefined,
  { account, shares }: { readonly account: AccountId; readonly shares: boolean },
): Found {
  const found = (reason: Found['reason'], text: string, advice?: string): Found => ({
    check: 'keys',
    reason,
    region,
    subject: key,
    text: `${setting} in ${region}: ${key} ${text}.`,
    ...(advice === undefined ? {} : { advice: `${advice}.` }),
  });
  const elsewhere = regionOfKey(key);
  if (elsewhere !== undefined && elsewhere !== region)
    return found('key-elsewhere', `is a key of ${elsewhere}`, `Give a key for each region, such as ${region}=<key>`);
  if (facts === undefined)
    return found(
      'key-missing',
      'does not exist there',
      `Correct it; keys of several regions are given as ${region}=<key>`,
    );
  switch (facts.state) {
    case 'Disabled':
      return found('key-disabled', 'is disabled', 'Enable it: aws kms enable-key');
    case 'PendingDeletion':
    case 'PendingReplicaDeletion':
      return found(
        'key-pending-deletion',
        `will be deleted${facts.deletedAt === undefined ? '' : ` on ${facts.deletedAt.toISOString().slice(0, 10)}`}, and with it every backup that is encrypted with it`,
        'Cancel that now: aws kms cancel-key-deletion, then aws kms enable-key',
      );
    case 'Enabled':
    case undefined:
      break;
    default:
      return found('key-unusable', `cannot be used: its state is ${facts.state}`, 'Look at it in the AWS console');
  }
  if (facts.managedByAws && shares)
    return found(
      'key-unshareable',
      'is managed by AWS: no other account can use what is encrypted with it, and backups are to be shared',
      'Set a key of your own that these accounts may use',
    );
  if (facts.owner !== undefined && facts.owner !== account)
    return found(
      'key-of-another-account',
      `belongs to account ${facts.owner}: whoever has that account decides whether these backups can be restored`,
      'Use a key of your own, unless that is meant',
    );
  return found('fine', 'is enabled');
}
