import type { AwsAccess, BackupType } from '@shelvery/engine/terminal';
import type { ExaminedType } from '@shelvery/engine/doctor';
import { ebsDryRuns } from '../functions/ebs/dry-runs.js';
import { amiDryRuns } from '../functions/ec2ami/dry-runs.js';

type Factory = (parts: { readonly access: AwsAccess; readonly prefix: string }) => NonNullable<ExaminedType['dryRuns']>;

/** The dry runs of every backup type whose service has such. RDS, DocumentDB and Redshift have none. */
export const DRY_RUNS: Readonly<Partial<Record<BackupType, Factory>>> = {
  ebs: ebsDryRuns,
  ec2ami: amiDryRuns,
};
