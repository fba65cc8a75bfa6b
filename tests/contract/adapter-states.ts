import { describe, expect, it } from '@jest/globals';
import type { Backup, BackupAdapter } from '@shelvery/engine/terminal';
import { BackupId, isShelveryError } from '@shelvery/engine/terminal';
import { rejection, understood } from './expectations.js';
import { DR_REGION, HOME, OTHER_ACCOUNT, PREFIX, marked, plannedFor, resourceOf } from './harness.js';
import type { Harness } from './harness.js';
import type { Deed, Service } from './services.js';

/** The part of the contract about backups that are being made, have failed, are archived or are gone. */
export function statesContract(current: () => Harness, { can, gone, pending, failedStays, archived }: Service): void {
  async function make(): Promise<Backup> {
    const harness = current();
    const { adapter } = harness;
    const resource = resourceOf(await harness.makeResource(marked()));
    return understood((await adapter.createBackup(plannedFor(adapter, resource))).found);
  }
  const able = (deed: Deed): boolean => deed === 'tagBackup' || deed === 'deleteBackup' || can[deed];
  const deeds: readonly Deed[] = ['copyToRegion', 'reencrypt', 'share', 'archive', 'tagBackup', 'deleteBackup'];

  describe('a backup that is still being made', () => {
    for (const deed of deeds.filter(able)) {
      const refusal = pending[deed];
      it(`${refusal === undefined ? 'allows' : 'refuses'} ${deed}`, async () => {
        const harness = current();
        const key = await harness.makeKey(HOME.region);
        await harness.keepPending();
        const backup = await make();
        const done = doTo(harness.adapter, backup, deed, key);
        if (refusal === undefined) await done;
        else expect((await rejection(done)).name).toBe(refusal);
        const left = deed === 'deleteBackup' && refusal === undefined ? [] : [backup.id];
        expect([...(await harness.stored(HOME.region)).keys()]).toEqual(left);
        expect((await harness.stored(DR_REGION)).size).toBe(0);
      });
    }
  });

  describe('a backup that has failed', () => {
    it(failedStays === undefined ? 'can be deleted' : 'stays, as the adapter knows', async () => {
      const harness = current();
      const { adapter } = harness;
      await harness.failNextBackup();
      const { found } = await make();
      await harness.finishPending();
      if (failedStays === undefined) {
        await adapter.deleteBackup(found);
      } else {
        const { name } = await rejection(adapter.deleteBackup(found));
        expect(name).toBe(failedStays);
        expect(adapter.faults.invalidState).toContain(name);
      }
      expect((await harness.stored(HOME.region)).size).toBe(failedStays === undefined ? 0 : 1);
    });
    if (can.copyToRegion) {
      it('refuses to be copied', async () => {
        const harness = current();
        await harness.failNextBackup();
        const backup = await make();
        await harness.finishPending();
        const { name } = await rejection(doTo(harness.adapter, backup, 'copyToRegion', ''));
        expect(name).toBe(pending.copyToRegion);
      });
    }
  });

  if (can.archive) {
    describe('a backup in the archive', () => {
      it('refuses to be copied and shared, and is shared no longer', async () => {
        const harness = current();
        const { adapter } = harness;
        const backup = await make();
        await adapter.share?.(backup, [OTHER_ACCOUNT]);
        await adapter.archive?.(backup);
        for (const deed of ['copyToRegion', 'share'] as const)
          expect((await rejection(doTo(adapter, backup, deed, ''))).name).toBe(archived);
        expect(await harness.sharedWith(HOME.region, backup.id)).toEqual([]);
      });
    });
  }

  describe('a backup that is gone', () => {
    for (const deed of deeds.filter((each) => able(each) && each !== 'deleteBackup')) {
      it(`refuses ${deed}, by what the adapter knows as that`, async () => {
        const harness = current();
        const backup = await make();
        await harness.adapter.deleteBackup(backup.found);
        const error = await rejection(doTo(harness.adapter, backup, deed, await harness.makeKey(HOME.region)));
        const told = isShelveryError(error) ? error.code : error.name;
        expect(told).toBe(gone[deed] ?? gone.otherwise);
        expect([...harness.adapter.faults.gone, 'BackupGone']).toContain(told);
      });
    }
    if (can.copyShared) {
      it('is shared with nobody', async () => {
        const harness = current();
        const id = await harness.makeForeignSnapshot('shared-2026-11-24-0301-daily', {});
        const missing = BackupId.parse(`${id.slice(0, -3)}fff`);
        const found = await harness.adapter.findShared?.(
          [missing, id].map((each) => ({ account: OTHER_ACCOUNT, id: each })),
        );
        expect(found).toMatchObject([{ id }]);
      });
    }
  });
}

async function doTo(adapter: BackupAdapter, source: Backup, deed: Deed, kmsKeyId: string): Promise<void> {
  const { name, found } = source;
  const { tags } = found;
  const copied = `${name}-again`;
  switch (deed) {
    case 'copyToRegion':
      await adapter.copyToRegion?.({ source, toRegion: DR_REGION, name, tags, encrypt: false });
      return;
    case 'reencrypt':
      await adapter.reencrypt?.({ source, name: copied, tags: { ...tags, Name: copied }, kmsKeyId });
      return;
    case 'share':
      await adapter.share?.(source, [OTHER_ACCOUNT]);
      return;
    case 'archive':
      await adapter.archive?.(source);
      return;
    case 'tagBackup':
      await adapter.tagBackup(found, { [`${PREFIX}:dr_copies`]: '' });
      return;
    case 'deleteBackup':
      await adapter.deleteBackup(found);
  }
}
