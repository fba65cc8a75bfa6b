import { describe, expect, it } from '@jest/globals';
import { ShelveryError } from '../../../layers/engine/src/domain/errors.js';
import type { Outcome } from '../../../layers/engine/src/domain/telling/outcome.js';
import { BackupId, ResourceId } from '../../../layers/engine/src/domain/values.js';
import { createOutcomeRecorder } from '../../../layers/engine/src/operations/outcomes.js';
import type { Log, Notifier } from '../../../layers/engine/src/ports.js';
import { DR, LOCAL, OTHER_ACCOUNT, OWN_ACCOUNT } from '../domain/builders.js';

const SUBJECT = {
  operation: 'CreateBackup',
  backupName: 'web-1',
  backupId: BackupId.parse('snap-1'),
  entityId: ResourceId.parse('vol-1'),
  region: LOCAL,
} as const;

/** Tells outcomes to a recorder, and says what came of it. */
function record(outcomes: readonly Outcome[], isTold?: (outcome: Outcome) => boolean) {
  const lines: unknown[] = [];
  const log: Log = {
    info: (...line) => lines.push(['info', ...line]),
    warn: (...line) => lines.push(['warn', ...line]),
    error: (...line) => lines.push(['error', ...line]),
  };
  const notified: Outcome[] = [];
  const notifier: Notifier = {
    notify: (outcome) => notified.push(outcome),
    report: async () => undefined,
    flush: async () => undefined,
    lost: () => 0,
  };
  const heard: Outcome[] = [];
  const recorder = createOutcomeRecorder(log, notifier, { onOutcome: (outcome) => heard.push(outcome) }, isTold);
  for (const outcome of outcomes) recorder.report(outcome);
  return { lines, notified, heard, all: recorder.all() };
}

/** The only line that is logged of an outcome. */
const lineOf = (outcome: Outcome): unknown => record([outcome]).lines[0];

