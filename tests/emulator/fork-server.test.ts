import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { CreateVolumeCommand, DescribeVolumesCommand, EC2Client } from '@aws-sdk/client-ec2';

import { branchOf } from './branches.js';
import { connectEmulator, type Emulator } from './emulator.js';
import { forkEmulator } from './fork-emulator.js';
import { ADVICE, spawnEmulatorProgram } from './python.js';
import { endpointOf, readEndpoint } from './read-endpoint.js';

const ACCOUNT = '123456789012';
const REGION = 'us-east-1';

const startServer = async (): Promise<{ readonly endpoint: string; readonly letGo: () => void }> => {
  const child = spawnEmulatorProgram(['--fork-server'], 'inherit');
  const endpoint = await readEndpoint(child, 'The fork server', ADVICE);
  return { endpoint, letGo: () => child.stdin.destroy() };
};
const forkOf = async (server: string): Promise<Emulator> => {
  const { endpoint, ...process } = await forkEmulator(server);
  return connectEmulator(endpoint, { account: ACCOUNT, region: REGION, ...process });
};
const client = (endpoint: string): EC2Client =>
  new EC2Client({
    endpoint,
    region: REGION,
    credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'any' },
    maxAttempts: 1,
  });
const volumesOf = async (endpoint: string): Promise<readonly (string | undefined)[]> => {
  const { Volumes = [] } = await client(endpoint).send(new DescribeVolumesCommand({}));
  return Volumes.map(({ VolumeId }) => VolumeId);
};
const makeVolume = async ({ endpoint }: Emulator): Promise<string | undefined> => {
  const made = await client(endpoint).send(new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 1 }));
  return made.VolumeId;
};
/** Resolves as soon as nothing answers there. */
const overAt = async (endpoint: string): Promise<void> => {
  const answers = async (): Promise<boolean> =>
    await fetch(`${endpoint}/_emulator/violations`).then(
      () => true,
      () => false,
    );
  while (await answers()) await new Promise(setImmediate);
};

const connectTo = async (host: string, port: string): Promise<void> => {
  const socket = createConnection({ host, port: Number(port) });
  await once(socket, 'connect');
  socket.destroy();
};

let server: Awaited<ReturnType<typeof startServer>>;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => {
  server.letGo();
});

it('each emulator begins empty, goes its own way, and makes up ids of its own', async () => {
  const first = await forkOf(server.endpoint);
  const second = await forkOf(server.endpoint);
  expect([await first.counts(), await second.counts()]).toEqual([{}, {}]);
  const made = [await makeVolume(first), await makeVolume(second)];
  expect(new Set(made).size).toBe(2);
  expect(await volumesOf(first.endpoint)).toEqual([made[0]]);
  expect(await volumesOf(second.endpoint)).toEqual([made[1]]);
  expect(await second.calls()).toMatchObject([{ sequence: 1 }, { sequence: 2 }]);
  await first.stop();
  await first.stop();
  await expect(volumesOf(first.endpoint)).rejects.toThrow();
  expect(await volumesOf(second.endpoint)).toEqual([made[1]]);
  await second.stop();
});

it('an emulator and its branches end when who asked for it is killed', async () => {
  const { port } = new URL(server.endpoint);
  const owner = spawn(
    process.execPath,
    ['-e', `require('node:net').connect({ host: '127.0.0.1', port: ${port} }).pipe(process.stdout)`],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const read = await once(createInterface({ input: owner.stdout }), 'line');
  const endpoint = endpointOf(String(read[0]));
  const ofOwner = connectEmulator(endpoint, {
    account: ACCOUNT,
    region: REGION,
    end: async () => await overAt(endpoint),
    isOver: () => false,
  });
  const branch = await branchOf(ofOwner);
  expect([await volumesOf(endpoint), await volumesOf(branch.endpoint)]).toEqual([[], []]);
  owner.kill('SIGKILL');
  await overAt(endpoint);
  await overAt(branch.endpoint);
});

it('an emulator and its branches end when the owner of the server lets go of it', async () => {
  const another = await startServer();
  const emulator = await forkOf(another.endpoint);
  const branch = await branchOf(emulator);
  another.letGo();
  await overAt(emulator.endpoint);
  await overAt(branch.endpoint);
  await expect(forkEmulator(another.endpoint)).rejects.toThrow();
});

it('listens on no other address of the machine, as its emulators do', async () => {
  const emulator = await forkOf(server.endpoint);
  for (const { port } of [server, emulator].map(({ endpoint }) => new URL(endpoint))) {
    await expect(connectTo('127.0.0.1', port)).resolves.toBeUndefined();
    await expect(connectTo('127.0.0.2', port)).rejects.toThrow();
  }
  await emulator.stop();
});
