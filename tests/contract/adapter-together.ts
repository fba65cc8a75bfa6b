import { describe, expect, it } from '@jest/globals';
import type { Resource, ResourceId } from '@shelvery/engine/terminal';
import { BackupId } from '@shelvery/engine/terminal';
import { idsOf, rejection } from './expectations.js';
import { HOME, marked, plannedFor, resourceOf } from './harness.js';
import type { Harness } from './harness.js';
import type { Service } from './services.js';

/** The part of the contract about what a service does to several backups, or for several resources, in one call. */
export function togetherContract(current: () => Harness, { together, pending }: Service): void {
  if (together === 'deletions') {
    describe('a deletion of several backups in one call', () => {
      const remove = (ids: readonly BackupId[]) => {
        const { adapter } = current();
        const all = ids.map(
          (id) => ({ id, region: HOME.region, state: 'available', encrypted: false, tags: {} }) as const,
        );
        return adapter.deleteTogether?.run(all) ?? Promise.reject(new Error('It deletes none together.'));
      };
      const make = async (): Promise<BackupId> => {
        const harness = current();
        const { adapter } = harness;
        const resource = resourceOf(await harness.makeResource(marked()));
        return (await adapter.createBackup(plannedFor(adapter, resource))).found.id;
      };

      it('takes what is gone already as deleted', async () => {
        const ids = [await make(), await make(), BackupId.parse('never-was-here')];
        expect(await remove(ids)).toEqual(new Map());
        expect(await current().stored(HOME.region)).toEqual(new Map());
      });
      it('names what it refuses, and deletes the rest', async () => {
        const first = await make();
        await current().keepPending();
        const second = await make();
        const refused = [...(await remove([first, second]))];
        expect(refused).toEqual([[second, expect.objectContaining({ name: pending.deleteBackup })]]);
        expect([...(await current().stored(HOME.region)).keys()]).toEqual([second]);
      });
    });
  }

  if (together === 'backups') {
    describe('backups of several resources in one call', () => {
      /** Resources that are one set, and others that are in none. */
      const attached = async (): Promise<{ readonly set: ResourceId; readonly volumes: readonly Resource[] }> => {
        const harness = current();
        const ids = [
          await harness.makeResource(marked()),
          await harness.makeResource(marked()),
          await harness.makeResource({}),
        ];
        await harness.makeResource(marked());
        const set = await harness.attach?.(ids);
        if (set === undefined) throw new Error('Nothing can be attached.');
        const found = await harness.adapter.findResources(ids);
        return { set, volumes: ids.flatMap((id) => found.get(id) ?? []) };
      };
      const sets = () => {
        const { adapter } = current();
        if (adapter.sets === undefined) throw new Error('It makes none together.');
        return adapter.sets;
      };

      it('are of a set that is listed with all its members, whatever they are asked for by', async () => {
        const { set, volumes } = await attached();
        const [listed, ...others] = await sets().list(volumes.slice(0, 1));
        expect(others).toEqual([]);
        expect(listed).toMatchObject({ id: set, unsettled: [] });
        expect(listed?.members).toEqual(expect.arrayContaining(volumes.map(({ id }) => id)));
        const { adapter } = current();
        const alone = (await adapter.listResources()).filter(({ id }) => volumes.every((each) => each.id !== id));
        expect(alone).toHaveLength(1);
        expect(await sets().list(alone)).toEqual([]);
      });
      it('have the same tags, and tell what each is of', async () => {
        const { volumes } = await attached();
        const [of] = await sets().list(volumes);
        if (of === undefined) throw new Error('There is no set.');
        const wanted = volumes.slice(0, 2).map(({ id }) => id);
        const leftOut = of.members.filter((id) => !wanted.includes(id));
        const tags = marked({ one: '1' });
        const made = await sets().create({ of, leftOut, retentionType: 'daily', tags });
        expect(made.map(({ volumeId }) => volumeId).sort()).toEqual([...wanted].sort());
        const stored = await current().stored(HOME.region);
        expect([...stored.keys()].sort()).toEqual(idsOf(made));
        expect([...stored.values()]).toEqual([tags, tags]);
        const [first] = await current().adapter.findByTags(HOME.region, 'one', ['1']);
        expect(first?.description).toBe(`Made by Shelvery: daily backup of volumes of ${of.id}`);
      });
      // A guess: no page names the code.
      it('cannot be made where no member is left', async () => {
        const { volumes } = await attached();
        const [of] = await sets().list(volumes);
        if (of === undefined) throw new Error('There is no set.');
        const call = sets().create({ of, leftOut: of.members, retentionType: 'daily', tags: {} });
        expect((await rejection(call)).name).toBe('InvalidParameterValue');
      });
    });
  }
}
