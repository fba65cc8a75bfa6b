import { aboutError } from '../domain/errors.js';
import { present } from '../domain/present.js';
import { printable } from '../domain/telling/printable.js';
import type { OutcomeCode } from '../domain/telling/catalogue.js';
import type { OperationName, Outcome } from '../domain/telling/outcome.js';
import type { Log, Notifier } from '../ports.js';
import type { WorkCounts } from './limit.js';

/** Collects the outcomes of a run, and hands each to notification, log and progress as it comes. */
export interface OutcomeRecorder {
  report(outcome: Outcome): void;
  collected(count: number): void;
  all(): readonly Outcome[];
  collectedCount(): number;
}

/** Is told what happens in a run while it happens; the CLI shows it. */
export interface RunListener {
  onOutcome?(outcome: Outcome): void;
  onCollected?(count: number): void;
  /** At each change of where the items are that the run works on. */
  onWork?(counts: WorkCounts): void;
}

const OK_CODES: Readonly<Partial<Record<OperationName, OutcomeCode>>> = {
  CreateBackup: 'SHELVERY_BACKUP_CREATED',
  DeleteBackup: 'SHELVERY_BACKUP_REMOVED',
  DeleteReencryptedBackup: 'SHELVERY_BACKUP_REMOVED',
  StoreBackupData: 'SHELVERY_BACKUP_STORED',
  CopyBackupToRegion: 'SHELVERY_BACKUP_COPIED',
  ShareBackup: 'SHELVERY_BACKUP_SHARED',
  ShareRegionalBackupCopy: 'SHELVERY_BACKUP_SHARED',
  PullSharedBackup: 'SHELVERY_BACKUP_PULLED',
  ArchiveBackup: 'SHELVERY_BACKUP_ARCHIVED',
};

/**
 * Makes a recorder; without a notifier (in a dry run) nothing is published.
 *
 * @param isTold Whether an outcome was published before.
 */
export function createOutcomeRecorder(
  log: Log,
  notifier: Notifier | undefined,
  listener: RunListener = {},
  isTold: (outcome: Outcome) => boolean = () => false,
): OutcomeRecorder {
  const outcomes: Outcome[] = [];
  let collected = 0;
  return {
    report(told) {
      const outcome = clean(told);
      outcomes.push(outcome);
      logOutcome(log, outcome);
      if (!isTold(outcome)) notifier?.notify(outcome);
      listener.onOutcome?.(outcome);
    },
    collected(count) {
      collected += count;
      listener.onCollected?.(count);
    },
    all: () => outcomes,
    collectedCount: () => collected,
  };
}

/** Names and reasons come from tags and services; errors are clean already. */
function clean(outcome: Outcome): Outcome {
  const { backupName, entityName, message } = outcome;
  const texts = present({
    backupName: backupName === undefined ? undefined : printable(backupName),
    entityName: entityName === undefined ? undefined : printable(entityName),
    message: message === undefined ? undefined : printable(message),
  });
  return outcome.status === 'ignored'
    ? { ...outcome, ...texts, reason: printable(outcome.reason) }
    : { ...outcome, ...texts };
}

function logOutcome(log: Log, outcome: Outcome): void {
  const { operation, backupId, backupName, entityId, region } = outcome;
  const { destinationRegion, destinationAccount, sourceAccount } = outcome;
  const data = {
    operation,
    backupId,
    backupName,
    entityId,
    region,
    destinationRegion,
    destinationAccount,
    sourceAccount,
  };
  const what = [
    operation,
    backupName ?? entityId ?? outcome.bucket,
    backupId,
    ...(destinationRegion === undefined ? [] : [`to ${destinationRegion}`]),
    ...(destinationAccount === undefined ? [] : [`with ${destinationAccount}`]),
    ...(sourceAccount === undefined ? [] : [`from ${sourceAccount}`]),
  ]
    .filter((part) => part !== undefined)
    .join(' ');
  switch (outcome.status) {
    case 'ok':
      log.info(
        OK_CODES[operation] ?? 'SHELVERY_OUTCOME_OK',
        outcome.message === undefined ? what : `${what}: ${outcome.message}`,
        data,
      );
      break;
    case 'ignored':
      log.info('SHELVERY_OUTCOME_IGNORED', `${what}: ${outcome.reason}`, data);
      break;
    case 'failed':
      log.error('SHELVERY_OUTCOME_FAILED', `${what}: ${outcome.error.message}`, {
        ...data,
        ...aboutError(outcome.error),
      });
  }
}
