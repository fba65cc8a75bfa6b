import { describe, expect, it } from '@jest/globals';
import { createInProcessOperations } from '../../../../layers/engine/src/delayed/in-process.js';
import type { DelayedMessage, PulledFrom } from '../../../../layers/engine/src/domain/delayed.js';
import { BackupId } from '../../../../layers/engine/src/domain/values.js';
import { bucketNameOf } from '../../../simulation/world/storage.js';
import { LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT } from '../../domain/builders.js';
import { aboutParts, fileOf, hold, sharedKey } from '../held-backups.js';
import type { HeldParts } from '../held-backups.js';
import { openEstate } from '../memory-estate.js';
import type { MemoryEstate, Told } from '../memory-estate.js';

const SOURCE: HeldParts = {
  id: 'snap-0000000f',
  created: '2026-11-01-0300',
  type: 'monthly',
  account: OTHER_ACCOUNT,
};
const PULLED: HeldParts = { ...SOURCE, id: 'snap-00000001', place: 'pulled', source: `${LOCAL}:${SOURCE.id}` };
const OWN: HeldParts = { id: 'snap-00000002', created: '2026-11-01-0300', type: 'monthly' };
const ENABLED = { shelvery_enable_ebs_archive: 'true', shelvery_enable_ebs_archive_pulled: 'true' };

/** A bunker with a copy, and the file that the source account offered it by. */
function bunkerWith(copy: HeldParts, source: HeldParts): MemoryEstate {
  const estate = openEstate('ebs');
  estate.buckets();
  estate.buckets([LOCAL], OTHER_ACCOUNT, [OWN_ACCOUNT]);
  hold(estate, copy);
  estate.file(sharedKey(source, OWN_ACCOUNT), fileOf(source), LOCAL, OTHER_ACCOUNT);
  return estate;
}

/** Works on a message that asks for a backup to be archived, and gives what the work told and changed. */
async function archive(
  estate: MemoryEstate,
  { id }: HeldParts,
  settings: Readonly<Record<string, string>> = ENABLED,
  pulledFrom?: PulledFrom,
): Promise<{ readonly told: readonly Told[]; readonly calls: readonly string[] }> {
  const message: DelayedMessage = {
    backupType: estate.backups()[0]?.type ?? 'ebs',
    operation: {
      action: 'do_archive_backup',
      backupId: BackupId.parse(id),
      region: LOCAL,
      ...(pulledFrom === undefined ? {} : { pulledFrom }),
    },
    waiting: { attempt: 0 },
  };
  const { told, calls } = await estate.run('list_backups', {
    settings,
    parts: () => ({
      delayed: (context) => {
        const operations = createInProcessOperations(context, { oneByOne: true, onUnfinished: () => undefined });
        operations.send(message);
        return operations;
      },
    }),
  });
  return { told, calls: calls.filter((call) => /^(ebs:archive|s3:(put|delete)) /.test(call)) };
}

const offered = (source: HeldParts): PulledFrom => ({ account: OTHER_ACCOUNT, key: sharedKey(source, OWN_ACCOUNT) });
const archived = (parts: HeldParts) => ({
  ...aboutParts(parts),
  operation: 'ArchiveBackup',
  status: 'ok',
  message: 'is being moved to the archive tier',
});
const moved = (copy: HeldParts, source: HeldParts) => ({
  ...aboutParts(copy),
  operation: 'PullSharedBackup',
  sourceAccount: OTHER_ACCOUNT,
  bucket: bucketNameOf(OTHER_ACCOUNT, LOCAL),
  backupS3Location: sharedKey(source, OWN_ACCOUNT),
  newS3Location: sharedKey(source, OWN_ACCOUNT, 'ebs-processed'),
  status: 'ok',
  message: `copied from ${SOURCE.id}`,
});
const ignored = (parts: HeldParts, reason: string) => ({
  ...aboutParts(parts),
  operation: 'ArchiveBackup',
  status: 'ignored',
  reason,
});
const filesOfSource = (estate: MemoryEstate): readonly string[] => estate.keys(LOCAL, OTHER_ACCOUNT);

