import { formatDuration, hoursToMinutes, intervalToDuration, minutesToMilliseconds } from 'date-fns';
import { keepOf } from '../backup/retention.js';
import type { StandardRetentionType } from '../backup/retention.js';
import type { ConfigValues } from '../config/config-schema.js';
import type { BackupType, Region } from '../values.js';

/** A quota of AWS, for each account and region, as its page gives it before anybody has asked for more. */
export interface Quota {
  /** As Service Quotas calls it. */
  readonly name: string;
  readonly limit: number;
  /** The page of AWS's documentation that it is from. */
  readonly page: string;
}

/** The quotas that backups of one type count against. */
export interface TypeQuotas {
  /** How many backups a region may hold. */
  readonly stored: Quota;
  /** How many copies to one region may run at the same time; left out where no page tells it, or nothing is copied. */
  readonly copies?: Quota;
}

const FIVE_CLUSTER_COPIES: Quota = {
  name: 'snapshot copy requests in progress to a single destination Region',
  limit: 5,
  page: 'DB cluster snapshot copying',
};

/** Every quota that the estimates go by: AWS's defaults, which an account may have had raised. */
export const QUOTAS: Readonly<Record<BackupType, TypeQuotas>> = {
  ebs: {
    stored: { name: 'Snapshots per Region', limit: 100_000, page: 'Quotas for Amazon EBS' },
    copies: {
      name: 'Concurrent snapshot copies per destination Region',
      limit: 20,
      page: 'Quotas for Amazon EBS',
    },
  },
  ec2ami: { stored: { name: 'AMIs', limit: 50_000, page: 'AMI quotas in Amazon EC2' } },
  rds: {
    stored: { name: 'Manual DB instance snapshots', limit: 100, page: 'Quotas and constraints for Amazon RDS' },
    copies: {
      name: 'snapshot copy requests in progress to a single destination Region',
      limit: 20,
      page: 'Copying a DB snapshot for Amazon RDS',
    },
  },
  rds_cluster: {
    stored: { name: 'Manual DB cluster snapshots', limit: 100, page: 'Quotas and constraints for Amazon Aurora' },
    copies: FIVE_CLUSTER_COPIES,
  },
  docdb: {
    stored: { name: 'Manual cluster snapshots', limit: 100, page: 'Amazon DocumentDB quotas and limits' },
    copies: { ...FIVE_CLUSTER_COPIES, page: 'Copying Amazon DocumentDB cluster snapshots' },
  },
  // Not verified: the page's own text of April 2023 has 20, and no later one could be read as far as this row.
  redshift: { stored: { name: 'Snapshots', limit: 700, page: 'Quotas and limits in Amazon Redshift' } },
};

/** From here on a quota counts as nearly full. */
const NEARLY_FULL = 0.8;

/**
 * How long one copy is taken to last, in minutes. It is no number of AWS's: copies of what changed in a day take minutes,
 * the first copy of a large volume takes hours.
 */
const MINUTES_A_COPY = 6;

/** What a need comes to beside a quota. */
export interface QuotaVerdict {
  readonly kind: 'fits' | 'near' | 'over';
  /** The quota's name. */
  readonly quota: string;
  /** For people, without a full stop. */
  readonly text: string;
}

/**
 * Whether the backups of a region fit its quota, those that are there and those that are added.
 *
 * @param stored How many of Shelvery's there are: what else the account has there counts as well, and is not known.
 * @param added How many one run adds.
 */
export function judgeStored(
  type: BackupType,
  { region, stored, added }: { readonly region: Region; readonly stored: number; readonly added: number },
): QuotaVerdict {
  const { limit, name } = QUOTAS[type].stored;
  const then = stored + added;
  const kind = then > limit ? 'over' : then >= limit * NEARLY_FULL ? 'near' : 'fits';
  const others = kind === 'fits' ? '' : '; what others have made there counts as well';
  return {
    kind,
    quota: name,
    text: `${region} has ${number(stored)} of Shelvery's backups, and a run adds ${number(added)}: by default AWS allows ${number(limit)} (quota "${name}")${others}`,
  };
}

/**
 * About how many backups of a resource there are once each retention type has run for as long as it is kept. A day has one
 * backup, of the longest type that is due.
 *
 * @param place Copies in DR regions may have a retention of their own.
 */
export function keptInTheEnd(values: ConfigValues, place: 'local' | 'dr'): number {
  const keep = (type: StandardRetentionType): number => keepOf(type, values, place);
  const notFirstOfMonth = 1 - 12 / 365.25;
  const notSunday = 6 / 7;
  const notJanuary = 11 / 12;
  return Math.ceil(
    keep('daily') * notSunday * notFirstOfMonth +
      keep('weekly') * notFirstOfMonth +
      keep('monthly') * notJanuary +
      keep('yearly'),
  );
}

/**
 * Whether what the resources keep in the end fits the quota of their region.
 *
 * @param kept For each resource, as `keptInTheEnd` tells it.
 */
export function judgeKept(type: BackupType, region: Region, kept: readonly number[]): QuotaVerdict {
  const { limit, name } = QUOTAS[type].stored;
  const all = kept.reduce((sum, each) => sum + each, 0);
  const kind = all > limit ? 'over' : all >= limit * NEARLY_FULL ? 'near' : 'fits';
  return {
    kind,
    quota: name,
    text: `by their retention ${number(kept.length)} marked ${kept.length === 1 ? 'resource keeps' : 'resources keep'} about ${number(all)} backups in ${region} in the end: by default AWS allows ${number(limit)} (quota "${name}")`,
  };
}

/** The same of copies, with how long they take. */
export interface CopiesVerdict extends QuotaVerdict {
  readonly minutes: number;
}

/**
 * Whether the copies of one run to a region are done before the next run's are due. An estimate: `MINUTES_A_COPY` for each.
 * Nothing where all of them may run at the same time.
 *
 * @param rpoHours The objective that the copies are wanted for: the shortest of their resources'.
 */
export function judgeCopies(
  type: BackupType,
  { toRegion, copies, rpoHours }: { readonly toRegion: Region; readonly copies: number; readonly rpoHours: number },
): CopiesVerdict | undefined {
  const quota = QUOTAS[type].copies;
  if (quota === undefined || copies <= quota.limit) return undefined;
  const minutes = Math.ceil(copies / quota.limit) * MINUTES_A_COPY;
  return {
    kind: minutes > hoursToMinutes(rpoHours) ? 'over' : 'fits',
    quota: quota.name,
    minutes,
    text: `${number(copies)} copies to ${toRegion} at ${number(quota.limit)} at a time (quota "${quota.name}") take about ${duration(minutes)} where each takes ${String(MINUTES_A_COPY)} minutes; the objective is ${String(rpoHours)} ${rpoHours === 1 ? 'hour' : 'hours'} (shelvery_rpo_hours)`,
  };
}

/** What to do about a quota that is too small. */
export const RAISE_QUOTA = 'Keep fewer backups, or ask AWS to raise the quota. Service Quotas shows your own value';

/** What to do about copies that take too long. */
export const FEWER_COPIES =
  'Copy fewer resources to this region (the tag shelvery_dr_regions), or divide them among accounts; watch how long the copies really take';

/** @example number(100_000) // '100,000' */
function number(value: number): string {
  return value.toLocaleString('en-US');
}

/** @example duration(3_000) // '2 days 2 hours' */
function duration(minutes: number): string {
  return formatDuration(intervalToDuration({ start: 0, end: minutesToMilliseconds(minutes) }));
}
