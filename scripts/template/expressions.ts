import { either, join, ref, split, sub } from './intrinsics.js';

/** Expressions that stand in many places of the template. */

/** Accounts that backups are pulled from: those of the configuration, and those that payloads may name. */
export const SOURCE_ACCOUNTS = split(',', sub('${ShelverySourceAwsAccountIds},${AllowedSourceAwsAccountIds}'));

/** The names of data buckets, with `*` for what is filled in. */
export const DATA_BUCKETS = join(
  '*',
  split('{region}', join('*', split('{account_id}', ref('ShelveryBucketNameTemplate')))),
);

/** Topic that notifications go to. */
export const NOTIFICATIONS_TOPIC = either('MakesSnsTopic', ref('NotificationsTopic'), ref('ShelverySnsTopic'));

/** Topic that errors go to. */
export const ERRORS_TOPIC = either(
  'HasErrorSnsTopic',
  ref('ShelveryErrorSnsTopic'),
  either('MakesSnsTopic', ref('ErrorsTopic'), ref('ShelverySnsTopic')),
);
