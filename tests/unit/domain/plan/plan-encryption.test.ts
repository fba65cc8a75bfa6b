import { describe, expect, it } from '@jest/globals';
import {
  dependsOnDefaultKey,
  planEncryption,
  planReencryption,
} from '../../../../layers/engine/src/domain/plan/plan-encryption.js';
import type { EncryptionInput, EncryptionPlan } from '../../../../layers/engine/src/domain/plan/plan-encryption.js';
import { DR, RULES, configValues } from '../builders.js';

interface Given extends Partial<Omit<EncryptionInput, 'config'>> {
  readonly payload?: Readonly<Record<string, unknown>>;
}
const input = ({ payload = {}, ...given }: Given): EncryptionInput => ({
  source: { encrypted: true },
  toRegion: DR,
  rules: RULES.ebs,
  willBeShared: false,
  ...given,
  config: configValues(payload),
});
const plan = (given: Given): EncryptionPlan => planEncryption(input(given));
const again = (given: Given): EncryptionPlan | undefined => planReencryption(input(given));

const COPY_KEY = 'shelvery_copy_kms_key_id';
const OTHER_KEY = 'shelvery_reencrypt_kms_key_id';
const arn = (region: string): string => `arn:aws:kms:${region}:111111111111:key/12345678-1234-1234-1234-123456789abc`;
const MULTI = `mrk-${'a1'.repeat(16)}`;
const keyed = (kmsKeyId: string): EncryptionPlan => ({ kind: 'plan', encrypt: true, kmsKeyId });
const CLUSTER = 'the service cannot encrypt an unencrypted snapshot of a cluster by copying it; ';

describe('the encryption of a copy', () => {
  it('may be under the default key where the copy is re-encrypted before it is shared', () => {
    const given = { willBeShared: true, payload: { [OTHER_KEY]: `eu-central-1=${MULTI}` } };
    expect(plan(given)).toEqual({
      kind: 'plan',
      encrypt: true,
      warning: expect.stringContaining('default key of that region'),
    });
  });

  it.each([
    ['none of an unencrypted backup', { source: { encrypted: false } }],
    [
      'none of an unencrypted one, though a key is set',
      { source: { encrypted: false }, payload: { [COPY_KEY]: 'alias/b' } },
    ],
    ['none where nobody wants it', { source: { encrypted: false }, encryptionWanted: false }],
  ])('is %s', (_, given) => {
    expect(plan(given)).toEqual({ kind: 'plan', encrypt: false });
  });

  it.each([
    ['an alias, which holds in each region', { payload: { [COPY_KEY]: 'alias/b' } }, 'alias/b'],
    ['a multi-Region id, which holds in each', { payload: { [COPY_KEY]: MULTI } }, MULTI],
    ["an ARN of the copy's region", { payload: { [COPY_KEY]: arn('eu-central-1') } }, arn('eu-central-1')],
    ["the region's own key of several", { payload: { [COPY_KEY]: `eu-central-1=${MULTI},eu-west-1=alias/x` } }, MULTI],
    ['the key, also to share', { willBeShared: true, payload: { [COPY_KEY]: MULTI } }, MULTI],
    ['the key, in databases too', { rules: RULES.docdb, payload: { [COPY_KEY]: MULTI } }, MULTI],
    [
      'the key, where shelvery_encrypt_copy wants it',
      { source: { encrypted: false }, payload: { [COPY_KEY]: MULTI, shelvery_encrypt_copy: true } },
      MULTI,
    ],
    [
      'the key, where a source account wants it',
      { source: { encrypted: false }, encryptionWanted: true, payload: { [COPY_KEY]: MULTI } },
      MULTI,
    ],
  ])('is under %s', (_, given, key) => {
    expect(plan(given)).toEqual(keyed(key));
  });

  it.each([
    ['EBS', RULES.ebs],
    ['AMI', RULES.ec2ami],
  ])("is under the region's default key for %s without a key, with a warning", (_, rules) => {
    expect(plan({ rules, payload: { [COPY_KEY]: 'us-east-1=alias/b' } })).toEqual({
      kind: 'plan',
      encrypt: true,
      warning:
        'shelvery_copy_kms_key_id has no key for eu-central-1: the copy is encrypted with the default key of that region',
    });
  });

  it("is under the region's default key where that is the account's own, also to share", () => {
    expect(plan({ willBeShared: true, ownDefaultKey: 'arn:own' })).toEqual({
      kind: 'plan',
      encrypt: true,
      warning: expect.stringMatching(/default key of that region, arn:own$/),
    });
  });

  it.each([
    ['where a copy under the default key must be shared', true, { willBeShared: true }],
    ['not where it need not be', false, {}],
    ['not where it is re-encrypted', false, { willBeShared: true, payload: { [OTHER_KEY]: MULTI } }],
    ['not where a key is given', false, { willBeShared: true, payload: { [COPY_KEY]: MULTI } }],
    ['not where nothing is encrypted', false, { willBeShared: true, source: { encrypted: false } }],
    ['not where the service has no default key', false, { willBeShared: true, rules: RULES.rds }],
    ['not where the key is wrong', false, { willBeShared: true, payload: { [COPY_KEY]: arn('eu-west-1') } }],
  ])('depends on whose the default key is %s', (_, expected, given) => {
    expect(dependsOnDefaultKey(input(given))).toBe(expected);
  });

  it.each([
    [
      'for a key ARN of another region',
      { payload: { [COPY_KEY]: arn('eu-west-1') } },
      'shelvery_copy_kms_key_id is a key of eu-west-1, but the copy is in eu-central-1: give a key for each region, such as eu-central-1=<key>',
    ],
    [
      'for a database without a key for the region',
      { rules: RULES.rds },
      'an encrypted copy in eu-central-1 needs a key of that region: set shelvery_copy_kms_key_id to a key, or to eu-central-1=<key>',
    ],
    [
      'where a copy under the default key must be shared',
      { willBeShared: true },
      'a copy under the default key of eu-central-1, which AWS manages, could not be shared: set shelvery_copy_kms_key_id to a key of your own, or to eu-central-1=<key>',
    ],
    [
      'where such a copy must be shared, though it is re-encrypted in another region',
      { willBeShared: true, payload: { [OTHER_KEY]: `eu-west-1=${MULTI}` } },
      'a copy under the default key of eu-central-1, which AWS manages, could not be shared: set shelvery_copy_kms_key_id to a key of your own, or to eu-central-1=<key>',
    ],
    [
      'for an unencrypted snapshot of a cluster',
      {
        source: { encrypted: false },
        rules: RULES.rds_cluster,
        payload: { shelvery_encrypt_copy: true, [COPY_KEY]: MULTI },
      },
      `${CLUSTER}encrypt the cluster itself, or set shelvery_encrypt_copy=false`,
    ],
  ])('is a clear problem before any call %s', (_, given, problem) => {
    expect(plan(given)).toEqual({ kind: 'refused', why: problem });
  });
});

