import { Agent } from 'node:http';
import { Readable } from 'node:stream';
import { HttpRequest } from '@smithy/core/protocols';
import { NodeHttpHandler } from '@smithy/node-http-handler';

type Request = Parameters<NodeHttpHandler['handle']>[0];
type Options = Parameters<NodeHttpHandler['handle']>[1];
type Answer = Awaited<ReturnType<NodeHttpHandler['handle']>>;

/** What happens to the nth call of some that go through a gate, counted from 1. */
export interface Strike {
  readonly kind: StrikeKind;
  /** Which calls are counted. */
  readonly of: CallKind | 'all';
  readonly nth: number;
}

/**
 * With `killed-…` the process ends before, or after, the call reached AWS, and nothing of it goes on from there. With
 * `error-after` the call is done and answered with a 500, with `dropped-after` its connection ends without an answer.
 * With `throttled` it is refused, as each service does it.
 */
export type StrikeKind = 'killed-before' | 'killed-after' | 'error-after' | 'dropped-after' | 'throttled';

/** Whether a call may leave AWS otherwise than it was. */
export const CALL_KINDS = ['changing', 'reading'] as const;
export type CallKind = (typeof CALL_KINDS)[number];

/** How many calls there were of each kind. */
export type CallCounts = Readonly<Record<CallKind, number>>;

export const NO_CALLS: CallCounts = { changing: 0, reading: 0 };

export const countOf = (counts: CallCounts, of: CallKind | 'all'): number =>
  of === 'all' ? counts.changing + counts.reading : counts[of];

/** What the emulator does itself, in each service's own words, to a call that names it in a header. */
const EMULATED_FAULTS: Readonly<Partial<Record<StrikeKind, string>>> = {
  throttled: 'throttle',
  'error-after': 'fail-after',
};
const FAULT_HEADER = 'x-emulator-fault';

/** Stands between the product and AWS like a process boundary: it counts calls, and strikes one of them. */
export interface RequestGate {
  readonly handler: NodeHttpHandler;
  /** Resolves when the process was killed; never otherwise. */
  readonly death: Promise<'killed'>;
  isDead(): boolean;
  calls(): CallCounts;
  /** What was called, for the message of a failing test. */
  struck(): string | undefined;
  /** Waits for what was on its way when the process ended: AWS works on it all the same. */
  settled(): Promise<void>;
}

/**
 * What everything in a process that is gone comes to: nothing of it reaches AWS any more, but its promises and timers
 * end too. The SDK does not repeat a call for an error that it does not know.
 */
export class ProcessGone extends Error {
  override readonly name = 'ProcessGone';
}

/** All processes share their connections to the emulator: it would have a thread for each. */
const CONNECTIONS = new Agent({ keepAlive: true, maxSockets: 50 });

/** Sends a request on, with the fault that the emulator is to do to it. */
type Send = (fault?: string) => Promise<Answer>;

class GatedHandler extends NodeHttpHandler {
  readonly #around: (request: Request, send: Send) => Promise<Answer>;

  constructor(around: (request: Request, send: Send) => Promise<Answer>) {
    super({ connectionTimeout: 5_000, requestTimeout: 30_000, httpAgent: CONNECTIONS });
    this.#around = around;
  }

  override handle(request: Request, options?: Options): Promise<Answer> {
    return this.#around(request, (fault) => {
      const sent = HttpRequest.clone(request);
      if (fault !== undefined) sent.headers[FAULT_HEADER] = fault;
      return super.handle(sent, options);
    });
  }
}

/**
 * Makes a gate that lets everything through but for one strike.
 *
 * @param noRegion one that does not exist: DNS has no host there.
 */
export function createRequestGate(strike?: Strike, noRegion?: string): RequestGate {
  const counts = { changing: 0, reading: 0 };
  let dead = false;
  let struck: string | undefined;
  let die: (word: 'killed') => void = () => undefined;
  const death = new Promise<'killed'>((resolve) => {
    die = resolve;
  });
  const kill = (): never => {
    dead = true;
    die('killed');
    throw new ProcessGone();
  };
  const alive = (answer: Answer): Answer => {
    if (!dead) return answer;
    leaveUnread(answer);
    throw new ProcessGone();
  };
  const onTheWay = new Set<Promise<unknown>>();
  const handler = new GatedHandler(async (request, sendOn) => {
    if (dead) throw new ProcessGone();
    if (noRegion !== undefined && request.headers['authorization']?.includes(`/${noRegion}/`) === true) {
      throw Object.assign(new Error(`getaddrinfo ENOTFOUND ec2.${noRegion}.amazonaws.com`), { code: 'ENOTFOUND' });
    }
    const send: Send = async (fault) => {
      const sent = sendOn(fault);
      const over: Promise<unknown> = sent.then(
        () => onTheWay.delete(over),
        () => onTheWay.delete(over),
      );
      onTheWay.add(over);
      return await sent;
    };
    const kind = kindOf(request);
    counts[kind] += 1;
    const isCounted = strike?.of === 'all' || strike?.of === kind;
    if (!isCounted || countOf(counts, strike.of) !== strike.nth) return alive(await send());
    struck = describe(request);
    if (strike.kind === 'killed-before') kill();
    const fault = EMULATED_FAULTS[strike.kind];
    if (fault !== undefined) return await send(fault);
    leaveUnread(await send());
    if (strike.kind === 'killed-after') kill();
    // What the SDK's own handler makes of it.
    throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ECONNRESET' });
  });
  const settled = async (): Promise<void> => {
    await Promise.all(onTheWay);
  };
  return { handler, death, isDead: () => dead, calls: () => ({ ...counts }), struck: () => struck, settled };
}

/** Frees the connection of an answer that nobody reads. */
function leaveUnread({ response }: Answer): void {
  const body: unknown = response.body;
  if (body instanceof Readable) body.resume();
}

function describe(request: Request): string {
  return `${request.method} ${request.path} ${actionOf(request)}`.trim();
}

/** The operation's name, of the services that have one path for all; empty for the others. */
function actionOf({ body, headers }: Request): string {
  const text = typeof body === 'string' ? body : '';
  return /Action=(\w+)/.exec(text)?.[1] ?? headers['x-amz-target']?.split('.').at(-1) ?? '';
}

function kindOf(request: Request): CallKind {
  const action = actionOf(request);
  const isReading =
    action === '' ? /^(GET|HEAD)$/.test(request.method) : /^(Describe|List|Get|AssumeRole)/.test(action);
  return isReading ? 'reading' : 'changing';
}
