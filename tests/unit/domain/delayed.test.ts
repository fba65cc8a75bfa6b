import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as z from 'zod';
import { DELAYED_ACTIONS } from '../../../layers/engine/src/domain/actions.js';
import {
  again,
  dated,
  deadlineOf,
  decideDelayed,
  formatDelayedArguments,
  formatDelayedPayload,
  operationKey,
  parseDelayedArguments,
  subjectOfOperation,
} from '../../../layers/engine/src/domain/delayed.js';
import type { DelayedOperation, Waiting } from '../../../layers/engine/src/domain/delayed.js';
import { present } from '../../../layers/engine/src/domain/present.js';
import { BackupId } from '../../../layers/engine/src/domain/values.js';
import { DR, LOCAL, OTHER_ACCOUNT, utc } from './builders.js';

const ID = BackupId.parse('snap-1');
const NOW = utc('2026-11-24 03:01');
const STORE: DelayedOperation = { action: 'do_store_backup_data', backupId: ID, region: LOCAL };
const PULLED: DelayedOperation = { ...STORE, pulledFrom: { account: OTHER_ACCOUNT, key: 'backups/shared/x.yaml' } };
const COPY: DelayedOperation = { action: 'do_copy_backup', backupId: ID, region: LOCAL, toRegion: DR };
const SHARE: DelayedOperation = { action: 'do_share_backup', backupId: ID, region: LOCAL, account: OTHER_ACCOUNT };
const ARCHIVE: DelayedOperation = { action: 'do_archive_backup', backupId: ID, region: LOCAL };
const ARCHIVE_PULLED: DelayedOperation = {
  ...ARCHIVE,
  pulledFrom: { account: OTHER_ACCOUNT, key: 'backups/shared/x.yaml' },
};
const ALL = [STORE, PULLED, COPY, SHARE, ARCHIVE, ARCHIVE_PULLED];

const ON_THE_WIRE = [
  ['do_store_backup_data', STORE, { BackupId: 'snap-1', BackupRegion: 'eu-west-1' }],
  [
    'do_store_backup_data of a pulled copy',
    PULLED,
    {
      BackupId: 'snap-1',
      BackupRegion: 'eu-west-1',
      SourceAccount: '222222222222',
      SharedKey: 'backups/shared/x.yaml',
    },
  ],
  ['do_copy_backup', COPY, { BackupId: 'snap-1', OriginRegion: 'eu-west-1', Region: 'eu-central-1' }],
  ['do_share_backup', SHARE, { BackupId: 'snap-1', Region: 'eu-west-1', AwsAccountId: '222222222222' }],
  ['do_archive_backup', ARCHIVE, { BackupId: 'snap-1', BackupRegion: 'eu-west-1' }],
  [
    'do_archive_backup of a pulled copy',
    ARCHIVE_PULLED,
    {
      BackupId: 'snap-1',
      BackupRegion: 'eu-west-1',
      SourceAccount: '222222222222',
      SharedKey: 'backups/shared/x.yaml',
    },
  ],
] as const;

