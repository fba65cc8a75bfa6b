import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import * as z from 'zod';

/** What one run of a program cost. */
export interface MeasuredRun {
  readonly seconds: number;
  /** Processor time of the program itself, in seconds. */
  readonly cpuSeconds: number;
  /** The most memory that it had at a time, in MB. */
  readonly megabytes: number;
  /** From its start to the first line of its answer, in seconds; 0 where there was none. */
  readonly firstLineSeconds: number;
  readonly lines: number;
}

/** A program that writes what it used (`process.resourceUsage`, as JSON) to its file descriptor 3. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** All of it: nothing of the machine's user is added but the path. */
  readonly environment: Readonly<Record<string, string>>;
}

/** To be imported by a program in Node. */
export const USAGE = `data:text/javascript,${encodeURIComponent(
  `import { writeSync } from 'node:fs'; process.on('exit', () => writeSync(3, JSON.stringify(process.resourceUsage())));`,
)}`;

/**
 * The same: the program's own waits then take no time. It waits for its turn where AWS's buckets are empty, which shows how
 * fast AWS is, and not the program.
 */
export const WITHOUT_WAITS = `data:text/javascript,${encodeURIComponent(
  `import { syncBuiltinESMExports } from 'node:module'; import timers from 'node:timers/promises';
  timers.setTimeout = (_, value) => timers.setImmediate(value); syncBuiltinESMExports();`,
)}`;

const Stream = z.instanceof(Readable);

/** Microseconds, and kilobytes (page "Process" of Node.js, `process.resourceUsage`). */
const Usage = z.object({ userCPUTime: z.number(), systemCPUTime: z.number(), maxRSS: z.number() });

/**
 * Runs a program to its end, in a pipe.
 *
 * @throws Error, with what it said last, where it fails.
 */
export async function measureRun({ command, args, environment }: Program): Promise<MeasuredRun> {
  const began = performance.now();
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const [, stdout, stderr, usagePipe] = z
    .tuple([z.unknown(), Stream, Stream, Stream])
    .rest(z.unknown())
    .parse(child.stdio);
  let firstLine = began;
  let lines = 0;
  let said = '';
  stdout.setEncoding('utf8').on('data', (chunk: string) => {
    if (lines === 0) firstLine = performance.now();
    lines += chunk.split('\n').length - 1;
    said = (said + chunk).slice(-MOST_SAID);
  });
  stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said = (said + chunk).slice(-MOST_SAID);
  });
  const [usage] = await Promise.all([text(usagePipe), once(child, 'close')]);
  if (child.exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${String(child.exitCode)}:\n${said}`);
  const { userCPUTime, systemCPUTime, maxRSS } = Usage.parse(JSON.parse(usage));
  return {
    seconds: (performance.now() - began) / 1000,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    megabytes: maxRSS / 1024,
    firstLineSeconds: (firstLine - began) / 1000,
    lines,
  };
}

/** How much of what a program says is kept for its failure. */
const MOST_SAID = 4_000;
