import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { networkInterfaces } from 'node:os';
import { createInterface } from 'node:readline';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DescribeVolumesCommand, EC2Client } from '@aws-sdk/client-ec2';

import { startEmulator, type Emulator } from './emulator.js';

describe('the emulator as a server', () => {
  let emulator: Emulator;

  beforeAll(async () => {
    emulator = await startEmulator();
  });
  afterAll(async () => {
    await emulator.stop();
  });

  it('listens on 127.0.0.1, on a port that was free', () => {
    expect(emulator.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('listens on no other address of the machine', async () => {
    const port = Number(new URL(emulator.endpoint).port);
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter((address) => address.family === 'IPv4' && !address.internal)
      .map((address) => address.address);
    for (const host of [...others, '127.0.0.2']) {
      const socket = createConnection({ host, port });
      const refused = await new Promise((resolve) => {
        socket.once('connect', () => {
          resolve('connected');
        });
        socket.once('error', () => {
          resolve('refused');
        });
      });
      socket.destroy();
      expect([host, refused]).toEqual([host, 'refused']);
    }
  });

  it('answers many requests on one connection', async () => {
    const socket = createConnection({ host: '127.0.0.1', port: Number(new URL(emulator.endpoint).port) });
    const request = 'GET /_emulator/calls/counts HTTP/1.1\r\nHost: emulator\r\n\r\n';
    socket.write(request + request);
    let received = '';
    for await (const chunk of socket) {
      received += String(chunk);
      if (received.split('HTTP/1.1 200').length === 3) {
        break;
      }
    }
    expect(received.split('HTTP/1.1 200')).toHaveLength(3);
  });

  it('has an environment that is enough for an SDK client', async () => {
    const saved = { ...process.env };
    Object.assign(process.env, emulator.environment());
    try {
      await expect(new EC2Client({}).send(new DescribeVolumesCommand({}))).resolves.toMatchObject({ Volumes: [] });
    } finally {
      process.env = saved;
    }
  });

  it('refuses a control that it does not know', async () => {
    await expect(emulator.control.send('PUT', 'no-such-thing', {})).rejects.toThrow('no such control');
  });

  it('ends when its parent lets go of its input', async () => {
    const python = join(import.meta.dirname, '../../.venv/emulator/bin/python');
    const child = spawn(python, ['-m', 'shelvery_emulator'], {
      env: { PYTHONPATH: import.meta.dirname },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(createInterface({ input: child.stdout }), 'line');
    const ended = once(child, 'exit');
    child.stdin.destroy();
    await expect(ended).resolves.toEqual([0, null]);
  });

  it('ends on SIGTERM', async () => {
    const python = join(import.meta.dirname, '../../.venv/emulator/bin/python');
    const child = spawn(python, ['-m', 'shelvery_emulator'], {
      env: { PYTHONPATH: import.meta.dirname },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(createInterface({ input: child.stdout }), 'line');
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await expect(ended).resolves.toEqual([0, null]);
  });

  it('forgets everything in a reset', async () => {
    const ec2 = new EC2Client(emulator.clientConfig());
    await emulator.seedVolumes([{}]);
    await emulator.addFault({ kind: 'refuse', code: 'Unavailable', action: 'DescribeSnapshots' });
    await ec2.send(new DescribeVolumesCommand({}));
    await emulator.reset();
    expect(await emulator.counts()).toEqual({});
    expect(await emulator.faults()).toEqual([]);
    expect((await ec2.send(new DescribeVolumesCommand({}))).Volumes).toEqual([]);
    expect(await emulator.calls()).toMatchObject([{ sequence: 1 }]);
  });
});
