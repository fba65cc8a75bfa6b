import { styleText } from 'node:util';
import { isSet } from './environment.js';

export type Style = 'red' | 'green' | 'yellow' | 'dim' | 'bold';

/** Colours a text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

/** For pipes and files. */
export const plain: Paint = (_style, text) => text;

/** Where the command writes. */
export interface Output {
  /** A line, or several, on stdout. */
  line(text: string): void;
  /** A line, or several, on stderr. */
  error(text: string): void;
  readonly paint: Paint;
  /** Whether somebody watches stdout. */
  readonly isTerminal: boolean;
}

/**
 * Opens stdout and stderr. When nobody reads any more (`| head`) the rest is dropped quietly: a run is not ended by that.
 */
export function openOutput(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream, environment: Readonly<Record<string, string | undefined>>): Output {
  const isTerminal = stdout.isTTY;
  return {
    line: writer(stdout),
    error: writer(stderr),
    paint: isTerminal && !isSet(environment['NO_COLOR']) && environment['TERM'] !== 'dumb' ? styleText : plain,
    isTerminal,
  };
}

function writer(stream: NodeJS.WriteStream): (text: string) => void {
  let open = true;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    open = false;
  });
  return (text) => {
    if (open) stream.write(`${text}\n`);
  };
}

/** One line without what would steer a terminal: names and messages come from tags and services. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/\p{Cc}/gu, '');
}
