import { describe, expect, it } from '@jest/globals';
import { ShelveryError } from '../../../../layers/engine/src/domain/errors.js';
import type { Outcome } from '../../../../layers/engine/src/domain/telling/outcome.js';
import { buildStatusReport, runStatus } from '../../../../layers/engine/src/domain/telling/status-report.js';
import type { ReportParts } from '../../../../layers/engine/src/domain/telling/status-report.js';
import { BackupId, ResourceId } from '../../../../layers/engine/src/domain/values.js';
import { LOCAL, OWN_ACCOUNT, RUN, utc } from '../builders.js';

const error = new ShelveryError('NotAllowed', 'allow it', { aws: { code: 'AccessDenied' } });
const ok: Outcome = { operation: 'CreateBackup', status: 'ok' };
const ignored: Outcome = { operation: 'CreateBackup', status: 'ignored', reason: 'kept for 0 days' };
const failed: Outcome = { operation: 'CreateBackup', status: 'failed', error };

const THROUGH = { brokeOff: false, interrupted: false, unfinished: 0 } as const;
const BROKE_OFF = { ...THROUGH, brokeOff: true } as const;
const INTERRUPTED = { ...THROUGH, interrupted: true } as const;
const UNFINISHED = { ...THROUGH, unfinished: 2 } as const;
const parts = (outcomes: readonly Outcome[], more: Partial<ReportParts> = {}): ReportParts => ({
  version: '1.0.0',
  runId: RUN,
  accountId: OWN_ACCOUNT,
  region: LOCAL,
  backupType: 'ebs',
  action: 'create_backups',
  startedAt: utc('2026-11-24 03:01'),
  endedAt: utc('2026-11-24 03:05'),
  collected: outcomes.length,
  outcomes,
  end: THROUGH,
  ...more,
});

const listFailed: Outcome = { operation: 'ListBackups', status: 'failed', error };
const bucketMade: Outcome = { operation: 'CreateDataBucket', status: 'ok' };
const bucketFailed: Outcome = {
  operation: 'CreateDataBucket',
  status: 'failed',
  error: new ShelveryError('BucketNotOurs', 'not ours'),
};

describe('the status of a run', () => {
  it.each([
    ['nothing to do', [], 0, THROUGH, 'OK'],
    ['all well', [ok, ok], 2, THROUGH, 'OK'],
    ['IGNORE changes nothing', [ok, ignored], 2, THROUGH, 'OK'],
    ['nothing but IGNORE', [ignored], 1, THROUGH, 'OK'],
    ['some failed', [ok, failed, ignored], 3, THROUGH, 'PARTIAL'],
    ['one failed, and others were kept without a word', [failed], 5, THROUGH, 'PARTIAL'],
    ['nothing succeeded', [failed], 1, THROUGH, 'FAILED'],
    ['nothing succeeded, some ignored', [failed, ignored], 2, THROUGH, 'FAILED'],
    ['a bucket was made, but no backup', [bucketMade, failed], 1, THROUGH, 'FAILED'],
    ['one bucket was made, another was not', [bucketMade, bucketFailed], 2, THROUGH, 'PARTIAL'],
    ['broke off', [ok], 1, BROKE_OFF, 'FAILED'],
    ['broke off before anything', [], 0, BROKE_OFF, 'FAILED'],
    ['interrupted, though nothing failed', [ok], 1, INTERRUPTED, 'INTERRUPTED'],
    ['interrupted before anything', [], 0, INTERRUPTED, 'INTERRUPTED'],
    ['interrupted after something failed', [ok, failed], 2, INTERRUPTED, 'INTERRUPTED'],
    ['broke off, and was interrupted', [], 0, { ...BROKE_OFF, interrupted: true }, 'FAILED'],
    ['something not begun, though nothing failed', [ok], 3, UNFINISHED, 'PARTIAL'],
    ['nothing begun', [], 2, UNFINISHED, 'PARTIAL'],
    ['what could not be listed is missing from a list that was shown', [listFailed], 1, THROUGH, 'PARTIAL'],
    ['the same, beside what was left out', [ignored, listFailed], 2, THROUGH, 'PARTIAL'],
    ['the same, and nothing else succeeded', [failed, listFailed], 2, THROUGH, 'FAILED'],
    ['a bucket was made, another was not, nor a backup', [bucketMade, bucketFailed, failed], 3, THROUGH, 'FAILED'],
    ['something not begun, and all else failed', [failed], 1, UNFINISHED, 'FAILED'],
  ] as const)('%s: %#', (_, outcomes, collected, end, status) => {
    expect(runStatus({ outcomes, collected, end })).toBe(status);
  });
});

