import { describe, expect, it } from '@jest/globals';
import type { Backup } from '../../../../layers/engine/src/domain/backup/backup.js';
import type { HeldBackup } from '../../../simulation/world/held.js';
import { bucketNameOf } from '../../../simulation/world/storage.js';
import { ownersByName } from '../../../../layers/engine/src/operations/clean/leave-files.js';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, backup } from '../../domain/builders.js';
import { aboutParts, fileOf, hold, holdRecorded, liveKey, nameOf, removedKey, sharedKey } from '../held-backups.js';
import type { HeldParts } from '../held-backups.js';
import { ALLOW, openEstate } from '../memory-estate.js';
import type { Asked, MemoryEstate } from '../memory-estate.js';
import { withAdapter } from '../other-parts.js';

const NOW = '2026-11-24T03:01:00Z';
const SOURCE = `${LOCAL}:snap-0000000e`;
/** Two copies of one backup, as two deliveries of one message at a time make them. */
const OLDER: HeldParts = { id: 'snap-00000001', created: '2026-11-20-0300', place: 'dr', source: SOURCE };
const YOUNGER: HeldParts = { ...OLDER, id: 'snap-00000002' };
const ORIGINAL: HeldParts = { id: 'snap-0000000e', created: '2026-11-20-0300' };
const BUCKET = bucketNameOf(OWN_ACCOUNT, DR);
const SHARING = { shelvery_share_aws_account_ids: OTHER_ACCOUNT };
const removal = {
  ...aboutParts(YOUNGER),
  operation: 'DeleteBackup',
  status: 'ok',
  message: 'there is an older copy of the same backup',
};

/**
 * A backup with its file and two copies of it in the DR region.
 *
 * @param record which of the copies the record tells of.
 * @param offered which the shared file tells of.
 */
function doubled(record?: string, offered?: string, older: Partial<HeldBackup> = {}): MemoryEstate {
  const estate = openEstate('ebs');
  estate.resource('vol-1');
  estate.buckets([LOCAL, DR]);
  holdRecorded(estate, ORIGINAL);
  hold(estate, YOUNGER, { createdAt: Date.UTC(2026, 10, 20, 4) });
  hold(estate, OLDER, older);
  if (record !== undefined) estate.file(liveKey(OLDER), record, DR);
  if (offered !== undefined) estate.file(sharedKey(OLDER, OTHER_ACCOUNT), offered, DR);
  return estate;
}

async function cleaned(estate: MemoryEstate, asked: Asked = {}) {
  const { told, calls, ...rest } = await estate.run('clean_backups', { settings: SHARING, ...asked });
  const own = /^(s3:(get|put|delete)|ebs:(share|deleteBackup)) /;
  return { told, calls: calls.filter((call) => own.test(call)), ...rest };
}

describe('of several backups of a name', () => {
  const found = (parts: HeldParts, begunHour: number): Backup =>
    backup({ ...parts, startedAt: new Date(Date.UTC(2026, 10, 20, begunHour)) });
  const [first, second, failed] = [
    found(OLDER, 4),
    found(YOUNGER, 5),
    found({ ...OLDER, id: 'snap-00000003', state: 'failed' }, 3),
  ];

  it.each([
    ['in order', [first, second, failed]],
    ['in another', [failed, second, first]],
  ])('the oldest that is complete has the files (%s)', (_, backups) => {
    expect(ownersByName(backups)).toEqual(new Map([[nameOf(OLDER), first]]));
  });
});

const copies = (estate: MemoryEstate): readonly string[] => estate.backups({ region: DR }).map(({ id }) => id);
const FIRST =
  'there is an older copy of the same backup; its files are first written for snap-00000001, and a later clean_backups removes it';
const written = {
  ...aboutParts(OLDER),
  operation: 'StoreBackupData',
  bucket: BUCKET,
  backupS3Location: liveKey(OLDER),
  status: 'ok',
};
const missing = {
  ...aboutParts(OLDER),
  operation: 'StoreBackupData',
  status: 'ok',
  message: 'its metadata was missing',
};
const offeredAgain = {
  ...aboutParts(OLDER),
  operation: 'ShareRegionalBackupCopy',
  destinationAccount: OTHER_ACCOUNT,
  destinationRegion: DR,
  backupS3Location: sharedKey(OLDER, OTHER_ACCOUNT),
  bucket: BUCKET,
  status: 'ok',
};

