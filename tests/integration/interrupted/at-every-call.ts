import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Action } from '@shelvery/engine';
import { startEmulator } from '../../emulator/emulator.js';
import type { Emulator } from '../../emulator/emulator.js';
import { readEndState } from '../harness/end-state.js';
import type { EndState } from '../harness/end-state.js';
import { WAYS, seeThrough } from '../harness/product.js';
import type { Installation, Way } from '../harness/product.js';
import type { Strike } from '../harness/request-gate.js';
import { createTestClock } from '../harness/test-clock.js';

const TIME = '2026-03-01T01:00:00Z';
const VOLUMES = [
  { id: 'vol-0aaaaaaaaaaaaaaaa', tags: { Name: 'web', 'shelvery:create_backup': 'True', team: 'blue' } },
  { id: 'vol-0bbbbbbbbbbbbbbbb', tags: { 'shelvery:create_backup': '1', 'shelvery:config:shelvery_keep_daily_backups': '3' } },
];

/** What is killed is run again with the same time; any other mends itself. */
const STRIKES: readonly { readonly kind: Strike['kind']; readonly isKilled: boolean }[] = [
  { kind: 'killed-before', isKilled: true },
  { kind: 'killed-after', isKilled: true },
  { kind: 'error-after', isKilled: false },
  { kind: 'dropped-after', isKilled: false },
];

const TIMEOUT_MS = 240_000;

/** What an action finds, and what it is to be asked for. */
export interface Interrupted {
  readonly action: Action;
  /** Called once, on an emulator with the volumes only; what it returns makes the rest of the estate, each time anew. */
  readonly prepare?: (installation: Installation) => Promise<(emulator: Emulator) => Promise<void>>;
}

/**
 * An EBS run on a small estate, struck at every single call in turn, in each of the three ways: it ends in what the undisturbed run ends
 * in, when it was killed after it is run again with the same time.
 */
export function describeInterrupted({ action, prepare }: Interrupted): void {
  let emulator: Emulator;
  let furnish: (emulator: Emulator) => Promise<void> = async () => undefined;
  const estate = async (way: Way): Promise<Installation> => {
    await emulator.reset();
    await emulator.seedVolumes(VOLUMES);
    await furnish(emulator);
    await emulator.setSnapshotStates({ pendingMs: 4_000 });
    const queueUrl = way === 'queue' ? await makeQueue(emulator) : undefined;
    const { account, region } = emulator;
    return { emulator, clock: createTestClock(emulator), type: 'ebs', account, region, config: {}, ...(queueUrl === undefined ? {} : { queueUrl }) };
  };
  beforeAll(async () => {
    emulator = await startEmulator({ region: 'eu-west-1' });
    if (prepare !== undefined) furnish = await prepare(await estate('cli'));
  }, TIMEOUT_MS);
  afterAll(async () => {
    await emulator.stop();
  });

  describe.each(WAYS)(`${action}, in the way %s`, (way) => {
    let expected: EndState;
    let calls: number;

    it(
      'changes nothing more when it is run again',
      async () => {
        const installation = await estate(way);
        ({ calls } = await seeThrough(installation, way, { action, time: TIME }));
        expected = await readEndState(installation);
        await seeThrough(installation, way, { action, time: TIME });
        expect(await readEndState(installation)).toEqual(expected);
      },
      TIMEOUT_MS,
    );

    it.each(STRIKES)(
      'ends as the undisturbed run, whichever call is $kind',
      async ({ kind, isKilled }) => {
        for (let nth = 1; nth <= calls; nth += 1) {
          const installation = await estate(way);
          const { struck } = await seeThrough(installation, way, { action, time: TIME, strike: { kind, nth } });
          const point = `${String(nth)} of ${String(calls)}: ${struck ?? 'not struck'}`;
          expect(point).not.toContain('not struck');
          if (isKilled) await seeThrough(installation, way, { action, time: TIME });
          expect({ point, ...(await readEndState(installation)) }).toEqual({ point, ...expected });
        }
        process.stdout.write(`${action}, ${way}, ${kind}: ${String(calls)} points\n`);
      },
      TIMEOUT_MS,
    );
  });
}

async function makeQueue(emulator: Emulator): Promise<string> {
  const { QueueUrl = '' } = await new SQSClient(emulator.clientConfig()).send(new CreateQueueCommand({ QueueName: 'shelvery' }));
  return QueueUrl;
}
