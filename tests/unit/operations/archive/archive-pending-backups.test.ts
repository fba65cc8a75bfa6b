import { describe, expect, it } from '@jest/globals';
import { DR, LOCAL, OTHER_ACCOUNT, THIRD, THIRD_ACCOUNT } from '../../domain/builders.js';
import { aboutParts, fileOf, hold, nameOf, sharedKey, withoutLists } from '../held-backups.js';
import type { HeldParts } from '../held-backups.js';
import { ALLOW, openEstate } from '../memory-estate.js';
import type { Asked, MemoryEstate } from '../memory-estate.js';
import { withStore } from '../other-parts.js';

const MONTHLY: HeldParts = { id: 'snap-00000001', created: '2026-11-01-0300', type: 'monthly' };
const ENABLED = { shelvery_enable_ebs_archive: 'true' };
const SHARING = { ...ENABLED, shelvery_share_aws_account_ids: OTHER_ACCOUNT };
const COPYING = { ...ENABLED, shelvery_dr_regions: DR };
const GOES = 'monthly, complete, and no longer needed for copying or pulling';

function estateWith(...backups: readonly HeldParts[]): MemoryEstate {
  const estate = openEstate('ebs');
  estate.resource('vol-1');
  estate.buckets();
  for (const each of backups) hold(estate, each);
  return estate;
}

async function run(estate: MemoryEstate, settings: Readonly<Record<string, string>>, asked: Asked = {}) {
  const { told, said, calls, plan, report, remaining } = await estate.run('archive_pending_backups', {
    settings,
    ...asked,
  });
  return { told, said, calls: withoutLists(calls), plan, report, remaining };
}

const archivedOnes = (estate: MemoryEstate): readonly string[] =>
  estate.backups().flatMap(({ id, archived }) => (archived ? [id] : []));
const archived = (parts: HeldParts) => ({
  ...aboutParts(parts),
  operation: 'ArchiveBackup',
  status: 'ok',
  message: 'is being moved to the archive tier',
});
const line = (parts: HeldParts, what: string, reason: string) => ({
  what,
  subject: parts.id,
  name: nameOf(parts),
  region: LOCAL,
  reason,
});

/** What a dry run plans and a run does of the one backup that there is. */
async function bothOf(estate: MemoryEstate, settings: Readonly<Record<string, string>>, asked: Asked = {}) {
  const dryRun = await run(estate, settings, { ...asked, dryRun: true });
  expect([dryRun.told, dryRun.said, archivedOnes(estate)]).toEqual([[], [], []]);
  const { plan, ...ran } = await run(estate, settings, asked);
  expect(plan).toBeUndefined();
  return { ...ran, plan: dryRun.plan, foreseen: dryRun.report.summary.collected };
}

describe('where the archive tier is turned on for nothing', () => {
  const OFF = {
    operation: 'ArchiveBackup',
    status: 'ignored',
    reason:
      'nothing goes to the archive tier: shelvery_enable_ebs_archive and, of pulled copies, shelvery_enable_ebs_archive_pulled are false, and no tag of a volume or a backup turns them on',
  };

  it('a run and a dry run say so in one line', async () => {
    const estate = estateWith(MONTHLY);
    for (const dryRun of [true, false]) {
      const { told, report } = await run(estate, {}, { dryRun });
      expect(told).toEqual([OFF]);
      expect([report.status, report.summary.collected, report.summary.skipped]).toEqual(['OK', 0, 1]);
    }
    expect(archivedOnes(estate)).toEqual([]);
  });

  it('is not where a tag turns it on, or the configuration does for pulled copies', async () => {
    const tagged = estateWith();
    tagged.resource('vol-2', { tags: { 'shelvery:config:shelvery_enable_ebs_archive': 'true' } });
    expect((await run(tagged, {})).told).toEqual([]);
    const gone = estateWith({
      ...MONTHLY,
      entity: 'vol-gone',
      tags: { 'shelvery:config:shelvery_enable_ebs_archive': 'true' },
    });
    expect((await run(gone, {})).told).toEqual([archived({ ...MONTHLY, entity: 'vol-gone' })]);
    expect((await run(estateWith(MONTHLY), { shelvery_enable_ebs_archive_pulled: 'true' })).told).toEqual([]);
  });
});

