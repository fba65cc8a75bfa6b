import { describe, expect, it } from '@jest/globals';
import type { BackupType } from '../../../../layers/engine/src/domain/values.js';
import type { HeldBackup } from '../../../simulation/world/held.js';
import { bucketNameOf } from '../../../simulation/world/storage.js';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT } from '../../domain/builders.js';
import { DEADLINE, DONE, NAME, again, backedUp, copyAbroad, named, step } from '../delayed-work.js';
import type { BackedUp } from '../delayed-work.js';
import { about } from '../held-backups.js';
import type { MemoryEstate } from '../memory-estate.js';

const store = (estate: MemoryEstate, backup: HeldBackup, how: Parameters<typeof step>[2] = {}, more: object = {}) =>
  step(estate, [{ action: 'do_store_backup_data', ...named(backup), ...more }], how);

const stored = (backup: HeldBackup) => ({
  operation: 'StoreBackupData',
  ...about(backup),
  bucket: bucketNameOf(OWN_ACCOUNT, backup.region),
  backupS3Location: `backups/${backup.type}/${NAME}.yaml`,
  status: 'ok',
});

/** A backup in an account that has pulled it from another, and the file that it was pulled by. */
async function pulledBackup(type: BackupType = 'ebs', retention = 'daily') {
  const { estate, backup } = await backedUp(type);
  const source = type === 'ebs' ? 'snap-7' : NAME;
  const tags = {
    ...backup.tags,
    'shelvery:cross_account_copy': 'true',
    'shelvery:dr_copy': 'false',
    'shelvery:src_account': OTHER_ACCOUNT,
    'shelvery:src_backup': `${LOCAL}:${source}`,
    'shelvery:retention_type': retention,
  };
  const pulled = estate.change(backup, {
    copyOf: 'theirs',
    description: `Copied by Shelvery from ${source} in ${LOCAL}`,
    tags,
  });
  const key = `backups/shared/${OWN_ACCOUNT}/${type}/${NAME}.yaml`;
  estate.buckets([LOCAL]);
  estate.buckets([LOCAL], OTHER_ACCOUNT, [OWN_ACCOUNT]);
  const text = [
    'schema_version: 1',
    `account_id: "${OTHER_ACCOUNT}"`,
    `backup_id: "${source}"`,
    `backup_type: "${type}"`,
    `name: "${NAME}"`,
    `region: "${LOCAL}"`,
    'entity_id: "orders"',
    `retention_type: "${retention}"`,
    'date_created: "2026-11-24T03:01:00Z"',
    'encrypted: false',
    'tags:',
    ...Object.entries({ ...backup.tags, 'shelvery:src_account': OTHER_ACCOUNT }).map(
      ([tag, value]) => `  "${tag}": "${value}"`,
    ),
    '',
  ].join('\n');
  estate.file(key, text, LOCAL, OTHER_ACCOUNT);
  const waiting = (): readonly string[] => estate.keys(LOCAL, OTHER_ACCOUNT);
  return { estate, pulled, key, processed: key.replace(`/${type}/`, `/${type}-processed/`), waiting };
}

