import { describe, expect, it } from '@jest/globals';
import { AccountId, BackupId, Region, ResourceId, ShelveryError, resolveRunConfig } from '@shelvery/engine/terminal';
import type { Outcome, RunResult } from '@shelvery/engine/terminal';
import { buildStatus } from '../../../layers/engine/src/domain/status/backup-status.js';
import { listedUnjudged } from '../../../layers/engine/src/operations/regions/listed-backup.js';
import { EXIT } from '../../../cli/exit-code.js';
import { plain } from '../../../cli/output.js';
import { errorDocument, runsDocument } from '../../../cli/render-json.js';
import { liveLine } from '../../../cli/render-outcome.js';
import { renderRuns, renderRunsQuietly, runHeading } from '../../../cli/render-run.js';
import type { RenderParts } from '../../../cli/render-run.js';
import { retentionText } from '../../../cli/retention-text.js';
import { renderTable } from '../../../cli/render-table.js';
import type { TypeRun } from '../../../cli/type-run.js';
import { waitingText } from '../../../cli/tally.js';
import { foundBackup } from '../domain/builders.js';
import { HOME, TIME, aRequest, aResult, pendingStore, ran } from './runs.js';

const subject = {
  operation: 'CreateBackup',
  backupName: 'data-0a1b2c-2026-11-24-0301-daily',
  backupId: BackupId.parse('snap-1'),
  entityId: ResourceId.parse('vol-1'),
  region: HOME.region,
} as const;
const made: Outcome = { ...subject, status: 'ok' };
const skipped: Outcome = {
  operation: 'CreateBackup',
  entityId: ResourceId.parse('vol-2'),
  status: 'ignored',
  reason: 'daily backups are not kept',
};
const failed: Outcome = {
  operation: 'CreateBackup',
  entityId: ResourceId.parse('vol-3'),
  status: 'failed',
  error: new ShelveryError('NotAllowed', 'Not allowed. Allow it.'),
};

const parts: RenderParts = {
  request: aRequest(),
  home: HOME,
  finish: (type) => `shelvery ${type} …`,
  paint: plain,
  width: undefined,
  prefix: 'shelvery',
  ssmPath: undefined,
  skippedShown: false,
  countsShown: false,
};
const NOTHING_TO_FINISH = { ...parts, finish: () => undefined };

function renderRun(run: TypeRun, as: RenderParts): string {
  return renderRuns([run], as);
}

function renderQuietly(run: TypeRun, heading: string, as: RenderParts): string {
  return renderRunsQuietly([run], heading, as);
}