describe('a monthly backup', () => {
  it('goes to the archive tier when it is complete and nobody else reads it, and one run does it once', async () => {
    const estate = estateWith(MONTHLY);
    // Metadata is none of its business.
    const { calls: looks } = await estate.run('archive_pending_backups', { settings: ENABLED, dryRun: true });
    expect(looks).toEqual([
      'ebs:listBackups eu-west-1',
      'ebs:listResources eu-west-1',
      's3:listBuckets eu-west-1',
      's3:listFolders eu-west-1 backups/shared/',
    ]);
    const { told, said, calls, plan, foreseen, report, remaining } = await bothOf(estate, ENABLED);
    expect(plan).toEqual([line(MONTHLY, 'archive', GOES)]);
    expect(told).toEqual([archived(MONTHLY)]);
    expect(said).toEqual([]);
    expect(calls).toEqual(['s3:listFolders eu-west-1 backups/shared/', `ebs:archive eu-west-1 ${MONTHLY.id}`]);
    expect([foreseen, report.summary.collected, remaining]).toEqual([1, 1, 0]);
    expect(archivedOnes(estate)).toEqual([MONTHLY.id]);
    const again = await run(estate, ENABLED);
    expect([again.told, again.report.summary.collected]).toEqual([[], 0]);
    expect(again.calls).toEqual(['s3:listFolders eu-west-1 backups/shared/']);
  });

  it('goes once its DR copy is complete and the account has pulled it, whose file then goes to ebs-archived', async () => {
    const estate = estateWith(MONTHLY, {
      ...MONTHLY,
      id: 'snap-00000002',
      place: 'dr',
      source: `${LOCAL}:${MONTHLY.id}`,
    });
    estate.file(sharedKey(MONTHLY, OTHER_ACCOUNT, 'ebs-processed'), fileOf(MONTHLY));
    const { told, calls } = await bothOf(estate, { ...SHARING, ...COPYING });
    expect(told).toEqual([archived(MONTHLY)]);
    const processed = sharedKey(MONTHLY, OTHER_ACCOUNT, 'ebs-processed');
    expect(calls.slice(-6)).toEqual([
      `ebs:archive eu-west-1 ${MONTHLY.id}`,
      `s3:list eu-west-1 ${processed}`,
      `s3:get eu-west-1 ${processed}`,
      `s3:put eu-west-1 ${sharedKey(MONTHLY, OTHER_ACCOUNT, 'ebs-archived')}`,
      `s3:delete eu-west-1 ${processed}`,
      `s3:list eu-west-1 ${processed.replace('.yaml', '-re-encrypted.yaml')}`,
    ]);
    expect(estate.keys()).toEqual([sharedKey(MONTHLY, OTHER_ACCOUNT, 'ebs-archived')]);
    expect(estate.read(sharedKey(MONTHLY, OTHER_ACCOUNT, 'ebs-archived'))).toBe(fileOf(MONTHLY));
    expect(archivedOnes(estate)).toEqual([MONTHLY.id]);
  });

  it('goes where the account has pulled its re-encrypted snapshot, and so does the file of that', async () => {
    const estate = estateWith(MONTHLY);
    const reencrypted: HeldParts = { ...MONTHLY, name: `${nameOf(MONTHLY)}-re-encrypted` };
    estate.file(sharedKey(reencrypted, OTHER_ACCOUNT, 'ebs-processed'), fileOf(reencrypted));
    expect((await bothOf(estate, SHARING)).told).toEqual([archived(MONTHLY)]);
    expect(estate.keys()).toEqual([sharedKey(reencrypted, OTHER_ACCOUNT, 'ebs-archived')]);
  });

  it('goes where the file that was pulled has been set aside already', async () => {
    const estate = estateWith(MONTHLY);
    estate.file(sharedKey(MONTHLY, OTHER_ACCOUNT, 'ebs-archived'), fileOf(MONTHLY));
    expect((await bothOf(estate, SHARING)).told).toEqual([archived(MONTHLY)]);
  });

  it('goes by its volume’s own tag alone', async () => {
    const estate = estateWith(MONTHLY, { ...MONTHLY, id: 'snap-00000002', entity: 'vol-2' });
    estate.resource('vol-1', { tags: { 'shelvery:config:shelvery_enable_ebs_archive': 'true' } });
    expect((await bothOf(estate, {})).told).toEqual([archived(MONTHLY)]);
  });

  it('of a bunker goes by the setting for what was pulled, and asks nobody who reads it', async () => {
    const pulled: HeldParts = { ...MONTHLY, place: 'pulled', source: `${LOCAL}:snap-0000000f`, entity: 'vol-9' };
    expect((await bothOf(estateWith(pulled), { ...SHARING, ...COPYING })).told).toEqual([]);
    const settings = { ...SHARING, ...COPYING, shelvery_enable_ebs_archive: 'false' };
    const { told, calls } = await bothOf(estateWith(pulled), {
      ...settings,
      shelvery_enable_ebs_archive_pulled: 'true',
    });
    expect(told).toEqual([archived(pulled)]);
    expect(calls.at(-1)).toBe(`ebs:archive eu-west-1 ${pulled.id}`);
  });
});

