import { describe, expect, it } from '@jest/globals';
import { bucketNameOf } from '../../../simulation/world/storage.js';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT } from '../../domain/builders.js';
import { aboutParts, hold, liveKey, nameOf, removedKey } from '../held-backups.js';
import type { HeldParts } from '../held-backups.js';
import { ALLOW, openEstate } from '../memory-estate.js';
import type { MemoryEstate } from '../memory-estate.js';

const OLD: HeldParts = { id: 'snap-00000001' };
const NEWEST: HeldParts = { id: 'snap-00000002', created: '2026-11-23-0300' };
const COPY: HeldParts = { ...NEWEST, id: 'snap-00000003', place: 'dr', source: `${LOCAL}:${NEWEST.id}` };
const OLD_COPY: HeldParts = { ...OLD, id: 'snap-00000004', place: 'dr', source: `${LOCAL}:${OLD.id}` };
const HERE = bucketNameOf(OWN_ACCOUNT, LOCAL);
const THERE = bucketNameOf(OWN_ACCOUNT, DR);

function estateWith(...backups: readonly HeldParts[]): MemoryEstate {
  const estate = openEstate('ebs');
  estate.resource('vol-1');
  for (const each of backups) hold(estate, each);
  return estate;
}

const made = (bucket: string, region: string) => ({
  operation: 'CreateDataBucket',
  bucket,
  region,
  status: 'ok',
  message: 'bucket, policy',
});
const removed = (parts: HeldParts) => ({
  ...aboutParts(parts),
  operation: 'DeleteBackup',
  status: 'ok',
  message: 'expired 2026-01-24',
});
const stored = (parts: HeldParts) => ({
  ...aboutParts(parts),
  operation: 'StoreBackupData',
  status: 'ok',
  message: 'its metadata was missing',
});
const ofBuckets = (calls: readonly string[]): readonly string[] =>
  calls.filter((call) => /^s3:(create|put|putPolicy|getLocation|listFolders) /.test(call) && !call.includes('leases/'));

