import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { formatDelayedPayload } from '../domain/delayed.js';
import type { DelayedMessage, PayloadConfig } from '../domain/delayed.js';
import { Region } from '../domain/values.js';
import type { DelayedOperations, Log } from '../ports.js';
import type { AwsAccess } from './access.js';
import { createBatcher } from './batcher.js';
import type { Batcher } from './batcher.js';
import { prepareClient } from './prepare-client.js';

const MAX_OPERATIONS = 100;
/**
 * Page "Lambda quotas": an asynchronous invocation carries 1 MB; what is around the operations is small beside the
 * rest.
 */
const MAX_BYTES = 900_000;

export interface InvocationOperationsOptions {
  readonly access: AwsAccess;
  /** Name or ARN of the function that does the operations: this one. */
  readonly functionName: string;
  /** Goes with every invocation. */
  readonly config: PayloadConfig | undefined;
  readonly log: Log;
}

/** Delayed operations as asynchronous invocations, up to 100 in each. */
export function createInvocationOperations({
  access,
  functionName,
  config,
  log,
}: InvocationOperationsOptions): DelayedOperations {
  const client = clientFor(access, functionName);
  const groups = new Map<string, Batcher<DelayedMessage>>();
  let unsent: { readonly message: DelayedMessage; readonly error: unknown }[] = [];
  const send = async (messages: readonly DelayedMessage[]): Promise<void> => {
    try {
      await invoke(client, functionName, payloadOf(messages, config));
      log.info('SHELVERY_DELAYED_SENT', `${messages.length} delayed operations given to ${functionName}`, {
        count: messages.length,
        to: functionName,
      });
    } catch (error) {
      unsent.push(...messages.map((message) => ({ message, error })));
    }
  };
  return {
    send(message, how) {
      const key = JSON.stringify([how, message.backupType]);
      const group =
        groups.get(key) ?? createBatcher({ maxItems: how === 'alone' ? 1 : MAX_OPERATIONS, maxBytes: MAX_BYTES, send });
      groups.set(key, group);
      group.add(message, Buffer.byteLength(JSON.stringify(formatDelayedPayload(message, config))));
    },
    async flush() {
      await Promise.all([...groups.values()].map((group) => group.flush()));
      const result = unsent;
      unsent = [];
      return result;
    },
  };
}

/**
 * Invokes a function asynchronously: how a run that nears its time limit hands over to itself.
 *
 * @throws the SDK's error when Lambda did not take the invocation.
 */
export async function invokeSelf(access: AwsAccess, functionName: string, payload: unknown): Promise<void> {
  await invoke(clientFor(access, functionName), functionName, payload);
}

function clientFor(access: AwsAccess, functionName: string): LambdaClient {
  // An ARN names its region in the fourth place.
  const region = Region.catch(access.home.region).parse(functionName.split(':')[3]);
  return prepareClient(new LambdaClient(access.ownConfig(region)), access);
}

async function invoke(client: LambdaClient, functionName: string, payload: unknown): Promise<void> {
  await client.send(
    new InvokeCommand({
      FunctionName: functionName,
      InvocationType: 'Event',
      Payload: Buffer.from(JSON.stringify(payload)),
    }),
  );
}

/** One operation goes as the original sends it; several go as a list. */
function payloadOf(
  messages: readonly DelayedMessage[],
  config: PayloadConfig | undefined,
): Readonly<Record<string, unknown>> {
  const payloads = messages.map((message) => formatDelayedPayload(message, config));
  const [first] = payloads;
  if (payloads.length === 1) return { ...first, is_started_internally: true };
  return {
    ...first,
    action: 'do_delayed_operations',
    arguments: { Operations: payloads.map(({ action, arguments: args }) => ({ action, arguments: args })) },
  };
}
