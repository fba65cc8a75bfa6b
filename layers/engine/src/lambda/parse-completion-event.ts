import * as z from 'zod';
import { COMPLETION_EVENTS } from '../domain/completion-events.js';
import type { CompletionEvent, DetailType } from '../domain/completion-events.js';
import { ShelveryError } from '../domain/errors.js';
import { AccountId, BackupId, Region } from '../domain/values.js';
import type { BackupType } from '../domain/values.js';

/** Backups that AWS says are complete. Anybody may have written it: it is only a reason to look. */
export interface CompletedBackups {
  readonly kind: 'completed';
  /** The account and the region that it happened in. */
  readonly account: AccountId;
  readonly region: Region;
  readonly ids: readonly BackupId[];
}

/** What AWS says has happened, as far as it concerns a backup type. */
export type Told =
  | CompletedBackups
  | { readonly kind: 'shared'; readonly account: AccountId; readonly region: Region; readonly by: AccountId }
  /** Something else: the deletion of a snapshot, a copy that failed. */
  | { readonly kind: 'not-of-concern' };

/** What all events of AWS have in common (page "AWS service event metadata" of EventBridge). */
const AwsEvent = z.object({ source: z.enum(['aws.ec2', 'aws.rds']), 'detail-type': z.string() });
const Happened = z.object({ account: AccountId, region: Region, detail: z.record(z.string(), z.unknown()) });

/**
 * The id at the end of a snapshot's ARN. The documentation has it as `arn:aws:ec2::eu-west-1:snapshot/snap-…` and as
 * `arn:aws:ec2:eu-west-1::snapshot/snap-…`.
 */
const SnapshotArn = z
  .string()
  .transform((arn) => arn.slice(arn.lastIndexOf('/') + 1))
  .pipe(BackupId);

/** The documentation has the account as a bare number, which loses the zeros that it may begin with. */
const Sharer = z
  .union([z.string(), z.number().int()])
  .transform((account) => String(account).padStart(12, '0'))
  .pipe(AccountId);

const Shared = z.object({ source: Sharer });
const Completed = z.object({ snapshot_id: SnapshotArn });
const DatabaseSnapshot = z
  .object({ SourceIdentifier: BackupId })
  .transform(({ SourceIdentifier: id }): readonly BackupId[] => [id]);

/** The backups that a detail names. */
const IDS: Readonly<Record<DetailType, z.ZodType<readonly BackupId[]>>> = {
  'EBS Snapshot Notification': Completed.transform(({ snapshot_id: id }) => [id]),
  'EBS Multi-Volume Snapshots Completion Status': z
    .object({ snapshots: z.array(Completed) })
    .transform(({ snapshots }) => snapshots.map(({ snapshot_id: id }) => id)),
  'EC2 AMI State Change': z.object({ ImageId: BackupId }).transform(({ ImageId: id }) => [id]),
  'RDS DB Snapshot Event': DatabaseSnapshot,
  'RDS DB Cluster Snapshot Event': DatabaseSnapshot,
};

/**
 * Understands an event that a service of AWS sent through EventBridge.
 *
 * @returns nothing where it is no such event; an error where it is one that the type's function has no use for, or whose
 *   detail is not as AWS documents it.
 */
export function parseCompletionEvent(raw: unknown, type: BackupType): Told | ShelveryError | undefined {
  const event = AwsEvent.safeParse(raw);
  if (!event.success) return undefined;
  const { source, 'detail-type': detailType } = event.data;
  const expected = COMPLETION_EVENTS[type].find((each) => each.source === source && each.detailType === detailType);
  if (expected === undefined) {
    const wanted = COMPLETION_EVENTS[type].map((each) => JSON.stringify(each.detailType));
    return new ShelveryError(
      'EventError',
      `The function for ${type} has no use for the event ${JSON.stringify(detailType)} of ${source}; it takes ${wanted.length === 0 ? 'none of AWS' : wanted.join(', ')}. Correct the rule that sends it.`,
    );
  }
  const happened = Happened.safeParse(raw);
  if (!happened.success) return notUnderstood(detailType, happened.error);
  const { account, region, detail } = happened.data;
  if (!isTold(detail, expected)) return { kind: 'not-of-concern' };
  if (detail['event'] === 'shareSnapshot') {
    const shared = Shared.safeParse(detail);
    if (!shared.success) return notUnderstood(detailType, shared.error);
    return { kind: 'shared', account, region, by: shared.data.source };
  }
  const ids = IDS[expected.detailType].safeParse(detail);
  return ids.success ? { kind: 'completed', account, region, ids: ids.data } : notUnderstood(detailType, ids.error);
}

function isTold(detail: Readonly<Record<string, unknown>>, { detail: expected }: CompletionEvent): boolean {
  return Object.entries(expected).every(([key, values]) => values.some((value) => value === detail[key]));
}

function notUnderstood(detailType: string, error: z.ZodError): ShelveryError {
  return new ShelveryError(
    'EventError',
    `The event ${JSON.stringify(detailType)} is not understood: ${z.prettifyError(error).replace(/\s+/g, ' ')}.`,
  );
}
