import { createLimit } from '../operations/limit.js';
import type { AwsAccess } from '../aws/access.js';
import type { Patience } from '../aws/pacing.js';
import { createDataBuckets } from '../aws/data-buckets.js';
import { createKeys } from '../aws/kms-keys.js';
import { createBackupStore } from '../aws/s3-store.js';
import { createNotifier } from '../aws/sns-notifier.js';
import type { RunConfig } from '../domain/config/config.js';
import type { BackupAdapter, Clock, Log } from '../ports.js';
import type { RunParts } from './run-action.js';

/** Makes the adapter of one backup type. */
export type AdapterFactory = (options: { readonly access: AwsAccess; readonly prefix: string }) => BackupAdapter;

/**
 * How many items are worked on at a time, those of runs beside each other together. Each run has its part of them for itself:
 * where one waits for the pace of an action (see `Pacing`), the others go on. What waits most for its turn has as many places
 * apart (see `Limit`).
 */
const ITEMS_AT_A_TIME = 20;

/** What runs need from where they run, and from their configuration. */
export interface OpenRunsOptions {
  readonly access: AwsAccess;
  readonly config: RunConfig;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a call may wait for its turn; as long as it takes where this is left out. */
  readonly patience?: Patience;
  /** How many runs go on beside each other. Default 1. */
  readonly together?: number;
}

/** The ports of the run of one backup type, on AWS. */
export type AwsParts = Pick<
  RunParts,
  'home' | 'inStack' | 'config' | 'adapter' | 'store' | 'buckets' | 'keys' | 'notifier' | 'clock' | 'log' | 'limit'
>;

/**
 * Puts the ports of runs on AWS. Runs of several types may go on beside each other: they have all ports in common but the
 * adapter and the notifier.
 *
 * @example const open = openAwsRuns({ access, config, clock, log, together: 2 });
 *   await Promise.all([runAction(request, { ...open(makeEbs), … }), runAction(request, { ...open(makeRds), … })]);
 */
export function openAwsRuns({
  access: all,
  config,
  clock,
  log,
  patience,
  together = 1,
}: OpenRunsOptions): (makeAdapter: AdapterFactory) => AwsParts {
  const { values } = config;
  const access = patience === undefined ? all : all.within(patience);
  const common = {
    home: access.home,
    inStack: access.inStack,
    config,
    store: createBackupStore(access, values.shelvery_bucket_name_template),
    buckets: createDataBuckets(access, values.shelvery_bucket_name_template, { clock, log }),
    keys: createKeys(access),
    clock,
    log,
  };
  return (makeAdapter) => {
    const adapter = makeAdapter({ access, prefix: values.shelvery_tag_prefix });
    return {
      ...common,
      limit: createLimit(Math.ceil(ITEMS_AT_A_TIME / together)),
      adapter,
      notifier: createNotifier({ access, config: values, backupType: adapter.type, clock, log }),
    };
  };
}

/** The ports of a run that goes on alone. */
export function openAwsParts({
  makeAdapter,
  ...options
}: OpenRunsOptions & { readonly makeAdapter: AdapterFactory }): AwsParts {
  return openAwsRuns(options)(makeAdapter);
}