describe('a pulled copy', () => {
  it('goes to the archive tier, and then the file that it was pulled by goes to -processed', async () => {
    const estate = bunkerWith(PULLED, SOURCE);
    const { told, calls } = await archive(estate, PULLED, ENABLED, offered(SOURCE));
    expect(told).toEqual([archived(PULLED), moved(PULLED, SOURCE)]);
    expect(calls).toEqual([
      `ebs:archive eu-west-1 ${PULLED.id}`,
      `s3:put eu-west-1 ${sharedKey(SOURCE, OWN_ACCOUNT, 'ebs-processed')}`,
      `s3:delete eu-west-1 ${sharedKey(SOURCE, OWN_ACCOUNT)}`,
    ]);
    expect(estate.backups().map((each) => each.archived)).toEqual([true]);
    expect(filesOfSource(estate)).toEqual([sharedKey(SOURCE, OWN_ACCOUNT, 'ebs-processed')]);
  });

  it('goes to the archive tier where the message names no file, as after a pull that moved it', async () => {
    const estate = bunkerWith(PULLED, SOURCE);
    expect((await archive(estate, PULLED)).told).toEqual([archived(PULLED)]);
    expect(filesOfSource(estate)).toEqual([sharedKey(SOURCE, OWN_ACCOUNT)]);
  });

  it('that is archived already is not archived again, however soon it expires, and the file goes to -processed', async () => {
    const estate = bunkerWith(PULLED, SOURCE);
    for (const each of estate.backups()) estate.change(each, { archived: true });
    const settings = { ...ENABLED, shelvery_keep_monthly_backups: '3' };
    const { told, calls } = await archive(estate, PULLED, settings, offered(SOURCE));
    expect(told).toEqual([moved(PULLED, SOURCE)]);
    expect(calls.filter((call) => call.startsWith('ebs:'))).toEqual([]);
  });

  it('of a shorter retention type stays, whatever its keep, of which nothing is told, and the file goes to -processed', async () => {
    const daily: HeldParts = { ...PULLED, type: 'daily' };
    const source: HeldParts = { ...SOURCE, type: 'daily' };
    const estate = bunkerWith(daily, source);
    const settings = { ...ENABLED, shelvery_keep_daily_backups: '1000' };
    expect((await archive(estate, daily, settings, offered(source))).told).toEqual([moved(daily, source)]);
    expect(estate.backups().map((each) => each.archived)).toEqual([false]);
  });

  it.each([
    [
      'that expires too soon',
      { ...ENABLED, shelvery_keep_monthly_backups: '3' },
      'it expires in less than 90 days, the least that the archive tier charges for',
    ],
    [
      'that is not configured for it',
      { shelvery_enable_ebs_archive: 'true' },
      'its configuration is not for the archive tier',
    ],
  ])('%s stays, which is an IGNORE, and the file goes to -processed', async (_, settings, reason) => {
    const estate = bunkerWith(PULLED, SOURCE);
    expect((await archive(estate, PULLED, settings, offered(SOURCE))).told).toEqual([
      ignored(PULLED, reason),
      moved(PULLED, SOURCE),
    ]);
    expect(estate.backups().map((each) => each.archived)).toEqual([false]);
  });

  it('that cannot be archived yet waits with its file, and both are done in the end', async () => {
    const estate = bunkerWith(PULLED, SOURCE);
    estate.strike('ebs:archive', { refuse: 'ResourceLimitExceeded' });
    const { told, calls } = await archive(estate, PULLED, ENABLED, offered(SOURCE));
    expect(told).toEqual([archived(PULLED), moved(PULLED, SOURCE)]);
    expect(calls.map((call) => call.split(' ')[0])).toEqual(['ebs:archive', 'ebs:archive', 's3:put', 's3:delete']);
  });

  it('that may not be archived is an ERROR, and keeps its file: the next pull looks at it again', async () => {
    const estate = bunkerWith(PULLED, SOURCE);
    estate.strike('ebs:archive', { refuse: 'UnauthorizedOperation' });
    const { told } = await archive(estate, PULLED, ENABLED, offered(SOURCE));
    expect(told).toMatchObject([
      {
        operation: 'ArchiveBackup',
        backupId: PULLED.id,
        status: 'failed',
        error: expect.stringMatching(
          /^NotAllowed: UnauthorizedOperation while running do_archive_backup of snap-00000001 /,
        ),
      },
    ]);
    expect(filesOfSource(estate)).toEqual([sharedKey(SOURCE, OWN_ACCOUNT)]);
  });
});

describe('a backup of our own', () => {
  const SHARING = { ...ENABLED, shelvery_share_aws_account_ids: OTHER_ACCOUNT };

  it('that a message asks for goes to the archive tier, and nobody’s file is touched that has not pulled it', async () => {
    const estate = openEstate('ebs');
    estate.buckets();
    hold(estate, OWN);
    // Its key only begins as that of the file would.
    const other = `${sharedKey(OWN, OTHER_ACCOUNT, 'ebs-processed')}.old`;
    estate.file(other, 'x');
    const { told, calls } = await archive(estate, OWN, SHARING);
    expect(told).toEqual([archived(OWN)]);
    expect(calls).toEqual([`ebs:archive eu-west-1 ${OWN.id}`]);
    expect(estate.keys()).toEqual([other]);
  });

  it('whose pulled file the account has made too long is archived, and the file stays, which is told', async () => {
    const estate = openEstate('ebs');
    estate.buckets();
    hold(estate, OWN);
    const key = sharedKey(OWN, OTHER_ACCOUNT, 'ebs-processed');
    estate.file(key, 'x'.repeat(256 * 1024 + 1));
    expect((await archive(estate, OWN, SHARING)).told).toEqual([
      archived(OWN),
      {
        ...aboutParts(OWN),
        operation: 'ArchiveBackup',
        status: 'failed',
        error: `MetadataRefused: ${key} is longer than 262144 bytes.`,
      },
    ]);
    expect(estate.keys()).toEqual([key]);
  });

  it.each([
    ['a DR copy', { ...OWN, place: 'dr', source: `${LOCAL}:snap-0000000e`, region: LOCAL }],
    [
      'a re-encrypted snapshot',
      {
        ...OWN,
        name: 'vol-1-2026-11-01-0300-monthly-re-encrypted',
        tags: { 'shelvery:src_backup': `${LOCAL}:snap-0000000e` },
      },
    ],
  ] satisfies readonly (readonly [string, HeldParts])[])(
    'that is %s stays, and who sends such a message is told so',
    async (what, parts) => {
      const estate = openEstate('ebs');
      estate.buckets();
      hold(estate, parts);
      const { told, calls } = await archive(estate, parts);
      expect(told).toEqual([
        {
          ...aboutParts(parts),
          operation: 'ArchiveBackup',
          status: 'failed',
          error: `ConfigurationError: ${OWN.id} is ${what}, and these stay in the standard tier.`,
        },
      ]);
      expect(calls).toEqual([]);
    },
  );

  it('of a type without an archive tier stays, which is an IGNORE', async () => {
    const estate = openEstate('rds');
    estate.buckets();
    const name = 'orders-2026-11-01-0300-monthly';
    const orders: HeldParts = { ...OWN, id: name, entity: 'orders' };
    hold(estate, orders);
    const { told } = await archive(estate, orders);
    expect(told).toEqual([ignored(orders, 'RDS instance backups have no archive tier')]);
  });
});
