import { describe, expect, it } from '@jest/globals';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT } from '../../domain/builders.js';
import { OTHER_VOLUME, SHARED, VOLUME, openPulled } from '../looking-estate.js';

describe('the inventory for a report', () => {
  it('is every backup, the status, and what the retention of each marked resource promises', async () => {
    const estate = await openPulled();
    estate.resource(OTHER_VOLUME, {
      tags: { 'shelvery:config:shelvery_keep_daily_backups': '3', 'shelvery:config:shelvery_rpo_hours': '5' },
      createdAt: estate.world.conductor.now(),
    });
    const { told, said, report, inventory, calls } = await estate.run('report', SHARED);
    expect([told, said]).toEqual([[], []]);
    expect(report.summary).toEqual({ collected: 2, succeeded: 0, skipped: 0, failed: 0, unfinished: 0 });
    const backup = {
      name: 'orders-158db4-2026-11-24-0301-daily',
      resource: VOLUME,
      entity_name: 'orders',
      retention_type: 'daily',
      created: '2026-11-24T03:01:00.000Z',
      expires_at: '2026-12-08T03:01:00.000Z',
      reason: 'not-expired',
      fate: 'expires 2026-12-08',
      state: 'available',
      metadata: 'present',
      encrypted: false,
      source_account: OWN_ACCOUNT,
      shared_with: [OTHER_ACCOUNT],
    };
    expect(inventory?.listed).toEqual([
      { ...backup, id: 'snap-00000000000000007', region: DR, place: 'dr' },
      { ...backup, id: 'snap-00000000000000001', region: LOCAL, place: 'local' },
    ]);
    expect(inventory?.promised).toEqual([
      { id: VOLUME, keep: { daily: 14, weekly: 8, monthly: 12, yearly: 10 }, rpoHours: 26 },
      { id: OTHER_VOLUME, keep: { daily: 3, weekly: 8, monthly: 12, yearly: 10 }, rpoHours: 5 },
    ]);
    expect(inventory?.status).toEqual((await estate.run('status', SHARED)).backupStatus);
    // Of one list of each region.
    expect(calls.filter((call) => call.includes(':listBackups'))).toEqual([
      `ebs:listBackups ${LOCAL}`,
      `ebs:listBackups ${DR}`,
    ]);
  });
});
