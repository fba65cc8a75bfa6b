import { describe, expect, it } from '@jest/globals';
import type { Backup } from '../../../../layers/engine/src/domain/backup/backup.js';
import { formatMetadata, metadataOf } from '../../../../layers/engine/src/domain/files/metadata.js';
import type { BackupType } from '../../../../layers/engine/src/domain/values.js';
import { createPulledFiles } from '../../../../layers/engine/src/operations/follow/pulled-files.js';
import type { BackupStore, StoredFile } from '../../../../layers/engine/src/ports.js';
import { HOME, LOCAL, OTHER_ACCOUNT, backup, runConfig, utc } from '../../domain/builders.js';

const NAME = 'orders-2026-01-10-0300-daily';
const PROCESSED = `backups/shared/${OTHER_ACCOUNT}/rds-processed/${NAME}.yaml`;

/** A snapshot, with the time at which its service began it. */
function begun(id: string, startedAt: string, parts: Parameters<typeof backup>[0] = {}): Backup {
  const made = backup({ id, entity: 'orders', name: NAME, ...parts });
  return { ...made, found: { ...made.found, startedAt: new Date(startedAt) } };
}

/** Looks for the file of a backup where one file was moved. */
async function find(
  of: Backup,
  moved: { readonly at: string; readonly body: string },
  type: BackupType = 'rds',
): Promise<string | undefined> {
  const key = PROCESSED.replace('/rds-', `/${type}-`);
  const files: readonly StoredFile[] = [{ key, lastModified: new Date(moved.at), size: moved.body.length }];
  const store: Pick<BackupStore, 'get' | 'list'> = {
    list: (_, prefix) => Promise.resolve(files.filter((file) => file.key.startsWith(prefix))),
    get: () => Promise.resolve(moved.body),
  };
  const pulled = createPulledFiles(
    {
      adapter: { type },
      config: runConfig(),
      home: HOME,
      store: { ...NO_STORE, ...store },
    },
    LOCAL,
    [OTHER_ACCOUNT],
  );
  return await pulled.find(OTHER_ACCOUNT, NAME, of);
}

const unused = (): never => {
  throw new Error('Nothing else is asked of the store.');
};
const NO_STORE: BackupStore = {
  bucketName: unused,
  list: unused,
  listUpTo: unused,
  listFolders: unused,
  get: unused,
  put: unused,
  putNew: unused,
  delete: unused,
};

const text = (of: Backup): string => formatMetadata(metadataOf(of, 'rds'));

describe('files of what an account has pulled', () => {
  const made = begun(NAME, '2026-01-10T03:00:20.500Z');

  it('has the file of a backup that was pulled', async () => {
    expect(await find(made, { at: '2026-01-10T04:00:00Z', body: text(made) })).toBe(PROCESSED);
  });

  it('takes a file that was moved in the second in which the backup was begun for its own', async () => {
    expect(await find(made, { at: '2026-01-10T03:00:20Z', body: text(made) })).toBe(PROCESSED);
  });

  it('has none of a database snapshot that was made anew, for an earlier time, after one of its name was pulled', async () => {
    const again = begun(NAME, '2026-01-12T09:00:00Z');
    expect(await find(again, { at: '2026-01-10T04:00:00Z', body: text(made) })).toBeUndefined();
  });

  it('has none of a snapshot with an id of its own where the file tells of another', async () => {
    const again = begun('snap-2', '2026-01-10T03:00:20Z');
    const body = text(begun('snap-1', '2026-01-10T03:00:20Z'));
    expect(await find(again, { at: '2026-01-10T04:00:00Z', body }, 'ebs')).toBeUndefined();
  });

  it('has that of the re-encrypted snapshot of a backup', async () => {
    const body = text(made).replace(/^backup_id: .*$/m, 'backup_id: "snap-9"');
    const reencrypted = body.replace(/^tags:$/m, `tags:\n  "shelvery:src_backup": "${LOCAL}:${NAME}"`);
    expect(await find(made, { at: '2026-01-10T04:00:00Z', body: reencrypted })).toBe(PROCESSED);
  });

  it('takes a file that cannot be read for that of the backup, which is not pulled twice', async () => {
    expect(await find(made, { at: '2026-01-10T04:00:00Z', body: 'nothing' })).toBe(PROCESSED);
  });

  it('goes by the time of the backup where its service tells none', async () => {
    const { found, ...rest } = backup({ id: NAME, entity: 'orders', name: NAME });
    const { startedAt: _, ...untimed } = found;
    const bare = { ...rest, found: untimed };
    const body = text(bare);
    expect(await find(bare, { at: utc('2026-01-10 02:59').toISOString(), body })).toBeUndefined();
    expect(await find(bare, { at: utc('2026-01-10 03:01').toISOString(), body })).toBe(PROCESSED);
  });
});
