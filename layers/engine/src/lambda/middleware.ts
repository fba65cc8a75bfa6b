import type { MiddlewareObj } from '@middy/core';
import { createNotifier } from '../aws/sns-notifier.js';
import { resolveRunConfig } from '../domain/config.js';
import { ShelveryError, isShelveryError } from '../domain/errors.js';
import { toShelveryError } from '../domain/faults.js';
import type { BackupType } from '../domain/values.js';
import { parseEvent } from './parse-event.js';
import type { EventItem, NormalisedEvent } from './parse-event.js';
import type { Platform } from './platform.js';

interface FunctionContext {
  readonly awsRequestId: string;
  readonly invokedFunctionArn: string;
}

/** Brings whatever invoked the function into one shape. */
export function normaliseEvent(type: BackupType): MiddlewareObj {
  return {
    before: (request) => {
      request.event = parseEvent(request.event, type);
    },
  };
}

/** Lays SSM parameters, environment and payload over the defaults, for each payload of the event. */
export function mergeConfig(platform: () => Platform): MiddlewareObj<NormalisedEvent> {
  return {
    before: async (request) => {
      const { environment } = platform();
      const ssm = await platform().readParameters();
      const { source, items } = request.event;
      const merged = items.map((item) => merge(item, environment, ssm));
      const [only] = merged;
      if (source === 'direct' && only?.work instanceof ShelveryError) throw only.work;
      request.event = { source, items: merged };
    },
  };
}

/** A record whose configuration is wrong is an error of its own; the others go on. */
function merge(item: EventItem, environment: Platform['environment'], ssm: Readonly<Record<string, string>>): EventItem {
  try {
    return { ...item, runConfig: resolveRunConfig({ payload: item.config, environment, ssm }) };
  } catch (error) {
    return { ...item, work: toShelveryError(error, 'reading the configuration') };
  }
}

/**
 * Tells the error topic of what ended an invocation before, or outside of, a run: a run tells its own failures itself. Telling never
 * takes the place of the error.
 */
export function reportErrors(type: BackupType, platform: () => Platform): MiddlewareObj<unknown, unknown, Error, FunctionContext & object> {
  return {
    onError: async (request) => {
      const error = request.error;
      if (error === null || (isShelveryError(error) && told.has(error))) return;
      const failure = toShelveryError(error, `an invocation of the function for ${type}`);
      const { log } = platform();
      log.error('SHELVERY_EVENT_REFUSED', failure.message, { code: failure.code, awsCode: failure.aws?.code });
      try {
        await tell(type, platform(), failure, request.context.invokedFunctionArn);
      } catch (second) {
        log.error('SHELVERY_NOTIFICATION_LOST', toShelveryError(second, 'telling the error topic').message);
      }
    },
  };
}

/** Errors that a run has told of already. */
const told = new WeakSet<Error>();

/** Marks an error as told, so that it is not told twice. */
export function markTold(error: ShelveryError): ShelveryError {
  told.add(error);
  return error;
}

async function tell(type: BackupType, platform: Platform, error: ShelveryError, functionArn: string): Promise<void> {
  const { values } = resolveRunConfig({ environment: platform.environment, ssm: await platform.readParameters() });
  if (values.shelvery_error_sns_topic === undefined && values.shelvery_sns_topic === undefined) return;
  const access = await platform.access(values, functionArn);
  const notifier = createNotifier({ access, config: values, backupType: type, clock: platform.clock, log: platform.log });
  notifier.notify({ operation: 'CreateBackup', status: 'failed', error });
  await notifier.flush();
}
