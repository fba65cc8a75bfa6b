import { describe, expect, it } from '@jest/globals';
import { wokenBy } from '../../../../layers/engine/src/delayed/woken-by.js';
import type { SaidComplete } from '../../../../layers/engine/src/delayed/woken-by.js';
import type { DelayedOperation } from '../../../../layers/engine/src/domain/delayed.js';
import { BackupId } from '../../../../layers/engine/src/domain/values.js';
import type { Region } from '../../../../layers/engine/src/domain/values.js';
import type { HeldBackup } from '../../../simulation/world/held.js';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, THIRD } from '../../domain/builders.js';
import { DEADLINE, backedUp, copyAbroad, make, named, withContext } from '../delayed-work.js';
import { openEstate } from '../memory-estate.js';
import type { Asked, MemoryEstate } from '../memory-estate.js';
import { at } from '../one-of.js';
import { withAdapter } from '../other-parts.js';

const WOKEN = { 'shelvery:woken_by_events': 'true' };

/** A backup that events may wake. */
async function wakeable(change: (backup: HeldBackup) => Partial<HeldBackup> = () => ({})) {
  const { estate, backup } = await backedUp();
  const tagged = { ...backup, tags: { ...backup.tags, ...WOKEN } };
  return { estate, backup: estate.change(tagged, change(tagged)) };
}

const said = (backups: readonly HeldBackup[], region: Region = LOCAL, account = OWN_ACCOUNT): SaidComplete => ({
  account,
  region,
  ids: backups.map(({ id }) => BackupId.parse(id)),
});

/** What each event wakes: operations, or an error. */
async function woken(estate: MemoryEstate, events: readonly SaidComplete[], asked: Asked = {}) {
  const { value, calls, told } = await withContext(estate, (context) => wokenBy(context, events), asked);
  expect(told).toEqual([]);
  return { calls, wakes: events.map((event) => value.get(event)) };
}

const waits = (...operations: readonly DelayedOperation[]) => ({
  messages: operations.map((operation) => ({
    backupType: 'ebs',
    operation,
    waiting: { attempt: 0, deadline: DEADLINE },
  })),
});
const NOTHING = { messages: [] };

describe('an event that a backup is complete', () => {
  it('wakes all that waits for it, with what the resource is now', async () => {
    const { estate, backup } = await wakeable();
    const facts = { size_gib: 8 };
    const { wakes, calls } = await woken(estate, [said([backup])], {
      settings: { shelvery_dr_regions: DR, shelvery_share_aws_account_ids: OTHER_ACCOUNT },
      parts: withAdapter((adapter) => ({
        findResources: async (ids) =>
          new Map([...(await adapter.findResources(ids))].map(([id, each]) => [id, { ...each, facts }])),
      })),
    });
    const of = { ...named(backup), facts };
    expect(wakes).toEqual([
      waits(
        { action: 'do_store_backup_data', ...of },
        { action: 'do_copy_backup', ...of, toRegion: DR },
        { action: 'do_share_backup', ...of, account: OTHER_ACCOUNT },
      ),
    ]);
    expect(calls).toEqual([`ebs:describeBackups ${LOCAL}`, `ebs:findResources ${LOCAL}`]);
  });

  it('wakes it also where the resource is gone', async () => {
    const { estate, backup } = await wakeable();
    estate.world.resources.clear();
    expect((await woken(estate, [said([backup])])).wakes).toEqual([
      waits({ action: 'do_store_backup_data', ...named(backup) }),
    ]);
  });

  it.each<readonly [string, (backup: HeldBackup) => Partial<HeldBackup>]>([
    ['is still being made', () => ({ readyAt: Infinity })],
    ['failed', () => ({ outcome: 'failed' })],
    ['carries no mark of ours', ({ tags }) => ({ tags: { ...tags, 'shelvery:backup': 'no' } })],
    ['is not to be woken', ({ tags }) => ({ tags: { ...tags, 'shelvery:woken_by_events': 'false' } })],
    ['cannot be understood', ({ tags }) => ({ tags: { ...tags, 'shelvery:date_created': 'some day' } })],
    ['is somebody’s', ({ tags }) => ({ tags: { ...tags, 'shelvery:region': DR } })],
    [
      'has not got its own tags yet',
      ({ tags: { Name: _name, 'shelvery:name': _ours, 'shelvery:entity_id': _entity, ...tags } }) => ({
        tags,
        description: 'Made by Shelvery: daily backup of volumes of i-0123456789abcdef0',
      }),
    ],
  ])('wakes nothing of one that %s', async (_, change) => {
    const { estate, backup } = await wakeable(change);
    const { wakes, calls } = await woken(estate, [said([backup])]);
    expect(wakes).toEqual([NOTHING]);
    expect(calls).toEqual([`ebs:describeBackups ${LOCAL}`]);
  });

  it('wakes nothing in another account', async () => {
    const { estate, backup } = await wakeable();
    const { wakes, calls } = await woken(estate, [said([backup], LOCAL, OTHER_ACCOUNT)]);
    expect([wakes, calls]).toEqual([[NOTHING], []]);
  });

  it.each([
    ['the copies of this region', LOCAL, true],
    ['no copies of other regions', THIRD, false],
  ])('wakes in a DR region %s', async (_, source, isWoken) => {
    const { estate, backup } = await wakeable();
    const copy = await copyAbroad(estate, backup);
    const changed = estate.change(copy, {
      description: `Copied by Shelvery from ${backup.id} in ${source}`,
      tags: { ...copy.tags, 'shelvery:dr_source_backup': `${source}:${backup.id}` },
    });
    const { wakes } = await woken(estate, [said([changed], DR)], { settings: { shelvery_dr_regions: DR } });
    expect(wakes).toEqual([isWoken ? waits({ action: 'do_store_backup_data', ...named(changed) }) : NOTHING]);
  });
});

describe('several events', () => {
  it('are looked at together for each region, and each wakes its own', async () => {
    const estate = openEstate('ebs');
    for (const id of ['a', 'b', 'c']) estate.resource(id);
    const made = (await make(estate)).map((backup) => estate.change(backup, { tags: { ...backup.tags, ...WOKEN } }));
    const [a, b, c] = [at(made, 0), at(made, 1), at(made, 2)];
    const asked: unknown[] = [];
    const { wakes } = await woken(estate, [said([a, b]), said([b]), said([c], DR)], {
      parts: withAdapter((adapter) => ({
        describeBackups: (...list) => {
          asked.push(list);
          return adapter.describeBackups(...list);
        },
      })),
    });
    const storing = (backup: HeldBackup): DelayedOperation => ({ action: 'do_store_backup_data', ...named(backup) });
    expect(wakes).toEqual([waits(storing(a), storing(b)), waits(storing(b)), NOTHING]);
    expect(asked).toEqual([
      [LOCAL, [a.id, b.id]],
      [DR, [c.id]],
    ]);
  });

  it('of a region that cannot be asked come to its error, and the others wake', async () => {
    const { estate, backup } = await wakeable();
    const broken = new Error('no');
    const { wakes } = await woken(estate, [said([backup]), said([backup], DR)], {
      parts: withAdapter((adapter) => ({
        describeBackups: (region, ids) =>
          region === DR ? Promise.reject(broken) : adapter.describeBackups(region, ids),
      })),
    });
    expect(wakes).toEqual([waits({ action: 'do_store_backup_data', ...named(backup) }), { error: broken }]);
  });
});