describe('the arguments of delayed operations', () => {
  it.each(ON_THE_WIRE)("have the original's fields, and the attempt: %s", (_, operation, wire) => {
    expect(formatDelayedArguments(operation, { attempt: 2 })).toEqual({ ...wire, Attempt: 2 });
  });

  it.each(ON_THE_WIRE)('are understood as the original queued them: %s', (_, operation, wire) => {
    expect(parseDelayedArguments(operation.action, wire)).toEqual({ operation, waiting: { attempt: 0 } });
  });

  it.each(ON_THE_WIRE)(
    'carry deadline, remakes, what was copied, and whether it was not seen: %s',
    (_, operation, wire) => {
      const waiting = { attempt: 1, deadline: NOW, remakes: 2, copyOf: 'eu-west-1:snap-1', unseen: true } as const;
      const written = formatDelayedArguments(operation, waiting);
      expect(written).toEqual({
        ...wire,
        Attempt: 1,
        Deadline: '2026-11-24T03:01:00.000Z',
        Remakes: 2,
        CopyOf: 'eu-west-1:snap-1',
        Unseen: true,
      });
      expect(parseDelayedArguments(operation.action, written)).toEqual({ operation, waiting });
    },
  );

  it("count the original's iterations as attempts, unless ours are there", () => {
    const wire = { BackupId: 'snap-1', BackupRegion: 'eu-west-1', lambda_wait_iteration: 3 };
    expect(parseDelayedArguments('do_store_backup_data', wire)).toMatchObject({ waiting: { attempt: 3 } });
    expect(parseDelayedArguments('do_store_backup_data', { ...wire, Attempt: 0 })).toMatchObject({
      waiting: { attempt: 0 },
    });
  });

  it('carry what the backup was made of, and leave out what is wrong in it', () => {
    const facts = { size_gib: 8, storage_type: 'gp3' };
    for (const operation of [STORE, PULLED, COPY, SHARE]) {
      const written = formatDelayedArguments({ ...operation, facts }, { attempt: 0 });
      expect(written).toMatchObject({ Restore: facts });
      expect(parseDelayedArguments(operation.action, written)).toMatchObject({ operation: { ...operation, facts } });
      const spoilt = { ...written, Restore: { ...facts, device: '/dev/sdf\u001b[2J', sudo: 'rm' } };
      expect(parseDelayedArguments(operation.action, spoilt)).toMatchObject({ operation: { ...operation, facts } });
      const { operation: none } = z
        .object({ operation: z.record(z.string(), z.unknown()) })
        .parse(parseDelayedArguments(operation.action, { ...written, Restore: 'x' }));
      expect(none).toEqual(operation);
    }
  });

  it('carry that a file is written over that of an older backup, where one is written', () => {
    for (const operation of [STORE, SHARE]) {
      const written = formatDelayedArguments({ ...operation, anew: true }, { attempt: 0 });
      expect(written).toMatchObject({ Anew: true });
      expect(parseDelayedArguments(operation.action, written)).toMatchObject({
        operation: { ...operation, anew: true },
      });
      expect(operationKey({ ...operation, anew: true })).toBe(`${operationKey(operation)} anew`);
      const plain = formatDelayedArguments(operation, { attempt: 0 });
      expect(plain).not.toHaveProperty('Anew');
      const odd = parseDelayedArguments(operation.action, { ...plain, Anew: 'yes' });
      expect(odd).toMatchObject({ problem: expect.stringContaining('Anew') });
    }
    const archived = parseDelayedArguments('do_archive_backup', {
      ...formatDelayedArguments(ARCHIVE, { attempt: 0 }),
      Anew: true,
    });
    expect(archived).toEqual({ operation: ARCHIVE, waiting: { attempt: 0 } });
  });

  it.each(['aws', 'aws-us-gov'])('know a Redshift snapshot by the ARN that the original sent, in %s', (partition) => {
    const name = 'orders-2026-11-24-0301-daily';
    const BackupId = `arn:${partition}:redshift:eu-west-1:111111111111:snapshot:orders/${name}`;
    const parsed = (id: unknown) =>
      parseDelayedArguments('do_store_backup_data', { BackupId: id, BackupRegion: 'eu-west-1' });
    expect(parsed(BackupId)).toMatchObject({ operation: { backupId: name } });
    expect(parsed(`x-${BackupId}`)).toMatchObject({ problem: expect.stringContaining('BackupId') });
    expect(parsed(7)).toMatchObject({ problem: expect.stringContaining('BackupId') });
  });

  it('carry nothing of what it was made of to the archive tier', () => {
    const wire = { BackupId: 'snap-1', BackupRegion: 'eu-west-1', Restore: { size_gib: 8 } };
    expect(parseDelayedArguments('do_archive_backup', wire)).toEqual({ operation: ARCHIVE, waiting: { attempt: 0 } });
  });

  it.each([
    ['without the account', { SharedKey: 'k' }],
    ['without the key', { SourceAccount: '222222222222' }],
  ])('know a pulled file by account and key together: %s', (_, more) => {
    const wire = { BackupId: 'snap-1', BackupRegion: 'eu-west-1', ...more };
    expect(parseDelayedArguments('do_store_backup_data', wire)).toEqual({ operation: STORE, waiting: { attempt: 0 } });
  });

  it.each([
    ['do_store_backup_data', { BackupRegion: 'eu-west-1' }, 'BackupId'],
    ['do_store_backup_data', { BackupId: '../x', BackupRegion: 'eu-west-1' }, 'BackupId'],
    ['do_store_backup_data', { BackupId: 'snap-1', BackupRegion: 'Ireland' }, 'BackupRegion'],
    ['do_store_backup_data', { BackupId: 'snap-1', BackupRegion: 'eu-west-1', SourceAccount: '1' }, 'SourceAccount'],
    ['do_copy_backup', { BackupId: 'snap-1', Region: 'eu-west-1' }, 'OriginRegion'],
    ['do_copy_backup', { BackupId: 'snap-1', OriginRegion: 'eu-west-1' }, 'Region'],
    ['do_copy_backup', { BackupId: 'snap-1', OriginRegion: 'eu-west-1', Region: 'eu-west-1' }, 'Region'],
    ['do_share_backup', { BackupId: 'snap-1', Region: 'eu-west-1', AwsAccountId: 'me' }, 'AwsAccountId'],
    ['do_archive_backup', { BackupId: 'snap-1' }, 'BackupRegion'],
    ['do_copy_backup', { ...ON_THE_WIRE[2][2], Attempt: -1 }, 'Attempt'],
    ['do_copy_backup', { ...ON_THE_WIRE[2][2], Deadline: 'soon' }, 'Deadline'],
    ['do_copy_backup', { ...ON_THE_WIRE[2][2], Remakes: 0.5 }, 'Remakes'],
    ['do_store_backup_data', { BackupId: 'snap-1', BackupRegion: 'eu-west-1', CopyOf: 'snap-2' }, 'CopyOf'],
  ] as const)('are a problem that names the field: %s %j', (action, raw, field) => {
    expect(parseDelayedArguments(action, raw)).toEqual({ problem: expect.stringContaining(`at ${field}`) });
  });

  it('are a problem where they are none, whatever they are', () => {
    fc.assert(
      fc.property(fc.constantFrom(...DELAYED_ACTIONS), fc.jsonValue(), (action, raw) => {
        expect(parseDelayedArguments(action, raw)).toHaveProperty('problem');
      }),
    );
  });
});

