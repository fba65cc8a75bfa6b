import type { AwsAccess, BackupType, ListedBackup, Outcome, PlanLine, RunResult } from '@shelvery/engine';
import type { CliRequest } from './arguments.js';
import { oneLine } from './output.js';
import type { Paint } from './output.js';
import { subjectText, whyText } from './render-outcome.js';
import { renderTable } from './render-table.js';
import { createTally, tallyText } from './tally.js';
import type { TypeRun } from './type-run.js';

/**
 * How many failed and skipped items are named at the end of a run. All of them were shown before, or are in `--json`.
 */
const MOST_REASONS = 20;

export interface RenderParts {
  readonly request: CliRequest;
  readonly home: AwsAccess['home'];
  /** The command that finishes the run, where there is one. */
  readonly finish: string | undefined;
  readonly paint: Paint;
}

export interface HeadingParts extends Omit<RenderParts, 'finish'> {
  readonly time: Date;
  /** How many backups are kept, and who says so. */
  readonly retention: string;
}

/**
 * What runs where and as of when, and below it which retention is in force.
 *
 * @example 'ebs create_backups in eu-west-1 of 111111111111 as of 2026-11-24T03:01Z'
 */
export function runHeading(type: BackupType, { request, home, time, retention, paint }: HeadingParts): string {
  const dry = request.dryRun ? ' (dry run)' : '';
  const what = `${type} ${request.action} in ${home.region} of ${home.accountId} as of ${time.toISOString().slice(0, 16)}Z${dry}`;
  return `${paint('bold', what)}\n  ${oneLine(retention)}`;
}

/** What became of a run: plan or list, counts, what was skipped or failed and why, and the command that finishes it. */
export function renderRun(run: TypeRun, parts: RenderParts): string {
  switch (run.kind) {
    case 'not-begun':
      return [`Interrupted before ${run.type} began.`, ...finishLines('Run it', parts)].join('\n');
    case 'broken':
      return [
        `${parts.paint('red', 'FAILED')}: ${run.error.message}`,
        ...finishLines('When that is fixed, finish it', parts),
      ].join('\n');
    case 'ran':
      return [...bodyLines(run.result, parts), ...endLines(run, parts)].join('\n');
  }
}

function bodyLines({ plan, listed }: RunResult, { paint, home }: RenderParts): readonly string[] {
  if (plan !== undefined) return [plan.length === 0 ? 'There is nothing to do.' : planTable(plan, paint)];
  if (listed === undefined) return [];
  return [
    listed.length === 0
      ? `Shelvery has no backups in ${home.region} of ${home.accountId}, nor in its DR regions.`
      : listTable(listed, paint),
  ];
}

function planTable(plan: readonly PlanLine[], paint: Paint): string {
  const rows = plan.map(({ what, subject, name, region, reason }) => [what, subject, name ?? '', region, reason]);
  return renderTable(['WHAT', 'ID', 'NAME', 'REGION', 'REASON'], rows, paint);
}

function listTable(listed: readonly ListedBackup[], paint: Paint): string {
  const rows = listed.map((backup) => [
    backup.name,
    backup.id,
    backup.resource,
    backup.place,
    backup.region,
    backup.retentionType,
    backup.created.slice(0, 16).replace('T', ' '),
    backup.state,
    backup.metadata,
    backup.fate,
  ]);
  return renderTable(
    ['NAME', 'ID', 'RESOURCE', 'PLACE', 'REGION', 'RETENTION', 'CREATED', 'STATE', 'METADATA', 'EXPIRES OR WHY KEPT'],
    rows,
    paint,
  );
}

function endLines(run: Extract<TypeRun, { kind: 'ran' }>, parts: RenderParts): readonly string[] {
  const { result, interrupted } = run;
  const { status } = result.report;
  const word = interrupted
    ? parts.paint('yellow', 'INTERRUPTED')
    : parts.paint(status === 'OK' ? 'green' : 'red', status);
  return [
    `${word}: ${countsText(result)}`,
    ...brokeOffLines(result),
    ...reasonLines('failed', result.outcomes),
    ...reasonLines('ignored', result.outcomes),
    ...unfinishedLines(run, parts),
  ];
}

/** Why the run stopped early, where no outcome tells it. */
function brokeOffLines({ brokeOff, outcomes }: RunResult): readonly string[] {
  if (brokeOff === undefined || outcomes.some((outcome) => outcome.status === 'failed' && outcome.error === brokeOff))
    return [];
  return [`  stopped early: ${oneLine(brokeOff.message)}`];
}

function countsText(result: RunResult): string {
  const { plan, listed, report, outcomes } = result;
  const failed = report.summary.failed === 0 ? '' : `, ${report.summary.failed} failed`;
  if (listed !== undefined) return `${listed.length} ${listed.length === 1 ? 'backup' : 'backups'}${failed}`;
  if (plan === undefined) return tallyText(createTally(outcomes, report.summary.collected));
  const counts = new Map<string, number>();
  for (const { what } of plan) counts.set(what, (counts.get(what) ?? 0) + 1);
  const planned = [...counts]
    .map(([what, count]) => (what === 'found' ? `${count} already made` : `${count} to ${what}`))
    .join(', ');
  return `nothing was changed${planned === '' ? '' : `; ${planned}`}${failed}`;
}

function reasonLines(status: 'failed' | 'ignored', outcomes: readonly Outcome[]): readonly string[] {
  const those = outcomes.filter((outcome) => outcome.status === status);
  const lines = those
    .slice(0, MOST_REASONS)
    .map(
      (outcome) =>
        `  ${status === 'failed' ? 'failed' : 'skipped'}: ${[subjectText(outcome), whyText(outcome)].filter((part) => part !== '').join(': ')}`,
    );
  return those.length > MOST_REASONS
    ? [...lines, `  … and ${those.length - MOST_REASONS} more (--json names all)`]
    : lines;
}

function unfinishedLines(
  { result, unfinished, interrupted }: Extract<TypeRun, { kind: 'ran' }>,
  parts: RenderParts,
): readonly string[] {
  const left = [
    ...(result.remaining > 0 ? [`${result.remaining} not begun`] : []),
    ...(unfinished.length > 0 ? [`${unfinished.length} not finished`] : []),
  ];
  // What timed out is an outcome, and named among those.
  const interruptedOnes = unfinished.filter(({ why }) => why === 'interrupted');
  const named = interruptedOnes
    .slice(0, MOST_REASONS)
    .map(
      ({ message: { operation }, why }) =>
        `  ${why}: ${operation.action} of ${operation.backupId} in ${operation.region}`,
    );
  const more = interruptedOnes.length > MOST_REASONS ? [`  … and ${interruptedOnes.length - MOST_REASONS} more`] : [];
  const lines = left.length > 0 ? [`Unfinished: ${left.join(', ')}.`, ...named, ...more] : [];
  if (left.length > 0 || interrupted) return [...lines, ...finishLines('Finish it', parts)];
  const mendable = result.outcomes.some((outcome) => outcome.status === 'failed') || result.brokeOff !== undefined;
  return mendable ? finishLines('When that is fixed, finish it', parts) : [];
}

function finishLines(lead: string, { finish }: RenderParts): readonly string[] {
  return finish === undefined ? [] : [`${lead} with:`, `  ${finish}`];
}
