import { describe, expect, it } from '@jest/globals';
import { ShelveryError } from '../../../../layers/engine/src/domain/errors.js';
import type { RemainingWork } from '../../../../layers/engine/src/run/run-action.js';
import { awsError } from '../../../simulation/world/aws-error.js';
import { bucketNameOf } from '../../../simulation/world/storage.js';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, THIRD, THIRD_ACCOUNT } from '../../domain/builders.js';
import {
  aboutParts,
  fileOf,
  hold,
  holdRecorded,
  liveKey,
  nameOf,
  removedKey,
  sharedKey,
  withoutLists,
} from '../held-backups.js';
import type { HeldParts } from '../held-backups.js';
import { ALLOW, openEstate } from '../memory-estate.js';
import type { Asked, MemoryEstate } from '../memory-estate.js';
import { atMost, handingOver, withAdapter } from '../other-parts.js';

const NOW = '2026-11-24T03:01:00Z';
const BUCKET = bucketNameOf(OWN_ACCOUNT, LOCAL);
const OLD: HeldParts = { id: 'snap-00000001', created: '2026-01-10-0300' };
const OLD_2: HeldParts = { id: 'snap-00000002', created: '2026-01-11-0300' };
const OLD_3: HeldParts = { id: 'snap-00000003', created: '2026-01-12-0300' };
const NEWEST: HeldParts = { id: 'snap-00000009', created: '2026-11-23-0300' };
const removed = { ...aboutParts(OLD), operation: 'DeleteBackup', status: 'ok', message: 'expired 2026-01-24' };
const removed2 = { ...aboutParts(OLD_2), operation: 'DeleteBackup', status: 'ok', message: 'expired 2026-01-25' };
const removed3 = { ...aboutParts(OLD_3), operation: 'DeleteBackup', status: 'ok', message: 'expired 2026-01-26' };

/** A marked volume with these backups and its newest, all of them with their files. */
function estateWith(...backups: readonly HeldParts[]): MemoryEstate {
  const estate = openEstate('ebs');
  estate.resource('vol-1');
  estate.buckets();
  for (const parts of [...backups, NEWEST]) holdRecorded(estate, parts);
  return estate;
}

/** What was called, without the lists that each cleaning begins with. */
async function cleaned(estate: MemoryEstate, asked?: Asked) {
  const { told, calls, ...rest } = await estate.run('clean_backups', asked);
  return { told, calls: withoutLists(calls), ...rest };
}

const ids = (estate: MemoryEstate): readonly string[] => estate.backups().map(({ id }) => id);

