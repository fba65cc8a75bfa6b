import type { Paint } from '../../../cli/output.js';

/** A backup as the timeline counts it. */
export interface TimelineEntry {
  readonly row: string;
  /** `YYYY-MM-DD…` */
  readonly created: string;
  readonly retentionType: string;
  readonly kept: boolean;
}

const LETTERS: Readonly<Record<string, string>> = { daily: 'd', weekly: 'w', monthly: 'M', yearly: 'Y' };

/** One letter for each backup that is kept, in the order of days, and how many of those made that is. */
function cell(entries: readonly TimelineEntry[]): string {
  if (entries.length === 0) return '';
  const kept = entries.filter((entry) => entry.kept).sort((a, b) => (a.created < b.created ? -1 : 1));
  const letters = kept.map((entry) => LETTERS[entry.retentionType] ?? '?').join('');
  return `${letters === '' ? '-' : letters} ${String(kept.length)}/${String(entries.length)}`;
}

/** Rows are resources, columns months; each cell says which backups are still there, of how many that were made. */
export function renderTimeline(entries: readonly TimelineEntry[], paint: Paint): string {
  const months = [...new Set(entries.map((entry) => entry.created.slice(0, 7)))].sort();
  const rows = [...new Set(entries.map((entry) => entry.row))].sort((a, b) => a.localeCompare(b));
  const table = [
    ['', ...months],
    ...rows.map((row) => [
      row,
      ...months.map((month) => cell(entries.filter((entry) => entry.row === row && entry.created.startsWith(month)))),
    ]),
  ];
  const widths = ['', ...months].map((_, column) => Math.max(...table.map((line) => (line[column] ?? '').length)));
  const style = (text: string, line: number, column: number): string => {
    if (line === 0 || column === 0) return paint('bold', text);
    return text.startsWith('-') ? paint('dim', text) : paint('green', text);
  };
  return table
    .map((line, index) =>
      line
        .map((text, column) => style(text.padEnd(widths[column] ?? 0), index, column))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
