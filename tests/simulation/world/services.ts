import { ADAPTERS } from '../../../cli/adapters.js';
import { ShelveryError } from '../../../layers/engine/src/domain/errors.js';
import type { AwsAccess } from '../../../layers/engine/src/aws/access.js';
import type { BackupAdapter } from '../../../layers/engine/src/ports.js';
import type { ConfigValues } from '../../../layers/engine/src/domain/config/config-schema.js';
import type { BackupType } from '../../../layers/engine/src/domain/values.js';
import { AccountId, BACKUP_TYPES, Region } from '../../../layers/engine/src/domain/values.js';

type TimeOf = 'startedAt' | 'dataTime';
const BOTH_TIMES: readonly TimeOf[] = ['startedAt', 'dataTime'];

/** What sets the services apart, beside what their adapters say. */
export interface ServiceTraits {
  readonly adapter: BackupAdapter;
  /** A snapshot is known by the name that it was given, which only one may have. */
  readonly idIsName: boolean;
  /** Snapshots tell which one of several resources of a name they are of. */
  readonly snapshotsTellUid: boolean;
  /** Names of new images are unique, too, but they are not their ids. A copy may have the name of another image. */
  readonly uniqueServiceName: boolean;
  /** Copies tell when their data is of, and not when they were begun. */
  readonly copiesTellDataTime: boolean;
  /** Its times, as far as the calls that make a snapshot and a copy answer with them. */
  readonly timesAtOnce: { readonly creation: readonly TimeOf[]; readonly copying: readonly TimeOf[] };
  /** Only EBS snapshots have descriptions. */
  readonly hasDescription: boolean;
  /** What answers what is asked of a snapshot that is being made, or has failed; what is left out is done. */
  readonly unavailable: {
    readonly copy: string;
    readonly share?: string;
    readonly archive?: string;
    readonly remove?: string;
  };
  /** What is not deleted while it is being made is not deleted after it has failed, either. */
  readonly failedStay: boolean;
  /** What answers a copy or a share of an archived snapshot. */
  readonly archived: string;
  readonly gone: { readonly resource: string; readonly backup: string; readonly tagged?: string };
  /** What the adapter says of a share of what is gone, where it looks before it shares. */
  readonly shareOfGone?: Error;
  /** Too many copies are being made. */
  readonly tooManyCopies: string;
  /** What answers a copy whose key cannot be used. EC2 begins it (page "CopySnapshot"), and it fails in the end. */
  readonly refusedKey?: string;
  /** Whether the newest automated snapshot of a database is copied, in place of making one. */
  readonly copiesAutomated: (values: ConfigValues) => boolean;
  readonly resourceId: (hex: string) => string;
  readonly backupId: (hex: string) => string;
}

/** Adapters are only asked what they are and have: none of them calls anything. */
const UNUSED_ACCESS: AwsAccess = {
  home: { accountId: AccountId.parse('111111111111'), region: Region.parse('eu-west-1') },
  partition: 'aws',
  inStack: false,
  stack: undefined,
  config: (region) => ({ region }),
  ownConfig: (region) => ({ ...(region === undefined ? {} : { region }) }),
  within: () => UNUSED_ACCESS,
};

const OTHERS: Readonly<Record<BackupType, Omit<ServiceTraits, 'adapter'>>> = {
  ebs: {
    idIsName: false,
    snapshotsTellUid: false,
    uniqueServiceName: false,
    copiesTellDataTime: false,
    timesAtOnce: { creation: BOTH_TIMES, copying: [] },
    hasDescription: true,
    unavailable: { copy: 'IncorrectState', archive: 'IncorrectState' },
    failedStay: false,
    archived: 'InvalidParameterValue',
    gone: { resource: 'InvalidVolume.NotFound', backup: 'InvalidSnapshot.NotFound' },
    tooManyCopies: 'ResourceLimitExceeded',
    copiesAutomated: () => false,
    resourceId: (hex) => `vol-${hex}`,
    backupId: (hex) => `snap-${hex}`,
  },
  ec2ami: {
    idIsName: false,
    snapshotsTellUid: false,
    uniqueServiceName: true,
    copiesTellDataTime: false,
    timesAtOnce: { creation: [], copying: [] },
    hasDescription: false,
    unavailable: { copy: 'InvalidRequest', share: 'InvalidAMIID.Unavailable' },
    failedStay: false,
    archived: 'InvalidRequest',
    // A terminated instance can be seen for a while.
    gone: { resource: 'IncorrectInstanceState', backup: 'InvalidAMIID.NotFound' },
    shareOfGone: new ShelveryError('BackupGone', 'The image does not exist any more.'),
    tooManyCopies: 'ResourceLimitExceeded',
    copiesAutomated: () => false,
    resourceId: (hex) => `i-${hex}`,
    backupId: (hex) => `ami-${hex}`,
  },
  rds: {
    ...database('DBInstance', 'DBSnapshot', false),
    timesAtOnce: { creation: [], copying: ['dataTime'] },
  },
  rds_cluster: database('DBCluster', 'DBClusterSnapshot', true),
  docdb: {
    ...database('DBCluster', 'DBClusterSnapshot', true),
    copiesAutomated: (values) => values.shelvery_docdb_backup_mode === 'DOCDB_COPY_AUTOMATED_SNAPSHOT',
  },
  redshift: {
    ...database('Cluster', 'ClusterSnapshot', true),
    snapshotsTellUid: false,
    copiesAutomated: () => false,
    failedStay: false,
    gone: {
      resource: 'ClusterNotFoundFault',
      backup: 'ClusterSnapshotNotFoundFault',
      tagged: 'ResourceNotFoundFault',
    },
  },
};

function database(resource: string, snapshot: string, copiesTellDataTime: boolean): Omit<ServiceTraits, 'adapter'> {
  const wrongState = `Invalid${snapshot}StateFault`;
  return {
    idIsName: true,
    snapshotsTellUid: true,
    uniqueServiceName: false,
    copiesTellDataTime,
    timesAtOnce: { creation: BOTH_TIMES, copying: BOTH_TIMES },
    hasDescription: false,
    unavailable: { copy: wrongState, share: wrongState, remove: wrongState },
    failedStay: true,
    archived: wrongState,
    gone: { resource: `${resource}NotFoundFault`, backup: `${snapshot}NotFoundFault` },
    tooManyCopies: 'SnapshotQuotaExceededFault',
    refusedKey: 'KMSKeyNotAccessibleFault',
    copiesAutomated: (values) => values.shelvery_rds_backup_mode === 'RDS_COPY_AUTOMATED_SNAPSHOT',
    resourceId: (hex) => `db-${hex}`,
    backupId: (hex) => `never-asked-${hex}`,
  };
}

function traitsOf(type: BackupType): ServiceTraits {
  return { ...OTHERS[type], adapter: ADAPTERS[type]({ access: UNUSED_ACCESS, prefix: 'shelvery' }) };
}

const TRAITS = new Map(BACKUP_TYPES.map((type) => [type, traitsOf(type)]));

/** What there is to know of a type's service: names of errors and rules are those of its real adapter. */
export function serviceOf(type: BackupType): ServiceTraits {
  const traits = TRAITS.get(type);
  if (traits === undefined) throw new Error(`There is no service for ${type}.`);
  return traits;
}
