import type { Outcome } from '@shelvery/engine';
import { oneLine } from './output.js';
import type { Paint, Style } from './output.js';

const WORDS = { ok: 'ok', ignored: 'skipped', failed: 'FAILED' } as const;
const STYLES: Readonly<Record<Outcome['status'], Style>> = { ok: 'green', ignored: 'yellow', failed: 'red' };

/** @example 'ok       CreateBackup          data-1-0a1b2c-2026-11-24-0301-daily (snap-1) of vol-1 in eu-west-1' */
export function outcomeLine(outcome: Outcome, paint: Paint): string {
  const about = [subjectText(outcome), whyText(outcome)].filter((part) => part !== '').join(': ');
  return `${paint(STYLES[outcome.status], WORDS[outcome.status].padEnd(7))}  ${outcome.operation.padEnd(20)}  ${about}`.trimEnd();
}

/** What an outcome is about, in words. */
export function subjectText(outcome: Outcome): string {
  const { backupName, backupId, entityId, bucket, region, destinationRegion, destinationAccount, sourceAccount } =
    outcome;
  const name = backupName ?? backupId;
  const main = name ?? entityId ?? bucket;
  return oneLine(
    [
      ...(main === undefined ? [] : [main]),
      ...(backupName === undefined || backupId === undefined || backupName === backupId ? [] : [`(${backupId})`]),
      ...(name === undefined || entityId === undefined ? [] : [`of ${entityId}`]),
      ...(region === undefined ? [] : [`in ${region}`]),
      ...(destinationRegion === undefined || destinationRegion === region ? [] : [`to ${destinationRegion}`]),
      ...(destinationAccount === undefined ? [] : [`with ${destinationAccount}`]),
      ...(sourceAccount === undefined ? [] : [`from ${sourceAccount}`]),
    ].join(' '),
  );
}

/** What was done, or why it was not. */
export function whyText(outcome: Outcome): string {
  switch (outcome.status) {
    case 'ok':
      return oneLine(outcome.message ?? '');
    case 'ignored':
      return oneLine(outcome.reason);
    case 'failed':
      return oneLine(outcome.error.message);
  }
}
