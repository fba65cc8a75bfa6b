import { describe, expect, it } from '@jest/globals';
import { createInProcessOperations } from '../../../../layers/engine/src/delayed/in-process.js';
import type { PulledFrom } from '../../../../layers/engine/src/domain/delayed.js';
import { ShelveryError } from '../../../../layers/engine/src/domain/errors.js';
import type { AccountId } from '../../../../layers/engine/src/domain/values.js';
import { listSharedFiles } from '../../../../layers/engine/src/operations/shared-files/list-shared-files.js';
import {
  listSourceFiles,
  whetherShared,
} from '../../../../layers/engine/src/operations/shared-files/list-source-files.js';
import { isFileGone } from '../../../../layers/engine/src/operations/shared-files/shared-file-gone.js';
import { accountFolders } from '../../../../layers/engine/src/operations/shared-files/shared-with.js';
import type { BackupStore } from '../../../../layers/engine/src/ports.js';
import type { AwsParts } from '../../../../layers/engine/src/run/open-run.js';
import { awsError } from '../../../simulation/world/aws-error.js';
import { DR, HOME, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, THIRD_ACCOUNT } from '../../domain/builders.js';
import { SOURCE_BUCKET, VOLUME, idOf, keyOf, nameOf, ofShared, openBunker } from '../bunker.js';
import type { Bunker } from '../bunker.js';
import { ALLOW, openEstate } from '../memory-estate.js';
import type { Asked, MemoryEstate, Told } from '../memory-estate.js';
import { only } from '../one-of.js';
import { withStore } from '../other-parts.js';

const NAME = nameOf(VOLUME);

/** What an account's runs work with. */
async function partsOf(estate: MemoryEstate): Promise<AwsParts> {
  const opened: AwsParts[] = [];
  await estate.run('create_data_buckets', {
    dryRun: true,
    parts: (parts) => {
      opened.push(parts);
      return {};
    },
  });
  return only(opened);
}

