import { randomUUID } from 'node:crypto';
import { fillBucketTemplate } from '../domain/config/config-schema.js';
import type { ConfigValues } from '../domain/config/config-schema.js';
import { eventLeaseKey } from '../domain/files/keys.js';
import type { BackupType } from '../domain/values.js';
import type { AwsAccess } from './access.js';
import type { LeaseOptions } from './lease.js';
import { s3Client } from './s3-client.js';

/** The lease of a type's work, in the account's own data bucket: a new holder's. @param of what tells the work from other work. */
export function eventLease(
  access: AwsAccess,
  type: BackupType,
  values: ConfigValues,
  of: string,
): Pick<LeaseOptions, 'client' | 'file' | 'holder'> {
  const { accountId, region } = access.home;
  const { shelvery_bucket_name_template: template, shelvery_tag_prefix: prefix } = values;
  return {
    client: s3Client(access, region, template),
    file: {
      Bucket: fillBucketTemplate(template, accountId, region),
      ExpectedBucketOwner: accountId,
      Key: eventLeaseKey(type, prefix, of),
    },
    holder: randomUUID(),
  };
}
