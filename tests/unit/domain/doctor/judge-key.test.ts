import { describe, expect, it } from '@jest/globals';
import { judgeKey, sharedUnderDefaultKey, usedKeys } from '../../../../layers/engine/src/domain/doctor/judge-key.js';
import type { KeyFacts } from '../../../../layers/engine/src/domain/doctor/judge-key.js';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, THIRD, configValues } from '../builders.js';

const ID = '0a0b0c0d-0000-0000-0000-000000000000';
const use = (config: Readonly<Record<string, string>>, { drRegions = [DR], shares = true, pulls = false } = {}) => ({
  config: configValues(config),
  home: LOCAL,
  drRegions,
  shares,
  pulls,
});

describe('usedKeys', () => {
  it('uses the key of copies where they go to, and in a bunker here', () => {
    const config = { shelvery_copy_kms_key_id: 'alias/copies' };
    expect(usedKeys(use(config))).toEqual([{ setting: 'shelvery_copy_kms_key_id', region: DR, key: 'alias/copies' }]);
    expect(usedKeys(use(config, { pulls: true })).map(({ region }) => region)).toEqual([LOCAL, DR]);
  });

  it('uses the key for what is shared in every region of backups, and nowhere where nothing is', () => {
    const config = { shelvery_reencrypt_kms_key_id: `${LOCAL}=alias/here,${DR}=alias/there,${THIRD}=alias/unused` };
    expect(usedKeys(use(config)).map(({ region, key }) => [region, key])).toEqual([
      [LOCAL, 'alias/here'],
      [DR, 'alias/there'],
    ]);
    expect(usedKeys(use(config, { shares: false }))).toEqual([]);
  });
});

describe('sharedUnderDefaultKey', () => {
  it.each([
    ['nothing is configured', {}, [LOCAL, DR]],
    ['copies have a key', { shelvery_copy_kms_key_id: 'alias/copies' }, [LOCAL]],
    ['what is shared here has a key', { shelvery_reencrypt_kms_key_id: `${LOCAL}=alias/here` }, [DR]],
    ['what is shared has a key', { shelvery_reencrypt_kms_key_id: 'alias/here' }, []],
  ])('names the regions where %s', (_, config, regions) => {
    expect(sharedUnderDefaultKey(use(config))).toEqual(regions);
  });

  it('names none where nothing is shared', () => {
    expect(sharedUnderDefaultKey(use({}, { shares: false }))).toEqual([]);
  });
});

describe('judgeKey', () => {
  const judge = (facts: KeyFacts | undefined, { key = ID, shares = true } = {}) =>
    judgeKey({ setting: 'shelvery_copy_kms_key_id', region: LOCAL, key }, facts, { account: OWN_ACCOUNT, shares });

  it.each([
    ['fine', { managedByAws: false, owner: OWN_ACCOUNT, state: 'Enabled' }, 'is enabled.'],
    ['fine', { managedByAws: false }, 'is enabled.'],
    ['key-missing', undefined, 'does not exist there.'],
    ['key-disabled', { managedByAws: false, owner: OTHER_ACCOUNT, state: 'Disabled' }, 'is disabled.'],
    [
      'key-pending-deletion',
      { managedByAws: false, state: 'PendingDeletion', deletedAt: new Date('2026-12-06T10:00:00Z') },
      'will be deleted on 2026-12-06, and with it every backup that is encrypted with it.',
    ],
    ['key-pending-deletion', { managedByAws: false, state: 'PendingReplicaDeletion' }, 'will be deleted, and with it'],
    ['key-unusable', { managedByAws: false, state: 'PendingImport' }, 'cannot be used: its state is PendingImport.'],
    ['key-unshareable', { managedByAws: true, owner: OWN_ACCOUNT, state: 'Enabled' }, 'is managed by AWS:'],
    [
      'key-of-another-account',
      { managedByAws: false, owner: OTHER_ACCOUNT, state: 'Enabled' },
      'belongs to account 222222222222:',
    ],
  ] as const)('finds %s', (reason, facts, words) => {
    const found = judge(facts);
    expect(found).toMatchObject({ check: 'keys', reason, region: LOCAL, subject: ID });
    expect(found.text).toContain(`shelvery_copy_kms_key_id in eu-west-1: ${ID} ${words}`);
    expect(found.advice === undefined).toBe(reason === 'fine');
  });

  it.each([
    [{ managedByAws: false, state: 'Disabled' }, 'Enable it: aws kms enable-key.'],
    [
      { managedByAws: false, state: 'PendingDeletion' },
      'Cancel that now: aws kms cancel-key-deletion, then aws kms enable-key.',
    ],
    [{ managedByAws: false, state: 'PendingImport' }, 'Look at it in the AWS console.'],
    [{ managedByAws: true }, 'Set a key of your own that these accounts may use.'],
    [{ managedByAws: false, owner: OTHER_ACCOUNT }, 'Use a key of your own, unless that is meant.'],
    [undefined, 'Correct it; keys of several regions are given as eu-west-1=<key>.'],
  ])('says what to do: %j', (facts, advice) => {
    expect(judge(facts).advice).toBe(advice);
  });

  it('takes a key whose ARN names the region that it is used in', () => {
    const key = `arn:aws:kms:${LOCAL}:${OWN_ACCOUNT}:key/${ID}`;
    expect(judge({ managedByAws: false, owner: OWN_ACCOUNT }, { key }).reason).toBe('fine');
  });

  it('takes a key that AWS manages where nothing is shared', () => {
    expect(judge({ managedByAws: true, state: 'Enabled' }, { shares: false }).reason).toBe('fine');
  });

  it('needs no facts of a key whose ARN names another region', () => {
    const key = `arn:aws:kms:${DR}:${OWN_ACCOUNT}:key/${ID}`;
    expect(judge(undefined, { key })).toMatchObject({
      reason: 'key-elsewhere',
      text: `shelvery_copy_kms_key_id in eu-west-1: ${key} is a key of eu-central-1.`,
      advice: 'Give a key for each region, such as eu-west-1=<key>.',
    });
  });
});
