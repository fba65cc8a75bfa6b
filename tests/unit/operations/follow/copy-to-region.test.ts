import { describe, expect, it } from '@jest/globals';
import type { BackupType } from '../../../../layers/engine/src/domain/values.js';
import type { HeldBackup } from '../../../simulation/world/held.js';
import { backupPlace } from '../../../simulation/world/world.js';
import { DR, LOCAL, OTHER_ACCOUNT, THIRD } from '../../domain/builders.js';
import { DEADLINE, backedUp, named, step } from '../delayed-work.js';
import type { BackedUp, Stepped } from '../delayed-work.js';
import { about } from '../held-backups.js';
import { ALLOW } from '../memory-estate.js';
import { only } from '../one-of.js';
import { lacking, withAdapter } from '../other-parts.js';

const settings = { shelvery_dr_regions: DR };

/** A backup, what copies it, and its copies. */
interface Copying extends BackedUp {
  readonly copy: (how?: Parameters<typeof step>[2]) => Promise<Stepped>;
  readonly copies: () => readonly HeldBackup[];
}

async function copying(...of: Parameters<typeof backedUp>): Promise<Copying> {
  const made = await backedUp(...of);
  const { estate, backup } = made;
  return {
    ...made,
    copy: (how = {}) =>
      step(estate, [{ action: 'do_copy_backup', ...named(backup), toRegion: DR }], {
        settings,
        ...how,
      }),
    copies: () => estate.backups({ region: DR }),
  };
}

/** A backup that was copied already; its copy is changed so. */
async function copied(
  change: Partial<HeldBackup>,
  type: BackupType = 'ebs',
): Promise<Copying & { readonly there: HeldBackup }> {
  const made = await copying(type);
  await made.copy();
  const there = only(made.copies());
  return { ...made, there: made.estate.change(there, change) };
}

/** What is told of a backup that is copied to the DR region. */
const told = (backup: HeldBackup) => ({
  operation: 'CopyBackupToRegion',
  ...about(backup),
  destinationRegion: DR,
});

/** What follows a copy in the DR region. */
const stored = (copy: HeldBackup) => ({
  backupType: copy.type,
  operation: { action: 'do_store_backup_data', ...named(copy) },
  waiting: { attempt: 0, deadline: DEADLINE, copyOf: copy.tags['shelvery:dr_source_backup'] },
});

