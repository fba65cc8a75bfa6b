import type { AdapterFactory, BackupType } from '@shelvery/engine/terminal';
import { createDocdbAdapter } from '../functions/docdb/adapter.js';
import { createEbsAdapter } from '../functions/ebs/adapter.js';
import { createAmiAdapter } from '../functions/ec2ami/adapter.js';
import { createRdsAdapter } from '../functions/rds/adapter.js';
import { createRdsClusterAdapter } from '../functions/rds-cluster/adapter.js';
import { createRedshiftAdapter } from '../functions/redshift/adapter.js';

/** The adapter of every backup type. */
export const ADAPTERS: Readonly<Record<BackupType, AdapterFactory>> = {
  ebs: createEbsAdapter,
  ec2ami: createAmiAdapter,
  rds: createRdsAdapter,
  rds_cluster: createRdsClusterAdapter,
  docdb: createDocdbAdapter,
  redshift: createRedshiftAdapter,
};
