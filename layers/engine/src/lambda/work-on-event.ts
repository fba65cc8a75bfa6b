import type { Context, SQSBatchResponse } from 'aws-lambda';
import { onlyLooks } from '../domain/actions.js';
import type { RunConfig } from '../domain/config/config.js';
import { aboutError } from '../domain/errors.js';
import type { ShelveryError } from '../domain/errors.js';
import { present } from '../domain/present.js';
import { toShelveryError } from '../domain/telling/faults.js';
import type { Region } from '../domain/values.js';
import type { ActionAnswer } from './action-answer.js';
import type { FunctionParts } from './open-in-lambda.js';
import { notByQueue } from './parse-event.js';
import type { ConfiguredEvent, ReadyItem, Work } from './parse-event.js';
import { isOfConcern, pullWhatWasShared } from './pull-shared.js';
import type { ShareEvent } from './pull-shared.js';
import { runActionItem } from './run-action-item.js';
import { runInvocation, runQueued } from './run-delayed-items.js';
import type { QueuedItem } from './run-delayed-items.js';

/** The configuration of the first payload that changes something; none where an event only looks. */
export function configOfChanges({ items }: ConfiguredEvent): RunConfig | undefined {
  return items.flatMap((item) => ('work' in item && changesSomething(item.work) ? [item.runConfig] : []))[0];
}

function changesSomething(work: Work): boolean {
  if (work.kind === 'not-of-concern') return false;
  return work.kind !== 'action' || !(work.dryRun || onlyLooks(work.action));
}

/**
 * Whether an event has to be worked on while no other makes copies of the type: of two that copy at the same time neither
 * would see the other's copy. A pull may meet another, whose schedule or sender is a different one; the sharing of a backup
 * with one account that with another, where it is re-encrypted for both. Where AWS's events are on, so may any two of an
 * event, its double and the message that waits for the same backup.
 */
export function isDoneAlone({ items, source }: ConfiguredEvent, region: Region): boolean {
  return items.some((item) => 'work' in item && makesCopies(item, source, region));
}

function makesCopies({ work, runConfig }: ReadyItem, source: ConfiguredEvent['source'], region: Region): boolean {
  const { shelvery_completion_events: events, shelvery_reencrypt_kms_key_id: keys } = runConfig.values;
  const byEvents = events === 'ENABLED';
  switch (work.kind) {
    case 'completed':
      return byEvents;
    case 'shared':
      return byEvents && isOfConcern(work, runConfig, region);
    case 'delayed':
      // An invocation waits for its backups, and would keep all others from theirs. It has the operations of a backup together.
      return (
        source === 'queue' &&
        work.messages.some(
          ({ operation: { action } }) =>
            (action === 'do_copy_backup' && byEvents) || (action === 'do_share_backup' && keys.size > 0),
        )
      );
    case 'action':
      return work.action === 'pull_shared_backups' && changesSomething(work);
    case 'not-of-concern':
      return false;
  }
}

/** Works on what an event asks for, one payload after the other; queued operations together. */
export async function workOnEvent(
  parts: FunctionParts,
  event: ConfiguredEvent,
  context: Context,
): Promise<ActionAnswer | SQSBatchResponse | undefined> {
  const failed: { readonly recordId: string; readonly error: ShelveryError }[] = [];
  const queued: QueuedItem[] = [];
  const shares: ShareEvent[] = [];
  let answer: ActionAnswer | undefined;
  for (const item of event.items) {
    const { recordId, config: payloadConfig } = item;
    try {
      if ('error' in item) throw item.error;
      const { work, runConfig: config } = item;
      if (work.kind === 'not-of-concern') continue;
      if (work.kind === 'completed' || work.kind === 'shared') {
        if (event.source !== 'queue' || recordId === undefined) throw notByQueue();
        if (work.kind === 'completed') queued.push({ recordId, completed: work, config, payloadConfig });
        else shares.push({ recordId, shared: work, config });
        continue;
      }
      if (work.kind === 'delayed') {
        if (event.source === 'queue' && recordId !== undefined)
          queued.push(...work.messages.map((message) => ({ recordId, message, config, payloadConfig })));
        else await runInvocation(parts, { config, payloadConfig, messages: work.messages }, context);
        continue;
      }
      answer = await runActionItem(parts, { work, config, payloadConfig, ...present({ recordId }) }, context);
    } catch (error) {
      if (recordId === undefined) throw error;
      const failure = toShelveryError(error, `the record ${recordId}`);
      parts.log.error('SHELVERY_EVENT_REFUSED', failure.message, { recordId, ...aboutError(failure) });
      failed.push({ recordId, error: failure });
    }
  }
  if (event.source === 'queue') {
    const items = await runQueued(parts, queued, context);
    const unpulled = await pullWhatWasShared(parts, shares, context);
    return {
      batchItemFailures: [...failed.map(({ recordId }) => ({ itemIdentifier: recordId })), ...items, ...unpulled],
    };
  }
  const [first] = failed;
  if (first !== undefined) throw first.error;
  return answer;
}
