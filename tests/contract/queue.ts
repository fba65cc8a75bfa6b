import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import type { DelayedMessage } from '../../layers/engine/src/domain/delayed.js';
import { BackupId } from '../../layers/engine/src/domain/values.js';
import type { DelayedOperations } from '../../layers/engine/src/ports.js';
import { HOME } from './harness.js';

/** What a queue is to the engine: where its delayed operations wait, and what delivers them to a function. */
export interface QueueHarness {
  /** Delayed operations whose messages wait for `DELAY_S`. */
  open(): DelayedOperations;
  /** The next call that sends is refused, or done and then answered by an error. */
  failNextSend(how: 'refused' | 'done'): Promise<void>;
  /** Lets time pass, in which all that becomes visible is delivered; `work` tells which of the backups' messages failed. */
  pass(seconds: number, work: (backupIds: readonly string[]) => readonly string[]): Promise<void>;
  /** The backups of the messages that nobody will work on any more. */
  deadLetters(): Promise<readonly string[]>;
  /** An empty queue. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** The longest that SQS delays a message (page "Amazon SQS message timers"), and what the template's queue is made with. */
export const DELAY_S = 900;
export const VISIBILITY_S = 1_080;
export const MOST_RECEIVES = 5;

const Body = z.object({ arguments: z.object({ BackupId: z.string() }) });

/** The backup that a message is about. */
export function backupOf(body: string): string {
  return Body.parse(JSON.parse(body)).arguments.BackupId;
}

function message(id: string): DelayedMessage {
  return {
    backupType: 'ebs',
    operation: { action: 'do_store_backup_data', backupId: BackupId.parse(id), region: HOME.region },
    waiting: { attempt: 0 },
  };
}

/** What a queue does with messages, whoever stands in for SQS and for Lambda's deliveries. */
export function queueContract(start: () => Promise<QueueHarness>): void {
  describe('a queue', () => {
    let harness: QueueHarness;
    let delivered: string[];
    beforeAll(async () => {
      harness = await start();
    }, 60_000);
    beforeEach(async () => {
      await harness.reset();
      delivered = [];
    });
    afterAll(() => harness.stop());

    async function send(...ids: readonly string[]): Promise<readonly string[]> {
      const operations = harness.open();
      for (const id of ids) operations.send(message(id));
      const unsent = await operations.flush();
      expect(await operations.flush()).toEqual([]);
      return unsent.map(({ message: { operation } }) => operation.backupId);
    }
    /** What is delivered within a time, in the order of its backups; `failing` ones fail. */
    async function within(seconds: number, ...failing: readonly string[]): Promise<readonly string[]> {
      delivered = [];
      await harness.pass(seconds, (ids) => {
        delivered.push(...ids);
        return ids.filter((id) => failing.includes(id));
      });
      return delivered.sort();
    }

    it('delivers a message when its delay is over, and not before', async () => {
      await send('a', 'b');
      expect(await within(DELAY_S - 10)).toEqual([]);
      expect(await within(30)).toEqual(['a', 'b']);
    });
    it('forgets what was done, and delivers again what failed, when it is visible again', async () => {
      await send('a', 'b');
      expect(await within(DELAY_S + 20, 'a')).toEqual(['a', 'b']);
      expect(await within(VISIBILITY_S - 60)).toEqual([]);
      expect(await within(120)).toEqual(['a']);
      expect(await within(3 * VISIBILITY_S)).toEqual([]);
    });
    it('gives up what fails too often', async () => {
      await send('a', 'b');
      expect(await within(DELAY_S + 20, 'a')).toEqual(['a', 'b']);
      for (let receives = 2; receives <= MOST_RECEIVES; receives += 1)
        expect(await within(VISIBILITY_S + 60, 'a')).toEqual(['a']);
      expect(await harness.deadLetters()).toEqual([]);
      expect(await within(VISIBILITY_S + 60, 'a')).toEqual([]);
      expect(await harness.deadLetters()).toEqual(['a']);
      expect(await within(3 * VISIBILITY_S)).toEqual([]);
    });
    it('takes any number, and delivers ten at most at a time', async () => {
      const ids = Array.from({ length: 25 }, (_, n) => `snap-${String(10 + n)}`);
      expect(await send(...ids)).toEqual([]);
      const sizes: number[] = [];
      const all: string[] = [];
      await harness.pass(DELAY_S + 120, (batch) => {
        sizes.push(batch.length);
        all.push(...batch);
        return [];
      });
      expect(all.sort()).toEqual(ids);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(10);
    });
    it('gives back what could not be sent, and has none of it', async () => {
      await harness.failNextSend('refused');
      expect(await send('a', 'b')).toEqual(['a', 'b']);
      expect(await within(DELAY_S + 20)).toEqual([]);
    });
    it('has what was sent, also where the answer was an error', async () => {
      await harness.failNextSend('done');
      await send('a');
      expect(new Set(await within(DELAY_S + 20))).toEqual(new Set(['a']));
    });
  });
}
