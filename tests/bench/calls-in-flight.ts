import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import * as z from 'zod';

/** An address before an emulator that counts the calls on their way. */
export interface CallsInFlight {
  readonly endpoint: string;
  /** What came since the last time: all calls, and the most at a time. */
  take(): { readonly calls: number; readonly most: number };
  stop(): Promise<void>;
}

const Address = z.object({ port: z.number() });

/** Passes every request on as it is, and its answer back. */
export async function countCallsInFlight(endpoint: string): Promise<CallsInFlight> {
  const { hostname, port } = new URL(endpoint);
  const agent = new Agent({ keepAlive: true });
  let calls = 0;
  let now = 0;
  let most = 0;
  const server = createServer((incoming, outgoing) => {
    calls += 1;
    now += 1;
    most = Math.max(most, now);
    outgoing.once('close', () => {
      now -= 1;
    });
    const { method, url: path, headers } = incoming;
    const onward = request({ hostname, port, agent, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.once('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${String(Address.parse(server.address()).port)}`,
    take() {
      const taken = { calls, most };
      calls = 0;
      most = now;
      return taken;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await once(server, 'close');
    },
  };
}
