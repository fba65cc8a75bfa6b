import { describe, expect, it } from '@jest/globals';
import { bucketNameOf } from '../../../simulation/world/storage.js';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT, THIRD } from '../../domain/builders.js';
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
import { withAdapter } from '../other-parts.js';

const NOW = '2026-11-24T03:01:00Z';
const BUCKET = bucketNameOf(OWN_ACCOUNT, LOCAL);
const GONE: HeldParts = { id: 'snap-00000001', created: '2026-11-20-0300' };
const GONE_2: HeldParts = { id: 'snap-00000002', created: '2026-11-21-0300' };
const NEWEST: HeldParts = { id: 'snap-00000009', created: '2026-11-23-0300' };

/** A marked volume whose newest backup has its file; files of these others are there without their backups. */
function estateWith(...gone: readonly HeldParts[]): MemoryEstate {
  const estate = openEstate('ebs');
  estate.resource('vol-1');
  estate.buckets();
  for (const parts of gone) estate.file(liveKey(parts), fileOf(parts));
  holdRecorded(estate, NEWEST);
  return estate;
}

/** What was told, called and said, without the lists that each cleaning begins with, and what is said of backups that stay. */
async function cleaned(estate: MemoryEstate, asked?: Asked) {
  const { told, calls, said, ...rest } = await estate.run('clean_backups', asked);
  return {
    told,
    calls: withoutLists(calls),
    said: said.filter(([code]) => code !== 'SHELVERY_BACKUP_KEPT'),
    ...rest,
  };
}

const planned = async (estate: MemoryEstate) =>
  (await cleaned(estate, { dryRun: true })).plan?.filter(({ what }) => what === 'change');

const storeFault = (error: string, region = LOCAL) => ({
  operation: 'StoreBackupData',
  bucket: bucketNameOf(OWN_ACCOUNT, region),
  region,
  status: 'failed',
  error,
});
/** What is told of a file whose backup is gone. */
const moved = (parts: HeldParts, region = LOCAL) => ({
  ...aboutParts(parts),
  operation: 'StoreBackupData',
  bucket: bucketNameOf(OWN_ACCOUNT, region),
  region,
  newS3Location: removedKey(parts),
  status: 'ok',
  message: 'the backup is gone; its file was moved to removed/',
});
const mended = (parts: HeldParts, region = LOCAL) => [
  'SHELVERY_METADATA_MENDED',
  `${nameOf(parts)}: its backup is gone; its file moved to removed/`,
  { region },
];