describe('renderRuns', () => {
  const several: readonly TypeRun[] = [
    ran(aResult([made, skipped])),
    { ...ran(aResult([failed])), type: 'rds' },
    { ...ran(aResult([])), type: 'docdb' },
  ];

  it('has a section for each run, one line for all, and one command', () => {
    expect(renderRuns(several, parts).split('\n')).toEqual([
      'ebs          OK: 2 found, 1 created, 1 skipped, 0 failed',
      '  skipped: vol-2: daily backups are not kept',
      'rds          FAILED: 1 found, 0 skipped, 1 failed',
      '  failed: vol-3: Not allowed. Allow it.',
      'docdb        OK: 0 found, 0 skipped, 0 failed',
      '',
      'all          PARTIAL: 3 found, 1 created, 1 skipped, 1 failed',
      'When that is fixed, finish it with:',
      '  shelvery rds …',
    ]);
  });

  it('has no section without more to say, where the counts were shown', () => {
    expect(renderRuns(several, { ...parts, countsShown: true }).split('\n')).toEqual([
      'ebs          OK',
      '  skipped: vol-2: daily backups are not kept',
      'rds          FAILED',
      '  failed: vol-3: Not allowed. Allow it.',
      '',
      'all          PARTIAL: 3 found, 1 created, 1 skipped, 1 failed',
      'When that is fixed, finish it with:',
      '  shelvery rds …',
    ]);
    expect(
      renderRuns([ran(aResult([made])), { ...ran(aResult([])), type: 'rds' }], { ...parts, countsShown: true }),
    ).toBe('all          OK: 1 found, 1 created, 0 skipped, 0 failed');
  });

  it('names one command for what several left, whether it was begun or not', () => {
    const left: readonly TypeRun[] = [
      ran(aResult([made], { remaining: 7 }), { interrupted: true }),
      { kind: 'not-begun', type: 'rds', time: TIME },
      { kind: 'broken', type: 'docdb', time: TIME, error: new ShelveryError('Unexpected', 'Broken.') },
    ];
    expect(renderRuns(left, parts).split('\n')).toEqual([
      'ebs          INTERRUPTED: 1 found, 1 created, 0 skipped, 0 failed',
      'Unfinished: 7 not begun.',
      'rds          Interrupted before rds began.',
      'docdb        FAILED: Broken.',
      '',
      'all          INTERRUPTED: 1 found, 1 created, 0 skipped, 0 failed; 1 type stopped early (docdb)',
      'Finish it with:',
      '  shelvery all …',
    ]);
  });

  describe('of types that stopped early', () => {
    const brokeOff = new ShelveryError('NotAllowed', 'You may not.');
    const result = aResult([], { brokeOff });
    const stopped = ran({ ...result, report: { ...result.report, status: 'FAILED' } });
    const broken: TypeRun = { kind: 'broken', type: 'docdb', time: TIME, error: brokeOff };

    it('names each in the closing line, and counts the others', () => {
      const listed = ran(aResult([], { listed: [] }));
      const text = renderRuns([{ ...listed, type: 'rds' }, stopped, broken], NOTHING_TO_FINISH);
      expect(text.split('\n')).toEqual([
        'rds          OK: 0 backups',
        'ebs          FAILED: nothing was done',
        '  stopped early: You may not.',
        'docdb        FAILED: You may not.',
        '',
        'all          PARTIAL: 0 backups; 2 types stopped early (ebs, docdb)',
      ]);
    });

    it('counts nothing where none found anything', () => {
      expect(renderRuns([stopped, broken], NOTHING_TO_FINISH)).toMatch(
        /\n\nall {10}FAILED: 2 types stopped early \(ebs, docdb\)$/,
      );
      expect(renderRun(stopped, NOTHING_TO_FINISH)).toBe('FAILED: nothing was done\n  stopped early: You may not.');
    });

    it('counts what they had done before', () => {
      const some = ran(aResult([made], { brokeOff }));
      expect(renderRuns([some, broken], NOTHING_TO_FINISH)).toMatch(
        /: 1 found, 1 created, 0 skipped, 0 failed; 2 types stopped early \(ebs, docdb\)$/,
      );
    });
  });

  it('adds up what looks and plans have found, and keeps their tables apart', () => {
    const plan = [
      { what: 'create', subject: 'vol-1', region: 'eu-west-1', reason: 'daily backup' },
      { what: 'create', subject: 'data', region: 'eu-west-1', reason: 'bucket, policy', of: 'bucket' },
    ] as const;
    const planned = [ran(aResult([], { plan })), { ...ran(aResult([], { plan: [] })), type: 'rds' } as const];
    expect(renderRuns(planned, NOTHING_TO_FINISH).split('\n')).toEqual([
      'ebs          OK: nothing was changed; 1 to create, 1 data bucket to create',
      'WHAT    ID     REGION     REASON',
      'create  vol-1  eu-west-1  daily backup',
      'create  data   eu-west-1  bucket, policy',
      '',
      'rds          OK: nothing was changed',
      '',
      'all          OK: nothing was changed; 1 to create, 1 data bucket to create',
    ]);
    const bucket = plan.slice(1);
    const both = [ran(aResult([], { plan })), { ...ran(aResult([], { plan: bucket })), type: 'rds' } as const];
    expect(renderRuns(both, NOTHING_TO_FINISH)).toMatch(/1 to create, 1 data bucket to create$/);
    const status = ran(aResult([], { backupStatus: STATUS }));
    expect(renderRuns([status, { ...status, type: 'rds' }], NOTHING_TO_FINISH)).toMatch(
      /\n\nall {10}OBJECTIVE BROKEN: 4 marked resources: 4 breaches, 0 warnings, 2 notes$/,
    );
  });
});

describe('data buckets', () => {
  const bucket = (name: string): Outcome => ({ operation: 'CreateDataBucket', bucket: name, status: 'ok' });
  const result = aResult([bucket('one'), bucket('two')]);
  const run = ran({ ...result, report: { ...result.report, action: 'create_data_buckets' } });

  it('that several types see to are counted once', () => {
    expect(renderRun(run, NOTHING_TO_FINISH)).toBe('OK: 2 found, 2 buckets ready, 0 skipped, 0 failed');
    expect(renderRuns([run, { ...run, type: 'rds' }], NOTHING_TO_FINISH)).toMatch(
      /all {10}OK: 2 found, 2 buckets ready, 0 skipped, 0 failed$/,
    );
  });
});

