import { describe, expect, it } from '@jest/globals';
import { DR, LOCAL, OTHER_ACCOUNT, THIRD_ACCOUNT } from '../../domain/builders.js';
import { aboutParts, hold, holdRecorded, nameOf } from '../held-backups.js';
import type { HeldParts } from '../held-backups.js';
import { openEstate } from '../memory-estate.js';
import type { MemoryEstate } from '../memory-estate.js';

const NEWEST: HeldParts = { id: 'snap-00000009', created: '2026-11-23-0300' };
const COPY: HeldParts = { ...NEWEST, id: 'snap-00000008', place: 'dr', source: `${LOCAL}:${NEWEST.id}` };
/** Where a backup says that it lies which somebody has copied, tags and all. */
const ELSEWHERE = 'us-east-1';

/** A marked volume with its newest backup; all have their files. */
function estateWith(...backups: readonly HeldParts[]): MemoryEstate {
  const estate = openEstate('ebs');
  estate.resource('vol-1');
  estate.buckets();
  for (const each of [NEWEST, ...backups]) {
    // What is somebody's own has none.
    if (each.tags?.['shelvery:region'] === ELSEWHERE) hold(estate, each);
    else holdRecorded(estate, each);
  }
  return estate;
}

const failed = (parts: HeldParts, error: string) => ({
  ...aboutParts(parts),
  operation: 'DeleteBackup',
  status: 'failed',
  error,
});
const keptLine = (parts: HeldParts, reason: string, problem = false) => ({
  what: 'keep',
  subject: parts.id,
  name: nameOf(parts),
  reason,
  region: LOCAL,
  ...(problem ? { problem: true } : {}),
});
const keptInfo = (parts: HeldParts, text: string, reason: string) => [
  'SHELVERY_BACKUP_KEPT',
  `${nameOf(parts)} (${parts.id}): ${text}`,
  { reason },
];
const NEWEST_KEPT = keptInfo(NEWEST, 'expires 2026-12-07', 'not-expired');

/** What is told, planned and logged of one backup that stays, beside the newest. */
async function ofOne(parts: HeldParts, settings: Readonly<Record<string, string>> = {}) {
  const estate = estateWith(parts);
  const dryRun = await estate.run('clean_backups', { dryRun: true, settings });
  const ran = await estate.run('clean_backups', { settings });
  expect(dryRun.told).toEqual(ran.told);
  expect(dryRun.said).toEqual([]);
  expect(estate.backups().map(({ id }) => id)).toEqual([NEWEST.id, parts.id]);
  const plan = (dryRun.plan ?? []).filter(({ subject }) => subject !== NEWEST.id);
  const said = ran.said.filter((line) => line[1] !== NEWEST_KEPT[1]);
  return { told: ran.told, plan, said, report: ran.report };
}

