import type { Conductor } from '../conductor/conductor.js';

/** `MaximumConcurrency` in the template. */
const MOST_AT_A_TIME = 2;
const MOST_RECORDS = 10;

/** A message, as Lambda is given it. */
export interface QueueRecord {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: { readonly SentTimestamp: string };
}

interface Queued {
  readonly messageId: string;
  readonly body: string;
  readonly sentAt: number;
  visibleAt: number;
  receives: number;
}

/** A queue whose messages Lambda delivers. */
export interface MemoryQueue {
  /** Takes messages, which are visible after a while, in milliseconds. */
  send(bodies: readonly string[], delay: number): void;
  /** Looks into the queue again: somebody has time. */
  poll(): void;
  isEmpty(): boolean;
}

export interface MemoryQueueOptions {
  readonly conductor: Conductor;
  /** @example 'the queue of source' */
  readonly name: string;
  /** For so long a message that was delivered is not delivered again, in milliseconds. */
  readonly visibility: number;
  /** A message that was delivered so often is left to the dead letters. */
  readonly mostReceives: number;
  /** How many are at work on deliveries, and on whatever else the function does. */
  readonly atWork: () => number;
  /** Delivers messages; `ended` is told which have failed, or nothing where all have. */
  readonly deliver: (records: readonly QueueRecord[], ended: (failed: ReadonlySet<string> | undefined) => void) => void;
  readonly giveUp: (body: string) => void;
}

/** A queue that delivers at least once, and twice in bad weather; what is not done comes again once it is visible. */
export function createMemoryQueue(options: MemoryQueueOptions): MemoryQueue {
  const { conductor, name, visibility, mostReceives, atWork, giveUp } = options;
  const { chance } = conductor;
  const queue: Queued[] = [];
  let polls = 0;

  /** Sees that somebody looks into the queue once a message is visible. */
  const poll = (): void => {
    if (queue.length === 0 || polls > 0) return;
    const next = queue.reduce((soonest, { visibleAt }) => Math.min(soonest, visibleAt), Infinity);
    polls += 1;
    conductor.at(Math.max(next, conductor.now() + 1_000), `${name} is looked into`, () => {
      polls -= 1;
      look();
      if (atWork() < MOST_AT_A_TIME) poll();
    });
  };
  const look = (): void => {
    const now = conductor.now();
    const visible = queue.filter(({ visibleAt }) => visibleAt <= now);
    if (visible.length === 0 || atWork() >= MOST_AT_A_TIME) return;
    const taken = visible.slice(0, chance.int(1, MOST_RECORDS));
    const batch: Queued[] = [];
    for (const message of taken) {
      message.receives += 1;
      message.visibleAt = now + visibility;
      if (message.receives <= mostReceives) batch.push(message);
      else {
        queue.splice(queue.indexOf(message), 1);
        giveUp(message.body);
      }
    }
    if (batch.length === 0) return;
    deliver(batch);
    if (!chance.happens(conductor.conditions.weather.doubled)) return;
    conductor.strike('doubled');
    deliver(batch);
  };
  const deliver = (batch: readonly Queued[]): void => {
    const records = batch.map(({ messageId, body, sentAt }) => ({
      messageId,
      body,
      attributes: { SentTimestamp: String(sentAt) },
    }));
    options.deliver(records, (failed) => {
      if (failed === undefined) return;
      for (const message of batch) {
        const at = queue.indexOf(message);
        if (at >= 0 && !failed.has(message.messageId)) queue.splice(at, 1);
      }
    });
  };

  return {
    send(bodies, delay) {
      const now = conductor.now();
      for (const body of bodies) {
        const messageId = `message-${chance.hex(12)}`;
        queue.push({ messageId, body, sentAt: now, visibleAt: now + delay, receives: 0 });
      }
      poll();
    },
    poll,
    isEmpty: () => queue.length === 0,
  };
}
