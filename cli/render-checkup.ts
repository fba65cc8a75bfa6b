import type { CheckResult, Checkup, Diagnosis } from '@shelvery/engine/doctor';
import { counted } from './output.js';
import type { Paint, Style } from './output.js';
import { renderTable } from './render-table.js';
import type { Column } from './render-table.js';

/** How a checkup is shown. */
export interface CheckupParts {
  readonly paint: Paint;
  readonly width: number | undefined;
  /** Only what is not well. */
  readonly quiet: boolean;
}

const STYLES: Readonly<Record<CheckResult, Style>> = { failed: 'red', warning: 'yellow', ok: 'green' };

const COLUMNS: readonly Column<Diagnosis>[] = [
  { title: 'CHECK', cell: ({ check }) => check },
  { title: 'RESULT', cell: ({ result }) => result, style: ({ result }) => STYLES[result] },
  { title: 'TYPE', cell: ({ backup_type: type }) => type ?? '', dropAt: 2 },
  { title: 'REGION', cell: ({ region }) => region ?? '', dropAt: 1 },
  {
    title: 'WHAT IS FOUND, AND WHAT TO DO',
    cell: ({ text, advice }) => (advice === undefined ? text : `${text} ${advice}`),
    atLeast: 48,
    wraps: 'words',
  },
];

/** What was looked at, in the order of the checks; nothing where nothing is to be shown. */
export function renderCheckup({ findings }: Checkup, { paint, width, quiet }: CheckupParts): string {
  const shown = quiet ? findings.filter(({ result }) => result !== 'ok') : findings;
  return shown.length === 0 ? '' : renderTable(COLUMNS, shown, paint, width);
}

/** @example 'OK: 0 failed, 2 warnings, 11 ok' */
export function checkupSummary({ counts: { failed, warning, ok } }: Checkup, paint: Paint): string {
  const word = failed > 0 ? paint('red', 'FAILED') : paint('green', 'OK');
  return `${word}: ${String(failed)} failed, ${counted(warning, 'warning', 'warnings')}, ${String(ok)} ok`;
}
