import type { BackupType } from '@shelvery/engine/terminal';

/** What the service of an adapter can do with a backup that exists. */
export interface Abilities {
  readonly copyToRegion: boolean;
  readonly share: boolean;
  readonly copyShared: boolean;
  readonly reencrypt: boolean;
  readonly archive: boolean;
}

type TimeOf = 'startedAt' | 'dataTime';

/** What the calls and lists of a service tell of a backup. */
interface Told {
  /** Its times, as far as the call that makes a backup, or a copy, tells them already. */
  readonly onCreation: readonly TimeOf[];
  readonly onCopying: readonly TimeOf[];
  /** Whether lists give a copy times of its own. */
  readonly copyIsNew: { readonly startedAt: boolean; readonly dataTime: boolean };
  readonly serviceName: boolean;
  readonly volumeId: boolean;
  readonly description: boolean;
}

/** What is done to a backup that exists. */
export type Deed = 'copyToRegion' | 'reencrypt' | 'share' | 'archive' | 'tagBackup' | 'deleteBackup';

/** What the contract expects of a service, by its documentation. */
export interface Service {
  /** For people. */
  readonly title: string;
  /** The adapter leaves the rest out. */
  readonly can: Abilities;
  /** What it answers for a second backup of a name; nothing where it allows that. */
  readonly taken?: string;
  /** What it answers for a new backup of a resource that was deleted. */
  readonly noResource: string;
  /** What it answers for a backup that is gone, and for what that is another name. */
  readonly gone: Readonly<{ otherwise: string } & Partial<Record<Deed, string>>>;
  /** What it answers for a backup that is still being made; it does what is left out. */
  readonly pending: Readonly<Partial<Record<Deed, string>>>;
  /** What it answers when a failed one is to be deleted, where it does not do that. */
  readonly failedStays?: string;
  /** What calls and lists tell of its backups. */
  readonly told: Told;
  /** What it answers for a second copy of a name; nothing where it makes that. */
  readonly sameNameCopied?: string;
  /** How many copies it makes to one region at a time, and what it answers for more, where that is known. */
  readonly mostCopies?: { readonly number: number; readonly refusal: string };
  /** What it answers for a copy under a key that cannot be used, where it does not begin that, to fail in the end. */
  readonly refusedKey?: string;
  /** What it does for several resources, or to several backups, in one call; nothing where it has no such call. */
  readonly together?: 'backups' | 'deletions';
  /** What it answers where a backup that is archived is to be copied or shared. */
  readonly archived?: string;
}

const ALL_BUT_ARCHIVE: Abilities = {
  copyToRegion: true,
  share: true,
  copyShared: true,
  reencrypt: true,
  archive: false,
};

/** What services of databases answer for a snapshot in a state that does not allow what is asked. */
const TOLD_OF_DATABASES: Told = {
  onCreation: ['startedAt', 'dataTime'],
  onCopying: ['startedAt', 'dataTime'],
  copyIsNew: { startedAt: true, dataTime: false },
  serviceName: false,
  volumeId: false,
  description: false,
};

const allBy = (name: string): Service['pending'] => ({
  copyToRegion: name,
  reencrypt: name,
  share: name,
  deleteBackup: name,
});

/** Pages "CreateDBClusterSnapshot", "CopyDBClusterSnapshot" and "DeleteDBClusterSnapshot". */
const CLUSTERS: Omit<Service, 'title'> = {
  can: ALL_BUT_ARCHIVE,
  taken: 'DBClusterSnapshotAlreadyExistsFault',
  noResource: 'DBClusterNotFoundFault',
  gone: { otherwise: 'DBClusterSnapshotNotFoundFault' },
  pending: allBy('InvalidDBClusterSnapshotStateFault'),
  // AWS CLI reference, "copy-db-cluster-snapshot".
  told: { ...TOLD_OF_DATABASES, copyIsNew: { startedAt: false, dataTime: false } },
  sameNameCopied: 'DBClusterSnapshotAlreadyExistsFault',
  // Page "DB cluster snapshot copying".
  mostCopies: { number: 5, refusal: 'SnapshotQuotaExceededFault' },
  refusedKey: 'KMSKeyNotAccessibleFault',
  failedStays: 'InvalidDBClusterSnapshotStateFault',
};

export const SERVICES: Readonly<Record<BackupType, Service>> = {
  // Page "Error codes for the Amazon EC2 API", for images, too.
  ebs: {
    title: 'EBS',
    together: 'backups',
    can: { ...ALL_BUT_ARCHIVE, archive: true },
    noResource: 'InvalidVolume.NotFound',
    gone: { otherwise: 'InvalidSnapshot.NotFound' },
    pending: { copyToRegion: 'IncorrectState', reencrypt: 'IncorrectState', archive: 'IncorrectState' },
    archived: 'InvalidParameterValue',
    told: {
      onCreation: ['startedAt', 'dataTime'],
      onCopying: [],
      copyIsNew: { startedAt: true, dataTime: true },
      serviceName: false,
      volumeId: true,
      description: true,
    },
    // Page "Quotas for Amazon EBS".
    mostCopies: { number: 20, refusal: 'ResourceLimitExceeded' },
  },
  ec2ami: {
    title: 'AMI',
    can: ALL_BUT_ARCHIVE,
    taken: 'InvalidAMIName.Duplicate',
    // Page "Terminate Amazon EC2 instances": one that was terminated stays visible for a while.
    noResource: 'IncorrectInstanceState',
    gone: { otherwise: 'InvalidAMIID.NotFound', share: 'BackupGone' },
    pending: { copyToRegion: 'InvalidRequest', reencrypt: 'InvalidRequest', share: 'InvalidAMIID.Unavailable' },
    told: {
      onCreation: [],
      onCopying: [],
      copyIsNew: { startedAt: true, dataTime: true },
      serviceName: true,
      volumeId: false,
      description: false,
    },
  },
  // Pages "CreateDBSnapshot", "CopyDBSnapshot" and "DeleteDBSnapshot".
  rds: {
    title: 'RDS',
    can: ALL_BUT_ARCHIVE,
    taken: 'DBSnapshotAlreadyExistsFault',
    noResource: 'DBInstanceNotFoundFault',
    gone: { otherwise: 'DBSnapshotNotFoundFault' },
    pending: allBy('InvalidDBSnapshotStateFault'),
    // Page "DBSnapshot": SnapshotCreateTime is when it was taken, and changes for a copy.
    told: { ...TOLD_OF_DATABASES, onCreation: [], onCopying: ['dataTime'] },
    sameNameCopied: 'DBSnapshotAlreadyExistsFault',
    // Page "Copying a DB snapshot".
    mostCopies: { number: 20, refusal: 'SnapshotQuotaExceededFault' },
    refusedKey: 'KMSKeyNotAccessibleFault',
    failedStays: 'InvalidDBSnapshotStateFault',
  },
  rds_cluster: { title: 'RDS cluster', ...CLUSTERS },
  docdb: { title: 'DocumentDB', ...CLUSTERS },
  // Pages "CreateClusterSnapshot", "DeleteClusterSnapshot" and "CreateTags".
  redshift: {
    title: 'Redshift',
    together: 'deletions',
    can: { copyToRegion: false, share: true, copyShared: false, reencrypt: false, archive: false },
    taken: 'ClusterSnapshotAlreadyExistsFault',
    noResource: 'ClusterNotFoundFault',
    gone: { otherwise: 'ClusterSnapshotNotFoundFault', tagBackup: 'ResourceNotFoundFault' },
    pending: allBy('InvalidClusterSnapshotStateFault'),
    told: TOLD_OF_DATABASES,
  },
};
