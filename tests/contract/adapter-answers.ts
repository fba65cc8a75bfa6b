import { describe, expect, it } from '@jest/globals';
import type { Backup, FoundBackup } from '@shelvery/engine/terminal';
import { BackupId } from '@shelvery/engine/terminal';
import { rejection, understood } from './expectations.js';
import { DR_REGION, HOME, OTHER_ACCOUNT, marked, plannedFor, resourceOf } from './harness.js';
import type { Harness } from './harness.js';
import type { Service } from './services.js';

/** The part of the contract about what calls and lists tell of backups, and about copies beside each other. */
export function answersContract(
  current: () => Harness,
  { can, told, gone, sameNameCopied, mostCopies }: Service,
): void {
  async function make({ encrypted }: { readonly encrypted: boolean }): Promise<FoundBackup> {
    const { adapter, ...harness } = current();
    const resource = resourceOf(await harness.makeResource(marked({ Name: 'Orders' }), { encrypted }));
    return (await adapter.createBackup(plannedFor(adapter, resource))).found;
  }
  async function listed({ region, id }: Pick<FoundBackup, 'region' | 'id'>): Promise<FoundBackup> {
    const found = (await current().adapter.describeBackups(region, [id])).get(id);
    if (found === undefined) throw new Error(`${id} is not listed in ${region}.`);
    return found;
  }
  async function complete(encrypted = false): Promise<Backup> {
    return understood(await listed(await make({ encrypted })));
  }
  async function copy(source: Backup, name = source.name): Promise<FoundBackup> {
    const request = { source, toRegion: DR_REGION, name, tags: source.found.tags, encrypt: false };
    const copied = await current().adapter.copyToRegion?.(request);
    if (copied === undefined) throw new Error('No copy was made.');
    return copied.found;
  }
  const timesOf = (found: FoundBackup): readonly string[] =>
    (['startedAt', 'dataTime'] as const).filter((time) => found[time] !== undefined);

  describe('what is told of a backup', () => {
    it('is told by the call that makes it, as far as it is known then', async () => {
      const answer = await make({ encrypted: false });
      const later = await listed(answer);
      expect({ ...later, ...answer, state: 'available' }).toEqual(later);
      expect(timesOf(answer)).toEqual(told.onCreation);
      expect(timesOf(later)).toEqual(['startedAt', 'dataTime']);
    });
    it('is what its service has', async () => {
      const { found, entityId, name } = await complete();
      expect(found.serviceName).toBe(told.serviceName ? name : undefined);
      expect(found.volumeId).toBe(told.volumeId ? entityId : undefined);
      expect(found.description !== undefined).toBe(told.description);
    });
    it('is whether it is encrypted, as its resource is', async () => {
      expect((await complete()).found).toMatchObject({ encrypted: false });
      expect((await complete(true)).found).toMatchObject({ encrypted: true });
    });
  });

  if (can.copyToRegion) {
    describe('what is told of a copy', () => {
      it('is told by the call that makes it, as far as it is known then', async () => {
        const answer = await copy(await complete());
        const later = await listed(answer);
        expect({ ...later, ...answer, state: 'available' }).toEqual(later);
        expect(timesOf(answer)).toEqual(told.onCopying);
      });
      it('is when it was begun, and the time of its data, as far as its service knows them', async () => {
        const harness = current();
        const source = await complete();
        await harness.finishPending();
        const begun = await harness.now();
        const { startedAt, dataTime } = await listed(await copy(source));
        const isNew = (time: Date | undefined): boolean => (time?.getTime() ?? 0) >= Math.floor(begun / 1000) * 1000;
        expect({ startedAt: isNew(startedAt), dataTime: isNew(dataTime) }).toEqual(told.copyIsNew);
        if (!told.copyIsNew.dataTime) expect(dataTime).toEqual(source.found.dataTime);
      });
      it('is encrypted where its original is', async () => {
        const source = await complete(true);
        const kmsKeyId = await current().makeKey(DR_REGION);
        const { tags } = source.found;
        const request = { source, toRegion: DR_REGION, name: source.name, tags, encrypt: true, kmsKeyId };
        const copied = await current().adapter.copyToRegion?.(request);
        expect(copied?.found).toMatchObject({ encrypted: true });
      });
    });

    describe('a second copy of the same name', () => {
      it(sameNameCopied === undefined ? 'is made' : 'is refused', async () => {
        const harness = current();
        const source = await complete();
        await copy(source);
        if (sameNameCopied === undefined) await copy(source);
        else expect((await rejection(copy(source))).name).toBe(sameNameCopied);
        expect((await harness.stored(DR_REGION)).size).toBe(sameNameCopied === undefined ? 2 : 1);
      });
    });

    if (mostCopies !== undefined) {
      it(`takes ${String(mostCopies.number)} copies to a region at a time`, async () => {
        const harness = current();
        const source = await complete();
        await harness.keepPending();
        for (let n = 0; n < mostCopies.number; n += 1) await copy(source, `${source.name}-${String(n)}`);
        const { name } = await rejection(copy(source, `${source.name}-more`));
        expect(name).toBe(mostCopies.refusal);
        expect(harness.adapter.faults.notYet).toContain(name);
        await harness.finishPending();
        await copy(source, `${source.name}-more`);
        expect((await harness.stored(DR_REGION)).size).toBe(mostCopies.number + 1);
      });
    }
  }

  if (can.copyShared) {
    describe('what another account does not share', () => {
      it('is not copied', async () => {
        const harness = current();
        const id = await harness.makeForeignSnapshot('shared-2026-11-24-0301-daily', {});
        const sourceId = BackupId.parse(`${id.slice(0, -3)}fff`);
        const request = { sourceAccount: OTHER_ACCOUNT, sourceRegion: HOME.region, sourceId, name: 'pulled', tags: {} };
        const copied = harness.adapter.copyShared?.({ ...request, encrypt: false }) ?? Promise.resolve();
        expect((await rejection(copied)).name).toBe(gone.otherwise);
        expect((await harness.stored(HOME.region)).size).toBe(0);
      });
    });
  }
}
