import { describe, expect, it } from '@jest/globals';
import { BackupId, ResourceId } from '@shelvery/engine/terminal';
import { rejection } from '../../contract/expectations.js';
import { HOME, marked, plannedFor, resourceOf } from '../../contract/harness.js';
import type { EmulatedHarness } from './emulated-account.js';
import type { EmulatedDatabases } from './rds.harness.js';

/**
 * The part of the contract of an adapter that lies beneath the ports, which the AWS in memory stands in for: how lists are
 * read page by page, and what AWS's client repeats.
 */
export function wireContract(current: () => EmulatedHarness): void {
  describe('a page’s token that the service does not take any more', () => {
    it('has the list begun again: nothing is missing', async () => {
      const harness = current();
      const made: string[] = [];
      for (let n = 0; n < 5; n += 1) made.push(await harness.makeResource(marked()));
      await harness.setPageSize(2);
      await harness.faultNext(harness.actions.list, { refuse: harness.refusedToken, nth: 3 });
      await harness.forgetCalls();
      expect((await harness.adapter.listResources()).map(({ id }) => id).sort()).toEqual(made.sort());
      expect((await harness.calls()).get(harness.actions.list)).toBe(6);
    });
    it('ends in an error that a repeat may mend where tokens are refused again and again', async () => {
      const harness = current();
      for (let n = 0; n < 3; n += 1) await harness.makeResource(marked());
      await harness.setPageSize(2);
      for (const nth of [2, 4, 6]) await harness.faultNext(harness.actions.list, { refuse: harness.refusedToken, nth });
      const error = await rejection(harness.adapter.listResources());
      expect(error).toMatchObject({ mendable: true, aws: { code: harness.refusedToken } });
    });
    it('is none where the first page is answered by the same error', async () => {
      const harness = current();
      await harness.faultNext(harness.actions.list, { refuse: harness.refusedToken });
      await harness.forgetCalls();
      expect((await rejection(harness.adapter.listResources())).name).toBe(harness.refusedToken);
      expect((await harness.calls()).get(harness.actions.list)).toBe(1);
    });
  });

  describe('throttling', () => {
    it('has a backup’s creation repeated', async () => {
      const harness = current();
      const { adapter } = harness;
      const id = await harness.makeResource(marked());
      await harness.faultNext(harness.actions.create, { refuse: 'Throttling' });
      await adapter.createBackup(plannedFor(adapter, resourceOf(id)));
      expect((await harness.stored(HOME.region)).size).toBe(1);
    });
  });
}

/**
 * What the adapters of databases do that the AWS in memory has no occasion for: it answers for each name by itself, and its
 * resources are there or not.
 */
export function wireContractOfDatabases(current: () => EmulatedDatabases): void {
  const id = ResourceId.parse('orders');

  describe('databases', () => {
    it('find backups beside one that is gone, though the service may answer by an error for that', async () => {
      const harness = current();
      const { adapter } = harness;
      await harness.makeDatabase(id, marked());
      const kept = await adapter.createBackup(plannedFor(adapter, resourceOf(id)));
      await harness.account.emulator.setBehaviours({ filtersRefuseWhatIsGone: true });
      const gone = BackupId.parse('orders-2020-01-01-0300-daily');
      expect([...(await adapter.describeBackups(HOME.region, [gone, kept.found.id])).keys()]).toEqual([kept.found.id]);
      expect([...(await adapter.describeBackups(HOME.region, [gone])).keys()]).toEqual([]);
    });

    it('list one that is being deleted with why it cannot be backed up', async () => {
      const harness = current();
      const { adapter } = harness;
      await harness.makeDatabase(id, marked());
      await harness.databases.setLives({ deletingMs: 60_000 });
      await harness.removeResource(id);
      expect(await adapter.listResources()).toMatchObject([{ id, unusable: 'it is being deleted' }]);
      expect((await adapter.findResources([id])).get(id)).toMatchObject({ unusable: 'it is being deleted' });
    });
  });
}
