import { oneLine } from './output.js';
import type { Paint, Style } from './output.js';

/** A column of a table, and what becomes of it where the terminal is too narrow for all. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly style?: (row: Row) => Style | undefined;
  /** It may be as narrow as this: longer texts are cut, or, with `wraps`, go on below. Else it stays as wide as it is. */
  readonly atLeast?: number;
  readonly wraps?: true;
  /** The column is left out where the others do not fit otherwise: those with the lowest number first. */
  readonly dropAt?: number;
}

const GAP = '  ';

/**
 * Rows below headings. Columns are as wide as they need to be; where that is more than `width`, columns are left out, cut
 * or wrapped until they fit; a line below the table names what was left out. A column in which nothing stands is not there.
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
  const shown = withoutDropped(filled, width);
  const widths = fit(shown, width);
  const inLine = (texts: readonly string[], styleOf: (column: number) => Style | undefined): string => {
    const cells = texts.map((text, column) => {
      const style = styleOf(column);
      const padding = ' '.repeat(Math.max(0, (widths[column] ?? 0) - text.length));
      return `${style === undefined || text === '' ? text : paint(style, text)}${padding}`;
    });
    return cells.join(GAP).trimEnd();
  };
  const lineOf = (texts: readonly string[], styleOf: (column: number) => Style | undefined): string => {
    // Most rows are one line, and there may be ten thousand of them.
    if (texts.every((text, column) => text.length <= (widths[column] ?? 0))) return inLine(texts, styleOf);
    const parts = texts.map((text, column) => wrapped(text, widths[column] ?? 0, shown[column]?.wraps === true));
    const height = Math.max(1, ...parts.map((lines) => lines.length));
    return Array.from({ length: height }, (_, index) =>
      inLine(
        parts.map((lines) => lines[index] ?? ''),
        styleOf,
      ),
    ).join('\n');
  };
  return [
    paint(
      'bold',
      lineOf(
        shown.map(({ title }) => title),
        () => undefined,
      ),
    ),
    ...rows.map((row, index) =>
      lineOf(
        shown.map(({ cells }) => cells[index] ?? ''),
        (column) => shown[column]?.style?.(row),
      ),
    ),
    ...leftOutLines(filled, shown, paint, width),
  ].join('\n');
}

/** Which columns the terminal is too narrow for, and how to see them. */
function leftOutLines(all: readonly Sized[], shown: readonly Sized[], paint: Paint, width: number): readonly string[] {
  const leftOut = all.filter((column) => !shown.includes(column)).map(({ title }) => title);
  if (leftOut.length === 0) return [];
  const text = `Too narrow for ${leftOut.join(', ')}: --wide shows all.`;
  return wrapped(text, width, true).map((line) => paint('dim', line));
}

interface Sized {
  readonly natural: number;
  readonly title: string;
  readonly atLeast?: number;
  readonly dropAt?: number;
}

/** How narrow a column may be. */
function least({ natural, atLeast = natural }: Sized): number {
  return Math.min(natural, atLeast);
}

function together(widths: readonly number[]): number {
  return widths.reduce((sum, each) => sum + each, 0) + GAP.length * Math.max(0, widths.length - 1);
}

/** Leaves columns out until the others fit, as narrow as they may be. */
function withoutDropped<C extends Sized>(columns: readonly C[], width: number): readonly C[] {
  let shown = columns;
  while (together(shown.map(least)) > width) {
    const droppable = shown.flatMap(({ dropAt }) => dropAt ?? []);
    if (droppable.length === 0) return shown;
    const first = Math.min(...droppable);
    shown = shown.filter(({ dropAt }) => dropAt !== first);
  }
  return shown;
}

/** Widths that fit: the widest of the columns that may be narrower gives way first. */
function fit(columns: readonly Sized[], width: number): readonly number[] {
  const widths = columns.map(({ natural }) => natural);
  for (let over = together(widths) - width; over > 0; over -= 1) {
    const [widest] = columns
      .map((column, index) => ({ index, slack: (widths[index] ?? 0) - least(column), now: widths[index] ?? 0 }))
      .filter(({ slack }) => slack > 0)
      .sort((a, b) => b.now - a.now);
    if (widest === undefined) break;
    widths[widest.index] = widest.now - 1;
  }
  return widths;
}

/** A text in lines of at most so many characters: broken between words, or, where it does not wrap, cut. */
export function wrapped(text: string, width: number, wraps: boolean): readonly string[] {
  if (text.length <= width) return [text];
  if (!wraps) return [`${text.slice(0, Math.max(0, width - 1))}…`];
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
