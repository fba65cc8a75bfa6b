import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { BACKUP_TYPES } from '@shelvery/engine/terminal';
import type { BackupType } from '@shelvery/engine/terminal';
import { measureCalls } from '../../bench/call-counts.js';
import { startEmulator } from '../../emulator/emulator.js';
import type { Emulator } from '../../emulator/emulator.js';

jest.setTimeout(120_000);

/**
 * Calls for each backup made and removed; those of `ebs` are counted on more volumes, beside this. What services force:
 * Redshift's CopyClusterSnapshot takes no tags, so that a CreateTags follows each; it deletes 100 in one call.
 */
const MOST: Readonly<Record<Exclude<BackupType, 'ebs'>, { readonly create: number; readonly clean: number }>> = {
  ec2ami: { create: 2.2, clean: 2.2 },
  rds: { create: 2.2, clean: 2.2 },
  rds_cluster: { create: 2.2, clean: 2.2 },
  docdb: { create: 2.2, clean: 2.2 },
  redshift: { create: 3.2, clean: 1.2 },
};

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ region: 'eu-west-1' });
});
afterAll(async () => {
  await emulator.stop();
});

describe('calls per backup of 150 resources', () => {
  const types = BACKUP_TYPES.flatMap((type) => (type === 'ebs' ? [] : [{ type, ...MOST[type] }]));
  it.each(types)('of $type are at most $create to create and $clean to remove', async ({ type, create, clean }) => {
    const measured = await measureCalls(emulator, { type, resources: 150, topics: false });
    expect(measured).toMatchObject({ created: 150, removed: 150 });
    expect(measured.callsToCreate).toBeLessThanOrEqual(create * 150);
    expect(measured.callsToClean).toBeLessThanOrEqual(clean * 150);
  });
});
