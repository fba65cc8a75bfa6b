import type { DelayedMessage } from '../../../layers/engine/src/domain/delayed.js';
import type { BackupAdapter, BackupStore } from '../../../layers/engine/src/ports.js';
import type { AwsParts } from '../../../layers/engine/src/run/open-run.js';
import type { RemainingWork, RunParts } from '../../../layers/engine/src/run/run-action.js';

/** Parts of a run whose adapter is another in some respect. */
export function withAdapter(
  change: (adapter: BackupAdapter) => Partial<BackupAdapter>,
): (parts: Pick<AwsParts, 'adapter'>) => Pick<AwsParts, 'adapter'> {
  return ({ adapter }) => ({ adapter: { ...adapter, ...change(adapter) } });
}

/** Parts of a run whose store is another in some respect. */
export function withStore(
  change: (store: BackupStore) => Partial<BackupStore>,
): (parts: Pick<AwsParts, 'store'>) => Pick<AwsParts, 'store'> {
  return ({ store }) => ({ store: { ...store, ...change(store) } });
}

/** Parts of a run whose delayed operations are only kept: a queue delivers them later, or never. */
export function keepingMessages(kept: DelayedMessage[] = []): () => Pick<RunParts, 'delayed'> {
  return () => ({
    delayed: () => ({
      send: (message) => {
        kept.push(message);
      },
      flush: async () => [],
    }),
  });
}

/** A `mayStart` that lets a run begin so many things, and no more. */
export function atMost(count: number): RunParts['mayStart'] {
  let asked = 0;
  return () => (asked += 1) <= count;
}

/** A `handOver` that keeps what is left of a run. */
export function handingOver(left: RemainingWork[]): NonNullable<RunParts['handOver']> {
  return async (work) => {
    left.push(work);
  };
}

/** In place of a call that the service of a test has to have. */
export function lacking(): never {
  throw new Error('The service has no such call.');
}
