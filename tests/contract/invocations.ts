import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import type { DelayedMessage } from '../../layers/engine/src/domain/delayed.js';
import { BackupId } from '../../layers/engine/src/domain/values.js';
import type { DelayedOperations } from '../../layers/engine/src/ports.js';
import { HOME } from './harness.js';

/** What Lambda is to the engine where there is no queue: it takes delayed operations as asynchronous invocations. */
export interface InvocationsHarness {
  /** Delayed operations that go with the configuration `CONFIG`. */
  open(): DelayedOperations;
  refuseNext(): Promise<void>;
  /** The payloads of the invocations so far. */
  taken(): Promise<readonly unknown[]>;
  reset(): Promise<void>;
  stop(): Promise<void>;
}

export const CONFIG = { shelvery_dr_regions: 'eu-central-1' } as const;

const Several = z.object({ arguments: z.object({ Operations: z.array(z.unknown()) }) });

function messages(count: number): readonly DelayedMessage[] {
  return Array.from({ length: count }, (_, n): DelayedMessage => ({
    backupType: 'ebs',
    operation: { action: 'do_store_backup_data', backupId: BackupId.parse(`snap-${String(n)}`), region: HOME.region },
    waiting: { attempt: 0 },
  }));
}

/** How delayed operations become invocations, whoever stands in for Lambda. */
export function invocationsContract(start: () => Promise<InvocationsHarness>): void {
  describe('asynchronous invocations', () => {
    let harness: InvocationsHarness;
    beforeAll(async () => {
      harness = await start();
    }, 60_000);
    beforeEach(() => harness.reset());
    afterAll(() => harness.stop());

    const argumentsOf = (n: number) => ({ BackupId: `snap-${String(n)}`, BackupRegion: HOME.region, Attempt: 0 });
    const sizes = async (): Promise<readonly number[]> =>
      (await harness.taken())
        .map((payload) => Several.safeParse(payload).data?.arguments.Operations.length ?? 1)
        .sort((a, b) => a - b);

    it('are of one operation as the original sends it', async () => {
      const operations = harness.open();
      for (const message of messages(1)) operations.send(message);
      expect(await operations.flush()).toEqual([]);
      expect(await harness.taken()).toEqual([
        {
          backup_type: 'ebs',
          action: 'do_store_backup_data',
          arguments: argumentsOf(0),
          config: CONFIG,
          is_started_internally: true,
        },
      ]);
    });
    it('are of several operations as a list', async () => {
      const operations = harness.open();
      for (const message of messages(2)) operations.send(message);
      expect(await operations.flush()).toEqual([]);
      expect(await harness.taken()).toEqual([
        {
          backup_type: 'ebs',
          action: 'do_delayed_operations',
          arguments: { Operations: [0, 1].map((n) => ({ action: 'do_store_backup_data', arguments: argumentsOf(n) })) },
          config: CONFIG,
        },
      ]);
    });
    it('are of a hundred operations at most, and of one where it is to be alone', async () => {
      const operations = harness.open();
      for (const message of messages(250)) operations.send(message);
      for (const message of messages(2)) operations.send(message, 'alone');
      expect(await operations.flush()).toEqual([]);
      expect(await sizes()).toEqual([1, 1, 50, 100, 100]);
    });
    it('give back what was not taken, once', async () => {
      await harness.refuseNext();
      const operations = harness.open();
      const sent = messages(2);
      for (const message of sent) operations.send(message);
      const unsent = await operations.flush();
      expect(unsent.map(({ message }) => message)).toEqual(sent);
      expect(unsent.map(({ error }) => error)).toMatchObject([
        { name: 'AccessDeniedException' },
        { name: 'AccessDeniedException' },
      ]);
      expect(await operations.flush()).toEqual([]);
      expect(await harness.taken()).toEqual([]);
    });
  });
}
