import { describe, expect, it } from '@jest/globals';
import { BackupId } from '../../../../layers/engine/src/domain/values.js';
import type { Region } from '../../../../layers/engine/src/domain/values.js';
import { bucketNameOf } from '../../../simulation/world/storage.js';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT } from '../../domain/builders.js';
import { DONE, step } from '../delayed-work.js';
import { aboutParts, fileOf, hold, liveKey, sharedKey } from '../held-backups.js';
import type { HeldParts } from '../held-backups.js';
import { openEstate } from '../memory-estate.js';
import { only } from '../one-of.js';
import { withStore } from '../other-parts.js';

const MINUTE_MS = 60_000;
const MADE = Date.UTC(2026, 0, 10, 3);

/** Two backups of one making and one name, of which the older is on record and shared. */
function twins(place: 'local' | 'dr') {
  const estate = openEstate('ebs');
  const region: Region = place === 'dr' ? DR : LOCAL;
  const parts = (id: string): HeldParts => ({ id, place, ...(place === 'dr' ? { of: `${LOCAL}:snap-9` } : {}) });
  const [older, younger] = [parts('snap-1'), parts('snap-2')];
  estate.buckets([LOCAL, DR]);
  hold(estate, older, { createdAt: MADE, readyAt: MADE });
  hold(estate, younger, { createdAt: MADE + MINUTE_MS, readyAt: MADE + MINUTE_MS });
  const backup = { backupId: BackupId.parse(younger.id), region };
  return { estate, region, older, younger, backup };
}

describe('the younger of two backups of one name', () => {
  it.each([
    ['local', "snap-1 is the same backup and older: the record stays that one's"],
    [
      'dr',
      "snap-1 is the same backup and older: the record stays that one's, and the next clean_backups removes this one",
    ],
  ] as const)('leaves the record to the older one (%s)', async (place, reason) => {
    const { estate, region, older, younger, backup } = twins(place);
    estate.file(liveKey(older), fileOf(older), region);
    const { came, told } = await step(estate, [{ action: 'do_store_backup_data', ...backup }]);
    expect(came).toEqual([DONE]);
    expect(told).toEqual([
      {
        operation: 'StoreBackupData',
        ...aboutParts(younger),
        bucket: bucketNameOf(OWN_ACCOUNT, region),
        backupS3Location: liveKey(younger),
        status: 'ignored',
        reason,
      },
    ]);
    expect(estate.read(liveKey(older), region)).toBe(fileOf(older));
  });

  it('leaves the file that an account pulls by to the older one', async () => {
    const { estate, older, younger, backup } = twins('local');
    const key = sharedKey(older, OTHER_ACCOUNT);
    estate.file(key, fileOf(older));
    const settings = { shelvery_share_aws_account_ids: OTHER_ACCOUNT };
    const { came, told } = await step(estate, [{ action: 'do_share_backup', ...backup, account: OTHER_ACCOUNT }], {
      settings,
    });
    expect(came).toEqual([DONE]);
    expect(told).toEqual([
      {
        operation: 'ShareBackup',
        ...aboutParts(younger),
        destinationAccount: OTHER_ACCOUNT,
        bucket: bucketNameOf(OWN_ACCOUNT, LOCAL),
        backupS3Location: key,
        status: 'ignored',
        reason: `snap-1 is the same backup and older: the file that ${OTHER_ACCOUNT} pulls by stays that one's`,
      },
    ]);
    expect(estate.read(key)).toBe(fileOf(older));
  });

  it('is what the files tell of where they are written anew', async () => {
    const { estate, older, younger, backup } = twins('local');
    const key = sharedKey(older, OTHER_ACCOUNT);
    for (const at of [liveKey(older), key]) estate.file(at, fileOf(older));
    const settings = { shelvery_share_aws_account_ids: OTHER_ACCOUNT };
    const { told } = await step(
      estate,
      [
        { action: 'do_store_backup_data', ...backup, anew: true },
        { action: 'do_share_backup', ...backup, account: OTHER_ACCOUNT, anew: true },
      ],
      { settings },
    );
    expect(told.map(({ operation, status }) => [operation, status])).toEqual([
      ['StoreBackupData', 'ok'],
      ['ShareBackup', 'ok'],
    ]);
    for (const at of [liveKey(older), key]) expect(estate.read(at)).toContain(`backup_id: "${younger.id}"`);
  });
});

describe('what waits under the name of a backup that an account has pulled', () => {
  const settings = { shelvery_share_aws_account_ids: OTHER_ACCOUNT };
  const pulled = () => {
    const { estate, older, younger, backup } = twins('local');
    const waiting = sharedKey(older, OTHER_ACCOUNT);
    const processed = sharedKey(younger, OTHER_ACCOUNT, 'ebs-processed');
    estate.file(processed, fileOf(younger));
    estate.file(waiting, fileOf(older));
    const operation = { action: 'do_share_backup', ...backup, account: OTHER_ACCOUNT } as const;
    return { estate, waiting, processed, operation };
  };

  it('stays where nothing is written anew', async () => {
    const { estate, waiting, processed, operation } = pulled();
    const { came } = await step(estate, [operation], { settings });
    expect(came).toEqual([DONE]);
    expect(estate.keys()).toEqual([waiting, processed].sort());
  });

  it('is told of where it cannot be deleted', async () => {
    const { estate, waiting, operation } = pulled();
    const { came } = await step(estate, [{ ...operation, anew: true }], {
      settings,
      parts: withStore(() => ({
        delete: async () => [{ key: waiting, code: 'InternalError', message: 'We had a problem' }],
      })),
    });
    expect(only(came)).toMatchObject({
      kind: 'again',
      why: `${waiting} could not be deleted: InternalError: We had a problem`,
    });
  });
});
