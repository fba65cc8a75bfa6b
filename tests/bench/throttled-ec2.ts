import { Readable } from 'node:stream';
import { HttpResponse } from '@smithy/core/protocols';
import type { HttpRequest } from '@smithy/core/protocols';
import type { ClientConfig } from '../../layers/engine/src/aws/access.js';
import type { RequestBucket } from '../../layers/engine/src/domain/limits/request-buckets.js';
import type { EmulatedTime } from './emulated-time.js';

/** AWS's side of a bucket of tokens. */
export interface AwsBucket {
  /** Whether a call is taken now. */
  take(): boolean;
  /** Calls that were taken so far. */
  taken(): number;
}

/**
 * A bucket as the page "Request throttling for the Amazon EC2 API" has it: "a set number of tokens is added back to it every
 * second until it reaches its maximum capacity".
 */
export function createAwsBucket(
  { size, perSecond }: RequestBucket,
  { now }: EmulatedTime,
  tokensAtFirst = size,
): AwsBucket {
  let tokens = tokensAtFirst;
  let filledAt = 0;
  let taken = 0;
  return {
    take() {
      const second = Math.floor(now() / 1000);
      tokens = Math.min(size, tokens + (second - filledAt) * perSecond);
      filledAt = second;
      if (tokens < 1) return false;
      tokens -= 1;
      taken += 1;
      return true;
    },
    taken: () => taken,
  };
}

/** What was asked of EC2, by action. */
export interface Ec2Log {
  readonly calls: Map<string, number>;
  readonly refused: Map<string, number>;
}

/**
 * EC2 as far as its limits go: every call takes some time on its way, and is refused where its action's bucket is empty.
 *
 * @param buckets by action; calls of other actions are never refused.
 */
export function throttledEc2(
  time: EmulatedTime,
  buckets: ReadonlyMap<string, AwsBucket>,
): { readonly requestHandler: NonNullable<ClientConfig['requestHandler']>; readonly log: Ec2Log } {
  const log: Ec2Log = { calls: new Map(), refused: new Map() };
  const count = (into: Map<string, number>, action: string): void => {
    into.set(action, (into.get(action) ?? 0) + 1);
  };
  const latency = latencies();
  const handle = async ({ body }: Pick<HttpRequest, 'body'>): Promise<{ response: HttpResponse }> => {
    const action = new URLSearchParams(String(body)).get('Action') ?? '';
    await time.clock.sleep(latency());
    const isTaken = buckets.get(action)?.take() ?? true;
    count(log.calls, action);
    if (!isTaken) count(log.refused, action);
    await time.clock.sleep(latency());
    return isTaken ? answer(200, answerTo(action)) : answer(503, REFUSAL);
  };
  return {
    log,
    requestHandler: { handle, updateHttpClientConfig: () => undefined, httpHandlerConfigs: () => ({}) },
  };
}

/** 5 to 95 ms each way, the same in every run. */
function latencies(): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return 5 + (state % 91);
  };
}

const REFUSAL =
  '<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>Request limit exceeded.</Message></Error></Errors><RequestID>r</RequestID></Response>';

/** What an action answers beside the request's id, where a caller reads it. */
const ANSWERS: Readonly<Record<string, string>> = {
  CreateSnapshot: '<snapshotId>snap-0123456789abcdef0</snapshotId><status>pending</status>',
  CopyImage: '<imageId>ami-0123456789abcdef1</imageId>',
};

function answerTo(action: string): string {
  const content = ANSWERS[action] ?? '<return>true</return>';
  return `<${action}Response><requestId>r</requestId>${content}</${action}Response>`;
}

function answer(statusCode: number, xml: string): { response: HttpResponse } {
  return {
    response: new HttpResponse({ statusCode, headers: { 'content-type': 'text/xml' }, body: Readable.from([xml]) }),
  };
}
