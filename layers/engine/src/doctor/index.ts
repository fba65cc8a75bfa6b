/** What only a terminal asks for: `doctor`. The functions have none of it. */
import pLimit from 'p-limit';
import type { AwsAccess } from '../aws/access.js';
import { createDataBuckets } from '../aws/data-buckets.js';
import { createKeys } from '../aws/kms-keys.js';
import { createBackupStore } from '../aws/s3-store.js';
import { createSurroundings } from '../aws/surroundings.js';
import type { RunConfig } from '../domain/config/config.js';
import type { Checkup } from '../domain/doctor/checkup.js';
import { examine } from '../operations/doctor/examine.js';
import type { ExaminedType } from '../operations/doctor/examined.js';
import type { Clock, Log } from '../ports.js';

export { Checkup } from '../domain/doctor/checkup.js';
export type { CheckResult, Diagnosis } from '../domain/doctor/checkup.js';
export type { ExaminedType } from '../operations/doctor/examined.js';

/** How many looks are taken at the same time; each is a few calls. */
const CONCURRENCY = 10;

/** What is examined, and from where. */
export interface DoctorOptions {
  readonly access: AwsAccess;
  readonly config: RunConfig;
  readonly types: readonly ExaminedType[];
  /** The stack whose configuration is in force. */
  readonly stack?: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly mayStart: () => boolean;
}

/** Looks at all that runs of the types need, on AWS. It changes nothing. */
export async function runDoctor({ access, config, clock, log, ...rest }: DoctorOptions): Promise<Checkup> {
  const template = config.values.shelvery_bucket_name_template;
  return await examine({
    home: access.home,
    config,
    clock,
    surroundings: createSurroundings(access, { hasRole: config.values.role_arn !== undefined }),
    buckets: createDataBuckets(access, template, { clock, log }),
    store: createBackupStore(access, template),
    keys: createKeys(access),
    limit: pLimit(CONCURRENCY),
    ...rest,
  });
}