describe('an available backup whose file was written before it was begun', () => {
  const EARLIER: HeldParts = { ...NEWEST, id: 'snap-00000008' };
  const message = { message: 'its metadata file was of an earlier backup of its name' };

  /** A backup, begun after the file of its name was written: the earlier one of that name is gone. */
  async function madeAgain(after = 1): Promise<MemoryEstate> {
    const estate = openEstate('ebs');
    estate.resource('vol-1');
    estate.buckets();
    estate.file(liveKey(EARLIER), fileOf(EARLIER));
    hold(estate, NEWEST, { createdAt: estate.now() + after * 1000 });
    await estate.pass(1);
    return estate;
  }

  it('gets a file of its own', async () => {
    const estate = await madeAgain();
    expect(await planned(estate)).toEqual([
      {
        what: 'change',
        subject: NEWEST.id,
        name: nameOf(NEWEST),
        reason: 'its metadata file is of an earlier backup of its name, and is written anew',
        region: LOCAL,
      },
    ]);
    expect((await cleaned(estate)).told).toEqual([
      { ...aboutParts(NEWEST), operation: 'StoreBackupData', status: 'ok', ...message },
    ]);
    expect(estate.read(liveKey(NEWEST))).toBe(fileOf(NEWEST));
    expect((await cleaned(estate)).told).toEqual([]);
  });

  it('leaves that of another which is there, though it is no backup of ours any more, and says nothing', async () => {
    const estate = await madeAgain();
    hold(estate, EARLIER, { tags: {} });
    expect(await planned(estate)).toEqual([]);
    expect((await cleaned(estate)).told).toEqual([]);
    expect(estate.read(liveKey(NEWEST))).toBe(fileOf(EARLIER));
  });

  it('gets one though another of its name has failed', async () => {
    const estate = await madeAgain();
    hold(estate, { ...NEWEST, id: 'snap-00000007', state: 'failed' });
    const { told } = await cleaned(estate);
    expect(told).toContainEqual({ ...aboutParts(NEWEST), operation: 'StoreBackupData', status: 'ok', ...message });
  });

  it('shares its file with another of its name', async () => {
    const estate = await madeAgain();
    hold(estate, { ...NEWEST, id: 'snap-00000007' });
    expect((await cleaned(estate)).told.filter(({ operation }) => operation === 'StoreBackupData')).toEqual([]);
    expect(estate.read(liveKey(NEWEST))).toBe(fileOf(EARLIER));
  });

  it('cannot be looked at, which is told, and stays as it is', async () => {
    const estate = await madeAgain();
    estate.strike('s3:get', { refuse: 'AccessDenied' });
    const error = `NotAllowed: AccessDenied while reading ${liveKey(NEWEST)}, which may be of an earlier backup of its name: AccessDenied. ${ALLOW}`;
    expect((await cleaned(estate)).told).toEqual([storeFault(error)]);
    expect(estate.read(liveKey(NEWEST))).toBe(fileOf(EARLIER));
  });

  it('keeps one that was written in the second in which it was begun', async () => {
    const estate = await madeAgain(0.9);
    expect(await planned(estate)).toEqual([]);
    expect((await cleaned(estate)).told).toEqual([]);
  });

  it('leaves that of another of its name which stays', async () => {
    const estate = await madeAgain();
    hold(estate, EARLIER);
    expect(await planned(estate)).toEqual([]);
    const { told } = await cleaned(estate);
    expect(told).toEqual([expect.objectContaining({ operation: 'DeleteBackup', status: 'ignored' })]);
    expect(estate.read(liveKey(NEWEST))).toBe(fileOf(EARLIER));
  });
});

describe('an available backup whose file is no metadata by its size', () => {
  const FOUND: HeldParts = { id: 'snap-00000003', created: '2026-11-22-0300' };

  it.each([
    ['', 'empty'],
    ['\n', '1 byte long'],
    [fileOf(FOUND).slice(0, 100), '100 bytes long'],
    ['x'.repeat(256 * 1024 + 1), '262145 bytes long'],
  ])('gets it anew, and a dry run says so: %#', async (text, is) => {
    const estate = estateWith();
    hold(estate, FOUND);
    estate.file(liveKey(FOUND), text);
    expect((await estate.run('list_backups')).listed).toMatchObject([
      { id: FOUND.id, metadata: 'missing' },
      { id: NEWEST.id, metadata: 'present' },
    ]);
    expect(await planned(estate)).toEqual([
      {
        what: 'change',
        subject: FOUND.id,
        name: nameOf(FOUND),
        reason: `its metadata file is ${is}, and is written anew`,
        region: LOCAL,
      },
    ]);
    const { told, calls } = await cleaned(estate);
    expect(told).toEqual([
      { ...aboutParts(FOUND), operation: 'StoreBackupData', status: 'ok', message: `its metadata file was ${is}` },
    ]);
    expect(calls).toEqual([`s3:put ${LOCAL} ${liveKey(FOUND)}`]);
    expect(estate.read(liveKey(FOUND))).toBe(fileOf(FOUND));
    expect((await cleaned(estate)).told).toEqual([]);
  });

  it('stays, and is told of, where its backup is gone', async () => {
    const estate = estateWith(GONE);
    estate.file(liveKey(GONE), '');
    const { told } = await cleaned(estate);
    expect(told).toMatchObject([{ status: 'failed', error: expect.stringContaining('it is empty') }]);
    expect(estate.keys()).toEqual([liveKey(GONE), liveKey(NEWEST)]);
  });
});

