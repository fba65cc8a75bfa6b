import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import * as z from 'zod';

/** The line that a server prints when it is ready. */
const readyLine = z.object({ endpoint: z.url() });

/** The address in that line. */
export function endpointOf(line: string): string {
  return readyLine.parse(JSON.parse(line)).endpoint;
}

/**
 * The address of a server that was just started, as soon as it is ready.
 *
 * @param name of the server, for what is said when it ends before
 * @param advice follows that
 */
export async function readEndpoint(child: ChildProcess, name: string, advice: string): Promise<string> {
  if (child.stdout === null) {
    throw new Error(`${name} has no output to read its address from.`);
  }
  const lines = createInterface({ input: child.stdout });
  const over = new AbortController();
  try {
    const line = await Promise.race([
      once(lines, 'line', { signal: over.signal }),
      failureToStart(child, name, advice, over.signal),
    ]);
    return endpointOf(String(line[0]));
  } finally {
    over.abort();
    lines.close();
  }
}

async function failureToStart(child: ChildProcess, name: string, advice: string, signal: AbortSignal): Promise<never> {
  // `once` rejects where the program cannot be run at all.
  const ended = await once(child, 'exit', { signal }).catch((cause: unknown) => {
    throw new Error(`${name} could not be started. ${advice}`, { cause });
  });
  throw new Error(`${name} ended before it was ready, with exit code ${String(ended[0])}. ${advice}`);
}