describe('what is under a key that AWS owns (sse-rds)', () => {
  const owned = { source: { encrypted: false, underOwnedKey: true }, rules: RULES.rds_cluster };
  const key = { [COPY_KEY]: MULTI, [OTHER_KEY]: MULTI };
  const warning = (done: string): string =>
    'it is encrypted under a key that AWS owns (sse-rds), which the service does not exchange for another; ' +
    `it is ${done} as it is`;

  it.each([
    ['shelvery_encrypt_copy', { payload: { ...key, shelvery_encrypt_copy: true } }],
    ['a source account', { payload: key, encryptionWanted: true }],
  ])('is copied as it is where %s wants encryption, with a warning', (_, given) => {
    expect(plan({ ...owned, ...given })).toEqual({ kind: 'plan', encrypt: false, warning: warning('copied') });
  });

  it('is copied as it is without a word where nobody wants more', () => {
    expect(plan({ ...owned, payload: key })).toEqual({ kind: 'plan', encrypt: false });
  });

  it('is shared as it is, with a warning', () => {
    expect(again({ ...owned, payload: key })).toEqual({ kind: 'plan', encrypt: false, warning: warning('shared') });
  });

  it('is put under a key where the service can', () => {
    expect(again({ ...owned, rules: RULES.rds, payload: key })).toEqual(keyed(MULTI));
  });
});

describe('encryption under another key before sharing', () => {
  it.each([
    ['without a key', {}],
    ['without a key for the region', { payload: { [OTHER_KEY]: 'us-east-1=alias/b' } }],
    ['with a key for copies alone', { payload: { [COPY_KEY]: 'alias/b' } }],
  ])('is not planned %s', (_, given) => {
    expect(again(given)).toBeUndefined();
  });

  it.each([
    ['an encrypted cluster', { rules: RULES.docdb }],
    ['an unencrypted volume', { source: { encrypted: false } }],
  ])('is planned of %s', (_, given) => {
    expect(again({ ...given, payload: { [OTHER_KEY]: 'alias/b' } })).toEqual(keyed('alias/b'));
  });

  it.each([
    [
      'an unencrypted cluster',
      { source: { encrypted: false }, rules: RULES.docdb, payload: { [OTHER_KEY]: 'alias/b' } },
      `${CLUSTER}unset shelvery_reencrypt_kms_key_id for the cluster with an empty tag shelvery_reencrypt_kms_key_id`,
    ],
    [
      'a key ARN of another region',
      { payload: { [OTHER_KEY]: arn('eu-west-1') } },
      'shelvery_reencrypt_kms_key_id is a key of eu-west-1, but the copy is in eu-central-1: give a key for each region, such as eu-central-1=<key>',
    ],
  ])('is a clear problem with %s', (_, given, problem) => {
    expect(again(given)).toEqual({ kind: 'refused', why: problem });
  });
});
