import { TAG, operationText, tagKey } from '@shelvery/engine/terminal';
import type { AwsAccess, BackupType, ListedBackup, Outcome, PlanLine, RunResult } from '@shelvery/engine/terminal';
import { isLook } from './arguments.js';
import type { CliRequest } from './arguments.js';
import { EXIT, codeOfRun, exitCodeOf } from './exit-code.js';
import type { ExitCode } from './exit-code.js';
import { counted, oneLine } from './output.js';
import type { Paint, Style } from './output.js';
import { TYPE_WIDTH } from './render-outcome.js';
import { reasonTexts } from './group-failures.js';
import { leftOf } from './left-of.js';
import { renderConfig } from './render-config.js';
import { renderList } from './render-list.js';
import { renderStatus, statusCounts } from './render-status.js';
import { renderTable } from './render-table.js';
import { countOf, createTally, tallyText } from './tally.js';
import type { TypeRun } from './type-run.js';

/** How many reasons of failed and skipped items are named at the end of a run. All of them are in `--json`. */
const MOST_REASONS = 20;

export interface RenderParts {
  readonly request: CliRequest;
  readonly home: AwsAccess['home'];
  /** The command that finishes the run of a type, or of all, where there is one. */
  readonly finish: (type: BackupType | 'all') => string | undefined;
  readonly paint: Paint;
  /** Of the terminal; none for a pipe, and with `--wide`. */
  readonly width: number | undefined;
  /** The tag prefix, and where the SSM parameters are. */
  readonly prefix: string;
  /** The one resource that the command is for (`shelvery_select_entity`), wherever it was set. */
  readonly only?: string;
  readonly ssmPath: string | undefined;
  /** What was skipped has been shown with its reason already. */
  readonly skippedShown: boolean;
  /** How many items of each type went how has been shown already. */
  readonly countsShown: boolean;
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
export function runHeading({ request, home, time, retention, paint }: HeadingParts): string {
  const dry = request.dryRun ? ' (dry run)' : '';
  const what = `${typeWord(request.types)} ${request.action} in ${home.region} of ${home.accountId} as of ${time.toISOString().slice(0, 16)}Z${dry}`;
  return `${paint('bold', what)}\n  ${oneLine(retention)}`;
}

function typeWord(types: readonly BackupType[]): BackupType | 'all' {
  const [one, ...others] = types;
  return one === undefined || others.length > 0 ? 'all' : one;
}

/**
 * What became of the runs of a command: plan or list, counts, what was skipped or failed and why, and the command that
 * finishes it. Where there are several, each has a section, and one line sums them up.
 */
export function renderRuns(runs: readonly TypeRun[], parts: RenderParts): string {
  const [run, ...others] = runs;
  if (run !== undefined && others.length === 0)
    return [...bodyLines(run, parts), ...endLines(run, parts), ...finishLines(runs, parts)].join('\n');
  const sections = runs.map((each) => sectionLines(each, parts)).filter((lines) => lines.length > 0);
  return [
    ...joined(sections),
    ...(sections.length === 0 ? [] : ['']),
    titled('all', `${wordOf(exitCodeOf(runs), parts.paint)}: ${allText(runs)}`, parts),
    ...finishLines(runs, parts),
  ].join('\n');
}

/**
 * The text of `--quiet`: nothing of a run in which all is well, what a look was for without heading and counts, and the
 * whole of a run that did not succeed.
 *
 * @param heading of the runs.
 */
export function renderRunsQuietly(runs: readonly TypeRun[], heading: string, parts: RenderParts): string {
  const isSingle = runs.length === 1;
  const sections = runs
    .map((run): readonly string[] => {
      if (!succeeded(run))
        return isSingle ? [...bodyLines(run, parts), ...endLines(run, parts)] : sectionLines(run, parts);
      const body = isLook(parts.request) && run.kind === 'ran' ? lookText(run, parts) : '';
      if (body === '') return [];
      return isSingle ? [body] : [parts.paint('bold', run.type), body];
    })
    .filter((lines) => lines.length > 0);
  if (runs.every(succeeded)) return joined(sections).join('\n');
  return [heading, ...joined(sections), ...finishLines(runs, parts)].join('\n');
}

/** Whether all of a run came about. That an objective is broken is what a look has found, and no failure. */
function succeeded(run: TypeRun): boolean {
  return run.kind === 'ran' && !run.interrupted && run.result.report.status === 'OK';
}

/** The lines of sections; an empty one before each where any has a table. */
function joined(sections: readonly (readonly string[])[]): readonly string[] {
  const apart = sections.some((lines) => lines.some((line) => line.includes('\n')));
  return sections.flatMap((lines, index) => (apart && index > 0 ? ['', ...lines] : lines));
}

/** One of several runs: what became of it in its title. */
function sectionLines(run: TypeRun, parts: RenderParts): readonly string[] {
  const [end = '', ...more] = endLines(run, parts);
  const body = run.kind === 'ran' ? lookText(run, parts) : '';
  const below = [...(body === '' ? [] : [body]), ...more];
  if (run.kind !== 'ran' || !parts.countsShown) return [titled(run.type, end, parts), ...below];
  return below.length === 0 ? [] : [titled(run.type, wordOf(codeOfRun(run), parts.paint), parts), ...below];
}

/** @example 'ebs          OK: 3 found' */
function titled(type: BackupType | 'all', text: string, { paint }: RenderParts): string {
  return `${paint('bold', type.padEnd(TYPE_WIDTH))}  ${text}`;
}

const WORDS: Readonly<Record<ExitCode, readonly [Style, string]>> = {
  [EXIT.ok]: ['green', 'OK'],
  [EXIT.partial]: ['red', 'PARTIAL'],
  [EXIT.broken]: ['red', 'OBJECTIVE BROKEN'],
  [EXIT.failed]: ['red', 'FAILED'],
  [EXIT.usage]: ['red', 'FAILED'],
  [EXIT.interrupted]: ['yellow', 'INTERRUPTED'],
};

function wordOf(code: ExitCode, paint: Paint): string {
  return paint(...WORDS[code]);
}

type Ran = Extract<TypeRun, { kind: 'ran' }>;

function resultOf(run: TypeRun): readonly RunResult[] {
  return run.kind === 'ran' ? [run.result] : [];
}

/** What a look was for; of an empty one a sentence. */
function bodyLines(run: TypeRun, parts: RenderParts): readonly string[] {
  if (run.kind !== 'ran') return [];
  const text = lookText(run, parts);
  if (text !== '') return [text];
  const { plan, listed, backupStatus } = run.result;
  const { home, request, prefix } = parts;
  const where = `in ${home.region} of ${home.accountId}`;
  // What could not be looked at may have what was looked for.
  const whole = succeeded(run);
  if (plan !== undefined)
    return [whole ? 'There is nothing to do.' : 'There is nothing to do in what could be looked at.'];
  if (listed !== undefined) {
    const { filter } = request;
    const which = filter.only === undefined && filter.expiresBefore === undefined ? 'backups' : 'such backups';
    const what = parts.only === undefined ? which : `${which} of ${oneLine(parts.only)}`;
    if (!whole) return [`No ${what} were found in what could be looked at ${where} and in its DR regions.`];
    const hint =
      parts.only === undefined ? '' : ' If the id is mistyped, correct it: a list of all shows what has backups.';
    return [`Shelvery has no ${what} ${where}, nor in its DR regions.${hint}`];
  }
  if (backupStatus === undefined) return [];
  const nothing = `has the tag ${tagKey(prefix, TAG.createBackup)} = true, and nothing was pulled.`;
  return [whole ? `Nothing ${where} ${nothing}` : `In what could be looked at ${where} nothing ${nothing}`];
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

const PLAN_STYLES: Readonly<Partial<Record<PlanLine['what'], Style>>> = {
  create: 'green',
  remove: 'red',
  warn: 'yellow',
};

function planTable(plan: readonly PlanLine[], { paint, width }: RenderParts): string {
  return renderTable<PlanLine>(
    [
      {
        title: 'WHAT',
        cell: ({ what }) => what,
        style: ({ what }) => PLAN_STYLES[what],
      },
      { title: 'ID', cell: ({ subject }) => subject, atLeast: 22, wraps: 'id' },
      { title: 'NAME', cell: ({ name, subject }) => (name === subject ? '' : (name ?? '')), atLeast: 22, dropAt: 2 },
      // The name tells which resource a line is about: a narrow terminal does without the region first.
      { title: 'REGION', cell: ({ region }) => region, dropAt: 1 },
      { title: 'REASON', cell: ({ reason }) => reason, atLeast: 24, wraps: 'words', belowAt: 3 },
    ],
    plan,
    paint,
    width,
  );
}

/** How a run ended, in a word and in numbers, and below it what was skipped, failed and left. */
function endLines(run: TypeRun, parts: RenderParts): readonly string[] {
  switch (run.kind) {
    case 'not-begun':
      return [`Interrupted before ${run.type} began.`];
    case 'broken':
      return [`${wordOf(EXIT.failed, parts.paint)}: ${run.error.message}`];
    case 'ran': {
      const { result } = run;
      return [
        `${wordOf(codeOfRun(run), parts.paint)}: ${isEmpty(result) ? 'nothing was done' : countsText([result])}`,
        ...brokeOffLines(result),
        ...reasonLines('failed', result.outcomes),
        ...(parts.skippedShown ? [] : reasonLines('ignored', withoutPlanned(result))),
        ...unfinishedLines(run),
      ];
    }
  }
}

/** Outcomes without what the plan says already: it has a line of its own, with the reason. */
function withoutPlanned({ outcomes, plan = [] }: RunResult): readonly Outcome[] {
  const skipped = new Set(plan.flatMap(({ what, subject }) => (what === 'skip' || what === 'refuse' ? [subject] : [])));
  return outcomes.filter(
    ({ backupId, sourceAccount, backupS3Location }) =>
      !skipped.has(backupId ?? '') && !skipped.has(`${sourceAccount ?? ''}: ${backupS3Location ?? ''}`),
  );
}

/** Why the run stopped early, where no outcome tells it. */
function brokeOffLines({ brokeOff, outcomes }: RunResult): readonly string[] {
  if (brokeOff === undefined || outcomes.some((outcome) => outcome.status === 'failed' && outcome.error === brokeOff))
    return [];
  return [`  stopped early: ${oneLine(brokeOff.message)}`];
}

/** Whether a run stopped early before there was anything to count. */
function isEmpty({ brokeOff, outcomes, report }: RunResult): boolean {
  return brokeOff !== undefined && outcomes.length === 0 && report.summary.collected === 0;
}

/** How many items of several runs went how, and which of the runs did not get to all of theirs. */
function allText(runs: readonly TypeRun[]): string {
  const stopped = runs.flatMap((run) =>
    run.kind === 'broken' || (run.kind === 'ran' && run.result.brokeOff !== undefined) ? [run.type] : [],
  );
  if (stopped.length === 0) return countsText(runs.flatMap(resultOf));
  const others = runs.flatMap(resultOf).filter((result) => !isEmpty(result));
  return [
    ...(others.length === 0 ? [] : [countsText(others)]),
    `${countOf(stopped.length, 'type(s) stopped early')} (${stopped.join(', ')})`,
  ].join('; ');
}

/** How many items of some runs went how. */
function countsText(results: readonly RunResult[]): string {
  const failedCount = sumOf(results.map(({ report }) => report.summary.failed));
  const failed = failedCount === 0 ? '' : `, ${failedCount} failed`;
  const listed = results.flatMap((result) => (result.listed === undefined ? [] : [result.listed]));
  if (listed.length > 0) return `${listedText(listed.flat())}${failed}`;
  const statuses = results.flatMap(({ backupStatus }) => backupStatus ?? []);
  if (statuses.length > 0) return `${statusCounts(statuses)}${failed}`;
  const configs = results.flatMap(({ shownConfig }) => shownConfig ?? []);
  if (configs.length > 0) {
    const count = sumOf(configs.map(({ resources }) => resources.length));
    return `${counted(count, 'resource has', 'resources have')} values of their own${failed}`;
  }
  const inventories = results.flatMap(({ inventory }) => inventory ?? []);
  if (inventories.length > 0) {
    const found = inventories.flatMap(({ listed: each }) => each.filter(({ state }) => state !== 'missing'));
    const status = statusCounts(inventories.map(({ status: each }) => each));
    return `${status}; ${counted(found.length, 'backup', 'backups')}${failed}`;
  }
  const resources = results.flatMap(({ runbook }) => runbook ?? []);
  if (results.some(({ runbook }) => runbook !== undefined))
    return `${counted(resources.length, 'resource', 'resources')}${failed}`;
  const plans = results.flatMap(({ plan }) => (plan === undefined ? [] : [plan]));
  if (plans.length > 0) return `nothing was changed${plannedText(plans.flat())}${failed}`;
  const outcomes = results.flatMap((result) => result.outcomes);
  return tallyText(createTally(outcomes, collectedBy(results)));
}

/** How many items some runs deal with: data buckets, which types have in common, are counted once. */
function collectedBy(results: readonly RunResult[]): number {
  const ofBuckets = results.filter(({ report }) => report.action === 'create_data_buckets');
  const buckets = new Set(ofBuckets.flatMap(({ outcomes }) => outcomes.flatMap(({ bucket }) => bucket ?? [])));
  const others = results.filter((result) => !ofBuckets.includes(result));
  return buckets.size + sumOf(others.map(({ report }) => report.summary.collected));
}

/** Rows of a list that are no backup which somebody has, and what they are. */
const NO_BACKUP: readonly (readonly [ListedBackup['reason'], string])[] = [
  ['unreadable', 'not understood'],
  ['somebodys', "not Shelvery's own"],
  ['missing-copy', 'missing'],
];

/** @example '12 backups, 1 not understood, 2 missing' */
function listedText(listed: readonly ListedBackup[]): string {
  const others = NO_BACKUP.map(([reason, words]) => ({
    words,
    count: listed.filter((row) => row.reason === reason).length,
  })).filter(({ count }) => count > 0);
  const backups = listed.length - sumOf(others.map(({ count }) => count));
  return [counted(backups, 'backup', 'backups'), ...others.map(({ count, words }) => `${String(count)} ${words}`)].join(
    ', ',
  );
}

/** What a plan comes to. What the run reports as failed is counted as that. */
function plannedText(plan: readonly PlanLine[]): string {
  const counts = new Map<string, number>();
  const buckets = new Set<string>();
  for (const { what, of, subject, problem } of plan) {
    if (what === 'warn' || problem === true) continue;
    // The types of a command have their data buckets in common.
    if (of === 'bucket' && buckets.has(`${what} ${subject}`)) continue;
    if (of === 'bucket') buckets.add(`${what} ${subject}`);
    const words = what === 'found' ? 'already made' : `to ${what}`;
    const counting = of === 'bucket' ? `data bucket(s) ${words}` : words;
    counts.set(counting, (counts.get(counting) ?? 0) + 1);
  }
  const planned = [...counts].map(([words, count]) => countOf(count, words)).join(', ');
  return planned === '' ? '' : `; ${planned}`;
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}

function reasonLines(status: 'failed' | 'ignored', outcomes: readonly Outcome[]): readonly string[] {
  const word = status === 'failed' ? 'failed' : 'skipped';
  const texts = reasonTexts(outcomes.filter((outcome) => outcome.status === status));
  const lines = texts.slice(0, MOST_REASONS).map((text) => `  ${word}: ${text}`);
  return texts.length > MOST_REASONS
    ? [...lines, `  … and ${texts.length - MOST_REASONS} more (--json names all)`]
    : lines;
}

function unfinishedLines({ result, unfinished }: Ran): readonly string[] {
  const left = [
    ...(result.remaining > 0 ? [`${result.remaining} not begun`] : []),
    ...(unfinished.length > 0 ? [`${unfinished.length} not finished`] : []),
  ];
  // What timed out is an outcome, and named among those.
  const interruptedOnes = unfinished.filter(({ why }) => why === 'interrupted');
  const named = interruptedOnes
    .slice(0, MOST_REASONS)
    .map(({ message: { operation }, why }) => `  ${why}: ${operationText(operation)}`);
  const more = interruptedOnes.length > MOST_REASONS ? [`  … and ${interruptedOnes.length - MOST_REASONS} more`] : [];
  return left.length > 0 ? [`Unfinished: ${left.join(', ')}.`, ...named, ...more] : [];
}

/** The one command that finishes what the runs left. */
function finishLines(runs: readonly TypeRun[], { finish }: RenderParts): readonly string[] {
  const leaving = runs.filter((run) => leftOf(run) !== 'nothing');
  const command = leaving.length === 0 ? undefined : finish(typeWord(leaving.map(({ type }) => type)));
  if (command === undefined) return [];
  const left = leaving.map(leftOf);
  const lead = left.every((each) => each === 'whole')
    ? 'Run it'
    : left.every((each) => each === 'to-mend')
      ? 'When that is fixed, finish it'
      : 'Finish it';
  return [`${lead} with:`, `  ${command}`];
}