describe('giving up', () => {
  it('says why in one sentence, as it was told', () => {
    const decided = again({ attempt: 3, deadline: NOW }, NOW, 'eu-west-1.x did not answer.');
    expect(decided).toMatchObject({
      kind: 'give-up',
      reason: 'its deadline, 2026-11-24T03:01:00.000Z, has passed: eu-west-1.x did not answer',
    });
  });
});

describe('the payload of a delayed operation', () => {
  it('names type, action and arguments', () => {
    expect(formatDelayedPayload({ backupType: 'ebs', operation: STORE, waiting: { attempt: 0 } })).toEqual({
      backup_type: 'ebs',
      action: 'do_store_backup_data',
      arguments: { BackupId: 'snap-1', BackupRegion: 'eu-west-1', Attempt: 0 },
    });
  });

  it("takes the payload's config with it", () => {
    const config = { shelvery_keep_daily_backups: 5 };
    expect(
      formatDelayedPayload({ backupType: 'ebs', operation: STORE, waiting: { attempt: 0 } }, config),
    ).toMatchObject({ config });
  });
});

describe('what an outcome says of a delayed operation', () => {
  it.each([
    [PULLED, { operation: 'StoreBackupData' }],
    [COPY, { operation: 'CopyBackupToRegion', destinationRegion: DR }],
    [SHARE, { operation: 'ShareBackup', destinationAccount: OTHER_ACCOUNT }],
    [ARCHIVE, { operation: 'ArchiveBackup' }],
  ])('names it, its backup, and where that goes: %#', (operation, said) => {
    expect(subjectOfOperation(operation)).toEqual({ ...said, backupId: ID, region: LOCAL });
  });
});

describe('the key of a delayed operation', () => {
  it.each([
    [STORE, 'do_store_backup_data eu-west-1 snap-1'],
    [PULLED, 'do_store_backup_data eu-west-1 snap-1 222222222222 backups/shared/x.yaml'],
    [COPY, 'do_copy_backup eu-west-1 snap-1 eu-central-1'],
    [SHARE, 'do_share_backup eu-west-1 snap-1 222222222222'],
    [ARCHIVE, 'do_archive_backup eu-west-1 snap-1'],
    [ARCHIVE_PULLED, 'do_archive_backup eu-west-1 snap-1 222222222222 backups/shared/x.yaml'],
  ])('is the same when it is asked for twice: %#', (operation, key) => {
    expect(operationKey(operation)).toBe(key);
    expect(operationKey({ ...operation })).toBe(key);
  });

  it('tells operations on one backup apart, and the files that a copy was pulled from', () => {
    expect(new Set(ALL.map(operationKey)).size).toBe(ALL.length);
  });
});

