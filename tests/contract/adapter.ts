import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { BackupAdapter, BackupType, CreatedBackup, FoundBackup, Tags } from '@shelvery/engine/terminal';
import { ResourceId } from '@shelvery/engine/terminal';
import { HOME, PREFIX, marked, plannedFor, resourceOf } from './harness.js';
import type { Harness } from './harness.js';
import { answersContract } from './adapter-answers.js';
import { copyContract } from './adapter-copies.js';
import { statesContract } from './adapter-states.js';
import { togetherContract } from './adapter-together.js';
import { idsOf, rejection } from './expectations.js';
import { SERVICES } from './services.js';

/**
 * What every adapter must do, whatever its service, and whoever stands in for AWS: called once for each type over the
 * emulator, and once over the AWS in memory.
 *
 * @param start opens the account and wires the adapter; called once, `reset` before each case.
 * @param more cases that only this kind of account has.
 */
export function adapterContract<H extends Harness>(
  type: BackupType,
  start: () => Promise<H>,
  more?: (current: () => H) => void,
): void {
  const service = SERVICES[type];

  describe(`${service.title} keeps the contract of an adapter`, () => {
    let harness: H;
    let adapter: BackupAdapter;
    beforeAll(async () => {
      harness = await start();
      adapter = harness.adapter;
    }, 60_000);
    beforeEach(() => harness.reset());
    afterAll(() => harness.stop());

    async function make(tags: Tags = marked(), time?: string): Promise<CreatedBackup> {
      const id = await harness.makeResource(tags);
      return adapter.createBackup(plannedFor(adapter, resourceOf(id, tags), time));
    }

    async function readCalls(): Promise<number> {
      const calls = await harness.calls();
      return harness.actions.reads.reduce((sum, action) => sum + (calls.get(action) ?? 0), 0);
    }

    describe('listResources', () => {
      it('lists what is marked with a true value or was meant to be, on every page, and nothing else', async () => {
        const wanted: string[] = [];
        for (const value of ['True', 'true', '1', 'yes']) {
          wanted.push(await harness.makeResource({ [`${PREFIX}:create_backup`]: value, Name: `marked ${value}` }));
        }
        for (const value of ['False', 'false', '0', ''])
          await harness.makeResource({ [`${PREFIX}:create_backup`]: value });
        await harness.makeResource({});
        await harness.makeResource({ 'shelvery:create_backup': 'true' });
        await harness.setPageSize(2);
        const listed = await adapter.listResources();
        expect(listed.map(({ id }) => id).sort()).toEqual(wanted.sort());
        expect(listed.every(({ region }) => region === HOME.region)).toBe(true);
        expect(listed.map(({ tags }) => tags['Name']).sort()).toEqual([
          'marked 1',
          'marked True',
          'marked true',
          'marked yes',
        ]);
      });
      it('tells when each was made', async () => {
        const before = await harness.now();
        await harness.makeResource(marked());
        const [resource] = await adapter.listResources();
        expect(resource?.createdAt?.getTime()).toBeGreaterThanOrEqual(before - 1000);
        expect(resource?.createdAt?.getTime()).toBeLessThanOrEqual(await harness.now());
        expect(resource).not.toHaveProperty('unusable');
      });
      it('is empty where nothing is marked', async () => {
        await harness.makeResource({ Name: 'not marked' });
        expect(await adapter.listResources()).toEqual([]);
      });
    });

    describe('findResources', () => {
      it('finds those that exist, marked or not, and leaves out those that are gone', async () => {
        const kept = await harness.makeResource(marked({ Name: 'kept' }));
        const unmarked = await harness.makeResource({ Name: 'unmarked' });
        const gone = await harness.makeResource(marked());
        await harness.removeResource(gone);
        await harness.setPageSize(2);
        const found = await adapter.findResources([kept, unmarked, gone]);
        expect([...found.keys()].sort()).toEqual([kept, unmarked].sort());
        expect(found.get(unmarked)?.tags['Name']).toBe('unmarked');
      });
      it('takes ids that the service would refuse as gone', async () => {
        const kept = await harness.makeResource(marked());
        const found = await adapter.findResources([kept, ResourceId.parse('never-was-here')]);
        expect([...found.keys()]).toEqual([kept]);
      });
      it('asks nothing for no ids', async () => {
        await harness.forgetCalls();
        expect((await adapter.findResources([])).size).toBe(0);
        expect(await readCalls()).toBe(0);
      });
    });

    describe('createBackup', () => {
      it('gives the tags in the call that creates', async () => {
        const resource = resourceOf(
          await harness.makeResource(marked()),
          marked({ Name: 'web', [`${PREFIX}:config:shelvery_keep_daily_backups`]: '3' }),
        );
        const planned = plannedFor(adapter, resource);
        await harness.forgetCalls();
        const { found } = await adapter.createBackup(planned);
        const calls = await harness.calls();
        expect(calls.get(harness.actions.create)).toBe(1);
        expect(calls.get(harness.actions.tag) ?? 0).toBe(0);
        expect(found.region).toBe(HOME.region);
        expect(found.tags).toEqual(planned.tags);
        expect((await harness.stored(HOME.region)).get(found.id)).toEqual(planned.tags);
      });
      it('does not wait for the backup to complete', async () => {
        await harness.keepPending();
        const { found } = await make();
        expect(found.state).toBe('pending');
      });
      it('fails with an error that the adapter knows, where the resource is gone', async () => {
        const id = await harness.makeResource(marked());
        await harness.removeResource(id);
        const { name } = await rejection(adapter.createBackup(plannedFor(adapter, resourceOf(id))));
        expect(name).toBe(service.noResource);
        expect([...adapter.faults.gone, ...adapter.faults.invalidState]).toContain(name);
        expect((await harness.stored(HOME.region)).size).toBe(0);
      });
      it('makes no second backup where the first was made and the answer was an error', async () => {
        await harness.faultNext(harness.actions.create, 'fail-after');
        await rejection(make());
        expect((await harness.stored(HOME.region)).size).toBe(1);
      });
      it('says that a backup of the name exists, where names are unique', async () => {
        const planned = plannedFor(adapter, resourceOf(await harness.makeResource(marked())));
        await adapter.createBackup(planned);
        if (service.taken === undefined) {
          await adapter.createBackup(planned);
        } else {
          const { name } = await rejection(adapter.createBackup(planned));
          expect(name).toBe(service.taken);
          expect(adapter.faults.alreadyExists).toContain(name);
        }
        expect((await harness.stored(HOME.region)).size).toBe(service.taken === undefined ? 2 : 1);
      });
    });

    describe('listBackups', () => {
      it('lists our own, on every page, and no snapshot of another tool, prefix or account', async () => {
        const ours: string[] = [];
        for (const minute of [1, 2, 3, 4, 5])
          ours.push((await make(marked(), `2026-11-24T03:0${minute}:00Z`)).found.id);
        const resource = await harness.makeResource({});
        await harness.makeSnapshot(resource, 'by-hand', { Name: 'by hand' });
        await harness.makeSnapshot(resource, 'other-prefix', { 'shelvery:backup': 'true' });
        await harness.makeSnapshot(resource, 'not-true', { [`${PREFIX}:backup`]: 'false' });
        await harness.makeForeignSnapshot('foreign', { [`${PREFIX}:backup`]: 'true' });
        await harness.setPageSize(2);
        expect(idsOf(await adapter.listBackups(HOME.region))).toEqual(ours.sort());
      });
      it('lists what describeBackups describes', async () => {
        const { found } = await make(marked({ Name: 'same' }));
        const described = await adapter.describeBackups(HOME.region, [found.id]);
        expect(await adapter.listBackups(HOME.region)).toEqual([described.get(found.id)]);
      });
    });

    describe('describeBackups', () => {
      it('follows a backup from pending to available', async () => {
        await harness.keepPending();
        const { found } = await make();
        expect((await adapter.describeBackups(HOME.region, [found.id])).get(found.id)?.state).toBe('pending');
        await harness.finishPending();
        const after = (await adapter.describeBackups(HOME.region, [found.id])).get(found.id);
        expect(after).toMatchObject({
          id: found.id,
          region: HOME.region,
          state: 'available',
          encrypted: false,
          tags: found.tags,
        });
        expect(after?.startedAt).toBeInstanceOf(Date);
        expect(after?.dataTime).toEqual(after?.startedAt);
      });
      it('tells a failed backup', async () => {
        await harness.failNextBackup();
        const { found } = await make();
        await harness.finishPending();
        expect((await adapter.describeBackups(HOME.region, [found.id])).get(found.id)?.state).toBe('failed');
        expect((await adapter.listBackups(HOME.region)).map(({ state }) => state)).toEqual(['failed']);
      });
      it('asks for many in few calls, and leaves out those that are gone', async () => {
        const made: FoundBackup[] = [];
        for (const minute of [1, 2, 3, 4, 5, 6])
          made.push((await make(marked(), `2026-11-24T03:0${minute}:00Z`)).found);
        const [gone, ...kept] = made;
        if (gone !== undefined) await adapter.deleteBackup(gone);
        await harness.forgetCalls();
        const found = await adapter.describeBackups(
          HOME.region,
          made.map(({ id }) => id),
        );
        expect([...found.keys()].sort()).toEqual(idsOf(kept));
        expect(await readCalls()).toBeLessThanOrEqual(Math.ceil(made.length / harness.describedPerCall));
      });
      it('pages through what it asked for', async () => {
        const made: FoundBackup[] = [];
        for (const minute of [1, 2, 3, 4, 5]) made.push((await make(marked(), `2026-11-24T03:0${minute}:00Z`)).found);
        await harness.setPageSize(2);
        const found = await adapter.describeBackups(
          HOME.region,
          made.map(({ id }) => id),
        );
        expect([...found.keys()].sort()).toEqual(idsOf(made));
      });
      it('asks nothing for no ids', async () => {
        await harness.forgetCalls();
        expect((await adapter.describeBackups(HOME.region, [])).size).toBe(0);
        expect(await readCalls()).toBe(0);
      });
    });

    describe('findByTags', () => {
      const key = `${PREFIX}:entity_id`;
      it('finds our account’s snapshots of which the tag has one of the values', async () => {
        const [one, two, three] = [await make(), await make(), await make()];
        await harness.makeForeignSnapshot('foreign', one.found.tags);
        await harness.setPageSize(2);
        const values = [one, two].map(({ found }) => found.tags[key] ?? '');
        expect(idsOf(await adapter.findByTags(HOME.region, key, values))).toEqual(idsOf([one.found, two.found]));
        expect(idsOf(await adapter.findByTags(HOME.region, key, [three.found.tags[key] ?? '']))).toEqual([
          three.found.id,
        ]);
        expect(await adapter.findByTags(HOME.region, key, ['nothing-has-this'])).toEqual([]);
      });
      it('asks nothing for no values', async () => {
        await harness.forgetCalls();
        expect(await adapter.findByTags(HOME.region, key, [])).toEqual([]);
        expect(await readCalls()).toBe(0);
      });
    });

    describe('tagBackup', () => {
      it('sets tags and keeps the others', async () => {
        const { found } = await make();
        await adapter.tagBackup(found, { [`${PREFIX}:dr_copies`]: 'eu-central-1:x' });
        await adapter.tagBackup(found, { [`${PREFIX}:dr_copies`]: 'eu-central-1:y' });
        const [listed] = await adapter.listBackups(HOME.region);
        expect(listed?.tags).toEqual({ ...found.tags, [`${PREFIX}:dr_copies`]: 'eu-central-1:y' });
      });
    });

    describe('deleteBackup', () => {
      it('deletes the backup and no other snapshot', async () => {
        const [first, second] = [await make(), await make()];
        const other = await harness.makeSnapshot(await harness.makeResource({}), 'by-hand', { Name: 'by hand' });
        await adapter.deleteBackup(first.found);
        expect([...(await harness.stored(HOME.region)).keys()].sort()).toEqual([second.found.id, other].sort());
        expect(idsOf(await adapter.listBackups(HOME.region))).toEqual([second.found.id]);
      });
      it('counts what is gone as deleted', async () => {
        const { found } = await make();
        await adapter.deleteBackup(found);
        await expect(adapter.deleteBackup(found)).resolves.toBeUndefined();
      });
      it('lets an error pass that means something else', async () => {
        const { found } = await make();
        const before = await harness.stored(HOME.region);
        await harness.faultNext(harness.actions.remove, { refuse: 'UnauthorizedOperation' });
        expect((await rejection(adapter.deleteBackup(found))).name).toBe('UnauthorizedOperation');
        expect(await harness.stored(HOME.region)).toEqual(before);
      });
    });

    copyContract(() => harness, service);
    statesContract(() => harness, service);
    togetherContract(() => harness, service);
    answersContract(() => harness, service);
    more?.(() => harness);
  });
}
