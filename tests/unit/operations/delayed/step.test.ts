import { describe, expect, it } from '@jest/globals';
import type { DelayedOperation } from '../../../../layers/engine/src/domain/delayed.js';
import { BackupId } from '../../../../layers/engine/src/domain/values.js';
import type { HeldBackup } from '../../../simulation/world/held.js';
import { DR, LOCAL, OTHER_ACCOUNT } from '../../domain/builders.js';
import {
  DEADLINE,
  DONE,
  NAME,
  START,
  again,
  backedUp,
  copyAbroad,
  make,
  named,
  refusal,
  step,
} from '../delayed-work.js';
import { about } from '../held-backups.js';
import { openEstate } from '../memory-estate.js';
import { withAdapter } from '../other-parts.js';
import type { FoundBackup } from '../../../../layers/engine/src/domain/backup/backup.js';

const GONE = { backupId: BackupId.parse('snap-gone'), region: LOCAL };
/** A service that describes each backup otherwise. */
const describedAs = (change: (found: FoundBackup) => FoundBackup) =>
  withAdapter((adapter) => ({
    describeBackups: async (...asked) =>
      new Map([...(await adapter.describeBackups(...asked))].map(([id, found]) => [id, change(found)])),
  }));
const hoursLater = (hours: number, from = START): Date => new Date(from.getTime() + hours * 3_600_000);

/** Each kind of operation on a backup, and what is told of it where nobody knows its backup. */
const each = (of: Pick<DelayedOperation, 'backupId' | 'region'>): readonly (readonly [DelayedOperation, object])[] => [
  [
    { action: 'do_store_backup_data', ...of },
    { operation: 'StoreBackupData', ...of },
  ],
  [
    { action: 'do_copy_backup', ...of, toRegion: DR },
    { operation: 'CopyBackupToRegion', ...of, destinationRegion: DR },
  ],
  [
    { action: 'do_share_backup', ...of, account: OTHER_ACCOUNT },
    { operation: 'ShareBackup', ...of, destinationAccount: OTHER_ACCOUNT },
  ],
  [
    { action: 'do_archive_backup', ...of },
    { operation: 'ArchiveBackup', ...of },
  ],
];

describe('a delayed operation on a backup that is not there', () => {
  it.each(each(GONE))(
    'is done again after the first look, and given up after the second: %j',
    async (operation, subject) => {
      const estate = openEstate('ebs');
      const first = await step(estate, [operation]);
      const waiting = { attempt: 1, deadline: DEADLINE, unseen: true } as const;
      expect(first).toEqual({
        came: [
          { kind: 'again', message: { backupType: 'ebs', operation, waiting }, why: 'the backup is not available yet' },
        ],
        told: [],
        said: [],
        errors: [],
        calls: [`ebs:describeBackups ${LOCAL}`],
      });
      const second = await step(estate, [operation], { waiting });
      expect(second.came).toEqual([DONE]);
      expect(second.told).toEqual([
        {
          ...subject,
          status: 'failed',
          error: `BackupGone: ${operation.action} of snap-gone (snap-gone in ${LOCAL}): it does not exist any more.`,
        },
      ]);
    },
  );
});

describe('a delayed operation on a backup that is still being made', () => {
  const pending = async () => {
    const { estate, backup } = await backedUp();
    return { estate, backup: estate.change(backup, { readyAt: Infinity }) };
  };

  it('is done again later', async () => {
    const { estate, backup } = await pending();
    const operations = each(named(backup)).map(([operation]) => operation);
    const { came, told, calls } = await step(estate, operations, { waiting: { attempt: 3, deadline: DEADLINE } });
    expect(came).toEqual(
      operations.map((operation) => ({
        kind: 'again',
        message: { backupType: 'ebs', operation, waiting: { attempt: 4, deadline: DEADLINE } },
        why: 'the backup is not available yet',
      })),
    );
    expect(told).toEqual([]);
    expect(calls).toEqual([`ebs:describeBackups ${LOCAL}`]);
  });

  it.each([
    ['counted from when the backup was begun where it has none', undefined, DEADLINE],
    ['its own', hoursLater(12), hoursLater(12)],
    ['no later than one that is given now', hoursLater(1_000), hoursLater(10 + 48)],
  ])('has a deadline: %s', async (_, deadline, expected) => {
    const { estate, backup } = await pending();
    await estate.pass(10);
    const waiting = deadline === undefined ? { attempt: 0 } : { attempt: 0, deadline };
    const { came } = await step(estate, [{ action: 'do_store_backup_data', ...named(backup) }], { waiting });
    expect(came).toMatchObject([{ kind: 'again', message: { waiting: { attempt: 1, deadline: expected } } }]);
  });

  it('is given up when its deadline has passed', async () => {
    const { estate, backup } = await pending();
    await estate.pass(48);
    for (const [operation, subject] of each(named(backup))) {
      const { came, told } = await step(estate, [operation]);
      expect(came).toEqual([DONE]);
      expect(told).toEqual([
        {
          ...about(backup),
          ...subject,
          status: 'failed',
          error:
            `DeadlinePassed: ${operation.action} of ${NAME} (${backup.id} in ${LOCAL}): ` +
            'its deadline, 2026-11-26T03:01:00.000Z, has passed: it did not become available.',
        },
      ]);
    }
  });
});