describe('a removal', () => {
  it('deletes the backup, records that, and then takes the live and shared files of all away together', async () => {
    const estate = estateWith(OLD, OLD_2);
    // Shared with an account once, and with another one now.
    estate.file(sharedKey(OLD, OTHER_ACCOUNT), fileOf(OLD));
    estate.file(sharedKey(NEWEST, OTHER_ACCOUNT), fileOf(NEWEST));
    const { told, said, calls, report, remaining } = await cleaned(estate, {
      settings: { shelvery_share_aws_account_ids: THIRD_ACCOUNT },
    });
    expect(told).toEqual([removed, removed2]);
    expect(said).toEqual([
      ['SHELVERY_BACKUP_KEPT', `${nameOf(NEWEST)} (${NEWEST.id}): expires 2026-12-07`, { reason: 'not-expired' }],
    ]);
    expect(calls).toEqual([
      's3:listFolders eu-west-1 backups/shared/',
      `ebs:deleteBackup eu-west-1 ${OLD.id}`,
      `ebs:deleteBackup eu-west-1 ${OLD_2.id}`,
      `s3:put eu-west-1 ${removedKey(OLD)}`,
      `s3:put eu-west-1 ${removedKey(OLD_2)}`,
      `s3:delete eu-west-1 ${[OLD, OLD_2]
        .flatMap((each) => [liveKey(each), sharedKey(each, OTHER_ACCOUNT), sharedKey(each, THIRD_ACCOUNT)])
        .join(' ')}`,
    ]);
    expect(report).toMatchObject({ status: 'OK', summary: { collected: 3, succeeded: 2 } });
    expect(remaining).toBe(0);
    expect(ids(estate)).toEqual([NEWEST.id]);
    expect(estate.keys()).toEqual([
      removedKey(OLD),
      removedKey(OLD_2),
      liveKey(NEWEST),
      sharedKey(NEWEST, OTHER_ACCOUNT),
    ]);
    expect(estate.read(removedKey(OLD))).toBe(fileOf(OLD, NOW));
    expect(estate.read(removedKey(OLD_2))).toBe(fileOf(OLD_2, NOW));
  });

  it('of one of two backups of a name leaves the files to the other, where that cannot be removed', async () => {
    const twin: HeldParts = { ...OLD, id: 'snap-0000000a' };
    const estate = estateWith(OLD, twin);
    estate.strike('ebs:deleteBackup', { refuse: 'InvalidSnapshot.InUse', nth: 2 });
    const { told } = await cleaned(estate);
    expect(told.map(({ backupId, operation, status }) => [operation, backupId, status])).toEqual([
      ['DeleteBackup', OLD.id, 'ignored'],
      ['DeleteBackup', OLD.id, 'ok'],
      ['DeleteBackup', twin.id, 'failed'],
      ['StoreBackupData', twin.id, 'ok'],
    ]);
    expect(ids(estate)).toEqual([twin.id, NEWEST.id]);
    expect(estate.keys()).toEqual([removedKey(OLD), liveKey(twin), liveKey(NEWEST)]);
    expect(estate.read(liveKey(twin))).toBe(fileOf(twin));
  });

  it('is no call where nothing has expired', async () => {
    const { told, calls } = await cleaned(estateWith());
    expect(told).toEqual([]);
    expect(calls).toEqual([]);
  });

  it('of a pulled copy leaves the shared files alone that accounts find backups of ours by', async () => {
    const pulled: HeldParts = { id: 'snap-00000004', place: 'pulled', source: `${LOCAL}:snap-0000000f` };
    const young: HeldParts = { ...pulled, id: 'snap-00000005', created: '2026-11-22-0300' };
    const estate = estateWith();
    for (const each of [pulled, young]) holdRecorded(estate, each);
    // A backup of ours had its name, or is to have it.
    estate.file(sharedKey(pulled, THIRD_ACCOUNT), fileOf({ ...pulled, place: 'local' }));
    const { told, calls } = await cleaned(estate, { settings: { shelvery_share_aws_account_ids: THIRD_ACCOUNT } });
    expect(told).toEqual([{ ...removed, backupId: pulled.id }]);
    expect(calls.at(-1)).toBe(`s3:delete eu-west-1 ${liveKey(pulled)}`);
    expect(estate.keys()).toContain(sharedKey(pulled, THIRD_ACCOUNT));
    expect(estate.read(removedKey(pulled))).toBe(fileOf(pulled, NOW));
  });

  describe('of a pulled copy whose name a copy has, too, that came here from another region', () => {
    const PULLED: HeldParts = { ...OLD, place: 'pulled', source: `${LOCAL}:snap-0000000f` };
    const YOUNG: HeldParts = { ...PULLED, id: 'snap-00000005', created: '2026-11-22-0300' };
    const COPY: HeldParts = { ...OLD, id: OLD_2.id, place: 'dr', source: `${THIRD}:snap-0`, region: LOCAL };
    const removedPulled = { ...removed, backupId: PULLED.id };

    /** All with the accounts' file of the DR copy, and with this record of the name. */
    async function cleanedWith(record: HeldParts) {
      const estate = estateWith(YOUNG);
      for (const each of [PULLED, COPY]) hold(estate, each);
      estate.file(liveKey(record), fileOf(record));
      estate.file(sharedKey(COPY, OTHER_ACCOUNT), fileOf(COPY));
      return { estate, ...(await cleaned(estate)) };
    }

    it('leaves the record that tells of that', async () => {
      const { estate, told } = await cleanedWith(COPY);
      expect(told).toEqual([removedPulled]);
      expect(ids(estate)).toEqual([YOUNG.id, NEWEST.id, COPY.id]);
      expect(estate.keys()).toEqual([liveKey(COPY), liveKey(YOUNG), liveKey(NEWEST), sharedKey(COPY, OTHER_ACCOUNT)]);
      expect(estate.read(liveKey(COPY))).toBe(fileOf(COPY));
    });

    it('takes the record with it that tells of itself, and no shared file', async () => {
      const { estate, told } = await cleanedWith(PULLED);
      expect(told).toEqual([removedPulled]);
      expect(estate.keys()).toEqual([
        removedKey(PULLED),
        liveKey(YOUNG),
        liveKey(NEWEST),
        sharedKey(COPY, OTHER_ACCOUNT),
      ]);
      expect(estate.read(removedKey(PULLED))).toBe(fileOf(PULLED, NOW));
    });
  });

  it('of a re-encrypted snapshot is told as such, and takes its own files only', async () => {
    const original: HeldParts = { ...NEWEST, created: '2026-11-20-0300', id: 'snap-00000006' };
    const temporary: HeldParts = {
      ...original,
      id: 'snap-00000007',
      name: `${nameOf(original)}-re-encrypted`,
      tags: { 'shelvery:src_backup': `${LOCAL}:${original.id}` },
    };
    const estate = estateWith(original);
    holdRecorded(estate, temporary);
    for (const each of [original, temporary]) estate.file(sharedKey(each, OTHER_ACCOUNT), fileOf(each));
    const { told, calls } = await cleaned(estate);
    expect(told).toEqual([
      {
        ...aboutParts(temporary),
        operation: 'DeleteReencryptedBackup',
        status: 'ok',
        message: 'temporary, not needed since 2026-11-23',
      },
    ]);
    expect(calls.at(-1)).toBe(`s3:delete eu-west-1 ${liveKey(temporary)} ${sharedKey(temporary, OTHER_ACCOUNT)}`);
    expect(ids(estate)).toEqual([original.id, NEWEST.id]);
    expect(estate.keys()).toContain(sharedKey(original, OTHER_ACCOUNT));
  });

  it('in a DR region is recorded there', async () => {
    const copy: HeldParts = { ...OLD, id: 'snap-00000004', place: 'dr', source: `${LOCAL}:${OLD.id}` };
    const newest: HeldParts = { ...NEWEST, id: 'snap-00000005', place: 'dr', source: `${LOCAL}:${NEWEST.id}` };
    const estate = estateWith();
    estate.buckets([DR]);
    for (const each of [copy, newest]) holdRecorded(estate, each);
    const { told } = await cleaned(estate);
    expect(told).toEqual([{ ...removed, backupId: copy.id, region: DR }]);
    expect(estate.keys(DR)).toEqual([removedKey(copy), liveKey(newest)]);
    expect(estate.read(removedKey(copy), DR)).toBe(fileOf(copy, NOW));
  });
});