describe('a backup that stays', () => {
  const OLD: HeldParts = { id: 'snap-00000001' };

  it.each([
    ['because it has not expired', { ...OLD, created: '2026-11-20-0300' }, 'expires 2026-12-04', 'not-expired'],
    ['because it is held', { ...OLD, hold: 'legal' }, 'on hold: it has the tag shelvery:hold', 'held'],
    [
      'because it is being made',
      { ...OLD, created: '2026-11-24-0200', state: 'pending' },
      'not finished yet',
      'being-made',
    ],
    [
      'because it is the last of a pulled one',
      { ...OLD, place: 'pulled', source: `${LOCAL}:snap-0000000f`, entity: 'vol-9' },
      'the newest available backup (shelvery_keep_last_backups=1)',
      'last-good',
    ],
  ] satisfies readonly (readonly [string, HeldParts, string, string])[])(
    '%s is in the plan and in the log, and nothing is told of it',
    async (_, parts, text, reason) => {
      const { told, plan, said, report } = await ofOne(parts);
      expect(told).toEqual([]);
      expect(plan).toEqual([keptLine(parts, text)]);
      expect(said).toEqual([keptInfo(parts, text, reason)]);
      expect(report).toMatchObject({ status: 'OK', summary: { collected: 2, failed: 0 } });
    },
  );

  it.each([
    [
      'because its own tags are wrong',
      { ...OLD, entity: 'vol-2', tags: { 'shelvery:config:shelvery_keep_daily_backups': 'many' } },
      'ConfigurationError',
      'expired 2026-01-24, but stays until its own tags are corrected: shelvery_keep_daily_backups in the backup\'s own tags is "many"; allowed: a whole number from 0 to 10000 (days).',
    ],
    [
      'because it is not finished after days',
      { ...OLD, state: 'pending' },
      'DeadlinePassed',
      'not finished after 48 hours (shelvery_wait_deadline_hours); look at it in the AWS console',
    ],
    [
      'because nobody knows how long it is kept',
      { ...OLD, type: 'hourly' },
      'TagUnreadable',
      'its retention type hourly is not configured (known: yearly, monthly, weekly, daily): add hourly:<seconds> to shelvery_custom_retention_types, or delete the backup by hand',
    ],
  ] satisfies readonly (readonly [string, HeldParts, string, string])[])(
    '%s is an ERROR, in a dry run, too',
    async (_, parts, code, text) => {
      const { told, plan, said, report } = await ofOne(parts);
      expect(told).toEqual([failed(parts, `${code}: ${parts.id} is kept: ${text}`)]);
      expect(plan).toEqual([keptLine(parts, text, true)]);
      expect(said).toEqual([]);
      expect(report).toMatchObject({ summary: { collected: 2, failed: 1 } });
    },
  );

  it('because its tags are not understood is an ERROR, in a dry run, too', async () => {
    const problem = 'its tag shelvery:date_created is "yesterday"; allowed: YYYY-MM-DD-HHmm';
    const { told, plan, said, report } = await ofOne({ ...OLD, tags: { 'shelvery:date_created': 'yesterday' } });
    expect(told).toEqual([
      {
        operation: 'DeleteBackup',
        backupId: OLD.id,
        region: LOCAL,
        status: 'failed',
        error: `BackupUnreadable: ${OLD.id} is kept: ${problem}. Correct the tag, or delete the backup by hand.`,
      },
    ]);
    expect(plan).toEqual([{ what: 'keep', subject: OLD.id, reason: problem, region: LOCAL, problem: true }]);
    expect(said).toEqual([]);
    expect(report).toMatchObject({ summary: { collected: 2, failed: 1 } });
  });

  it('because it is somebody’s own is one IGNORE, in a dry run, too', async () => {
    const parts: HeldParts = { ...OLD, tags: { 'shelvery:region': ELSEWHERE } };
    const why =
      "not a backup of Shelvery's own, though it has the tags of one: it lies in eu-west-1, and its tags are those of a backup in us-east-1; it is left alone";
    const { told, plan, said, report } = await ofOne(parts);
    expect(told).toEqual([
      { operation: 'DeleteBackup', backupId: OLD.id, region: LOCAL, status: 'ignored', reason: `${OLD.id}: ${why}` },
    ]);
    expect(plan).toEqual([{ what: 'skip', subject: OLD.id, reason: why, region: LOCAL }]);
    expect(said).toEqual([]);
    expect(report).toMatchObject({ status: 'OK', summary: { collected: 2, skipped: 1, failed: 0 } });
  });

  it('because a second one of the same time is there is one IGNORE for the two', async () => {
    const twins: HeldParts = { ...OLD, created: '2026-11-20-0300' };
    const estate = estateWith(twins, { ...twins, id: 'snap-00000002' });
    const { told, said } = await estate.run('clean_backups');
    expect(told).toEqual([
      {
        operation: 'DeleteBackup',
        backupId: OLD.id,
        region: LOCAL,
        status: 'ignored',
        reason: `${OLD.id}: a second backup of the same resource and time is there (snap-00000002): all stay until they expire`,
      },
    ]);
    expect(said).toEqual([
      NEWEST_KEPT,
      keptInfo(twins, 'expires 2026-12-04', 'not-expired'),
      keptInfo({ ...twins, id: 'snap-00000002' }, 'expires 2026-12-04', 'not-expired'),
    ]);
  });
});