describe('a delayed operation on a backup that failed', () => {
  it('is given up, with what the service says', async () => {
    const { estate, backup } = await backedUp();
    estate.change(backup, { outcome: 'failed' });
    const all = each(named(backup));
    const { came, told } = await step(
      estate,
      all.map(([operation]) => operation),
    );
    expect(came).toEqual(all.map(() => DONE));
    expect(told).toEqual(
      all.map(([{ action }, subject]) => ({
        ...about(backup),
        ...subject,
        status: 'failed',
        error: `BackupFailed: ${action} of ${NAME} (${backup.id} in ${LOCAL}): the service could not make it: Internal error.`,
      })),
    );
  });

  it('says nothing more where the service gives no reason', async () => {
    const { estate, backup } = await backedUp();
    estate.change(backup, { outcome: 'failed' });
    const { told } = await step(estate, [{ action: 'do_store_backup_data', ...named(backup) }], {
      parts: describedAs(({ stateReason: _, ...found }) => found),
    });
    expect(told).toMatchObject([
      {
        error: `BackupFailed: do_store_backup_data of ${NAME} (${backup.id} in ${LOCAL}): the service could not make it.`,
      },
    ]);
  });

  it('ends with one full stop, whatever the service has said', async () => {
    const { estate, backup } = await backedUp();
    estate.change(backup, { outcome: 'failed' });
    const { told } = await step(estate, [{ action: 'do_store_backup_data', ...named(backup) }], {
      parts: describedAs((found) => ({ ...found, stateReason: 'Given key id is not accessible.' })),
    });
    expect(told).toMatchObject([
      { error: expect.stringMatching(/: the service could not make it: Given key id is not accessible\.$/) },
    ]);
  });

  it('on the last try of a copy in a DR region is given up where it is not to be stored', async () => {
    const { estate, backup } = await backedUp();
    const copy = await copyAbroad(estate, backup);
    estate.change(copy, { outcome: 'failed' });
    const { came, told } = await step(
      estate,
      [
        { action: 'do_archive_backup', ...named(copy) },
        { action: 'do_share_backup', ...named(copy), account: OTHER_ACCOUNT },
      ],
      { waiting: { attempt: 0, deadline: DEADLINE, remakes: 3 } },
    );
    const why = `${NAME} (${copy.id} in ${DR}): the service could not make it: Internal error.`;
    expect(came).toEqual([DONE, DONE]);
    expect(told).toEqual([
      {
        operation: 'ArchiveBackup',
        ...about(copy),
        status: 'failed',
        error: `BackupFailed: do_archive_backup of ${why}`,
      },
      {
        operation: 'ShareRegionalBackupCopy',
        ...about(copy),
        destinationRegion: DR,
        destinationAccount: OTHER_ACCOUNT,
        status: 'failed',
        error: `BackupFailed: do_share_backup of ${why}`,
      },
    ]);
  });

  it('is not one on a copy that is only late: that is given up, too, and the copy is not made again', async () => {
    const { estate, backup } = await backedUp();
    const copy = await copyAbroad(estate, backup);
    estate.change(copy, { readyAt: Infinity });
    await estate.pass(48);
    const { came, told } = await step(estate, [{ action: 'do_store_backup_data', ...named(copy) }]);
    expect(came).toEqual([DONE]);
    expect(told).toEqual([
      {
        operation: 'StoreBackupData',
        ...about(copy),
        status: 'failed',
        error:
          `DeadlinePassed: do_store_backup_data of ${NAME} (${copy.id} in ${DR}): ` +
          'its deadline, 2026-11-26T03:01:00.000Z, has passed: it did not become available.',
      },
    ]);
  });

  it('on a copy that is not deleted is left to who delivered it', async () => {
    const { estate, backup } = await backedUp();
    const copy = await copyAbroad(estate, backup);
    estate.change(copy, { outcome: 'failed' });
    estate.strike('ebs:deleteBackup', { refuse: 'AccessDenied' });
    const { came, told } = await step(estate, [{ action: 'do_store_backup_data', ...named(copy) }], {
      waiting: { attempt: 1, remakes: 3 },
    });
    expect(came).toEqual([{ kind: 'threw', error: 'AccessDenied' }]);
    expect(told).toEqual([]);
  });
});

