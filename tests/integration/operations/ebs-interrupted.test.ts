import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEmulator } from '../../emulator/emulator.js';
import type { Emulator } from '../../emulator/emulator.js';
import { readEndState } from '../harness/end-state.js';
import type { EndState } from '../harness/end-state.js';
import { WAYS, seeThrough } from '../harness/product.js';
import type { Asked, Installation, Way } from '../harness/product.js';
import type { Strike } from '../harness/request-gate.js';
import { createTestClock } from '../harness/test-clock.js';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';

/**
 * A small estate, and each action of an EBS run interrupted at every single call in turn: whatever happened, the same run done again ends in
 * what the undisturbed run ends in.
 */
const TIME = '2026-03-01T01:00:00Z';
let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator({ region: 'eu-west-1' });
});
afterAll(async () => {
  await emulator.stop();
});

async function estate(action: Asked['action'], way: Way): Promise<Installation> {
  await emulator.reset();
  await emulator.seedVolumes([
    { id: 'vol-0aaaaaaaaaaaaaaaa', tags: { Name: 'web', 'shelvery:create_backup': 'True', team: 'blue' } },
    { id: 'vol-0bbbbbbbbbbbbbbbb', tags: { 'shelvery:create_backup': '1', 'shelvery:config:shelvery_keep_daily_backups': '3' } },
  ]);
  const queue = await new SQSClient(emulator.clientConfig()).send(new CreateQueueCommand({ QueueName: 'shelvery' }));
  const installation: Installation = {
    emulator,
    clock: createTestClock(emulator),
    type: 'ebs',
    account: emulator.account,
    region: emulator.region,
    config: {},
    ...(way === 'queue' && queue.QueueUrl !== undefined ? { queueUrl: queue.QueueUrl } : {}),
  };
  if (action === 'clean_backups') {
    for (const time of ['2026-01-10T01:00:00Z', '2026-02-27T01:00:00Z']) {
      await seeThrough({ ...installation }, 'cli', { action: 'create_backups', time });
    }
  }
  await emulator.setSnapshotStates({ pendingMs: 4_000 });
  return installation;
}

async function undisturbed(action: Asked['action'], way: Way): Promise<{ readonly state: EndState; readonly calls: number }> {
  const installation = await estate(action, way);
  const { calls } = await seeThrough(installation, way, { action, time: TIME });
  return { state: await readEndState(installation), calls };
}

describe.each(['create_backups', 'clean_backups', 'create_data_buckets'] as const)('%s', (action) => {
  describe.each(WAYS)('in the way %s', (way) => {
    it.each(['killed-before', 'killed-after', 'error-after', 'dropped-after'] as const)(
      'ends as the undisturbed run when it is %s at any call, and run again',
      async (kind) => {
        const expected = await undisturbed(action, way);
        for (let nth = 1; nth <= expected.calls; nth += 1) {
          const strike: Strike = { kind, nth };
          const installation = await estate(action, way);
          const first = await seeThrough(installation, way, { action, time: TIME, strike });
          await seeThrough(installation, way, { action, time: TIME });
          const state = await readEndState(installation);
          expect({ strike, struck: first.struck, ...state }).toEqual({ strike, struck: first.struck, ...expected.state });
        }
        process.stdout.write(`${action}, ${way}, ${kind}: ${String(expected.calls)} points\n`);
      },
    );
  });
});
