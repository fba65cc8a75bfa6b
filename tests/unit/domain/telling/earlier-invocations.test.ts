import { describe, expect, it } from '@jest/globals';
import { ShelveryError } from '../../../../layers/engine/src/domain/errors.js';
import {
  EarlierInvocations,
  formatEarlier,
  isToldAlready,
  sentByEarlier,
} from '../../../../layers/engine/src/domain/telling/earlier-invocations.js';
import type { Outcome } from '../../../../layers/engine/src/domain/telling/outcome.js';
import { buildStatusReport } from '../../../../layers/engine/src/domain/telling/status-report.js';
import type { StatusReport } from '../../../../layers/engine/src/domain/telling/status-report.js';
import { BackupId, ResourceId } from '../../../../layers/engine/src/domain/values.js';
import { LOCAL, OWN_ACCOUNT, RUN, utc } from '../builders.js';

const BEGUN = utc('2026-11-24 03:01');
const LATER = utc('2026-11-24 03:16');
const of = (number: number) =>
  ({ operation: 'CreateBackup', entityId: ResourceId.parse(`vol-${String(number)}`) }) as const;
const made = (number: number): Outcome => ({
  ...of(number),
  backupId: BackupId.parse(`snap-${String(number)}`),
  status: 'ok',
});
const skipped = (number: number): Outcome => ({ ...of(number), status: 'ignored', reason: 'kept for 0 days' });
const failed = (number: number, why = 'not allowed'): Outcome => ({
  ...of(number),
  status: 'failed',
  error: new ShelveryError('NotAllowed', why),
});
const removed = (number: number): Outcome => ({
  operation: 'DeleteBackup',
  backupId: BackupId.parse(`snap-${String(number)}`),
  status: 'ok',
});

/** As the next invocation reads it from its payload. */
function handOn(outcomes: readonly Outcome[], collected: number, earlier?: EarlierInvocations, startedAt = BEGUN) {
  const payload = JSON.stringify(formatEarlier({ outcomes, collected, startedAt }, earlier));
  return { payload, earlier: EarlierInvocations.parse(JSON.parse(payload)) };
}

function report(outcomes: readonly Outcome[], collected: number, earlier: EarlierInvocations): StatusReport {
  return buildStatusReport({
    version: '1.0.0',
    runId: RUN,
    accountId: OWN_ACCOUNT,
    region: LOCAL,
    backupType: 'ebs',
    action: 'create_backups',
    startedAt: LATER,
    endedAt: LATER,
    collected,
    outcomes,
    end: { brokeOff: false, interrupted: false, unfinished: 0 },
    earlier,
  });
}

describe('copies that a run which was handed over has pulled', () => {
  it('are counted on, where any were', () => {
    const pulled = new Map([[OWN_ACCOUNT, 3]]);
    const handed = formatEarlier({ outcomes: [], collected: 0, startedAt: BEGUN, pulled }, undefined);
    expect(EarlierInvocations.parse(JSON.parse(JSON.stringify(handed))).pulled).toEqual(pulled);
    expect(handOn([], 0).earlier.pulled).toBeUndefined();
  });

  it.each([[[['111111111111', -5]]], [[['me', 1]]], [{}]])('are not what anybody writes: %j', (pulled) => {
    const handed = { ...formatEarlier({ outcomes: [], collected: 0, startedAt: BEGUN }, undefined), pulled };
    expect(EarlierInvocations.safeParse(handed).success).toBe(false);
  });
});

