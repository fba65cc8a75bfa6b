import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CopySnapshotCommand, EC2Client } from '@aws-sdk/client-ec2';

import { startEmulator, type Emulator } from './emulator.js';

const ABROAD = 'eu-central-1';

/** Page "Quotas for Amazon EBS": 20 concurrent snapshot copies per destination Region. */
describe('copies of snapshots that run at a time', () => {
  let emulator: Emulator;
  let source: string;

  beforeAll(async () => {
    emulator = await startEmulator();
  });
  beforeEach(async () => {
    await emulator.reset();
    await emulator.freezeClock();
    source = (await emulator.seedSnapshots([{ volumeId: 'vol-1' }]))[0] ?? '';
    await emulator.setSnapshotStates({ pendingMs: 1_000 });
  });
  afterAll(async () => {
    await emulator.stop();
  });

  const copyTo = (region: string): Promise<unknown> =>
    new EC2Client({ ...emulator.clientConfig(undefined, region), maxAttempts: 1 }).send(
      new CopySnapshotCommand({ SourceRegion: emulator.region, SourceSnapshotId: source }),
    );

  it('are at most 20 to each region, and the next goes when they are done', async () => {
    for (let count = 0; count < 20; count += 1) {
      await copyTo(ABROAD);
    }
    await expect(copyTo(ABROAD)).rejects.toMatchObject({ name: 'ResourceLimitExceeded' });
    await expect(copyTo('eu-west-1')).resolves.toBeDefined();
    await emulator.advanceClock(1_000);
    await expect(copyTo(ABROAD)).resolves.toBeDefined();
  });
});
