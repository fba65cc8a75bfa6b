import { addHours, min } from 'date-fns';
import * as z from 'zod';
import type { DelayedAction } from './actions.js';
import { parseSource } from './backup/copy-source.js';
import { factsFrom } from './backup/resource-facts.js';
import type { ResourceFacts } from './backup/resource-facts.js';
import { present } from './present.js';
import { withoutFullStop } from './telling/full-stop.js';
import type { OutcomeSubject } from './telling/outcome.js';
import { AccountId, BackupId as PlainBackupId, Region } from './values.js';
import type { BackupId, BackupType } from './values.js';

/** How often a message has been sent again, and when its operation gives up in any case. */
export interface Waiting {
  readonly attempt: number;
  readonly deadline?: Date;
  /** How often the copy that this is about has been made again because it had failed. */
  readonly remakes?: number;
  /** What the DR copy that this is about was made of, `<region>:<id>`: shows what was made in its place. */
  readonly copyOf?: string;
  /** Its backup was not found at the first look. Lists may lag behind what was just made: the second look decides. */
  readonly unseen?: true;
}

/** A shared file that a pulled copy was made from, to be moved once all that follows the copy is done. */
export interface PulledFrom {
  readonly account: AccountId;
  readonly key: string;
}

/** For what writes a metadata file, or leads to one: what the backup was made of, which nobody may be able to ask any more. */
interface WithFacts {
  readonly facts?: ResourceFacts;
}

/** For what writes a metadata file: it is written even over that of an older backup that is there. */
interface Anew {
  readonly anew?: true;
}

/** What one delayed operation is asked to do. */
export type DelayedOperation =
  | ({
      readonly action: 'do_store_backup_data';
      readonly backupId: BackupId;
      readonly region: Region;
      readonly pulledFrom?: PulledFrom;
    } & WithFacts &
      Anew)
  | ({
      readonly action: 'do_copy_backup';
      readonly backupId: BackupId;
      readonly region: Region;
      readonly toRegion: Region;
    } & WithFacts)
  | ({
      readonly action: 'do_share_backup';
      readonly backupId: BackupId;
      readonly region: Region;
      readonly account: AccountId;
    } & WithFacts &
      Anew)
  | {
      readonly action: 'do_archive_backup';
      readonly backupId: BackupId;
      readonly region: Region;
      readonly pulledFrom?: PulledFrom;
    };

/** The `config` of a payload, not yet understood. */
export type PayloadConfig = Readonly<Record<string, unknown>>;

/** A delayed operation on its way: through a queue, in an invocation, or within the process. */
export interface DelayedMessage {
  readonly backupType: BackupType;
  readonly operation: DelayedOperation;
  readonly waiting: Waiting;
}