describe('the deadline of a message', () => {
  const waiting: Waiting = { attempt: 3, unseen: true };

  it.each([
    ['there is none: from now', undefined, undefined, utc('2026-11-25 03:00')],
    ['there is none: from when the backup was made', undefined, utc('2026-11-23 03:00'), utc('2026-11-24 01:00')],
    ['it is near: kept', utc('2026-11-24 09:00'), undefined, utc('2026-11-24 09:00')],
    ['it has passed: kept', utc('2026-11-20 09:00'), undefined, utc('2026-11-20 09:00')],
    ['it is further away than one that is given now', utc('3000-01-01 00:00'), undefined, utc('2026-11-25 03:00')],
    ['the backup was made in times to come', undefined, utc('3000-01-01 00:00'), utc('2026-11-25 03:00')],
  ])('where %s', (_, deadline, made, expected) => {
    const now = utc('2026-11-24 05:00');
    expect(dated({ ...waiting, ...present({ deadline }) }, now, 22, made)).toEqual({ ...waiting, deadline: expected });
  });
});

describe('decideDelayed', () => {
  const waiting: Waiting = { attempt: 1, deadline: utc('2026-11-24 03:02'), remakes: 1 };

  it.each([
    ['does the work once the backup is available', { state: 'available' }, { kind: 'work' }],
    [
      'asks again while it is pending, counted, the deadline kept',
      { state: 'pending' },
      { kind: 'again', waiting: { ...waiting, attempt: 2 } },
    ],
    [
      'gives up a failed one',
      { state: 'failed' },
      { kind: 'give-up', code: 'BackupFailed', reason: 'the service could not make it' },
    ],
    [
      "gives up a failed one with the service's reason",
      { state: 'failed', reason: 'key is disabled' },
      { kind: 'give-up', code: 'BackupFailed', reason: 'the service could not make it: key is disabled' },
    ],
    [
      'looks a second time for one that is not listed, which may only just have been made',
      { state: 'gone' },
      { kind: 'again', waiting: { ...waiting, attempt: 2, unseen: true } },
    ],
  ] as const)('%s', (_, observed, decision) => {
    expect(decideDelayed(observed, waiting, NOW)).toEqual(decision);
  });

  it('gives up one that is not listed the second time, or past its deadline', () => {
    expect(decideDelayed({ state: 'gone' }, { ...waiting, unseen: true }, NOW)).toEqual({
      kind: 'give-up',
      code: 'BackupGone',
      reason: 'it does not exist any more',
    });
    expect(decideDelayed({ state: 'gone' }, waiting, utc('2026-11-24 03:02'))).toMatchObject({
      kind: 'give-up',
      code: 'DeadlinePassed',
      reason: expect.stringMatching(/has passed: it was not found$/),
    });
  });

  it.each([
    ['a millisecond before', '2026-11-24 03:01:59.999', 'again'],
    ['at', '2026-11-24 03:02', 'give-up'],
    ['after', '2026-11-24 03:03', 'give-up'],
  ])('%s its deadline a pending one is judged: %#', (_, now, kind) => {
    expect(decideDelayed({ state: 'pending' }, waiting, utc(now))).toMatchObject({ kind });
  });

  it('does the work of an available one also past its deadline', () => {
    expect(decideDelayed({ state: 'available' }, waiting, utc('2027-01-01'))).toEqual({ kind: 'work' });
  });

  it('says which deadline has passed', () => {
    expect(decideDelayed({ state: 'pending' }, waiting, utc('2027-01-01'))).toEqual({
      kind: 'give-up',
      code: 'DeadlinePassed',
      reason: 'its deadline, 2026-11-24T03:02:00.000Z, has passed: it did not become available',
    });
  });

  it('asks again for ever without a deadline', () => {
    expect(again({ attempt: 7 }, utc('2099-01-01'), 'why')).toEqual({ kind: 'again', waiting: { attempt: 8 } });
  });
});

describe('the deadline', () => {
  it('is so many hours after the backup was made', () => {
    expect(deadlineOf(utc('2026-03-28 12:00'), 48)).toEqual(utc('2026-03-30 12:00'));
  });
});
