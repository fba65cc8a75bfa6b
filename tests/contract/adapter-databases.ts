import { describe, expect, it } from '@jest/globals';
import { ResourceId } from '@shelvery/engine/terminal';
import { HOME, marked, plannedFor, resourceOf } from './harness.js';
import type { DatabaseHarness } from './harness.js';

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
}
