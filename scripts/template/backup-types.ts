import { BACKUP_TYPES } from '../../layers/engine/src/domain/values.js';
import type { BackupType } from '../../layers/engine/src/domain/values.js';
import { folderOf } from '../invoke/built-function.js';
import type { Value } from './intrinsics.js';
import {
  AMI_PERMISSIONS,
  CLUSTER_PERMISSIONS,
  EBS_PERMISSIONS,
  RDS_PERMISSIONS,
  REDSHIFT_PERMISSIONS,
} from './permissions.js';

/** What a backup type's section of the template differs in from those of the others. */
export interface TypeFacts {
  /** What its logical ids begin with. */
  readonly id: string;
  /** What it backs up, for people. */
  readonly resources: string;
  /** What its function asks of the service. */
  readonly permissions: readonly Value[];
  /** The service in the names of the managed policies with the keys of its copies. */
  readonly keys?: 'Ec2' | 'Rds';
  /** What runs on a schedule, in the order of a night. */
  readonly schedules: readonly Schedule[];
  /** Why something that others have is missing. */
  readonly lacks?: string;
}

export type Schedule = 'buckets' | 'create' | 'clean' | 'pull' | 'archive' | 'status';

/** One row for each backup type; everything else about them in the template is alike. */
const FACTS: Readonly<Record<BackupType, TypeFacts>> = {
  ebs: {
    id: 'Ebs',
    resources: 'EBS volumes',
    permissions: EBS_PERMISSIONS,
    keys: 'Ec2',
    schedules: ['buckets', 'create', 'clean', 'pull', 'archive', 'status'],
  },
  ec2ami: {
    id: 'Ec2Ami',
    resources: 'EC2 instances',
    permissions: AMI_PERMISSIONS,
    keys: 'Ec2',
    schedules: ['create', 'clean', 'pull', 'status'],
  },
  rds: {
    id: 'Rds',
    resources: 'RDS instances',
    permissions: RDS_PERMISSIONS,
    keys: 'Rds',
    schedules: ['create', 'clean', 'pull', 'status'],
  },
  rds_cluster: {
    id: 'RdsCluster',
    resources: 'RDS clusters',
    permissions: CLUSTER_PERMISSIONS,
    keys: 'Rds',
    schedules: ['create', 'clean', 'pull', 'status'],
  },
  docdb: {
    id: 'DocDb',
    resources: 'DocumentDB clusters',
    permissions: CLUSTER_PERMISSIONS,
    keys: 'Rds',
    schedules: ['create', 'clean', 'pull', 'status'],
  },
  redshift: {
    id: 'Redshift',
    resources: 'Redshift clusters',
    permissions: REDSHIFT_PERMISSIONS,
    schedules: ['create', 'clean', 'status'],
    lacks: 'Nothing is pulled: Redshift does not copy snapshots of other accounts.',
  },
};

/** A backup type with all that its section of the template needs. */
export interface TypeInTemplate extends TypeFacts {
  readonly type: BackupType;
  /** The type in names of AWS and in folders. */
  readonly name: string;
}

/** Every backup type, in the engine's order. */
export const TYPES: readonly TypeInTemplate[] = BACKUP_TYPES.map((type) => ({
  ...FACTS[type],
  type,
  name: folderOf(type),
}));