describe('storing the metadata of a backup', () => {
  it.each<BackupType>(['ebs', 'rds'])('writes its file, and nothing follows (%s)', async (type) => {
    const { estate, backup } = await backedUp(type);
    estate.buckets();
    const { came, told, said, calls } = await store(estate, backup);
    const key = `backups/${type}/${NAME}.yaml`;
    expect(came).toEqual([DONE]);
    expect(told).toEqual([stored(backup)]);
    expect(said).toEqual([]);
    expect(calls).toEqual([`${type}:describeBackups ${LOCAL}`, `s3:put ${LOCAL} ${key}`]);
    expect(estate.keys()).toEqual([key]);
  });

  it('moves no file of another account for what was made here', async () => {
    const { estate, backup } = await backedUp();
    estate.buckets();
    const pulledFrom = { account: OTHER_ACCOUNT, key: `backups/shared/${OWN_ACCOUNT}/ebs/${NAME}.yaml` };
    const { came, told } = await store(estate, backup, {}, { pulledFrom });
    expect(came).toEqual([DONE]);
    expect(told).toEqual([stored(backup)]);
  });

  it('is left to who delivered it where the file is refused, and done again where that may pass', async () => {
    const { estate, backup } = await backedUp();
    estate.buckets();
    estate.strike('s3:put', { refuse: 'AccessDenied' });
    expect((await store(estate, backup)).came).toEqual([{ kind: 'threw', error: 'AccessDenied' }]);
    estate.strike('s3:put', { refuse: 'SlowDown' });
    expect((await store(estate, backup)).came).toEqual([
      again(
        { action: 'do_store_backup_data', ...named(backup) },
        `SlowDown while running do_store_backup_data of ${backup.id}: SlowDown. ` +
          'AWS allows only so many calls at a time. This is temporary: run it again.',
      ),
    ]);
  });

  it('of what was pulled moves the file that it was pulled by', async () => {
    const { estate, pulled, key, processed, waiting } = await pulledBackup();
    const { came, told } = await store(estate, pulled, {}, { pulledFrom: { account: OTHER_ACCOUNT, key } });
    expect(came).toEqual([DONE]);
    expect(told).toEqual([
      stored(pulled),
      {
        operation: 'PullSharedBackup',
        ...about(pulled),
        sourceAccount: OTHER_ACCOUNT,
        bucket: bucketNameOf(OTHER_ACCOUNT, LOCAL),
        backupS3Location: key,
        newS3Location: processed,
        status: 'ok',
        message: 'copied from snap-7',
      },
    ]);
    expect(waiting()).toEqual([processed]);
  });

  it('of what was pulled leaves the file to the next pull where nobody names it', async () => {
    const { estate, pulled, key, waiting } = await pulledBackup();
    const { came, told } = await store(estate, pulled);
    expect(came).toEqual([DONE]);
    expect(told).toEqual([stored(pulled)]);
    expect(waiting()).toEqual([key]);
  });

  it.each([true, false])(
    'of what was pulled leads to the archive tier where that is set, which then moves the file (%s)',
    async (isNamed) => {
      const { estate, pulled, key, waiting } = await pulledBackup();
      const more = isNamed ? { pulledFrom: { account: OTHER_ACCOUNT, key } } : {};
      const settings = { shelvery_enable_ebs_archive_pulled: true };
      const { came, told } = await store(estate, pulled, { settings }, more);
      expect(came).toEqual([
        {
          kind: 'done',
          next: [
            {
              backupType: 'ebs',
              operation: { action: 'do_archive_backup', ...named(pulled), ...more },
              waiting: { attempt: 0, deadline: DEADLINE },
            },
          ],
        },
      ]);
      expect(told).toEqual([stored(pulled)]);
      expect(waiting()).toEqual([key]);
    },
  );

  it('of what was pulled leads to no archive tier where the service has none', async () => {
    const { estate, pulled, key, processed, waiting } = await pulledBackup('rds');
    const settings = { shelvery_enable_ebs_archive_pulled: true };
    const { came } = await store(estate, pulled, { settings }, { pulledFrom: { account: OTHER_ACCOUNT, key } });
    expect(came).toEqual([DONE]);
    expect(waiting()).toEqual([processed]);
  });
});