describe('a delayed operation on what is no backup of ours', () => {
  it.each(['available', 'failed'] as const)('is an error where its tags cannot be understood (%s)', async (outcome) => {
    const { estate, backup } = await backedUp();
    estate.change(backup, { outcome, tags: { ...backup.tags, 'shelvery:date_created': 'some day' } });
    for (const [operation, subject] of each(named(backup))) {
      const { came, told } = await step(estate, [operation]);
      expect(came).toEqual([DONE]);
      expect(told).toEqual([
        {
          ...subject,
          status: 'failed',
          error:
            `BackupUnreadable: ${backup.id}: its tag shelvery:date_created is "some day"; allowed: YYYY-MM-DD-HHmm. ` +
            'Correct the tag; the next clean_backups stores its metadata.',
        },
      ]);
    }
  });

  it('leaves it alone, and says why', async () => {
    const { estate, backup } = await backedUp();
    estate.change(backup, { tags: { ...backup.tags, 'shelvery:region': DR } });
    for (const [operation, subject] of each(named(backup))) {
      const { came, told } = await step(estate, [operation]);
      expect(came).toEqual([DONE]);
      expect(told).toEqual([
        {
          ...subject,
          status: 'ignored',
          reason: `${backup.id} is not ours: it lies in ${LOCAL}, and its tags are those of a backup in ${DR}`,
        },
      ]);
    }
  });
});

describe('a delayed operation on a backup that was made with others', () => {
  const unnamed = async (change: Partial<HeldBackup> = {}) => {
    const { estate, backup } = await backedUp();
    const { Name: _name, 'shelvery:name': _ours, 'shelvery:entity_id': _entity, ...tags } = backup.tags;
    const description = 'Made by Shelvery: daily backup of volumes of i-0123456789abcdef0';
    return { estate, backup: estate.change(backup, { tags, description, ...change }) };
  };

  it('waits for its own tags', async () => {
    const { estate, backup } = await unnamed();
    const operation = { action: 'do_store_backup_data', ...named(backup) } as const;
    const { came, told } = await step(estate, [operation]);
    expect(came).toEqual([again(operation, 'its own tags are not there yet')]);
    expect(told).toEqual([]);
  });

  it('does not wait for them where it failed', async () => {
    const { estate, backup } = await unnamed({ outcome: 'failed' });
    const { came, told } = await step(estate, [{ action: 'do_store_backup_data', ...named(backup) }]);
    expect(came).toEqual([DONE]);
    expect(told).toMatchObject([{ status: 'failed', error: expect.stringMatching(/^BackupFailed: /) }]);
  });
});

describe('what a delayed operation waits for after its backup is available', () => {
  it('is told when its deadline has passed', async () => {
    const { estate, backup } = await backedUp();
    await estate.pass(48);
    estate.strike('ebs:copyToRegion', { refuse: 'ResourceLimitExceeded' });
    const { came, told } = await step(estate, [{ action: 'do_copy_backup', ...named(backup), toRegion: DR }]);
    expect(came).toEqual([DONE]);
    expect(told).toEqual([
      {
        operation: 'CopyBackupToRegion',
        ...about(backup),
        destinationRegion: DR,
        status: 'failed',
        error:
          `DeadlinePassed: do_copy_backup of ${NAME} (${backup.id} in ${LOCAL}): its deadline, 2026-11-26T03:01:00.000Z, ` +
          `has passed: ResourceLimitExceeded while copying ${backup.id} to ${DR}: ResourceLimitExceeded.`,
      },
    ]);
  });

  it('has a deadline counted from now where it has none', async () => {
    const { estate, backup } = await backedUp();
    await estate.pass(10);
    estate.strike('ebs:copyToRegion', { refuse: 'ResourceLimitExceeded' });
    const { came } = await step(estate, [{ action: 'do_copy_backup', ...named(backup), toRegion: DR }], {
      waiting: { attempt: 0 },
    });
    expect(came).toMatchObject([{ message: { waiting: { attempt: 1, deadline: hoursLater(58) } } }]);
  });
});

