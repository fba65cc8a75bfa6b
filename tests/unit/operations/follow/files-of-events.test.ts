import { describe, expect, it } from '@jest/globals';
import { tryToRecord } from '../../../../layers/engine/src/operations/follow/record-backup.js';
import { backupsAmong } from '../../../../layers/engine/src/operations/identify.js';
import type { HeldBackup } from '../../../simulation/world/held.js';
import { bucketNameOf } from '../../../simulation/world/storage.js';
import { LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT } from '../../domain/builders.js';
import { DONE, NAME, backedUp, named, step, withContext } from '../delayed-work.js';
import { about } from '../held-backups.js';
import { ALLOW } from '../memory-estate.js';
import type { MemoryEstate } from '../memory-estate.js';
import { shared, sharedKey } from './shares.js';

const KEY = `backups/ebs/${NAME}.yaml`;
const SHARED = sharedKey(OTHER_ACCOUNT);
const SETTINGS = { settings: { shelvery_share_aws_account_ids: OTHER_ACCOUNT } };

/** A backup whose operations are done by events, before their messages come. */
async function wakeable(isWakeable = 'true') {
  const { estate, backup } = await backedUp();
  estate.buckets();
  return {
    estate,
    backup: estate.change(backup, { tags: { ...backup.tags, 'shelvery:woken_by_events': isWakeable } }),
  };
}

const store = (estate: MemoryEstate, backup: HeldBackup, more: object = {}) =>
  step(estate, [{ action: 'do_store_backup_data', ...named(backup), ...more }]);
const share = (estate: MemoryEstate, backup: HeldBackup, how: object = SETTINGS) =>
  step(estate, [{ action: 'do_share_backup', ...named(backup), account: OTHER_ACCOUNT }], how);

const stored = (backup: HeldBackup, more: object = {}) => ({
  operation: 'StoreBackupData',
  ...about(backup),
  bucket: bucketNameOf(OWN_ACCOUNT, LOCAL),
  backupS3Location: KEY,
  status: 'ok',
  ...more,
});
const ALREADY = { already: true, message: 'already stored' };
const puts = (calls: readonly string[]): readonly string[] => calls.filter((call) => call.startsWith('s3:put'));

describe('a backup whose file was written when an event came', () => {
  it('is not stored again when its message comes', async () => {
    const { estate, backup } = await wakeable();
    expect((await store(estate, backup)).told).toEqual([stored(backup)]);
    const { came, told, calls } = await store(estate, backup);
    expect(came).toEqual([DONE]);
    expect(told).toEqual([stored(backup, ALREADY)]);
    expect(calls).toEqual([`ebs:describeBackups ${LOCAL}`, `s3:get ${LOCAL} ${KEY}`]);
  });

  it('is stored again where the message tells what the resource was, and the file does not', async () => {
    const { estate, backup } = await wakeable();
    await store(estate, backup);
    const facts = { size_gib: 8 };
    expect((await store(estate, backup, { facts })).told).toEqual([stored(backup)]);
    expect(estate.read(KEY)).toContain('\nrestore:\n  size_gib: 8\n');
    expect((await store(estate, backup, { facts })).told).toEqual([stored(backup, ALREADY)]);
  });

  it.each([
    ['cannot be read', 'anything'],
    ['is too long', 'x'.repeat(2_000_000)],
  ])('is stored where its file %s', async (_, body) => {
    const { estate, backup } = await wakeable();
    estate.file(KEY, body);
    expect((await store(estate, backup)).told).toEqual([stored(backup)]);
    expect(estate.read(KEY)).toContain(`backup_id: "${backup.id}"`);
  });

  it.each([
    ['run', (text: string) => text.replace(/"shelvery:run_id": ".*"/, '"shelvery:run_id": "another"')],
    ['copying', (text: string) => `${text}  "shelvery:date_copied": "2026-11-24-0305"\n`],
    ['encryption', (text: string) => text.replace('encrypted: false', 'encrypted: true')],
  ])(
    'is stored again where its file is of one that was made before under its name, by another %s',
    async (_, other) => {
      const { estate, backup } = await wakeable();
      await store(estate, backup);
      const own = estate.read(KEY) ?? '';
      estate.file(KEY, other(own));
      expect(estate.read(KEY)).not.toBe(own);
      expect((await store(estate, backup)).told).toEqual([stored(backup)]);
      expect(estate.read(KEY)).toBe(own);
    },
  );

  it('is looked at only because it is there, and written again, where no event wakes it; it is told as found', async () => {
    const { estate, backup } = await wakeable('false');
    await store(estate, backup);
    const { told, calls } = await store(estate, backup);
    expect(told).toEqual([stored(backup, ALREADY)]);
    expect(calls).toEqual([
      `ebs:describeBackups ${LOCAL}`,
      ...['put', 'get', 'put'].map((done) => `s3:${done} ${LOCAL} ${KEY}`),
    ]);
  });

  it.each([
    ['AccessDenied', 'AccessDenied', []],
    ['NoSuchBucket', 'NoSuchBucket', [`s3:put ${LOCAL} ${KEY}`]],
  ])('is left to who delivered it where nobody can look (%s)', async (code, error, written) => {
    const { estate, backup } = await wakeable();
    if (code === 'NoSuchBucket') estate.world.buckets.clear();
    else estate.strike('s3:get', { refuse: code });
    const { came, calls } = await store(estate, backup);
    expect(came).toEqual([{ kind: 'threw', error }]);
    expect(puts(calls)).toEqual(written);
  });

  it('is not offered again to an account that has yet to pull it', async () => {
    const { estate, backup } = await wakeable();
    expect((await share(estate, backup)).told).toEqual([shared(backup)]);
    const { told, calls } = await share(estate, backup);
    expect(told).toEqual([
      {
        ...shared(backup),
        already: true,
        message: `already shared; ${OTHER_ACCOUNT} has yet to pull it`,
      },
    ]);
    expect(puts(calls)).toEqual([]);
  });

  it('is not offered again where it was re-encrypted for that', async () => {
    const { estate, backup } = await wakeable();
    const settings = { ...SETTINGS.settings, shelvery_reencrypt_kms_key_id: 'alias/shared' };
    await share(estate, backup, { settings });
    const { told, calls } = await share(estate, backup, { settings });
    expect(told).toMatchObject([{ already: true, backupS3Location: SHARED.replace('.yaml', '-re-encrypted.yaml') }]);
    expect(puts(calls)).toEqual([]);
  });
});

describe('one of several backups that are put on record', () => {
  const record = (estate: MemoryEstate) =>
    withContext(estate, async (context) => {
      const found = await context.adapter.listBackups(LOCAL);
      const [backup] = backupsAmong(found, context);
      return backup === undefined ? undefined : await tryToRecord(context, backup);
    });

  it('is recorded without a word', async () => {
    const { estate } = await wakeable();
    const { value, told } = await record(estate);
    expect([value, told, estate.keys()]).toEqual([true, [], [KEY]]);
  });

  it('stops no other where it cannot be', async () => {
    const { estate, backup } = await wakeable('false');
    estate.strike('s3:put', { refuse: 'AccessDenied' });
    const { value, told } = await record(estate);
    expect(value).toBe(false);
    expect(told).toEqual([
      {
        operation: 'StoreBackupData',
        ...about(backup),
        status: 'failed',
        error: `NotAllowed: AccessDenied while storing the metadata of ${NAME}: AccessDenied. ` + ALLOW,
      },
    ]);
  });
});
