import { EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { present } from '@shelvery/engine/terminal';
import type { BackupType } from '@shelvery/engine/terminal';
import { databaseControls } from '../emulator/databases.js';
import type { Emulator } from '../emulator/emulator.js';
import { runCli } from '../integration/harness/product.js';
import type { Ended, Installation } from '../integration/harness/product.js';
import { countOf } from '../integration/harness/request-gate.js';
import { BACKED_UP } from '../integration/harness/resources.js';
import type { Databases } from '../integration/harness/resources.js';
import { makeTopics } from '../integration/harness/surroundings.js';
import { createTestClock } from '../integration/harness/test-clock.js';

/** One measured estate: so many resources, each backed up twice, of which one backup has expired. */
export interface Measured {
  readonly type: BackupType;
  readonly resources: number;
  readonly created: number;
  readonly callsToCreate: number;
  readonly removed: number;
  readonly callsToClean: number;
  readonly secondsToCreate: number;
  readonly secondsToClean: number;
}

export interface MeasureOptions {
  readonly type: BackupType;
  readonly resources: number;
  readonly topics: boolean;
}

/** Of what is made at the first, everything has expired at the third, and nothing of what is made at the second. */
const FIRST = '2026-03-03T01:00:00Z';
const SECOND = '2026-03-24T01:00:00Z';
const CLEANING = '2026-03-25T02:00:00Z';
const MARK = { 'shelvery:create_backup': 'true', team: 'blue' };
/** What an account's lists give at a time; small pages are where calls could be lost. */
const PAGE_SIZE = 100;

/**
 * Counts every call of runs from a terminal, the account look-up and the polls among them; the bucket is there already.
 */
export async function measureCalls(emulator: Emulator, options: MeasureOptions): Promise<Measured> {
  await emulator.reset();
  const { type, resources } = options;
  await seed(emulator, type, resources);
  const installation: Installation = {
    emulator,
    clock: createTestClock(emulator),
    type,
    account: emulator.account,
    region: emulator.region,
    config: options.topics ? await makeTopics(emulator, emulator) : {},
  };
  await emulator.setPageSize(PAGE_SIZE);
  await emulator.setSnapshotStates({ pendingMs: 5_000 });
  await databaseControls(emulator).setStates({ pendingMs: 5_000 });
  await finished(runCli(installation, { action: 'create_data_buckets' }));
  await finished(runCli(installation, { action: 'create_backups', time: FIRST }));
  const beforeCreating = Date.now();
  const creating = await finished(runCli(installation, { action: 'create_backups', time: SECOND }));
  const beforeCleaning = Date.now();
  const cleaning = await finished(runCli(installation, { action: 'clean_backups', time: CLEANING }));
  return {
    type,
    resources,
    created: count(creating, 'CreateBackup'),
    callsToCreate: countOf(creating.calls, 'all'),
    removed: count(cleaning, 'DeleteBackup'),
    callsToClean: countOf(cleaning.calls, 'all'),
    secondsToCreate: (beforeCleaning - beforeCreating) / 1000,
    secondsToClean: (Date.now() - beforeCleaning) / 1000,
  };
}

/** @returns the calls for each backup that is made and shared with so many accounts. */
export async function measureShares(emulator: Emulator, resources: number, accounts: number): Promise<number> {
  await emulator.reset();
  await seed(emulator, 'ebs', resources);
  const sharedWith = Array.from({ length: accounts }, (_, index) => String(200_000_000_000 + index));
  const installation: Installation = {
    emulator,
    clock: createTestClock(emulator),
    type: 'ebs',
    account: emulator.account,
    region: emulator.region,
    config: accounts === 0 ? {} : { shelvery_share_aws_account_ids: sharedWith.join(',') },
  };
  await finished(runCli(installation, { action: 'create_data_buckets' }));
  const made = await finished(runCli(installation, { action: 'create_backups', time: FIRST }));
  return countOf(made.calls, 'all') / count(made, 'CreateBackup');
}

async function seed(emulator: Emulator, type: BackupType, resources: number): Promise<void> {
  const ids = Array.from({ length: resources }, (_, index) => `resource-${String(index).padStart(4, '0')}`);
  const backedUp = BACKED_UP[type];
  if (backedUp === 'volumes') await emulator.seedVolumes(ids.map((id) => ({ tags: { ...MARK, Name: id } })));
  else if (backedUp === 'instances') await runInstances(emulator, resources);
  else await seedDatabases(emulator, backedUp, ids);
}

async function runInstances(emulator: Emulator, resources: number): Promise<void> {
  for (let left = resources; left > 0; left -= 100) {
    await new EC2Client(emulator.clientConfig()).send(
      new RunInstancesCommand({
        ImageId: 'ami-0123456789abcdef0',
        MinCount: Math.min(left, 100),
        MaxCount: Math.min(left, 100),
        InstanceType: 't3.micro',
        TagSpecifications: [
          { ResourceType: 'instance', Tags: Object.entries(MARK).map(([Key, Value]) => ({ Key, Value })) },
        ],
      }),
    );
  }
}

/** Each with an automated snapshot. */
async function seedDatabases(
  emulator: Emulator,
  { service, engine }: Databases,
  ids: readonly string[],
): Promise<void> {
  const databases = databaseControls(emulator);
  await databases.seedDatabases(
    service,
    ids.map((id) => ({ id, tags: MARK, ...present({ engine }) })),
  );
  for (const source of ids) await databases.makeAutomatedSnapshot({ service, source });
}

async function finished(run: Promise<Ended>): Promise<Ended> {
  const end = await run;
  if (end.how === 'threw') throw end.error;
  const failures =
    end.result?.outcomes.flatMap((outcome) => (outcome.status === 'failed' ? [outcome.error.message] : [])) ?? [];
  if (failures.length > 0) throw new Error(`${String(failures.length)} failures, among them: ${failures[0] ?? ''}`);
  return end;
}

function count(end: Ended, operation: 'CreateBackup' | 'DeleteBackup'): number {
  return (
    end.result?.outcomes.filter((outcome) => outcome.operation === operation && outcome.status === 'ok').length ?? 0
  );
}
