import { describe, expect, it } from '@jest/globals';
import type { KeyFacts } from '../../../../layers/engine/src/domain/doctor/judge-key.js';
import { awsError } from '../../../simulation/world/aws-error.js';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT } from '../../domain/builders.js';
import { hold } from '../held-backups.js';
import { OTHER_VOLUME, SHARED, VOLUME, openPulled } from '../looking-estate.js';
import { openEstate } from '../memory-estate.js';
import type { MemoryEstate } from '../memory-estate.js';
import { examineEstate, foundOf, refused } from './doctor-estate.js';
import type { DoctorAsked } from './doctor-estate.js';

type Found = ReturnType<typeof foundOf>;

const ENABLED: KeyFacts = { managedByAws: false, owner: OWN_ACCOUNT, state: 'Enabled' };
const KEY = `arn:aws:kms:${LOCAL}:${OWN_ACCOUNT}:key/11111111-2222-3333-4444-555555555555`;

/** What is found of keys that KMS knows these of, and which it was asked for. */
async function keys(
  describe: (key: string) => KeyFacts | Error,
  asked: DoctorAsked,
  estate: MemoryEstate = openEstate('ebs'),
): Promise<{ readonly found: Found; readonly asked: readonly string[] }> {
  const calls: string[] = [];
  const checkup = await examineEstate(estate, {
    ...asked,
    parts: () => ({
      keys: {
        describe: async (region, key) => {
          calls.push(`${region} ${key}`);
          const facts = describe(key);
          if (facts instanceof Error) throw facts;
          return facts;
        },
      },
    }),
  });
  return { found: foundOf(checkup, 'keys'), asked: calls };
}

const NONE: Found = [{ result: 'ok', reason: 'fine', text: 'The configuration names no KMS key that would be used.' }];

