import { BACKUP_TYPES } from '@shelvery/engine/terminal';
import type { BackupType, Outcome } from '@shelvery/engine/terminal';
import { oneLine } from './output.js';
import type { Paint, Style } from './output.js';

const WORDS = { ok: 'ok', ignored: 'skipped', failed: 'FAILED' } as const;
const WORD_WIDTH = 7;
/** Of the longest backup type. */
export const TYPE_WIDTH = Math.max(...BACKUP_TYPES.map((type) => type.length));
const STYLES: Readonly<Record<Outcome['status'], Style>> = { ok: 'green', ignored: 'yellow', failed: 'red' };

/**
 * An outcome while the run goes on: why something failed is told at its end, once for all that failed for one reason.
 *
 * @param type of backups, where there are several.
 * @example 'ok       CreateBackup          data-1-0a1b2c-2026-11-24-0301-daily (snap-1) of vol-1 in eu-west-1'
 */
export function liveLine(outcome: Outcome, paint: Paint, type?: BackupType): string {
  const { status, operation } = outcome;
  const start = [
    paint(STYLES[status], WORDS[status].padEnd(WORD_WIDTH)),
    ...(type === undefined ? [] : [type.padEnd(TYPE_WIDTH)]),
    operation.padEnd(20),
  ];
  const why = outcome.status === 'failed' ? outcome.error.code : whyText(outcome);
  const about = [subjectText(outcome), why].filter((part) => part !== '').join(': ');
  return [...start, about].join('  ').trimEnd();
}

/** How a run is going, in line with its outcomes. */
export function progressLine(text: string): string {
  return `${'running'.padEnd(WORD_WIDTH)}  ${oneLine(text)}`;
}

/** What an outcome is about, in words. */
export function subjectText(outcome: Outcome): string {
  const { backupName, backupId, entityId, bucket, sourceAccount } = outcome;
  const name = backupName ?? backupId;
  const main = name ?? entityId ?? bucket;
  return oneLine(
    [
      ...(main === undefined ? [] : [main]),
      ...(backupName === undefined || backupId === undefined || backupName === backupId ? [] : [`(${backupId})`]),
      ...(name === undefined || entityId === undefined ? [] : [`of ${entityId}`]),
      ...whereWords(outcome),
      ...(sourceAccount === undefined ? [] : [`from ${sourceAccount}`]),
    ].join(' '),
  );
}

/** Where something is done, and for which region or account. */
export function whereWords({ region, destinationRegion, destinationAccount }: Outcome): readonly string[] {
  return [
    ...(region === undefined ? [] : [`in ${region}`]),
    ...(destinationRegion === undefined || destinationRegion === region ? [] : [`to ${destinationRegion}`]),
    ...(destinationAccount === undefined ? [] : [`with ${destinationAccount}`]),
  ];
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