describe('the report of a run that was handed over', () => {
  it('counts what the first invocation made and the second finds made once', () => {
    const { earlier } = handOn([made(1), made(2)], 4);
    expect(report([made(1), made(2), made(3), made(4)], 4, earlier)).toMatchObject({
      started_at: '2026-11-24T03:01:00Z',
      status: 'OK',
      summary: { collected: 4, succeeded: 4, skipped: 0, failed: 0 },
    });
  });

  it('counts what the first removed and the second does not see any more', () => {
    const { earlier } = handOn([removed(1), removed(2)], 5);
    expect(report([removed(3)], 3, earlier)).toMatchObject({
      status: 'OK',
      summary: { collected: 5, succeeded: 3 },
      entries_omitted: 2,
    });
  });

  it('tells of what failed in the first and was not tried again', () => {
    const { earlier } = handOn([failed(1), skipped(2)], 3);
    const told = report([made(3)], 3, earlier);
    expect(told).toMatchObject({ status: 'PARTIAL', summary: { succeeded: 1, skipped: 1, failed: 1 } });
    expect(told.entries).toEqual([
      { operation: 'CreateBackup', status: 'ERROR', entity_id: 'vol-1', error: 'NotAllowed: not allowed' },
      { operation: 'CreateBackup', status: 'OK', entity_id: 'vol-3', backup_id: 'snap-3' },
    ]);
  });

  it('is not FAILED where an earlier invocation succeeded in something', () => {
    const { earlier } = handOn([removed(1)], 2);
    expect(report([failed(2)], 1, earlier).status).toBe('PARTIAL');
    expect(report([failed(2)], 1, handOn([failed(1)], 2).earlier).status).toBe('FAILED');
  });

  it('tells of what failed in the first and succeeded in the second as succeeded', () => {
    const { earlier } = handOn([failed(1), failed(2, 'once')], 2);
    expect(report([made(1), failed(2, 'twice')], 2, earlier)).toMatchObject({
      status: 'PARTIAL',
      summary: { succeeded: 1, failed: 1 },
      entries: [{ status: 'ERROR', error: 'NotAllowed: twice' }, {}],
    });
  });

  it('counts what the first left out and the second did as done', () => {
    const { earlier } = handOn([skipped(1), skipped(2)], 2);
    expect(report([made(1)], 2, earlier).summary).toMatchObject({ succeeded: 1, skipped: 1, failed: 0 });
  });

  it('is FAILED where only an earlier invocation failed, and in all', () => {
    expect(report([], 1, handOn([failed(1)], 1).earlier).status).toBe('FAILED');
  });

  it('goes on over as many invocations as it takes', () => {
    const first = handOn([removed(1), failed(2)], 4).earlier;
    const second = handOn([removed(3)], 3, first, LATER).earlier;
    expect(report([removed(4)], 2, second)).toMatchObject({
      started_at: '2026-11-24T03:01:00Z',
      summary: { collected: 4, succeeded: 3, failed: 1 },
    });
  });
});

describe('what is handed on', () => {
  it('stays far below what an asynchronous invocation carries', () => {
    const many = Array.from({ length: 12_000 }, (_, number) => made(number));
    const bad = Array.from({ length: 3_000 }, (_, number) => failed(20_000 + number, 'x'.repeat(2_000)));
    const { payload, earlier } = handOn(
      [...many, ...many.map((_, number) => skipped(40_000 + number)), ...bad],
      27_000,
    );
    expect(Buffer.byteLength(payload)).toBeLessThan(250_000);
    expect(report([], 0, earlier).summary.failed).toBe(3_000);
    expect(
      handOn([failed(1)], 1, earlier).earlier.failuresOmitted + handOn([failed(1)], 1, earlier).earlier.failures.length,
    ).toBe(3_001);
  });

  it('has at most 100 failures, and how many were left out', () => {
    const { earlier } = handOn(
      Array.from({ length: 101 }, (_, number) => failed(number)),
      101,
    );
    expect(earlier.failures).toHaveLength(100);
    expect(earlier.failuresOmitted).toBe(1);
  });
});

describe('what was told already', () => {
  it('is what an earlier invocation made, and not what it failed in', () => {
    const { earlier } = handOn([made(1), failed(2)], 2);
    expect(isToldAlready(made(1), earlier)).toBe(true);
    expect(isToldAlready(made(2), earlier)).toBe(false);
    expect(isToldAlready(failed(1), earlier)).toBe(false);
    expect(isToldAlready(made(1), undefined)).toBe(false);
  });
});

describe('what is known again', () => {
  it('goes by its name, else by its id, else by its resource', () => {
    const outcomes: readonly Outcome[] = [
      { operation: 'StoreBackupData', backupName: 'web-2026-11-24-0301-daily', status: 'ok' },
      removed(1),
      { operation: 'ArchiveBackup', entityId: ResourceId.parse('vol-9'), status: 'ok' },
    ];
    const { earlier } = handOn(outcomes, 3);
    expect(outcomes.map((outcome) => isToldAlready(outcome, earlier))).toEqual([true, true, true]);
    expect(isToldAlready(removed(2), earlier)).toBe(false);
  });
});

describe('what follows a backup', () => {
  const stored: Outcome = {
    operation: 'StoreBackupData',
    backupId: BackupId.parse('snap-1'),
    status: 'failed',
    error: new ShelveryError('AwsError', 'the queue is gone'),
  };

  it('was sent by the invocation that made it, whatever failed in making others', () => {
    const isSent = sentByEarlier(handOn([made(1), failed(2)], 3).earlier);
    expect([1, 2, 3].map((number) => isSent?.(of(number)))).toEqual([true, false, false]);
  });

  it('counts as sent nowhere where something could not be sent, or failures are not known', () => {
    expect(sentByEarlier(handOn([made(1), stored], 1).earlier)?.(of(1))).toBe(false);
    expect(sentByEarlier(handOn([made(1), failed(2), stored], 2).earlier)?.(of(1))).toBe(false);
    const many = Array.from({ length: 101 }, (_, index) => failed(index + 2));
    expect(sentByEarlier(handOn([made(1), ...many], 102).earlier)?.(of(1))).toBe(false);
  });

  it('was sent by nobody before the first invocation', () => {
    expect(sentByEarlier(undefined)).toBeUndefined();
  });
});
