import { AccountId, BackupId, Region } from '@shelvery/engine/terminal';
import type { Outcome, RunResult } from '@shelvery/engine/terminal';
import type { CliRequest } from '../../../cli/arguments.js';
import type { TypeRun } from '../../../cli/type-run.js';

export const HOME = { accountId: AccountId.parse('111111111111'), region: Region.parse('eu-west-1') };
export const TIME = new Date('2026-11-24T03:01:00Z');

export function aRequest(changes: Partial<CliRequest> = {}): CliRequest {
  return {
    types: ['ebs'],
    action: 'create_backups',
    dryRun: false,
    backdate: false,
    json: false,
    verbose: false,
    quiet: false,
    wide: false,
    filter: {},
    config: [],
    ...changes,
  };
}

/** The result of a run with some outcomes. */
export function aResult(outcomes: readonly Outcome[], changes: Partial<RunResult> = {}): RunResult {
  const count = (status: Outcome['status']): number => outcomes.filter((outcome) => outcome.status === status).length;
  const failed = count('failed');
  return {
    report: {
      shelvery_version: '1.0.0',
      run_id: 'run-1',
      account_id: HOME.accountId,
      region: HOME.region,
      backup_type: 'ebs',
      action: 'create_backups',
      started_at: TIME.toISOString(),
      ended_at: TIME.toISOString(),
      status: failed === 0 ? 'OK' : count('ok') > 0 ? 'PARTIAL' : 'FAILED',
      summary: { collected: outcomes.length, succeeded: count('ok'), skipped: count('ignored'), failed, unfinished: 0 },
      entries: [],
      entries_omitted: 0,
    },
    outcomes,
    time: TIME,
    remaining: 0,
    handedOver: false,
    ...changes,
  };
}

export function ran(
  result: RunResult,
  changes: Partial<Extract<TypeRun, { kind: 'ran' }>> = {},
): Extract<TypeRun, { kind: 'ran' }> {
  return { kind: 'ran', type: 'ebs', time: TIME, result, unfinished: [], interrupted: false, ...changes };
}

export function pendingStore(id: string) {
  return {
    backupType: 'ebs',
    operation: { action: 'do_store_backup_data', backupId: BackupId.parse(id), region: HOME.region },
    waiting: { attempt: 0 },
  } as const;
}
