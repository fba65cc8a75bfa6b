import type { ServiceRules } from '../backup/backup.js';
import type { ConfigValues } from '../config/config-schema.js';
import { keyForRegion } from '../config/config.js';
import type { Region } from '../values.js';

/** How a copy is encrypted, or why it cannot be made as configured. */
export type EncryptionPlan =
  | { readonly kind: 'plan'; readonly encrypt: boolean; readonly kmsKeyId?: string; readonly warning?: string }
  | { readonly kind: 'problem'; readonly problem: string };

/** What decides how a copy is encrypted. */
export interface EncryptionInput {
  readonly sourceEncrypted: boolean;
  readonly toRegion: Region;
  readonly config: ConfigValues;
  readonly rules: ServiceRules;
  /**
   * The copy will be shared with other accounts. A copy under the region's default key cannot be shared, unless it is
   * re-encrypted first.
   */
  readonly willBeShared: boolean;
  /** Somebody else asked for encryption: the source account of a pulled copy. */
  readonly encryptionWanted?: boolean;
}

/** Decides the encryption of a copy before any call, so that the message is clearer than the service's refusal. */
export function planEncryption(input: EncryptionInput): EncryptionPlan {
  const { config, rules, toRegion } = input;
  const wanted = config.shelvery_encrypt_copy || input.encryptionWanted === true;
  if (!input.sourceEncrypted && !wanted) return { kind: 'plan', encrypt: false };
  if (!input.sourceEncrypted && !rules.copyMayEncrypt) {
    return {
      kind: 'problem',
      problem:
        'the service cannot encrypt an unencrypted snapshot of a cluster by copying it; encrypt the cluster itself, or set shelvery_encrypt_copy=false',
    };
  }
  const key = keyForRegion(config.shelvery_copy_kms_key_id, toRegion);
  if (key !== undefined) {
    const problem = keyProblem('shelvery_copy_kms_key_id', key, toRegion);
    return problem === undefined ? { kind: 'plan', encrypt: true, kmsKeyId: key } : { kind: 'problem', problem };
  }
  if (rules.encryptedCopyNeedsKey) {
    return {
      kind: 'problem',
      problem: `an encrypted copy in ${toRegion} needs a key of that region: set shelvery_copy_kms_key_id to a key, or to ${toRegion}=<key>`,
    };
  }
  if (input.willBeShared && keyForRegion(config.shelvery_reencrypt_kms_key_id, toRegion) === undefined) {
    return {
      kind: 'problem',
      problem: `a copy under the default key of ${toRegion} could not be shared: set shelvery_copy_kms_key_id to a key of your own, or to ${toRegion}=<key>`,
    };
  }
  return {
    kind: 'plan',
    encrypt: true,
    warning: `shelvery_copy_kms_key_id has no key for ${toRegion}: the copy is encrypted with the default key of that region`,
  };
}

/** The key that a backup is copied under before it is shared; no plan where none is configured. */
export function planReencryption(input: Omit<EncryptionInput, 'willBeShared'>): EncryptionPlan | undefined {
  const key = keyForRegion(input.config.shelvery_reencrypt_kms_key_id, input.toRegion);
  if (key === undefined) return undefined;
  if (!input.sourceEncrypted && !input.rules.copyMayEncrypt) {
    return {
      kind: 'problem',
      problem:
        'the service cannot encrypt an unencrypted snapshot of a cluster by copying it; remove shelvery_reencrypt_kms_key_id for it',
    };
  }
  const problem = keyProblem('shelvery_reencrypt_kms_key_id', key, input.toRegion);
  return problem === undefined ? { kind: 'plan', encrypt: true, kmsKeyId: key } : { kind: 'problem', problem };
}

/** A key ARN belongs to one region. Ids of multi-Region keys and aliases are valid in each. */
function keyProblem(setting: string, key: string, region: Region): string | undefined {
  const ofRegion = /^arn:[^:]+:kms:([^:]+):/.exec(key)?.[1];
  if (ofRegion === undefined || ofRegion === region) return undefined;
  return `${setting} is a key of ${ofRegion}, but the copy is in ${region}: give a key for each region, such as ${region}=<key>`;
}
