import type { BucketReport } from '../../ports.js';

/** S3 says so of a name that is taken, and of nothing else. */
const NAME_IS_TAKEN = 'BucketAlreadyExists';

/**
 * What is known of a bucket that S3 refuses, and what to do. Whose it is shows only where its name is taken: AccessDenied
 * is answered for a bucket of another account, and for one that a policy denies.
 *
 * @param setting The name under which whoever reads this sets the names of buckets.
 */
export function aboutRefusedBucket(
  { bucket, refusal = 'AccessDenied' }: Pick<BucketReport, 'bucket' | 'refusal'>,
  setting: string,
): string {
  if (refusal === NAME_IS_TAKEN)
    return `The bucket ${bucket} belongs to another account. Set ${setting} to another name.`;
  return (
    `S3 answers ${refusal} when this account asks, as its owner, where the bucket ${bucket} is. ` +
    `Either the bucket belongs to another account: then set ${setting} to another name. ` +
    "Or it is yours, and a policy denies s3:GetBucketLocation: the role's, the bucket's own, or the organisation's (service control policy, resource control policy). Then allow it there."
  );
}
