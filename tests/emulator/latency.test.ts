import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DescribeSnapshotsCommand, DescribeVolumesCommand, EC2Client } from '@aws-sdk/client-ec2';

import { startEmulator, type Emulator } from './emulator.js';

describe('latency', () => {
  let emulator: Emulator;

  beforeAll(async () => {
    emulator = await startEmulator();
  });
  afterAll(async () => {
    await emulator.stop();
  });

  it('keeps a call waiting, and no other', async () => {
    const ec2 = new EC2Client({ ...emulator.clientConfig(), maxAttempts: 1 });
    const anHour = 3_600_000;
    const abort = new AbortController();
    await emulator.setLatency(anHour);
    const waiting = expect(ec2.send(new DescribeVolumesCommand({}), { abortSignal: abort.signal })).rejects.toThrow();
    while ((await emulator.calls()).length === 0) {
      // The call is on its way.
    }
    await emulator.setLatency(0);
    await ec2.send(new DescribeVolumesCommand({}));
    expect((await emulator.calls()).map((call) => call.status)).toEqual([0, 200]);
    abort.abort();
    await waiting;
  });

  it('can be that of one action', async () => {
    const ec2 = new EC2Client({ ...emulator.clientConfig(), maxAttempts: 1 });
    const abort = new AbortController();
    await emulator.reset();
    await emulator.setLatency(3_600_000, 'DescribeVolumes');
    const waiting = expect(ec2.send(new DescribeVolumesCommand({}), { abortSignal: abort.signal })).rejects.toThrow();
    while ((await emulator.calls()).length === 0) {
      // The call is on its way.
    }
    await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
    expect((await emulator.calls()).map(({ action, status }) => [action, status])).toEqual([
      ['DescribeVolumes', 0],
      ['DescribeSnapshots', 200],
    ]);
    abort.abort();
    await waiting;
  });
});