describe('a data bucket that is missing', () => {
  it('is made before a removal, which is then recorded in it, and what is there is stored', async () => {
    const estate = estateWith(OLD, NEWEST);
    const { told, said } = await estate.run('clean_backups', {
      settings: { shelvery_share_aws_account_ids: OTHER_ACCOUNT },
    });
    expect(told).toEqual([made(HERE, LOCAL), removed(OLD), stored(NEWEST)]);
    expect(said).toEqual([
      ['SHELVERY_BACKUP_KEPT', `${nameOf(NEWEST)} (${NEWEST.id}): expires 2026-12-07`, { reason: 'not-expired' }],
      ['SHELVERY_BUCKET_CHANGED', `${HERE} (${LOCAL}): bucket, policy`, { bucket: HERE, region: LOCAL }],
    ]);
    expect(estate.keys()).toEqual([removedKey(OLD), liveKey(NEWEST)]);
    // It lets in whom the configuration shares with.
    expect(estate.world.buckets.get(HERE)?.policy).toContain(`backups/shared/${OTHER_ACCOUNT}/*`);
  });

  it('is foreseen by a dry run, which makes none', async () => {
    const estate = estateWith(OLD, NEWEST);
    const { told, plan, said } = await estate.run('clean_backups', { dryRun: true });
    expect([told, said]).toEqual([[], []]);
    expect(plan).toEqual([
      { what: 'remove', subject: OLD.id, name: nameOf(OLD), reason: 'expired 2026-01-24', region: LOCAL },
      { what: 'keep', subject: NEWEST.id, name: nameOf(NEWEST), reason: 'expires 2026-12-07', region: LOCAL },
      { what: 'create', subject: HERE, reason: 'bucket, policy', region: LOCAL, of: 'bucket' },
      {
        what: 'change',
        subject: NEWEST.id,
        name: nameOf(NEWEST),
        reason: 'its metadata is missing, and is written',
        region: LOCAL,
      },
    ]);
    expect(estate.world.buckets.size).toBe(0);
  });

  it('that is made lets in whom the configuration names: whom tags name the next create_backups adds', async () => {
    const estate = estateWith(OLD, NEWEST);
    estate.resource('vol-1', { tags: { 'shelvery:config:shelvery_share_aws_account_ids': OTHER_ACCOUNT } });
    await estate.run('clean_backups', { settings: { shelvery_allowed_share_aws_account_ids: OTHER_ACCOUNT } });
    expect(estate.world.buckets.get(HERE)?.policy ?? '').not.toContain(OTHER_ACCOUNT);
  });

  it('is not made here where nothing is removed', async () => {
    const estate = estateWith(NEWEST);
    const { told, calls } = await estate.run('clean_backups');
    expect(told).toEqual([]);
    expect(ofBuckets(calls)).toEqual([]);
    expect((await estate.run('clean_backups', { dryRun: true })).plan?.map(({ what }) => what)).toEqual(['keep']);
  });

  it('is made in a DR region for copies that stay, which are found by it once nothing names the region', async () => {
    const estate = estateWith(NEWEST, COPY);
    estate.buckets();
    const { told } = await estate.run('clean_backups', { settings: { shelvery_dr_regions: DR } });
    expect(told).toEqual(expect.arrayContaining([stored(NEWEST), made(THERE, DR), stored(COPY)]));
    expect(told).toHaveLength(3);
    expect(estate.keys(DR)).toEqual([liveKey(COPY)]);
  });

  it('is made in a DR region for copies that are removed', async () => {
    const estate = estateWith(OLD_COPY);
    const { told } = await estate.run('clean_backups', {
      settings: { shelvery_dr_regions: DR, shelvery_keep_last_backups: '0' },
    });
    expect(told).toEqual([made(THERE, DR), removed(OLD_COPY)]);
    expect(estate.keys(DR)).toEqual([removedKey(OLD_COPY)]);
  });

  it('is not made in a DR region without copies', async () => {
    const estate = estateWith();
    const { told, calls } = await estate.run('clean_backups', { settings: { shelvery_dr_regions: DR } });
    expect(told).toEqual([]);
    expect(ofBuckets(calls)).toEqual([]);
  });

  it('and cannot be made is one ERROR, and what has expired goes without a record', async () => {
    const estate = estateWith(OLD, NEWEST);
    estate.strike('s3:create', { refuse: 'AccessDenied' });
    const { told, calls } = await estate.run('clean_backups');
    expect(told).toEqual([
      {
        operation: 'CreateDataBucket',
        bucket: HERE,
        region: LOCAL,
        status: 'failed',
        error: `NotAllowed: AccessDenied while checking the data bucket ${HERE} in ${LOCAL}: AccessDenied. ` + ALLOW,
      },
      removed(OLD),
    ]);
    expect(ofBuckets(calls)).toEqual([`s3:getLocation eu-west-1 ${HERE}`, `s3:create eu-west-1 ${HERE}`]);
    expect(estate.backups().map(({ id }) => id)).toEqual([NEWEST.id]);
  });

  it('and whose name somebody else has is one ERROR, in a dry run, too, and what has expired goes', async () => {
    const estate = estateWith(OLD, NEWEST);
    const parts: Parameters<MemoryEstate['run']>[1] = {
      parts: ({ buckets }) => ({
        buckets: {
          ...buckets,
          ensure: async (region) => ({
            region,
            bucket: HERE,
            state: 'refused',
            refusal: 'BucketAlreadyExists',
            changes: [],
            refusedAccounts: [],
          }),
        },
      }),
    };
    const refused = {
      operation: 'CreateDataBucket',
      bucket: HERE,
      region: LOCAL,
      status: 'failed',
      error:
        `BucketNotOurs: The bucket ${HERE} belongs to another account. Set shelvery_bucket_name_template to another name. ` +
        'Until then backups are made, but their metadata cannot be stored.',
    };
    const dryRun = await estate.run('clean_backups', { ...parts, dryRun: true });
    expect(dryRun.told).toEqual([refused]);
    expect(dryRun.plan?.map(({ what, reason }) => [what, reason])).toEqual([
      ['remove', 'expired 2026-01-24'],
      ['keep', 'expires 2026-12-07'],
      ['refuse', 'refused'],
    ]);
    const { told, calls } = await estate.run('clean_backups', parts);
    expect(told).toEqual([refused, removed(OLD)]);
    expect(ofBuckets(calls)).toEqual([]);
  });
});

describe('a data bucket that is there', () => {
  it('though it was not a moment ago, is nothing to tell of, and nobody whom it lets in is shut out', async () => {
    const estate = estateWith(OLD, NEWEST);
    await estate.run('create_data_buckets', { settings: { shelvery_share_aws_account_ids: OTHER_ACCOUNT } });
    const { policy } = estate.world.buckets.get(HERE) ?? {};
    expect(policy).toContain(OTHER_ACCOUNT);
    estate.strike('s3:list', { refuse: 'NoSuchBucket' });
    const { told } = await estate.run('clean_backups');
    expect(told).toEqual([removed(OLD), stored(NEWEST)]);
    expect(estate.world.buckets.get(HERE)?.policy).toBe(policy);
  });

  it('is left as it is', async () => {
    const estate = estateWith(OLD, NEWEST);
    estate.buckets();
    const { told, calls } = await estate.run('clean_backups');
    expect(told).toEqual([removed(OLD), stored(NEWEST)]);
    expect(ofBuckets(calls)).toEqual([
      's3:listFolders eu-west-1 backups/shared/',
      `s3:put eu-west-1 ${removedKey(OLD)}`,
      `s3:put eu-west-1 ${liveKey(NEWEST)}`,
    ]);
    expect(estate.world.buckets.get(HERE)?.policy).toBeUndefined();
  });
});