describe('an available backup without a file', () => {
  const FOUND: HeldParts = { id: 'snap-00000003', created: '2026-11-22-0300' };
  const stored = (parts: HeldParts) => ({
    ...aboutParts(parts),
    operation: 'StoreBackupData',
    status: 'ok',
    message: 'its metadata was missing',
  });

  it('gets one, which tells what its volume is now', async () => {
    const estate = estateWith();
    hold(estate, FOUND);
    expect(await planned(estate)).toEqual([
      {
        what: 'change',
        subject: FOUND.id,
        name: nameOf(FOUND),
        reason: 'its metadata is missing, and is written',
        region: LOCAL,
      },
    ]);
    expect(estate.keys()).toEqual([liveKey(NEWEST)]);
    const { told, said, calls } = await cleaned(estate, {
      parts: withAdapter((adapter) => ({
        listResources: async () =>
          (await adapter.listResources()).map((each) => ({ ...each, facts: { size_gib: 8, storage_type: 'gp3' } })),
      })),
    });
    expect(told).toEqual([stored(FOUND)]);
    expect(said).toEqual([]);
    expect(calls).toEqual([`s3:put eu-west-1 ${liveKey(FOUND)}`]);
    expect(estate.read(liveKey(FOUND))).toBe(
      fileOf(FOUND).replace('tags:\n', 'restore:\n  size_gib: 8\n  storage_type: "gp3"\ntags:\n'),
    );
  });

  it('gets one also where its volume is gone', async () => {
    const estate = estateWith();
    const of: HeldParts = { ...FOUND, entity: 'vol-2' };
    hold(estate, of);
    expect((await cleaned(estate)).told).toEqual([stored(of)]);
    expect(estate.read(liveKey(of))).toBe(fileOf(of));
  });

  it('gets none while it is being made, or where it failed, or where another run is in charge of it', async () => {
    const estate = estateWith();
    hold(estate, { ...FOUND, state: 'failed' });
    hold(estate, { id: 'snap-00000004', created: '2026-11-24-0200', state: 'pending' });
    estate.buckets([DR]);
    hold(estate, { id: 'snap-00000005', place: 'dr', source: `${THIRD}:snap-0000000f` });
    const { told, plan = [] } = await cleaned(estate, { dryRun: true });
    expect(told).toEqual([]);
    expect(plan.map(({ what }) => what)).toEqual(['keep', 'keep', 'keep']);
    expect((await cleaned(estate)).told).toEqual([]);
    expect(estate.keys()).toEqual([liveKey(NEWEST)]);
    expect(estate.keys(DR)).toEqual([]);
  });

  it('that cannot be stored is told of, and the others are stored', async () => {
    const estate = estateWith();
    const second: HeldParts = { ...FOUND, id: 'snap-00000004', created: '2026-11-22-0400' };
    hold(estate, FOUND);
    hold(estate, second);
    estate.strike('s3:put', { refuse: 'AccessDenied' });
    expect((await cleaned(estate)).told).toEqual([
      {
        ...aboutParts(FOUND),
        operation: 'StoreBackupData',
        status: 'failed',
        error: `NotAllowed: AccessDenied while storing the metadata of ${nameOf(FOUND)}: AccessDenied. ${ALLOW}`,
      },
      stored(second),
    ]);
  });

  it('is left as it is where the files could not be listed', async () => {
    const estate = estateWith();
    hold(estate, FOUND);
    for (const nth of [1, 2]) estate.strike('s3:list', { refuse: 'AccessDenied', nth });
    expect(await planned(estate)).toEqual([]);
    const { told, calls } = await cleaned(estate);
    expect(told).toEqual([
      storeFault(`NotAllowed: AccessDenied while listing the metadata in ${BUCKET}: AccessDenied. ${ALLOW}`),
    ]);
    expect(calls).toEqual([]);
  });
});