/** The original names Redshift snapshots by their ARN, `arn:…:snapshot:<cluster>/<name>`. */
const WireBackupId = z.preprocess(
  (raw) => (typeof raw === 'string' ? raw.replace(/^arn:[^:]+:redshift:[^:]*:\d*:snapshot:[^/]+\//, '') : raw),
  PlainBackupId,
);

/** `arguments` on the wire: the original's fields, and ours for the attempt and the deadline. */
const Waited = z.object({
  Attempt: z.number().int().min(0).optional(),
  Deadline: z.iso.datetime().optional(),
  Remakes: z.number().int().min(0).optional(),
  CopyOf: z
    .string()
    .refine((text) => parseSource(text) !== undefined, { error: '<region>:<id>' })
    .optional(),
  Unseen: z.literal(true).optional(),
  /** The original's counter in asynchronous invocations. */
  lambda_wait_iteration: z.number().int().min(0).optional(),
  Restore: z.unknown().optional(),
  Anew: z.boolean().optional(),
});
const InOnePlace = Waited.extend({
  BackupId: WireBackupId,
  BackupRegion: Region,
  SourceAccount: AccountId.optional(),
  SharedKey: z.string().max(1024).optional(),
});
const Copied = Waited.extend({ BackupId: WireBackupId, OriginRegion: Region, Region }).refine(
  // Its copy would lie beside it, and no list shows it: a DR copy is looked for in other regions.
  (read) => read.OriginRegion !== read.Region,
  { path: ['Region'], error: 'another region than OriginRegion' },
);
const Shared = Waited.extend({ BackupId: WireBackupId, Region, AwsAccountId: AccountId });

/** Parses the `arguments` of a delayed operation. Problems come back as text that names the field. */
export function parseDelayedArguments(
  action: DelayedAction,
  raw: unknown,
): { readonly operation: DelayedOperation; readonly waiting: Waiting } | { readonly problem: string } {
  switch (action) {
    case 'do_store_backup_data':
    case 'do_archive_backup': {
      const read = InOnePlace.safeParse(raw);
      if (!read.success) return { problem: z.prettifyError(read.error) };
      const { BackupId: backupId, BackupRegion: region, SourceAccount: account, SharedKey: key } = read.data;
      const pulled = account === undefined || key === undefined ? {} : { pulledFrom: { account, key } };
      const forFile = action === 'do_archive_backup' ? {} : { ...factsIn(read.data), ...anewIn(read.data) };
      return { operation: { action, backupId, region, ...pulled, ...forFile }, waiting: waitingOf(read.data) };
    }
    case 'do_copy_backup': {
      const read = Copied.safeParse(raw);
      if (!read.success) return { problem: z.prettifyError(read.error) };
      const { BackupId: backupId, OriginRegion: region, Region: toRegion } = read.data;
      const operation = { action, backupId, region, toRegion, ...factsIn(read.data) };
      return { operation, waiting: waitingOf(read.data) };
    }
    case 'do_share_backup': {
      const read = Shared.safeParse(raw);
      if (!read.success) return { problem: z.prettifyError(read.error) };
      const { BackupId: backupId, Region: region, AwsAccountId: account } = read.data;
      const operation = { action, backupId, region, account, ...factsIn(read.data), ...anewIn(read.data) };
      return { operation, waiting: waitingOf(read.data) };
    }
  }
}

function factsIn({ Restore: told }: z.infer<typeof Waited>): WithFacts {
  return present({ facts: factsFrom(told) });
}

function anewIn({ Anew: anew }: z.infer<typeof Waited>): Anew {
  return anew === true ? { anew } : {};
}

function waitingOf(read: z.infer<typeof Waited>): Waiting {
  return {
    attempt: read.Attempt ?? read.lambda_wait_iteration ?? 0,
    ...(read.Deadline === undefined ? {} : { deadline: new Date(read.Deadline) }),
    ...present({ remakes: read.Remakes, copyOf: read.CopyOf, unseen: read.Unseen }),
  };
}

/** The `arguments` of a delayed operation, as they go over the wire. */
export function formatDelayedArguments(
  operation: DelayedOperation,
  waiting: Waiting,
): Readonly<Record<string, unknown>> {
  const waited = {
    ...present({
      Restore: operation.action === 'do_archive_backup' ? undefined : operation.facts,
      Anew: 'anew' in operation ? operation.anew : undefined,
    }),
    Attempt: waiting.attempt,
    ...present({
      Deadline: waiting.deadline?.toISOString(),
      Remakes: waiting.remakes,
      CopyOf: waiting.copyOf,
      Unseen: waiting.unseen,
    }),
  };
  switch (operation.action) {
    case 'do_store_backup_data':
    case 'do_archive_backup': {
      const { pulledFrom } = operation;
      const pulled = pulledFrom === undefined ? {} : { SourceAccount: pulledFrom.account, SharedKey: pulledFrom.key };
      return { BackupId: operation.backupId, BackupRegion: operation.region, ...pulled, ...waited };
    }
    case 'do_copy_backup':
      return { BackupId: operation.backupId, OriginRegion: operation.region, Region: operation.toRegion, ...waited };
    case 'do_share_backup':
      return { BackupId: operation.backupId, Region: operation.region, AwsAccountId: operation.account, ...waited };
  }
}

/**
 * The whole payload of a delayed operation, as a queue or an invocation carries it.
 *
 * @param config the `config` of the payload that it follows from, which goes with everything that follows.
 */
export function formatDelayedPayload(
  message: DelayedMessage,
  config?: PayloadConfig,
): Readonly<Record<string, unknown>> {
  return {
    backup_type: message.backupType,
    action: message.operation.action,
    arguments: formatDelayedArguments(message.operation, message.waiting),
    ...present({ config }),
  };
}

/** What an outcome says of a delayed operation whose backup is not known. */
export function subjectOfOperation(operation: DelayedOperation): OutcomeSubject {
  const { backupId, region } = operation;
  switch (operation.action) {
    case 'do_store_backup_data':
      return { operation: 'StoreBackupData', backupId, region };
    case 'do_copy_backup':
      return { operation: 'CopyBackupToRegion', backupId, region, destinationRegion: operation.toRegion };
    case 'do_share_backup':
      return { operation: 'ShareBackup', backupId, region, destinationAccount: operation.account };
    case 'do_archive_backup':
      return { operation: 'ArchiveBackup', backupId, region };
  }
}

/** Tells delayed operations apart; the same operation asked for twice has the same key. */
export function operationKey(operation: DelayedOperation): string {
  const how = 'anew' in operation ? ['anew'] : [];
  return [operation.action, operation.region, operation.backupId, ...whereTo(operation), ...how].join(' ');
}

function whereTo(operation: DelayedOperation): readonly string[] {
  switch (operation.action) {
    case 'do_copy_backup':
      return [operation.toRegion];
    case 'do_share_backup':
      return [operation.account];
    case 'do_store_backup_data':
    case 'do_archive_backup':
      return operation.pulledFrom === undefined ? [] : [operation.pulledFrom.account, operation.pulledFrom.key];
  }
}

/** What becomes of one delayed operation, judged by the state of its backup. */
export type DelayedDecision =
  | { readonly kind: 'work' }
  | { readonly kind: 'again'; readonly waiting: Waiting }
  | {
      readonly kind: 'give-up';
      readonly code: 'BackupFailed' | 'BackupGone' | 'DeadlinePassed';
      readonly reason: string;
    };

/** The state of a backup as far as a delayed operation is concerned. */
export type ObservedState =
  | { readonly state: 'available' | 'pending' }
  | { readonly state: 'failed'; readonly reason?: string }
  | { readonly state: 'gone' };

/**
 * Decides what a delayed operation does now. The deadline stays that of the first message; without one it never gives
 * up on a pending backup.
 */
export function decideDelayed(observed: ObservedState, waiting: Waiting, now: Date): DelayedDecision {
  switch (observed.state) {
    case 'available':
      return { kind: 'work' };
    case 'failed':
      return {
        kind: 'give-up',
        code: 'BackupFailed',
        reason: `the service could not make it${observed.reason === undefined ? '' : `: ${observed.reason}`}`,
      };
    case 'gone':
      // Page "Eventual consistency in the Amazon EC2 API": what was just made may not be listed yet.
      if (waiting.unseen !== true) return again({ ...waiting, unseen: true }, now, 'it was not found');
      return { kind: 'give-up', code: 'BackupGone', reason: 'it does not exist any more' };
    case 'pending':
      return again(waiting, now, 'it did not become available');
  }
}

/** The message once more, with its attempt counted, unless its deadline has passed. */
export function again(waiting: Waiting, now: Date, why: string): DelayedDecision {
  const { deadline } = waiting;
  if (deadline !== undefined && isOver(waiting, now)) {
    return {
      kind: 'give-up',
      code: 'DeadlinePassed',
      reason: `its deadline, ${deadline.toISOString()}, has passed: ${withoutFullStop(why)}`,
    };
  }
  return { kind: 'again', waiting: { ...waiting, attempt: waiting.attempt + 1 } };
}

/** Whether a message has waited for as long as it may. */
export function isOver({ deadline }: Waiting, now: Date): boolean {
  return deadline !== undefined && now >= deadline;
}

/** When the delayed operations of a backup give up: so many hours after it was made. */
export function deadlineOf(made: Date, hours: number): Date {
  return addHours(made, hours);
}

/**
 * The same, with the deadline that a message must have. Messages of the original have none: they get one, counted from
 * when the backup was made, or from now where that is not known. A deadline is believed as far as one that is given now
 * would reach: anybody may have written it.
 *
 * @param hours `shelvery_wait_deadline_hours`.
 */
export function dated(waiting: Waiting, now: Date, hours: number, made: Date = now): Waiting {
  const deadline = waiting.deadline ?? deadlineOf(made, hours);
  return { ...waiting, deadline: min([deadline, deadlineOf(now, hours)]) };
}
