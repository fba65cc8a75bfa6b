import type { Context, SQSBatchItemFailure } from 'aws-lambda';
import type { RunConfig } from '../domain/config/config.js';
import { aboutError } from '../domain/errors.js';
import { toShelveryError } from '../domain/telling/faults.js';
import type { AccountId, Region } from '../domain/values.js';
import type { FunctionParts } from './open-in-lambda.js';
import { runActionItem } from './run-action-item.js';

/** An event that says that an account shared a backup with another, with the record that brought it. */
export interface ShareEvent {
  readonly recordId: string;
  readonly config: RunConfig;
  readonly shared: { readonly account: AccountId; readonly region: Region; readonly by: AccountId };
}

/**
 * Pulls from the accounts that events of a batch name, in one run: from those that the configuration names as sources, and
 * what they shared in this region. Anybody may share a snapshot with anybody; of others nothing is said. Where AWS has no
 * place for a copy, another invocation waits for one: the queue has other work for this one. That one pulls from all sources:
 * only one of a type waits for places, and what it does not know of is left to the schedule.
 *
 * @returns the records of these events, where the run failed and may succeed when it is repeated.
 */
export async function pullWhatWasShared(
  parts: FunctionParts,
  events: readonly ShareEvent[],
  context: Context,
): Promise<readonly SQSBatchItemFailure[]> {
  const { region } = parts;
  const ours = events.filter(({ config, shared }) => isOfConcern(shared, config, region));
  const [first] = ours;
  if (first === undefined) return [];
  const sources = [...new Set(ours.map(({ shared }) => shared.by))];
  // The run is the configured one; only these accounts have anything new.
  const { values } = first.config;
  const config = { ...first.config, values: { ...values, shelvery_source_aws_account_ids: sources } };
  try {
    const work = { kind: 'action', action: 'pull_shared_backups', dryRun: false, backdate: false } as const;
    const item = { work, config, payloadConfig: undefined, recordId: first.recordId, standsInLine: false } as const;
    await runActionItem(parts, item, context);
    return [];
  } catch (error) {
    const failure = toShelveryError(error, 'pulling what was shared');
    parts.log.error('SHELVERY_EVENT_REFUSED', failure.message, {
      recordId: first.recordId,
      ...aboutError(failure),
    });
    return ours.map(({ recordId }) => ({ itemIdentifier: recordId }));
  }
}

/** Whether something is pulled because of an event. */
export function isOfConcern(
  { region: there, by }: ShareEvent['shared'],
  { values }: RunConfig,
  region: Region,
): boolean {
  return there === region && values.shelvery_source_aws_account_ids.includes(by);
}