describe('a file whose backup is gone', () => {
  it('is moved to removed/, and its shared files go with it', async () => {
    const estate = estateWith(GONE, GONE_2);
    // One account has pulled the second already; what it has pulled stays.
    estate.file(sharedKey(GONE, OTHER_ACCOUNT), fileOf(GONE));
    estate.file(sharedKey(GONE_2, OTHER_ACCOUNT, 'ebs-processed'), fileOf(GONE_2));
    estate.file(sharedKey(NEWEST, OTHER_ACCOUNT), fileOf(NEWEST));
    const line = (parts: HeldParts) => ({
      what: 'change',
      subject: parts.id,
      name: nameOf(parts),
      reason: 'the backup is gone; its file is moved to removed/',
      region: LOCAL,
    });
    const before = estate.keys();
    expect(await planned(estate)).toEqual([line(GONE), line(GONE_2)]);
    expect(estate.keys()).toEqual(before);
    const { told, said, calls } = await cleaned(estate);
    expect(told).toEqual([moved(GONE), moved(GONE_2)]);
    expect(said).toEqual([mended(GONE), mended(GONE_2)]);
    expect(calls).toEqual([
      `s3:get eu-west-1 ${liveKey(GONE)}`,
      `s3:get eu-west-1 ${liveKey(GONE_2)}`,
      'ebs:describeBackups eu-west-1',
      's3:listFolders eu-west-1 backups/shared/',
      `s3:put eu-west-1 ${removedKey(GONE)}`,
      `s3:put eu-west-1 ${removedKey(GONE_2)}`,
      `s3:list eu-west-1 backups/shared/${OTHER_ACCOUNT}/ebs/`,
      `s3:get eu-west-1 ${sharedKey(GONE, OTHER_ACCOUNT)}`,
      `s3:delete eu-west-1 ${liveKey(GONE)} ${liveKey(GONE_2)} ${sharedKey(GONE, OTHER_ACCOUNT)}`,
    ]);
    expect(estate.keys()).toEqual([
      removedKey(GONE),
      removedKey(GONE_2),
      liveKey(NEWEST),
      sharedKey(GONE_2, OTHER_ACCOUNT, 'ebs-processed'),
      sharedKey(NEWEST, OTHER_ACCOUNT),
    ]);
    expect(estate.read(removedKey(GONE))).toBe(fileOf(GONE, NOW));
    expect((await cleaned(estate)).calls).toEqual([]);
  });

  it('is that of a pulled copy, or of a snapshot that the original made to share it, too', async () => {
    const pulled: HeldParts = { ...GONE, place: 'pulled', source: `${LOCAL}:snap-0000000f`, entity: 'vol-9' };
    const estate = estateWith(pulled);
    // The original named such a file by the snapshot's id, and wrote the name of the backup into it.
    const byId = `backups/ebs/${GONE_2.id}.yaml`;
    estate.file(byId, fileOf(GONE_2));
    const { told } = await cleaned(estate);
    expect(told).toEqual([{ ...moved(GONE_2), newS3Location: byId.replace('/ebs/', '/ebs/removed/') }, moved(pulled)]);
    expect(estate.keys()).toEqual([byId.replace('/ebs/', '/ebs/removed/'), removedKey(pulled), liveKey(NEWEST)]);
    expect(estate.read(removedKey(pulled))).toBe(fileOf(pulled, NOW));
  });

  it('stays where the backup is there after all', async () => {
    const estate = estateWith(GONE);
    // Somebody took off the tag that lists are made by.
    hold(estate, { ...GONE, tags: { 'shelvery:backup': undefined } });
    expect(await planned(estate)).toEqual([]);
    const { told, calls } = await cleaned(estate);
    expect(told).toEqual([]);
    expect(calls).toEqual([`s3:get eu-west-1 ${liveKey(GONE)}`, 'ebs:describeBackups eu-west-1']);
    expect(estate.keys()).toEqual([liveKey(GONE), liveKey(NEWEST)]);
  });

  it('stays where a backup has its name whose other tags cannot be understood', async () => {
    const estate = estateWith(GONE);
    hold(estate, { ...GONE, id: 'snap-00000003', tags: { 'shelvery:retention_type': undefined } });
    hold(estate, { id: 'snap-00000004', tags: { 'shelvery:name': undefined } });
    const { told, calls } = await cleaned(estate);
    const kept = (id: string, problem: string) => ({
      operation: 'DeleteBackup',
      backupId: id,
      region: LOCAL,
      status: 'failed',
      error: `BackupUnreadable: ${id} is kept: ${problem}. Correct the tag, or delete the backup by hand.`,
    });
    expect(told).toEqual([
      kept('snap-00000003', 'its tag shelvery:retention_type is missing; allowed: a retention type'),
      kept('snap-00000004', 'its tag shelvery:name is missing; allowed: letters, digits and hyphens'),
    ]);
    expect(calls).toEqual([]);
    expect(estate.keys()).toEqual([liveKey(GONE), liveKey(NEWEST)]);
  });

  it('is moved though somebody has a copy of it that carries its name', async () => {
    const estate = estateWith(GONE);
    hold(estate, { ...GONE, id: 'snap-00000003' }, { description: 'my copy' });
    await cleaned(estate);
    expect(estate.keys()).toEqual([removedKey(GONE), liveKey(NEWEST)]);
  });

  it('is moved in a DR region where the copy came from here, and left to its own region otherwise', async () => {
    const ours: HeldParts = { ...GONE, place: 'dr', source: `${LOCAL}:snap-0000000e` };
    const theirs: HeldParts = { ...GONE_2, place: 'dr', source: `${THIRD}:snap-0000000f` };
    const estate = estateWith();
    for (const each of [ours, theirs]) estate.file(liveKey(each), fileOf(each), DR);
    expect(await planned(estate)).toEqual([
      {
        what: 'change',
        subject: ours.id,
        name: nameOf(ours),
        reason: 'the backup is gone; its file is moved to removed/',
        region: DR,
      },
    ]);
    const { told, said } = await cleaned(estate);
    expect(told).toEqual([moved(ours, DR)]);
    expect(said).toEqual([mended(ours, DR)]);
    expect(estate.keys(DR)).toEqual([removedKey(ours), liveKey(theirs)]);
  });

  it('is left alone where another resource is selected', async () => {
    const of2: HeldParts = { ...GONE_2, entity: 'vol-2' };
    const estate = estateWith(GONE, of2);
    // The field counts: the oldest files have no such tag.
    estate.file(liveKey(GONE), fileOf(GONE).replace('  "shelvery:entity_id": "vol-1"\n', ''));
    await cleaned(estate, { settings: { shelvery_select_entity: 'vol-1' } });
    expect(estate.keys()).toEqual([removedKey(GONE), liveKey(NEWEST), liveKey(of2)]);
  });

  it('stays where all that it tells of another installation is its prefix, and so does a shared one of that', async () => {
    const ofOther = (parts: HeldParts): string =>
      fileOf(parts).replace('"shelvery:tag_name": "shelvery"', '"shelvery:tag_name": "longterm"');
    const estate = estateWith(GONE);
    estate.file(liveKey(GONE_2), ofOther(GONE_2));
    estate.file(sharedKey(GONE, OTHER_ACCOUNT), ofOther(GONE));
    const { told, said, calls } = await cleaned(estate);
    expect(told).toEqual([moved(GONE)]);
    expect(said).toEqual([mended(GONE)]);
    expect(calls.at(-1)).toBe(`s3:delete eu-west-1 ${liveKey(GONE)}`);
    expect(estate.keys()).toEqual([removedKey(GONE), liveKey(GONE_2), liveKey(NEWEST), sharedKey(GONE, OTHER_ACCOUNT)]);
  });

  it.each([
    ['cannot be read', 'x'],
    ['is too long', 'x'.repeat(2_000_000)],
  ])('takes a shared file with it that %s, of which nobody could pull anything', async (_, body) => {
    const estate = estateWith(GONE);
    estate.file(sharedKey(GONE, OTHER_ACCOUNT), body);
    await cleaned(estate);
    expect(estate.keys()).toEqual([removedKey(GONE), liveKey(NEWEST)]);
  });

  it('is moved though its shared file is pulled at that moment', async () => {
    const estate = estateWith(GONE);
    estate.file(sharedKey(GONE, OTHER_ACCOUNT), fileOf(GONE));
    estate.strike('s3:get', { refuse: 'NoSuchKey', nth: 2 });
    const { told, calls } = await cleaned(estate);
    expect(told).toEqual([moved(GONE)]);
    expect(calls.at(-1)).toBe(`s3:delete eu-west-1 ${liveKey(GONE)}`);
    expect(estate.keys()).toEqual([removedKey(GONE), liveKey(NEWEST), sharedKey(GONE, OTHER_ACCOUNT)]);
  });
});

