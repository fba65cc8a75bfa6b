// Jest's global set-up: one process loads what every emulator needs, and each test file's is forked from it. It ends
// with this process, however that ends, and so do its forks.
import { env } from 'node:process';

import { ADVICE, spawnEmulatorProgram } from './python.ts';
import { readEndpoint } from './read-endpoint.ts';

export default async function startForkServer() {
  const server = spawnEmulatorProgram(['--fork-server'], 'inherit');
  env.EMULATOR_FORK_SERVER = await readEndpoint(server, 'The server that forks emulators', ADVICE);
  // Jest need not wait for it.
  server.unref();
  server.stdin.unref();
  server.stdout.destroy();
}
