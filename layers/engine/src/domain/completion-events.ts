import type { RunConfig } from './config/config.js';
import type { ConfigKey } from './config/config-schema.js';
import type { DelayedMessage } from './delayed.js';
import type { BackupType, Region } from './values.js';

/** Members of an event's `detail`, each with the values that count. */
export type DetailValues = Readonly<Record<string, readonly string[]>>;

/** What EventBridge calls the events. */
export type DetailType =
  | 'EBS Snapshot Notification'
  | 'EBS Multi-Volume Snapshots Completion Status'
  | 'EC2 AMI State Change'
  | 'RDS DB Snapshot Event'
  | 'RDS DB Cluster Snapshot Event';

/** Events by which AWS tells that a backup is complete, or that one was shared with this account. */
export interface CompletionEvent {
  readonly source: 'aws.ec2' | 'aws.rds';
  readonly detailType: DetailType;
  readonly detail: DetailValues;
  /** Those of them that tell of copies: all that is wanted of a DR region. Left out where no event tells of copies. */
  readonly ofCopies?: DetailValues;
}

/**
 * Page "Amazon RDS event categories and event messages for Aurora" (section "DB cluster snapshot events"): manual cluster
 * snapshot created; it has none for copies. Multi-AZ clusters: the page of the same title of Amazon RDS. DocumentDB "uses
 * existing Amazon RDS event definitions and IDs" (page "Amazon DocumentDB event categories and messages").
 */
const CLUSTER_SNAPSHOT: CompletionEvent = {
  source: 'aws.rds',
  detailType: 'RDS DB Cluster Snapshot Event',
  detail: { EventID: ['RDS-EVENT-0075'] },
};

/**
 * The events of each backup type. They are delivered at best, not surely (page "Amazon Relational Database Service events"
 * of EventBridge and those below), so that nothing depends on them: the messages of delayed operations come in any case.
 */
export const COMPLETION_EVENTS: Readonly<Record<BackupType, readonly CompletionEvent[]>> = {
  // Page "Amazon EventBridge events for Amazon EBS". A copy's event is sent in the region of the copy, that of a share in
  // the account that it is shared with.
  ebs: [
    {
      source: 'aws.ec2',
      detailType: 'EBS Snapshot Notification',
      detail: { event: ['createSnapshot', 'copySnapshot', 'shareSnapshot'], result: ['succeeded'] },
      ofCopies: { event: ['copySnapshot'], result: ['succeeded'] },
    },
    {
      source: 'aws.ec2',
      detailType: 'EBS Multi-Volume Snapshots Completion Status',
      detail: { event: ['createSnapshots'], result: ['succeeded'] },
    },
  ],
  // Page "Monitor AMI events using Amazon EventBridge": `available` after CreateImage and CopyImage alike.
  ec2ami: [
    {
      source: 'aws.ec2',
      detailType: 'EC2 AMI State Change',
      detail: { State: ['available'] },
      ofCopies: { State: ['available'] },
    },
  ],
  // Page "Amazon RDS event categories and event messages" (section "DB snapshot events"): manual snapshot created, copy
  // from another region finished, copy within a region finished.
  rds: [
    {
      source: 'aws.rds',
      detailType: 'RDS DB Snapshot Event',
      detail: { EventID: ['RDS-EVENT-0042', 'RDS-EVENT-0060', 'RDS-EVENT-0197'] },
      ofCopies: { EventID: ['RDS-EVENT-0060', 'RDS-EVENT-0197'] },
    },
  ],
  rds_cluster: [CLUSTER_SNAPSHOT],
  docdb: [CLUSTER_SNAPSHOT],
  // Page "Amazon Redshift events" of EventBridge: only events of integrations are sent there. See `SUBSCRIBED_EVENTS`.
  redshift: [],
};

/**
 * The ids of events that a service publishes to a topic of SNS when a snapshot is complete, where somebody has subscribed that to
 * them. Page "Amazon Redshift event notifications": of the source type `cluster-snapshot`, in the category `monitoring`. It has none
 * for copies. Nobody has to subscribe: so these hasten only, and messages wait no longer for them.
 */
export const SUBSCRIBED_EVENTS: Readonly<Partial<Record<BackupType, string>>> = { redshift: 'REDSHIFT-EVENT-3004' };

/**
 * Whether an event tells when the backup of a delayed operation is complete. What lies in another region, and what was
 * pulled, is a copy.
 */
export function isToldByEvent({ backupType, operation }: DelayedMessage, localRegion: Region): boolean {
  // What is archived is complete already.
  if (operation.action === 'do_archive_backup') return false;
  const isCopy = operation.region !== localRegion || 'pulledFrom' in operation;
  const events = COMPLETION_EVENTS[backupType];
  return isCopy ? events.some(({ ofCopies }) => ofCopies !== undefined) : events.length > 0;
}

/** What a payload may say of a run without a word on what follows its backups. */
const ONLY_OF_THE_RUN: readonly ConfigKey[] = ['shelvery_current_retention_type', 'shelvery_select_entity'];

/**
 * Whether events begin what follows the backups that a run makes; these carry the tag `woken_by_events` then. An event
 * knows the configuration of the stack alone. So it begins nothing for a run in a terminal, which waits itself, nor for one
 * whose payload configures more than the run: that configuration goes with the messages.
 */
export function isWokenByEvents({
  config: { values, levels },
  inStack,
}: {
  readonly config: Pick<RunConfig, 'values' | 'levels'>;
  readonly inStack: boolean;
}): boolean {
  if (!inStack || values.shelvery_completion_events !== 'ENABLED') return false;
  return Object.entries(levels).every(
    ([key, level]) => level !== 'payload' || ONLY_OF_THE_RUN.some((each) => each === key),
  );
}
