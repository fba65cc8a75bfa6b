import type { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import type { RunConfig } from '../domain/config/config.js';
import type { PayloadConfig } from '../domain/delayed.js';
import type { Region } from '../domain/values.js';
import { createLambdaOperations, invokeSelf } from '../run/hand-on.js';
import { openAwsParts } from '../run/open-run.js';
import type { AdapterFactory, AwsParts } from '../run/open-run.js';
import type { RunParts } from '../run/run-action.js';
import type { Alone, AloneInLine, Log } from '../ports.js';
import type { Platform } from './platform.js';

/** What the work of one function needs. */
export interface FunctionParts {
  readonly log: Log;
  readonly metrics: Metrics;
  /** The region of the function. */
  readonly region: Region;
  /** Puts the ports of a run together for one invocation. */
  readonly open: (under: UnderConfig, invocation: Context) => Promise<LambdaParts>;
  /** See `RunContext`. */
  readonly alone?: Alone;
  /** See `RunContext`. */
  readonly aloneInLine?: AloneInLine;
}

/** The configuration that work is done under, and the payload's part of it, which goes on with what is sent. */
export interface UnderConfig {
  readonly config: RunConfig;
  readonly payloadConfig: PayloadConfig | undefined;
}

/** The ports of a run in Lambda, where delayed operations go to the queue or to the function itself. */
export interface LambdaParts extends AwsParts {
  readonly delayed: RunParts['delayed'];
  /** Invokes the function again, asynchronously. */
  readonly invokeSelf: (payload: unknown) => Promise<void>;
}

/** A call whose turn would come with less than this left of the time limit is not made: its item is left over. */
const NO_TURN_BELOW_MS = 20_000;

/** Puts the ports of a run on AWS, for one invocation. */
export async function openInLambda(
  { platform, makeAdapter }: { readonly platform: Platform; readonly makeAdapter: AdapterFactory },
  { config, payloadConfig }: UnderConfig,
  invocation: Context,
): Promise<LambdaParts> {
  const functionName = invocation.invokedFunctionArn;
  const { clock, log } = platform;
  const access = await platform.access(config.values, functionName);
  return {
    ...openAwsParts({
      access,
      config,
      makeAdapter,
      clock,
      log,
      patience: {
        mayWait: (milliseconds) => invocation.getRemainingTimeInMillis() - milliseconds > NO_TURN_BELOW_MS,
      },
    }),
    delayed: () => createLambdaOperations({ access, config, payloadConfig, functionName, log }),
    invokeSelf: (payload) => invokeSelf(access, functionName, payload),
  };
}