describe('what does not go to the archive tier', () => {
  const DAILY: HeldParts = { id: 'snap-00000002', created: '2026-11-20-0300' };
  it.each([
    ['a daily backup', DAILY, ENABLED],
    ['a weekly backup', { ...DAILY, type: 'weekly' }, ENABLED],
    [
      'one that is not configured so',
      { ...MONTHLY, entity: 'vol-gone', tags: { 'shelvery:config:shelvery_enable_ebs_archive': 'false' } },
      ENABLED,
    ],
    [
      'one of our own where only pulled ones are configured so',
      MONTHLY,
      { shelvery_enable_ebs_archive_pulled: 'true' },
    ],
    ['one that is being made', { ...MONTHLY, created: '2026-11-24-0200', state: 'pending' }, ENABLED],
    ['one that failed', { ...MONTHLY, state: 'failed' }, ENABLED],
    [
      'a re-encrypted snapshot',
      {
        ...MONTHLY,
        created: '2026-11-23-0300',
        name: 'vol-1-2026-11-23-0300-monthly-re-encrypted',
        tags: { 'shelvery:src_backup': `${LOCAL}:snap-0000000f` },
      },
      ENABLED,
    ],
    ['a DR copy', { ...MONTHLY, place: 'dr' }, COPYING],
    ['one that the next cleaning removes', { ...MONTHLY, entity: 'vol-2', created: '2025-11-01-0300' }, ENABLED],
  ] satisfies readonly (readonly [string, HeldParts, Readonly<Record<string, string>>])[])(
    'is %s, of which nothing is told',
    async (_, parts, settings) => {
      const { told, said, plan, foreseen, report } = await bothOf(estateWith(parts), settings);
      expect([told, said, plan]).toEqual([[], [], []]);
      expect([foreseen, report.summary.collected]).toEqual([0, 0]);
    },
  );

  it('is one that lacks its own tags', async () => {
    const estate = estateWith();
    const held = hold(estate, MONTHLY, {
      description: 'Made by Shelvery: monthly backup of volumes of i-0aaaaaaaaaaaaaaaa',
    });
    const { Name: _n, 'shelvery:name': _s, 'shelvery:entity_id': _e, ...tags } = held.tags;
    estate.change(held, { tags });
    const { told, plan } = await bothOf(estate, ENABLED);
    expect([told, plan]).toEqual([[], []]);
  });

  it('is one that expires in less than 90 days, which is an IGNORE', async () => {
    const reason = 'it expires in less than 90 days, the least that the archive tier charges for';
    const settings = { ...ENABLED, shelvery_keep_monthly_backups: '3' };
    const at = (time: string): Asked => ({ givenTime: new Date(time) });
    // It expires on 2027-02-01 at 03:00.
    const late = await bothOf(estateWith(MONTHLY), settings, at('2026-11-03T03:01:00Z'));
    expect(late.plan).toEqual([line(MONTHLY, 'skip', reason)]);
    expect(late.told).toEqual([{ ...aboutParts(MONTHLY), operation: 'ArchiveBackup', status: 'ignored', reason }]);
    expect(late.report.status).toBe('OK');
    const inTime = await bothOf(estateWith(MONTHLY), settings, at('2026-11-03T03:00:00Z'));
    expect(inTime.told).toEqual([archived(MONTHLY)]);
  });

  it('is a yearly one that expires as soon; another of its type goes', async () => {
    const yearly: HeldParts = { ...MONTHLY, type: 'yearly' };
    expect((await bothOf(estateWith(yearly), { ...ENABLED, shelvery_keep_yearly_backups: '1' })).plan).toEqual([
      line(yearly, 'archive', 'yearly, complete, and no longer needed for copying or pulling'),
    ]);
    const short = await bothOf(estateWith({ ...yearly, created: '2026-01-01-0300' }), {
      ...ENABLED,
      shelvery_keep_yearly_backups: '1',
    });
    expect(short.told).toMatchObject([{ status: 'ignored' }]);
  });

  it('is anything of a type without an archive tier, which is one IGNORE', async () => {
    const estate = openEstate('rds');
    estate.resource('orders');
    const told = [
      {
        operation: 'ArchiveBackup',
        status: 'ignored',
        reason: 'RDS instance backups have no archive tier; only EBS snapshots do',
      },
    ];
    const ran = await run(estate, ENABLED);
    expect([ran.told, ran.calls, ran.plan, ran.remaining]).toEqual([told, [], undefined, 0]);
    expect(ran.report).toMatchObject({ status: 'OK', summary: { collected: 0, skipped: 1 } });
    const dryRun = await run(estate, ENABLED, { dryRun: true });
    expect([dryRun.told, dryRun.plan]).toEqual([told, []]);
  });
});

