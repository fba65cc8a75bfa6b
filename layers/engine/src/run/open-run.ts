import type { AwsAccess } from '../aws/access.js';
import { createDataBuckets } from '../aws/data-buckets.js';
import { createKeys } from '../aws/kms-keys.js';
import { createBackupStore } from '../aws/s3-store.js';
import { createNotifier } from '../aws/sns-notifier.js';
import type { RunConfig } from '../domain/config/config.js';
import type { BackupAdapter, Clock, Log } from '../ports.js';
import type { RunParts } from './run-action.js';

/** Makes the adapter of one backup type. */
export type AdapterFactory = (options: { readonly access: AwsAccess; readonly prefix: string }) => BackupAdapter;

/** What a run needs from where it runs, and from its configuration. */
export interface OpenRunOptions {
  readonly access: AwsAccess;
  readonly config: RunConfig;
  readonly makeAdapter: AdapterFactory;
  readonly clock: Clock;
  readonly log: Log;
}

/** The ports of a run, on AWS. */
export type AwsParts = Pick<
  RunParts,
  'home' | 'inStack' | 'config' | 'adapter' | 'store' | 'buckets' | 'keys' | 'notifier' | 'clock' | 'log'
>;

/** Puts the ports of a run on AWS. */
export function openAwsParts({ access, config, makeAdapter, clock, log }: OpenRunOptions): AwsParts {
  const { values } = config;
  const adapter = makeAdapter({ access, prefix: values.shelvery_tag_prefix });
  return {
    home: access.home,
    inStack: access.inStack,
    config,
    adapter,
    store: createBackupStore(access, values.shelvery_bucket_name_template),
    buckets: createDataBuckets(access, values.shelvery_bucket_name_template, { clock, log }),
    keys: createKeys(access),
    notifier: createNotifier({ access, config: values, backupType: adapter.type, clock, log }),
    clock,
    log,
  };
}
