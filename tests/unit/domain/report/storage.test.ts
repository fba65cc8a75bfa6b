import { describe, expect, it } from '@jest/globals';
import type { ReportedBackup } from '../../../../layers/engine/src/domain/report/inventory.js';
import { BUILT_IN_PRICES, PriceTable } from '../../../../layers/engine/src/domain/report/prices.js';
import { estimateCost, storageOf, takesStorage } from '../../../../layers/engine/src/domain/report/storage.js';
import type { Stored } from '../../../../layers/engine/src/domain/report/storage.js';

export function listed(parts: Partial<ReportedBackup> = {}): ReportedBackup {
  return {
    name: 'orders-1',
    id: 'snap-1',
    resource: 'vol-1',
    region: 'eu-west-1',
    place: 'local',
    retention_type: 'daily',
    created: '2026-11-24T03:01:00.000Z',
    reason: 'not-expired',
    fate: 'expires 2026-12-08',
    state: 'available',
    source_account: '111111111111',
    ...parts,
  };
}

const ebs = (parts: Partial<ReportedBackup> = {}): Stored => ({ type: 'ebs', backup: listed(parts) });

const PRICES: PriceTable = PriceTable.parse({
  as_of: '2026-11-01',
  currency: 'EUR',
  default: { ...BUILT_IN_PRICES.default, ebs: 0.1, ebs_archive: 0.01 },
  regions: { 'eu-central-1': { ebs: 0.2 } },
});

describe('takesStorage', () => {
  it.each([
    [{}, true],
    [{ state: 'archived' }, true],
    [{ state: 'pending' }, true],
    [{ state: 'failed' }, false],
    [{ state: 'missing' }, false],
    [{ reason: 'somebodys' }, false],
  ])('%j: %s', (parts, expected) => {
    expect(takesStorage(listed(parts))).toBe(expected);
  });
});

describe('storageOf', () => {
  it('adds up what each backup would be as a full copy, and the largest of each resource in each region', () => {
    expect(
      storageOf([
        ebs({ id: 'a', size_gib: 10 }),
        ebs({ id: 'b', size_gib: 12 }),
        ebs({ id: 'c', resource: 'vol-2', size_gib: 5 }),
        ebs({ id: 'd', resource: 'vol-2' }),
        ebs({ id: 'e', place: 'dr', region: 'eu-central-1', size_gib: 10 }),
        ebs({ id: 'f', place: 'dr', region: 'us-east-1', size_gib: 10 }),
        { type: 'rds_cluster', backup: listed({ id: 'g' }) },
      ]),
    ).toEqual([
      { type: 'ebs', place: 'local', backups: 4, unknown: 1, mostGib: 27, onceGib: 17 },
      { type: 'ebs', place: 'dr', backups: 2, unknown: 0, mostGib: 20, onceGib: 20 },
      { type: 'rds_cluster', place: 'local', backups: 1, unknown: 1, mostGib: 0, onceGib: 0 },
    ]);
  });

  it('counts each archived snapshot as a full copy, and resources of two accounts as two', () => {
    const [row] = storageOf([
      ebs({ id: 'a', size_gib: 10 }),
      ebs({ id: 'b', size_gib: 10, state: 'archived' }),
      ebs({ id: 'c', size_gib: 10, state: 'archived' }),
      ebs({ id: 'd', size_gib: 10, source_account: '222222222222' }),
    ]);
    expect(row).toMatchObject({ mostGib: 40, onceGib: 40 });
  });
});

describe('estimateCost', () => {
  it('has a row for each region and type, and says where a price is not that of the region', () => {
    const cost = estimateCost(
      [
        ebs({ id: 'a', size_gib: 10 }),
        ebs({ id: 'b', size_gib: 10 }),
        ebs({ id: 'c', size_gib: 10, state: 'archived' }),
        ebs({ id: 'd', size_gib: 10, place: 'dr', region: 'eu-central-1' }),
        { type: 'docdb', backup: listed({ id: 'e' }) },
      ],
      PRICES,
    );
    expect(cost.rows.map(({ region, priced, price, assumed }) => [region, priced, price, assumed])).toEqual([
      ['eu-central-1', 'ebs', 0.2, false],
      ['eu-west-1', 'docdb', 0.021, true],
      ['eu-west-1', 'ebs', 0.1, true],
      ['eu-west-1', 'ebs_archive', 0.01, true],
    ]);
    expect(cost).toMatchObject({ currency: 'EUR', asOf: '2026-11-01', unknown: 1 });
    expect(cost.onceCost).toBeCloseTo(2 + 1 + 0.1);
    expect(cost.mostCost).toBeCloseTo(2 + 2 + 0.1);
  });

  it('is nothing for nothing', () => {
    expect(estimateCost([], PRICES)).toMatchObject({ rows: [], onceCost: 0, mostCost: 0, unknown: 0 });
  });
});

describe('the table of prices', () => {
  it('that is built in is one that could be given', () => {
    expect(PriceTable.parse(BUILT_IN_PRICES)).toEqual(BUILT_IN_PRICES);
  });

  it.each([
    ['a price that is negative', { regions: { 'eu-west-1': { ebs: -1 } } }],
    ['a region that is none', { regions: { Frankfurt: { ebs: 1 } } }],
    ['a type that is none', { regions: { 'eu-west-1': { s3: 1 } } }],
    ['a type that is missing from the default', { default: { ebs: 1 } }],
    ['a key that is none', { prices: {} }],
    ['a currency that is none', { currency: 'dollars' }],
    ['a day that is none', { as_of: '2026-02-30' }],
  ])('refuses %s', (_, parts) => {
    expect(PriceTable.safeParse({ ...PRICES, ...parts }).success).toBe(false);
  });
});
