import { formatDuration, intervalToDuration } from 'date-fns';
import type { BackupType } from '../values.js';
import { bucketOf } from './request-buckets.js';
import type { RequestBucket } from './request-buckets.js';

/**
 * The calls that backups of a type need: to be made, removed, copied and shared, each by itself; to be made together, one for a
 * set, and to be told apart then, each. Left out is what the type cannot do, and what no page states a rate of.
 */
const CALLS: Readonly<Record<BackupType, Readonly<Partial<Record<CountedCall, string>>>>> = {
  ebs: {
    create: 'ec2:CreateSnapshot',
    remove: 'ec2:DeleteSnapshot',
    copy: 'ec2:CopySnapshot',
    share: 'ec2:ModifySnapshotAttribute',
    set: 'ec2:CreateSnapshots',
    name: 'ec2:CreateTags',
  },
  ec2ami: {
    create: 'ec2:CreateImage',
    remove: 'ec2:DeregisterImage',
    copy: 'ec2:CopyImage',
    share: 'ec2:ModifyImageAttribute',
  },
  // RDS, DocumentDB and Redshift state no rates.
  rds: {},
  rds_cluster: {},
  docdb: {},
  redshift: {},
};

/** What is counted in calls. */
export type CountedCall = 'create' | 'remove' | 'copy' | 'share' | 'set' | 'name';

/** What is done in less is not worth saying. */
const WORTH_SAYING_S = 60;

/** How long AWS makes a run take. */
export interface LeastTime {
  readonly action: string;
  readonly seconds: number;
  /** For people, without a full stop. */
  readonly text: string;
}

/**
 * The least time that so many backups, or sets, take by the rate at which AWS takes calls. Nothing where that
 * is less than a minute, or no page states a rate.
 *
 * @example leastTime('ebs', 'create', 10_000)?.text
 *   // 'AWS takes 100 calls of ec2:CreateSnapshot at once, then 5 a second: 10,000 take at least 33 minutes'
 */
export function leastTime(type: BackupType, doing: CountedCall, calls: number): LeastTime | undefined {
  const seconds = leastSeconds(type, doing, calls);
  const [action, bucket] = bucketFor(type, doing);
  if (action === undefined || bucket === undefined || seconds < WORTH_SAYING_S) return undefined;
  const { size, perSecond } = bucket;
  const time = formatDuration(intervalToDuration({ start: 0, end: seconds * 1000 }), {
    format: ['days', 'hours', 'minutes'],
  });
  return {
    action,
    seconds,
    text: `AWS takes ${String(size)} calls of ${action} at once, then ${String(perSecond)} a second: ${calls.toLocaleString('en-US')} take at least ${time}`,
  };
}

/** The same in seconds, however few they are; 0 where no page states a rate, too. */
export function leastSeconds(type: BackupType, doing: CountedCall, calls: number): number {
  const [, bucket] = bucketFor(type, doing);
  return bucket === undefined ? 0 : Math.max(0, calls - bucket.size) / bucket.perSecond;
}

function bucketFor(
  type: BackupType,
  doing: CountedCall,
): readonly [action?: string, bucket?: RequestBucket | undefined] {
  const action = CALLS[type][doing];
  return action === undefined ? [] : [action, bucketOf(action)];
}
