import { either, join, ref, select, split, sub } from './intrinsics.js';
import type { Mapping, Value } from './intrinsics.js';

/** Expressions that stand in many places of the template. */

/** Accounts that backups are pulled from: those of the configuration, and those that payloads may name. */
export const SOURCE_ACCOUNTS = split(',', sub('${ShelverySourceAwsAccountIds},${AllowedSourceAwsAccountIds}'));

/** Accounts that backups are shared with: those of the configuration, and those that tags and payloads may name. */
export const SHARE_ACCOUNTS = split(',', sub('${ShelveryShareAwsAccountIds},${AllowedShareAwsAccountIds}'));

const BUCKET_NAME = ref('ShelveryBucketNameTemplate');
const withoutRegion = (name: Value): Mapping => join('*', split('{region}', name));
/** What stands before and after the account; the second is there also where the name has no account. */
const AROUND_ACCOUNT = split('{account_id}', sub('${ShelveryBucketNameTemplate}{account_id}'));

/** The names of this account's data buckets, with `*` for the region. */
export const OWN_DATA_BUCKETS = withoutRegion(
  either(
    'NamesAccountInBuckets',
    join('', [select(0, AROUND_ACCOUNT), ref('AWS::AccountId'), select(1, AROUND_ACCOUNT)]),
    BUCKET_NAME,
  ),
);

/** The names of data buckets of any account, with `*` for what is filled in. */
export const DATA_BUCKETS = withoutRegion(join('*', split('{account_id}', BUCKET_NAME)));

/** Topic that notifications go to. */
export const NOTIFICATIONS_TOPIC = either('MakesSnsTopic', ref('NotificationsTopic'), ref('ShelverySnsTopic'));

/** Topic that errors go to. */
export const ERRORS_TOPIC = either(
  'HasErrorSnsTopic',
  ref('ShelveryErrorSnsTopic'),
  either('MakesSnsTopic', ref('ErrorsTopic'), ref('ShelverySnsTopic')),
);

/** Topic that alarms go to. */
export const ALARMS_TOPIC = either('HasAlarmSnsTopic', ref('AlarmSnsTopic'), ERRORS_TOPIC);

/** Dashboards are global in an account: the same stack may be there in several regions. */
export const DASHBOARD_NAME = '${AWS::StackName}-${AWS::Region}';
