import { describe, expect, it } from '@jest/globals';
import { BackupId, ResourceId } from '@shelvery/engine';
import { HOME, marked, plannedFor, resourceOf } from './harness.js';
import type { DatabaseHarness } from './rds.harness.js';

/**
 * What the adapters of databases and clusters do beyond the contract: their names are given again, their ids are not.
 *
 * @param snapshotsTell the service tells of a snapshot which database it is of, by more than the name.
 */
export function databaseContract(current: () => DatabaseHarness, { snapshotsTell }: { snapshotsTell: boolean }): void {
  const id = ResourceId.parse('orders');

  describe('databases that share a name, one after the other', () => {
    it('are told apart by an id of the service, wherever they are listed', async () => {
      const harness = current();
      const { adapter } = harness;
      const uids: (string | undefined)[] = [];
      for (let life = 0; life < 2; life += 1) {
        await harness.makeDatabase(id, marked());
        const [listed] = await adapter.listResources();
        expect((await adapter.findResources([id])).get(id)).toEqual(listed);
        uids.push(listed?.uid);
        await harness.removeResource(id);
      }
      expect(uids.every((uid) => uid !== undefined && /^[A-Za-z0-9-]+$/.test(uid))).toBe(true);
      expect(new Set(uids).size).toBe(2);
    });
    it(`${snapshotsTell ? 'are' : 'are not'} known from their snapshots`, async () => {
      const { adapter, makeDatabase } = current();
      await makeDatabase(id, marked());
      const [resource] = await adapter.listResources();
      await adapter.createBackup(plannedFor(adapter, resourceOf(id)));
      const [found] = await adapter.listBackups(HOME.region);
      expect(found?.entityUid).toBe(snapshotsTell ? resource?.uid : undefined);
    });
  });

  it('finds backups beside one that is gone, though the service may answer by an error for that', async () => {
    const harness = current();
    const { adapter } = harness;
    await harness.makeDatabase(id, marked());
    const kept = await adapter.createBackup(plannedFor(adapter, resourceOf(id)));
    await harness.account.emulator.setBehaviours({ filtersRefuseWhatIsGone: true });
    const gone = BackupId.parse('orders-2020-01-01-0300-daily');
    expect([...(await adapter.describeBackups(HOME.region, [gone, kept.found.id])).keys()]).toEqual([kept.found.id]);
    expect([...(await adapter.describeBackups(HOME.region, [gone])).keys()]).toEqual([]);
  });

  it('lists a database that is being deleted with why it cannot be backed up', async () => {
    const harness = current();
    const { adapter } = harness;
    await harness.makeDatabase(id, marked());
    await harness.databases.setLives({ deletingMs: 60_000 });
    await harness.removeResource(id);
    expect(await adapter.listResources()).toMatchObject([{ id, unusable: 'it is being deleted' }]);
    expect((await adapter.findResources([id])).get(id)).toMatchObject({ unusable: 'it is being deleted' });
  });
}
