import type { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import type { AwsAccess } from '../aws/access.js';
import type { RunConfig } from '../domain/config/config.js';
import type { PayloadConfig } from '../domain/delayed.js';
import { createLambdaOperations } from '../run/hand-on.js';
import { openAwsParts } from '../run/open-run.js';
import type { AdapterFactory, AwsParts } from '../run/open-run.js';
import type { RunParts } from '../run/run-action.js';
import type { Platform } from './platform.js';

/** What the work of one function needs. */
export interface FunctionParts {
  readonly platform: Platform;
  readonly makeAdapter: AdapterFactory;
  readonly metrics: Metrics;
}

/** The configuration that work is done under, and the payload's part of it, which goes on with what is sent. */
export interface UnderConfig {
  readonly config: RunConfig;
  readonly payloadConfig: PayloadConfig | undefined;
}

/** The ports of a run in Lambda, where delayed operations go to the queue or to the function itself. */
export interface LambdaParts extends AwsParts {
  readonly access: AwsAccess;
  readonly delayed: RunParts['delayed'];
}

/** A call whose turn would come with less than this left of the time limit is not made: its item is left over. */
const NO_TURN_BELOW_MS = 20_000;

/** Puts the ports of a run together for one invocation. */
export async function openInLambda(
  { platform, makeAdapter }: FunctionParts,
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
    access,
    delayed: () => createLambdaOperations({ access, values: config.values, payloadConfig, functionName, log }),
  };
}