describe('a plan', () => {
  it('says what is removed first, then what stays, region by region, then what becomes of files', async () => {
    const old: HeldParts = { id: 'snap-00000001' };
    const mine: HeldParts = { id: 'snap-00000002', tags: { 'shelvery:region': ELSEWHERE } };
    const unclear: HeldParts = { id: 'snap-00000003', tags: { 'shelvery:date_created': undefined } };
    const oldCopy: HeldParts = { ...old, id: 'snap-00000004', place: 'dr', source: `${LOCAL}:${old.id}` };
    const estate = estateWith(old, mine, unclear, COPY, oldCopy);
    estate.world.buckets.forEach(({ objects }) => {
      objects.clear();
    });
    const { plan = [], report } = await estate.run('clean_backups', { dryRun: true });
    expect(plan.map(({ what, subject, region }) => [what, subject, region])).toEqual([
      ['remove', old.id, LOCAL],
      ['keep', NEWEST.id, LOCAL],
      ['skip', mine.id, LOCAL],
      ['keep', unclear.id, LOCAL],
      ['remove', oldCopy.id, DR],
      ['keep', COPY.id, DR],
      ['change', NEWEST.id, LOCAL],
      ['change', COPY.id, DR],
    ]);
    expect(report.summary).toMatchObject({ collected: 6, skipped: 1, failed: 1 });
  });

  it('says how long AWS makes it take where that is long', async () => {
    const estate = estateWith();
    for (let each = 0; each < 500; each += 1) {
      hold(estate, {
        id: `snap-1${String(each).padStart(7, '0')}`,
        created: `2026-01-10-${String(Math.floor(each / 60)).padStart(2, '0')}${String(each % 60).padStart(2, '0')}`,
      });
    }
    const { plan = [] } = await estate.run('clean_backups', { dryRun: true });
    expect(plan.filter(({ what }) => what !== 'remove')).toEqual([
      keptLine(NEWEST, 'expires 2026-12-07'),
      {
        what: 'warn',
        subject: 'ec2:DeleteSnapshot',
        reason: expect.stringMatching(/^AWS takes 100 calls of ec2:DeleteSnapshot at once, .* 500 take at least /),
        region: LOCAL,
      },
    ]);
  });
});

describe('a cleaning warns', () => {
  it('once of each tag of a marked volume that has no effect', async () => {
    const tags = { 'shelvery:config:shelvery_share_aws_account_ids': OTHER_ACCOUNT };
    const gone: HeldParts = { id: 'snap-00000001', entity: 'vol-2', created: '2026-11-20-0300', tags };
    const second: HeldParts = { id: 'snap-00000002', created: '2026-11-20-0300' };
    const estate = estateWith(second, COPY, gone);
    estate.resource('vol-1', { tags });
    const { said, told } = await estate.run('clean_backups');
    expect(told).toEqual([]);
    expect(said.filter(([code]) => code !== 'SHELVERY_BACKUP_KEPT')).toEqual([
      [
        'SHELVERY_CONFIG_WARNING',
        "vol-1: shelvery_share_aws_account_ids in the resource's tags names 222222222222, which tags may not share with; left out. To allow it, list it in shelvery_allowed_share_aws_account_ids.",
        { key: 'shelvery_share_aws_account_ids', entityId: 'vol-1' },
      ],
    ]);
  });

  it('once of a tag of backups whose volume is gone that was to keep them, and does not', async () => {
    const tags = { 'shelvery:config:shelvery_keep_daily_backup': '99', 'shelvery:config:shelvery_dr_region': 'x' };
    const gone: HeldParts = { id: 'snap-00000001', entity: 'vol-2', created: '2026-11-20-0300', tags };
    const estate = estateWith(gone, { ...gone, id: 'snap-00000002', created: '2026-11-21-0300' });
    const { said } = await estate.run('clean_backups');
    expect(said.filter(([code]) => code !== 'SHELVERY_BACKUP_KEPT')).toEqual([
      [
        'SHELVERY_CONFIG_WARNING',
        "vol-2: shelvery_keep_daily_backup in the backup's own tags is not a configuration key; did you mean shelvery_keep_daily_backups?",
        { key: 'shelvery_keep_daily_backup', entityId: 'vol-2' },
      ],
    ]);
  });

  it('once of each tag that was meant to hold, in a dry run, too: under our prefix it holds, and else it does not', async () => {
    const created = '2026-01-10-0300';
    const held: HeldParts = { id: 'snap-00000001', created, tags: { 'shelvery:legal_hold': 'audit' } };
    const estate = estateWith(
      held,
      { id: 'snap-00000002', created: '2026-01-11-0300', tags: { 'Shelvery:Legal_Hold': 'audit' } },
      { id: 'snap-00000003', created: '2026-01-12-0300', tags: { hold: 'true', 'shelvery:legal_hold': 'no' } },
      { id: 'snap-00000004', created: '2026-01-13-0300', tags: { 'legal-hold': 'true', 'shelvery:hold': 'true' } },
    );
    const warned = [
      [
        'SHELVERY_NEAR_HOLD',
        'snap-00000001, snap-00000002: the tag "shelvery:legal_hold" was probably meant to hold them; the tag for that is shelvery:hold. They are kept all the same: set shelvery:hold = true in its place, or take it off to let them go.',
        { key: 'shelvery:legal_hold' },
      ],
      [
        'SHELVERY_NEAR_HOLD',
        'snap-00000003: the tag "hold" holds nothing. If this backup is to stay, set shelvery:hold = true on it.',
        { key: 'hold' },
      ],
    ];
    const near = ({ said }: { readonly said: readonly (readonly unknown[])[] }): readonly unknown[] =>
      said.filter(([code]) => code === 'SHELVERY_NEAR_HOLD');
    expect(near(await estate.run('clean_backups', { dryRun: true }))).toEqual(warned);
    expect(near(await estate.run('list_backups'))).toEqual(warned);
    expect(near(await estate.run('clean_backups'))).toEqual(warned);
    expect(estate.backups().map(({ id }) => id)).toEqual([NEWEST.id, held.id, 'snap-00000002', 'snap-00000004']);
    // What the volume has, too, was copied from it.
    const same = openEstate('ebs');
    same.resource('vol-1', { tags: { hold: 'true' } });
    same.buckets();
    holdRecorded(same, { ...NEWEST, tags: { hold: 'true' } });
    expect(near(await same.run('clean_backups'))).toEqual([]);
  });

  it('that what is to be cleaned alone is neither marked nor has backups', async () => {
    const error =
      'UsageError: EBS volume vol-9 (shelvery_select_entity) is not marked in eu-west-1 of account 111111111111, and has no backups. Correct the id, the region or the credentials.';
    const { told, report } = await estateWith().run('clean_backups', { settings: { shelvery_select_entity: 'vol-9' } });
    expect(told).toEqual([{ operation: 'DeleteBackup', region: LOCAL, status: 'failed', error }]);
    expect(report).toMatchObject({ status: 'FAILED' });
    const gone = estateWith({ id: 'snap-00000001', entity: 'vol-2', created: '2026-11-20-0300' });
    expect((await gone.run('clean_backups', { settings: { shelvery_select_entity: 'vol-2' } })).told).toEqual([]);
  });

  it('of a source account that nothing new was pulled from, and of no other', async () => {
    const pulled: HeldParts = {
      id: 'snap-00000001',
      created: '2026-11-22-0230',
      place: 'pulled',
      source: `${LOCAL}:snap-0000000f`,
      entity: 'vol-9',
    };
    const young: HeldParts = {
      ...pulled,
      id: 'snap-00000002',
      created: '2026-11-23-0301',
      account: THIRD_ACCOUNT,
      source: `${LOCAL}:snap-0000000e`,
    };
    const settings = { shelvery_source_aws_account_ids: `${OTHER_ACCOUNT},${THIRD_ACCOUNT}` };
    const { said, newestPulledAgeHours } = await estateWith(pulled, young).run('clean_backups', { settings });
    expect(said.filter(([code]) => code !== 'SHELVERY_BACKUP_KEPT')).toEqual([
      [
        'SHELVERY_SOURCE_SILENT',
        `The newest EBS volume backup that was pulled from ${OTHER_ACCOUNT} is 48 hours old (shelvery_rpo_hours=26). Look whether the account still backs up and shares.`,
        { account: OTHER_ACCOUNT },
      ],
    ]);
    expect(newestPulledAgeHours).toEqual(
      new Map([
        [OTHER_ACCOUNT, 48 + 31 / 60],
        [THIRD_ACCOUNT, 24],
      ]),
    );
  });
});