describe('a backup waits to be archived', () => {
  /** What is planned and said of it, and that it stays where it is. */
  async function waits(estate: MemoryEstate, settings: Readonly<Record<string, string>>, reason: string) {
    const { told, said, calls, plan, report, remaining } = await bothOf(estate, settings);
    expect(plan).toEqual([line(MONTHLY, 'skip', reason)]);
    expect(told).toEqual([]);
    expect(said).toEqual([['SHELVERY_BACKUP_KEPT', `${nameOf(MONTHLY)} is not archived yet: ${reason}`]]);
    expect(calls.filter((call) => !/^(s3|ebs):list/.test(call))).toEqual([]);
    expect([report.status, report.summary.collected, remaining]).toEqual(['OK', 1, 0]);
    expect(archivedOnes(estate)).toEqual([]);
  }
  const COPY: HeldParts = { ...MONTHLY, id: 'snap-00000002', place: 'dr', source: `${LOCAL}:${MONTHLY.id}` };

  it.each([
    ['is not there', undefined],
    ['is being made', { ...COPY, state: 'pending' }],
    ['is of another backup', { ...COPY, source: `${LOCAL}:snap-0000000f` }],
    ['is in another region', { ...COPY, region: THIRD }],
    [
      'was made of a copy that was pulled there',
      { ...COPY, place: 'pulled', region: DR, source: `${LOCAL}:${MONTHLY.id}` },
    ],
    [
      'is there as its re-encrypted snapshot only',
      {
        ...COPY,
        name: `${nameOf(MONTHLY)}-re-encrypted`,
        tags: { 'shelvery:src_backup': `${DR}:snap-0000000f` },
      },
    ],
    ['failed', { ...COPY, state: 'failed' }],
  ] satisfies readonly (readonly [string, HeldParts | undefined])[])('while its DR copy %s', async (_, copy) => {
    const estate = estateWith(MONTHLY);
    estate.buckets([THIRD]);
    if (copy !== undefined) hold(estate, copy);
    await waits(estate, COPYING, `its copies in ${DR} are not complete`);
  });

  it('for all regions that are configured, and for those that its own tag names', async () => {
    const tags = { 'shelvery:dr_regions': `${THIRD},${DR},${LOCAL}` };
    await waits(estateWith({ ...MONTHLY, tags }), ENABLED, `its copies in ${THIRD}, ${DR} are not complete`);
    await waits(estateWith({ ...MONTHLY, tags }), COPYING, `its copies in ${DR}, ${THIRD} are not complete`);
    const estate = estateWith({ ...MONTHLY, tags }, COPY, { ...COPY, id: 'snap-00000003', region: THIRD });
    expect((await bothOf(estate, ENABLED)).told).toEqual([archived(MONTHLY)]);
  });

  it.each([
    ['has no file of it', []],
    ['has yet to pull it', ['ebs']],
    ['is offered it anew', ['ebs', 'ebs-processed']],
  ])('while an account that it is shared with %s', async (_, folders) => {
    const estate = estateWith(MONTHLY);
    for (const folder of folders) estate.file(sharedKey(MONTHLY, OTHER_ACCOUNT, folder), fileOf(MONTHLY));
    await waits(estate, SHARING, `not pulled yet by ${OTHER_ACCOUNT}`);
  });

  it('while one of several accounts has not pulled it', async () => {
    const estate = estateWith(MONTHLY);
    estate.file(sharedKey(MONTHLY, OTHER_ACCOUNT, 'ebs-processed'), fileOf(MONTHLY));
    const settings = { ...ENABLED, shelvery_share_aws_account_ids: `${OTHER_ACCOUNT},${THIRD_ACCOUNT}` };
    await waits(estate, settings, `not pulled yet by ${THIRD_ACCOUNT}`);
    estate.file(sharedKey(MONTHLY, OTHER_ACCOUNT), fileOf(MONTHLY));
    await waits(estate, settings, `not pulled yet by ${OTHER_ACCOUNT}, ${THIRD_ACCOUNT}`);
  });

  it('while an account that it was shared with once has a file of it to pull', async () => {
    const estate = estateWith(MONTHLY);
    estate.file(sharedKey(MONTHLY, OTHER_ACCOUNT), fileOf(MONTHLY));
    await waits(estate, ENABLED, `not pulled yet by ${OTHER_ACCOUNT}`);
    const reencrypted: HeldParts = { ...MONTHLY, name: `${nameOf(MONTHLY)}-re-encrypted` };
    const other = estateWith(MONTHLY);
    other.file(sharedKey(reencrypted, OTHER_ACCOUNT), fileOf(reencrypted));
    await waits(other, ENABLED, `not pulled yet by ${OTHER_ACCOUNT}`);
  });

  it('but not for an account that it was shared with once, and that has only files of others', async () => {
    const estate = estateWith(MONTHLY);
    const other: HeldParts = { ...MONTHLY, id: 'snap-0000000f', created: '2026-10-01-0300' };
    estate.file(sharedKey(other, OTHER_ACCOUNT), fileOf(other));
    expect((await bothOf(estate, ENABLED)).told).toEqual([archived(MONTHLY)]);
  });

  it('and the others go, whatever else is there that cannot be understood', async () => {
    const second: HeldParts = { ...MONTHLY, id: 'snap-00000003', created: '2026-10-01-0300' };
    const unclear: HeldParts = { ...MONTHLY, id: 'snap-00000004', tags: { 'shelvery:date_created': undefined } };
    const estate = estateWith(MONTHLY, second, unclear);
    estate.file(sharedKey(second, OTHER_ACCOUNT, 'ebs-processed'), fileOf(second));
    const { told, plan } = await bothOf(estate, SHARING);
    expect(plan).toEqual([line(MONTHLY, 'skip', `not pulled yet by ${OTHER_ACCOUNT}`), line(second, 'archive', GOES)]);
    expect(told).toEqual([archived(second)]);
  });
});

