import type { MiddlewareObj } from '@middy/core';
import * as z from 'zod';
import { createNotifier } from '../aws/sns-notifier.js';
import { ACTIONS } from '../domain/actions.js';
import { resolveRunConfig, resolveTopics } from '../domain/config/config.js';
import { ShelveryError, aboutError, isShelveryError } from '../domain/errors.js';
import { toShelveryError } from '../domain/telling/faults.js';
import { OPERATION_OF } from '../domain/telling/outcome.js';
import type { BackupType } from '../domain/values.js';
import { parseEvent } from './parse-event.js';
import type { ConfiguredEvent, EventItem, NormalisedEvent, ReadyItem, RefusedItem } from './parse-event.js';
import type { Platform } from './platform.js';

interface FunctionContext {
  readonly awsRequestId: string;
  readonly invokedFunctionArn: string;
}

/** Brings whatever invoked the function into one shape, and merges the configuration of each of its payloads. */
export function readEvent(type: BackupType, platform: () => Platform): MiddlewareObj<ConfiguredEvent> {
  return {
    before: async (request) => {
      const normalised = parseEvent(request.event, type);
      // For those that tell of an error in what follows; middy's types know only the handler's event.
      Object.assign(request, { event: normalised });
      request.event = await mergeConfig(normalised, platform());
    },
  };
}

/** Lays SSM parameters, environment and payload over the defaults, for each payload of the event. */
async function mergeConfig({ source, identity, items }: NormalisedEvent, platform: Platform): Promise<ConfiguredEvent> {
  const ssm = await platform.readParameters();
  const configured = items.map((item) => merge(item, platform.environment, ssm));
  const [only] = configured;
  if (source === 'direct' && only !== undefined && 'error' in only) throw only.error;
  return { source, identity, items: configured };
}

/** Where the configuration of one record is wrong, that record fails; the others go on. */
function merge(
  { work, ...given }: EventItem,
  environment: Platform['environment'],
  ssm: Readonly<Record<string, string>>,
): ReadyItem | RefusedItem {
  if (work instanceof ShelveryError) return { ...given, error: work };
  try {
    return { ...given, work, runConfig: resolveRunConfig({ payload: given.config, environment, ssm, inStack: true }) };
  } catch (error) {
    return { ...given, error: toShelveryError(error, 'reading the configuration') };
  }
}

/**
 * Reports to the error topic what ended an invocation before or after a run: a run reports its own failures itself. The
 * invocation still ends in that error, also where reporting it fails.
 */
export function reportErrors(
  type: BackupType,
  platform: () => Platform,
): MiddlewareObj<unknown, unknown, Error, FunctionContext & object> {
  return {
    onError: async (request) => {
      const error = request.error;
      if (error === null || (isShelveryError(error) && told.has(error))) return;
      const failure = toShelveryError(error, `an invocation of the function for ${type}`);
      const { log } = platform();
      log.error('SHELVERY_EVENT_REFUSED', failure.message, aboutError(failure));
      try {
        await tell(type, platform(), failure, {
          event: request.event,
          functionArn: request.context.invokedFunctionArn,
        });
      } catch (second) {
        log.error(
          'SHELVERY_NOTIFICATION_LOST',
          toShelveryError(second, 'reporting an error to the error topic').message,
        );
      }
    },
  };
}

/** Errors that a run has reported. */
const told = new WeakSet<Error>();

/** Marks an error as reported, so that it is not reported twice. */
export function markTold(error: ShelveryError): ShelveryError {
  told.add(error);
  return error;
}

/** Action and configuration of an event that may not be valid: as it came, or in the one shape. */
const Said = z.object({ action: z.unknown().optional(), config: z.unknown().optional() });
const Shaped = z.object({
  items: z.tuple([z.object({ work: Said.catch({}), config: z.unknown().optional() })]).rest(z.unknown()),
});

function saidBy(event: unknown): z.infer<typeof Said> {
  const shaped = Shaped.safeParse(event);
  if (!shaped.success) return Said.catch({}).parse(event);
  const [{ work, config }] = shaped.data.items;
  return { action: work.action, config };
}

async function tell(
  type: BackupType,
  platform: Platform,
  error: ShelveryError,
  { event, functionArn }: { readonly event: unknown; readonly functionArn: string },
): Promise<void> {
  const { action, config } = saidBy(event);
  const topics = resolveTopics({
    payload: config,
    environment: platform.environment,
    ssm: await parametersIfReadable(platform),
  });
  if (topics.shelvery_error_sns_topic === undefined && topics.shelvery_sns_topic === undefined) return;
  // Topics are written to with the function's own credentials: the role may be what is wrong.
  const access = await platform.access({}, functionArn);
  const notifier = createNotifier({
    access,
    config: topics,
    backupType: type,
    clock: platform.clock,
    log: platform.log,
  });
  const known = ACTIONS.find((each) => each === action);
  notifier.notify({
    operation: (known === undefined ? undefined : OPERATION_OF[known]) ?? 'CreateBackup',
    status: 'failed',
    error,
  });
  await notifier.flush();
}

/** None where they cannot be read: that may be the very error that is being reported. */
async function parametersIfReadable(platform: Platform): Promise<Readonly<Record<string, string>>> {
  try {
    return await platform.readParameters();
  } catch (error) {
    platform.log.warn(
      'SHELVERY_CONFIG_WARNING',
      toShelveryError(error, 'reading the SSM parameters for the error topic').message,
    );
    return {};
  }
}