describe('copying to a DR region', () => {
  it.each<BackupType>(['ebs', 'ec2ami', 'rds', 'rds_cluster', 'docdb'])(
    'makes a copy with the tags of the backup and its own, notes it, and has it stored and shared (%s)',
    async (type) => {
      const { estate, backup, copy, copies } = await copying(type, { tags: { team: 'shop' } });
      const { came, ...rest } = await copy({
        settings: { ...settings, shelvery_share_aws_account_ids: OTHER_ACCOUNT },
      });
      const made = only(copies());
      const { 'shelvery:dr_copies': _, ...tags } = backup.tags;
      expect(made.tags).toEqual({
        ...tags,
        'shelvery:region': DR,
        'shelvery:dr_copy': 'true',
        'shelvery:dr_source_backup': `${LOCAL}:${backup.id}`,
      });
      expect(made).toMatchObject({ encrypted: false, copyOf: backupPlace(backup) });
      expect(estate.backups({ region: LOCAL }).map((each) => each.tags)).toEqual([
        { ...backup.tags, 'shelvery:dr_copies': `${DR}:${made.id}` },
      ]);
      expect(came).toEqual([
        {
          kind: 'done',
          next: [
            stored(made),
            { ...stored(made), operation: { action: 'do_share_backup', ...named(made), account: OTHER_ACCOUNT } },
          ],
        },
      ]);
      expect(rest).toEqual({
        told: [{ ...told(backup), status: 'ok', message: made.id }],
        said: [],
        errors: [],
        calls: [
          `${type}:describeBackups ${LOCAL}`,
          `${type}:findByTags ${DR}`,
          `${type}:copyToRegion ${DR} ${backup.id}`,
          `${type}:tagBackup ${LOCAL} ${backup.id}`,
        ],
      });
    },
  );

  it('asks the service for the option group that is set for the region, and for no key where nothing is encrypted', async () => {
    const { backup, copy } = await copying('rds');
    const asked: unknown[] = [];
    await copy({
      settings: { ...settings, shelvery_copy_option_groups: `${DR}=orders-abroad` },
      parts: withAdapter((adapter) => ({
        copyToRegion: async (request) => {
          const { source, ...rest } = request;
          asked.push({ ...rest, of: source.id });
          return await (adapter.copyToRegion?.(request) ?? lacking());
        },
      })),
    });
    expect(asked).toEqual([
      {
        of: backup.id,
        toRegion: DR,
        name: 'orders-2026-11-24-0301-daily',
        tags: {
          ...backup.tags,
          'shelvery:region': DR,
          'shelvery:dr_copy': 'true',
          'shelvery:dr_source_backup': `${LOCAL}:${backup.id}`,
        },
        encrypt: false,
        optionGroup: 'orders-abroad',
      },
    ]);
  });

  it('keeps what the resource was, and how often the copy was made anew, for what follows', async () => {
    const { estate, backup, copies } = await copying();
    const facts = { size_gib: 8 };
    const operation = { action: 'do_copy_backup', ...named(backup), toRegion: DR, facts } as const;
    const { came } = await step(estate, [operation], { settings, waiting: { attempt: 1, remakes: 2 } });
    expect(came).toEqual([
      {
        kind: 'done',
        next: copies().map((made) => ({
          backupType: 'ebs',
          operation: { action: 'do_store_backup_data', ...named(made), facts },
          waiting: { attempt: 0, deadline: DEADLINE, remakes: 2, copyOf: `${LOCAL}:${backup.id}` },
        })),
      },
    ]);
  });

  it('notes the copies of all regions in one call, beside those that are noted already', async () => {
    const { estate, backup } = await copying();
    const noted = estate.change(backup, { tags: { ...backup.tags, 'shelvery:dr_copies': 'us-west-2:snap-1' } });
    const { calls } = await step(
      estate,
      [DR, THIRD].map((toRegion) => ({ action: 'do_copy_backup', ...named(noted), toRegion })),
      { settings: { shelvery_dr_regions: `${DR},${THIRD}` } },
    );
    const [abroad, farther] = [DR, THIRD].map((region) => estate.backups({ region })[0]?.id ?? '');
    expect(estate.backups({ region: LOCAL })[0]?.tags['shelvery:dr_copies']).toBe(
      `${DR}:${abroad ?? ''} ${THIRD}:${farther ?? ''} us-west-2:snap-1`,
    );
    expect(calls.filter((call) => call.startsWith('ebs:tagBackup'))).toEqual([`ebs:tagBackup ${LOCAL} ${backup.id}`]);
  });

  it('goes on where the copies cannot be noted, and says so', async () => {
    const { estate, backup, copy, copies } = await copying();
    estate.strike('ebs:tagBackup', { refuse: 'AccessDenied' });
    const { came, said } = await copy();
    expect(came).toEqual([{ kind: 'done', next: copies().map((made) => stored(made)) }]);
    expect(said).toEqual([
      [
        'SHELVERY_COPIES_NOT_NOTED',
        `AccessDenied while noting the copies of ${backup.id} in its tags: AccessDenied. ` + ALLOW,
        { backupId: backup.id },
      ],
    ]);
  });
});