describe('keys', () => {
  it('need not be configured', async () => {
    expect(await keys(() => ENABLED, {})).toEqual({ found: NONE, asked: [] });
    // Nothing is copied or shared.
    const settings = { shelvery_copy_kms_key_id: KEY, shelvery_reencrypt_kms_key_id: KEY };
    expect(await keys(() => ENABLED, { settings })).toEqual({ found: NONE, asked: [] });
  });

  it('are each asked for once, whatever number of types and resources use them', async () => {
    const estate = openEstate('ebs');
    estate.resource(VOLUME);
    const settings = {
      ...SHARED.settings,
      shelvery_copy_kms_key_id: 'alias/copies',
      shelvery_reencrypt_kms_key_id: `${LOCAL}=${KEY}`,
    };
    const { found, asked } = await keys(() => ENABLED, { settings, types: ['ebs', 'rds'] }, estate);
    expect([...asked].sort()).toEqual([`${DR} alias/copies`, `${LOCAL} ${KEY}`]);
    expect(found).toEqual([
      {
        result: 'ok',
        reason: 'fine',
        region: DR,
        subject: 'alias/copies',
        text: `shelvery_copy_kms_key_id in ${DR}: alias/copies is enabled.`,
      },
      {
        result: 'ok',
        reason: 'fine',
        region: LOCAL,
        subject: KEY,
        text: `shelvery_reencrypt_kms_key_id in ${LOCAL}: ${KEY} is enabled.`,
      },
    ]);
  });

  it('that only a tag names are looked at, too', async () => {
    const tagged = `arn:aws:kms:${DR}:${OWN_ACCOUNT}:key/11111111-2222-3333-4444-555555555555`;
    const estate = openEstate('ebs');
    estate.resource(VOLUME, {
      tags: { 'shelvery:config:shelvery_dr_regions': DR, 'shelvery:config:shelvery_copy_kms_key_id': tagged },
    });
    const { asked } = await keys(() => ENABLED, { settings: { shelvery_allowed_kms_keys: tagged } }, estate);
    expect(asked).toEqual([`${DR} ${tagged}`]);
  });

  it('of copies are of no account for a service that copies nothing', async () => {
    const settings = { ...SHARED.settings, shelvery_copy_kms_key_id: 'alias/copies' };
    expect(await keys(() => ENABLED, { settings, types: ['redshift'] })).toEqual({ found: NONE, asked: [] });
  });

  it('of another region are not asked for, as KMS knows them only there', async () => {
    const settings = { shelvery_dr_regions: DR, shelvery_copy_kms_key_id: KEY };
    const { found, asked } = await keys(() => ENABLED, { settings });
    expect(asked).toEqual([]);
    expect(found).toEqual([
      {
        result: 'failed',
        reason: 'key-elsewhere',
        region: DR,
        subject: KEY,
        text: `shelvery_copy_kms_key_id in ${DR}: ${KEY} is a key of ${LOCAL}.`,
        advice: `Give a key for each region, such as ${DR}=<key>.`,
      },
    ]);
  });

  it.each<[string, KeyFacts | Error, Found[number]]>([
    [
      'are missing',
      awsError('NotFoundException', { status: 400 }),
      {
        result: 'failed',
        reason: 'key-missing',
        text: `shelvery_copy_kms_key_id in ${DR}: alias/copies does not exist there.`,
        advice: `Correct it; keys of several regions are given as ${DR}=<key>.`,
      },
    ],
    [
      'are disabled',
      { ...ENABLED, state: 'Disabled' },
      {
        result: 'failed',
        reason: 'key-disabled',
        text: `shelvery_copy_kms_key_id in ${DR}: alias/copies is disabled.`,
        advice: 'Enable it: aws kms enable-key.',
      },
    ],
    [
      "are another account's",
      { ...ENABLED, owner: OTHER_ACCOUNT },
      {
        result: 'warning',
        reason: 'key-of-another-account',
        text: `shelvery_copy_kms_key_id in ${DR}: alias/copies belongs to account ${OTHER_ACCOUNT}: whoever has that account decides whether these backups can be restored.`,
        advice: 'Use a key of your own, unless that is meant.',
      },
    ],
    [
      'cannot be asked for',
      awsError('KMSInternalException', { status: 500 }),
      {
        result: 'warning',
        reason: 'not-checked',
        text: 'KMSInternalException while looking at the key alias/copies (shelvery_copy_kms_key_id): KMSInternalException. This is temporary: run it again.',
      },
    ],
  ])('that %s are told of', async (_, facts, about) => {
    const settings = { shelvery_dr_regions: DR, shelvery_copy_kms_key_id: 'alias/copies' };
    const { found } = await keys(() => facts, { settings });
    expect(found).toEqual([{ ...about, region: DR, subject: 'alias/copies' }]);
  });

  it('that may not be looked at are told of', async () => {
    const settings = { shelvery_dr_regions: DR, shelvery_copy_kms_key_id: 'alias/copies' };
    const { found } = await keys(() => refused('kms:DescribeKey', 'alias/copies'), { settings });
    expect(found).toEqual([
      {
        result: 'failed',
        reason: 'call-refused',
        region: DR,
        subject: 'kms:DescribeKey',
        text: `AWS refuses kms:DescribeKey on alias/copies in ${DR}.`,
        advice: 'Allow kms:DescribeKey in the policy of the role or user that Shelvery runs as.',
      },
    ]);
  });

  it.each([
    ['shared', SHARED.settings, 'key-unshareable'],
    ['not shared', { shelvery_dr_regions: DR }, 'fine'],
  ])('that AWS manages serve where nothing is shared: %s', async (_, shared, reason) => {
    const settings = { ...shared, shelvery_copy_kms_key_id: `${DR}=alias/aws/ebs` };
    const { found } = await keys(() => ({ managedByAws: true, state: 'Enabled' }), { settings });
    expect(found.map((each) => each.reason)).toEqual([reason]);
  });

  it('that AWS manages do not serve where only a tag shares', async () => {
    const estate = openEstate('ebs');
    estate.resource(VOLUME, { tags: { 'shelvery:config:shelvery_share_aws_account_ids': OTHER_ACCOUNT } });
    const settings = {
      shelvery_allowed_share_aws_account_ids: OTHER_ACCOUNT,
      shelvery_reencrypt_kms_key_id: 'alias/aws/ebs',
    };
    const { found } = await keys(() => ({ managedByAws: true, state: 'Enabled' }), { settings }, estate);
    expect(found).toEqual([
      {
        result: 'failed',
        reason: 'key-unshareable',
        region: LOCAL,
        subject: 'alias/aws/ebs',
        text: `shelvery_reencrypt_kms_key_id in ${LOCAL}: alias/aws/ebs is managed by AWS: no other account can use what is encrypted with it, and backups are to be shared.`,
        advice: 'Set a key of your own that these accounts may use.',
      },
    ]);
  });
});