describe('a backup that cannot be deleted', () => {
  it('is removed where it is gone already', async () => {
    const estate = estateWith(OLD);
    estate.strike('ebs:deleteBackup', { refuse: 'InvalidSnapshot.NotFound' });
    const { told } = await cleaned(estate);
    expect(told).toEqual([removed]);
    expect(estate.keys()).toEqual([removedKey(OLD), liveKey(NEWEST)]);
  });

  it('stays with its files, and is told of, and the others go', async () => {
    const estate = estateWith(OLD, OLD_2);
    estate.strike('ebs:deleteBackup', { refuse: 'UnauthorizedOperation' });
    const { told, report } = await cleaned(estate);
    expect(told).toEqual([
      {
        ...aboutParts(OLD),
        operation: 'DeleteBackup',
        status: 'failed',
        error: `NotAllowed: UnauthorizedOperation while deleting ${OLD.id}: UnauthorizedOperation. ` + ALLOW,
      },
      removed2,
    ]);
    expect(report.status).toBe('PARTIAL');
    expect(ids(estate)).toEqual([OLD.id, NEWEST.id]);
    expect(estate.keys()).toEqual([removedKey(OLD_2), liveKey(OLD), liveKey(NEWEST)]);
  });

  it('and that failed when it was made is an IGNORE, because no later run would do better', async () => {
    const failed: HeldParts = { ...OLD, state: 'failed' };
    const estate = estateWith(failed);
    estate.strike('ebs:deleteBackup', { refuse: 'IncorrectState' });
    const { told, report } = await cleaned(estate);
    expect(told).toEqual([
      {
        ...aboutParts(OLD),
        operation: 'DeleteBackup',
        status: 'ignored',
        reason: 'it failed, and the service deletes no snapshot in this state; AWS Support can',
      },
    ]);
    expect(report.status).toBe('OK');
    expect(ids(estate)).toEqual([OLD.id, NEWEST.id]);
    expect(estate.keys()).toEqual([liveKey(OLD), liveKey(NEWEST)]);
  });
});

