import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { measureCalls } from '../../bench/call-counts.js';
import { startEmulator } from '../../emulator/emulator.js';
import type { Emulator } from '../../emulator/emulator.js';

jest.setTimeout(120_000);

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ region: 'eu-west-1' });
});
afterAll(async () => {
  await emulator.stop();
});

describe('calls per backup of 300 resources', () => {
  // What services force: CreateImage cannot give the image's id to its snapshots, so that a CreateTags follows once it
  // is available; Redshift's CopyClusterSnapshot takes no tags, so that a CreateTags follows each.
  it.each([
    ['ec2ami', 3.2, 2.2],
    ['rds', 2.2, 2.2],
    ['rds_cluster', 2.2, 2.2],
    ['docdb', 2.2, 2.2],
    ['redshift', 3.2, 2.2],
  ] as const)('of %s are at most %d to create and %d to remove', async (type, create, clean) => {
    const measured = await measureCalls(emulator, { type, resources: 300, topics: false });
    expect(measured).toMatchObject({ created: 300, removed: 300 });
    expect(measured.callsToCreate).toBeLessThanOrEqual(create * 300);
    expect(measured.callsToClean).toBeLessThanOrEqual(clean * 300);
  });
});