describe('a file whose backup is gone, whose shared file cannot be looked at', () => {
  it('is told of, and both stay', async () => {
    const estate = estateWith(GONE);
    estate.file(sharedKey(GONE, OTHER_ACCOUNT), fileOf(GONE));
    estate.strike('s3:get', { refuse: 'AccessDenied', nth: 2 });
    const { errors } = await cleaned(estate);
    expect(errors).toHaveLength(1);
    expect(estate.keys()).toContain(liveKey(GONE));
    expect(estate.keys()).toContain(sharedKey(GONE, OTHER_ACCOUNT));
  });
});

describe('a file that has no backup and cannot be moved', () => {
  const stays = (key: string, problem: string): string =>
    `MetadataRefused: ${BUCKET}/${key} has no backup and stays where it is: ${problem}. Look at it, and delete it by hand.`;

  it.each([
    ['that is no metadata', () => 'x', 'it is not a mapping of fields'],
    [
      'of another account',
      () => fileOf(GONE).replace(`account_id: "${OWN_ACCOUNT}"`, `account_id: "${OTHER_ACCOUNT}"`),
      `account_id is "${OTHER_ACCOUNT}", but its bucket belongs to the account "${OWN_ACCOUNT}"`,
    ],
    [
      'of another name',
      () => fileOf({ ...GONE, name: 'another-2026-11-20-0300-daily' }),
      `name is "another-2026-11-20-0300-daily", but its key says "${nameOf(GONE)}"`,
    ],
    [
      'of another region',
      () => fileOf({ ...GONE, region: THIRD }),
      `region is "${THIRD}", but its bucket is in "${LOCAL}"`,
    ],
    [
      'with an id that is none',
      () => fileOf(GONE).replace(`backup_id: "${GONE.id}"`, 'backup_id: "ami-00000001"'),
      'backup_id is "ami-00000001"; a backup of type ebs has a snapshot id, snap-…',
    ],
    [
      'that was dated later than it was written',
      () => fileOf(GONE).replace('date_created: "2026-11-20', 'date_created: "2026-11-30'),
      'date_created is 2026-11-30T03:00:00.000Z, more than 15 minutes later than the file itself (2026-11-24T03:01:00.000Z)',
    ],
  ])('%s stays, and is told of, in a dry run, too', async (_, text, problem) => {
    const estate = estateWith(GONE, GONE_2);
    estate.file(liveKey(GONE), text());
    const fault = storeFault(stays(liveKey(GONE), problem));
    expect((await cleaned(estate, { dryRun: true })).told).toEqual([fault]);
    const { told } = await cleaned(estate);
    expect(told).toEqual([fault, moved(GONE_2)]);
    expect(estate.keys()).toEqual([removedKey(GONE_2), liveKey(GONE), liveKey(NEWEST)]);
  });

  it('that is too long stays, and is told of', async () => {
    const estate = estateWith(GONE, GONE_2);
    estate.file(liveKey(GONE), 'x'.repeat(256 * 1024 + 1));
    expect((await cleaned(estate)).told).toEqual([
      storeFault(`MetadataRefused: ${liveKey(GONE)} is longer than 262144 bytes.`),
      moved(GONE_2),
    ]);
    expect(estate.keys()).toEqual([removedKey(GONE_2), liveKey(GONE), liveKey(NEWEST)]);
  });

  it('that may not be read stays, and is told of', async () => {
    const estate = estateWith(GONE);
    estate.strike('s3:get', { refuse: 'AccessDenied' });
    const { told, calls } = await cleaned(estate);
    expect(told).toEqual([
      storeFault(
        `NotAllowed: AccessDenied while reading ${BUCKET}/${liveKey(GONE)}, which has no backup: AccessDenied. ${ALLOW}`,
      ),
    ]);
    expect(calls).toEqual([`s3:get eu-west-1 ${liveKey(GONE)}`]);
  });

  it('that another run has just moved is nothing to tell of', async () => {
    const estate = estateWith(GONE);
    estate.strike('s3:get', { refuse: 'NoSuchKey' });
    const { told, said } = await cleaned(estate);
    expect([told, said]).toEqual([[], []]);
  });

  it('whose record cannot be written stays for the next run, and the others are moved', async () => {
    const estate = estateWith(GONE, GONE_2);
    for (const each of [GONE, GONE_2]) estate.file(sharedKey(each, OTHER_ACCOUNT), fileOf(each));
    estate.strike('s3:put', { refuse: 'AccessDenied' });
    const { told, said } = await cleaned(estate);
    expect(told).toEqual([
      storeFault(
        `NotAllowed: AccessDenied while moving the file ${nameOf(GONE)}, whose backup is gone, to removed/: AccessDenied. ${ALLOW}`,
      ),
      moved(GONE_2),
    ]);
    expect(said).toEqual([mended(GONE_2)]);
    expect(estate.keys()).toEqual([removedKey(GONE_2), liveKey(GONE), liveKey(NEWEST), sharedKey(GONE, OTHER_ACCOUNT)]);
  });

  it('is no reason to look for shared files where no record could be written', async () => {
    const estate = estateWith(GONE);
    estate.file(sharedKey(GONE, OTHER_ACCOUNT), fileOf(GONE));
    estate.strike('s3:put', { refuse: 'AccessDenied' });
    const { calls } = await cleaned(estate);
    expect(calls.slice(-2)).toEqual([
      's3:listFolders eu-west-1 backups/shared/',
      `s3:put eu-west-1 ${removedKey(GONE)}`,
    ]);
  });

  it('because nobody can see whether its backup is gone, stays with all others', async () => {
    const estate = estateWith(GONE, GONE_2);
    estate.strike('ebs:describeBackups', { refuse: 'RequestLimitExceeded' });
    const { told } = await cleaned(estate);
    expect(told).toEqual([
      storeFault(
        'NotYet: RequestLimitExceeded while moving the files of backups that are gone to removed/: RequestLimitExceeded. ' +
          'AWS allows only so many calls at a time. This is temporary: run it again.',
      ),
    ]);
    expect(estate.keys()).toEqual([liveKey(GONE), liveKey(GONE_2), liveKey(NEWEST)]);
  });

  it('is in no plan where nobody can see whether its backup is gone', async () => {
    const estate = estateWith(GONE);
    estate.strike('ebs:describeBackups', { refuse: 'RequestLimitExceeded' });
    expect(await planned(estate)).toEqual([]);
  });
});
