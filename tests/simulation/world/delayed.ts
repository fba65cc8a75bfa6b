import { createBatcher } from '../../../layers/engine/src/aws/batcher.js';
import { formatDelayedPayload } from '../../../layers/engine/src/domain/delayed.js';
import type { DelayedMessage, PayloadConfig } from '../../../layers/engine/src/domain/delayed.js';
import type { DelayedOperations } from '../../../layers/engine/src/ports.js';

/** What a process makes of delayed operations. */
export interface Sending {
  /** Goes with every message. */
  readonly config: PayloadConfig | undefined;
  /** Throws what the service answers. */
  readonly send: (bodies: readonly Readonly<Record<string, unknown>>[]) => Promise<void>;
}

interface Unsent {
  readonly message: DelayedMessage;
  readonly error: unknown;
}

/** Page "SendMessageBatch". */
const MESSAGES_A_BATCH = 10;
const BYTES_A_BATCH = 256 * 1024;
const OPERATIONS_AN_INVOCATION = 100;
const BYTES_AN_INVOCATION = 900_000;

/** Delayed operations as messages of a queue. */
export function createMemoryQueueOperations({ config, send }: Sending): DelayedOperations {
  const unsent: Unsent[] = [];
  const batcher = createBatcher<DelayedMessage>({
    maxItems: MESSAGES_A_BATCH,
    maxBytes: BYTES_A_BATCH,
    send: (messages) =>
      orUnsent(unsent, messages, () => send(messages.map((message) => formatDelayedPayload(message, config)))),
  });
  return {
    send(message) {
      batcher.add(message, 1);
    },
    async flush() {
      await batcher.flush();
      return unsent.splice(0);
    },
  };
}

/** Delayed operations as asynchronous invocations, several in each. */
export function createMemoryInvocations({ config, send }: Sending): DelayedOperations {
  const unsent: Unsent[] = [];
  const invoke = (messages: readonly DelayedMessage[]): Promise<void> => {
    const payloads = messages.map((message) => formatDelayedPayload(message, config));
    const [first] = payloads;
    const payload =
      payloads.length === 1
        ? { ...first, is_started_internally: true }
        : {
            ...first,
            action: 'do_delayed_operations',
            arguments: { Operations: payloads.map(({ action, arguments: args }) => ({ action, arguments: args })) },
          };
    return orUnsent(unsent, messages, () => send([payload]));
  };
  const together = createBatcher<DelayedMessage>({
    maxItems: OPERATIONS_AN_INVOCATION,
    maxBytes: BYTES_AN_INVOCATION,
    send: invoke,
  });
  const alone = createBatcher<DelayedMessage>({ maxItems: 1, maxBytes: BYTES_AN_INVOCATION, send: invoke });
  return {
    send(message, how) {
      (how === 'alone' ? alone : together).add(message, 1);
    },
    async flush() {
      await Promise.all([together.flush(), alone.flush()]);
      return unsent.splice(0);
    },
  };
}

async function orUnsent(
  unsent: Unsent[],
  messages: readonly DelayedMessage[],
  send: () => Promise<void>,
): Promise<void> {
  try {
    await send();
  } catch (error) {
    unsent.push(...messages.map((message) => ({ message, error })));
  }
}
