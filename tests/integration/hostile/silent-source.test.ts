import { describe, expect, it } from '@jest/globals';
import { BUNKER, SOURCE, useCopyEstate } from '../harness/copy-estate.js';

const estate = useCopyEstate();
const HOUR = 3_600_000;
const SILENT = '333333333333';
const bunker = {
  account: BUNKER,
  config: { shelvery_source_aws_account_ids: `${SOURCE},${SILENT}` },
};

describe('a source account that stops sharing', () => {
  it('is noticed by the age of what was pulled from it, which every cleaning tells', async () => {
    await estate.resource({}, 'orders');
    await estate.run('create_backups', { config: { shelvery_share_aws_account_ids: BUNKER } });
    await estate.run('pull_shared_backups', bunker);
    const { newestPulledAgeHours: young } = await estate.run('clean_backups', bunker);
    expect([...(young?.keys() ?? [])]).toEqual([SOURCE]);
    await estate.clock().advance(30 * HOUR);
    await estate.run('pull_shared_backups', bunker);
    const { newestPulledAgeHours: old } = await estate.run('clean_backups', bunker);
    expect([...(old?.values() ?? [])].map(Math.floor)).toEqual([30]);
  });
});
