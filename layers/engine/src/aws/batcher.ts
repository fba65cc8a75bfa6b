import pLimit from 'p-limit';

/** Collects items and sends them in full batches while more come. */
export interface Batcher<T> {
  /** Takes an item of so many bytes; sends the batch as soon as another item would not fit. */
  add(item: T, bytes: number): void;
  /** Sends what is left and waits until everything is over. */
  flush(): Promise<void>;
}

export interface BatcherOptions<T> {
  readonly maxItems: number;
  /** Of a batch; an item that is longer goes alone. */
  readonly maxBytes: number;
  /** Sends one batch. It deals with its errors itself: nobody waits for it before `flush`. */
  readonly send: (items: readonly T[]) => Promise<void>;
}

/** How many batches of one batcher are sent at the same time. */
const PARALLEL = 4;

/** Makes a batcher. */
export function createBatcher<T>({ maxItems, maxBytes, send }: BatcherOptions<T>): Batcher<T> {
  const limit = pLimit(PARALLEL);
  const underWay = new Set<Promise<void>>();
  let items: T[] = [];
  let length = 0;
  const dispatch = (): void => {
    const batch = items;
    items = [];
    length = 0;
    if (batch.length === 0) return;
    const sending: Promise<void> = limit(() => send(batch)).finally(() => underWay.delete(sending));
    underWay.add(sending);
  };
  return {
    add(item, bytes) {
      if (length + bytes > maxBytes) dispatch();
      items.push(item);
      length += bytes;
      if (items.length >= maxItems) dispatch();
    },
    async flush() {
      dispatch();
      // What is added meanwhile is sent as well.
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
