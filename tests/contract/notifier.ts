import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Outcome } from '../../layers/engine/src/domain/telling/outcome.js';
import type { Notifier } from '../../layers/engine/src/ports.js';

/** What SNS is to the engine: a topic that is told what became of everything. */
export interface NotifierHarness {
  /** A notifier of one topic. */
  open(): Notifier;
  refuseNext(): Promise<void>;
  /** The names of the backups that the topic was told of. */
  published(): Promise<readonly (string | undefined)[]>;
  reset(): Promise<void>;
  stop(): Promise<void>;
}

const made = (n: number): Outcome => ({ operation: 'CreateBackup', status: 'ok', backupName: `volume-${String(n)}` });

/** How outcomes are told, whoever stands in for SNS. */
export function notifierContract(start: () => Promise<NotifierHarness>): void {
  describe('a notifier', () => {
    let harness: NotifierHarness;
    beforeAll(async () => {
      harness = await start();
    }, 60_000);
    beforeEach(() => harness.reset());
    afterAll(() => harness.stop());

    it('tells everything once, however much it is', async () => {
      const notifier = harness.open();
      const outcomes = Array.from({ length: 25 }, (_, n) => made(n));
      for (const outcome of outcomes) notifier.notify(outcome);
      await notifier.flush();
      await notifier.flush();
      expect([...(await harness.published())].sort()).toEqual(outcomes.map(({ backupName }) => backupName).sort());
      expect(notifier.lost()).toBe(0);
    });
    it('fails nothing where a message is refused, and counts it as lost', async () => {
      await harness.refuseNext();
      const notifier = harness.open();
      notifier.notify(made(0));
      await notifier.flush();
      expect([await harness.published(), notifier.lost()]).toEqual([[], 1]);
      notifier.notify(made(1));
      await notifier.flush();
      expect([await harness.published(), notifier.lost()]).toEqual([['volume-1'], 1]);
    });
  });
}
