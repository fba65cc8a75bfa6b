import { describe, expect, it } from '@jest/globals';
import type { BackupType } from '../../../layers/engine/src/domain/values.js';
import { resourcePlace } from '../../simulation/world/world.js';
import { DR } from '../domain/builders.js';
import { openEstate } from './memory-estate.js';
import type { MemoryEstate } from './memory-estate.js';
import { only } from './one-of.js';

const DAY = 24;
const SETTINGS = {
  shelvery_dr_regions: DR,
  shelvery_keep_daily_backups: 2,
  shelvery_rds_backup_mode: 'RDS_CREATE_SNAPSHOT',
};

/** A database with a backup and its DR copy, which was then given another name. */
async function renamed(type: BackupType): Promise<MemoryEstate> {
  const estate = openEstate(type);
  const orders = estate.resource('orders', { tags: { Name: 'the orders' } });
  await estate.run('create_backups', { settings: SETTINGS });
  await estate.pass(1);
  estate.world.resources.delete(resourcePlace(orders));
  estate.resource('orders-v1', { uid: orders.uid, createdAt: orders.createdAt, tags: orders.tags });
  return estate;
}

describe.each<BackupType>(['rds', 'rds_cluster', 'docdb'])('%s: a database that was renamed', (type) => {
  it('keeps its last backup, here and in DR regions, until it has one under its new name', async () => {
    const estate = await renamed(type);
    const first = estate.backups().map(({ id, region }) => `${region} ${id}`);
    expect(first).toHaveLength(2);
    await estate.pass(30 * DAY);
    await estate.run('clean_backups', { settings: SETTINGS });
    expect(estate.backups().map(({ id, region }) => `${region} ${id}`)).toEqual(first);
    await estate.run('create_backups', { settings: SETTINGS });
    await estate.pass(1);
    await estate.run('clean_backups', { settings: SETTINGS });
    expect(estate.backups().map(({ tags }) => tags['shelvery:entity_id'])).toEqual(Array(2).fill('orders-v1'));
  });

  it('goes on with what its tags say', async () => {
    const estate = await renamed(type);
    const database = only([...estate.world.resources.values()]);
    estate.resource(database.id, {
      ...database,
      tags: { ...database.tags, 'shelvery:config:shelvery_keep_daily_backups': '400' },
    });
    const { plan = [] } = await estate.run('clean_backups', { dryRun: true, settings: SETTINGS });
    expect(plan.map(({ reason }) => reason)).toEqual(Array(2).fill(expect.stringMatching(/^expires 20(27|28)-/)));
  });

  it('is in the runbook of whoever asks for it by either name', async () => {
    const estate = await renamed(type);
    for (const id of ['orders', 'orders-v1']) {
      const { runbook } = await estate.run('runbook', { settings: { ...SETTINGS, shelvery_select_entity: id } });
      expect(runbook).toMatchObject([{ id: 'orders-v1', places: [{ place: 'local' }, { place: 'dr', region: DR }] }]);
    }
  });

  it('has these backups in the status and the list, and in the answer to whoever asks for its newest', async () => {
    const estate = await renamed(type);
    const { backupStatus } = await estate.run('status', { settings: SETTINGS });
    expect(backupStatus).toMatchObject({ objective: 'met', resources: [{ id: 'orders-v1', newest: {} }] });
    const selected = await estate.run('status', { settings: { ...SETTINGS, shelvery_select_entity: 'orders-v1' } });
    expect(selected.backupStatus?.findings).toEqual([]);
    const { listed = [] } = await estate.run('list_backups', { settings: SETTINGS });
    expect(listed.map(({ resource, entity_name: name }) => [resource, name])).toEqual(
      Array(2).fill(['orders', 'the orders']),
    );
    const { brokeOff } = await estate.run('restore_plan', {
      settings: SETTINGS,
      restore: { backup: 'orders-v1', form: 'cli', into: {} },
    });
    expect(brokeOff?.message).toContain('"orders-v1" is a resource, and no backup. Its newest backup is the-orders-');
  });

  it('has no second backup made of one time, where it was renamed between two tries of a run', async () => {
    const estate = openEstate(type);
    const orders = estate.resource('orders');
    const time = new Date(estate.now());
    await estate.run('create_backups', { settings: SETTINGS, givenTime: time });
    estate.world.resources.delete(resourcePlace(orders));
    estate.resource('orders-v1', { uid: orders.uid, createdAt: orders.createdAt });
    await estate.run('create_backups', { settings: SETTINGS, givenTime: time });
    expect(estate.backups({ region: orders.region })).toHaveLength(1);
  });
});