describe('a copy that failed after the service had begun it', () => {
  const THEIRS = `arn:aws:kms:${DR}:${OTHER_ACCOUNT}:key/0c9a0000-0000-4000-8000-000000000001`;
  const DOCTOR = ' The key may be why: doctor says whether it exists and can be used.';
  const ADVICE = ` The stack's functions may use ${THEIRS} only if the stack's configuration names it, or its parameter AllowedKmsKeys lists it.`;

  /** A copy in the DR region that failed. */
  async function failedCopy(
    change: Partial<HeldBackup> = {},
    type: BackupType = 'ebs',
  ): Promise<BackedUp & { readonly copy: HeldBackup }> {
    const made = await backedUp(type);
    const copy = await copyAbroad(made.estate, made.backup);
    return { ...made, copy: made.estate.change(copy, { outcome: 'failed', ...change }) };
  }

  it.each([
    [{ attempt: 4, deadline: DEADLINE }, 1],
    [{ attempt: 0, deadline: DEADLINE, remakes: 2 }, 3],
  ])('is copied again, up to three times (%j)', async (waiting, remakes) => {
    const { estate, backup, copy } = await failedCopy();
    const facts = { size_gib: 8 };
    const { came, told, calls } = await store(estate, copy, { waiting }, { facts });
    expect(came).toEqual([
      {
        kind: 'done',
        next: [
          {
            backupType: 'ebs',
            operation: { action: 'do_copy_backup', ...named(backup), toRegion: DR, facts },
            waiting: { attempt: 1, deadline: DEADLINE, remakes },
          },
        ],
      },
    ]);
    expect(told).toEqual([]);
    // What copies it again deletes it.
    expect(calls).toEqual([`ebs:describeBackups ${DR}`]);
  });

  it.each<readonly [string, BackupType, Partial<HeldBackup>, boolean, string]>([
    ['and is deleted', 'ebs', {}, false, 'failed: Internal error. It was deleted; after 4 tries it is not made again.'],
    [
      'with its key',
      'ebs',
      { kmsKeyId: THEIRS },
      false,
      `failed (key ${THEIRS}): Internal error. It was deleted; after 4 tries it is not made again.${DOCTOR}`,
    ],
    [
      'with what a stack allows',
      'ebs',
      { kmsKeyId: THEIRS },
      true,
      `failed (key ${THEIRS}): Internal error. It was deleted; after 4 tries it is not made again.${ADVICE}`,
    ],
    [
      'and stays where it cannot be deleted',
      'rds',
      {},
      false,
      'failed: Internal error. It stays, because the service deletes no snapshot in this state; after 4 tries it is not made again.',
    ],
  ])('is told of after that %s', async (_, type, change, inStack, says) => {
    const { estate, backup, copy } = await failedCopy(change, type);
    const { came, told, errors } = await store(estate, copy, { inStack, waiting: { attempt: 1, remakes: 3 } });
    expect(came).toEqual([DONE]);
    expect(told).toEqual([
      {
        operation: 'CopyBackupToRegion',
        ...about(copy),
        backupId: backup.id,
        destinationRegion: DR,
        status: 'failed',
        error: `BackupFailed: The copy ${copy.id} in ${DR} ${says}`,
      },
    ]);
    expect(errors).toMatchObject([{ mendable: false }]);
    expect(estate.backups({ region: DR })).toEqual(type === 'rds' ? [copy] : []);
  });

  it('and is on hold stays', async () => {
    const { estate, copy } = await failedCopy();
    const held = estate.change(copy, { tags: { ...copy.tags, 'shelvery:hold': 'true' } });
    const { told, calls } = await store(estate, held, { waiting: { attempt: 1, remakes: 3 } });
    expect(told).toMatchObject([
      {
        error: `BackupFailed: The copy ${copy.id} in ${DR} failed: Internal error. It is on hold; after 4 tries it is not made again.`,
      },
    ]);
    expect(calls).toEqual([`ebs:describeBackups ${DR}`]);
  });

  it('and cannot be deleted for now is looked at again', async () => {
    const { estate, copy } = await failedCopy();
    estate.strike('ebs:deleteBackup', { refuse: 'Throttling' });
    const { came, told } = await store(estate, copy, { waiting: { attempt: 1, remakes: 3 } });
    expect(came).toMatchObject([{ kind: 'again', message: { waiting: { attempt: 2, remakes: 3 } } }]);
    expect(told).toEqual([]);
  });

  it('of what another account shares is deleted, and left to the next pull', async () => {
    const { estate, pulled, key, waiting } = await pulledBackup();
    const failed = estate.change(pulled, { outcome: 'failed' });
    const { came, told, errors } = await store(estate, failed, {}, { pulledFrom: { account: OTHER_ACCOUNT, key } });
    expect(came).toEqual([DONE]);
    expect(told).toEqual([
      {
        operation: 'PullSharedBackup',
        ...about(failed),
        sourceAccount: OTHER_ACCOUNT,
        status: 'failed',
        error:
          `BackupFailed: The copy ${failed.id} in ${LOCAL} failed: Internal error. ` +
          'It was deleted; the next pull_shared_backups makes it again.',
      },
    ]);
    expect(errors).toMatchObject([{ mendable: true }]);
    expect([estate.backups(), waiting()]).toEqual([[], [key]]);
  });
});
