import type { Backup, FoundBackup } from '../domain/backup/backup.js';
import { again, dated, decideDelayed, isOver, operationKey, subjectOfOperation } from '../domain/delayed.js';
import type { DelayedDecision, DelayedMessage, DelayedOperation, ObservedState, Waiting } from '../domain/delayed.js';
import { ShelveryError } from '../domain/errors.js';
import { operationText } from '../domain/operation-text.js';
import { present } from '../domain/present.js';
import { toShelveryError } from '../domain/telling/faults.js';
import { withoutFullStop } from '../domain/telling/full-stop.js';
import type { OutcomeSubject } from '../domain/telling/outcome.js';
import type { BackupId, Region } from '../domain/values.js';
import type { RunContext } from '../operations/context.js';
import type { DelayedItem, WorkResult } from '../operations/follow/delayed-work.js';
import { readFound, subjectOf, subjectOfShare } from '../operations/identify.js';
import { isMadeAgain, tellUnshared, willBeMadeAgain } from '../operations/follow/made-again.js';
import { replaceFailedCopy } from '../operations/follow/store-backup.js';
import { failureOf, workOn } from './work-on.js';

/** What becomes of one message of a batch. Whoever delivered the message also sends `message` or `next`. */
export type StepResult =
  | { readonly kind: 'done'; readonly next: readonly DelayedMessage[] }
  | {
      readonly kind: 'again';
      readonly message: DelayedMessage;
      readonly why: string;
      /** Its backup is available: no event tells when the rest is. */
      readonly untold?: true;
      /** The region that takes no more copies now: all that are to be copied there wait for the same. */
      readonly full?: Region;
    }
  | { readonly kind: 'threw'; readonly error: unknown };

/**
 * Takes a batch of delayed operations one step further: one describe per region for all of them, then a decision for
 * each, then the work of those whose backup is available. Where messages ask for the same operation, as after a
 * repeated run, it is done once: of two that copy at the same time, neither would see the other's copy.
 *
 * @returns a result for every message. Of several that ask for the same operation the first has its result, and the
 *   others are `done`. Nothing is sent: the caller sends repeats, and what follows.
 */
export async function stepDelayed(
  context: RunContext,
  given: readonly DelayedMessage[],
): Promise<ReadonlyMap<DelayedMessage, StepResult>> {
  const results = new Map<DelayedMessage, StepResult>();
  const messages = distinct(given);
  for (const message of given) results.set(message, { kind: 'done', next: [] });
  const ready: DelayedItem[] = [];
  await Promise.all(
    regionsOf(messages).map(async (region) => {
      const here = messages.filter((message) => message.operation.region === region);
      let found: ReadonlyMap<BackupId, FoundBackup>;
      try {
        found = await context.adapter.describeBackups(region, [
          ...new Set(here.map((message) => message.operation.backupId)),
        ]);
      } catch (error) {
        for (const message of here)
          results.set(message, toStepResult(context, message, failureOf(message.operation, error)));
        return;
      }
      for (const message of here) {
        const item = await workOrResult(context, message, found.get(message.operation.backupId));
        if ('kind' in item) results.set(message, item);
        else ready.push(item);
      }
    }),
  );
  for (const [{ message, operation, backup }, result] of await workOn(context, ready))
    results.set(message, toStepResult(context, message, result, subjectFor(operation, backup), backup));
  return results;
}

/**
 * The first of those that ask for the same operation; of messages about tries of a copy that all have its name that of the
 * last, which knows how many there were.
 */
function distinct(messages: readonly DelayedMessage[]): readonly DelayedMessage[] {
  const tries = ({ waiting }: DelayedMessage): number => waiting.remakes ?? 0;
  return [...Map.groupBy(messages, ({ operation }) => operationKey(operation)).values()].flatMap((same) =>
    same.toSorted((one, other) => tries(other) - tries(one)).slice(0, 1),
  );
}

function regionsOf(messages: readonly DelayedMessage[]): readonly Region[] {
  return [...new Set(messages.map((message) => message.operation.region))];
}

/** The result of a message that needs no work (now), or else the item to work on. */
async function workOrResult(
  context: RunContext,
  message: DelayedMessage,
  found: FoundBackup | undefined,
): Promise<StepResult | DelayedItem> {
  const { operation } = message;
  const waiting = waitingOf(context, message, found?.state === 'pending' ? found.startedAt : undefined);
  const decision = decideDelayed(observed(found), waiting, context.clock.now());
  if (found === undefined)
    return await concludedUnlessMadeAgain(context, message, decision, subjectOfOperation(operation), waiting.copyOf);
  const read = readFound(found, context);
  if (read.kind === 'unreadable') {
    const error = new ShelveryError(
      'BackupUnreadable',
      `${found.id}: ${read.problem}. Correct the tag; the next clean_backups stores its metadata.`,
    );
    context.report({ ...subjectOfOperation(operation), status: 'failed', error });
    return endedFor(context, message);
  }
  if (read.kind === 'somebodys') {
    context.report({
      ...subjectOfOperation(operation),
      status: 'ignored',
      reason: `${found.id} is not ours: ${read.why}`,
    });
    return endedFor(context, message);
  }
  const facts = operation.action === 'do_archive_backup' ? undefined : operation.facts;
  const backup: Backup = { ...read.backup, ...present({ facts }) };
  // Its name is not known for sure yet: lists lag behind the call that gives it.
  if (decision.kind === 'work' && backup.unnamed === true) {
    return toStepResult(context, message, { kind: 'not-yet', why: 'its own tags are not there yet' });
  }
  if (decision.kind === 'work') return { message, operation, backup };
  if (
    decision.kind === 'give-up' &&
    decision.code === 'BackupFailed' &&
    operation.action === 'do_store_backup_data' &&
    backup.place !== 'local'
  ) {
    return await replace(context, message, backup);
  }
  const subject = subjectFor(operation, backup);
  if (decision.kind !== 'give-up' || backup.place !== 'dr' || operation.action !== 'do_share_backup')
    return concluded(context, message, decision, subject, backup);
  // Its storing, which has the same deadline, has it made again.
  if (willBeMadeAgain(waiting) && !isOver(waiting, context.clock.now()))
    return leftToNext(context, message, 'is made again');
  return await concludedUnlessMadeAgain(context, message, decision, subject, backup.source);
}