describe('the file of a copy that is complete', () => {
  /** Parts whose messages name another file than that of the copy: anybody may have sent them. */
  const naming =
    (from: PulledFrom, sending: () => void = () => undefined): NonNullable<Asked['parts']> =>
    () => ({
      delayed: (context) => {
        const real = createInProcessOperations(context, { oneByOne: true, onUnfinished: () => undefined });
        return {
          flush: () => real.flush(),
          send: ({ operation, ...message }) => {
            if (operation.action !== 'do_store_backup_data') return;
            sending();
            real.send({ ...message, operation: { ...operation, pulledFrom: from } });
          },
        };
      },
    });
  const toldOfFile = (told: readonly Told[]): readonly Told[] =>
    told.filter(({ operation }) => operation === 'PullSharedBackup');
  const open = async (): Promise<Bunker> => {
    const bunker = await openBunker();
    await bunker.share([VOLUME]);
    return bunker;
  };
  /** What is told of a file that is not moved for a copy. */
  const notMoved = (bunker: Bunker, key: string, account: AccountId = OTHER_ACCOUNT): Told => {
    const { bucket: _, ...backup } = ofShared(VOLUME);
    const copy = idOf(bunker.backups()[0]);
    return {
      ...backup,
      backupId: copy,
      sourceAccount: account,
      backupS3Location: key,
      status: 'failed',
      error: `MetadataRefused: ${copy} was not copied from what ${key} of ${account} names. The file stays for the next pull_shared_backups.`,
    };
  };

  it.each([
    ['of another folder', keyOf(NAME, 'rds')],
    ['of another account', keyOf(NAME).replace(OWN_ACCOUNT, THIRD_ACCOUNT)],
    ['without a name', keyOf('')],
  ])('is not what a message says %s: nothing is read or moved', async (_, key) => {
    const bunker = await open();
    const { told, calls } = await bunker.pull({ parts: naming({ account: OTHER_ACCOUNT, key }) });
    expect(toldOfFile(told)).toEqual([notMoved(bunker, key)]);
    expect(calls.filter((call) => call.endsWith(key))).toEqual([]);
    expect(bunker.files()).toEqual([`ebs/${NAME}.yaml`]);
  });

  it.each([
    ['is of another backup', (text: string) => text.replaceAll('0301', '0300').replaceAll('03:01', '03:00')],
    ['cannot be read', () => 'x: 1\n'],
  ])('is not one that %s: that stays, and is told of', async (_, change) => {
    const bunker = await open();
    const key = keyOf('other');
    // It is there only when the copy is complete: the pull would set it aside.
    const parts = naming({ account: OTHER_ACCOUNT, key }, () => {
      bunker.put('ebs/other.yaml', change(bunker.text(`ebs/${NAME}.yaml`)));
    });
    const { told } = await bunker.pull({ parts });
    expect(toldOfFile(told)).toEqual([notMoved(bunker, key)]);
    expect(bunker.files()).toEqual(['ebs/other.yaml', `ebs/${NAME}.yaml`]);
  });

  it('is not the one of the same name in the bucket of another account', async () => {
    const bunker = await open();
    bunker.buckets([LOCAL], THIRD_ACCOUNT, [OWN_ACCOUNT]);
    bunker.file(keyOf(NAME), bunker.text(`ebs/${NAME}.yaml`), LOCAL, THIRD_ACCOUNT);
    const { told } = await bunker.pull({ parts: naming({ account: THIRD_ACCOUNT, key: keyOf(NAME) }) });
    expect(toldOfFile(told)).toEqual([notMoved(bunker, keyOf(NAME), THIRD_ACCOUNT)]);
    expect([bunker.files(), bunker.files(THIRD_ACCOUNT)]).toEqual([[`ebs/${NAME}.yaml`], [`ebs/${NAME}.yaml`]]);
  });

  it('was moved by somebody else: nothing is told of it', async () => {
    const bunker = await open();
    const { told } = await bunker.pull({
      parts: (opened) => ({
        adapter: {
          ...opened.adapter,
          describeBackups: async (...asked) => {
            bunker.world.buckets.get(SOURCE_BUCKET)?.objects.delete(keyOf(NAME));
            return await opened.adapter.describeBackups(...asked);
          },
        },
      }),
    });
    expect(told.map(({ operation, status }) => [operation, status])).toEqual([['StoreBackupData', 'ok']]);
    expect(bunker.files()).toEqual([]);
  });

  it('cannot be read: that is told of the copy, and it stays', async () => {
    const bunker = await open();
    bunker.strike('s3:get', { refuse: 'AccessDenied', nth: 2 });
    const { told } = await bunker.pull();
    expect(told.map(({ operation, status, error }) => [operation, status, error])).toEqual([
      ['StoreBackupData', 'ok', undefined],
      [
        'StoreBackupData',
        'failed',
        `NotAllowed: AccessDenied while running do_store_backup_data of ${idOf(bunker.backups()[0])} in ${LOCAL}: AccessDenied. ` +
          ALLOW,
      ],
    ]);
    expect(bunker.files()).toEqual([`ebs/${NAME}.yaml`]);
  });

  it('could be copied, and may not be deleted: that is told, and the next pull deletes it', async () => {
    const bunker = await open();
    const { told, errors } = await bunker.pull({
      parts: ({ store }) => ({
        store: {
          ...store,
          delete: (_, keys) => Promise.resolve(keys.map((key) => ({ key, code: 'AccessDenied', message: 'No.' }))),
        },
      }),
    });
    expect(told.map(({ operation, status, error }) => [operation, status, error])).toEqual([
      ['StoreBackupData', 'ok', undefined],
      [
        'StoreBackupData',
        'failed',
        `AwsError: ${keyOf(NAME)} was copied to ${keyOf(NAME, 'ebs-processed')}, but could not be deleted: AccessDenied: No.`,
      ],
    ]);
    expect(errors.map(({ aws, mendable }) => [aws, mendable])).toEqual([[{ code: 'AccessDenied' }, false]]);
    expect(bunker.files()).toEqual([`ebs-processed/${NAME}.yaml`, `ebs/${NAME}.yaml`]);
    await bunker.pull();
    expect(bunker.files()).toEqual([`ebs-processed/${NAME}.yaml`]);
  });

  it('could be copied, and not be deleted for once: that is tried again', async () => {
    const bunker = await open();
    let deletions = 0;
    const { told, unfinished } = await bunker.pull({
      parts: withStore((store) => ({
        delete: async (region, keys, account) => {
          deletions += 1;
          if (deletions > 1) return await store.delete(region, keys, account);
          return keys.map((key) => ({ key, code: 'InternalError', message: 'No.' }));
        },
      })),
    });
    expect(told.at(-1)).toMatchObject({ operation: 'PullSharedBackup', status: 'ok' });
    expect([unfinished, deletions, bunker.files()]).toEqual([[], 2, [`ebs-processed/${NAME}.yaml`]]);
  });
});