describe('a batch of delayed operations', () => {
  it('asks about all backups of a region in one call, about each once', async () => {
    const estate = openEstate('ebs');
    for (const id of ['a', 'b']) estate.resource(id);
    estate.buckets();
    const made = await make(estate);
    const asked: unknown[] = [];
    await step(
      estate,
      [
        ...made.flatMap((backup) => each(named(backup)).map(([operation]) => operation)),
        { action: 'do_store_backup_data', ...GONE, region: DR },
      ],
      {
        parts: withAdapter((adapter) => ({
          describeBackups: (...list) => {
            asked.push(list);
            return adapter.describeBackups(...list);
          },
        })),
      },
    );
    expect(asked).toEqual([
      [LOCAL, made.map(({ id }) => id)],
      [DR, ['snap-gone']],
    ]);
  });

  it('does what is asked for twice once', async () => {
    const { estate, backup } = await backedUp();
    const operation = { action: 'do_copy_backup', ...named(backup), toRegion: DR } as const;
    const { came, told } = await step(estate, [operation, { ...operation }, { ...operation, toRegion: LOCAL }]);
    const [copy] = estate.backups({ region: DR });
    expect(came[0]).toMatchObject({ kind: 'done', next: [{ operation: { backupId: copy?.id } }] });
    expect(came[1]).toEqual(DONE);
    expect(told).toHaveLength(2);
    expect(estate.backups({ region: DR })).toHaveLength(1);
  });

  it('notes the copies of each backup with it', async () => {
    const estate = openEstate('ebs');
    for (const id of ['a', 'b']) estate.resource(id);
    const made = await make(estate);
    await step(
      estate,
      made.map((backup) => ({ action: 'do_copy_backup', ...named(backup), toRegion: DR })),
    );
    const copies = estate.backups({ region: DR });
    expect(copies).toHaveLength(2);
    expect(
      estate
        .backups({ region: LOCAL })
        .map(({ tags }) => tags['shelvery:dr_copies'])
        .toSorted(),
    ).toEqual(copies.map(({ id }) => `${DR}:${id}`));
  });

  it.each<readonly [string, (operation: DelayedOperation) => object]>([
    ['AccessDenied', () => ({ kind: 'threw', error: 'no' })],
    [
      'Throttling',
      (operation) =>
        again(
          operation,
          `Throttling while running ${operation.action} of ${operation.backupId}: no. ` +
            'AWS allows only so many calls at a time. This is temporary: run it again.',
        ),
    ],
  ])('goes on in other regions where one cannot be asked (%s)', async (code, expected) => {
    const { estate, backup } = await backedUp();
    const abroad = each({ ...GONE, region: DR }).map(([operation]) => operation);
    estate.buckets();
    const { came, told } = await step(estate, [...abroad, { action: 'do_store_backup_data', ...named(backup) }], {
      parts: withAdapter((adapter) => ({
        describeBackups: (region, ids) =>
          region === DR ? Promise.reject(refusal(code, 'no')) : adapter.describeBackups(region, ids),
      })),
    });
    expect(came).toEqual([...abroad.map(expected), DONE]);
    expect(told).toMatchObject([{ operation: 'StoreBackupData', status: 'ok' }]);
  });

  it('does of all kinds what can be done, where one is refused', async () => {
    const { estate, backup } = await backedUp();
    estate.buckets();
    estate.strike('ebs:findByTags', { refuse: 'AccessDenied' });
    estate.strike('ebs:share', { refuse: 'InvalidSnapshot.NotFound' });
    const { came, told } = await step(
      estate,
      each(named(backup)).map(([operation]) => operation),
      { settings: { shelvery_share_aws_account_ids: OTHER_ACCOUNT } },
    );
    expect(came).toEqual([DONE, { kind: 'threw', error: 'AccessDenied' }, DONE, DONE]);
    expect(new Map(told.map(({ operation, status }) => [operation, status]))).toEqual(
      new Map([
        ['StoreBackupData', 'ok'],
        ['ShareBackup', 'failed'],
      ]),
    );
  });
});
