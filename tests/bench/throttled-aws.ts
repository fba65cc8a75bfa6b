import { Readable } from 'node:stream';
import { HttpResponse } from '@smithy/core/protocols';
import type { HttpRequest } from '@smithy/core/protocols';
import type { ClientConfig } from '../../layers/engine/src/aws/access.js';
import { bucketOf } from '../../layers/engine/src/domain/limits/request-buckets.js';
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
  { now }: Pick<EmulatedTime, 'now'>,
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

/** The buckets of an account: one for each region and API action that a page states one for. */
export interface AwsBuckets {
  /** @param action with its service. @example of('eu-west-1', 'ec2:CreateSnapshot') */
  of(region: string, action: string): AwsBucket | undefined;
}

/** @param tokensAtFirst what each holds when the first call comes; as much as it may where this is left out. */
export function createAwsBuckets(time: Pick<EmulatedTime, 'now'>, tokensAtFirst?: number): AwsBuckets {
  const made = new Map<string, AwsBucket>();
  return {
    of(region, action) {
      const documented = bucketOf(action);
      if (documented === undefined) return undefined;
      const key = `${region} ${action}`;
      const bucket = made.get(key) ?? createAwsBucket(documented, time, tokensAtFirst);
      made.set(key, bucket);
      return bucket;
    },
  };
}

/** One call as it comes to AWS. */
export interface AskedOfAws {
  /** `ec2`, `s3` … */
  readonly service: string;
  readonly region: string;
  /** Of EC2 its service and name, of others the service alone. */
  readonly action: string;
  readonly request: Pick<HttpRequest, 'method' | 'path' | 'query' | 'headers' | 'body'>;
}

/** What AWS answers. */
export interface AnswerOfAws {
  readonly statusCode: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What was asked of AWS, by action. */
export interface CallLog {
  readonly calls: ReadonlyMap<string, number>;
  /** How many of them AWS refused, because too many came or because of what they asked for. */
  readonly refused: ReadonlyMap<string, number>;
}

/** How clients of the SDK reach an AWS in memory. */
export interface ThrottledAws {
  readonly requestHandler: NonNullable<ClientConfig['requestHandler']>;
  readonly log: CallLog;
}

/** AWS as far as its limits go: every call takes some time on its way, and is refused where its action's bucket is empty. */
export function throttledAws(
  time: EmulatedTime,
  buckets: AwsBuckets,
  answer: (asked: AskedOfAws) => AnswerOfAws,
): ThrottledAws {
  const calls = new Map<string, number>();
  const refused = new Map<string, number>();
  const count = (into: Map<string, number>, action: string): void => {
    into.set(action, (into.get(action) ?? 0) + 1);
  };
  const latency = latencies();
  const handle = async (request: HttpRequest): Promise<{ response: HttpResponse }> => {
    const [service = '', region = ''] = request.hostname.split('.');
    const name = service === 'ec2' ? `:${new URLSearchParams(String(request.body)).get('Action') ?? ''}` : '';
    const asked = { service, region, action: `${service}${name}`, request };
    await time.clock.sleep(latency());
    count(calls, asked.action);
    const isTaken = buckets.of(region, asked.action)?.take() ?? true;
    const answered = isTaken ? answer(asked) : TOO_MANY;
    if (answered.statusCode >= 400) count(refused, asked.action);
    await time.clock.sleep(latency());
    return { response: responseOf(answered) };
  };
  return {
    log: { calls, refused },
    requestHandler: { handle, updateHttpClientConfig: () => undefined, httpHandlerConfigs: () => ({}) },
  };
}

/** 5 to 95 ms each way, the same in every run. */
function latencies(): () => number {
  const draw = drawn();
  return () => 5 + draw(91);
}

/** Whole numbers from 0 to below the given one, the same in every run. */
export function drawn(): (below: number) => number {
  let state = 1;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** What EC2 answers to a call that was done. */
export function doneByEc2(action: string, content: string): AnswerOfAws {
  const name = action.replace(/^ec2:/, '');
  return {
    statusCode: 200,
    body: `<${name}Response><requestId>r</requestId>${content}</${name}Response>`,
    headers: { 'content-type': 'text/xml' },
  };
}

/** What EC2 answers to a call that it does not do. */
export function refusedByEc2(code: string, message: string, statusCode = 400): AnswerOfAws {
  return {
    statusCode,
    body: `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>r</RequestID></Response>`,
    headers: { 'content-type': 'text/xml' },
  };
}

const TOO_MANY = refusedByEc2('RequestLimitExceeded', 'Request limit exceeded.', 503);

function responseOf({ statusCode, body, headers = {} }: AnswerOfAws): HttpResponse {
  return new HttpResponse({ statusCode, headers: { ...headers }, body: Readable.from([body]) });
}
