import { describe, expect, it } from '@jest/globals';
import { BACKUP_TYPES } from '@shelvery/engine/terminal';
import { DR, HOME, VOLUME, VOLUME_2, bucketOf, useEbsEstate } from '../harness/ebs-estate.js';
import { lambdaFunction } from '../harness/lambda-function.js';

const NOW = '2026-03-31T01:00:00Z';
const estate = useEbsEstate();
/** What a plan says of data buckets that are not there. */
const newBuckets = (regions: readonly string[]) =>
  regions.map((region) => ({
    what: 'create',
    subject: bucketOf(region),
    region,
    reason: 'bucket, public access block, owner enforced, encryption, versioning, policy',
  }));
const changes = async (): Promise<readonly string[]> =>
  (await estate.emulator().calls())
    .map(({ action }) => action)
    .filter((action) => !/^(Describe|List|Get|Head)/.test(action));

describe('a dry run', () => {
  it('of create_backups says of every volume what would be made, or why not, and only reads', async () => {
    await estate.volume(VOLUME, { 'shelvery:config:shelvery_dr_regions': DR });
    await estate.volume(VOLUME_2, { 'shelvery:config:shelvery_keep_daily_backups': '0' });
    const topic = await estate.topic('all');
    await estate.emulator().clearCalls();
    const { plan } = await estate.run(
      'create_backups',
      NOW,
      { shelvery_sns_topic: topic, shelvery_status_sns_topic: topic },
      { dryRun: true },
    );
    expect(plan).toMatchObject([
      {
        what: 'create',
        subject: VOLUME,
        name: `${VOLUME}-2026-03-31-0100-daily`,
        reason: `daily backup, copied to ${DR}`,
      },
      { what: 'skip', subject: VOLUME_2, reason: 'daily backups are kept for 0 days' },
      ...newBuckets([HOME, DR]),
    ]);
    expect(await changes()).toEqual([]);
  });

  it('tells what it finds made, and what it would make again', async () => {
    await estate.volume(VOLUME);
    await estate.volume(VOLUME_2);
    await estate.backup({ created: '2026-03-31-0100' });
    await estate.backup({ volume: VOLUME_2, created: '2026-03-31-0100', state: 'error' });
    const { plan } = await estate.run('create_backups', NOW, {}, { dryRun: true });
    expect(plan).toMatchObject([
      { what: 'found', subject: VOLUME, reason: expect.stringMatching(/^already made: snap-/) },
      { what: 'remake', subject: VOLUME_2, reason: expect.stringMatching(/^failed: snap-[0-9a-f]+; daily backup$/) },
      ...newBuckets([HOME]),
    ]);
  });

  it('of clean_backups looks into the future, and only reads', async () => {
    await estate.volume(VOLUME);
    const first = await estate.backup({ created: '2026-01-10-0300' });
    const second = await estate.backup({ created: '2026-01-11-0300' });
    await estate.emulator().clearCalls();
    const { plan } = await estate.run('clean_backups', '2099-01-01T00:00:00Z', {}, { dryRun: true });
    expect(plan).toMatchObject([
      { what: 'remove', subject: first, reason: 'expired 2026-01-24' },
      { what: 'keep', subject: second, reason: 'the newest available backup (shelvery_keep_last_backups=1)' },
      ...newBuckets([HOME]),
      { what: 'change', subject: second, reason: 'its metadata is missing, and is written' },
    ]);
    expect(await changes()).toEqual([]);
  });

  it('of create_data_buckets says what would be put', async () => {
    await estate.emulator().clearCalls();
    const { plan } = await estate.run('create_data_buckets', undefined, {}, { dryRun: true });
    expect(plan).toMatchObject([
      { what: 'create', reason: 'bucket, public access block, owner enforced, encryption, versioning, policy' },
    ]);
    expect(await changes()).toEqual([]);
  });

  it.each(BACKUP_TYPES)(
    'of create_data_buckets says "create" only of a bucket that is not there (%s)',
    async (type) => {
      const plans = async () =>
        (await estate.run('create_data_buckets', undefined, {}, { dryRun: true, type })).plan?.map(({ what }) => what);
      expect(await plans()).toEqual(['create']);
      await estate.run('create_data_buckets', undefined, {}, { type });
      expect(await plans()).toEqual(['keep']);
    },
  );

  it('publishes nothing, however much went wrong', async () => {
    const topic = await estate.topic('errors');
    const regions = Array.from({ length: 11 }, (_, index) => `xx-north-${String(index + 1)}`);
    await estate
      .emulator()
      .addFault({ kind: 'refuse', action: 'ListObjectsV2', code: 'AccessDenied', status: 403, times: 'always' });
    await estate.emulator().addFault({
      kind: 'refuse',
      action: 'DescribeSnapshots',
      code: 'UnauthorizedOperation',
      status: 403,
      nth: 2,
      times: 'always',
    });
    await estate.emulator().clearCalls();
    const config = { shelvery_error_sns_topic: topic, shelvery_dr_regions: regions.join(',') };
    const { report } = await estate.run('clean_backups', NOW, config, { dryRun: true });
    expect(report.summary.failed).toBeGreaterThan(10);
    expect(await changes()).toEqual([]);
  });

  it('answers a direct invocation with its plan', async () => {
    await estate.volume(VOLUME);
    const answer = await lambdaFunction(estate.install())({ action: 'create_backups', dry_run: true });
    expect(answer).toMatchObject({ status: 'OK', plan: [{ what: 'create', subject: VOLUME }, ...newBuckets([HOME])] });
    expect(await estate.snapshots()).toEqual([]);
  });
});
