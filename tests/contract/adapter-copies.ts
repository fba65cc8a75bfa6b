import { describe, expect, it } from '@jest/globals';
import type { Backup, Tags } from '@shelvery/engine/terminal';
import { understood } from './expectations.js';
import { DR_REGION, HOME, OTHER_ACCOUNT, PREFIX, marked, plannedFor, resourceOf } from './harness.js';
import type { Harness } from './harness.js';
import type { Service } from './services.js';

/** The part of the contract about copies, shares and keys; a case for each ability that the adapter has. */
export function copyContract(current: () => Harness, { can, refusedKey }: Service): void {
  async function complete(encrypted = false): Promise<Backup> {
    const harness = current();
    const { adapter } = harness;
    const resource = resourceOf(await harness.makeResource(marked(), { encrypted }));
    const planned = plannedFor(adapter, resource);
    const { found } = await adapter.createBackup(planned);
    return understood((await adapter.describeBackups(HOME.region, [found.id])).get(found.id) ?? found);
  }

  describe('what the service cannot do', () => {
    it('is left out', () => {
      const { adapter } = current();
      const has = {
        copyToRegion: adapter.copyToRegion !== undefined,
        share: adapter.share !== undefined,
        copyShared: adapter.copyShared !== undefined,
        reencrypt: adapter.reencrypt !== undefined,
        archive: adapter.archive !== undefined,
      };
      expect(has).toEqual(can);
    });
  });

  if (can.copyToRegion) {
    describe('copyToRegion', () => {
      it('makes a copy in the other region, tags in the call, and leaves the original as it is', async () => {
        const harness = current();
        const { adapter } = harness;
        const source = await complete();
        const before = await harness.stored(HOME.region);
        const tags: Tags = { ...source.found.tags, [`${PREFIX}:dr_copy`]: 'true', [`${PREFIX}:region`]: DR_REGION };
        await harness.forgetCalls();
        const copy = (
          await adapter.copyToRegion?.({
            source,
            toRegion: DR_REGION,
            name: source.name,
            tags,
            encrypt: false,
          })
        )?.found;
        expect((await harness.calls()).get(harness.actions.tag) ?? 0).toBe(0);
        expect(copy).toMatchObject({ region: DR_REGION, tags });
        expect([...(await harness.stored(DR_REGION)).values()]).toEqual([tags]);
        expect(await harness.stored(HOME.region)).toEqual(before);
        expect((await adapter.listBackups(DR_REGION)).map(({ id }) => id)).toEqual([copy?.id]);
      });
      it('encrypts with the key that is given', async () => {
        const harness = current();
        const { adapter } = harness;
        const source = await complete();
        const kmsKeyId = await harness.makeKey(DR_REGION);
        const request = {
          source,
          toRegion: DR_REGION,
          name: source.name,
          tags: source.found.tags,
          encrypt: true,
          kmsKeyId,
        };
        if (adapter.type === 'rds_cluster' || adapter.type === 'docdb') return; // The engine refuses it before the call.
        const copy = (await adapter.copyToRegion?.(request))?.found;
        if (copy === undefined) throw new Error('No copy was made.');
        const found = (await adapter.describeBackups(DR_REGION, [copy.id])).get(copy.id);
        expect(found).toMatchObject({ encrypted: true, state: 'available' });
        // An image does not name its key.
        if (adapter.type !== 'ec2ami') expect(found?.kmsKeyId).toContain(kmsKeyId.split('/').at(-1));
      });
      // Pages "CopySnapshot" of EC2, "CopyDBSnapshot" and "CopyDBClusterSnapshot".
      it('does not copy under a key that cannot be used', async () => {
        const harness = current();
        const { adapter } = harness;
        const source = await complete(true);
        const copying = adapter.copyToRegion?.({
          source,
          toRegion: DR_REGION,
          name: source.name,
          tags: source.found.tags,
          encrypt: true,
          kmsKeyId: await harness.makeDisabledKey(DR_REGION),
        });
        if (refusedKey === undefined) {
          const id = (await copying)?.found.id;
          const found = await adapter.describeBackups(DR_REGION, id === undefined ? [] : [id]);
          expect([...found.values()]).toMatchObject([{ id, state: 'failed' }]);
          return;
        }
        await expect(copying).rejects.toMatchObject({ name: refusedKey });
        expect(await harness.stored(DR_REGION)).toEqual(new Map());
      });
      it('waits for nothing', async () => {
        const harness = current();
        const { adapter } = harness;
        const source = await complete();
        await harness.keepPending();
        const copy = await adapter.copyToRegion?.({
          source,
          toRegion: DR_REGION,
          name: source.name,
          tags: source.found.tags,
          encrypt: false,
        });
        expect(copy?.found.state).toBe('pending');
      });
    });
  }

  if (can.share) {
    describe('share', () => {
      it('shares with the account; twice is as good as once', async () => {
        const harness = current();
        const { adapter } = harness;
        const backup = await complete();
        await adapter.share?.(backup, [OTHER_ACCOUNT]);
        await adapter.share?.(backup, [OTHER_ACCOUNT]);
        expect(await harness.sharedWith(HOME.region, backup.id)).toEqual([OTHER_ACCOUNT]);
      });
    });
  }

  if (can.copyShared) {
    describe('findShared', () => {
      it('finds what is shared with the account, says whose it is, and leaves out the rest', async () => {
        const harness = current();
        const { adapter } = harness;
        const id = await harness.makeForeignSnapshot('shared-2026-11-24-0301-daily', {});
        const own = await complete();
        const shared = { account: OTHER_ACCOUNT, id };
        const found = await adapter.findShared?.([shared, { account: OTHER_ACCOUNT, id: own.id }]);
        expect(found?.filter(({ ownerId }) => ownerId === OTHER_ACCOUNT)).toMatchObject([
          { ...shared, ownerId: OTHER_ACCOUNT, encrypted: false },
        ]);
        expect(await adapter.findShared?.([])).toEqual([]);
      });
    });
    describe('copyShared', () => {
      it('copies what another account shares, tags in the call', async () => {
        const harness = current();
        const { adapter } = harness;
        const sourceId = await harness.makeForeignSnapshot('shared-2026-11-24-0301-daily', {
          [`${PREFIX}:backup`]: 'true',
        });
        const tags: Tags = {
          Name: 'pulled-2026-11-24-0301-daily',
          [`${PREFIX}:backup`]: 'true',
          [`${PREFIX}:cross_account_copy`]: 'true',
        };
        const name = 'pulled-2026-11-24-0301-daily';
        const request = {
          sourceAccount: OTHER_ACCOUNT,
          sourceRegion: HOME.region,
          sourceId,
          name,
          tags,
          encrypt: false,
        };
        const copy = await adapter.copyShared?.(request);
        expect(copy?.found.region).toBe(HOME.region);
        expect([...(await harness.stored(HOME.region)).values()]).toEqual([tags]);
      });
    });
  }

  if (can.reencrypt) {
    describe('reencrypt', () => {
      it('copies the backup within its region under the key', async () => {
        const harness = current();
        const { adapter } = harness;
        const source = await complete();
        const kmsKeyId = await harness.makeKey(HOME.region);
        if (adapter.type === 'rds_cluster' || adapter.type === 'docdb') return; // Only what is encrypted is re-encrypted there.
        const name = `${source.name}-re-encrypted`;
        const tags: Tags = { ...source.found.tags, Name: name };
        const copy = await adapter.reencrypt?.({ source, name, tags, kmsKeyId });
        if (copy === undefined) throw new Error('No copy was made.');
        const found = (await adapter.describeBackups(HOME.region, [copy.id])).get(copy.id);
        expect(found).toMatchObject({ encrypted: true, tags });
        expect((await harness.stored(HOME.region)).size).toBe(2);
      });
    });
  }

  if (can.archive) {
    describe('archive', () => {
      it('moves a complete backup to the archive tier', async () => {
        const { adapter } = current();
        const backup = await complete();
        await adapter.archive?.(backup);
        const found = (await adapter.describeBackups(HOME.region, [backup.id])).get(backup.id);
        expect(found).toMatchObject({ state: 'available', archived: true });
      });
    });
  }
}