describe('of two backups that share a name', () => {
  it('the one that is removed leaves the files that tell of the other', async () => {
    const estate = doubled(fileOf(OLDER), fileOf(OLDER));
    const { told, said, calls } = await cleaned(estate);
    expect(told).toEqual([removal]);
    expect(said).toEqual([
      ['SHELVERY_BACKUP_KEPT', `${nameOf(ORIGINAL)} (${ORIGINAL.id}): expires 2026-12-04`, { reason: 'not-expired' }],
      ['SHELVERY_BACKUP_KEPT', `${nameOf(OLDER)} (${OLDER.id}): expires 2026-12-04`, { reason: 'not-expired' }],
    ]);
    expect(calls).toEqual([
      `s3:get eu-central-1 ${liveKey(OLDER)}`,
      `s3:get eu-central-1 ${sharedKey(OLDER, OTHER_ACCOUNT)}`,
      `ebs:deleteBackup eu-central-1 ${YOUNGER.id}`,
    ]);
    expect(copies(estate)).toEqual([OLDER.id]);
    expect(estate.keys(DR)).toEqual([liveKey(OLDER), sharedKey(OLDER, OTHER_ACCOUNT)]);
  });

  it('the one that is to be removed stays until the files tell of the other, which they then do', async () => {
    const estate = doubled(fileOf(YOUNGER), fileOf(YOUNGER));
    const { told, said } = await cleaned(estate);
    expect(told).toEqual([written, offeredAgain]);
    expect(said).toEqual([
      ['SHELVERY_BACKUP_KEPT', `${nameOf(ORIGINAL)} (${ORIGINAL.id}): expires 2026-12-04`, { reason: 'not-expired' }],
      ['SHELVERY_BACKUP_KEPT', `${nameOf(OLDER)} (${OLDER.id}): expires 2026-12-04`, { reason: 'not-expired' }],
      ['SHELVERY_BACKUP_KEPT', `${nameOf(YOUNGER)} (${YOUNGER.id}): ${FIRST}`, { reason: 'files-first' }],
    ]);
    expect(copies(estate)).toEqual([YOUNGER.id, OLDER.id]);
    expect(estate.read(liveKey(OLDER), DR)).toBe(fileOf(OLDER));
    expect(estate.read(sharedKey(OLDER, OTHER_ACCOUNT), DR)).toBe(fileOf(OLDER));
    expect((await cleaned(estate)).told).toEqual([removal]);
    expect(copies(estate)).toEqual([OLDER.id]);
    expect(estate.keys(DR)).toEqual([liveKey(OLDER), sharedKey(OLDER, OTHER_ACCOUNT)]);
  });

  it('both of which are to be removed, one that could not be leaves the files where they are', async () => {
    const estate = doubled(fileOf(OLDER), fileOf(OLDER));
    estate.strike('ebs:deleteBackup', { refuse: 'InternalError' });
    const expired = { ...SHARING, shelvery_keep_daily_backups_dr: 1, shelvery_keep_last_backups: 0 };
    const { told } = await cleaned(estate, { settings: expired });
    const [failed, gone] = [YOUNGER, OLDER].map(({ id }) => told.find(({ backupId }) => backupId === id)?.status);
    expect([failed, gone].sort()).toEqual(['failed', 'ok']);
    expect(copies(estate)).toHaveLength(1);
    expect(estate.keys(DR)).toEqual([liveKey(OLDER), removedKey(OLDER), sharedKey(OLDER, OTHER_ACCOUNT)].sort());
    // They tell of the one that is still there.
    const [left = ''] = copies(estate);
    for (const key of [liveKey(OLDER), sharedKey(OLDER, OTHER_ACCOUNT)])
      expect(estate.read(key, DR)).toContain(`backup_id: "${left}"`);
    await cleaned(estate, { settings: expired });
    expect(copies(estate)).toEqual([]);
    expect(estate.keys(DR)).toEqual([removedKey(OLDER)]);
  });

  it('the one that is to be removed stays for the shared file alone, too, and the record is not written again', async () => {
    const estate = doubled(fileOf(OLDER), fileOf(YOUNGER));
    expect((await cleaned(estate)).told).toEqual([offeredAgain]);
    expect(copies(estate)).toEqual([YOUNGER.id, OLDER.id]);
  });

  it('the one that is to be removed stays for the record alone, too', async () => {
    const estate = doubled(fileOf(YOUNGER), fileOf(OLDER));
    expect((await cleaned(estate)).told).toEqual([written]);
    expect(copies(estate)).toEqual([YOUNGER.id, OLDER.id]);
  });

  it('what else is to be removed is removed, whatever stays for its files', async () => {
    const estate = doubled(fileOf(YOUNGER), fileOf(YOUNGER));
    const expired: HeldParts = {
      ...OLDER,
      id: 'snap-00000003',
      created: '2026-01-10-0300',
      source: `${LOCAL}:snap-0`,
    };
    hold(estate, expired);
    const { told } = await cleaned(estate);
    expect(told).toEqual([
      { ...aboutParts(expired), operation: 'DeleteBackup', status: 'ok', message: 'expired 2026-01-24' },
      written,
      offeredAgain,
    ]);
    expect(copies(estate)).toEqual([YOUNGER.id, OLDER.id]);
  });

  it('a plan says which stays first, and a dry run writes nothing', async () => {
    const estate = doubled(fileOf(YOUNGER), fileOf(YOUNGER));
    const { told, plan, report } = await cleaned(estate, { dryRun: true });
    expect(told).toEqual([]);
    const line = { name: nameOf(OLDER), what: 'keep', region: DR };
    expect(plan).toEqual([
      { ...line, subject: ORIGINAL.id, reason: 'expires 2026-12-04', region: LOCAL },
      { ...line, subject: OLDER.id, reason: 'expires 2026-12-04' },
      { ...line, subject: YOUNGER.id, reason: FIRST },
    ]);
    expect(report.summary).toMatchObject({ collected: 3, failed: 0 });
    expect(estate.read(liveKey(OLDER), DR)).toBe(fileOf(YOUNGER));
  });

  it('what is missing of the files is written for the one that stays, which keeps nothing from being removed', async () => {
    const estate = doubled();
    const { told } = await cleaned(estate);
    expect(told).toEqual([removal, missing, offeredAgain]);
    expect(copies(estate)).toEqual([OLDER.id]);
    expect(estate.keys(DR)).toEqual([liveKey(OLDER), sharedKey(OLDER, OTHER_ACCOUNT)]);
    expect(estate.read(sharedKey(OLDER, OTHER_ACCOUNT), DR)).toBe(fileOf(OLDER));
  });

  it('what is written for the one that stays tells what the volume is', async () => {
    const estate = doubled(fileOf(YOUNGER));
    await cleaned(estate, {
      settings: {},
      parts: withAdapter((adapter) => ({
        listResources: async () => (await adapter.listResources()).map((each) => ({ ...each, facts: { size_gib: 8 } })),
      })),
    });
    expect(estate.read(liveKey(OLDER), DR)).toBe(fileOf(OLDER).replace('tags:\n', 'restore:\n  size_gib: 8\ntags:\n'));
  });

  it('what is missing is written also where the volume is gone', async () => {
    const estate = doubled();
    estate.world.resources.clear();
    expect((await cleaned(estate)).told).toEqual([removal, missing, offeredAgain]);
    expect(estate.read(liveKey(OLDER), DR)).toBe(fileOf(OLDER));
  });

  it('both stay where nobody can read whom the files tell of, which is told', async () => {
    const estate = doubled(fileOf(OLDER), fileOf(OLDER));
    estate.strike('s3:get', { refuse: 'AccessDenied' });
    const { told } = await cleaned(estate);
    expect(told).toEqual([
      {
        ...aboutParts(YOUNGER),
        operation: 'DeleteBackup',
        status: 'failed',
        error:
          `NotAllowed: AccessDenied while reading ${liveKey(OLDER)}, which ${YOUNGER.id} has in common with ${OLDER.id}: ` +
          `AccessDenied. ${ALLOW}`,
      },
    ]);
    expect(copies(estate)).toEqual([YOUNGER.id, OLDER.id]);
  });

  it('a failed one that is held has no files: those of the other go with it', async () => {
    const held: HeldParts = { ...OLDER, state: 'failed', hold: 'legal' };
    const estate = doubled(fileOf(YOUNGER), fileOf(YOUNGER));
    hold(estate, held);
    const { told } = await cleaned(estate, {
      settings: { ...SHARING, shelvery_keep_daily_backups_dr: '1', shelvery_keep_last_backups: '0' },
    });
    expect(told).toEqual([{ ...removal, message: 'expired 2026-11-21' }]);
    expect(copies(estate)).toEqual([OLDER.id]);
    expect(estate.keys(DR)).toEqual([removedKey(OLDER)]);
    expect(estate.read(removedKey(OLDER), DR)).toBe(fileOf(YOUNGER, NOW));
  });
});