describe('a removal that cannot be recorded', () => {
  const DENIED =
    'NotAllowed: AccessDenied while recording in shelvery.data.111111111111-eu-west-1.base2tools that %s was removed ' +
    '(the next clean_backups moves the files to removed/): AccessDenied. ' +
    ALLOW;
  const refuseRecords = (estate: MemoryEstate, ...codes: readonly string[]): void => {
    for (const [index, refuse] of codes.entries()) estate.strike('s3:put', { refuse, nth: index + 1 });
  };

  it('leaves the files for the next run, which moves them', async () => {
    const estate = estateWith(OLD, OLD_2);
    refuseRecords(estate, 'AccessDenied');
    const { told } = await cleaned(estate);
    expect(told).toEqual([
      removed,
      removed2,
      {
        ...aboutParts(OLD),
        operation: 'StoreBackupData',
        bucket: BUCKET,
        status: 'failed',
        error: DENIED.replace('%s', nameOf(OLD)),
      },
    ]);
    expect(estate.keys()).toEqual([removedKey(OLD_2), liveKey(OLD), liveKey(NEWEST)]);
    expect((await cleaned(estate)).told).toMatchObject([
      { backupId: OLD.id, status: 'ok', message: 'the backup is gone; its file was moved to removed/' },
    ]);
    expect(estate.keys()).toEqual([removedKey(OLD), removedKey(OLD_2), liveKey(NEWEST)]);
  });

  it('leaves the live file alone: nobody is offered what is gone', async () => {
    const estate = estateWith(OLD);
    const offer = liveKey(OLD).replace('backups/ebs/', `backups/shared/${OTHER_ACCOUNT}/ebs/`);
    estate.file(offer, estate.read(liveKey(OLD)) ?? '');
    refuseRecords(estate, 'AccessDenied');
    await cleaned(estate);
    expect(estate.keys()).toEqual([liveKey(OLD), liveKey(NEWEST)].sort());
  });

  it('is one error for all that the same fault is to blame for', async () => {
    const estate = estateWith(OLD, OLD_2, OLD_3);
    refuseRecords(estate, 'AccessDenied', 'SlowDown', 'AccessDenied');
    const { told } = await cleaned(estate);
    expect(told).toEqual([
      removed,
      removed2,
      removed3,
      {
        operation: 'StoreBackupData',
        region: LOCAL,
        bucket: BUCKET,
        status: 'failed',
        error: DENIED.replace('%s', `${nameOf(OLD)}, and 1 more,`),
      },
      {
        ...aboutParts(OLD_2),
        operation: 'StoreBackupData',
        bucket: BUCKET,
        status: 'failed',
        error:
          `NotYet: SlowDown while recording in ${BUCKET} that ${nameOf(OLD_2)} was removed ` +
          '(the next clean_backups moves the files to removed/): SlowDown. ' +
          'AWS allows only so many calls at a time. This is temporary: run it again.',
      },
    ]);
  });
});