describe('a copy that is there already', () => {
  it.each([
    ['available', {}],
    ['still being made', { readyAt: Infinity }],
  ])('is not made twice, and what follows it is done (%s)', async (_, change) => {
    const { backup, copy, copies, there } = await copied(change);
    const { came, told: outcomes, said, calls } = await copy();
    expect(copies()).toEqual([there]);
    expect(came).toEqual([{ kind: 'done', next: [stored(there)] }]);
    expect(outcomes).toEqual([
      { ...told(backup), status: 'ok', message: `${there.id}, already made by an earlier run`, already: true },
    ]);
    expect(said).toEqual([]);
    // It is noted already.
    expect(calls).toEqual([`ebs:describeBackups ${LOCAL}`, `ebs:findByTags ${DR}`]);
  });

  it('is the good one of several', async () => {
    const { estate, copy, copies, there } = await copied({ outcome: 'failed' });
    const good = estate.change({ ...there, id: 'snap-good' }, { outcome: 'available' });
    estate.world.backups.set(backupPlace(there), there);
    const { told: outcomes, calls } = await copy();
    expect(outcomes.map(({ status }) => status)).toEqual(['ok']);
    expect(outcomes[0]).toMatchObject({ message: `${good.id}, already made by an earlier run` });
    expect(copies()).toHaveLength(2);
    expect(calls).toHaveLength(3);
  });

  it('is not the re-encrypted snapshot of a copy', async () => {
    const { estate, backup, copy, copies, there } = await copied({});
    const name = `${there.tags['shelvery:name'] ?? ''}-re-encrypted`;
    const tags = { ...there.tags, 'shelvery:name': name, 'shelvery:src_backup': `${DR}:${there.id}` };
    estate.change(there, { tags });
    const { told: outcomes } = await copy();
    const made = copies().find(({ id }) => id !== there.id);
    expect(outcomes).toEqual([{ ...told(backup), status: 'ok', message: made?.id }]);
  });

  it('that failed is deleted, and made again', async () => {
    const { backup, copy, copies, there } = await copied({ outcome: 'failed' });
    const { came, told: outcomes, said, calls } = await copy();
    const [made] = copies();
    expect(copies()).toHaveLength(1);
    expect(made?.id).not.toBe(there.id);
    expect(came).toEqual([{ kind: 'done', next: copies().map((each) => stored(each)) }]);
    expect(outcomes).toEqual([{ ...told(backup), status: 'ok', message: made?.id }]);
    expect(said).toEqual([
      [
        'SHELVERY_COPY_MADE_AGAIN',
        `The copy ${there.id} of ${backup.id} in ${DR} failed: Internal error. It was deleted. The copy is made again.`,
        { backupId: backup.id, region: DR },
      ],
    ]);
    expect(calls).toEqual([
      `ebs:describeBackups ${LOCAL}`,
      `ebs:findByTags ${DR}`,
      `ebs:deleteBackup ${DR} ${there.id}`,
      `ebs:copyToRegion ${DR} ${backup.id}`,
      `ebs:tagBackup ${LOCAL} ${backup.id}`,
    ]);
  });

  it('that failed and is on hold stays, and another is made', async () => {
    const { estate, backup, copy, copies, there } = await copied({ outcome: 'failed' });
    const held = estate.change(there, { tags: { ...there.tags, 'shelvery:hold': 'true' } });
    const { told: outcomes, said } = await copy();
    const [kept, made] = copies();
    expect([kept, copies().length]).toEqual([held, 2]);
    expect(outcomes).toEqual([{ ...told(backup), status: 'ok', message: made?.id }]);
    expect(said).toEqual([]);
  });

  it('that failed and cannot be deleted keeps its name, and others get names apart', async () => {
    const name = 'orders-2026-11-24-0301-daily';
    const { estate, copy, copies, there } = await copied({ outcome: 'failed' }, 'rds');
    const stays = (id: string) => [
      'SHELVERY_COPY_MADE_AGAIN',
      `The copy ${id} of ${name} in ${DR} failed: Internal error. ` +
        'It stays, because the service deletes no snapshot in this state. The copy is made again.',
      { backupId: name, region: DR },
    ];
    expect((await copy()).said).toEqual([stays(there.id)]);
    const apart = 'orders-dc1ea4d5a5a5-2026-11-24-0301-daily';
    for (const made of copies()) estate.change(made, { outcome: 'failed' });
    expect((await copy()).said).toEqual([stays(name), stays(apart)]);
    expect(copies().map(({ id, tags }) => [id, tags['shelvery:name']])).toEqual([
      [name, name],
      [apart, apart],
      ['orders-d56151418599-2026-11-24-0301-daily', 'orders-d56151418599-2026-11-24-0301-daily'],
    ]);
  });
});
