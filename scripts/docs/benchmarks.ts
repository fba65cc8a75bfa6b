import { BACKUP_TYPES } from '../../layers/engine/src/domain/values.js';
import { readResults } from '../../tests/bench/results.js';
import type { Results } from '../../tests/bench/results.js';

/** The tables of docs/benchmarks.md by their names, from what `npm run bench` wrote last. */
export function benchmarkTables(table: Table): readonly (readonly [name: string, text: string])[] {
  const results = readResults();
  return [
    ['beside others', besideTable(results.beside ?? [], table)],
    ['calls', callsTable(results.calls ?? [], table)],
    ['shares', sharesTable(results.shares ?? [], table)],
    ['growth', growthTable(results.growth ?? [], table)],
    ['paced', pacedTable([...(results.paced ?? []), ...(results.copies ?? [])], table)],
    ['invocations', invocationsTable(results.invocations, table)],
    ['looks', looksTable(results.looks ?? [], table)],
    ['starts', startsTable(results.starts, table)],
  ];
}

type Table = (head: readonly string[], rows: readonly (readonly string[])[]) => string;
type Part<K extends keyof Results> = NonNullable<Results[K]>;
type Row = Part<'beside'>[number];

const PROGRAMS: Readonly<Record<Row['program'], string>> = {
  shelvery: 'Shelvery',
  'shelvery-without-pace': 'Shelvery, its waits left out',
  'python-shelvery': 'Python Shelvery 0.10.1',
  'cloud-custodian': 'Cloud Custodian 0.9.53',
};

/** A row for each size and task of each program; a cell says so where a program has no such thing, or was not measured. */
function besideTable(rows: Part<'beside'>, table: Table): string {
  const sizes = [...new Set(rows.map(({ volumes }) => volumes))];
  const tasks = [...new Set(rows.map(({ task }) => task))];
  const lines = sizes.flatMap((volumes) =>
    tasks.flatMap((task) => {
      const same = rows.filter((row) => row.volumes === volumes && row.task === task);
      if (same.length === 0) return [];
      const ours = same.find(({ program }) => program === 'shelvery');
      return Object.entries(PROGRAMS).map(([program, name]) => {
        const row = same.find((each) => each.program === program);
        const measured = row === undefined ? missing(program, task) : cellsOf(row, ours);
        return [count(volumes), task, name, ...measured];
      });
    }),
  );
  const head = [
    'Volumes',
    'Task',
    'Program',
    'Calls',
    'A backup',
    'At a time',
    'Seconds',
    'Of CPU',
    'MB',
    'Time, of ours',
  ];
  return table(head, lines);
}

function missing(program: string, task: Row['task']): readonly string[] {
  const why = program === 'cloud-custodian' && task === 'pull' ? 'has none' : 'not run';
  return [why, '', '', '', '', '', ''];
}

function cellsOf(row: Row, ours: Row | undefined): readonly string[] {
  const { calls, volumes, inFlight, seconds, cpuSeconds, megabytes } = row;
  const ratio = ours === undefined ? '' : (seconds / ours.seconds).toFixed(2);
  return [
    count(calls),
    (calls / volumes).toFixed(2),
    count(inFlight),
    seconds.toFixed(1),
    cpuSeconds.toFixed(1),
    megabytes.toFixed(0),
    ratio,
  ];
}

function callsTable(rows: Part<'calls'>, table: Table): string {
  return table(
    ['Type', 'Resources', 'Topics', 'Calls per backup made', 'Calls per backup removed'],
    rows.map(({ type, resources, topics, create, remove }) => [
      `\`${type}\``,
      count(resources),
      topics ? 'all three' : 'none',
      create.toFixed(2),
      remove.toFixed(2),
    ]),
  );
}

function sharesTable(rows: Part<'shares'>, table: Table): string {
  const [alone] = rows;
  return table(
    ['Accounts', 'Calls per backup', 'More than with none'],
    rows.map(({ accounts, calls }) => [count(accounts), calls.toFixed(2), (calls - (alone?.calls ?? 0)).toFixed(2)]),
  );
}

function growthTable(rows: Part<'growth'>, table: Table): string {
  return table(
    ['Task', 'Volumes', 'Calls', 'CPU', 'Time', 'MB at the most'],
    rows.map(({ task, from, to, calls, cpu, seconds, megabytes }) => [
      task,
      `${count(from)} to ${count(to)}`,
      ...[calls, cpu, seconds].map((exponent) => exponent.toFixed(3)),
      megabytes.toFixed(0),
    ]),
  );
}

function pacedTable(rows: Part<'paced'>, table: Table): string {
  return table(
    ['Calls', 'Time', 'Least possible', 'Of the least', 'Refused', 'Failed', 'Of the bucket used', 'Slowest list'],
    rows.map(({ what, seconds, bound, refused, failed, used, slowestReadMs }) => [
      what,
      `${count(Math.round(seconds))} s`,
      `${count(Math.round(bound))} s`,
      (seconds / bound).toFixed(3),
      percent(refused),
      count(failed),
      used === undefined ? '' : percent(used),
      slowestReadMs === undefined ? '' : `${slowestReadMs.toFixed(0)} ms`,
    ]),
  );
}

function invocationsTable(measured: Part<'invocations'> | undefined, table: Table): string {
  const before = (index: number): number => measured?.invocations[index - 1]?.backups ?? 0;
  return table(
    ['Invocation', 'Emulated time', 'Backups made'],
    (measured?.invocations ?? []).map(({ seconds, backups }, index) => [
      String(index + 1),
      `${seconds.toFixed(0)} s`,
      count(backups - before(index)),
    ]),
  );
}

function looksTable(rows: Part<'looks'>, table: Table): string {
  return table(
    ['Command', 'Processor time', 'Most memory', 'First line'],
    rows.map(({ command, cpuSeconds, megabytes, firstLineSeconds }) => [
      `\`${command}\``,
      `${cpuSeconds.toFixed(1)} s`,
      `${megabytes.toFixed(0)} MB`,
      `${firstLineSeconds.toFixed(1)} s`,
    ]),
  );
}

function startsTable(starts: Part<'starts'> | undefined, table: Table): string {
  const types = new Map(BACKUP_TYPES.map((type) => [type.replaceAll('_', '-'), type]));
  const functions = (starts?.functions ?? []).map(({ name, kilobytes, milliseconds }) => [
    `\`${types.get(name) ?? name}\``,
    `${(kilobytes / 1000).toFixed(2)} MB`,
    `${String(milliseconds)} ms`,
  ]);
  const version = starts === undefined ? [] : [['`shelvery --version`', '', `${String(starts.versionMs)} ms`]];
  return table(['What starts', 'Code', 'Time'], [...functions, ...version]);
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}

function percent(part: number): string {
  return `${(100 * part).toFixed(1)} %`;
}