/** @param source what the DR copy that this is about was made of; else there is none that could have been made again. */
async function concludedUnlessMadeAgain(
  context: RunContext,
  message: DelayedMessage,
  decision: DelayedDecision,
  subject: OutcomeSubject,
  source: string | undefined,
): Promise<StepResult> {
  const { operation } = message;
  try {
    return decision.kind === 'give-up' &&
      source !== undefined &&
      (await isMadeAgain(context, operation.region, operation.backupId, source))
      ? leftToNext(context, message, 'was made again')
      : concluded(context, message, decision, subject);
  } catch (error) {
    return toStepResult(context, message, failureOf(operation, error), subject);
  }
}

/** What is made in the place of a DR copy has messages of its own. */
function leftToNext(context: RunContext, { operation }: DelayedMessage, what: string): StepResult {
  const { action, backupId, region } = operation;
  context.log.info(
    'SHELVERY_LEFT_TO_NEXT_COPY',
    `${action} of ${backupId} in ${region} is left to the next copy: this one failed, and ${what}.`,
    { backupId, region },
  );
  return { kind: 'done', next: [] };
}

/** An operation has ended without its work; what its copy was to be shared with is told of. */
function endedFor(context: RunContext, { operation, waiting }: DelayedMessage, backup?: Backup): StepResult {
  if (operation.action === 'do_copy_backup') tellUnshared(context, operation, waiting, backup);
  return { kind: 'done', next: [] };
}

async function replace(context: RunContext, message: DelayedMessage, copy: Backup): Promise<StepResult> {
  try {
    return toStepResult(context, message, await replaceFailedCopy(context, copy, { message }));
  } catch (error) {
    return toStepResult(context, message, failureOf(message.operation, error));
  }
}

/** @param made when the backup was made, where that is known. */
function waitingOf({ clock, config }: RunContext, { waiting }: DelayedMessage, made?: Date): Waiting {
  return dated(waiting, clock.now(), config.values.shelvery_wait_deadline_hours, made);
}

function observed(found: FoundBackup | undefined): ObservedState {
  if (found === undefined) return { state: 'gone' };
  if (found.state !== 'failed') return { state: found.state };
  return { state: 'failed', ...present({ reason: found.stateReason }) };
}

function concluded(
  context: RunContext,
  message: DelayedMessage,
  decision: DelayedDecision,
  subject: OutcomeSubject,
  backup?: Backup,
  why = 'the backup is not available yet',
): StepResult {
  switch (decision.kind) {
    case 'work':
      return { kind: 'done', next: [] };
    case 'again':
      return {
        kind: 'again',
        message: { ...message, waiting: decision.waiting },
        why,
      };
    case 'give-up': {
      const what = subject.backupName ?? message.operation.backupId;
      const error = new ShelveryError(
        decision.code,
        `${message.operation.action} of ${what} (${message.operation.backupId} in ${message.operation.region}): ${withoutFullStop(decision.reason)}.`,
      );
      context.report({ ...subject, status: 'failed', error });
      return endedFor(context, message, backup);
    }
  }
}

/**
 * @param subject what is told of it where its deadline has passed.
 * @param backup that it works on, where that is known.
 */
function toStepResult(
  context: RunContext,
  message: DelayedMessage,
  result: WorkResult,
  subject = subjectOfOperation(message.operation),
  backup?: Backup,
): StepResult {
  switch (result.kind) {
    case 'threw':
      return result;
    case 'done':
      return {
        kind: 'done',
        next: result.next.map(({ operation, waiting }) => ({
          backupType: message.backupType,
          operation,
          waiting,
        })),
      };
    case 'not-yet': {
      const { operation } = message;
      const decision = again(waitingOf(context, message), context.clock.now(), result.why);
      const step = concluded(context, message, decision, subject, backup, result.why);
      if (step.kind !== 'again') return step;
      const isFull = result.isFull === true && operation.action === 'do_copy_backup';
      return { ...step, untold: true, ...(isFull ? { full: operation.toRegion } : {}) };
    }
  }
}

function subjectFor(operation: DelayedOperation, backup: Backup): OutcomeSubject {
  if (operation.action === 'do_share_backup') return subjectOfShare(backup, operation.account);
  const subject = subjectOfOperation(operation);
  return { ...subjectOf(subject.operation, backup), ...subject };
}

/** What a thrown result means for people: an outcome of the operation. */
export function reportThrown(context: RunContext, message: DelayedMessage, error: unknown): void {
  const { operation } = message;
  context.report({
    ...subjectOfOperation(operation),
    status: 'failed',
    error: toShelveryError(error, `running ${operationText(operation)}`),
  });
}
