import { TAG, onlyLooks, tagKey } from '@shelvery/engine';
import type { AwsAccess, BackupType, Outcome, PlanLine, RunResult } from '@shelvery/engine';
import type { CliRequest } from './arguments.js';
import { EXIT, codeOfRun } from './exit-code.js';
import { oneLine } from './output.js';
import type { Paint } from './output.js';
import { reasonTexts } from './group-failures.js';
import { renderConfig } from './render-config.js';
import { renderList } from './render-list.js';
import { renderStatus, statusCounts } from './render-status.js';
import { renderTable } from './render-table.js';
import { createTally, tallyText } from './tally.js';
import type { TypeRun } from './type-run.js';

/** How many reasons of failed and skipped items are named at the end of a run. All of them are in `--json`. */
const MOST_REASONS = 20;

export interface RenderParts {
  readonly request: CliRequest;
  readonly home: AwsAccess['home'];
  /** The command that finishes the run, where there is one. */
  readonly finish: string | undefined;
  readonly paint: Paint;
  /** Of the terminal; none for a pipe, and with `--wide`. */
  readonly width: number | undefined;
  /** The tag prefix, and where the SSM parameters are. */
  readonly prefix: string;
  readonly ssmPath: string | undefined;
  /** What was skipped has been shown with its reason already. */
  readonly skippedShown: boolean;
}

export interface HeadingParts extends Pick<RenderParts, 'request' | 'home' | 'paint'> {
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
      return [...bodyLines(run, parts), ...endLines(run, parts)].join('\n');
  }
}

/**
 * The text of `--quiet`: nothing of a run in which all is well, what a look was for without heading and counts, and the
 * whole of a run that did not succeed.
 *
 * @param heading of the run.
 */
export function renderQuietly(run: TypeRun, heading: string, parts: RenderParts): string {
  const code = codeOfRun(run);
  const isLook = onlyLooks(parts.request.action) || parts.request.dryRun;
  if (run.kind !== 'ran' || (code !== EXIT.ok && code !== EXIT.broken)) return `${heading}\n${renderRun(run, parts)}`;
  const body = isLook ? lookText(run, parts) : '';
  return body === '' || parts.request.types.length === 1 ? body : `${heading}\n${body}`;
}

type Ran = Extract<TypeRun, { kind: 'ran' }>;

/** What a look was for; of an empty one a sentence. */
function bodyLines(run: Ran, parts: RenderParts): readonly string[] {
  const text = lookText(run, parts);
  if (text !== '') return [text];
  const { plan, listed, backupStatus } = run.result;
  const { home, request } = parts;
  const where = `in ${home.region} of ${home.accountId}`;
  if (plan !== undefined) return ['There is nothing to do.'];
  if (listed !== undefined) {
    const { only, expiresBefore } = request.filter;
    return [
      only === undefined && expiresBefore === undefined
        ? `Shelvery has no backups ${where}, nor in its DR regions.`
        : `Shelvery has no such backups ${where}, nor in its DR regions.`,
    ];
  }
  return backupStatus === undefined
    ? []
    : [`Nothing ${where} has the tag ${tagKey(parts.prefix, TAG.createBackup)} = true, and nothing was pulled.`];
}

function lookText({ type, result }: Ran, parts: RenderParts): string {
  const { plan, listed, backupStatus, shownConfig } = result;
  const { paint, width, home, request, ssmPath } = parts;
  if (plan !== undefined) return plan.length === 0 ? '' : planTable(plan, parts);
  if (listed !== undefined) {
    return listed.length === 0 ? '' : renderList(listed, { paint, width, account: home.accountId });
  }
  if (backupStatus !== undefined) return renderStatus(backupStatus, { paint, width, quiet: request.quiet });
  if (shownConfig === undefined) return '';
  return renderConfig(shownConfig, {
    paint,
    width,
    ssmPath,
    ofOne: request.config.some(([key]) => key === 'shelvery_select_entity'),
    resourcesOnly: type !== request.types[0],
  });
}

function planTable(plan: readonly PlanLine[], { paint, width }: RenderParts): string {
  return renderTable<PlanLine>(
    [
      {
        title: 'WHAT',
        cell: ({ what }) => what,
        style: ({ what }) => (what === 'remove' ? 'red' : what === 'create' ? 'green' : undefined),
      },
      { title: 'ID', cell: ({ subject }) => subject, atLeast: 22 },
      { title: 'NAME', cell: ({ name, subject }) => (name === subject ? '' : (name ?? '')), atLeast: 26, dropAt: 1 },
      { title: 'REGION', cell: ({ region }) => region, dropAt: 2 },
      { title: 'REASON', cell: ({ reason }) => reason, atLeast: 24, wraps: true },
    ],
    plan,
    paint,
    width,
  );
}

function endLines(run: Ran, parts: RenderParts): readonly string[] {
  const { result, interrupted } = run;
  const { status } = result.report;
  const word = interrupted
    ? parts.paint('yellow', 'INTERRUPTED')
    : result.backupStatus?.objective === 'broken'
      ? parts.paint('red', 'OBJECTIVE BROKEN')
      : parts.paint(status === 'OK' ? 'green' : 'red', status);
  return [
    `${word}: ${countsText(result)}`,
    ...brokeOffLines(result),
    ...reasonLines('failed', result.outcomes),
    ...(parts.skippedShown ? [] : reasonLines('ignored', result.outcomes)),
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
  const { plan, listed, backupStatus, shownConfig, report, outcomes } = result;
  const failed = report.summary.failed === 0 ? '' : `, ${report.summary.failed} failed`;
  if (listed !== undefined) return `${listed.length} ${listed.length === 1 ? 'backup' : 'backups'}${failed}`;
  if (backupStatus !== undefined) return `${statusCounts(backupStatus)}${failed}`;
  if (shownConfig !== undefined) {
    const { length } = shownConfig.resources;
    return `${length} ${length === 1 ? 'resource has' : 'resources have'} values of their own${failed}`;
  }
  if (plan === undefined) return tallyText(createTally(outcomes, report.summary.collected));
  const counts = new Map<string, number>();
  for (const { what } of plan) counts.set(what, (counts.get(what) ?? 0) + 1);
  const planned = [...counts]
    .map(([what, count]) => (what === 'found' ? `${count} already made` : `${count} to ${what}`))
    .join(', ');
  return `nothing was changed${planned === '' ? '' : `; ${planned}`}${failed}`;
}

function reasonLines(status: 'failed' | 'ignored', outcomes: readonly Outcome[]): readonly string[] {
  const word = status === 'failed' ? 'failed' : 'skipped';
  const texts = reasonTexts(outcomes.filter((outcome) => outcome.status === status));
  const lines = texts.slice(0, MOST_REASONS).map((text) => `  ${word}: ${text}`);
  return texts.length > MOST_REASONS
    ? [...lines, `  … and ${texts.length - MOST_REASONS} more (--json names all)`]
    : lines;
}

function unfinishedLines({ result, unfinished, interrupted }: Ran, parts: RenderParts): readonly string[] {
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
