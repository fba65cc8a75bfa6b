import { describe, expect, it } from '@jest/globals';
import { ResourceId } from '../../../layers/engine/src/domain/values.js';
import { whatFollows, whatWaitsFor } from '../../../layers/engine/src/operations/what-follows.js';
import { serviceOf } from '../../simulation/world/services.js';
import { DR, HOME, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, THIRD, backup, runConfig } from '../domain/builders.js';

const { adapter } = serviceOf('ebs');
const CONTEXT = { adapter, config: runConfig(), home: HOME };

describe('what follows a backup', () => {
  const targets = { drRegions: [DR, THIRD], shareAccounts: [OTHER_ACCOUNT] };
  const of = { backupId: 'snap-1', region: LOCAL };
  const store = { action: 'do_store_backup_data', ...of };
  const share = { action: 'do_share_backup', ...of, account: OTHER_ACCOUNT };
  const copies = [DR, THIRD].map((toRegion) => ({ action: 'do_copy_backup', ...of, toRegion }));

  it('is that it is stored, copied to each region, and shared with each account', () => {
    expect(whatFollows(CONTEXT, backup(), targets)).toEqual([store, ...copies, share]);
  });

  it('is not a copy of a copy', () => {
    expect(whatFollows(CONTEXT, { ...backup({ place: 'dr' }), region: LOCAL }, targets)).toEqual([store, share]);
  });

  it('is no copy where the service makes none', () => {
    const redshift = serviceOf('redshift').adapter;
    expect(whatFollows({ adapter: redshift }, backup(), targets)).toEqual([store, share]);
  });

  it('is for a pulled one that it is stored, and nothing else', () => {
    expect(whatFollows(CONTEXT, backup({ place: 'pulled' }), targets)).toEqual([store]);
  });

  it('goes with what is known of the resource', () => {
    const facts = { size_gib: 8 };
    expect(whatFollows(CONTEXT, { ...backup(), facts }, { drRegions: [DR], shareAccounts: [OTHER_ACCOUNT] })).toEqual([
      { ...store, facts },
      { ...copies[0], facts },
      { ...share, facts },
    ]);
  });
});

describe('what waits for a backup', () => {
  it('is what follows it, by its own targets', () => {
    const made = { ...backup(), targets: { drRegions: [DR], shareAccounts: [OTHER_ACCOUNT] } };
    expect(whatWaitsFor(CONTEXT, made).map(({ action }) => action)).toEqual([
      'do_store_backup_data',
      'do_copy_backup',
      'do_share_backup',
    ]);
  });

  it('is for a re-encrypted snapshot the sharing of what it was made of', () => {
    const made = {
      ...backup({ id: 'snap-2', name: 'web-re-encrypted', tags: { 'shelvery:src_backup': `${DR}:snap-1` } }),
      targets: { drRegions: [THIRD], shareAccounts: [OTHER_ACCOUNT] },
    };
    expect(made.temporary).toBe(true);
    expect(whatWaitsFor(CONTEXT, made)).toEqual([
      { action: 'do_share_backup', backupId: 'snap-1', region: DR, account: OTHER_ACCOUNT },
    ]);
  });

  it('is nothing where a re-encrypted snapshot does not say what it was made of', () => {
    const made = { ...backup({ tags: { 'shelvery:src_backup': undefined } }), temporary: true };
    const targets = { drRegions: [], shareAccounts: [OTHER_ACCOUNT] };
    expect(whatWaitsFor(CONTEXT, { ...made, targets })).toEqual([]);
  });

  it('is for a pulled copy that it is stored, and the file that it was made from moved', () => {
    const made = backup({ place: 'pulled', source: `${LOCAL}:snap-9` });
    expect(whatWaitsFor(CONTEXT, made)).toEqual([
      {
        action: 'do_store_backup_data',
        backupId: 'snap-1',
        region: LOCAL,
        pulledFrom: {
          account: OTHER_ACCOUNT,
          key: `backups/shared/${OWN_ACCOUNT}/ebs/vol-1-2026-01-10-0300-daily.yaml`,
        },
      },
    ]);
  });

  it('is known by ids that are also names', () => {
    const rds = { ...CONTEXT, adapter: serviceOf('rds').adapter };
    const made = backup({ place: 'pulled', id: 'orders-1', entity: ResourceId.parse('orders') });
    expect(whatWaitsFor(rds, made)).toMatchObject([
      { pulledFrom: { key: `backups/shared/${OWN_ACCOUNT}/rds/orders-2026-01-10-0300-daily.yaml` } },
    ]);
  });
});