describe('liveLine', () => {
  it.each<[string, Outcome, string]>([
    [
      'what was done',
      made,
      'ok       CreateBackup          data-0a1b2c-2026-11-24-0301-daily (snap-1) of vol-1 in eu-west-1',
    ],
    ['why it was skipped', skipped, 'skipped  CreateBackup          vol-2: daily backups are not kept'],
    ['that it failed, by its code', failed, 'FAILED   CreateBackup          vol-3: NotAllowed'],
    [
      'where a backup was shared to',
      { ...subject, operation: 'ShareBackup', destinationAccount: HOME.accountId, status: 'ok' },
      'ok       ShareBackup           data-0a1b2c-2026-11-24-0301-daily (snap-1) of vol-1 in eu-west-1 with 111111111111',
    ],
  ])('says %s', (_what, outcome, line) => {
    expect(liveLine(outcome, plain)).toBe(line);
  });

  it('says which type, where there are several', () => {
    expect(liveLine(failed, plain, 'ebs')).toBe('FAILED   ebs          CreateBackup          vol-3: NotAllowed');
  });

  it('lets no name or message steer the terminal', () => {
    const outcome: Outcome = { ...made, message: 'one\ntwo \u001B[31mred' };
    expect(liveLine(outcome, plain)).toMatch(/in eu-west-1: one two \[31mred$/);
  });
});

describe('renderTable', () => {
  it('makes columns as wide as they need to be', () => {
    expect(
      renderTable(
        ['A', 'LONG', 'C'].map((title, column) => ({ title, cell: (row: readonly string[]) => row[column] ?? '' })),
        [
          ['wide one', 'b', ''],
          ['x', 'y', 'z'],
        ],
        plain,
      ),
    ).toBe(['A         LONG  C', 'wide one  b', 'x         y     z'].join('\n'));
  });
});

describe('renderRun', () => {
  it('counts what was done, and names why something was skipped or failed, and the command that finishes it', () => {
    expect(renderRun(ran(aResult([made, made, skipped, failed])), parts)).toBe(
      [
        'PARTIAL: 4 found, 2 created, 1 skipped, 1 failed',
        '  failed: vol-3: Not allowed. Allow it.',
        '  skipped: vol-2: daily backups are not kept',
        'When that is fixed, finish it with:',
        '  shelvery ebs …',
      ].join('\n'),
    );
  });

  it('names no command where nothing is left to do', () => {
    expect(renderRun(ran(aResult([made, skipped])), parts)).toBe(
      'OK: 2 found, 1 created, 1 skipped, 0 failed\n  skipped: vol-2: daily backups are not kept',
    );
  });

  it('names no command where the one that was given was wrong', () => {
    const wrong: Outcome = { ...failed, error: new ShelveryError('UsageError', 'No such volume.') };
    expect(renderRun(ran(aResult([wrong])), parts)).toBe(
      'FAILED: 1 found, 0 skipped, 1 failed\n  failed: vol-3: No such volume.',
    );
    expect(renderRun(ran(aResult([wrong, failed])), parts)).toContain('When that is fixed, finish it with:');
  });

  it('names at most 20 reasons of a kind', () => {
    const reasons = Array.from({ length: 25 }, (_, index): Outcome => ({ ...skipped, reason: `reason ${index}` }));
    const text = renderRun(ran(aResult(reasons)), parts);
    expect(text.match(/ {2}skipped: /g)).toHaveLength(20);
    expect(text).toContain('  … and 5 more (--json names all)');
  });

  it('is silent of what was skipped where that was shown before, and says once what failed for one reason', () => {
    const again: Outcome = { ...failed, entityId: ResourceId.parse('vol-4') };
    expect(renderRun(ran(aResult([made, skipped, failed, again])), { ...parts, skippedShown: true })).toBe(
      [
        'PARTIAL: 4 found, 1 created, 1 skipped, 2 failed',
        '  failed: 2 CreateBackup (vol-3, vol-4): Not allowed. Allow it.',
        'When that is fixed, finish it with:',
        '  shelvery ebs …',
      ].join('\n'),
    );
  });

  it('names what an interruption left, and the command that finishes it', () => {
    const run = ran(aResult([made], { remaining: 7 }), {
      interrupted: true,
      unfinished: [{ message: pendingStore('snap-1'), why: 'interrupted' }],
    });
    expect(renderRun(run, parts)).toBe(
      [
        'INTERRUPTED: 1 found, 1 created, 0 skipped, 0 failed',
        'Unfinished: 7 not begun, 1 not finished.',
        '  interrupted: do_store_backup_data of snap-1 in eu-west-1',
        'Finish it with:',
        '  shelvery ebs …',
      ].join('\n'),
    );
  });

  it('names of what was interrupted the region or the account that it was for', () => {
    const { operation, ...message } = pendingStore('snap-1');
    const { backupId, region } = operation;
    const left = [
      { action: 'do_copy_backup', backupId, region, toRegion: Region.parse('eu-central-1') },
      { action: 'do_copy_backup', backupId, region, toRegion: Region.parse('us-east-1') },
      { action: 'do_share_backup', backupId, region, account: AccountId.parse('222222222222') },
    ] as const;
    const unfinished = left.map((each) => ({ message: { ...message, operation: each }, why: 'interrupted' as const }));
    const text = renderRun(ran(aResult([made]), { interrupted: true, unfinished }), parts);
    expect(text.match(/ {2}interrupted: .*/g)).toEqual([
      '  interrupted: do_copy_backup of snap-1 in eu-west-1 to eu-central-1',
      '  interrupted: do_copy_backup of snap-1 in eu-west-1 to us-east-1',
      '  interrupted: do_share_backup of snap-1 in eu-west-1 with 222222222222',
    ]);
  });

  it('says why a run broke off, once', () => {
    const error = new ShelveryError('AwsError', 'The list failed.');
    const outcome: Outcome = { operation: 'DeleteBackup', status: 'failed', error };
    expect(renderRun(ran(aResult([outcome], { brokeOff: error })), parts).match(/The list failed/g)).toHaveLength(1);
    expect(renderRun(ran(aResult([], { brokeOff: error })), parts)).toContain('\n  stopped early: The list failed.\n');
  });

  it('prints a plan as a table with a reason for every line', () => {
    const plan = [
      { what: 'create', subject: 'vol-1', name: 'data-0a1b2c', region: 'eu-west-1', reason: 'daily backup' },
      { what: 'skip', subject: 'vol-2', region: 'eu-west-1', reason: 'daily backups are not kept' },
    ] as const;
    expect(renderRun(ran(aResult([], { plan })), NOTHING_TO_FINISH)).toBe(
      [
        'WHAT    ID     NAME         REGION     REASON',
        'create  vol-1  data-0a1b2c  eu-west-1  daily backup',
        'skip    vol-2               eu-west-1  daily backups are not kept',
        'OK: nothing was changed; 1 to create, 1 to skip',
      ].join('\n'),
    );
  });

  it('counts what the run will fail in as failed, and tells what is skipped once', () => {
    const at = { region: 'eu-west-1' } as const;
    const plan = [
      { ...at, what: 'keep', subject: 'snap-1', reason: 'expires 2026-12-08' },
      { ...at, what: 'keep', subject: 'snap-2', reason: 'its tag is missing', problem: true },
      { ...at, what: 'skip', subject: 'snap-3', reason: "not Shelvery's own" },
      { ...at, what: 'refuse', subject: '222222222222: a.yaml', reason: 'expired' },
    ] as const;
    const skipped = { operation: 'DeleteBackup', status: 'ignored' } as const;
    const error = new ShelveryError('BackupUnreadable', 'snap-2 is kept: correct the tag.');
    const outcomes = [
      { operation: 'DeleteBackup', backupId: BackupId.parse('snap-2'), status: 'failed', error },
      { ...skipped, backupId: BackupId.parse('snap-3'), reason: "snap-3: not Shelvery's own" },
      { ...skipped, backupId: BackupId.parse('snap-1'), reason: 'snap-1: a second backup is there' },
      { ...skipped, sourceAccount: AccountId.parse('222222222222'), backupS3Location: 'a.yaml', reason: 'expired' },
    ] satisfies Outcome[];
    const [, ...rest] = renderRun(ran(aResult(outcomes, { plan })), NOTHING_TO_FINISH).split('\n');
    expect(rest.slice(4)).toEqual([
      'FAILED: nothing was changed; 1 to keep, 1 to skip, 1 to refuse, 1 failed',
      '  failed: snap-2: snap-2 is kept: correct the tag.',
      '  skipped: snap-1: snap-1: a second backup is there',
    ]);
  });

  it('tells at 80 columns which resource a line is about, and leaves the region out', () => {
    const line = {
      what: 'remove',
      subject: 'snap-0123456789abcdef0',
      name: 'orders-4fea2c-2026-03-03-0100-daily',
      region: 'eu-west-1',
      reason: 'expired 2026-03-17',
    } as const;
    const [title, row, note] = renderRun(ran(aResult([], { plan: [line] })), {
      ...NOTHING_TO_FINISH,
      width: 80,
    }).split('\n');
    expect(title).toMatch(/^WHAT +ID +NAME +REASON$/);
    expect(row).toContain('snap-0123456789abcdef0  orders-4fea2c-2026-');
    expect(row).toMatch(/expired 2026-03-17$/);
    expect(note).toBe('Too narrow for REGION: --wide shows all.');
  });

  it('tells at 80 columns which snapshot cannot be understood, and of which volume each finding is', () => {
    const unreadable = listedUnjudged(
      foundBackup({ id: 'snap-0123456789abcdef0' }),
      'unreadable',
      'its tag shelvery:date_created is missing; allowed: YYYY-MM-DD-HHmm',
    );
    const { fate, ...rest } = unreadable;
    const backup = {
      ...rest,
      fate: 'expires 2026-12-08',
      resource: 'vol-0fedcba9876543210',
      created: TIME.toISOString(),
    };
    const list = renderRun(
      ran(
        aResult([], {
          listed: [
            { ...backup, place: 'local' },
            { ...rest, fate },
          ],
        }),
      ),
      {
        ...NOTHING_TO_FINISH,
        width: 80,
      },
    );
    expect(list).toContain('vol-0fedcba9876543210  local');
    expect(list.replace(/\s+/g, ' ')).toContain(
      'snap-0123456789abcdef0 is kept: its tag shelvery:date_created is missing;',
    );

    const id = 'vol-0123456789abcdef0';
    const findings = [
      {
        reason: 'bunker-copy-missing',
        resource: id,
        resource_name: 'orders-of-the-whole-company',
        region: 'eu-central-1',
        text: 'the first text '.repeat(9),
      },
      { reason: 'near-miss', resource: 'vol-0fedcba9876543210', text: 'another' },
    ] as const;
    const status = renderRun(
      ran(aResult([], { backupStatus: buildStatus({ findings, resources: [], sources: [] }) })),
      { ...NOTHING_TO_FINISH, width: 80 },
    );
    for (const whole of [id, 'vol-0fedcba9876543210']) expect(status).toContain(whole);
    for (const line of `${list}\n${status}`.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(status).toMatch(/^ {4}the first text the first text .*$/m);
  });

  it('says so when a plan is empty', () => {
    expect(renderRun(ran(aResult([], { plan: [] })), NOTHING_TO_FINISH)).toBe(
      'There is nothing to do.\nOK: nothing was changed',
    );
  });

  it('names the command of a type that was not begun, and of one that broke', () => {
    expect(renderRun({ kind: 'not-begun', type: 'rds', time: TIME }, parts)).toBe(
      'Interrupted before rds began.\nRun it with:\n  shelvery rds …',
    );
    expect(
      renderRun({ kind: 'broken', type: 'rds', time: TIME, error: new ShelveryError('Unexpected', 'Broken.') }, parts),
    ).toBe('FAILED: Broken.\nWhen that is fixed, finish it with:\n  shelvery rds …');
  });
});

const STATUS = buildStatus({
  findings: [
    {
      reason: 'backup-too-old',
      resource: 'vol-1',
      resource_name: 'orders',
      text: 'the data of its newest backup is 3 days old (objective: 26 hours)',
    },
    { reason: 'source-silent', account: '222222222222', text: 'silent' },
    { reason: 'held', resource: 'vol-2', text: 'a backup is on hold' },
  ],
  resources: [
    {
      id: 'vol-1',
      name: 'orders',
      rpo_hours: 26,
      newest: { backup: 'snap-1', age_hours: 75.5 },
      copies: [{ region: 'eu-central-1', newest: { backup: 'snap-2', age_hours: 5.9 } }, { region: 'us-east-1' }],
      pulled_by: [{ account: '222222222222' }],
      running: 1,
      held: 0,
    },
    { id: 'vol-2', rpo_hours: 26, copies: [], pulled_by: [], running: 0, held: 1 },
  ],
  sources: [
    {
      account: '333333333333',
      resources: 4,
      not_seen_for_60_days: 1,
      newest: { backup: 'x', age_hours: 2 },
      waiting: 3,
    },
    { account: '444444444444', resources: 0, not_seen_for_60_days: 0 },
  ],
});

describe('a status', () => {
  const run = ran(aResult([], { backupStatus: STATUS }));
  const asked = { ...NOTHING_TO_FINISH, request: aRequest({ action: 'status' }) };

  it('has what needs somebody first, then every resource and source', () => {
    expect(renderRun(run, asked).split('\n')).toEqual([
      'LEVEL   RESOURCE      ID     REASON          WHAT IS FOUND',
      'breach  orders        vol-1  backup-too-old  the data of its newest backup is 3 days old (objective: 26 hours)',
      'breach  222222222222         source-silent   silent',
      'note    vol-2                held            a backup is on hold',
      '',
      'RESOURCE  ID     NEWEST  OBJECTIVE  COPIES                            PULLED BY          RUNNING  HELD',
      'orders    vol-1  3 d     26 h       eu-central-1 5 h, us-east-1 none  222222222222 none  1',
      'vol-2            none    26 h                                                                     1',
      '',
      'SOURCE ACCOUNT  NEWEST  RESOURCES  NOT SEEN FOR 60 DAYS  WAITING',
      '333333333333    2 h     4          1                     3',
      '444444444444    none    0          0                     unknown',
      'OBJECTIVE BROKEN: 2 marked resources: 2 breaches, 0 warnings, 1 note',
    ]);
  });

  it('says that it is not known what is in a place that could not be looked at', () => {
    const { resources } = STATUS;
    const partly = resources.map((each) => ({
      ...each,
      copies: [{ region: 'eu-central-1', unknown: true as const }],
      pulled_by: [{ account: '222222222222', unknown: true as const }],
    }));
    const backupStatus = buildStatus({ findings: [], resources: partly, sources: [] });
    expect(renderRun(ran(aResult([], { backupStatus })), asked)).toMatch(
      /^orders .* eu-central-1 unknown {2}222222222222 unknown /m,
    );
  });

  it.each([80, 120])('fits a terminal of %d columns', (width) => {
    for (const line of renderRun(run, { ...asked, width }).split('\n')) expect(line.length).toBeLessThanOrEqual(width);
  });

  it('is only what needs somebody, where it is to be quiet', () => {
    const quiet = { ...asked, request: aRequest({ action: 'status', quiet: true }) };
    expect(renderQuietly(run, 'the heading', quiet)).toBe(
      [
        'LEVEL   RESOURCE      ID     REASON          WHAT IS FOUND',
        'breach  orders        vol-1  backup-too-old  the data of its newest backup is 3 days old (objective: 26 hours)',
        'breach  222222222222         source-silent   silent',
      ].join('\n'),
    );
    const well = buildStatus({ findings: [], resources: STATUS.resources, sources: [] });
    expect(renderQuietly(ran(aResult([], { backupStatus: well })), 'the heading', quiet)).toBe('');
    const two = renderRunsQuietly([run, { ...run, type: 'rds' }], 'the heading', quiet);
    expect(two).toMatch(/^ebs\nLEVEL[^]*\n\nrds\nLEVEL/);
  });

  it('says what failed, too, where it is to be quiet and the objective is broken', () => {
    const quiet = { ...asked, request: aRequest({ action: 'status', quiet: true }) };
    const refused: Outcome = { ...failed, operation: 'ListBackups' };
    const partial = ran(aResult([refused], { backupStatus: STATUS }));
    const text = renderQuietly(partial, 'the heading', quiet);
    expect(text).toMatch(/^the heading\nLEVEL/);
    expect(text).toMatch(
      /\nOBJECTIVE BROKEN: 2 marked resources: .*, 1 failed\n {2}failed: vol-3: Not allowed\. Allow it\.$/,
    );
    expect(text).not.toContain('SOURCE ACCOUNT');
    const two = renderRunsQuietly([run, { ...partial, type: 'rds' }], 'the heading', quiet);
    expect(two.match(/failed: vol-3/g)).toHaveLength(1);
  });

  it('of nothing says so', () => {
    const empty = buildStatus({ findings: [], resources: [], sources: [] });
    expect(renderRun(ran(aResult([], { backupStatus: empty })), asked)).toBe(
      'Nothing in eu-west-1 of 111111111111 has the tag shelvery:create_backup = true, and nothing was pulled.\nOK: 0 marked resources: 0 breaches, 0 warnings, 0 notes',
    );
  });
});

describe('renderQuietly', () => {
  const quiet = { ...parts, request: aRequest({ quiet: true }) };

  it('has nothing to say of a run in which all is well, and all of one that failed', () => {
    expect(renderQuietly(ran(aResult([made, skipped])), 'the heading', quiet)).toBe('');
    expect(renderQuietly(ran(aResult([made, failed])), 'the heading', quiet)).toMatch(
      /^the heading\nPARTIAL: .*\n {2}failed: vol-3: Not allowed/,
    );
    expect(renderQuietly({ kind: 'not-begun', type: 'rds', time: TIME }, 'the heading', quiet)).toMatch(
      /^the heading\nInterrupted before rds began/,
    );
  });
});

describe('a configuration', () => {
  const shownConfig = {
    values: [
      { key: 'shelvery_keep_daily_backups', value: '30', level: 'ssm' },
      { key: 'shelvery_dr_regions', value: '', level: 'default' },
      { key: 'role_arn', level: 'default' },
      { key: 'shelvery_sns_topic', value: 'arn', level: 'environment' },
      { key: 'shelvery_rpo_hours', value: '4', level: 'payload' },
    ],
    resources: [
      {
        id: 'vol-1',
        name: 'orders',
        marked: true,
        values: [{ key: 'shelvery_keep_daily_backups', value: '60', level: 'tag' }],
        problems: ['shelvery_x is not a configuration key.'],
      },
      { id: 'vol-2', marked: false, values: [], problems: ['wrong'] },
    ],
  } satisfies RunResult['shownConfig'];
  const run = ran(aResult([], { shownConfig }));
  const asked = {
    ...NOTHING_TO_FINISH,
    request: aRequest({ action: 'show_config' }),
    ssmPath: '/shelvery/prod',
  };
  const resources = [
    'vol-1 (orders)',
    'KEY                          VALUE  FROM',
    "shelvery_keep_daily_backups  60     the resource's tag",
    'not used: shelvery_x is not a configuration key.',
    '',
    'vol-2, which is not marked',
    'not used: wrong',
    'OK: 2 resources have values of their own',
  ];

  it('has every value with its level, then the resources that have their own', () => {
    expect(renderRun(run, asked).split('\n')).toEqual([
      'KEY                          VALUE    FROM',
      'shelvery_keep_daily_backups  30       SSM /shelvery/prod',
      'shelvery_dr_regions          none     default',
      'role_arn                     not set  default',
      'shelvery_sns_topic           arn      environment',
      'shelvery_rpo_hours           4        --config',
      '',
      ...resources,
    ]);
  });

  it('is not repeated for each type, nor shown beside that of one resource', () => {
    const second = { ...asked, request: aRequest({ action: 'show_config', types: ['rds', 'ebs'] }) };
    expect(renderRun(run, second).split('\n')).toEqual(resources);
    const one = aRequest({ action: 'show_config', config: [['shelvery_select_entity', 'vol-1']] });
    expect(renderRun(run, { ...asked, request: one }).split('\n')).toEqual(resources);
  });
});

describe('a list', () => {
  const backup = {
    name: 'orders-2026-11-24-0301-daily',
    id: 'orders-2026-11-24-0301-daily',
    resource: 'orders',
    region: 'eu-west-1',
    place: 'local',
    retention_type: 'daily',
    created: '2026-11-24T03:01:00.000Z',
    expires_at: '2026-12-08T03:01:00.000Z',
    reason: 'not-expired',
    fate: 'expires 2026-12-08',
    state: 'available',
    metadata: 'present',
    size_gib: 20,
    encrypted: true,
    kms_key_id: 'arn:aws:kms:eu-west-1:111111111111:key/1234',
    source_account: '111111111111',
    shared_with: ['222222222222'],
  } satisfies NonNullable<RunResult['listed']>[number];
  const asked = { ...NOTHING_TO_FINISH, request: aRequest({ action: 'list_backups' }) };

  it('leaves the id out where it is the name, and the account where it is the own', () => {
    expect(renderRun(ran(aResult([], { listed: [backup] })), asked).split('\n')).toEqual([
      'RESOURCE  NAME                          PLACE  REGION     RETENTION  CREATED           STATE      METADATA  SIZE    ENCRYPTED  SHARED WITH   EXPIRES OR WHY KEPT',
      'orders    orders-2026-11-24-0301-daily  local  eu-west-1  daily      2026-11-24 03:01  available  present   20 GiB  1234       222222222222  expires 2026-12-08',
      'OK: 1 backup',
    ]);
    const other = { ...backup, id: 'snap-1', source_account: '333333333333' };
    const [heads = ''] = renderRun(ran(aResult([], { listed: [other] })), asked).split('\n');
    expect(heads).toMatch(/ ID .*FROM ACCOUNT/);
  });

  it.each([
    [{ encrypted: true }, '1234'],
    [{ encrypted: false }, 'no'],
    [{ encrypted: false, aws_owned_key: true as const }, 'a key that AWS owns'],
  ])('calls %j by what it is', (of, words) => {
    const { kms_key_id: key, ...rest } = backup;
    const row = { ...rest, ...(of.encrypted ? { kms_key_id: key } : {}), ...of };
    const [heads = '', line = ''] = renderRun(ran(aResult([], { listed: [row] })), asked).split('\n');
    const at = heads.indexOf('ENCRYPTED');
    expect(line.slice(at, heads.indexOf('SHARED WITH')).trim()).toBe(words);
  });

  it('counts what is missing, not understood or not ours by itself', () => {
    const other = (reason: 'missing-copy' | 'unreadable' | 'somebodys') => ({ ...backup, reason });
    const listed = [backup, other('missing-copy'), other('unreadable'), other('unreadable'), other('somebodys')];
    expect(renderRun(ran(aResult([], { listed })), asked)).toMatch(
      /\nOK: 1 backup, 2 not understood, 1 not Shelvery's own, 1 missing$/,
    );
  });

  it.each([80, 100, 120, 200])('fits a terminal of %d columns, and always tells resource, time and fate', (width) => {
    const text = renderRun(ran(aResult([], { listed: [backup, { ...backup, fate: 'why '.repeat(30).trim() }] })), {
      ...asked,
      width,
    });
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
    expect(text).toMatch(/^RESOURCE .*CREATED .*STATE .*EXPIRES OR WHY KEPT\n/);
  });

  it('stays whole with --quiet, without heading and counts', () => {
    const quiet = { ...asked, request: aRequest({ action: 'list_backups', quiet: true }) };
    const listed = [backup, { ...backup, resource: 'wages' }];
    const run = ran(aResult([], { listed }));
    expect(`${renderQuietly(run, 'the heading', quiet)}\nOK: 2 backups`).toBe(renderRun(run, asked));
  });

  it('says so where nothing is as asked', () => {
    const narrowed = { ...asked, request: aRequest({ action: 'list_backups', filter: { only: 'held' } }) };
    expect(renderRun(ran(aResult([], { listed: [] })), narrowed)).toMatch(/^Shelvery has no such backups in eu-west-1/);
  });

  it('says of which resource there is none, and what to do', () => {
    const first = (as: RenderParts, outcomes: readonly Outcome[] = []): string =>
      renderRun(ran(aResult(outcomes, { listed: [] })), { ...as, only: 'vol-typo' }).split('\n')[0] ?? '';
    expect(first(asked)).toBe(
      'Shelvery has no backups of vol-typo in eu-west-1 of 111111111111, nor in its DR regions. If the id is mistyped, correct it: a list of all shows what has backups.',
    );
    const narrowed = { ...asked, request: aRequest({ action: 'list_backups', filter: { only: 'held' } }) };
    expect(first(narrowed)).toMatch(/^Shelvery has no such backups of vol-typo in eu-west-1 .* correct it/);
    expect(first(asked, [{ ...failed, operation: 'ListBackups' }])).toBe(
      'No backups of vol-typo were found in what could be looked at in eu-west-1 of 111111111111 and in its DR regions.',
    );
  });

  it('says that there is nothing only of what could be looked at', () => {
    const refused: Outcome = { ...failed, operation: 'ListBackups' };
    const first = (changes: Partial<RunResult>, as: RenderParts = asked): string =>
      renderRun(ran(aResult([refused], changes)), as).split('\n')[0] ?? '';
    expect(first({ listed: [] })).toBe(
      'No backups were found in what could be looked at in eu-west-1 of 111111111111 and in its DR regions.',
    );
    const narrowed = { ...asked, request: aRequest({ action: 'list_backups', filter: { only: 'shared' } }) };
    expect(first({ listed: [] }, narrowed)).toMatch(/^No such backups were found in what could be looked at/);
    expect(first({ plan: [] })).toBe('There is nothing to do in what could be looked at.');
    expect(first({ backupStatus: buildStatus({ findings: [], resources: [], sources: [] }) })).toBe(
      'In what could be looked at in eu-west-1 of 111111111111 nothing has the tag shelvery:create_backup = true, and nothing was pulled.',
    );
  });
});

describe('runHeading', () => {
  it('says what, where and as of when', () => {
    const retention = retentionText(resolveRunConfig({ environment: {} }), undefined);
    expect(runHeading({ request: aRequest({ dryRun: true }), home: HOME, time: TIME, retention, paint: plain })).toBe(
      'ebs create_backups in eu-west-1 of 111111111111 as of 2026-11-24T03:01Z (dry run)\n  keeps 14 daily, 8 weekly, 12 monthly, 10 yearly (all are defaults)',
    );
  });
});

describe('retentionText', () => {
  const text = (levels: Partial<Parameters<typeof resolveRunConfig>[0]>, path?: string) =>
    retentionText(resolveRunConfig({ environment: {}, ...levels }), path);

  it('says which numbers are from where', () => {
    expect(text({ ssm: { shelvery_keep_daily_backups: '30' } }, '/shelvery/prod')).toBe(
      'keeps 30 daily, 8 weekly, 12 monthly, 10 yearly (daily from SSM /shelvery/prod; the rest are defaults)',
    );
    expect(
      text(
        {
          ssm: { shelvery_keep_daily_backups: '30', shelvery_keep_weekly_backups: '4' },
          environment: { shelvery_keep_weekly_backups: '5', shelvery_custom_retention_types: 'hourly:172800' },
          payload: { shelvery_keep_yearly_backups: 1 },
        },
        '/shelvery/prod',
      ),
    ).toBe(
      'keeps 30 daily, 5 weekly, 12 monthly, 1 yearly, hourly for 172800 s (daily from SSM /shelvery/prod; weekly, hourly from the environment; yearly from --config; the rest are defaults)',
    );
  });

  it('says it once where all are from one place', () => {
    const keys = ['daily', 'weekly', 'monthly', 'yearly'].map((type): [string, string] => [
      `shelvery_keep_${type}_backups`,
      '3',
    ]);
    expect(text({ ssm: Object.fromEntries(keys) }, '/shelvery/prod')).toBe(
      'keeps 3 daily, 3 weekly, 3 monthly, 3 yearly (all from SSM /shelvery/prod)',
    );
  });
});

describe('waitingText', () => {
  it('counts backups, not operations', () => {
    expect(waitingText([pendingStore('snap-1'), pendingStore('snap-1'), pendingStore('snap-2')])).toBe(
      'waiting for 2 backups at AWS',
    );
    expect(waitingText([pendingStore('snap-1')])).toBe('waiting for 1 backup at AWS');
  });
});

describe('the document of --json', () => {
  it('has one shape for one type and for several', () => {
    const runs = [
      ran(aResult([made], { remaining: 1 }), {
        interrupted: true,
        unfinished: [{ message: pendingStore('snap-1'), why: 'interrupted' }],
      }),
      { kind: 'not-begun', type: 'rds', time: TIME } as const,
      { kind: 'broken', type: 'docdb', time: TIME, error: new ShelveryError('Unexpected', 'Broken.') } as const,
    ];
    const document: unknown = JSON.parse(
      runsDocument(runs, {
        request: aRequest(),
        home: HOME,
        time: TIME,
        code: EXIT.interrupted,
        commandOf: (type) => `shelvery ${type}`,
        ssmPath: '/shelvery/prod',
      }),
    );
    expect(document).toMatchObject({
      action: 'create_backups',
      dry_run: false,
      account_id: '111111111111',
      region: 'eu-west-1',
      run_time: '2026-11-24T03:01:00.000Z',
      ssm_path: '/shelvery/prod',
      exit_code: 130,
      runs: [
        {
          backup_type: 'ebs',
          exit_code: 130,
          interrupted: true,
          report: { status: 'OK' },
          not_begun: 1,
          unfinished: [
            { action: 'do_store_backup_data', backup_id: 'snap-1', region: 'eu-west-1', why: 'interrupted' },
          ],
          finish_command: 'shelvery ebs',
        },
        { backup_type: 'rds', exit_code: 130, interrupted: true, finish_command: 'shelvery rds' },
        { backup_type: 'docdb', exit_code: 1, error: { code: 'Unexpected', message: 'Broken.' } },
      ],
    });
  });

  it('has a command to finish where the text has one: none where all is done, or the command that was given was wrong', () => {
    const wrong: Outcome = { ...failed, error: new ShelveryError('UsageError', 'No such volume.') };
    const documentOf = (run: TypeRun): string =>
      runsDocument([run], {
        request: aRequest(),
        home: HOME,
        time: TIME,
        code: EXIT.failed,
        commandOf: parts.finish,
        ssmPath: undefined,
      });
    const cases: readonly (readonly [TypeRun, boolean])[] = [
      [ran(aResult([made])), false],
      [ran(aResult([wrong])), false],
      [ran(aResult([], { brokeOff: new ShelveryError('UsageError', 'No such volume.') })), false],
      [ran(aResult([wrong, failed])), true],
      [ran(aResult([made], { remaining: 1 })), true],
      [{ kind: 'not-begun', type: 'ebs', time: TIME }, true],
    ];
    for (const [run, isThere] of cases) {
      expect(renderRun(run, parts).includes('shelvery ebs …')).toBe(isThere);
      expect(documentOf(run).includes('"finish_command": "shelvery ebs …"')).toBe(isThere);
    }
  });

  it('says why no run came about', () => {
    expect(JSON.parse(errorDocument(new ShelveryError('UsageError', 'Wrong.'), EXIT.usage))).toEqual({
      exit_code: 2,
      error: { code: 'UsageError', message: 'Wrong.' },
      runs: [],
    });
  });
});