describe('what other accounts have been given', () => {
  it('is listed by account: what waits, what they have pulled, and what was put aside for the archive tier', async () => {
    const estate = openEstate('ebs');
    estate.buckets([LOCAL, DR]);
    const key = (account: string, rest: string): string => `backups/shared/${account}/${rest}`;
    for (const rest of [
      key(OTHER_ACCOUNT, 'ebs/a.yaml'),
      key(OTHER_ACCOUNT, 'ebs/b.yaml'),
      key(OTHER_ACCOUNT, 'ebs/not a name.yaml'),
      key(OTHER_ACCOUNT, 'ebs/'),
      key(OTHER_ACCOUNT, 'ebs-processed/c.yaml'),
      key(OTHER_ACCOUNT, 'ebs-archived/d.yaml'),
      key(OTHER_ACCOUNT, 'ebs-failed/e.yaml'),
      key(OTHER_ACCOUNT, 'rds/f.yaml'),
      key('of-nobody', 'ebs/g.yaml'),
      'backups/ebs/h.yaml',
    ])
      estate.file(rest, '');
    const parts = await partsOf(estate);
    const none = { waiting: new Set(), processed: new Set(), setAside: new Set() };
    expect(await listSharedFiles(parts, LOCAL, [THIRD_ACCOUNT])).toEqual(
      new Map<string, unknown>([
        [THIRD_ACCOUNT, none],
        [OTHER_ACCOUNT, { waiting: new Set(['a', 'b']), processed: new Set(['c']), setAside: new Set(['d']) }],
      ]),
    );
    expect(await listSharedFiles(parts, LOCAL, [OTHER_ACCOUNT])).toEqual(
      new Map([[OTHER_ACCOUNT, { waiting: new Set(['a', 'b']), processed: new Set(['c']), setAside: new Set(['d']) }]]),
    );
    expect(await listSharedFiles(parts, DR, [])).toEqual(new Map());
  });

  it('is known by their folders, of which there are none without a bucket', async () => {
    const estate = openEstate('ebs');
    const { store } = await partsOf(estate);
    expect(await accountFolders(store, LOCAL)).toEqual([]);
    estate.file(`backups/shared/${THIRD_ACCOUNT}/rds-processed/a.yaml`, '');
    estate.file(`backups/shared/${OTHER_ACCOUNT}/ebs/a.yaml`, '');
    estate.file('backups/shared/of-nobody/ebs/a.yaml', '');
    expect(await accountFolders(store, LOCAL)).toEqual([OTHER_ACCOUNT, THIRD_ACCOUNT]);
    estate.strike('s3:listFolders', { refuse: 'AccessDenied' });
    await expect(accountFolders(store, LOCAL)).rejects.toThrow('AccessDenied');
  });
});

describe('what an account has put for ours', () => {
  it('is listed up to twenty pages', async () => {
    const asked: unknown[] = [];
    const at = new Date(0);
    const folder = `backups/shared/${OWN_ACCOUNT}/ebs/`;
    const store: Pick<BackupStore, 'listUpTo'> = {
      listUpTo: (...how) => {
        asked.push(how);
        const files = [folder, `${folder}a.yaml`].map((key) => ({ key, lastModified: at, size: 1 }));
        return Promise.resolve({ files, complete: false });
      },
    };
    const parts = await partsOf(openEstate('ebs'));
    const context = { ...parts, home: HOME, store: { ...parts.store, ...store } };
    expect(await listSourceFiles(context, OTHER_ACCOUNT)).toEqual({
      files: [{ key: `${folder}a.yaml`, lastModified: at, size: 1 }],
      complete: false,
    });
    expect(asked).toEqual([[LOCAL, folder, { maxPages: 20, account: OTHER_ACCOUNT }]]);
  });

  it('is told, where it cannot be listed, with what that account may have left out', () => {
    expect(whetherShared(HOME, OTHER_ACCOUNT)).toBe(
      `did ${OTHER_ACCOUNT} run create_data_buckets with shelvery_share_aws_account_ids=${OWN_ACCOUNT}?`,
    );
  });
});

describe('a shared file that cannot be read', () => {
  const file = { account: OTHER_ACCOUNT, key: keyOf(NAME) };

  it('is gone where S3 says so, and where a list that ends before it does', async () => {
    const bunker = await openBunker();
    const { store } = await partsOf(bunker);
    const context = { home: HOME, store };
    const denied = awsError('AccessDenied', { status: 403 });
    expect(await isFileGone(context, file, awsError('NoSuchKey', { status: 404 }))).toBe(true);
    expect(await isFileGone(context, file, awsError('InternalError', { status: 500 }))).toBe(false);
    expect(await isFileGone(context, file, denied)).toBe(true);
    bunker.put(`ebs/${NAME}.yaml.old`, '');
    expect(await isFileGone(context, file, denied)).toBe(true);
    bunker.put(`ebs/${NAME}.yaml`, '');
    expect(await isFileGone(context, file, denied)).toBe(false);
    const told = new ShelveryError('AwsError', 'It is gone.', { aws: { code: 'NoSuchKey' } });
    expect(await isFileGone(context, file, told)).toBe(true);
    expect(await isFileGone(context, file, new ShelveryError('AwsError', 'Who knows.'))).toBe(false);
  });

  it('is looked for in one page, of the account whose file it is', async () => {
    const asked: unknown[] = [];
    const { store } = await partsOf(openEstate('ebs'));
    const listUpTo: BackupStore['listUpTo'] = (...how) => {
      asked.push(how);
      return Promise.resolve({ files: [], complete: true });
    };
    const denied = awsError('AccessDenied', { status: 403 });
    expect(await isFileGone({ home: HOME, store: { ...store, listUpTo } }, file, denied)).toBe(true);
    expect(asked).toEqual([[LOCAL, file.key, { maxPages: 1, account: OTHER_ACCOUNT }]]);
  });
});
