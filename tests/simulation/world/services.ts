import { ADAPTERS } from '../../../cli/adapters.js';
import type { AwsAccess } from '../../../layers/engine/src/aws/access.js';
import type { BackupAdapter } from '../../../layers/engine/src/ports.js';
import type { BackupType } from '../../../layers/engine/src/domain/values.js';
import { AccountId, BACKUP_TYPES, Region } from '../../../layers/engine/src/domain/values.js';

/** What sets the services apart, beside what their adapters say. */
export interface ServiceTraits {
  readonly adapter: BackupAdapter;
  /** A snapshot is known by the name that it was given, which only one may have. */
  readonly idIsName: boolean;
  /** Snapshots tell which one of several resources of a name they are of. */
  readonly snapshotsTellUid: boolean;
  /** Names of images are unique, too, but they are not their ids. */
  readonly uniqueServiceName: boolean;
  /** Copies tell when their data is of, and not when they were begun. */
  readonly copiesTellDataTime: boolean;
  /** Only EBS snapshots have descriptions. */
  readonly hasDescription: boolean;
  /** What a snapshot cannot be shared or copied while it is being made, or deleted after it failed: this error. */
  readonly wrongState: string;
  readonly gone: { readonly resource: string; readonly backup: string };
  /** Too many copies are being made. */
  readonly tooManyCopies: string;
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
    hasDescription: true,
    wrongState: 'IncorrectState',
    gone: { resource: 'InvalidVolume.NotFound', backup: 'InvalidSnapshot.NotFound' },
    tooManyCopies: 'ResourceLimitExceeded',
    resourceId: (hex) => `vol-${hex}`,
    backupId: (hex) => `snap-${hex}`,
  },
  ec2ami: {
    idIsName: false,
    snapshotsTellUid: false,
    uniqueServiceName: true,
    copiesTellDataTime: false,
    hasDescription: false,
    wrongState: 'IncorrectState',
    gone: { resource: 'InvalidInstanceID.NotFound', backup: 'InvalidAMIID.NotFound' },
    tooManyCopies: 'ResourceLimitExceeded',
    resourceId: (hex) => `i-${hex}`,
    backupId: (hex) => `ami-${hex}`,
  },
  rds: database('DBInstance', 'DBSnapshot', false),
  rds_cluster: database('DBCluster', 'DBClusterSnapshot', true),
  docdb: database('DBCluster', 'DBClusterSnapshot', true),
  redshift: { ...database('Cluster', 'ClusterSnapshot', true), snapshotsTellUid: false },
};

function database(resource: string, snapshot: string, copiesTellDataTime: boolean): Omit<ServiceTraits, 'adapter'> {
  return {
    idIsName: true,
    snapshotsTellUid: true,
    uniqueServiceName: false,
    copiesTellDataTime,
    hasDescription: false,
    wrongState: `Invalid${snapshot}StateFault`,
    gone: { resource: `${resource}NotFoundFault`, backup: `${snapshot}NotFoundFault` },
    tooManyCopies: 'SnapshotQuotaExceededFault',
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