describe('an archiving that was not finished', () => {
  /** An earlier run archived it, and ended before it moved the file. */
  function halfDone(...names: readonly HeldParts[]): MemoryEstate {
    const estate = estateWith();
    hold(estate, MONTHLY, { archived: true });
    for (const each of names) estate.file(sharedKey(each, OTHER_ACCOUNT, 'ebs-processed'), fileOf(each));
    return estate;
  }

  it.each([
    ['its file', MONTHLY],
    ['the file of its re-encrypted snapshot', { ...MONTHLY, name: `${nameOf(MONTHLY)}-re-encrypted` }],
  ] satisfies readonly (readonly [string, HeldParts])[])('moves %s alone', async (_, shared) => {
    const estate = halfDone(shared);
    const dryRun = await run(estate, SHARING, { dryRun: true });
    expect(dryRun.plan).toEqual([
      line(MONTHLY, 'change', 'already archived; its shared files are moved to ebs-archived/'),
    ]);
    expect(dryRun.told).toEqual([]);
    expect(estate.keys()).toEqual([sharedKey(shared, OTHER_ACCOUNT, 'ebs-processed')]);
    const { told, said, calls, report } = await run(estate, SHARING);
    expect([told, said]).toEqual([[], []]);
    expect(report.summary.collected).toBe(1);
    expect(calls.filter((call) => call.startsWith('ebs:'))).toEqual([]);
    expect(estate.keys()).toEqual([sharedKey(shared, OTHER_ACCOUNT, 'ebs-archived')]);
  });

  it('is none where there is no such file', async () => {
    const other: HeldParts = { ...MONTHLY, id: 'snap-0000000f', created: '2026-10-01-0300' };
    const estate = halfDone(other);
    expect((await run(estate, SHARING, { dryRun: true })).plan).toEqual([]);
    const { calls, report } = await run(estate, SHARING);
    expect(report.summary.collected).toBe(0);
    expect(calls.filter((call) => !call.startsWith('s3:list'))).toEqual([]);
  });

  it('whose file cannot be deleted where it was is told of', async () => {
    const estate = halfDone(MONTHLY);
    const from = sharedKey(MONTHLY, OTHER_ACCOUNT, 'ebs-processed');
    const { told } = await run(estate, SHARING, {
      parts: withStore(() => ({ delete: async () => [{ key: from, code: 'AccessDenied', message: 'Access Denied' }] })),
    });
    expect(told).toEqual([
      {
        ...aboutParts(MONTHLY),
        operation: 'ArchiveBackup',
        status: 'failed',
        error: `AwsError: ${from} was copied to ${sharedKey(MONTHLY, OTHER_ACCOUNT, 'ebs-archived')}, but could not be deleted: AccessDenied: Access Denied`,
      },
    ]);
  });
});