describe('a cleaning measures', () => {
  it('how old the newest backup here is, whatever there is elsewhere', async () => {
    const there: HeldParts = { id: 'snap-00000001', created: '2026-11-24-0300', region: DR };
    const estate = estateWith({ ...there, place: 'dr', source: `${LOCAL}:snap-0000000f` });
    // An installation of that region backs up something of its own.
    hold(estate, { ...there, id: 'snap-00000002' });
    const { newestBackupAgeHours, marksLost, newestPulledAgeHours } = await estate.run('clean_backups');
    expect(newestBackupAgeHours).toBe(24 + 1 / 60);
    expect(marksLost).toBe(false);
    expect(newestPulledAgeHours).toEqual(new Map());
  });

  it('that marks are lost where nothing is marked any more', async () => {
    const estate = estateWith();
    estate.world.resources.clear();
    const { newestBackupAgeHours, marksLost } = await estate.run('clean_backups');
    expect([newestBackupAgeHours, marksLost]).toEqual([24 + 1 / 60, true]);
  });

  it('nothing where it looks at one volume', async () => {
    const ran = await estateWith().run('clean_backups', { settings: { shelvery_select_entity: 'vol-1' } });
    const { report: _r, time: _t, told, errors, said, calls: _c, unfinished, ...rest } = ran;
    expect([told, errors, said, unfinished]).toEqual([[], [], [NEWEST_KEPT], []]);
    expect(rest).toEqual({ remaining: 0, handedOver: false });
  });
});