describe('the default key of a region', () => {
  /** What is found of default keys where some regions have a chosen one. */
  const defaults = async (
    estate: MemoryEstate,
    chosen: readonly string[],
    settings = SHARED.settings,
    { failure, unlisted }: { readonly failure?: Error; readonly unlisted?: string } = {},
  ): Promise<Found> =>
    foundOf(
      await examineEstate(estate, {
        settings: settings ?? {},
        adapter: (adapter) => ({
          listBackups: (region) =>
            region === unlisted ? Promise.reject(refused('ec2:DescribeSnapshots')) : adapter.listBackups(region),
          ownDefaultKey: async (region) => {
            if (failure !== undefined) throw failure;
            return chosen.includes(region) ? 'alias/own' : undefined;
          },
        }),
      }),
      'keys',
    );
  const unshareable = (region: string): Found[number] => ({
    result: 'warning',
    reason: 'default-key-unshareable',
    region,
    subject: 'alias/aws/ebs',
    text: `The default key of ${region} is managed by AWS. Encrypted backups are to be shared, and what is encrypted under that key cannot be.`,
    advice: `Set shelvery_reencrypt_kms_key_id=${region}=<a key of your own>.`,
  });

  /** The backups of one region, or of all, are encrypted. */
  async function openEncrypted(regions: readonly string[]): Promise<MemoryEstate> {
    const estate = await openPulled();
    for (const backup of estate.backups()) estate.change(backup, { encrypted: regions.includes(backup.region) });
    return estate;
  }

  it('has to be chosen where encrypted backups are to be shared under it', async () => {
    const all = await openEncrypted([LOCAL, DR]);
    expect(await defaults(all, [])).toEqual([unshareable(DR), unshareable(LOCAL), ...NONE]);
    expect(await defaults(all, [LOCAL])).toEqual([unshareable(DR), ...NONE]);
    expect(await defaults(await openEncrypted([LOCAL]), [])).toEqual([unshareable(LOCAL), ...NONE]);
    expect(await defaults(await openEncrypted([]), [])).toEqual(NONE);
  });

  it('is of no account where nothing is shared, or the service has no choice', async () => {
    const estate = await openEncrypted([LOCAL, DR]);
    expect(await defaults(estate, [], { shelvery_dr_regions: DR })).toEqual(NONE);
    expect(foundOf(await examineEstate(estate, { settings: SHARED.settings ?? {} }), 'keys')).toEqual(NONE);
  });

  it('is told of once where only tags share, and a single backup is encrypted', async () => {
    const estate = await openEncrypted([LOCAL]);
    const tags = { 'shelvery:config:shelvery_share_aws_account_ids': OTHER_ACCOUNT };
    estate.resource(VOLUME, { tags });
    estate.resource(OTHER_VOLUME, { tags });
    hold(estate, { id: 'snap-1', entity: VOLUME });
    expect(await defaults(estate, [], { shelvery_allowed_share_aws_account_ids: OTHER_ACCOUNT })).toEqual([
      unshareable(LOCAL),
      ...NONE,
    ]);
  });

  it('is of no account where the region was not listed', async () => {
    const estate = await openEncrypted([LOCAL, DR]);
    expect(await defaults(estate, [], SHARED.settings, { unlisted: DR })).toEqual([unshareable(LOCAL), ...NONE]);
  });

  it('is told of where it cannot be asked for', async () => {
    const estate = await openEncrypted([LOCAL]);
    expect(
      await defaults(estate, [], SHARED.settings, { failure: awsError('InternalError', { status: 500 }) }),
    ).toEqual([
      {
        result: 'warning',
        reason: 'not-checked',
        region: LOCAL,
        text: `InternalError while asking for the default key of ${LOCAL}: InternalError. This is temporary: run it again.`,
      },
      ...NONE,
    ]);
  });
});
