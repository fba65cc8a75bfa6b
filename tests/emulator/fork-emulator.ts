import { once } from 'node:events';
import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';

import { endpointOf } from './read-endpoint.js';

/** An emulator's process. */
export interface StartedEmulator {
  readonly endpoint: string;
  readonly end: () => Promise<void>;
  readonly isOver: () => boolean;
}

/**
 * Has a running fork server (`fork-server.mjs`) make an emulator, in milliseconds. It lives as long as the connection to
 * the server that it answers on, which ends with this process at the latest.
 *
 * @param server its address
 */
export async function forkEmulator(server: string): Promise<StartedEmulator> {
  const { hostname, port } = new URL(server);
  const connection = createConnection({ host: hostname, port: Number(port) });
  await once(connection, 'connect');
  const lines = createInterface({ input: connection });
  const read = await Promise.race([once(lines, 'line'), closed(lines)]);
  lines.close();
  // Unread, it would never tell its end.
  connection.resume();
  return {
    endpoint: endpointOf(String(read[0])),
    async end() {
      const ended = once(connection, 'close');
      connection.end();
      await ended;
    },
    isOver: () => connection.destroyed,
  };
}

async function closed(lines: NodeJS.EventEmitter): Promise<never> {
  await once(lines, 'close');
  throw new Error('The fork server closed the connection before the emulator was ready.');
}