describe('the files of removed backups', () => {
  const storeFault = (error: string) => ({
    operation: 'StoreBackupData',
    bucket: BUCKET,
    region: LOCAL,
    status: 'failed',
    error,
  });

  it('are those of the configured accounts where nobody can see who else they are shared with', async () => {
    const estate = estateWith(OLD);
    estate.file(sharedKey(OLD, THIRD_ACCOUNT), fileOf(OLD));
    estate.strike('s3:listFolders', { refuse: 'AccessDenied' });
    const { told, calls } = await cleaned(estate, { settings: { shelvery_share_aws_account_ids: THIRD_ACCOUNT } });
    expect(told).toEqual([
      storeFault(
        `NotAllowed: AccessDenied while listing the accounts that ${BUCKET} is shared with: AccessDenied. ` + ALLOW,
      ),
      removed,
    ]);
    expect(calls.at(-1)).toBe(`s3:delete eu-west-1 ${liveKey(OLD)} ${sharedKey(OLD, THIRD_ACCOUNT)}`);
    expect(estate.keys()).toEqual([removedKey(OLD), liveKey(NEWEST)]);
  });

  it('that cannot be deleted are told of, all in one where none of them could', async () => {
    const estate = estateWith(OLD);
    estate.strike('s3:delete', { refuse: 'AccessDenied' });
    const { told } = await cleaned(estate);
    expect(told).toEqual([
      removed,
      storeFault(
        `NotAllowed: AccessDenied while deleting metadata of removed backups in ${BUCKET}: AccessDenied. ` + ALLOW,
      ),
    ]);
    expect(estate.keys()).toEqual([removedKey(OLD), liveKey(OLD), liveKey(NEWEST)]);
  });

  it('that S3 refuses one by one are told of one by one, and the next run may do better', async () => {
    const estate = estateWith(OLD);
    const { told, errors } = await cleaned(estate, {
      parts: ({ store }) => ({
        store: {
          ...store,
          delete: async (_region, keys) => keys.map((key) => ({ key, code: 'InternalError', message: 'try again' })),
        },
      }),
    });
    expect(told).toEqual([
      removed,
      storeFault(`AwsError: ${BUCKET}/${liveKey(OLD)} could not be deleted: InternalError: try again`),
    ]);
    expect(errors.map(({ mendable }) => mendable)).toEqual([true]);
  });

  it('stay where the service deletes nothing', async () => {
    const estate = estateWith(OLD);
    estate.strike('ebs:deleteBackup', { refuse: 'UnauthorizedOperation' });
    const { calls } = await cleaned(estate);
    expect(calls).toEqual(['s3:listFolders eu-west-1 backups/shared/', `ebs:deleteBackup eu-west-1 ${OLD.id}`]);
  });
});

describe('a run that may begin no more', () => {
  it('leaves what it has not begun, looks at no files, and hands the rest over', async () => {
    const estate = estateWith(OLD, OLD_2, OLD_3);
    estate.file(liveKey({ ...OLD, created: '2026-01-09-0300' }), fileOf(OLD));
    const handed: RemainingWork[] = [];
    const { told, calls, remaining, handedOver, report } = await cleaned(estate, {
      parts: () => ({
        mayStart: atMost(1),
        handOver: handingOver(handed),
      }),
    });
    expect(told).toEqual([removed]);
    expect(calls).toEqual([
      's3:listFolders eu-west-1 backups/shared/',
      `ebs:deleteBackup eu-west-1 ${OLD.id}`,
      `s3:put eu-west-1 ${removedKey(OLD)}`,
      `s3:delete eu-west-1 ${liveKey(OLD)}`,
    ]);
    expect(remaining).toBe(2);
    expect(handedOver).toBe(true);
    expect(handed).toMatchObject([{ remaining: 2, begun: 1, time: new Date(NOW) }]);
    expect(report).toMatchObject({ summary: { collected: 4, succeeded: 1, unfinished: 2 } });
    expect(ids(estate)).toEqual([OLD_2.id, OLD_3.id, NEWEST.id]);
  });

  it('counts a call that never went out as not begun, and tells nothing of it', async () => {
    const estate = estateWith(OLD, OLD_2);
    const { told, remaining, report } = await cleaned(estate, {
      parts: withAdapter((adapter) => ({
        deleteBackup: async (backup) => {
          if (backup.id === OLD.id) throw new ShelveryError('NotBegun', 'The run had to end first.');
          await adapter.deleteBackup(backup);
        },
      })),
    });
    expect(told).toEqual([removed2]);
    expect(remaining).toBe(1);
    expect(report).toMatchObject({ summary: { collected: 3, succeeded: 1, failed: 0, unfinished: 1 } });
    expect(estate.keys()).toEqual([removedKey(OLD_2), liveKey(OLD), liveKey(NEWEST)]);
  });
});

