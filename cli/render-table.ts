import { oneLine } from './output.js';
import type { Paint, Style } from './output.js';

/** A column of a table, and what becomes of it where the terminal is too narrow for all. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly style?: (row: Row) => Style | undefined;
  /** It may be as narrow as this: longer texts are cut, or, with `wraps`, go on below. Else it stays as wide as it is. */
  readonly atLeast?: number;
  /** Texts go on below: `words` are broken between words, an `id`, which is of no use where it is cut, anywhere. */
  readonly wraps?: 'words' | 'id';
  /** The column is left out where the others do not fit otherwise: those with the lowest number first. */
  readonly dropAt?: number;
  /**
   * In its turn among those that are left out, this column's texts get lines of their own, below their rows. So does, at any
   * width, a text that would take more than three lines.
   */
  readonly belowAt?: number;
}

const GAP = '  ';
/** What lines below a row begin with. */
const INDENT = '    ';
/** How many lines a text may take beside its row before it goes below. */
const MOST_LINES = 3;

/**
 * Rows below headings. Columns are as wide as they need to be; where that is more than `width`, columns are wrapped, cut,
 * left out or put below their rows until they fit; a line below the table names what was left out. A column in which nothing
 * stands is not there.
 *
 * @param width of the terminal, in characters; a table for a pipe has none.
 */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  paint: Paint,
  width = Infinity,
): string {
  const filled = columns
    .map((column) => ({ ...column, cells: rows.map((row) => oneLine(column.cell(row))) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''))
    .map((column) => ({
      ...column,
      natural: column.cells.reduce((widest, cell) => Math.max(widest, cell.length), column.title.length),
    }));
  const { beside, below } = placed(filled, width);
  const widths = fit(beside, width);
  const inLine = (texts: readonly string[], styleOf: (column: number) => Style | undefined): string => {
    const cells = texts.map((text, column) => {
      const style = styleOf(column);
      const padding = ' '.repeat(Math.max(0, (widths[column] ?? 0) - text.length));
      return `${style === undefined || text === '' ? text : paint(style, text)}${padding}`;
    });
    return cells.join(GAP).trimEnd();
  };
  const belowLines = (text: string, style: Style | undefined): readonly string[] =>
    text === ''
      ? []
      : wrapped(text, width - INDENT.length, 'words').map(
          (line) => `${INDENT}${style === undefined ? line : paint(style, line)}`,
        );
  const linesOf = (texts: readonly string[], styleOf: (column: number) => Style | undefined): readonly string[] => {
    // Most rows are one line, and there may be ten thousand of them.
    if (texts.every((text, column) => text.length <= (widths[column] ?? 0))) return [inLine(texts, styleOf)];
    const tooLong: string[] = [];
    const parts = texts.map((text, column) => {
      const lines = wrapped(text, widths[column] ?? 0, beside[column]?.wraps);
      if (beside[column]?.belowAt === undefined || lines.length <= MOST_LINES) return lines;
      tooLong.push(...belowLines(text, styleOf(column)));
      return [];
    });
    const height = Math.max(1, ...parts.map((lines) => lines.length));
    const inColumns = Array.from({ length: height }, (_, index) =>
      inLine(
        parts.map((lines) => lines[index] ?? ''),
        styleOf,
      ),
    );
    return [...inColumns, ...tooLong];
  };
  const titles = linesOf(
    beside.map(({ title }) => title),
    () => undefined,
  );
  return [
    paint('bold', titles.join('\n')),
    ...rows.flatMap((row, index) => [
      ...linesOf(
        beside.map(({ cells }) => cells[index] ?? ''),
        (column) => beside[column]?.style?.(row),
      ),
      ...below.flatMap(({ cells, style }) => belowLines(cells[index] ?? '', style?.(row))),
    ]),
    ...leftOutLines(
      filled.filter((column) => !beside.includes(column) && !below.includes(column)),
      paint,
      width,
    ),
  ].join('\n');
}

/** Which columns the terminal is too narrow for, and how to see them. */
function leftOutLines(leftOut: readonly Sized[], paint: Paint, width: number): readonly string[] {
  if (leftOut.length === 0) return [];
  const text = `Too narrow for ${leftOut.map(({ title }) => title).join(', ')}: --wide shows all.`;
  return wrapped(text, width, 'words').map((line) => paint('dim', line));
}

interface Sized extends Pick<Column<never>, 'title' | 'atLeast' | 'wraps' | 'dropAt' | 'belowAt'> {
  readonly natural: number;
}

/** How narrow a column may be. */
function least({ natural, atLeast = natural }: Sized): number {
  return Math.min(natural, atLeast);
}

function together(widths: readonly number[]): number {
  return widths.reduce((sum, each) => sum + each, 0) + GAP.length * Math.max(0, widths.length - 1);
}

/** Leaves columns out, or puts them below their rows, until the others fit, as narrow as they may be. */
function placed<C extends Sized>(
  columns: readonly C[],
  width: number,
): { readonly beside: readonly C[]; readonly below: readonly C[] } {
  let beside = columns;
  let below: readonly C[] = [];
  while (together(beside.map(least)) > width) {
    const turns = beside.flatMap(({ dropAt, belowAt }) => dropAt ?? belowAt ?? []);
    if (turns.length === 0) break;
    const first = Math.min(...turns);
    below = [...below, ...beside.filter(({ belowAt }) => belowAt === first)];
    beside = beside.filter(({ dropAt, belowAt }) => (dropAt ?? belowAt) !== first);
  }
  return { beside, below };
}

/** What gives way first: words lose nothing on a line below, what is cut loses its end, and an id is read in one piece. */
const WAYS: readonly Sized['wraps'][] = ['words', undefined, 'id'];

/** Widths that fit: of the columns that may be narrower in the same way, the widest gives way first. */
function fit(columns: readonly Sized[], width: number): readonly number[] {
  const widths = columns.map(({ natural }) => natural);
  for (const way of WAYS) {
    for (let over = together(widths) - width; over > 0; over -= 1) {
      const [widest] = columns
        .map((column, index) => ({ way: column.wraps, index, now: widths[index] ?? 0, least: least(column) }))
        .filter((column) => column.way === way && column.now > column.least)
        .sort((a, b) => b.now - a.now);
      if (widest === undefined) break;
      widths[widest.index] = widest.now - 1;
    }
  }
  return widths;
}

/** A text in lines of at most so many characters: broken between words, anywhere, or, where it does not wrap, cut. */
export function wrapped(text: string, width: number, wraps: Column<never>['wraps']): readonly string[] {
  if (text.length <= width) return [text];
  if (wraps === undefined) return [`${text.slice(0, Math.max(0, width - 1))}…`];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
    while (line.length > width) {
      lines.push(line.slice(0, width));
      line = line.slice(width);
    }
  }
  return line === '' ? lines : [...lines, line];
}
