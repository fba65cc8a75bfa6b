import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import * as z from 'zod';

const ROOT = join(import.meta.dirname, '../..');

/** What a process tells that backed up volumes as the function does. */
export const Invocations = z.object({
  /** How long each took, in emulated seconds, and how many backups there were then. */
  invocations: z.array(z.object({ seconds: z.number(), backups: z.number() })),
  /** Volumes that have a backup, backups, and messages that have their metadata stored. */
  volumes: z.number(),
  backups: z.number(),
  stored: z.number(),
  /** Calls of CreateSnapshot refused, as a part of all. */
  refused: z.number(),
  megabytes: z.number(),
});
export type Invocations = z.infer<typeof Invocations>;

const MEMORY_MB = 256;
/** How the runtime's own start script divides the memory of a function: a tenth for new objects, in two halves. */
const NEW_SPACE_MB = Math.floor(MEMORY_MB / 10);
const MEMORY_FLAGS = [
  `--max-semi-space-size=${String(Math.floor(NEW_SPACE_MB / 2))}`,
  `--max-old-space-size=${String(MEMORY_MB - NEW_SPACE_MB)}`,
];

/**
 * Has the function back up marked volumes, handing over from invocation to invocation, each of 900 emulated seconds.
 *
 * @throws Error where a volume has no backup, or two.
 */
export async function measureInvocations(volumes: number): Promise<Invocations> {
  const run = promisify(execFile);
  const folder = await mkdtemp(join(tmpdir(), 'shelvery-bench-'));
  let stdout: string;
  try {
    const program = join(folder, 'invocations.mjs');
    const entry = join(import.meta.dirname, 'invocations-process.ts');
    await run(process.execPath, [join(ROOT, 'scripts/bundle-program.mjs'), entry, program]);
    ({ stdout } = await run(process.execPath, [...MEMORY_FLAGS, program, String(volumes)]));
  } finally {
    await rm(folder, { recursive: true });
  }
  const measured = Invocations.parse(JSON.parse(stdout));
  const { backups, volumes: backedUp, stored } = measured;
  if (backups !== volumes || backedUp !== volumes || stored !== volumes) {
    throw new Error(
      `${String(volumes)} volumes: ${String(backups)} backups of ${String(backedUp)} of them, ${String(stored)} to be stored`,
    );
  }
  return measured;
}