describe('archiving that cannot be done', () => {
  const failed = (error: string) => ({ ...aboutParts(MONTHLY), operation: 'ArchiveBackup', status: 'failed', error });

  it('now, because too many are under way, is done later in the same run', async () => {
    const estate = estateWith(MONTHLY);
    for (const nth of [1, 2]) estate.strike('ebs:archive', { refuse: 'ResourceLimitExceeded', nth });
    const { told, report } = await run(estate, ENABLED);
    expect(told).toEqual([archived(MONTHLY)]);
    expect(report.status).toBe('OK');
    expect(archivedOnes(estate)).toEqual([MONTHLY.id]);
  });

  it('because it is forbidden is an ERROR, and the others go', async () => {
    const second: HeldParts = { ...MONTHLY, id: 'snap-00000002', created: '2026-10-01-0300' };
    const estate = estateWith(MONTHLY, second);
    estate.strike('ebs:archive', { refuse: 'UnauthorizedOperation' });
    const { told } = await run(estate, ENABLED);
    expect(told).toEqual(
      expect.arrayContaining([
        failed(
          `NotAllowed: UnauthorizedOperation while moving ${MONTHLY.id} to the archive tier: UnauthorizedOperation. ${ALLOW}`,
        ),
        archived(second),
      ]),
    );
    expect(told).toHaveLength(2);
    expect(archivedOnes(estate)).toEqual([second.id]);
  });

  it('because the backup is gone is an ERROR', async () => {
    const estate = estateWith(MONTHLY);
    estate.strike('ebs:archive', { refuse: 'InvalidSnapshot.NotFound' });
    expect((await run(estate, ENABLED)).told).toEqual([
      failed(`BackupGone: moving ${MONTHLY.id} to the archive tier: it does not exist any more.`),
    ]);
  });

  it('because the run may begin no more is left over', async () => {
    const second: HeldParts = { ...MONTHLY, id: 'snap-00000002', created: '2026-10-01-0300' };
    const waiting: HeldParts = {
      ...MONTHLY,
      id: 'snap-00000003',
      created: '2026-09-01-0300',
      tags: { 'shelvery:dr_regions': DR },
    };
    const estate = estateWith(MONTHLY, second, waiting);
    const { told, remaining, report } = await run(estate, ENABLED, { parts: () => ({ mayStart: () => false }) });
    expect([told, remaining]).toEqual([[], 2]);
    expect(report.summary).toMatchObject({ collected: 3, unfinished: 2 });
    expect(archivedOnes(estate)).toEqual([]);
  });
});
