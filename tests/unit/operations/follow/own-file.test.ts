import { describe, expect, it } from '@jest/globals';
import type { Backup } from '../../../../layers/engine/src/domain/backup/backup.js';
import { formatMetadata, metadataOf } from '../../../../layers/engine/src/domain/files/metadata.js';
import { BackupId, ResourceId } from '../../../../layers/engine/src/domain/values.js';
import { writeOwnFile } from '../../../../layers/engine/src/operations/follow/own-file.js';
import type { AwsParts } from '../../../../layers/engine/src/run/open-run.js';
import { LOCAL, OTHER_ACCOUNT, utc } from '../../domain/builders.js';
import { backupsAmong } from '../../../../layers/engine/src/operations/identify.js';
import { openEstate } from '../memory-estate.js';
import type { MemoryEstate } from '../memory-estate.js';
import { only } from '../one-of.js';

const KEY = 'backups/ebs/vol-1-2026-11-24-0301-daily.yaml';

interface Setting {
  readonly estate: MemoryEstate;
  readonly parts: AwsParts;
  /** What is there, and has the file. */
  readonly first: Backup;
}

const textOf = (of: Backup): string => formatMetadata(metadataOf(of, 'ebs'));
const begunAt = (of: Backup, id: string, startedAt: number | undefined): Backup => {
  const { startedAt: _, ...found } = of.found;
  const time = startedAt === undefined ? {} : { startedAt: new Date(startedAt) };
  return { ...of, id: BackupId.parse(id), found: { ...found, ...time, id: BackupId.parse(id) } };
};

/** A backup of a volume, with its record. */
async function recorded(): Promise<Setting> {
  const estate = openEstate('ebs');
  estate.resource('vol-1');
  const opened: AwsParts[] = [];
  await estate.run('create_backups', {
    parts: (parts) => {
      opened.push(parts);
      return {};
    },
  });
  const parts = only(opened);
  const [first] = backupsAmong(await parts.adapter.listBackups(LOCAL), parts);
  if (first === undefined) throw new Error('There is no backup.');
  return { estate, parts, first };
}

/** Writes the file for a backup; what is said of it, whose file it is then, and what was called for that. */
async function write({ estate, parts }: Setting, of: Backup, { anew = false, text = textOf(of) } = {}) {
  const before = estate.called.length;
  const { already, owner } = await writeOwnFile(parts, of, { key: KEY, text, anew });
  const calls = estate.called.slice(before).map(({ action }) => action);
  return { owner, isIts: estate.read(KEY) === text, calls, ...(already ? { already } : {}) };
}

const LOOKED = ['s3:put', 's3:get', 'ebs:describeBackups'];
const MINUTE_MS = 60_000;

