import { describe, expect, it } from '@jest/globals';
import { ShelveryError } from '../../../../layers/engine/src/domain/errors.js';
import { DR, LOCAL, OWN_ACCOUNT, RUN } from '../../domain/builders.js';
import { hold } from '../held-backups.js';
import { ALLOW, openEstate } from '../memory-estate.js';
import type { MemoryEstate } from '../memory-estate.js';
import { withAdapter } from '../other-parts.js';

const ID = 'snap-00000001';
const CREATED = '2026-11-23-0300';
/** The name by which the volume is called, and by its id. */
const NAME = `web-90cfa3-${CREATED}-daily`;
const BY_ID = `vol-1-${CREATED}-daily`;
/** What a call gives to all snapshots that it makes. */
const IN_COMMON = {
  'shelvery:tag_name': 'shelvery',
  'shelvery:backup': 'true',
  'shelvery:date_created': CREATED,
  'shelvery:retention_type': 'daily',
  'shelvery:src_account': OWN_ACCOUNT,
  'shelvery:region': LOCAL,
  'shelvery:run_id': 'the run that made them',
  'shelvery:volume_set': 'i-0aaaaaaaaaaaaaaaa',
};
const REASON = 'it was made together with others, and left without its own tags';

/** A snapshot that a run made together with others, and whose own tags it did not set any more. */
function leave(estate: MemoryEstate): void {
  const held = hold(
    estate,
    { id: ID, created: CREATED },
    { description: 'Made by Shelvery: daily backup of volumes of i-0aaaaaaaaaaaaaaaa' },
  );
  estate.change(held, { tags: IN_COMMON });
}

function estateWith(tags?: Readonly<Record<string, string>>): MemoryEstate {
  const estate = openEstate('ebs');
  estate.buckets();
  if (tags !== undefined) estate.resource('vol-1', { tags });
  leave(estate);
  return estate;
}

const lines = (name: string) => [
  { what: 'keep', subject: ID, name, reason: 'expires 2026-12-07', region: LOCAL },
  { what: 'change', subject: ID, name, reason: REASON, region: LOCAL },
  { what: 'change', subject: ID, name, reason: 'its metadata is missing, and is written', region: LOCAL },
];
const stored = (name: string, entityName?: string) => ({
  operation: 'StoreBackupData',
  backupName: name,
  backupId: ID,
  entityId: 'vol-1',
  retentionType: 'daily',
  region: LOCAL,
  ...(entityName === undefined ? {} : { entityName }),
  status: 'ok',
  message: 'its metadata was missing',
});
const said = (name: string) => [
  ['SHELVERY_BACKUP_KEPT', `${name} (${ID}): expires 2026-12-07`, { reason: 'not-expired' }],
  ['SHELVERY_MENDED', `${ID}: ${REASON}`, { region: LOCAL }],
];
const OWN = (name: string) => ({
  ...IN_COMMON,
  Name: name,
  'shelvery:name': name,
  'shelvery:entity_id': 'vol-1',
});

