import { oneLine } from './output.js';
import type { Paint } from './output.js';

/** Rows below headings, in columns as wide as they need to be. */
export function renderTable(headings: readonly string[], rows: readonly (readonly string[])[], paint: Paint): string {
  const cells = [headings, ...rows].map((row) => row.map(oneLine));
  const widths = headings.map((_heading, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  return cells
    .map((row, index) => {
      const text = row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd();
      return index === 0 ? paint('bold', text) : text;
    })
    .join('\n');
}
