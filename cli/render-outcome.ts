import type { Outcome } from '@shelvery/engine';
import { oneLine } from './output.js';
import type { Paint, Style } from './output.js';

const WORDS = { ok: 'ok', ignored: 'skipped', failed: 'FAILED' } as const;
const STYLES: Readonly<Record<Outcome['status'], Style>> = { ok: 'green', ignored: 'yellow', failed: 'red' };

/** @example 'ok       CreateBackup          data-1-0a1b2c-2026-11-24-0301-daily (snap-1) of vol-1 in eu-west-1' */
export function outcomeLine(outcome: Outcome, paint: Paint): string {
  const about = [subjectText(outcome), whyText(outcome)].filter((part) => part !== '').join(': ');
  return `${lineStart(outcome, paint)}${about}`.trimEnd();
}

function lineStart({ status, operation }: Outcome, paint: Paint): string {
  return `${paint(STYLES[status], WORDS[status].padEnd(7))}  ${operation.padEnd(20)}  `;
}

/** The same while the run goes on: why something failed is told at its end, once for all that failed for one reason. */
export function liveLine(outcome: Outcome, paint: Paint): string {
  if (outcome.status !== 'failed') return outcomeLine(outcome, paint);
  return `${lineStart(outcome, paint)}${subjectText(outcome)}: ${outcome.error.code}`;
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
