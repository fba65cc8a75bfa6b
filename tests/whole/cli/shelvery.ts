import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** The program as `npm run build` makes it. */
export const PROGRAM = join(import.meta.dirname, '../../../dist/cli/shelvery.mjs');

/** How the program ended, and what it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** Options of the Node that runs it. */
  readonly nodeOptions?: readonly string[];
}

/** Runs the built program to its end. */
export async function runShelvery(args: readonly string[], options: RunOptions): Promise<Ended> {
  return await startShelvery(args, options).ended;
}

/** Starts the built program. Its environment is what is given, and nothing of the machine's user. */
export function startShelvery(args: readonly string[], { environment, nodeOptions = [] }: RunOptions) {
  return watch(
    spawn(process.execPath, [...nodeOptions, PROGRAM, ...args], {
      env: { PATH: process.env['PATH'] ?? '', ...environment },
    }),
  );
}

/** Runs a command that the program printed, as somebody would who copies it. */
export async function runPrinted(command: string, { environment }: RunOptions): Promise<Ended> {
  return await watch(spawn('sh', ['-c', command], { env: { PATH: process.env['PATH'] ?? '', ...environment } })).ended;
}

function watch(child: ChildProcessWithoutNullStreams) {
  child.stdin.end();
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const stdout = text(child.stdout);
  const ended = once(child, 'close').then(async (): Promise<Ended> => ({
    code: child.exitCode,
    stdout: await stdout,
    stderr,
  }));
  /** Waits until the program has written some words on stderr. */
  const said = async (words: string): Promise<void> => {
    while (!stderr.includes(words)) {
      const over = await Promise.race([once(child.stderr, 'data').then(() => false), ended.then(() => true)]);
      if (over && !stderr.includes(words)) throw new Error(`The program ended without saying "${words}": ${stderr}`);
    }
  };
  return { child, ended, said };
}
