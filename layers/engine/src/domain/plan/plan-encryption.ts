import type { FoundBackup, ServiceRules } from '../backup/backup.js';
import type { ConfigValues } from '../config/config-schema.js';
import { keyForRegion, regionOfKey } from '../config/config.js';
import type { Region } from '../values.js';

/** How a copy is encrypted, or why it cannot be made as configured. */
export type EncryptionPlan =
  | { readonly kind: 'plan'; readonly encrypt: boolean; readonly kmsKeyId?: string; readonly warning?: string }
  | { readonly kind: 'refused'; readonly why: string };

/** What decides how a copy is encrypted. */
export interface EncryptionInput {
  readonly source: Pick<FoundBackup, 'encrypted' | 'underOwnedKey'>;
  readonly toRegion: Region;
  readonly config: ConfigValues;
  readonly rules: ServiceRules;
  /**
   * The copy will be shared with other accounts. A copy under the region's default key cannot be shared, unless it is
   * re-encrypted first.
   */
  readonly willBeShared: boolean;
  /** The key of the account's own that the region has for what is given none; `undefined` where that is AWS's, or not known. */
  readonly ownDefaultKey?: string;
  /** Somebody else asked for encryption: the source account of a pulled copy. */
  readonly encryptionWanted?: boolean;
}

/** Decides the encryption of a copy before any call, so that the message is clearer than the service's refusal. */
export function planEncryption(input: EncryptionInput): EncryptionPlan {
  const { config, rules, source, toRegion } = input;
  const wanted = config.shelvery_encrypt_copy || input.encryptionWanted === true;
  if (!source.encrypted && !wanted) return { kind: 'plan', encrypt: false };
  if (!source.encrypted && !rules.copyMayEncrypt) {
    if (source.underOwnedKey === true) return staysUnderOwnedKey('copied');
    return {
      kind: 'refused',
      why: 'the service cannot encrypt an unencrypted snapshot of a cluster by copying it; encrypt the cluster itself, or set shelvery_encrypt_copy=false',
    };
  }
  const key = keyForRegion(config.shelvery_copy_kms_key_id, toRegion);
  if (key !== undefined) {
    const why = keyOfAnotherRegion('shelvery_copy_kms_key_id', key, toRegion);
    return why === undefined ? { kind: 'plan', encrypt: true, kmsKeyId: key } : { kind: 'refused', why };
  }
  if (rules.encryptedCopyNeedsKey) {
    return {
      kind: 'refused',
      why: `an encrypted copy in ${toRegion} needs a key of that region: set shelvery_copy_kms_key_id to a key, or to ${toRegion}=<key>`,
    };
  }
  if (input.ownDefaultKey !== undefined) {
    return {
      kind: 'plan',
      encrypt: true,
      warning: `shelvery_copy_kms_key_id has no key for ${toRegion}: the copy is encrypted with the default key of that region, ${input.ownDefaultKey}`,
    };
  }
  if (input.willBeShared && keyForRegion(config.shelvery_reencrypt_kms_key_id, toRegion) === undefined) {
    return {
      kind: 'refused',
      why: `a copy under the default key of ${toRegion}, which AWS manages, could not be shared: set shelvery_copy_kms_key_id to a key of your own, or to ${toRegion}=<key>`,
    };
  }
  return {
    kind: 'plan',
    encrypt: true,
    warning: `shelvery_copy_kms_key_id has no key for ${toRegion}: the copy is encrypted with the default key of that region`,
  };
}

/** Whether a copy can be made only if the region's default key is one of the account's own: then it is worth asking. */
export function dependsOnDefaultKey(input: Omit<EncryptionInput, 'ownDefaultKey'>): boolean {
  return planEncryption(input).kind === 'refused' && planEncryption({ ...input, ownDefaultKey: '' }).kind === 'plan';
}

/**
 * The key that a backup is copied under before it is shared; no plan where none is configured. A plan that does not encrypt
 * shares it as it is.
 */
export function planReencryption(
  input: Omit<EncryptionInput, 'willBeShared' | 'ownDefaultKey'>,
): EncryptionPlan | undefined {
  const key = keyForRegion(input.config.shelvery_reencrypt_kms_key_id, input.toRegion);
  if (key === undefined) return undefined;
  if (!input.source.encrypted && !input.rules.copyMayEncrypt) {
    if (input.source.underOwnedKey === true) return staysUnderOwnedKey('shared');
    return {
      kind: 'refused',
      why:
        'the service cannot encrypt an unencrypted snapshot of a cluster by copying it; ' +
        'unset shelvery_reencrypt_kms_key_id for the cluster with an empty tag shelvery_reencrypt_kms_key_id',
    };
  }
  const why = keyOfAnotherRegion('shelvery_reencrypt_kms_key_id', key, input.toRegion);
  return why === undefined ? { kind: 'plan', encrypt: true, kmsKeyId: key } : { kind: 'refused', why };
}

/** Clusters copy nothing to a key of one's own that was not under one before. */
function staysUnderOwnedKey(done: 'copied' | 'shared'): EncryptionPlan {
  return {
    kind: 'plan',
    encrypt: false,
    warning:
      'it is encrypted under a key that AWS owns (sse-rds), which the service does not exchange for another; ' +
      `it is ${done} as it is`,
  };
}

/** A key ARN belongs to one region. */
function keyOfAnotherRegion(setting: string, key: string, region: Region): string | undefined {
  const ofRegion = regionOfKey(key);
  if (ofRegion === undefined || ofRegion === region) return undefined;
  return `${setting} is a key of ${ofRegion}, but the copy is in ${region}: give a key for each region, such as ${region}=<key>`;
}