describe('deletions in one call', () => {
  /** A service that deletes two at a time, and what it refuses. */
  async function deletedTogether(estate: MemoryEstate, refused: Readonly<Record<string, unknown>>) {
    const asked: (readonly string[])[] = [];
    const ran = await cleaned(estate, {
      parts: withAdapter((adapter) => ({
        deleteTogether: {
          most: 2,
          run: async (backups) => {
            asked.push(backups.map(({ id }) => id));
            const there = backups.filter(({ id }) => id in refused);
            for (const each of backups) if (!there.includes(each)) await adapter.deleteBackup(each);
            return new Map(there.map(({ id }) => [id, refused[id]]));
          },
        },
      })),
    });
    return { ...ran, asked };
  }

  it('take as many as the service takes, and tell of each by itself', async () => {
    const estate = estateWith(OLD, OLD_2, OLD_3);
    const { told, asked, remaining } = await deletedTogether(estate, {
      [OLD.id]: awsError('InvalidSnapshot.InUse', { status: 400 }),
    });
    expect(asked).toEqual([[OLD.id, OLD_2.id], [OLD_3.id]]);
    expect(told).toEqual(
      expect.arrayContaining([
        {
          ...aboutParts(OLD),
          operation: 'DeleteBackup',
          status: 'failed',
          error: `AwsError: InvalidSnapshot.InUse while deleting ${OLD.id}: InvalidSnapshot.InUse.`,
        },
        removed2,
        removed3,
      ]),
    );
    expect(told).toHaveLength(3);
    expect(remaining).toBe(0);
    expect(ids(estate)).toEqual([OLD.id, NEWEST.id]);
    expect(estate.keys()).toEqual([removedKey(OLD_2), removedKey(OLD_3), liveKey(OLD), liveKey(NEWEST)]);
  });

  it('that are not begun leave all of them', async () => {
    const estate = estateWith(OLD, OLD_2, OLD_3);
    const { told, remaining } = await deletedTogether(estate, {
      [OLD.id]: new ShelveryError('NotBegun', 'The run had to end first.'),
      [OLD_2.id]: new ShelveryError('NotBegun', 'The run had to end first.'),
    });
    expect(told).toEqual([removed3]);
    expect(remaining).toBe(2);
  });

  it('that fail as a whole are told of for each', async () => {
    const estate = estateWith(OLD, OLD_2);
    const { told } = await cleaned(estate, {
      parts: withAdapter(() => ({
        deleteTogether: {
          most: 2,
          run: async () => {
            throw awsError('InternalError', { status: 500 });
          },
        },
      })),
    });
    expect(told).toEqual(
      [OLD, OLD_2].map((each) => ({
        ...aboutParts(each),
        operation: 'DeleteBackup',
        status: 'failed',
        error: `AwsError: InternalError while deleting ${each.id}: InternalError. This is temporary: run it again.`,
      })),
    );
    expect(estate.keys()).toEqual([liveKey(OLD), liveKey(OLD_2), liveKey(NEWEST)]);
  });
});
