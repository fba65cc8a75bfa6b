import { describe, expect, it } from '@jest/globals';
import { BackupId, ResourceId, ShelveryError, resolveRunConfig } from '@shelvery/engine';
import type { Outcome } from '@shelvery/engine';
import { EXIT } from '../../../cli/exit-code.js';
import { plain } from '../../../cli/output.js';
import { errorDocument, runsDocument } from '../../../cli/render-json.js';
import { outcomeLine } from '../../../cli/render-outcome.js';
import { renderRun, runHeading } from '../../../cli/render-run.js';
import { retentionText } from '../../../cli/retention-text.js';
import { renderTable } from '../../../cli/render-table.js';
import { waitingText } from '../../../cli/tally.js';
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

const parts = {
  request: aRequest(),
  home: HOME,
  finish: 'shelvery ebs …',
  paint: plain,
  width: undefined,
  prefix: 'shelvery',
  ssmPath: undefined,
  skippedShown: false,
};

describe('outcomeLine', () => {
  it.each<[string, Outcome, string]>([
    [
      'what was done',
      made,
      'ok       CreateBackup          data-0a1b2c-2026-11-24-0301-daily (snap-1) of vol-1 in eu-west-1',
    ],
    ['why it was skipped', skipped, 'skipped  CreateBackup          vol-2: daily backups are not kept'],
    ['why it failed', failed, 'FAILED   CreateBackup          vol-3: Not allowed. Allow it.'],
    [
      'where a backup was shared to',
      { ...subject, operation: 'ShareBackup', destinationAccount: HOME.accountId, status: 'ok' },
      'ok       ShareBackup           data-0a1b2c-2026-11-24-0301-daily (snap-1) of vol-1 in eu-west-1 with 111111111111',
    ],
  ])('says %s', (_what, outcome, line) => {
    expect(outcomeLine(outcome, plain)).toBe(line);
  });

  it('lets no name or message steer the terminal', () => {
    const outcome: Outcome = { ...made, message: 'one\ntwo \u001B[31mred' };
    expect(outcomeLine(outcome, plain)).toMatch(/in eu-west-1: one two \[31mred$/);
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

  it('names at most 20 reasons of a kind', () => {
    const text = renderRun(ran(aResult(Array.from({ length: 25 }, () => skipped))), parts);
    expect(text.match(/ {2}skipped: /g)).toHaveLength(20);
    expect(text).toContain('  … and 5 more (--json names all)');
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
    expect(renderRun(ran(aResult([], { plan })), { ...parts, finish: undefined })).toBe(
      [
        'WHAT    ID     NAME         REGION     REASON',
        'create  vol-1  data-0a1b2c  eu-west-1  daily backup',
        'skip    vol-2               eu-west-1  daily backups are not kept',
        'OK: nothing was changed; 1 to create, 1 to skip',
      ].join('\n'),
    );
  });

  it('says so when a plan is empty', () => {
    expect(renderRun(ran(aResult([], { plan: [] })), { ...parts, finish: undefined })).toBe(
      'There is nothing to do.\nOK: nothing was changed',
    );
  });

  it('names the command of a type that was not begun, and of one that broke', () => {
    expect(renderRun({ kind: 'not-begun', type: 'rds', time: TIME }, parts)).toBe(
      'Interrupted before rds began.\nRun it with:\n  shelvery ebs …',
    );
    expect(
      renderRun({ kind: 'broken', type: 'rds', time: TIME, error: new ShelveryError('Unexpected', 'Broken.') }, parts),
    ).toBe('FAILED: Broken.\nWhen that is fixed, finish it with:\n  shelvery ebs …');
  });
});

describe('runHeading', () => {
  it('says what, where and as of when', () => {
    const retention = retentionText(resolveRunConfig({ environment: {} }), undefined);
    expect(
      runHeading('ebs', { request: aRequest({ dryRun: true }), home: HOME, time: TIME, retention, paint: plain }),
    ).toBe(
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
      'waiting for 2 backups to become available',
    );
    expect(waitingText([pendingStore('snap-1')])).toBe('waiting for 1 backup to become available');
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
        commandOf: (run) => `shelvery ${run.type}`,
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

  it('says why no run came about', () => {
    expect(JSON.parse(errorDocument(new ShelveryError('UsageError', 'Wrong.'), EXIT.usage))).toEqual({
      exit_code: 2,
      error: { code: 'UsageError', message: 'Wrong.' },
      runs: [],
    });
  });
});