describe('the status of a dry run', () => {
  it.each([
    ['nothing is to be done', [failed], [], 'FAILED'],
    ['a backup is to be made or removed', [failed], ['backup'], 'PARTIAL'],
    ['only a bucket is to be made', [failed], ['bucket'], 'FAILED'],
    ['one bucket is to be made, and another cannot be', [bucketFailed], ['bucket'], 'PARTIAL'],
    ['nothing fails', [], ['backup'], 'OK'],
  ] as const)("is the run's: %s", (_, outcomes, foreseen, status) => {
    expect(runStatus({ outcomes, collected: outcomes.length, end: THROUGH, foreseen })).toBe(status);
  });
});

describe('the status report', () => {
  it("has the original's fields, failures first", () => {
    const subject = {
      operation: 'CreateBackup',
      entityId: ResourceId.parse('vol-1'),
      entityName: 'web',
      retentionType: 'daily',
      backupId: BackupId.parse('snap-1'),
      backupName: 'web-daily',
      region: LOCAL,
      message: 'made',
    } as const;
    expect(buildStatusReport(parts([{ ...subject, status: 'ok' }, ignored, failed], { collected: 7 }))).toEqual({
      shelvery_version: '1.0.0',
      run_id: RUN,
      account_id: '111111111111',
      region: 'eu-west-1',
      backup_type: 'ebs',
      action: 'create_backups',
      started_at: '2026-11-24T03:01:00Z',
      ended_at: '2026-11-24T03:05:00Z',
      status: 'PARTIAL',
      summary: { collected: 7, succeeded: 1, skipped: 1, failed: 1, unfinished: 0 },
      entries: [
        { operation: 'CreateBackup', status: 'ERROR', error: 'AccessDenied: allow it' },
        { operation: 'CreateBackup', status: 'IGNORE', message: 'kept for 0 days' },
        {
          operation: 'CreateBackup',
          status: 'OK',
          entity_id: 'vol-1',
          entity_name: 'web',
          retention_type: 'daily',
          backup_id: 'snap-1',
          backup_name: 'web-daily',
          region: 'eu-west-1',
          message: 'made',
        },
      ],
      entries_omitted: 0,
    });
  });

  it('names our own code where AWS did not answer', () => {
    const own: Outcome = {
      operation: 'DeleteBackup',
      status: 'failed',
      error: new ShelveryError('TimedOut', 'again'),
      message: 'late',
    };
    expect(buildStatusReport(parts([own])).entries).toEqual([
      { operation: 'DeleteBackup', status: 'ERROR', error: 'TimedOut: again', message: 'late' },
    ]);
  });

  it('says that a run broke off', () => {
    expect(buildStatusReport(parts([ok], { end: BROKE_OFF })).status).toBe('FAILED');
  });

  it('has at most 500 entries, and says how many it leaves out', () => {
    const report = buildStatusReport(parts([...Array.from({ length: 500 }, () => ok), failed]));
    expect(report.entries).toHaveLength(500);
    expect(report.entries[0]?.status).toBe('ERROR');
    expect(report).toMatchObject({ entries_omitted: 1, summary: { succeeded: 500, failed: 1 } });
    expect(buildStatusReport(parts(Array.from({ length: 500 }, () => ok))).entries_omitted).toBe(0);
  });

  it('has at most 200 KB of entries, counted in bytes', () => {
    const long: Outcome = { operation: 'CreateBackup', status: 'ignored', reason: 'é'.repeat(1_000) };
    const { entries, entries_omitted: omitted } = buildStatusReport(parts(Array.from({ length: 400 }, () => long)));
    expect(entries.length + omitted).toBe(400);
    expect(entries.length).toBe(Math.floor((200 * 1024) / (Buffer.byteLength(JSON.stringify(entries[0])) + 1)));
    expect(Buffer.byteLength(JSON.stringify(entries))).toBeLessThanOrEqual(200 * 1024 + 1);
  });
});
