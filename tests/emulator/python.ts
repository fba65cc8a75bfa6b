import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

// Imported by fork-server.mjs as it stands, without a transform: it imports no file of its own.

const HERE = import.meta.dirname;
const PYTHON = join(HERE, '../../.venv/emulator/bin/python');

/** Follows when the emulator does not start. */
export const ADVICE = 'Is its Python environment (.venv/emulator) set up from tests/emulator/requirements.txt?';

/** Runs the emulator's program; it ends when its stdin does. */
export function spawnEmulatorProgram(
  options: readonly string[],
  stderr: 'inherit' | 'ignore',
): ChildProcessByStdio<Writable, Readable, null> {
  return spawn(PYTHON, ['-m', 'shelvery_emulator', ...options], {
    env: { ...environmentWithoutAws(), PYTHONPATH: HERE },
    stdio: ['pipe', 'pipe', stderr],
  });
}

/** A profile or an endpoint of the machine's user would reach the emulator's own libraries. */
function environmentWithoutAws(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS|MOTO|PYTHON)/.test(name)));
}
