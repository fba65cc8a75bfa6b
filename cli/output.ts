import { setImmediate } from 'node:timers/promises';
import { styleText } from 'node:util';
import { printable } from '@shelvery/engine/terminal';
import { isSet } from './environment.js';

export type Style = 'red' | 'green' | 'yellow' | 'dim' | 'bold';

/** Colours a text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

/** For pipes and files. */
export const plain: Paint = (_style, text) => text;

/** A stream of the process; a terminal or not. */
type Stream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** Where the command writes. */
export interface Output {
  /** A line, or several, on stdout. */
  line(text: string): void;
  /** A line, or several, on stderr. */
  error(text: string): void;
  /** Waits for what was written on stdout, and says whether all of it could be. A reader who has seen enough counts. */
  isWritten(): Promise<boolean>;
  readonly paint: Paint;
  /** Whether somebody watches stdout. */
  readonly isTerminal: boolean;
  /** How many characters a line of the terminal takes; nothing where stdout is none. */
  readonly width: number | undefined;
}

/**
 * Opens stdout and stderr. What cannot be written (the disk is full, or nobody reads, as after `| head`) is dropped:
 * that does not end a run. `isWritten` tells of it.
 */
export function openOutput(
  stdout: Stream,
  stderr: Stream,
  environment: Readonly<Record<string, string | undefined>>,
): Output {
  const isTerminal = stdout.isTTY === true;
  const error = writer(stderr, () => undefined);
  let lost = false;
  const broken = new Promise<void>((resolve) => {
    stdout.once('error', () => {
      resolve();
    });
  });
  return {
    line: writer(stdout, (problem) => {
      lost = true;
      error(`warning: standard output cannot be written (${problem}); the run continues without it`);
    }),
    error,
    isWritten: async () => {
      // A stream that failed calls back no more.
      const written = new Promise<void>((resolve) => {
        stdout.write('', () => {
          resolve();
        });
      });
      await Promise.race([broken, written]);
      // A stream says 'error' after it has called back.
      await setImmediate();
      return !lost;
    },
    paint: isTerminal && !isSet(environment['NO_COLOR']) && environment['TERM'] !== 'dumb' ? styleText : plain,
    isTerminal,
    width: isTerminal ? stdout.columns : undefined,
  };
}

function writer(stream: Stream, onProblem: (problem: string) => void): (text: string) => void {
  let open = true;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // EPIPE: the reader has seen enough, which is not worth a warning.
    if (open && error.code !== 'EPIPE') onProblem(error.message);
    open = false;
  });
  return (text) => {
    if (open) stream.write(`${text}\n`);
  };
}

/** @example counted(2, 'backup', 'backups') // '2 backups' */
export function counted(count: number, one: string, many: string): string {
  return `${String(count)} ${count === 1 ? one : many}`;
}

/** One line without what would steer a terminal: names and messages come from tags and services. */
export function oneLine(text: string): string {
  return printable(text.replaceAll(/\s+/g, ' '));
}
