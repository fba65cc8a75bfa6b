import { describe, expect, it } from '@jest/globals';
import { DR, LOCAL, OWN_ACCOUNT } from '../domain/builders.js';
import { openEstate } from './memory-estate.js';
import { bucketNameOf } from '../../simulation/world/storage.js';

describe('data buckets', () => {
  it('are made in the home region and in each DR region that settings or tags name, each once', async () => {
    const estate = openEstate('ebs');
    estate.resource('vol-1', { tags: { 'shelvery:config:shelvery_dr_regions': `${DR},us-east-1` } });
    const { told, said, plan, report } = await estate.run('create_data_buckets', {
      settings: { shelvery_dr_regions: DR },
    });
    expect(told).toEqual(
      [LOCAL, DR, 'us-east-1'].map((region) => ({
        operation: 'CreateDataBucket',
        bucket: bucketNameOf(OWN_ACCOUNT, region),
        region,
        status: 'ok',
        message: 'bucket, policy',
      })),
    );
    expect(said).toEqual(
      [LOCAL, DR, 'us-east-1'].map((region) => [
        'SHELVERY_BUCKET_CHANGED',
        `${bucketNameOf(OWN_ACCOUNT, region)} (${region}): bucket, policy`,
        { bucket: bucketNameOf(OWN_ACCOUNT, region), region },
      ]),
    );
    expect(plan).toBeUndefined();
    expect(report.summary).toMatchObject({ collected: 3, succeeded: 3 });
  });
});