describe('a file of a backup', () => {
  it('is put where there is none', async () => {
    const setting = await recorded();
    setting.estate.erase(KEY);
    expect(await write(setting, setting.first)).toEqual({ owner: undefined, isIts: true, calls: ['s3:put'] });
  });

  it('stays that of an older backup of its name', async () => {
    const setting = await recorded();
    const { first } = setting;
    const second = begunAt(first, 'snap-2', setting.estate.now() + MINUTE_MS);
    expect(await write(setting, second)).toEqual({
      owner: { id: first.id, isSame: true },
      isIts: false,
      calls: LOOKED,
    });
    // What a copy was just begun by does not tell when.
    expect(await write(setting, begunAt(first, 'snap-2', undefined))).toMatchObject({
      owner: { id: first.id, isSame: true },
      isIts: false,
    });
  });

  it.each([
    ['another account', { srcAccount: OTHER_ACCOUNT }],
    ['another resource', { entityId: ResourceId.parse('vol-2') }],
    ['another time', { createdAt: utc('2026-11-23 03:01') }],
    ['what is shared', { temporary: true }],
  ])('is written over that of an older one of its name which is of %s', async (_, other) => {
    const setting = await recorded();
    const second = { ...begunAt(setting.first, 'snap-2', setting.estate.now() + MINUTE_MS), ...other };
    expect(await write(setting, second)).toEqual({ owner: undefined, isIts: true, calls: [...LOOKED, 's3:put'] });
  });

  it('stays that of one that is not pulled, where a pulled copy has its name', async () => {
    const setting = await recorded();
    const { first, estate } = setting;
    // Larger, and begun before: its name could be foreseen.
    const pulled = { ...begunAt(first, 'snap-2', estate.now() - MINUTE_MS), place: 'pulled' as const };
    expect(await write(setting, pulled)).toEqual({
      owner: { id: first.id, isSame: false },
      isIts: false,
      calls: LOOKED,
    });
  });

  it('is written over that of an older one which nobody can understand', async () => {
    const setting = await recorded();
    const held = only(setting.estate.backups());
    setting.estate.change(held, { tags: { ...held.tags, 'shelvery:date_created': 'yesterday' } });
    const second = begunAt(setting.first, 'snap-2', setting.estate.now() + MINUTE_MS);
    expect(await write(setting, second)).toMatchObject({ owner: undefined, isIts: true });
  });

  it('is written over that of an older one where that is to be removed', async () => {
    const setting = await recorded();
    const second = begunAt(setting.first, 'snap-2', setting.estate.now() + MINUTE_MS);
    const written = await write(setting, second, { anew: true });
    expect(written).toEqual({ owner: undefined, isIts: true, calls: ['s3:put'] });
  });

  it('is written over that of a younger one', async () => {
    const setting = await recorded();
    const second = begunAt(setting.first, 'snap-2', setting.estate.now() - MINUTE_MS);
    expect(await write(setting, second)).toEqual({ owner: undefined, isIts: true, calls: [...LOOKED, 's3:put'] });
  });

  it('is written anew for its own backup where it says the same, and was there already then', async () => {
    const setting = await recorded();
    const calls = ['s3:put', 's3:get', 's3:put'];
    expect(await write(setting, setting.first)).toEqual({ owner: undefined, isIts: true, calls, already: true });
  });

  it('is written anew for its own backup', async () => {
    const setting = await recorded();
    const text = `${textOf(setting.first)}# again\n`;
    const written = await write(setting, setting.first, { text });
    expect(written).toEqual({ owner: undefined, isIts: true, calls: ['s3:put', 's3:get', 's3:put'] });
  });

  it.each([
    ['is gone', ({ estate }: Setting) => estate.world.backups.clear()],
    ['has failed', ({ estate }: Setting) => estate.backups().map((held) => estate.change(held, { outcome: 'failed' }))],
  ])('is written over that of an older one that %s', async (_, change) => {
    const setting = await recorded();
    change(setting);
    const second = begunAt(setting.first, 'snap-2', setting.estate.now() + MINUTE_MS);
    expect(await write(setting, second)).toEqual({ owner: undefined, isIts: true, calls: [...LOOKED, 's3:put'] });
  });

  it.each([
    ['is none that we can read', 'name: [', ['s3:put', 's3:get', 's3:put']],
    ['is too long', 'x'.repeat(2_000_000), ['s3:put', 's3:get', 's3:put']],
  ])('is written over one that %s', async (_, body, calls) => {
    const setting = await recorded();
    setting.estate.file(KEY, body);
    const second = begunAt(setting.first, 'snap-2', setting.estate.now() + MINUTE_MS);
    expect(await write(setting, second)).toEqual({ owner: undefined, isIts: true, calls });
  });

  it('is written over one that names no backup', async () => {
    const setting = await recorded();
    setting.estate.file(KEY, textOf(setting.first).replace(/^backup_id: .*$/m, 'backup_id: "../../x"'));
    const second = begunAt(setting.first, 'snap-2', setting.estate.now() + MINUTE_MS);
    expect(await write(setting, second)).toMatchObject({ owner: undefined, isIts: true });
  });

  it('is not written where nobody can say whose file is there', async () => {
    const setting = await recorded();
    const second = begunAt(setting.first, 'snap-2', setting.estate.now() + MINUTE_MS);
    setting.estate.strike('s3:get', { refuse: 'InternalError' });
    await expect(write(setting, second)).rejects.toThrow('InternalError');
    expect(setting.estate.read(KEY)).toContain(setting.first.id);
  });
});
