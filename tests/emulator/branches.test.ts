import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { CreateSnapshotCommand, DescribeSnapshotsCommand, EC2Client } from '@aws-sdk/client-ec2';

import { branchOf } from './branches.js';
import { startEmulator, type Emulator } from './emulator.js';

let trunk: Emulator;

beforeAll(async () => {
  trunk = await startEmulator();
});
afterAll(async () => {
  await trunk.stop();
});

const snapshot = async (of: Emulator, volumeId: string): Promise<void> => {
  await new EC2Client(of.clientConfig()).send(new CreateSnapshotCommand({ VolumeId: volumeId }));
};
const states = async (of: Emulator): Promise<readonly (string | undefined)[]> => {
  const { Snapshots = [] } = await new EC2Client(of.clientConfig()).send(
    new DescribeSnapshotsCommand({ OwnerIds: ['self'] }),
  );
  return Snapshots.map(({ State }) => State);
};

it('a branch begins with what the emulator holds, and goes its own way, clock and faults too', async () => {
  const [volume = ''] = await trunk.seedVolumes([{}]);
  await trunk.setSnapshotStates({ pendingMs: 60_000 });
  await snapshot(trunk, volume);
  await trunk.addFault({ action: 'CreateSnapshot', nth: 2, kind: 'refuse', code: 'SnapshotLimitExceeded' });
  const first = await branchOf(trunk);
  const second = await branchOf(trunk);
  await snapshot(first, volume);
  await expect(snapshot(first, volume)).rejects.toMatchObject({ name: 'SnapshotLimitExceeded' });
  await second.advanceClock(61_000);
  expect(await states(trunk)).toEqual(['pending']);
  expect(await states(first)).toEqual(['pending', 'pending']);
  expect(await states(second)).toEqual(['completed']);
  await first.stop();
  await first.stop();
  await expect(states(first)).rejects.toThrow();
  expect(await states(second)).toEqual(['completed']);
  await second.stop();
});

it('a branch has branches, which go with it only where they are stopped', async () => {
  const branch = await branchOf(trunk);
  const [volume = ''] = await branch.seedVolumes([{}]);
  const further = await branchOf(branch);
  await further.setSnapshotStates({});
  await snapshot(further, volume);
  expect(await states(further)).toContain('completed');
  await further.stop();
  await branch.stop();
});

it('a branch tells of illegal calls as an emulator does', async () => {
  const branch = await branchOf(trunk);
  const illegal = new DescribeSnapshotsCommand({ MaxResults: 2 });
  await expect(new EC2Client(branch.clientConfig()).send(illegal)).rejects.toThrow();
  await expect(branch.stop()).rejects.toThrow(/AWS would have refused calls that were made/);
  expect(await trunk.takeViolations()).toEqual([]);
});

it('every branch ends with the process that began it all', async () => {
  const emulator = await startEmulator();
  const further = await branchOf(await branchOf(emulator));
  expect(await states(further)).toEqual([]);
  await emulator.stop();
  const isOver = async (): Promise<boolean> =>
    await states(further).then(
      () => false,
      () => true,
    );
  while (!(await isOver())) await new Promise(setImmediate);
});
