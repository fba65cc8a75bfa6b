import { renderTable } from '../../cli/render-table.js';
import { openOutput } from '../../cli/output.js';
import type { Paint } from '../../cli/output.js';

/** Where the demonstration tells what happens: lines, and one line that is written over on a terminal. */
export interface Screen {
  readonly paint: Paint;
  title(text: string): void;
  say(text: string): void;
  table(headings: readonly string[], rows: readonly (readonly string[])[]): void;
  fail(text: string): void;
  /**
   * Shown at once on a terminal, where the next line written takes its place; in a pipe only the steps that are worth a
   * line.
   */
  progress(text: string, worthALine: boolean): void;
}

/** Moves to the line's beginning and empties it. */
const ERASE_LINE = '\r\u001b[2K';

export function createScreen(
  stdout: NodeJS.WriteStream,
  stderr: NodeJS.WriteStream,
  environment: Readonly<Record<string, string | undefined>>,
): Screen {
  const output = openOutput(stdout, stderr, environment);
  let inProgress = false;
  const settle = (): void => {
    if (inProgress) stdout.write(ERASE_LINE);
    inProgress = false;
  };
  const line = (text: string): void => {
    settle();
    output.line(text);
  };
  return {
    paint: output.paint,
    title(text) {
      line(`\n${output.paint('bold', text)}`);
    },
    say: line,
    table(headings, rows) {
      const columns = headings.map((title, column) => ({
        title,
        cell: (row: readonly string[]) => row[column] ?? '',
      }));
      line(renderTable(columns, rows, output.paint));
    },
    fail(text) {
      settle();
      output.error(output.paint('red', text));
    },
    progress(text, worthALine) {
      if (output.isTerminal) {
        // A longer text would take a second line, which is not erased.
        const room = Math.max(20, stdout.columns - 4);
        stdout.write(`${ERASE_LINE}  ${text.slice(0, room)}`);
        inProgress = true;
      } else if (worthALine) line(`  ${text}`);
    },
  };
}