describe('an outcome', () => {
  it('is kept, notified, logged and shown', () => {
    const outcome: Outcome = { ...SUBJECT, status: 'ok' };
    expect(record([outcome])).toEqual({
      all: [outcome],
      notified: [outcome],
      heard: [outcome],
      lines: [['info', 'SHELVERY_BACKUP_CREATED', 'CreateBackup web-1 snap-1', SUBJECT]],
    });
  });

  it('is not notified again where somebody has told of it, and all else is done with it', () => {
    const told: Outcome = { ...SUBJECT, status: 'ok' };
    const untold: Outcome = { ...SUBJECT, status: 'ignored', reason: 'it is off' };
    const { all, notified, heard, lines } = record([told, untold], ({ status }) => status === 'ok');
    expect([all, notified, heard, lines.length]).toEqual([[told, untold], [untold], [told, untold], 2]);
  });

  it('is kept and logged where there is nobody to notify', () => {
    const lines: unknown[] = [];
    const say = (...line: unknown[]): void => void lines.push(line);
    const recorder = createOutcomeRecorder({ info: say, warn: say, error: say }, undefined);
    recorder.report({ ...SUBJECT, status: 'ok' });
    recorder.collected(2);
    expect([recorder.all().length, lines.length]).toEqual([1, 1]);
  });

  it.each([
    ['CreateBackup', 'SHELVERY_BACKUP_CREATED'],
    ['DeleteBackup', 'SHELVERY_BACKUP_REMOVED'],
    ['DeleteReencryptedBackup', 'SHELVERY_BACKUP_REMOVED'],
    ['StoreBackupData', 'SHELVERY_BACKUP_STORED'],
    ['CopyBackupToRegion', 'SHELVERY_BACKUP_COPIED'],
    ['ShareBackup', 'SHELVERY_BACKUP_SHARED'],
    ['ShareRegionalBackupCopy', 'SHELVERY_BACKUP_SHARED'],
    ['PullSharedBackup', 'SHELVERY_BACKUP_PULLED'],
    ['ArchiveBackup', 'SHELVERY_BACKUP_ARCHIVED'],
    ['CreateDataBucket', 'SHELVERY_OUTCOME_OK'],
  ] as const)('has a code of its own in the log: %s', (operation, code) => {
    expect(lineOf({ operation, status: 'ok' })).toEqual(['info', code, operation, { operation }]);
  });

  it('is logged with the region and the accounts that it is about, and what was found', () => {
    const where = { destinationRegion: DR, destinationAccount: OTHER_ACCOUNT, sourceAccount: OWN_ACCOUNT };
    expect(lineOf({ ...SUBJECT, ...where, operation: 'ShareBackup', status: 'ok', message: 'shared before' })).toEqual([
      'info',
      'SHELVERY_BACKUP_SHARED',
      `ShareBackup web-1 snap-1 to ${DR} with ${OTHER_ACCOUNT} from ${OWN_ACCOUNT}: shared before`,
      { ...SUBJECT, ...where, operation: 'ShareBackup' },
    ]);
  });

  it.each([
    [{ entityId: SUBJECT.entityId, bucket: 'data' }, 'StoreBackupData vol-1'],
    [{ backupName: 'web-1', entityId: SUBJECT.entityId }, 'StoreBackupData web-1'],
    [{ bucket: 'data' }, 'StoreBackupData data'],
    [{}, 'StoreBackupData'],
  ])('is named by what is known of it: %j', (subject, text) => {
    expect(lineOf({ operation: 'StoreBackupData', ...subject, status: 'ok' })).toEqual([
      'info',
      'SHELVERY_BACKUP_STORED',
      text,
      expect.anything(),
    ]);
  });

  it('that is passed over is logged with its reason', () => {
    expect(lineOf({ ...SUBJECT, status: 'ignored', reason: 'it is off' })).toEqual([
      'info',
      'SHELVERY_OUTCOME_IGNORED',
      'CreateBackup web-1 snap-1: it is off',
      SUBJECT,
    ]);
  });

  it('that failed is logged as an error, with what AWS said', () => {
    const error = new ShelveryError('NotAllowed', 'not allowed', { aws: { code: 'AccessDenied', requestId: 'r-1' } });
    expect(lineOf({ ...SUBJECT, status: 'failed', error })).toEqual([
      'error',
      'SHELVERY_OUTCOME_FAILED',
      'CreateBackup web-1 snap-1: not allowed',
      { ...SUBJECT, errorCode: 'NotAllowed', awsCode: 'AccessDenied', requestId: 'r-1' },
    ]);
  });

  it('has no characters that steer a terminal, wherever its texts come from', () => {
    const texts = { backupName: 'we\u001bb', entityName: 'we\u001bb', message: 'do\u001bne' };
    const clean = { backupName: 'web', entityName: 'web', message: 'done' };
    const { all, notified, heard, lines } = record([
      { operation: 'CreateBackup', ...texts, status: 'ok' },
      { operation: 'CreateBackup', ...texts, status: 'ignored', reason: 'of\u001bf' },
    ]);
    const expected = [
      { operation: 'CreateBackup', ...clean, status: 'ok' },
      { operation: 'CreateBackup', ...clean, status: 'ignored', reason: 'off' },
    ];
    expect([all, notified, heard]).toEqual([expected, expected, expected]);
    expect(lines).toEqual([
      ['info', 'SHELVERY_BACKUP_CREATED', 'CreateBackup web: done', { operation: 'CreateBackup', backupName: 'web' }],
      ['info', 'SHELVERY_OUTCOME_IGNORED', 'CreateBackup web: off', { operation: 'CreateBackup', backupName: 'web' }],
    ]);
  });

  it('has no more members than it was told with', () => {
    const { all } = record([{ operation: 'CreateBackup', status: 'ok' }]);
    expect(all.map((outcome) => Object.keys(outcome))).toEqual([['operation', 'status']]);
  });
});

describe('items of a run', () => {
  it('are counted together, and shown as they become known', () => {
    const shown: number[] = [];
    const say = (): void => undefined;
    const recorder = createOutcomeRecorder({ info: say, warn: say, error: say }, undefined, {
      onCollected: (count) => shown.push(count),
    });
    expect(recorder.collectedCount()).toBe(0);
    recorder.collected(2);
    recorder.collected(3);
    expect([recorder.collectedCount(), shown]).toEqual([5, [2, 3]]);
  });
});