describe('a backup that was made together with others, and left without its own tags', () => {
  it('gets those that its volume gives it now, and keeps those that it has', async () => {
    const estate = estateWith({
      Name: 'web',
      Team: 'blue',
      'shelvery:config:shelvery_dr_regions': DR,
    });
    const dryRun = await estate.run('clean_backups', { dryRun: true });
    expect(dryRun.plan).toEqual(lines(NAME));
    expect(estate.backups().map(({ tags }) => tags)).toEqual([IN_COMMON]);
    const ran = await estate.run('clean_backups');
    expect(ran.told).toEqual([stored(NAME, 'web')]);
    expect(ran.said).toEqual(said(NAME));
    const tags = {
      ...OWN(NAME),
      ResourceName: 'web',
      Team: 'blue',
      'shelvery:dr_regions': DR,
      'shelvery:config:shelvery_dr_regions': DR,
    };
    expect(estate.backups().map((each) => each.tags)).toEqual([tags]);
    expect(ran.calls.slice(-2)).toEqual([`ebs:tagBackup eu-west-1 ${ID}`, `s3:put eu-west-1 backups/ebs/${NAME}.yaml`]);
    const text = estate.read(`backups/ebs/${NAME}.yaml`) ?? '';
    for (const [key, value] of Object.entries(tags)) expect(text).toContain(`  "${key}": "${value}"\n`);
    const again = await estate.run('clean_backups');
    expect(again.calls.filter((call) => /tagBackup|put/.test(call))).toEqual([]);
  });

  it('gets those that are known where its volume is gone', async () => {
    const estate = estateWith();
    const ran = await estate.run('clean_backups');
    expect(ran.told).toEqual([stored(BY_ID)]);
    expect(ran.said).toEqual(said(BY_ID));
    expect(estate.backups().map(({ tags }) => tags)).toEqual([{ ...OWN(BY_ID), 'shelvery:dr_regions': '' }]);
  });

  it('gets the id of the run that names it where it has none', async () => {
    const estate = estateWith({});
    const { 'shelvery:run_id': _, ...others } = IN_COMMON;
    for (const backup of estate.backups()) estate.change(backup, { tags: others });
    await estate.run('clean_backups');
    expect(estate.backups().map(({ tags }) => tags)).toEqual([
      { ...OWN(BY_ID), 'shelvery:dr_regions': '', 'shelvery:run_id': RUN },
    ]);
  });

  it('that cannot be given them is told of as not made to its end, and has no file until it has them', async () => {
    const estate = estateWith({});
    estate.strike('ebs:tagBackup', { refuse: 'UnauthorizedOperation' });
    const ran = await estate.run('clean_backups');
    const { message: _, ...about } = stored(BY_ID);
    expect(ran.told).toEqual([
      {
        ...about,
        operation: 'CreateBackup',
        status: 'failed',
        error: `NotAllowed: UnauthorizedOperation while giving ${ID} its own tags: UnauthorizedOperation. ` + ALLOW,
      },
    ]);
    expect(ran.said).toEqual(said(BY_ID).slice(0, 1));
    expect(estate.keys()).toEqual([]);
    expect((await estate.run('clean_backups')).told).toEqual([stored(BY_ID)]);
    expect(estate.keys()).toEqual([`backups/ebs/${BY_ID}.yaml`]);
  });

  it('is left to the next run where this one may begin no more', async () => {
    const estate = estateWith({});
    const ran = await estate.run('clean_backups', { parts: () => ({ mayStart: () => false }) });
    expect(ran.told).toEqual([]);
    expect(estate.backups().map(({ tags }) => tags)).toEqual([IN_COMMON]);
    expect(estate.keys()).toEqual([]);
  });

  it('is left to the next run, which nothing is told of, where its turn did not come', async () => {
    const estate = estateWith({});
    const tagBackup = (): Promise<never> => Promise.reject(new ShelveryError('NotBegun', 'its turn did not come'));
    const ran = await estate.run('clean_backups', { parts: withAdapter(() => ({ tagBackup })) });
    expect([ran.told, ran.said, ran.report.status]).toEqual([[], said(BY_ID).slice(0, 1), 'OK']);
    expect(estate.backups().map(({ tags }) => tags)).toEqual([IN_COMMON]);
    expect(estate.keys()).toEqual([]);
    expect((await estate.run('clean_backups')).told).toEqual([stored(BY_ID)]);
  });

  it('goes with its volume’s other backups when it has expired, and gets no tags before', async () => {
    const estate = estateWith();
    const ran = await estate.run('clean_backups', {
      settings: { shelvery_keep_daily_backups: '1', shelvery_keep_last_backups: '0' },
    });
    expect(ran.told).toMatchObject([{ operation: 'DeleteBackup', backupName: BY_ID, message: 'expired 2026-11-24' }]);
    expect(ran.calls.filter((call) => call.includes('tagBackup'))).toEqual([]);
    expect(estate.backups()).toEqual([]);
  });

  it('gets them beside others that have theirs', async () => {
    const estate = estateWith({});
    const other = hold(estate, { id: 'snap-00000002', created: '2026-11-22-0300' });
    const ran = await estate.run('clean_backups');
    expect(ran.calls.filter((call) => call.includes('tagBackup'))).toEqual([`ebs:tagBackup eu-west-1 ${ID}`]);
    expect(estate.backups().find(({ id }) => id === other.id)?.tags).toEqual(other.tags);
    expect(estate.keys()).toEqual(['backups/ebs/vol-1-2026-11-22-0300-daily.yaml', `backups/ebs/${BY_ID}.yaml`]);
  });
});