describe('a backup that shares its name with one that cannot be understood', () => {
  const EXPIRED: HeldParts = { id: 'snap-00000003', created: '2026-01-10-0300' };
  const NEWEST: HeldParts = { id: 'snap-00000009', created: '2026-11-23-0300' };
  const UNCLEAR: HeldParts = { ...EXPIRED, id: 'snap-00000004', tags: { 'shelvery:retention_type': undefined } };
  const unclear = {
    operation: 'DeleteBackup',
    backupId: UNCLEAR.id,
    region: LOCAL,
    status: 'failed',
    error: `BackupUnreadable: ${UNCLEAR.id} is kept: its tag shelvery:retention_type is missing; allowed: a retention type. Correct the tag, or delete the backup by hand.`,
  };
  const removedOne = { ...aboutParts(EXPIRED), operation: 'DeleteBackup', status: 'ok', message: 'expired 2026-01-24' };

  function withRecord(record?: string): MemoryEstate {
    const estate = openEstate('ebs');
    estate.resource('vol-1');
    estate.buckets();
    for (const each of [EXPIRED, UNCLEAR]) hold(estate, each);
    holdRecorded(estate, NEWEST);
    if (record !== undefined) estate.file(liveKey(EXPIRED), record);
    return estate;
  }

  it.each([
    ['leaves the record that tells of that one', () => fileOf({ ...EXPIRED, id: UNCLEAR.id }), true],
    ['takes the record with it that tells of itself', () => fileOf(EXPIRED), false],
    ['takes the record with it that cannot be read', () => 'x', false],
    ['is recorded where there was no record', () => undefined, false],
  ])('%s', async (_, record, stays) => {
    const text = record();
    const estate = withRecord(text);
    expect((await cleaned(estate)).told).toEqual([unclear, removedOne]);
    expect(estate.backups().map(({ id }) => id)).toEqual([UNCLEAR.id, NEWEST.id]);
    expect(estate.keys()).toEqual([stays ? liveKey(EXPIRED) : removedKey(EXPIRED), liveKey(NEWEST)]);
    if (stays) expect(estate.read(liveKey(EXPIRED))).toBe(text);
    else expect(estate.read(removedKey(EXPIRED))).toBe(fileOf(EXPIRED, NOW));
  });

  it('leaves a record that nobody may read, and tells of it', async () => {
    const estate = withRecord(fileOf(EXPIRED));
    estate.strike('s3:get', { refuse: 'AccessDenied' });
    expect((await cleaned(estate)).told).toEqual([
      unclear,
      removedOne,
      {
        ...aboutParts(EXPIRED),
        operation: 'StoreBackupData',
        bucket: bucketNameOf(OWN_ACCOUNT, LOCAL),
        status: 'failed',
        error:
          `NotAllowed: AccessDenied while reading ${liveKey(EXPIRED)}, which may be of another backup than ${EXPIRED.id}: ` +
          `AccessDenied. ${ALLOW}`,
      },
    ]);
    expect(estate.keys()).toEqual([liveKey(EXPIRED), liveKey(NEWEST)]);
  });

  it('is looked at before its removal only where it does share the name', async () => {
    const estate = withRecord(fileOf(EXPIRED));
    const other: HeldParts = { id: 'snap-00000005', created: '2026-01-11-0300' };
    hold(estate, other);
    const { calls } = await cleaned(estate);
    expect(calls.filter((call) => call.startsWith('s3:get'))).toEqual([`s3:get eu-west-1 ${liveKey(EXPIRED)}`]);
  });
});
